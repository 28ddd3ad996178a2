package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
		r := request(t.Context(), http.MethodGet, "/sign-in", nil)
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
		{"Sec-Fetch-Site", "same-origin", 401},
		{"Origin", "http://127.0.0.1:8080", 401},
		{"Accept", "*/*", 401}, // no browser
	} {
		r := request(t.Context(), http.MethodPost, "/sign-in", strings.NewReader("login=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(tt.header, tt.value)
		if resp, page := b.answer(r); resp.Code != tt.want {
			t.Errorf("%s %s: status %d, want %d: %s", tt.header, tt.value, resp.Code, tt.want, page)
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
		{"GET", "/", 303, "text/html; charset=utf-8", "/sign-in"},
		{"GET", "/sign-in", 200, "text/html; charset=utf-8", "<h1>登录</h1>"},
		{"HEAD", "/sign-in", 200, "text/html; charset=utf-8", ""},
		{"PUT", "/sign-in", 405, "text/html; charset=utf-8", "PUT"},
		{"GET", "/healthz", 200, "text/plain; charset=utf-8", "ok"},
		{"GET", "/readyz", 200, "text/plain; charset=utf-8", "ready"},
		{"GET", "/static/mingzhang.css", 200, "text/css; charset=utf-8", "@media print"},
		{"GET", "/static/mark.svg", 200, "image/svg+xml", "<svg"},
		{"POST", "/static/mingzhang.css", 405, "text/html; charset=utf-8", ""},
		{"GET", "/static/", 404, "text/html; charset=utf-8", "没有这个地址"},
		{"GET", "/static/nothing.css", 404, "text/html; charset=utf-8", "没有这个地址"},
		{"GET", "/static/../server.go", 307, "", ""}, // to the cleaned address
		{"GET", "/templates/summary.html", 404, "text/html; charset=utf-8", ""},
		{"GET", "/nowhere", 404, "text/html; charset=utf-8", "没有这个页面"},
		{"GET", "/nowhere?lang=en", 404, "text/html; charset=utf-8", "There is no such page"},
		{"GET", "/api/v1/nowhere", 404, "application/problem+json", `"reason":"route.unknown"`},
		{"GET", "/problems/route.unknown", 200, "text/html; charset=utf-8", "没有这个地址"},
		{"GET", "/problems/nothing.of_ours", 404, "text/html; charset=utf-8", ""},
	} {
		resp, body := b.answer(request(t.Context(), tt.method, tt.target, nil))
		if resp.Code != tt.status || resp.Header().Get("Content-Type") != tt.kind || !strings.Contains(body, tt.text) {
			t.Errorf("%s %s: %d %s, want %d %s and %q: %s", tt.method, tt.target, resp.Code, resp.Header().Get("Content-Type"), tt.status, tt.kind, tt.text, body)
		}
		if tt.status == 405 && !strings.Contains(resp.Header().Get("Allow"), "GET") {
			t.Errorf("%s %s: Allow %q, want GET in it", tt.method, tt.target, resp.Header().Get("Allow"))
		}
	}
	_, page := b.answer(request(t.Context(), http.MethodGet, "/sign-in", nil))
	_, link, _ := strings.Cut(page, `<link rel="stylesheet" href="`)
	link, _, _ = strings.Cut(link, `"`)
	if resp, _ := b.answer(request(t.Context(), http.MethodGet, link, nil)); resp.Code != 200 || resp.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("the page's own style %q: %d, kept %q", link, resp.Code, resp.Header().Get("Cache-Control"))
	}
}

// A body over the limit, a broken one, and a text as long as a text may be.
func TestServer_Bodies(t *testing.T) {
	t.Parallel()
	b := demo(t)
	long := url.Values{"statement": {strings.Repeat("明", 700_000)}}
	for _, send := range []func(string, url.Values, int, ...string) string{b.post, b.postParts} {
		send("/books/demo/statement", long, http.StatusRequestEntityTooLarge, `id="statement-fault">提交的内容太长，没有读取：最多 1 MB。`)
		send("/statement?lang=en", long, http.StatusRequestEntityTooLarge, "1 MB at most")
	}
	whole := strings.Repeat("明", 1<<20/3)
	b.postParts("/statement?lang=zh", url.Values{"statement": {whole}}, http.StatusOK, whole, "无从核对")
	b.postParts("/statement", url.Values{"statement": {whole + "明明"}}, http.StatusUnprocessableEntity, "文本有 1048581 字节，超过 1048576 字节的上限", whole)
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "statement=%zz",
		"multipart/form-data":               "no boundary",
		"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=\"statement\"\r\n\r\ncut off",
	} {
		for _, target := range []string{"/statement", "/sign-in"} {
			r := b.request(http.MethodPost, target, strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			b.want(r, http.StatusBadRequest, "无法读取这次提交的内容")
		}
	}
	b.get("/books/demo/summary?from=%zz", http.StatusBadRequest, "无法读取这次提交的内容")
}

func TestListen(t *testing.T) {
	t.Parallel()
	l, err := web.Listen(t.Context(), "127.0.0.1:0", false)
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
		got, err := web.Listen(t.Context(), address, false)
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
	l, err := web.Listen(ctx, "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- b.server(b.options()).Serve(ctx, l, nil)
	}()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	// With Expect the server says 100 Continue once the handler reads the body: from then on it is under way.
	body := "statement=" + url.QueryEscape(published)
	_, err = fmt.Fprintf(conn, "POST /statement HTTP/1.1\r\nHost: %s\r\nCookie: mingzhang=%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", l.Addr(), b.session, len(body))
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
