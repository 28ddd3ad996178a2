package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"mingzhang/ledger"
)

// How long what may take.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	uploadTimeout = 5 * time.Minute  // a file on a slow line, and the import of it
	stopTimeout   = 10 * time.Second // answers under way when the program is told to stop
	commitTimeout = 40 * time.Second // and before that, commits under way: longer than an unknown one is asked after
	farewell      = 250 * time.Millisecond
	headerBytes   = 32 << 10
)

// Listen opens the address. Without TLS or a named proxy (open) anything but a loopback address is refused:
// denied listen.not_loopback; one that cannot be read: invalid listen.address; one that somebody has: conflict
// listen.taken.
func Listen(ctx context.Context, address string, open bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, ledger.E(ledger.Invalid, "listen.address", address).Because(err)
	}
	if !open && !loopback(host) {
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

// Serve answers until the context ends, then lets requests under way finish: /readyz says 503, a write whose commit
// is under way is answered, every other one is refused, and then nobody new is let in. The store takes no more
// commands after it. config is nil without TLS.
func (s *Server) Serve(ctx context.Context, l net.Listener, config *tls.Config) error {
	defer s.checks.end()
	defer s.imports.end()
	return serve(ctx, s.log, l, config, s.closing(s.Handler()), s.stop)
}

// closing ends a connection with the answer that it gets while the program stops.
func (s *Server) closing(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// stop ends the writing before the connections. The server may cut a connection whose request it has just begun to
// read: by then that request cannot write any more. For a farewell whoever is in the middle of asking is told so
// instead.
func (s *Server) stop(ctx context.Context) {
	s.stopping.Store(true)
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	if err := s.store.Stop(ctx); err != nil {
		s.log.ErrorContext(ctx, "web: a commit does not end; whoever waits for it has to ask again with its key", slog.Any("error", err))
	}
	told := time.NewTimer(farewell)
	defer told.Stop()
	<-told.C
}

// ServeMetrics answers the figures on an address of their own.
func (s *Server) ServeMetrics(ctx context.Context, l net.Listener) error {
	return serve(ctx, s.log, l, nil, s.Metrics(), func(context.Context) {})
}

func serve(ctx context.Context, log *slog.Logger, l net.Listener, config *tls.Config, handler http.Handler, stopping func(context.Context)) error {
	server := &http.Server{
		Handler: handler, TLSConfig: config, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() {
		if config != nil {
			ended <- server.ServeTLS(l, "", "")
		} else {
			ended <- server.Serve(l)
		}
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("web: serving: %w", err)
	case <-ctx.Done():
	}
	stopping(context.WithoutCancel(ctx))
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := server.Shutdown(last)
	if err != nil { // somebody reads a stream slowly: they see that it was cut
		err = errors.Join(err, server.Close())
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// stretch gives an exchange more time than others. The deadlines fall when it is used up, not by a clock that is
// read here. The returned func ends it.
func stretch(w http.ResponseWriter, d time.Duration) (end func() bool) {
	rc := http.NewResponseController(w)
	set := func(t time.Time) {
		_ = rc.SetReadDeadline(t) // a writer without deadlines needs none
		_ = rc.SetWriteDeadline(t)
	}
	set(time.Time{})
	return time.AfterFunc(d, func() { set(time.Unix(1, 0)) }).Stop
}
