package auction

import (
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"mingzhang/auction/kind"
	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// record is a row of the file, read but not yet joined with the other rows of its lot.
type record struct {
	row    sheet.Row
	state  LotState
	winner string
	term   price.Term
	base   *amount
	hammer *amount

	quantity price.Quantity
	claims   []sheetClaim
	has      map[string]bool
	bad      bool
}

// sheetClaim is a stated premium, rate or contract total, before the lot's own figures are known.
type sheetClaim struct {
	field  string
	cell   sheet.Cell
	unit   ledger.MoneyUnit
	header string // unit text of the header: % for a rate
}

// reader reads the rows of one table of lots.
type reader struct {
	t      *sheet.Table
	table  *intake.Table
	o      intake.Options
	prices map[string]priceColumn
	money  map[string]ledger.MoneyUnit // of the columns that hold plain amounts
	area   price.Measure               // what a bare 面积 is in; None when its header does not say
	tally  *intake.Tally
	has    map[string]bool
	words  map[string]foundWord // column and text → code: a register has few words, each many times
	out    *[]*record
}

func newReader(t *sheet.Table, table *intake.Table, o intake.Options, out *[]*record) (*reader, error) {
	r := &reader{
		t: t, table: table, o: o, out: out, tally: intake.NewTally(), has: has(t), words: map[string]foundWord{},
		prices: map[string]priceColumn{}, money: map[string]ledger.MoneyUnit{},
	}
	for _, key := range []string{"base_price", "hammer_price", "base_total", "hammer_total"} {
		c, err := takePrice(t, table, o, key)
		if err != nil {
			return nil, err
		}
		r.prices[key] = c
	}
	for _, key := range []string{"contract_total", "premium", "deposit"} {
		if err := r.takeMoney(key); err != nil {
			return nil, err
		}
	}
	return r, r.takeQuantity()
}

// takeMoney finds the unit of a column of plain amounts.
func (r *reader) takeMoney(key string) error {
	bound, ok := r.t.Column(key)
	if !ok {
		return nil
	}
	unit := ledger.Yuan
	if bound.Unit != "" {
		_, money, err := price.ParseUnit(bound.Unit)
		if err != nil {
			return headerFault(bound, err)
		}
		unit = money
	} else if said, ok := r.o.MoneyUnit(r.t); ok {
		unit = said
	}
	r.money[key] = unit
	r.table.Take(key, string(unit), "", ledger.Text{ZH: "", EN: ""})
	return nil
}

func (r *reader) takeQuantity() error {
	bound, ok := r.t.Column("quantity")
	if !ok {
		return nil
	}
	if bound.Unit == "" {
		if unit, ok := r.o.AreaUnit(r.t); ok {
			r.area, _ = price.MeasureOf(string(unit))
		}
	} else if r.area, ok = price.MeasureOf(bound.Unit); !ok {
		return headerFault(bound, ledger.E(ledger.Invalid, "price.unit_unknown", bound.Unit))
	}
	r.table.Take("quantity", string(r.area), "", r.area.Name())
	return nil
}

// Row reads one row. What is read by many rows of a lot is joined later, by assemble.
func (r *reader) Row(row sheet.Row) (map[string]decimal.Decimal, bool, []sheet.CellError) {
	rec := &record{row: row, has: r.has}
	r.tally.Row()
	var faults []sheet.CellError
	bad := func(key string, err error) {
		if err != nil {
			faults = append(faults, row.Fault(key, err))
		}
	}
	r.texts(rec, bad)
	r.dates(rec, bad)
	r.counts(rec, bad)
	r.figures(rec, bad)
	r.outcome(rec, bad)
	if s := &rec.state; s.LotNo == "" && s.ProjectNo == "" && s.AssetName == "" && s.Collective == "" && s.HammeredOn == nil {
		bad(columnHad(r.has, "lot_no", "asset_name", "project_no"), ledger.E(ledger.Invalid, "lot.unnamed"))
	}
	rec.bad = len(faults) > 0 || len(row.Faults) > 0
	*r.out = append(*r.out, rec)
	return r.tally.Values, rec.state.Outcome.Sold(), faults
}

// columnHad is the first of some columns that the table has.
func columnHad(has map[string]bool, keys ...string) string {
	for _, key := range keys {
		if has[key] {
			return key
		}
	}
	return keys[0]
}

func (r *reader) texts(rec *record, bad func(string, error)) {
	s := &rec.state
	text := func(key string) string {
		cell := rec.row.Cell(key)
		if cell.Blank() {
			return ""
		}
		value, err := cell.Key()
		value = ledger.Normal(value)
		if err == nil {
			err = ledger.Clean(value)
		}
		bad(key, err)
		return value
	}
	s.LotNo, s.ProjectNo, s.AssetName, s.Collective = text("lot_no"), text("project_no"), text("asset_name"), text("collective")
	s.Village = text("village")
	s.Term, s.RentFree, s.Escalation = text("term"), text("rent_free"), text("escalation")
	s.Remark, rec.winner = ledger.Seal(text("remark")), ledger.PersonName(text("winner"))
	s.KindText, s.TradeKindText, s.MethodText = text("kind"), text("trade_kind"), text("method")
	s.Kind, _ = r.word("kind", s.KindText, func(text string) (string, bool) { return kind.Find(text), true })
	s.TradeKind, _ = r.word("trade_kind", s.TradeKindText, func(text string) (string, bool) { return find(tradeKinds(), text) })
	s.Method, _ = r.word("method", s.MethodText, func(text string) (string, bool) { return find(methods(), text) })
	if s.Kind != kind.Other {
		s.KindText = ""
	}
	if s.TradeKind != "" {
		s.TradeKindText = ""
	}
	if s.Method != "" {
		s.MethodText = ""
	}
	s.Direction = Sale
	if s.TradeKind == procurement {
		s.Direction = procurement
	}
	var other []string
	for _, source := range rec.row.Source {
		bad("other_columns", ledger.Clean(ledger.Normal(source.Text)))
		if value := ledger.Normal(source.Text); value != "" {
			other = append(other, ledger.Normal(source.Header)+": "+value)
		}
	}
	s.OtherColumns = ledger.Seal(strings.Join(other, "; "))
	for _, sealed := range []struct {
		key, text string
		most      int
	}{{"winner", rec.winner, ledger.PersonNameMax}, {"remark", s.Remark.Text(), ledger.SealedMax}, {"lot_no", s.OtherColumns.Text(), ledger.SealedMax}} {
		if n := utf8.RuneCountInString(sealed.text); n > sealed.most {
			bad(sealed.key, ledger.E(ledger.Invalid, "text.too_long", n, sealed.most))
		}
	}
}

// foundWord is what a word of a column was found to be.
type foundWord struct {
	code string
	ok   bool
}

// wordsMax bounds the words that are remembered: a column may be filled with what is no word at all.
const wordsMax = 1_000

// word looks a word up, once.
func (r *reader) word(column, text string, find func(string) (string, bool)) (string, bool) {
	key := column + "\x00" + text
	w, known := r.words[key]
	if !known {
		w.code, w.ok = find(text)
		if len(r.words) < wordsMax {
			r.words[key] = w
		}
	}
	return w.code, w.ok
}

func (r *reader) dates(rec *record, bad func(string, error)) {
	s := &rec.state
	for _, d := range []struct {
		key string
		to  **ledger.Day
	}{{"hammered_on", &s.HammeredOn}, {"lease_from", &s.LeaseFrom}, {"lease_to", &s.LeaseTo}} {
		cell := rec.row.Cell(d.key)
		if cell.Blank() {
			continue
		}
		day, err := cell.Day()
		if err == nil && d.key == "hammered_on" && day.After(r.o.Today) {
			err = ledger.E(ledger.Invalid, "day.future", day.String(), r.o.Today.String())
		}
		bad(d.key, err)
		if err == nil {
			*d.to = &day
		}
	}
	if s.LeaseFrom != nil && s.LeaseTo != nil && s.LeaseTo.Before(*s.LeaseFrom) {
		bad("lease_to", ledger.E(ledger.Invalid, "lot.lease_ends_before_it_begins", s.LeaseFrom.String(), s.LeaseTo.String()))
	}
	if s.Term != "" {
		header := ""
		if b, ok := r.t.Column("term"); ok {
			header = b.Unit
		}
		term, err := price.ParseTermIn(s.Term, header)
		bad("term", err)
		rec.term = term
	} else if s.LeaseFrom != nil && s.LeaseTo != nil && !s.LeaseTo.Before(*s.LeaseFrom) {
		rec.term, _ = price.TermBetween(*s.LeaseFrom, *s.LeaseTo)
	}
}

func (r *reader) counts(rec *record, bad func(string, error)) {
	for _, c := range []struct {
		key string
		to  **int64
	}{{"registrants", &rec.state.Registrants}, {"bidders", &rec.state.Bidders}} {
		cell := rec.row.Cell(c.key)
		if cell.Blank() {
			continue
		}
		n, err := cell.Count()
		if err == nil && n < 0 {
			err = ledger.E(ledger.Invalid, "count.negative", n)
		}
		bad(c.key, err)
		if err == nil {
			*c.to = &n
			r.tally.Add(c.key, cell, decimal.NewFromInt(n))
			r.table.See(c.key, decimal.NewFromInt(n), decimal.Decimal.String)
		}
	}
}

func (r *reader) outcome(rec *record, bad func(string, error)) {
	s := &rec.state
	cell := rec.row.Cell("outcome")
	if cell.Blank() {
		if rec.hammer == nil {
			bad("outcome", ledger.E(ledger.Invalid, "lot.outcome_missing"))
			return
		}
		s.Outcome = Hammered
	} else {
		code, ok := r.word("outcome", cell.Text, func(text string) (string, bool) { return find(outcomes(), text) })
		if !ok {
			bad("outcome", ledger.E(ledger.Invalid, "lot.outcome_unknown", cell.Text))
			return
		}
		s.Outcome = Outcome(code)
	}
	if rec.hammer != nil && !s.Outcome.hasHammer() {
		bad(rec.hammerKey(), ledger.E(ledger.Invalid, "lot.unsold_with_hammer", s.Outcome.Name(), rec.hammer.cell.Shown()))
	}
}

func (rec *record) hammerKey() string {
	if rec.row.Cell("hammer_price").Blank() {
		return "hammer_total"
	}
	return "hammer_price"
}
