package web

import (
	"net/http"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func disclosureRoutes() []route {
	return []route{
		{method: "POST", pattern: "/books/{book}/disclosure", needs: account.Issue, page: (*Server).switchDisclosure},
	}
}

// disclosureView is the switch on the book's page.
type disclosureView struct {
	On      bool
	About   string
	Address string   // where strangers look results up; "" while it is off
	Confirm *Confirm // nil for whoever may not switch it
}

// disclosureView is how the switch stands, with the form for who may issue for the whole book.
func (s *Server) disclosureView(r *request, f *Frame, on bool) *disclosureView {
	v := &disclosureView{On: on}
	if !r.book.Kind.Real() {
		v.About = r.say("演示和练习账簿不能公开。", "A demo or practice book cannot be disclosed.")
		return v
	}
	c := &Confirm{ID: "disclosure", Action: f.At(r.bookPath("disclosure")), Hidden: map[string]string{"to": "on"}}
	if on {
		v.About = r.say("已公开：任何人都能读取链首凭证和哈希，并凭校验码核对已复核的成交结果；姓名、条目全文和未复核的结果不公开。",
			"Disclosed: anybody may read the checkpoints and hashes, and look up approved results by their check codes. Names, whole entries and results that nobody approved are not shown.")
		v.Address = f.At("/check")
		c.Hidden["to"] = "off"
		c.Summary, c.Button = r.say("关闭公开…", "Switch disclosure off…"), r.say("确认关闭", "Switch it off")
		c.Explain = r.say("关闭后外人查不到本账簿的任何内容；已经下载的凭证和证明文件仍然有效。开关和理由作为条目留在账簿里。",
			"Strangers then find nothing of this book; checkpoints and proof files that were taken away stay good. The change and its reason stay in the book as an entry.")
	} else {
		v.About = r.say("未公开：外人查不到本账簿的任何内容。", "Not disclosed: strangers find nothing of this book.")
		c.Summary, c.Button = r.say("公开本账簿…", "Disclose this book…"), r.say("确认公开", "Disclose it")
		c.Explain = r.say("公开后，任何人都能读取链首凭证和哈希，并凭校验码核对已复核的成交结果。姓名和条目全文不公开。开关和理由作为条目留在账簿里。",
			"Anybody may then read the checkpoints and hashes, and look up approved results by their check codes. Names and whole entries are not shown. The change and its reason stay in the book as an entry.")
	}
	if scope, err := r.who.Scope(r.Context(), r.book, account.Issue); err == nil && scope.Whole() {
		c.Reason = &Field{
			ID: "reason", Name: "reason", Label: r.say("原因", "Reason"), Value: r.text("reason"), Fault: f.Errors["reason"], Autocomplete: "off",
			Rows: "2", Must: true,
		}
		v.Confirm = c
	}
	return v
}

// switchDisclosure switches it. A form that was sent twice is told that it is so already.
func (s *Server) switchDisclosure(w http.ResponseWriter, r *request) {
	to := r.text("to")
	err := wholeBook(r)
	if err == nil && to != "on" && to != "off" {
		err = ledger.E(ledger.Invalid, "field.unreadable", to).On("page")
	}
	if err == nil {
		var receipt ledger.Receipt
		if receipt, err = r.book.Disclose(r.Context(), r.actor(), to == "on", r.text("reason")); err == nil {
			s.metrics.appended(receipt)
			s.done(w, r, r.bookPath()+"?done=disclosure")
			return
		}
	}
	if ledger.CodeOf(err) == ledger.Denied {
		s.fail(w, r, err)
		return
	}
	s.showBookWith(w, r, err)
}
