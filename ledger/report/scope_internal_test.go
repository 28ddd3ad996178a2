package report

import (
	"errors"
	"testing"

	"mingzhang/ledger"
)

// A scope that nobody made reads nothing and says so: no report of zeros. No database is asked.
func TestSummary_UnmadeScope(t *testing.T) {
	t.Parallel()
	from, err := ledger.NewDay(2021, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.E(ledger.Internal, "scope.unmade")
	for _, to := range []ledger.Day{from, from.AddMonths(6)} { // part of a month, and whole months
		s := new(Summary)
		if err := s.Trades.read(t.Context(), nil, ledger.Scope{}, Period{from, to}, 1, true); !errors.Is(err, want) {
			t.Errorf("trades to %s: %v, want %v", to, err, want)
		}
		if err := s.readLand(t.Context(), nil, ledger.Scope{}, Period{from, to}, 1); !errors.Is(err, want) {
			t.Errorf("land to %s: %v, want %v", to, err, want)
		}
	}
}

// Each day of a period is read once: in a whole month or in a part of one.
func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, to, months, edges string }{
		{"2021-01-01", "2021-06-30", "2021-01-01 2021-06-30", ""},
		{"2021-01-02", "2021-06-30", "2021-02-01 2021-06-30", "2021-01-02 2021-01-31"},
		{"2021-01-01", "2021-06-29", "2021-01-01 2021-05-31", "2021-06-01 2021-06-29"},
		{"2020-12-31", "2021-03-01", "2021-01-01 2021-02-28", "2020-12-31 2020-12-31 2021-03-01 2021-03-01"},
		{"2021-01-02", "2021-01-30", "", "2021-01-02 2021-01-30"},
		{"2021-01-31", "2021-02-01", "", "2021-01-31 2021-02-01"},
		{"2020-02-01", "2020-02-28", "", "2020-02-01 2020-02-28"},
		{"2020-02-01", "2020-02-29", "2020-02-01 2020-02-29", ""},
		{"2021-05-05", "2021-05-05", "", "2021-05-05 2021-05-05"},
	} {
		from, err := ledger.ParseDay(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := ledger.ParseDay(tt.to)
		if err != nil {
			t.Fatal(err)
		}
		months, edges := split(Period{from, to})
		got := [2]string{}
		if months != nil {
			got[0] = months.From.String() + " " + months.To.String()
		}
		for _, e := range edges {
			if got[1] != "" {
				got[1] += " "
			}
			got[1] += e.From.String() + " " + e.To.String()
		}
		if got != [2]string{tt.months, tt.edges} {
			t.Errorf("%s to %s: months %q, edges %q; want %q, %q", tt.from, tt.to, got[0], got[1], tt.months, tt.edges)
		}
	}
}
