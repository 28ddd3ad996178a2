package report_test

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
)

// As of a checkpoint the report prints the same bytes whatever is amended, voided and added after it.
func TestSummary_AsOf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.OfficeBook)
	then := b.summary(t, book, "2021-01-01", "2021-06-15", 0)
	before := printed(t, then)
	january := day(t, "2021-01-01")
	b.change(t, book, "lot.amended", "村-01", &auction.LotState{
		LotNo: "村-01", Listing: 1, Direction: auction.Sale, Outcome: auction.Hammered,
		BaseTotal: money(t, "1000"), HammerTotal: money(t, "9999"), HammeredOn: &january,
	})
	voided := b.change(t, book, "lot.voided", "村-02", &auction.LotState{
		LotNo: "村-02", Listing: 1, Direction: auction.Sale, Outcome: auction.Confirmed,
		BaseTotal: money(t, "2000"), HammerTotal: money(t, "2000.50"),
	})
	b.load(t, book, "more.csv", "交易编号,资产名称,底价(元),成交价(元),成交日期\n村-99,示例补录,10,20,2021-02-02\n")
	visit, err := landcheck.VerificationID(t.Context(), b.store.DB(), ledger.WholeBook(book), "地-1", january)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := landcheck.VoidVerification(t.Context(), ledger.WholeBook(book), b.actor, ledger.Key{}, visit, 0, "抄错（虚构）"); err != nil {
		t.Fatal(err)
	}
	again := printed(t, b.summary(t, book, "2021-01-01", "2021-06-15", then.AsOf))
	if !maps.Equal(again, before) {
		t.Errorf("as of %d: got\n%s\nwant\n%s", then.AsOf, again["summary.zh.txt"], before["summary.zh.txt"])
	}
	// By hand: 村-14 is a later day; base 1000 + 500 + 300, hammer 9999 + 700 + 330 at the void, 10 and 20 more at the head.
	for _, tt := range []struct {
		asOf         int64
		base, hammer string
		lots         int64
		parcels      int
	}{{voided, "1800.00", "11029.00", 4, 4}, {0, "1810.00", "11049.00", 5, 3}} {
		s := b.summary(t, book, "2021-01-01", "2021-06-15", tt.asOf)
		if s.Trades.BaseTotal.String() != tt.base || s.Trades.HammerTotal.String() != tt.hammer || s.Trades.Hammered != tt.lots || s.Land[0].Parcels != tt.parcels {
			t.Errorf("as of %d: base %s, hammer %s of %d lots, %d parcels; want %+v", s.AsOf, s.Trades.BaseTotal, s.Trades.HammerTotal, s.Trades.Hammered, s.Land[0].Parcels, tt)
		}
	}
	clean(t, book)
}

// Only where a command ended is there a checkpoint; any other size is refused with the two beside it.
func TestSummary_AsOfNoCheckpoint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.open(t, "xitou", ledger.OfficeBook)
	b.load(t, book, "lots.csv", "交易编号,资产名称,底价(元),成交价(元),成交日期\n1,示例,10,20,2021-02-02\n2,示例,10,20,2021-02-02\n")
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		asOf         int64
		below, above string
	}{{2, "1", "4"}, {3, "1", "4"}, {5, "4", "—"}, {-1, "—", "1"}} {
		_, err := report.NewSummary(t.Context(), ledger.WholeBook(book), period(t, "2021-01-01", "2021-06-30"), tt.asOf)
		e, ok := errors.AsType[*ledger.Error](err)
		if !ok || e.Reason != "as_of.not_a_checkpoint" || e.Code != ledger.Invalid || len(e.Args) != 3 || e.Args[1] != tt.below || e.Args[2] != tt.above {
			t.Errorf("as of %d of %d: %v; want as_of.not_a_checkpoint between %s and %s", tt.asOf, head.Size, err, tt.below, tt.above)
		}
	}
}

// A rate on nothing does not exist: null in JSON, blank in CSV, — for people; never 0.
func TestSummary_EmptyPeriod(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.summary(t, b.village(t, ledger.OfficeBook), "2019-01-01", "2019-06-30", 0)
	files := printed(t, s)
	for name, texts := range map[string][]string{
		"summary.json":   {`"hammered":0,`, `"premium_total":"0.00","premium_rate":null`, `"other_rates":[{"rate_definition":"on_first_year","premium_rate":null,"lots":0}`, `"categories":[]`},
		"summary.zh.csv": {"premium_rate,溢价率（Σ溢价÷Σ底价）,,\n"},
		"summary.en.csv": {"premium_rate,premium rate (Σ premium ÷ Σ base over contract totals),,\n"},
		"summary.zh.txt": {"溢价率—(Σ溢价÷Σ底价)", " —\n"},
		"summary.en.txt": {"premium rate — (Σ premium ÷ Σ base)"},
	} {
		for _, text := range texts {
			if !strings.Contains(files[name], text) {
				t.Errorf("%s: no %q in\n%s", name, text, files[name])
			}
		}
	}
	if strings.Contains(files["summary.zh.txt"], "大写") {
		t.Errorf("nothing was sold, and it stands there in capitals:\n%s", files["summary.zh.txt"])
	}
}

func TestNewPeriod(t *testing.T) {
	t.Parallel()
	_, err := report.NewPeriod(day(t, "2021-06-30"), day(t, "2021-06-29"))
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok || e.Reason != "period.ends_before_it_begins" || e.Field != "to" {
		t.Errorf("%v; want period.ends_before_it_begins on to", err)
	}
	if p := period(t, "2021-06-30", "2021-06-30"); p.From != p.To {
		t.Errorf("one day is a period: got %v", p)
	}
}

// The demo book's totals are those of the report that the project began with; the sentence is the right one
// letter by letter, and it is judged to be so.
func TestSummary_Sentence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.open(t, "demo", ledger.DemoBook)
	for _, name := range []string{"lots-leases.csv", "lots-totals.csv", "parcels.csv"} {
		body, err := os.ReadFile("../../cmd/mingzhang/demo/" + name)
		if err != nil {
			t.Fatal(err)
		}
		b.load(t, book, name, string(body))
	}
	s := b.summary(t, book, "2021-01-01", "2021-06-30", 0)
	const want = "公开交易成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%(Σ溢价÷Σ底价)。" +
		"核查集体（留用地、自用地）41宗，面积422.02亩。核查国有（国有资产）42宗，面积174.68亩。"
	if got := s.Sentence(ledger.ZH); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const english = "Public trades: 37 lots hammered, base total 3324.74 (10,000 yuan), contract total (hammer) 4763.63, premium 1438.89, " +
		"premium rate 43.28% (Σ premium ÷ Σ base). Verified, collective: 41 parcels, 422.02 mu. Verified, state: 42 parcels, 174.68 mu."
	if got := s.Sentence(ledger.EN); got != english {
		t.Errorf("got  %s\nwant %s", got, english)
	}
	j, err := statement.Check(want, s.Record())
	if err != nil || j.Verdict != statement.Consistent {
		t.Errorf("our own sentence is judged %s (%v): %+v", j.Verdict, err, j.Findings)
	}
}

// What the program proposes for publication must stand before its own judge, for other books, too.
func TestSummary_SentenceIsConsistent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.OfficeBook)
	for _, p := range [][2]string{{"2021-01-01", "2021-06-30"}, {"2021-07-01", "2021-07-01"}, {"2020-12-31", "2021-12-31"}} {
		s := b.summary(t, book, p[0], p[1], 0)
		j, err := statement.Check(s.Sentence(ledger.ZH), s.Record())
		if err != nil || j.Verdict != statement.Consistent {
			t.Errorf("%v: %s is judged %s (%v): %+v", p, s.Sentence(ledger.ZH), j.Verdict, err, j.Findings)
		}
	}
}
