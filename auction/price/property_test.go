package price_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mingzhang/auction/price"
	"mingzhang/ledger"
)

// drawn is a line and, beside it, the whole numbers it was made of.
type drawn struct {
	line                        price.Line
	tenThousandths, thousandths int64 // price × 10⁴, quantity × 10³
	perMonths                   int64
}

func drawLine(t *rapid.T) drawn {
	per := rapid.SampledFrom([]struct {
		unit   string
		months int64
	}{{"元/亩·月", 1}, {"元/亩·季", 3}, {"元/亩·半年", 6}, {"元/亩·年", 12}}).Draw(t, "unit")
	u, _, err := price.ParseUnit(per.unit)
	if err != nil {
		t.Fatal(err)
	}
	d := drawn{
		tenThousandths: rapid.Int64Range(0, 1_000_000_000).Draw(t, "price"),
		thousandths:    rapid.Int64Range(1, 10_000_000).Draw(t, "quantity"), perMonths: per.months,
	}
	p, err := ledger.PriceFromDecimal(decimal.New(d.tenThousandths, -4))
	if err != nil {
		t.Fatal(err)
	}
	d.line = price.Line{Unit: u, Price: p, Quantity: price.Quantity{Number: decimal.New(d.thousandths, -3), Measure: price.Mu}}
	return d
}

// TestProperty_Flat reckons every total a second time in whole numbers over one denominator, and
// rounds by the remainder. The order of the lines must not matter.
func TestProperty_Flat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(drawLine), 1, 6).Draw(t, "lines")
		months := rapid.IntRange(1, 1200).Draw(t, "months")
		var given []price.Line
		sum := new(big.Int) // yuan × 10⁷ × 12
		for _, d := range all {
			given = append(given, d.line)
			n := new(big.Int).Mul(big.NewInt(d.tenThousandths), big.NewInt(d.thousandths))
			sum.Add(sum, n.Mul(n, big.NewInt(int64(months)*12/d.perMonths)))
		}
		fen, rest := new(big.Int).QuoRem(sum, big.NewInt(12*100_000), new(big.Int))
		if rest.Int64() >= 6*100_000 {
			fen.Add(fen, big.NewInt(1))
		}
		want := decimal.NewFromBigInt(fen, -2)
		got, err := price.Flat(given, price.Term{Months: months}, nil, nil)
		if err != nil {
			if want.Cmp(decimal.New(1, 14)) < 0 {
				t.Fatalf("Flat: %v", err)
			}
			return
		}
		if !got.Decimal().Equal(want) {
			t.Fatalf("Flat = %s, want %s", got, want)
		}
		slices.Reverse(given)
		if back, err := price.Flat(given, price.Term{Months: months}, nil, nil); err != nil || !back.Equal(got) {
			t.Fatalf("reversed lines give %s, %v, want %s", back, err, got)
		}
		if net, err := price.FlatNet(price.Terms{Lines: given, Term: price.Term{Months: months}}); err != nil || !net.Equal(got) {
			t.Fatalf("without rent-free time flat_net is %s, %v, want %s", net, err, got)
		}
	})
}

// TestProperty_Areas: the same land in m², mu and hectares costs the same.
func TestProperty_Areas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cm := rapid.Int64Range(1, 1<<40).Draw(t, "hundredths of m²")
		m2 := decimal.New(cm, -2)
		all := []price.Quantity{
			{Number: m2, Measure: price.M2}, {Number: m2.Mul(decimal.New(15, -4)), Measure: price.Mu}, {Number: m2.Shift(-4), Measure: price.Hectare},
		}
		for _, q := range all {
			for _, want := range all {
				got, err := q.In(want.Measure)
				if err != nil || got.Cmp(want.Number.Rat()) != 0 {
					t.Fatalf("%s %s is %s %s, %v, want %s", q.Number, q.Measure, got, want.Measure, err, want.Number)
				}
			}
		}
		for _, text := range []string{m2.String() + "㎡", m2.Shift(-4).String() + "公顷", all[1].Number.String() + "亩"} {
			q, _, err := price.ParseQuantity(text, price.None)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := q.In(price.M2); err != nil || got.Cmp(m2.Rat()) != 0 {
				t.Fatalf("%s is %s m², %v, want %s", text, got, err, m2)
			}
		}
	})
}

// TestProperty_Schedule: the years follow each other without a gap and add up to the escalated total.
func TestProperty_Schedule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		months := rapid.IntRange(1, 400).Draw(t, "months")
		free := rapid.IntRange(0, months).Draw(t, "free")
		from, err := ledger.NewDay(2020, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		from = from.AddDays(rapid.IntRange(0, 3000).Draw(t, "start"))
		terms := price.Terms{
			Lines: []price.Line{drawLine(t).line}, Term: price.Term{Months: months}, From: &from,
			RentFree:   price.RentFree{Understood: true, Months: free, AtEnd: rapid.Bool().Draw(t, "at end")},
			Escalation: price.ParseEscalation(fmt.Sprintf("每%d年递增%d%%", rapid.IntRange(1, 9).Draw(t, "every"), rapid.IntRange(1, 20).Draw(t, "percent"))),
		}
		total, err := price.Escalated(terms)
		if err != nil {
			return // over the largest amount
		}
		years, err := price.Schedule(terms)
		if err != nil || len(years) != (months+11)/12 {
			t.Fatalf("%d years for %d months, %v", len(years), months, err)
		}
		var sum ledger.Money
		next := from
		for _, y := range years {
			if y.From.Compare(next) != 0 || y.To.Before(y.From) || y.Amount.Sign() < 0 {
				t.Fatalf("year %v does not follow %s", y, next)
			}
			sum, next = sum.Add(y.Amount), y.To.AddDays(1)
		}
		between, err := price.TermBetween(from, years[len(years)-1].To)
		if err != nil || between != terms.Term {
			t.Fatalf("from the first to the last day is %v, %v, want %v", between, err, terms.Term)
		}
		if !sum.Equal(total) {
			t.Fatalf("the years add up to %s, want %s", sum, total)
		}
	})
}

// FuzzParseUnit: what is read has a code and names that read back to the same unit.
func FuzzParseUnit(f *testing.F) {
	for _, s := range []string{"元/亩·年", "万元/年", "yuan_per_m2_month", "元(总价)", "斤稻谷/亩·年", "元/间铺·月", "元/个车位", "", "/", "半年"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, money, err := price.ParseUnit(s)
		if err != nil {
			if ledger.CodeOf(err) != ledger.Invalid || u != (price.Unit{}) || money != "" {
				t.Fatalf("refusal gives %v %v %v", u, money, err)
			}
			return
		}
		for _, text := range []string{u.String(), u.Name().ZH, u.Name().EN} {
			if back, m, err := price.ParseUnit(text); err != nil || back != u || m != ledger.Yuan {
				t.Fatalf("%q reads as %s; its %q reads as %s, %s, %v", s, u, text, back, m, err)
			}
		}
	})
}

// FuzzParseTerm: what is read is within bounds, and its names read back to the same term.
func FuzzParseTerm(f *testing.F) {
	for _, s := range []string{"2年7个月", "半年", "十年", "2.5年", "180天", "3 years", "1年半", "2半年", "一个半月", "一百零五天", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := price.ParseTerm(s)
		if err != nil {
			if ledger.CodeOf(err) != ledger.Invalid || !got.IsZero() {
				t.Fatalf("refusal gives %v %v", got, err)
			}
			return
		}
		if got.IsZero() || got.Months < 0 || got.Days < 0 || got.Months > 1200 {
			t.Fatalf("%q reads as %+v", s, got)
		}
		for _, text := range []string{got.Name().ZH, got.Name().EN} {
			if back, err := price.ParseTerm(text); err != nil || back != got {
				t.Fatalf("%q reads as %v; its %q reads as %v, %v", s, got, text, back, err)
			}
		}
		price.ParseEscalation(s)
		price.ParseRentFree(s)
	})
}
