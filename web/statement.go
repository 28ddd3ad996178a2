package web

import (
	"net/http"
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/statement"
)

// statementPage judges a published sentence, by itself and, below a book, against its figures of a period.
type statementPage struct {
	Frame
	Input      asked
	Text       string // the sentence
	InBook     bool
	Compared   bool // it was compared with the figures of the book, too
	Head       []string
	Judgement  *statement.Judgement
	Suggestion string
	OfBook     string // how the book's own figures of the period are to be published, when the sentence is not right
}

func (s *Server) showStatement(w http.ResponseWriter, r *request) {
	p := &statementPage{Frame: s.frame(r, r.say("语句核对", "Statement check")), InBook: r.book != nil}
	p.Input = s.askedOf(r)
	p.Text = s.o.Initially.Statement
	if r.book != nil && r.book.Code != s.o.Initially.Book {
		p.Text = ""
	}
	posted := r.Method == http.MethodPost
	if posted || r.Form.Has("statement") {
		p.Text = strings.TrimSpace(r.Form.Get("statement")) // as it came: what is no text is refused
	}
	if posted {
		p.Typed = "judge"
	}
	status := http.StatusOK
	switch {
	case isTooLarge(r.unread):
		status = s.failForm(r, &p.Frame, ledger.E(ledger.Invalid, "body.too_large", bodyBytesMax>>20).On("statement"))
	case r.unread != nil:
		status = s.failForm(r, &p.Frame, unreadForm(r.unread))
	case p.Text != "":
		status = s.judge(r, p)
	}
	p.Text = strings.ToValidUTF8(p.Text, "\ufffd")
	s.show(w, r, status, "statement.html", p)
}

// judge judges the sentence. Without good dates there are no figures to compare it with, and no judgement.
func (s *Server) judge(r *request, p *statementPage) int {
	var record *statement.Record
	ofBook := ""
	if r.book != nil {
		summary, err := summarise(r.Context(), r.scope, p.Input)
		if err != nil {
			return s.failForm(r, &p.Frame, err)
		}
		ofBook = summary.Sentence(r.lang)
		record, p.Compared, p.Head, p.Mark = summary.Record(), true, summary.Head(r.lang), summary.About.Mark().In(r.lang)
	}
	j, err := statement.Check(p.Text, record)
	if err != nil {
		return s.failForm(r, &p.Frame, on("statement", err))
	}
	p.Judgement, p.Suggestion = &j, j.SuggestionIn(r.lang)
	if j.Verdict.ExitStatus() != 0 {
		p.OfBook = ofBook
	}
	return http.StatusOK
}

// findingGroup is the findings of one code in a clause: by the sentence itself, and against the book.
type findingGroup struct {
	Code    string
	Verdict statement.Verdict
	Details []ledger.Text
}

// byCode groups findings, in the order of their first.
func byCode(findings []statement.Finding) []findingGroup {
	var groups []findingGroup
	for _, f := range findings {
		i := slices.IndexFunc(groups, func(g findingGroup) bool { return g.Code == f.Code && g.Verdict == f.Verdict })
		if i < 0 {
			i = len(groups)
			groups = append(groups, findingGroup{Code: f.Code, Verdict: f.Verdict})
		}
		groups[i].Details = append(groups[i].Details, f.Detail)
	}
	return groups
}
