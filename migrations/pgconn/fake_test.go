package pgconn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A fake speaks as much of PostgreSQL's protocol as a greeting and one question
// take. It stands for the servers that we cannot have in a test: too old ones,
// and ones with a certificate of somebody else.
type fake struct {
	version string      // what it answers to every query
	tls     *tls.Config // nil: it says that it has no TLS
}

// listen serves on a port of this machine until the test ends.
func (f fake) listen(t *testing.T) (port string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer conn.Close()
				_ = f.serve(conn) // what goes wrong here, the client under test says
			}()
		}
	}()
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (f fake) serve(conn net.Conn) error {
	body, err := readPacket(conn)
	if err != nil {
		return err
	}
	if len(body) == 4 && binary.BigEndian.Uint32(body) == 80877103 { // may we speak TLS?
		if f.tls == nil {
			_, err := conn.Write([]byte("N"))
			return err
		}
		if _, err := conn.Write([]byte("S")); err != nil {
			return err
		}
		conn = tls.Server(conn, f.tls)
		if _, err := readPacket(conn); err != nil { // the greeting
			return err
		}
	}
	ready := message('Z', []byte("I"))
	if _, err := conn.Write(slices.Concat(message('R', []byte{0, 0, 0, 0}), ready)); err != nil {
		return err
	}
	for {
		var kind [1]byte
		if _, err := io.ReadFull(conn, kind[:]); err != nil || kind[0] == 'X' {
			return err
		}
		query, err := readPacket(conn)
		if err != nil {
			return err
		}
		answer := slices.Concat(message('C', []byte("SET\x00")), ready)
		if string(query[:3]) != "SET" {
			column := append([]byte("\x00\x01v\x00"), make([]byte, 6)...)
			column = append(column, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0) // int4, as text
			row := append([]byte{0, 1, 0, 0, 0, byte(len(f.version))}, f.version...)
			answer = slices.Concat(message('T', column), message('D', row), message('C', []byte("SELECT 1\x00")), ready)
		}
		if _, err := conn.Write(answer); err != nil {
			return err
		}
	}
}

func readPacket(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(size[:])-4)
	_, err := io.ReadFull(r, body)
	return body, err
}

func message(kind byte, body []byte) []byte {
	m := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(m, body...)
}

// certificate makes a certificate for one host name that signs itself, and the
// file in which a client finds it.
func certificate(t *testing.T, host string) (server *tls.Config, rootFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	rootFile = filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(rootFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, rootFile
}
