package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
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
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
)

//go:embed templates static
var files embed.FS

// Default is what the page shows when the address says nothing.
type Default struct{ Book, From, To, Statement string }

// Server answers the pages of a store.
type Server struct {
	store     *ledger.Store
	initially Default
	static    fs.FS
	pages     map[ledger.Lang]*template.Template // parsed once a language
}

// NewServer parses the templates; a broken one is a mistake of ours and found at the first start.
func NewServer(store *ledger.Store, initially Default) (*Server, error) {
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, fmt.Errorf("web: finding the static files: %w", err)
	}
	s := &Server{store: store, initially: initially, static: static, pages: map[ledger.Lang]*template.Template{}}
	for _, lang := range []ledger.Lang{ledger.ZH, ledger.EN} {
		page, err := template.New("page").Funcs(template.FuncMap{
			"say":    func(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(lang) },
			"in":     func(t ledger.Text) string { return t.In(lang) },
			"code":   func(code string) string { return statement.CodeName(code).In(lang) },
			"lines":  func(caption string, lines []report.Line) lineTable { return lineTable{caption, lines} },
			"groups": byCode,
			"asset":  s.asset,
		}).Funcs(s.kit(lang)).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("web: reading the templates: %w", err)
		}
		s.pages[lang] = page
	}
	return s, nil
}

// lineTable is a table of a report.
type lineTable struct {
	Caption string
	Lines   []report.Line
}

// asset is the address of a static file. It changes with the file, so that a browser may keep the old one.
func (s *Server) asset(name string) (string, error) {
	body, err := fs.ReadFile(s.static, name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return "/static/" + name + "?v=" + hex.EncodeToString(sum[:4]), nil
}

// Handler is the routing table.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showSummary)
	mux.HandleFunc("POST /{$}", s.showSummary)
	mux.Handle("GET /static/", http.StripPrefix("/static/", s.serveStatic()))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /", s.showNotFound)
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "不接受来自其他网站的提交 / posts from other sites are refused", http.StatusForbidden)
	}))
	return headers(onlyLoopback(limit(crossOrigin.Handler(mux))))
}

// serveStatic serves the files, and no list of them.
func (s *Server) serveStatic() http.Handler {
	server := http.FileServerFS(s.static)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if info, err := fs.Stat(s.static, r.URL.Path); err != nil || info.IsDir() {
			s.showNotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=3600")
		server.ServeHTTP(w, r)
	})
}

// messagePage is a page that says one thing.
type messagePage struct {
	Lang          ledger.Lang
	Title, Detail string
}

func (s *Server) showNotFound(w http.ResponseWriter, r *http.Request) {
	lang := langOf(r)
	s.show(w, r, http.StatusNotFound, lang, "message.html", messagePage{
		Lang:   lang,
		Title:  ledger.Text{ZH: "没有这个页面", EN: "There is no such page"}.In(lang),
		Detail: ledger.Text{ZH: "请核对地址，或回到首页。", EN: "Check the address, or go back to the first page."}.In(lang),
	})
}

// langOf is the language that an address asks for; Chinese when it does not say.
func langOf(r *http.Request) ledger.Lang {
	if r.URL.Query().Get("lang") == string(ledger.EN) {
		return ledger.EN
	}
	return ledger.ZH
}

// show answers with a page. It is made whole before the first byte goes out.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, lang ledger.Lang, name string, page any) {
	var b bytes.Buffer
	if err := s.pages[lang].ExecuteTemplate(&b, name, page); err != nil {
		slog.ErrorContext(r.Context(), "web: showing a page", slog.Any("error", err))
		http.Error(w, "系统出错，已记录 / something went wrong; it has been logged", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader that has gone is no error of ours
}

// Listen opens the address. Anything but a loopback address is refused: denied listen.not_loopback; one that
// cannot be read: invalid listen.address; one that somebody has: conflict listen.taken.
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
	if isUnreadable(err) {
		return nil, ledger.E(ledger.Invalid, "listen.address", address).Because(err)
	}
	if err != nil {
		return nil, ledger.E(ledger.Conflict, "listen.taken", address).Because(err)
	}
	return l, nil
}

// isUnreadable holds for a port that is none (99999, http-alt-alt).
func isUnreadable(err error) bool {
	_, address := errors.AsType[*net.AddrError](err)
	_, name := errors.AsType[*net.DNSError](err)
	return address || name
}

// Serve answers until the context ends, then lets requests under way finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error { return serve(ctx, l, s.Handler()) }

func serve(ctx context.Context, l net.Listener, handler http.Handler) error {
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
	err := server.Shutdown(last)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
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
