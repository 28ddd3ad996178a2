package landcheck

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/issue"
)

// LateIn counts the verifications whose day lies in a period, both days included, and that came into the book after the
// last report that closed that day, as they stand at the scope's time.
func LateIn(ctx context.Context, db bun.IDB, scope ledger.Scope, from, to ledger.Day) (int, error) {
	book, err := scope.BookID()
	if err != nil {
		return 0, err
	}
	q := db.NewSelect().TableExpr("verifications AS v").Where("v.book_id = ?", book).Where("v.verified_on BETWEEN ? AND ?", from, to).
		Where(scope.Version("v")).Where("NOT v.voided").
		Join("JOIN parcels AS p ON p.book_id = v.book_id AND p.id = v.parcel AND " + scope.Version("p"))
	n, err := issue.SinceLast(scope.Where(q, "p.village_key", "v.verified_on"), scope, "v", "verified_on").Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("landcheck: counting late verifications: %w", err)
	}
	return int(n), nil
}

// TouchedSince reads the records of parcels that were verified in a period and of which, or of whose verifications in
// the period, an entry was made after a checkpoint, in their order, at most limit.
func TouchedSince(ctx context.Context, db bun.IDB, scope ledger.Scope, size int64, from, to ledger.Day, limit int) ([]int64, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var ids []int64
	then, now := "("+ledger.VersionAt("v", size)+")", "("+scope.Version("v")+")"
	err = db.NewRaw("SELECT DISTINCT v.parcel FROM verifications AS v WHERE v.book_id = ?0 AND v.verified_on BETWEEN ?1 AND ?2 AND NOT v.voided "+
		"AND (("+then+" AND v.seq_to >= ?3 AND "+scope.Until("v.seq_to")+") OR ("+now+" AND v.seq_from >= ?3) OR (("+then+" OR "+now+") AND "+
		"EXISTS (SELECT FROM parcels AS p WHERE p.book_id = ?0 AND p.id = v.parcel AND p.seq_from >= ?3 AND "+scope.Until("p.seq_from")+"))) ORDER BY v.parcel LIMIT ?4",
		book, from, to, size, limit).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("landcheck: looking for parcels that were touched: %w", err)
	}
	return ids, nil
}

// IssuedWith reads the issued reports that a verification of the parcel is in.
func (p *Parcel) IssuedWith(ctx context.Context, db bun.IDB, scope ledger.Scope) ([]*issue.Belonging, error) {
	return issue.Of(ctx, db, scope, "verifications", "parcel", "verified_on", p.ID)
}

// IssuedWith reads the issued reports that the verification is in.
func (v *Verification) IssuedWith(ctx context.Context, db bun.IDB, scope ledger.Scope) ([]*issue.Belonging, error) {
	return issue.Of(ctx, db, scope, "verifications", "id", "verified_on", v.ID)
}
