package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
)

// The tamper drill of the program: an office's book and the installation's log, made through the services, with a row in
// every table that is evidence. A superuser, whom no right and no trigger stops, changes it in every way that we know of,
// and each catcher says whether it sees that. ledger's own drill says besides which entry check names.
type drill struct {
	*site
	store    *ledger.Store
	conn     bun.Conn
	tables   []string
	kept     map[string]held // by book: what an auditor keeps at home
	catchers []catcher
	witness  string // folder of a witness that cosigned what is held
}

// A catcher is a tool that is run on what the superuser left. sees tells what it says is wrong; "" is nothing.
type catcher struct {
	name string
	sees func(*testing.T, *drill) string
}

// held is an older checkpoint that somebody holds outside, with the verifier key that came with it.
type held struct {
	merkle.Checkpoint
	verifier, note string
}

// newDrill makes the books and the copy that each change is taken back to.
func newDrill(t *testing.T) *drill {
	t.Helper()
	d := &drill{site: newSite(t, 1), kept: map[string]held{}}
	o := &options{dataDir: d.data}
	d.store = ledger.Open(d.db.Writer(), o.keys(), time.Now, kinds()...)
	d.catchers = []catcher{{"check", sawCheck}, {"outside checkpoint", sawOutside}, {"mzverify", sawVerifier}, {"witness", sawWitness}}
	d.fill()
	for _, b := range d.books() {
		d.kept[b.Code] = d.hold(b)
	}
	d.witness = d.watched()
	d.grow()
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
	d.exec("SET session_replication_role = replica", "CREATE SCHEMA saved")
	d.scan(&d.tables, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'
		AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'bun\_%' AND table_name NOT LIKE 'work\_%' ORDER BY table_name COLLATE "C"`)
	for _, table := range d.tables {
		d.exec(fmt.Sprintf("CREATE TABLE saved.%s AS SELECT * FROM public.%s", table, table))
	}
	for _, c := range d.catchers {
		if saw := c.sees(t, d); saw != "" {
			t.Fatalf("%s finds fault with a book that nobody changed: %s", c.name, saw)
		}
	}
	return d
}

func (d *drill) exec(statements ...string) {
	d.tb.Helper()
	for _, s := range statements {
		if _, err := d.conn.ExecContext(d.tb.Context(), s); err != nil {
			d.tb.Fatalf("%s: %v", s, err)
		}
	}
}

func (d *drill) scan(into any, query string) {
	d.tb.Helper()
	if err := d.conn.NewRaw(query).Scan(d.tb.Context(), into); err != nil {
		d.tb.Fatalf("%s: %v", query, err)
	}
}

// restore brings tables, or all, back to what they were.
func (d *drill) restore(tables ...string) {
	d.tb.Helper()
	if len(tables) == 0 {
		tables = d.tables
	}
	for _, table := range tables {
		d.exec(fmt.Sprintf("DELETE FROM public.%s; INSERT INTO public.%s SELECT * FROM saved.%s", table, table, table))
	}
}

// books are those that the command check goes through.
func (d *drill) books() []*ledger.Book {
	d.tb.Helper()
	books, err := (&session{store: d.store}).booksToCheck(d.tb.Context(), "")
	if err != nil {
		d.tb.Fatal(err)
	}
	return books
}

// hold takes the head of a book home.
func (d *drill) hold(b *ledger.Book) held {
	d.tb.Helper()
	head, err := b.Head(d.tb.Context())
	if err != nil {
		d.tb.Fatal(err)
	}
	c, err := merkle.OpenCheckpoint(head.Note, b.VerifierKey)
	if err != nil {
		d.tb.Fatal(err)
	}
	return held{c, b.VerifierKey, head.Note}
}

// sawCheck is the command check.
func sawCheck(t *testing.T, d *drill) string {
	t.Helper()
	for _, b := range d.books() {
		if saw := d.saw(b); saw != "" {
			return saw
		}
	}
	return ""
}

// saw is what check says of one book.
func (d *drill) saw(b *ledger.Book) string {
	d.tb.Helper()
	result, err := b.Check(d.tb.Context(), nil)
	if err != nil {
		d.tb.Fatalf("check did not end: %v", err)
	}
	if len(result.Faults) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s at entry %d", b.Code, result.Faults[0].What, result.Faults[0].Seq)
}

// sawOutside is whoever kept an older checkpoint: the book must still have a signed head that extends it. The proof is
// made from the entries that there are, as an honest log would make it.
func sawOutside(t *testing.T, d *drill) string {
	t.Helper()
	for _, code := range slices.Sorted(maps.Keys(d.kept)) {
		if saw := d.extends(code, d.kept[code]); saw != "" {
			return code + ": " + saw
		}
	}
	return ""
}

func (d *drill) extends(code string, old held) string {
	var notes []string
	d.scan(&notes, fmt.Sprintf("SELECT note FROM checkpoints AS c JOIN books AS b ON b.id = c.book_id WHERE b.code = '%s' ORDER BY size DESC LIMIT 1", code))
	if len(notes) == 0 {
		return "no checkpoint any more"
	}
	head, err := merkle.OpenCheckpoint(notes[0], old.verifier)
	switch {
	case err != nil:
		return err.Error()
	case head.Origin != old.Origin:
		return "another origin"
	case head.Size < old.Size:
		return fmt.Sprintf("rolled back from %d to %d", old.Size, head.Size)
	}
	path, err := merkle.ProveConsistency(old.Size, head.Size, d.tiles(code))
	if err == nil {
		err = merkle.CheckConsistency(path, old.Size, head.Size, old.Root, head.Root)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// tiles are made from the bodies of the entries that there are.
func (d *drill) tiles(code string) merkle.TileReader {
	var bodies [][]byte
	d.scan(&bodies, fmt.Sprintf("SELECT body FROM entries AS e JOIN books AS b ON b.id = e.book_id WHERE b.code = '%s' ORDER BY seq", code))
	levels := [][]merkle.Hash{{}}
	for _, body := range bodies {
		levels[0] = append(levels[0], merkle.LeafHash(body))
	}
	for full := levels[0]; len(full) >= merkle.TileWidth; {
		var next []merkle.Hash
		for i := 0; i+merkle.TileWidth <= len(full); i += merkle.TileWidth {
			next = append(next, merkle.Tile{Hashes: full[i : i+merkle.TileWidth]}.Root())
		}
		levels, full = append(levels, next), next
	}
	return func(level int, index int64, width int) ([]merkle.Hash, error) {
		from := int(index) * merkle.TileWidth
		if level >= len(levels) || from+width > len(levels[level]) {
			return nil, fmt.Errorf("there is no tile %d/%d of %d", level, index, width)
		}
		return levels[level][from : from+width], nil
	}
}

// today is the day of what is entered.
func (d *drill) today() ledger.Day { return ledger.DayOf(time.Now()) }

// must ends the drill on an error of a service.
func (d *drill) must(_ any, err error) {
	d.tb.Helper()
	if err != nil {
		d.tb.Fatal(err)
	}
}

// actor is an invented person.
func (d *drill) actor(name string) ledger.Actor {
	d.tb.Helper()
	a, err := ledger.LocalActor(name)
	d.must(nil, err)
	return a
}

// lot, parcel and visit of the drill.
func drillLot(no string) auction.LotInput {
	return auction.LotInput{
		LotNo: no, AssetName: "虚构商铺", Collective: "虚构村经济联社", Kind: "shop", TradeKind: "lease", Method: "online_bidding",
		HammeredOn: "2021-03-05", BaseTotal: "120000", HammerTotal: "240000", Registrants: "3", Bidders: "3", Term: "36个月", Winner: "虚构买受人", Remark: "虚构备注",
	}
}

var drillParcel = landcheck.ParcelInput{ParcelNo: "虚构宗-1", Name: "虚构地块", Owner: "collective", Category: "construction", RegisteredArea: "16", Location: "虚构路旁"}

// fill makes the books: registers as offices import them, and by the services what an import does not do.
func (d *drill) fill() {
	d.tb.Helper()
	d.command("import", "lots", "demo/lots-leases.csv", "demo/lots-totals.csv", "--book", officeCode)
	d.command("import", "parcels", "demo/parcels.csv", "--book", officeCode)
	ctx, day := d.tb.Context(), d.today()
	book, err := d.store.Book(ctx, officeCode)
	d.must(nil, err)
	scope, clerk, reviewer := ledger.WholeBook(book), d.actor("clerk"), d.actor("reviewer")
	key := func(n int) ledger.Key { return ledger.Key{Name: fmt.Sprintf("drill-%d", n), Body: []byte{byte(n)}} }
	lot, err := auction.Record(ctx, scope, clerk, key(1), drillLot("虚构-1"), day)
	d.must(nil, err)
	changed := drillLot("虚构-1")
	changed.HammerTotal = "250000"
	amended, err := auction.Amend(ctx, scope, clerk, key(2), lot.Last, lot.Last, changed, "更正（虚构）", day)
	d.must(nil, err)
	other, err := auction.Record(ctx, scope, clerk, key(3), drillLot("虚构-2"), day)
	d.must(nil, err)
	d.must(auction.VoidLot(ctx, scope, clerk, key(4), other.Last, other.Last, "误录（虚构）"))
	d.must(book.Erase(ctx, reviewer, ledger.Erasing{What: ledger.ErasedOne, Texts: []ledger.TextAt{{Seq: other.Last, Field: "remark"}}, Reason: "依法（虚构）"}))
	row, err := auction.Find(ctx, book.DB(), scope, lot.Last)
	d.must(nil, err)
	if row.SeqFrom != amended.Last {
		d.tb.Fatalf("the lot stands at entry %d, want %d", row.SeqFrom, amended.Last)
	}
	d.must(review.Approve(ctx, scope, reviewer, key(5), row.Target()))
	d.must(review.Return(ctx, scope, reviewer, key(6), row.Target(), "再核（虚构）"))
	parcel, err := landcheck.RecordParcel(ctx, scope, clerk, key(7), drillParcel)
	d.must(nil, err)
	visit, err := landcheck.Verify(ctx, scope, clerk, key(8), parcel.Last, landcheck.VerificationInput{VerifiedOn: "2021-05-06", VerifiedArea: "15.5", Officers: "虚构核查员", Remark: "虚构"}, day)
	d.must(nil, err)
	d.must(landcheck.VoidVerification(ctx, scope, clerk, key(9), visit.Last, visit.Last, "误录（虚构）"))
	d.must(book.Disclose(ctx, clerk, true, "试（虚构）"))
	d.must(report.Issue(ctx, scope, reviewer, key(10), report.Order{Period: d.halfYear(), Format: "json", Lang: ledger.ZH}))
	accounts := account.New(d.store, time.Now, account.Options{})
	person, err := accounts.ByLogin(ctx, "clerk")
	d.must(nil, err)
	d.must(nil, accounts.Revoke(ctx, reviewer, person.Rights[0].ID, "离岗（虚构）"))
	d.must(nil, accounts.Disable(ctx, reviewer, person.ID, "离岗（虚构）"))
}

func (d *drill) halfYear() report.Period {
	d.tb.Helper()
	first, err := ledger.NewDay(2021, 1, 1)
	d.must(nil, err)
	last, err := ledger.NewDay(2021, 6, 30)
	d.must(nil, err)
	period, err := report.NewPeriod(first, last)
	d.must(nil, err)
	return period
}

// grow writes on after the outside checkpoints were taken home.
func (d *drill) grow() {
	d.tb.Helper()
	ctx, day := d.tb.Context(), d.today()
	book, err := d.store.Book(ctx, officeCode)
	d.must(nil, err)
	for i := range 4 {
		d.must(auction.Record(ctx, ledger.WholeBook(book), d.actor("clerk"), ledger.Key{}, drillLot(fmt.Sprintf("虚构-后-%d", i)), day))
	}
	accounts := account.New(d.store, time.Now, account.Options{})
	_, _, err = accounts.Add(ctx, d.actor("reviewer"), account.NewAccount{Login: "later", Name: "后来者（虚构）"})
	d.must(nil, err)
}

// drillFree are columns that no entry speaks of: check cannot know them. They change no report: they decide only how a
// retry is answered, and a retry whose key was lost meets the rules of the book again.
var drillFree = []string{"idempotency.book_id", "idempotency.key", "idempotency.body_sha256", "idempotency.seq_first", "idempotency.seq_last"}

// oneCharacter changes a value by one character, in each of these ways.
func oneCharacter(column, kind string) []string {
	switch kind {
	case "smallint", "integer", "bigint":
		return []string{"coalesce(" + column + ", 0) + 1", "coalesce(" + column + ", 0) + 100000"} // where the next is taken: a digit in front
	case "numeric":
		return []string{"coalesce(" + column + ", 0) + 0.01", "coalesce(" + column + ", 0) + 1"}
	case "boolean":
		return []string{"NOT coalesce(" + column + ", false)"}
	case "date":
		return []string{"coalesce(" + column + ", '2021-01-01') + 1"}
	case "timestamp with time zone":
		return []string{column + " + interval '1 microsecond'"}
	case "text":
		return []string{
			"coalesce(" + column + ", '') || 'x'", "overlay(" + column + " PLACING 'x' FROM 1 FOR 1)", "left(" + column + ", -1)",
			"CASE " + column + " WHEN 'sale' THEN 'purchase' WHEN 'hammered' THEN 'confirmed' WHEN 'approved' THEN 'returned' WHEN 'returned' THEN 'approved' WHEN 'office' THEN 'demo' WHEN 'demo' THEN 'office' " +
				"WHEN 'collective' THEN 'state' WHEN 'state' THEN 'collective' WHEN 'clerk' THEN 'auditor' ELSE 'x' END",
		}
	case "ARRAY":
		return []string{"array_append(coalesce(" + column + ", '{}'), 'x')", "array_append(coalesce(" + column + ", '{}'), 7)", column + "[2:]"}
	case "bytea":
		return []string{"set_byte(" + column + ", octet_length(" + column + ") / 2, get_byte(" + column + ", octet_length(" + column + ") / 2) # 1)"}
	}
	return nil
}

// Each column of each table, changed by one character in a row of the office's book and in one of the installation's log,
// in a way that the table's own constraints let through. (ledger's TestCheck_EveryColumn tries more ways.)
func TestDrill_EveryColumn(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	type columnRow struct{ TableName, ColumnName, DataType string }
	var columns []columnRow
	d.scan(&columns, `SELECT table_name, column_name, data_type FROM information_schema.columns
		WHERE table_schema = 'public' ORDER BY table_name COLLATE "C", ordinal_position`)
	books := map[int64]*ledger.Book{}
	for _, b := range d.books() {
		id, err := ledger.WholeBook(b).BookID()
		d.must(nil, err)
		books[id] = b
	}
	tried, caught, free := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range columns {
		if !slices.Contains(d.tables, c.TableName) {
			continue
		}
		n := 0
		for change := range d.changes(c.TableName, c.ColumnName, c.DataType) {
			n++
			tried[c.TableName]++
			switch saw, isFree := d.saw(books[change.book]), slices.Contains(drillFree, c.TableName+"."+c.ColumnName); {
			case saw != "":
				caught[c.TableName]++
			case isFree:
				free[c.TableName]++
			default:
				t.Errorf("nobody sees %s", change.what)
			}
			d.restore(c.TableName)
		}
		if n == 0 {
			t.Errorf("no value of %s.%s (%s) could be changed: fill it, or add a way", c.TableName, c.ColumnName, c.DataType)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(tried)) {
		t.Logf("%-14s tried %3d  caught by check %3d  not evidence %d", table, tried[table], caught[table], free[table])
	}
	total := func(m map[string]int) (n int) {
		for _, one := range m {
			n += one
		}
		return n
	}
	t.Logf("%-14s tried %3d  caught by check %3d  not evidence %d", "in all", total(tried), total(caught), total(free))
}

// change is one, and whose row it is in.
type change struct {
	what string
	book int64
}

// changes makes one change after the other, each of which the caller looks at and takes back.
func (d *drill) changes(table, column, kind string) iter.Seq[change] {
	owner := map[string]string{"books": "id"}[table]
	if owner == "" {
		owner = "book_id"
	}
	var owners []int64
	d.scan(&owners, fmt.Sprintf("SELECT DISTINCT %s FROM public.%s WHERE %[1]s IN (SELECT id FROM books WHERE code IN ('%[3]s', 'installation')) ORDER BY 1", owner, table, officeCode))
	return func(yield func(change) bool) {
		for _, book := range owners {
			for _, way := range oneCharacter(column, kind) {
				result, err := d.conn.ExecContext(context.Background(), fmt.Sprintf(`UPDATE public.%[1]s SET %[2]s = %[3]s WHERE %[2]s IS DISTINCT FROM %[3]s
					AND ctid = (SELECT ctid FROM public.%[1]s AS x WHERE %[4]s = %[5]d ORDER BY %[2]s IS NULL, md5(x::text) LIMIT 1)`, table, column, way, owner, book))
				if err != nil {
					continue // the table itself refuses this value
				}
				if changed, err := result.RowsAffected(); err != nil || changed == 0 {
					continue // the same value
				}
				if !yield(change{fmt.Sprintf("%s.%s = %s of book %d", table, column, way, book), book}) {
					return
				}
				break
			}
		}
	}
}

// hexed is bytes as SQL writes them.
func hexed(b []byte) string { return `'\x` + hex.EncodeToString(b) + "'" }
