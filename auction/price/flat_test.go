package price_test

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"mingzhang/auction/price"
	"mingzhang/ledger"
)

func unit(tb testing.TB, text string) price.Unit {
	tb.Helper()
	u, _, err := price.ParseUnit(text)
	if err != nil {
		tb.Fatalf("ParseUnit(%q): %v", text, err)
	}
	return u
}

// line makes a priced line: quantity as written ("" for none), price and its unit.
func line(tb testing.TB, quantity, priced, unitText string) price.Line {
	tb.Helper()
	u, money, err := price.ParseUnit(unitText)
	if err != nil {
		tb.Fatalf("ParseUnit(%q): %v", unitText, err)
	}
	p, _, err := ledger.ParsePriceText(priced, money)
	if err != nil {
		tb.Fatalf("ParsePriceText(%q): %v", priced, err)
	}
	l := price.Line{Unit: u, Price: p}
	if quantity != "" {
		if l.Quantity, _, err = price.ParseQuantity(quantity, price.None); err != nil {
			tb.Fatalf("ParseQuantity(%q): %v", quantity, err)
		}
	}
	return l
}

func lines(all ...price.Line) []price.Line { return all }

func term(tb testing.TB, text string) price.Term {
	tb.Helper()
	if text == "" {
		return price.Term{}
	}
	t, err := price.ParseTerm(text)
	if err != nil {
		tb.Fatalf("ParseTerm(%q): %v", text, err)
	}
	return t
}

// day reads a date; "" is none.
func day(tb testing.TB, text string) *ledger.Day {
	tb.Helper()
	if text == "" {
		return nil
	}
	d, err := ledger.ParseDay(text)
	if err != nil {
		tb.Fatalf("ParseDay(%q): %v", text, err)
	}
	return &d
}

// TestFlat_PrintedTotals holds every contract total of the published trades that the convention was
// found on; the yuan are multiplied out by hand.
func TestFlat_PrintedTotals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		lines   []price.Line
		term    string
		want    string // 557×710 + 850×740 = 1,024,470 a year, × 31 ÷ 12 = 2,646,547.50
		printed string
	}{
		{"奔牛", lines(line(t, "557亩", "710", "元/亩·年"), line(t, "850亩", "740", "元/亩·年")), "2年7个月", "2646547.50", "264.65万"},
		{"屯昌", lines(line(t, "20亩", "1900", "元/亩·年")), "16年", "608000.00", "60.8万"},
		{"云阳", lines(line(t, "", "56.73", "万元/年")), "14年", "7942200.00", "794.22万"},
		{"泸县", lines(line(t, "20亩", "1200", "元/亩/年")), "30年", "720000.00", "72万"},
		{"达川", lines(line(t, "74.92亩", "350", "元/年/亩"), line(t, "33.44亩", "250", "元/年/亩")), "9年", "311238.00", "31.12万"},
		{"白沙", lines(line(t, "", "16.57", "万元/年")), "20年", "3314000.00", "331.4万"},
		{"怀集", lines(line(t, "653亩", "204", "元/亩·年")), "25年", "3330300.00", "333.03万"},
		{"by the month", lines(line(t, "2000㎡", "15", "元/㎡·月")), "60个月", "1800000.00", "180万"},
		{"the same in mu", lines(line(t, "3亩", "15", "元/㎡·月")), "5年", "1800000.00", "180万"},
		{"the same in hectares", lines(line(t, "0.2公顷", "15", "元/㎡·月")), "5年", "1800000.00", "180万"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := price.Flat(tt.lines, term(t, tt.term), nil, nil)
			if err != nil || got.String() != tt.want {
				t.Fatalf("Flat = %s, %v, want %s", got, err, tt.want)
			}
			claim, err := price.ParseClaim(tt.printed, ledger.Yuan)
			if err != nil {
				t.Fatal(err)
			}
			matches := price.MatchConvention(claim, price.Terms{Lines: tt.lines, Term: term(t, tt.term)})
			if len(matches) == 0 || matches[0].Convention != price.ByFlat || matches[0].Truncated {
				t.Fatalf("%s matches %v, want flat first", tt.printed, matches)
			}
		})
	}
}

func TestFlat_NearMissesOfThePrint(t *testing.T) {
	t.Parallel()
	both := lines(line(t, "557亩", "710", "元/亩·年"), line(t, "850亩", "740", "元/亩·年"))
	claim, err := price.ParseClaim("264.65万元", ledger.Yuan)
	if err != nil {
		t.Fatal(err)
	}
	for _, years := range []string{"3年", "2年6个月", "2年8个月"} {
		if m := price.MatchConvention(claim, price.Terms{Lines: both, Term: term(t, years)}); len(m) != 0 {
			t.Errorf("264.65万 over %s matches %v, want nothing", years, m)
		}
	}
}

func TestFlat_Periods(t *testing.T) {
	t.Parallel()
	crops := line(t, "10亩", "300", "元/亩·造")
	crops.Crops = 2
	for _, tt := range []struct {
		name, term, from, to string
		line                 price.Line
		want                 string
	}{
		{"month", "31个月", "", "", line(t, "", "100", "元/月"), "3100.00"},
		{"quarter", "31个月", "", "", line(t, "", "300", "元/季"), "3100.00"},
		{"half-year", "31个月", "", "", line(t, "", "600", "元/半年"), "3100.00"},
		{"year", "31个月", "", "", line(t, "", "1200", "元/年"), "3100.00"},
		{"crop", "31个月", "", "", crops, "15500.00"},
		{"total", "31个月", "", "", line(t, "", "3100", "元(总价)"), "3100.00"},
		{"total without term", "", "", "", line(t, "", "9", "万元(总价)"), "90000.00"},
		{"total per mu", "", "", "", line(t, "3亩2分", "1000", "元/亩(全期)"), "3200.00"},
		{"day by days", "180天", "", "", line(t, "2间", "1.5", "元/间·日"), "540.00"},
		{"day by dates, leap year", "", "2024-02-01", "2024-02-29", line(t, "", "10", "元/日"), "290.00"},
		{"day by dates, no leap year", "1年", "2023-01-01", "2023-12-31", line(t, "", "1", "元/天"), "365.00"},
		{"day by first day and term", "1年", "2024-01-01", "", line(t, "", "1", "元/天"), "366.00"},
		{"term from dates", "", "2021-03-01", "2023-09-30", line(t, "", "1200", "元/年"), "3100.00"},
		{"given term rules", "3年", "2017-09-12", "2020-07-31", line(t, "", "1000", "元/年"), "3000.00"},
		{"shops by the room", "1年", "", "", line(t, "3间", "800", "元/间·月"), "28800.00"},
		{"the lot as a whole, whatever its size", "1年", "", "", line(t, "653亩", "1200", "元/年"), "1200.00"},
		{"one parcel", "1年", "", "", line(t, "", "1200", "元/宗·年"), "1200.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := price.Flat(lines(tt.line), term(t, tt.term), day(t, tt.from), day(t, tt.to))
			if err != nil || got.String() != tt.want {
				t.Fatalf("Flat = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestFlat_RoundsOnceHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	// 0.06 a year for one month is exactly half a fen; two such lines are one fen, not two.
	half := line(t, "", "0.06", "元/年")
	third := line(t, "1㎡", "5", "元/亩·年") // 0.0075 a year
	below := line(t, "", "0.0599", "元/年")
	for _, tt := range []struct {
		name  string
		lines []price.Line
		want  string
	}{
		{"just below half a fen", lines(below), "0.00"},
		{"half a fen", lines(half), "0.01"},
		{"two halves", lines(half, half), "0.01"},
		{"three halves", lines(half, half, half), "0.02"},
		{"a twelfth of 0.0075", lines(third), "0.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := price.Flat(tt.lines, price.Term{Months: 1}, nil, nil)
			if err != nil || got.String() != tt.want {
				t.Fatalf("Flat = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestFlat_Refused(t *testing.T) {
	t.Parallel()
	bare := line(t, "", "15", "元/㎡·月")
	bare.Quantity.Number = decimal.NewFromInt(2000)
	negative := line(t, "", "15", "元/㎡·月")
	negative.Quantity = price.Quantity{Number: decimal.NewFromInt(-1), Measure: price.M2}
	nothing := negative
	nothing.Quantity.Number = decimal.Decimal{}
	for _, tt := range []struct {
		name, term, from, to string
		lines                []price.Line
		want                 string
	}{
		{"no lines", "1年", "", "", nil, "price.no_lines"},
		{"span unsaid", "5年", "", "", lines(line(t, "3亩", "15", "元/亩")), "price.span_missing"},
		{"plain yuan", "5年", "", "", lines(line(t, "", "15", "元")), "price.span_missing"},
		{"crops unknown", "1年", "", "", lines(line(t, "1亩", "15", "元/亩·造")), "price.crops_unknown"},
		{"no term", "", "", "", lines(line(t, "", "15", "元/年")), "price.term_unknown"},
		{"term in days for a price per month", "45天", "", "", lines(line(t, "", "15", "元/月")), "price.term_has_days"},
		{"dates that are no whole months", "", "2026-03-01", "2028-12-30", lines(line(t, "", "15", "元/年")), "price.term_has_days"},
		{"days unknown", "1年", "", "", lines(line(t, "", "15", "元/日")), "price.days_unknown"},
		{"ends before it starts", "1年", "2026-03-01", "2026-02-28", lines(line(t, "", "15", "元/年")), "term.ends_before_start"},
		{"rooms for a price per mu", "1年", "", "", lines(line(t, "3间", "15", "元/亩·年")), "price.measure_mismatch"},
		{"mu for a price per room", "1年", "", "", lines(line(t, "3亩", "15", "元/间·年")), "price.measure_mismatch"},
		{"no quantity", "1年", "", "", lines(line(t, "", "15", "元/亩·年")), "price.quantity_missing"},
		{"bare number for an area", "1年", "", "", lines(bare), "price.quantity_unit_unknown"},
		{"less than nothing", "1年", "", "", lines(negative), "price.quantity_not_positive"},
		{"nothing", "1年", "", "", lines(nothing), "price.quantity_not_positive"},
		{"second line bad", "1年", "", "", lines(line(t, "", "15", "元/年"), line(t, "", "15", "元")), "price.span_missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := price.Flat(tt.lines, term(t, tt.term), day(t, tt.from), day(t, tt.to))
			if !errors.Is(err, ledger.E(ledger.Invalid, tt.want)) {
				t.Fatalf("Flat = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestFirstYear(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, term, from string
		lines            []price.Line
		want             string
	}{
		{"two lines", "2年7个月", "", lines(line(t, "557亩", "710", "元/亩·年"), line(t, "850亩", "740", "元/亩·年")), "1024470.00"},
		{"by the month", "5年", "", lines(line(t, "", "100", "元/月")), "1200.00"},
		{"shorter than a year", "7个月", "", lines(line(t, "", "1200", "元/年")), "700.00"},
		{"total shared out by months", "5年", "", lines(line(t, "", "20", "万元(总价)")), "40000.00"},
		{"by the day, leap year", "5年", "2024-01-01", lines(line(t, "", "1", "元/日")), "366.00"},
		{"by the day, a short term", "90天", "", lines(line(t, "", "1", "元/日")), "90.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := price.FirstYear(tt.lines, term(t, tt.term), day(t, tt.from), nil)
			if err != nil || got.String() != tt.want {
				t.Fatalf("FirstYear = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
	sale := lines(line(t, "", "20", "万元(总价)"))
	if got, err := price.FirstYear(sale, price.Term{}, nil, nil); !errors.Is(err, ledger.E(ledger.Invalid, "price.term_unknown")) {
		t.Fatalf("FirstYear of a sale = %s, %v, want price.term_unknown", got, err)
	}
}
