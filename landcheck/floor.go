package landcheck

import (
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// floorPlaces are the decimals of a floor area; floorLimit is where one is absurd. The table holds both too.
const floorPlaces = 4

func floorLimit() decimal.Decimal { return decimal.New(1, 14) }

// FloorArea is a floor area (建筑面积) in square metres, exact to four decimals. It is another type than
// ledger.Area so that it can never be summed with land.
type FloorArea struct{ d decimal.Decimal }

// ParseFloorArea reads a floor area as people write it, unit being what a bare number is in. Floor area in mu
// or hectares is refused: it would be land.
func ParseFloorArea(text string, unit ledger.AreaUnit) (FloorArea, ledger.Written, error) {
	area, w, err := ledger.ParseAreaText(text, unit)
	if err != nil {
		return FloorArea{}, w, err
	}
	if !slices.Contains([]string{"㎡", "m²", "m2", "平方米", "平米", "方", "万平方米"}, w.Unit) {
		return FloorArea{}, w, ledger.E(ledger.Invalid, "parcel.floor_area_unit", text, w.Unit)
	}
	// m² = mu × 2000 ÷ 3, which comes out even because the mu were made from m².
	m2, rest := area.Decimal().Mul(decimal.New(2000, 0)).QuoRem(decimal.New(3, 0), 12)
	if !rest.IsZero() {
		return FloorArea{}, w, ledger.E(ledger.Invalid, "number.too_many_decimals", text, floorPlaces)
	}
	f, err := floorFrom(m2, text)
	return f, w, err
}

func floorFrom(d decimal.Decimal, shown string) (FloorArea, error) {
	if !d.Equal(d.Truncate(floorPlaces)) {
		return FloorArea{}, ledger.E(ledger.Invalid, "number.too_many_decimals", shown, floorPlaces)
	}
	if d.Sign() <= 0 {
		return FloorArea{}, ledger.E(ledger.Invalid, "amount.not_positive", shown)
	}
	if d.Cmp(floorLimit()) >= 0 {
		return FloorArea{}, ledger.E(ledger.Invalid, "number.too_large", shown, floorLimit().String())
	}
	return FloorArea{d.Truncate(floorPlaces)}, nil
}

// Decimal is the number of square metres.
func (f FloorArea) Decimal() decimal.Decimal { return f.d }

// String prints square metres without trailing zeros: 3286.6.
func (f FloorArea) String() string { return f.d.String() }

// MarshalText prints the area as String does.
func (f FloorArea) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (f *FloorArea) UnmarshalText(b []byte) error {
	d, err := decimal.NewFromString(string(b))
	if err != nil {
		return ledger.E(ledger.Invalid, "number.unreadable", string(b)).Because(err)
	}
	*f, err = floorFrom(d, string(b))
	return err
}

// Value sends the area to the database as exact text.
func (f FloorArea) Value() (driver.Value, error) { return f.String(), nil }

// Scan reads a numeric column; NULL is an error.
func (f *FloorArea) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		return f.UnmarshalText(v)
	case string:
		return f.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("landcheck: cannot read %T as a floor area", src)
}
