package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// The tamper drill: a superuser, whom no right and no trigger stops, changes one value at a time in every
// column of every table, and check must name the entry and the place. The columns come from the
// catalog, so that a new one cannot be forgotten.

// notFilled are the tables of the domains, empty in these tests; each domain's own check test fills its own.
var notFilled = []string{"accounts", "issued_reports", "lot_months", "lots", "parcels", "reviews", "rights", "verifications"}

// notEvidence are columns that no entry speaks of, so that check cannot know them. They change no report: they
// decide only how a retry is answered, and a retry under a lost key meets the rules of the book again.
var notEvidence = map[string]string{
	"idempotency.book_id":     "a key taken away: the retry is decided anew",
	"idempotency.key":         "a key renamed: the retry is decided anew",
	"idempotency.body_sha256": "the retry is answered as a conflict",
	"idempotency.seq_first":   "within one commit only: the retry is told fewer or more of its entries",
	"idempotency.seq_last":    "within one commit only: the retry is told fewer or more of its entries",
}

// drill is a filled book that is changed and put back again and again.
type drill struct {
	*bundle
	id     int64
	conn   bun.Conn
	tables []string
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	d := &drill{bundle: setup(t)}
	d.fill(t)
	conn, err := d.db.Owner().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	d.conn = conn
	d.exec(t, "SET session_replication_role = replica")
	d.exec(t, "CREATE SCHEMA saved")
	d.scan(t, &d.id, "SELECT id FROM books WHERE code = 'test'")
	d.scan(t, &d.tables, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'
		AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'bun\_%' AND table_name NOT LIKE 'work\_%' ORDER BY table_name COLLATE "C"`)
	for _, table := range d.tables {
		d.exec(t, fmt.Sprintf("CREATE TABLE saved.%s AS SELECT * FROM public.%s", table, table))
	}
	return d
}

// fill makes a book in which every table has rows: single commands, one of 260 entries, which fills a tile,
// amendments, a voided record, a person, an import, texts that were erased, and keys.
func (d *drill) fill(t *testing.T) {
	t.Helper()
	for i, no := range []string{"a1", "a2", "b1"} {
		c := d.record(t, no, "100.00")
		c.Key, c.Body = fmt.Sprintf("key-%d", i), []byte(no)
		d.do(t, c)
	}
	d.do(t, d.append("person.recorded", &ledger.PersonState{Name: ledger.Seal("张三")}))
	d.do(t, d.append("import.recorded", &ledger.ImportState{FileName: ledger.Seal("台账.xlsx"), FileSHA256: "00", Records: 2, What: "lots"}))
	d.do(t, d.many(t, "c", 259))
	d.erase(t, ledger.TextAt{Seq: 5, Field: "file_name"}, ledger.TextAt{Seq: 6, Field: "remark"})
	d.do(t, d.change(t, "slip.amended", "a1", "120.00"))
	d.do(t, d.change(t, "slip.voided", "a2", "100.00"))
	two := d.many(t, "d", 2)
	two.Key, two.Body = "key-two", []byte("two")
	d.do(t, two)
	d.do(t, d.change(t, "slip.amended", "a1", "130.00"))
	d.do(t, d.record(t, "a2", "7.00"))
	d.clean(t, 272)
}

// append is the command that appends one new record.
func (b *bundle) append(kind string, state ledger.State) ledger.Command {
	return ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		return []ledger.Draft{{Kind: kind, State: state}}, nil
	}}
}

// many is the command that records n slips at once, with sealed remarks.
func (b *bundle) many(t *testing.T, prefix string, n int) ledger.Command {
	t.Helper()
	amount := money(t, "1.01")
	return ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		drafts := make([]ledger.Draft, n)
		for i := range drafts {
			state := &slipState{No: fmt.Sprintf("%s%04d", prefix, i), Amount: amount, Remark: ledger.Seal("备注")}
			drafts[i] = ledger.Draft{Kind: "slip.recorded", State: state}
		}
		return drafts, nil
	}}
}

func (d *drill) exec(t *testing.T, query string) {
	t.Helper()
	if _, err := d.conn.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (d *drill) scan(t *testing.T, into any, query string) {
	t.Helper()
	if err := d.conn.NewRaw(query).Scan(t.Context(), into); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// restore brings one table, or all, back to what they were.
func (d *drill) restore(t *testing.T, tables ...string) {
	t.Helper()
	if len(tables) == 0 {
		tables = d.tables
	}
	for _, table := range tables {
		d.exec(t, fmt.Sprintf("DELETE FROM public.%s; INSERT INTO public.%s SELECT * FROM saved.%s", table, table, table))
	}
}

// faults is what check finds.
func (d *drill) faults(t *testing.T) []ledger.Fault {
	t.Helper()
	result, err := d.book.Check(t.Context(), nil)
	if err != nil {
		t.Fatalf("check did not end: %v", err)
	}
	if (result.Err() == nil) != (len(result.Faults) == 0) {
		t.Errorf("%d faults and error %v", len(result.Faults), result.Err())
	}
	return result.Faults
}

// place is where check should look: a table's column, and the entries that the row is about.
type place struct {
	table, column string
	from, to      int64
}

// holds tells whether a fault names the place.
func (p place) holds(f ledger.Fault) bool {
	table, column, _ := strings.Cut(f.What, ".")
	if table != p.table {
		return false
	}
	if p.column == "seq_first" { // all that was known of the row's place
		return true
	}
	return p.from <= f.Seq && f.Seq <= p.to && (!p.valued() || column == p.column || table == "entries")
}

// valued tells whether the column is a value of one entry, not part of a row's key: then the first fault
// must name that entry.
func (p place) valued() bool {
	return slices.Contains([]string{"entries", "slips", "slip_sums", "book_profiles", "imports", "books"}, p.table) &&
		!slices.Contains([]string{"book_id", "id", "grain", "seq", "seq_from"}, p.column)
}

// seqOf is, per table, the entries that a row is about. A checkpoint is about its commit, a tile about 256.
func seqOf(table string) (from, to string) {
	switch table {
	case "entries", "sealed":
		return "seq", "seq"
	case "tiles":
		return "index * 256", "index * 256 + 255"
	case "checkpoints":
		return "coalesce((SELECT max(p.size) FROM saved.checkpoints AS p WHERE p.book_id = x.book_id AND p.size < x.size), 0)", "size - 1"
	case "idempotency":
		return "seq_first", "seq_last"
	case "books", "book_locks":
		return "0", "0"
	}
	return "seq_from", "seq_from"
}

// changes are the ways to change a value of a type.
func changes(column, kind string) []string {
	switch kind {
	case "smallint", "bigint":
		return []string{"coalesce(" + column + ", 0) + 1", "30000", "9000000000000000", "-1"}
	case "numeric":
		return []string{column + " + 0.01", "0", "-" + column}
	case "boolean":
		return []string{"NOT " + column}
	case "timestamp with time zone":
		return []string{column + " + interval '1 microsecond'", column + " - interval '8 hours'", "'infinity'", "'4000-01-01 BC'"}
	case "text":
		return []string{
			column + " || 'x'", "''", "'practice'",
			// A bit of the last base64 character of a signature that its decoding does not need.
			"regexp_replace(" + column + ", '.=\n$', chr(ascii(right(" + column + ", 3)) + 1) || E'=\n')",
		}
	case "ARRAY": // of text
		return []string{"array_append(" + column + ", 'x')", "'{}'"}
	case "bytea":
		return []string{flipped(column, "0"), flipped(column, "octet_length("+column+") / 2"), flipped(column, "octet_length("+column+") - 1")}
	}
	return nil
}

func flipped(column, at string) string {
	return fmt.Sprintf("set_byte(%s, %s, get_byte(%s, %s) # 1)", column, at, column, at)
}

func TestCheck_EveryColumn(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	type columnRow struct{ TableName, ColumnName, DataType string }
	var columns []columnRow
	d.scan(t, &columns, `SELECT table_name, column_name, data_type FROM information_schema.columns
		WHERE table_schema = 'public' ORDER BY table_name COLLATE "C", ordinal_position`)
	perTable := map[string]tally{}
	for _, c := range columns {
		if !slices.Contains(d.tables, c.TableName) || slices.Contains(notFilled, c.TableName) {
			continue
		}
		n, of := perTable[c.TableName], d.column(t, c.TableName, c.ColumnName, c.DataType)
		perTable[c.TableName] = tally{n.tried + of.tried, n.caught + of.caught, n.outside + of.outside}
	}
	for _, table := range slices.Sorted(maps.Keys(perTable)) {
		n := perTable[table]
		t.Logf("%-14s tried %3d  caught %3d  not evidence %3d", table, n.tried, n.caught, n.outside)
	}
	for _, column := range slices.Sorted(maps.Keys(notEvidence)) {
		t.Logf("%-24s not evidence: %s", column, notEvidence[column])
	}
	d.restore(t)
	d.clean(t, 272)
}

// tally counts changes: all, those that check named, those of which it cannot know.
type tally struct{ tried, caught, outside int }

// column changes a column in its first, middle and last row, in each way that the table's own
// constraints let through.
func (d *drill) column(t *testing.T, table, column, kind string) (n tally) {
	t.Helper()
	owner := map[string]string{"books": "id"}[table]
	if owner == "" {
		owner = "book_id"
	}
	from, to := seqOf(table)
	var rows []struct {
		Ctid       string
		From, To   int64
		Key, Table string
	}
	d.scan(t, &rows, fmt.Sprintf(`WITH r AS (SELECT x.ctid, %[1]s AS "from", %[2]s AS "to", row_number() OVER (ORDER BY %[1]s, x) AS n,
		count(*) OVER () AS of FROM public.%[3]s AS x WHERE %[4]s = %[5]d)
		SELECT ctid::text, "from", "to" FROM r WHERE n IN (1, (of + 1) / 2, of) ORDER BY n`, from, to, table, owner, d.id))
	if len(rows) == 0 {
		t.Errorf("%s is empty: fill it, or say that it is in notFilled", table)
		return n
	}
	_, free := notEvidence[table+"."+column]
	within := strings.HasPrefix(column, "seq_")
	for i, row := range rows {
		for _, change := range changes(column, kind) {
			var ctid string
			// The row's place moves when the table is put back: it is found by its order.
			d.scan(t, &ctid, fmt.Sprintf(`SELECT ctid::text FROM (SELECT x.ctid, row_number() OVER (ORDER BY %[1]s, x) AS n,
				count(*) OVER () AS of FROM public.%[2]s AS x WHERE %[3]s = %[4]d) AS r
				WHERE n = (ARRAY[1, (of + 1) / 2, of])[%[5]d]`, from, table, owner, d.id, i+1))
			result, err := d.conn.ExecContext(t.Context(), fmt.Sprintf("UPDATE public.%s AS x SET %s = %s WHERE ctid = '%s' AND %s IS DISTINCT FROM %s",
				table, column, change, ctid, column, change))
			if err != nil {
				continue // the table itself refuses this value
			}
			if changed, err := result.RowsAffected(); err != nil || changed == 0 {
				continue // the same value
			}
			n.tried++
			faults := d.faults(t)
			p := place{table, column, row.From, row.To}
			switch {
			case slices.ContainsFunc(faults, p.holds):
				n.caught++
				if first := faults[0].Seq; p.valued() && first != row.From {
					t.Errorf("%s.%s = %s about entry %d: the first fault names entry %d", table, column, change, row.From, first)
				}
				if free && !within {
					t.Errorf("%s.%s is caught by now: take it off notEvidence", table, column)
				}
			case !free || within && !d.oneCommit(t):
				t.Errorf("%s.%s = %s about entries %d–%d: got faults %+v", table, column, change, row.From, row.To, faults)
			default:
				n.outside++
			}
			d.restore(t, table)
		}
	}
	if n.tried == 0 {
		t.Errorf("no value of %s.%s (%s) could be changed: add a way to changes", table, column, kind)
	}
	return n
}

// oneCommit tells whether every key answers with entries of one commit.
func (d *drill) oneCommit(t *testing.T) bool {
	t.Helper()
	var broken bool
	d.scan(t, &broken, fmt.Sprintf(`SELECT EXISTS (SELECT FROM idempotency AS i JOIN checkpoints AS p USING (book_id)
		WHERE book_id = %d AND p.size > i.seq_first AND p.size <= i.seq_last)`, d.id))
	return !broken
}
