package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/migrations/dbtest"
)

// A prepared query answers on a pool, on a connection and in a transaction, whichever connection it gets.
func TestPrepared(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	p := ledger.NewPrepared("test", "SELECT n FROM generate_series(1, 9) AS n WHERE n = $1 AND 'x''y' = $2")
	ask := func(what string, db bun.IDB, want int) {
		t.Helper()
		var got int
		if err := p.Scan(t.Context(), db, &got, want, "x'y"); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", what, got, err, want)
		}
	}
	ask("the pool", db.Writer(), 1)
	ask("the pool again", db.Writer(), 2)
	ask("another pool", db.Owner(), 3)
	conn, err := db.Writer().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask("a connection", conn, 4)
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	err = db.Writer().RunInTx(t.Context(), nil, func(_ context.Context, tx bun.Tx) error {
		ask("a transaction", tx, 5)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	var got int
	if err := p.Scan(t.Context(), db.Writer(), &got, 10, "x'y"); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("got %v, want no rows", err)
	}
}

// After the backends of all idle connections ended, the next question is asked on a new one.
func TestPrepared_ConnectionsLost(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	p := ledger.NewPrepared("test", "SELECT $1::bigint")
	var got int64
	for i := range int64(3) {
		if err := p.Scan(t.Context(), db.Writer(), &got, i); err != nil || got != i {
			t.Errorf("got %d, %v, want %d", got, err, i)
		}
		_, err := db.Owner().ExecContext(t.Context(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'mingzhang_writer'")
		if err != nil {
			t.Fatal(err)
		}
	}
}
