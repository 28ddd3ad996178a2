package price

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"mingzhang/ledger"
)

const (
	numeralDigits = "零一二三四五六七八九"
	numeralOther  = "〇壹贰叁肆伍陆柒捌玖两俩弍參"
	numeralAs     = "零一二三四五六七八九二二二三"
)

var numeralRun = regexp.MustCompile(`[零一二三四五六七八九十百〇壹贰叁肆伍陆柒捌玖两俩弍參拾佰]+`)

// arabic writes the Chinese numerals up to 999 in a text as digits: 三十年 is 30年. What is no proper
// numeral (一二三) stays as it is, so that what follows cannot read it.
func arabic(s string) string {
	return numeralRun.ReplaceAllStringFunc(s, func(run string) string {
		if n, ok := chineseNumber(run); ok {
			return strconv.Itoa(n)
		}
		return run
	})
}

// chineseNumber reads a Chinese numeral up to 999: 十, 十五, 三十, 一百零五, 壹拾.
func chineseNumber(s string) (n int, ok bool) {
	digit, limit, zero := -1, 1000, false
	for _, r := range s {
		if i := strings.IndexRune(numeralOther, r); i >= 0 {
			r = []rune(numeralAs)[len([]rune(numeralOther[:i]))]
		}
		step := map[rune]int{'十': 10, '拾': 10, '百': 100, '佰': 100}[r]
		switch i := strings.IndexRune(numeralDigits, r); {
		case step != 0 && step < limit:
			if digit < 0 && (step != 10 || n != 0) {
				return 0, false
			}
			n += max(digit, 1) * step
			digit, limit, zero = -1, step, false
		case r == '零' && n > 0 && !zero && digit < 0:
			zero = true
		case i > 0 && digit < 0 && limit > 1:
			digit = len([]rune(numeralDigits[:i]))
		default:
			return 0, false
		}
	}
	if digit > 0 {
		return n + digit, limit > 10 && n == 0 || limit == 10 || zero
	}
	return n, n > 0 && !zero
}

var (
	termPart   = regexp.MustCompile(`^(\d{1,5}(?:\.\d{1,6})?)(个半)?(周年|年度|年|个月|月|天|日|years?|yrs?|y|months?|mos?|m|days?|d)(半)?`)
	termJoin   = regexp.MustCompile(`^(零|又|and|,|，)`)
	termTail   = regexp.MustCompile(`(整|期)$`)
	halfYear   = regexp.MustCompile(`(^|[年零又])半年`) // not after a digit: 2半年 is not 26 months
	plainCount = regexp.MustCompile(`^\d{1,5}(\.\d{1,6})?$`)
)

// ParseTerm reads a length of time as people write it: 2年7个月, 5年, 60个月, 半年, 1年半, 十年, 2.5年,
// 180天, 3 years. It has to come out at whole months or whole days (2.58年 is refused as
// term.not_whole_months: is it 31 months?). A number without a unit is refused as term.unit_unknown.
func ParseTerm(text string) (Term, error) {
	unreadable := ledger.E(ledger.Invalid, "term.unreadable", shorten(text))
	if len(text) > maxText {
		return Term{}, unreadable
	}
	s := strings.ToLower(ledger.Fold(text))
	s = termTail.ReplaceAllString(s, "")
	s = halfYear.ReplaceAllString(arabic(s), "${1}6个月")
	if plainCount.MatchString(s) {
		return Term{}, ledger.E(ledger.Invalid, "term.unit_unknown", shorten(text))
	}
	months, days := new(big.Rat), new(big.Rat)
	last := 4 // years 3, months 2, days 1: the parts go down
	for first := true; first || s != ""; first = false {
		if !first {
			s = termJoin.ReplaceAllString(s, "")
		}
		part := termPart.FindStringSubmatch(s)
		if part == nil {
			return Term{}, unreadable
		}
		s = s[len(part[0]):]
		n, _ := new(big.Rat).SetString(part[1])
		if part[2] != "" || part[4] != "" {
			if part[2] != "" && (part[4] != "" || part[3] != "月") || !n.IsInt() {
				return Term{}, unreadable
			}
			n.Add(n, big.NewRat(1, 2))
		}
		rank, factor := termUnit(part[3])
		if rank >= last {
			return Term{}, unreadable
		}
		last = rank
		if rank == 1 {
			days.Add(days, n)
		} else {
			months.Add(months, n.Mul(n, big.NewRat(factor, 1)))
		}
	}
	return termOf(months, days, text)
}

// termUnit gives the rank of a unit (years 3, months 2, days 1) and its months.
func termUnit(name string) (rank int, months int64) {
	switch name[0] {
	case 'y':
		return 3, 12
	case 'm':
		return 2, 1
	case 'd':
		return 1, 0
	}
	switch name {
	case "周年", "年度", "年":
		return 3, 12
	case "个月", "月":
		return 2, 1
	}
	return 1, 0
}

func termOf(months, days *big.Rat, text string) (Term, error) {
	if !months.IsInt() || !days.IsInt() {
		return Term{}, ledger.E(ledger.Invalid, "term.not_whole_months", shorten(text))
	}
	if months.Cmp(big.NewRat(maxMonths, 1)) > 0 || days.Cmp(big.NewRat(maxDays, 1)) > 0 {
		return Term{}, ledger.E(ledger.Invalid, "term.too_long", shorten(text))
	}
	t := Term{Months: int(months.Num().Int64()), Days: int(days.Num().Int64())}
	if t.IsZero() {
		return Term{}, ledger.E(ledger.Invalid, "term.unreadable", shorten(text))
	}
	return t, nil
}

// ParseTermIn reads a term whose header names the unit (租期(年)): a bare number is in that unit, any
// other text is read by itself.
func ParseTermIn(text, unitText string) (Term, error) {
	s := ledger.Fold(text)
	if !plainCount.MatchString(arabic(s)) || unitText == "" {
		return ParseTerm(text)
	}
	unit := strings.ToLower(ledger.Fold(unitText))
	if part := termPart.FindStringSubmatch("1" + unit); part == nil || part[0] != "1"+unit || part[1] != "1" || part[2]+part[4] != "" {
		return Term{}, ledger.E(ledger.Invalid, "term.unit_unknown", shorten(text))
	}
	return ParseTerm(arabic(s) + unit)
}
