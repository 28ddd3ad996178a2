package sheet

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// Kind says what stands in a cell.
type Kind uint8

// The kinds of cells. A formula's cell has the kind of its cached value.
const (
	KindBlank    Kind = iota // nothing, or one of the signs for nothing: - — / 无
	KindText                 // a text; every cell of a .csv is one
	KindNumber               // a number
	KindDate                 // a number with a date format, or an ISO date
	KindBool                 // TRUE or FALSE
	KindError                // #REF! and the like, or a text that must not be used (Err says why)
	KindUncached             // a formula whose value was never computed
)

// Cell is one cell. The zero Cell is blank.
type Cell struct {
	// Text is the cell as text: the text itself; a number in plain digits without commas or exponent
	// (861.65), with the unit that its format shows glued on (0.00"万元": 332.47万元); a date as
	// 2021-03-05; an error's code. In a column of type Text a number's format counts as far as it makes
	// the key (0000 → 0015).
	Text string
	// Stored is the value as it stands in the file: 861.64999999999998, 44260.
	Stored string
	// Err is set when the cell must not be used whatever it is read as.
	Err *ledger.Error

	format        *format
	row, column   int32 // from 1
	fromRow, wide int32 // first row of the merge it lies in; columns of that merge
	Kind          Kind
	PercentFormat bool // the number is a fraction that is shown as a percentage
	Formula       bool // the value is the cached one of a formula
	date1904      bool
	csv           bool
}

// Ref is the cell's place, e.g. F5.
func (c Cell) Ref() string {
	if c.row == 0 {
		return ""
	}
	return Letter(int(c.column)) + strconv.Itoa(int(c.row))
}

// Origin is the place of the value when the cell lies in a merge of several rows and the value stands
// above it: two rows with the same Origin share one cell. Otherwise "".
func (c Cell) Origin() string {
	if c.fromRow == 0 || c.fromRow == c.row {
		return ""
	}
	return Letter(int(c.column)) + strconv.Itoa(int(c.fromRow))
}

// Blank tells whether the cell says nothing. Zero is not blank.
func (c Cell) Blank() bool { return c.Kind == KindBlank }

// Letter is the name of a column, from 1: A … Z, AA ….
func Letter(column int) string {
	var b [4]byte
	i := len(b)
	for column > 0 && i > 0 {
		i--
		column--
		b[i] = byte('A' + column%26)
		column /= 26
	}
	return string(b[i:])
}

// Number reads the cell as a number: a numeric cell by the 15-digit rule, a text that is a plain
// number (1,234.50) exactly. Texts with a unit are for the parsers of ledger. A fraction shown as a
// percentage is the fraction. Errors: sheet.not_a_number, sheet.too_many_digits, sheet.blank.
func (c Cell) Number() (decimal.Decimal, error) {
	switch c.Kind {
	case KindNumber:
		if c.Err != nil {
			return decimal.Decimal{}, c.Err
		}
		return fifteenDecimal(c.Stored)
	case KindText:
		if d, ok := plainNumber(c.Text); ok {
			return d, nil
		}
	default:
	}
	return decimal.Decimal{}, c.wrong("sheet.not_a_number")
}

// wrong is the error of reading the cell as something: its own one, blank, or the given reason.
func (c Cell) wrong(reason string) error {
	switch {
	case c.Err != nil:
		return c.Err
	case c.Kind == KindBlank:
		return ledger.E(ledger.Invalid, "sheet.blank")
	}
	return ledger.E(ledger.Invalid, reason, firstRunes(c.Shown(), 40))
}

// Count reads the cell as a whole number. Errors: sheet.not_a_count besides those of Number.
func (c Cell) Count() (int64, error) {
	d, err := c.Number()
	if err != nil {
		if c.Err != nil || c.Kind == KindBlank {
			return 0, err
		}
		return 0, c.wrong("sheet.not_a_count")
	}
	if !d.IsInteger() || d.Abs().Cmp(decimal.New(1, 15)) >= 0 {
		return 0, c.wrong("sheet.not_a_count")
	}
	return d.IntPart(), nil
}

// Key reads the cell as the text of a name or number: blanks trimmed, a number without exponent. A number
// of more than 15 digits, or one that an export to .csv shortened (2.02E+11), is refused.
func (c Cell) Key() (string, error) {
	if c.Err != nil {
		return "", c.Err
	}
	text := strings.TrimSpace(c.Text)
	if c.Kind == KindText && c.csv && shortened(text) {
		return "", ledger.E(ledger.Invalid, "sheet.shortened_number", text)
	}
	return text, nil
}

// shortened recognises what Excel writes to a .csv for a long number: 2.02E+11.
func shortened(s string) bool {
	digits, exponent, ok := strings.Cut(strings.ToUpper(s), "E+")
	if !ok || len(digits) > 8 || len(exponent) != 2 {
		return false
	}
	_, ok = plainNumber(digits)
	_, err := strconv.Atoi(exponent)
	return ok && err == nil
}

// PlainSerial tells whether Day would read the cell as the number of a day though no format says that it
// is a date; the dry run says so.
func (c Cell) PlainSerial() bool {
	if c.Kind != KindNumber && (c.Kind != KindText || !c.csv) {
		return false
	}
	d, err := c.Number()
	return err == nil && isPlainSerial(d)
}

// Serials without a date format are taken from 1927 to 2100: below lie years (2021) and counts.
var (
	serialFirst = decimal.NewFromInt(10_000)
	serialLast  = decimal.NewFromInt(73_415)
)

func isPlainSerial(d decimal.Decimal) bool {
	return d.IsInteger() && d.Cmp(serialFirst) >= 0 && d.Cmp(serialLast) <= 0
}

// Day reads the cell as a date: a number with a date format in the file's date system, 20210305, a plain
// serial of 1927–2100, or a text as ledger.ParseDay reads it. A time of day is dropped. Errors:
// day.impossible, day.unreadable, sheet.not_a_date, sheet.blank.
func (c Cell) Day() (ledger.Day, error) {
	if c.Err != nil {
		return ledger.Day{}, c.Err
	}
	switch c.Kind {
	case KindDate:
		if len(c.Text) < 10 {
			return ledger.Day{}, c.wrong("sheet.not_a_date")
		}
		return ledger.ParseDay(c.Text[:10])
	case KindNumber, KindText:
		if d, err := c.Number(); err == nil && (c.Kind == KindNumber || c.csv) {
			if !isPlainSerial(d) {
				return ledger.ParseDay(d.String())
			}
			text, ok := serialText(d.IntPart(), c.date1904)
			if !ok {
				return ledger.Day{}, c.wrong("sheet.not_a_date")
			}
			return ledger.ParseDay(text)
		}
		return ledger.ParseDay(dropTime(c.Text))
	default:
	}
	return ledger.Day{}, c.wrong("sheet.not_a_date")
}

// dropTime takes the time of day off a written date: 2021/3/5 10:30.
func dropTime(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " T\t"); i > 0 {
		rest := strings.TrimSpace(s[i+1:])
		if strings.Count(rest, ":") > 0 && strings.Trim(rest, "0123456789:.Z+") == "" {
			return s[:i]
		}
	}
	return s
}

// serialText gives the date of a serial number as 2021-03-05. The 1900 system counts a 29 February 1900
// that never was: its number 60 is no date.
func serialText(serial int64, date1904 bool) (string, bool) {
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		if serial < 0 {
			return "", false
		}
	case serial < 1 || serial == 60:
		return "", false
	case serial < 60:
		start = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	if serial > 2_958_465 {
		return "", false
	}
	return start.AddDate(0, 0, int(serial)).Format("2006-01-02"), true
}

// Shown is the cell as its format shows it, for messages.
func (c Cell) Shown() string {
	if c.Kind == KindNumber || c.Kind == KindError && c.format != nil {
		if d, err := fifteenDecimal(c.Stored); err == nil {
			return c.format.shown(d)
		}
		return c.Stored
	}
	return c.Text
}

// Decimals is how many decimals the cell shows: those of its format, else those of the number itself.
func (c Cell) Decimals() int32 {
	if c.format != nil && c.format.decimals >= 0 && !c.format.noDigits && c.Kind == KindNumber {
		n := int32(c.format.decimals) //nolint:gosec // a format has at most as many decimals as characters
		if c.PercentFormat {
			n += 2
		}
		return n
	}
	d, err := c.Number()
	if err != nil {
		return 0
	}
	return max(0, -d.Exponent())
}

// plainNumber reads digits with commas in their places, a sign and decimals; full width counts. It is
// the rule that ledger has for numbers, without a limit of decimals.
func plainNumber(s string) (decimal.Decimal, bool) {
	if len(s) > 64 || s == "" {
		return decimal.Decimal{}, false
	}
	t := ledger.Fold(s)
	if t == "" || t[0] != '+' && t[0] != '-' && (t[0] < '0' || t[0] > '9') {
		return decimal.Decimal{}, false
	}
	return parsePlain(t)
}

func parsePlain(t string) (decimal.Decimal, bool) {
	whole, decimals, dot := strings.Cut(strings.TrimLeft(t, "+-"), ".")
	if len(t)-len(strings.TrimLeft(t, "+-")) > 1 || whole == "" || dot && decimals == "" || !onlyDigits(decimals) {
		return decimal.Decimal{}, false
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if g == "" || !onlyDigits(g) || len(groups) > 1 && (len(g) > 3 || i > 0 && len(g) != 3) {
			return decimal.Decimal{}, false
		}
	}
	d, err := decimal.NewFromString(strings.ReplaceAll(strings.TrimPrefix(t, "+"), ",", ""))
	return d, err == nil
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func fifteenDecimal(stored string) (decimal.Decimal, error) {
	digits, reason := fifteen(stored)
	if reason != "" {
		return decimal.Decimal{}, ledger.E(ledger.Invalid, reason, firstRunes(stored, 40))
	}
	d, err := decimal.NewFromString(digits)
	if err != nil {
		return decimal.Decimal{}, ledger.E(ledger.Invalid, "sheet.not_a_number", firstRunes(stored, 40)).Because(err)
	}
	return d, nil
}
