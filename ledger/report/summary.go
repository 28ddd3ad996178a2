package report

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/statement"
)

// Summary is the half-year report: trades by the date of the hammer, land by distinct parcels verified in the
// period with their latest verification. Amounts are in yuan, areas in mu.
type Summary struct {
	Report  string     `json:"report"`
	Version int        `json:"version"`
	Book    string     `json:"book"` // its code
	From    ledger.Day `json:"from"`
	To      ledger.Day `json:"to"`
	Basis   string     `json:"basis"`
	AsOf    int64      `json:"as_of"`
	Root    string     `json:"root"`
	Trades  Trades     `json:"trades"`
	Land    []Land     `json:"land"`

	LandRecords LandRecords `json:"land_records"`
	About       BookName    `json:"about"`
	Scope       *Scope      `json:"scope,omitempty"` // what part of the book it covers; absent: all of it
	Late        *Late       `json:"late,omitempty"`  // absent: no report of the period was issued
}

// Scope is the part of a book that a report covers, when that is not all of it.
type Scope struct {
	Villages []string    `json:"villages,omitempty"`
	From     *ledger.Day `json:"from,omitempty"`
	To       *ledger.Day `json:"to,omitempty"`
}

// BookName names the book a report is about, and says whether its figures are an office's own.
type BookName struct {
	Kind     ledger.BookKind `json:"kind"`
	NameZH   string          `json:"name_zh"`
	NameEN   string          `json:"name_en"`
	Division string          `json:"division,omitempty"`
}

// Trades are the figures of public trades. Only hammered lots that are not since defaulted or terminated are
// in the sums; the others are counted apart.
type Trades struct {
	Hammered       int64        `json:"hammered"`
	Unsold         int64        `json:"unsold"`
	Defaulted      int64        `json:"defaulted"`
	Signed         int64        `json:"signed"`
	BaseTotal      ledger.Money `json:"base_total"`
	HammerTotal    ledger.Money `json:"hammer_total"`
	ContractTotal  ledger.Money `json:"contract_total"`
	PremiumTotal   ledger.Money `json:"premium_total"`
	PremiumRate    *ledger.Rate `json:"premium_rate"`
	RateDefinition string       `json:"rate_definition"`

	Disputed     int64       `json:"disputed"`
	Terminated   int64       `json:"terminated"`
	Withdrawn    int64       `json:"withdrawn"`
	WithoutTotal int64       `json:"without_total"` // hammered, but shares or payments in kind: in no sum
	Procurement  int64       `json:"procurement"`   // never in a premium
	Undated      int64       `json:"undated"`       // of the whole book: in no period
	Competitive  Part        `json:"competitive"`
	Uncontested  Part        `json:"without_competition"`
	OtherRates   []NamedRate `json:"other_rates"`
	Reviewed     int64       `json:"reviewed"` // of the hammered
	Months       []Month     `json:"months"`   // of the hammered, by the month of the hammer

	byMonth   map[int64]*Month
	totalled  int64
	firstYear struct {
		lots         int64
		base, hammer ledger.Money
	}
}

// Part is the sums of some of the hammered lots.
type Part struct {
	Hammered     int64        `json:"hammered"`
	BaseTotal    ledger.Money `json:"base_total"`
	HammerTotal  ledger.Money `json:"hammer_total"`
	PremiumTotal ledger.Money `json:"premium_total"`
	PremiumRate  *ledger.Rate `json:"premium_rate"`
}

// Month is the sums of one month's hammered lots.
type Month struct {
	Month        string       `json:"month"` // 2021-03
	Hammered     int64        `json:"hammered"`
	BaseTotal    ledger.Money `json:"base_total"`
	HammerTotal  ledger.Money `json:"hammer_total"`
	PremiumTotal ledger.Money `json:"premium_total"`
}

// NamedRate is a premium rate under a definition other than the report's own. Lots counts those it covers.
type NamedRate struct {
	Definition ledger.RateDefinition `json:"rate_definition"`
	Rate       *ledger.Rate          `json:"premium_rate"`
	Lots       int64                 `json:"lots"`
}

// Land is the verified land of one owner. The total is the sum of exact areas, rounded once;
// RoundingGap is what the categories' rounded areas miss of it.
type Land struct {
	Owner        string         `json:"owner"`
	Categories   []LandCategory `json:"categories"`
	Parcels      int            `json:"parcels"`
	VerifiedArea ledger.Area    `json:"verified_area_mu"`
	RoundingGap  ledger.Area    `json:"rounding_gap_mu"`
	VisitedOnly  int            `json:"visited_not_verified"`
}

// LandCategory is the verified land of one owner and category.
type LandCategory struct {
	Category     string      `json:"category"`
	Parcels      int         `json:"parcels"`
	VerifiedArea ledger.Area `json:"verified_area_mu"`
}

// LandRecords counts verifications beside the distinct parcels.
type LandRecords struct {
	Verifications int `json:"verifications"`
	Parcels       int `json:"parcels"`
}

// Period is the time that a report covers; both days are in it.
type Period struct{ From, To ledger.Day }

// NewPeriod refuses one that ends before it begins: invalid period.ends_before_it_begins.
func NewPeriod(from, to ledger.Day) (Period, error) {
	if to.Before(from) {
		return Period{}, ledger.E(ledger.Invalid, "period.ends_before_it_begins", from.String(), to.String()).On("to")
	}
	return Period{from, to}, nil
}

// The summary as entries name it, the shape of its figures, and the day by which it counts trades.
const (
	SummaryReport  = "summary"
	summaryVersion = 2
	OnHammerDay    = "hammered_on"
)

// NewSummary makes the report of a scope and period as of a checkpoint size; 0 is the scope's own time, or the head.
// It reads one snapshot.
func NewSummary(ctx context.Context, scope ledger.Scope, p Period, asOf int64) (*Summary, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, err
	}
	tx, err := book.DB().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("report: beginning a snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return summaryIn(ctx, tx, scope, p, asOf)
}

// summaryIn is NewSummary within a snapshot.
func summaryIn(ctx context.Context, tx bun.IDB, scope ledger.Scope, p Period, asOf int64) (*Summary, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, err
	}
	if asOf == 0 {
		asOf = scope.Size()
	}
	s := &Summary{Report: SummaryReport, Version: summaryVersion, From: p.From, To: p.To, Basis: OnHammerDay, Book: book.Code}
	if !scope.Whole() {
		from, to := scope.Days()
		s.Scope = &Scope{Villages: scope.Villages(), From: from, To: to}
	}
	s.Trades.RateDefinition = string(ledger.OnContractTotal)
	at, atHead, err := book.Checkpoint(ctx, tx, asOf)
	if err != nil {
		return nil, err
	}
	profile, err := book.ProfileAt(ctx, tx, at.Size)
	if err != nil {
		return nil, err
	}
	s.AsOf, s.Root = at.Size, at.Root.String()
	s.About = BookName{book.Kind, profile.Name().ZH, profile.Name().EN, profile.Division}
	if err := s.Trades.read(ctx, tx, scope, p, at.Size, atHead); err != nil {
		return nil, err
	}
	if err := s.readLate(ctx, tx, scope.Then(at), p); err != nil {
		return nil, err
	}
	return s, s.readLand(ctx, tx, scope, p, at.Size)
}

func (s *Summary) readLand(ctx context.Context, db bun.IDB, scope ledger.Scope, p Period, asOf int64) error {
	verified, err := landcheck.VerifiedIn(ctx, db, scope, asOf, p.From, p.To)
	if err != nil {
		return err
	}
	for _, owner := range landcheck.EveryOwner() {
		land := Land{Owner: string(owner), Categories: []LandCategory{}}
		var exact ledger.Area
		areas := map[string]ledger.Area{}
		counts := map[string]int{}
		var order []string
		for _, v := range verified {
			if v.Owner != string(owner) {
				continue
			}
			s.LandRecords.Verifications += v.Verifications
			s.LandRecords.Parcels++
			if v.VerifiedArea == nil {
				land.VisitedOnly++
				continue
			}
			if counts[v.Category] == 0 {
				order = append(order, v.Category)
			}
			counts[v.Category]++
			areas[v.Category] = areas[v.Category].Add(*v.VerifiedArea)
			exact = exact.Add(*v.VerifiedArea)
			land.Parcels++
		}
		land.VerifiedArea = exact.Round(2)
		var parts ledger.Area
		for _, c := range landcheck.SortCategories(order) {
			rounded := areas[c].Round(2)
			parts = parts.Add(rounded)
			land.Categories = append(land.Categories, LandCategory{c, counts[c], rounded})
		}
		land.RoundingGap = land.VerifiedArea.Sub(parts)
		if owner == landcheck.Undetermined && land.Parcels+land.VisitedOnly == 0 {
			continue
		}
		s.Land = append(s.Land, land)
	}
	return nil
}

// Record is the report's figures as a published sentence is compared with them.
func (s *Summary) Record() *statement.Record {
	r := &statement.Record{
		Hammered: int(s.Trades.Hammered), BaseTotal: s.Trades.BaseTotal, HammerTotal: s.Trades.HammerTotal,
		ContractTotal: s.Trades.ContractTotal, PremiumTotal: s.Trades.PremiumTotal,
	}
	for _, l := range s.Land {
		r.Land = append(r.Land, statement.RecordLand{Owner: l.Owner, Parcels: l.Parcels, VerifiedAreaMu: l.VerifiedArea})
		for _, c := range l.Categories {
			r.Land = append(r.Land, statement.RecordLand{Owner: l.Owner, Category: c.Category, Parcels: c.Parcels, VerifiedAreaMu: c.VerifiedArea})
		}
	}
	return r
}

// count counts a sum's lots under their outcome.
func (t *Trades) count(m *auction.LotMonth) {
	if m.Direction != auction.Sale {
		t.Procurement += m.Lots
		return
	}
	switch auction.Outcome(m.Outcome) {
	case auction.Unsold:
		t.Unsold += m.Lots
	case auction.Defaulted:
		t.Defaulted += m.Lots
	case auction.Terminated:
		t.Terminated += m.Lots
	case auction.Withdrawn:
		t.Withdrawn += m.Lots
	case auction.Confirmed:
		t.Signed += m.Lots
		t.sold(m)
	case auction.Disputed:
		t.Disputed += m.Lots
		t.sold(m)
	case auction.Hammered:
		t.sold(m)
	}
}
