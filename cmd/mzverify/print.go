package main

import "strconv"

// printSummary prints the figures for people.
func (p *program) printSummary(s *summary) {
	t := &s.Trades
	p.line(text{"重算：账簿 %s，期间 %s 至 %s（含首尾两日），截至条目数 %d，根 %s", "recomputed: book %s, period %s to %s, both days included, as of %d entries, root %s"},
		s.Book, s.From, s.To, s.AsOf, s.Root)
	switch s.About.Kind {
	case "demo":
		p.line(text{"【演示账簿：全部数据均为虚构】", "[demo book: all data is invented]"})
	case "practice":
		p.line(text{"【练习账簿】", "[practice book]"})
	}
	if s.PublishedOnly {
		p.line(text{
			"※ 这是公开导出：只含已公布的成交结果。流拍、弃拍、未公布的成交和土地不在其中，数字可能少于账簿。",
			"※ This is a public export: published results only. Unsold, defaulted and unpublished lots and the land are not in it; the book may have more.",
		})
	}
	number := func(name text, n int64) { p.figure(name, strconv.FormatInt(n, 10)) }
	number(text{"成交宗数", "hammered"}, t.Hammered)
	number(text{"  其中已签约", "  of which signed"}, t.Signed)
	number(text{"  其中已复核", "  of which reviewed"}, t.Reviewed)
	number(text{"  其中有异议", "  of which disputed"}, t.Disputed)
	number(text{"  其中无金额", "  of which without a total"}, t.WithoutTotal)
	p.figure(text{"底价合同总额（元）", "base total (yuan)"}, t.BaseTotal)
	p.figure(text{"合同总标的（成交，元）", "contract total (hammer, yuan)"}, t.ContractTotal)
	p.figure(text{"溢价（元）", "premium (yuan)"}, t.PremiumTotal)
	p.figure(text{"溢价率（Σ溢价÷Σ底价）", "premium rate (Σ premium ÷ Σ base)"}, percent(t.PremiumRate))
	for _, r := range append(t.OtherRates, s.SimpleMean) {
		p.figure(text{"  另一口径 " + r.Definition, "  other definition " + r.Definition}, percent(r.Rate))
	}
	p.figure(text{"  竞争性成交溢价率", "  premium rate with competition"}, percent(t.Competitive.PremiumRate))
	number(text{"  非竞争性成交宗数", "  hammered without competition"}, t.Uncontested.Hammered)
	number(text{"流拍", "unsold"}, t.Unsold)
	number(text{"弃拍", "defaulted"}, t.Defaulted)
	number(text{"终止", "terminated"}, t.Terminated)
	number(text{"撤牌", "withdrawn"}, t.Withdrawn)
	number(text{"采购类（不计溢价）", "procurement (in no premium)"}, t.Procurement)
	number(text{"全账未注日期", "undated in the whole book"}, t.Undated)
	owners := map[string]text{"collective": {"集体", "collective"}, "state": {"国有", "state"}, "undetermined": {"未确定", "undetermined"}}
	for _, l := range s.Land {
		o := owners[l.Owner]
		number(text{o.zh + "核查宗地", o.en + ": parcels verified"}, int64(l.Parcels))
		p.figure(text{o.zh + "核查面积（亩）", o.en + ": verified area (mu)"}, l.VerifiedArea)
	}
}

func (p *program) figure(name text, value string) {
	p.line(text{"  %s：%s", "  %s: %s"}, name.in(p.lang), value)
}
