package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// A register is the books that the installation's log says there are, by the number of the entry that says so, which is
// the book's own.
type register struct {
	said map[int64]bool   // every entry of the register but those of a drop
	has  map[string]int64 // code → number of the book that has it now
}

// note follows the register by one entry of the installation's log.
func (r *register) note(e Entry) {
	s, ok := e.State.(*registerState)
	if !ok {
		return
	}
	if r.said == nil {
		r.said, r.has = map[int64]bool{}, map[string]int64{}
	}
	switch e.Kind {
	case "register.book_added":
		r.said[e.Seq], r.has[s.Code] = true, e.Seq
	case "register.book_dropped":
		delete(r.has, s.Code)
	default:
		r.said[e.Seq] = true
	}
}

// compareRegister finds books that were taken away, whole, and books that nobody added: of those no other check could
// tell.
func (c *checker) compareRegister(ctx context.Context) error {
	if c.book.id != installationID {
		return nil
	}
	var rows []bookRow
	if err := c.db.NewSelect().Model(&rows).Where("id <> ?", installationID).Order("id").Scan(ctx); err != nil {
		return fmt.Errorf("ledger: listing the books: %w", err)
	}
	there := map[int64]bool{}
	for _, r := range rows {
		there[r.ID] = true
		if !c.register.said[r.ID] {
			c.fault(min(r.ID, c.result.Entries), "books.id", Text{ZH: "没有这本账簿", EN: "no such book"}, r.Code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(c.register.has)) {
		if id := c.register.has[code]; !there[id] {
			c.fault(id, "books", Text{ZH: "账簿 " + code, EN: "the book " + code}, Text{ZH: "没有", EN: "none"})
		}
	}
	return nil
}
