package statement

import (
	"math/big"
	"strings"
)

// show is the figure's number without its unit, as printed.
func (f *figure) show() string { return f.raw.FloatString(f.decimals) }

// in gives an amount in the unit of a figure, with the figure's decimals and one more
// where it needs it.
func (f *figure) in(x *big.Rat) string {
	y := quo(x, f.factor)
	n, exact := y.FloatPrec()
	if most := f.decimals + 1; !exact || n > most {
		n = most
	}
	return trimZeros(y.FloatString(max(n, f.decimals)), f.decimals)
}

// withUnit is in with the unit behind it.
func (f *figure) withUnit(x *big.Rat) string { return f.in(x) + moneyUnit(f) }

func moneyUnit(f *figure) string {
	u := f.unit
	if i := strings.IndexAny(u, "/每"); i >= 0 {
		u = u[:i]
	}
	return strings.TrimSpace(u)
}

// englishUnits are the units in English, the longest first.
var englishUnits = []struct{ zh, en string }{
	{"亿元", " hundred million yuan"}, {"千万元", " × 10 million yuan"}, {"百万元", " million yuan"}, {"万元", " ten thousand yuan"}, {"千元", " thousand yuan"}, {"元", " yuan"},
	{"万亩", " ten thousand mu"}, {"亩", " mu"}, {"平方米", " m²"}, {"㎡", " m²"}, {"万公顷", " ten thousand ha"}, {"公顷", " ha"}, {"平方公里", " km²"},
	{"倍", " times"}, {"宗", " lots"}, {"场", " events"}, {"份", " papers"}, {"户", " households"}, {"人", " persons"},
}

// inEnglish puts a printed figure's unit into English: 3324.74万元 is 3324.74 ten thousand yuan.
func inEnglish(s string) string {
	for _, u := range englishUnits {
		s = strings.ReplaceAll(s, u.zh, u.en)
	}
	return strings.ReplaceAll(s, "  ", " ")
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

// isRound tells whether an amount is taken as exact: a unit price without decimals, or a price of at most two digits
// (4.5万元/年, 2万元, 150万元). Nobody rounds a rent of 2.4万元 to 2万元 without saying 约; 亿元 are always rounded.
func (f *figure) isRound() bool {
	if f.approx != "" || strings.Contains(f.unit, "亿") {
		return false
	}
	if f.decimals == 0 && !f.per.isZero() {
		return true
	}
	return (f.isPrice() || f.agreed && f.decimals == 0) && f.significant() <= 2
}

// significant counts the printed digits; zeros before the first and, of a whole number, at the end do not count.
func (f *figure) significant() int {
	digits := strings.TrimLeft(strings.ReplaceAll(abs(f.raw).FloatString(f.decimals), ".", ""), "0")
	if f.decimals == 0 {
		digits = strings.TrimRight(digits, "0")
	}
	return len(digits)
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
