package auction

import (
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// rate reads a stated rate as a fraction and the step that it is printed to. 43.28 is a percentage only by
// a (%) in the header, a % format or a % behind the number.
func (c sheetClaim) rate() (value, step decimal.Decimal, err error) {
	text, err := intake.FigureText(c.cell)
	if err != nil {
		return value, step, err
	}
	folded := ledger.Fold(text)
	percent := strings.HasSuffix(folded, "%") || strings.HasPrefix(ledger.Fold(c.header), "%")
	d, err := decimal.NewFromString(strings.ReplaceAll(strings.TrimSuffix(folded, "%"), ",", ""))
	if err != nil || len(folded) > 40 {
		return value, step, ledger.E(ledger.Invalid, "number.unreadable", text)
	}
	step = decimal.New(1, -max(-d.Exponent(), 0))
	switch {
	case c.cell.PercentFormat && c.cell.Kind == sheet.KindNumber:
		return d, decimal.New(1, -c.cell.Decimals()-2), nil
	case percent:
		return d.Shift(-2), step.Shift(-2), nil
	}
	return d, step, nil
}

// judge compares the claims of a row with what the lot's own figures give. A claim that does not fit is kept
// with its finding; nothing is refused for it.
func (c sheetClaim) judge(s *LotState, terms price.Terms) Claim {
	claim := Claim{Field: c.field, Text: ledger.Normal(c.cell.Text), Unit: string(c.unit)}
	if c.field == "premium_rate" {
		claim.Unit = c.header
		c.judgeRate(s, &claim)
		return claim
	}
	text, err := intake.FigureText(c.cell)
	if err != nil {
		return claim
	}
	stated, err := price.ParseClaim(text, c.unit)
	if err != nil {
		return claim
	}
	own, others := c.readings(s)
	if own == nil {
		claim.Finding = "not_computable"
		return claim
	}
	claim.Computed = own.String()
	fits, truncated := stated.Fits(*own)
	switch {
	case truncated:
		claim.Finding = "truncated"
	case !fits:
		claim.Finding = c.otherReading(stated, others, terms)
	}
	return claim
}

// reading is another figure that a claim may have been meant for.
type reading struct {
	finding string
	value   *ledger.Money
}

// readings are the lot's own figure for a claim, and the other figures that are printed under its name.
func (c sheetClaim) readings(s *LotState) (own *ledger.Money, others []reading) {
	switch c.field {
	case "contract_total":
		if s.HammerTotal == nil {
			return s.BaseTotal, nil
		}
		return s.HammerTotal, []reading{{"contract_total_is_base_total", s.BaseTotal}}
	case "premium":
		if m, ok := s.Premium(); ok {
			return &m, []reading{{"premium_is_hammer_total", s.HammerTotal}, {"premium_is_base_total", s.BaseTotal}}
		}
		return nil, nil
	case "base_total":
		return s.BaseTotal, nil
	}
	return s.HammerTotal, nil
}

func (c sheetClaim) otherReading(stated price.Claim, others []reading, terms price.Terms) string {
	if c.field != "premium" {
		for _, m := range price.MatchConvention(stated, terms) {
			if m.Convention != price.ByFlat {
				return "by_" + string(m.Convention)
			}
		}
	}
	for _, o := range others {
		if o.value != nil {
			if ok, _ := stated.Fits(*o.value); ok {
				return o.finding
			}
		}
	}
	return "mismatch"
}

func (c sheetClaim) judgeRate(s *LotState, claim *Claim) {
	value, step, err := c.rate()
	if err != nil {
		return
	}
	premium, ok := s.Premium()
	if !ok {
		claim.Finding = "not_computable"
		return
	}
	if rate, ok := ledger.RateOf(premium, *s.BaseTotal); ok {
		claim.Computed = rate.String()
	}
	exact := new(big.Rat).Quo(premium.Rat(), s.BaseTotal.Rat())
	for _, r := range []struct {
		finding string
		value   *big.Rat
	}{
		{"", exact},
		{"rate_on_hammer_total", new(big.Rat).Quo(premium.Rat(), s.HammerTotal.Rat())},
		{"rate_is_hammer_over_base", new(big.Rat).Add(exact, big.NewRat(1, 1))},
		{"rate_without_percent_sign", new(big.Rat).Mul(exact, big.NewRat(100, 1))},
	} {
		fits, truncated := printsAs(value, step, r.value)
		if fits {
			claim.Finding = r.finding
			if truncated && r.finding == "" {
				claim.Finding = "truncated"
			}
			return
		}
	}
	claim.Finding = "mismatch"
}

// printsAs tells whether an exact value prints as the stated one at its step, by rounding half away from zero
// or, truncated, by cutting off.
func printsAs(stated, step decimal.Decimal, exact *big.Rat) (fits, truncated bool) {
	gap := new(big.Rat).Sub(exact, stated.Rat())
	half := new(big.Rat).Quo(step.Rat(), big.NewRat(2, 1))
	if exact.Sign() < 0 {
		gap.Neg(gap)
	}
	switch {
	case gap.Cmp(new(big.Rat).Neg(half)) >= 0 && gap.Cmp(half) < 0:
		return true, false
	case gap.Sign() >= 0 && gap.Cmp(step.Rat()) < 0:
		return true, true
	}
	return false, false
}
