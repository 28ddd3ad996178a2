package statement

import (
	"fmt"
	"strings"
)

// A reading says which printed amounts are the base, the hammer and the premium, under which definition the rate is
// read, and what must be wrong for it to be true.
type reading struct {
	base, hammer, premium *figure
	rate                  *figure
	definition            string // on_contract_total, on_hammer_total, hammer_over_base
	codes                 []string
	truncated, gap        bool
}

// relabelled are the codes for an amount that stands under a wrong name.
var relabelled = map[Role]map[Role]string{
	RoleBase:     {RoleHammer: "base_is_hammer_total", RolePremium: "base_is_premium"},
	RoleHammer:   {RoleBase: "hammer_is_base_total", RolePremium: "hammer_total_is_premium"},
	RolePremium:  {RoleBase: "premium_is_base_total", RoleHammer: "premium_is_hammer_total"},
	RoleContract: {RoleBase: "contract_total_is_base_total", RolePremium: "contract_total_is_premium"},
}

func (r reading) verdict() Verdict {
	v := Consistent
	for _, code := range r.codes {
		v = worse(v, codes[code].verdict)
	}
	return v
}

func (r reading) better(o reading) bool {
	if a, b := r.verdict().rank(), o.verdict().rank(); a != b {
		return a < b
	}
	if len(r.codes) != len(o.codes) {
		return len(r.codes) < len(o.codes)
	}
	return !r.truncated && o.truncated
}

// readingsOf gives every way to read the amounts; at most 4 amounts, 3 places each.
func readingsOf(figures []*figure) []reading {
	all := []reading{{}}
	hasHammer := of(figures, RoleHammer) != nil
	for _, f := range figures {
		var next []reading
		for _, r := range all {
			for _, place := range []Role{RoleBase, RoleHammer, RolePremium} {
				if q, ok := r.with(f, place); ok {
					next = append(next, q)
				}
			}
			if f.role == RoleContract && hasHammer {
				next = append(next, r) // another span than the hammer: not compared
			}
		}
		all = next
	}
	return all
}

func (r reading) with(f *figure, place Role) (reading, bool) {
	to := map[Role]**figure{RoleBase: &r.base, RoleHammer: &r.hammer, RolePremium: &r.premium}[place]
	if *to != nil {
		return r, false
	}
	if f.role == RoleAboveBase && place == RoleHammer {
		return r, false
	}
	*to = f
	code := relabelled[f.role][place]
	if code != "" {
		r.codes = append(append([]string(nil), r.codes...), code)
	}
	return r, true
}

// bestReading is the reading that fits with the least wrong. Two readings that fit only with something wrong and mean
// different truths, one of them another definition, are ambiguous.
func bestReading(figures []*figure, rate *figure) (reading, bool) {
	if len(figures) > 4 || mixedKeys(figures) {
		return reading{}, false
	}
	var best reading
	var fit []reading
	for _, r := range readingsOf(figures) {
		for _, definition := range []string{"on_contract_total", "on_hammer_total", "hammer_over_base"} {
			q := r
			q.rate, q.definition = rate, definition
			if !q.fits() {
				continue
			}
			if len(fit) == 0 || q.better(best) {
				best = q
			}
			fit = append(fit, q)
		}
	}
	if len(fit) == 0 {
		return best, false
	}
	if v := best.verdict(); of(figures, RoleAboveBase) != nil && v == Consistent {
		for _, q := range fit {
			if q.verdict() == v && (q.base != best.base || q.premium != best.premium) {
				best.codes = []string{"higher_than_or_by"}
			}
		}
	}
	if best.verdict() == OtherDefinition {
		for _, q := range fit {
			if q.verdict() == Mislabelled && len(q.codes) == 1 && q.codes[0] == "contract_total_is_base_total" {
				best.codes = append(best.codes, "contract_total_means_either")
			}
		}
	}
	return best, true
}

func mixedKeys(figures []*figure) bool {
	for _, f := range figures[min(1, len(figures)):] {
		if f.per.key() != figures[0].per.key() {
			return true
		}
	}
	return false
}

// fits tries the reading. Two wrong things at once are tried for names only, never for a name and the definition.
func (r *reading) fits() bool {
	names := len(r.codes)
	switch r.definition {
	case "on_hammer_total":
		r.codes = append(append([]string(nil), r.codes...), "rate_on_hammer_total")
	case "hammer_over_base":
		r.codes = append(append([]string(nil), r.codes...), "rate_is_hammer_over_base")
	}
	if names > 0 && len(r.codes) > names || r.rate == nil && r.definition != "on_contract_total" {
		return false
	}
	known := 0
	for _, f := range []*figure{r.base, r.hammer, r.premium} {
		if f != nil {
			known++
		}
	}
	if known < 2 || known == 2 && r.rate == nil || !r.sane(names > 0) {
		return false
	}
	if known == 3 && !r.sumFits() {
		return false
	}
	if r.rate == nil {
		return true
	}
	ok, truncated := rateFit(r.rate, r.parts(), r.value)
	r.truncated = truncated
	return ok
}

// sane refuses a base or a hammer that is not positive, and a premium below zero where names were changed.
func (r *reading) sane(changed bool) bool {
	for _, f := range []*figure{r.base, r.hammer} {
		if f != nil && f.value.Sign() <= 0 {
			return false
		}
	}
	if changed && r.premium != nil && r.premium.value.Sign() < 0 {
		return false
	}
	return !changed || r.base == nil || r.hammer == nil || r.hammer.value.Cmp(r.base.value) >= 0
}

func (r *reading) sumFits() bool {
	gap := abs(sub(sub(r.hammer.value, r.base.value), r.premium.value))
	r.gap = gap.Sign() > 0
	return gap.Cmp(gapAllowed(r.base, r.hammer, r.premium)) <= 0
}

func (r *reading) parts() []*figure {
	var all []*figure
	for _, f := range []*figure{r.base, r.hammer, r.premium} {
		if f != nil {
			all = append(all, f)
		}
	}
	return all
}

// value is the rate that the reading's amounts give.
func (r *reading) value(wide bool) (interval, bool) {
	var ratio interval // hammer ÷ base
	var ok bool
	switch {
	case r.base != nil && r.hammer != nil:
		ratio, ok = r.hammer.span(wide).over(r.base.span(wide))
	case r.base != nil:
		ratio, ok = r.premium.span(wide).over(r.base.span(wide))
		ratio = ratio.shift(1)
	default:
		share, can := r.premium.span(wide).over(r.hammer.span(wide))
		if !can || share.hi.Cmp(rat(1, 1)) >= 0 {
			return interval{}, false
		}
		one := exactly(rat(1, 1))
		ratio, ok = one.over(one.minus(share))
	}
	if !ok || ratio.lo.Sign() <= 0 {
		return interval{}, false
	}
	switch r.definition {
	case "on_hammer_total":
		one := exactly(rat(1, 1))
		share, can := one.over(ratio)
		if !can {
			return share, false
		}
		return one.minus(share), true
	case "hammer_over_base":
		return ratio, true
	}
	return ratio.shift(-1), true
}

// evaluable tells whether the amounts under their own names say enough to be contradicted.
func evaluable(figures []*figure, rate *figure) bool {
	if len(figures) > 4 || mixedKeys(figures) || rate != nil && scopedElsewhere(rate, figures) {
		return false
	}
	r := asNamed(figures)
	r.rate, r.definition = rate, "on_contract_total"
	known := len(r.parts())
	for _, f := range []*figure{r.base, r.hammer} {
		if f != nil && f.value.Sign() <= 0 {
			return false // free of charge, or not a price: nothing to divide by
		}
	}
	return known == 3 || known == 2 && rate != nil
}

// scopes are words that widen what a rate is about; with one before the rate and none before the amounts, the two
// may be about different things.
var scopes = []string{"全年", "累计", "全街", "全镇", "全区", "全市", "全县", "全省", "今年以来", "截至"}

func scopedElsewhere(rate *figure, figures []*figure) bool {
	if !containsAny(rate.label, scopes) {
		return false
	}
	for _, f := range figures {
		if f.start < rate.start && containsAny(f.before, scopes) {
			return false
		}
	}
	return true
}

// asNamed reads every amount under its own name; 合同总标的 is the hammer total unless there is another.
func asNamed(figures []*figure) reading {
	var r reading
	r.base, r.premium = of(figures, RoleBase), of(figures, RolePremium)
	r.hammer = firstOf(figures, RoleHammer, RoleContract)
	if a := of(figures, RoleAboveBase); a != nil && r.premium == nil {
		r.premium = a
	}
	return r
}

// formula prints the rate's arithmetic in the unit of its first amount.
func (r reading) formula() string {
	u := r.parts()[0]
	name := func(f *figure) string { return u.in(f.value) }
	var top, bottom string
	switch {
	case r.base != nil && r.hammer != nil:
		top, bottom = "("+name(r.hammer)+"−"+name(r.base)+")", name(r.base)
	case r.base != nil:
		top, bottom = name(r.premium), name(r.base)
	default:
		top, bottom = name(r.premium), "("+name(r.hammer)+"−"+name(r.premium)+")"
	}
	switch r.definition {
	case "on_hammer_total":
		if r.hammer != nil {
			bottom = name(r.hammer)
			if r.premium != nil {
				top = name(r.premium)
			}
		} else {
			bottom = "(" + name(r.base) + "+" + name(r.premium) + ")"
		}
	case "hammer_over_base":
		if r.hammer != nil {
			top = name(r.hammer)
		} else {
			top = "(" + name(r.base) + "+" + name(r.premium) + ")"
		}
	}
	value := "?"
	if v, ok := r.value(false); ok {
		value = r.rateFigure().percentLike(v.lo)
	}
	return strings.TrimSpace(fmt.Sprintf("%s÷%s=%s", top, bottom, value))
}

func (r reading) rateFigure() *figure {
	if r.rate != nil {
		return r.rate
	}
	return &figure{decimals: 2}
}
