package statement

import (
	"fmt"
	"math/big"
	"strings"
)

// A bill is price × quantity × periods summed over the lots of a clause, as a point and as an interval.
type bill struct {
	point *big.Rat
	wide  interval
	sum   string // the arithmetic
}

// A pricing is what the bills of one group are computed from.
type pricing struct {
	areas   []*figure
	term    *figure
	periods *big.Rat // periods charged
	shown   string   // how the periods are printed: ×31÷12
}

// checkLots compares price × quantity × term with the printed totals, and the rate of the lots together. It tells
// whether the group's rate was used.
func (j *judge) checkLots(g *group) bool {
	hammers, bases := list(g.prices, RoleHammer), list(g.prices, RoleBase)
	total := firstOf(g.totals, RoleHammer, RoleContract)
	if len(hammers) == 0 || hasLists(g.totals) {
		return false
	}
	premium := of(g.totals, RolePremium)
	if total == nil && premium == nil && len(hammers) < 2 {
		return false
	}
	options := j.pricings(hammers, total)
	for _, p := range options {
		h, ok := p.bill(hammers)
		if !ok || total != nil && !h.meets(total) {
			continue
		}
		b, hasBase := p.bill(bases)
		if total == nil && (!hasBase || premium == nil && g.rate == nil) {
			continue
		}
		if total == nil && premium != nil && !h.minus(b).meets(premium) {
			continue
		}
		return j.lotsFit(g, p, hammers, bases, h, b, hasBase)
	}
	if total != nil && len(options) > 0 && j.mayAccuseLots() {
		if h, ok := options[0].bill(hammers); ok {
			printed := total.show() + moneyUnit(total)
			j.find("price_times_quantity_off", h.sum+"="+total.in(h.point)+moneyUnit(total)+",印为"+printed, h.sum+"="+total.in(h.point)+" "+moneyUnit(total)+", printed "+printed)
		}
	}
	return false
}

// lotsFit reports what follows from bills that give the printed total.
func (j *judge) lotsFit(g *group, p pricing, hammers, bases []*figure, h, b bill, hasBase bool) bool {
	total, premium := firstOf(g.totals, RoleHammer, RoleContract), of(g.totals, RolePremium)
	if total != nil {
		j.fits()
	}
	if !hasBase || len(hammers) == 1 && len(p.areas) < 2 && premium == nil {
		return false
	}
	difference := h.minus(b)
	if premium != nil && !difference.meets(premium) {
		u := premium
		sum := fmt.Sprintf("%s−%s=%s%s", u.in(h.point), u.in(b.point), u.in(difference.point), moneyUnit(u))
		j.find("premium_mismatch", sum+",印为"+u.show()+moneyUnit(u), sum+", printed "+u.show()+moneyUnit(u))
	} else if premium != nil {
		j.fits()
	}
	if g.rate == nil || b.point.Sign() <= 0 {
		return false
	}
	r := g.rate
	value := sub(quo(h.point, b.point), rat(1, 1))
	sum := fmt.Sprintf("底价%s,成交%s:溢价率%s", b.sum, h.sum, r.percentLike(value))
	ok, truncated := rateFit(r, hammers, func(wide bool) (interval, bool) {
		if !wide {
			return exactly(value), true
		}
		q, can := h.wide.over(b.wide)
		return q.shift(-1), can
	})
	if ok {
		j.fits()
		if truncated {
			j.find("rate_truncated", sum+",印为"+r.show()+"%", sum+", printed "+r.show()+"%")
		}
		return true
	}
	if mean, ok := simpleMean(hammers, bases); ok && exactly(mean).meets(r.half()) {
		j.find("rate_is_simple_mean", sum+";各宗简单平均"+r.percentLike(mean), sum+"; simple mean of the lots "+r.percentLike(mean))
		return true
	}
	if onHammer := quo(difference.point, h.point); exactly(onHammer).meets(r.half()) {
		j.find("rate_on_hammer_total", sum+";以成交额为分母"+r.percentLike(onHammer), sum+"; on the hammer total "+r.percentLike(onHammer))
		return true
	}
	if over := quo(h.point, b.point); exactly(over).meets(r.half()) {
		j.find("rate_is_hammer_over_base", sum, sum)
		return true
	}
	j.find("rate_mismatch", sum+",印为"+r.show()+"%", sum+", printed "+r.show()+"%")
	return true
}

func list(figures []*figure, r Role) []*figure {
	var all []*figure
	for _, f := range figures {
		if f.role == r && len(all) < PartsMax {
			all = append(all, f)
		}
	}
	return all
}

// pricings are the ways to count the periods, the likeliest first: the whole term; and where the total is not called
// a total, one year or one period.
func (j *judge) pricings(prices []*figure, total *figure) []pricing {
	var areas []*figure
	var terms []*figure
	for _, f := range j.clause.figures {
		switch {
		case f.ranged || f.approx != "":
		case f.kind == kindArea && f.role == RoleArea:
			areas = append(areas, f)
		case f.role == RoleTerm && f.kind == kindMonths:
			terms = append(terms, f)
		}
	}
	per := prices[0].per
	if per.piece != "" || per.area != nil && len(areas) == 0 || len(terms) > 1 || per.months != nil && per.months.Sign() == 0 {
		return nil
	}
	p := pricing{areas: areas, periods: rat(1, 1)}
	if per.area == nil {
		p.areas = nil
	}
	var all []pricing
	if len(terms) == 1 {
		length := rat(12, 1)
		if per.months != nil {
			length = per.months
		}
		q := p
		q.term, q.periods = terms[0], quo(terms[0].value, length)
		q.shown = "×" + plain(terms[0].value) + "÷" + plain(length)
		if q.periods.IsInt() {
			q.shown = "×" + plain(q.periods)
		}
		all = append(all, q)
		if per.months != nil && total != nil && containsAny(total.label, []string{"总", "合同"}) {
			return all
		}
	} else if per.months != nil {
		return nil
	}
	return append(all, p)
}

// bill multiplies; ok is false when prices and quantities do not pair.
func (p pricing) bill(prices []*figure) (bill, bool) {
	b := bill{point: rat(0, 1), wide: exactly(rat(0, 1))}
	if len(prices) == 0 || len(prices) > 1 && len(p.areas) != len(prices) {
		return b, false
	}
	var terms []string
	lines := max(len(p.areas), 1)
	for i := range lines {
		price := prices[min(i, len(prices)-1)]
		point, wide, shown := price.value, exactly(price.value), price.show()
		if !price.isRound() {
			wide = price.half()
		}
		if p.areas != nil {
			a := p.areas[i]
			point, shown = mul(point, quo(a.value, price.per.area)), a.show()+"×"+shown
			h := a.half()
			wide = wide.times(interval{quo(h.lo, price.per.area), quo(h.hi, price.per.area)})
		}
		b.point = add(b.point, mul(point, p.periods))
		b.wide = b.wide.plus(wide.times(exactly(p.periods)))
		terms = append(terms, shown)
	}
	b.sum = strings.Join(terms, "+")
	if len(terms) > 1 && p.shown != "" {
		b.sum = "(" + b.sum + ")"
	}
	b.sum += p.shown
	return b, true
}

func (b bill) minus(c bill) bill {
	return bill{point: sub(b.point, c.point), wide: b.wide.minus(c.wide)}
}

// meets tells whether the bill is what a printed total says: the point first, then the intervals.
func (b bill) meets(total *figure) bool {
	p := exactly(b.point)
	return p.meets(total.half()) || p.meets(total.truncated()) || b.wide.meets(total.half())
}

// simpleMean is the mean of the single lots' rates.
func simpleMean(hammers, bases []*figure) (*big.Rat, bool) {
	if len(hammers) < 2 || len(bases) == 0 || len(bases) > 1 && len(bases) != len(hammers) {
		return nil, false
	}
	sum := rat(0, 1)
	for i, h := range hammers {
		b := bases[min(i, len(bases)-1)]
		if b.value.Sign() <= 0 {
			return nil, false
		}
		sum = add(sum, sub(quo(h.value, b.value), rat(1, 1)))
	}
	return quo(sum, rat(int64(len(hammers)), 1)), true
}

// mayAccuseLots is false where escalation, rent-free months or deposits may explain a total.
func (j *judge) mayAccuseLots() bool {
	return !containsAny(j.text.folded(j.clause.from, j.clause.to), escalationWords)
}
