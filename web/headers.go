package web

import (
	"net/http"

	"mingzhang/ledger"
)

// policy lets a page load only what this program serves: no script or style inside pages, no other site.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

// permissions takes away what no page of ours asks for.
const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), " +
	"midi=(), payment=(), usb=()"

// headers go with each answer, also with refusals. What is static sets its own Cache-Control.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Cookie, Accept-Language")
		if traceOf(r.Context()).secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// refuseCrossOrigin answers what other sites send here. Nobody is looked up for it.
func (s *Server) refuseCrossOrigin(w http.ResponseWriter, hr *http.Request) {
	rt := &route{method: hr.Method, pattern: hr.URL.Path, needs: public}
	r := s.newRequest(w, hr, rt)
	err := ledger.E(ledger.Denied, "origin.foreign")
	if rt.isAPI() {
		s.problem(w, r, err)
		return
	}
	s.fail(w, r, err)
}
