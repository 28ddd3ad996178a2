package web

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
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
	Errors    map[string]string
	Summary   *report.Summary
	Mark      string
	Head      []string
	Trades    []report.Line
	Land      []report.Line
	Sentence  string
	Judgement *statement.Judgement
	Judged    string
	Verdict   string
	AsIs      string // the same address in the other language
}

type bookChoice struct {
	Code, Name string
	Chosen     bool
}

// showSummary answers the page: a book, a period, its figures, and the judgement of a sentence.
func (s *Server) showSummary(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "请求过大或无法读取 / the request is too large or cannot be read", http.StatusRequestEntityTooLarge)
		return
	}
	p := s.read(r)
	status := http.StatusOK
	if err := s.fill(r, p); err != nil {
		status = p.fail(err)
	}
	var b bytes.Buffer
	if err := s.pages[p.Lang].ExecuteTemplate(&b, "summary.html", p); err != nil {
		slog.ErrorContext(r.Context(), "web: showing a page", slog.Any("error", err))
		http.Error(w, "系统出错 / something went wrong", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader that has gone is no error of ours
}

func (s *Server) read(r *http.Request) *summaryPage {
	p := &summaryPage{Lang: ledger.ZH, Errors: map[string]string{}}
	if r.Form.Get("lang") == string(ledger.EN) {
		p.Lang = ledger.EN
	}
	or := func(name, otherwise string) string {
		if _, given := r.Form[name]; given {
			return strings.TrimSpace(r.Form.Get(name))
		}
		return otherwise
	}
	p.Book, p.From, p.To = or("book", s.initially.Book), or("from", s.initially.From), or("to", s.initially.To)
	p.Text = or("statement", s.initially.Statement)
	return p
}

// fail puts a sentence beside the input that it is about, and tells the status.
func (p *summaryPage) fail(err error) int {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok || e.Code == ledger.Internal {
		slog.Error("web: making a page", slog.Any("error", err))
		p.Errors["page"] = locale.Say(p.Lang, err)
		return http.StatusInternalServerError
	}
	field := e.Field
	switch field {
	case "book", "from", "to", "statement":
	default:
		field = "page"
	}
	p.Errors[field] = locale.Sentence(p.Lang, e)
	if e.Code == ledger.NotFound {
		return http.StatusNotFound
	}
	return http.StatusUnprocessableEntity
}

func (s *Server) fill(r *http.Request, p *summaryPage) error {
	books, err := s.store.Books(r.Context())
	if err != nil {
		return err
	}
	for _, b := range books {
		profile, err := b.Profile(r.Context())
		if err != nil {
			return err
		}
		if p.Book == "" {
			p.Book = b.Code
		}
		p.Books = append(p.Books, bookChoice{b.Code, profile.Name().In(p.Lang), b.Code == p.Book})
	}
	if len(books) == 0 {
		return ledger.E(ledger.NotFound, "book.none")
	}
	from, err := ledger.ParseDay(p.From)
	if err != nil {
		return on("from", err)
	}
	to, err := ledger.ParseDay(p.To)
	if err != nil {
		return on("to", err)
	}
	period, err := report.NewPeriod(from, to)
	if err != nil {
		return err
	}
	book, err := s.store.Book(r.Context(), p.Book)
	if err != nil {
		return err
	}
	if p.Summary, err = report.NewSummary(r.Context(), s.store, book, period, 0); err != nil {
		return err
	}
	p.Mark, p.Head, p.Sentence = p.Summary.Book.Mark().In(p.Lang), p.Summary.Head(p.Lang), p.Summary.Sentence(p.Lang)
	p.Trades, p.Land = p.Summary.TradeLines(), p.Summary.LandLines()
	return p.judge()
}

// judge judges the sentence by itself and against the figures above it.
func (p *summaryPage) judge() error {
	if p.Text == "" {
		return nil
	}
	j, err := statement.Check(p.Text, p.Summary.Record())
	if err != nil {
		return on("statement", err)
	}
	p.Judgement = &j
	p.Verdict = string(j.Verdict)
	var b strings.Builder
	if err := j.WriteText(&b, string(p.Lang)); err != nil {
		return err
	}
	p.Judged = b.String()
	return nil
}

// on says which input an error is about.
func on(field string, err error) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.On(field)
	}
	return err
}
