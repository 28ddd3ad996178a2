package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/dbtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bundle is a store over a database of its own, with a clock that stands.
type bundle struct {
	db    *dbtest.DB
	store *ledger.Store
	actor ledger.Actor
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{db: dbtest.New(tb)}
	var keys sync.Map
	b.store = ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, func() time.Time { return time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC) }, append(landcheck.Kinds(), auction.Kind(), review.Kind(), issue.Kind())...)
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bundle) open(tb testing.TB, code string, kind ledger.BookKind) *ledger.Book {
	tb.Helper()
	book, err := b.store.AddBook(tb.Context(), b.actor, ledger.BookProfile{
		Code: code, Kind: kind, NameZH: "示例溪头村（虚构）", NameEN: "Sample village Xitou (invented)", Division: "441202001",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return book
}

// village is the book of the golden files.
func (b *bundle) village(tb testing.TB, kind ledger.BookKind) *ledger.Book {
	tb.Helper()
	book := b.open(tb, "xitou", kind)
	for _, name := range []string{"lots.csv", "leases.csv", "parcels.csv"} {
		body, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			tb.Fatal(err)
		}
		b.load(tb, book, name, string(body))
	}
	return book
}

// load imports a file that must be good.
func (b *bundle) load(tb testing.TB, book *ledger.Book, name, body string) {
	tb.Helper()
	file, err := sheet.Open(name, strings.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	source := intake.Source{Name: name, SHA256: strings.Repeat("0", 64), File: file}
	take := auction.Import
	if strings.Contains(body, "宗地编号") {
		take = landcheck.Import
	}
	if _, err := take(tb.Context(), ledger.WholeBook(book), b.actor, source, intake.Options{Today: day(tb, "2021-12-31")}); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
}

// do appends drafts in one command and gives the size of the book after it.
func (b *bundle) do(tb testing.TB, book *ledger.Book, reads []ledger.Read, decide func(*ledger.Present) []ledger.Draft) int64 {
	tb.Helper()
	receipt, err := book.Do(tb.Context(), ledger.Command{Actor: b.actor, Reads: reads, Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		return decide(p), nil
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return receipt.Size
}

// change amends a lot, or voids it.
func (b *bundle) change(tb testing.TB, book *ledger.Book, kind, no string, state *auction.LotState) int64 {
	tb.Helper()
	key := intake.NumberKey(no)
	reads := []ledger.Read{{Table: auction.Lots(), Index: "lot_no_key", Keys: []string{key}}}
	return b.do(tb, book, reads, func(p *ledger.Present) []ledger.Draft {
		rows := p.Find(auction.Lots(), "lot_no_key", key)
		if len(rows) != 1 {
			tb.Fatalf("%d rows of lot %s, want 1", len(rows), no)
		}
		return []ledger.Draft{{Kind: kind, Amends: rows[0], Reason: "抄错（虚构）", State: state}}
	})
}

func (b *bundle) summary(tb testing.TB, book *ledger.Book, from, to string, asOf int64) *report.Summary {
	tb.Helper()
	s, err := report.NewSummary(tb.Context(), ledger.WholeBook(book), period(tb, from, to), asOf)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// clean checks the whole book.
func clean(tb testing.TB, book *ledger.Book) {
	tb.Helper()
	result, err := book.Check(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	if len(result.Faults) > 0 {
		tb.Fatalf("check: %+v", result.Faults)
	}
}

func period(tb testing.TB, from, to string) report.Period {
	tb.Helper()
	p, err := report.NewPeriod(day(tb, from), day(tb, to))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func day(tb testing.TB, text string) ledger.Day {
	tb.Helper()
	d, err := ledger.ParseDay(text)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func money(tb testing.TB, text string) *ledger.Money {
	tb.Helper()
	m, err := ledger.ParseMoney(text)
	if err != nil {
		tb.Fatal(err)
	}
	return &m
}

// printed is all that a report prints, by the name of its file.
func printed(tb testing.TB, s *report.Summary) map[string]string {
	tb.Helper()
	files := map[string]string{}
	write := func(name string, to func(*bytes.Buffer) error) {
		var out bytes.Buffer
		if err := to(&out); err != nil {
			tb.Fatal(err)
		}
		files[name] = out.String()
	}
	write("summary.json", func(out *bytes.Buffer) error { return s.WriteJSON(out) })
	for _, lang := range []ledger.Lang{ledger.ZH, ledger.EN} {
		write("summary."+string(lang)+".txt", func(out *bytes.Buffer) error { return s.WriteText(out, lang) })
		write("summary."+string(lang)+".csv", func(out *bytes.Buffer) error { return s.WriteCSV(out, lang) })
	}
	return files
}
