package price

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// noneWords say that there is no escalation and no rent-free time.
var noneWords = []string{
	"", "无", "没有", "否", "-", "--", "—", "——", "/", "0", "0%", "无递增", "不递增", "不作递增", "不调整", "不变", "固定", "固定不变",
	"租金不变", "固定租金", "无免租期", "无免租", "不免租", "0天", "0个月", "none", "no", "nil", "n/a", "fixed",
}

const (
	raiseWord   = `(?:递增|递加|增加|增长|上浮|上涨|提高|上调|加价|加)`
	basisWord   = `(?:在(?:上|前)1?(?:年|年度|期|周期|次)?(?:的)?(?:租金|价格)?(?:的)?基础上)?`
	percentWord = `(?:幅度|比例|率)?(?:为)?(\d{1,3}(?:\.\d{1,4})?)%`
)

var (
	raisePercent = regexp.MustCompile(`^(?:租金|单价|承包款|承包金)?(?:每|逐|年)(\d{1,2})?年?(?:租金|单价)?` + basisWord +
		raiseWord + `(?:1次)?,?(?:每次)?` + raiseWord + `?(?:租金|单价)?` + percentWord + `$`)
	raiseAmount = regexp.MustCompile(`^(?:租金|单价|承包款|承包金)?(?:每|逐|年)(\d{1,2})?年?(?:租金|单价)?` + basisWord +
		raiseWord + `(?:1次)?,?(?:每次)?` + raiseWord + `?(?:租金|单价)?(\d{1,9}(?:\.\d{1,4})?)元$`)
	raiseEnglish = regexp.MustCompile(`^\+?(\d{1,3}(?:\.\d{1,4})?)%(?:every|per|each|a)(\d{1,2})?years?$`)
	fromYear     = regexp.MustCompile(`^(?:从|自)?第(\d{1,2})(?:个)?年(?:起|开始)(?:,|计)?`)
	quietYears   = regexp.MustCompile(`^(?:前|头)(\d{1,2})年(?:租金)?(?:不递增|不变|固定|不调整|固定不变),?`)
	afterThat    = regexp.MustCompile(`^(?:之后|以后|此后|其后|从此|后)(?:,)?`)
	stepFirst    = regexp.MustCompile(`^(?:前|头|首)(\d{1,2})?年(?:租金|单价)?(?:为|每亩)?(\d{1,9}(?:\.\d{1,4})?)元,?`)
	stepNext     = regexp.MustCompile(`^(?:后|再后|其后|接着)(\d{1,2})年(?:租金|单价)?(?:为)?(\d{1,9}(?:\.\d{1,4})?)元,?`)
	stepYears    = regexp.MustCompile(`^第(\d{1,2})年?(?:-|至|到|~)第?(\d{1,2})年(?:租金|单价)?(?:为)?(\d{1,9}(?:\.\d{1,4})?)元,?`)
	hundredth    = regexp.MustCompile(`百分之([零一二三四五六七八九十百]+|\d+(?:\.\d+)?)`)
)

// ParseEscalation reads how a price rises: 每3年递增5%, 第3年起每年递增2%, 每5年增加100元, 前两年不递增,之后每年递增3%,
// 前4年47元,之后每2年递增5%, 不递增. It never refuses: what it does not read with certainty is kept as
// text with Understood false. A blank says that there is none.
func ParseEscalation(text string) Escalation {
	e := Escalation{Text: text}
	if len(text) > maxText {
		return e
	}
	s := clause(text)
	if slices.Contains(noneWords, s) {
		e.Understood = true
		return e
	}
	read := Escalation{Text: text, Understood: true}
	s = read.readSteps(s)
	if s == "" && len(read.Steps) > 0 {
		return read
	}
	first := 0 // the lease year of the first raise, 0 for after one interval
	for _, step := range read.Steps {
		first += step.Years
	}
	if first > 0 {
		first++
	}
	if m := quietYears.FindStringSubmatch(s); m != nil && first == 0 {
		first, s = number(m[1])+1, s[len(m[0]):]
	}
	s = afterThat.ReplaceAllString(s, "")
	if m := fromYear.FindStringSubmatch(s); m != nil {
		if from := number(m[1]); first != 0 && from != first || from < 1 {
			return e
		}
		first, s = number(m[1]), s[len(m[0]):]
	}
	if !read.readRaise(s) {
		return e
	}
	read.From = first
	if first == 0 {
		read.From = read.Every + 1
	}
	return read
}

// clause brings a clause to one spelling of digits and marks.
func clause(text string) string {
	s := strings.ToLower(ledger.Fold(text))
	s = hundredth.ReplaceAllStringFunc(s, func(m string) string {
		return arabic(strings.TrimPrefix(m, "百分之")) + "%"
	})
	s = strings.NewReplacer(";", ",", "、", ",", "，", ",", "。", "", "~", "-", "—", "-").Replace(arabic(s))
	return strings.TrimRight(s, ".,")
}

// readSteps takes the fixed prices of the first years off the front.
func (e *Escalation) readSteps(s string) (rest string) {
	done := 0
	for {
		var years int
		var text, all string
		if m := stepFirst.FindStringSubmatch(s); m != nil && done == 0 {
			years, text, all = 1, m[2], m[0]
			if m[1] != "" {
				years = number(m[1])
			}
		} else if m := stepNext.FindStringSubmatch(s); m != nil && done > 0 {
			years, text, all = number(m[1]), m[2], m[0]
		} else if m := stepYears.FindStringSubmatch(s); m != nil && number(m[1]) == done+1 {
			years, text, all = number(m[2])-done, m[3], m[0]
		}
		p, _, err := ledger.ParsePriceText(text, ledger.Yuan)
		if years < 1 || err != nil {
			return s
		}
		e.Steps = append(e.Steps, Step{years, p})
		done, s = done+years, s[len(all):]
	}
}

// readRaise reads the clause about one raise.
func (e *Escalation) readRaise(s string) bool {
	every, figure := "", ""
	var err error
	if m := raisePercent.FindStringSubmatch(s); m != nil {
		every, figure = m[1], m[2]
	} else if m := raiseEnglish.FindStringSubmatch(s); m != nil {
		every, figure = m[2], m[1]
	}
	if figure != "" {
		e.Percent, err = decimal.NewFromString(figure)
		if err != nil || e.Percent.IsZero() {
			return false
		}
	} else if m := raiseAmount.FindStringSubmatch(s); m != nil {
		every = m[1]
		e.Amount, _, err = ledger.ParsePriceText(m[2], ledger.Yuan)
		if err != nil || e.Amount.Sign() == 0 {
			return false
		}
	} else {
		return false
	}
	e.Every = 1
	if every != "" {
		e.Every = number(every)
	}
	return e.Every > 0
}

// number reads digits that a pattern has already bounded.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

var (
	freeWords = regexp.MustCompile(`(免租期?|免租金|免收租金|装修期|rent-?free)`)
	freeStart = regexp.MustCompile(`^(?:前|首|头|first)`)
	freeEnd   = regexp.MustCompile(`^(?:最后|末|合同期末|期末|租期末|last)`)
)

// ParseRentFree reads a rent-free time: 3个月, 90天, 前3个月免租, 最后1个月, 无. It never refuses: what it does not
// read with certainty is kept as text with Understood false. A blank says that there is none.
func ParseRentFree(text string) RentFree {
	f := RentFree{Text: text}
	if len(text) > maxText {
		return f
	}
	s := clause(text)
	if slices.Contains(noneWords, s) {
		f.Understood = true
		return f
	}
	s = strings.Trim(freeWords.ReplaceAllString(s, ""), ":,为")
	if rest := freeEnd.ReplaceAllString(s, ""); rest != s {
		f.AtEnd, s = true, rest
	} else {
		s = freeStart.ReplaceAllString(s, "")
	}
	t, err := ParseTerm(s)
	if err != nil {
		f.AtEnd = false
		return f
	}
	f.Understood, f.Months, f.Days = true, t.Months, t.Days
	return f
}
