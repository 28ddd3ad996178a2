package ledger

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Day is a civil date, as a paper bears it. It has no time and no zone. The zero value is no date.
type Day struct {
	year       int16
	month, day uint8
}

// The years that a paper of the field can bear; anything else is a slip.
const (
	yearFirst = 1900
	yearLast  = 2199
)

// NewDay makes a date; a day that the calendar does not have is refused.
func NewDay(year, month, day int) (Day, error) {
	if year < yearFirst || year > yearLast || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Day{}, E(Invalid, "day.impossible", fmt.Sprintf("%d-%d-%d", year, month, day))
	}
	return Day{int16(year), uint8(month), uint8(day)}, nil
}

// DayOf is the civil date of an instant in its own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{int16(y), uint8(m), uint8(d)}
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// ParseDay reads 2021-3-5, 2021/3/5, 2021.3.5, 20210305 and 2021年3月5日; a midnight that a spreadsheet
// added (2021-03-05 00:00:00) is dropped.
func ParseDay(s string) (Day, error) {
	text := strings.TrimSpace(s)
	for _, midnight := range []string{" 00:00:00", " 0:00:00", " 00:00", " 0:00", "T00:00:00"} {
		text = strings.TrimSuffix(text, midnight)
	}
	if blankInside(text, "") { // 2021-3-1 and 5 are not 2021-3-15
		return Day{}, E(Invalid, "day.unreadable", clip(s))
	}
	text = Fold(text)
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("-/.年月日号", r) })
	if allDigits(text) && len(text) == 8 {
		parts = []string{text[:4], text[4:6], text[6:]}
	} else if !wellSeparated(text) {
		return Day{}, E(Invalid, "day.unreadable", clip(s))
	}
	if len(parts) != 3 || len(parts[0]) != 4 || len(parts[1]) > 2 || len(parts[2]) > 2 {
		return Day{}, E(Invalid, "day.unreadable", clip(s))
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || !allDigits(p) {
			return Day{}, E(Invalid, "day.unreadable", clip(s))
		}
		n[i] = v
	}
	d, err := NewDay(n[0], n[1], n[2])
	if err != nil {
		return Day{}, E(Invalid, "day.impossible", clip(s))
	}
	return d, nil
}

// wellSeparated holds for one kind of separator, used twice, or 年月日.
func wellSeparated(s string) bool {
	for _, sep := range []string{"-", "/", "."} {
		if strings.Count(s, sep) == 2 {
			return !strings.ContainsAny(s, strings.ReplaceAll("-/.", sep, "")+"年月日号")
		}
	}
	y, m := strings.Index(s, "年"), strings.Index(s, "月")
	return y > 0 && m > y && strings.Count(s, "年") == 1 && strings.Count(s, "月") == 1 &&
		!strings.ContainsAny(s, "-/.") && strings.Count(s, "日")+strings.Count(s, "号") <= 1 &&
		(!strings.ContainsAny(s, "日号") || strings.HasSuffix(s, "日") || strings.HasSuffix(s, "号"))
}

// IsZero tells whether there is no date.
func (d Day) IsZero() bool { return d == Day{} }

// Compare is -1, 0 or 1.
func (d Day) Compare(o Day) int {
	return cmp.Compare(d.number(), o.number())
}

func (d Day) number() int { return int(d.year)*10000 + int(d.month)*100 + int(d.day) }

// Before tells whether d is earlier than o.
func (d Day) Before(o Day) bool { return d.number() < o.number() }

// After tells whether d is later than o.
func (d Day) After(o Day) bool { return d.number() > o.number() }

// Year is the year.
func (d Day) Year() int { return int(d.year) }

// Month is the month as 202103, the grain of sums.
func (d Day) Month() int { return int(d.year)*100 + int(d.month) }

// DayOfMonth is 1 to 31.
func (d Day) DayOfMonth() int { return int(d.day) }

func (d Day) time() time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.day), 0, 0, 0, 0, time.UTC)
}

// AddDays moves by whole days.
func (d Day) AddDays(n int) Day { return DayOf(d.time().AddDate(0, 0, n)) }

// AddMonths moves by calendar months; a day that the month lacks becomes its last (31 January + 1 = 28 February).
func (d Day) AddMonths(n int) Day {
	months := int(d.year)*12 + int(d.month) - 1 + n
	year, month := months/12, months%12+1
	return Day{int16(year), uint8(month), uint8(min(int(d.day), daysIn(year, month)))}
}

// DaysSince counts the days from o to d.
func (d Day) DaysSince(o Day) int { return int(d.time().Sub(o.time()) / (24 * time.Hour)) }

// LastOfMonth is the last day of d's month.
func (d Day) LastOfMonth() Day {
	return Day{d.year, d.month, uint8(daysIn(int(d.year), int(d.month)))}
}

// FirstOfMonth is the first day of d's month.
func (d Day) FirstOfMonth() Day { return Day{d.year, d.month, 1} }

// String prints 2021-03-05; no date is empty.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// ZH prints 2021年3月5日.
func (d Day) ZH() string { return fmt.Sprintf("%d年%d月%d日", d.year, d.month, d.day) }

// MarshalText prints the date.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date in any of ParseDay's forms.
func (d *Day) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDay(string(b))
	return err
}

// Value sends the date to the database as text.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, fmt.Errorf("ledger: no date given where one is needed")
	}
	return d.String(), nil
}

// Scan reads a date column; NULL is an error: a column that may be NULL is read into a *Day.
func (d *Day) Scan(src any) (err error) {
	switch v := src.(type) {
	case time.Time:
		*d = DayOf(v)
	case []byte:
		*d, err = ParseDay(string(v))
	case string:
		*d, err = ParseDay(v)
	default:
		err = fmt.Errorf("ledger: cannot read %T as a date", src)
	}
	return err
}
