package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/web"
)

func TestServer_OnlyLoopback(t *testing.T) {
	t.Parallel()
	b := empty(t)
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "127.8.9.1": 200, "localhost": 200, "LOCALHOST:80": 200, "[::1]:8080": 200,
		"example.org": 421, "example.org:8080": 421, "127.0.0.1.example.org": 421, "localhost.example.org:80": 421,
		"192.168.1.2": 421, "0.0.0.0:8080": 421, "[::]:80": 421, "": 421,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = host
		if resp, page := b.answer(r); resp.Code != want {
			t.Errorf("Host %q: status %d, want %d: %s", host, resp.Code, want, page)
		} else if want == 421 && !strings.Contains(page, "只能从本机访问") {
			t.Errorf("Host %q: %s", host, page)
		}
	}
}

func TestServer_RefusesPostsFromOtherSites(t *testing.T) {
	t.Parallel()
	b := empty(t)
	for _, tt := range []struct {
		header, value string
		want          int
	}{
		{"Origin", "https://example.org", 403},
		{"Origin", "null", 403},
		{"Origin", "http://127.0.0.1:9999", 403},
		{"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403},
		{"Sec-Fetch-Site", "same-origin", 200},
		{"Origin", "http://127.0.0.1:8080", 200},
		{"Accept", "*/*", 200}, // no browser
	} {
		r := request(t.Context(), http.MethodPost, "/", strings.NewReader("statement=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(tt.header, tt.value)
		if resp, page := b.answer(r); resp.Code != tt.want {
			t.Errorf("%s %s: status %d, want %d: %s", tt.header, tt.value, resp.Code, tt.want, page)
		}
	}
}

func TestPage_Headers(t *testing.T) {
	t.Parallel()
	b := empty(t)
	foreign := request(t.Context(), http.MethodGet, "/", nil)
	foreign.Host = "example.org"
	for _, r := range []*http.Request{
		request(t.Context(), http.MethodGet, "/", nil), request(t.Context(), http.MethodGet, "/nowhere", nil),
		request(t.Context(), http.MethodGet, "/?from=x", nil), foreign,
	} {
		resp, _ := b.answer(r)
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"X-Frame-Options":              "DENY",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control":                "no-store",
		} {
			if got := resp.Header().Get(name); got != want {
				t.Errorf("%s (%d): %s: %q, want %q", r.URL, resp.Code, name, got, want)
			}
		}
	}
}

func TestServer_Routes(t *testing.T) {
	t.Parallel()
	b := empty(t)
	for _, tt := range []struct {
		method, target string
		status         int
		kind, text     string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", "<h2>"},
		{"HEAD", "/", 200, "text/html; charset=utf-8", ""},
		{"PUT", "/", 405, "text/plain; charset=utf-8", ""},
		{"GET", "/healthz", 204, "", ""},
		{"GET", "/static/mingzhang.css", 200, "text/css; charset=utf-8", "@media print"},
		{"GET", "/static/mark.svg", 200, "image/svg+xml", "<svg"},
		{"POST", "/static/mingzhang.css", 405, "text/plain; charset=utf-8", ""},
		{"GET", "/static/", 404, "text/html; charset=utf-8", "没有这个页面"},
		{"GET", "/static/nothing.css", 404, "text/html; charset=utf-8", "没有这个页面"},
		{"GET", "/static/../server.go", 307, "text/html; charset=utf-8", ""}, // to the cleaned address
		{"GET", "/templates/summary.html", 404, "text/html; charset=utf-8", ""},
		{"GET", "/nowhere", 404, "text/html; charset=utf-8", "没有这个页面"},
		{"GET", "/nowhere?lang=en", 404, "text/html; charset=utf-8", "There is no such page"},
	} {
		resp, body := b.answer(request(t.Context(), tt.method, tt.target, nil))
		if resp.Code != tt.status || resp.Header().Get("Content-Type") != tt.kind || !strings.Contains(body, tt.text) {
			t.Errorf("%s %s: %d %s, want %d %s and %q: %s", tt.method, tt.target, resp.Code, resp.Header().Get("Content-Type"), tt.status, tt.kind, tt.text, body)
		}
		if tt.status == 405 && !strings.Contains(resp.Header().Get("Allow"), "GET") {
			t.Errorf("%s %s: Allow %q, want GET in it", tt.method, tt.target, resp.Header().Get("Allow"))
		}
	}
	_, page := b.answer(request(t.Context(), http.MethodGet, "/", nil))
	_, link, _ := strings.Cut(page, `<link rel="stylesheet" href="`)
	link, _, _ = strings.Cut(link, `"`)
	if resp, _ := b.answer(request(t.Context(), http.MethodGet, link, nil)); resp.Code != 200 || resp.Header().Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("the page's own style %q: %d, kept %q", link, resp.Code, resp.Header().Get("Cache-Control"))
	}
}

// A body over the limit, a broken one, and a text as long as a text may be.
func TestServer_Bodies(t *testing.T) {
	t.Parallel()
	b := demo(t)
	long := url.Values{"statement": {strings.Repeat("明", 700_000)}}
	for _, send := range []func(string, url.Values, int, ...string) string{b.post, b.postParts} {
		send("/", long, http.StatusRequestEntityTooLarge, `id="statement-fault" role="alert">文本太长，没有读取：一次最多 1 MB。`, "公开交易成交37宗")
		send("/?lang=en&from=2021-02-01", long, http.StatusRequestEntityTooLarge, "1 MB at most", `value="2021-02-01"`)
	}
	whole := strings.Repeat("明", 1<<20/3)
	b.postParts("/", url.Values{"statement": {whole}}, http.StatusOK, whole, "无从核对")
	b.postParts("/", url.Values{"statement": {whole + "明明"}}, http.StatusUnprocessableEntity, "文本有 1048581 字节，超过 1048576 字节的上限", whole)
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "statement=%zz",
		"multipart/form-data":               "no boundary",
		"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=\"statement\"\r\n\r\ncut off",
	} {
		r := request(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		b.want(r, http.StatusBadRequest, "无法读取这次提交的内容")
	}
	b.get("/?from=%zz", http.StatusBadRequest, "无法读取这次提交的内容")
}

func TestListen(t *testing.T) {
	t.Parallel()
	l, err := web.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for address, want := range map[string]error{
		"0.0.0.0:0":            ledger.E(ledger.Denied, "listen.not_loopback"),
		":0":                   ledger.E(ledger.Denied, "listen.not_loopback"),
		"[::]:0":               ledger.E(ledger.Denied, "listen.not_loopback"),
		"192.168.1.2:0":        ledger.E(ledger.Denied, "listen.not_loopback"),
		"example.org:0":        ledger.E(ledger.Denied, "listen.not_loopback"),
		"127.0.0.1":            ledger.E(ledger.Invalid, "listen.address"),
		"127.0.0.1:99999":      ledger.E(ledger.Invalid, "listen.address"),
		"127.0.0.1:nonsense":   ledger.E(ledger.Invalid, "listen.address"),
		l.Addr().String():      ledger.E(ledger.Conflict, "listen.taken"),
		"127.0.0.1:8080:extra": ledger.E(ledger.Invalid, "listen.address"),
	} {
		got, err := web.Listen(t.Context(), address)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
		if err == nil {
			got.Close()
		}
	}
}

// Told to stop, the server answers the request that is under way before Serve returns.
func TestServer_StopsGracefully(t *testing.T) {
	t.Parallel()
	b := demo(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l, err := web.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- b.server(web.Default{Book: "demo", From: "2021-01-01", To: "2021-06-30"}).Serve(ctx, l)
	}()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	// With Expect the server says 100 Continue once the handler reads the body: from then on it is under way.
	body := "statement=" + url.QueryEscape(published)
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", l.Addr(), len(body))
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("%q, %v; want 100 Continue", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stop()
	for { // until the stop has begun: nobody new is let in
		another, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			break
		}
		another.Close()
	}
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(page), "名称错误") {
		t.Errorf("the request under way: %d, %v\n%s", resp.StatusCode, err, page)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String()); err == nil {
		t.Error("after the stop somebody still answers")
	}
}
