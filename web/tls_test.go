package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/web"
)

// certify writes a certificate for this machine with a number of its own.
func certify(tb testing.TB, dir string, serial int64) (certFile, keyFile string) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "127.0.0.1"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	at := time.Now().Add(time.Duration(serial) * time.Minute) // files that were changed say so
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			tb.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			tb.Fatal(err)
		}
	}
	return certFile, keyFile
}

// TLS begins at 1.2, a renewed certificate is taken up without a restart, and a broken one does not stop anything.
func TestServer_TLS(t *testing.T) {
	t.Parallel()
	b := empty(t)
	dir := t.TempDir()
	certFile, keyFile := certify(t, dir, 1)
	config, err := web.NewTLS(certFile, keyFile, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	l, err := web.Listen(ctx, "127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	o := b.options()
	o.Network, o.Log = web.Network{Open: true}, quiet
	ended := make(chan error, 1)
	go func() { ended <- b.server(o).Serve(ctx, l, config) }()
	shake := func(most uint16) (serial int64, proto string, err error) {
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MaxVersion: most, NextProtos: []string{"h2"}}}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			return 0, "", err
		}
		defer conn.Close()
		state := conn.(*tls.Conn).ConnectionState()
		return state.PeerCertificates[0].SerialNumber.Int64(), state.NegotiatedProtocol, nil
	}
	if serial, proto, err := shake(0); err != nil || serial != 1 || proto != "h2" {
		t.Errorf("%d %s %v", serial, proto, err)
	}
	if _, _, err := shake(tls.VersionTLS12); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
	if _, _, err := shake(tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	certify(t, dir, 2)
	if serial, _, err := shake(0); err != nil || serial != 2 {
		t.Errorf("after renewing: %d %v", serial, err)
	}
	if err := os.WriteFile(certFile, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if serial, _, err := shake(0); err != nil || serial != 2 {
		t.Errorf("with a broken file: %d %v", serial, err)
	}
	if hsts := overTLS(t, l.Addr().String()); hsts != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security %q", hsts)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	for _, files := range [][2]string{{"nothing.pem", keyFile}, {certFile, keyFile}} {
		if _, err := web.NewTLS(files[0], files[1], quiet); !errors.Is(err, ledger.E(ledger.Invalid, "listen.certificate")) {
			t.Errorf("%v: %v", files, err)
		}
	}
}

// overTLS asks for health and gives what browsers are told to stay with.
func overTLS(t *testing.T, address string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	return resp.Header.Get("Strict-Transport-Security")
}
