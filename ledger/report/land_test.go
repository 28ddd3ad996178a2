package report_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// A parcel counts once in a period, with the latest verification in it that found an area; what was found
// before and after the period does not count.
func TestSummary_LatestVerification(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.open(t, "xitou", ledger.OfficeBook)
	const header = "宗地编号,主体,类别,核查面积(亩),核查日期,结论\n"
	b.load(t, book, "1.csv", header+"1,集体,留用地,1.5,2020-12-31,相符\n2,集体,留用地,2,2021-02-01,相符\n3,未确定,,5,2021-02-01,争议\n")
	b.load(t, book, "2.csv", header+"1,集体,留用地,1.25,2021-03-01,面积不符\n2,集体,留用地,2.5,2021-03-01,面积不符\n")
	b.load(t, book, "3.csv", header+"2,集体,留用地,,2021-04-01,无法核实\n1,集体,留用地,9,2021-07-01,面积不符\n")
	for _, tt := range []struct{ from, to, want string }{
		{"2021-01-01", "2021-06-30", "collective 2 3.75 0; state 0 0.00 0; undetermined 1 5.00 0; 5 verifications of 3"},
		{"2021-01-01", "2021-02-28", "collective 1 2.00 0; state 0 0.00 0; undetermined 1 5.00 0; 2 verifications of 2"},
		{"2021-04-01", "2021-06-30", "collective 0 0.00 1; state 0 0.00 0; 1 verifications of 1"},
		{"2021-01-01", "2021-07-01", "collective 2 11.50 0; state 0 0.00 0; undetermined 1 5.00 0; 6 verifications of 3"},
		{"2020-12-31", "2020-12-31", "collective 1 1.50 0; state 0 0.00 0; 1 verifications of 1"},
	} {
		s := b.summary(t, book, tt.from, tt.to, 0)
		got := ""
		for _, l := range s.Land {
			got += fmt.Sprintf("%s %d %s %d; ", l.Owner, l.Parcels, l.VerifiedArea, l.VisitedOnly)
		}
		got += fmt.Sprintf("%d verifications of %d", s.LandRecords.Verifications, s.LandRecords.Parcels)
		if got != tt.want {
			t.Errorf("%s to %s:\ngot  %s\nwant %s", tt.from, tt.to, got, tt.want)
		}
	}
	clean(t, book)
}

// A name that looks like a formula stands in no cell of the CSV by itself.
func TestSummary_NoFormula(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book, err := b.store.AddBook(t.Context(), b.actor, ledger.BookProfile{
		Code: "odd", Kind: ledger.OfficeBook, NameZH: "=HYPERLINK(\"x\")", NameEN: "+cmd",
	})
	if err != nil {
		t.Fatal(err)
	}
	b.load(t, book, "1.csv", "宗地编号,主体,类别,核查面积(亩),核查日期\n1,集体,=1+1,1.5,2021-01-31\n")
	for name, text := range printed(t, b.summary(t, book, "2021-01-01", "2021-06-30", 0)) {
		for _, cell := range cells(t, name, text) {
			if strings.IndexAny(cell, "=+-@\t\r") == 0 {
				t.Errorf("%s: the cell %q is a formula", name, cell)
			}
		}
	}
}

// cells are all cells of a file that is CSV.
func cells(tb testing.TB, name, text string) []string {
	tb.Helper()
	if !strings.HasSuffix(name, ".csv") {
		return nil
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return slices.Concat(rows...)
}
