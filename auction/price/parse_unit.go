package price

import (
	"cmp"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// maxText bounds what is looked at as one unit, term or clause; a longer text is a sentence.
const maxText = 200

// spelling is one way to write one part of a unit.
type spelling struct {
	text    string
	money   ledger.MoneyUnit
	measure Measure
	period  Period
}

// spellings holds every way to write a part, longest first, so that 万元 is read before 元 and 立方米 before 米.
var spellings = allSpellings()

func allSpellings() []spelling {
	var all []spelling
	for money, texts := range map[ledger.MoneyUnit][]string{
		ledger.Yuan:        {"元", "圆", "¥", "yuan", "rmb", "cny", "人民币", "人民币元"},
		ledger.WanYuan:     {"万元", "万", "10000yuan", "人民币万元"},
		ledger.ThousandRMB: {"千元", "人民币千元"},
		ledger.YiYuan:      {"亿元", "亿", "人民币亿元"},
	} {
		for _, s := range texts {
			all = append(all, spelling{text: s, money: money})
		}
	}
	for _, w := range measures {
		for _, s := range w.spelt {
			all = append(all, spelling{text: s, measure: w.code})
		}
		all = append(all, spelling{text: w.spelt[len(w.spelt)-1] + "s", measure: w.code})
	}
	for _, w := range periods {
		for _, s := range w.spelt {
			all = append(all, spelling{text: s, period: w.code})
		}
		all = append(all, spelling{text: w.spelt[len(w.spelt)-1] + "s", period: w.code})
	}
	slices.SortFunc(all, func(a, b spelling) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), strings.Compare(a.text, b.text))
	})
	return all
}

// ParseUnit reads a price unit as people write it, the parts after the money in any order: 元/亩·年,
// 元/年/亩, 元/平方米.月, 万元/年, 元(总价), 总价, yuan per mu per year, and the codes of Unit.String. The money
// unit is given apart, because prices are kept in yuan. 元 and 元/亩 name no period: see Unit.Over.
// What is paid in kind (斤稻谷/亩·年) is refused as price.unit_in_kind, all else as price.unit_unknown.
func ParseUnit(text string) (Unit, ledger.MoneyUnit, error) {
	var u Unit
	var money ledger.MoneyUnit
	refused := ledger.E(ledger.Invalid, "price.unit_unknown", shorten(text))
	rest, cuts := squeezeParts(text)
	if rest == "" || len(text) > maxText {
		return Unit{}, "", refused
	}
	if inKind(rest) {
		return Unit{}, "", ledger.E(ledger.Invalid, "price.unit_in_kind", shorten(text))
	}
	whole := len(rest)
	for rest = strings.TrimPrefix(rest, "per"); rest != ""; rest = strings.TrimPrefix(rest, "per") {
		at := whole - len(rest)
		i := slices.IndexFunc(spellings, func(s spelling) bool {
			return strings.HasPrefix(rest, s.text) && !cutWithin(cuts, at, at+len(s.text))
		})
		if i < 0 {
			return Unit{}, "", refused
		}
		s := spellings[i]
		rest = rest[len(s.text):]
		switch {
		case s.money != "" && money == "" && u.Measure == None && (u.Period == Unsaid || u.Period == WholeTerm):
			money = s.money
		case s.measure != None && u.Measure == None && money != "":
			u.Measure = s.measure
		case s.period != Unsaid && u.Period == Unsaid && (money != "" || s.period == WholeTerm):
			u.Period = s.period
		default:
			return Unit{}, "", refused
		}
	}
	if money == "" {
		if u != (Unit{None, WholeTerm}) {
			return Unit{}, "", refused
		}
		money = ledger.Yuan
	}
	return u, money, nil
}

// parting are the marks that always stand between two parts; brackets, hyphens and the rest may stand within one.
const parting = "/·.•∙⋅‧・∕⁄\\*×每"

// squeezeParts is squeeze that remembers where a mark stood between two parts: 元/个·月 is a price for one of
// a thing and a month, 元/个月 one for a month.
func squeezeParts(text string) (rest string, cuts []int) {
	for _, r := range strings.ToLower(ledger.Fold(text)) {
		switch {
		case !strings.ContainsRune(dropped, r):
			rest += string(r)
		case strings.ContainsRune(parting, r):
			cuts = append(cuts, len(rest))
		}
	}
	return rest, cuts
}

// cutWithin tells whether a mark stood inside [from, to).
func cutWithin(cuts []int, from, to int) bool {
	return slices.ContainsFunc(cuts, func(c int) bool { return c > from && c < to })
}

// inKind finds a rent in grain or in shares of the crop: it has a weight where the money should be.
func inKind(s string) bool {
	for _, p := range []string{"市斤", "公斤", "千克", "斤", "担", "吨", "kg", "jin", "稻谷", "实物", "干谷", "谷"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// ParseSpan reads the time that an amount covers, as --span or a header names it: 合同总额, 年, 月租金,
// quarter. Unknown words are refused as price.span_unknown.
func ParseSpan(text string) (Period, error) {
	refused := ledger.E(ledger.Invalid, "price.span_unknown", shorten(text))
	s := squeeze(text)
	if len(text) > maxText {
		return Unsaid, refused
	}
	for _, w := range periods {
		if slices.Contains(w.spelt, s) || s == string(w.code) || s == squeeze(string(w.code)) {
			return w.code, nil
		}
	}
	for _, tail := range []string{"租金", "租", "价", "底价", "成交价", "金额", "承包款", "承包费", "均", "ly"} {
		head, ok := strings.CutSuffix(s, tail)
		for _, w := range periods {
			if ok && slices.Contains(w.spelt, head) {
				return w.code, nil
			}
		}
	}
	switch s {
	case "总", "总金额", "合同总价", "合同总租金", "合同金额", "合同总标的", "总标的", "contracttotal", "term":
		return WholeTerm, nil
	case "首年", "第一年", "每年度", "年度", "yearly", "annual", "annually", "firstyear", "peryear":
		return Year, nil
	case "daily", "perday":
		return Day, nil
	case "monthly", "permonth":
		return Month, nil
	case "quarterly", "perquarter":
		return Quarter, nil
	}
	return Unsaid, refused
}

// shorten keeps a found text short enough for a message.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
