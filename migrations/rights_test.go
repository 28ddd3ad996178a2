package migrations_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/migrations"
	"mingzhang/migrations/dbtest"
)

// The books of these tests: one of an office, one for demonstration.
const office, demo = 7, 8

// filled is a database in which every book table has a row of either book. The values mean nothing: they
// are made from the columns' types.
func filled(t *testing.T) *dbtest.DB {
	t.Helper()
	db := dbtest.New(t)
	for id, kind := range map[int]string{office: "office", demo: "demo"} {
		exec(t, db.Owner(), fmt.Sprintf("INSERT INTO books (id, code, kind, origin, verifier_key) VALUES (%d, 'b%d', '%s', 'o%d', 'k')", id, id, kind, id))
		for _, table := range bookTables {
			exec(t, db.Owner(), insertInto(t, db.Owner(), table, id))
		}
	}
	return db
}

// insertInto is a statement that adds a row of a book to a table.
func insertInto(t *testing.T, db bun.IDB, table string, book int) string {
	t.Helper()
	var columns []struct{ ColumnName, DataType string }
	scan(t, db, &columns, "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '"+table+"' ORDER BY ordinal_position")
	var names, values []string
	for _, c := range columns {
		value := map[string]string{
			"bigint": "1", "smallint": "1", "numeric": "1", "boolean": "false", "text": "'x'", "ARRAY": "'{x}'", "date": "'2021-07-01'",
			"timestamp with time zone": "'2021-07-01 00:00:00Z'", "bytea": `decode(repeat('00', 32), 'hex')`,
		}[c.DataType]
		switch c.ColumnName {
		case "verdict":
			value = "'approved'"
		case "book_id":
			value = fmt.Sprint(book)
		case "seq_to":
			value = "NULL"
		case "hashes":
			value = `decode(repeat('00', 8192), 'hex')`
		}
		if value == "" {
			t.Fatalf("%s.%s: no value for a %s", table, c.ColumnName, c.DataType)
		}
		names, values = append(names, c.ColumnName), append(values, value)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(values, ", "))
}

// refused expects the SQLSTATE of a statement: in a transaction that is rolled back, so that what is not refused
// does no harm to the next.
func refused(t *testing.T, db *bun.DB, state, query string) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.ExecContext(t.Context(), query)
	if pg, ok := errors.AsType[pgdriver.Error](err); !ok || pg.Field('C') != state {
		t.Errorf("%s: got %v, want %s", query, err, state)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

// allowed expects a statement to change n rows.
func allowed(t *testing.T, db *bun.DB, n int64, query string) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := tx.ExecContext(t.Context(), query); err != nil {
		t.Errorf("%s: %v, want it done", query, err)
	} else if got, err := result.RowsAffected(); err != nil || got != n {
		t.Errorf("%s: %d rows, %v; want %d", query, got, err, n)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

const (
	insufficientPrivilege = "42501"
	integrityViolation    = "23000" // what the triggers say
)

func TestRights_Writer(t *testing.T) {
	t.Parallel()
	db := filled(t)
	for _, table := range append(slices.Clone(bookTables), "books") {
		var columns []string
		scan(t, db.Owner(), &columns, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '"+table+"'")
		for _, c := range columns {
			switch {
			case table == "book_locks":
				// FOR UPDATE wants it; there is nothing in it but its key.
			case c == "seq_to":
				allowed(t, db.Writer(), 1, fmt.Sprintf("UPDATE %s SET seq_to = 2 WHERE book_id = %d", table, office))
			default:
				refused(t, db.Writer(), insufficientPrivilege, fmt.Sprintf("UPDATE %s SET %s = %s", table, c, c))
			}
		}
		for _, query := range []string{
			"DELETE FROM %s", "TRUNCATE %s", "DROP TABLE %s", "ALTER TABLE %s DISABLE TRIGGER ALL", "ALTER TABLE %s ADD x int",
			"CREATE TRIGGER x BEFORE INSERT ON %s EXECUTE FUNCTION refuse_all()", "ALTER TABLE %[1]s OWNER TO " + migrations.WriterRole,
			"CREATE RULE x AS ON INSERT TO %s DO INSTEAD NOTHING", "CREATE INDEX ON %s ((1))", "LOCK %s IN ACCESS EXCLUSIVE MODE",
		} {
			if (table == "book_locks" || table == "sealed") && strings.HasPrefix(query, "LOCK") {
				continue // whoever may UPDATE or DELETE may lock
			}
			if table == "sealed" && strings.HasPrefix(query, "DELETE") {
				refused(t, db.Writer(), integrityViolation, fmt.Sprintf(query, table)) // but for what an erasure names: TestRights_Erasure
				continue
			}
			refused(t, db.Writer(), insufficientPrivilege, fmt.Sprintf(query, table))
		}
		if table != "books" {
			allowed(t, db.Writer(), 1, insertInto(t, db.Writer(), table, 9))
		}
	}
	var triggers []struct{ Tgname, Relname string }
	scan(t, db.Owner(), &triggers, "SELECT tgname, relname FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid WHERE NOT tgisinternal")
	if len(triggers) < len(bookTables) {
		t.Errorf("%d triggers, want one or more a table", len(triggers))
	}
	for _, trigger := range triggers {
		refused(t, db.Writer(), insufficientPrivilege, fmt.Sprintf("ALTER TABLE %s DISABLE TRIGGER %s", trigger.Relname, trigger.Tgname))
		refused(t, db.Writer(), insufficientPrivilege, fmt.Sprintf("DROP TRIGGER %s ON %s", trigger.Tgname, trigger.Relname))
	}
}

// The writer deletes the text that an erasure names, and none beside it, in no kind of book.
func TestRights_Erasure(t *testing.T) {
	t.Parallel()
	db := filled(t)
	for _, book := range []int{office, demo} {
		of := fmt.Sprintf("DELETE FROM sealed WHERE book_id = %d", book)
		refused(t, db.Writer(), integrityViolation, of)
		for _, named := range []string{"'{2}', '{x}'", "'{1}', '{y}'", "'{1,2}', '{y,x}'", "'{}', '{}'"} {
			exec(t, db.Owner(), fmt.Sprintf("INSERT INTO erasures (book_id, id, seq_from, what, entries, fields) "+
				"SELECT %d, max(id) + 1, max(id) + 1, 'text', %s FROM erasures", book, named))
			refused(t, db.Writer(), integrityViolation, of)
		}
		exec(t, db.Owner(), fmt.Sprintf("INSERT INTO erasures (book_id, id, seq_from, what, entries, fields) VALUES (%d, 99, 99, 'text', '{7,1}', '{x,x}')", book))
		allowed(t, db.Writer(), 1, of)
		refused(t, db.Writer(), insufficientPrivilege, fmt.Sprintf("UPDATE sealed SET value = '' WHERE book_id = %d", book))
	}
}

func TestRights_Cluster(t *testing.T) {
	t.Parallel()
	db := filled(t)
	for _, pool := range []*bun.DB{db.Writer(), db.Reader()} {
		for _, query := range []string{
			"SET session_replication_role = replica", "CREATE TABLE mine (x int)", "CREATE SCHEMA mine",
			"CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
			"SET ROLE " + ownerRole, "SET SESSION AUTHORIZATION " + ownerRole, "CREATE ROLE mine",
			"COPY entries TO PROGRAM 'cat'", "COPY entries TO '/dev/null'", "SELECT pg_read_file('postgresql.conf')",
			"ALTER DATABASE " + db.Name() + " SET session_replication_role = replica", "DELETE FROM bun_migrations",
			"INSERT INTO bun_migrations (name) VALUES ('x')", "ALTER ROLE " + migrations.WriterRole + " SUPERUSER",
		} {
			refused(t, pool, insufficientPrivilege, query)
		}
	}
	var strong int
	scan(t, db.Owner(), &strong, "SELECT count(*) FROM pg_roles WHERE rolname IN ('mingzhang_writer', 'mingzhang_reader') "+
		"AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)")
	if strong != 0 {
		t.Errorf("%d of the two roles may do more than they need", strong)
	}
}

func TestRights_Reader(t *testing.T) {
	t.Parallel()
	db := filled(t)
	for _, table := range append(slices.Clone(bookTables), "books") {
		var n int
		scan(t, db.Reader(), &n, "SELECT count(*) FROM "+table)
		if n != 2 {
			t.Errorf("the reader sees %d rows in %s, want 2", n, table)
		}
		queries := []string{"DELETE FROM " + table, "TRUNCATE " + table, "DROP TABLE " + table, "ALTER TABLE " + table + " DISABLE TRIGGER ALL"}
		if table != "books" {
			queries = append(queries, insertInto(t, db.Owner(), table, 9), "UPDATE "+table+" SET book_id = book_id", "SELECT 1 FROM "+table+" FOR UPDATE")
		}
		for _, query := range queries {
			refused(t, db.Reader(), insufficientPrivilege, query)
		}
	}
}

// The second belt: the owner, too, cannot change a book by mistake; only what is for practice may go.
func TestRights_Owner(t *testing.T) {
	t.Parallel()
	db := filled(t)
	for _, table := range bookTables {
		refused(t, db.Owner(), integrityViolation, "TRUNCATE "+table)
		refused(t, db.Owner(), integrityViolation, "TRUNCATE "+table+" CASCADE")
		if table == "book_locks" {
			continue // holds nothing; check tells of a missing one
		}
		derived := slices.Contains(derivedTables, table)
		for _, book := range []int{office, demo} {
			of := fmt.Sprintf(" WHERE book_id = %d", book)
			refused(t, db.Owner(), integrityViolation, "UPDATE "+table+" SET book_id = book_id"+of)
			if derived {
				allowed(t, db.Owner(), 1, "UPDATE "+table+" SET seq_to = 2"+of)
				refused(t, db.Owner(), integrityViolation, "UPDATE "+table+" SET seq_to = 1"+of) // not after its beginning
				refused(t, db.Owner(), integrityViolation, "UPDATE "+table+" SET seq_to = 2, seq_from = 0"+of)
			}
		}
		refused(t, db.Owner(), integrityViolation, fmt.Sprintf("DELETE FROM %s WHERE book_id = %d", table, office))
		refused(t, db.Owner(), integrityViolation, "DELETE FROM "+table)
		allowed(t, db.Owner(), 1, fmt.Sprintf("DELETE FROM %s WHERE book_id = %d", table, demo))
		if !derived {
			continue
		}
		// A version that has ended stays so.
		exec(t, db.Owner(), fmt.Sprintf("UPDATE %s SET seq_to = 2 WHERE book_id = %d", table, office))
		for _, to := range []string{"NULL", "3", "2"} {
			refused(t, db.Owner(), integrityViolation, fmt.Sprintf("UPDATE %s SET seq_to = %s WHERE book_id = %d", table, to, office))
			refused(t, db.Writer(), integrityViolation, fmt.Sprintf("UPDATE %s SET seq_to = %s WHERE book_id = %d", table, to, office))
		}
	}
	refused(t, db.Owner(), integrityViolation, "TRUNCATE books")
}

// Working state is the writer's to change. Its secrets, hashed as they are, are nobody else's to see.
func TestRights_Work(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, table := range workTables {
		if table == "work_rebuilds" {
			continue // the owner's list of what migrate has to do
		}
		exec(t, db.Writer(), insertInto(t, db.Owner(), table, office))
		allowed(t, db.Writer(), 1, "DELETE FROM "+table)
		for _, query := range []string{"SELECT * FROM ", "DELETE FROM ", "TRUNCATE "} {
			refused(t, db.Reader(), insufficientPrivilege, query+table)
		}
		refused(t, db.Writer(), insufficientPrivilege, "TRUNCATE "+table)
		refused(t, db.Writer(), insufficientPrivilege, "ALTER TABLE "+table+" ADD x int")
	}
}
