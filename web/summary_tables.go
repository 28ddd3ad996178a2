package web

import (
	"strconv"

	"mingzhang/ledger"
)

// months is the table by months, which the chart draws.
func (p *summaryPage) months(r *request) {
	yuan := r.say("元", "yuan")
	p.Months = Table{ID: "months", Caption: r.say("按月", "By month"), Quiet: true, Columns: []Column{
		{Name: r.say("月份", "Month")}, {Name: r.say("成交宗数", "Hammered"), Numeric: true},
		{Name: r.say("底价合同总额", "Base total"), Sub: yuan, Numeric: true, Series: true},
		{Name: r.say("合同总标的", "Contract total"), Sub: yuan, Numeric: true, Series: true},
		{Name: r.say("溢价", "Premium"), Sub: yuan, Numeric: true, Series: true},
	}}
	for _, m := range p.Summary.Trades.Months {
		p.Months.Rows = append(p.Months.Rows, Row{Cells: []Cell{
			{Text: m.Month}, {Text: group(int(m.Hammered))}, wanCell(m.BaseTotal), wanCell(m.HammerTotal), wanCell(m.PremiumTotal),
		}})
	}
	t := p.Summary.Trades
	p.Months.Foot = []Row{{Cells: []Cell{
		{Text: r.say("合计", "Total")}, {Text: group(int(t.Hammered))}, wanCell(t.BaseTotal), wanCell(t.ContractTotal), wanCell(t.PremiumTotal),
	}}}
	p.MonthBars = Chart{Table: "months", Title: r.say("各月成交", "Hammered by month"), Unit: r.say("万元", "10,000 yuan")}
}

// wanCell is an amount whose bar is drawn in 万元.
func wanCell(m ledger.Money) Cell {
	return Cell{Text: m.Grouped(), Title: m.Wan() + " 万元", Value: m.Wan()}
}

// land is the table of the verified land by owner and category.
func (p *summaryPage) land(r *request) {
	p.Land = Table{ID: "land", Caption: r.say("土地核查", "Verified land"), Quiet: true, Columns: []Column{
		{Name: r.say("权利主体和类别", "Owner and category")}, {Name: r.say("宗地", "Parcels"), Numeric: true},
		{Name: r.say("核查面积", "Verified area"), Sub: r.say("亩", "mu"), Numeric: true, Series: true},
	}}
	part := false
	for _, l := range p.Summary.Land {
		for _, c := range l.Categories {
			part = true
			p.Land.Rows = append(p.Land.Rows, Row{Cells: []Cell{
				{Text: l.Name().In(r.lang) + r.say("：", ": ") + c.Name().In(r.lang)}, {Text: group(c.Parcels)}, {Text: c.VerifiedArea.String(), Value: c.VerifiedArea.String()},
			}})
		}
		if !l.RoundingGap.IsZero() {
			p.Land.Rows = append(p.Land.Rows, Row{Cells: []Cell{{Text: r.say("分项四舍五入之差", "rounding gap of the parts")}, {Text: none}, {Text: l.RoundingGap.String()}}})
		}
		if l.VisitedOnly > 0 {
			p.Land.Rows = append(p.Land.Rows, Row{Cells: []Cell{{Text: r.say("已到场未核实", "visited, not verified")}, {Text: strconv.Itoa(l.VisitedOnly)}, {Text: none}}})
		}
		p.Land.Foot = append(p.Land.Foot, Row{Cells: []Cell{
			{Text: l.Name().In(r.lang) + r.say("合计", ", total")}, {Text: group(l.Parcels)}, {Text: l.VerifiedArea.String()},
		}})
	}
	p.Land.Empty = r.say("这一期间没有核查。", "Nothing was verified in this period.")
	if part {
		p.LandBars = Chart{Table: "land", Title: r.say("核查面积", "Verified area"), Unit: r.say("亩", "mu"), Kind: "row"}
	}
}
