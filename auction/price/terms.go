package price

import (
	"math/big"

	"mingzhang/ledger"
)

// Terms are the terms of one contract, at the base or at the hammer.
type Terms struct {
	Lines      []Line
	Term       Term
	From, To   *ledger.Day // nil: not on the paper
	RentFree   RentFree    // the zero value is not understood; no rent-free time is ParseRentFree("")
	Escalation Escalation  // likewise ParseEscalation("")
}

// Payment is what falls due for one lease year, both days included.
type Payment struct {
	From   ledger.Day   `json:"from"`
	To     ledger.Day   `json:"to"`
	Amount ledger.Money `json:"amount"`
}

// Total is the contract total by a convention.
func (t Terms) Total(c Convention) (ledger.Money, error) {
	switch c {
	case ByFlat:
		return Flat(t.Lines, t.Term, t.From, t.To)
	case ByFlatNet:
		return FlatNet(t)
	case ByEscalated:
		return Escalated(t)
	}
	return ledger.Money{}, ledger.E(ledger.Invalid, "price.convention_unknown", string(c))
}

// FirstYear is the amount of the first twelve months, rent-free time inside.
func (t Terms) FirstYear() (ledger.Money, error) {
	return FirstYear(t.Lines, t.Term, t.From, t.To)
}

// FlatNet is the contract total by the convention flat_net: flat without the rent-free time. A price
// for the whole term is net already.
func FlatNet(t Terms) (ledger.Money, error) {
	t.Escalation = Escalation{Understood: true}
	return Escalated(t)
}

// Escalated is the contract total by the convention escalated: each lease year at its own price,
// without the rent-free time, rounded once. A price for the whole term has its rises inside already.
func Escalated(t Terms) (ledger.Money, error) {
	r, err := t.reach()
	if err != nil {
		return ledger.Money{}, err
	}
	return sum(t.Lines, func(l Line) (*big.Rat, error) {
		if l.Unit.Period == WholeTerm {
			return l.perPeriod()
		}
		if _, err := l.flat(r); err != nil {
			return nil, err
		}
		total := new(big.Rat)
		for y := 1; y <= r.years(); y++ {
			n, err := t.year(l, r, y)
			if err != nil {
				return nil, err
			}
			total.Add(total, n)
		}
		return total, nil
	})
}

// Schedule is what falls due in each lease year by the convention escalated. It needs the first day.
// The amounts add up to the total: each is the difference of two rounded sums.
func Schedule(t Terms) ([]Payment, error) {
	r, err := t.reach()
	if err != nil {
		return nil, err
	}
	if r.begin.IsZero() {
		return nil, ledger.E(ledger.Invalid, "price.dates_unknown")
	}
	if _, err := Escalated(t); err != nil {
		return nil, err
	}
	var payments []Payment
	total, paid := new(big.Rat), ledger.Money{}
	for y := 1; y <= r.years(); y++ {
		for _, l := range t.Lines {
			n, err := t.year(l, r, y)
			if err != nil {
				return nil, err
			}
			total.Add(total, n)
		}
		due, err := ledger.MoneyRound(total)
		if err != nil {
			return nil, err
		}
		from, end := endAfter(r.begin, 12*(y-1)), endAfter(r.begin, 12*y)
		if y == r.years() {
			end = r.end
		}
		payments = append(payments, Payment{from, end.AddDays(-1), due.Sub(paid)})
		paid = due
	}
	return payments, nil
}

// reach checks what the conventions with rises and rent-free time need beyond flat.
func (t Terms) reach() (reach, error) {
	r, err := newReach(t.Term, t.From, t.To)
	if err != nil {
		return reach{}, err
	}
	if !t.RentFree.Understood && t.RentFree.Text != "" {
		return reach{}, ledger.E(ledger.Invalid, "price.rent_free_unread", t.RentFree.Text)
	}
	if !t.Escalation.Understood && t.Escalation.Text != "" {
		return reach{}, ledger.E(ledger.Invalid, "price.escalation_unread", t.Escalation.Text)
	}
	if len(t.Escalation.Steps) > 0 && len(t.Lines) > 1 {
		return reach{}, ledger.E(ledger.Invalid, "price.steps_need_one_line", t.Escalation.Text)
	}
	if r.months > 0 && t.RentFree.Months > r.months || r.days > 0 && t.RentFree.Days > r.days {
		return reach{}, ledger.E(ledger.Invalid, "price.rent_free_too_long", t.RentFree.Text)
	}
	return r, nil
}

// year is the line's exact amount of lease year y, at that year's price and without its rent-free part.
func (t Terms) year(l Line, r reach, y int) (*big.Rat, error) {
	n, err := l.Quantity.In(l.Unit.Measure)
	if err != nil {
		return nil, err
	}
	months, days := r.monthsIn(y), r.daysIn(y)
	first := l.Price.Rat()
	if l.Unit.Period != WholeTerm {
		first = t.Escalation.price(l.Price, y)
		freeMonths, freeDays, err := t.free(l, r, y)
		if err != nil {
			return nil, err
		}
		months, days = months-freeMonths, days-freeDays
	}
	count, err := l.periods(r, months, days)
	if err != nil {
		return nil, err
	}
	n.Mul(n, first)
	return n.Mul(n, count), nil
}

// free is the rent-free part of lease year y, in months for a price that runs by months, in days
// for one that runs by days. Days have no agreed share of a month, so they do not mix.
func (t Terms) free(l Line, r reach, y int) (months, days int, err error) {
	f := t.RentFree
	if f.Months == 0 && f.Days == 0 {
		return 0, 0, nil
	}
	if l.Unit.Period != Day {
		if f.Days != 0 {
			return 0, 0, ledger.E(ledger.Invalid, "price.rent_free_in_days", f.Text, l.Unit.Name())
		}
		start, end := 0, f.Months
		if f.AtEnd {
			start, end = r.months-f.Months, r.months
		}
		return overlap(start, end, 12*(y-1), 12*y), 0, nil
	}
	length := f.Days
	if f.Months != 0 {
		if r.begin.IsZero() || f.AtEnd {
			return 0, 0, ledger.E(ledger.Invalid, "price.rent_free_in_months", f.Text, l.Unit.Name())
		}
		length += endAfter(r.begin, f.Months).DaysSince(r.begin)
	}
	before := 0
	for earlier := 1; earlier < y; earlier++ {
		before += r.daysIn(earlier)
	}
	start := 0
	if f.AtEnd {
		start = r.days - length
	}
	return 0, overlap(start, start+length, before, before+r.daysIn(y)), nil
}

// overlap is the length that two stretches share.
func overlap(a, b, c, d int) int { return max(0, min(b, d)-max(a, c)) }
