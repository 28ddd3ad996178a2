package report_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/report"
)

// leader is who issues in these tests.
var leader = ledger.AccountActor(8)

func (b *bundle) issue(tb testing.TB, book *ledger.Book, from, to string) *report.Issued {
	tb.Helper()
	issued, err := report.Issue(tb.Context(), ledger.WholeBook(book), leader, ledger.Key{}, report.Order{Period: period(tb, from, to), Format: "csv", Lang: ledger.ZH})
	if err != nil {
		tb.Fatal(err)
	}
	return issued
}

// enter records a lot as somebody types it.
func (b *bundle) enter(tb testing.TB, book *ledger.Book, no, on, base, hammer string) int64 {
	tb.Helper()
	receipt, err := auction.Record(tb.Context(), ledger.WholeBook(book), b.actor, ledger.Key{}, auction.LotInput{
		LotNo: no, AssetName: "示例铺位（虚构）", Collective: "示例经济联社", BaseTotal: base, HammerTotal: hammer, HammeredOn: on,
	}, day(tb, "2021-12-31"))
	if err != nil {
		tb.Fatal(err)
	}
	return receipt.Last
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.Reason
	}
	return fmt.Sprint(err)
}

// What was issued is an entry with the figures and the SHA-256 of the very output; a second issue of the period names
// the first; a replay gives the first answer; a part of a book issues nothing.
func TestIssue_Keeps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.OfficeBook)
	scope := ledger.WholeBook(book)
	first := b.issue(t, book, "2021-01-01", "2021-06-30")
	sum := sha256.Sum256(first.Output)
	if first.SHA256 != hex.EncodeToString(sum[:]) || !strings.HasPrefix(string(first.Output), "\ufeff") {
		t.Errorf("SHA-256 %s of %.60q", first.SHA256, first.Output)
	}
	kept, again, err := report.Reissue(t.Context(), scope, first.Entry)
	if err != nil || string(again) != string(first.Output) {
		t.Fatalf("printed again: %v\n%s", err, again)
	}
	figures := map[string]string{}
	for _, f := range kept.Kept() {
		figures[f.Key] = f.Value
	}
	if figures["hammered"] != "6" || figures["base_total"] != "4160.00" || figures["premium_rate"] != "0.1929" || figures["state_verified_area_mu"] != "10.00" || figures["reviewed"] != "" {
		t.Errorf("kept figures: %v", figures)
	}
	if kept.AsOf != first.Entry || kept.Corrects != nil || kept.Name != "summary" || kept.Basis != "hammered_on" || kept.Lang != "zh" || kept.IssuedBy != leader.String() {
		t.Errorf("kept: %+v", kept)
	}
	second := b.issue(t, book, "2021-01-01", "2021-06-30")
	if other := b.issue(t, book, "2021-01-01", "2021-12-31"); other.SHA256 == second.SHA256 {
		t.Error("two periods have one output")
	}
	kept, err = issue.Find(t.Context(), b.store.DB(), scope, second.Entry)
	if err != nil || kept.Corrects == nil || *kept.Corrects != first.Entry {
		t.Errorf("the second issue: %+v, %v; want it to name entry %d", kept, err, first.Entry)
	}
	found, err := report.Recognise(t.Context(), scope, strings.ToUpper(first.SHA256))
	if err != nil || len(found) != 1 || found[0].ID != first.Entry {
		t.Errorf("recognised: %v, %v", found, err)
	}
	if _, err := report.Recognise(t.Context(), scope, strings.Repeat("0", 64)); reasonOf(err) != "report.not_issued" {
		t.Errorf("a file that was never issued: %v", err)
	}
	key := ledger.Key{Name: "k", Body: []byte("x")}
	o := report.Order{Period: period(t, "2021-01-01", "2021-03-31"), Format: "json", Lang: ledger.EN}
	once, err := report.Issue(t.Context(), scope, leader, key, o)
	if err != nil {
		t.Fatal(err)
	}
	b.enter(t, book, "后-1", "2021-02-02", "10", "20")
	twice, err := report.Issue(t.Context(), scope, leader, key, o)
	if err != nil || !twice.Receipt.Replayed || string(twice.Output) != string(once.Output) || twice.Entry != once.Entry {
		t.Errorf("a replay: %+v, %v; want entry %d", twice, err, once.Entry)
	}
	part, err := ledger.VillagesOf(book, []string{"示例"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := report.Issue(t.Context(), part, leader, ledger.Key{}, o); reasonOf(err) != "right.whole_book_needed" {
		t.Errorf("a part of a book: %v", err)
	}
	o.Format = "xlsx"
	if _, err := report.Issue(t.Context(), scope, leader, ledger.Key{}, o); reasonOf(err) != "report.format_unknown" {
		t.Errorf("a format that there is not: %v", err)
	}
	clean(t, book)
}

// An issued report closes its period: what comes later with a day of it is late, for ever; what was there, what is of
// another day and what has no day is not. The summary counts what no issue has yet.
func TestIssue_Late(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.OfficeBook)
	scope := ledger.WholeBook(book)
	if s := b.summary(t, book, "2021-01-01", "2021-06-30", 0); s.Late != nil {
		t.Errorf("late before any issue: %+v", s.Late)
	}
	before := b.enter(t, book, "期-0", "2021-06-30", "10", "20")
	first := b.issue(t, book, "2021-01-01", "2021-06-30")
	late := map[int64]bool{
		before: false, b.enter(t, book, "期-1", "2021-06-30", "100", "150"): true, b.enter(t, book, "期-2", "2021-01-01", "1000", "1100.50"): true,
		b.enter(t, book, "期-3", "2021-07-01", "10", "20"): false, b.enter(t, book, "期-4", "2020-12-31", "10", "20"): false,
	}
	s := b.summary(t, book, "2021-01-01", "2021-06-30", 0)
	if l := s.Late; l == nil || l.Lots != 2 || l.Hammered != 2 || l.BaseTotal.String() != "1100.00" || l.HammerTotal.String() != "1250.50" || l.PremiumTotal.String() != "150.50" || l.SinceEntry != first.Entry {
		t.Errorf("late: %+v", l)
	}
	if l := b.summary(t, book, "2021-01-01", "2021-06-30", first.Entry).Late; l != nil {
		t.Errorf("as of the issue: %+v", l)
	}
	if l := b.summary(t, book, "2021-07-01", "2021-12-31", 0).Late; l != nil {
		t.Errorf("a period of which nothing was issued: %+v", l)
	}
	b.issue(t, book, "2021-01-01", "2021-06-30")
	if l := b.summary(t, book, "2021-01-01", "2021-06-30", 0).Late; l == nil || l.Lots != 0 {
		t.Errorf("late since the second issue: %+v, want none", l)
	}
	list, _, err := auction.List(t.Context(), b.store.DB(), scope, auction.LotFilter{Search: "期"}, ledger.Page{})
	if err != nil || len(list) != len(late) {
		t.Fatalf("%d lots, %v", len(list), err)
	}
	for _, l := range list {
		one, err := auction.Find(t.Context(), b.store.DB(), scope, l.ID)
		if err != nil || l.Late != late[l.ID] || one.Late != late[l.ID] {
			t.Errorf("%s: late %t in the list, %t by itself, want %t (%v)", l.LotNo, l.Late, one.Late, late[l.ID], err)
		}
	}
	clean(t, book)
}

// What touches an issued report is listed with what it was and what it is, by lot, by parcel and by figure; records
// outside of the period are not; and each record knows which issued reports it is in.
func TestIssue_Since(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.OfficeBook)
	scope := ledger.WholeBook(book)
	first := b.issue(t, book, "2021-01-01", "2021-06-30")
	if s, err := report.NewSince(t.Context(), scope, first.Entry); err != nil || s.Touched() || len(s.Figures) > 0 {
		t.Fatalf("just issued: %+v, %v", s, err)
	}
	in, out := day(t, "2021-02-03"), day(t, "2021-08-09")
	state := func(no, base, hammer string, on ledger.Day) *auction.LotState {
		return &auction.LotState{LotNo: no, Listing: 1, Direction: auction.Sale, Outcome: auction.Hammered, BaseTotal: money(t, base), HammerTotal: money(t, hammer), HammeredOn: &on}
	}
	b.change(t, book, "lot.amended", "村-01", state("村-01", "1000", "1600", in)) // 1500 → 1600
	b.change(t, book, "lot.voided", "村-02", state("村-02", "2000", "2000.50", in))
	b.change(t, book, "lot.amended", "村-03", state("村-03", "500", "700", out))
	b.change(t, book, "lot.amended", "村-12", state("村-12", "30", "40", in)) // it was a day early
	b.enter(t, book, "村-补", "2021-05-05", "100", "150")
	b.enter(t, book, "村-外", "2021-07-05", "100", "150")
	parcel, err := landcheck.ParcelID(t.Context(), b.store.DB(), scope, "地-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := landcheck.Verify(t.Context(), scope, b.actor, ledger.Key{}, parcel, landcheck.VerificationInput{VerifiedOn: "2021-06-29", VerifiedArea: "2.5"}, day(t, "2021-12-31")); err != nil {
		t.Fatal(err)
	}
	s, err := report.NewSince(t.Context(), scope, first.Entry)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range s.Lots {
		got = append(got, l.LotNo+" "+l.How+" "+hammerOf(l.Old)+"→"+hammerOf(l.New))
	}
	want := "村-01 amended 1500.00→1600.00, 村-02 voided 2000.50→—, 村-03 moved_out 700.00→—, 村-12 moved_in —→40.00, 村-补 late —→150.00"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("lots:\n%s\nwant\n%s", text, want)
	}
	if len(s.Parcels) != 1 || s.Parcels[0].ParcelNo != "地-1" || s.Parcels[0].New.VerifiedArea.Round(2).String() != "2.50" {
		t.Errorf("parcels: %+v", s.Parcels)
	}
	for _, f := range s.Figures { // 4962.50 + 100 − 2000.50 − 700 + 40 + 150
		if f.Key == "contract_total" && (f.Old != "4962.50" || f.New != "2552.00") {
			t.Errorf("contract total %s → %s, want 4962.50 → 2552.00", f.Old, f.New)
		}
	}
	counts, err := report.CountTouched(t.Context(), b.store.DB(), scope, []*issue.Report{s.Report})
	if err != nil || counts[first.Entry] != 6 {
		t.Errorf("%d records touched, %v; want 6", counts[first.Entry], err)
	}
	then, err := scope.AsOf(t.Context(), first.Receipt.Size)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := report.NewSince(t.Context(), then, first.Entry); err != nil || s.Touched() || len(s.Figures) > 0 {
		t.Errorf("as of the issue it is touched: %+v, %v", s, err)
	}
	b.belonging(t, book, first.Entry)
	clean(t, book)
}

func hammerOf(f *report.LotFigures) string {
	if f == nil || f.HammerTotal == nil {
		return "—"
	}
	return f.HammerTotal.String()
}

// belonging wants that lots know whether they are in an issued report, and whether they were touched since.
func (b *bundle) belonging(t *testing.T, book *ledger.Book, entry int64) {
	t.Helper()
	scope := ledger.WholeBook(book)
	for no, want := range map[string]string{"村-01": "touched", "村-04": "untouched", "村-12": "", "村-补": ""} {
		list, _, err := auction.List(t.Context(), b.store.DB(), scope, auction.LotFilter{Search: no}, ledger.Page{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d lots, %v", no, len(list), err)
		}
		in, err := list[0].IssuedWith(t.Context(), b.store.DB(), scope)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range in {
			if got = "untouched"; r.ID != entry {
				got = "another report"
			} else if r.Held != list[0].SeqFrom {
				got = "touched"
			}
		}
		if got != want {
			t.Errorf("%s is %q in the issued report, want %q", no, got, want)
		}
	}
}
