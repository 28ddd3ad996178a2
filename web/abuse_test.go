package web_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"mingzhang/ledger/account"
	"mingzhang/web"
)

// What strangers send to use up memory, or to be taken for somebody on this machine.

// A form without a session is not kept when it has very many fields, in either encoding: their names fill the memory, too.
func TestAbuse_ManyFields(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.nobody()
	var parts bytes.Buffer
	form, names := multipart.NewWriter(&parts), url.Values{}
	for i := range 3_000 {
		name := fmt.Sprintf("n%d", i)
		names.Set(name, "")
		if err := form.WriteField(name, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	for kind, body := range map[string]string{form.FormDataContentType(): parts.String(), "application/x-www-form-urlencoded": names.Encode()} {
		r := b.request(http.MethodPost, "/books/demo/import/lots", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if w, page := b.answer(r); w.Code != http.StatusUnauthorized || !strings.Contains(page, "没能保留") || strings.Contains(page, `"keep.n1"`) {
			t.Errorf("%s: %d, %d bytes, want a short page that says it was not kept", kind, w.Code, len(page))
		}
	}
	lines := url.Values{} // the longest form that there is
	for i := range 200 {
		for _, field := range []string{"asset_name", "quantity", "price_unit", "base_price", "hammer_price", "hammer_unit"} {
			lines.Set(fmt.Sprintf("lines.%d.%s", i, field), "1")
		}
	}
	b.post("/books/demo/lots", lines, http.StatusUnauthorized, `name="keep.lines.199.quantity"`)
}

// A body of very many faults is not answered by a much longer one.
func TestAbuse_ManyFaults(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	var body strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&body, `,"k%d":1`, i)
	}
	w := b.api("POST", "/api/v1/books/demo/lots", "{"+body.String()[1:]+"}")
	if n := strings.Count(w.Body.String(), "json.unknown_field"); w.Code != http.StatusUnprocessableEntity || n > 102 || w.Body.Len() > 50_000 {
		t.Errorf("%d with %d faults in %d bytes, want the first hundred", w.Code, n, w.Body.Len())
	}
}

// Who comes through a proxy that nobody named seems to be on this machine, and is not.
func TestAbuse_UnnamedProxy(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.nobody()
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"} {
		for _, path := range []string{"/try", "/metrics"} {
			r := b.request(http.MethodGet, path, nil)
			r.Header.Set(name, "192.0.2.7")
			if w, _ := b.answer(r); w.Code != http.StatusNotFound {
				t.Errorf("%s with %s: %d, want 404", path, name, w.Code)
			}
		}
		r := b.request(http.MethodPost, "/try", strings.NewReader("login=demo-clerk"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(name, "192.0.2.7")
		if w, _ := b.answer(r); w.Code != http.StatusNotFound || len(w.Result().Cookies()) > 0 {
			t.Errorf("signing in with %s: %d with %v, want 404", name, w.Code, w.Result().Cookies())
		}
	}
}

// No cell of a download is a formula, in wide signs neither.
func TestAbuse_Formulas(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "＝1+1": "'＝1+1", "＋1+cmd": "'＋1+cmd", "－1": "'－1", "＠SUM": "'＠SUM", "@x": "'@x", "\t=1": "'\t=1", "-12.50": "-12.50", "东升村": "东升村", "": "",
	} {
		if got := web.SafeCell(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}

// Whoever sends files slowly keeps themselves waiting, and nobody else.
func TestAbuse_SlowUploads(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	send := func(body io.Reader) *http.Request {
		r := b.request(http.MethodPost, "/books/demo/import/lots", body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		return r
	}
	var slow []*io.PipeWriter
	var ended sync.WaitGroup
	for range 2 {
		body, w := io.Pipe()
		r := send(body)
		ended.Go(func() { b.handler.ServeHTTP(httptest.NewRecorder(), r) })
		if _, err := io.WriteString(w, "--b\r\n"); err != nil { // it is being read
			t.Fatal(err)
		}
		slow = append(slow, w)
	}
	if w, _ := b.answer(send(strings.NewReader("--b--"))); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("a third file of one person: %d, want 503", w.Code)
	}
	b.session = b.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo"}).session
	if w, _ := b.answer(send(strings.NewReader("--b--"))); w.Code == http.StatusServiceUnavailable || w.Code == http.StatusUnauthorized {
		t.Errorf("a file of somebody else: %d, want it looked at", w.Code)
	}
	for _, w := range slow {
		_ = w.CloseWithError(io.ErrUnexpectedEOF)
	}
	ended.Wait()
	b.as("demo-clerk")
	if w, _ := b.answer(send(strings.NewReader("--b--"))); w.Code == http.StatusServiceUnavailable {
		t.Errorf("after the slow ones: %d, want it looked at", w.Code)
	}
}
