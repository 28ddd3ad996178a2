package statement

import (
	"math/big"
	"strings"
)

// A figure is a number with a unit, as it was found.
type figure struct {
	start, end int // runes
	kind       kind
	unit       string   // as printed, with its magnitude: 万元
	value      *big.Rat // in the base unit of its kind
	raw        *big.Rat // the number alone
	factor     *big.Rat // value = raw × factor
	decimals   int      // printed decimals
	per        per
	approx     string // 约, 近, 余 …
	converted  bool   // the same as the figure before it, in another unit
	agreed     bool   // taken as exact by a check that knows why
	task       bool   // named a task by the words around it
	spoken     bool   // written in Chinese numerals
	ranged     bool   // one end of a range: never checked
	noun       string // what a count counts, when it says so: 6856个标段

	before string // folded text between the figure before (or the clause's start) and this one
	after  string // folded text up to the next figure or the clause's end
	label  string // the part of before that names it
	role   Role
	list   int // figures with the same number above 0 stand in one list: 557亩和850亩
	record string
}

// per is what a price is divided by.
type per struct {
	area   *big.Rat // mu in the unit of the price
	months *big.Rat // months in the period of the price; zero when it cannot be counted in months
	piece  string
}

func (p per) isZero() bool { return p.area == nil && p.months == nil && p.piece == "" }

// key is equal for prices that may be compared.
func (p per) key() string {
	var b strings.Builder
	if p.area != nil {
		b.WriteString("/a" + p.area.RatString())
	}
	if p.months != nil {
		b.WriteString("/t" + p.months.RatString())
	}
	return b.String() + "/" + p.piece
}

// digitsMax is the longest number that is read; longer ones are account or certificate numbers.
const digitsMax = 24

// figuresOf finds all figures of the text, in order.
func figuresOf(t text) []*figure {
	var found []*figure
	for i := 0; i < len(t.runes); {
		f, next := figureAt(t, i)
		if f != nil {
			found = append(found, f)
		}
		i = max(next, i+1)
	}
	return found
}

// figureAt reads the figure that begins at i. Without one it says where to go on.
func figureAt(t text, i int) (*figure, int) {
	switch {
	case isDigit(t.at(i)):
		return arabic(t, i)
	case spokenDigit(t.at(i)) >= 0 || t.has(i, "百分之"):
		return spoken(t, i)
	}
	return nil, i + 1
}

func arabic(t text, i int) (*figure, int) {
	raw, decimals, end, ok := number(t, i)
	if !ok || isLetter(t.at(i-1)) || t.at(i-1) == '_' || t.at(i-1) == '第' || t.at(i-1) == '.' {
		return nil, end
	}
	f := &figure{start: i, raw: raw, decimals: decimals}
	if t.at(i-1) == '-' && !isDigit(t.at(i-2)) && !isLetter(t.at(i-2)) && t.at(i-2) != '-' && t.at(i-2) != '%' {
		f.raw, f.start = new(big.Rat).Neg(raw), i-1
	}
	if to := rangeEnd(t, end); to > 0 {
		second, secondDecimals, secondEnd, ok := number(t, to)
		if !ok {
			return nil, secondEnd
		}
		f.ranged, f.raw, f.decimals, end = true, second, secondDecimals, secondEnd
	}
	if isDate(t, i, end, decimals) {
		return nil, end + 1
	}
	if !f.readUnit(t, end) {
		return nil, end
	}
	if to := rangeEnd(t, f.end); to > 0 || t.at(f.start-1) == '~' || t.at(f.start-1) == '+' {
		f.ranged = true
	}
	f.readApproximate(t)
	return f, f.end
}

// number reads digits with thousands commas and decimals. ok is false for dates and numbers of sections (2021.3.5),
// for fractions written with a slash and for what is too long to be a figure.
func number(t text, i int) (value *big.Rat, decimals, end int, ok bool) {
	var digits strings.Builder
	end = i
	for isDigit(t.at(end)) {
		digits.WriteRune(t.at(end))
		end++
	}
	for digits.Len() <= digitsMax && thousands(t, end, digits.Len()) {
		digits.WriteString(t.folded(end+1, end+4))
		end += 4
	}
	whole := digits.Len()
	if t.at(end) == '.' && isDigit(t.at(end+1)) {
		digits.WriteRune('.')
		for end++; isDigit(t.at(end)); end++ {
			digits.WriteRune(t.at(end))
			decimals++
		}
	}
	ok = whole+decimals <= digitsMax
	for t.at(end) == '.' && isDigit(t.at(end+1)) || t.at(end) == '/' && isDigit(t.at(end+1)) {
		ok = false
		for end++; isDigit(t.at(end)); end++ {
		}
	}
	if !ok {
		return nil, 0, end, false
	}
	value, ok = new(big.Rat).SetString(digits.String())
	return value, decimals, end, ok
}

// thousands tells whether a comma at i groups thousands: three digits follow, no more, and the comma is as wide as
// the digits around it (in 100，200 it only separates) or decimals follow (3，324.74).
func thousands(t text, i, before int) bool {
	if t.at(i) != ',' || before == 0 || t.at(i-4) != ',' && before > 3 {
		return false
	}
	for k := 1; k <= 3; k++ {
		if !isDigit(t.at(i + k)) {
			return false
		}
	}
	left, comma, right := t.wide[i-1], t.wide[i], t.wide[i+1]
	alike := left == comma && right == comma
	return !isDigit(t.at(i+4)) && (alike || t.at(i+4) == '.' && isDigit(t.at(i+5)))
}

// rangeEnd gives where the second number of a range begins, 0 when there is none at i.
func rangeEnd(t text, i int) int {
	j := i
	for t.at(j) == '-' || t.at(j) == '~' {
		j++
	}
	if j == i && t.at(i) == '至' {
		j++
	}
	if j > i && isDigit(t.at(j)) {
		return j
	}
	return 0
}

// isDate tells whether the number from start to end is part of a date: 2021年, 6月, 30日, 21:30.
func isDate(t text, start, end, decimals int) bool {
	j := t.skipSpaces(end)
	switch {
	case decimals > 0:
		return false
	case t.at(j) == '年':
		return end-start == 4 && (t.has(start, "19") || t.has(start, "20")) || t.ends(start, "'") || strings.HasPrefix(t.folded(end-4, end), "20") && end-start > 4
	case t.at(j) == '月', t.at(j) == '日', t.at(j) == '号', t.at(j) == '时', t.at(j) == '届', t.at(j) == '级':
		return true
	case t.at(j) == ':' && isDigit(t.at(j+1)), t.at(start-1) == ':' && isDigit(t.at(start-2)):
		return true
	}
	return false
}

// readUnit reads what stands after the number: 余, magnitude, unit, and what a price is divided by.
func (f *figure) readUnit(t text, i int) bool {
	begin := t.skipSpaces(i)
	i = f.readMore(t, begin)
	exp, i := magnitude(t, i)
	i = f.readMore(t, t.skipSpaces(i))
	u, end, ok := unitAt(t, i)
	if !ok {
		u, end, ok = unitBefore(t, f.start, i)
	}
	if !ok || u.kind == kindCount && exp > 0 && exp < 4 {
		return false
	}
	f.kind, f.factor, f.unit = u.kind, mul(pow10(exp), u.factor()), t.folded(begin, end)
	if end == i {
		f.unit = t.folded(begin, i) + u.word
	}
	f.value, f.end = mul(f.raw, f.factor), end
	switch u.kind {
	case kindMoney:
		f.per, f.end = perAt(t, end)
		f.unit += t.folded(end, f.end)
	case kindArea:
		f.readFen(t)
	case kindMonths:
		f.readMonths(t)
	case kindCount:
		f.noun = nounAt(t, end)
	default: // nothing follows the unit of the other kinds
	}
	return true
}

// readMore reads 余, 多, 来 after a number.
func (f *figure) readMore(t text, i int) int {
	if r := t.at(i); (r == '余' || r == '多' || r == '来') && f.approx == "" {
		f.approx = "余"
		return i + 1
	}
	return i
}

func magnitude(t text, i int) (exp, end int) {
	for _, m := range magnitudes {
		if t.has(i, m.word) {
			return m.exp, i + wordLen(m.word)
		}
	}
	return 0, i
}

// unitAt reads the longest unit at i. Latin units end at a letter's end (m2 is no unit in m2x).
func unitAt(t text, i int) (unit, int, bool) {
	var best unit
	for _, u := range units {
		if len(u.word) > len(best.word) && t.has(i, u.word) {
			if end := i + wordLen(u.word); !isLetter(t.at(end-1)) || !isLetter(t.at(end)) {
				best = u
			}
		}
	}
	return best, i + wordLen(best.word), best.word != ""
}

// unitBefore reads a unit that stands before the number: ¥100, RMB 100 million, 溢价(万元):1438.89.
func unitBefore(t text, start, end int) (unit, int, bool) {
	i := start
	for t.at(i-1) == ' ' {
		i--
	}
	for _, sign := range []string{"¥", "rmb", "cny", "人民币"} {
		if t.ends(i, sign) {
			return unit{"元", kindMoney, 1, 1}, end, true
		}
	}
	for t.at(i-1) == ':' || t.at(i-1) == ' ' || t.at(i-1) == '为' || t.at(i-1) == '|' {
		i--
	}
	if t.at(i-1) != ')' {
		return unit{}, end, false
	}
	open := i - 2
	for open >= 0 && i-open < 12 && t.at(open) != '(' {
		open--
	}
	if t.at(open) != '(' {
		return unit{}, end, false
	}
	exp, at := magnitude(t, open+1)
	u, stop, ok := unitAt(t, at)
	if !ok || stop != i-1 || u.kind == kindCount && exp > 0 {
		return unit{}, end, false
	}
	u.word = t.folded(open+1, at) + u.word
	for ; exp > 0; exp-- {
		u.num *= 10
	}
	return u, end, true
}
