package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// ReturnedRecord is something that a review gave back and that nobody has amended, voided or approved since.
type ReturnedRecord struct {
	Kind   string // lot, parcel, verification; import for a whole one
	Record int64
	Entry  int64 // the one that was given back
	Review int64 // the entry that gave it back
	Reason string
	By     ledger.Actor
	At     time.Time
}

// returnedMost bounds how many returned records are looked at for each kind: the newest.
const returnedMost = 200

// ReturnedTo lists what reviews gave back to somebody who entered or amended it, the newest first, at most limit.
// It begins at the reviews and not at the records, so that it takes no longer in a large book.
func ReturnedTo(ctx context.Context, db bun.IDB, scope ledger.Scope, actor ledger.Actor, made []Subjects, limit int) ([]ReturnedRecord, error) {
	id, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var list []ReturnedRecord
	for _, kind := range made {
		var found []ReturnedRecord
		err := db.NewRaw("SELECT ? AS kind, t.id AS record, t.seq_from AS entry, r.id AS review FROM reviews AS r "+
			"JOIN ? AS t ON t.book_id = r.book_id AND t.seq_from = r.entry AND t.seq_to IS NULL AND NOT t.voided "+
			"WHERE r.book_id = ? AND r.what = ? AND r.verdict = ? AND "+newest+" ORDER BY r.id DESC LIMIT ?",
			kind.Kind, bun.Ident(kind.Table.Name), id, kind.Kind, ledger.Returned, returnedMost).Scan(ctx, &found)
		if err != nil {
			return nil, fmt.Errorf("review: reading what was returned: %w", err)
		}
		list = append(list, found...)
	}
	var imports []ReturnedRecord
	err = db.NewRaw("SELECT ? AS kind, i.id AS record, i.id AS entry, r.id AS review FROM reviews AS r "+
		"JOIN imports AS i ON i.book_id = r.book_id AND i.id = r.entry AND i.seq_to IS NULL "+
		"WHERE r.book_id = ? AND r.what = ? AND r.verdict = ? AND "+newest+" ORDER BY r.id DESC LIMIT ?",
		ofImport, id, ofImport, ledger.Returned, returnedMost).Scan(ctx, &imports)
	if err != nil {
		return nil, fmt.Errorf("review: reading imports that were returned: %w", err)
	}
	return ownReturned(ctx, db, id, actor, append(list, imports...), limit)
}

// newest holds for the last review of an entry.
const newest = "NOT EXISTS (SELECT FROM reviews AS later WHERE later.book_id = r.book_id AND later.entry = r.entry AND later.id > r.id)"

// ownReturned keeps what an actor entered, and says who gave it back and why.
func ownReturned(ctx context.Context, db bun.IDB, book int64, actor ledger.Actor, list []ReturnedRecord, limit int) ([]ReturnedRecord, error) {
	var seqs []int64
	for _, r := range list {
		seqs = append(seqs, r.Entry, r.Review)
	}
	heads, err := ledger.Heads(ctx, db, book, seqs)
	if err != nil {
		return nil, err
	}
	at := map[int64]ledger.EntryHead{}
	for _, h := range heads {
		at[h.Seq] = h
	}
	var own []ReturnedRecord
	for _, r := range list {
		if at[r.Entry].Actor != actor {
			continue
		}
		by := at[r.Review]
		r.Reason, r.By, r.At = by.Reason, by.Actor, by.At
		own = append(own, r)
	}
	sortNewest(own)
	return own[:min(len(own), limit)], nil
}

// UnreviewedImports counts the imports that no review has spoken of as a whole, up to a number. A scope of some
// villages sees none: an import is of the whole book.
func UnreviewedImports(ctx context.Context, db bun.IDB, scope ledger.Scope, most int) (int, error) {
	id, err := scope.BookID()
	if err != nil || !scope.Whole() {
		return 0, err
	}
	var n int
	err = db.NewRaw("SELECT count(*) FROM (SELECT FROM imports AS i WHERE i.book_id = ? AND i.seq_to IS NULL "+
		"AND NOT EXISTS (SELECT FROM reviews AS r WHERE r.book_id = i.book_id AND r.entry = i.id) LIMIT ?) AS waiting", id, most).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("review: counting imports that wait: %w", err)
	}
	return n, nil
}

func sortNewest(list []ReturnedRecord) {
	slices.SortFunc(list, func(a, b ReturnedRecord) int { return cmp.Compare(b.Review, a.Review) })
}
