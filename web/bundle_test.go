package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
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

// bundle is a store over a database of its own, the accounts in it, and the server over both.
type bundle struct {
	tb       testing.TB
	db       *dbtest.DB
	store    *ledger.Store
	accounts *account.Service
	actor    ledger.Actor
	clock    *clock
	handler  http.Handler
	session  string // of who is signed in

	judge   *contract // the document of the handler below, against which every answer of the API is held
	judgeOf http.Handler
}

// clock is one that a test sets.
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

// empty has no book yet.
func empty(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{tb: tb, db: dbtest.New(tb), clock: &clock{now: time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC)}}
	var keys sync.Map
	kinds := slices.Concat([]*ledger.Kind{auction.Kind(), review.Kind(), issue.Kind()}, landcheck.Kinds(), account.Kinds())
	b.store = ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, b.clock.Now, kinds...)
	b.accounts = account.New(b.store, b.clock.Now, account.Options{})
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	b.serve(b.options())
	return b
}

// options are those of a server for this machine, without a demo.
func (b *bundle) options() web.Options {
	return web.Options{
		Now: b.clock.Now, Version: "test", Log: slog.New(slog.NewTextHandler(b.tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Initially: web.Default{From: "2021-01-01", To: "2021-06-30"},
	}
}

// demo has the demo book, its accounts, and an auditor of it signed in.
func demo(tb testing.TB) *bundle {
	tb.Helper()
	b := empty(tb)
	book := b.open("demo", ledger.DemoBook, "明账示例街道（虚构）", "Mingzhang sample street (invented)")
	for _, name := range []string{"lots-leases.csv", "lots-totals.csv", "parcels.csv"} {
		b.load(book, name)
	}
	if err := b.accounts.EnsureDemo(tb.Context(), book); err != nil {
		tb.Fatal(err)
	}
	o := b.options()
	o.Initially, o.Demo = web.Default{Book: "demo", From: "2021-01-01", To: "2021-06-30", Statement: published}, true
	b.serve(o)
	b.as("demo-auditor")
	return b
}

// load imports a file of the demo into a book.
func (b *bundle) load(book *ledger.Book, name string) {
	b.tb.Helper()
	body, err := os.ReadFile("../cmd/mingzhang/demo/" + name)
	if err != nil {
		b.tb.Fatal(err)
	}
	file, err := sheet.Open(name, bytes.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		b.tb.Fatal(err)
	}
	take := auction.Import
	if name == "parcels.csv" {
		take = landcheck.Import
	}
	today, err := ledger.NewDay(2021, 12, 31)
	if err != nil {
		b.tb.Fatal(err)
	}
	source := intake.Source{Name: name, SHA256: strings.Repeat("0", 64), File: file}
	if _, err := take(b.tb.Context(), ledger.WholeBook(book), b.actor, source, intake.Options{Today: today}); err != nil {
		b.tb.Fatal(err)
	}
}

// serve makes the handler anew.
func (b *bundle) serve(o web.Options) {
	b.tb.Helper()
	b.handler = b.server(o).Handler()
}

func (b *bundle) server(o web.Options) *web.Server {
	b.tb.Helper()
	s, err := web.NewServer(b.store, b.accounts, o)
	if err != nil {
		b.tb.Fatal(err)
	}
	return s
}

func (b *bundle) open(code string, kind ledger.BookKind, zh, en string) *ledger.Book {
	b.tb.Helper()
	book, err := b.store.AddBook(b.tb.Context(), b.actor, ledger.BookProfile{Code: code, Kind: kind, NameZH: zh, NameEN: en})
	if err != nil {
		b.tb.Fatal(err)
	}
	return book
}

// as signs a demo account in: demo-clerk, demo-land, demo-reviewer, demo-leader, demo-auditor. From then on
// requests are theirs.
func (b *bundle) as(login string) *bundle {
	b.tb.Helper()
	opened, err := b.accounts.DemoSession(b.tb.Context(), login, account.From{Address: "127.0.0.1"})
	if err != nil {
		b.tb.Fatal(err)
	}
	b.session = opened.Token
	return b
}

// nobody signs out.
func (b *bundle) nobody() *bundle {
	b.session = ""
	return b
}

// request is one to this machine.
func request(ctx context.Context, method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequestWithContext(ctx, method, target, body)
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:40000"
	return r
}

// request is one of who is signed in.
func (b *bundle) request(method, target string, body io.Reader) *http.Request {
	b.tb.Helper()
	r := request(b.tb.Context(), method, target, body)
	if b.session != "" {
		r.AddCookie(&http.Cookie{Name: "mingzhang", Value: b.session})
	}
	return r
}

// api sends JSON and gives the answer: the status, the headers, the body.
func (b *bundle) api(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	b.tb.Helper()
	r := b.request(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w, _ := b.answer(r)
	return w
}

// answer is what the pages say.
func (b *bundle) answer(r *http.Request) (*httptest.ResponseRecorder, string) {
	b.tb.Helper()
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if strings.HasPrefix(r.URL.Path, "/api/v1/") {
		b.contract().holds(b.tb, r, w)
	}
	return w, w.Body.String()
}

// contract is the document of the handler at hand.
func (b *bundle) contract() *contract {
	b.tb.Helper()
	if b.judge == nil || reflect.ValueOf(b.judgeOf).Pointer() != reflect.ValueOf(b.handler).Pointer() {
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, request(b.tb.Context(), http.MethodGet, "/api/openapi.json", nil))
		b.judge, b.judgeOf = newContract(b.tb, w.Body.Bytes()), b.handler
	}
	return b.judge
}

// get wants a status and texts in the page.
func (b *bundle) get(target string, status int, texts ...string) string {
	b.tb.Helper()
	return b.want(b.request(http.MethodGet, target, nil), status, texts...)
}

// post sends a form as browsers do by default.
func (b *bundle) post(target string, form url.Values, status int, texts ...string) string {
	b.tb.Helper()
	r := b.request(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.want(r, status, texts...)
}

// postParts sends a form as the page asks for.
func (b *bundle) postParts(target string, form url.Values, status int, texts ...string) string {
	b.tb.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		if err := parts.WriteField(name, values[0]); err != nil {
			b.tb.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		b.tb.Fatal(err)
	}
	r := b.request(http.MethodPost, target, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	return b.want(r, status, texts...)
}

func (b *bundle) want(r *http.Request, status int, texts ...string) string {
	b.tb.Helper()
	resp, page := b.answer(r)
	if resp.Code != status {
		b.tb.Fatalf("%s %s: status %d, want %d\n%s", r.Method, r.URL, resp.Code, status, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.tb.Errorf("%s %s: no %q in\n%s", r.Method, r.URL, text, page)
		}
	}
	return page
}

// quiet is the log of a test that provokes faults of ours.
var quiet = slog.New(slog.DiscardHandler)
