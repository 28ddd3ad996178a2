package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// findHeader looks for the rows that bind most columns, among those that begin in the first rows of the
// sheet. nil when there is none that the schema knows; nearest is then the best of the others.
func (b *binder) findHeader(g *grid) (found, nearest *header) {
	var best *header
	for i, top := range g.rows {
		if top > headerSpan {
			break
		}
		for depth := 1; depth <= headerLevels && i+depth <= len(g.rows); depth++ {
			rows := g.rows[i : i+depth]
			if depth > 1 && (rows[depth-1] != top+depth-1 || !g.headerLike(rows[depth-1])) {
				break
			}
			if depth < headerLevels && g.reachesBelow(rows) {
				continue
			}
			h := b.tryHeader(g, rows)
			if rows[depth-1] > headerSpan && b.tryHeader(g, rows[1:]).keys >= h.keys {
				continue // it begins below after all
			}
			if best == nil || h.better(best) {
				best = h
			}
		}
	}
	if best == nil || !best.known(b.schema) {
		return nil, best
	}
	return b.extendUp(g, b.extendDown(g, best)), best
}

// extendDown takes the row below into the header when it gives nothing but units (万元 under 底价).
func (b *binder) extendDown(g *grid, h *header) *header {
	i := slices.Index(g.rows, h.rows[len(h.rows)-1]) + 1
	if len(h.rows) >= headerLevels || i >= len(g.rows) || g.rows[i] != h.rows[len(h.rows)-1]+1 || !g.onlyUnits(g.rows[i], h) {
		return h
	}
	if longer := b.tryHeader(g, append(slices.Clone(h.rows), g.rows[i])); longer.keys >= h.keys {
		return longer
	}
	return h
}

// onlyUnits tells whether a row has a unit under a known column and nothing else.
func (g *grid) onlyUnits(row int, h *header) bool {
	units := 0
	for col, c := range g.cells[row] {
		if m := g.merges[row][col]; m != nil && m.top < row || c.Kind == KindBlank {
			continue
		}
		name, brackets := splitBrackets(foldKeep(c.Text))
		if c.Kind != KindText || !isPlainUnit(name) && (strings.TrimSpace(name) != "" || len(brackets) != 1 || !isUnit(brackets[0])) {
			return false
		}
		if slices.ContainsFunc(h.bound, func(b Bound) bool { return b.index == col }) {
			units++
		}
	}
	return units > 0
}

// better prefers more columns, none doubled, and then fewer rows: a title above is not part of it.
func (h *header) better(o *header) bool {
	score := func(h *header) int {
		n := 2 * h.keys
		if h.doubled[0].Key != "" {
			n--
		}
		return n
	}
	if a, b := score(h), score(o); a != b {
		return a > b
	}
	return len(h.rows) < len(o.rows)
}

// headerLike tells whether a row can be the second or third of a header: short texts, no numbers.
func (g *grid) headerLike(row int) bool {
	for _, c := range g.cells[row] {
		switch c.Kind {
		case KindNumber, KindDate, KindBool, KindError, KindUncached:
			return false
		default:
		}
		if utf8.RuneCountInString(c.Text) > 40 {
			return false
		}
		if _, ok := plainNumber(c.Text); ok {
			return false
		}
	}
	return true
}

// reachesBelow tells whether a merged cell that begins in these rows ends below them, yet within what
// a header may have: then the rows below belong to the header too.
func (g *grid) reachesBelow(rows []int) bool {
	last := rows[len(rows)-1]
	for _, row := range rows {
		for _, m := range g.merges[row] {
			if m.top >= rows[0] && m.bottom > last && m.bottom < rows[0]+headerLevels && slices.Contains(g.rows, m.bottom) {
				return true
			}
		}
	}
	return false
}

// extendUp takes the row above into the header when it groups columns (金额(万元) over 底价 and 成交价):
// the unit of such a heading is that of each column under it.
func (b *binder) extendUp(g *grid, h *header) *header {
	for len(h.rows) < headerLevels {
		i := slices.Index(g.rows, h.rows[0])
		if i <= 0 || g.rows[i-1] != h.rows[0]-1 || !g.groups(g.rows[i-1], h) {
			return h
		}
		above := g.rows[i-1]
		g.spreadUnits(above)
		wider := b.tryHeader(g, append([]int{above}, h.rows...))
		if wider.keys < h.keys || wider.doubled[0].Key != "" && h.doubled[0].Key == "" {
			return h
		}
		h = wider
	}
	return h
}

// groups tells whether a row above the header holds headings of groups rather than a title or captions.
func (g *grid) groups(row int, h *header) bool {
	headings := 0
	seen := map[*merge]bool{}
	for col, c := range g.cells[row] {
		m := g.merges[row][col]
		if m != nil && m.bottom >= h.rows[0] {
			return true
		}
		if m != nil && seen[m] || strings.TrimSpace(c.Text) == "" || isCaption(c.Text) || utf8.RuneCountInString(c.Text) > 20 {
			continue
		}
		seen[m] = m != nil
		under, first := 0, true
		for i, b := range h.bound {
			if m == nil && b.index == col || m != nil && b.index >= m.left && b.index <= m.right {
				under++
				first = first && i == 0
			}
		}
		if under == len(h.bound) || under == 0 || under > len(h.bound)*2/3 && first {
			continue // a title
		}
		if m == nil && first && len(g.cells[row]) == 1 {
			continue // a title in the first cell
		}
		headings++
	}
	return headings > 0
}

// spreadUnits lets a heading with a unit that was not merged reach over the empty cells to its right, as
// it is meant on the screen (centred across the selection).
func (g *grid) spreadUnits(row int) {
	var heading Cell
	for col := 1; col <= g.last; col++ {
		c, ok := g.cells[row][col]
		if ok && strings.TrimSpace(c.Text) != "" {
			heading = Cell{}
			_, brackets := splitBrackets(foldKeep(c.Text))
			if unit, _ := bracketUnit(brackets); unit != "" && g.merges[row][col] == nil && !isCaption(c.Text) {
				heading = c
			}
			continue
		}
		if heading.Text != "" && g.merges[row][col] == nil {
			g.cells[row][col] = heading
		}
	}
}

// captionLine holds for what stands above or below a table to explain it: 单位:万元, 制表人:…, 日期:….
var captionLine = regexp.MustCompile(`^[^(\[【]{0,6}(单位|日期|时间|期间|制表|填表|填报|编制|审核|年度|币种|范围|部门|units?|date)[^:]{0,6}:`)

func isCaption(text string) bool { return captionLine.MatchString(squeeze(text)) }

// captions are the texts above the header, and beside its group headings.
func (g *grid) captions(h *header) []string {
	var out []string
	for _, row := range g.rows {
		if row >= h.rows[0] && (len(h.rows) == 1 || row > h.rows[0]) {
			break
		}
		seen := map[*merge]bool{}
		for col := 1; col <= g.last; col++ {
			c, ok := g.cells[row][col]
			m := g.merges[row][col]
			if !ok || m != nil && seen[m] || strings.TrimSpace(c.Text) == "" {
				continue
			}
			if m != nil {
				seen[m] = true
			}
			if row == h.rows[0] && !isCaption(c.Text) {
				continue
			}
			out = append(out, foldKeep(c.Text))
		}
	}
	return out
}
