package ledger

import (
	"database/sql/driver"
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"
)

// moneyPlaces and pricePlaces are the scales that the book keeps: fen, and a hundredth of a fen for
// a price per unit.
const (
	moneyPlaces = 2
	pricePlaces = 4
)

// moneyLimit is ten thousand 亿 (10^14 yuan): far above any contract of a village, far below
// where numeric(18,2) ends.
var moneyLimit = decimal.New(1, 14)

// Money is an amount in yuan with two decimals, exact. The zero value is 0.00.
type Money struct{ d decimal.Decimal }

// MoneyUnit is the unit an amount is written in.
type MoneyUnit string

// The units of money that are read.
const (
	Yuan        MoneyUnit = "元"
	WanYuan     MoneyUnit = "万元"
	YiYuan      MoneyUnit = "亿元"
	ThousandRMB MoneyUnit = "千元"
)

var moneyUnits = []unit{
	{"亿元", factor("100000000")}, {"千万元", factor("10000000")}, {"百万元", factor("1000000")},
	{"十万元", factor("100000")}, {"万元整", factor("10000")}, {"万元", factor("10000")}, {"千元", factor("1000")}, {"百元", factor("100")},
	{"亿", factor("100000000")}, {"万", factor("10000")}, {"元整", factor("1")}, {"元", factor("1")},
	{"圆", factor("1")}, {"角", factor("0.1")}, {"分", factor("0.01")},
}

// MoneyUnitOf finds the unit by its printed name (万元, 元, 人民币元, yuan …); ok is false for any other text.
func MoneyUnitOf(name string) (u MoneyUnit, ok bool) {
	switch Fold(name) {
	case "元", "人民币", "人民币元", "圆", "¥", "yuan", "Yuan", "CNY", "RMB":
		return Yuan, true
	case "万元", "人民币万元", "万", "10000yuan":
		return WanYuan, true
	case "亿元", "亿":
		return YiYuan, true
	case "千元":
		return ThousandRMB, true
	}
	return "", false
}

func (u MoneyUnit) unit() unit {
	for _, known := range moneyUnits {
		if known.name == string(u) {
			return known
		}
	}
	return unit{string(Yuan), factor("1")}
}

// Factor is the number of yuan in one of the unit.
func (u MoneyUnit) Factor() decimal.Decimal { return u.unit().factor }

// ParseMoney reads an amount in yuan: 1234.5, 1,234.50, -0.01. More than two decimals are refused.
func ParseMoney(s string) (Money, error) {
	text, err := foldNumber(s)
	if err != nil {
		return Money{}, err
	}
	d, err := parseNumber(text)
	if err != nil {
		return Money{}, err
	}
	return moneyFrom(d, s)
}

// ParseMoneyText reads an amount as people write it (约3324.74万元, ￥1,200.00, 3亿2000万), u being the
// unit of a bare number. A unit glued to the number wins over u. What is finer than a fen is refused.
func ParseMoneyText(s string, u MoneyUnit) (Money, Written, error) {
	d, w, err := readFigure(s, moneyUnits, u.unit(), "人民币", "¥", "RMB", "CNY")
	if err != nil {
		return Money{}, w, err
	}
	m, err := moneyFrom(d, s)
	return m, w, err
}

// MoneyFromDecimal takes a number of yuan; more than two decimals are refused, never rounded.
func MoneyFromDecimal(d decimal.Decimal) (Money, error) { return moneyFrom(d, d.String()) }

func moneyFrom(d decimal.Decimal, shown string) (Money, error) {
	if err := fits(d, moneyPlaces, moneyLimit, shown); err != nil {
		return Money{}, err
	}
	return Money{d}, nil
}

// MoneyRound rounds an exact number of yuan to the fen, half away from zero (四舍五入). It is the one
// rounding of a lot's totals.
func MoneyRound(r *big.Rat) (Money, error) {
	return MoneyFromDecimal(roundRat(r, moneyPlaces))
}

// roundRat rounds half away from zero at the given number of decimals.
func roundRat(r *big.Rat, places int32) decimal.Decimal {
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
	double := new(big.Int).Mul(new(big.Int).Abs(scaled.Num()), big.NewInt(2))
	double.Add(double, scaled.Denom())
	quotient := double.Quo(double, new(big.Int).Mul(scaled.Denom(), big.NewInt(2)))
	if scaled.Sign() < 0 {
		quotient.Neg(quotient)
	}
	return decimal.NewFromBigInt(quotient, -places)
}

// Add is m + o.
func (m Money) Add(o Money) Money { return Money{m.d.Add(o.d)} }

// Sub is m − o.
func (m Money) Sub(o Money) Money { return Money{m.d.Sub(o.d)} }

// Neg is −m.
func (m Money) Neg() Money { return Money{m.d.Neg()} }

// Cmp compares: -1, 0 or 1.
func (m Money) Cmp(o Money) int { return m.d.Cmp(o.d) }

// Equal tells whether both are the same amount.
func (m Money) Equal(o Money) bool { return m.d.Equal(o.d) }

// Sign is -1, 0 or 1.
func (m Money) Sign() int { return m.d.Sign() }

// IsZero tells whether the amount is 0.00. Blank is not zero: what may be blank is a *Money.
func (m Money) IsZero() bool { return m.d.IsZero() }

// Decimal is the number of yuan.
func (m Money) Decimal() decimal.Decimal { return m.d }

// Rat is the number of yuan as an exact fraction.
func (m Money) Rat() *big.Rat { return m.d.Rat() }

// String prints the amount with two decimals: 33247400.00.
func (m Money) String() string { return m.d.StringFixed(moneyPlaces) }

// Wan prints the amount in 万元, rounded once to two decimals: 3324.74.
func (m Money) Wan() string {
	return roundRat(new(big.Rat).Quo(m.Rat(), big.NewRat(10000, 1)), 2).StringFixed(2)
}

// Grouped prints the amount with commas between the thousands: 33,247,400.00.
func (m Money) Grouped() string { return group(m.String()) }

func group(s string) string {
	start := 0
	if s != "" && s[0] == '-' {
		start = 1
	}
	end := len(s)
	for i := range len(s) {
		if s[i] == '.' {
			end = i
			break
		}
	}
	for i := end - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// MarshalText prints the fixed-scale string; in JSON an amount is never a number.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Money) UnmarshalText(b []byte) (err error) {
	*m, err = ParseMoney(string(b))
	return err
}

// Value sends the amount to the database as exact text.
func (m Money) Value() (driver.Value, error) { return m.String(), nil }

// Scan reads a numeric column. NULL is an error: a column that may be NULL is read into a *Money.
func (m *Money) Scan(src any) error {
	d, err := scanDecimal(src)
	if err != nil {
		return err
	}
	*m, err = MoneyFromDecimal(d)
	return err
}

func scanDecimal(src any) (decimal.Decimal, error) {
	var text string
	switch v := src.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	case int64:
		return decimal.NewFromInt(v), nil
	default:
		return decimal.Decimal{}, fmt.Errorf("ledger: cannot read %T as an exact number", src)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, fmt.Errorf("ledger: reading %q as an exact number: %w", text, err)
	}
	return d, nil
}

// Price is yuan per unit (亩·年, ㎡·月 …) with four decimals, exact.
type Price struct{ d decimal.Decimal }

// ParsePriceText reads a price as people write it; u is the money unit of a bare number.
func ParsePriceText(s string, u MoneyUnit) (Price, Written, error) {
	d, w, err := readFigure(s, moneyUnits, u.unit(), "人民币", "¥", "RMB", "CNY")
	if err != nil {
		return Price{}, w, err
	}
	p, err := priceFrom(d, s)
	return p, w, err
}

// PriceFromDecimal takes yuan per unit; more than four decimals are refused, never rounded.
func PriceFromDecimal(d decimal.Decimal) (Price, error) { return priceFrom(d, d.String()) }

func priceFrom(d decimal.Decimal, shown string) (Price, error) {
	if err := fits(d, pricePlaces, moneyLimit, shown); err != nil {
		return Price{}, err
	}
	return Price{d}, nil
}

// Decimal is the number of yuan per unit.
func (p Price) Decimal() decimal.Decimal { return p.d }

// Rat is the price as an exact fraction.
func (p Price) Rat() *big.Rat { return p.d.Rat() }

// Sign is -1, 0 or 1.
func (p Price) Sign() int { return p.d.Sign() }

// Equal tells whether both are the same price.
func (p Price) Equal(o Price) bool { return p.d.Equal(o.d) }

// String prints the price with four decimals.
func (p Price) String() string { return p.d.StringFixed(pricePlaces) }

// MarshalText prints the fixed-scale string.
func (p Price) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Price) UnmarshalText(b []byte) error {
	d, err := parseNumber(string(b))
	if err != nil {
		return err
	}
	*p, err = PriceFromDecimal(d)
	return err
}

// Value sends the price to the database as exact text.
func (p Price) Value() (driver.Value, error) { return p.String(), nil }

// Scan reads a numeric column; NULL is an error.
func (p *Price) Scan(src any) error {
	d, err := scanDecimal(src)
	if err != nil {
		return err
	}
	*p, err = PriceFromDecimal(d)
	return err
}
