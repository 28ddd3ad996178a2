package price

import (
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// Quantity is how much there is of what the price is for: 3 mu, 2000 m², 2 rooms. An empty Measure
// is a bare number whose unit nobody said. The zero value is no quantity.
type Quantity struct {
	Number  decimal.Decimal
	Measure Measure
}

// IsZero tells whether there is no quantity. A quantity of 0 is refused, so it cannot be meant.
func (q Quantity) IsZero() bool { return q.Number.IsZero() && q.Measure == None }

// QuantityOf is an area as a quantity in mu.
func QuantityOf(a ledger.Area) Quantity { return Quantity{a.Decimal(), Mu} }

// MeasureOf finds a measure by any of its names (平方米, 间, mu); ok is false for any other text.
func MeasureOf(name string) (m Measure, ok bool) {
	s := squeeze(name)
	for _, w := range measures {
		for _, spelt := range w.spelt {
			if s == spelt || s == spelt+"s" {
				return w.code, true
			}
		}
	}
	return None, false
}

// ParseQuantity reads a quantity as people write it: 约3亩2分, 2,000㎡, 3间. A bare number is in the given
// measure, which may be None. Areas keep the unit they are written in, except that 亩分厘 become mu
// and 平方公里 square metres. Errors are those of ledger's numbers.
func ParseQuantity(text string, bare Measure) (Quantity, ledger.Written, error) {
	s := ledger.Fold(text)
	i := strings.LastIndexAny(s, "0123456789")
	if i >= 0 {
		tail := strings.TrimLeft(s[i+1:], "余多")
		m, known := MeasureOf(tail)
		if _, _, area := m.area(); known && !area {
			a, w, err := ledger.ParseAreaText(strings.TrimSuffix(s, tail), ledger.Mu) // only the number is of interest
			w.Text, w.Unit = text, m.Name().ZH
			return Quantity{a.Decimal(), m}, w, err
		}
	}
	area, w, err := ledger.ParseAreaText(text, plainUnit(bare))
	if err != nil {
		return Quantity{}, w, err
	}
	number := strings.TrimSuffix(strings.TrimSuffix(s, "左右"), "上下")
	if i == len(strings.TrimRight(number, "余多"))-1 { // it ends in its last digit: a bare number
		w.Unit = bare.Name().ZH
		return quantityIn(area, bare), w, nil
	}
	switch w.Unit {
	case "平方米", "平米", "方", "㎡", "m²", "m2", "万平方米", "平方公里", "平方千米", "km2", "km²":
		return quantityIn(area, M2), w, nil
	case "公顷", "ha":
		return quantityIn(area, Hectare), w, nil
	}
	return quantityIn(area, Mu), w, nil
}

// plainUnit is the unit in which ledger reads a bare number of the measure.
func plainUnit(m Measure) ledger.AreaUnit {
	switch m {
	case M2:
		return ledger.SquareMetre
	case Hectare:
		return ledger.Hectare
	default:
		return ledger.Mu // of anything that is no area only the number is taken
	}
}

// quantityIn brings an area that was read in the given measure back to it. 1 m² is 0.0015 mu and
// 1 hectare 15 mu, so the way back is exact.
func quantityIn(a ledger.Area, m Measure) Quantity {
	n := a.Decimal()
	switch m {
	case M2:
		n = n.Mul(decimal.NewFromInt(2000)).DivRound(decimal.NewFromInt(3), 11)
	case Hectare:
		n = n.DivRound(decimal.NewFromInt(15), 11)
	default: // the number is in mu, or a plain count
	}
	return Quantity{n, m}
}

// In is the quantity as a number of the given measure, exact. Areas convert into each other; a
// parcel without a quantity is one, and so is the whole lot (None), whatever its size. All else that
// does not fit is refused.
func (q Quantity) In(m Measure) (*big.Rat, error) {
	if q.Number.Sign() < 0 || q.Measure != None && q.Number.IsZero() {
		return nil, ledger.E(ledger.Invalid, "price.quantity_not_positive", q.Number.String())
	}
	if m == None || m == Parcel && q.IsZero() {
		return big.NewRat(1, 1), nil
	}
	if q.IsZero() {
		return nil, ledger.E(ledger.Invalid, "price.quantity_missing", m.Name())
	}
	n := q.Number.Rat()
	if q.Measure == m {
		return n, nil
	}
	wantN, wantD, wantArea := m.area()
	if q.Measure == None {
		if wantArea {
			return nil, ledger.E(ledger.Invalid, "price.quantity_unit_unknown", q.Number.String(), m.Name())
		}
		return n, nil
	}
	haveN, haveD, haveArea := q.Measure.area()
	if !wantArea || !haveArea {
		return nil, ledger.E(ledger.Invalid, "price.measure_mismatch", m.Name(), q.Measure.Name())
	}
	n.Mul(n, big.NewRat(haveN, haveD))
	return n.Mul(n, big.NewRat(wantD, wantN)), nil
}
