package statement

import (
	"math/big"
	"strings"
)

// show is the figure's number without its unit, as printed.
func (f *figure) show() string { return plain(f.raw) }

// in gives an amount in the unit of a figure, with as many decimals as it needs up to one more than the figure has.
func (f *figure) in(x *big.Rat) string {
	y := quo(x, f.factor)
	n, exact := y.FloatPrec()
	if most := f.decimals + 1; !exact || n > most {
		n = most
	}
	return y.FloatString(n)
}

// withUnit is in with the unit behind it.
func (f *figure) withUnit(x *big.Rat) string { return trimZeros(f.in(x), f.decimals) + moneyUnit(f) }

func moneyUnit(f *figure) string {
	u := f.unit
	if i := strings.IndexAny(u, "/每"); i >= 0 {
		u = u[:i]
	}
	return strings.TrimSpace(u)
}

// trimZeros drops zeros at the end down to n decimals.
func trimZeros(s string, n int) string {
	i := strings.IndexByte(s, '.')
	if i < 0 {
		return s
	}
	for len(s) > i+1+n && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	return strings.TrimSuffix(s, ".")
}

// percent prints a fraction as a percentage with n decimals, half away from zero.
func percent(x *big.Rat, n int) string { return mul(x, rat(100, 1)).FloatString(n) + "%" }

// percentLike prints a fraction with two decimals more than the figure has, so that its rounding can be seen.
func (f *figure) percentLike(x *big.Rat) string { return percent(x, min(f.decimals+2, 8)) }

// isPrice tells whether a figure is what was agreed for one thing, and so exact as printed, and no rounded total.
func (f *figure) isPrice() bool {
	if !f.per.isZero() {
		return true
	}
	if f.kind != kindMoney || containsAny(f.label, []string{"总", "合计", "额"}) {
		return false
	}
	return containsAny(f.label, []string{"价", "租", "承包款"}) || f.role == RoleBase || f.role == RoleHammer
}

// isRound tells whether a price is taken as exact: a unit price without decimals, or an amount of at most two digits
// before its zeros (2万元, 150万元). Nobody rounds a rent of 2.4万元 to 2万元 without saying 约.
func (f *figure) isRound() bool {
	return f.decimals == 0 && f.approx == "" && (!f.per.isZero() || (f.agreed || f.isPrice()) && f.significant() <= 2)
}

// significant counts the digits of a whole number before its zeros at the end.
func (f *figure) significant() int {
	return len(strings.TrimRight(f.raw.FloatString(0), "0"))
}

// rateFit tells whether a printed rate fits what its parts give. at computes the rate from points (false) or from
// intervals (true); from are the figures it is computed from.
func rateFit(r *figure, from []*figure, at func(wide bool) (interval, bool)) (ok, truncated bool) {
	point, can := at(false)
	if !can {
		return false, false
	}
	if point.meets(r.half()) {
		return true, false
	}
	prices, round := false, true
	for _, f := range from {
		prices = prices || f.agreed || f.isPrice()
		round = round && f.isRound()
	}
	if prices && point.meets(r.truncated()) {
		return true, true
	}
	if round {
		return false, false
	}
	wide, can := at(true)
	switch {
	case !can:
		return false, false
	case wide.meets(r.half()):
		return true, false
	}
	return wide.meets(r.truncated()), true
}

// span is the figure as a point or as the interval that it stands for.
func (f *figure) span(wide bool) interval {
	if !wide || f.isRound() {
		return exactly(f.value)
	}
	return f.half()
}

// gapAllowed is how far a sum may be off: half a last place for each figure in it.
func gapAllowed(figures ...*figure) *big.Rat {
	sum := rat(0, 1)
	for _, f := range figures {
		h := f.half()
		sum = add(sum, quo(sub(h.hi, h.lo), rat(2, 1)))
	}
	return sum
}
