package landcheck

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/review"
)

// ParcelsOfImport reads a page of the current parcels that an import made, in the order of their records.
func ParcelsOfImport(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64, page ledger.Page) ([]*Parcel, string, error) {
	return someParcels(ctx, db, scope, page, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("parcel.import = ?", entry) })
}

// someParcels reads a page of some of the current parcels of a scope, the oldest first.
func someParcels(ctx context.Context, db bun.IDB, scope ledger.Scope, page ledger.Page, which func(*bun.SelectQuery) *bun.SelectQuery) ([]*Parcel, string, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, "", err
	}
	_, id, after, err := page.Place(sortOldest)
	if err != nil {
		return nil, "", err
	}
	var list []*Parcel
	q := which(parcelsIn(db.NewSelect().Model(&list), scope, book).Where("NOT parcel.voided"))
	if after {
		q = q.Where("parcel.id > ?", id)
	}
	if err := q.OrderExpr("parcel.id").Limit(int64(page.Size() + 1)).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("landcheck: listing parcels: %w", err)
	}
	list, next := ledger.NextPage(page, list, func(p *Parcel) string { return ledger.Cursor(sortOldest, "", p.ID) })
	return list, next, fill(ctx, db, scope, book, list)
}

// VerificationsOfImport is ParcelsOfImport's twin.
func VerificationsOfImport(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64, page ledger.Page) ([]*Verification, string, error) {
	return someVerifications(ctx, db, scope, page, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("verification.import = ?", entry) })
}

// ReturnedVerifications reads a page of the verifications that a reviewer gave back, the oldest first.
func ReturnedVerifications(ctx context.Context, db bun.IDB, scope ledger.Scope, page ledger.Page) ([]*Verification, string, error) {
	return someVerifications(ctx, db, scope, page, func(q *bun.SelectQuery) *bun.SelectQuery { return review.With(q, ledger.Returned) })
}

// someVerifications is someParcels' twin.
func someVerifications(ctx context.Context, db bun.IDB, scope ledger.Scope, page ledger.Page, which func(*bun.SelectQuery) *bun.SelectQuery) ([]*Verification, string, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, "", err
	}
	_, id, after, err := page.Place(sortOldest)
	if err != nil {
		return nil, "", err
	}
	var list []*Verification
	q := which(verificationsIn(db.NewSelect().Model(&list), scope, book).Where("NOT verification.voided"))
	if after {
		q = q.Where("verification.id > ?", id)
	}
	if err := q.OrderExpr("verification.id").Limit(int64(page.Size() + 1)).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("landcheck: listing verifications: %w", err)
	}
	list, next := ledger.NextPage(page, list, func(v *Verification) string { return ledger.Cursor(sortOldest, "", v.ID) })
	return list, next, nameVerifications(ctx, db, book, list)
}

// Exceptions are the entries that a reviewer leaves out of the review of an import, by the numbers of parcels: of
// each the parcel and its verifications, as far as the import made them. invalid review.number_not_of_import.
func Exceptions(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64, numbers []string) ([]int64, error) {
	book, err := scope.BookID()
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	var keys []string
	for _, no := range numbers {
		keys = append(keys, intake.NumberKey(no))
	}
	var found []struct {
		ParcelNoKey string
		SeqFrom     int64
	}
	parcel := db.NewSelect().TableExpr("parcels AS p").ColumnExpr("p.parcel_no_key, p.seq_from").Where("p.import = ?", entry)
	visit := db.NewSelect().TableExpr("parcels AS p").ColumnExpr("p.parcel_no_key, v.seq_from").
		Join("JOIN verifications AS v ON v.book_id = p.book_id AND v.parcel = p.id AND "+scope.Version("v")+" AND NOT v.voided").Where("v.import = ?", entry)
	for _, q := range []*bun.SelectQuery{parcel, visit} {
		q.Where("p.book_id = ?", book).Where(scope.Version("p")).Where("NOT p.voided").Where("p.parcel_no_key IN (?)", bun.List(keys))
		scope.Where(q, "p.village_key", "")
	}
	if err := db.NewSelect().TableExpr("(?) AS found", parcel.UnionAll(visit)).Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("landcheck: looking for parcels of an import: %w", err)
	}
	var entries []int64
	known := map[string]bool{}
	for _, f := range found {
		entries, known[f.ParcelNoKey] = append(entries, f.SeqFrom), true
	}
	if i := slices.IndexFunc(keys, func(k string) bool { return !known[k] }); i >= 0 {
		return nil, ledger.E(ledger.Invalid, "review.number_not_of_import", numbers[i], entry).On("numbers")
	}
	return entries, nil
}
