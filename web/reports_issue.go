package web

import (
	"net/http"
	"strconv"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/report"
)

// issuePage asks once more before a report is issued: what is confirmed is what was shown, as of the checkpoint of
// that moment.
type issuePage struct {
	Frame
	Input    asked
	Format   string
	Language string
	Formats  []Option
	Langs    []Option
	Key      string
	Action   string
	Back     string
	Sub      string
	Tiles    []Tile
	Sentence string
	Before   string // the issue of the same period that this one corrects
	Ready    bool
}

func (s *Server) askIssue(w http.ResponseWriter, r *request) {
	p := s.newIssuePage(r)
	err := p.fill(r)
	status := statusOr(err)
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
	}
	s.show(w, r, status, "report-issue.html", p)
}

func (s *Server) newIssuePage(r *request) *issuePage {
	p := &issuePage{Frame: s.frame(r, r.say("签发汇总表", "Issue the summary")), Input: s.askedOf(r), Format: r.text("format"), Language: r.text("language"), Key: newKey()}
	if key := r.text("key"); key != "" {
		p.Key = key
	}
	if p.Format == "" {
		p.Format = "text"
	}
	if p.Language == "" {
		p.Language = string(r.lang)
	}
	p.Formats = []Option{{Value: "text", Label: r.say("文字", "text")}, {Value: "csv", Label: "CSV"}, {Value: "json", Label: "JSON"}}
	p.Langs = []Option{{Value: "zh", Label: "中文"}, {Value: "en", Label: "English"}}
	p.Action, p.Back = p.At(r.bookPath("reports")), p.At(r.bookPath("summary")+p.Input.query())
	return p
}

// fill shows what is about to be issued, and fixes the checkpoint.
func (p *issuePage) fill(r *request) error {
	if err := wholeBook(r); err != nil {
		return err
	}
	summary, err := summarise(r.Context(), r.scope, p.Input)
	if err != nil {
		return err
	}
	shown := &summaryPage{Frame: p.Frame, Summary: summary}
	shown.fill(r)
	p.Input = asked{From: summary.From.String(), To: summary.To.String(), AsOf: strconv.FormatInt(summary.AsOf, 10)}
	p.Sub, p.Tiles, p.Sentence, p.Ready = shown.Sub, shown.Tiles, shown.Sentence, true
	before, err := issue.Latest(r.Context(), r.book.DB(), r.scope, summary.Report, summary.From, summary.To)
	if before != 0 {
		p.Before = r.say("同一期间已由条目 "+recordNo(before)+" 签发过；这次签发将注明更正它。", "The same period was issued by entry "+recordNo(before)+"; this issue will name it as corrected.")
	}
	return err
}

func (s *Server) issueReport(w http.ResponseWriter, r *request) {
	p := s.newIssuePage(r)
	o, err := p.order()
	for _, field := range []string{"from", "to"} { // what is issued stays: never of a period that nobody named
		if r.PostForm.Get(field) == "" {
			err = ledger.E(ledger.Invalid, "field.missing").On(field)
		}
	}
	var issued *report.Issued
	if err == nil {
		issued, err = report.Issue(r.Context(), r.scope, r.actor(), r.key, o)
	}
	if err == nil {
		s.metrics.appended(issued.Receipt)
		s.done(w, r, r.bookPath("reports", recordNo(issued.Entry))+"?done=issued")
		return
	}
	s.noteDenied(r.Context(), r, err)
	status := s.failForm(r, &p.Frame, err)
	if pageErr := p.fill(r); pageErr != nil && isOurs(pageErr) {
		s.fail(w, r, pageErr)
		return
	}
	s.show(w, r, status, "report-issue.html", p)
}

func (p *issuePage) order() (report.Order, error) {
	from, fromErr := ledger.ParseDay(p.Input.From)
	to, toErr := ledger.ParseDay(p.Input.To)
	size, sizeErr := wholeNumber(p.Input.AsOf, "as_of")
	o := report.Order{AsOf: size, Format: p.Format, Lang: ledger.ZH}
	if p.Language == string(ledger.EN) {
		o.Lang = ledger.EN
	}
	err := together(on("from", fromErr), on("to", toErr), sizeErr)
	if err == nil {
		o.Period, err = report.NewPeriod(from, to)
	}
	return o, err
}

// issueURL is where the report of a summary page is issued; "" for who may not, or not the whole book.
func issueURL(r *request, p *summaryPage) string {
	scope, err := r.who.Scope(r.Context(), r.book, account.Issue)
	if err != nil || !scope.Whole() {
		return ""
	}
	return link(r.lang, r.bookPath("reports", "issue")+p.Input.query())
}

func outcomeName(code string) ledger.Text { return auction.Outcome(code).Name() }

// issuedTable shows the issued reports that a record is in; current is the record's newest entry, 0 when it is not
// known whether the record was touched.
func issuedTable(r *request, f *Frame, list []*issue.Belonging, current int64) Table {
	t := Table{ID: "issued", Caption: r.say("列入的已签发报告", "Issued reports that it is in"), Columns: []Column{
		{Name: r.say("条目", "Entry"), Numeric: true}, {Name: r.say("报告", "Report")}, {Name: r.say("期间", "Period")}, {Name: r.say("截至条目数", "As of"), Numeric: true}, {Name: r.say("此后", "Since")},
	}}
	for _, b := range list {
		chip := Chip{"good", r.say("未变动", "untouched")}
		if current != 0 && b.Held != current {
			chip = Chip{"wait", r.say("本记录已变动", "this record was touched")}
		}
		row := Row{Cells: []Cell{{Text: recordNo(b.ID)}, {Text: reportName(b.Name).In(r.lang)}, {Text: periodWords(r, &b.Report)}, {Text: recordNo(b.AsOf)}, {Chip: &chip}}}
		if current == 0 {
			row.Cells[4] = Cell{Text: none}
		}
		if r.scope.Whole() {
			row.URL = f.At(r.bookPath("reports", recordNo(b.ID)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// touchedNotice goes on after the notice that a record was amended or voided.
func touchedNotice(r *request, f *Frame, list []*issue.Belonging) {
	if done := r.text("done"); len(list) == 0 || done != "amended" && done != "voided" {
		return
	}
	f.Notice += r.say("它列入已签发的报告（见下表）；签发的数字不变，差额会列在那份报告里。", " It is in issued reports (see the table); what was issued stays, and the difference is listed there.")
}

// lateChip marks a record that came into the book after a report had closed its period.
func lateChip(r *request) Chip { return Chip{"wait", r.say("补录", "late entry")} }

// lateMark is lateChip as a second line in a table.
func lateMark(r *request, late bool) string {
	if !late {
		return ""
	}
	return lateChip(r).Text
}
