package price_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"mingzhang/auction/price"
	"mingzhang/ledger"
)

func TestParseUnit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, code string
		money      ledger.MoneyUnit
	}{
		{"元/亩·年", "yuan_per_mu_year", ledger.Yuan},
		{"元/个·月", "yuan_per_piece_month", ledger.Yuan},
		{"元/个月", "yuan_per_month", ledger.Yuan},
		{"元/年/亩", "yuan_per_mu_year", ledger.Yuan},
		{"元/亩/年", "yuan_per_mu_year", ledger.Yuan},
		{"元／亩．年", "yuan_per_mu_year", ledger.Yuan},
		{"元/(亩·年)", "yuan_per_mu_year", ledger.Yuan},
		{"元/(亩*年)", "yuan_per_mu_year", ledger.Yuan},
		{"元每亩每年", "yuan_per_mu_year", ledger.Yuan},
		{"元 / 亩 年", "yuan_per_mu_year", ledger.Yuan},
		{"yuan/mu/year", "yuan_per_mu_year", ledger.Yuan},
		{"Yuan per mu per year", "yuan_per_mu_year", ledger.Yuan},
		{"yuan_per_mu_year", "yuan_per_mu_year", ledger.Yuan},
		{"CNY/mu/yr", "yuan_per_mu_year", ledger.Yuan},
		{"元/㎡·月", "yuan_per_m2_month", ledger.Yuan},
		{"元/平方米.月", "yuan_per_m2_month", ledger.Yuan},
		{"元/㎡/月", "yuan_per_m2_month", ledger.Yuan},
		{"元/m²·月", "yuan_per_m2_month", ledger.Yuan},
		{"元/m2/月", "yuan_per_m2_month", ledger.Yuan},
		{"元/月·平米", "yuan_per_m2_month", ledger.Yuan},
		{"元/㎡·年", "yuan_per_m2_year", ledger.Yuan},
		{"元/m³·年", "yuan_per_m3_year", ledger.Yuan},
		{"元/立方米", "yuan_per_m3", ledger.Yuan},
		{"元/米·年", "yuan_per_metre_year", ledger.Yuan},
		{"元/公顷·年", "yuan_per_hectare_year", ledger.Yuan},
		{"万元/年", "yuan_per_year", ledger.WanYuan},
		{"人民币(万元)/年", "yuan_per_year", ledger.WanYuan},
		{"万/年", "yuan_per_year", ledger.WanYuan},
		{"元/年", "yuan_per_year", ledger.Yuan},
		{"元/月", "yuan_per_month", ledger.Yuan},
		{"¥/月", "yuan_per_month", ledger.Yuan},
		{"元/季度", "yuan_per_quarter", ledger.Yuan},
		{"元/半年", "yuan_per_half_year", ledger.Yuan},
		{"yuan/half-year", "yuan_per_half_year", ledger.Yuan},
		{"元/天", "yuan_per_day", ledger.Yuan},
		{"元/亩·造", "yuan_per_mu_crop", ledger.Yuan},
		{"元/间·月", "yuan_per_room_month", ledger.Yuan},
		{"元/间铺·月", "yuan_per_shop_month", ledger.Yuan},
		{"元/口·年", "yuan_per_pond_year", ledger.Yuan},
		{"元/个车位/月", "yuan_per_parking_space_month", ledger.Yuan},
		{"元/株", "yuan_per_tree", ledger.Yuan},
		{"元/亩", "yuan_per_mu", ledger.Yuan},
		{"元/亩(全期)", "yuan_per_mu_total", ledger.Yuan},
		{"元", "yuan", ledger.Yuan},
		{"万元", "yuan", ledger.WanYuan},
		{"亿元", "yuan", ledger.YiYuan},
		{"元(总价)", "yuan_total", ledger.Yuan},
		{"总价", "yuan_total", ledger.Yuan},
		{"总价(万元)", "yuan_total", ledger.WanYuan},
		{"合同总额", "yuan_total", ledger.Yuan},
		{"元/合同期", "yuan_total", ledger.Yuan},
		{"yuan_total", "yuan_total", ledger.Yuan},
	} {
		u, money, err := price.ParseUnit(tt.text)
		if err != nil || u.String() != tt.code || money != tt.money {
			t.Errorf("ParseUnit(%q) = %s, %s, %v, want %s in %s", tt.text, u, money, err, tt.code, tt.money)
		}
	}
}

func TestParseUnit_Refused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"斤稻谷/亩·年": "price.unit_in_kind", "公斤/亩": "price.unit_in_kind", "稻谷": "price.unit_in_kind",
		"": "price.unit_unknown", " ": "price.unit_unknown", "年": "price.unit_unknown", "亩·年": "price.unit_unknown",
		"亩/元": "price.unit_unknown", "元/月/年": "price.unit_unknown", "元/亩·㎡": "price.unit_unknown",
		"元元": "price.unit_unknown", "元/3年": "price.unit_unknown", "元/100㎡": "price.unit_unknown", "美元/年": "price.unit_unknown",
		"港元/月": "price.unit_unknown", "元/年(总价)": "price.unit_unknown", "元/人": "price.unit_unknown", "%": "price.unit_unknown",
		"元/亩年x": "price.unit_unknown", "元/" + strings.Repeat("年", 100): "price.unit_unknown", "\x00": "price.unit_unknown",
	} {
		if u, _, err := price.ParseUnit(text); !errors.Is(err, ledger.E(ledger.Invalid, reason)) {
			t.Errorf("ParseUnit(%q) = %s, %v, want %s", text, u, err, reason)
		}
	}
}

func TestUnit_Names(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]ledger.Text{
		"yuan_per_mu_year":             {ZH: "元/亩·年", EN: "yuan per mu per year"},
		"yuan_per_m2_month":            {ZH: "元/㎡·月", EN: "yuan per m² per month"},
		"yuan_per_year":                {ZH: "元/年", EN: "yuan per year"},
		"yuan_per_mu":                  {ZH: "元/亩", EN: "yuan per mu"},
		"yuan_total":                   {ZH: "元(全期)", EN: "yuan for the whole term"},
		"yuan":                         {ZH: "元", EN: "yuan"},
		"yuan_per_parking_space_total": {ZH: "元/车位(全期)", EN: "yuan per parking space for the whole term"},
	} {
		u := unit(t, code)
		if u.Name() != want {
			t.Errorf("%s is named %v, want %v", code, u.Name(), want)
		}
		for _, name := range []string{u.Name().ZH, u.Name().EN} {
			if back := unit(t, name); back != u {
				t.Errorf("%q reads as %s, want %s", name, back, u)
			}
		}
	}
}

func TestUnit_Over(t *testing.T) {
	t.Parallel()
	if got := unit(t, "元").Over(price.WholeTerm); got.String() != "yuan_total" {
		t.Errorf("元 over the whole term = %s, want yuan_total", got)
	}
	if got := unit(t, "元/月").Over(price.WholeTerm); got.String() != "yuan_per_month" {
		t.Errorf("元/月 keeps its month, got %s", got)
	}
}

func TestUnit_JSON(t *testing.T) {
	t.Parallel()
	out, err := json.Marshal(unit(t, "元/㎡·月"))
	if err != nil || string(out) != `"yuan_per_m2_month"` {
		t.Fatalf("json = %s, %v", out, err)
	}
	var back price.Unit
	if err := json.Unmarshal(out, &back); err != nil || back != unit(t, "元/㎡·月") {
		t.Fatalf("read back %s, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`"元/㎡·月"`), &back); err == nil {
		t.Fatal("what is stored has one spelling; 元/㎡·月 was read")
	}
	if err := back.Scan(nil); err == nil {
		t.Fatal("NULL was read as a unit")
	}
	if err := back.Scan([]byte("yuan_per_year")); err != nil || back.String() != "yuan_per_year" {
		t.Fatalf("Scan = %s, %v", back, err)
	}
}

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]price.Period{
		"总额": price.WholeTerm, "合同总额": price.WholeTerm, "总价": price.WholeTerm, "全期": price.WholeTerm, "合计": price.WholeTerm,
		"total": price.WholeTerm, "合同总标的": price.WholeTerm, "年": price.Year, "year": price.Year, "年租金": price.Year, "首年": price.Year,
		"每年": price.Year, "annual": price.Year, "月": price.Month, "月租金": price.Month, "month": price.Month, "monthly": price.Month,
		"季度": price.Quarter, "quarter": price.Quarter, "半年": price.HalfYear, "half-year": price.HalfYear, "half_year": price.HalfYear,
		"日": price.Day, "天": price.Day, "day": price.Day, "造": price.Crop,
	} {
		if got, err := price.ParseSpan(text); err != nil || got != want {
			t.Errorf("ParseSpan(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "租金", "底价", "租", "5年", "亩", "元/年", "decade"} {
		if got, err := price.ParseSpan(text); !errors.Is(err, ledger.E(ledger.Invalid, "price.span_unknown")) {
			t.Errorf("ParseSpan(%q) = %q, %v, want price.span_unknown", text, got, err)
		}
	}
}
