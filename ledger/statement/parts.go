package statement

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// checkParts compares parts with their whole: 其中 and brackets (need not be all), 由…组成 and 合计 (are all).
func (j *judge) checkParts() {
	figures := j.clause.figures
	for i, f := range figures {
		switch {
		case i == 0:
		case strings.Contains(f.before, "其中") || strings.Contains(f.before, "among them") || strings.Contains(f.before, "of which"):
			j.partsOf(figures[:i], j.partsFrom(i, "其中"), false)
		case strings.HasPrefix(strings.TrimSpace(f.before), "(") && !isConversion(f):
			if parts := j.partsFrom(i, "("); len(parts) > 1 {
				j.partsOf(figures[:i], parts, false)
			}
		case strings.Contains(f.before, "由") && j.composed(i) > 0:
			j.partsOf(figures[:i], figures[i:j.composed(i)], true)
		}
		if marker := sumMarker(f.label); i > 1 && !j.unitsMixed(i) && marker != "" {
			j.partsBefore(i, strings.TrimPrefix(f.label, marker))
		}
	}
}

// partsFrom collects the figures after 其中 or inside a bracket.
func (j *judge) partsFrom(i int, opened string) []*figure {
	var parts []*figure
	for k := i; k < len(j.clause.figures) && len(parts) < PartsMax; k++ {
		f := j.clause.figures[k]
		if k > i && (containsAny(f.before, []string{"其中", "。", ";"}) || sumMarker(f.label) != "") {
			break
		}
		if k > i && opened != "(" && strings.Contains(f.before, "(") && !strings.Contains(f.before, ")") {
			continue // a part of a part
		}
		parts = append(parts, f)
		if opened == "(" && strings.Contains(f.after, ")") {
			break
		}
	}
	return parts
}

// composed gives the index after the last figure before 组成, 0 when the word does not follow.
func (j *judge) composed(i int) int {
	for k := i; k < len(j.clause.figures); k++ {
		after := firstPart(j.clause.figures[k].after)
		if containsAny(after, []string{"组成", "构成"}) {
			return k + 1
		}
	}
	return 0
}

// sumMarker is the word at which a label calls its figure the sum of what stands before.
func sumMarker(label string) string {
	for _, w := range []string{"以上合计", "两项合计", "三项合计", "合计", "共计", "总计", "一共", "总共", "共"} {
		if strings.HasPrefix(label, w) {
			return w
		}
	}
	return ""
}

// isPart tells whether a figure can be a part of a whole, as far as kind, unit and name go.
func isPart(part, whole *figure) bool {
	if part == whole || part.kind != whole.kind || part.ranged || part.spoken || part.converted || part.per.key() != whole.per.key() || !whole.per.isZero() {
		return false
	}
	switch part.kind {
	case kindMoney:
		return part.role == whole.role || part.role == RoleNone
	case kindArea:
		return part.role == whole.role
	case kindCount:
		return part.unit == whole.unit && (part.noun == whole.noun || part.noun == "" || whole.noun == "")
	default:
		return false
	}
}

// partsOf compares parts with the wholes that stand before them, for each kind of figure by itself.
func (j *judge) partsOf(before, parts []*figure, all bool) {
	for _, k := range []kind{kindArea, kindMoney, kindCount} {
		var wholes []*figure
		for i := len(before) - 1; i >= 0 && len(wholes) < wholesMax; i-- {
			f := before[i]
			if f.kind == k && !f.ranged && !f.spoken && !f.converted && f.list == 0 && f.per.isZero() && f.role != RoleEarlier && f.role != RoleChange && f.role != RoleExtreme {
				wholes = append(wholes, f)
			}
		}
		j.compareParts(wholes, parts, all)
	}
}

// compareParts looks for the whole that the parts give; then for one that is larger; only then it objects.
func (j *judge) compareParts(wholes, parts []*figure, all bool) {
	var larger, worst *figure
	var largerParts, worstParts []*figure
	for _, whole := range wholes {
		mine := oneClassification(slices.DeleteFunc(slices.Clone(parts), func(p *figure) bool { return !isPart(p, whole) }))
		if n := longestSum(whole, mine); n > 1 && !all {
			j.partsFit(whole, mine[:n])
			return
		}
		switch {
		case len(mine) == 0 || all && len(mine) < 2:
		case sums(whole, mine):
			j.partsFit(whole, mine)
			return
		case sumOf(mine).Cmp(whole.value) < 0 && larger == nil && !all:
			larger, largerParts = whole, mine
		case worst == nil || whole.value.Cmp(worst.value) > 0:
			worst, worstParts = whole, mine
		}
	}
	switch {
	case larger != nil:
		j.remainder(larger, largerParts)
	case worst != nil && (!mayOverlap(worst) || all || exceeds(worst, worstParts)):
		j.partsOff(worst, worstParts)
	}
}

// oneClassification ends a list that 、 joins at the first comma: what follows counts the same things another way
// (其中集体40宗、国有42宗,有证60宗).
func oneClassification(parts []*figure) []*figure {
	if len(parts) < 3 || strings.Contains(parts[1].before, ",") {
		return parts
	}
	for k := 2; k < len(parts); k++ {
		if strings.Contains(parts[k].before, ",") {
			return parts[:k]
		}
	}
	return parts
}

// mayOverlap tells whether 其中 may count one twice: a person may be a woman and a party member.
func mayOverlap(whole *figure) bool {
	return whole.unit == "人" || whole.unit == "名" || whole.unit == "人次"
}

func exceeds(whole *figure, parts []*figure) bool {
	return slices.ContainsFunc(parts, func(p *figure) bool { return p.value.Cmp(whole.value) > 0 })
}

// longestSum is the number of parts from the first on that give the whole, the most of several; 0 when none do.
func longestSum(whole *figure, parts []*figure) int {
	sum, allowed, longest := rat(0, 1), gapAllowed(whole), 0
	for i, p := range parts {
		sum, allowed = add(sum, p.value), add(allowed, gapAllowed(p))
		if abs(sub(sum, whole.value)).Cmp(allowed) <= 0 {
			longest = i + 1
		}
	}
	return longest
}

// sums tells whether parts give the whole up to (n+1)/2 last places.
func sums(whole *figure, parts []*figure) bool {
	gap := abs(sub(sumOf(parts), whole.value))
	return gap.Cmp(gapAllowed(append(slices.Clone(parts), whole)...)) <= 0
}

func (j *judge) partsFit(whole *figure, parts []*figure) {
	j.fits()
	if sum := sumOf(parts); sum.Cmp(whole.value) != 0 {
		zh, en := sumText(whole, parts, sum)
		places := plain(rat(int64(len(parts)+1), 2))
		j.find("rounding_gap", zh+";"+fmt.Sprint(len(parts))+"项之和可差"+places+"个末位", en+"; the sum of "+fmt.Sprint(len(parts))+" may be off by "+places+" last places")
	}
}

func (j *judge) remainder(whole *figure, parts []*figure) {
	sum := sumOf(parts)
	zh, en := sumText(whole, parts, sum)
	rest := whole.in(sub(whole.value, sum)) + moneyUnit(whole)
	j.find("remainder_unnamed", zh+";未列出"+rest, en+"; not named: "+rest)
}

// partsOff objects.
func (j *judge) partsOff(whole *figure, parts []*figure) {
	zh, en := sumText(whole, parts, sumOf(parts))
	j.find("parts_do_not_sum", zh, en)
}

func sumText(whole *figure, parts []*figure, sum *big.Rat) (zh, en string) {
	var terms []string
	for _, p := range parts {
		if p.unit == whole.unit {
			terms = append(terms, p.show())
		} else {
			terms = append(terms, p.show()+p.unit)
		}
	}
	text := strings.Join(terms, "+") + "=" + whole.in(sum) + moneyUnit(whole)
	printed := whole.show() + moneyUnit(whole)
	return text + ",总数印为" + printed, text + ", the whole is printed " + printed
}

// unitsMixed finds a sum of bare numbers: figures of one kind in different units (亩 and 平方米, 元/月 and 元/年) whose
// numbers add up to the printed one while their values do not.
func (j *judge) unitsMixed(i int) bool {
	whole := j.clause.figures[i]
	if sumMarker(whole.label) == "" && !containsAny(whole.label, []string{"总面积", "面积合计", "面积共", "总租金", "租金合计", "租金共", "总计", "合计"}) || whole.ranged {
		return false
	}
	raw, value, differ := rat(0, 1), rat(0, 1), false
	var terms []string
	for k := i - 1; k >= 0 && i-k <= PartsMax; k-- {
		f := j.clause.figures[k]
		if f.kind != whole.kind || whole.kind != kindArea && whole.kind != kindMoney || f.ranged || f.converted {
			continue
		}
		raw, value = add(raw, f.raw), add(value, f.value)
		differ = differ || f.factor.Cmp(whole.factor) != 0 || f.per.key() != whole.per.key() && f.per.months != nil
		terms = append(terms, f.show()+f.unit)
		if len(terms) > 1 && differ && raw.Cmp(whole.raw) == 0 && (value.Cmp(whole.value) != 0 || !f.per.isZero()) {
			slices.Reverse(terms)
			sum := strings.Join(terms, "+")
			printed := whole.show() + whole.unit
			j.find("units_mixed", sum+":单位不同的数直接相加得"+plain(raw)+",印为"+printed, sum+": adding the bare numbers gives "+plain(raw)+", printed "+printed)
			return true
		}
	}
	return false
}

// partsBefore compares 合计 X with the figures before it. It objects only when the words say that just these were
// added: 合计 alone, or with the word that the parts share (…处置1695亩, …处置1346亩, 合计处置3040亩).
func (j *judge) partsBefore(i int, tail string) {
	whole := j.clause.figures[i]
	if whole.ranged || whole.kind != kindArea && whole.kind != kindMoney && whole.kind != kindCount {
		return
	}
	var parts []*figure
	named := true
	tail = strings.Trim(tail, " :为约达")
	for k := i - 1; k >= 0 && len(parts) < PartsMax; k-- {
		f := j.clause.figures[k]
		if sumMarker(f.label) != "" && f.kind == whole.kind {
			break
		}
		if strings.Contains(f.before, "其中") && f.kind == whole.kind {
			named = false
		}
		if isPart(f, whole) && f.role != RoleEarlier && f.role != RoleChange {
			parts = append(parts, f)
			named = named && (tail == "" || strings.HasSuffix(strings.TrimRight(f.label, " :为约了"), tail))
		}
	}
	slices.Reverse(parts)
	for from := range parts {
		if len(parts)-from > 1 && sums(whole, parts[from:]) {
			j.partsFit(whole, parts[from:])
			return
		}
	}
	if named && len(parts) > 1 {
		j.partsOff(whole, parts)
	}
}
