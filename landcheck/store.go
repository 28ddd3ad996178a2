package landcheck

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
)

// parcelsBy is the index over one column of the current parcels, with their sealed texts.
func parcelsBy(column string, key func(*Parcel) string) ledger.Index {
	return ledger.Index{
		Name: column,
		Key:  func(r ledger.Row) string { return key(r.(*Parcel)) },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			var found []*Parcel
			err := db.NewSelect().Model(&found).ColumnExpr("parcel.*").
				ColumnExpr("coalesce(remark.value, '') AS remark").ColumnExpr("coalesce(other.value, '') AS other_columns").
				Join("LEFT JOIN sealed AS remark ON remark.book_id = parcel.book_id AND remark.seq = parcel.seq_from AND remark.field = 'remark'").
				Join("LEFT JOIN sealed AS other ON other.book_id = parcel.book_id AND other.seq = parcel.seq_from AND other.field = 'other_columns'").
				Where("parcel.book_id = ?", book).Where("parcel.seq_to IS NULL").Where("NOT parcel.voided").
				Where("parcel.? = ANY (?)", bun.Ident(column), pgdialect.Array(keys)).Order("parcel.id").Scan(ctx)
			if err != nil {
				return nil, fmt.Errorf("landcheck: reading parcels by %s: %w", column, err)
			}
			rows := make([]ledger.Row, len(found))
			for i, p := range found {
				rows[i] = p
			}
			return rows, nil
		},
	}
}

// verificationsBy finds the current verifications of the parcels that parcelsBy finds by the same column.
func verificationsBy(column string, key func(*Verification) string) ledger.Index {
	return ledger.Index{
		Name: column,
		Key:  func(r ledger.Row) string { return key(r.(*Verification)) },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			var found []*Verification
			err := db.NewSelect().Model(&found).ColumnExpr("verification.*").
				ColumnExpr("parcel.parcel_no_key, parcel.parcel_code, parcel.content_sha256").
				ColumnExpr("coalesce(remark.value, '') AS remark").ColumnExpr("coalesce(other.value, '') AS other_columns").
				Join("JOIN parcels AS parcel ON parcel.book_id = verification.book_id AND parcel.id = verification.parcel "+
					"AND parcel.seq_to IS NULL AND NOT parcel.voided").
				Join("LEFT JOIN sealed AS remark ON remark.book_id = verification.book_id AND remark.seq = verification.seq_from AND remark.field = 'remark'").
				Join("LEFT JOIN sealed AS other ON other.book_id = verification.book_id AND other.seq = verification.seq_from AND other.field = 'other_columns'").
				Where("verification.book_id = ?", book).Where("verification.seq_to IS NULL").Where("NOT verification.voided").
				Where("parcel.? = ANY (?)", bun.Ident(column), pgdialect.Array(keys)).Order("verification.id").Scan(ctx)
			if err != nil {
				return nil, fmt.Errorf("landcheck: reading verifications by %s: %w", column, err)
			}
			rows := make([]ledger.Row, len(found))
			for i, v := range found {
				rows[i] = v
			}
			return rows, nil
		},
	}
}

// Verified is a parcel that was visited in a period, with the figure that counts.
type Verified struct {
	Parcel        int64 // the parcel's record
	ParcelNo      string
	Name          string
	Owner         string
	Category      string
	Holder        string
	VerifiedOn    ledger.Day
	VerifiedArea  *ledger.Area // mu; nil: visited and not verified
	Conclusions   []string
	UseState      []string
	Verifications int // all of its verifications in the period
}

// verifiedRow is a verification in the period with its parcel.
type verifiedRow struct {
	bun.BaseModel `bun:"table:verifications,alias:v"`
	Verification
	ParcelNo string `bun:"parcel_no"`
	Name     string `bun:"name"`
	Owner    string `bun:"owner"`
	Category string `bun:"category"`
	Holder   string `bun:"holder"`
}

// VerifiedIn gives the parcels that were visited in a period, both days included, as of a checkpoint size:
// each once, in the order of their records. The latest verification that found an area counts; where none
// did, the latest visit stands with no area.
func VerifiedIn(ctx context.Context, db bun.IDB, scope ledger.Scope, asOf int64, from, to ledger.Day) ([]Verified, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []*verifiedRow
	err = db.NewSelect().Model(&rows).ColumnExpr("v.*, p.parcel_no, p.name, p.owner, p.category, p.holder").
		Join("JOIN parcels AS p ON p.book_id = v.book_id AND p.id = v.parcel").
		Where("v.book_id = ?", book).Where("v.verified_on BETWEEN ? AND ?", from, to).
		Where("v.seq_from < ?", asOf).Where("(v.seq_to IS NULL OR v.seq_to >= ?)", asOf).Where("NOT v.voided").
		Where("p.seq_from < ?", asOf).Where("(p.seq_to IS NULL OR p.seq_to >= ?)", asOf).Where("NOT p.voided").
		Order("v.parcel", "v.verified_on", "v.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading the verifications of a period: %w", err)
	}
	var list []Verified
	for _, r := range rows {
		if len(list) == 0 || list[len(list)-1].Parcel != r.Parcel {
			list = append(list, Verified{
				Parcel: r.Parcel, ParcelNo: r.ParcelNo, Name: r.Name, Owner: r.Owner, Category: r.Category, Holder: r.Holder,
			})
		}
		v := &list[len(list)-1]
		v.Verifications++
		if v.VerifiedArea != nil && !r.verifies() {
			continue // a later visit that verified nothing
		}
		v.VerifiedOn, v.Conclusions, v.UseState, v.VerifiedArea = r.VerifiedOn, listOf(r.Conclusions), listOf(r.UseState), nil
		if r.verifies() {
			v.VerifiedArea = r.VerifiedArea
		}
	}
	return list, nil
}
