package web

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"

	"mingzhang/ledger"
)

// certificate is a certificate and its key in two files. It is read again when they change, so that renewing it
// needs no restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	changed [2]time.Time
}

// NewTLS serves with the certificate and key of two files (PEM): TLS 1.2 and later. invalid listen.certificate
// when they cannot be read or do not belong together.
func NewTLS(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.read(); err != nil {
		return nil, ledger.E(ledger.Invalid, "listen.certificate", certFile, keyFile).Because(err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// get gives the certificate of the files. While new ones cannot be read the old one serves on.
func (c *certificate) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changed, err := c.times(); err == nil && changed != c.changed {
		if err := c.read(); err != nil {
			c.changed = changed // told once
			c.log.ErrorContext(hello.Context(), "web: the new certificate cannot be read, the old one serves on", slog.Any("error", err))
		}
	}
	return c.current, nil
}

func (c *certificate) times() (t [2]time.Time, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return t, err
		}
		t[i] = info.ModTime()
	}
	return t, nil
}

func (c *certificate) read() error {
	changed, err := c.times()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current, c.changed = &pair, changed
	return nil
}
