package landcheck

import (
	"context"
	"encoding/base64"
	"encoding/json"
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

// Cursor is where a page of a list ends: opaque, and good for the same order only.
type Cursor string

// Page asks for the rows after a cursor, at most Limit: 50 where it is 0, and never more than 200.
type Page struct {
	After Cursor
	Limit int
}

const (
	pageUsual = 50
	pageMost  = 200
)

func (p Page) limit() int {
	if p.Limit <= 0 {
		return pageUsual
	}
	return min(p.Limit, pageMost)
}

// place is what a cursor holds: the order, the value that it goes by, and the record.
type place struct {
	Sort string `json:"s"`
	Key  string `json:"k,omitempty"`
	ID   int64  `json:"i"`
}

func (p place) cursor() Cursor {
	b, err := json.Marshal(p)
	if err != nil {
		return "" // strings and a number: it cannot be
	}
	return Cursor(base64.RawURLEncoding.EncodeToString(b))
}

// place reads a cursor of an order; nil is the beginning.
func (c Cursor) place(sort string) (*place, error) {
	if c == "" {
		return nil, nil //nolint:nilnil // the beginning
	}
	p := new(place)
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err == nil {
		err = json.Unmarshal(b, p)
	}
	if err != nil || p.Sort != sort || ledger.Clean(p.Key) != nil {
		return nil, ledger.E(ledger.Invalid, "list.cursor_form").On("after")
	}
	return p, nil
}

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
	return nil
}

// where adds the conditions of the filter to a query that parcelsIn made.
func (f ParcelFilter) where(q *bun.SelectQuery) *bun.SelectQuery {
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
	if key := ledger.VillageKey(f.Village); key != "" {
		q = q.Where("starts_with(parcel.village_key, ?)", key)
	}
	if f.Import != 0 {
		q = q.Where("parcel.import = ?", f.Import)
	}
	switch f.Verified {
	case "yes":
		q = q.Where("latest.verified_on IS NOT NULL")
	case "no":
		q = q.Where("latest.verified_on IS NULL")
	}
	return q
}

// ListParcels reads a page of the current parcels of a scope and the cursor of the next one; "" when there is
// none.
//
// Errors: invalid list.word_unknown, list.cursor_form.
func ListParcels(ctx context.Context, db bun.IDB, scope ledger.Scope, f ParcelFilter, page Page) ([]*Parcel, Cursor, error) {
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
	after, err := page.After.place(sort)
	if err != nil {
		return nil, "", err
	}
	var list []*Parcel
	q := f.where(parcelsIn(db.NewSelect().Model(&list), scope, book))
	if sort == sortNumber {
		if after != nil {
			q = q.Where(`(parcel.parcel_no_key COLLATE "C", parcel.id) > (?, ?)`, after.Key, after.ID)
		}
		q = q.OrderExpr(`parcel.parcel_no_key COLLATE "C", parcel.id`)
	} else {
		if after != nil {
			q = q.Where("parcel.id < ?", after.ID)
		}
		q = q.OrderExpr("parcel.id DESC")
	}
	if err := q.Limit(int64(page.limit() + 1)).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("landcheck: listing parcels: %w", err)
	}
	list, next := cut(list, page, func(p *Parcel) place {
		at := place{Sort: sort, ID: p.ID}
		if sort == sortNumber {
			at.Key = p.ParcelNoKey
		}
		return at
	})
	return list, next, nameParcels(ctx, db, book, list)
}

// cut takes the row off that only tells that there is a next page.
func cut[R any](list []R, page Page, at func(R) place) ([]R, Cursor) {
	if len(list) <= page.limit() {
		return list, ""
	}
	list = list[:page.limit()]
	return list, at(list[len(list)-1]).cursor()
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
	found := f.where(parcelsIn(db.NewSelect().Model((*Parcel)(nil)), scope, book)).Limit(int64(most))
	n, err := db.NewSelect().TableExpr("(?) AS found", found).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("landcheck: counting parcels: %w", err)
	}
	return int(n), nil
}
