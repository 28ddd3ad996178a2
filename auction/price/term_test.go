package price_test

import (
	"errors"
	"strings"
	"testing"

	"mingzhang/auction/price"
	"mingzhang/ledger"
)

func TestParseTerm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]price.Term{
		"2年7个月": {Months: 31}, "5年": {Months: 60}, "60个月": {Months: 60}, "60月": {Months: 60}, "3 years": {Months: 36}, "1 year": {Months: 12},
		"31 months": {Months: 31}, "半年": {Months: 6}, "1年半": {Months: 18}, "一年半": {Months: 18}, "两年半": {Months: 30}, "十年": {Months: 120},
		"三年": {Months: 36}, "二十年": {Months: 240}, "十五年": {Months: 180}, "三十年整": {Months: 360}, "伍年": {Months: 60}, "壹拾年": {Months: 120},
		"2.5年": {Months: 30}, "0.5年": {Months: 6}, "180天": {Days: 180}, "90日": {Days: 90}, "三个月": {Months: 3}, "十二个月": {Months: 12},
		"５年": {Months: 60}, "2年零3个月": {Months: 27}, "2 years and 7 months": {Months: 31}, "2 years, 7 months": {Months: 31}, "5年期": {Months: 60},
		"2年10个月15天": {Months: 34, Days: 15}, "1年半年": {Months: 18}, "100年": {Months: 1200}, "2.25年": {Months: 27}, "10周年": {Months: 120},
		"一百零五天": {Days: 105}, "1个半年": {},
	} {
		got, err := price.ParseTerm(text)
		if want.IsZero() {
			if err == nil {
				t.Errorf("ParseTerm(%q) = %v, want it refused", text, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("ParseTerm(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseTerm_Refused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"": "term.unreadable", "长期": "term.unreadable", "年": "term.unreadable", "-5年": "term.unreadable", "5年5年": "term.unreadable",
		"7个月2年": "term.unreadable", "2半年": "term.unreadable", "十半年": "term.unreadable", "三个半年": "term.unreadable", "1.5年半": "term.unreadable",
		"一二三年": "term.unreadable", "一百五年": "term.unreadable", "十十年": "term.unreadable", "0年": "term.unreadable", "1e2年": "term.unreadable",
		"2021年7月": "term.too_long", "101年": "term.too_long", "1201个月": "term.too_long", "99999天": "term.too_long",
		"2.58年": "term.not_whole_months", "1.5个月": "term.not_whole_months", "一个半月": "term.not_whole_months", "0.5天": "term.not_whole_months",
		"5": "term.unit_unknown", "五": "term.unit_unknown", "2.5": "term.unit_unknown",
		strings.Repeat("一", 100) + "年": "term.unreadable", "\x00": "term.unreadable", "约5年": "term.unreadable",
	} {
		if got, err := price.ParseTerm(text); !errors.Is(err, ledger.E(ledger.Invalid, reason)) {
			t.Errorf("ParseTerm(%q) = %v, %v, want %s", text, got, err, reason)
		}
	}
}

func TestParseTermIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, unit string
		want       price.Term
	}{
		{"5", "年", price.Term{Months: 60}},
		{"2.5", "年", price.Term{Months: 30}},
		{"五", "年", price.Term{Months: 60}},
		{"60", "月", price.Term{Months: 60}},
		{"60", "个月", price.Term{Months: 60}},
		{"5", "years", price.Term{Months: 60}},
		{"90", "天", price.Term{Days: 90}},
		{"3个月", "年", price.Term{Months: 3}}, // the cell's own unit wins over the header's
	} {
		if got, err := price.ParseTermIn(tt.text, tt.unit); err != nil || got != tt.want {
			t.Errorf("ParseTermIn(%q, %q) = %v, %v, want %v", tt.text, tt.unit, got, err, tt.want)
		}
	}
	for _, unitText := range []string{"", "亩", "年年", "0年", "半年", "个"} {
		if got, err := price.ParseTermIn("5", unitText); !errors.Is(err, ledger.E(ledger.Invalid, "term.unit_unknown")) {
			t.Errorf("ParseTermIn(5, %q) = %v, %v, want term.unit_unknown", unitText, got, err)
		}
	}
}

func TestTermBetween(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		want     price.Term
	}{
		{"2021-01-01", "2021-12-31", price.Term{Months: 12}},
		{"2021-03-05", "2023-10-04", price.Term{Months: 31}},
		{"2021-03-05", "2023-10-03", price.Term{Months: 30, Days: 29}},
		{"2021-03-05", "2023-10-05", price.Term{Months: 31, Days: 1}},
		{"2026-03-01", "2028-12-30", price.Term{Months: 33, Days: 30}}, // 王湖, called 3 years
		{"2017-09-12", "2020-07-31", price.Term{Months: 34, Days: 20}}, // 三门, counted as 3 years
		{"2021-01-31", "2021-02-28", price.Term{Months: 1}},            // no 31 February: the month ends on its last day
		{"2021-01-31", "2021-02-27", price.Term{Days: 28}},
		{"2021-01-31", "2021-03-30", price.Term{Months: 2}},
		{"2024-02-29", "2025-02-28", price.Term{Months: 12}},
		{"2024-02-29", "2028-02-28", price.Term{Months: 48}},
		{"2021-05-05", "2021-05-05", price.Term{Days: 1}},
		{"2021-02-01", "2021-02-28", price.Term{Months: 1}},
	} {
		got, err := price.TermBetween(*day(t, tt.from), *day(t, tt.to))
		if err != nil || got != tt.want {
			t.Errorf("TermBetween(%s, %s) = %v, %v, want %v", tt.from, tt.to, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ from, to, want string }{
		{"2021-01-02", "2021-01-01", "term.ends_before_start"},
		{"1950-01-01", "2050-12-31", "term.too_long"},
	} {
		if got, err := price.TermBetween(*day(t, tt.from), *day(t, tt.to)); !errors.Is(err, ledger.E(ledger.Invalid, tt.want)) {
			t.Errorf("TermBetween(%s, %s) = %v, %v, want %s", tt.from, tt.to, got, err, tt.want)
		}
	}
	if _, err := price.TermBetween(ledger.Day{}, *day(t, "2021-01-01")); err == nil {
		t.Error("a term from no date was reckoned")
	}
}

func TestTerm_Names(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		term     price.Term
		code     string
		zh, en   string
		readable bool
	}{
		{price.Term{Months: 31}, "P31M", "2年7个月", "2 years 7 months", true},
		{price.Term{Months: 12}, "P12M", "1年", "1 year", true},
		{price.Term{Months: 1}, "P1M", "1个月", "1 month", true},
		{price.Term{Days: 180}, "P180D", "180天", "180 days", true},
		{price.Term{Months: 33, Days: 30}, "P33M30D", "2年9个月30天", "2 years 9 months 30 days", true},
		{price.Term{}, "", "", "", false},
	} {
		name := tt.term.Name()
		if tt.term.String() != tt.code || name.ZH != tt.zh || name.EN != tt.en {
			t.Errorf("%v = %q %q %q, want %q %q %q", tt.term.Months, tt.term.String(), name.ZH, name.EN, tt.code, tt.zh, tt.en)
		}
		for _, text := range []string{name.ZH, name.EN} {
			if back, err := price.ParseTerm(text); tt.readable && (err != nil || back != tt.term) {
				t.Errorf("%q reads back as %v, %v", text, back, err)
			}
		}
	}
}
