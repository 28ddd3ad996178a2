package price

import (
	"math/big"
	"strings"

	"mingzhang/ledger"
)

// Convention is a way to reckon a contract total. It is printed beside every total.
type Convention string

// The conventions. ByFlat is the default: it reproduces what offices print.
const (
	ByFlat      Convention = "flat"
	ByFlatNet   Convention = "flat_net"
	ByEscalated Convention = "escalated"
)

// Conventions are all of them, the default first.
func Conventions() []Convention { return []Convention{ByFlat, ByFlatNet, ByEscalated} }

// Name is the convention in words, with its formula.
func (c Convention) Name() ledger.Text {
	switch c {
	case ByFlatNet:
		return ledger.Text{
			ZH: "首期单价×数量×期数,扣除免租期,不计递增",
			EN: "first price × quantity × periods, rent-free time left out, no escalation",
		}
	case ByEscalated:
		return ledger.Text{
			ZH: "逐年单价×数量×期数,计递增,扣除免租期",
			EN: "each year's price × quantity × periods, with escalation, rent-free time left out",
		}
	case ByFlat:
	}
	return ledger.Text{
		ZH: "首期单价×数量×期数,不计递增,不扣免租期",
		EN: "first price × quantity × periods, no escalation, rent-free time inside",
	}
}

// Claim is a contract total that a paper states: the amount, and the step that it is printed to
// (0.01 for 元 with two decimals, 100 for 万元 with two decimals).
type Claim struct {
	Amount ledger.Money
	Step   ledger.Money
}

// ParseClaim reads a stated total with the precision of its print: 794.22万元 is known to 100 yuan.
func ParseClaim(text string, unit ledger.MoneyUnit) (Claim, error) {
	amount, w, err := ledger.ParseMoneyText(text, unit)
	if err != nil {
		return Claim{}, err
	}
	s := ledger.Fold(text)
	digits := strings.TrimRightFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	last := digits[strings.LastIndexFunc(digits, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })+1:]
	_, decimals, _ := strings.Cut(last, ".")
	factor := ledger.MoneyUnit(w.Unit).Factor()
	if glued := strings.TrimLeft(s[len(digits):], "余多"); glued != "" {
		if _, g, err := ledger.ParseMoneyText("1"+glued, unit); err == nil {
			factor = ledger.MoneyUnit(g.Unit).Factor() // 3亿2000万 is printed to 万
		}
	}
	step, err := ledger.MoneyFromDecimal(factor.Shift(-int32(len(decimals))).Round(2))
	if err != nil || step.Sign() <= 0 {
		step, err = ledger.ParseMoney("0.01")
	}
	return Claim{amount, step}, err
}

// Match is a convention that gives the stated total. Truncated says that it does so only when the
// further digits are cut off instead of rounded, as some offices print.
type Match struct {
	Convention Convention
	Total      ledger.Money
	Truncated  bool
}

// MatchConvention tells which conventions give a stated total, at the precision of its print. A
// convention that the terms do not allow to reckon (an escalation that is only text) gives no match.
func MatchConvention(claimed Claim, t Terms) []Match {
	var found []Match
	for _, c := range Conventions() {
		total, err := t.Total(c)
		if err != nil {
			continue
		}
		if fits, truncated := claimed.Fits(total); fits {
			found = append(found, Match{c, total, truncated})
		}
	}
	return found
}

// Fits compares a computed total with the stated one in whole steps of its print; truncated says that only
// cutting off the further digits gives what is printed.
func (c Claim) Fits(total ledger.Money) (ok, truncated bool) {
	if c.Step.Sign() <= 0 {
		return c.Amount.Equal(total), false
	}
	want := new(big.Rat).Quo(c.Amount.Rat(), c.Step.Rat())
	have := new(big.Rat).Quo(total.Rat(), c.Step.Rat())
	cut := new(big.Int).Quo(have.Num(), have.Denom())
	half := new(big.Rat).Add(new(big.Rat).Abs(have), big.NewRat(1, 2))
	rounded := new(big.Int).Quo(half.Num(), half.Denom())
	if have.Sign() < 0 {
		rounded.Neg(rounded)
	}
	switch {
	case want.Cmp(new(big.Rat).SetInt(rounded)) == 0:
		return true, false
	case want.Cmp(new(big.Rat).SetInt(cut)) == 0:
		return true, true
	}
	return false, false
}
