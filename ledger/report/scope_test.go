package report_test

import (
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
)

// Three villages of one book: a report over one of them has its figures alone, and says so.
const threeVillages = `交易编号,资产名称,村集体,底价(元),成交价(元),成交日期
甲-1,商铺（虚构）,东升村经济联社,1000,1500,2021-01-05
甲-2,鱼塘（虚构）,东升村第一经济社,2000,2100,2021-02-05
乙-1,仓库（虚构）,西围村经济联社,4000,4400,2021-02-06
丙-1,空地（虚构）,南塘村经济联社,8000,8800,2021-05-07
`

func TestSummary_OfVillages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.open(t, "three", ledger.OfficeBook)
	b.load(t, book, "lots.csv", threeVillages)
	for _, tt := range []struct {
		villages           string
		hammered           int64
		base, hammer, rate string
	}{
		{"东升村", 2, "3000.00", "3600.00", "0.2000"}, {"东升村第一", 1, "2000.00", "2100.00", "0.0500"},
		{"西围村,东升村", 3, "7000.00", "8000.00", "0.1429"}, {"北山村", 0, "0.00", "0.00", ""},
	} {
		villages := strings.Split(tt.villages, ",")
		scope, err := ledger.VillagesOf(book, villages)
		if err != nil {
			t.Fatal(err)
		}
		s, err := report.NewSummary(t.Context(), scope, period(t, "2021-01-01", "2021-06-30"), 0)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if s.Trades.PremiumRate != nil {
			got = s.Trades.PremiumRate.String()
		}
		if s.Trades.Hammered != tt.hammered || s.Trades.BaseTotal.String() != tt.base || s.Trades.HammerTotal.String() != tt.hammer || got != tt.rate {
			t.Errorf("%s: %d lots, %s, %s, %s; want %d, %s, %s, %s", tt.villages, s.Trades.Hammered, s.Trades.BaseTotal, s.Trades.HammerTotal, got,
				tt.hammered, tt.base, tt.hammer, tt.rate)
		}
		if text := printed(t, s)["summary.zh.txt"]; !strings.Contains(text, "只含账簿的一部分——村（集体）："+strings.Join(villages, "、")) {
			t.Errorf("%s: the report does not say what it covers:\n%s", tt.villages, text)
		}
		if got := s.Sentence(ledger.ZH); !strings.HasPrefix(got, "（仅限村（集体）："+strings.Join(villages, "、")+"）公开交易成交") {
			t.Errorf("%s: the sentence to publish does not say that it is of a part: %s", tt.villages, got)
		}
	}
	from, to := day(t, "2021-02-01"), day(t, "2021-02-28")
	s, err := report.NewSummary(t.Context(), ledger.WholeBook(book).Between(&from, &to), period(t, "2021-01-01", "2021-06-30"), 0)
	if err != nil || s.Trades.Hammered != 2 || s.Trades.HammerTotal.String() != "6500.00" {
		t.Errorf("February alone: %+v, %v; want 2 lots at 6500.00", s.Trades, err)
	}
}

// The reviewed are counted from the kept sums, and from the listings of a part of the book, alike; an amendment
// takes a lot out of them again.
func TestSummary_Reviewed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.open(t, "three", ledger.OfficeBook)
	b.load(t, book, "lots.csv", threeVillages)
	scope := ledger.WholeBook(book)
	made := []review.Subjects{{Kind: "lot", Table: auction.Lots()}}
	list, err := review.Imports(t.Context(), book.DB(), scope, made, 0, 10)
	if err != nil || len(list) != 1 || list[0].Waiting != 4 {
		t.Fatalf("imports %+v, %v", list, err)
	}
	lots, _, err := auction.List(t.Context(), book.DB(), scope, auction.LotFilter{Sort: "lot_no"}, ledger.Page{})
	if err != nil {
		t.Fatal(err)
	}
	var except []int64
	for _, l := range lots {
		if l.LotNo == "丙-1" {
			except = []int64{l.SeqFrom}
		}
	}
	if _, err := review.Import(t.Context(), scope, ledger.AccountActor(2), ledger.Key{}, made, list[0].Entry, true, except, ""); err != nil {
		t.Fatal(err)
	}
	counted := func(want int64) {
		t.Helper()
		whole := b.summary(t, book, "2021-01-01", "2021-06-30", 0)
		edges := b.summary(t, book, "2021-01-02", "2021-06-29", 0) // no whole month at its ends
		from := day(t, "2021-01-01")
		part, err := report.NewSummary(t.Context(), scope.Between(&from, nil), period(t, "2021-01-01", "2021-06-30"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if w, e, p := whole.Trades.Reviewed, edges.Trades.Reviewed, part.Trades.Reviewed; w != want || e != want || p != want {
			t.Errorf("reviewed: %d whole, %d with part months, %d from the listings; want %d", w, e, p, want)
		}
		if m := whole.Trades.Months[1]; m.Month != "2021-02" || m.Hammered != 2 || m.PremiumTotal.String() != "500.00" {
			t.Errorf("February is %+v", m)
		}
		clean(t, book)
	}
	counted(3)
	before, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := auction.Find(t.Context(), book.DB(), scope, lots[len(lots)-1].ID)
	if err != nil {
		t.Fatal(err)
	}
	in, err := auction.LotInputOf(l)
	if err != nil {
		t.Fatal(err)
	}
	in.Remark = "虚构"
	if _, err := auction.Amend(t.Context(), scope, b.actor, ledger.Key{}, l.ID, 0, in, "补备注", day(t, "2021-07-01")); err != nil {
		t.Fatal(err)
	}
	if l.LotNo == "丙-1" {
		t.Fatal("the last by number is the one left out")
	}
	counted(2)
	if then := b.summary(t, book, "2021-01-01", "2021-06-30", before.Size); then.Trades.Reviewed != 3 {
		t.Errorf("as of the review: %d, want 3", then.Trades.Reviewed)
	}
}
