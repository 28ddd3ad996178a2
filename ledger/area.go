package ledger

import (
	"database/sql/driver"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"
)

// areaPlaces lets half a square millimetre be exact: 0.0000005 m² × 0.0015 has eleven decimals.
const areaPlaces = 11

// areaLimit is 10^10 mu, about two thirds of all the land of China.
var areaLimit = decimal.New(1, 10)

// Area is an area in mu (亩), exact to eleven decimals. 1 m² = 0.0015 mu exactly, 1 hectare = 15 mu.
// The zero value is 0.00.
type Area struct{ d decimal.Decimal }

// AreaUnit is the unit an area is written in.
type AreaUnit string

// The units of area that are read. 分 and 厘 are a tenth and a hundredth of a mu.
const (
	Mu          AreaUnit = "亩"
	Fen         AreaUnit = "分"
	Li          AreaUnit = "厘"
	SquareMetre AreaUnit = "㎡"
	Hectare     AreaUnit = "公顷"
	WanMu       AreaUnit = "万亩"
	SquareKM    AreaUnit = "平方公里"
)

// areaUnits are the names that may be glued to a number, each factor in mu (domain: 亩 = m² × 0.0015).
var areaUnits = []unit{
	{"万平方米", factor("15")}, {"平方公里", factor("1500")}, {"平方千米", factor("1500")}, {"平方米", factor("0.0015")},
	{"万亩", factor("10000")}, {"市亩", factor("1")}, {"公顷", factor("15")}, {"平米", factor("0.0015")},
	{"方", factor("0.0015")}, {"km²", factor("1500")}, {"km2", factor("1500")}, {"㎡", factor("0.0015")},
	{"m²", factor("0.0015")}, {"m2", factor("0.0015")}, {"ha", factor("15")}, {"亩", factor("1")},
	{"mu", factor("1")}, {"分", factor("0.1")}, {"厘", factor("0.01")},
}

// AreaUnitOf finds the unit by its printed name (亩, 平方米, m2, hectare …); ok is false for any other text.
func AreaUnitOf(name string) (u AreaUnit, ok bool) {
	switch strings.ToLower(Fold(name)) {
	case "亩", "市亩", "mu":
		return Mu, true
	case "分":
		return Fen, true
	case "厘":
		return Li, true
	case "㎡", "平方米", "平米", "m2", "m²", "sqm", "squaremetres":
		return SquareMetre, true
	case "公顷", "ha", "hectare", "hectares":
		return Hectare, true
	case "万亩":
		return WanMu, true
	case "平方公里", "平方千米", "km2", "km²":
		return SquareKM, true
	}
	return "", false
}

func (u AreaUnit) unit() unit {
	for _, known := range areaUnits {
		if known.name == string(u) {
			return known
		}
	}
	return unit{string(Mu), factor("1")}
}

// Factor is the number of mu in one of the unit.
func (u AreaUnit) Factor() decimal.Decimal { return u.unit().factor }

// ParseMu reads a plain number of mu.
func ParseMu(s string) (Area, error) {
	text, err := foldNumber(s)
	if err != nil {
		return Area{}, err
	}
	d, err := parseNumber(text)
	if err != nil {
		return Area{}, err
	}
	return areaFrom(d, s)
}

// ParseAreaText reads an area as people write it (约3亩2分, 0.7655公顷, 5,000㎡), u being the unit of a
// bare number. A unit glued to the number wins over u. What is finer than half a square millimetre is refused.
func ParseAreaText(s string, u AreaUnit) (Area, Written, error) {
	d, w, err := readFigure(s, areaUnits, u.unit())
	if err != nil {
		return Area{}, w, err
	}
	a, err := areaFrom(d, s)
	return a, w, err
}

// AreaFromDecimal takes a number of mu; more than eleven decimals are refused, never rounded.
func AreaFromDecimal(d decimal.Decimal) (Area, error) { return areaFrom(d, d.String()) }

func areaFrom(d decimal.Decimal, shown string) (Area, error) {
	if err := fits(d, areaPlaces, areaLimit, shown); err != nil {
		return Area{}, err
	}
	return Area{d}, nil
}

// Add is a + o.
func (a Area) Add(o Area) Area { return Area{a.d.Add(o.d)} }

// Sub is a − o.
func (a Area) Sub(o Area) Area { return Area{a.d.Sub(o.d)} }

// Cmp compares: -1, 0 or 1.
func (a Area) Cmp(o Area) int { return a.d.Cmp(o.d) }

// Equal tells whether both are the same area.
func (a Area) Equal(o Area) bool { return a.d.Equal(o.d) }

// Sign is -1, 0 or 1.
func (a Area) Sign() int { return a.d.Sign() }

// IsZero tells whether the area is nothing. Blank is not zero: what may be blank is an *Area.
func (a Area) IsZero() bool { return a.d.IsZero() }

// Decimal is the number of mu.
func (a Area) Decimal() decimal.Decimal { return a.d }

// Rat is the number of mu as an exact fraction.
func (a Area) Rat() *big.Rat { return a.d.Rat() }

// Round rounds once, at the end of a sum, half away from zero: what reports print.
func (a Area) Round(places int32) Area { return Area{a.d.Round(places)} }

// String prints mu with at least two decimals and no further trailing zeros: 422.02, 18.370644.
func (a Area) String() string {
	s := a.d.StringFixed(areaPlaces)
	for strings.HasSuffix(s, "0") && len(s)-strings.IndexByte(s, '.') > 3 {
		s = s[:len(s)-1]
	}
	return s
}

// MarshalText prints the area as String does; in JSON an area is never a number.
func (a Area) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Area) UnmarshalText(b []byte) (err error) {
	*a, err = ParseMu(string(b))
	return err
}

// Value sends the area to the database as exact text.
func (a Area) Value() (driver.Value, error) { return a.String(), nil }

// Scan reads a numeric column; NULL is an error.
func (a *Area) Scan(src any) error {
	d, err := scanDecimal(src)
	if err != nil {
		return err
	}
	*a, err = AreaFromDecimal(d)
	return err
}
