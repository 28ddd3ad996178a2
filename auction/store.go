package auction

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// lotsBy is the index over one column of the current listings, with their sealed texts.
func lotsBy(column string, key func(*Lot) string) ledger.Index {
	return ledger.Index{
		Name: column,
		Key:  func(r ledger.Row) string { return key(r.(*Lot)) },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			found, _, err := currentLots(ctx, db, book, column, keys)
			return ledger.RowsOf(found), err
		},
	}
}

// currentLots reads current listings with their sealed texts, and the numbers of their entries.
func currentLots(ctx context.Context, db bun.IDB, book int64, column string, keys []string) ([]*Lot, []int64, error) {
	var found []*Lot
	of := "NOT voided" // the condition of the index over numbers
	if column == "content_sha256" {
		of = "numbered_by_book" // that of the index over contents
	}
	q := ledger.Lookup(db.NewSelect().Model(&found), "lots", column, book, keys, of).Where("NOT lots.voided")
	if err := review.Columns(q, "lots", 0).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("auction: reading lots by %s: %w", column, err)
	}
	seqs := make([]int64, len(found))
	for i, l := range found {
		seqs[i] = l.SeqFrom
	}
	texts, err := ledger.Texts(ctx, db, book, seqs)
	for _, l := range found {
		l.Remark, l.OtherColumns = texts[ledger.TextAt{Seq: l.SeqFrom, Field: "remark"}], texts[ledger.TextAt{Seq: l.SeqFrom, Field: "other_columns"}]
	}
	return found, seqs, err
}

// byNumber is the index by number whose rows bring their entry along. Every command that changes a listing reads it
// by this index, so that two of them are put in one order.
const byNumber = "lot_no_key and entry"

// lotsWithEntry is the index by number whose rows bring their entry along.
func lotsWithEntry() ledger.Index {
	return ledger.Index{
		Name: byNumber,
		Key:  func(r ledger.Row) string { return r.(*Lot).LotNoKey },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			found, seqs, err := currentLots(ctx, db, book, "lot_no_key", keys)
			if err != nil {
				return nil, err
			}
			bodies, err := ledger.Bodies(ctx, db, book, seqs)
			for _, l := range found {
				l.Body = bodies[l.SeqFrom]
			}
			return ledger.RowsOf(found), err
		},
	}
}

// Listings reads the listings of a scope whose hammer date lies in a period, both days included, as of a
// checkpoint size, in the order of their records, with what reviews before it say of them.
func Listings(ctx context.Context, db bun.IDB, scope ledger.Scope, asOf int64, from, to ledger.Day, each func(*Lot)) error {
	book, err := scope.BookID()
	if err != nil {
		return err
	}
	var rows []*Lot
	q := db.NewSelect().Model(&rows).ColumnExpr("lots.*").Where("lots.book_id = ?", book).Where("lots.hammered_on BETWEEN ? AND ?", from, to).
		Where("lots.seq_from < ?", asOf).Where("(lots.seq_to IS NULL OR lots.seq_to >= ?)", asOf).Where("NOT lots.voided").OrderExpr("lots.id")
	err = review.Columns(scope.Where(q, "lots.village_key", "lots.hammered_on"), "lots", asOf).Scan(ctx)
	if err != nil {
		return fmt.Errorf("auction: reading the lots of a period: %w", err)
	}
	for _, l := range rows {
		each(l)
	}
	return nil
}

// numberOf is the number key of a current listing, by which commands find it; "" when it is not there.
func numberOf(ctx context.Context, scope ledger.Scope, id int64) (string, error) {
	book, err := scope.Book()
	if err != nil {
		return "", err
	}
	bookID, err := scope.BookID()
	if err != nil {
		return "", err
	}
	var found []string
	err = book.DB().NewSelect().Model((*Lot)(nil)).Column("lot_no_key").Where("book_id = ?", bookID).Where("id = ?", id).
		Where("seq_to IS NULL").Where("NOT voided").Scan(ctx, &found)
	if err != nil {
		return "", fmt.Errorf("auction: looking for a lot: %w", err)
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0], nil
}
