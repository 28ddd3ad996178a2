package auction

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
)

// lotsBy is the index over one column of the current listings, with their sealed texts.
func lotsBy(column string, key func(*Lot) string) ledger.Index {
	return ledger.Index{
		Name: column,
		Key:  func(r ledger.Row) string { return key(r.(*Lot)) },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			var found []*Lot
			if err := currentLots(db, &found, book, column, keys).Scan(ctx); err != nil {
				return nil, fmt.Errorf("auction: reading lots by %s: %w", column, err)
			}
			return asRows(found), nil
		},
	}
}

// currentLots selects current listings with their sealed texts.
func currentLots(db bun.IDB, found *[]*Lot, book int64, column string, keys []string) *bun.SelectQuery {
	q := db.NewSelect().Model(found)
	if column == "lot_no_key" {
		// One step into the index a number, whatever the planner believes of the table: with the statistics of a young
		// book it takes the numbers for a filter and reads all current lots. OFFSET 0 keeps it from that.
		q = q.ModelTableExpr("(SELECT DISTINCT unnest(?::text[]) AS key) AS asked CROSS JOIN LATERAL (SELECT * FROM lots "+
			"WHERE book_id = ? AND lot_no_key = asked.key AND seq_to IS NULL AND NOT voided OFFSET 0) AS lot", pgdialect.Array(keys), book)
	}
	return q.ColumnExpr("lot.*").
		ColumnExpr("coalesce(remark.value, '') AS remark").ColumnExpr("coalesce(other.value, '') AS other_columns").
		Join("LEFT JOIN sealed AS remark ON remark.book_id = lot.book_id AND remark.seq = lot.seq_from AND remark.field = 'remark'").
		Join("LEFT JOIN sealed AS other ON other.book_id = lot.book_id AND other.seq = lot.seq_from AND other.field = 'other_columns'").
		Where("lot.book_id = ?", book).Where("lot.seq_to IS NULL").Where("NOT lot.voided").
		Where("lot.? = ANY (?)", bun.Ident(column), pgdialect.Array(keys)).Order("lot.id")
}

// lotsWithEntry is the index by number whose rows bring their entry along.
func lotsWithEntry() ledger.Index {
	return ledger.Index{
		Name: "lot_no_key and entry",
		Key:  func(r ledger.Row) string { return r.(*Lot).LotNoKey },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			var found []*Lot
			err := currentLots(db, &found, book, "lot_no_key", keys).ColumnExpr("entry.body").
				Join("JOIN entries AS entry ON entry.book_id = lot.book_id AND entry.seq = lot.seq_from").Scan(ctx)
			if err != nil {
				return nil, fmt.Errorf("auction: reading lots with their entries: %w", err)
			}
			return asRows(found), nil
		},
	}
}

func asRows(found []*Lot) []ledger.Row {
	rows := make([]ledger.Row, len(found))
	for i, l := range found {
		rows[i] = l
	}
	return rows
}

// Listings reads the listings whose hammer date lies in a period, both days included, as of a checkpoint
// size, in the order of their records.
func Listings(ctx context.Context, db bun.IDB, scope ledger.Scope, asOf int64, from, to ledger.Day, each func(*Lot)) error {
	book, err := scope.BookID()
	if err != nil {
		return err
	}
	var rows []*Lot
	err = db.NewSelect().Model(&rows).Where("book_id = ?", book).Where("hammered_on BETWEEN ? AND ?", from, to).
		Where("seq_from < ?", asOf).Where("(seq_to IS NULL OR seq_to >= ?)", asOf).Where("NOT voided").Order("id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("auction: reading the lots of a period: %w", err)
	}
	for _, l := range rows {
		each(l)
	}
	return nil
}
