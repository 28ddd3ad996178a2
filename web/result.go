package web

import (
	"cmp"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// What the lot's page, its certificate and the public check have in common.

// winnerShown is the winner's name for whoever may read it, or that it was erased by law; in a copy that came without
// the texts the number of the person. Every page that names a winner names them by this.
func winnerShown(l *auction.Lot) string { return orNone(cmp.Or(l.WinnerName, l.Winner)) }

// winnerNumber is what strangers read of a winner: the number of the book, by which repeated winners can be seen.
func winnerNumber(l *auction.Lot) string { return orNone(l.Winner) }

// resultFacts are what the paper says of a sold lot: the parties, the lot and its term. winner is the name or the number.
func resultFacts(r *request, l *auction.Lot, winner Item) []Facts {
	parties := Facts{Title: r.say("双方", "The parties"), Items: []Item{
		{Name: r.say("村集体（出让、出租方）", "Collective (grantor)"), Value: orNone(l.Collective)}, winner,
	}}
	lot := Facts{Title: r.say("标的", "The lot"), Items: []Item{
		{Name: r.say("交易编号", "Lot number"), Value: l.LotNo}, {Name: r.say("项目编号", "Project number"), Value: orNone(l.ProjectNo)},
		{Name: r.say("标的名称", "Asset"), Value: orNone(l.AssetName), Wide: true},
		{Name: r.say("资产类别", "Kind"), Value: orNone(auction.KindName(l.Kind).In(r.lang))},
		{Name: r.say("交易类别", "Trade"), Value: orNone(auction.TradeKindName(l.TradeKind).In(r.lang))},
		{Name: r.say("交易方式", "Method"), Value: orNone(auction.MethodName(l.Method).In(r.lang))},
		{Name: r.say("挂牌次数", "Listing"), Value: strconv.FormatInt(l.Listing, 10)},
	}}
	term := Facts{Title: r.say("结果与期限", "Outcome and term"), Items: []Item{
		{Name: r.say("结果", "Outcome"), Value: auction.Outcome(l.Outcome).Name().In(r.lang)}, {Name: r.say("成交日期", "Hammered on"), Value: orNone(textOf(l.HammeredOn))},
		{Name: r.say("租期", "Term"), Value: orNone(l.Term)}, {Name: r.say("免租期", "Rent-free"), Value: orNone(l.RentFree)},
		{Name: r.say("合同起", "From"), Value: orNone(textOf(l.LeaseFrom))}, {Name: r.say("合同止", "To"), Value: orNone(textOf(l.LeaseTo))},
		{Name: r.say("递增", "Escalation"), Value: orNone(l.Escalation), Wide: true},
	}}
	return []Facts{parties, lot, term}
}

// amountFacts are the totals of a sold lot, with the rate by the name of its definition and the contract total in
// capital numerals.
func amountFacts(r *request, l *auction.Lot) Facts {
	f := Facts{Title: r.say("金额（元）", "Amounts (yuan)"), Items: []Item{
		{Name: r.say("底价合同总额", "Base total"), Value: grouping(l.BaseTotal), Numeric: true},
		{Name: r.say("合同总标的（成交）", "Contract total (hammer)"), Value: grouping(l.HammerTotal), Numeric: true},
	}}
	if premium, rate := premiumOf(l); premium != nil {
		f.Items = append(f.Items, Item{Name: r.say("溢价", "Premium"), Value: premium.Grouped(), Numeric: true},
			Item{Name: r.say("溢价率", "Premium rate"), Value: showRate(rate), Sub: ledger.OnContractTotal.Name().In(r.lang), Numeric: true})
	}
	if l.HammerTotal != nil {
		f.Items = append(f.Items, Item{Name: r.say("合同总标的大写", "In capital numerals"), Value: l.HammerTotal.Capital(), Wide: true})
	}
	return f
}

func grouping(m *ledger.Money) string {
	if m == nil {
		return none
	}
	return m.Grouped()
}

// provedFacts say which entry holds a result and in which checkpoint it was proved just now.
func provedFacts(r *request, p ledger.Proof) Facts {
	return Facts{Title: r.say("账簿中的位置", "Its place in the book"), Items: []Item{
		{Name: r.say("校验码", "Check code"), Value: p.Entry.CheckCode().String()},
		{Name: r.say("条目编号", "Entry number"), Value: strconv.FormatInt(p.Entry.Seq, 10)},
		{Name: r.say("记录时间", "Recorded at"), Value: showInstant(p.Entry.At)},
		{Name: r.say("链首凭证条目数", "Checkpoint size"), Value: group(int(p.Checkpoint.Size))},
		{Name: r.say("根（SHA-256，base64）", "Root (SHA-256, base64)"), Value: p.Checkpoint.Root.String(), Wide: true},
	}}
}

// proofName is what a proof file is called.
func proofName(code string, seq int64) string {
	return strings.Join([]string{code, strconv.FormatInt(seq, 10)}, "-") + ".tlog-proof"
}
