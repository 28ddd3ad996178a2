package auction

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
)

// LotState is the whole state of a listing of a lot, as its entries hold it. The shape is frozen and only
// added to (state_test.go holds golden vectors).
type LotState struct {
	AssetName       string         `json:"asset_name,omitempty" validate:"max=500"`
	BaseFirstYear   *ledger.Money  `json:"base_first_year,omitempty"`
	BaseTotal       *ledger.Money  `json:"base_total,omitempty"`
	Bidders         *int64         `json:"bidders,omitempty"`
	Claims          []Claim        `json:"claims,omitempty"`
	Collective      string         `json:"collective,omitempty" validate:"max=200"`
	Convention      string         `json:"convention,omitempty"` // how the totals were reckoned: flat, or stated by the paper
	Deposit         *ledger.Money  `json:"deposit,omitempty"`
	Direction       string         `json:"direction"`
	Escalation      string         `json:"escalation,omitempty" validate:"max=500"`
	HammerFirstYear *ledger.Money  `json:"hammer_first_year,omitempty"`
	HammerTotal     *ledger.Money  `json:"hammer_total,omitempty"`
	HammeredOn      *ledger.Day    `json:"hammered_on,omitempty"`
	Kind            string         `json:"kind,omitempty"`
	KindText        string         `json:"kind_text,omitempty" validate:"max=200"`
	LeaseFrom       *ledger.Day    `json:"lease_from,omitempty"`
	LeaseTo         *ledger.Day    `json:"lease_to,omitempty"`
	Lines           []Line         `json:"lines,omitempty" validate:"max=200"`
	Listing         int64          `json:"listing"`
	LotNo           string         `json:"lot_no" validate:"max=200"`
	Method          string         `json:"method,omitempty"`
	MethodText      string         `json:"method_text,omitempty" validate:"max=200"`
	NumberedByBook  bool           `json:"numbered_by_book,omitempty"`
	OtherColumns    *ledger.Sealed `json:"other_columns,omitempty"` // source text of columns nobody knows
	Outcome         Outcome        `json:"outcome"`
	ProjectNo       string         `json:"project_no,omitempty" validate:"max=200"`
	Registrants     *int64         `json:"registrants,omitempty"`
	Remark          *ledger.Sealed `json:"remark,omitempty"`
	RentFree        string         `json:"rent_free,omitempty" validate:"max=500"`
	Term            string         `json:"term,omitempty" validate:"max=200"` // as the paper has it
	TermDays        *int64         `json:"term_days,omitempty"`
	TermMonths      *int64         `json:"term_months,omitempty"`
	TradeKind       string         `json:"trade_kind,omitempty"`
	TradeKindText   string         `json:"trade_kind_text,omitempty" validate:"max=200"`
	Village         string         `json:"village,omitempty" validate:"max=200"` // where rights are bound to villages
	Winner          string         `json:"winner,omitempty"`                     // a person of the book: p17
	Written         []Written      `json:"written,omitempty"`
}

// Line is a priced part of a lot: so much of something at a base and a hammer price per unit.
type Line struct {
	AssetName   string        `json:"asset_name,omitempty"`
	BasePrice   *ledger.Price `json:"base_price,omitempty"`
	BaseUnit    string        `json:"base_unit,omitempty"` // yuan_per_m2_month …
	HammerPrice *ledger.Price `json:"hammer_price,omitempty"`
	HammerUnit  string        `json:"hammer_unit,omitempty"`
	Measure     string        `json:"measure,omitempty"` // mu, m2, room …
	Quantity    string        `json:"quantity,omitempty"`
}

// Claim is a premium, a rate or a contract total that the paper states. It is never taken for the figure
// itself; it is kept and compared at its printed precision.
type Claim struct {
	Computed string `json:"computed,omitempty"`
	Field    string `json:"field"`
	Finding  string `json:"finding,omitempty"` // "" when it fits
	Text     string `json:"text"`
	Unit     string `json:"unit,omitempty"`
}

// Written is how a figure stood in the file, where its text says more than its value.
type Written struct {
	Approximate bool   `json:"approximate,omitempty"`
	Field       string `json:"field"`
	Text        string `json:"text"`
	Unit        string `json:"unit,omitempty"`
}

// Sealed are the free texts.
func (s *LotState) Sealed() []ledger.SealedField {
	return []ledger.SealedField{{Name: "remark", Value: s.Remark}, {Name: "other_columns", Value: s.OtherColumns}}
}

// Premium is hammer − base over the same span, computed and never typed; ok is false where one is missing.
func (s *LotState) Premium() (m ledger.Money, ok bool) {
	if s.BaseTotal == nil || s.HammerTotal == nil {
		return ledger.Money{}, false
	}
	return s.HammerTotal.Sub(*s.BaseTotal), true
}

// Lot is the row of a listing.
type Lot struct {
	bun.BaseModel `bun:"table:lots,alias:lots"`
	ledger.Version
	Voided          bool          `bun:"voided"`
	LotNo           string        `bun:"lot_no"`
	LotNoKey        string        `bun:"lot_no_key"`
	NumberedByBook  bool          `bun:"numbered_by_book"`
	Listing         int64         `bun:"listing"`
	ProjectNo       string        `bun:"project_no"`
	AssetName       string        `bun:"asset_name"`
	Collective      string        `bun:"collective"`
	CollectiveKey   string        `bun:"collective_key"`
	Village         string        `bun:"village"`
	VillageKey      string        `bun:"village_key"`
	Kind            string        `bun:"kind"`
	TradeKind       string        `bun:"trade_kind"`
	Method          string        `bun:"method"`
	Direction       string        `bun:"direction"`
	Outcome         string        `bun:"outcome"`
	HammeredOn      *ledger.Day   `bun:"hammered_on"`
	BaseTotal       *ledger.Money `bun:"base_total"`
	HammerTotal     *ledger.Money `bun:"hammer_total"`
	BaseFirstYear   *ledger.Money `bun:"base_first_year"`
	HammerFirstYear *ledger.Money `bun:"hammer_first_year"`
	Lines           string        `bun:"lines"`
	Term            string        `bun:"term"`
	TermMonths      *int64        `bun:"term_months"`
	TermDays        *int64        `bun:"term_days"`
	LeaseFrom       *ledger.Day   `bun:"lease_from"`
	LeaseTo         *ledger.Day   `bun:"lease_to"`
	RentFree        string        `bun:"rent_free"`
	Escalation      string        `bun:"escalation"`
	Registrants     *int64        `bun:"registrants"`
	Bidders         *int64        `bun:"bidders"`
	Deposit         *ledger.Money `bun:"deposit"`
	Winner          string        `bun:"winner"`
	Claims          string        `bun:"claims"`
	ContentSHA256   string        `bun:"content_sha256"`
	Import          *int64        `bun:"import"`
	Grams           []string      `bun:"grams,array"`
	ledger.Standing
	issue.Lateness

	Remark       string `bun:"remark,scanonly"`
	OtherColumns string `bun:"other_columns,scanonly"`
	Body         []byte `bun:"body,scanonly"` // the entry, where a command or a form needs the whole state
	WinnerName   string `bun:"winner_name,scanonly"`
}

// row makes the row of a state. It is all that makes one.
func (s *LotState) row() *Lot {
	return &Lot{
		LotNo: s.LotNo, LotNoKey: intake.NumberKey(s.LotNo), NumberedByBook: s.NumberedByBook, Listing: s.Listing,
		ProjectNo: s.ProjectNo, AssetName: s.AssetName, Collective: s.Collective, CollectiveKey: ledger.Fold(s.Collective),
		Village: s.Village, VillageKey: s.villageKey(), Grams: ledger.Grams(s.LotNo, s.ProjectNo, s.AssetName, s.Collective, s.Village),
		Kind: either(s.Kind, s.KindText), TradeKind: either(s.TradeKind, s.TradeKindText), Method: either(s.Method, s.MethodText),
		Direction: s.Direction, Outcome: string(s.Outcome), HammeredOn: s.HammeredOn,
		BaseTotal: s.BaseTotal, HammerTotal: s.HammerTotal, BaseFirstYear: s.BaseFirstYear, HammerFirstYear: s.HammerFirstYear,
		Lines: ledger.CanonicalJSON(s.Lines), Term: s.Term, TermMonths: s.TermMonths, TermDays: s.TermDays,
		LeaseFrom: s.LeaseFrom, LeaseTo: s.LeaseTo, RentFree: s.RentFree, Escalation: s.Escalation,
		Registrants: s.Registrants, Bidders: s.Bidders, Deposit: s.Deposit, Winner: s.Winner,
		Claims: ledger.CanonicalJSON(s.Claims), ContentSHA256: s.contentKept(),
		Remark: s.Remark.Text(), OtherColumns: s.OtherColumns.Text(),
	}
}

// villageKey is what rights of some villages are compared with: the village, else the collective.
func (s *LotState) villageKey() string {
	if s.Village != "" {
		return ledger.VillageKey(s.Village)
	}
	return ledger.VillageKey(s.Collective)
}

func either(code, text string) string {
	if code == "" || code == "other" {
		return text
	}
	return code
}

// contentKept is the content hash of a listing that the book numbered; others are known by their number.
func (s *LotState) contentKept() string {
	if !s.NumberedByBook {
		return ""
	}
	return s.content()
}

// content is a hash over what a listing says, without its number and without persons and free texts. A row
// without a number is known by it when the same file is sent again.
func (s *LotState) content() string {
	c := *s
	c.LotNo, c.Listing, c.NumberedByBook, c.Winner, c.Remark, c.OtherColumns = "", 0, false, "", nil, nil
	sum := sha256.Sum256([]byte(ledger.CanonicalJSON(&c)))
	return hex.EncodeToString(sum[:])
}

// Lots is the table of listings.
func Lots() *ledger.Table { return lots }

var lots = ledger.NewTable[Lot]("lots", lotsBy("lot_no_key", func(l *Lot) string { return l.LotNoKey }),
	lotsBy("content_sha256", func(l *Lot) string { return l.ContentSHA256 }), lotsWithEntry(),
	review.ImportIndex("lots", func(l *Lot) *int64 { return l.Import }))

// Kind is how lots are kept in the book.
func Kind() *ledger.Kind {
	return &ledger.Kind{
		Name: "lot", New: func() ledger.State { return new(LotState) }, Table: lots, Rollup: months,
		Project: func(e ledger.Entry) ledger.Row {
			row := e.State.(*LotState).row()
			row.Voided = e.Voids()
			if e.Source != nil {
				row.Import = &e.Source.Import
			}
			return row
		},
	}
}

// LotMonth is the sums of one month, direction and outcome: what the summary adds up for whole months.
// Lots without a date have month 0.
type LotMonth struct {
	bun.BaseModel `bun:"table:lot_months"`
	ledger.SumVersion
	Month           int64        `bun:"month"` // 202103
	Direction       string       `bun:"direction"`
	Outcome         string       `bun:"outcome"`
	Reviewed        bool         `bun:"reviewed"`
	Competitive     bool         `bun:"competitive"`
	Lots            int64        `bun:"lots"`
	Totalled        int64        `bun:"totalled"` // lots with both a base and a hammer total; the sums are theirs
	BaseTotal       ledger.Money `bun:"base_total"`
	HammerTotal     ledger.Money `bun:"hammer_total"`
	FirstYearLots   int64        `bun:"first_year_lots"`
	BaseFirstYear   ledger.Money `bun:"base_first_year"`
	HammerFirstYear ledger.Money `bun:"hammer_first_year"`
}

// MonthOf is what a listing adds to its month.
func MonthOf(l *Lot) *LotMonth {
	m := &LotMonth{Direction: l.Direction, Outcome: l.Outcome, Lots: 1, Reviewed: l.Approved(), Competitive: !slices.Contains(uncompetitive(), l.Method)}
	if l.HammeredOn != nil {
		m.Month = int64(l.HammeredOn.Month())
	}
	if l.BaseTotal != nil && l.HammerTotal != nil {
		m.Totalled, m.BaseTotal, m.HammerTotal = 1, *l.BaseTotal, *l.HammerTotal
	}
	if l.BaseFirstYear != nil && l.HammerFirstYear != nil {
		m.FirstYearLots, m.BaseFirstYear, m.HammerFirstYear = 1, *l.BaseFirstYear, *l.HammerFirstYear
	}
	m.Grain = strings.Join([]string{
		strconv.FormatInt(m.Month, 10), m.Direction, m.Outcome, strconv.FormatBool(m.Reviewed), strconv.FormatBool(m.Competitive),
	}, "|")
	return m
}

// Combine adds o, or takes it off.
func (m *LotMonth) Combine(o ledger.Sum, sign int) {
	other := o.(*LotMonth)
	m.Lots += int64(sign) * other.Lots
	m.Totalled += int64(sign) * other.Totalled
	m.FirstYearLots += int64(sign) * other.FirstYearLots
	for _, p := range []struct{ to, from *ledger.Money }{
		{&m.BaseTotal, &other.BaseTotal}, {&m.HammerTotal, &other.HammerTotal},
		{&m.BaseFirstYear, &other.BaseFirstYear}, {&m.HammerFirstYear, &other.HammerFirstYear},
	} {
		if sign < 0 {
			*p.to = p.to.Sub(*p.from)
		} else {
			*p.to = p.to.Add(*p.from)
		}
	}
}

// Copy is an independent copy.
func (m *LotMonth) Copy() ledger.Sum { c := *m; return &c }

var months = &ledger.Rollup{Table: ledger.NewTable[LotMonth]("lot_months"), Of: func(r ledger.Row) (ledger.Sum, bool) {
	l := r.(*Lot)
	return MonthOf(l), !l.Voided
}}
