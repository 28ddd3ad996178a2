package landcheck

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// ParcelFilter says which parcels a list shows, and in which order. Zero fields ask nothing.
type ParcelFilter struct {
	Search   string // texts of the parcel: numbers, name, location, village, an organisation that holds it
	Owner    string // a code
	Category string // a code, or the paper's own words
	Village  string // as Scope: 东升村 covers 东升村第一经济社
	Review   string // waiting, approved, returned
	Import   int64  // the entry of an import
	Verified string // yes: an area was found; no
	Sort     string // -id (the newest first), parcel_no
}

// The orders of a list of parcels.
const (
	sortNewest = "-id"
	sortNumber = "parcel_no"
)

// check refuses words that no list knows, instead of showing an empty one.
func (f ParcelFilter) check() error {
	owners := []string{""}
	for _, o := range Owners() {
		owners = append(owners, o.Code)
	}
	for _, word := range []struct {
		field, said string
		known       []string
	}{
		{"owner", f.Owner, owners}, {"review", f.Review, []string{"", review.Waiting, ledger.Approved, ledger.Returned}},
		{"verified", f.Verified, []string{"", "yes", "no"}}, {"sort", f.Sort, []string{"", sortNewest, sortNumber}},
	} {
		if !slices.Contains(word.known, word.said) {
			return ledger.E(ledger.Invalid, "list.word_unknown", word.said).On(word.field)
		}
	}
	for field, text := range map[string]string{"search": f.Search, "category": f.Category, "village": f.Village} {
		if err := ledger.Clean(ledger.Normal(text)); err != nil {
			return ledger.E(ledger.Invalid, "list.word_unknown", "").On(field).Because(err)
		}
	}
	return nil
}

// where adds the conditions of the filter to a query that parcelsOf made, with the reviews where the filter asks for
// them.
func (f ParcelFilter) where(q *bun.SelectQuery, scope ledger.Scope, book int64) *bun.SelectQuery {
	q = review.With(q.Where("NOT parcel.voided"), f.Review)
	if grams := ledger.GramsOf(f.Search); len(grams) > 0 {
		q = q.Where("parcel.grams @> ?", pgdialect.Array(grams))
	} else if ledger.Normal(f.Search) != "" {
		q = q.Where("FALSE") // nothing but marks
	}
	if f.Owner != "" {
		q = q.Where("parcel.owner = ?", f.Owner)
	}
	if f.Category != "" {
		q = q.Where("parcel.category = ?", categoryOf(ledger.Normal(f.Category)))
	}
	q = ledger.InVillage(q, "parcel.village_key", f.Village)
	if f.Import != 0 {
		q = q.Where("parcel.import = ?", f.Import)
	}
	// A scalar and no EXISTS: that would become a join, which without statistics reads a book for each of its rows.
	verified := countsAs(q.NewSelect().TableExpr("verifications AS v").ColumnExpr("v.id"), scope, book).Where("v.parcel = parcel.id").Limit(1)
	switch f.Verified {
	case "yes":
		q = q.Where("(?) IS NOT NULL", verified)
	case "no":
		q = q.Where("(?) IS NULL", verified)
	}
	return q
}

// spoken narrows a query to the parcels that can have the standing that the filter asks for, where that is a short way.
// Of the past no more is known than what each row says.
func (f ParcelFilter) spoken(ctx context.Context, db bun.IDB, scope ledger.Scope, book int64, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	if scope.Size() != 0 {
		return q, nil
	}
	narrow, err := review.Candidates(ctx, db, book, review.Subjects{Kind: "parcel", Table: parcels}, "parcel", f.Review)
	if narrow != nil {
		q = narrow(q)
	}
	return q, err
}

// ListParcels reads a page of the current parcels of a scope and the cursor of the next one; "" when there is
// none.
//
// Errors: invalid list.word_unknown, page.unreadable.
func ListParcels(ctx context.Context, db bun.IDB, scope ledger.Scope, f ParcelFilter, page ledger.Page) ([]*Parcel, string, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, "", err
	}
	if err := f.check(); err != nil {
		return nil, "", err
	}
	sort := f.Sort
	if sort == "" {
		sort = sortNewest
	}
	key, id, after, err := page.Place(sort)
	if err != nil {
		return nil, "", err
	}
	var list []*Parcel
	q, err := f.spoken(ctx, db, scope, book, f.where(parcelsIn(db.NewSelect().Model(&list), scope, book), scope, book))
	if err != nil {
		return nil, "", err
	}
	if sort == sortNumber {
		if after {
			q = q.Where(`(parcel.parcel_no_key COLLATE "C", parcel.id) > (?, ?)`, key, id)
		}
		q = q.OrderExpr(`parcel.parcel_no_key COLLATE "C", parcel.id`)
	} else {
		if after {
			q = q.Where("parcel.id < ?", id)
		}
		q = q.OrderExpr("parcel.id DESC")
	}
	if err := q.Limit(int64(page.Size() + 1)).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("landcheck: listing parcels: %w", err)
	}
	list, next := ledger.NextPage(page, list, func(p *Parcel) string {
		if sort == sortNumber {
			return ledger.Cursor(sort, p.ParcelNoKey, p.ID)
		}
		return ledger.Cursor(sort, "", p.ID)
	})
	return list, next, fill(ctx, db, scope, book, list)
}

// CountUpTo counts the parcels that a list would show, up to a number: more than that nobody pages through.
func CountUpTo(ctx context.Context, db bun.IDB, scope ledger.Scope, f ParcelFilter, most int) (int, error) {
	book, err := scope.BookID()
	if err != nil {
		return 0, err
	}
	if err := f.check(); err != nil {
		return 0, err
	}
	q := parcelsOf(db.NewSelect().Model((*Parcel)(nil)).ColumnExpr("1"), scope, book)
	if f.Review != "" {
		q = review.Columns(q, "parcel", scope.Size())
	}
	if q, err = f.spoken(ctx, db, scope, book, f.where(q, scope, book)); err != nil {
		return 0, err
	}
	n, err := db.NewSelect().TableExpr("(?) AS found", q.Limit(int64(most))).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("landcheck: counting parcels: %w", err)
	}
	return int(n), nil
}
