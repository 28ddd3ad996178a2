package dbtest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/migrations/dbtest"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

func TestNew_Apart(t *testing.T) {
	t.Parallel()
	a, b := dbtest.New(t), dbtest.New(t)
	if a.Name() == b.Name() {
		t.Fatalf("both databases are called %s", a.Name())
	}
	exec(t, a.Owner(), "CREATE TABLE only_here (x int)")
	var there bool
	scan(t, b.Owner(), &there, "SELECT to_regclass('only_here') IS NOT NULL")
	if there {
		t.Error("got the table of another test's database")
	}
	var migrated bool
	scan(t, b.Owner(), &migrated, "SELECT to_regclass('entries') IS NOT NULL")
	if !migrated {
		t.Error("got no table entries: the database is not migrated")
	}
}

func TestNew_Roles(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for role, pool := range map[string]*bun.DB{
		localpg.OwnerRole: db.Owner(), localpg.WriterRole: db.Writer(), localpg.ReaderRole: db.Reader(),
	} {
		var user, name string
		if err := pool.NewRaw("SELECT current_user, current_database()").Scan(t.Context(), &user, &name); err != nil {
			t.Fatalf("%s: %v", role, err)
		}
		if user != role || name != db.Name() {
			t.Errorf("got user %s in %s, want %s in %s", user, name, role, db.Name())
		}
		o, err := pgconn.Parse(db.URL(role))
		if err != nil {
			t.Fatal(err)
		}
		byURL := pgconn.Open(o)
		scan(t, byURL, &user, "SELECT current_user")
		if err := byURL.Close(); err != nil || user != role {
			t.Errorf("by URL: got user %s, want %s (%v)", user, role, err)
		}
	}
	_, err := db.Writer().ExecContext(t.Context(), "CREATE TABLE mine (x int)")
	if pg, ok := errors.AsType[pgdriver.Error](err); !ok || pg.Field('C') != "42501" {
		t.Errorf("the writer makes a table: got %v, want permission denied", err)
	}
}

func TestNew_Many(t *testing.T) {
	t.Parallel()
	for range 8 {
		t.Run("clone", func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			exec(t, db.Owner(), "CREATE TABLE x (x int)")
		})
	}
}

func TestNewDurable(t *testing.T) {
	t.Parallel()
	db := dbtest.NewDurable(t)
	var fsync string
	scan(t, db.Writer(), &fsync, "SHOW fsync")
	if fsync != "on" {
		t.Errorf("got fsync %s, want on", fsync)
	}
	exec(t, db.Owner(), "CREATE TABLE kept (x int)")
	// SIGQUIT to the postmaster: everybody is thrown out without a checkpoint.
	_, err := db.Owner().ExecContext(t.Context(), "COPY (SELECT 1) TO PROGRAM 'kill -QUIT $(head -1 postmaster.pid)'")
	t.Logf("the killing statement: %v", err)
	var there bool
	for !there {
		err := db.Owner().NewRaw("SELECT to_regclass('kept') IS NOT NULL").Scan(t.Context(), &there)
		if err != nil && !strings.Contains(err.Error(), "57P") && !isLost(err) {
			t.Fatalf("after the loss of the server: %v", err)
		}
		if err == nil && !there {
			t.Fatal("the table is gone with the server")
		}
	}
}

func isLost(err error) bool {
	s := err.Error()
	for _, part := range []string{"EOF", "reset", "broken pipe", "bad connection"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

func exec(tb testing.TB, db *bun.DB, query string) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), query); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
}

func scan(tb testing.TB, db *bun.DB, into any, query string) {
	tb.Helper()
	if err := db.NewRaw(query).Scan(tb.Context(), into); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
}
