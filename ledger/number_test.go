package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// written is one text and what it should be read as; a want that starts with "number." is a refusal.
type written struct {
	text, want, unit string
	approximate      bool
}

func TestParseAreaText(t *testing.T) {
	t.Parallel()
	for _, tt := range []written{
		{"12.5亩", "12.50", "亩", false},
		{"约3亩", "3.00", "亩", true},
		{"3亩2分", "3.20", "亩分", false},
		{"3亩2分5厘", "3.25", "亩分厘", false},
		{"约3亩2分", "3.20", "亩分", true},
		{"5分", "0.50", "分", false},
		{"0.7655公顷", "11.4825", "公顷", false},
		{"5,000㎡", "7.50", "㎡", false},
		{"5000平方米", "7.50", "平方米", false},
		{"１２．５亩", "12.50", "亩", false},
		{"１，２３４．５　亩", "1234.50", "亩", false},
		{"1,234.5", "1234.50", "亩", false},
		{"3.3万亩", "33000.00", "万亩", false},
		{"1平方公里", "1500.00", "平方公里", false},
		{"2ha", "30.00", "ha", false},
		{"0.0000005㎡", "0.00000000075", "㎡", false},
		{"3 亩 2 分", "3.20", "亩分", false},
		{"近100亩", "100.00", "亩", true},
		{"300余亩", "300.00", "亩", true},
		{"300多亩", "300.00", "亩", true},
		{"300亩余", "300.00", "亩", true},
		{"300余", "300.00", "亩", true},
		{"约5万余平方米", "75.00", "万平方米", true},
		{"100亩左右", "100.00", "亩", true},
		{"100亩上下", "100.00", "亩", true},
		{"超100亩", "100.00", "亩", true},
		{"逾100亩", "100.00", "亩", true},
		{"约合57.38亩", "57.38", "亩", false}, // converted, not approximate
		{"折合57.38亩", "57.38", "亩", false},
		{"0", "0.00", "亩", false},
		{"-3亩", "-3.00", "亩", false},
		{"－3亩", "-3.00", "亩", false},
		{"9999999999.99999999999", "9999999999.99999999999", "亩", false},
	} {
		a, w, err := ledger.ParseAreaText(tt.text, ledger.Mu)
		if err != nil || a.String() != tt.want || w.Unit != tt.unit || w.Approximate != tt.approximate || w.Text != tt.text {
			t.Errorf("ParseAreaText(%q) = %s, %+v, %v, want %s in %s", tt.text, a, w, err, tt.want, tt.unit)
		}
	}
}

func TestParseAreaText_Refused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"": "number.unreadable", " ": "number.unreadable", "－": "number.unreadable", "-": "number.unreadable", "—": "number.unreadable",
		"亩": "number.unreadable", "约": "number.unreadable", "约亩": "number.unreadable", "余": "number.unreadable", "左右": "number.unreadable",
		"1,2345亩": "number.unreadable", "12,34": "number.unreadable", ",123": "number.unreadable", "1,,234": "number.unreadable", "1234,567": "number.unreadable",
		"1e5": "number.unreadable", "NaN": "number.unreadable", "Inf": "number.unreadable", "0x10": "number.unreadable", "1_000": "number.unreadable",
		".5": "number.unreadable", "5.": "number.unreadable", "1.2.3": "number.unreadable", "--3": "number.unreadable", "-+3": "number.unreadable", "3-": "number.unreadable",
		"3亩2": "number.unreadable", "2分3亩": "number.unreadable", "3亩3亩": "number.unreadable", "3亩20分": "number.unreadable", "3亩10分": "number.unreadable",
		"3.5亩2分": "number.unreadable", "3亩 2": "number.unreadable", "亩3": "number.unreadable", "3公亩": "number.unreadable", "3元": "number.unreadable",
		"1多2亩": "number.unreadable", "3余.5亩": "number.unreadable", "余3亩": "number.unreadable", "多3亩": "number.unreadable", "左右3亩": "number.unreadable",
		"3左右亩": "number.unreadable", "3亩余余": "number.unreadable", "3余多亩": "number.unreadable", "约约3亩": "number.unreadable", "3亩多2分": "number.unreadable",
		"350 250": "number.unreadable", "350\n250亩": "number.unreadable", "350, 250": "number.unreadable", "3. 5亩": "number.unreadable", "12 34": "number.unreadable",
		"3\x00亩": "number.unreadable", "三亩": "number.unreadable", "3%": "number.unreadable", strings.Repeat("9", 65): "number.unreadable",
		"0.000000000001": "number.too_many_decimals", "0.0000001㎡": "", "0.00000001㎡": "number.too_many_decimals",
		"10000000000": "number.too_large", "-10000000000": "number.too_large", "1000000万亩": "number.too_large", strings.Repeat("9", 60): "number.too_large",
	} {
		a, _, err := ledger.ParseAreaText(text, ledger.Mu)
		if reason == "" {
			if err != nil {
				t.Errorf("ParseAreaText(%q): %v", text, err)
			}
			continue
		}
		if !errors.Is(err, ledger.E(ledger.Invalid, reason)) || !a.IsZero() {
			t.Errorf("ParseAreaText(%q) = %s, %v, want %s", text, a, err, reason)
		}
	}
}

func TestParseMoneyText(t *testing.T) {
	t.Parallel()
	for _, tt := range []written{
		{"1234.5", "1234.50", "元", false},
		{"1,234.50元", "1234.50", "元", false},
		{"约3324.74万元", "33247400.00", "万元", true},
		{"3324.74万", "33247400.00", "万", false},
		{"￥1,200.00", "1200.00", "元", false},
		{"¥1200", "1200.00", "元", false},
		{"人民币1200元整", "1200.00", "元整", false},
		{"人民币20万元整", "200000.00", "万元整", false},
		{"RMB 5", "5.00", "元", false},
		{"3亿2000万", "320000000.00", "亿万", false},
		{"1.2亿元", "120000000.00", "亿元", false},
		{"12元5角", "12.50", "元角", false},
		{"12元5角3分", "12.53", "元角分", false},
		{"5分", "0.05", "分", false},
		{"331万余元", "3310000.00", "万元", true},
		{"331万元余", "3310000.00", "万元", true},
		{"近3万元", "30000.00", "万元", true},
		{"２万元", "20000.00", "万元", false},
		{"0.000001万", "0.01", "万", false},
		{"-0.01", "-0.01", "元", false},
		{"99999999999999.99", "99999999999999.99", "元", false},
	} {
		m, w, err := ledger.ParseMoneyText(tt.text, ledger.Yuan)
		if err != nil || m.String() != tt.want || w.Unit != tt.unit || w.Approximate != tt.approximate || w.Text != tt.text {
			t.Errorf("ParseMoneyText(%q) = %s, %+v, %v, want %s in %s", tt.text, m, w, err, tt.want, tt.unit)
		}
	}
	if m, w, err := ledger.ParseMoneyText("3324.74", ledger.WanYuan); err != nil || m.String() != "33247400.00" || w.Unit != "万元" {
		t.Errorf("3324.74 under 万元 = %s, %+v, %v", m, w, err)
	}
	if m, _, err := ledger.ParseMoneyText("500元", ledger.WanYuan); err != nil || m.String() != "500.00" {
		t.Errorf("a glued unit wins: 500元 under 万元 = %s, %v", m, err)
	}
}

func TestParseMoneyText_Refused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"": "number.unreadable", "元": "number.unreadable", "万元": "number.unreadable", "¥": "number.unreadable", "1e5": "number.unreadable", "NaN": "number.unreadable",
		"1,2345": "number.unreadable", "5千": "number.unreadable", "3亩": "number.unreadable", "1万20000元": "number.unreadable", "1.5万2000元": "number.unreadable",
		"100 200": "number.unreadable", "100\n200元": "number.unreadable", "3万5": "number.unreadable", "5美元": "number.unreadable", "5%": "number.unreadable",
		"1.005": "number.too_many_decimals", "1.005元": "number.too_many_decimals", "0.0000001万元": "number.too_many_decimals", "5.5分": "number.too_many_decimals",
		"100000000000000": "number.too_large", "-100000000000000": "number.too_large", "1000000亿元": "number.too_large",
	} {
		if m, _, err := ledger.ParseMoneyText(text, ledger.Yuan); !errors.Is(err, ledger.E(ledger.Invalid, reason)) || !m.IsZero() {
			t.Errorf("ParseMoneyText(%q) = %s, %v, want %s", text, m, err, reason)
		}
	}
}

func TestUnitsOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"亩": "1", "mu": "1", "平方米": "0.0015", "M2": "0.0015", "公顷": "15", "万亩": "10000", "分": "0.1", "厘": "0.01", "km²": "1500", "亩　": "1"} {
		if u, ok := ledger.AreaUnitOf(name); !ok || u.Factor().String() != want {
			t.Errorf("AreaUnitOf(%q) = %s × %s, %t, want %s", name, u, u.Factor(), ok, want)
		}
	}
	for name, want := range map[string]string{"元": "1", "人民币元": "1", "万元": "10000", "万": "10000", "亿元": "100000000", "千元": "1000", "yuan": "1", "￥": "1"} {
		if u, ok := ledger.MoneyUnitOf(name); !ok || u.Factor().String() != want {
			t.Errorf("MoneyUnitOf(%q) = %s × %s, %t, want %s", name, u, u.Factor(), ok, want)
		}
	}
	for _, name := range []string{"", "美元", "亩", "公亩", "元/年"} {
		if u, ok := ledger.MoneyUnitOf(name); ok {
			t.Errorf("MoneyUnitOf(%q) = %s", name, u)
		}
		if u, ok := ledger.AreaUnitOf(name); ok && name != "亩" {
			t.Errorf("AreaUnitOf(%q) = %s", name, u)
		}
	}
}
