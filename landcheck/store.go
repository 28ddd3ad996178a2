package landcheck

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// parcelsBy is the index over one column of the current parcels, with their entries and sealed texts.
func parcelsBy(column string, key func(*Parcel) string) ledger.Index {
	return ledger.Index{
		Name: column,
		Key:  func(r ledger.Row) string { return key(r.(*Parcel)) },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			found, err := currentParcels(ctx, db, book, column, keys)
			if err != nil {
				return nil, err
			}
			seqs := make([]int64, len(found))
			for i, p := range found {
				seqs[i] = p.SeqFrom
			}
			said, err := entriesOf(ctx, db, book, seqs)
			for _, p := range found {
				p.Body, p.Remark, p.OtherColumns = said.bodies[p.SeqFrom], said.text(p.SeqFrom, "remark"), said.text(p.SeqFrom, "other_columns")
			}
			return ledger.RowsOf(found), err
		},
	}
}

// entries are what the entries of some rows hold: their bytes, and their sealed texts.
type entries struct {
	bodies map[int64][]byte
	texts  map[ledger.TextAt]string
}

func entriesOf(ctx context.Context, db bun.IDB, book int64, seqs []int64) (e entries, err error) {
	if e.texts, err = ledger.Texts(ctx, db, book, seqs); err != nil {
		return e, err
	}
	e.bodies, err = ledger.Bodies(ctx, db, book, seqs)
	return e, err
}

func (e entries) text(seq int64, field string) string {
	return e.texts[ledger.TextAt{Seq: seq, Field: field}]
}

func currentParcels(ctx context.Context, db bun.IDB, book int64, column string, keys []string) ([]*Parcel, error) {
	var found []*Parcel
	of := map[string]string{"parcel_code": "parcel_code <> ''", "content_sha256": "numbered_by_book"}[column] // the index's condition
	if of == "" {
		of = "NOT voided"
	}
	q := ledger.Lookup(db.NewSelect().Model(&found), "parcels", column, book, keys, of).Where("NOT parcels.voided")
	if err := review.Columns(q, "parcels", 0).Scan(ctx); err != nil {
		return nil, fmt.Errorf("landcheck: reading parcels by %s: %w", column, err)
	}
	return found, nil
}

// verificationsBy finds the current verifications of the parcels that parcelsBy finds by the same column.
func verificationsBy(column string, key func(*Verification) string) ledger.Index {
	return ledger.Index{
		Name: column,
		Key:  func(r ledger.Row) string { return key(r.(*Verification)) },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			parcels, err := currentParcels(ctx, db, book, column, keys)
			if err != nil {
				return nil, err
			}
			byID := make(map[int64]*Parcel, len(parcels))
			ids := make([]int64, len(parcels))
			for i, p := range parcels {
				byID[p.ID], ids[i] = p, p.ID
			}
			var found []*Verification
			q := ledger.Lookup(db.NewSelect().Model(&found), "verifications", "parcel", book, ids, "NOT voided")
			if err := review.Columns(q, "verifications", 0).Scan(ctx); err != nil {
				return nil, fmt.Errorf("landcheck: reading verifications by %s: %w", column, err)
			}
			seqs := make([]int64, len(found))
			for i, v := range found {
				seqs[i] = v.SeqFrom
			}
			said, err := entriesOf(ctx, db, book, seqs)
			for _, v := range found {
				p := byID[v.Parcel]
				v.ParcelNoKey, v.ParcelCode, v.Content = p.ParcelNoKey, p.ParcelCode, p.ContentSHA256
				v.Body, v.Remark, v.OtherColumns = said.bodies[v.SeqFrom], said.text(v.SeqFrom, "remark"), said.text(v.SeqFrom, "other_columns")
				v.ConclusionText, v.UseStateText = said.text(v.SeqFrom, "conclusion_text"), said.text(v.SeqFrom, "use_state_text")
			}
			return ledger.RowsOf(found), err
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
	err = scope.Where(db.NewSelect(), "p.village_key", "v.verified_on").Model(&rows).ColumnExpr("v.*, p.parcel_no, p.name, p.owner, p.category, p.holder").
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
