package landcheck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
)

// FindParcel reads a parcel as it stands, also a voided one, with the name of its holder, its verifications, the
// newest first, and what a review said of each.
//
// Errors: not found parcel.unknown, also where it lies outside of the scope.
func FindParcel(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) (*Parcel, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	p := new(Parcel)
	q := parcelsIn(db.NewSelect().Model(p), scope, book).Where("parcel.id = ?", id)
	err = q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, unknownParcel(id)
	}
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading a parcel: %w", err)
	}
	visits := verificationsIn(db.NewSelect().Model(&p.Verifications), scope, book).Where("verification.parcel = ?", id)
	if err := visits.Where("NOT verification.voided").OrderExpr("verification.verified_on DESC, verification.id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("landcheck: reading the verifications of a parcel: %w", err)
	}
	if err := fill(ctx, db, scope, book, []*Parcel{p}); err != nil {
		return nil, err
	}
	return p, nameVerifications(ctx, db, book, p.Verifications)
}

// FindVerification reads a verification as it stands, also a voided one, with its parcel and the names of its
// officers.
//
// Errors: not found verification.unknown_record, also where its parcel lies outside of the scope.
func FindVerification(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) (*Verification, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	v := new(Verification)
	err = verificationsIn(db.NewSelect().Model(v), scope, book).Where("verification.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, unknownVisit(id)
	}
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading a verification: %w", err)
	}
	return v, nameVerifications(ctx, db, book, []*Verification{v})
}

// parcelsIn makes a query over Parcel read the current parcels of a scope, each with its review.
func parcelsIn(q *bun.SelectQuery, scope ledger.Scope, book int64) *bun.SelectQuery {
	return review.Columns(parcelsOf(q.ColumnExpr("parcel.*"), scope, book), "parcel", scope.Size())
}

// parcelsOf keeps the current parcels of a scope. That numbers are above 0 is what the indexes of lists are told
// apart by.
func parcelsOf(q *bun.SelectQuery, scope ledger.Scope, book int64) *bun.SelectQuery {
	q = q.Where("parcel.book_id = ?", book).Where(scope.Version("parcel")).Where("parcel.id > 0")
	return scope.Where(q, "parcel.village_key", "")
}

// countsAs makes a query over verifications keep the current ones that found an area, of the days of a scope.
func countsAs(q *bun.SelectQuery, scope ledger.Scope, book int64) *bun.SelectQuery {
	q = q.Where("v.book_id = ?", book).Where(scope.Version("v")).Where("NOT v.voided").
		Where("v.verified_area_mu IS NOT NULL").Where("strpos(v.conclusions, ?) = 0", `"`+NotVerifiable+`"`)
	from, to := scope.Days()
	if from != nil {
		q = q.Where("v.verified_on >= ?", *from)
	}
	if to != nil {
		q = q.Where("v.verified_on <= ?", *to)
	}
	return q
}

// latest fills in the latest verifications of parcels that found an area.
func latest(ctx context.Context, db bun.IDB, scope ledger.Scope, book int64, list []*Parcel) error {
	byID := map[int64]*Parcel{}
	ids := make([]int64, len(list))
	for i, p := range list {
		byID[p.ID], ids[i] = p, p.ID
	}
	var found []*Verification
	newest := countsAs(db.NewSelect().TableExpr("verifications AS v").ColumnExpr("v.*"), scope, book).
		Where("v.parcel = asked.id").OrderExpr("v.verified_on DESC").Limit(1)
	err := db.NewSelect().Model(&found).ModelTableExpr("unnest(?::bigint[]) AS asked (id)", pgdialect.Array(ids)).
		Join("CROSS JOIN LATERAL (?) AS newest", newest).ColumnExpr("newest.*").Scan(ctx)
	if err != nil {
		return fmt.Errorf("landcheck: reading the latest verifications: %w", err)
	}
	for _, v := range found {
		p := byID[v.Parcel]
		p.VerifiedOn, p.VerifiedArea = &v.VerifiedOn, v.VerifiedArea
	}
	return nil
}

// verificationsIn makes a query over Verification read the current verifications of a scope, each with its parcel
// and its review.
func verificationsIn(q *bun.SelectQuery, scope ledger.Scope, book int64) *bun.SelectQuery {
	q = q.ColumnExpr("verification.*").ColumnExpr("p.parcel_no, p.name AS parcel_name, p.parcel_no_key").
		Join("JOIN parcels AS p ON p.book_id = verification.book_id AND p.id = verification.parcel AND "+scope.Version("p")).
		Where("verification.book_id = ?", book).Where(scope.Version("verification"))
	q = issue.Columns(review.Columns(q, "verification", scope.Size()), "verification", "verified_on")
	return scope.Where(q, "p.village_key", "verification.verified_on")
}

// fill fills in what stands beside the rows of parcels: remarks, the names of holders, the latest verifications.
func fill(ctx context.Context, db bun.IDB, scope ledger.Scope, book int64, list []*Parcel) error {
	if err := latest(ctx, db, scope, book, list); err != nil {
		return err
	}
	return nameParcels(ctx, db, book, list)
}

// nameParcels fills in the texts of parcels that stand sealed: remarks, and the names of holders.
func nameParcels(ctx context.Context, db bun.IDB, book int64, list []*Parcel) error {
	var seqs []int64
	var people []string
	for _, p := range list {
		seqs, people = append(seqs, p.SeqFrom), append(people, p.Holder)
	}
	texts, err := ledger.Texts(ctx, db, book, seqs)
	if err != nil {
		return err
	}
	names, err := namesOf(ctx, db, book, people)
	for _, p := range list {
		p.HolderName = shownName(names, p.Holder)
		p.Remark, p.OtherColumns = texts[ledger.TextAt{Seq: p.SeqFrom, Field: "remark"}], texts[ledger.TextAt{Seq: p.SeqFrom, Field: "other_columns"}]
	}
	return err
}

// nameVerifications is nameParcels' twin.
func nameVerifications(ctx context.Context, db bun.IDB, book int64, list []*Verification) error {
	var seqs []int64
	var people []string
	for _, v := range list {
		seqs, people = append(seqs, v.SeqFrom), append(people, listOf(v.Officers)...)
	}
	texts, err := ledger.Texts(ctx, db, book, seqs)
	if err != nil {
		return err
	}
	names, err := namesOf(ctx, db, book, people)
	for _, v := range list {
		text := func(field string) string { return texts[ledger.TextAt{Seq: v.SeqFrom, Field: field}] }
		v.Remark, v.OtherColumns = text("remark"), text("other_columns")
		v.ConclusionText, v.UseStateText = text("conclusion_text"), text("use_state_text")
		v.OfficerNames = nil
		for _, ref := range listOf(v.Officers) {
			v.OfficerNames = append(v.OfficerNames, shownName(names, ref))
		}
	}
	return err
}

// personOf is the record of a person that a holder or officer refers to: p17.
func personOf(ref string) (int64, bool) {
	number, ok := strings.CutPrefix(ref, "p")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(number, 10, 64)
	return id, err == nil && ledger.PersonRef(id) == ref
}

// namesOf reads the names of persons.
func namesOf(ctx context.Context, db bun.IDB, book int64, people []string) (map[string]string, error) {
	var ids []int64
	for _, ref := range people {
		if id, ok := personOf(ref); ok {
			ids = append(ids, id)
		}
	}
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	texts, err := ledger.Texts(ctx, db, book, ids)
	for at, text := range texts {
		if at.Field == "name" {
			names[ledger.PersonRef(at.Seq)] = text
		}
	}
	return names, err
}

// shownName is a holder or officer by name; one whose name is erased is shown as the book names them.
func shownName(names map[string]string, ref string) string {
	if name, ok := names[ref]; ok {
		return name
	}
	return ref
}

// ParcelID finds a parcel by its number: not found parcel.unknown.
func ParcelID(ctx context.Context, db bun.IDB, scope ledger.Scope, parcelNo string) (int64, error) {
	book, err := scope.BookID()
	if err != nil {
		return 0, err
	}
	var ids []int64
	q := db.NewSelect().TableExpr("parcels AS p").ColumnExpr("p.id").Where("p.book_id = ?", book).
		Where("p.parcel_no_key = ?", intake.NumberKey(parcelNo)).Where(scope.Version("p")).Where("NOT p.voided")
	if err := scope.Where(q, "p.village_key", "").Scan(ctx, &ids); err != nil {
		return 0, fmt.Errorf("landcheck: looking for a parcel: %w", err)
	}
	if len(ids) == 0 {
		return 0, ledger.E(ledger.NotFound, "parcel.unknown", parcelNo).On("parcel_no")
	}
	return ids[0], nil
}

// VerificationID finds a verification by its parcel's number and its day: not found parcel.unknown,
// verification.unknown.
func VerificationID(ctx context.Context, db bun.IDB, scope ledger.Scope, parcelNo string, day ledger.Day) (int64, error) {
	parcel, err := ParcelID(ctx, db, scope, parcelNo)
	if err != nil {
		return 0, err
	}
	book, err := scope.BookID()
	if err != nil {
		return 0, err
	}
	var found []*Verification
	err = verificationsIn(db.NewSelect().Model(&found), scope, book).Where("verification.parcel = ?", parcel).
		Where("verification.verified_on = ?", day).Where("NOT verification.voided").Scan(ctx)
	if err != nil {
		return 0, fmt.Errorf("landcheck: looking for a verification: %w", err)
	}
	if len(found) == 0 {
		return 0, ledger.E(ledger.NotFound, "verification.unknown", parcelNo, day.String()).On("verified_on")
	}
	return found[0].ID, nil
}

// Target is the parcel as a review names it: the entry that was read.
func (p *Parcel) Target() review.Target {
	return review.Target{Kind: "parcel", Table: parcels, Index: "parcel_no_key", Key: p.ParcelNoKey, Record: p.ID, Entry: p.SeqFrom}
}

// Target is the verification as a review names it. The verification has to be one that was read with its parcel.
func (v *Verification) Target() review.Target {
	return review.Target{Kind: "verification", Table: verifications, Index: "parcel_no_key", Key: v.ParcelNoKey, Record: v.ID, Entry: v.SeqFrom}
}
