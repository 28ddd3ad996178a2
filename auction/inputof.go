package auction

import (
	"strconv"
	"strings"

	"mingzhang/auction/price"
	"mingzhang/ledger"
)

// LotInputOf is a listing as its form shows it. l comes from Find, with its entry, its texts and names. Sent back as it
// is, it changes nothing; claims of the paper are not in it and stay as long as the totals do.
func LotInputOf(l *Lot) (LotInput, error) {
	s, err := l.State()
	if err != nil {
		return LotInput{}, err
	}
	return s.input(l.WinnerName), nil
}

func (s *LotState) input(winner string) LotInput {
	in := LotInput{
		LotNo: s.LotNo, ProjectNo: s.ProjectNo, AssetName: s.AssetName, Collective: s.Collective, Village: s.Village,
		Kind: either(s.Kind, s.KindText), TradeKind: either(s.TradeKind, s.TradeKindText), Method: either(s.Method, s.MethodText),
		Term: s.termText(), LeaseFrom: dayText(s.LeaseFrom), LeaseTo: dayText(s.LeaseTo), RentFree: s.RentFree, Escalation: s.Escalation,
		Outcome: string(s.Outcome), HammeredOn: dayText(s.HammeredOn), Winner: winner,
		Registrants: countText(s.Registrants), Bidders: countText(s.Bidders), Deposit: moneyText(s.Deposit), Remark: s.Remark.Text(),
	}
	basePriced, hammerPriced := false, false
	for _, line := range s.Lines {
		in.Lines = append(in.Lines, line.input())
		basePriced = basePriced || line.BasePrice != nil
		hammerPriced = hammerPriced || line.HammerPrice != nil
	}
	if !basePriced {
		in.BaseTotal = moneyText(s.BaseTotal)
	}
	if !hammerPriced {
		in.HammerTotal = moneyText(s.HammerTotal)
	}
	return in
}

func (l Line) input() LineInput {
	in := LineInput{AssetName: l.AssetName}
	if l.Quantity != "" {
		in.Quantity = l.Quantity
		if l.Measure != "" {
			in.Quantity += price.Measure(l.Measure).Name().ZH
		}
	}
	if l.BasePrice != nil {
		in.BasePrice, in.PriceUnit = shortest(l.BasePrice.String()), l.BaseUnit
	}
	if l.HammerPrice != nil {
		in.HammerPrice = shortest(l.HammerPrice.String())
		switch in.PriceUnit {
		case "":
			in.PriceUnit = l.HammerUnit
		case l.HammerUnit:
		default:
			in.HammerUnit = l.HammerUnit
		}
	}
	return in
}

// shortest drops the zeros at the end of a price, but for two decimals.
func shortest(price string) string {
	for strings.HasSuffix(price, "0") && len(price)-strings.Index(price, ".") > 3 {
		price = price[:len(price)-1]
	}
	return price
}

// termText is the term as the paper has it. Where the paper's header gave the unit (租期(年): 5) it is said in
// months and days.
func (s *LotState) termText() string {
	if s.Term == "" {
		return ""
	}
	stated := price.Term{}
	if s.TermMonths != nil {
		stated.Months = int(*s.TermMonths)
	}
	if s.TermDays != nil {
		stated.Days = int(*s.TermDays)
	}
	if read, err := price.ParseTerm(s.Term); err == nil && read == stated {
		return s.Term
	}
	text := ""
	if stated.Months != 0 {
		text = strconv.Itoa(stated.Months) + "个月"
	}
	if stated.Days != 0 {
		text += strconv.Itoa(stated.Days) + "天"
	}
	return text
}

func dayText(d *ledger.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func moneyText(m *ledger.Money) string {
	if m == nil {
		return ""
	}
	return m.String()
}

func countText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
