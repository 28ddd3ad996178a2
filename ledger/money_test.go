package ledger_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mingzhang/ledger"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0.00", "-0": "0.00", "1": "1.00", "1.5": "1.50", "1.50": "1.50", "1.5000": "1.50", "+1": "1.00", "-1.05": "-1.05", "1,234.50": "1234.50",
		"007": "7.00", "１２": "12.00", "99999999999999.99": "99999999999999.99", "-99999999999999.99": "-99999999999999.99", "　5": "5.00",
	} {
		if m, err := ledger.ParseMoney(text); err != nil || m.String() != want {
			t.Errorf("ParseMoney(%q) = %s, %v, want %s", text, m, err, want)
		}
	}
	for text, reason := range map[string]string{
		"": "number.unreadable", "abc": "number.unreadable", "1e5": "number.unreadable", "1万": "number.unreadable", "5元": "number.unreadable", "1 2": "number.unreadable",
		"1.001": "number.too_many_decimals", "0.009": "number.too_many_decimals", "1.005": "number.too_many_decimals", "100000000000000": "number.too_large",
	} {
		if m, err := ledger.ParseMoney(text); !errors.Is(err, ledger.E(ledger.Invalid, reason)) || !m.IsZero() {
			t.Errorf("ParseMoney(%q) = %s, %v, want %s", text, m, err, reason)
		}
	}
}

func TestMoneyRound(t *testing.T) {
	t.Parallel()
	for fraction, want := range map[string]string{
		"0.0049999999": "0.00", "0.005": "0.01", "0.0050000001": "0.01", "-0.0049": "0.00", "-0.005": "-0.01", "-0.0051": "-0.01", "0.015": "0.02", "0.025": "0.03",
		"1/3": "0.33", "2/3": "0.67", "-2/3": "-0.67", "1/200": "0.01", "-1/200": "-0.01", "31759/12": "2646.58", "2.675": "2.68", "1.005": "1.01",
	} {
		r, ok := new(big.Rat).SetString(fraction)
		if !ok {
			t.Fatal(fraction)
		}
		if m, err := ledger.MoneyRound(r); err != nil || m.String() != want {
			t.Errorf("MoneyRound(%s) = %s, %v, want %s", fraction, m, err, want)
		}
	}
	if m, err := ledger.MoneyRound(new(big.Rat).SetInt64(100_000_000_000_000)); !errors.Is(err, ledger.E(ledger.Invalid, "number.too_large")) {
		t.Errorf("MoneyRound(10^14) = %s, %v, want number.too_large", m, err)
	}
}

// fenOf makes an amount of so many fen.
func fenOf(t *rapid.T, fen int64) ledger.Money {
	m, err := ledger.MoneyFromDecimal(decimal.New(fen, -2))
	if err != nil {
		t.Fatalf("%d fen: %v", fen, err)
	}
	return m
}

func drawFen(t *rapid.T, label string) int64 {
	return rapid.Int64Range(-1_000_000_000_000_000, 1_000_000_000_000_000).Draw(t, label)
}

func TestMoney_Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawFen(t, "a"), drawFen(t, "b")
		m, o := fenOf(t, a), fenOf(t, b)
		for _, tt := range []struct {
			what string
			got  ledger.Money
			want int64
		}{{"+", m.Add(o), a + b}, {"-", m.Sub(o), a - b}, {"neg", m.Neg(), -a}} {
			if want := big.NewRat(tt.want, 100); tt.got.Rat().Cmp(want) != 0 || tt.got.String() != want.FloatString(2) {
				t.Fatalf("%s %s %s = %s, want %s", m, tt.what, o, tt.got, want.FloatString(2))
			}
		}
		if want := big.NewInt(a).Cmp(big.NewInt(b)); m.Cmp(o) != want || m.Equal(o) != (want == 0) || m.Sub(o).Sign() != want {
			t.Fatalf("%s against %s = %d, want %d", m, o, m.Cmp(o), want)
		}
		if back, err := ledger.ParseMoney(m.Grouped()); err != nil || !back.Equal(m) {
			t.Fatalf("%s reads back as %s, %v", m.Grouped(), back, err)
		}
		wan, err := ledger.ParseMoney(m.Wan())
		if err != nil {
			t.Fatal(err)
		}
		gap := new(big.Rat).Sub(new(big.Rat).Mul(wan.Rat(), big.NewRat(10000, 1)), m.Rat())
		if gap.Abs(gap).Cmp(big.NewRat(50, 1)) > 0 {
			t.Fatalf("%s prints as %s 万, %s yuan away", m, m.Wan(), gap.FloatString(2))
		}
	})
}

// halfUp rounds numerator ÷ denominator (> 0) half away from zero, by the remainder.
func halfUp(numerator, denominator *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(numerator, denominator, new(big.Int))
	if new(big.Int).Abs(r.Lsh(r, 1)).Cmp(denominator) >= 0 {
		q.Add(q, big.NewInt(int64(numerator.Sign())))
	}
	return q
}

func TestMoneyRound_Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.Int64Range(-1<<55, 1<<55).Draw(t, "numerator"), rapid.Int64Range(1, 100_000).Draw(t, "denominator")
		got, err := ledger.MoneyRound(new(big.Rat).SetFrac(big.NewInt(n), big.NewInt(d)))
		want := new(big.Rat).SetFrac(halfUp(new(big.Int).Mul(big.NewInt(n), big.NewInt(100)), big.NewInt(d)), big.NewInt(100))
		if new(big.Rat).Abs(want).Cmp(new(big.Rat).SetInt64(100_000_000_000_000)) >= 0 {
			if err == nil {
				t.Fatalf("%d/%d = %s is over the limit and was taken", n, d, got)
			}
			return
		}
		if err != nil || got.Rat().Cmp(want) != 0 {
			t.Fatalf("MoneyRound(%d/%d) = %s, %v, want %s", n, d, got, err, want.FloatString(2))
		}
	})
}

// exact is what the four exact types have in common.
type exact interface {
	MarshalText() ([]byte, error)
	String() string
}

func TestExact_JSON(t *testing.T) {
	t.Parallel()
	var m ledger.Money
	var p ledger.Price
	var a ledger.Area
	var r ledger.Rate
	for _, tt := range []struct {
		in, want, tooFine string
		into              exact
	}{
		{`"1,234.5"`, `"1234.50"`, `"1.001"`, &m}, {`"710"`, `"710.0000"`, `"1.00001"`, &p},
		{`"422.0200"`, `"422.02"`, `"0.000000000001"`, &a}, {`"0.43280"`, `"0.4328"`, `"0.43281"`, &r},
	} {
		if err := json.Unmarshal([]byte(tt.in), tt.into); err != nil {
			t.Fatalf("%T from %s: %v", tt.into, tt.in, err)
		}
		if out, err := json.Marshal(tt.into); err != nil || string(out) != tt.want {
			t.Errorf("%T %s prints %s, %v, want %s", tt.into, tt.in, out, err, tt.want)
		}
		for _, bad := range []string{`1234.5`, `1`, `""`, `"1e3"`, `"NaN"`, `true`, `{}`, `[]`, `"1 2"`, tt.tooFine} {
			if err := json.Unmarshal([]byte(bad), tt.into); err == nil {
				t.Errorf("%T was read from %s", tt.into, bad)
			}
		}
	}
}

func TestExact_Scan(t *testing.T) {
	t.Parallel()
	scan := map[string]interface{ Scan(src any) error }{
		"1234.50": new(ledger.Money), "710.0000": new(ledger.Price), "18.370644": new(ledger.Area), "0.4328": new(ledger.Rate),
	}
	for text, into := range scan {
		for _, src := range []any{text, []byte(text)} {
			if err := into.Scan(src); err != nil || into.(exact).String() != text {
				t.Errorf("%T.Scan(%T %s) = %s, %v", into, src, text, into, err)
			}
		}
		for _, src := range []any{nil, "", "NaN", "Infinity", "abc", true, []byte("0.0000000000001"), "1000000000000000"} {
			if err := into.Scan(src); err == nil {
				t.Errorf("%T.Scan(%v) was taken as %s", into, src, into)
			}
		}
		if err := into.Scan(int64(3)); err != nil || into.(exact).String()[0] != '3' {
			t.Errorf("%T.Scan(3) = %s, %v", into, into, err)
		}
	}
	m, err := ledger.ParseMoney("5")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := m.Value(); err != nil || v != "5.00" {
		t.Errorf("Value = %v, %v, want the text 5.00", v, err)
	}
	if zero := (ledger.Money{}); zero.String() != "0.00" || !zero.IsZero() || zero.Rat().Sign() != 0 {
		t.Errorf("the zero value is %s", zero)
	}
}

func TestMoney_Printed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, grouped, wan string }{
		{"0", "0.00", "0.00"}, {"999.99", "999.99", "0.10"}, {"1000", "1,000.00", "0.10"}, {"-1000", "-1,000.00", "-0.10"}, {"-999", "-999.00", "-0.10"},
		{"33247400", "33,247,400.00", "3324.74"}, {"14388900", "14,388,900.00", "1438.89"}, {"49.99", "49.99", "0.00"}, {"50", "50.00", "0.01"},
	} {
		m, err := ledger.ParseMoney(tt.text)
		if err != nil || m.Grouped() != tt.grouped || m.Wan() != tt.wan {
			t.Errorf("%s prints %s and %s, %v, want %s and %s", tt.text, m.Grouped(), m.Wan(), err, tt.grouped, tt.wan)
		}
	}
}

func TestPrice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"710": "710.0000", "56.73万元": "567300.0000", "0.0001": "0.0001", "1.5元": "1.5000", "约3": "3.0000"} {
		if p, _, err := ledger.ParsePriceText(text, ledger.Yuan); err != nil || p.String() != want {
			t.Errorf("ParsePriceText(%q) = %s, %v, want %s", text, p, err, want)
		}
	}
	for text, reason := range map[string]string{"0.00001": "number.too_many_decimals", "": "number.unreadable", "350 250": "number.unreadable", "100000000000000": "number.too_large"} {
		if p, _, err := ledger.ParsePriceText(text, ledger.Yuan); !errors.Is(err, ledger.E(ledger.Invalid, reason)) {
			t.Errorf("ParsePriceText(%q) = %s, %v, want %s", text, p, err, reason)
		}
	}
}
