package price_test

import (
	"errors"
	"fmt"
	"testing"

	"mingzhang/auction/price"
	"mingzhang/ledger"
)

func TestParseEscalation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // every, from, percent, amount, steps
		"每3年递增5%":              "3 4 5 0.0000 []",
		"每三年递增百分之五":            "3 4 5 0.0000 []",
		"每年递增3%":               "1 2 3 0.0000 []",
		"逐年递增2.5%":             "1 2 2.5 0.0000 []",
		"年递增７％":                "1 2 7 0.0000 []",
		"租金每5年上浮10%":           "5 6 10 0.0000 []",
		"每5年递增一次,每次递增5%":       "5 6 5 0.0000 []",
		"每三年在上一年基础上递增5%":       "3 4 5 0.0000 []",
		"第3年起每年递增2%":           "1 3 2 0.0000 []",
		"从第六年起,每5年递增5%":        "5 6 5 0.0000 []",
		"前两年不递增，之后每年递增3%":      "1 3 3 0.0000 []",
		"每5年增加100元":            "5 6 0 100.0000 []",
		"前4年47元，之后每2年递增5%":     "2 5 5 0.0000 [{4 47.0000}]",
		"前4年47元,第5年起每2年递增5%":   "2 5 5 0.0000 [{4 47.0000}]",
		"前4年47元":               "0 0 0 0.0000 [{4 47.0000}]",
		"前4年47元,后6年50.5元":      "0 0 0 0.0000 [{4 47.0000} {6 50.5000}]",
		"第1-5年100元;第6-10年120元": "0 0 0 0.0000 [{5 100.0000} {5 120.0000}]",
		"5% every 3 years":     "3 4 5 0.0000 []",
		"+3% per year":         "1 2 3 0.0000 []",
		"不递增":                  "0 0 0 0.0000 []",
		"无":                    "0 0 0 0.0000 []",
		"":                     "0 0 0 0.0000 []",
	} {
		e := price.ParseEscalation(text)
		got := fmt.Sprintf("%d %d %s %s %v", e.Every, e.From, e.Percent, e.Amount, e.Steps)
		if !e.Understood || e.Text != text || got != want {
			t.Errorf("ParseEscalation(%q) = %t %s, want %s", text, e.Understood, got, want)
		}
	}
	for _, text := range []string{
		"按市场价每5年调整", "每3年递增5%-8%", "每0年递增5%", "每5年每亩增加100元", "每隔一段时间递增5%", "递增5%", "每3年递增", "每3年递减5%",
		"按首年租金的5%逐年递增", "第6-10年120元", "前4年47元,第8年起每2年递增5%", "第0年起每年递增2%", "每年递增0%", "面议",
	} {
		if e := price.ParseEscalation(text); e.Understood || e.Text != text || e.Every != 0 || e.Steps != nil {
			t.Errorf("ParseEscalation(%q) = %+v, want only the text", text, e)
		}
	}
}

func TestParseRentFree(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]price.RentFree{
		"3个月": {Months: 3}, "90天": {Days: 90}, "半年": {Months: 6}, "无": {}, "": {}, "—": {}, "前3个月": {Months: 3}, "免租期三个月": {Months: 3},
		"前3个月免租": {Months: 3}, "最后1个月": {Months: 1, AtEnd: true}, "免租期:6个月": {Months: 6}, "3 months": {Months: 3}, "0": {},
	} {
		want.Text, want.Understood = text, true
		if got := price.ParseRentFree(text); got != want {
			t.Errorf("ParseRentFree(%q) = %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"见附件", "每年1个月", "3", "2021年7月", "三个月或四个月"} {
		if got := price.ParseRentFree(text); got != (price.RentFree{Text: text}) {
			t.Errorf("ParseRentFree(%q) = %+v, want only the text", text, got)
		}
	}
}

// terms of 怀集: 653 mu at 204 a year for 25 years.
func huaiji(tb testing.TB) price.Terms {
	tb.Helper()
	return price.Terms{
		Lines: lines(line(tb, "653亩", "204", "元/亩·年")), Term: term(tb, "25年"),
		RentFree: price.ParseRentFree(""), Escalation: price.ParseEscalation("每5年递增5%"),
	}
}

func TestEscalated(t *testing.T) {
	t.Parallel()
	yearly := func(years, free, rise string) price.Terms {
		return price.Terms{
			Lines: lines(line(t, "", "1200", "元/年")), Term: term(t, years),
			RentFree: price.ParseRentFree(free), Escalation: price.ParseEscalation(rise),
		}
	}
	daily := yearly("", "10天", "")
	daily.Lines, daily.From, daily.To = lines(line(t, "", "2", "元/日")), day(t, "2024-01-01"), day(t, "2024-02-29")
	dailyMonths := daily
	dailyMonths.RentFree = price.ParseRentFree("1个月")
	dailyEnd := daily
	dailyEnd.RentFree, dailyEnd.Escalation = price.ParseRentFree("最后10天"), price.ParseEscalation("每年递增3%")
	dailyYears := dailyEnd
	dailyYears.From, dailyYears.To, dailyYears.Escalation = day(t, "2023-01-01"), day(t, "2024-12-31"), price.ParseEscalation("每年递增50%")
	sale := yearly("", "", "")
	sale.Lines = lines(line(t, "", "5", "万元(总价)"))
	total := yearly("2年", "3个月", "每年递增10%")
	total.Lines = lines(line(t, "", "5", "万元(总价)"))
	for _, tt := range []struct {
		name                 string
		terms                price.Terms
		flat, net, escalated string
	}{
		// 133,212 × 5 × (1 + 1.05 + 1.1025 + 1.157625 + 1.21550625) = 666,060 × 5.52563125
		{"怀集", huaiji(t), "3330300.00", "3330300.00", "3680401.95"},
		{"rent-free at the start", yearly("2年", "3个月", "每年递增10%"), "2400.00", "2100.00", "2220.00"},       // 900 + 1320
		{"rent-free at the end", yearly("2年", "最后3个月", "每年递增10%"), "2400.00", "2100.00", "2190.00"},       // 1200 + 990
		{"rent-free over a year", yearly("3年", "18个月", "每年递增10%"), "3600.00", "1800.00", "2112.00"},       // 660 + 1452
		{"from year three", yearly("4年", "", "第3年起每年递增10%"), "4800.00", "4800.00", "5172.00"},             // 1200 1200 1320 1452
		{"a fixed amount", yearly("5年", "", "每2年增加100元"), "6000.00", "6000.00", "6400.00"},                // 1200² 1300² 1400
		{"stepped", yearly("6年", "", "前2年1000元,后2年1100元"), "7200.00", "7200.00", "6400.00"},               // 1000² 1100⁴
		{"stepped, then rising", yearly("6年", "", "前4年1000元,之后每2年递增5%"), "7200.00", "7200.00", "6100.00"}, // 1000⁴ 1050²
		{"a broken last year", yearly("31个月", "", "每年递增10%"), "3100.00", "3100.00", "3367.00"},            // 1200 1320 847 (7 of 12 of 1452)
		{"by the day", daily, "120.00", "100.00", "100.00"},
		{"by the day, months free", dailyMonths, "120.00", "58.00", "58.00"}, // January's 31 days
		{"by the day, free at the end", dailyEnd, "120.00", "100.00", "100.00"},
		{"by the day, the end in a dearer year", dailyYears, "1462.00", "1442.00", "1798.00"}, // 365 × 2 + 356 × 3
		{"a sale has no term", sale, "50000.00", "50000.00", "50000.00"},
		{"a total stays", total, "50000.00", "50000.00", "50000.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for convention, want := range map[price.Convention]string{
				price.ByFlat: tt.flat, price.ByFlatNet: tt.net, price.ByEscalated: tt.escalated,
			} {
				if got, err := tt.terms.Total(convention); err != nil || got.String() != want {
					t.Errorf("%s = %s, %v, want %s", convention, got, err, want)
				}
			}
		})
	}
}

func TestEscalated_Refused(t *testing.T) {
	t.Parallel()
	change := func(f func(*price.Terms)) price.Terms {
		terms := huaiji(t)
		f(&terms)
		return terms
	}
	for _, tt := range []struct {
		name  string
		terms price.Terms
		want  string
	}{
		{"escalation is only text", change(func(x *price.Terms) { x.Escalation = price.ParseEscalation("随行就市") }), "price.escalation_unread"},
		{"rent-free is only text", change(func(x *price.Terms) { x.RentFree = price.ParseRentFree("见附件") }), "price.rent_free_unread"},
		{"rent-free in days", change(func(x *price.Terms) { x.RentFree = price.ParseRentFree("90天") }), "price.rent_free_in_days"},
		{"rent-free beyond the term", change(func(x *price.Terms) { x.RentFree = price.ParseRentFree("301个月") }), "price.rent_free_too_long"},
		{"steps for two lines", change(func(x *price.Terms) {
			x.Escalation = price.ParseEscalation("前4年47元")
			x.Lines = append(x.Lines, x.Lines[0])
		}), "price.steps_need_one_line"},
		{"no lines", change(func(x *price.Terms) { x.Lines = nil }), "price.no_lines"},
	} {
		if got, err := price.Escalated(tt.terms); !errors.Is(err, ledger.E(ledger.Invalid, tt.want)) {
			t.Errorf("%s: Escalated = %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
	if _, err := huaiji(t).Total("other"); !errors.Is(err, ledger.E(ledger.Invalid, "price.convention_unknown")) {
		t.Errorf("an unknown convention gives %v", err)
	}
	if _, err := price.Schedule(huaiji(t)); !errors.Is(err, ledger.E(ledger.Invalid, "price.dates_unknown")) {
		t.Errorf("a schedule without dates gives %v", err)
	}
	unread := change(func(x *price.Terms) { x.Escalation = price.ParseEscalation("随行就市") })
	if got, err := unread.Total(price.ByFlat); err != nil || got.String() != "3330300.00" {
		t.Errorf("flat needs no escalation: %s, %v", got, err)
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	terms := price.Terms{
		Lines: lines(line(t, "", "100", "元/年")), Term: term(t, "2年7个月"), From: day(t, "2024-02-29"),
		RentFree: price.ParseRentFree("1个月"), Escalation: price.ParseEscalation("每年递增1%"),
	}
	got, err := price.Schedule(terms)
	if err != nil {
		t.Fatal(err)
	}
	// 91.666… ; 101 → 192.666… ; 7/12 of 102.01 = 59.505833… → 252.1725
	want := "[{2024-02-29 2025-02-28 91.67} {2025-03-01 2026-02-28 101.00} {2026-03-01 2026-09-28 59.50}]"
	if fmt.Sprint(got) != want {
		t.Fatalf("Schedule = %v\nwant       %s", got, want)
	}
	total, err := price.Escalated(terms)
	if err != nil || total.String() != "252.17" {
		t.Fatalf("Escalated = %s, %v, want 252.17, the sum of the schedule", total, err)
	}
}

func TestMatchConvention(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		claim string
		unit  ledger.MoneyUnit
		want  string
	}{
		{"3,330,300", ledger.Yuan, "[{flat 3330300.00 false} {flat_net 3330300.00 false}]"},
		{"3,680,402", ledger.Yuan, "[{escalated 3680401.95 false}]"},
		{"3,680,401", ledger.Yuan, "[{escalated 3680401.95 true}]"},
		{"3,680,403", ledger.Yuan, "[]"},
		{"3,680,400", ledger.Yuan, "[]"},
		{"368.04", ledger.WanYuan, "[{escalated 3680401.95 false}]"},
		{"368万余元", ledger.Yuan, "[{escalated 3680401.95 false}]"},
		{"约368万元", ledger.Yuan, "[{escalated 3680401.95 false}]"},
		{"3680401.95", ledger.Yuan, "[{escalated 3680401.95 false}]"},
		{"3680401.94", ledger.Yuan, "[]"},
	} {
		claim, err := price.ParseClaim(tt.claim, tt.unit)
		if err != nil {
			t.Errorf("ParseClaim(%q): %v", tt.claim, err)
			continue
		}
		if got := fmt.Sprint(price.MatchConvention(claim, huaiji(t))); got != tt.want {
			t.Errorf("%s matches %s, want %s (step %s)", tt.claim, got, tt.want, claim.Step)
		}
	}
	for text, step := range map[string]string{
		"1234元": "1.00", "1234.5元": "0.10", "264.65万元": "100.00", "3亿2000万": "10000.00", "3亿": "100000000.00", "1,234.56": "0.01", "331万余": "10000.00",
	} {
		if c, err := price.ParseClaim(text, ledger.Yuan); err != nil || c.Step.String() != step {
			t.Errorf("%s is printed to %s, %v, want %s", text, c.Step, err, step)
		}
	}
	for _, c := range price.Conventions() {
		if c.Name().ZH == "" || c.Name().EN == "" {
			t.Errorf("%s has no name", c)
		}
	}
}
