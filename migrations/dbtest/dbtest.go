package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/migrations"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// keepWord, as first argument, makes a test binary the keeper of the cluster.
const keepWord = "mingzhang-dbtest-keep"

func init() {
	if len(os.Args) > 1 && os.Args[1] == keepWord {
		os.Exit(localpg.Keep(os.Args[2:]))
	}
}

// testConns is the size of each pool of a test: small, because many tests of
// many packages share the cluster.
const testConns = 8

// DB is one test's database. Its methods may be called concurrently; its pools
// are closed at the end of the test.
type DB struct {
	tb   testing.TB
	user *localpg.User
	name string

	mu    sync.Mutex
	pools map[string]*bun.DB
}

// New gives the test an empty, migrated database of its own. It is dropped
// after the test.
func New(tb testing.TB) *DB {
	tb.Helper()
	c, err := shared()
	if err != nil {
		tb.Fatalf("dbtest: %v", err)
	}
	name, err := c.clone(tb.Context())
	if err != nil {
		tb.Fatalf("dbtest: making the test's database: %v", err)
	}
	db := newDB(tb, c.user, name)
	// Cleanups run last in, first out: this one comes after the pools' closing
	// only because it is the older.
	tb.Cleanup(func() { c.discard(name) })
	tb.Cleanup(db.closePools)
	return db
}

// NewDurable gives the test a private cluster of its own, on disk, as the
// program runs it: for measuring, and for tests that kill the server. It is
// migrated and empty.
func NewDurable(tb testing.TB) *DB {
	tb.Helper()
	dir, err := os.MkdirTemp("", "mingzhang-durable-") //nolint:usetesting // tb.TempDir lies in a directory that postgres's user may not pass
	if err != nil {
		tb.Fatalf("dbtest: %v", err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("dbtest: removing the durable cluster: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil { // so that postgres may pass, when we are root
		tb.Fatalf("dbtest: %v", err)
	}
	user, err := start(tb.Context(), localpg.Options{DataDir: filepath.Join(dir, "data")})
	if err != nil {
		tb.Fatalf("dbtest: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), time.Minute)
		defer cancel()
		if err := user.Close(); err != nil {
			tb.Errorf("dbtest: leaving the durable cluster: %v", err)
		}
		if err := localpg.WaitStopped(ctx, filepath.Join(dir, "data")); err != nil {
			tb.Errorf("dbtest: stopping the durable cluster: %v", err)
		}
	})
	db := newDB(tb, user, localpg.Database)
	tb.Cleanup(db.closePools)
	if err := migrations.Apply(tb.Context(), db.Owner()); err != nil {
		tb.Fatalf("dbtest: migrating: %v", err)
	}
	return db
}

func newDB(tb testing.TB, user *localpg.User, name string) *DB {
	tb.Helper()
	return &DB{tb: tb, user: user, name: name, pools: map[string]*bun.DB{}}
}

// Owner is a pool with the role that may do everything in the database.
func (db *DB) Owner() *bun.DB { return db.pool(localpg.OwnerRole) }

// Writer is a pool with the role that the program writes with.
func (db *DB) Writer() *bun.DB { return db.pool(localpg.WriterRole) }

// Reader is a pool with the role that the program reads with.
func (db *DB) Reader() *bun.DB { return db.pool(localpg.ReaderRole) }

// Name is the database's name.
func (db *DB) Name() string { return db.name }

// URL is the database's address for a role (localpg.OwnerRole and so on), as
// --database-url takes it.
func (db *DB) URL(role string) string { return db.user.DSN(role, db.name) }

func (db *DB) pool(role string) *bun.DB {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.pools[role] == nil {
		db.pools[role] = open(db.user, role, db.name)
	}
	return db.pools[role]
}

func (db *DB) closePools() {
	db.mu.Lock()
	defer db.mu.Unlock()
	for role, pool := range db.pools {
		if err := pool.Close(); err != nil {
			db.tb.Errorf("dbtest: closing the pool of %s: %v", role, err)
		}
	}
}

func open(user *localpg.User, role, database string) *bun.DB {
	return pgconn.Open(pgconn.Options{
		Network: "unix", Address: user.Socket(), User: role, Database: database,
		AppName: "dbtest", Conns: testConns, Reach: user.Reach,
	})
}

// start is localpg.Start with this test binary as keeper, and with what to do
// in the error.
func start(ctx context.Context, o localpg.Options) (*localpg.User, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	o.Keeper = []string{exe, keepWord}
	user, err := localpg.Start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%w\n(make test installs what the tests need)", err)
	}
	return user, nil
}
