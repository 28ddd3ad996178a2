package auction

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// OfImport reads a page of the current listings that an import made, in the order of their records.
func OfImport(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64, page ledger.Page) ([]*Lot, string, error) {
	return queue(ctx, db, scope, "", page, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lots.import = ?", entry) })
}

// Exceptions are the entries that a reviewer leaves out of the review of an import, by the numbers of lots: every
// listing of a number that the import made. invalid review.number_not_of_import.
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
		LotNoKey string
		SeqFrom  int64
	}
	q := db.NewSelect().Model((*Lot)(nil)).Column("lot_no_key", "seq_from").Where("lots.book_id = ?", book).Where(scope.Version("lots")).
		Where("NOT lots.voided").Where("lots.import = ?", entry).Where("lots.lot_no_key IN (?)", bun.List(keys))
	if err := scope.Where(q, "lots.village_key", "lots.hammered_on").Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("auction: looking for lots of an import: %w", err)
	}
	var entries []int64
	known := map[string]bool{}
	for _, f := range found {
		entries, known[f.LotNoKey] = append(entries, f.SeqFrom), true
	}
	if i := slices.IndexFunc(keys, func(k string) bool { return !known[k] }); i >= 0 {
		return nil, ledger.E(ledger.Invalid, "review.number_not_of_import", numbers[i], entry).On("numbers")
	}
	return entries, nil
}
