package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/report"
)

func summaryRoutes() []route {
	return []route{
		{method: "GET", pattern: "/books/{book}/summary", needs: account.ReadBook, page: (*Server).showSummary},
		{method: "GET", pattern: "/statement", needs: signedIn, page: (*Server).showStatement},
		{method: "POST", pattern: "/statement", needs: signedIn, page: (*Server).showStatement, takesUnread: true},
		{method: "GET", pattern: "/books/{book}/statement", needs: account.ReadBook, page: (*Server).showStatement},
		{method: "POST", pattern: "/books/{book}/statement", needs: account.ReadBook, page: (*Server).showStatement, takesUnread: true},
	}
}

// summaryPage is the half-year report of a book.
type summaryPage struct {
	Frame
	From, To string
	Summary  *report.Summary
	Head     []string
	Trades   []report.Line
	Land     []report.Line
	Sentence string
	Judge    string // address of the statement check of the same period
}

func (s *Server) showSummary(w http.ResponseWriter, r *request) {
	p := &summaryPage{Frame: s.frame(r, r.say("半年汇总", "Half-year summary"))}
	p.From, p.To = s.typedPeriod(r)
	status := http.StatusOK
	summary, err := summarise(r.Context(), r.scope, p.From, p.To)
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
	} else {
		p.Summary = summary
		p.Mark, p.Head, p.Sentence = summary.About.Mark().In(r.lang), summary.Head(r.lang), summary.Sentence(r.lang)
		p.Trades, p.Land = summary.TradeLines(), summary.LandLines()
	}
	p.Judge = r.bookPath("statement") + "?" + url.Values{"from": {p.From}, "to": {p.To}}.Encode()
	s.show(w, r, status, "summary.html", p)
}

// typedPeriod is the period of the address or form, or the one that serve was told.
func (s *Server) typedPeriod(r *request) (from, to string) {
	from, to = s.o.Initially.From, s.o.Initially.To
	if r.Form.Has("from") {
		from = r.text("from")
	}
	if r.Form.Has("to") {
		to = r.text("to")
	}
	return from, to
}

// summarise makes the report of a period; every date that cannot be read is told.
func summarise(ctx context.Context, scope ledger.Scope, from, to string) (*report.Summary, error) {
	first, fromErr := ledger.ParseDay(from)
	last, toErr := ledger.ParseDay(to)
	if fromErr != nil || toErr != nil {
		return nil, together(on("from", fromErr), on("to", toErr))
	}
	period, err := report.NewPeriod(first, last)
	if err != nil {
		return nil, err
	}
	return report.NewSummary(ctx, scope, period, 0)
}

// together is several errors, those that are any, as one.
func together(errs ...error) error {
	var faults []fault
	for _, err := range errs {
		if err != nil {
			faults = append(faults, faultsOf(err)...)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return &faultsError{faults}
}

// on says which input an error is about.
func on(field string, err error) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.On(field)
	}
	return err
}

// cleanTyped is a text as it can be shown again.
func cleanTyped(text string) string { return strings.ToValidUTF8(text, "\ufffd") }
