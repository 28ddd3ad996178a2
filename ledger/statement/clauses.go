package statement

import (
	"slices"
	"strings"
)

// A clause is the run of the text that is judged as one.
type clause struct {
	from, to int // runes
	figures  []*figure
	rest     []*figure // beyond ClauseFiguresMax, listed only
}

// clausesOf cuts the text at 。；！？ and line ends, drops what has no figure, and joins a piece that has no subject of
// its own (其中…, 合计…, 溢价率…) to the piece before it.
func clausesOf(t text, figures []*figure) []*clause {
	var clauses []*clause
	apart := false // words without figures stand between this piece and the last clause
	for from, i := 0, 0; i <= len(t.runes); i++ {
		if i < len(t.runes) && !isBoundary(t, i) {
			continue
		}
		c := &clause{from: t.skipSpaces(from), to: i}
		for len(figures) > 0 && figures[0].start < i {
			c.figures = append(c.figures, figures[0])
			figures = figures[1:]
		}
		from = i + 1
		if len(c.figures) == 0 {
			apart = apart || strings.TrimSpace(t.folded(c.from, c.to)) != ""
			continue
		}
		if len(c.figures) > ClauseFiguresMax {
			c.figures, c.rest = c.figures[:ClauseFiguresMax], c.figures[ClauseFiguresMax:]
		}
		nameFigures(t, c)
		if n := len(clauses); n > 0 && !apart && continues(t, clauses[n-1], c) {
			last := clauses[n-1]
			last.to, last.figures = c.to, append(last.figures, c.figures...)
			nameFigures(t, last)
			continue
		}
		clauses, apart = append(clauses, c), false
	}
	return clauses
}

func isBoundary(t text, i int) bool {
	switch t.at(i) {
	case '。', ';', '!', '?', '\n':
		return true
	case '.':
		next := t.at(i + 1)
		return (next == 0 || next == ' ' || next == '\n') && !isDigit(t.at(i-1))
	}
	return false
}

// continuing are the words at which a piece goes on with the subject of the piece before it.
var continuing = []string{"其中", "合计", "共计", "总计", "以上合计", "两项合计"}

// continues tells whether a piece goes on with the piece before it: it begins at 其中 or 合计, or at the name of a
// figure that the piece before it lacks to be judged.
func continues(t text, last, c *clause) bool {
	if len(last.rest)+len(c.rest) > 0 || len(last.figures)+len(c.figures) > ClauseFiguresMax {
		return false
	}
	start := t.folded(skipEnumeration(t, c.from), c.figures[0].start)
	for _, w := range continuing {
		if strings.HasPrefix(start, w) {
			return true
		}
	}
	has := func(roles ...Role) bool { return firstOf(last.figures, roles...) != nil }
	first := c.figures[0]
	switch first.role {
	case RolePremium, RoleRate:
		return startsAtName(start, first) && !has(first.role) && has(RoleBase, RoleHammer, RoleContract, RolePremium, RoleAboveBase)
	case RoleSaving, RoleSavingRate:
		return startsAtName(start, first) && !has(first.role) && has(RoleBudget, RoleAward)
	case RoleHammer, RoleContract:
		return startsAtName(start, first) && has(RoleBase) && !has(RoleHammer, RoleContract, RoleRate)
	case RoleCompletion:
		return strings.HasPrefix(start, "完成") && !has(RoleCompletion)
	case RoleShare, RoleGrowth:
		return !has(first.role) && (strings.HasPrefix(start, "占比") || strings.HasPrefix(start, "增长") || strings.HasPrefix(start, "增幅"))
	case RoleArea, RoleCount:
		return (strings.HasPrefix(start, "已") || strings.HasPrefix(start, "实际")) && slices.ContainsFunc(last.figures, isTask)
	default:
		return false
	}
}

// startsAtName tells whether the piece has no subject before the name of its first figure.
func startsAtName(start string, first *figure) bool {
	label := strings.TrimSpace(dropRemarks(start))
	_, word := named(label, roleWords)
	if first.kind == kindPercent {
		_, word = named(label, percentWords)
	}
	for _, prefix := range []string{"", "总", "其", "实现", "总体", "总的"} {
		if word != "" && word != "成交" && strings.HasPrefix(label, prefix+word) {
			return true
		}
	}
	return false
}

// skipEnumeration passes over (1), 2. and 三、 at the head of a line.
func skipEnumeration(t text, i int) int {
	j := i
	for j-i < 4 && (isDigit(t.at(j)) || t.at(j) == '(' || t.at(j) == ')' || spokenDigit(t.at(j)) >= 0 || t.at(j) == '|' || t.at(j) == ' ' || t.at(j) == '-' || t.at(j) == '*') {
		j++
	}
	if t.at(j) == '.' || t.at(j) == '、' {
		j++
	}
	return t.skipSpaces(j)
}
