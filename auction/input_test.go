package auction_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// sold is an input without a fault: a lot hammered at totals.
func sold(no string) auction.LotInput {
	return auction.LotInput{
		LotNo: no, AssetName: "示例商铺", Collective: "示例村第一经济社", Kind: "shop", TradeKind: "lease", Method: "online_bidding",
		BaseTotal: "1,000.00", HammerTotal: "1250.5", Outcome: "hammered", HammeredOn: "2021-03-05", Winner: "示例甲",
	}
}

// let is an input of prices per unit: 2000 m² at 15, let for 20 yuan per m² and month, for five years.
func let(no string) auction.LotInput {
	in := sold(no)
	in.BaseTotal, in.HammerTotal, in.Term = "", "", "5年"
	in.Lines = []auction.LineInput{{Quantity: "2,000㎡", PriceUnit: "yuan_per_m2_month", BasePrice: "15", HammerPrice: "20"}}
	return in
}

func with(in auction.LotInput, change func(*auction.LotInput)) auction.LotInput {
	in.Lines = slices.Clone(in.Lines)
	change(&in)
	return in
}

// faultsOf are the faults of an input: field reason, in their order.
func faultsOf(err error) []string {
	var list []string
	if wrong, ok := errors.AsType[*ledger.InputError](err); ok {
		for _, f := range wrong.Faults {
			list = append(list, f.Field+" "+f.Reason)
		}
	} else if err != nil {
		list = append(list, err.Error())
	}
	return list
}

func TestPreview_Figures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		in                 auction.LotInput
		base, hammer, year string // year: hammer of the first year
		lines              int
	}{
		{"totals", sold("1"), "1000.00", "1250.50", "", 0},
		{"as people write", with(sold("1"), func(in *auction.LotInput) { in.BaseTotal, in.HammerTotal = "约3.5万元", "１２万" }), "35000.00", "120000.00", "", 0},
		{"the outcome need not be said", with(sold("1"), func(in *auction.LotInput) { in.Outcome = "" }), "1000.00", "1250.50", "", 0},
		// 2000 × 15 × 60, 2000 × 20 × 60, 2000 × 20 × 12
		{"prices over the term", let("1"), "1800000.00", "2400000.00", "480000.00", 1},
		{"lines left blank at the end", with(let("1"), func(in *auction.LotInput) {
			in.Lines = append(in.Lines, auction.LineInput{}, auction.LineInput{Quantity: " "})
		}), "1800000.00", "2400000.00", "480000.00", 1},
		{"months from the lease", with(let("1"), func(in *auction.LotInput) { in.Term, in.LeaseFrom, in.LeaseTo = "", "2021/4/1", "2026年3月31日" }), "1800000.00", "2400000.00", "480000.00", 1},
		// (2000 × 15 + 10 × 300) × 60 and (2000 × 20 + 10 × 350.5) × 60
		{"two lines", with(let("1"), func(in *auction.LotInput) {
			in.Lines = append(in.Lines, auction.LineInput{AssetName: "车位", Quantity: "10个", PriceUnit: "元/个·月", BasePrice: "300", HammerPrice: "350.50"})
		}), "1980000.00", "2610300.00", "522060.00", 2},
		// 2000 × 15 × 60; hammer by the year: 2000 × 240 × 5
		{"a hammer in another unit", with(let("1"), func(in *auction.LotInput) { in.Lines[0].HammerPrice, in.Lines[0].HammerUnit = "240", "元/㎡·年" }), "1800000.00", "2400000.00", "480000.00", 1},
		{"a quantity beside totals", with(sold("1"), func(in *auction.LotInput) { in.Lines = []auction.LineInput{{Quantity: "3亩"}} }), "1000.00", "1250.50", "", 1},
		{"a price in wan yuan", with(let("1"), func(in *auction.LotInput) {
			in.Lines[0] = auction.LineInput{PriceUnit: "万元/年", BasePrice: "1.5", HammerPrice: "2"}
		}), "75000.00", "100000.00", "20000.00", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := auction.Preview(tt.in, today(t))
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			year := ""
			if s.HammerFirstYear != nil {
				year = s.HammerFirstYear.String()
			}
			if s.BaseTotal.String() != tt.base || s.HammerTotal.String() != tt.hammer || year != tt.year || len(s.Lines) != tt.lines {
				t.Errorf("base %v hammer %v year %q lines %d; want %s %s %q %d", s.BaseTotal, s.HammerTotal, year, len(s.Lines), tt.base, tt.hammer, tt.year, tt.lines)
			}
			if s.Outcome != auction.Hammered || s.AssetName != "示例商铺" || s.Kind != "shop" || s.TradeKind != "lease" || s.Method != "online_bidding" {
				t.Errorf("the words were not read: %+v", s)
			}
		})
	}
}

func TestPreview_Faults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 501)
	for _, tt := range []struct {
		name string
		in   auction.LotInput
		want []string
	}{
		{"nothing", auction.LotInput{}, []string{"lot_no lot.unnamed", "outcome lot.outcome_missing"}},
		{"an amount", with(sold("1"), func(in *auction.LotInput) { in.BaseTotal = "一些" }), []string{"base_total number.unreadable"}},
		{"zero", with(sold("1"), func(in *auction.LotInput) { in.BaseTotal = "0" }), []string{"base_total amount.not_positive"}},
		{"tomorrow", with(sold("1"), func(in *auction.LotInput) { in.HammeredOn = "2022-01-01" }), []string{"hammered_on day.future"}},
		{"no day", with(sold("1"), func(in *auction.LotInput) { in.HammeredOn = "2021-02-30" }), []string{"hammered_on day.impossible"}},
		{"sold without hammer", with(sold("1"), func(in *auction.LotInput) { in.HammerTotal = "" }), []string{"hammer_total lot.hammer_missing"}},
		{"sold without base", with(sold("1"), func(in *auction.LotInput) { in.BaseTotal = "" }), []string{"base_total lot.base_missing"}},
		{"a line sold without hammer", with(let("1"), func(in *auction.LotInput) { in.Lines[0].HammerPrice = "" }), []string{"lines.0.hammer_price lot.hammer_missing"}},
		{"unsold with a hammer", with(sold("1"), func(in *auction.LotInput) { in.Outcome = "unsold" }), []string{"hammer_total lot.unsold_with_hammer"}},
		{"no outcome of ours", with(sold("1"), func(in *auction.LotInput) { in.Outcome = "好" }), []string{"outcome lot.outcome_unknown"}},
		{"no term", with(let("1"), func(in *auction.LotInput) { in.Term = "" }), []string{"term price.term_unknown"}},
		{"a term that nobody reads", with(let("1"), func(in *auction.LotInput) { in.Term = "很久" }), []string{"term term.unreadable"}},
		{"a lease that ends first", with(let("1"), func(in *auction.LotInput) { in.LeaseFrom, in.LeaseTo = "2021-04-01", "2021-03-31" }), []string{"lease_to lot.lease_ends_before_it_begins"}},
		{"no quantity", with(let("1"), func(in *auction.LotInput) { in.Lines[0].Quantity = "" }), []string{"lines.0.quantity price.quantity_missing"}},
		{"no unit", with(let("1"), func(in *auction.LotInput) { in.Lines[0].PriceUnit = "" }), []string{"lines.0.price_unit price.unit_missing"}},
		{"a unit without a span", with(let("1"), func(in *auction.LotInput) { in.Lines[0].PriceUnit = "元/㎡" }), []string{"lines.0.price_unit price.span_unsaid_row"}},
		{"no unit of ours", with(let("1"), func(in *auction.LotInput) { in.Lines[0].HammerUnit = "鸡" }), []string{"lines.0.hammer_unit price.unit_unknown"}},
		{"a second line without a price", with(let("1"), func(in *auction.LotInput) {
			in.Lines = append(in.Lines, auction.LineInput{Quantity: "1间", BasePrice: "3", PriceUnit: "元/间·月"})
		}),
			[]string{"lines.1.hammer_price lot.line_without_price"}},
		{"two lines at totals", with(let("1"), func(in *auction.LotInput) {
			in.Lines = append(in.Lines, auction.LineInput{Quantity: "1间", BasePrice: "3", HammerPrice: "4", PriceUnit: "yuan_total"})
		}), []string{"lines.1.price_unit lot.line_total"}},
		{"a price that comes to nothing", with(let("1"), func(in *auction.LotInput) {
			in.Lines[0], in.PremiumRate = auction.LineInput{PriceUnit: "元/年", BasePrice: "0.0001", HammerPrice: "2"}, "5%"
		}), []string{"lines.0.base_price amount.not_positive"}},
		{"two units that do not fit", with(let("1"), func(in *auction.LotInput) { in.Lines[0].Quantity = "3间" }), []string{"lines.0.quantity price.measure_mismatch"}},
		{"counts", with(sold("1"), func(in *auction.LotInput) { in.Registrants, in.Bidders = "三", "-1" }), []string{"registrants sheet.not_a_count", "bidders count.negative"}},
		{"a deposit below zero", with(sold("1"), func(in *auction.LotInput) { in.Deposit = "-5" }), []string{"deposit amount.negative"}},
		{"a claim", with(sold("1"), func(in *auction.LotInput) { in.Premium, in.PremiumRate = "多", "少" }), []string{"premium number.unreadable", "premium_rate number.unreadable"}},
		{"all at once", auction.LotInput{LotNo: "1", AssetName: long, BaseTotal: "x", HammeredOn: "y", Bidders: "z", Outcome: "?", Deposit: "q"}, []string{
			"asset_name text.too_long", "base_total number.unreadable", "outcome lot.outcome_unknown", "hammered_on day.unreadable",
			"bidders sheet.not_a_count", "deposit number.unreadable",
		}},
		{"too long", with(let("1"), func(in *auction.LotInput) {
			in.Winner, in.Lines[0].AssetName, in.Remark = long, long, strings.Repeat(long, 8)
		}), []string{"lines.0.asset_name text.too_long", "winner text.too_long", "remark text.too_long"}},
		{"characters", with(let("1"), func(in *auction.LotInput) { in.LotNo, in.Lines[0].AssetName = "a\x01", "b\x00" }), []string{"lot_no text.bad_character", "lines.0.asset_name text.bad_character"}},
		{"characters of the lot above lines with names", with(let("1"), func(in *auction.LotInput) { in.AssetName, in.Lines[0].AssetName = "a\x7f", "一层" }), []string{"asset_name text.bad_character"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			state, err := auction.Preview(tt.in, today(t))
			if got := faultsOf(err); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if state == nil {
				t.Error("there is no state for the form's figures")
			}
			if err != nil && ledger.CodeOf(err) != ledger.Invalid {
				t.Errorf("code %s, want invalid", ledger.CodeOf(err))
			}
		})
	}
}

// A form shows its figures while it is filled in.
func TestPreview_HalfFilled(t *testing.T) {
	t.Parallel()
	s, err := auction.Preview(with(let("1"), func(in *auction.LotInput) { in.Lines[0].HammerPrice, in.Bidders = "", "x" }), today(t))
	if err == nil || s.BaseTotal == nil || s.BaseTotal.String() != "1800000.00" || s.HammerTotal != nil {
		t.Errorf("base %v, hammer %v, %v; want the base and the faults", s.BaseTotal, s.HammerTotal, err)
	}
}

func TestPreview_TooManyLines(t *testing.T) {
	t.Parallel()
	_, err := auction.Preview(with(let("1"), func(in *auction.LotInput) { in.Lines = slices.Repeat(in.Lines, 201) }), today(t))
	if got := faultsOf(err); !slices.Equal(got, []string{"lines text.too_long"}) {
		t.Errorf("got %q, want lines text.too_long", got)
	}
}

// Totals and rates beside prices are claims, as in a file.
func TestPreview_Claims(t *testing.T) {
	t.Parallel()
	s, err := auction.Preview(with(let("1"), func(in *auction.LotInput) {
		in.HammerTotal, in.ContractTotal, in.Premium, in.PremiumRate = "240万元", "1800000", "60万元", "33.33%"
	}), today(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range s.Claims {
		got = append(got, fmt.Sprintf("%s %s %s", c.Field, c.Text, c.Finding))
	}
	want := []string{"hammer_total 240万元 ", "contract_total 1800000 contract_total_is_base_total", "premium 60万元 ", "premium_rate 33.33% "}
	if !slices.Equal(got, want) {
		t.Errorf("claims %q, want %q", got, want)
	}
	two, err := auction.Preview(with(let("1"), func(in *auction.LotInput) {
		in.Lines, in.ContractTotal = slices.Repeat(in.Lines, 2), "480万元"
		in.Lines[1].AssetName = "二层"
	}), today(t))
	if err != nil || len(two.Claims) != 1 || two.Claims[0].Finding != "" {
		t.Errorf("the claim of two lines: %+v, %v; want one that fits", two.Claims, err)
	}
	if s.HammerTotal.String() != "2400000.00" || s.Convention != "flat" {
		t.Errorf("hammer %v by %s, want the reckoned one", s.HammerTotal, s.Convention)
	}
}

// The words that a form offers are those that are read.
func TestChoices(t *testing.T) {
	t.Parallel()
	for _, c := range auction.Outcomes() {
		in := with(sold("1"), func(in *auction.LotInput) { in.Outcome = c.Code })
		if !auction.Outcome(c.Code).Sold() {
			in.HammerTotal = ""
		}
		if s, err := auction.Preview(in, today(t)); err != nil || string(s.Outcome) != c.Code {
			t.Errorf("outcome %s: %v, %v", c.Code, s.Outcome, err)
		}
	}
	for name, list := range map[string][]ledger.Choice{"kind": auction.Kinds(), "trade_kind": auction.TradeKinds(), "method": auction.Methods()} {
		for _, c := range list {
			for _, text := range []string{c.Code, c.Name.ZH, c.Name.EN} {
				s, err := auction.Preview(with(sold("1"), func(in *auction.LotInput) {
					switch name {
					case "kind":
						in.Kind = text
					case "trade_kind":
						in.TradeKind = text
					default:
						in.Method = text
					}
				}), today(t))
				if err != nil {
					t.Fatal(err)
				}
				if got := map[string]string{"kind": s.Kind, "trade_kind": s.TradeKind, "method": s.Method}[name]; got != c.Code {
					t.Errorf("%s %q is %q, want %s", name, text, got, c.Code)
				}
			}
		}
	}
	for _, c := range auction.PriceUnits() {
		in := with(let("1"), func(in *auction.LotInput) { in.Lines[0].Quantity, in.Lines[0].PriceUnit = "2", c.Code })
		if _, err := auction.Preview(in, today(t)); err != nil {
			t.Errorf("unit %s: %v", c.Code, err)
		}
	}
}
