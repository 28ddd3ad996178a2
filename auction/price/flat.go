package price

import (
	"math/big"

	"mingzhang/ledger"
)

// Line is one priced part of a lot: so much of something at a price per unit. Most lots have one.
type Line struct {
	Quantity Quantity
	Unit     Unit
	Price    ledger.Price
	Crops    int // crops a year, for a price per 造; 0 is not known
}

// reach is how far a contract runs: in months where the term is whole months, in days where the
// calendar or the term gives them.
type reach struct {
	term       Term
	months     int
	begin, end ledger.Day // end is the day after the last; both zero without dates
	days       int        // 0 is not known
}

// newReach joins a term with the dates. A given term rules over the dates for whatever is counted
// in months, the dates over the term for whatever is counted in days: that is how papers are
// reckoned whose dates and term differ by a few days (三门: 不足三年按三年计).
func newReach(term Term, from, to *ledger.Day) (reach, error) {
	if term.Months < 0 || term.Days < 0 || term.Months > maxMonths || term.Days > maxDays {
		return reach{}, ledger.E(ledger.Invalid, "term.too_long", term.Name())
	}
	if from != nil && to != nil {
		between, err := TermBetween(*from, *to)
		if err != nil {
			return reach{}, err
		}
		if term.IsZero() {
			term = between
		}
	}
	r := reach{term: term}
	if term.Days == 0 {
		r.months = term.Months
	}
	switch {
	case term.Months == 0 && term.Days > 0:
		r.days = term.Days
		if from != nil {
			r.begin, r.end = *from, from.AddDays(term.Days)
		}
	case from != nil && to != nil:
		r.begin, r.end = *from, to.AddDays(1)
		r.days = r.end.DaysSince(r.begin)
	case from != nil && !term.IsZero():
		r.begin, r.end = *from, endAfter(*from, term.Months).AddDays(term.Days)
		r.days = r.end.DaysSince(r.begin)
	}
	return r, nil
}

// years is the number of lease years that the contract touches.
func (r reach) years() int {
	years := (r.months + 11) / 12
	for r.daysIn(years+1) > 0 {
		years++
	}
	return years
}

// monthsIn is the number of months of lease year y, from 1.
func (r reach) monthsIn(y int) int { return max(0, min(12, r.months-12*(y-1))) }

// daysIn is the number of days of lease year y: by the calendar, or 365 a year where no date is known.
func (r reach) daysIn(y int) int {
	if r.begin.IsZero() {
		return max(0, min(365, r.days-365*(y-1)))
	}
	first, last := endAfter(r.begin, 12*(y-1)), endAfter(r.begin, 12*y)
	if r.end.Before(last) {
		last = r.end
	}
	return max(0, last.DaysSince(first))
}

// monthsPer is the length of a period in months, for the periods that have one.
func monthsPer(p Period) (months int64, ok bool) {
	switch p {
	case Month:
		return 1, true
	case Quarter:
		return 3, true
	case HalfYear:
		return 6, true
	case Year:
		return 12, true
	default:
		return 0, false
	}
}

// periods is the number of the unit's periods in so many months or days of the contract.
func (l Line) periods(r reach, months, days int) (*big.Rat, error) {
	switch l.Unit.Period {
	case Unsaid:
		return nil, ledger.E(ledger.Invalid, "price.span_missing", l.Unit.Name())
	case WholeTerm:
		return r.share(months, days)
	case Day:
		if r.days == 0 {
			return nil, ledger.E(ledger.Invalid, "price.days_unknown", l.Unit.Name())
		}
		return big.NewRat(int64(days), 1), nil
	default:
	}
	per, known := monthsPer(l.Unit.Period)
	switch {
	case !known && l.Unit.Period != Crop:
		return nil, ledger.E(ledger.Invalid, "price.unit_unknown", l.Unit.String())
	case !known && l.Crops <= 0:
		return nil, ledger.E(ledger.Invalid, "price.crops_unknown", l.Unit.Name())
	case r.term.IsZero():
		return nil, ledger.E(ledger.Invalid, "price.term_unknown", l.Unit.Name())
	case r.months == 0:
		return nil, ledger.E(ledger.Invalid, "price.term_has_days", r.term.Name(), l.Unit.Name())
	case !known:
		return big.NewRat(int64(l.Crops)*int64(months), 12), nil
	}
	return big.NewRat(int64(months), per), nil
}

// share is the part of the whole term that so many months or days are.
func (r reach) share(months, days int) (*big.Rat, error) {
	switch {
	case r.months > 0:
		return big.NewRat(int64(months), int64(r.months)), nil
	case r.days > 0:
		return big.NewRat(int64(days), int64(r.days)), nil
	}
	return nil, ledger.E(ledger.Invalid, "price.term_unknown", WholeTerm.Name())
}

// perPeriod is price × quantity: what one period costs.
func (l Line) perPeriod() (*big.Rat, error) {
	n, err := l.Quantity.In(l.Unit.Measure)
	if err != nil {
		return nil, err
	}
	return n.Mul(n, l.Price.Rat()), nil
}

// flat is the line's exact total: price × quantity × number of periods.
func (l Line) flat(r reach) (*big.Rat, error) {
	amount, err := l.perPeriod()
	if err != nil || l.Unit.Period == WholeTerm {
		return amount, err
	}
	n, err := l.periods(r, r.months, r.days)
	if err != nil {
		return nil, err
	}
	return amount.Mul(amount, n), nil
}

// sum adds one exact amount per line and rounds once.
func sum(lines []Line, amount func(Line) (*big.Rat, error)) (ledger.Money, error) {
	if len(lines) == 0 {
		return ledger.Money{}, ledger.E(ledger.Invalid, "price.no_lines")
	}
	total := new(big.Rat)
	for _, l := range lines {
		n, err := amount(l)
		if err != nil {
			return ledger.Money{}, err
		}
		total.Add(total, n)
	}
	return ledger.MoneyRound(total)
}

// Flat is the contract total by the convention flat: first price × quantity × number of periods,
// summed over the lines and rounded once to the fen. from and to may be nil; a price per day needs
// them or a term in days. Without a term the dates give it. Rent-free months are inside.
func Flat(lines []Line, term Term, from, to *ledger.Day) (ledger.Money, error) {
	r, err := newReach(term, from, to)
	if err != nil {
		return ledger.Money{}, err
	}
	return sum(lines, func(l Line) (*big.Rat, error) { return l.flat(r) })
}

// FirstYear is the amount of the first twelve months, or of the whole term when it is shorter: the
// weight of the rate definition on_first_year. Of a price for the whole term it is the first year's
// share by months.
func FirstYear(lines []Line, term Term, from, to *ledger.Day) (ledger.Money, error) {
	r, err := newReach(term, from, to)
	if err != nil {
		return ledger.Money{}, err
	}
	return sum(lines, func(l Line) (*big.Rat, error) {
		amount, err := l.perPeriod()
		if err != nil {
			return nil, err
		}
		n, err := l.periods(r, r.monthsIn(1), r.daysIn(1))
		if err != nil {
			return nil, err
		}
		return amount.Mul(amount, n), nil
	})
}
