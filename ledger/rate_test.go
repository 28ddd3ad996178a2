package ledger_test

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"mingzhang/ledger"
)

func parsed(tb testing.TB, s string) ledger.Money {
	tb.Helper()
	m, err := ledger.ParseMoney(s)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestPremiumRate_Published holds the rates that papers print, each under the definition it was made by.
func TestPremiumRate_Published(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, base, hammer string
		definition         ledger.RateDefinition
		want, percent      string
	}{
		{"street office, half-year", "33247400", "47636300", ledger.OnContractTotal, "0.4328", "43.28%"},
		{"怀集", "80", "204", ledger.OnContractTotal, "1.5500", "155.00%"},
		{"高明, first year", "2087.56", "2333.62", ledger.OnFirstYear, "0.1179", "11.79%"},
		{"连云港, on hammer", "20.61", "24.55", ledger.OnHammerTotal, "0.1605", "16.05%"},
		{"连云港, on base", "20.61", "24.55", ledger.OnContractTotal, "0.1912", "19.12%"},
		{"against the prior contract", "100", "381", ledger.AgainstPriorContract, "2.8100", "281.00%"},
		{"below base", "100", "99", ledger.OnContractTotal, "-0.0100", "-1.00%"},
		{"at base", "100", "100", ledger.OnContractTotal, "0.0000", "0.00%"},
	} {
		r, ok := ledger.PremiumRate(tt.definition, parsed(t, tt.base), parsed(t, tt.hammer))
		if !ok || r.String() != tt.want || r.Percent() != tt.percent {
			t.Errorf("%s: %s %s, %t, want %s %s", tt.name, r, r.Percent(), ok, tt.want, tt.percent)
		}
	}
	for _, definition := range []ledger.RateDefinition{ledger.OnContractTotal, ledger.OnFirstYear, ledger.AgainstPriorContract, ledger.SimpleMean, "other"} {
		if r, ok := ledger.PremiumRate(definition, parsed(t, "0"), parsed(t, "5")); ok {
			t.Errorf("%s of a base of nothing = %s", definition, r)
		}
	}
	if r, ok := ledger.PremiumRate(ledger.OnHammerTotal, parsed(t, "5"), parsed(t, "0")); ok {
		t.Errorf("on a hammer of nothing = %s", r)
	}
	if r, ok := ledger.PremiumRate(ledger.SimpleMean, parsed(t, "5"), parsed(t, "6")); ok {
		t.Errorf("a mean of sums = %s", r)
	}
}

func TestRateOf_Halves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ part, whole, want string }{
		{"0.49", "10000", "0.0000"}, {"0.50", "10000", "0.0001"}, {"0.51", "10000", "0.0001"}, {"-0.49", "10000", "0.0000"}, {"-0.50", "10000", "-0.0001"},
		{"0.50", "-10000", "-0.0001"}, {"1.50", "10000", "0.0002"}, {"2.50", "10000", "0.0003"}, {"2", "3", "0.6667"},
	} {
		if r, ok := ledger.RateOf(parsed(t, tt.part), parsed(t, tt.whole)); !ok || r.String() != tt.want {
			t.Errorf("%s ÷ %s = %s, %t, want %s", tt.part, tt.whole, r, ok, tt.want)
		}
	}
}

func TestRateOf_Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		part, whole := drawFen(t, "part"), drawFen(t, "whole")
		r, ok := ledger.RateOf(fenOf(t, part), fenOf(t, whole))
		if ok != (whole != 0) {
			t.Fatalf("%d ÷ %d exists: %t", part, whole, ok)
		}
		if !ok {
			return
		}
		n, d := new(big.Int).Mul(big.NewInt(part), big.NewInt(10000)), big.NewInt(whole)
		if whole < 0 {
			n.Neg(n)
			d.Neg(d)
		}
		want := new(big.Rat).SetFrac(halfUp(n, d), big.NewInt(10000))
		if r.Decimal().Rat().Cmp(want) != 0 || r.String() != want.FloatString(4) {
			t.Fatalf("%d ÷ %d = %s, want %s", part, whole, r, want.FloatString(4))
		}
	})
}

func TestMean(t *testing.T) {
	t.Parallel()
	var none ledger.Mean
	none.Add(parsed(t, "0"), parsed(t, "5")) // a base of nothing has no rate
	if r, ok := none.Rate(); ok {
		t.Fatalf("the mean of nothing = %s", r)
	}
	var m ledger.Mean
	for _, lot := range [][2]string{{"100", "110"}, {"300", "310"}, {"0", "5"}} { // 0.1 and 0.0333…
		m.Add(parsed(t, lot[0]), parsed(t, lot[1]))
	}
	if r, ok := m.Rate(); !ok || r.String() != "0.0667" {
		t.Fatalf("mean = %s, %t, want 0.0667", r, ok)
	}
}

func TestMean_Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var m ledger.Mean
		sum, count := new(big.Rat), rapid.IntRange(1, 40).Draw(t, "lots")
		for range count {
			base, hammer := rapid.Int64Range(1, 1<<40).Draw(t, "base"), rapid.Int64Range(0, 1<<40).Draw(t, "hammer")
			m.Add(fenOf(t, base), fenOf(t, hammer))
			sum.Add(sum, big.NewRat(hammer-base, base))
		}
		exact := sum.Quo(sum, big.NewRat(int64(count), 1))
		got, ok := m.Rate()
		gap := new(big.Rat).Sub(got.Decimal().Rat(), exact)
		// half of the last place, and the 30 decimals that single rates are carried to
		bound := new(big.Rat).Add(big.NewRat(1, 20_000), new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(29), nil)))
		if !ok || gap.Abs(gap).Cmp(bound) > 0 {
			t.Fatalf("mean = %s, %t, want %s", got, ok, exact.FloatString(8))
		}
	})
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"0.4328": "0.4328", "1": "1.0000", "-0.01": "-0.0100", "0.43280": "0.4328", "０.５": "0.5000"} {
		if r, err := ledger.ParseRate(text); err != nil || r.String() != want {
			t.Errorf("ParseRate(%q) = %s, %v, want %s", text, r, err, want)
		}
	}
	for text, reason := range map[string]string{
		"": "number.unreadable", "43.28%": "number.unreadable", "1e1": "number.unreadable", "0. 5": "number.unreadable",
		"0.43281": "number.too_many_decimals", "100000000000000": "number.too_large",
	} {
		if r, err := ledger.ParseRate(text); !errors.Is(err, ledger.E(ledger.Invalid, reason)) {
			t.Errorf("ParseRate(%q) = %s, %v, want %s", text, r, err, reason)
		}
	}
}

func TestRateDefinition_Names(t *testing.T) {
	t.Parallel()
	seen := map[ledger.Text]bool{}
	for _, d := range []ledger.RateDefinition{ledger.OnContractTotal, ledger.OnFirstYear, ledger.SimpleMean, ledger.OnHammerTotal, ledger.AgainstPriorContract} {
		name := d.Name()
		if name.ZH == "" || name.EN == "" || seen[name] {
			t.Errorf("%s is named %v", d, name)
		}
		seen[name] = true
	}
}
