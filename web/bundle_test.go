package web_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/dbtest"
	"mingzhang/web"
)

// published is the sentence that the project began with.
const published = "上半年完成资产公开交易37宗,合同总标的3324.74万元,溢价4763.63万元,溢价率43.28%。"

// bundle is a store over a database of its own, and the pages over it.
type bundle struct {
	tb    testing.TB
	store *ledger.Store
	actor ledger.Actor
	pages http.Handler
}

// empty has no book yet.
func empty(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{tb: tb}
	var keys sync.Map
	b.store = ledger.Open(dbtest.New(tb).Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, func() time.Time { return time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC) }, append(landcheck.Kinds(), auction.Kind())...)
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	b.serve(web.Default{From: "2021-01-01", To: "2021-06-30"})
	return b
}

// demo has the demo book.
func demo(tb testing.TB) *bundle {
	tb.Helper()
	b := empty(tb)
	book := b.open("demo", ledger.DemoBook, "明账示例街道（虚构）", "Mingzhang sample street (invented)")
	for _, name := range []string{"lots-leases.csv", "lots-totals.csv", "parcels.csv"} {
		body, err := os.ReadFile("../cmd/mingzhang/demo/" + name)
		if err != nil {
			tb.Fatal(err)
		}
		file, err := sheet.Open(name, bytes.NewReader(body), int64(len(body)), sheet.Limits{})
		if err != nil {
			tb.Fatal(err)
		}
		take := auction.Import
		if name == "parcels.csv" {
			take = landcheck.Import
		}
		today, err := ledger.NewDay(2021, 12, 31)
		if err != nil {
			tb.Fatal(err)
		}
		source := intake.Source{Name: name, SHA256: strings.Repeat("0", 64), File: file}
		if _, err := take(tb.Context(), ledger.WholeBook(book), b.actor, source, intake.Options{Today: today}); err != nil {
			tb.Fatal(err)
		}
	}
	b.serve(web.Default{Book: "demo", From: "2021-01-01", To: "2021-06-30", Statement: published})
	return b
}

func (b *bundle) serve(initially web.Default) {
	b.tb.Helper()
	b.pages = b.server(initially).Handler()
}

func (b *bundle) server(initially web.Default) *web.Server {
	b.tb.Helper()
	s, err := web.NewServer(b.store, initially)
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

// request is one to this machine.
func request(ctx context.Context, method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequestWithContext(ctx, method, target, body)
	r.Host = "127.0.0.1:8080"
	return r
}

// answer is what the pages say.
func (b *bundle) answer(r *http.Request) (*httptest.ResponseRecorder, string) {
	b.tb.Helper()
	w := httptest.NewRecorder()
	b.pages.ServeHTTP(w, r)
	return w, w.Body.String()
}

// get wants a status and texts in the page.
func (b *bundle) get(target string, status int, texts ...string) string {
	b.tb.Helper()
	return b.want(request(b.tb.Context(), http.MethodGet, target, nil), status, texts...)
}

// post sends a form as browsers do by default.
func (b *bundle) post(target string, form url.Values, status int, texts ...string) string {
	b.tb.Helper()
	r := request(b.tb.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
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
	r := request(b.tb.Context(), http.MethodPost, target, &body)
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
