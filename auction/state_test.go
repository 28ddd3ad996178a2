package auction

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

func ptr[T any](v T) *T { return &v }

func must[T any](v T, err error) *T {
	if err != nil {
		panic(err)
	}
	return &v
}

// What entries hold is hashed for ever: these bytes may be added to, never changed.
func TestLotState_Golden(t *testing.T) {
	t.Parallel()
	full := &LotState{
		AssetName: "示例仓库", BaseFirstYear: must(ledger.ParseMoney("360000")), BaseTotal: must(ledger.ParseMoney("1800000")), Bidders: ptr[int64](0),
		Claims:     []Claim{{Computed: "0.3333", Field: "premium_rate", Finding: "truncated", Text: "33.33", Unit: "%"}, {Field: "premium", Text: "60万元"}},
		Collective: "示例村经济联合社", Convention: "flat", Deposit: must(ledger.ParseMoney("20000.5")), Direction: Sale, Escalation: "每2年递增5%",
		HammerFirstYear: must(ledger.ParseMoney("480000")), HammerTotal: must(ledger.ParseMoney("2400000")), HammeredOn: must(ledger.ParseDay("2021-03-05")),
		Kind: "other", KindText: "仓库", LeaseFrom: must(ledger.ParseDay("2021-04-01")), LeaseTo: must(ledger.ParseDay("2026-03-31")),
		Lines: []Line{{
			AssetName: "一层", BasePrice: must(ledger.PriceFromDecimal(decimal.RequireFromString("15"))), BaseUnit: "yuan_per_m2_month",
			HammerPrice: must(ledger.PriceFromDecimal(decimal.RequireFromString("20"))), HammerUnit: "yuan_per_m2_month", Measure: "m2", Quantity: "2000",
		}},
		Listing: 2, LotNo: "示例〔2021〕1号", Method: "open_bidding", MethodText: "词", NumberedByBook: true,
		OtherColumns: &ledger.Sealed{Commitment: "0a"}, Outcome: Confirmed, ProjectNo: "村-1", Registrants: ptr[int64](3),
		Remark: &ledger.Sealed{Commitment: "0b"}, RentFree: "3个月", Term: "5年1天", TermDays: ptr[int64](1), TermMonths: ptr[int64](60),
		TradeKind: "lease", TradeKindText: "词", Winner: "p17",
		Written: []Written{{Approximate: true, Field: "base_total", Text: "约180", Unit: "万元"}},
	}
	golden(t, full, `{"asset_name":"示例仓库","base_first_year":"360000.00","base_total":"1800000.00","bidders":0,`+
		`"claims":[{"computed":"0.3333","field":"premium_rate","finding":"truncated","text":"33.33","unit":"%"},{"field":"premium","text":"60万元"}],`+
		`"collective":"示例村经济联合社","convention":"flat","deposit":"20000.50","direction":"sale","escalation":"每2年递增5%",`+
		`"hammer_first_year":"480000.00","hammer_total":"2400000.00","hammered_on":"2021-03-05","kind":"other","kind_text":"仓库",`+
		`"lease_from":"2021-04-01","lease_to":"2026-03-31","lines":[{"asset_name":"一层","base_price":"15.0000","base_unit":"yuan_per_m2_month",`+
		`"hammer_price":"20.0000","hammer_unit":"yuan_per_m2_month","measure":"m2","quantity":"2000"}],"listing":2,"lot_no":"示例〔2021〕1号",`+
		`"method":"open_bidding","method_text":"词","numbered_by_book":true,"other_columns":{"sealed":"0a"},"outcome":"confirmed","project_no":"村-1",`+
		`"registrants":3,"remark":{"sealed":"0b"},"rent_free":"3个月","term":"5年1天","term_days":1,"term_months":60,"trade_kind":"lease",`+
		`"trade_kind_text":"词","winner":"p17","written":[{"approximate":true,"field":"base_total","text":"约180","unit":"万元"}]}`)
	golden(t, &LotState{Direction: Sale, Listing: 1, LotNo: "1", Outcome: Unsold}, `{"direction":"sale","listing":1,"lot_no":"1","outcome":"unsold"}`)
	golden(t, &LotState{Collective: "示例村第一经济社", Direction: Sale, Listing: 1, LotNo: "1", Outcome: Unsold, TradeKindText: "词", Village: "示例村", Winner: "p17"},
		`{"collective":"示例村第一经济社","direction":"sale","listing":1,"lot_no":"1","outcome":"unsold","trade_kind_text":"词","village":"示例村","winner":"p17"}`)
}

func golden(t *testing.T, state *LotState, want string) {
	t.Helper()
	if got := ledger.CanonicalJSON(state); got != want {
		t.Errorf("the entry holds\n%s, want\n%s", got, want)
	}
	back := new(LotState)
	if err := json.Unmarshal([]byte(want), back); err != nil {
		t.Fatal(err)
	}
	if again := ledger.CanonicalJSON(back); again != want {
		t.Errorf("read and written again:\n%s, want\n%s", again, want)
	}
}
