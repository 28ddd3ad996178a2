package statement

import (
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
			continue
		}
		if n := len(clauses); n > 0 && continues(t, c) && len(clauses[n-1].figures)+len(c.figures) <= ClauseFiguresMax {
			clauses[n-1].to = c.to
			clauses[n-1].figures = append(clauses[n-1].figures, c.figures...)
			continue
		}
		clauses = append(clauses, c)
	}
	for _, c := range clauses {
		if len(c.figures) > ClauseFiguresMax {
			c.figures, c.rest = c.figures[:ClauseFiguresMax], c.figures[ClauseFiguresMax:]
		}
		nameFigures(t, c)
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

func continues(t text, c *clause) bool {
	from := skipEnumeration(t, c.from)
	start := t.folded(from, c.figures[0].start)
	for _, w := range continuing {
		if strings.HasPrefix(start, w) {
			return true
		}
	}
	first := c.figures[0]
	label := dropRemarks(start)
	role, word := RoleNone, ""
	switch first.kind {
	case kindMoney:
		role, word = named(label)
	case kindPercent:
		role, word = endingIn(label)
	}
	switch role {
	case RolePremium, RoleRate, RoleSaving, RoleSavingRate, RoleHammer, RoleContract:
	default:
		return false
	}
	for _, prefix := range []string{"", "总", "其", "实现", "总体", "总的"} {
		if strings.HasPrefix(label, prefix+word) {
			return role != RoleHammer && role != RoleContract || prefix == "" && word != "成交"
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
