package browser_test

import (
	"fmt"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/review"
	"mingzhang/web"
)

// A leader discloses the book; the certificate of a result that was approved is printed; a stranger looks it up by its
// code, mistypes it first, and sees figures and no name.
func TestStory_Certificate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := o.book("dongcheng", ledger.OfficeBook, "东城街道（虚构）", "Dongcheng (invented)")
	o.serve(web.Options{PublicURL: "https://trades.example.org"})
	lot := o.sold(book)
	leader := o.joined("leader", "赵六(虚构)", account.Leader, "dongcheng")
	o.as(t, leader, wide, "zh").visit("/books/dongcheng").has("未公开").click("公开本账簿").look("switch").
		fill("原因", "街道公开办法（虚构）").press("确认公开").has("已公开：任何人", "已记入账簿").look("disclosed")
	entry, err := book.EntryAt(t.Context(), lot)
	if err != nil {
		t.Fatal(err)
	}
	code := entry.CheckCode().String()
	for _, at := range []screen{{wide, "zh"}, {narrow, "zh"}, {wide, "en"}, {narrow, "en"}} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, leader, at.width, at.lang).visit(fmt.Sprint("/books/dongcheng/lots/", lot))
			p.press(p.say("成交确认书", "Certificate")).has("王五（虚构）", code, "陆万贰仟伍佰元整", "25.00%", "trades.example.org").look("certificate").paper("certificate").printed("certificate", 1)
			q := o.open(t, at.width, at.lang)
			q.visit("/check").look("form").fill(q.say("校验码", "Check code"), "9-ZZZZ-ZZZZ").expect(404).press(q.say("核对", "Look it up")).
				has(q.say("没有查到", "No published result")).look("nothing")
			q.fill(q.say("校验码", "Check code"), code).press(q.say("核对", "Look it up")).has("62,500.00", "12,500.00", "25.00%", code).
				hasNot("王五").look("result").paper("result")
		})
	}
}

// sold records a lot and has it approved.
func (o *office) sold(book *ledger.Book) int64 {
	o.tb.Helper()
	today, err := ledger.NewDay(2021, 7, 1)
	if err != nil {
		o.tb.Fatal(err)
	}
	scope := ledger.WholeBook(book)
	receipt, err := auction.Record(o.tb.Context(), scope, o.local, ledger.Key{}, auction.LotInput{
		LotNo: "东-2021-001", ProjectNo: "DS-17", AssetName: "示例鱼塘（十二亩半，临东涌）", Collective: "东升村经济联社", Kind: "pond", TradeKind: "contract_out", Method: "现场竞价",
		Term: "5年", LeaseFrom: "2021-08-01", LeaseTo: "2026-07-31", HammeredOn: "2021-06-30", Winner: "王五（虚构）", BaseTotal: "50000", HammerTotal: "62500", Registrants: "4", Bidders: "3",
	}, today)
	if err != nil {
		o.tb.Fatal(err)
	}
	l, err := auction.Find(o.tb.Context(), book.DB(), scope, receipt.Last)
	if err != nil {
		o.tb.Fatal(err)
	}
	reviewer, err := ledger.LocalActor("reviewer")
	if err != nil {
		o.tb.Fatal(err)
	}
	if _, err := review.Approve(o.tb.Context(), scope, reviewer, ledger.Key{}, l.Target()); err != nil {
		o.tb.Fatal(err)
	}
	return l.ID
}
