package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"mingzhang/ledger"
)

//go:embed templates static
var files embed.FS

// bodyBytesMax bounds what a form may send: a report of a megabyte and its form.
const bodyBytesMax = 1<<20 + 64<<10

// Default is what the page shows when the address says nothing.
type Default struct{ Book, From, To, Statement string }

// Server answers the pages of a store.
type Server struct {
	store     *ledger.Store
	initially Default
	pages     map[ledger.Lang]*template.Template // parsed once a language
}

// NewServer parses the templates; a broken one is a mistake of ours and found at the first start.
func NewServer(store *ledger.Store, initially Default) (*Server, error) {
	s := &Server{store: store, initially: initially, pages: map[ledger.Lang]*template.Template{}}
	for _, lang := range []ledger.Lang{ledger.ZH, ledger.EN} {
		page, err := template.New("page").Funcs(template.FuncMap{
			"say": func(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(lang) },
			"in":  func(t ledger.Text) string { return t.In(lang) },
		}).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("web: reading the templates: %w", err)
		}
		s.pages[lang] = page
	}
	return s, nil
}

// Handler is the routing table.
func (s *Server) Handler() (http.Handler, error) {
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, fmt.Errorf("web: finding the static files: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showSummary)
	mux.HandleFunc("POST /{$}", s.showSummary)
	mux.Handle("GET /static/", http.StripPrefix("/static/", cached(http.FileServerFS(static))))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	crossOrigin := http.NewCrossOriginProtection()
	return onlyLoopback(headers(limit(crossOrigin.Handler(mux)))), nil
}

// onlyLoopback refuses a request that names another host: without it a page elsewhere could reach the program
// through a name that it points at this machine.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.Host) {
			http.Error(w, "只能从本机访问 / this machine only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback holds for localhost, 127.0.0.0/8 and ::1, with or without a port.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		next.ServeHTTP(w, r)
	})
}

func limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyBytesMax)
		next.ServeHTTP(w, r)
	})
}

// Listen opens the address. Anything but a loopback address is refused: denied listen.not_loopback.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ledger.E(ledger.Invalid, "listen.address", address).Because(err)
	}
	if !loopback(host) {
		return nil, ledger.E(ledger.Denied, "listen.not_loopback", address)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, ledger.E(ledger.Conflict, "listen.taken", address).Because(err)
	}
	return l, nil
}

// Serve answers until the context ends, then lets requests under way finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	handler, err := s.Handler()
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("web: serving: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = server.Shutdown(last)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
