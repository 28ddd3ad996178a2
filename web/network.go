package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Network says who may reach the server and by which names. The zero value answers this machine only.
type Network struct {
	Open    bool           // other machines are answered: there is TLS, or a proxy is named
	Proxies []netip.Prefix // whose X-Forwarded-For, -Proto and X-Request-Id are believed
	Hosts   []string       // names that requests may ask for; none: any, but on loopback only loopback names
}

// ParseProxies reads addresses (10.0.0.2) and nets (10.0.0.0/24): invalid listen.proxy.
func ParseProxies(list []string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, text := range list {
		if p, err := netip.ParsePrefix(text); err == nil {
			proxies = append(proxies, p.Masked())
			continue
		}
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, ledger.E(ledger.Invalid, "listen.proxy", text).Because(err)
		}
		a = a.Unmap()
		proxies = append(proxies, netip.PrefixFrom(a, a.BitLen()))
	}
	return proxies, nil
}

// ParsePublicURL reads the address by which strangers reach this server: https, or http on loopback, and nothing behind
// the host. It comes back without the last slash. invalid listen.public_url.
func ParsePublicURL(text string) (string, error) {
	wrong := ledger.E(ledger.Invalid, "listen.public_url", text)
	u, err := url.Parse(text)
	if err != nil {
		return "", wrong.Because(err)
	}
	safe := u.Scheme == "https" || u.Scheme == "http" && loopback(u.Host)
	if !safe || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || strings.ContainsAny(text, "?#") {
		return "", wrong
	}
	return u.Scheme + "://" + u.Host, nil
}

// isProxy holds for a named proxy.
func (n Network) isProxy(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(n.Proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap().WithZone("")) })
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// client is where a request comes from and whether its way here was encrypted. Only a named proxy may say so
// for others: of its list the last address that is no proxy counts, because a client can write the first.
func (n Network) client(r *http.Request) (address string, secure, proxied bool) {
	address, secure = peer(r), r.TLS != nil
	if !n.isProxy(address) {
		return address, secure, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		address = hop
		if !n.isProxy(hop) {
			break
		}
	}
	protos := r.Header.Values("X-Forwarded-Proto")
	secure = len(protos) > 0 && strings.EqualFold(strings.TrimSpace(protos[len(protos)-1]), "https")
	return address, secure, true
}

// hosts refuses a request that names a host that is not ours: without it a page elsewhere could reach the
// program through a name that it points here. Nobody but this machine is answered in clear, and a proxy must say
// that the browser came by https.
func (s *Server) hosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := traceOf(r.Context())
		isHealth := r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
		switch {
		case isHealth && loopback(peer(r)):
		case len(s.o.Network.Hosts) > 0 && !slices.ContainsFunc(s.o.Network.Hosts, func(h string) bool { return sameHost(h, r.Host) }):
			http.Error(w, "这里没有这个网址 / no such host here", http.StatusMisdirectedRequest)
			return
		case len(s.o.Network.Hosts) == 0 && !s.o.Network.Open && !loopback(r.Host):
			http.Error(w, "只能从本机访问 / this machine only", http.StatusMisdirectedRequest)
			return
		case s.o.Network.Open && !t.secure && !t.proxied && !loopback(peer(r)):
			http.Error(w, "请经由代理（https）访问 / please come through the proxy (https)", http.StatusForbidden)
			return
		case t.proxied && !t.secure && !isHealth:
			http.Error(w, "代理没有说明浏览器用的是 https（X-Forwarded-Proto）/ the proxy does not say that the browser uses https (X-Forwarded-Proto)", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// forwarded holds for a request that some proxy passed on, whether one is named or not: then whoever asks need not be on
// this machine, although the connection comes from here.
func forwarded(r *http.Request) bool {
	return slices.ContainsFunc([]string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"},
		func(name string) bool { return r.Header.Get(name) != "" })
}

// sameHost compares names without their ports.
func sameHost(a, b string) bool { return strings.EqualFold(hostName(a), hostName(b)) }

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

// loopback holds for localhost, 127.0.0.0/8 and ::1, with or without a port.
func loopback(host string) bool {
	host = hostName(host)
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
