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
	stopTimeout   = 10 * time.Second // requests under way when the program is told to stop
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

// Serve answers until the context ends, then lets requests under way finish: /readyz says 503, nobody new is
// let in, and a write that waits for its commit is answered. config is nil without TLS.
func (s *Server) Serve(ctx context.Context, l net.Listener, config *tls.Config) error {
	defer s.checks.end()
	defer s.imports.end()
	return serve(ctx, s.log, l, config, s.Handler(), func() { s.stopping.Store(true) })
}

// ServeMetrics answers the figures on an address of their own.
func (s *Server) ServeMetrics(ctx context.Context, l net.Listener) error {
	return serve(ctx, s.log, l, nil, s.Metrics(), func() {})
}

func serve(ctx context.Context, log *slog.Logger, l net.Listener, config *tls.Config, handler http.Handler, stopping func()) error {
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
	stopping()
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
