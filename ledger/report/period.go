package report

import (
	"fmt"

	"mingzhang/ledger"
)

// HalfYearOf is the half-year that a day lies in: offices report from January to June and from July to December.
func HalfYearOf(day ledger.Day) Period {
	first := day.FirstOfMonth()
	first = first.AddMonths(-((first.Month()%100 - 1) % 6))
	return Period{From: first, To: first.AddMonths(5).LastOfMonth()}
}

// YearOf is the year that a day lies in.
func YearOf(day ledger.Day) Period {
	first := HalfYearOf(day).From
	if first.Month()%100 > 6 {
		first = first.AddMonths(-6)
	}
	return Period{From: first, To: first.AddMonths(11).LastOfMonth()}
}

// Before is the half-year, or the year, before a period that is one.
func (p Period) Before() Period {
	months := 1
	for p.From.AddMonths(months).AddDays(-1).Before(p.To) {
		months++
	}
	return Period{From: p.From.AddMonths(-months), To: p.From.AddDays(-1)}
}

// Explain says in plain sentences what the figures of the report mean and how they hang together, with the
// arithmetic of this period.
func (s *Summary) Explain() []ledger.Text {
	t := s.Trades
	list := []ledger.Text{
		{ZH: "成交：成交日期在期间内，且未转为弃拍或终止的标的；流拍、弃拍、终止、撤牌和采购另行计数，不进入金额。",
			EN: "Hammered: lots whose hammer date lies in the period and that have not been defaulted or terminated since. Unsold, defaulted, terminated, withdrawn lots and procurement are counted apart and are in no amount."},
		{ZH: "合同总标的是成交价在整个合同期内的总额；底价合同总额是底价在同一期间的总额。每宗各自四舍五入到分，合计是各宗之和。",
			EN: "The contract total is the hammer price over the whole contract, the base total the base over the same span. Each lot is rounded once to the fen; totals are sums of lots."},
		{ZH: fmt.Sprintf("溢价 = 合同总标的 − 底价合同总额：%s − %s = %s 元。", t.ContractTotal.Grouped(), t.BaseTotal.Grouped(), t.PremiumTotal.Grouped()),
			EN: fmt.Sprintf("Premium = contract total − base total: %s − %s = %s yuan.", t.ContractTotal.Grouped(), t.BaseTotal.Grouped(), t.PremiumTotal.Grouped())},
		{ZH: fmt.Sprintf("溢价率 = %s = %s，最后四舍五入一次；其他口径另列，不可混用。", ledger.OnContractTotal.Name().ZH, Percent(t.PremiumRate)),
			EN: fmt.Sprintf("Premium rate = %s = %s, rounded once at the end; other definitions stand apart and must not be mixed with it.", ledger.OnContractTotal.Name().EN, Percent(t.PremiumRate))},
		{ZH: fmt.Sprintf("核查：期间内核查过 %d 宗不同的宗地（%d 次核查），每宗取最近一次；面积合计是精确面积之和，最后四舍五入一次到 0.01 亩，分项之差列为“分项四舍五入之差”。",
			s.LandRecords.Parcels, s.LandRecords.Verifications),
			EN: fmt.Sprintf("Verified land: %d distinct parcels in the period (%d verifications), each with its latest one. A total is the sum of exact areas, rounded once to 0.01 mu; what rounded parts miss of it is printed as the rounding gap.",
				s.LandRecords.Parcels, s.LandRecords.Verifications)},
	}
	if s.Trades.Reviewed < s.Trades.Hammered {
		list = append(list, ledger.Text{ZH: "未复核的记录也在数字之内；复核进度见“其中已复核”。", EN: "Records that wait for a review are in the figures, too; how many were reviewed is said above."})
	}
	return list
}
