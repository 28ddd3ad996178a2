package ledger

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"
)

// RebuildsPending tells whether there are books whose derived rows a migration left to be made anew. Nobody
// should read or write before they are.
func RebuildsPending(ctx context.Context, db bun.IDB) (bool, error) {
	var pending bool
	err := db.NewRaw("SELECT EXISTS (SELECT FROM work_rebuilds AS w JOIN books AS b ON b.id = w.book_id)").Scan(ctx, &pending)
	if err != nil {
		return false, fmt.Errorf("ledger: asking for books to be rebuilt: %w", err)
	}
	return pending, nil
}

// RebuildPending makes the derived rows and kept sums anew of every book that a migration named, from the book's
// entries and by the code that writing and check use: each book in a transaction of its own, so that readers see
// the old rows until it ends. owner is a connection of the schema's owner: the writer can delete nothing. progress,
// if not nil, is told the number of entries done.
//
// Errors: tampered book.broken for entries that cannot be read; then the book stays as it was.
func (s *Store) RebuildPending(ctx context.Context, owner *bun.DB, progress func(book string, entries int64)) error {
	var rows []bookRow
	err := owner.NewSelect().Model(&rows).ModelTableExpr("books AS b").ColumnExpr("b.*").
		Join("JOIN work_rebuilds AS w ON w.book_id = b.id").OrderExpr("b.id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("ledger: listing books to be rebuilt: %w", err)
	}
	for _, row := range rows {
		b := s.book(row)
		err := b.rebuild(ctx, owner, progress)
		for try := 1; try < tries && transient(err); try++ {
			err = b.rebuild(ctx, owner, progress)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rebuild makes the derived rows of one book anew, where nobody else has done it meanwhile.
func (b *Book) rebuild(ctx context.Context, owner *bun.DB, progress func(string, int64)) error {
	return inTransaction(ctx, owner, func(ctx context.Context, conn bun.Conn) error {
		if err := b.lock(ctx, conn); err != nil {
			return err
		}
		// A large book is emptied in one statement; just under the time that a connection waits for an answer.
		if _, err := conn.ExecContext(ctx, "SET LOCAL statement_timeout = '110s'"); err != nil {
			return fmt.Errorf("ledger: rebuilding %s: %w", b.Code, err)
		}
		result, err := conn.ExecContext(ctx, "DELETE FROM work_rebuilds WHERE book_id = ?", b.id)
		if err != nil {
			return fmt.Errorf("ledger: rebuilding %s: %w", b.Code, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		r := &rebuilder{checker: checker{book: b, db: conn, folds: map[*Rollup]*sumFold{}}, conn: conn, last: map[*Rollup]map[string]Sum{}}
		tables := r.tables()
		// The triggers that hold the book append-only guard it against mistakes, not against this.
		if err := r.each(ctx, tables, "ALTER TABLE ? DISABLE TRIGGER USER"); err != nil {
			return err
		}
		for _, table := range tables {
			if _, err := conn.ExecContext(ctx, "DELETE FROM ? WHERE book_id = ?", bun.Ident(table), b.id); err != nil {
				return fmt.Errorf("ledger: emptying %s of %s: %w", table, b.Code, err)
			}
		}
		if err := r.run(ctx, progress); err != nil {
			return err
		}
		return r.each(ctx, tables, "ALTER TABLE ? ENABLE TRIGGER USER")
	})
}

// rebuilder follows the entries as a checker does, and writes what a checker would expect.
type rebuilder struct {
	checker
	conn bun.Conn
	ends map[int64]int64            // entry → the one that amends it
	last map[*Rollup]map[string]Sum // the newest version of each sum, which is written when its end is known
}

// tables are the derived tables, in an order that is always the same, so that two who lock them do not wait for
// each other.
func (r *rebuilder) tables() []string {
	var names []string
	for _, k := range r.book.store.kinds {
		if k.Table != nil {
			names = append(names, k.Table.Name)
		}
		if k.Rollup != nil {
			names = append(names, k.Rollup.Table.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *rebuilder) each(ctx context.Context, tables []string, query string) error {
	for _, table := range tables {
		if _, err := r.conn.ExecContext(ctx, query, bun.Ident(table)); err != nil {
			return fmt.Errorf("ledger: rebuilding %s: %w", table, err)
		}
	}
	return nil
}

func (r *rebuilder) run(ctx context.Context, progress func(string, int64)) error {
	if err := r.readEnds(ctx); err != nil {
		return err
	}
	for next := int64(0); ; {
		var rows []*entryRow
		err := r.conn.NewSelect().Model(&rows).Where("book_id = ?", r.book.id).Where("seq >= ?", next).Order("seq").Limit(checkChunk).Scan(ctx)
		if err != nil {
			return fmt.Errorf("ledger: reading entries of %s: %w", r.book.Code, err)
		}
		if len(rows) == 0 {
			break
		}
		if err := r.chunk(ctx, next, rows); err != nil {
			return err
		}
		next = rows[len(rows)-1].Seq + 1
		if progress != nil {
			progress(r.book.Code, next)
		}
	}
	for rollup, sums := range r.last {
		list := rollup.Table.slice(len(sums))
		for _, s := range sums {
			list = reflect.Append(list, reflect.ValueOf(s))
		}
		if err := insert(ctx, r.conn, rollup.Table.Name, list); err != nil {
			return err
		}
	}
	return nil
}

// readEnds reads which entries are amended by which: a row is inserted with its end, because the indexes of what
// is current allow no two rows of one number.
func (r *rebuilder) readEnds(ctx context.Context) error {
	var amends []struct {
		Seq int64
		Old *int64 // nil: the word stands elsewhere in the entry
	}
	err := r.conn.NewRaw(`SELECT seq, (convert_from(body, 'UTF8')::jsonb ->> 'amends')::bigint AS old FROM entries `+
		`WHERE book_id = ? AND position(convert_to('"amends":', 'UTF8') IN body) > 0`, r.book.id).Scan(ctx, &amends)
	if err != nil {
		return fmt.Errorf("ledger: reading the amendments of %s: %w", r.book.Code, err)
	}
	r.ends = make(map[int64]int64, len(amends))
	for _, a := range amends {
		if a.Old != nil {
			r.ends[*a.Old] = a.Seq
		}
	}
	return nil
}

// chunk writes the rows of some entries in a row, and the sums of the commits that ended among them.
func (r *rebuilder) chunk(ctx context.Context, first int64, read []*entryRow) error {
	var sizes []int64
	err := r.conn.NewSelect().TableExpr("checkpoints").Column("size").Where("book_id = ?", r.book.id).
		Where("size > ?", first).Where("size <= ?", read[len(read)-1].Seq+1).Order("size").Scan(ctx, &sizes)
	if err != nil {
		return fmt.Errorf("ledger: reading checkpoints of %s: %w", r.book.Code, err)
	}
	entries := make([]Entry, len(read))
	for i, d := range decodeAll(r.book.store.kinds, read) {
		if d.err != nil {
			return E(Tampered, "book.broken", r.book.Code, read[i].Seq, "entries.body", Text{ZH: "规范形式的条目", EN: "a canonical entry"}, inBoth(d.err.Error()))
		}
		entries[i] = d.entry
	}
	replaced, err := r.replaced(ctx, entries)
	if err != nil {
		return err
	}
	rows := map[*Table]reflect.Value{}
	for _, e := range entries {
		for len(sizes) > 0 && sizes[0] <= e.Seq {
			r.commitFolds(sizes[0])
			sizes = sizes[1:]
		}
		kind, _ := r.book.store.kinds.of(e.Kind)
		if kind.Table == nil {
			continue
		}
		row := projected(kind, r.book.id, e)
		if end, ok := r.ends[e.Seq]; ok {
			row.version().SeqTo = &end
		}
		if err := r.follow(ctx, kind, e, row, replaced); err != nil {
			return err
		}
		if !rows[kind.Table].IsValid() {
			rows[kind.Table] = kind.Table.slice(len(entries))
		}
		rows[kind.Table] = reflect.Append(rows[kind.Table], reflect.ValueOf(row))
	}
	for _, size := range sizes {
		r.commitFolds(size)
	}
	r.result.Book = r.book.Code
	if err := r.result.Err(); err != nil {
		return err // an entry that speaks of what is not there
	}
	for table, list := range rows {
		if err := insert(ctx, r.conn, table.Name, list); err != nil {
			return err
		}
	}
	return r.endSums(ctx)
}

// endSums writes the sums whose next version has begun.
func (r *rebuilder) endSums(ctx context.Context) error {
	for rollup, fold := range r.folds {
		begun := make([]Sum, 0, len(fold.expected))
		for _, s := range fold.expected {
			begun = append(begun, s)
		}
		clear(fold.expected)
		slices.SortFunc(begun, func(a, b Sum) int { return cmp.Compare(a.sumVersion().SeqFrom, b.sumVersion().SeqFrom) })
		if r.last[rollup] == nil {
			r.last[rollup] = map[string]Sum{}
		}
		list := rollup.Table.slice(len(begun))
		for _, s := range begun {
			grain := s.sumVersion().Grain
			if before := r.last[rollup][grain]; before != nil {
				before.sumVersion().SeqTo = &s.sumVersion().SeqFrom
				list = reflect.Append(list, reflect.ValueOf(before))
			}
			r.last[rollup][grain] = s
		}
		if err := insert(ctx, r.conn, rollup.Table.Name, list); err != nil {
			return err
		}
	}
	return nil
}
