package ledger_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

func FuzzParseMoneyText(f *testing.F) {
	for _, s := range []string{"约3324.74万元", "￥1,200.00", "3亿2000万", "12元5角3分", "1,2345", "1.005", "1e5", "NaN", "", "元", "-0.01", "331万余元", "1多2元", "100 200", "２０万元整"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, w, err := ledger.ParseMoneyText(s, ledger.Yuan)
		if err != nil {
			if ledger.CodeOf(err) != ledger.Invalid || !m.IsZero() {
				t.Fatalf("%q refused as %v with %s", s, err, m)
			}
			return
		}
		if w.Text != s || w.Unit == "" {
			t.Fatalf("%q is kept as %+v", s, w)
		}
		if back, err := ledger.ParseMoney(m.String()); err != nil || !back.Equal(m) {
			t.Fatalf("%q = %s reads back as %s, %v", s, m, back, err)
		}
		if back, _, err := ledger.ParseMoneyText(m.Grouped()+"元", ledger.WanYuan); err != nil || !back.Equal(m) {
			t.Fatalf("%q = %s reads back as %s, %v", s, m.Grouped(), back, err)
		}
	})
}

func FuzzParseAreaText(f *testing.F) {
	for _, s := range []string{"12.5亩", "约3亩2分", "0.7655公顷", "1,234㎡", "3.3万亩", "约5万余平方米", "－", "3亩20分", "3.5亩2分", "余3亩", "350\n250", "2ha", "3mu"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, w, err := ledger.ParseAreaText(s, ledger.Mu)
		if err != nil {
			if ledger.CodeOf(err) != ledger.Invalid || !a.IsZero() {
				t.Fatalf("%q refused as %v with %s", s, err, a)
			}
			return
		}
		if w.Text != s || w.Unit == "" {
			t.Fatalf("%q is kept as %+v", s, w)
		}
		if back, err := ledger.ParseMu(a.String()); err != nil || !back.Equal(a) {
			t.Fatalf("%q = %s reads back as %s, %v", s, a, back, err)
		}
	})
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2021-3-5", "2021/3/5", "2021.3.5", "20210305", "2021年3月5日", "2021-2-29", "2021-13-1", "2020-02-29 00:00:00", "2021-3-1 5", "", "2021--3", "2021年3日5月"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ledger.ParseDay(s)
		if err != nil {
			if ledger.CodeOf(err) != ledger.Invalid || !d.IsZero() {
				t.Fatalf("%q refused as %v with %s", s, err, d)
			}
			return
		}
		for _, text := range []string{d.String(), d.ZH()} {
			if back, err := ledger.ParseDay(text); err != nil || back != d {
				t.Fatalf("%q = %s; its %q reads as %s, %v", s, d, text, back, err)
			}
		}
	})
}

func FuzzCapital(f *testing.F) {
	for _, fen := range []int64{0, 5, 53, 140950, 600714, 168032, 10700053, 1640902, 32504, 3324740000, 100000000000000, -520, 9999999999999999} {
		f.Add(fen)
	}
	f.Fuzz(func(t *testing.T, fen int64) {
		m, err := ledger.MoneyFromDecimal(decimal.New(fen, -2))
		if err != nil {
			return
		}
		checkCapital(t, m, fen)
	})
}
