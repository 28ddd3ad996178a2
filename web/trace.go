package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
)

// trace is what is known of an exchange from its beginning to the line in the log.
type trace struct {
	id      string
	address string // where it comes from
	secure  bool   // its way was encrypted
	proxied bool   // it came through a named proxy
	pattern string // of the route; "" before it is known
	account int64  // who is signed in; 0: nobody
}

type traceKey struct{}

func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t
	}
	return &trace{}
}

// recorder sees what is answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// trace gives each request its number, and writes one line and the figures when it has been answered. The line
// has no names, no addresses of people and no query: those may tell of persons.
func (s *Server) trace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &trace{}
		t.address, t.secure, t.proxied = s.o.Network.client(r)
		t.id = requestID(r, t.proxied)
		w.Header().Set("X-Request-Id", t.id)
		ctx := context.WithValue(r.Context(), traceKey{}, t)
		rec := &recorder{ResponseWriter: w}
		begun := s.o.Now()
		defer func() {
			fault := recover()
			if fault != nil && !isAbort(fault) {
				s.log.ErrorContext(ctx, "web: a handler panicked", slog.String("request_id", t.id), slog.Any("fault", fault), slog.String("stack", string(debug.Stack())))
				if rec.status == 0 {
					s.apologise(rec, r.WithContext(ctx))
					fault = nil
				}
			}
			if rec.status == 0 {
				rec.status = http.StatusOK
			}
			took := s.o.Now().Sub(begun)
			s.metrics.answered(r.Method, t.pattern, rec.status, took)
			s.log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("request_id", t.id), slog.String("method", method(r.Method)), slog.String("route", t.pattern),
				slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", took), slog.Int64("account", t.account))
			if fault != nil {
				panic(http.ErrAbortHandler) // the answer is cut: nobody shall take it for whole
			}
		}()
		next.ServeHTTP(rec, r.WithContext(ctx))
	})
}

// apologise answers for a handler that panicked before it answered.
func (s *Server) apologise(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/api/v1/") {
		s.problem(w, s.newRequest(w, r, &route{pattern: r.URL.Path, needs: public}), errOurs)
		return
	}
	http.Error(w, "系统出错，已记录 / something went wrong; it has been logged", http.StatusInternalServerError)
}

func isAbort(fault any) bool {
	err, ok := fault.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}

// method is a method that we know; anybody can send another, and the log and the figures must not grow by it.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// requestID is the number that a named proxy gave, or a new one.
func requestID(r *http.Request, proxied bool) string {
	id := r.Header.Get("X-Request-Id")
	if proxied && id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(c rune) bool { return c < '!' || c > '~' }) {
		return id
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
