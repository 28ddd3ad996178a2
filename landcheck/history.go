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

// Version is an entry of a record as its timeline shows it.
type Version struct {
	ledger.EntryHead
	Changes []Change  // against the entry before; of the first, all that it says
	Reviews []Verdict // that spoke of it, the oldest first
}

// Change is a column in which an entry says something else than the one before, in words.
type Change struct {
	Column   string // key of the column's name
	Old, New ledger.Text
}

// Verdict is what a review said of an entry.
type Verdict struct {
	ledger.EntryHead        // of the review
	Verdict          string // approved, returned
	OfImport         bool   // it spoke of the whole import
}

// ParcelHistory reads all entries of a parcel, the oldest first.
//
// Errors: not found parcel.unknown, also where the parcel as it stands lies outside of the scope.
func ParcelHistory(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) ([]Version, error) {
	if _, err := FindParcel(ctx, db, scope, id); err != nil {
		return nil, err
	}
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []*Parcel
	err = db.NewSelect().Model(&rows).Where("parcel.book_id = ?", book).Where("parcel.id = ?", id).Order("parcel.seq_from").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading the versions of a parcel: %w", err)
	}
	if err := nameParcels(ctx, db, book, rows); err != nil {
		return nil, err
	}
	versions, err := timeline(ctx, db, scope, rows, func(p *Parcel) *int64 { return p.Import })
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

func parcelChange(d ledger.Difference, a, b *Parcel) Change {
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
	return Change{Column: d.Column, Old: words(d.Old), New: words(d.New)}
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
func VerificationHistory(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) ([]Version, error) {
	if _, err := FindVerification(ctx, db, scope, id); err != nil {
		return nil, err
	}
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []*Verification
	err = db.NewSelect().Model(&rows).Where("verification.book_id = ?", book).Where("verification.id = ?", id).Order("verification.seq_from").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("landcheck: reading the versions of a verification: %w", err)
	}
	if err := nameVerifications(ctx, db, book, rows); err != nil {
		return nil, err
	}
	versions, err := timeline(ctx, db, scope, rows, func(v *Verification) *int64 { return v.Import })
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

func verificationChange(d ledger.Difference, a, b *Verification) Change {
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
	return Change{Column: d.Column, Old: words(d.Old), New: words(d.New)}
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

// timeline reads the heads of a record's entries and the reviews that spoke of each.
func timeline[R ledger.Row](ctx context.Context, db bun.IDB, scope ledger.Scope, rows []R, importOf func(R) *int64) ([]Version, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var seqs, asked []int64
	for _, r := range rows {
		seqs, asked = append(seqs, ledger.EntryOf(r)), append(asked, ledger.EntryOf(r))
		if im := importOf(r); im != nil {
			asked = append(asked, *im)
		}
	}
	heads, err := ledger.Heads(ctx, db, book, seqs)
	if err != nil {
		return nil, err
	}
	if len(heads) != len(rows) {
		return nil, fmt.Errorf("landcheck: a record has %d versions and %d entries", len(rows), len(heads))
	}
	reviews, err := review.Of(ctx, db, scope, asked)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, r := range reviews {
		numbers = append(numbers, r.ID)
	}
	said, err := ledger.Heads(ctx, db, book, numbers)
	if err != nil {
		return nil, err
	}
	versions := make([]Version, len(rows))
	for i, row := range rows {
		versions[i].EntryHead = heads[i]
		for _, r := range reviews {
			own := r.Entry == heads[i].Seq
			im := importOf(row)
			if !own && (im == nil || r.Entry != *im || slices.Contains(r.Except(), heads[i].Seq)) {
				continue
			}
			at := slices.IndexFunc(said, func(h ledger.EntryHead) bool { return h.Seq == r.ID })
			if at < 0 {
				continue
			}
			if !own && heads[i].Seq > r.ID || i+1 < len(heads) && heads[i+1].Seq < r.ID {
				continue // it had ended before
			}
			versions[i].Reviews = append(versions[i].Reviews, Verdict{EntryHead: said[at], Verdict: r.Verdict, OfImport: !own})
		}
	}
	return versions, nil
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
