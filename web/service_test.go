package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"mingzhang/ledger/account"
	"mingzhang/web"
)

// One line a request: who, what, how long; never names, addresses or what was asked for.
func TestLog_OneLineARequest(t *testing.T) {
	t.Parallel()
	b := demo(t)
	p := b.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo"})
	var out bytes.Buffer
	o := b.options()
	o.Log = slog.New(slog.NewJSONHandler(&out, nil))
	b.serve(o)
	b.be(p).get("/books/demo/summary?from=2021-01-01&to=2021-06-30&lang=en", 200)
	b.nobody().get("/nowhere/zhang?secret=x", 404)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), out.String())
	}
	var line struct {
		Msg, Method, Route string
		Status             int
		Bytes, Account     int64
		RequestID          string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "request" || line.Method != "GET" || line.Route != "/books/{book}/summary" || line.Status != 200 || line.Bytes < 1000 || line.Account != p.id || len(line.RequestID) != 16 {
		t.Errorf("%s", lines[0])
	}
	for _, secret := range []string{"2021-01-01", "zhang", "secret", "127.0.0.1", b.session + "x", p.session, "某人", "demo"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log has %q: %s", secret, out.String())
		}
	}
}

// The number of a request is taken over from a named proxy only, and only when it is one.
func TestRequestID(t *testing.T) {
	t.Parallel()
	b := empty(t)
	o := b.options()
	o.Network = web.Network{Open: true, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.2/32")}}
	b.serve(o)
	for _, tt := range []struct {
		peer, id string
		kept     bool
	}{
		{"10.0.0.2:1", "abc-123", true}, {"203.0.113.1:1", "abc-123", false}, {"10.0.0.2:1", "a b", false}, {"10.0.0.2:1", strings.Repeat("x", 65), false}, {"10.0.0.2:1", "号", false},
	} {
		r := request(t.Context(), http.MethodGet, "/healthz", nil)
		r.RemoteAddr = tt.peer
		r.Header.Set("X-Request-Id", tt.id)
		w, _ := b.answer(r)
		if got := w.Header().Get("X-Request-Id"); (got == tt.id) != tt.kept || got == "" {
			t.Errorf("%s %q: %q", tt.peer, tt.id, got)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	b := empty(t)
	o := b.options()
	broken := errors.New("another schema")
	o.Log, o.Ready = quiet, func(context.Context) error { return broken }
	b.serve(o)
	b.get("/healthz", 200, "ok")
	b.get("/readyz", 503, "not ready")
	broken = nil
	s := b.server(o)
	b.handler = s.Handler()
	b.get("/readyz", 200, "ready")
	s.Stop()
	b.get("/readyz", 503, "stopping")
	b.get("/healthz", 200, "ok")
	b.handler = b.server(o).Handler()
	if err := b.store.DB().Close(); err != nil {
		t.Fatal(err)
	}
	b.get("/readyz", 503, "not ready")
	b.get("/healthz", 200, "ok")
}

// The figures name routes, never addresses, and are shown to this machine alone.
func TestMetrics(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.get("/books/demo/summary?from=2021-01-01", 200)
	b.get("/books/demo/summary?from=x", 422)
	b.get("/nowhere/one", 404)
	b.get("/nowhere/two", 404)
	b.api("GET", "/api/v1/me", "")
	b.nobody().post("/sign-in", url.Values{"login": {"nobody"}, "password": {"x"}}, 401)
	strange := b.request("BREW", "/", nil)
	b.answer(strange)
	page := b.get("/metrics", 200,
		`mingzhang_requests_total{method="GET",route="/books/{book}/summary",status="200"} 1`,
		`mingzhang_requests_total{method="GET",route="/books/{book}/summary",status="422"} 1`,
		`mingzhang_requests_total{method="GET",route="none",status="404"} 2`,
		`mingzhang_requests_total{method="other",route="none",status="405"} 1`,
		`mingzhang_errors_total{code="invalid"}`, `mingzhang_errors_total{code="not_found"} 2`, `mingzhang_sign_ins_total{outcome="refused"} 1`,
		`mingzhang_request_duration_seconds_bucket{route="/books/{book}/summary",le="+Inf"} 2`, `mingzhang_request_duration_seconds_count{route="/books/{book}/summary"} 2`,
		"# TYPE mingzhang_requests_total counter", "go_goroutines", "mingzhang_open_sessions 1\n")
	if strings.Contains(page, "demo") || strings.Contains(page, "BREW") || strings.Contains(page, "/nowhere") {
		t.Errorf("what a client sent makes a series: %s", page)
	}
	far := request(t.Context(), http.MethodGet, "/metrics", nil)
	far.RemoteAddr = "192.0.2.7:9"
	through := request(t.Context(), http.MethodGet, "/metrics", nil)
	through.Header.Set("X-Forwarded-For", "192.0.2.7")
	for _, r := range []*http.Request{far, through} {
		if w, _ := b.answer(r); w.Code != http.StatusNotFound {
			t.Errorf("the figures are shown to %s %v", r.RemoteAddr, r.Header)
		}
	}
}

func TestStatic_Compressed(t *testing.T) {
	t.Parallel()
	b := demo(t)
	plain := b.get("/static/mingzhang.css", 200)
	for header, zipped := range map[string]bool{"gzip, br": true, "br;q=1, GZIP;q=0.5": true, "gzip;q=0": false, "br": false, "": false} {
		for _, target := range []string{"/static/mingzhang.css", "/books/demo/summary"} {
			r := b.request(http.MethodGet, target, nil)
			r.Header.Set("Accept-Encoding", header)
			w, body := b.answer(r)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != zipped || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s for %q: compressed %v, Vary %q", target, header, got, w.Header().Values("Vary"))
			}
			if zipped && target != "/books/demo/summary" {
				z, err := gzip.NewReader(strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if whole, err := io.ReadAll(z); err != nil || string(whole) != plain {
					t.Errorf("%v: %.100s", err, whole)
				}
			}
		}
	}
	w, _ := b.answer(b.request(http.MethodGet, "/static/mingzhang.css?v=old", nil))
	if w.Header().Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("an address of another content is kept: %q", w.Header().Get("Cache-Control"))
	}
	again := b.request(http.MethodGet, "/static/mingzhang.css", nil)
	again.Header.Set("If-None-Match", w.Header().Get("ETag"))
	if w, _ := b.answer(again); w.Code != http.StatusNotModified {
		t.Errorf("the same file again: %d", w.Code)
	}
}

// The language of an address is kept, and what a browser says about itself is not asked.
func TestLanguage(t *testing.T) {
	t.Parallel()
	b := empty(t)
	r := request(t.Context(), http.MethodGet, "/sign-in", nil)
	r.Header.Set("Accept-Language", "en-US,en")
	if _, page := b.answer(r); !strings.Contains(page, `lang="zh-CN"`) {
		t.Error("a browser in English gets Chinese until somebody asks for English")
	}
	w, page := b.answer(request(t.Context(), http.MethodGet, "/sign-in?lang=en", nil))
	if !strings.Contains(page, `<html lang="en">`) || !strings.HasPrefix(w.Header().Get("Set-Cookie"), "lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax") {
		t.Errorf("%q", w.Header().Get("Set-Cookie"))
	}
	r = request(t.Context(), http.MethodGet, "/sign-in", nil)
	r.AddCookie(&http.Cookie{Name: "lang", Value: "en"})
	if w, page := b.answer(r); !strings.Contains(page, `<html lang="en">`) || w.Header().Get("Set-Cookie") != "" {
		t.Error("the cookie is not followed")
	}
	w, _ = b.answer(request(t.Context(), http.MethodGet, "/sign-in?lang=%3Cscript%3E", nil))
	if w.Header().Get("Set-Cookie") != "" {
		t.Errorf("no language was kept: %q", w.Header().Get("Set-Cookie"))
	}
}

// A file of up to 32 MB is taken from who may send it. Without a session the form's fields are kept, and the file is
// passed over; what is longer is refused.
func TestUpload(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.handler = b.server(b.options()).Probe().Handler()
	send := func(size int) (*httptest.ResponseRecorder, string) {
		var body bytes.Buffer
		parts := multipart.NewWriter(&body)
		if err := parts.WriteField("note", "留着"); err != nil {
			t.Fatal(err)
		}
		f, err := parts.CreateFormFile("file", "台账.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if err := parts.Close(); err != nil {
			t.Fatal(err)
		}
		r := b.request(http.MethodPost, "/probe-upload", &body)
		r.Header.Set("Content-Type", parts.FormDataContentType())
		return b.answer(r)
	}
	for size, want := range map[int]string{0: "台账.xlsx|0", 32<<20 - 1000: "台账.xlsx|33553432"} {
		if w, page := send(size); w.Code != 200 || !strings.Contains(page, want) {
			t.Errorf("%d bytes: %d, no %q: %.400s", size, w.Code, want, page)
		}
	}
	if w, page := send(32 << 20); w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(page, "最多 32 MB") {
		t.Errorf("33 MB: %d %.2000s", w.Code, page)
	}
	b.nobody()
	if w, page := send(8 << 20); w.Code != 401 || !strings.Contains(page, "选择的文件没有保留") || !strings.Contains(page, `name="keep.note" value="留着"`) {
		t.Errorf("without a session: %d %.3000s", w.Code, page)
	}
	if w, page := send(32 << 20); w.Code != 401 || !strings.Contains(page, "没能保留") {
		t.Errorf("without a session, too long: %d %.3000s", w.Code, page)
	}
}
