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
	periods *big.Rat // periods charged
	sure    bool     // no other areas could be meant
	shown   string   // how the periods are printed: ×31÷12
}

// checkLots compares price × quantity × term with the printed totals, and the rate of the lots together. It tells
// whether the group's rate was used.
func (j *judge) checkLots(g *group) bool {
	hammers, bases := list(g.prices, RoleHammer), list(g.prices, RoleBase)
	total := firstOf(g.totals, RoleHammer, RoleContract)
	if baseTotal := of(g.totals, RoleBase); baseTotal != nil && len(bases) > 0 && !hasLists(g.totals) {
		j.billFits(bases, baseTotal)
	}
	if len(hammers) == 0 && len(bases) == 0 {
		j.plainLots(total)
	}
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
	if total != nil && j.mayAccuseLots(options, total) {
		if h, ok := options[0].bill(hammers); ok {
			printed := total.show() + moneyUnit(total)
			j.find("price_times_quantity_off", h.sum+"="+total.in(h.point)+moneyUnit(total)+",印为"+printed, h.sum+"="+total.in(h.point)+" "+moneyUnit(total)+", printed "+printed)
			if b, hasBase := options[0].bill(bases); hasBase {
				return j.lotsFit(g, options[0], hammers, bases, h, b, true)
			}
		}
	}
	return false
}

// billFits compares one printed total with the bill of its prices.
func (j *judge) billFits(prices []*figure, total *figure) {
	options := j.pricings(prices, total)
	for _, p := range options {
		if b, ok := p.bill(prices); ok && b.meets(total) {
			j.noteBill(b, total)
			return
		}
	}
	if !j.mayAccuseLots(options, total) {
		return
	}
	if b, ok := options[0].bill(prices); ok {
		amount := b.sum + "=" + total.in(b.point) + moneyUnit(total)
		printed := total.show() + moneyUnit(total)
		j.find("price_times_quantity_off", amount+",印为"+printed, amount+", printed "+printed)
	}
}

// plainLots compares the one unit price of a clause that is not called base or hammer (每亩每年1900元, 年租金16.57万元)
// with a figure that is called the total.
func (j *judge) plainLots(total *figure) {
	var price *figure
	for _, f := range j.clause.figures {
		if f.kind != kindMoney || f.ranged {
			continue
		}
		annual := f.asRent()
		switch {
		case annual != nil && (price != nil || f.role != RoleNone):
			return
		case annual != nil:
			price = annual
		case total == nil && isPlainTotal(f.label):
			total = f
		}
	}
	if price != nil && total != nil && total.start > price.start && (price.per.area != nil || price.per.months != nil) {
		j.billFits([]*figure{price}, total)
	}
}

// asRent is the figure as a price: as it is when it has a divisor, per year or month when its name says so, else nil.
func (f *figure) asRent() *figure {
	if !f.per.isZero() {
		return f
	}
	for _, w := range []struct {
		word   string
		months int64
	}{{"年租金", 12}, {"年承包款", 12}, {"年流转费", 12}, {"月租金", 1}} {
		if strings.HasSuffix(strings.TrimRight(f.label, " :为是约"), w.word) {
			rent := *f
			rent.per.months = rat(w.months, 1)
			return &rent
		}
	}
	return nil
}

func isPlainTotal(label string) bool {
	label = strings.Trim(label, " :为约共达计过超")
	for _, w := range []string{"总金额", "总价", "总租金", "租金总额", "总承包款", "总价款", "总额", "租金合计", "合计租金", "总租金额", "承包总额", "合同期总租金"} {
		if label == w || label == "合同"+w {
			return true
		}
	}
	return false
}

// lotsFit reports what follows from bills that give the printed total.
func (j *judge) lotsFit(g *group, p pricing, hammers, bases []*figure, h, b bill, hasBase bool) bool {
	total, premium := firstOf(g.totals, RoleHammer, RoleContract), of(g.totals, RolePremium)
	if total != nil && h.meets(total) {
		j.noteBill(h, total)
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
	if g.rate == nil || b.point.Sign() <= 0 || h.point.Sign() <= 0 {
		return false
	}
	r := g.rate
	value := sub(quo(h.point, b.point), rat(1, 1))
	sum := fmt.Sprintf("(%s)÷(%s)−1=%s", h.sum, b.sum, r.percentLike(value))
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

// pricings are the ways to count quantity and periods, the likeliest first: the whole term; and where the total is not
// called a total, one period.
func (j *judge) pricings(prices []*figure, total *figure) []pricing {
	var areas, terms []*figure
	for _, f := range j.clause.figures {
		switch {
		case f.ranged || f.approx != "" || f.converted:
		case f.kind == kindArea && f.role == RoleArea:
			areas = append(areas, f)
		case f.role == RoleTerm && f.kind == kindMonths:
			terms = append(terms, f)
		}
	}
	per := prices[0].per
	if per.piece != "" || per.area != nil && len(areas) == 0 || len(terms) > 1 || per.months != nil && (per.months.Sign() == 0 || len(terms) == 0) {
		return nil
	}
	var all []pricing
	for _, set := range areaSets(areas, per.area == nil, len(prices)) {
		if len(terms) == 1 {
			all = append(all, pricing{areas: set, sure: len(set) == len(areas) || per.area == nil}.over(terms[0], per))
		}
		if len(terms) == 0 || per.months == nil || total == nil || !containsAny(total.label, []string{"总", "合同"}) {
			all = append(all, pricing{areas: set, periods: rat(1, 1), sure: len(set) == len(areas) || per.area == nil})
		}
	}
	return all
}

// areaSets are the areas that the prices may be for: all of them when they stand in one list or pair with the prices;
// else each by itself.
func areaSets(areas []*figure, none bool, prices int) [][]*figure {
	if none {
		return [][]*figure{nil}
	}
	oneList := true
	for _, a := range areas {
		oneList = oneList && a.list == areas[0].list && (a.list > 0 || len(areas) == 1)
	}
	if oneList || prices > 1 {
		return [][]*figure{areas}
	}
	var sets [][]*figure
	for _, a := range areas[:min(len(areas), 8)] {
		sets = append(sets, []*figure{a})
	}
	return sets
}

// over counts the periods of a term: months ÷ 12 for a price per year or for one that does not say (2年7个月 = 31÷12).
func (p pricing) over(term *figure, per per) pricing {
	length := rat(12, 1)
	if per.months != nil {
		length = per.months
	}
	p.periods = quo(term.value, length)
	p.shown = "×" + plain(term.value) + "÷" + plain(length)
	if p.periods.IsInt() {
		p.shown = "×" + plain(p.periods)
	}
	return p
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
			a.agreed = true
			h := a.span(true)
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
	return exactly(b.point).meets(total.half()) || b.wide.meets(total.half()) || b.isCut(total)
}

// isCut tells whether the total is the bill with its last places cut off.
func (b bill) isCut(total *figure) bool {
	return !exactly(b.point).meets(total.half()) && !b.wide.meets(total.half()) && exactly(b.point).meets(total.truncated())
}

// noteBill notes a bill that gives the printed total, and says when only truncation explains it.
func (j *judge) noteBill(b bill, total *figure) {
	j.fits()
	if b.isCut(total) {
		amount := b.sum + "=" + total.in(b.point) + moneyUnit(total)
		printed := total.show() + moneyUnit(total)
		j.find("figure_truncated", amount+",印为"+printed, amount+", printed "+printed)
	}
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

// mayAccuseLots is false where escalation, rent-free months or deposits may explain a total, where other areas may be
// meant, and where the total is of more than these lots (全年成交总额).
func (j *judge) mayAccuseLots(options []pricing, total *figure) bool {
	return len(options) > 0 && options[0].sure && !containsAny(total.before, scopes) &&
		!containsAny(j.text.folded(j.clause.from, j.clause.to), escalationWords)
}
