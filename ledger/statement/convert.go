package statement

import (
	"fmt"
	"math/big"
	"strings"
)

// conversionWords stand between a figure and the same in another unit.
var conversionWords = []string{"约合", "折合", "合", "即", "相当于", "折", "折算", "换算为", "折合约", "合计约"}

// checkConversions compares a figure with the same figure in another unit: 5000亩(333.3333公顷), 38253平方米,合57.4亩.
func (j *judge) checkConversions() {
	for i := 1; i < len(j.clause.figures); i++ {
		a, b := j.clause.figures[i-1], j.clause.figures[i]
		if a.kind != b.kind || a.kind != kindArea && a.kind != kindMoney || a.ranged || b.ranged ||
			a.per.key() != b.per.key() || a.unit == b.unit || !isConversion(b) {
			continue
		}
		b.role, b.converted = a.role, true
		if a.half().meets(b.half()) {
			j.fits()
			continue
		}
		sum := fmt.Sprintf("%s%s=%s%s,印为%s%s", a.show(), a.unit, b.in(a.value), b.unit, b.show(), b.unit)
		en := fmt.Sprintf("%s %s = %s %s, printed %s %s", a.show(), a.unit, b.in(a.value), b.unit, b.show(), b.unit)
		if a.half().meets(b.truncated()) || a.truncated().meets(b.half()) {
			j.find("figure_truncated", sum, en)
			continue
		}
		if name := wrongFactor(a, b); name != "" {
			sum += fmt.Sprintf("(用了1亩=%s平方米;应为2000/3)", name)
			en += fmt.Sprintf(" (used 1 mu = %s m²; it is 2000/3)", name)
		}
		j.find("unit_conversion_off", sum, en)
	}
}

func isConversion(b *figure) bool {
	before := strings.Trim(b.before, " ")
	if before == "(" {
		return strings.HasPrefix(strings.TrimSpace(b.after), ")")
	}
	before = strings.TrimRight(strings.TrimLeft(before, ",( "), ": 为")
	for _, w := range conversionWords {
		if before == w || before == w+"约" || before == "也就是"+w {
			return true
		}
	}
	return false
}

// wrongFactor names the factor that explains a wrong conversion between square metres or hectares and mu.
func wrongFactor(a, b *figure) string {
	metres, mu := a, b
	if a.unit == "亩" || a.unit == "万亩" || a.unit == "mu" {
		metres, mu = b, a
	}
	if a.kind != kindArea || !strings.Contains(mu.unit, "亩") && mu.unit != "mu" || strings.Contains(metres.unit, "亩") {
		return ""
	}
	perMetre := rat(2000, 3)
	for _, w := range wrongFactors {
		scale := quo(perMetre, w.value)
		x := interval{mul(metres.half().lo, scale), mul(metres.half().hi, scale)}
		if x.meets(mu.half()) || x.meets(mu.truncated()) {
			return w.name
		}
	}
	return ""
}

// sumOf adds the values of figures.
func sumOf(figures []*figure) *big.Rat {
	sum := rat(0, 1)
	for _, f := range figures {
		sum = add(sum, f.value)
	}
	return sum
}
