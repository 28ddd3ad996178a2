package auction

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// planned is a listing of a lot as the file has it, ready to be recorded.
type planned struct {
	state  LotState
	winner string
	rows   []*record
	nth    int             // which listing of its number within the file, from 1
	has    map[string]bool // the columns of its table

	sources []sheet.Row // of rows, which are let go when the plan is made: 100,000 of them are most of the memory
}

// letGo keeps only where the rows stand in the file.
func (p *planned) letGo() {
	p.sources = make([]sheet.Row, len(p.rows))
	for i, r := range p.rows {
		p.sources[i] = r.row.Keep("lot_no")
	}
	p.rows = nil
}

// assemble joins the rows of the file to lots: rows of one number that are alike but for their priced lines
// are one lot; a number whose earlier listing failed is listed again.
func assemble(records []*record) ([]*planned, []sheet.CellError) {
	var list []*planned
	faults := sharedTotals(records)
	byNumber := map[string][]*planned{}
	for _, group := range inOrder(records) {
		rec := group
		key := intake.NumberKey(rec.state.LotNo)
		earlier := byNumber[key]
		if key != "" && len(earlier) > 0 {
			last := earlier[len(earlier)-1]
			if isLine(last.rows, rec) {
				last.rows = append(last.rows, rec)
				continue
			}
			if !last.state.Outcome.Listable() {
				faults = append(faults, rec.row.Fault("lot_no", ledger.E(ledger.Conflict, "lot.twice_in_file", rec.state.LotNo, last.rows[0].row.Number)))
				rec.bad = true
				continue
			}
		}
		p := &planned{state: rec.state, winner: rec.winner, rows: []*record{rec}, has: rec.has, nth: len(earlier) + 1}
		list = append(list, p)
		if key != "" {
			byNumber[key] = append(earlier, p)
		}
	}
	common := newCommon()
	kept := list[:0]
	for _, p := range list {
		if slices.ContainsFunc(p.rows, func(r *record) bool { return r.bad }) {
			continue // its faults are known
		}
		more := p.finish(common)
		faults = append(faults, more...)
		if len(more) == 0 {
			kept = append(kept, p)
		}
	}
	return kept, faults
}

// inOrder puts the rows of one number in the order of their dates where all of them have one: a register may
// have the newest on top.
func inOrder(records []*record) []*record {
	byNumber := map[string][]int{}
	for i, r := range records {
		if key := intake.NumberKey(r.state.LotNo); key != "" {
			byNumber[key] = append(byNumber[key], i)
		}
	}
	sorted := slices.Clone(records)
	for _, places := range byNumber {
		if len(places) < 2 || slices.ContainsFunc(places, func(i int) bool { return records[i].state.HammeredOn == nil }) {
			continue
		}
		rows := make([]*record, len(places))
		for i, at := range places {
			rows[i] = records[at]
		}
		slices.SortStableFunc(rows, func(a, b *record) int { return a.state.HammeredOn.Compare(*b.state.HammeredOn) })
		for i, at := range places {
			sorted[at] = rows[i]
		}
	}
	return sorted
}

// isLine tells whether a row is one more priced line of a lot: the same sale, with another thing priced, or
// under the very same merged total. What is let again after it failed differs in its date or its outcome, or
// prices the same thing anew.
func isLine(rows []*record, next *record) bool {
	first := rows[0]
	a, b := &first.state, &next.state
	if a.Outcome != b.Outcome || !sameDay(a.HammeredOn, b.HammeredOn) || b.ProjectNo != "" && a.ProjectNo != b.ProjectNo ||
		next.winner != "" && first.winner != next.winner {
		return false
	}
	if first.base == nil || next.base == nil {
		return false
	}
	if next.base.isTotal {
		return first.base.isTotal && next.base.cell.Origin() != ""
	}
	if first.base.isTotal {
		return false
	}
	for _, r := range rows {
		if r.base.unit == next.base.unit && r.quantity == next.quantity && r.state.AssetName == next.state.AssetName {
			return false
		}
	}
	return true
}

func sameDay(a, b *ledger.Day) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// finish computes the totals of a lot from its rows, judges its claims, and refuses what contradicts itself.
func (p *planned) finish(common *common) []sheet.CellError {
	first := p.rows[0]
	s := &p.state
	if fault := p.agree(); fault != nil {
		return []sheet.CellError{*fault}
	}
	if first.term != (price.Term{}) {
		months, days := int64(first.term.Months), int64(first.term.Days)
		s.TermMonths = &months
		if days > 0 {
			s.TermDays = &days
		}
	}
	terms := price.Terms{
		Term: first.term, From: s.LeaseFrom, To: s.LeaseTo,
		RentFree: once(common.rentFree, s.RentFree, price.ParseRentFree), Escalation: once(common.escalation, s.Escalation, price.ParseEscalation),
	}
	base, baseFault := p.total(terms, func(r *record) *amount { return r.base }, "base")
	hammer, hammerFault := p.total(terms, func(r *record) *amount { return r.hammer }, "hammer")
	var faults []sheet.CellError
	for _, f := range []*sheet.CellError{baseFault, hammerFault} {
		if f != nil {
			faults = append(faults, *f)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	s.BaseTotal, s.BaseFirstYear = base.total, base.firstYear
	s.HammerTotal, s.HammerFirstYear = hammer.total, hammer.firstYear
	if s.BaseTotal != nil || s.HammerTotal != nil {
		s.Convention = "stated"
		if first.base != nil && !first.base.isTotal || first.hammer != nil && !first.hammer.isTotal {
			s.Convention = string(price.ByFlat)
		}
	}
	if fault := p.complete(); fault != nil {
		return []sheet.CellError{*fault}
	}
	p.addLines()
	terms = hammer.terms
	if s.HammerTotal == nil {
		terms = base.terms
	}
	for _, r := range p.rows {
		for _, c := range r.claims {
			if r != first && c.cell.Origin() != "" {
				continue // the same merged cell
			}
			if len(p.rows) > 1 && c.cell.Origin() == "" && !p.onlyClaim(c.field) {
				continue // each line states its own: there is no figure of the lot to hold it against
			}
			s.Claims = append(s.Claims, c.judge(s, terms))
		}
	}
	return p.tooLong(common.check)
}

// onlyClaim tells whether one row alone states the field: then it speaks for the whole lot.
func (p *planned) onlyClaim(field string) bool {
	n := 0
	for _, r := range p.rows {
		for _, c := range r.claims {
			if c.field == field && c.cell.Origin() == "" {
				n++
			}
		}
	}
	return n == 1
}

// agree refuses lines of one lot that differ in what belongs to the whole lot.
func (p *planned) agree() *sheet.CellError {
	first := p.rows[0]
	for _, r := range p.rows[1:] {
		switch {
		case r.term != (price.Term{}) && r.term != first.term:
			f := r.row.Fault("term", ledger.E(ledger.Invalid, "lot.lines_differ", p.state.LotNo, first.row.Number))
			return &f
		case r.state.Collective != "" && r.state.Collective != p.state.Collective:
			f := r.row.Fault("collective", ledger.E(ledger.Invalid, "lot.lines_differ", p.state.LotNo, first.row.Number))
			return &f
		}
	}
	return nil
}

// sums are what the lines of a lot come to.
type sums struct {
	total, firstYear *ledger.Money
	terms            price.Terms
}

// total computes base or hammer of the lot: the lines' prices over the term, rounded once, or the total that
// the paper has.
func (p *planned) total(terms price.Terms, side func(*record) *amount, name string) (sums, *sheet.CellError) {
	first := p.rows[0]
	out := sums{terms: terms}
	for _, r := range p.rows {
		a := side(r)
		if a == nil {
			continue
		}
		if a.isTotal {
			if out.total == nil {
				out.total = &a.total
			}
			continue
		}
		out.terms.Lines = append(out.terms.Lines, price.Line{Quantity: r.quantity, Unit: a.unit, Price: a.price})
	}
	if len(out.terms.Lines) == 0 {
		return out, nil
	}
	if len(out.terms.Lines) < len(p.rows) {
		lacks := p.rows[slices.IndexFunc(p.rows, func(r *record) bool { a := side(r); return a == nil || a.isTotal })]
		f := lacks.row.Fault(name+"_price", ledger.E(ledger.Invalid, "lot.line_without_price", p.state.LotNo))
		return out, &f
	}
	t := out.terms
	total, err := price.Flat(t.Lines, t.Term, t.From, t.To)
	if err == nil && total.Sign() <= 0 { // less than half a fen
		err = ledger.E(ledger.Invalid, "amount.not_positive", total.String())
	}
	if err != nil {
		f := first.row.Fault(faultKey(err, name), err)
		return out, &f
	}
	out.total = &total
	if year, err := price.FirstYear(t.Lines, t.Term, t.From, t.To); err == nil {
		out.firstYear = &year
	}
	return out, nil
}

// faultKey is the column to mend for an error of the price package.
func faultKey(err error, name string) string {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		return name + "_price"
	}
	switch e.Field {
	case "quantity", "term", "lease_from", "lease_to":
		return e.Field
	}
	switch e.Reason {
	case "price.quantity_missing", "price.measure_mismatch", "price.quantity_unit_unknown", "price.quantity_not_positive":
		return "quantity"
	case "price.term_unknown", "price.dates_unknown", "price.term_has_days", "price.days_unknown":
		return "term"
	}
	return name + "_price"
}

// complete refuses a hammered lot without base or hammer: nothing could be reckoned from it. Shares of
// profit and payments in kind have no total and say so.
func (p *planned) complete() *sheet.CellError {
	s, first := &p.state, p.rows[0]
	if !s.Outcome.Sold() || s.TradeKind == "lease_with_share" {
		return nil
	}
	var f sheet.CellError
	switch {
	case s.HammerTotal == nil:
		f = first.row.Fault(columnThere(first, "hammer_total", "hammer_price"), ledger.E(ledger.Invalid, "lot.hammer_missing"))
	case s.BaseTotal == nil:
		f = first.row.Fault(columnThere(first, "base_total", "base_price"), ledger.E(ledger.Invalid, "lot.base_missing"))
	default:
		return nil
	}
	return &f
}

func columnThere(r *record, total, perUnit string) string {
	if r.row.Cell(total).Ref() != "" {
		return total
	}
	return perUnit
}

// addLines keeps what was priced.
func (p *planned) addLines() {
	for _, r := range p.rows {
		line := Line{}
		if len(p.rows) > 1 || r.state.AssetName != p.state.AssetName {
			line.AssetName = r.state.AssetName
		}
		if !r.quantity.IsZero() {
			line.Quantity, line.Measure = r.quantity.Number.String(), string(r.quantity.Measure)
		}
		if r.base != nil && !r.base.isTotal {
			line.BasePrice, line.BaseUnit = &r.base.price, r.base.unit.String()
		}
		if r.hammer != nil && !r.hammer.isTotal {
			line.HammerPrice, line.HammerUnit = &r.hammer.price, r.hammer.unit.String()
		}
		if line != (Line{}) {
			p.state.Lines = append(p.state.Lines, line)
		}
	}
}

// lengths looks at how long texts are. It names fields by their key in the entry, which is the column's but for _text.
// It is made once: it keeps what it has learned of the types.
var lengths = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(keyOf)
	return v
})

// tooLong refuses texts that no register has.
func (p *planned) tooLong(check *validator.Validate) []sheet.CellError {
	err := check.Struct(&p.state)
	if err == nil {
		return nil
	}
	var list []sheet.CellError
	if wrong, ok := errors.AsType[validator.ValidationErrors](err); ok {
		for _, w := range wrong {
			list = append(list, p.rows[0].row.Fault(strings.TrimSuffix(w.Field(), "_text"), ledger.E(ledger.Invalid, "text.too_long", utf8.RuneCountInString(fmt.Sprint(w.Value())), w.Param())))
		}
	}
	return list
}

// notes are what the paper says and does not fit.
func (p *planned) notes() []intake.Note {
	var list []intake.Note
	for _, c := range p.state.Claims {
		if c.Finding != "" {
			list = append(list, intake.Note{
				Sheet: p.rows[0].row.Sheet, Row: p.rows[0].row.Number, No: p.state.LotNo,
				Field: c.Field, Code: c.Finding, Stated: c.Text + c.Unit, Reckons: c.Computed,
			})
		}
	}
	return list
}
