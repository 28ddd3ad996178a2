package web_test

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"mingzhang/web"
)

// want are the headers of every answer, also of refusals.
var want = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"X-Frame-Options":              "DENY",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	b := demo(t)
	foreign := b.request(http.MethodGet, "/", nil)
	foreign.Host = "example.org"
	crossSite := b.request(http.MethodPost, "/sign-in", strings.NewReader("login=x"))
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	for _, r := range []*http.Request{
		b.request(http.MethodGet, "/", nil), b.request(http.MethodGet, "/nowhere", nil), b.request(http.MethodDelete, "/", nil),
		b.request(http.MethodGet, "/books/demo/summary?from=x", nil), b.request(http.MethodGet, "/api/v1/me", nil),
		b.request(http.MethodGet, "/api/v1/nowhere", nil), b.request(http.MethodGet, "/healthz", nil),
		request(t.Context(), http.MethodGet, "/sign-in", nil), request(t.Context(), http.MethodGet, "/", nil), foreign, crossSite,
	} {
		resp, _ := b.answer(r)
		for name, value := range want {
			if got := resp.Header().Get(name); got != value {
				t.Errorf("%s %s (%d): %s: %q, want %q", r.Method, r.URL, resp.Code, name, got, value)
			}
		}
		if got := resp.Header().Get("Permissions-Policy"); !strings.Contains(got, "camera=()") || !strings.Contains(got, "geolocation=()") {
			t.Errorf("%s: Permissions-Policy: %q", r.URL, got)
		}
		if got := resp.Header().Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s: without TLS: Strict-Transport-Security %q", r.URL, got)
		}
		if len(resp.Header().Get("X-Request-Id")) != 16 {
			t.Errorf("%s: X-Request-Id %q", r.URL, resp.Header().Get("X-Request-Id"))
		}
	}
}

// With TLS, or behind a proxy that says so, browsers are told to stay with it, and the cookie is theirs alone.
func TestHeaders_WithTLS(t *testing.T) {
	t.Parallel()
	b := empty(t)
	p := b.person("zhang")
	o := b.options()
	o.Network = web.Network{Open: true, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.2/32")}}
	b.serve(o)
	direct := request(t.Context(), http.MethodPost, "/sign-in", strings.NewReader("login=zhang&password=gray-lantern+over+nine+rivers"))
	direct.TLS = &tls.ConnectionState{}
	direct.Host = "books.example.org"
	proxied := request(t.Context(), http.MethodPost, "/sign-in", strings.NewReader("login=zhang&password=gray-lantern+over+nine+rivers"))
	proxied.RemoteAddr, proxied.Host = "10.0.0.2:5000", "books.example.org"
	proxied.Header.Set("X-Forwarded-Proto", "https")
	for _, r := range []*http.Request{direct, proxied} {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, page := b.answer(r)
		if resp.Code != http.StatusSeeOther {
			t.Fatalf("status %d: %s", resp.Code, page)
		}
		if got := resp.Header().Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("Strict-Transport-Security %q", got)
		}
		cookie := resp.Header().Get("Set-Cookie")
		for _, part := range []string{"__Host-mingzhang=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("the cookie has no %q: %s", part, cookie)
			}
		}
		if strings.Contains(cookie, "Domain") || strings.Contains(cookie, "Expires") || strings.Contains(cookie, "Max-Age") {
			t.Errorf("the cookie outlives the browser or goes elsewhere: %s", cookie)
		}
	}
	// A cookie by its plain name counts for nothing there.
	plain := request(t.Context(), http.MethodGet, "/", nil)
	plain.TLS, plain.Host = &tls.ConnectionState{}, "books.example.org"
	plain.AddCookie(&http.Cookie{Name: "mingzhang", Value: p.session})
	if resp, _ := b.answer(plain); resp.Code != http.StatusSeeOther {
		t.Errorf("a plain cookie over TLS: %d, want 303 to the sign-in page", resp.Code)
	}
	plain.AddCookie(&http.Cookie{Name: "__Host-mingzhang", Value: p.session})
	if resp, _ := b.answer(plain); resp.Code != http.StatusOK {
		t.Errorf("the right cookie over TLS: %d, want 200", resp.Code)
	}
}

func TestCookie_OnLoopback(t *testing.T) {
	t.Parallel()
	b := demo(t)
	r := request(t.Context(), http.MethodPost, "/try", strings.NewReader("login=demo-clerk"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, page := b.answer(r)
	cookie := resp.Header().Get("Set-Cookie")
	if resp.Code != http.StatusSeeOther || !strings.HasPrefix(cookie, "mingzhang=") || strings.Contains(cookie, "Secure") ||
		!strings.Contains(cookie, "; HttpOnly") || !strings.Contains(cookie, "; SameSite=Lax") {
		t.Errorf("%d, cookie %q: %s", resp.Code, cookie, page)
	}
}
