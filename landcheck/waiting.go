package landcheck

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// ofItself keeps the rows that wait for a review of their own: those that no import made, and those that the
// review of their import left out. In a scope of villages, whose reviewers review no import as a whole, all rows that
// wait.
func ofItself(q *bun.SelectQuery, scope ledger.Scope, alias string) *bun.SelectQuery {
	if len(scope.Villages()) > 0 {
		return review.With(q, review.Waiting)
	}
	return review.With(q, review.Waiting).Where("(?0.import IS NULL OR EXISTS (SELECT FROM reviews AS whole WHERE whole.book_id = ?0.book_id AND whole.entry = ?0.import AND "+scope.Until("whole.id")+"))", bun.Ident(alias))
}

// sortOldest is the order of a queue.
const sortOldest = "id"

// WaitingParcels reads a page of the parcels that wait for a review of their own, the oldest first.
func WaitingParcels(ctx context.Context, db bun.IDB, scope ledger.Scope, page ledger.Page) ([]*Parcel, string, error) {
	return someParcels(ctx, db, scope, page, func(q *bun.SelectQuery) *bun.SelectQuery { return ofItself(q, scope, "parcel") })
}

// WaitingVerifications is WaitingParcels' twin.
func WaitingVerifications(ctx context.Context, db bun.IDB, scope ledger.Scope, page ledger.Page) ([]*Verification, string, error) {
	return someVerifications(ctx, db, scope, page, func(q *bun.SelectQuery) *bun.SelectQuery { return ofItself(q, scope, "verification") })
}

// WaitingImport is what of an import waits for a review.
type WaitingImport struct {
	Parcels        int64       `bun:"parcels"`
	RegisteredArea ledger.Area `bun:"registered_area"` // of these parcels, mu
	Verifications  int64       `bun:"verifications"`
	VerifiedArea   ledger.Area `bun:"verified_area"` // of these verifications, where it counts, mu
}

// WaitingOfImport counts what of an import waits for a review, and adds the areas up.
func WaitingOfImport(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64) (WaitingImport, error) {
	var w WaitingImport
	book, err := scope.BookID()
	if err != nil {
		return w, err
	}
	land := review.With(parcelsIn(db.NewSelect().Model((*Parcel)(nil)), scope, book), review.Waiting).
		Where("NOT parcel.voided").Where("parcel.import = ?", entry)
	err = db.NewSelect().TableExpr("(?) AS waiting", land).ColumnExpr("count(*) AS parcels").
		ColumnExpr("COALESCE(sum(registered_area_mu), 0) AS registered_area").Scan(ctx, &w)
	if err != nil {
		return w, fmt.Errorf("landcheck: counting the waiting parcels of an import: %w", err)
	}
	visits := review.With(verificationsIn(db.NewSelect().Model((*Verification)(nil)), scope, book), review.Waiting).
		Where("NOT verification.voided").Where("verification.import = ?", entry)
	err = db.NewSelect().TableExpr("(?) AS waiting", visits).ColumnExpr("count(*) AS verifications").
		ColumnExpr("COALESCE(sum(verified_area_mu) FILTER (WHERE strpos(conclusions, ?) = 0), 0) AS verified_area", `"`+NotVerifiable+`"`).Scan(ctx, &w)
	if err != nil {
		return w, fmt.Errorf("landcheck: counting the waiting verifications of an import: %w", err)
	}
	return w, nil
}
