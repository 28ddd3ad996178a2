package auction

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// PublishedEntries gives the numbers of the entries that a public export shows, in their order: the current entries of
// published lots of a scope as of a checkpoint size, at most limit behind the number after. A lot is published when it
// was sold, stands, and its very entry was approved. Whether the book is disclosed
// at all is the caller's to ask.
func PublishedEntries(ctx context.Context, db bun.IDB, scope ledger.Scope, asOf, after int64, limit int) ([]int64, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	q := db.NewSelect().Model((*Lot)(nil)).ColumnExpr("lots.seq_from").Where("lots.book_id = ?", book).
		Where("lots.seq_from > ?", after).Where("lots.seq_from < ?", asOf).Where("(lots.seq_to IS NULL OR lots.seq_to >= ?)", asOf).
		Where("NOT lots.voided").Where("lots.outcome IN (?, ?, ?)", Hammered, Confirmed, Disputed)
	q = review.With(review.Columns(scope.Where(q, "lots.village_key", "lots.hammered_on"), "lots", asOf), ledger.Approved)
	var rows []struct {
		SeqFrom    int64  `bun:"seq_from"`
		Verdict    string `bun:"verdict"`
		VerdictSeq int64  `bun:"verdict_seq"`
	}
	if err := q.OrderExpr("lots.seq_from").Limit(int64(limit)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("auction: reading the published lots: %w", err)
	}
	list := make([]int64, len(rows))
	for i, r := range rows {
		list[i] = r.SeqFrom
	}
	return list, nil
}
