package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// readyTimeout is how long the database may take to answer whether it is there.
const readyTimeout = 2 * time.Second

// plainRoutes are neither pages nor the API: files, and what machines ask.
func (s *Server) plainRoutes() []route {
	return []route{
		{method: "GET", pattern: "/static/", needs: public, plain: s.serveStatic},
		{method: "GET", pattern: "/healthz", needs: public, plain: s.showHealth},
		{method: "GET", pattern: "/readyz", needs: public, plain: s.showReady},
		{method: "GET", pattern: "/metrics", needs: public, plain: s.showMetrics},
	}
}

// showHealth says that the process answers, whatever becomes of the database.
func (s *Server) showHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// showReady says whether requests can be answered: 503 while stopping, without a database, with another schema,
// without keys.
func (s *Server) showReady(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if s.stopping.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("stopping\n"))
		return
	}
	if err := s.ready(r.Context()); err != nil {
		s.log.ErrorContext(r.Context(), "web: not ready", slog.Any("error", err))
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not ready\n"))
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var one int
	if err := s.store.DB().NewRaw("SELECT 1").Scan(ctx, &one); err != nil {
		return err
	}
	if s.o.Ready == nil {
		return nil
	}
	return s.o.Ready(ctx)
}
