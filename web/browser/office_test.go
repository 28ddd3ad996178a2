package browser_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/dbtest"
	"mingzhang/web"
)

// published is the sentence that the project began with.
const published = "上半年完成资产公开交易37宗,合同总标的3324.74万元,溢价4763.63万元,溢价率43.28%。"

// demoFiles are the tables of the invented demo book.
const demoFiles = root + "/cmd/mingzhang/demo/"

// clock is the time of an office. It stands still until the story moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// office is a server over a database of its own.
type office struct {
	tb       testing.TB
	clock    *clock
	store    *ledger.Store
	accounts *account.Service
	local    ledger.Actor
	url      string
	notes    sync.Map // by origin: what was published last
}

// newOffice has no book yet, and nobody serves it.
func newOffice(tb testing.TB) *office {
	tb.Helper()
	o := &office{tb: tb, clock: &clock{now: time.Date(2021, 7, 1, 1, 0, 0, 0, time.UTC)}}
	var keys sync.Map
	o.store = ledger.Open(dbtest.New(tb).Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
		Published: func(origin string) (string, error) {
			kept, _ := o.notes.Load(origin)
			note, _ := kept.(string)
			return note, nil
		},
		Publish: func(origin string, advance func(string) (string, error)) error {
			kept, _ := o.notes.Load(origin)
			old, _ := kept.(string)
			note, err := advance(old)
			if err == nil {
				o.notes.Store(origin, note)
			}
			return err
		},
	}, o.clock.Now, slices.Concat(landcheck.Kinds(), account.Kinds(), []*ledger.Kind{auction.Kind(), review.Kind(), issue.Kind()})...)
	o.accounts = account.New(o.store, o.clock.Now, account.Options{})
	var err error
	if o.local, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	return o
}

// demo is an office with the demo book, served as a newcomer finds it: the roles can be tried.
func demo(tb testing.TB) *office {
	tb.Helper()
	o := newOffice(tb)
	book := o.book("demo", ledger.DemoBook, "明账示例街道（虚构）", "Mingzhang sample street (invented)")
	for _, name := range []string{"lots-leases.csv", "lots-totals.csv", "parcels.csv"} {
		o.take(book, demoFiles+name)
	}
	if err := o.accounts.EnsureDemo(tb.Context(), book); err != nil {
		tb.Fatal(err)
	}
	o.serve(web.Options{Demo: true, Initially: web.Default{Book: "demo", From: "2021-01-01", To: "2021-06-30", Statement: published}})
	return o
}

func (o *office) book(code string, kind ledger.BookKind, zh, en string) *ledger.Book {
	o.tb.Helper()
	book, err := o.store.AddBook(o.tb.Context(), o.local, ledger.BookProfile{Code: code, Kind: kind, NameZH: zh, NameEN: en})
	if err != nil {
		o.tb.Fatal(err)
	}
	return book
}

// take imports a register into a book without any page: parcels when the file is called so, else lots.
func (o *office) take(book *ledger.Book, path string) {
	o.tb.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		o.tb.Fatal(err)
	}
	name := filepath.Base(path)
	file, err := sheet.Open(name, bytes.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		o.tb.Fatal(err)
	}
	taken := auction.Import
	if strings.HasPrefix(name, "parcels") {
		taken = landcheck.Import
	}
	today, err := ledger.NewDay(2021, 12, 31)
	if err != nil {
		o.tb.Fatal(err)
	}
	source := intake.Source{Name: name, SHA256: strings.Repeat("0", 64), File: file}
	if _, err := taken(o.tb.Context(), ledger.WholeBook(book), o.local, source, intake.Options{Today: today}); err != nil {
		o.tb.Fatal(err)
	}
}

// serve opens the doors, on a port of this machine that the system picks.
func (o *office) serve(options web.Options) {
	o.tb.Helper()
	options.Now = o.clock.Now
	options.Log = slog.New(slog.NewTextHandler(o.tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	pages, err := web.NewServer(o.store, o.accounts, options)
	if err != nil {
		o.tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(o.tb.Context()))
	l, err := web.Listen(ctx, "127.0.0.1:0", false)
	if err != nil {
		o.tb.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- pages.Serve(ctx, l, nil) }()
	o.tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			o.tb.Errorf("the server ended with: %v", err)
		}
	})
	o.url = "http://" + l.Addr().String()
}

// open opens a page of the office, for one person at one screen, in a language: "zh" or "en".
func (o *office) open(tb testing.TB, width int, lang string) *tab {
	tb.Helper()
	p := openTab(tb, o.url, width)
	p.lang = lang
	if lang == "en" {
		p.cookie("lang", "en")
	}
	return p
}
