package auction_test

import (
	"fmt"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/review"
)

const (
	reviewer = 7
	other    = 8
)

func (b *bundle) approve(tb testing.TB, id int64) {
	tb.Helper()
	_, err := review.Approve(tb.Context(), b.whole(), ledger.AccountActor(reviewer), ledger.Key{}, b.find(tb, id).Target())
	if err != nil {
		tb.Fatal(err)
	}
}

func (b *bundle) giveBack(tb testing.TB, id int64, reason string) {
	tb.Helper()
	_, err := review.Return(tb.Context(), b.whole(), ledger.AccountActor(other), ledger.Key{}, b.find(tb, id).Target(), reason)
	if err != nil {
		tb.Fatal(err)
	}
}

func (b *bundle) approveImport(tb testing.TB, entry int64, except ...int64) {
	tb.Helper()
	made := []review.Subjects{{Kind: "lot", Table: auction.Lots()}}
	if _, err := review.Import(tb.Context(), b.whole(), ledger.AccountActor(reviewer), ledger.Key{}, made, entry, true, except, ""); err != nil {
		tb.Fatal(err)
	}
}

// told is a timeline in lines: kind actor reason; column old → new; verdict.
func told(versions []review.Version, lang ledger.Lang) string {
	var b strings.Builder
	for _, v := range versions {
		fmt.Fprintf(&b, "%s %s %s\n", v.Kind, v.Actor, v.Reason)
		for _, c := range v.Changes {
			fmt.Fprintf(&b, "  %s: %s → %s\n", c.Column, c.Old.In(lang), c.New.In(lang))
		}
		for _, r := range v.Reviews {
			fmt.Fprintf(&b, "  %s by %s of import %v: %s\n", r.Verdict, r.Actor, r.OfImport, r.Reason)
		}
	}
	return b.String()
}

func TestHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.record(t, let("1"))
	b.approve(t, id)
	b.giveBack(t, id, "单价抄错（虚构）")
	in := b.form(t, id)
	in.Lines[0].HammerPrice, in.Lines[0].AssetName, in.Winner, in.Remark, in.Outcome, in.TradeKind = "21", "一层", "示例乙", "已核对", "confirmed", "transfer"
	in.PremiumRate, in.Deposit, in.HammeredOn, in.LotNo = "40%", "2万元", "2021-03-06", "1（改）"
	if _, err := b.amend(t, id, id, in, "按复核意见更正"); err != nil {
		t.Fatal(err)
	}
	b.approve(t, id)
	if _, err := auction.VoidLot(t.Context(), b.whole(), b.actor, ledger.Key{}, id, 0, "整宗撤销"); err != nil {
		t.Fatal(err)
	}
	for lang, want := range timelines() {
		versions, err := auction.History(t.Context(), b.store.DB(), b.whole(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(versions, lang); !strings.HasPrefix(got, want) {
			t.Errorf("the timeline is\n%s\nwant\n%s", got, want)
		}
	}
	b.clean(t, 1+2+3+3)
}

// timelines are how the timeline of TestHistory begins.
func timelines() map[ledger.Lang]string {
	return map[ledger.Lang]string{ledger.ZH: `lot.recorded local:clerk 
  lot_no:  → 1
  listing:  → 1
  asset_name:  → 示例商铺
  collective:  → 示例村第一经济社
  kind:  → 商铺
  trade_kind:  → 出租
  method:  → 网上竞投
  outcome:  → 成交
  hammered_on:  → 2021-03-05
  base_total:  → 1800000.00
  hammer_total:  → 2400000.00
  lines:  → 2000㎡，底价 15.00 元/㎡·月，成交 20.00 元/㎡·月
  term:  → 5年
  winner:  → 示例甲
  approved by account:7 of import false: 
  returned by account:8 of import false: 单价抄错（虚构）
lot.amended local:clerk 按复核意见更正
  lot_no: 1 → 1（改）
  trade_kind: 出租 → 转让
  outcome: 成交 → 已签约
  hammered_on: 2021-03-05 → 2021-03-06
  hammer_total: 2400000.00 → 2520000.00
  lines: 2000㎡，底价 15.00 元/㎡·月，成交 20.00 元/㎡·月 → 一层，2000㎡，底价 15.00 元/㎡·月，成交 21.00 元/㎡·月
  deposit:  → 20000.00
  winner: 示例甲 → 示例乙
  claims:  → 溢价率 40%
  remark:  → 已核对
  approved by account:7 of import false: 
lot.voided local:clerk 整宗撤销
`, ledger.EN: `lot.recorded local:clerk 
  lot_no:  → 1
  listing:  → 1
  asset_name:  → 示例商铺
  collective:  → 示例村第一经济社
  kind:  → shop
  trade_kind:  → lease
  method:  → online bidding
  outcome:  → hammered
  hammered_on:  → 2021-03-05
  base_total:  → 1800000.00
  hammer_total:  → 2400000.00
  lines:  → 2000 m², base 15.00 yuan per m² per month, hammer 20.00 yuan per m² per month
  term:  → 5年
  winner:  → 示例甲
  approved by account:7 of import false: 
  returned by account:8 of import false: 单价抄错（虚构）
`}
}

func TestHistory_OfImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader+",溢价率,合同总额", "1,铺,村,1000,1250,成交,2021-03-05,,25%,0.125万元", "2,铺,村,1000,1250,成交,2021-03-06,,,"); err != nil {
		t.Fatal(err)
	}
	lots := b.lots(t)
	b.approveImport(t, *lots[0].Import, lots[1].SeqFrom)
	for i, want := range []string{"  claims:  → 合同总标的 0.125万元；溢价率 25%\n  approved by account:7 of import true: \n", "  approved"} {
		versions, err := auction.History(t.Context(), b.store.DB(), b.whole(), lots[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(versions, ledger.ZH); strings.Contains(got, want) != (i == 0) || versions[0].Source == nil {
			t.Errorf("lot %d: the timeline is\n%s\nwith %q only in the first; source %v", i, got, want, versions[0].Source)
		}
	}
}

// waiting are the numbers of what waits for a review of its own, read one by one.
func (b *bundle) waiting(t *testing.T, scope ledger.Scope) string {
	t.Helper()
	var numbers []string
	page := ledger.Page{Limit: 1}
	for {
		list, next, err := auction.Waiting(t.Context(), b.store.DB(), scope, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			numbers = append(numbers, l.LotNo)
		}
		if page.After = next; next == "" {
			return strings.Join(numbers, " ")
		}
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader,
		"I-1,铺,示例东村,1000,1250,成交,2021-03-05,", "I-2,铺,示例东村,1000,1300,成交,2021-03-06,", "I-3,铺,示例西村,500,,流拍,2021-03-07,", "I-4,铺,示例西村,1,2,弃拍,2021-03-07,"); err != nil {
		t.Fatal(err)
	}
	lots := b.lots(t)
	entry := *lots[0].Import
	one, two, three := b.record(t, of(sold("1"), "示例东村")), b.record(t, of(sold("2"), "示例西村")), b.record(t, of(sold("3"), "示例东村"))
	expect := func(when string, scope ledger.Scope, want string) {
		t.Helper()
		if got := b.waiting(t, scope); got != want {
			t.Errorf("%s %q waits, want %q", when, got, want)
		}
	}
	look := func(when, want string) {
		t.Helper()
		l, err := auction.LookAtImport(t.Context(), b.store.DB(), b.whole(), entry)
		if got := fmt.Sprintf("%d lots, %d waiting, %d at %s and %s", l.Lots, l.Waiting, l.Totalled, l.BaseTotal, l.HammerTotal); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", when, got, err, want)
		}
		list, _, err := auction.WaitingOfImport(t.Context(), b.store.DB(), b.whole(), entry, ledger.Page{})
		if err != nil || int64(len(list)) != l.Waiting {
			t.Errorf("%s: %d of the import wait, %v; want %d", when, len(list), err, l.Waiting)
		}
	}
	expect("at first", b.whole(), "1 2 3")
	expect("in a village, with what an import made", b.villages(t, "示例东村"), "I-1 I-2 1 3")
	look("at first", "4 lots, 4 waiting, 2 at 2000.00 and 2550.00")
	b.approve(t, one)
	b.giveBack(t, two, "不符")
	expect("after two were reviewed", b.whole(), "3")
	b.approveImport(t, entry, lots[1].SeqFrom, lots[2].SeqFrom)
	expect("after the import but for two", b.whole(), "I-2 I-3 3")
	look("after the import but for two", "4 lots, 2 waiting, 2 at 2000.00 and 2550.00")
	in := b.form(t, lots[0].ID)
	in.Remark = "补"
	if _, err := b.amend(t, lots[0].ID, 0, in, "补"); err != nil {
		t.Fatal(err)
	}
	expect("after an approved one was amended", b.whole(), "I-1 I-2 I-3 3")
	look("after an approved one was amended", "3 lots, 2 waiting, 1 at 1000.00 and 1300.00")
	b.approve(t, lots[1].ID)
	if _, err := auction.VoidLot(t.Context(), b.whole(), b.actor, ledger.Key{}, three, 0, "误录"); err != nil {
		t.Fatal(err)
	}
	expect("after one was approved by itself, one voided", b.whole(), "I-1 I-3")
	for state, want := range map[string]string{"waiting": "I-3 I-1", "approved": "1 I-4 I-2", "returned": "2", "": "2 1 I-4 I-3 I-2 I-1"} {
		if got := strings.Join(b.listed(t, b.whole(), auction.LotFilter{Review: state}, 2), " "); got != want {
			t.Errorf("the list of what is %q has %q, want %q", state, got, want)
		}
	}
	b.sums(t)
}

// sums holds the kept sums of the reviewed against the rows: check does it, too, in its own way.
func (b *bundle) sums(t *testing.T) {
	t.Helper()
	var kept, counted int64
	err := b.db.Writer().NewRaw("SELECT COALESCE(sum(lots), 0) FROM lot_months WHERE seq_to IS NULL AND reviewed").Scan(t.Context(), &kept)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := auction.List(t.Context(), b.store.DB(), b.whole(), auction.LotFilter{Review: "approved"}, ledger.Page{Limit: 200})
	if counted = int64(len(list)); err != nil || kept != counted || kept == 0 {
		t.Errorf("the sums have %d reviewed lots, the list %d, %v", kept, counted, err)
	}
	result, err := b.book.Check(t.Context(), nil)
	if err != nil || len(result.Faults) > 0 {
		t.Errorf("check: %+v, %v", result.Faults, err)
	}
}
