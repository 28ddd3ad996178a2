package statement

import (
	"math/big"
	"slices"
	"strings"
)

// perAt reads what a price is divided by: /亩·年, 每亩每年, /㎡/月.
func perAt(t text, i int) (per, int) {
	var p per
	for n := 0; n < 3; n++ {
		j := i
		for isPerSign(t.at(j)) {
			j++
		}
		if t.has(j, " per ") {
			j += 5
		}
		if j == i && (n == 0 || p.area == nil) || n == 0 && !isPerStart(t.at(i)) {
			break
		}
		end, ok := p.read(t, j)
		if !ok {
			break
		}
		if i = end; t.at(i) == ')' && strings.ContainsRune(t.folded(j-2, j), '(') {
			i++
		}
	}
	return p, i
}

func isPerStart(r rune) bool { return r == '/' || r == '每' || r == ' ' }

func isPerSign(r rune) bool {
	return r == '/' || r == '每' || r == '·' || r == '.' || r == '*' || r == '('
}

// read takes the unit at i into the price's divisor.
func (p *per) read(t text, i int) (int, bool) {
	for _, u := range perUnits {
		if !t.has(i, u.word) {
			continue
		}
		switch {
		case u.area != nil && p.area == nil:
			p.area = u.area
		case u.months != nil && p.months == nil:
			p.months = u.months
		case u.piece && p.piece == "":
			p.piece = u.word
		default:
			return i, false
		}
		return i + wordLen(u.word), true
	}
	return i, false
}

// perBefore reads a divisor that stands before the number: 每亩650元, 每年4.5万元.
func perBefore(label string) per {
	var p per
	for _, u := range perUnits {
		if !strings.Contains(label, "每"+u.word) {
			continue
		}
		switch {
		case u.area != nil && p.area == nil:
			p.area = u.area
		case u.months != nil && p.months == nil:
			p.months = u.months
		case u.piece && p.piece == "":
			p.piece = u.word
		}
	}
	return p
}

// readFen reads 3亩2分5厘; a mu has ten fen, a fen ten li.
func (f *figure) readFen(t text) {
	if f.unit != "亩" || f.decimals > 0 {
		return
	}
	for n, word := range []string{"分", "厘"} {
		if !isDigit(t.at(f.end)) || !t.has(f.end+1, word) {
			return
		}
		part := rat(int64(t.at(f.end)-'0'), 1)
		f.decimals = n + 1
		f.value = add(f.value, mul(part, pow10(-f.decimals)))
		f.raw = f.value
		f.end += 2
	}
}

// readMonths reads 2年7个月 and 2年零7个月 into months.
func (f *figure) readMonths(t text) {
	if f.factor.Cmp(rat(12, 1)) != 0 || f.decimals > 0 {
		return
	}
	if t.at(f.end) == '半' {
		f.value, f.end = add(f.value, rat(6, 1)), f.end+1
		return
	}
	i := f.end
	for t.at(i) == '零' || t.at(i) == '又' || t.at(i) == ' ' {
		i++
	}
	if !isDigit(t.at(i)) {
		return
	}
	months, decimals, end, ok := number(t, i)
	if !ok || decimals > 0 || !t.has(end, "个月") && !t.has(end, " months") {
		return
	}
	f.value = add(f.value, months)
	f.end = end + wordLen("个月")
	if t.has(end, " months") {
		f.end = end + wordLen(" months")
	}
}

// nouns are what a count may count; two counts of different nouns are never added.
var nouns = []string{"标段", "项目", "村", "社区", "图斑", "地块", "街道", "镇", "合作社", "经济社", "单位", "企业", "部门", "小组", "组", "工作日", "问题", "合同", "标的"}

func nounAt(t text, i int) string {
	for _, n := range nouns {
		if t.has(i, n) {
			return n
		}
	}
	return ""
}

// approximateWords stand before a number, the longest first.
var approximateWords = []struct{ word, kind string }{
	{"大约", "约"}, {"约为", "约"}, {"约", "约"}, {"接近", "近"}, {"将近", "近"}, {"近", "近"}, {"超过", "余"}, {"突破", "余"}, {"超", "余"}, {"逾", "余"},
	{"左右", "约"}, {"about ", "约"}, {"nearly ", "近"}, {"over ", "余"},
}

// soundApproximate end in an approximate word and say nothing of the number behind them: 节约10万元, 签约32宗.
var soundApproximate = []string{"节约", "签约", "续约", "契约", "履约", "违约", "预约", "租约", "附近", "最近", "邻近"}

// readApproximate reads 约, 近, 超 before the number and 左右 after it. 约合 is a conversion and does not widen.
func (f *figure) readApproximate(t text) {
	sounds := slices.ContainsFunc(soundApproximate, func(word string) bool { return t.ends(f.start, word) })
	for _, w := range approximateWords {
		if !sounds && t.ends(f.start, w.word) && f.approx == "" {
			f.approx = w.kind
		}
	}
	if t.has(f.end, "左右") || t.has(f.end, "上下") {
		f.approx = "约"
	}
	if t.has(f.end, "以上") || t.has(f.end, "以下") || t.has(f.end, "以内") {
		f.ranged = true
	}
}

// ulp is the figure's last printed place, in its base unit. Of an approximate integer it is the last place that is
// not zero: 约420亩 is good to ten mu.
func (f *figure) ulp() *big.Rat {
	place := pow10(-f.decimals)
	if f.decimals == 0 && f.approx != "" && f.raw.Sign() != 0 {
		for ten := mul(place, rat(10, 1)); quo(f.raw, ten).IsInt(); ten = mul(place, rat(10, 1)) {
			place = ten
		}
	}
	return mul(place, f.factor)
}

// isExact tells whether the figure stands for itself alone: a whole number of things or of months, in Chinese words.
func (f *figure) isExact() bool {
	return f.approx == "" && (f.kind == kindCount && f.factor.Cmp(rat(1, 1)) == 0 || f.kind == kindMonths || f.spoken)
}

// half is the interval of the values that print so under half-up rounding, widened for 约, 近, 余.
func (f *figure) half() interval {
	u := f.ulp()
	h := mul(u, rat(1, 2))
	switch {
	case f.isExact():
		return exactly(f.value)
	case f.approx == "约":
		return interval{sub(f.value, u), add(f.value, u)}
	case f.approx == "近":
		return interval{sub(f.value, u), add(f.value, h)}
	case f.approx == "余":
		return interval{sub(f.value, h), add(f.value, u)}
	}
	return interval{sub(f.value, h), add(f.value, h)}
}

// truncated is the interval of the values that print so when the rest is cut off.
func (f *figure) truncated() interval {
	if f.isExact() || f.approx != "" {
		return f.half()
	}
	if f.value.Sign() < 0 {
		return interval{sub(f.value, f.ulp()), f.value}
	}
	return interval{f.value, add(f.value, f.ulp())}
}
