package report

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/issue"
)

// touchedMost bounds the records that a comparison lists one by one; the totals are always those of all.
const touchedMost = 500

// Since is what has touched an issued report after its checkpoint: its figures then and now, and the records of its
// period that were entered, amended or voided.
type Since struct {
	Report  *issue.Report
	AsOf    int64 // size of the checkpoint that it is compared as of
	Figures []FigureChange
	Lots    []LotChange
	Parcels []ParcelChange
	More    bool // there are more records than are listed
}

// Touched tells whether any record of the report was.
func (s *Since) Touched() bool { return len(s.Lots)+len(s.Parcels) > 0 }

// FigureChange is a figure that is another now; "" where it is not printed.
type FigureChange struct {
	Key      string
	Name     ledger.Text
	Unit     ledger.Text
	Old, New string
}

// Shown are the two values as people read them.
func (f FigureChange) Shown() (before, now string) {
	show := func(value string) string {
		if value == "" {
			return "—"
		}
		if m, err := ledger.ParseMoney(value); err == nil && f.Unit == yuan {
			return m.Grouped()
		}
		if r, err := ledger.ParseRate(value); err == nil && strings.Contains(f.Key, "premium_rate") {
			return r.Percent()
		}
		return value
	}
	return show(f.Old), show(f.New)
}

// How a record touches an issued report.
const (
	LateEntry  = "late"      // it came into the book afterwards
	Amended    = "amended"   // it stands there otherwise
	Voided     = "voided"    // it is struck out
	MovedIn    = "moved_in"  // an amendment brought it into the period
	MovedOut   = "moved_out" // an amendment took it out
	NotChanged = ""
)

// LotChange is a listing of the report: how it stood in it, and how it stands now. Old is nil when it was not in the
// report, New when it is not any more.
type LotChange struct {
	ID       int64
	LotNo    string
	Entry    int64 // its newest entry
	How      string
	Old, New *LotFigures
}

// LotFigures are what a listing brings into the report.
type LotFigures struct {
	Outcome     string        `json:"outcome"`
	HammeredOn  ledger.Day    `json:"hammered_on"`
	BaseTotal   *ledger.Money `json:"base_total,omitempty"`
	HammerTotal *ledger.Money `json:"hammer_total,omitempty"`
	Premium     *ledger.Money `json:"premium,omitempty"`
}

// ParcelChange is a parcel of the report.
type ParcelChange struct {
	ID       int64
	ParcelNo string
	How      string
	Old, New *ParcelFigures
}

// ParcelFigures are what a parcel brings into the report.
type ParcelFigures struct {
	Owner         string       `json:"owner"`
	Category      string       `json:"category,omitempty"`
	VerifiedOn    ledger.Day   `json:"verified_on"`
	VerifiedArea  *ledger.Area `json:"verified_area_mu,omitempty"`
	Verifications int          `json:"verifications"`
}

// NewSince compares an issued report with the book at the scope's time, in one snapshot.
//
// Errors: not_found report.unknown; denied right.whole_book_needed.
func NewSince(ctx context.Context, scope ledger.Scope, entry int64) (*Since, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, err
	}
	tx, err := book.DB().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("report: beginning a snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	kept, err := issue.Find(ctx, tx, scope, entry)
	if err != nil {
		return nil, err
	}
	now, err := summaryIn(ctx, tx, scope, Period{kept.From, kept.To}, scope.Size())
	if err != nil {
		return nil, err
	}
	s := &Since{Report: kept, AsOf: now.AsOf}
	s.compareFigures(now)
	if err := s.compareLots(ctx, tx, scope); err != nil {
		return nil, err
	}
	return s, s.compareParcels(ctx, tx, scope)
}

func (s *Since) compareFigures(now *Summary) {
	lines, fresh := now.Lines(), map[string]string{}
	var keys []string
	for _, f := range now.figures() {
		fresh[f.Key], keys = f.Value, append(keys, f.Key)
	}
	old := map[string]string{}
	for i, f := range s.Report.Kept() {
		old[f.Key] = f.Value
		if _, ok := fresh[f.Key]; !ok {
			keys = slices.Insert(keys, min(i, len(keys)), f.Key)
		}
	}
	for _, key := range keys {
		if old[key] != fresh[key] {
			line := nameOfLine(lines, key)
			s.Figures = append(s.Figures, FigureChange{key, line.Name, line.Unit, old[key], fresh[key]})
		}
	}
}

func (s *Since) compareLots(ctx context.Context, db bun.IDB, scope ledger.Scope) error {
	touched, err := auction.TouchedSince(ctx, db, scope, s.Report.AsOf, s.Report.From, s.Report.To, touchedMost+1)
	if err != nil {
		return err
	}
	if len(touched) > touchedMost {
		touched, s.More = touched[:touchedMost], true
	}
	for _, t := range touched {
		c := LotChange{ID: t.ID, Entry: t.Entry, Old: s.lotFigures(t.Old), New: s.lotFigures(t.New)}
		switch {
		case t.New != nil:
			c.LotNo = t.New.LotNo
		case t.Old != nil:
			c.LotNo = t.Old.LotNo
		}
		c.How = howTouched(c.Old != nil, c.New != nil, t.ID >= s.Report.AsOf, t.Voided)
		s.Lots = append(s.Lots, c)
	}
	return nil
}

// lotFigures are nil of a listing that is not of the period.
func (s *Since) lotFigures(l *auction.Lot) *LotFigures {
	if l == nil || l.HammeredOn == nil || l.HammeredOn.Before(s.Report.From) || l.HammeredOn.After(s.Report.To) {
		return nil
	}
	f := &LotFigures{Outcome: l.Outcome, HammeredOn: *l.HammeredOn, BaseTotal: l.BaseTotal, HammerTotal: l.HammerTotal}
	if l.BaseTotal != nil && l.HammerTotal != nil && l.Direction == auction.Sale && auction.Outcome(l.Outcome).Sold() {
		premium := l.HammerTotal.Sub(*l.BaseTotal)
		f.Premium = &premium
	}
	return f
}

func howTouched(was, is, later, voided bool) string {
	switch {
	case was && is:
		return Amended
	case is && later:
		return LateEntry
	case is:
		return MovedIn
	case was && voided:
		return Voided
	case was:
		return MovedOut
	}
	return NotChanged
}

func (s *Since) compareParcels(ctx context.Context, db bun.IDB, scope ledger.Scope) error {
	ids, err := landcheck.TouchedSince(ctx, db, scope, s.Report.AsOf, s.Report.From, s.Report.To, touchedMost+1)
	if err != nil || len(ids) == 0 {
		return err
	}
	if len(ids) > touchedMost {
		ids, s.More = ids[:touchedMost], true
	}
	before, err := verifiedIn(ctx, db, scope, s.Report.AsOf, s.Report.From, s.Report.To)
	if err != nil {
		return err
	}
	now, err := verifiedIn(ctx, db, scope, s.AsOf, s.Report.From, s.Report.To)
	for _, id := range ids {
		was, is := before[id], now[id]
		c := ParcelChange{ID: id, Old: parcelFigures(was), New: parcelFigures(is)}
		switch {
		case is != nil:
			c.ParcelNo = is.ParcelNo
		case was != nil:
			c.ParcelNo = was.ParcelNo
		default:
			continue // a visit of a parcel that was struck out before
		}
		c.How = howTouched(was != nil, is != nil, false, false)
		s.Parcels = append(s.Parcels, c)
	}
	return err
}

func verifiedIn(ctx context.Context, db bun.IDB, scope ledger.Scope, size int64, from, to ledger.Day) (map[int64]*landcheck.Verified, error) {
	list, err := landcheck.VerifiedIn(ctx, db, scope, size, from, to)
	byID := make(map[int64]*landcheck.Verified, len(list))
	for i := range list {
		byID[list[i].Parcel] = &list[i]
	}
	return byID, err
}

func parcelFigures(v *landcheck.Verified) *ParcelFigures {
	if v == nil {
		return nil
	}
	return &ParcelFigures{Owner: v.Owner, Category: v.Category, VerifiedOn: v.VerifiedOn, VerifiedArea: v.VerifiedArea, Verifications: v.Verifications}
}

// CountTouched counts the records that touch each of some issued reports at the scope's time, up to a number each: for
// a list of them.
func CountTouched(ctx context.Context, db bun.IDB, scope ledger.Scope, reports []*issue.Report) (map[int64]int, error) {
	counts := map[int64]int{}
	for _, r := range reports {
		lots, err := auction.TouchedSince(ctx, db, scope, r.AsOf, r.From, r.To, touchedMost)
		if err != nil {
			return nil, err
		}
		parcels, err := landcheck.TouchedSince(ctx, db, scope, r.AsOf, r.From, r.To, touchedMost)
		if err != nil {
			return nil, err
		}
		counts[r.ID] = len(lots) + len(parcels)
	}
	return counts, nil
}

// HowName is how a record touches an issued report, in words.
func HowName(how string) ledger.Text {
	switch how {
	case LateEntry:
		return ledger.Text{ZH: "补录", EN: "late entry"}
	case Amended:
		return ledger.Text{ZH: "更正", EN: "amended"}
	case Voided:
		return ledger.Text{ZH: "作废", EN: "voided"}
	case MovedIn:
		return ledger.Text{ZH: "新列入", EN: "now in it"}
	case MovedOut:
		return ledger.Text{ZH: "不再列入", EN: "not in it any more"}
	}
	return ledger.Text{ZH: "未列入", EN: "not in it"}
}
