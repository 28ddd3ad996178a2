package ledger

import (
	"context"
	"fmt"
	"slices"
)

// bits is a set of entry numbers: an eighth of a byte each, so that a check's memory stays flat.
type bits []uint64

func (b bits) has(seq int64) bool {
	word := seq / 64
	return seq >= 0 && word < int64(len(b)) && b[word]&(1<<(seq%64)) != 0
}

func (b *bits) set(seq int64, to bool) {
	for int64(len(*b)) <= seq/64 {
		*b = append(*b, 0)
	}
	if to {
		(*b)[seq/64] |= 1 << (seq % 64)
	} else {
		(*b)[seq/64] &^= 1 << (seq % 64)
	}
}

// foldReview moves the sums of the entries that a review speaks of, as the writer moved them.
func (c *checker) foldReview(ctx context.Context, e Entry, r Review) error {
	if r.Entry >= e.Seq || r.Entry < 0 {
		c.fault(e.Seq, "entries.state.entry", Text{ZH: "更早的条目", EN: "an earlier entry"}, fmt.Sprint(r.Entry))
		return nil
	}
	if !r.Import {
		subjects, err := c.entriesFrom(ctx, r.Entry, 1)
		if err != nil {
			return err
		}
		if c.ended.has(r.Entry) || len(subjects) != 1 {
			c.fault(e.Seq, "entries.state.entry", Text{ZH: "当时有效的条目", EN: "an entry that stood at the time"}, fmt.Sprint(r.Entry))
			return nil
		}
		c.foldSubject(subjects[0], r.Approved)
		return nil
	}
	var first *Entry
	for next := r.Entry; ; {
		some, err := c.entriesFrom(ctx, next, checkChunk)
		if err != nil || len(some) == 0 {
			return err
		}
		if first == nil {
			first = &some[0]
		}
		for _, s := range some {
			next = s.Seq + 1
			if s.Seq >= e.Seq || !s.At.Equal(first.At) {
				return nil // the commit of an import has an instant of its own
			}
			if s.Source != nil && s.Source.Import == r.Entry && !c.ended.has(s.Seq) && !slices.Contains(r.Except, s.Seq) {
				c.foldSubject(s, r.Approved)
			}
		}
	}
}

func (c *checker) foldSubject(s Entry, approved bool) {
	kind, _ := c.book.store.kinds.of(s.Kind)
	if kind.Rollup != nil {
		row := projected(kind, c.book.id, s)
		stand(row, c.approved.has(s.Seq))
		c.fold(kind.Rollup).add(kind.Rollup, row, -1)
		stand(row, approved)
		c.fold(kind.Rollup).add(kind.Rollup, row, +1)
	}
	c.approved.set(s.Seq, approved)
}

// entriesFrom reads entries again, for a review that speaks of them. What cannot be read was told already.
func (c *checker) entriesFrom(ctx context.Context, first int64, most int64) ([]Entry, error) {
	var rows []*entryRow
	err := c.db.NewSelect().Model(&rows).Where("book_id = ?", c.book.id).Where("seq >= ?", first).Order("seq").Limit(most).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading reviewed entries of %s: %w", c.book.Code, err)
	}
	var list []Entry
	for _, d := range decodeAll(c.book.store.kinds, rows) {
		if d.err == nil {
			list = append(list, d.entry)
		}
	}
	return list, nil
}
