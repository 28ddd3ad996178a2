package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
	"mingzhang/web/locale"
)

// summaryPage is what the template shows.
type summaryPage struct {
	Lang      ledger.Lang
	Books     []bookChoice
	Book      string
	From, To  string
	Text      string // the sentence to be judged
	Typed     bool   // the request brought the sentence; else it is the default
	Errors    map[string]string
	Note      string
	Summary   *report.Summary
	Mark      string
	Head      []string
	Trades    []report.Line
	Land      []report.Line
	Sentence  string
	Judgement *statement.Judgement

	Suggestion string
	Compared   bool // the sentence was compared with the figures of the book, too

	book   *ledger.Book
	status int
}

type bookChoice struct {
	Code, Name string
	Chosen     bool
}

// Address is the page's own address in a language, without the sentence.
func (p *summaryPage) Address(lang string) string {
	return "/?" + url.Values{"lang": {lang}, "book": {p.Book}, "from": {p.From}, "to": {p.To}}.Encode()
}

// showSummary answers the page: a book, a period, its figures, and the judgement of a sentence.
func (s *Server) showSummary(w http.ResponseWriter, r *http.Request) {
	unread := parseForm(r)
	p := s.read(r)
	switch {
	case isTooLarge(unread):
		p.status = http.StatusRequestEntityTooLarge
		p.Errors["statement"] = ledger.Text{
			ZH: "文本太长，没有读取：一次最多 1 MB。请分段核对。",
			EN: "The text is too long and was not read: 1 MB at most. Judge it in parts.",
		}.In(p.Lang)
	case unread != nil:
		p.status = http.StatusBadRequest
		p.Errors["page"] = ledger.Text{
			ZH: "无法读取这次提交的内容。请重新填写再试。",
			EN: "What was sent cannot be read. Please fill in the form again.",
		}.In(p.Lang)
	}
	s.fill(r.Context(), p)
	s.show(w, r, p.status, p.Lang, "summary.html", p)
}

func (s *Server) read(r *http.Request) *summaryPage {
	p := &summaryPage{Lang: ledger.ZH, Errors: map[string]string{}, status: http.StatusOK}
	if r.Form.Get("lang") == string(ledger.EN) {
		p.Lang = ledger.EN
	}
	or := func(name, otherwise string) string {
		if r.Form.Has(name) {
			return strings.TrimSpace(strings.ToValidUTF8(r.Form.Get(name), "\ufffd"))
		}
		return otherwise
	}
	p.Book, p.From, p.To = or("book", s.initially.Book), or("from", s.initially.From), or("to", s.initially.To)
	p.Text, p.Typed = s.initially.Statement, r.Method == http.MethodPost
	if r.Form.Has("statement") {
		p.Text, p.Typed = strings.TrimSpace(r.Form.Get("statement")), true // as it came: what is no text is refused
	} else if p.Typed {
		p.Text = ""
	}
	return p
}

// fail puts a sentence beside the input that it is about. The first failure decides the status, unless a
// later one is ours.
func (p *summaryPage) fail(ctx context.Context, err error) {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok || e.Code == ledger.Internal || e.Code == ledger.Tampered {
		slog.ErrorContext(ctx, "web: making a page", slog.Any("error", err))
		p.Errors["page"] = locale.Say(p.Lang, err)
		p.status = http.StatusInternalServerError
		return
	}
	field := e.Field
	if !slices.Contains([]string{"book", "from", "to", "statement"}, field) {
		field = "page"
	}
	p.Errors[field] = locale.Sentence(p.Lang, e)
	if p.status != http.StatusOK {
		return
	}
	p.status = http.StatusUnprocessableEntity
	if e.Code == ledger.NotFound {
		p.status = http.StatusNotFound
	}
}

// fill makes what can be made of the request; each input that is wrong gets its own sentence.
func (s *Server) fill(ctx context.Context, p *summaryPage) {
	if err := s.choose(ctx, p); err != nil {
		p.fail(ctx, err)
	}
	period, ok := p.period(ctx)
	if p.book != nil && ok {
		if err := p.summarise(ctx, s.store, period); err != nil {
			p.fail(ctx, err)
		}
	}
	if p.Text == "" || p.status != http.StatusOK {
		p.Text = strings.ToValidUTF8(p.Text, "\ufffd")
		return
	}
	if err := p.judge(); err != nil {
		p.fail(ctx, err)
	}
	p.Text = strings.ToValidUTF8(p.Text, "\ufffd")
}

// choose lists the books and finds the one that is asked for. A code that no book has stays in the list, so
// that what was typed is kept. Without any book there is nothing wrong yet: a note says what to do.
func (s *Server) choose(ctx context.Context, p *summaryPage) error {
	books, err := s.store.Books(ctx)
	if err != nil {
		return err
	}
	for _, b := range books {
		profile, err := b.Profile(ctx)
		if err != nil {
			return err
		}
		if p.Book == "" {
			p.Book = b.Code
		}
		if b.Code == p.Book {
			p.book = b
		}
		p.Books = append(p.Books, bookChoice{b.Code, profile.Name().In(p.Lang), b.Code == p.Book})
	}
	none := ledger.E(ledger.NotFound, "book.none")
	switch {
	case p.book != nil:
		return nil
	case len(books) == 0 && p.Book == "":
		p.Note = locale.Sentence(p.Lang, none)
		return nil
	case len(books) == 0:
		return none
	}
	p.Books = append(p.Books, bookChoice{p.Book, p.Book, true})
	return ledger.E(ledger.NotFound, "book.unknown", p.Book).On("book")
}

func (p *summaryPage) period(ctx context.Context) (period report.Period, ok bool) {
	from, fromErr := ledger.ParseDay(p.From)
	if fromErr != nil {
		p.fail(ctx, on("from", fromErr))
	}
	to, toErr := ledger.ParseDay(p.To)
	if toErr != nil {
		p.fail(ctx, on("to", toErr))
	}
	if fromErr != nil || toErr != nil {
		return period, false
	}
	period, err := report.NewPeriod(from, to)
	if err != nil {
		p.fail(ctx, err)
		return period, false
	}
	return period, true
}

func (p *summaryPage) summarise(ctx context.Context, store *ledger.Store, period report.Period) (err error) {
	if p.Summary, err = report.NewSummary(ctx, ledger.WholeBook(p.book), period, 0); err != nil {
		return err
	}
	p.Mark, p.Head, p.Sentence = p.Summary.About.Mark().In(p.Lang), p.Summary.Head(p.Lang), p.Summary.Sentence(p.Lang)
	p.Trades, p.Land = p.Summary.TradeLines(), p.Summary.LandLines()
	return nil
}

// judge judges the sentence by itself and, when there are figures above it, against them.
func (p *summaryPage) judge() error {
	var record *statement.Record
	if p.Summary != nil {
		record, p.Compared = p.Summary.Record(), true
	}
	j, err := statement.Check(p.Text, record)
	if err != nil {
		return on("statement", err)
	}
	p.Judgement, p.Suggestion = &j, j.SuggestionIn(p.Lang)
	return nil
}

// on says which input an error is about.
func on(field string, err error) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.On(field)
	}
	return err
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
