package pgconn

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Options{
		"postgres://u:p%40ss@db.example.org/book":                        {Network: "tcp", Address: "db.example.org:5432", User: "u", Password: "p@ss", Database: "book"},
		"postgresql://u@10.0.0.7:6000/book?sslmode=verify-full":          {Network: "tcp", Address: "10.0.0.7:6000", User: "u", Database: "book"},
		"postgres://u@localhost/book?sslmode=disable":                    {Network: "tcp", Address: "localhost:5432", User: "u", Database: "book"},
		"postgres://u@127.0.0.1:6000/book?sslmode=disable":               {Network: "tcp", Address: "127.0.0.1:6000", User: "u", Database: "book"},
		"postgres://u@[::1]:6000/book?sslmode=disable":                   {Network: "tcp", Address: "[::1]:6000", User: "u", Database: "book"},
		"postgres://u@/book?host=/var/run/postgresql":                    {Network: "unix", Address: "/var/run/postgresql/.s.PGSQL.5432", User: "u", Database: "book"},
		"postgres://u@/book?host=/run&port=6000&sslmode=disable&role=r":  {Network: "unix", Address: "/run/.s.PGSQL.6000", User: "u", Database: "book", Role: "r"},
		"unix://u@book/with%20blank/.s.PGSQL.5432?application_name=mine": {Network: "unix", Address: "/with blank/.s.PGSQL.5432", User: "u", Database: "book", AppName: "mine"},
	} {
		got, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		plain := strings.Contains(raw, "disable") || got.Network == "unix"
		if plain != (got.TLS == nil) || got.TLS != nil && (got.TLS.InsecureSkipVerify || got.TLS.ServerName == "") {
			t.Errorf("%s: got TLS %+v", raw, got.TLS)
		}
		got.TLS = nil
		if got.Network != want.Network || got.Address != want.Address || got.User != want.User || got.Password != want.Password ||
			got.Database != want.Database || got.Role != want.Role || got.AppName != want.AppName {
			t.Errorf("%s: got %+v, want %+v", raw, got, want)
		}
	}
}

func TestParseURL_Refused(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                "begins with postgres://",
		"mysql://u:s3cret@h/d":            "begins with postgres://",
		"u:s3cret@h/d":                    "",
		"postgres://u:s3cret@h:port/d":    "cannot be read",
		"postgres://u:s3cret%zz@h/d":      "cannot be read",
		"postgres://:s3cret@h/d":          "names no user",
		"postgres://u:s3cret@h":           "names no database",
		"postgres://u:s3cret@h/a/b":       "slash",
		"unix://u:s3cret@d":               "names no socket",
		"postgres://u:s3cret@h/d?x=1":     `unknown parameter "x"`,
		"postgres://u:s3cret@h/d?sslmode": "",

		"postgres://u:s3cret@h/d?sslmode=disable":                         "on this machine; h is another",
		"postgres://u:s3cret@localhost.example.org/d?sslmode=disable":     "is another",
		"postgres://u:s3cret@h/d?sslmode=require":                         "does not verify",
		"postgres://u:s3cret@h/d?sslmode=prefer":                          "does not verify",
		"postgres://u:s3cret@h/d?sslmode=full":                            "unknown",
		"postgres://u:s3cret@h/d?sslrootcert=/no/such/file":               "cannot be read",
		"postgres://u:s3cret@h/d?sslrootcert=url_test.go":                 "no certificate",
		"postgres://u:s3cret@h/d?sslcert=/no/such/file&sslkey=/no/file":   "cannot be used",
		"postgres://u:s3cret@/d?host=/run/postgresql&sslmode=verify-full": "no TLS",
	} {
		_, err := Parse(raw)
		if raw == "postgres://u:s3cret@h/d?sslmode" { // an empty mode is none
			if err != nil {
				t.Errorf("%s: %v", raw, err)
			}
			continue
		}
		if !errors.Is(err, ErrURL) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an ErrURL with %q", raw, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the message repeats the password: %v", raw, err)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	own, ownRoot := certificate(t, "localhost")
	foreign, foreignRoot := certificate(t, "db.example.org")
	for name, c := range map[string]struct {
		server fake
		query  string
		want   error
	}{
		"its name, its root":       {server: fake{tls: own}, query: "?sslrootcert=" + ownRoot},
		"verify-ca, another name":  {server: fake{tls: foreign}, query: "?sslmode=verify-ca&sslrootcert=" + foreignRoot},
		"no root":                  {server: fake{tls: own}, query: "", want: ErrTLS},
		"another root":             {server: fake{tls: own}, query: "?sslrootcert=" + foreignRoot, want: ErrTLS},
		"another name":             {server: fake{tls: foreign}, query: "?sslrootcert=" + foreignRoot, want: ErrTLS},
		"verify-ca, another root":  {server: fake{tls: own}, query: "?sslmode=verify-ca&sslrootcert=" + foreignRoot, want: ErrTLS},
		"verify-ca, no root":       {server: fake{tls: own}, query: "?sslmode=verify-ca", want: ErrTLS},
		"no TLS, and none allowed": {server: fake{}, query: "?sslmode=disable"},
		"no TLS, but wanted":       {server: fake{}, query: "?sslrootcert=" + ownRoot, want: ErrTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.server.version = "160003"
			o, err := Parse("postgres://u:s3cret@localhost:" + c.server.listen(t) + "/d" + filepath.ToSlash(c.query))
			if err != nil {
				t.Fatal(err)
			}
			db := Open(o)
			defer db.Close()
			err = CheckServer(t.Context(), db)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the message repeats the password: %v", err)
			}
		})
	}
}

func TestCheckServer_TooOld(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]error{"130014": ErrTooOld, "90624": ErrTooOld, "140000": nil, "190000": nil} {
		o, err := Parse("postgres://u@localhost:" + fake{version: version}.listen(t) + "/d?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		db := Open(o)
		if err := CheckServer(t.Context(), db); !errors.Is(err, want) {
			t.Errorf("version %s: got %v, want %v", version, err, want)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
