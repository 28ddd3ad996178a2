package ledger

import "strings"

const (
	capitalDigits = "零壹贰叁肆伍陆柒捌玖"
	capitalSteps  = "\x00拾佰仟"
)

// Capital is the amount in the capital numerals that Chinese bills and contracts want (大写金额), by the
// rules for filling in bills of the Measures for Payment and Settlement (支付结算办法): 叁仟叁佰贰拾肆万柒仟肆佰元整.
// 整 stands after 元, not after 角 and 分; a zero 角 before 分 is written 零.
func (m Money) Capital() string {
	if m.Sign() < 0 {
		return "负" + m.Neg().Capital()
	}
	yuan, fen, _ := strings.Cut(m.String(), ".")
	jiao, cent := fen[0]-'0', fen[1]-'0'
	whole := capitalWhole(yuan)
	var b strings.Builder
	if whole != "" {
		b.WriteString(whole + "元")
	}
	switch {
	case jiao == 0 && cent == 0:
		if whole == "" {
			b.WriteString("零元")
		}
		b.WriteString("整")
		return b.String()
	case jiao != 0:
		b.WriteString(capitalDigit(jiao) + "角")
	case whole != "":
		b.WriteString("零")
	}
	if cent != 0 {
		b.WriteString(capitalDigit(cent) + "分")
	}
	return b.String()
}

func capitalDigit(d byte) string { return string([]rune(capitalDigits)[d]) }

// capitalWhole writes the yuan part in groups of four digits (万, 亿, 万亿); "" for zero.
func capitalWhole(digits string) string {
	groups := []string{"", "万", "亿", "万"}
	var b strings.Builder
	zero, yi := false, false
	for len(digits)%4 != 0 {
		digits = "0" + digits
	}
	for n := len(digits) / 4; n > 0; n-- {
		group := digits[:4]
		digits = digits[4:]
		if group == "0000" {
			zero = b.Len() > 0
		} else {
			text := capitalGroup(group)
			if b.Len() > 0 && (zero || group[0] == '0') {
				b.WriteString("零")
			}
			b.WriteString(text + groups[n-1])
			zero, yi = false, yi || n == 4
		}
		if n == 3 && yi && !strings.HasSuffix(b.String(), "亿") {
			b.WriteString("亿") // 壹万亿: the 亿 belongs to the 万 above it
			zero = true
		}
	}
	return b.String()
}

func capitalGroup(group string) string {
	var b strings.Builder
	steps := []rune(capitalSteps)
	zero := false
	for i := range 4 {
		d := group[i] - '0'
		if d == 0 {
			zero = b.Len() > 0
			continue
		}
		if zero {
			b.WriteString("零")
			zero = false
		}
		b.WriteString(capitalDigit(d))
		if i < 3 {
			b.WriteRune(steps[3-i])
		}
	}
	return b.String()
}
