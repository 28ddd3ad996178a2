package auction

import (
	"testing"

	"pgregory.net/rapid"

	"mingzhang/ledger"
)

func someText(rt *rapid.T, name string, choices ...string) string {
	return rapid.SampledFrom(append(choices, "")).Draw(rt, name)
}

// someInput is an input as somebody may type it; most have no fault.
func someInput(rt *rapid.T) LotInput {
	in := LotInput{
		LotNo: someText(rt, "lot_no", "1", "示例〔2021〕1号"), AssetName: someText(rt, "asset_name", "铺", "示例 仓库"), Collective: someText(rt, "collective", "示例村"),
		Village: someText(rt, "village", "示例东村"), Kind: someText(rt, "kind", "shop", "鱼塘", "自家的种类"),
		TradeKind: someText(rt, "trade_kind", "lease", "采购", "出租+分成", "包给别人"), Method: someText(rt, "method", "拍卖", "自家的方式"),
		Term: someText(rt, "term", "5年", "三十年", "31个月", "180天", "5年1天"), LeaseFrom: someText(rt, "lease_from", "2021-04-01", "2021年4月1日"),
		LeaseTo: someText(rt, "lease_to", "2024/3/31", "2021-10-15"), RentFree: someText(rt, "rent_free", "3个月", "看情况"), Escalation: someText(rt, "escalation", "每2年递增5%"),
		BaseTotal: someText(rt, "base_total", "1000", "约3.5万元", "1,234.50"), HammerTotal: someText(rt, "hammer_total", "2000.01", "0.2亿元", "１２３"),
		ContractTotal: someText(rt, "contract_total", "2000.01", "20万元"), Premium: someText(rt, "premium", "1000.01", "-5"), PremiumRate: someText(rt, "premium_rate", "33.33%", "0.5"),
		Outcome: someText(rt, "outcome", "hammered", "已签约", "unsold", "弃拍"), HammeredOn: someText(rt, "hammered_on", "2021-03-05", "2021.3.5"),
		Winner: someText(rt, "winner", "示例甲"), Registrants: someText(rt, "registrants", "3"), Bidders: someText(rt, "bidders", "0"),
		Deposit: someText(rt, "deposit", "0", "约2万元", "500"), Remark: someText(rt, "remark", "无异议（虚构）"),
	}
	units := []string{"元/株·年", "万元/年", "元(总价)", "元/㎡·月"}
	for _, u := range PriceUnits() {
		units = append(units, u.Code)
	}
	for range rapid.IntRange(0, 3).Draw(rt, "lines") {
		in.Lines = append(in.Lines, LineInput{
			AssetName: someText(rt, "line", "一层", "二层"), Quantity: someText(rt, "quantity", "2,000㎡", "3亩2分", "3间", "约3.5", "0.5公顷", "12株", "7口"),
			PriceUnit: someText(rt, "unit", units...), BasePrice: someText(rt, "base", "15", "1,000.1234", "约0.5", "0.0001"),
			HammerPrice: someText(rt, "hammer", "20", "2万元", "0.07"), HammerUnit: someText(rt, "hammer_unit", "元/㎡·年", "元/亩·年"),
		})
	}
	return in
}

// What was read can be shown in the form, and what the form shows reads as just the same state.
func TestLotInput_RoundTrip(t *testing.T) {
	t.Parallel()
	day, err := ledger.NewDay(2021, 12, 31)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	rapid.Check(t, func(rt *rapid.T) {
		in := someInput(rt)
		p, err := in.read(day)
		if err != nil {
			return
		}
		read++
		shown := p.state.input(p.winner)
		again, err := shown.read(day)
		if err != nil {
			rt.Fatalf("the form of %+v\nis %+v\nand is refused: %v", in, shown, err)
		}
		again.state.keep(&p.state, &shown)
		if got, want := ledger.CanonicalJSON(&again.state), ledger.CanonicalJSON(&p.state); got != want || again.winner != p.winner {
			rt.Fatalf("the form of %+v\nis %+v\nand reads\n%s\nwant\n%s", in, shown, got, want)
		}
	})
	if read == 0 {
		t.Error("no input without a fault was tried")
	}
}

// No text that somebody types brings the reader down, and every fault stands beside a field of the form.
func FuzzPreview(f *testing.F) {
	f.Add("1", "3.5万元", "20", "元/㎡·月", "2,000㎡", "5年", "hammered", "2021-03-05")
	f.Add("", "—", "x", "yuan_total", "0", "180天", "", "20210305")
	f.Add("a\x00", "1e9", "-1", "斤稻谷/亩·年", "3亩2分", "永久", "unsold", "2021-02-30")
	day, err := ledger.NewDay(2021, 12, 31)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, no, total, price, unit, quantity, term, outcome, on string) {
		for _, in := range []LotInput{
			{LotNo: no, BaseTotal: total, HammerTotal: price, Term: term, Outcome: outcome, HammeredOn: on, PremiumRate: price, Premium: total},
			{LotNo: no, AssetName: outcome, ContractTotal: total, Term: term, LeaseFrom: on, Outcome: outcome, Lines: []LineInput{
				{Quantity: quantity, PriceUnit: unit, BasePrice: price, HammerPrice: total}, {AssetName: no, Quantity: quantity, PriceUnit: unit, BasePrice: price, HammerUnit: unit},
			}},
		} {
			_, err := in.read(day)
			wrong, ok := err.(*ledger.InputError) //nolint:errorlint // read gives it as it is
			if err != nil && !ok {
				t.Fatalf("%+v: %v", in, err)
			}
			if err == nil {
				continue
			}
			known := map[string]bool{}
			for _, key := range in.fields() {
				known[key] = true
			}
			for _, fault := range wrong.Faults {
				if !known[fault.Field] || fault.Code != ledger.Invalid {
					t.Errorf("%+v: the fault %v stands beside no field", in, fault)
				}
			}
		}
	})
}
