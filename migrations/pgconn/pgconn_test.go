package pgconn_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mingzhang/migrations/dbtest"
	"mingzhang/migrations/pgconn"
)

// options are those of a test's own database, as the role that reads.
func options(t *testing.T) pgconn.Options {
	t.Helper()
	o, err := pgconn.Parse(dbtest.New(t).URL("mingzhang_reader"))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCheckServer(t *testing.T) {
	t.Parallel()
	db := pgconn.Open(options(t))
	defer db.Close()
	if err := pgconn.CheckServer(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestSessionLimits(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Params = map[string]string{"statement_timeout": "3s", "lock_timeout": "2s"}
	db := pgconn.Open(o)
	defer db.Close()
	for name, want := range map[string]string{
		"TimeZone":                            "UTC",
		"statement_timeout":                   "3s",
		"lock_timeout":                        "2s",
		"idle_in_transaction_session_timeout": "10s",
		"client_connection_check_interval":    "1s",
	} {
		var got string
		if err := db.NewRaw("SELECT current_setting(?)", name).Scan(t.Context(), &got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	var timeout string
	usual := pgconn.Open(options(t))
	defer usual.Close()
	if err := usual.NewRaw("SHOW statement_timeout").Scan(t.Context(), &timeout); err != nil || timeout != "1min" {
		t.Errorf("statement_timeout: got %s, %v; want 1min", timeout, err)
	}
}

func TestReadTimeout(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.ReadTimeout = 50 * time.Millisecond
	db := pgconn.Open(o)
	defer db.Close()
	_, err := db.ExecContext(t.Context(), "SELECT pg_sleep(30)")
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	test := dbtest.New(t)
	o, err := pgconn.Parse(test.URL("mingzhang_owner") + "&role=mingzhang_reader")
	if err != nil {
		t.Fatal(err)
	}
	db := pgconn.Open(o)
	defer db.Close()
	var user string
	if err := db.NewRaw("SELECT current_user").Scan(t.Context(), &user); err != nil || user != "mingzhang_reader" {
		t.Errorf("got %s, %v; want mingzhang_reader", user, err)
	}
}

func TestConnectErrors(t *testing.T) {
	t.Parallel()
	good := options(t)
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*pgconn.Options)
		want   error
		words  string
	}{
		"no socket":        {func(o *pgconn.Options) { o.Address = filepath.Join(filepath.Dir(o.Address), "no") }, pgconn.ErrUnreachable, "/no"},
		"nobody listens":   {func(o *pgconn.Options) { o.Network, o.Address = "tcp", port }, pgconn.ErrUnreachable, port},
		"no such role":     {func(o *pgconn.Options) { o.User = "nobody_known" }, pgconn.ErrRefused, "nobody_known"},
		"no such database": {func(o *pgconn.Options) { o.Database = "no_such_database" }, pgconn.ErrRefused, "no_such_database"},
		"role not granted": {func(o *pgconn.Options) { o.Role = "mingzhang_owner" }, pgconn.ErrRefused, "mingzhang_owner"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := good
			o.Password = "s3cret"
			c.change(&o)
			db := pgconn.Open(o)
			defer db.Close()
			err := pgconn.CheckServer(t.Context(), db)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want %v with %s and without the password", err, c.want, c.words)
			}
			t.Log(err)
		})
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	o := options(t)
	right := o.Address
	asked := 0
	o.Address = filepath.Join(t.TempDir(), "gone")
	o.Reach = func(context.Context) (string, error) {
		if asked++; asked < 3 {
			return o.Address, nil // it seems to be there, but is not
		}
		return right, nil
	}
	db := pgconn.Open(o)
	defer db.Close()
	if err := pgconn.CheckServer(t.Context(), db); err != nil {
		t.Error(err)
	}
	broken := errors.New("no PostgreSQL is installed")
	o.Reach = func(context.Context) (string, error) { return "", broken }
	down := pgconn.Open(o)
	defer down.Close()
	if err := pgconn.CheckServer(t.Context(), down); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
