package migrations_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"mingzhang/migrations/dbtest"
)

var update = flag.Bool("update", false, "write testdata/schema.golden.txt anew")

// describe is the schema in words that do not depend on the server's version: tables, columns, domains,
// constraints, indexes, triggers, functions and grants.
func describe(t *testing.T, db bun.IDB) string {
	t.Helper()
	var lines []string
	scan(t, db, &lines, `
WITH tables AS (
	SELECT c.oid, c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
	AND c.relname NOT LIKE 'bun\_%'
), parts (line) AS (
	SELECT format('domain %s as %s', t.typname, format_type(t.typbasetype, t.typtypmod)) FROM pg_type AS t
	WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'd'
	UNION ALL SELECT format('domain %s constraint %s %s', t.typname, k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint AS k
	JOIN pg_type AS t ON t.oid = k.contypid WHERE t.typnamespace = 'public'::regnamespace
	UNION ALL SELECT format('table %s column %s %s %s%s%s', relname, lpad(a.attnum::text, 2, '0'), a.attname, format_type(a.atttypid, a.atttypmod),
		CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, ' default ' || pg_get_expr(d.adbin, d.adrelid))
	FROM tables JOIN pg_attribute AS a ON a.attrelid = tables.oid AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	UNION ALL SELECT format('table %s constraint %s %s', relname, k.conname, pg_get_constraintdef(k.oid)) FROM tables
	JOIN pg_constraint AS k ON k.conrelid = tables.oid WHERE k.contype <> 'n'
	UNION ALL SELECT format('table %s index %s', relname, pg_get_indexdef(i.indexrelid)) FROM tables JOIN pg_index AS i ON i.indrelid = tables.oid
	UNION ALL SELECT format('table %s trigger %s', relname, pg_get_triggerdef(g.oid)) FROM tables JOIN pg_trigger AS g ON g.tgrelid = tables.oid
	WHERE NOT g.tgisinternal
	UNION ALL SELECT format('table %s grant %s %s', relname, r.rolname, p) FROM tables
	CROSS JOIN (VALUES ('mingzhang_writer'), ('mingzhang_reader')) AS r (rolname)
	CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) AS v (p)
	WHERE has_table_privilege(r.rolname, tables.oid, p)
	UNION ALL SELECT format('table %s grant %s UPDATE (%s)', relname, r.rolname, a.attname) FROM tables
	CROSS JOIN (VALUES ('mingzhang_writer'), ('mingzhang_reader')) AS r (rolname)
	JOIN pg_attribute AS a ON a.attrelid = tables.oid AND a.attnum > 0 AND NOT a.attisdropped
	WHERE has_column_privilege(r.rolname, tables.oid, a.attnum, 'UPDATE') AND NOT has_table_privilege(r.rolname, tables.oid, 'UPDATE')
	UNION ALL SELECT format('function %s(%s) %s', f.proname, pg_get_function_identity_arguments(f.oid), md5(f.prosrc)) FROM pg_proc AS f
	WHERE f.pronamespace = 'public'::regnamespace
	UNION ALL SELECT format('sequence %s', c.relname) FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
	AND c.relname NOT LIKE 'bun\_%'
	UNION ALL SELECT format('view %s', c.relname) FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
)
SELECT replace(line, 'public.', '') FROM parts ORDER BY replace(line, 'public.', '') COLLATE "C"`)
	return strings.Join(lines, "\n") + "\n"
}

// difference lists the lines that only one of two descriptions has.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	for _, line := range a {
		if !slices.Contains(b, line) {
			fmt.Fprintf(&out, "- %s\n", line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			fmt.Fprintf(&out, "+ %s\n", line)
		}
	}
	return out.String()
}

// The schema that all migrations together make, written down: a change of a migration shows here, in words.
// go test ./migrations -run Golden -update writes it anew.
func TestSchema_Golden(t *testing.T) {
	t.Parallel()
	got := describe(t, dbtest.New(t).Owner())
	path := filepath.Join("testdata", "schema.golden.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the schema is not the one written down (-update writes it):\n%s", difference(string(want), got))
	}
}

// The classes of tables. A book table's rows belong to one book: its number comes first in every key, and no
// foreign key leaves or reaches it, so that books can be spread over machines. Accounts and rights are rows of the
// installation's own log. Work tables hold what may be lost without changing a report.
var (
	bookTables = []string{
		"entries", "tiles", "checkpoints", "sealed", "idempotency", "book_locks",
		"book_profiles", "persons", "imports", "lots", "lot_months", "parcels", "verifications", "reviews", "issued_reports", "accounts", "rights", "erasures",
	}
	installationTables = []string{"books", "bun_migrations", "bun_migration_locks"}
	workTables         = []string{
		"work_credentials", "work_recovery", "work_sessions", "work_tokens", "work_attempts", "work_events", "work_rebuilds",
		"work_uploads", "work_upload_parts", "work_devices", "work_cosignatures", "work_witnesses", "work_backups",
	}
)

// derivedTables are those whose rows are versions: seq_to is the one column that may change.
var derivedTables = []string{
	"book_profiles", "persons", "imports", "lots", "lot_months", "parcels", "verifications", "reviews", "issued_reports", "accounts", "rights", "erasures",
}

func TestSchema_Classes(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t).Owner()
	var names []string
	scan(t, db, &names, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname")
	for _, name := range names {
		var in []string
		for class, tables := range map[string][]string{"book": bookTables, "installation": installationTables, "work": workTables} {
			if slices.Contains(tables, name) {
				in = append(in, class)
			}
		}
		if len(in) != 1 || strings.HasPrefix(name, "work_") != (in[0] == "work") {
			t.Errorf("table %s: say in which one of the three lists it belongs; it is in %v", name, in)
		}
	}
	for _, name := range slices.Concat(bookTables, installationTables, workTables) {
		if !slices.Contains(names, name) {
			t.Errorf("table %s is in a list and not in the schema", name)
		}
	}
	var foreign []string
	scan(t, db, &foreign, "SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace")
	if len(foreign) > 0 {
		t.Errorf("foreign keys %v, want none", foreign)
	}
	var keys []struct{ Relname, Indexname, First string }
	scan(t, db, &keys, `SELECT c.relname, i.indexrelid::regclass::text AS indexname, coalesce(a.attname, '') AS first
		FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
		WHERE c.relnamespace = 'public'::regnamespace
		AND i.indexrelid NOT IN (SELECT oid FROM pg_class WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'gin'))`) // grams of a search are no key
	keyed := map[string]bool{}
	for _, k := range keys {
		keyed[k.Relname] = true
		if slices.Contains(bookTables, k.Relname) && k.First != "book_id" {
			t.Errorf("index %s of %s begins with %q, want book_id", k.Indexname, k.Relname, k.First)
		}
	}
	for _, name := range bookTables {
		if !keyed[name] {
			t.Errorf("table %s has no key", name)
		}
	}
	var versioned []string
	scan(t, db, &versioned, "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'seq_to' ORDER BY table_name")
	if want := slices.Sorted(slices.Values(derivedTables)); !slices.Equal(versioned, want) {
		t.Errorf("tables with seq_to: %v, want %v", versioned, want)
	}
	// The database makes no value of a row.
	var made []string
	scan(t, db, &made, `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'
		AND table_name NOT LIKE 'bun\_%' AND (column_default IS NOT NULL OR is_identity = 'YES' OR is_generated <> 'NEVER')`)
	if len(made) > 0 {
		t.Errorf("columns with a default: %v, want none", made)
	}
}

func TestSchema_Domains(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t).Owner()
	for _, tt := range []struct {
		domain, value string
		good          bool
	}{
		{"money_yuan", "0", true},
		{"money_yuan", "-12.34", true},
		{"money_yuan", "999999999999999999.99", true},
		{"money_yuan", "12.345", false},
		{"money_yuan", "12.340", false}, // one amount, one form
		{"money_yuan", "1000000000000000000", false},
		{"money_yuan", "NaN", false},
		{"money_yuan", "Infinity", false},
		{"money_yuan", "-Infinity", false},
		{"area_mu", "0.00000000001", true},
		{"area_mu", "0.000000000001", false},
		{"area_mu", "100000000000000", false},
		{"area_mu", "NaN", false},
		{"area_mu", "Infinity", false},
	} {
		var back string
		err := db.NewRaw("SELECT (?::text)::"+tt.domain+"::text", tt.value).Scan(t.Context(), &back)
		if (err == nil) != tt.good || tt.good && back != tt.value {
			t.Errorf("%s %s: got %q, %v; want it taken: %v", tt.domain, tt.value, back, err, tt.good)
		}
	}
}
