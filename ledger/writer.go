package ledger

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger/merkle"
)

type entryRow struct {
	bun.BaseModel `bun:"table:entries"`
	BookID        int64  `bun:"book_id,pk"`
	Seq           int64  `bun:"seq,pk"`
	LeafHash      []byte `bun:"leaf_hash"`
	Body          []byte `bun:"body"`
}

type tileRow struct {
	bun.BaseModel `bun:"table:tiles"`
	BookID        int64  `bun:"book_id,pk"`
	Level         int16  `bun:"level,pk"`
	Index         int64  `bun:"index,pk"`
	Hashes        []byte `bun:"hashes"`
	Root          []byte `bun:"root"`
}

type checkpointRow struct {
	bun.BaseModel `bun:"table:checkpoints"`
	BookID        int64     `bun:"book_id,pk"`
	Size          int64     `bun:"size,pk"`
	Root          []byte    `bun:"root"`
	Note          string    `bun:"note"`
	RecordedAt    time.Time `bun:"recorded_at"`
}

type keyRow struct {
	bun.BaseModel `bun:"table:idempotency"`
	BookID        int64  `bun:"book_id,pk"`
	Actor         string `bun:"actor,pk"`
	Key           string `bun:"key,pk"`
	BodySHA256    []byte `bun:"body_sha256"`
	SeqFirst      int64  `bun:"seq_first"`
	SeqLast       int64  `bun:"seq_last"`

	Size int64 `bun:"size,scanonly"` // of the checkpoint that covers them; 0: of the commit under way
}

// writer gathers what one commit of a book writes, and writes it set-wise: one statement a table, for a large
// import one for every few thousand entries.
type writer struct {
	book     *Book
	conn     bun.Conn
	signer   *merkle.Signer // of the identity that signs
	signs    identity
	identity identity // that in force after the last entry
	tree     *merkle.Tree
	at       time.Time

	entries []*entryRow
	sealed  []*sealedRow
	tiles   []*tileRow
	keys    []*keyRow
	erased  []TextAt // that go with the commit
	rows    map[*Table][]Row
	ended   map[*Table][]ending
	sums    map[*Rollup]map[string]Sum

	first   int64 // number of the commit's first entry
	spilled int64 // the entries before it are written already, with their rows
}

// spillEntries are gathered before they are written: so many take a few megabytes, and the connection never
// stays idle in its transaction while a large import is made.
const spillEntries = 5_000

// ending is a version that ends: the row of a record that began at from ends at to.
type ending struct{ id, from, to int64 }

// appendDrafts turns drafts into entries with numbers, seals and encodes them, grows the tree, and
// projects their rows.
func (w *writer) appendDrafts(ctx context.Context, actor Actor, drafts []Draft) error {
	for _, d := range drafts {
		kind, ok := w.book.store.kinds.of(d.Kind)
		if !ok {
			return fmt.Errorf("ledger: no kind is called %s", d.Kind)
		}
		e := Entry{Seq: w.tree.Size(), Actor: actor, At: w.at, Kind: d.Kind, Source: d.Source, State: d.State}
		e.Record = e.Seq
		e.Reason = Seal(d.Reason)
		if d.Amends != nil {
			v := d.Amends.version()
			e.Record, e.Amends = v.ID, &v.SeqFrom
		}
		if err := w.appendEntry(e); err != nil {
			return err
		}
		if profile, ok := d.State.(*BookProfile); ok {
			w.identity = profile.identity()
		}
		if kind.Table != nil {
			w.project(kind, e, d.Amends)
		}
		if kind.Erases != nil {
			w.erased = append(w.erased, kind.Erases(d.State)...)
		}
		if kind.Reviews != nil {
			if err := w.review(d.Subjects, kind.Reviews(d.State).Approved); err != nil {
				return err
			}
		}
		if len(w.entries) >= spillEntries {
			if err := w.spill(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// spill writes what was gathered so far and lets go of it.
func (w *writer) spill(ctx context.Context) error {
	if err := w.endVersions(ctx); err != nil {
		return err
	}
	if err := w.insertAll(ctx); err != nil {
		return err
	}
	w.spilled = w.tree.Size()
	w.entries, w.sealed, w.tiles, w.rows, w.ended = nil, nil, nil, nil, nil
	return nil
}

// insertAll writes the entries that are at hand and everything that stands with them.
func (w *writer) insertAll(ctx context.Context) error {
	for _, rows := range []struct {
		table string
		list  any
	}{{"entries", w.entries}, {"sealed", w.sealed}, {"tiles", w.tiles}} {
		if err := insert(ctx, w.conn, rows.table, reflect.ValueOf(rows.list)); err != nil {
			return err
		}
	}
	return w.insertRows(ctx)
}

func (w *writer) appendEntry(e Entry) error {
	for _, f := range e.sealedFields() {
		row, err := f.seal(rand.Reader, w.book.id, e.Seq)
		if err != nil {
			return err
		}
		w.sealed = append(w.sealed, row)
	}
	body, err := e.encode()
	if err != nil {
		return err
	}
	leaf := merkle.LeafHash(body)
	w.entries = append(w.entries, &entryRow{BookID: w.book.id, Seq: e.Seq, LeafHash: leaf[:], Body: body})
	for _, tile := range w.tree.Append(leaf) {
		w.tiles = append(w.tiles, newTileRow(w.book.id, tile))
	}
	return nil
}

// newTileRow is a full tile as it is stored.
func newTileRow(book int64, tile merkle.Tile) *tileRow {
	root := tile.Root()
	return &tileRow{BookID: book, Level: int16(tile.Level), Index: tile.Index, Hashes: tile.Bytes(), Root: root[:]}
}

// projected is the row of an entry with its key filled in.
func projected(kind *Kind, book int64, e Entry) Row {
	row := kind.Project(e)
	*row.version() = Version{BookID: book, ID: e.Record, SeqFrom: e.Seq}
	return row
}

func (w *writer) project(kind *Kind, e Entry, old Row) {
	row := projected(kind, w.book.id, e)
	if w.rows == nil {
		w.rows, w.ended = map[*Table][]Row{}, map[*Table][]ending{}
	}
	if w.sums == nil {
		w.sums = map[*Rollup]map[string]Sum{}
	}
	w.rows[kind.Table] = append(w.rows[kind.Table], row)
	if old != nil {
		if v := old.version(); v.SeqFrom >= max(w.first, w.spilled) {
			v.SeqTo = &e.Seq // gathered and not written yet: it is inserted with its end
		} else {
			w.ended[kind.Table] = append(w.ended[kind.Table], ending{v.ID, v.SeqFrom, e.Seq})
		}
	}
	if kind.Rollup != nil {
		w.addSum(kind.Rollup, old, -1)
		w.addSum(kind.Rollup, row, +1)
	}
}

// review moves the sums of the rows that a review speaks of.
func (w *writer) review(subjects []Subject, approved bool) error {
	for _, s := range subjects {
		kind, ok := w.book.store.kinds[s.Kind]
		if !ok {
			return fmt.Errorf("ledger: no kind is called %s", s.Kind)
		}
		if kind.Rollup == nil {
			continue
		}
		w.addSum(kind.Rollup, s.Row, -1)
		stand(s.Row, approved)
		w.addSum(kind.Rollup, s.Row, +1)
	}
	return nil
}

// addSum gathers the change of a kept sum; flush adds it to what is there.
func (w *writer) addSum(r *Rollup, row Row, sign int) {
	if row == nil {
		return
	}
	s, ok := r.Of(row)
	if !ok {
		return
	}
	if w.sums[r] == nil {
		w.sums[r] = map[string]Sum{}
	}
	change, known := w.sums[r][s.sumVersion().Grain]
	if !known {
		change = s.Copy()
		change.Combine(s, -1) // zero of the same grain
		w.sums[r][s.sumVersion().Grain] = change
	}
	change.Combine(s, sign)
}

// flush writes everything. The checkpoint is the last statement before COMMIT: in an aborted
// transaction it fails, where pgdriver would report the COMMIT as a success.
func (w *writer) flush(ctx context.Context) error {
	if !w.wrote() {
		return nil
	}
	for _, write := range []func(context.Context) error{
		w.endVersions, w.insertAll, w.eraseTexts,
		func(ctx context.Context) error { return insert(ctx, w.conn, "idempotency", reflect.ValueOf(w.keys)) },
		w.writeSums, w.insertCheckpoint,
	} {
		if err := write(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wrote tells whether the commit has an entry.
func (w *writer) wrote() bool { return w.tree.Size() > w.first }

func (w *writer) endVersions(ctx context.Context) error {
	for table, endings := range w.ended {
		for start := 0; start < len(endings); start += copyChunk {
			chunk := endings[start:min(start+copyChunk, len(endings))]
			var ids, from, to []int64
			for _, e := range chunk {
				ids, from, to = append(ids, e.id), append(from, e.from), append(to, e.to)
			}
			result, err := w.conn.NewRaw("UPDATE ? AS t SET seq_to = v.seq_to "+
				"FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS v (id, seq_from, seq_to) "+
				"WHERE t.book_id = ? AND t.id = v.id AND t.seq_from = v.seq_from AND t.seq_to IS NULL",
				bun.Ident(table.Name), pgdialect.Array(ids), pgdialect.Array(from), pgdialect.Array(to), w.book.id).Exec(ctx)
			if err != nil {
				return fmt.Errorf("ledger: ending versions in %s: %w", table.Name, err)
			}
			n, err := result.RowsAffected()
			if err != nil {
				return fmt.Errorf("ledger: ending versions in %s: %w", table.Name, err)
			}
			if n != int64(len(chunk)) {
				return fmt.Errorf("ledger: %d of %d versions in %s could be ended", n, len(chunk), table.Name)
			}
		}
	}
	return nil
}

func (w *writer) insertRows(ctx context.Context) error {
	for table, rows := range w.rows {
		list := table.slice(len(rows))
		for _, r := range rows {
			list = reflect.Append(list, reflect.ValueOf(r))
		}
		if err := insert(ctx, w.conn, table.Name, list); err != nil {
			return err
		}
	}
	return nil
}

// insertCheckpoint signs with the keys in force after the commit's last entry.
func (w *writer) insertCheckpoint(ctx context.Context) (err error) {
	if w.signer == nil || !w.signs.equal(w.identity) {
		w.signs = w.identity
		if w.signer, err = w.book.signer(ctx, w.conn, w.identity); err != nil {
			return err
		}
	}
	root := w.tree.Root()
	note, err := w.signer.Sign(merkle.Checkpoint{Origin: w.identity.origin, Size: w.tree.Size(), Root: root})
	if err != nil {
		return err
	}
	row := checkpointRow{BookID: w.book.id, Size: w.tree.Size(), Root: root[:], Note: note, RecordedAt: w.at}
	if _, err := w.conn.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("ledger: writing the checkpoint: %w", err)
	}
	return nil
}

// writeSums ends the current version of each touched sum and inserts the next one, which begins at the
// commit's last entry.
func (w *writer) writeSums(ctx context.Context) error {
	last := w.tree.Size() - 1
	for rollup, changes := range w.sums {
		grains := make([]string, 0, len(changes))
		for grain := range changes {
			grains = append(grains, grain)
		}
		current, err := currentSums(ctx, w.conn, rollup, w.book.id, grains)
		if err != nil {
			return err
		}
		list := rollup.Table.slice(len(changes))
		for grain, change := range changes {
			if old, ok := current[grain]; ok {
				change.Combine(old, +1)
			}
			*change.sumVersion() = SumVersion{BookID: w.book.id, Grain: grain, SeqFrom: last}
			list = reflect.Append(list, reflect.ValueOf(change))
		}
		if len(current) > 0 {
			var names []string
			var from []int64
			for grain, old := range current {
				names, from = append(names, grain), append(from, old.sumVersion().SeqFrom)
			}
			_, err := w.conn.NewRaw("UPDATE ? AS t SET seq_to = ? FROM unnest(?::text[], ?::bigint[]) AS v (grain, seq_from) "+
				"WHERE t.book_id = ? AND t.grain = v.grain AND t.seq_from = v.seq_from AND t.seq_to IS NULL",
				bun.Ident(rollup.Table.Name), last, pgdialect.Array(names), pgdialect.Array(from), w.book.id).Exec(ctx)
			if err != nil {
				return fmt.Errorf("ledger: ending sums in %s: %w", rollup.Table.Name, err)
			}
		}
		if err := insert(ctx, w.conn, rollup.Table.Name, list); err != nil {
			return err
		}
	}
	return nil
}

// newest reads the current sums of some grains. The newest version of a grain is its current one: one step into the
// key, however many came before.
func (r *Rollup) newest() *Prepared {
	r.once.Do(func() {
		columns := columnsOf(r.Table.model)
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = "newest." + c.name
		}
		r.reading = NewPrepared("sums_of_"+r.Table.Name, "SELECT "+strings.Join(names, ", ")+" FROM unnest($1::text[]) AS asked (grain) CROSS JOIN LATERAL "+
			"(SELECT * FROM "+r.Table.Name+" WHERE book_id = $2 AND grain = asked.grain ORDER BY seq_from DESC LIMIT 1) AS newest")
	})
	return r.reading
}

// currentSums reads the current sums of the given grains.
func currentSums(ctx context.Context, db bun.IDB, r *Rollup, book int64, grains []string) (map[string]Sum, error) {
	list := reflect.New(reflect.SliceOf(reflect.PointerTo(r.Table.model)))
	if err := r.newest().Scan(ctx, db, list.Interface(), pgdialect.Array(grains), book); err != nil {
		return nil, fmt.Errorf("ledger: reading sums of %s: %w", r.Table.Name, err)
	}
	sums := map[string]Sum{}
	for i := range list.Elem().Len() {
		s := list.Elem().Index(i).Interface().(Sum)
		sums[s.sumVersion().Grain] = s
	}
	return sums, nil
}
