package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
)

// reader is a transaction that only reads.
type reader = bun.IDB

// inSnapshot runs fn in one read-only snapshot.
func inSnapshot(ctx context.Context, db *bun.DB, fn func(reader) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("ledger: beginning a snapshot: %w", err)
	}
	err = fn(tx)
	if rollbackErr := tx.Rollback(); err == nil && rollbackErr != nil {
		err = fmt.Errorf("ledger: ending a snapshot: %w", rollbackErr)
	}
	return err
}

// compareSealed holds clear texts against the commitments of their entries.
func (c *checker) compareSealed(ctx context.Context, entries []Entry, first, end int64) error {
	var rows []sealedRow
	err := c.db.NewRaw("SELECT book_id, seq, field, salt, value FROM sealed WHERE book_id = ? AND seq >= ? AND seq < ?",
		c.book.id, first, end).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("ledger: reading sealed texts of %s: %w", c.book.Code, err)
	}
	type place struct {
		seq   int64
		field string
	}
	stored := make(map[place]sealedRow, len(rows))
	for _, r := range rows {
		stored[place{r.Seq, r.Field}] = r
	}
	for _, e := range entries {
		for _, f := range e.sealedFields() {
			r, ok := stored[place{e.Seq, f.Name}]
			delete(stored, place{e.Seq, f.Name})
			if !ok && c.textless {
				continue
			} else if !ok {
				c.fault(e.Seq, "sealed."+f.Name, Text{ZH: "承诺对应的原文", EN: "the text of the commitment"}, Text{ZH: "没有", EN: "none"})
			} else if got := commitment(r.Salt, f.Name, r.Value); got != f.Value.Commitment {
				c.fault(e.Seq, "sealed."+f.Name, f.Value.Commitment, got)
			}
		}
	}
	for at := range stored {
		c.fault(at.seq, "sealed."+at.field, Text{ZH: "没有", EN: "nothing"}, Text{ZH: "条目中没有承诺的文字", EN: "a text without an entry's commitment"})
	}
	return nil
}

// compareRows rebuilds the derived rows of some entries and holds them against the stored ones.
// sizes are the checkpoints among them.
func (c *checker) compareRows(ctx context.Context, entries []Entry, sizes []int64, first, end int64) error {
	expected := map[*Table]map[int64]Row{}
	for _, k := range c.book.store.kinds {
		if k.Table != nil {
			expected[k.Table] = map[int64]Row{}
		}
	}
	replaced, err := c.replaced(ctx, entries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		for len(sizes) > 0 && sizes[0] <= e.Seq {
			c.commitFolds(sizes[0])
			sizes = sizes[1:]
		}
		kind, _ := c.book.store.kinds.of(e.Kind)
		if kind.Table == nil {
			continue
		}
		row := projected(kind, c.book.id, e)
		expected[kind.Table][e.Seq] = row
		if err := c.follow(ctx, kind, e, row, replaced); err != nil {
			return err
		}
	}
	for _, size := range sizes {
		c.commitFolds(size)
	}
	for table, rows := range expected {
		if err := c.compareTable(ctx, table, rows, first, end); err != nil {
			return err
		}
	}
	for _, k := range c.book.store.kinds {
		if k.Rollup != nil {
			if err := c.compareSums(ctx, k.Rollup, first, end); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow moves the sums by one entry, whose row is row.
func (c *checker) follow(ctx context.Context, kind *Kind, e Entry, row Row, replaced map[int64]Entry) error {
	if kind.Rollup != nil {
		c.foldSum(kind, e, row, replaced)
	}
	if e.Amends != nil {
		c.ended.set(*e.Amends, true)
	}
	if kind.Reviews != nil {
		return c.foldReview(ctx, e, kind.Reviews(e.State))
	}
	return nil
}

// replaced decodes the entries that some others amend: their rows leave the sums.
func (c *checker) replaced(ctx context.Context, entries []Entry) (map[int64]Entry, error) {
	var seqs []int64
	for _, e := range entries {
		if e.Amends != nil {
			seqs = append(seqs, *e.Amends)
		}
	}
	old := map[int64]Entry{}
	if len(seqs) == 0 {
		return old, nil
	}
	var rows []*entryRow
	err := c.db.NewSelect().Model(&rows).Where("book_id = ?", c.book.id).Where("seq IN (?)", bun.List(seqs)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading amended entries of %s: %w", c.book.Code, err)
	}
	for _, r := range rows {
		if e, err := decodeEntry(c.book.store.kinds, r.Seq, r.Body); err == nil {
			old[r.Seq] = e
		}
	}
	for _, e := range entries {
		if e.Amends != nil && old[*e.Amends].Record != e.Record {
			c.fault(e.Seq, "entries.amends", Text{ZH: fmt.Sprintf("记录 %d 的条目", e.Record), EN: fmt.Sprintf("an entry of record %d", e.Record)}, fmt.Sprint(*e.Amends))
		}
	}
	return old, nil
}

// readRows reads the rows that begin in [first, end). A value that the program cannot read is a fault, found
// by halves.
func (c *checker) readRows(ctx context.Context, table *Table, first, end int64) (reflect.Value, error) {
	list := reflect.New(reflect.SliceOf(reflect.PointerTo(table.model)))
	err := c.db.NewSelect().Model(list.Interface()).Where("book_id = ?", c.book.id).
		Where("seq_from >= ?", first).Where("seq_from < ?", end).Scan(ctx)
	switch {
	case err == nil:
		return list.Elem(), nil
	case !strings.Contains(err.Error(), "sql: Scan error"):
		return list.Elem(), fmt.Errorf("ledger: reading %s of %s: %w", table.Name, c.book.Code, err)
	case end-first == 1:
		c.fault(first, table.Name, Text{ZH: "可以读出的值", EN: "values that can be read"}, err.Error())
		return reflect.Zero(list.Elem().Type()), nil
	}
	middle := first + (end-first)/2
	lower, err := c.readRows(ctx, table, first, middle)
	if err != nil {
		return lower, err
	}
	upper, err := c.readRows(ctx, table, middle, end)
	return reflect.AppendSlice(lower, upper), err
}

// compareTable holds the rows that begin in [first, end) against the expected ones, value by value.
func (c *checker) compareTable(ctx context.Context, table *Table, expected map[int64]Row, first, end int64) error {
	list, err := c.readRows(ctx, table, first, end)
	if err != nil {
		return err
	}
	for i := range list.Len() {
		got := list.Index(i)
		seq := got.Interface().(Row).version().SeqFrom
		want, ok := expected[seq]
		delete(expected, seq)
		c.result.Rows++
		if !ok {
			c.fault(seq, table.Name, Text{ZH: "没有这一行", EN: "no row"}, Text{ZH: "没有条目对应的行", EN: "a row that no entry made"})
			continue
		}
		c.compareValues(table.Name, seq, reflect.ValueOf(want).Elem(), got.Elem())
	}
	for seq := range expected {
		c.fault(seq, table.Name, Text{ZH: "有一行", EN: "a row"}, Text{ZH: "没有", EN: "none"})
	}
	return nil
}

// compareValues compares two rows column by column. seq_to is left to finish, which knows what follows.
func (c *checker) compareValues(table string, seq int64, want, got reflect.Value) {
	for _, column := range columnsOf(want.Type()) {
		if column.name == "seq_to" {
			continue
		}
		wantText, wantNull := columnText(want.FieldByIndex(column.index))
		gotText, gotNull := columnText(got.FieldByIndex(column.index))
		if wantText != gotText || wantNull != gotNull {
			c.fault(seq, table+"."+column.name, shown(wantText, wantNull), shown(gotText, gotNull))
		}
	}
}

func shown(text string, null bool) string {
	if null {
		return "NULL"
	}
	return text
}

func (c *checker) commitFolds(size int64) {
	for _, fold := range c.folds {
		fold.commit(c.book.id, size)
	}
}

// foldSum adds an entry's row to the sums and takes its predecessor's off.
func (c *checker) foldSum(kind *Kind, e Entry, row Row, replaced map[int64]Entry) {
	fold := c.fold(kind.Rollup)
	if e.Amends != nil {
		if old, ok := replaced[*e.Amends]; ok {
			before := projected(kind, c.book.id, old)
			stand(before, c.approved.has(*e.Amends))
			fold.add(kind.Rollup, before, -1)
		}
	}
	fold.add(kind.Rollup, row, +1)
}

func (c *checker) fold(r *Rollup) *sumFold {
	if c.folds[r] == nil {
		c.folds[r] = &sumFold{sums: map[string]Sum{}, touched: map[string]bool{}, expected: map[sumKey]Sum{}}
	}
	return c.folds[r]
}

// sumFold is what the kept sums of one rollup should be, commit by commit.
type sumFold struct {
	sums     map[string]Sum
	touched  map[string]bool // grains changed since the last checkpoint
	expected map[sumKey]Sum  // versions that begin in the chunk at hand
}

type sumKey struct {
	grain string
	from  int64
}

func (f *sumFold) add(r *Rollup, row Row, sign int) {
	s, ok := r.Of(row)
	if !ok {
		return
	}
	grain := s.sumVersion().Grain
	total, known := f.sums[grain]
	if !known {
		total = s.Copy()
		total.Combine(s, -1)
		f.sums[grain] = total
	}
	total.Combine(s, sign)
	f.touched[grain] = true
}

// commit notes the versions that a commit of the given size began.
func (f *sumFold) commit(book, size int64) {
	for grain := range f.touched {
		s := f.sums[grain].Copy()
		*s.sumVersion() = SumVersion{BookID: book, Grain: grain, SeqFrom: size - 1}
		f.expected[sumKey{grain, size - 1}] = s
	}
	clear(f.touched)
}

// compareSums holds the kept sums that begin in [first, end) against the fold.
func (c *checker) compareSums(ctx context.Context, rollup *Rollup, first, end int64) error {
	list, err := c.readRows(ctx, rollup.Table, first, end)
	if err != nil {
		return err
	}
	var expected map[sumKey]Sum
	if fold := c.folds[rollup]; fold != nil {
		expected = fold.expected
	}
	for i := range list.Len() {
		got := list.Index(i)
		version := got.Interface().(Sum).sumVersion()
		at := sumKey{version.Grain, version.SeqFrom}
		want, ok := expected[at]
		delete(expected, at)
		c.result.Rows++
		if !ok {
			c.fault(version.SeqFrom, rollup.Table.Name, Text{ZH: "没有这个合计", EN: "no sum"}, version.Grain)
			continue
		}
		c.compareValues(rollup.Table.Name, version.SeqFrom, reflect.ValueOf(want).Elem(), got.Elem())
	}
	for at := range expected {
		c.fault(at.from, rollup.Table.Name, at.grain, Text{ZH: "没有", EN: "none"})
	}
	clear(expected)
	return nil
}
