package ledger_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mingzhang/ledger"
)

// TestMoney_Capital: the first six amounts are the examples of the rules for filling in bills. Where
// the rules allow a 零 to be written or left out, it is left out.
func TestMoney_Capital(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]string{
		"1409.50":           "壹仟肆佰零玖元伍角",
		"6007.14":           "陆仟零柒元壹角肆分",
		"1680.32":           "壹仟陆佰捌拾元叁角贰分",
		"107000.53":         "壹拾万柒仟元伍角叁分",
		"16409.02":          "壹万陆仟肆佰零玖元零贰分",
		"325.04":            "叁佰贰拾伍元零肆分",
		"0.53":              "伍角叁分",
		"0.05":              "伍分",
		"0.50":              "伍角",
		"0":                 "零元整",
		"1":                 "壹元整",
		"10":                "壹拾元整",
		"11":                "壹拾壹元整",
		"101":               "壹佰零壹元整",
		"1001":              "壹仟零壹元整",
		"10010":             "壹万零壹拾元整",
		"100000":            "壹拾万元整",
		"100001":            "壹拾万零壹元整",
		"1000010":           "壹佰万零壹拾元整",
		"100000000":         "壹亿元整",
		"100000001":         "壹亿零壹元整",
		"100010000":         "壹亿零壹万元整",
		"100005000":         "壹亿零伍仟元整",
		"1000000000000":     "壹万亿元整",
		"1000000000001":     "壹万亿零壹元整",
		"1000100000000":     "壹万零壹亿元整",
		"1000050000000":     "壹万亿零伍仟万元整",
		"33247400":          "叁仟叁佰贰拾肆万柒仟肆佰元整",
		"47636300":          "肆仟柒佰陆拾叁万陆仟叁佰元整",
		"14388900":          "壹仟肆佰叁拾捌万捌仟玖佰元整",
		"-5.20":             "负伍元贰角",
		"99999999999999.99": "玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
	} {
		if got := parsed(t, amount).Capital(); got != want {
			t.Errorf("%s = %s, want %s", amount, got, want)
		}
	}
}

// readCapital reads a capital amount back into fen, without a look at how it was written: digits wait
// for their step, steps fill a group, 万 lifts the group, 亿 lifts all before it.
func readCapital(s string) (fen int64, ok bool) {
	rest, negative := strings.CutPrefix(s, "负")
	var total, group, digit int64
	for _, r := range rest {
		if i := strings.IndexRune("零壹贰叁肆伍陆柒捌玖", r); i >= 0 {
			if digit != 0 {
				return 0, false // two digits side by side
			}
			digit = int64(i / len("零"))
			continue
		}
		switch r {
		case '拾', '佰', '仟':
			if digit == 0 {
				return 0, false
			}
			group += digit * map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}[r]
		case '万':
			total += (group + digit) * 1_0000
			group = 0
		case '亿':
			total = (total + group + digit) * 1_0000_0000
			group = 0
		case '元':
			fen, group = (total+group+digit)*100, 0
		case '角':
			fen += digit * 10
		case '分':
			fen += digit
		case '整':
		default:
			return 0, false
		}
		digit = 0
	}
	if negative {
		fen = -fen
	}
	return fen, digit == 0
}

// checkCapital holds what every capital amount keeps: it reads back, and has none of the forms that
// the rules forbid.
func checkCapital(tb interface{ Fatalf(string, ...any) }, m ledger.Money, fen int64) {
	text := m.Capital()
	if got, ok := readCapital(text); !ok || got != fen {
		tb.Fatalf("%s = %s reads back as %d fen, %t, want %d", m, text, got, ok, fen)
	}
	for _, bad := range []string{"零零", "零万", "零亿", "零仟", "零佰", "零拾", "零角", "零分", "亿万", "元零整"} {
		if strings.Contains(text, bad) {
			tb.Fatalf("%s = %s has %s", m, text, bad)
		}
	}
	if fen%10 == 0 && fen%100 == 0 != strings.HasSuffix(text, "元整") {
		tb.Fatalf("%s = %s: 整 stands after 元 and nowhere else", m, text)
	}
	if strings.Contains(text, "零元") && fen != 0 || strings.HasPrefix(text, "零") && fen != 0 {
		tb.Fatalf("%s = %s", m, text)
	}
}

func TestMoney_Capital_Property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// digit by digit, many of them zero, so that gaps of every kind come up
		var fen int64
		for range rapid.IntRange(1, 16).Draw(t, "digits") {
			fen = fen*10 + max(0, rapid.Int64Range(-9, 9).Draw(t, "digit"))
		}
		if rapid.Bool().Draw(t, "negative") {
			fen = -fen
		}
		checkCapital(t, fenOf(t, fen), fen)
	})
}
