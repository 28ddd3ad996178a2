package sheet

import (
	"testing"

	"github.com/shopspring/decimal"
)

// runTally adds every row as an importer does: a lot is sold when it has a hammer.
func runTally(t *testing.T, table *Table) (fits, later []Fit, faults Faults) {
	t.Helper()
	tally := NewTally()
	for _, r := range allRows(t, table) {
		if r.Total != NoTotal {
			fit, bad := tally.Compare(r)
			fits = append(fits, fit)
			faults.Add(bad...)
			continue
		}
		values := map[string]decimal.Decimal{}
		for _, key := range []string{"base_total", "hammer_total"} {
			if c := r.Cell(key); !c.Blank() {
				d, err := c.Number()
				if err != nil {
					t.Fatal(err)
				}
				values[key] = d
			}
		}
		tally.Add(values, !r.Cell("hammer_total").Blank())
	}
	later, bad := tally.Finish()
	faults.Add(bad...)
	return fits, later, faults
}

func TestTally(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"交易编号", "底价", "成交价"},
		{"合计", 60, 55},
		{"A-1", 10, 15}, {"A-2", 20, nil},
		{"小计", 30, 15},
		{"A-3", 30, "n:40.004:1"},
		{"小计", 30, "n:40:1"},
		{"合计", "n:40.00:1", "n:55.00:1"},
		{"总计", 61, 55},
	}).bytes(t), Options{})
	fits, more, faults := runTally(t, table)
	want := []Fit{
		{Row: 2, Kind: Sum, Label: "合计", Span: "early"},
		{Row: 5, Kind: Subtotal, Label: "小计", Span: "all", Basis: "all", Rows: 2},
		{Row: 7, Kind: Subtotal, Label: "小计", Span: "group", Basis: "both", Rows: 1},
		{Row: 8, Kind: Sum, Label: "合计", Span: "all", Basis: "sold", Rows: 2},
		{Row: 9, Kind: Grand, Label: "总计", Span: "early"},
	}
	for i, w := range want {
		if fits[i] != w {
			t.Errorf("fit %d: got %+v, want %+v", i, fits[i], w)
		}
	}
	if len(more) != 1 || more[0].Span != "below" || more[0].Basis != "all" || more[0].Rows != 3 {
		t.Errorf("early total: got %+v", more)
	}
	if len(faults.List) != 1 || faults.List[0].Row != 9 || faults.List[0].Column != "B" || faults.List[0].Err.Reason != "sheet.total_mismatch" {
		t.Errorf("faults: got %v", faults.List)
	}
}

func TestTallyOfTotalsAboveTheirRows(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"交易编号", "底价", "成交价"},
		{"合计", 110, 55},
		{"小计", 30, 15}, {"A-1", 10, 15}, {"A-2", 20, nil},
		{"小计", 80, 40}, {"A-3", 30, 40}, {"A-4", 50, nil},
	}).bytes(t), Options{})
	_, later, faults := runTally(t, table)
	if faults.Len() != 0 || len(later) != 3 {
		t.Fatalf("got %+v, faults %v", later, faults.List)
	}
	if first := later[0]; first.Row != 3 || first.Rows != 2 || first.Span != "below" {
		t.Errorf("first subtotal: got %+v", first)
	}
}

func TestTallyOfWrongTotals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows  [][]any
		cells string
	}{
		"off by a fen":           {[][]any{{"A-1", "n:10.01", 1}, {"A-2", 20, 2}, {"合计", "n:30.02", 3}}, "B4"},
		"one of two columns":     {[][]any{{"A-1", 10, 1}, {"A-2", 20, nil}, {"合计", 30, 2}}, "C4"},
		"rows mixed":             {[][]any{{"A-1", 10, 1}, {"A-2", 20, nil}, {"A-3", 5, 7}, {"合计", 31, 8}}, "B5"},
		"above, wrong":           {[][]any{{"合计", 31, 3}, {"A-1", 10, 1}, {"A-2", 20, 2}}, "B2"},
		"no value in it":         {[][]any{{"A-1", 10, 1}, {"合计", "f:SUM(B2)=", 1}}, "B3"},
		"subtotals counted too":  {[][]any{{"A-1", 10, 1}, {"小计", 10, 1}, {"A-2", 20, 2}, {"小计", 20, 2}, {"合计", 60, 6}}, "B6 C6"},
		"second subtotal of all": {[][]any{{"A-1", 10, 1}, {"小计", 10, 1}, {"A-2", 20, 2}, {"小计", 30, 3}}, "B5 C5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := oneTable(t, one("台账", append([][]any{{"交易编号", "底价", "成交价"}}, c.rows...)).bytes(t), Options{})
			_, _, faults := runTally(t, table)
			got := ""
			for i, f := range faults.List {
				if i > 0 {
					got += " "
				}
				got += f.Column + itoa(f.Row)
			}
			if got != c.cells {
				t.Errorf("got faults in %q, want %q: %v", got, c.cells, faults.List)
			}
		})
	}
}
