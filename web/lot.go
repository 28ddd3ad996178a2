package web

import (
	"net/http"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/web/locale"
)

// lotPage is one listing of a lot with all that the book knows of it.
type lotPage struct {
	Frame
	Head     Title
	Void     bool
	Figures  Figures
	Facts    []Facts
	Lines    Table
	Claims   Table
	Issued   Table // the issued reports that it is in
	Timeline []Entry
	Review   *reviewForm
	Reason   string // why it is returned, as it was typed
}

func (s *Server) showLot(w http.ResponseWriter, r *request) {
	l, err := s.findLot(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p, err := s.lotPage(r, l)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "lot.html", p)
}

// findLot finds the listing that the address names, in the scope of the request.
func (s *Server) findLot(r *request) (*auction.Lot, error) {
	id, err := recordID(r)
	if err != nil {
		return nil, err
	}
	return auction.Find(r.Context(), r.book.DB(), r.scope, id)
}

func (s *Server) lotPage(r *request, l *auction.Lot) (*lotPage, error) {
	state, err := l.State()
	if err != nil {
		return nil, err
	}
	versions, err := auction.History(r.Context(), r.book.DB(), r.scope, l.ID)
	if err != nil {
		return nil, err
	}
	p := &lotPage{Frame: s.frame(r, r.say("标的 ", "Lot ")+l.LotNo), Void: l.Voided}
	p.Notice = doneNotice(r, map[string]ledger.Text{
		"entered": {ZH: "已录入账簿。", EN: "Entered in the book."}, "amended": {ZH: "已更正，等待复核。", EN: "Amended; it waits for review."},
		"approved": {ZH: "已复核通过。", EN: "Approved."}, "returned": {ZH: "已退回。", EN: "Returned."}, "voided": {ZH: "已作废。", EN: "Voided."},
	})
	if p.Timeline, err = s.timeline(r, versions); err != nil {
		return nil, err
	}
	path := r.bookPath("lots", strconv.FormatInt(l.ID, 10))
	p.Head = lotHead(r, &p.Frame, l, path)
	p.Figures = lotFigures(r.lang, state)
	p.Facts = lotFacts(r, l, state)
	p.Lines, p.Claims = pricedTable(r, state), claimTable(r, state)
	p.Review = newReviewForm(r, p.At(path+"/review"), l, l.Voided, versions)
	issued, err := l.IssuedWith(r.Context(), r.book.DB(), r.scope)
	p.Issued = issuedTable(r, &p.Frame, issued, l.SeqFrom)
	touchedNotice(r, &p.Frame, issued)
	return p, err
}

func proofAct(r *request, path string) Act {
	return Act{Name: r.say("证明文件", "Proof"), URL: path + "/proof"}
}

func lotHead(r *request, f *Frame, l *auction.Lot, path string) Title {
	t := Title{
		Text: r.say("标的 ", "Lot ") + l.LotNo, Sub: l.AssetName,
		Back:  &Act{Name: r.say("全部标的", "All lots"), URL: f.At(r.bookPath("lots"))},
		Chips: []Chip{OutcomeChip(r.lang, auction.Outcome(l.Outcome))},
	}
	if present := r.scope.Size() == 0; present && auction.Outcome(l.Outcome).Sold() && !l.Voided {
		t.Acts = append(t.Acts, Act{Name: r.say("成交确认书", "Certificate"), URL: f.At(path + "/certificate")}, proofAct(r, path))
	} else if present {
		t.Acts = append(t.Acts, proofAct(r, path))
	}
	if l.Late {
		t.Chips = append(t.Chips, lateChip(r))
	}
	if l.Voided {
		t.Chips = append(t.Chips, Chip{"bad", r.say("已作废", "voided")})
		return t
	}
	t.Chips = append(t.Chips, ReviewChip(r.lang, l.Verdict))
	if canIn(r, account.EnterLots) {
		t.Acts = append([]Act{
			{Name: r.say("更正", "Amend"), URL: f.At(path + "/amend"), Main: l.Verdict == ledger.Returned},
			{Name: r.say("作废…", "Void…"), URL: f.At(path + "/void")},
		}, t.Acts...)
	}
	return t
}

// lotFigures are what follows from base and hammer. A form that is being filled in shows the same.
func lotFigures(lang ledger.Lang, s *auction.LotState) Figures {
	say := func(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(lang) }
	yuan := say("元", "yuan")
	f := Figures{ID: "figures", Title: say("由系统计算", "Computed")}
	money := func(name string, m *ledger.Money) {
		item := Item{Name: name, Value: none, Numeric: true}
		if m != nil {
			item.Value, item.Sub, item.Title = m.Grouped(), yuan, m.Wan()+say("万元", " × 10,000 yuan")
		}
		f.Items = append(f.Items, item)
	}
	money(say("底价合同总额", "Base total"), s.BaseTotal)
	money(say("合同总标的（成交）", "Contract total (hammer)"), s.HammerTotal)
	if s.Direction != auction.Sale && s.Direction != "" {
		f.Note = say("采购类交易不计溢价。", "Procurement has no premium.")
		return f
	}
	premium, ok := s.Premium()
	if !ok {
		money(say("溢价", "Premium"), nil)
		f.Items = append(f.Items, Item{Name: say("溢价率", "Premium rate"), Value: none, Numeric: true})
		f.Note = say("填好底价和成交价后即可算出。", "Base and hammer give the premium.")
		return f
	}
	money(say("溢价", "Premium"), &premium)
	rate := Item{Name: say("溢价率", "Premium rate"), Value: none, Numeric: true}
	if v, ok := ledger.PremiumRate(ledger.OnContractTotal, *s.BaseTotal, *s.HammerTotal); ok {
		rate.Value = v.Percent()
	}
	f.Items = append(f.Items, rate)
	f.Capital = s.HammerTotal.Capital()
	f.Note = say("溢价率＝溢价÷底价（合同总额口径），四舍五入到 0.01%。大写为合同总标的。", "Premium rate = premium ÷ base over contract totals, rounded once. The capitals are those of the contract total.")
	return f
}

func lotFacts(r *request, l *auction.Lot, s *auction.LotState) []Facts {
	deposit := Item{Name: r.say("保证金", "Deposit"), Value: none}
	if s.Deposit != nil {
		deposit.Value, deposit.Sub = s.Deposit.Grouped(), r.say("元", "yuan")
	}
	asset := Facts{Title: r.say("标的", "The lot"), Items: []Item{
		{Name: r.say("交易编号", "Lot number"), Value: l.LotNo}, {Name: r.say("项目编号", "Project number"), Value: orNone(l.ProjectNo)},
		{Name: r.say("挂牌次数", "Listing"), Value: strconv.FormatInt(l.Listing, 10)}, {Name: r.say("标的名称", "Asset"), Value: orNone(l.AssetName)},
		{Name: r.say("村集体", "Collective"), Value: orNone(l.Collective)}, {Name: r.say("所属村", "Village"), Value: orNone(l.Village)},
		{Name: r.say("资产类别", "Kind"), Value: orNone(auction.KindName(l.Kind).In(r.lang))},
		{Name: r.say("交易类别", "Trade"), Value: orNone(auction.TradeKindName(l.TradeKind).In(r.lang))},
		{Name: r.say("交易方式", "Method"), Value: orNone(auction.MethodName(l.Method).In(r.lang))},
	}}
	result := Facts{Title: r.say("期限与结果", "Term and outcome"), Items: []Item{
		{Name: r.say("结果", "Outcome"), Value: auction.Outcome(l.Outcome).Name().In(r.lang)}, {Name: r.say("成交日期", "Hammered on"), Value: orNone(textOf(l.HammeredOn))},
		{Name: r.say("竞得人", "Winner"), Value: winnerShown(l)}, {Name: r.say("报名人数", "Registrants"), Value: orNone(numberOf(l.Registrants))},
		{Name: r.say("出价人数", "Bidders"), Value: orNone(numberOf(l.Bidders))}, deposit,
		{Name: r.say("租期", "Term"), Value: orNone(l.Term)}, {Name: r.say("合同起", "From"), Value: orNone(textOf(l.LeaseFrom))}, {Name: r.say("合同止", "To"), Value: orNone(textOf(l.LeaseTo))},
		{Name: r.say("免租期", "Rent-free"), Value: orNone(l.RentFree)}, {Name: r.say("递增", "Escalation"), Value: orNone(l.Escalation)},
		{Name: r.say("备注", "Remark"), Value: orNone(l.Remark), Wide: true},
	}}
	if l.OtherColumns != "" {
		result.Items = append(result.Items, Item{Name: r.say("其他列（原文）", "Other columns (as written)"), Value: l.OtherColumns, Wide: true})
	}
	return []Facts{asset, result}
}

// pricedTable shows what was priced per unit.
func pricedTable(r *request, s *auction.LotState) Table {
	t := Table{
		ID: "lines", Caption: r.say("计价明细", "Priced lines"), Columns: []Column{
			{Name: r.say("资产", "Asset")}, {Name: r.say("数量", "Quantity"), Numeric: true}, {Name: r.say("底价", "Base price"), Numeric: true},
			{Name: r.say("成交价", "Hammer price"), Numeric: true}, {Name: r.say("计价单位", "Unit")},
		},
	}
	for _, l := range s.Lines {
		base, hammer, unit := priceShown(l.BasePrice), priceShown(l.HammerPrice), l.BaseUnit
		if unit == "" {
			unit = l.HammerUnit
		}
		name := l.AssetName
		if name == "" {
			name = s.AssetName
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: orNone(name)}, {Text: orNone(l.Quantity), Sub: price.Measure(l.Measure).Name().In(r.lang)}, {Text: base}, {Text: hammer}, {Text: unitWords(r.lang, unit)},
		}})
	}
	return t
}

// priceShown is a price with two decimals, or with as many as it has.
func priceShown(p *ledger.Price) string {
	if p == nil {
		return none
	}
	return grouped(strings.TrimSuffix(strings.TrimSuffix(p.String(), "0"), "0"))
}

// unitWords is a unit of prices as people write it.
func unitWords(lang ledger.Lang, code string) string {
	if code == "" {
		return none
	}
	if u, _, err := price.ParseUnit(code); err == nil {
		return u.Name().In(lang)
	}
	return code
}

// claimTable holds what the paper states against what follows from its own figures.
func claimTable(r *request, s *auction.LotState) Table {
	t := Table{
		ID: "claims", Caption: r.say("原表所列数字", "What the paper states"), Columns: []Column{
			{Name: r.say("项目", "Figure")}, {Name: r.say("原表", "Stated"), Numeric: true}, {Name: r.say("计算", "Computed"), Numeric: true}, {Name: r.say("核对", "Finding")},
		},
	}
	for _, c := range s.Claims {
		chip := Chip{"good", r.say("相符", "fits")}
		if c.Finding != "" {
			chip = Chip{"bad", locale.Word(r.lang, locale.Note+c.Finding)}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: columnName(r.lang, c.Field)}, {Text: c.Text, Sub: c.Unit}, reckonedCell(r, c.Field, c.Computed), {Chip: &chip},
		}})
	}
	return t
}

// reckonedCell shows what the program computed beside what a paper states: a rate as a percentage, money with its unit.
func reckonedCell(r *request, field, value string) Cell {
	switch field {
	case "premium_rate":
		if rate, err := ledger.ParseRate(value); err == nil {
			return Cell{Text: rate.Percent()}
		}
	case "premium", "contract_total", "base_total", "hammer_total":
		if m, err := ledger.ParseMoney(value); err == nil {
			return Cell{Text: m.Grouped(), Sub: r.say("元", "yuan")}
		}
	}
	return Cell{Text: orNone(value)}
}
