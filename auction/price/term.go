package price

import (
	"fmt"
	"strings"

	"mingzhang/ledger"
)

// maxMonths is a hundred years: longer than any right to use land, and short enough to catch a year
// (2021年7月) that stands where a length should.
const maxMonths = 1200

// maxDays is the same bound for a term in days.
const maxDays = maxMonths / 12 * 366

// Term is how long a contract runs: whole months, and days that make no month. The zero value is no term.
type Term struct {
	Months int `json:"months"`
	Days   int `json:"days"`
}

// IsZero tells whether there is no term.
func (t Term) IsZero() bool { return t == Term{} }

// String is the stable code, as ISO 8601 writes a duration: P31M, P180D, P33M30D; empty for no term.
func (t Term) String() string {
	if t.IsZero() {
		return ""
	}
	s := "P"
	if t.Months != 0 {
		s += fmt.Sprintf("%dM", t.Months)
	}
	if t.Days != 0 {
		s += fmt.Sprintf("%dD", t.Days)
	}
	return s
}

// Name is the term in words: 2年7个月, 2 years 7 months.
func (t Term) Name() ledger.Text {
	var zh, en []string
	add := func(n int, word, one string) {
		if n == 0 {
			return
		}
		zh = append(zh, fmt.Sprintf("%d%s", n, word))
		if n != 1 {
			one += "s"
		}
		en = append(en, fmt.Sprintf("%d %s", n, one))
	}
	add(t.Months/12, "年", "year")
	add(t.Months%12, "个月", "month")
	add(t.Days, "天", "day")
	return ledger.Text{ZH: strings.Join(zh, ""), EN: strings.Join(en, " ")}
}

// TermBetween is the term from the first to the last day, both included: whole months when it is
// that exactly, else the most whole months and the days left over.
func TermBetween(from, to ledger.Day) (Term, error) {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return Term{}, ledger.E(ledger.Invalid, "term.ends_before_start", from.String(), to.String())
	}
	end := to.AddDays(1)
	months := (end.Year()-from.Year())*12 + end.Month()%100 - from.Month()%100 + 1
	for months > 0 && endAfter(from, months).After(end) {
		months--
	}
	t := Term{Months: months, Days: end.DaysSince(endAfter(from, months))}
	if t.Months > maxMonths {
		return Term{}, ledger.E(ledger.Invalid, "term.too_long", t.Name())
	}
	return t, nil
}

// endAfter is the day after the last day of a term of whole months that starts on from: the
// corresponding day, or the first of the next month where the month has no such day.
func endAfter(from ledger.Day, months int) ledger.Day {
	d := from.AddMonths(months)
	if d.DayOfMonth() < from.DayOfMonth() {
		return d.AddDays(1)
	}
	return d
}
