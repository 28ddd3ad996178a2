package ledger_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mingzhang/ledger"
)

func TestParseDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2021-3-5": "2021-03-05", "2021-03-05": "2021-03-05", "2021/3/5": "2021-03-05", "2021.3.5": "2021-03-05", "20210305": "2021-03-05", "2021年3月5日": "2021-03-05",
		"2021年3月5号": "2021-03-05", "2021年3月5": "2021-03-05", "２０２１－３－５": "2021-03-05", "2021 年 3 月 5 日": "2021-03-05", " 2021-3-5 ": "2021-03-05", "2021. 3. 5": "2021-03-05",
		"2021-03-05 00:00:00": "2021-03-05", "2021-03-05T00:00:00": "2021-03-05", "2021/3/5 0:00": "2021-03-05", "20210305 00:00:00": "2021-03-05",
		"2020-2-29": "2020-02-29", "2000-2-29": "2000-02-29", "2021-12-31": "2021-12-31", "1900-1-1": "1900-01-01", "2199-12-31": "2199-12-31",
	} {
		if d, err := ledger.ParseDay(text); err != nil || d.String() != want {
			t.Errorf("ParseDay(%q) = %s, %v, want %s", text, d, err, want)
		}
	}
	for text, reason := range map[string]string{
		"2021-2-29": "day.impossible", "2021-13-1": "day.impossible", "2021-0-1": "day.impossible", "2021-1-0": "day.impossible", "2021-4-31": "day.impossible",
		"1900-2-29": "day.impossible", "2100-2-29": "day.impossible", "1899-12-31": "day.impossible", "2200-1-1": "day.impossible", "20210229": "day.impossible",
		"2021年2月30日": "day.impossible", "00000000": "day.impossible",
		"": "day.unreadable", "-": "day.unreadable", "2021": "day.unreadable", "2021-3": "day.unreadable", "2021年3月": "day.unreadable", "3-5-2021": "day.unreadable",
		"21-3-5": "day.unreadable", "2021-3/5": "day.unreadable", "2021.3-5": "day.unreadable", "2021-3-5-": "day.unreadable", "-2021-3": "day.unreadable", "2021--5": "day.unreadable",
		"2021-003-5": "day.unreadable", "2021-3-5 08:30": "day.unreadable", "44260": "day.unreadable", "2021-3-1 5": "day.unreadable", "2021 0305": "day.unreadable",
		"2021-3-x": "day.unreadable", "2021-+3-5": "day.unreadable", "2021年3日5月": "day.unreadable", "2021年3月5日号": "day.unreadable", "3月5日": "day.unreadable", "Mar 5 2021": "day.unreadable",
	} {
		if d, err := ledger.ParseDay(text); !errors.Is(err, ledger.E(ledger.Invalid, reason)) || !d.IsZero() {
			t.Errorf("ParseDay(%q) = %s, %v, want %s", text, d, err, reason)
		}
	}
}

func dated(tb testing.TB, s string) ledger.Day {
	tb.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestDay_AddMonths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from   string
		months int
		want   string
	}{
		{"2021-01-31", 1, "2021-02-28"}, {"2020-01-31", 1, "2020-02-29"}, {"2021-01-31", 2, "2021-03-31"}, {"2021-03-31", -1, "2021-02-28"}, {"2020-02-29", 12, "2021-02-28"},
		{"2020-02-29", 48, "2024-02-29"}, {"2021-12-15", 1, "2022-01-15"}, {"2021-01-15", -1, "2020-12-15"}, {"2021-05-31", 0, "2021-05-31"}, {"2021-06-30", 6, "2021-12-30"},
	} {
		if got := dated(t, tt.from).AddMonths(tt.months); got.String() != tt.want {
			t.Errorf("%s + %d months = %s, want %s", tt.from, tt.months, got, tt.want)
		}
	}
}

func TestDay_Parts(t *testing.T) {
	t.Parallel()
	d := dated(t, "2024-02-05")
	if d.Year() != 2024 || d.Month() != 202402 || d.DayOfMonth() != 5 || d.ZH() != "2024年2月5日" {
		t.Errorf("%s = %d %d %d %s", d, d.Year(), d.Month(), d.DayOfMonth(), d.ZH())
	}
	if d.FirstOfMonth().String() != "2024-02-01" || d.LastOfMonth().String() != "2024-02-29" || d.AddDays(25).String() != "2024-03-01" || d.AddDays(-36).String() != "2023-12-31" {
		t.Errorf("%s: first %s, last %s", d, d.FirstOfMonth(), d.LastOfMonth())
	}
	zone := time.FixedZone("UTC+8", 8*3600)
	if got := ledger.DayOf(time.Date(2021, 6, 30, 23, 59, 0, 0, zone)); got.String() != "2021-06-30" {
		t.Errorf("one minute to midnight in its own zone = %s", got)
	}
}

func TestDay_Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 109_000).Draw(t, "day"))
		d := ledger.DayOf(at)
		for _, layout := range []string{"2006-01-02", "2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日"} {
			if got, err := ledger.ParseDay(at.Format(layout)); err != nil || got != d {
				t.Fatalf("ParseDay(%q) = %s, %v, want %s", at.Format(layout), got, err, d)
			}
		}
		n := rapid.IntRange(-300, 300).Draw(t, "by")
		moved := d.AddDays(n)
		if moved.DaysSince(d) != n || moved.Compare(d) != sign(n) || moved.Before(d) != (n < 0) || moved.After(d) != (n > 0) {
			t.Fatalf("%s moved by %d is %s", d, n, moved)
		}
		if by := d.AddMonths(n); (by.Year()-d.Year())*12+by.Month()%100-d.Month()%100 != n || by.DayOfMonth() > d.DayOfMonth() ||
			by.DayOfMonth() < d.DayOfMonth() && by != by.LastOfMonth() {
			t.Fatalf("%s moved by %d months is %s", d, n, by)
		}
	})
}

func sign(n int) int { return min(1, max(-1, n)) }

func TestDay_JSONAndDatabase(t *testing.T) {
	t.Parallel()
	d := dated(t, "2021-03-05")
	if out, err := json.Marshal(d); err != nil || string(out) != `"2021-03-05"` {
		t.Errorf("json = %s, %v", out, err)
	}
	var back ledger.Day
	if err := json.Unmarshal([]byte(`"2021-03-05"`), &back); err != nil || back != d {
		t.Errorf("read back %s, %v", back, err)
	}
	for _, bad := range []string{`20210305`, `""`, `"2021-2-29"`, `true`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read as %s", bad, back)
		}
	}
	for _, src := range []any{"2021-03-05", []byte("2021-03-05"), time.Date(2021, 3, 5, 0, 0, 0, 0, time.UTC)} {
		var into ledger.Day
		if err := into.Scan(src); err != nil || into != d {
			t.Errorf("Scan(%v) = %s, %v", src, into, err)
		}
	}
	for _, src := range []any{nil, int64(20210305), "", "2021-02-29", true} {
		var into ledger.Day
		if err := into.Scan(src); err == nil {
			t.Errorf("Scan(%v) was taken as %s", src, into)
		}
	}
	if v, err := d.Value(); err != nil || v != "2021-03-05" {
		t.Errorf("Value = %v, %v", v, err)
	}
	if v, err := (ledger.Day{}).Value(); err == nil {
		t.Errorf("no date went to the database as %v", v)
	}
	if (ledger.Day{}).String() != "" || !(ledger.Day{}).IsZero() {
		t.Error("the zero value is a date")
	}
}
