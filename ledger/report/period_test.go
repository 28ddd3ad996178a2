package report_test

import (
	"fmt"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	show := func(p report.Period) string { return fmt.Sprint(p.From, " ", p.To) }
	for _, tt := range []struct{ day, half, before, year, lastYear string }{
		{"2021-01-01", "2021-01-01 2021-06-30", "2020-07-01 2020-12-31", "2021-01-01 2021-12-31", "2020-01-01 2020-12-31"},
		{"2021-06-30", "2021-01-01 2021-06-30", "2020-07-01 2020-12-31", "2021-01-01 2021-12-31", "2020-01-01 2020-12-31"},
		{"2021-07-01", "2021-07-01 2021-12-31", "2021-01-01 2021-06-30", "2021-01-01 2021-12-31", "2020-01-01 2020-12-31"},
		{"2024-12-31", "2024-07-01 2024-12-31", "2024-01-01 2024-06-30", "2024-01-01 2024-12-31", "2023-01-01 2023-12-31"},
	} {
		d := day(t, tt.day)
		half, year := report.HalfYearOf(d), report.YearOf(d)
		if got := []string{show(half), show(half.Before()), show(year), show(year.Before())}; fmt.Sprint(got) != fmt.Sprint([]string{tt.half, tt.before, tt.year, tt.lastYear}) {
			t.Errorf("%s: %q, want %q", tt.day, got, tt)
		}
	}
}

// What a report says of itself holds: the sum that it writes out is right.
func TestSummary_Explain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	texts := b.summary(t, b.village(t, ledger.DemoBook), "2021-01-01", "2021-06-30", 0).Explain()
	if len(texts) != 6 {
		t.Fatalf("%d sentences, want 6: %q", len(texts), texts)
	}
	if got, want := texts[2].ZH, "溢价 = 合同总标的 − 底价合同总额：4,962.50 − 4,160.00 = 802.50 元。"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := texts[3].EN, "= 19.29%"; !strings.Contains(got, want) {
		t.Errorf("%q has no %q", got, want)
	}
}
