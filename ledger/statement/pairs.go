package statement

import (
	"fmt"
	"math/big"
	"strings"
)

// A pair is the base and the hammer of one lot among several in a clause.
type pair struct{ base, hammer *figure }

// pairsOf gives the lots of a clause that prints several: as lists (底价分别为3万元、5万元), or one after the other.
func pairsOf(groups []*group) []pair {
	var pairs []pair
	for _, g := range groups {
		set := g.totals
		if len(g.prices) > 0 {
			return nil // price × quantity, see lots
		}
		bases, hammers := list(set, RoleBase), list(set, RoleHammer)
		if len(bases) != len(hammers) || len(bases) == 0 {
			return nil
		}
		for i := range bases {
			pairs = append(pairs, pair{bases[i], hammers[i]})
		}
	}
	return pairs
}

// checkPairs judges a rate over several lots: rates for each, or one for all. It tells whether the clause is done.
func (j *judge) checkPairs(groups []*group) bool {
	pairs := pairsOf(groups)
	if len(pairs) < 2 || len(pairs) > PartsMax {
		return false
	}
	last := groups[len(groups)-1]
	if len(groups) == 1 && len(last.rates) == len(pairs) {
		for i, p := range pairs {
			if best, ok := bestReading([]*figure{p.base, p.hammer}, last.rates[i]); ok {
				j.report(best)
			} else {
				j.misfit([]*figure{p.base, p.hammer}, last.rates[i])
			}
		}
		return true
	}
	for _, g := range groups[:len(groups)-1] {
		if g.rate != nil {
			return false
		}
	}
	if last.rate == nil || len(last.rates) > 1 {
		return len(groups) == 1
	}
	if len(pairs) == 2 && len(groups) == 2 && isFirstYear(pairs[1]) && !isFirstYear(pairs[0]) {
		j.rateOfFirstYear(pairs, last.rate)
		return true
	}
	if len(groups) > 1 && !containsAny(last.rate.label, []string{"总", "整体", "合计"}) {
		if best, ok := bestReading(last.totals, last.rate); ok && best.verdict() == Consistent {
			return false // the rate is the last lot's own
		}
	}
	j.rateOfPairs(pairs, last.rate)
	return true
}

func (j *judge) rateOfPairs(pairs []pair, r *figure) {
	base, hammer, mean := rat(0, 1), rat(0, 1), rat(0, 1)
	wideBase, wideHammer := exactly(base), exactly(hammer)
	var from []*figure
	var hammers, bases []string
	for _, p := range pairs {
		if p.base.value.Sign() <= 0 || p.hammer.value.Sign() <= 0 {
			return
		}
		base, hammer = add(base, p.base.value), add(hammer, p.hammer.value)
		wideBase, wideHammer = wideBase.plus(p.base.span(true)), wideHammer.plus(p.hammer.span(true))
		mean = add(mean, sub(quo(p.hammer.value, p.base.value), rat(1, 1)))
		from = append(from, p.base, p.hammer)
		hammers, bases = append(hammers, pairs[0].base.in(p.hammer.value)), append(bases, pairs[0].base.in(p.base.value))
	}
	mean = quo(mean, rat(int64(len(pairs)), 1))
	value := sub(quo(hammer, base), rat(1, 1))
	b := strings.Join(bases, "+")
	sum := fmt.Sprintf("(%s−(%s))÷(%s)=%s", strings.Join(hammers, "+"), b, b, r.percentLike(value))
	ok, truncated := rateFit(r, from, func(wide bool) (interval, bool) {
		if !wide {
			return exactly(value), true
		}
		q, can := wideHammer.over(wideBase)
		return q.shift(-1), can
	})
	printed := func(lang string) string {
		if lang == "zh" {
			return ",印为" + r.show() + "%"
		}
		return ", printed " + r.show() + "%"
	}
	meets := func(x *big.Rat) bool { return exactly(x).meets(r.half()) }
	switch {
	case ok && truncated:
		j.find("rate_truncated", sum+printed("zh"), sum+printed("en"))
	case ok:
		j.fits()
	case meets(mean):
		j.find("rate_is_simple_mean", sum+";各宗简单平均"+r.percentLike(mean), sum+"; simple mean of the lots "+r.percentLike(mean))
	case meets(quo(sub(hammer, base), hammer)):
		j.find("rate_on_hammer_total", sum+";以成交额为分母"+r.percentLike(quo(sub(hammer, base), hammer)), sum+"; on the hammer total "+r.percentLike(quo(sub(hammer, base), hammer)))
	case meets(quo(hammer, base)):
		j.find("rate_is_hammer_over_base", sum+printed("zh"), sum+printed("en"))
	default:
		j.find("rate_mismatch", sum+printed("zh"), sum+printed("en"))
	}
}

// isFirstYear tells whether a pair is called an amount of one year.
func isFirstYear(p pair) bool {
	return containsAny(p.base.label, []string{"首年", "第一年", "年底价"}) && containsAny(p.hammer.label, []string{"首年", "第一年", "年金额", "年成交", "年租金"})
}

// rateOfFirstYear judges a rate where both contract totals and amounts of one year are printed: the contract totals
// are the usual definition.
func (j *judge) rateOfFirstYear(pairs []pair, r *figure) {
	totals, years := []*figure{pairs[0].base, pairs[0].hammer}, []*figure{pairs[1].base, pairs[1].hammer}
	if best, ok := bestReading(totals, r); ok && best.verdict() == Consistent {
		j.report(best)
		return
	}
	best, ok := bestReading(years, r)
	switch {
	case ok && best.verdict() == Consistent:
		j.find("rate_on_first_year", best.formula(), best.formula())
	case ok:
		j.report(best)
	default:
		j.misfit(totals, r)
	}
}
