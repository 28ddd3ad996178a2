package ledger

import (
	"database/sql/driver"
	"math/big"

	"github.com/shopspring/decimal"
)

// ratePlaces is how a rate is printed: 0.4328 is 43.28 %.
const ratePlaces = 4

// meanPlaces is how far a single rate is carried before simple means are taken.
const meanPlaces = 30

// Rate is a fraction with four decimals, rounded once, half away from zero. 0.4328 is 43.28 %.
type Rate struct{ d decimal.Decimal }

// RateDefinition names what was divided by what. It is printed wherever a rate is.
type RateDefinition string

// The definitions in print (domain/trading: D1–D6). OnContractTotal is the default.
const (
	OnContractTotal      RateDefinition = "on_contract_total"
	OnFirstYear          RateDefinition = "on_first_year"
	SimpleMean           RateDefinition = "simple_mean"
	OnHammerTotal        RateDefinition = "on_hammer_total"
	AgainstPriorContract RateDefinition = "against_prior_contract"
)

// Name is the definition in words, with its formula.
func (d RateDefinition) Name() Text {
	switch d {
	case OnFirstYear:
		return Text{ZH: "首年口径:Σ首年溢价÷Σ首年底价", EN: "first-year amounts: Σ premium ÷ Σ base"}
	case SimpleMean:
		return Text{ZH: "各宗溢价率的简单平均", EN: "simple mean of the lots' rates"}
	case OnHammerTotal:
		return Text{ZH: "Σ溢价÷Σ成交价", EN: "Σ premium ÷ Σ hammer"}
	case AgainstPriorContract:
		return Text{ZH: "较原合同:Σ(成交价−原合同价)÷Σ原合同价", EN: "against the prior contract: Σ (hammer − prior) ÷ Σ prior"}
	case OnContractTotal:
	}
	return Text{ZH: "Σ溢价÷Σ底价", EN: "Σ premium ÷ Σ base over contract totals"}
}

// RateOf is part ÷ whole, rounded once to four decimals. ok is false when whole is zero: a rate on
// nothing does not exist and is printed as —.
func RateOf(part, whole Money) (r Rate, ok bool) {
	if whole.IsZero() {
		return Rate{}, false
	}
	return Rate{roundRat(new(big.Rat).Quo(part.Rat(), whole.Rat()), ratePlaces)}, true
}

// PremiumRate is the premium rate of given sums under a definition: premium ÷ base for
// OnContractTotal, OnFirstYear and AgainstPriorContract (with the base of that definition),
// premium ÷ hammer for OnHammerTotal. ok is false when it divides by zero, and for SimpleMean,
// which needs each lot (see MeanRate).
func PremiumRate(definition RateDefinition, base, hammer Money) (r Rate, ok bool) {
	switch definition {
	case OnHammerTotal:
		return RateOf(hammer.Sub(base), hammer)
	case SimpleMean:
		return Rate{}, false
	case OnContractTotal, OnFirstYear, AgainstPriorContract:
		return RateOf(hammer.Sub(base), base)
	}
	return Rate{}, false
}

// Mean collects single premium rates for SimpleMean. The zero value is ready.
type Mean struct {
	sum   decimal.Decimal
	count int64
}

// Add takes one lot's base and hammer; a zero base has no rate and is left out.
func (m *Mean) Add(base, hammer Money) {
	if base.IsZero() {
		return
	}
	m.sum = m.sum.Add(hammer.d.Sub(base.d).DivRound(base.d, meanPlaces))
	m.count++
}

// Rate is the mean, rounded once. ok is false without a single rate.
func (m Mean) Rate() (r Rate, ok bool) {
	if m.count == 0 {
		return Rate{}, false
	}
	return Rate{m.sum.DivRound(decimal.NewFromInt(m.count), ratePlaces)}, true
}

// ParseRate reads a plain fraction (0.4328); more than four decimals are refused.
func ParseRate(s string) (Rate, error) {
	text, err := foldNumber(s)
	if err != nil {
		return Rate{}, err
	}
	d, err := parseNumber(text)
	if err != nil {
		return Rate{}, err
	}
	if err := fits(d, ratePlaces, moneyLimit, s); err != nil {
		return Rate{}, err
	}
	return Rate{d}, nil
}

// Decimal is the fraction.
func (r Rate) Decimal() decimal.Decimal { return r.d }

// Equal tells whether both are the same rate.
func (r Rate) Equal(o Rate) bool { return r.d.Equal(o.d) }

// String prints the fraction with four decimals: 0.4328.
func (r Rate) String() string { return r.d.StringFixed(ratePlaces) }

// Percent prints the rate with two decimals: 43.28%.
func (r Rate) Percent() string { return r.d.Shift(2).StringFixed(ratePlaces-2) + "%" }

// MarshalText prints the fixed-scale string.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Rate) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRate(string(b))
	return err
}

// Value sends the rate to the database as exact text.
func (r Rate) Value() (driver.Value, error) { return r.String(), nil }

// Scan reads a numeric column; NULL is an error.
func (r *Rate) Scan(src any) error {
	d, err := scanDecimal(src)
	if err != nil {
		return err
	}
	*r, err = ParseRate(d.String())
	return err
}
