package landcheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// ParcelHistory reads all entries of a parcel, the oldest first.
//
// Errors: not found parcel.unknown, also where the parcel as it stands lies outside of the scope.
func ParcelHistory(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) ([]review.Version, error) {
	if _, err := FindParcel(ctx, db, scope, id); err != nil {
		return nil, err
	}
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []*Parcel
	err = db.NewSelect().Model(&rows).Where("parcel.book_id = ?", book).Where("parcel.id = ?", id).Where(scope.Until("parcel.seq_from")).Order("parcel.seq_from").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading the versions of a parcel: %w", err)
	}
	if err := nameParcels(ctx, db, book, rows); err != nil {
		return nil, err
	}
	versions, err := review.Timeline(ctx, db, scope, rows, func(p *Parcel) *int64 { return p.Import })
	if err != nil {
		return nil, err
	}
	before := new(ParcelState).row()
	for i, p := range rows {
		for _, diff := range shownParcel(before, p) {
			versions[i].Changes = append(versions[i].Changes, parcelChange(diff, before, p))
		}
		before = p
	}
	return versions, nil
}

// shownParcel are the differences of two versions that people are shown: what follows from others is not.
func shownParcel(a, b *Parcel) []ledger.Difference {
	list := slices.DeleteFunc(ledger.Diff(a, b), func(d ledger.Difference) bool {
		return slices.Contains([]string{"content_sha256", "holder_key", "parcel_no_key", "village_key", "grams", "import"}, d.Column)
	})
	return sealedDifferences(list,
		ledger.Difference{Column: "remark", Old: a.Remark, New: b.Remark},
		ledger.Difference{Column: "other_columns", Old: a.OtherColumns, New: b.OtherColumns})
}

func parcelChange(d ledger.Difference, a, b *Parcel) review.Change {
	words := func(text string) ledger.Text { return ledger.Text{ZH: text, EN: text} }
	switch d.Column {
	case "owner":
		words = func(text string) ledger.Text { return nameOf(owners(), text) }
	case "category":
		words = CategoryName
	case "tenure_right":
		words = RightName
	case "tenure_nature":
		words = NatureName
	case "holder":
		d.Old, d.New = a.HolderName, b.HolderName
	case "voided", "numbered_by_book":
		words = yesNo
	case "written":
		words = writtenWords
	}
	return review.Change{Column: d.Column, Old: words(d.Old), New: words(d.New)}
}

// yesNo is a column that holds or does not.
func yesNo(text string) ledger.Text {
	if text == "true" {
		return ledger.Text{ZH: "是", EN: "yes"}
	}
	return ledger.Text{ZH: "否", EN: "no"}
}

// VerificationHistory reads all entries of a verification, the oldest first.
//
// Errors: not found verification.unknown_record, also where it lies outside of the scope.
func VerificationHistory(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) ([]review.Version, error) {
	if _, err := FindVerification(ctx, db, scope, id); err != nil {
		return nil, err
	}
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []*Verification
	err = db.NewSelect().Model(&rows).Where("verification.book_id = ?", book).Where("verification.id = ?", id).Where(scope.Until("verification.seq_from")).Order("verification.seq_from").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading the versions of a verification: %w", err)
	}
	if err := nameVerifications(ctx, db, book, rows); err != nil {
		return nil, err
	}
	versions, err := review.Timeline(ctx, db, scope, rows, func(v *Verification) *int64 { return v.Import })
	if err != nil {
		return nil, err
	}
	before := new(VerificationState).row()
	for i, v := range rows {
		for _, diff := range shownVerification(before, v) {
			versions[i].Changes = append(versions[i].Changes, verificationChange(diff, before, v))
		}
		before = v
	}
	return versions, nil
}

func shownVerification(a, b *Verification) []ledger.Difference {
	list := slices.DeleteFunc(ledger.Diff(a, b), func(d ledger.Difference) bool { return d.Column == "import" || d.Column == "parcel" })
	return sealedDifferences(list,
		ledger.Difference{Column: "conclusion_text", Old: a.ConclusionText, New: b.ConclusionText},
		ledger.Difference{Column: "use_state_text", Old: a.UseStateText, New: b.UseStateText},
		ledger.Difference{Column: "remark", Old: a.Remark, New: b.Remark},
		ledger.Difference{Column: "other_columns", Old: a.OtherColumns, New: b.OtherColumns})
}

func verificationChange(d ledger.Difference, a, b *Verification) review.Change {
	words := func(text string) ledger.Text { return ledger.Text{ZH: text, EN: text} }
	switch d.Column {
	case "verified_on":
		if a.VerifiedOn.IsZero() {
			d.Old = ""
		}
	case "officers":
		d.Old, d.New = strings.Join(a.OfficerNames, "、"), strings.Join(b.OfficerNames, "、")
	case "conclusions":
		words = func(text string) ledger.Text { return namesIn(conclusions(), listOf(text)) }
	case "use_state":
		words = func(text string) ledger.Text { return namesIn(useStates(), listOf(text)) }
	case "voided":
		words = yesNo
	case "written":
		words = writtenWords
	}
	return review.Change{Column: d.Column, Old: words(d.Old), New: words(d.New)}
}

// namesIn are the names of codes as one text.
func namesIn(list []word, codes []string) ledger.Text {
	var zh, en []string
	for _, code := range codes {
		name := nameOf(list, code)
		zh, en = append(zh, name.ZH), append(en, name.EN)
	}
	return ledger.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// writtenWords is how figures stood in the paper.
func writtenWords(column string) ledger.Text {
	var texts []string
	for _, w := range writtenOf(column) {
		texts = append(texts, w.Text)
	}
	text := strings.Join(texts, "、")
	return ledger.Text{ZH: text, EN: text}
}
