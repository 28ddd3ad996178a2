package auction

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/issue"
)

// LateIn reads the listings whose hammer date lies in a period, both days included, and that came into the book after
// the last report that closed that day, as they stand at the scope's time.
func LateIn(ctx context.Context, db bun.IDB, scope ledger.Scope, from, to ledger.Day, each func(*Lot)) error {
	book, err := scope.BookID()
	if err != nil {
		return err
	}
	var rows []*Lot
	q := db.NewSelect().Model(&rows).ColumnExpr("lots.*").Where("lots.book_id = ?", book).Where("lots.hammered_on BETWEEN ? AND ?", from, to).
		Where(scope.Version("lots")).Where("NOT lots.voided").OrderExpr("lots.id")
	q = issue.SinceLast(scope.Where(q, "lots.village_key", "lots.hammered_on"), scope, "lots", "hammered_on")
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("auction: reading late lots: %w", err)
	}
	for _, l := range rows {
		each(l)
	}
	return nil
}

// Touched is a listing with a day of a period of which an entry was made after a checkpoint: as it stood then and as it
// stands at the scope's time, with the standing of each; nil where it was not there, or is voided.
type Touched struct {
	ID       int64
	Old, New *Lot
	Entry    int64 // its newest entry
	Voided   bool
}

// TouchedSince reads the listings that were entered, amended or voided after a checkpoint and of which what stood or
// what stands is of a period, in the order of their records, at most limit.
func TouchedSince(ctx context.Context, db bun.IDB, scope ledger.Scope, size int64, from, to ledger.Day, limit int) ([]*Touched, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var found []struct{ ID int64 }
	// Along the day: of the period's rows, those that stood then and have ended since, and those that stand and began
	// since. What was entered after the checkpoint of other days is not looked at.
	stood, stands := ledger.VersionAt("v", size), scope.Version("v")
	err = db.NewSelect().TableExpr("lots AS v").ColumnExpr("DISTINCT v.id").Where("v.book_id = ?", book).Where("v.hammered_on BETWEEN ? AND ?", from, to).
		Where("NOT v.voided").Where("("+stood+" AND v.seq_to >= ? AND "+scope.Until("v.seq_to")+") OR ("+stands+" AND v.seq_from >= ?)", size, size).
		OrderExpr("v.id").Limit(int64(limit)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("auction: looking for lots that were touched: %w", err)
	}
	list, ids := make([]*Touched, len(found)), make([]int64, len(found))
	byID := map[int64]*Touched{}
	for i, f := range found {
		list[i], ids[i] = &Touched{ID: f.ID}, f.ID
		byID[f.ID] = list[i]
	}
	if len(ids) == 0 {
		return nil, nil
	}
	before, err := versionsOf(ctx, db, book, ledger.VersionAt("lots", size), ids)
	if err != nil {
		return nil, err
	}
	now, err := versionsOf(ctx, db, book, scope.Version("lots"), ids)
	for _, l := range before {
		if !l.Voided {
			byID[l.ID].Old = l
		}
	}
	for _, l := range now {
		t := byID[l.ID]
		if t.Entry, t.Voided = l.SeqFrom, l.Voided; !l.Voided {
			t.New = l
		}
	}
	return list, err
}

func versionsOf(ctx context.Context, db bun.IDB, book int64, version string, ids []int64) ([]*Lot, error) {
	var rows []*Lot
	err := db.NewSelect().Model(&rows).ColumnExpr("lots.*").Where("lots.book_id = ?", book).Where("lots.id IN (?)", bun.List(ids)).Where(version).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("auction: reading versions of lots: %w", err)
	}
	return rows, nil
}

// IssuedWith reads the issued reports that the listing is in.
func (l *Lot) IssuedWith(ctx context.Context, db bun.IDB, scope ledger.Scope) ([]*issue.Belonging, error) {
	return issue.Of(ctx, db, scope, "lots", "id", "hammered_on", l.ID)
}
