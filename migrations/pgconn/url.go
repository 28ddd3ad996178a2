package pgconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
)

// Parse reads a database URL:
//
//	postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?...]
//	postgres://USER@/DATABASE?host=/var/run/postgresql
//	unix://USER@DATABASE/path/.s.PGSQL.5432
//
// with the parameters host, port, sslmode (verify-full, verify-ca, disable),
// sslrootcert, sslcert, sslkey, application_name and role. Without sslmode a
// TCP connection is verify-full. disable is for a socket or for this machine.
// A URL that cannot be used is an ErrURL that never repeats the password.
func Parse(raw string) (Options, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the URL, and with it the password.
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return Options{}, badURL("the database URL cannot be read: %v", err)
	}
	q := u.Query()
	take := func(name string) string {
		v := q.Get(name)
		q.Del(name)
		return v
	}
	o := Options{User: u.User.Username(), AppName: take("application_name"), Role: take("role")}
	o.Password, _ = u.User.Password()
	switch u.Scheme {
	case "postgres", "postgresql":
		o.Database = strings.TrimPrefix(u.Path, "/")
		o.setAddress(u.Hostname(), u.Port(), take("host"), take("port"))
	case "unix":
		o.Network, o.Database, o.Address = "unix", u.Host, u.Path
	default:
		return Options{}, badURL("a database URL begins with postgres:// or unix://, not with %q", u.Scheme+":")
	}
	if err := o.check(); err != nil {
		return Options{}, err
	}
	if err := o.setTLS(take("sslmode"), take("sslrootcert"), take("sslcert"), take("sslkey")); err != nil {
		return Options{}, err
	}
	for name := range q {
		return Options{}, badURL("the database URL has an unknown parameter %q", name)
	}
	return o, nil
}

func badURL(format string, args ...any) error {
	return &Error{Kind: ErrURL, Message: fmt.Sprintf(format, args...)}
}

func (o *Options) setAddress(host, port, hostParam, portParam string) {
	if hostParam != "" {
		host = hostParam
	}
	if portParam != "" {
		port = portParam
	}
	if port == "" {
		port = "5432"
	}
	if strings.HasPrefix(host, "/") { // as libpq: the directory of the socket
		o.Network, o.Address = "unix", path.Join(host, ".s.PGSQL."+port)
		return
	}
	if host == "" {
		host = "localhost"
	}
	o.Network, o.Address = "tcp", net.JoinHostPort(host, port)
}

func (o *Options) check() error {
	switch {
	case o.User == "":
		return badURL("the database URL names no user: postgres://USER@HOST/DATABASE")
	case o.Database == "":
		return badURL("the database URL names no database: postgres://USER@HOST/DATABASE")
	case strings.Contains(o.Database, "/") && o.Network == "tcp":
		return badURL("the database URL names the database %q, which holds a slash", o.Database)
	case o.Network == "unix" && (o.Address == "" || o.Address == "/"):
		return badURL("the database URL names no socket: unix://USER@DATABASE/path/.s.PGSQL.5432")
	}
	return nil
}

// setTLS follows libpq's sslmode as far as it verifies. What does not (allow,
// prefer, require) is refused: it looks safe and is not.
func (o *Options) setTLS(mode, rootCert, cert, key string) error {
	if o.Network == "unix" {
		if mode != "" && mode != "disable" || rootCert != "" {
			return badURL("a unix socket has no TLS: say sslmode=disable or nothing")
		}
		return nil
	}
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil {
		return badURL("the database URL's address %q cannot be read", o.Address)
	}
	conf := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	switch mode {
	case "", "verify-full":
	case "verify-ca":
		verifyChainOnly(conf)
	case "disable":
		if !isLoopback(host) {
			return badURL("sslmode=disable is for a database on this machine; %s is another: use sslmode=verify-full with sslrootcert=FILE", host)
		}
		return nil
	case "allow", "prefer", "require":
		return badURL("sslmode=%s does not verify who answers: use sslmode=verify-full with sslrootcert=FILE, or sslmode=disable on this machine", mode)
	default:
		return badURL("sslmode=%s is unknown: verify-full, verify-ca or disable", mode)
	}
	if rootCert != "" {
		pem, err := os.ReadFile(rootCert)
		if err != nil {
			return badURL("the certificate of sslrootcert cannot be read: %v", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return badURL("%s (sslrootcert) holds no certificate in PEM form", rootCert)
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return badURL("sslcert and sslkey cannot be used: %v", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	o.TLS = conf
	return nil
}

// verifyChainOnly verifies the certificate but not that it names the host.
func verifyChainOnly(conf *tls.Config) {
	conf.InsecureSkipVerify = true // VerifyConnection takes its place
	conf.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("pgconn: the server shows no certificate")
		}
		between := x509.NewCertPool()
		for _, c := range state.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: conf.RootCAs, Intermediates: between})
		if err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
		}
		return nil
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
