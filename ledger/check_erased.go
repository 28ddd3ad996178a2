package ledger

import (
	"context"
	"fmt"
	"strconv"
)

// readErasures reads which texts were erased. The rows are held against their entries like all others: a row that no
// entry made excuses a missing text, and is a fault itself.
func (c *checker) readErasures(ctx context.Context) error {
	var rows []struct {
		Seq          int64
		Entry, Field *string
	}
	err := c.db.NewRaw("SELECT e.seq_from AS seq, t.entry, t.field FROM erasures AS e, unnest(e.entries, e.fields) AS t (entry, field) "+
		"WHERE e.book_id = ? ORDER BY e.seq_from", c.book.id).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("ledger: reading erasures of %s: %w", c.book.Code, err)
	}
	c.erased = make(map[TextAt]int64, len(rows))
	for _, r := range rows {
		if r.Entry == nil || r.Field == nil {
			continue // the row differs from its entry, which is told there
		}
		entry, err := strconv.ParseInt(*r.Entry, 10, 64)
		if err != nil {
			continue
		}
		c.noteErased(r.Seq, TextAt{entry, *r.Field})
	}
	return nil
}

// noteErased takes one text that an erasure names; erasures come in their order.
func (c *checker) noteErased(by int64, at TextAt) {
	if _, twice := c.erased[at]; twice || at.Seq >= by {
		c.erasedNothing(by, at)
		return
	}
	c.erased[at] = by
}

// compareErased tells whether an erasure names a text of an entry: then it must be gone.
func (c *checker) compareErased(at TextAt, there bool) bool {
	by, named := c.erased[at]
	delete(c.erased, at)
	if named && there {
		c.fault(at.Seq, "sealed."+at.Field, Text{ZH: fmt.Sprintf("没有（条目 %d 已依法删除）", by), EN: fmt.Sprintf("nothing: entry %d erased it", by)},
			Text{ZH: "还有原文", EN: "a text"})
	}
	return named
}

// namedNothing finds erasures of what no entry ever sealed.
func (c *checker) namedNothing() {
	for at, by := range c.erased {
		c.erasedNothing(by, at)
	}
}

// erasuresFault is an erasure that names what it cannot.
const erasuresFault = "erasures"

func (c *checker) erasedNothing(by int64, at TextAt) {
	c.fault(by, erasuresFault, Text{ZH: "此前条目的封存文字", EN: "a sealed text of an earlier entry"}, at.key())
}
