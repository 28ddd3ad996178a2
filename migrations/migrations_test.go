package migrations_test

import (
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/migrations"
	"mingzhang/migrations/dbtest"
)

// ownerRole is the role that migrates.
const ownerRole = "mingzhang_owner"

// empty is a database without a schema.
func empty(t *testing.T) *dbtest.DB {
	t.Helper()
	db := dbtest.New(t)
	exec(t, db.Owner(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	return db
}

func exec(t *testing.T, db bun.IDB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func scan(t *testing.T, db bun.IDB, into any, query string) {
	t.Helper()
	if err := db.NewRaw(query).Scan(t.Context(), into); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func applied(t *testing.T, db bun.IDB) []string {
	t.Helper()
	var names []string
	scan(t, db, &names, "SELECT name FROM bun_migrations ORDER BY name")
	return names
}

func TestApply_Twice(t *testing.T) {
	t.Parallel()
	db := empty(t)
	if err := migrations.Current(t.Context(), db.Owner()); !errors.Is(err, migrations.ErrOutdated) {
		t.Errorf("an empty database: %v, want ErrOutdated", err)
	}
	if err := migrations.Apply(t.Context(), db.Owner()); err != nil {
		t.Fatal(err)
	}
	first := applied(t, db.Owner())
	before := describe(t, db.Owner())
	if err := migrations.Apply(t.Context(), db.Owner()); err != nil {
		t.Fatalf("the second time: %v", err)
	}
	if again := applied(t, db.Owner()); !slices.Equal(first, again) || len(first) < 4 {
		t.Errorf("applied %v, then %v; want the same, at least 4", first, again)
	}
	if after := describe(t, db.Owner()); after != before {
		t.Errorf("the second time changed the schema:\n%s", difference(before, after))
	}
	for role, pool := range map[string]*bun.DB{"owner": db.Owner(), "writer": db.Writer(), "reader": db.Reader()} {
		if err := migrations.Current(t.Context(), pool); err != nil {
			t.Errorf("Current asked by the %s: %v", role, err)
		}
	}
}

func TestApply_Together(t *testing.T) {
	t.Parallel()
	db := empty(t)
	address, err := url.Parse(db.URL(ownerRole)) // unix://role@database/path
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			pool := bun.NewDB(sql.OpenDB(pgdriver.NewConnector( // as another process
				pgdriver.WithNetwork("unix"), pgdriver.WithAddr(address.Path), pgdriver.WithInsecure(true),
				pgdriver.WithUser(ownerRole), pgdriver.WithDatabase(address.Host))), pgdialect.New())
			if err := errors.Join(migrations.Apply(t.Context(), pool), migrations.Current(t.Context(), pool), pool.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var twice int
	scan(t, db.Owner(), &twice, "SELECT count(*) - count(DISTINCT name) FROM bun_migrations")
	if twice != 0 {
		t.Errorf("%d migrations were applied twice", twice)
	}
	var locks int
	scan(t, db.Owner(), &locks, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	if locks != 0 {
		t.Errorf("%d advisory locks were left behind", locks)
	}
}

func TestApply_Broken(t *testing.T) {
	t.Parallel()
	db := empty(t)
	source := fstest.MapFS{
		"20300101000001_good.tx.up.sql":   {Data: []byte("CREATE TABLE good (x int);\n")},
		"20300101000002_broken.tx.up.sql": {Data: []byte("CREATE TABLE half (x int);\nINSERT INTO half VALUES (1);\nSELECT 1 / 0;\n")},
		"20300101000003_after.tx.up.sql":  {Data: []byte("CREATE TABLE later (x int);\n")},
	}
	there := func() (names []string) {
		scan(t, db.Owner(), &names, `SELECT relname::text FROM pg_class WHERE relname IN ('good', 'half', 'later') ORDER BY relname`)
		return names
	}
	for range 2 { // it fails again as long as it is broken
		err := migrations.ApplyFrom(t.Context(), db.Owner(), source)
		if err == nil || !strings.Contains(err.Error(), "division by zero") {
			t.Fatalf("a broken migration: %v, want its error", err)
		}
		if got := there(); !slices.Equal(got, []string{"good"}) {
			t.Errorf("tables %v, want good alone", got)
		}
		if got := applied(t, db.Owner()); !slices.Equal(got, []string{"20300101000001"}) {
			t.Errorf("applied %v, want the first alone", got)
		}
	}
	source["20300101000002_broken.tx.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE half (x int);\n")}
	if err := migrations.ApplyFrom(t.Context(), db.Owner(), source); err != nil {
		t.Fatalf("after it was mended: %v", err)
	}
	if got := there(); !slices.Equal(got, []string{"good", "half", "later"}) {
		t.Errorf("tables %v, want all", got)
	}
}

// A process that dies while it migrates leaves no lock: the next one goes on.
func TestApply_AfterDeath(t *testing.T) {
	t.Parallel()
	db := empty(t)
	source := fstest.MapFS{"20300101000001_suicide.tx.up.sql": {Data: []byte("CREATE TABLE half (x int);\n" +
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database();\n")}}
	if err := migrations.ApplyFrom(t.Context(), db.Owner(), source); err == nil {
		t.Fatal("a migration whose backend dies: no error")
	}
	if err := migrations.Apply(t.Context(), db.Owner()); err != nil {
		t.Fatal(err)
	}
	var half bool
	scan(t, db.Owner(), &half, "SELECT to_regclass('half') IS NOT NULL")
	if half {
		t.Error("half of the dead migration is there")
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, change string
		want         error
	}{
		{"as it is", "SELECT 1", nil},
		{"without the table", "DROP TABLE bun_migrations", migrations.ErrOutdated},
		{"the last one missing", "DELETE FROM bun_migrations WHERE name = (SELECT max(name) FROM bun_migrations)", migrations.ErrOutdated},
		{"the first one missing", "DELETE FROM bun_migrations WHERE name = (SELECT min(name) FROM bun_migrations)", migrations.ErrOutdated},
		{"one more", "INSERT INTO bun_migrations (name, group_id) VALUES ('20990101000001', 9)", migrations.ErrTooNew},
		{"one missing, one more", "UPDATE bun_migrations SET name = '20990101000001' WHERE name = (SELECT max(name) FROM bun_migrations)", migrations.ErrOutdated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			exec(t, db.Owner(), tt.change)
			if err := migrations.Current(t.Context(), db.Owner()); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	if h := migrations.Hash(); len(h) != 64 || h != migrations.Hash() {
		t.Errorf("got %q, want 64 digits that stay", h)
	}
}
