package web_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// files are those of a zip that was sent.
func zipFiles(tb testing.TB, body []byte) map[string]string {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		tb.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			tb.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// The export is the whole book for whoever may export, and what is public for everybody once disclosure is on.
func TestExportZip(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("street", ledger.OfficeBook, "示例街道(虚构)", "Sample street (invented)")
	zhang := b.person("zhang", account.NewRight{Role: account.Clerk, Book: "street"})
	b.be(zhang)
	get := func(path string, status int) map[string]string {
		t.Helper()
		w := b.api("GET", path, "")
		if w.Code != status {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if status != 200 {
			return nil
		}
		if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="street.zip"` {
			t.Errorf("%s: %s", path, got)
		}
		return zipFiles(t, w.Body.Bytes())
	}
	whole := get("/api/v1/books/street/export.zip", 200)
	if !strings.HasPrefix(whole["entries.jsonl"], `{"v":1,`) || whole["checkpoint"] == "" || whole["checkpoints.jsonl"] == "" || len(whole) != 4 {
		t.Errorf("files %v", whole)
	}
	get("/api/v1/books/street/export.zip?public=true", 403)
	get("/api/v1/books/street/export.zip?as_of=7", 422)
	if w := b.nobody().api("GET", "/log/street/export.zip", ""); w.Code != 404 || strings.Contains(w.Body.String(), "not_public") {
		t.Errorf("before disclosure: %d %s", w.Code, w.Body)
	}
	if _, err := book.Disclose(t.Context(), ledger.AccountActor(1), true, "按规定公开(虚构)"); err != nil {
		t.Fatal(err)
	}
	w := b.nobody().api("GET", "/log/street/export.zip", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/zip" {
		t.Fatalf("after disclosure: %d %s", w.Code, w.Body)
	}
	public := zipFiles(t, w.Body.Bytes())
	if strings.Count(public["public.jsonl"], "\n") != 2 || len(public) != 3 {
		t.Errorf("files %v", public)
	}
	b.be(zhang)
	if again := get("/api/v1/books/street/export.zip?public=true", 200); again["public.jsonl"] != public["public.jsonl"] {
		t.Error("the two public exports differ")
	}
	if early := get("/api/v1/books/street/export.zip?as_of=1", 200); strings.Count(early["entries.jsonl"], "\n") != 1 {
		t.Errorf("as of 1: %v", early)
	}
	if w := b.nobody().api("GET", "/log/none/export.zip", ""); w.Code != 404 {
		t.Errorf("no such book: %d", w.Code)
	}
}

// reluctant is a reader who takes nothing until it is let go.
type reluctant struct {
	*httptest.ResponseRecorder
	begun, let chan struct{}
	once       sync.Once
}

func (w *reluctant) Write(b []byte) (int, error) {
	w.once.Do(func() { close(w.begun) })
	<-w.let
	return w.ResponseRecorder.Write(b)
}

// Strangers who read slowly, or not at all, keep other strangers waiting and never the office.
func TestExportZip_SlowStrangers(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("street", ledger.OfficeBook, "示例街道(虚构)", "Sample street (invented)")
	zhang := b.person("zhang", account.NewRight{Role: account.Clerk, Book: "street"})
	if _, err := book.Disclose(t.Context(), ledger.AccountActor(1), true, "按规定公开(虚构)"); err != nil {
		t.Fatal(err)
	}
	b.nobody()
	let := make(chan struct{})
	var slow sync.WaitGroup
	for range 2 {
		w := &reluctant{ResponseRecorder: httptest.NewRecorder(), begun: make(chan struct{}), let: let}
		r := b.request("GET", "/log/street/export.zip", nil)
		slow.Go(func() { b.handler.ServeHTTP(w, r) })
		<-w.begun
	}
	b.refused(b.api("GET", "/log/street/export.zip", ""), http.StatusServiceUnavailable, "export.busy", "")
	b.be(zhang)
	if w := b.api("GET", "/api/v1/books/street/export.zip", ""); w.Code != http.StatusOK {
		t.Errorf("the office's own export: %d %s", w.Code, w.Body)
	}
	close(let)
	slow.Wait()
}
