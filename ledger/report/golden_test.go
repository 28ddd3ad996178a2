package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
)

// The village of the golden files, added up by hand from testdata/lots.csv, leases.csv and parcels.csv.
//
//	hammered  村-01 村-02 村-03 村-04 村-09 村-14: 6, of them 村-09 without a total
//	base      1000 + 2000 + 500 + 300 + 1×10×36 = 4160
//	hammer    1500 + 2000.50 + 700 + 330 + 1.2×10×36 = 4962.50
//	premium   802.50; ÷ 4160 = 0.19290… → 19.29 %; ÷ 4962.50 = 0.16171… → 16.17 %
//	without   村-04 (renewal): 300, 330, 30 → 10.00 %
//	with      5 lots: 3860, 4632.50, 772.50 ÷ 3860 = 0.20012… → 20.01 %
//	first yr  村-14 alone: 120, 144 → 20.00 %
//	land      collective 1.004 + 2.004 + 3 + 0.004 = 6.012 → 6.01; its parts 1.00 + 5.00 + 0.00: gap 0.01
//	          state 10; 地-7 and 村-11 are a day late, 村-12 a day early, 村-13 has no date
func TestSummary_Golden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.DemoBook)
	clean(t, book)
	s := b.summary(t, book, "2021-01-01", "2021-06-30", 0)
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Root != head.Root.String() || s.AsOf != head.Size {
		t.Errorf("as of %d, root %s; want the head %d, %s", s.AsOf, s.Root, head.Size, head.Root)
	}
	for name, got := range printed(t, s) {
		if strings.Count(got, s.Root) != 1 {
			t.Errorf("%s names the root %d times, want once", name, strings.Count(got, s.Root))
		}
		golden(t, name, strings.ReplaceAll(got, s.Root, "ROOT"))
	}
}

// golden compares with a file of testdata. The root is another in each run: the book's key is.
func golden(tb testing.TB, name, got string) {
	tb.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if got != string(want) {
		tb.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// The figures once more, apart from any file that -update could write.
func TestSummary_ByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.summary(t, b.village(t, ledger.OfficeBook), "2021-01-01", "2021-06-30", 0)
	want := map[string]string{
		"hammered": "6", "signed": "1", "reviewed": "0", "disputed": "1", "without_total": "1",
		"base_total": "4160.00", "contract_total": "4962.50", "premium_total": "802.50", "premium_rate": "0.1929",
		"competitive_hammered": "5", "competitive_premium_rate": "0.2001", "without_competition_hammered": "1",
		"premium_rate_on_first_year": "0.2000", "premium_rate_on_hammer_total": "0.1617",
		"unsold": "1", "defaulted": "1", "terminated": "1", "withdrawn": "1", "procurement": "1", "undated": "1",
		"collective_parcels": "4", "collective_verified_area_mu": "6.01", "collective_reserved_land_verified_area_mu": "1.00",
		"collective_self_use_land_verified_area_mu": "5.00", "collective_no_category_verified_area_mu": "0.00",
		"collective_rounding_gap_mu": "0.01", "collective_visited_not_verified": "1",
		"state_parcels": "1", "state_verified_area_mu": "10.00", "state_state_asset_verified_area_mu": "10.00",
	}
	for _, l := range s.Lines() {
		if l.Value != want[l.Key] {
			t.Errorf("%s: %s, want %s", l.Key, l.Value, want[l.Key])
		}
		delete(want, l.Key)
	}
	if len(want) > 0 {
		t.Errorf("not printed: %v", want)
	}
	if s.Trades.Uncontested.PremiumRate.String() != "0.1000" || s.Trades.Uncontested.PremiumTotal.String() != "30.00" {
		t.Errorf("without competition: %+v, want 30.00 at 0.1000", s.Trades.Uncontested)
	}
	if s.LandRecords != (report.LandRecords{Verifications: 6, Parcels: 6}) {
		t.Errorf("land records %+v, want 6 verifications of 6 parcels", s.LandRecords)
	}
}

// Whoever prints a book that is no office's own prints that it is not, in each format.
func TestSummary_Marks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tt := range []struct {
		kind   ledger.BookKind
		zh, en string
	}{
		{ledger.DemoBook, "全部数据均为虚构，不得引用", "all data is invented and must not be quoted"},
		{ledger.PracticeBook, "练习账簿：不计入任何汇总，不得引用", "Practice book: in no sum, must not be quoted"},
		{ledger.OfficeBook, "", ""},
	} {
		s := b.summary(t, b.open(t, string(tt.kind), tt.kind), "2021-01-01", "2021-06-30", 0)
		for name, text := range printed(t, s) {
			mark := tt.zh
			switch {
			case name == "summary.json":
				mark = `"kind":"` + string(tt.kind) + `"`
			case strings.Contains(name, ".en."):
				mark = tt.en
			}
			if !strings.Contains(text, mark) {
				t.Errorf("%s book, %s: no %q in\n%s", tt.kind, name, mark, text)
			}
			if tt.kind == ledger.OfficeBook && (strings.Contains(text, "不得引用") || strings.Contains(text, "must not be quoted")) {
				t.Errorf("an office's own book is marked in %s:\n%s", name, text)
			}
		}
	}
}
