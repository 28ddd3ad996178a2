package auction

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// oldest is the order of a queue.
func oldest() order { return order{name: "id"} }

// excepted are the entries that reviews of whole imports left out.
const excepted = "lots.seq_from = ANY(ARRAY(SELECT jsonb_array_elements_text(r.exceptions::jsonb)::bigint FROM reviews AS r " +
	"WHERE r.book_id = ? AND r.exceptions <> '[]' AND (? = 0 OR r.id < ?)))"

// Waiting reads a page of the listings that wait for a review of their own, the oldest first: those that no import
// made, and those that the review of their import left out. In a scope of villages, whose reviewers review no import as a
// whole, all that its import made waits one by one.
func Waiting(ctx context.Context, db bun.IDB, scope ledger.Scope, page ledger.Page) ([]*Lot, string, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, "", err
	}
	if len(scope.Villages()) > 0 {
		l, err := newListing(ctx, db, scope, LotFilter{Review: review.Waiting}, page)
		if err != nil {
			return nil, "", err
		}
		l.order = oldest()
		list, err := l.rows(ctx)
		if err != nil {
			return nil, "", err
		}
		list, next := ledger.NextPage(page, list, l.order.cursor)
		return list, next, dress(ctx, db, book, list)
	}
	return queue(ctx, db, scope, review.Waiting, page,
		func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lots.import IS NULL") },
		func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("lots.import IS NOT NULL").Where(excepted, book, scope.Size(), scope.Size())
		})
}

// WaitingOfImport reads a page of the listings of an import that wait for a review, in the order of their entries.
func WaitingOfImport(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64, page ledger.Page) ([]*Lot, string, error) {
	return queue(ctx, db, scope, review.Waiting, page, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lots.import = ?", entry) })
}

// queue reads a page of some sets of rows, each of which an index gives in the order of their records; verdict as
// LotFilter.Review.
func queue(ctx context.Context, db bun.IDB, scope ledger.Scope, verdict string, page ledger.Page, sets ...func(*bun.SelectQuery) *bun.SelectQuery) ([]*Lot, string, error) {
	l, err := newListing(ctx, db, scope, LotFilter{Review: verdict}, page)
	if err != nil {
		return nil, "", err
	}
	l.order = oldest()
	var all []*Lot
	for _, of := range sets {
		found, err := l.within(of)
		if err != nil {
			return nil, "", err
		}
		list, err := l.read(ctx, found.Limit(int64(page.Size())+1))
		if err != nil {
			return nil, "", err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b *Lot) int { return cmp.Compare(a.ID, b.ID) })
	list, next := ledger.NextPage(page, all[:min(len(all), page.Size()+1)], l.order.cursor)
	return list, next, dress(ctx, db, l.book, list)
}

// ImportLook is what a reviewer looks at first of an import: how much of it stands, and what it adds up to.
type ImportLook struct {
	Lots        int64        `bun:"lots"`    // that stand as the import made them
	Waiting     int64        `bun:"waiting"` // of these
	Totalled    int64        `bun:"totalled"`
	BaseTotal   ledger.Money `bun:"base_total"`   // Σ of the totalled: sold at a base and a hammer
	HammerTotal ledger.Money `bun:"hammer_total"` // Σ of the same
}

// LookAtImport counts the listings of an import and adds up those that were sold.
func LookAtImport(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64) (ImportLook, error) {
	var look ImportLook
	book, err := scope.BookID()
	if err != nil {
		return look, err
	}
	of := currentIn(db.NewSelect().Model((*Lot)(nil)), scope, book).Where("NOT lots.voided").Where("lots.import = ?", entry)
	sold := "FILTER (WHERE outcome IN (?) AND direction = ? AND base_total IS NOT NULL AND hammer_total IS NOT NULL)"
	in := []any{bun.List([]Outcome{Hammered, Confirmed, Disputed}), Sale}
	err = db.NewSelect().TableExpr("(?) AS made", of).ColumnExpr("count(*) AS lots").ColumnExpr("count(*) FILTER (WHERE verdict = '') AS waiting").
		ColumnExpr("count(*) "+sold+" AS totalled", in...).
		ColumnExpr("COALESCE(sum(base_total) "+sold+", 0) AS base_total", in...).
		ColumnExpr("COALESCE(sum(hammer_total) "+sold+", 0) AS hammer_total", in...).Scan(ctx, &look)
	if err != nil {
		return look, fmt.Errorf("auction: adding up an import: %w", err)
	}
	return look, nil
}
