package statement

import (
	"fmt"
	"slices"
	"strings"
)

// A group holds the figures of one premium: at most one of each name, totals and prices apart.
type group struct {
	totals, prices []*figure
	rate, average  *figure
	rates          []*figure // 溢价率分别为33%、20%
	prior          *figure
}

// checkPremiums judges base, hammer, contract total, premium and rate against each other (domain/trading.md 2.4).
func (j *judge) checkPremiums() {
	groups := j.groups()
	if j.checkPairs(groups) {
		return
	}
	for _, g := range groups {
		j.checkGroup(g)
	}
}

// groups cuts the clause's figures where a name comes again: each run is about one lot or one total.
func (j *judge) groups() []*group {
	all := []*group{{}}
	for _, f := range j.clause.figures {
		if f.ranged {
			continue
		}
		g := all[len(all)-1]
		if !g.accepts(f) {
			g = &group{}
			all = append(all, g)
		}
		g.take(f)
	}
	return all
}

// slot is the list of the group that a figure belongs in, nil for figures of no premium.
func (g *group) slot(f *figure) *[]*figure {
	switch f.role {
	case RoleBase, RoleHammer, RoleContract, RolePremium, RoleAboveBase:
		if f.per.isZero() {
			return &g.totals
		}
		return &g.prices
	default:
		return nil
	}
}

func (g *group) accepts(f *figure) bool {
	switch f.role {
	case RoleRate:
		return g.rate == nil || f.list > 0 && f.list == g.rate.list
	case RoleAverageRate:
		return g.average == nil
	case RolePrior:
		return g.prior == nil
	default: // an amount, or no figure of a premium at all
	}
	if s := g.slot(f); s != nil {
		return !slices.ContainsFunc(*s, func(o *figure) bool { return o.role == f.role && (o.list == 0 || o.list != f.list) })
	}
	return true
}

func (g *group) take(f *figure) {
	switch f.role {
	case RoleRise:
		if g.rate != nil || firstOf(append(append([]*figure(nil), g.totals...), g.prices...), RoleBase) == nil {
			return
		}
		g.rates, g.rate = append(g.rates, f), f
	case RoleRate:
		if g.rates = append(g.rates, f); len(g.rates) == 1 {
			g.rate = f
		}
	case RoleAverageRate:
		g.average = f
	case RolePrior:
		g.prior = f
	default: // an amount, or no figure of a premium at all
	}
	if s := g.slot(f); s != nil {
		*s = append(*s, f)
	}
}

func of(figures []*figure, r Role) *figure {
	for _, f := range figures {
		if f.role == r {
			return f
		}
	}
	return nil
}

func hasLists(figures []*figure) bool {
	return slices.ContainsFunc(figures, func(f *figure) bool { return f.list > 0 })
}

// checkGroup tries the lots first (price × quantity × term), then the prices, then the totals; the rate belongs to
// the first that it fits.
func (j *judge) checkGroup(g *group) {
	rateDone := j.checkLots(g)
	if g.average != nil && g.rate == nil && !rateDone {
		for _, set := range [][]*figure{g.totals, g.prices} {
			if best, ok := bestReading(set, g.average); ok && !hasLists(set) {
				j.report(best) // an average that fits no reading may be a simple mean: it accuses nobody
				break
			}
		}
	}
	rate := g.rate
	if rateDone {
		rate = nil
	}
	if hasLists(g.totals) || len(g.totals) > 4 {
		return
	}
	if rate != nil && !hasLists(g.prices) {
		if best, ok := bestReading(g.prices, rate); ok && best.verdict() == Consistent {
			j.report(best)
			rate = nil
		}
	}
	if j.againstPrior(g, rate) {
		rate = nil
	}
	best, ok := bestReading(g.totals, rate)
	switch {
	case ok:
		j.report(best)
	case evaluable(g.totals, rate):
		j.misfit(g.totals, rate)
	case rate != nil && !hasLists(g.prices):
		if best, ok = bestReading(g.prices, rate); ok {
			j.report(best)
		} else if evaluable(g.prices, rate) {
			j.misfit(g.prices, rate)
		}
	default:
		j.aboveBaseAlone(g.totals)
		j.aboveBaseAlone(g.prices)
	}
}

// againstPrior tries the rate against the prior contract when the base does not explain it.
func (j *judge) againstPrior(g *group, r *figure) bool {
	if g.prior == nil || r == nil {
		return false
	}
	for _, set := range [][]*figure{g.totals, g.prices} {
		h := firstOf(set, RoleHammer, RoleContract)
		if h == nil || hasLists(set) || h.per.key() != g.prior.per.key() {
			continue
		}
		if best, ok := bestReading(set, r); ok && best.verdict() == Consistent {
			return false
		}
		p := *g.prior
		p.role = RoleBase
		ok, _ := rateFit(r, []*figure{&p, h}, func(wide bool) (interval, bool) {
			q, can := h.span(wide).over(p.span(wide))
			return q.shift(-1), can
		})
		if ok {
			sum := fmt.Sprintf("(%s−%s)÷%s=%s", h.in(h.value), h.in(p.value), h.in(p.value), r.percentLike(sub(quo(h.value, p.value), rat(1, 1))))
			j.find("rate_against_prior_contract", sum+",是与原合同相比", sum+", against the prior contract")
			return true
		}
	}
	return false
}

func firstOf(figures []*figure, roles ...Role) *figure {
	for _, r := range roles {
		if f := of(figures, r); f != nil {
			return f
		}
	}
	return nil
}

// aboveBaseAlone judges 以 H 成交,高于底价 X without any rate: X may be the base or the difference.
func (j *judge) aboveBaseAlone(figures []*figure) {
	h, a := firstOf(figures, RoleHammer, RoleContract), of(figures, RoleAboveBase)
	if h == nil || a == nil || hasLists(figures) || of(figures, RoleBase) != nil || of(figures, RolePremium) != nil || h.per.key() != a.per.key() {
		return
	}
	rest := sub(h.value, a.value)
	if strings.Contains(a.label, "低于") {
		rest = add(h.value, a.value)
	}
	if rest.Sign() <= 0 {
		return
	}
	other := h.in(rest)
	j.find("higher_than_or_by",
		fmt.Sprintf("若%s为底价,则差额%s−%s=%s;若%s为差额,则底价为%s", a.show(), h.show(), h.in(a.value), other, a.show(), other),
		fmt.Sprintf("if %s is the base, the difference is %s−%s=%s; if %s is the difference, the base is %s", a.show(), h.show(), h.in(a.value), other, a.show(), other))
}
