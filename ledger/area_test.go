package ledger_test

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mingzhang/ledger"
)

// TestArea_Conversion: 1 m² is exactly 0.0015 mu and 1 hectare 15, in any number of parts.
func TestArea_Conversion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-1<<43, 1<<43).Draw(t, "ten-thousandths")
		text := decimal.New(n, -4).String()
		for unit, factor := range map[ledger.AreaUnit]*big.Rat{
			ledger.SquareMetre: big.NewRat(3, 2000), ledger.Hectare: big.NewRat(15, 1), ledger.Mu: big.NewRat(1, 1), ledger.Fen: big.NewRat(1, 10),
		} {
			want := new(big.Rat).Mul(big.NewRat(n, 10000), factor)
			a, _, err := ledger.ParseAreaText(text, unit)
			if new(big.Rat).Abs(want).Cmp(big.NewRat(10_000_000_000, 1)) >= 0 {
				if err == nil {
					t.Fatalf("%s %s is too large and was taken", text, unit)
				}
				continue
			}
			if err != nil || a.Rat().Cmp(want) != 0 {
				t.Fatalf("%s %s = %s mu, %v, want %s", text, unit, a, err, want.FloatString(11))
			}
			if back, err := ledger.ParseMu(a.String()); err != nil || !back.Equal(a) {
				t.Fatalf("%s prints as %s and reads back as %s, %v", text, a, back, err)
			}
		}
	})
}

func TestArea_SumProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 50).Draw(t, "hundredths of m²")
		sum, want := ledger.Area{}, new(big.Int)
		for _, n := range parts {
			a, _, err := ledger.ParseAreaText(decimal.New(n, -2).String()+"㎡", ledger.Mu)
			if err != nil {
				t.Fatal(err)
			}
			sum = sum.Add(a)
			want.Add(want, big.NewInt(n))
		}
		exact := new(big.Rat).Mul(new(big.Rat).SetInt(want), big.NewRat(3, 200_000))
		if sum.Rat().Cmp(exact) != 0 {
			t.Fatalf("sum = %s, want %s", sum, exact.FloatString(11))
		}
		cents := halfUp(new(big.Int).Mul(want, big.NewInt(300)), big.NewInt(200_000))
		if got := sum.Round(2); got.Rat().Cmp(new(big.Rat).SetFrac(cents, big.NewInt(100))) != 0 {
			t.Fatalf("%s rounds to %s, want %s hundredths", sum, got, cents)
		}
		if !sum.Sub(sum).IsZero() || sum.Cmp(ledger.Area{}.Add(sum)) != 0 || sum.Sign() < 0 {
			t.Fatalf("%s does not cancel", sum)
		}
	})
}

func TestArea_String(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0.00", "422.02": "422.02", "422.0": "422.00", "422.10": "422.10", "18.370644": "18.370644", "18.3706440": "18.370644", "-0.5": "-0.50",
		"0.00000000001": "0.00000000001", "100": "100.00", "1000.100": "1000.10",
	} {
		if a, err := ledger.ParseMu(text); err != nil || a.String() != want {
			t.Errorf("%s prints %s, %v, want %s", text, a, err, want)
		}
	}
	if zero := (ledger.Area{}); zero.String() != "0.00" || !zero.IsZero() {
		t.Errorf("the zero value is %s", zero)
	}
}

// TestArea_KnownPrints are areas that papers print in two units.
func TestArea_KnownPrints(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"180公顷": "2700.00", "202.6737公顷": "3040.1055", "89.6937公顷": "1345.4055", "38253㎡": "57.3795", "281346.67㎡": "422.020005", "2000㎡": "3.00", "0.01㎡": "0.000015",
	} {
		if a, _, err := ledger.ParseAreaText(text, ledger.Mu); err != nil || a.String() != want {
			t.Errorf("%s = %s mu, %v, want %s", text, a, err, want)
		}
	}
}
