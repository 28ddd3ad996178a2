package web_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/netip"
	"testing"

	"mingzhang/ledger"
	"mingzhang/web"
)

func TestParseProxies(t *testing.T) {
	t.Parallel()
	got, err := web.ParseProxies([]string{"10.0.0.2", "192.168.0.0/16", "fd00::1", "::ffff:10.1.1.1"})
	if err != nil || len(got) != 4 || got[0].String() != "10.0.0.2/32" || got[1].String() != "192.168.0.0/16" || got[2].String() != "fd00::1/128" || got[3].String() != "10.1.1.1/32" {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "proxy.example.org", "10.0.0", "10.0.0.0/33", "10.0.0.2:80"} {
		if _, err := web.ParseProxies([]string{bad}); !errors.Is(err, ledger.E(ledger.Invalid, "listen.proxy")) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Who asks, and whether the way was encrypted, is what the connection says, or a named proxy, and nobody else.
func TestNetwork_Client(t *testing.T) {
	t.Parallel()
	n := web.Network{Open: true, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::1/128")}}
	for _, tt := range []struct {
		name, peer      string
		forwarded       []string
		proto           []string
		address         string
		secure, proxied bool
	}{
		{"nobody between", "203.0.113.7:4000", nil, nil, "203.0.113.7", false, false},
		{"a client forges", "203.0.113.7:4000", []string{"198.51.100.1"}, []string{"https"}, "203.0.113.7", false, false},
		{"a proxy says", "10.0.0.2:4000", []string{"203.0.113.7"}, []string{"https"}, "203.0.113.7", true, true},
		{"a proxy adds to what a client forged", "10.0.0.2:4000", []string{"198.51.100.1, 203.0.113.7"}, []string{"https"}, "203.0.113.7", true, true},
		{"in two headers", "10.0.0.2:4000", []string{"198.51.100.1", "203.0.113.7"}, []string{"https"}, "203.0.113.7", true, true},
		{"two proxies", "10.0.0.2:4000", []string{"198.51.100.1, 203.0.113.7, 10.0.0.9"}, []string{"https"}, "203.0.113.7", true, true},
		{"rubbish in the list", "10.0.0.2:4000", []string{"198.51.100.1, rubbish"}, []string{"https"}, "10.0.0.2", true, true},
		{"a proxy that says nothing", "10.0.0.2:4000", nil, nil, "10.0.0.2", false, true},
		{"plain http before the proxy", "10.0.0.2:4000", []string{"203.0.113.7"}, []string{"http"}, "203.0.113.7", false, true},
		{"the last word counts", "10.0.0.2:4000", []string{"203.0.113.7"}, []string{"https", "http"}, "203.0.113.7", false, true},
		{"IPv6", "[fd00::1]:4000", []string{"2001:db8::7"}, []string{"https"}, "2001:db8::7", true, true},
	} {
		r := request(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = tt.peer
		for _, v := range tt.forwarded {
			r.Header.Add("X-Forwarded-For", v)
		}
		for _, v := range tt.proto {
			r.Header.Add("X-Forwarded-Proto", v)
		}
		address, secure, proxied := n.Client(r)
		if address != tt.address || secure != tt.secure || proxied != tt.proxied {
			t.Errorf("%s: %s %v %v, want %s %v %v", tt.name, address, secure, proxied, tt.address, tt.secure, tt.proxied)
		}
	}
}

// What is asked for by a name that is not ours, or by a proxy that hides how, is refused.
func TestNetwork_Hosts(t *testing.T) {
	t.Parallel()
	b := empty(t)
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.2/32")}
	for _, tt := range []struct {
		name    string
		network web.Network
		host    string
		peer    string
		proto   string // of the connection, or as a proxy says
		path    string
		want    int
	}{
		{"loopback", web.Network{}, "127.0.0.1:8080", "127.0.0.1:9", "", "/sign-in", 200},
		{"rebound name", web.Network{}, "evil.example.org", "127.0.0.1:9", "", "/sign-in", 421},
		{"open without names", web.Network{Open: true}, "books.example.org", "203.0.113.7:9", "tls", "/sign-in", 200},
		{"in clear, past the proxy", web.Network{Open: true, Proxies: proxies}, "books.example.org", "203.0.113.7:9", "", "/sign-in", 403},
		{"in clear, past the proxy, forged", web.Network{Open: true, Proxies: proxies}, "books.example.org", "203.0.113.7:9", "https", "/sign-in", 403},
		{"named", web.Network{Open: true, Hosts: []string{"books.example.org"}}, "Books.Example.org:443", "203.0.113.7:9", "tls", "/sign-in", 200},
		{"not named", web.Network{Open: true, Hosts: []string{"books.example.org"}}, "evil.example.org", "203.0.113.7:9", "tls", "/sign-in", 421},
		{"proxy with https", web.Network{Open: true, Proxies: proxies}, "books.example.org", "10.0.0.2:9", "https", "/sign-in", 200},
		{"proxy without https", web.Network{Open: true, Proxies: proxies}, "books.example.org", "10.0.0.2:9", "http", "/sign-in", 403},
		{"proxy asks for health", web.Network{Open: true, Proxies: proxies}, "10.0.0.5", "10.0.0.2:9", "", "/healthz", 200},
		{"this machine asks for health", web.Network{Open: true, Hosts: []string{"books.example.org"}}, "127.0.0.1", "127.0.0.1:9", "", "/readyz", 200},
	} {
		o := b.options()
		o.Network = tt.network
		b.serve(o)
		r := request(t.Context(), http.MethodGet, tt.path, nil)
		r.Host, r.RemoteAddr = tt.host, tt.peer
		switch tt.proto {
		case "tls":
			r.TLS = &tls.ConnectionState{}
		case "":
		default:
			r.Header.Set("X-Forwarded-Proto", tt.proto)
		}
		if resp, page := b.answer(r); resp.Code != tt.want {
			t.Errorf("%s: %d, want %d: %.200s", tt.name, resp.Code, tt.want, page)
		}
	}
}

func TestParsePublicURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://trades.example.org": "https://trades.example.org", "https://trades.example.org/": "https://trades.example.org",
		"https://trades.example.org:8443": "https://trades.example.org:8443", "http://127.0.0.1:8080": "http://127.0.0.1:8080", "http://localhost/": "http://localhost",
		"https://[2001:db8::1]": "https://[2001:db8::1]",
	} {
		if got, err := web.ParsePublicURL(text); err != nil || got != want {
			t.Errorf("%s is read as %q, %v; want %q", text, got, err, want)
		}
	}
	for _, bad := range []string{
		"", "trades.example.org", "http://trades.example.org", "http://localhost.example.org", "ftp://trades.example.org", "https://", "https://:8443", "//trades.example.org",
		"https://a:b@trades.example.org", "https://trades.example.org/trades", "https://trades.example.org?x", "https://trades.example.org#x", "https://trades example.org", "https://trades.example.org\n",
	} {
		if _, err := web.ParsePublicURL(bad); !errors.Is(err, ledger.E(ledger.Invalid, "listen.public_url")) {
			t.Errorf("%q: %v, want listen.public_url", bad, err)
		}
	}
}
