package sheet

import (
	"slices"
	"strings"
	"unicode/utf8"

	"mingzhang/ledger"
)

// Bound is a column of a sheet that the schema knows.
type Bound struct {
	Column
	Header string   // as printed, the levels joined by a blank
	Letter string   // F
	Unit   string   // what the header gives as unit: 万元, 元/月, %
	Notes  []string // what else stands in brackets: 含税
	Hidden bool     // the column is hidden; it is read all the same

	index  int      // column number from 1
	levels []string // squeezed texts of its header rows, for finding them again further down
	firsts string   // their first signs
}

// grid is the head of a sheet with merged cells filled in.
type grid struct {
	rows   []int                  // numbers of the rows with a value, in order
	cells  map[int]map[int]Cell   // row → column → cell
	merges map[int]map[int]*merge // row → column → merge
	last   int                    // last column
}

func makeGrid(head []rawRow, merges []merge, hidden string) *grid {
	g := &grid{cells: map[int]map[int]Cell{}, merges: map[int]map[int]*merge{}}
	bottom := 0
	for _, r := range head {
		if r.hidden && hidden == HiddenSkip {
			continue
		}
		g.rows = append(g.rows, r.number)
		g.cells[r.number] = map[int]Cell{}
		bottom = r.number
		for _, c := range r.cells {
			g.cells[r.number][int(c.column)] = c
			g.last = max(g.last, int(c.column))
		}
	}
	for i, m := range merges {
		if m.top > bottom || g.merges[m.top][m.left] != nil { // merges that overlap are nobody's
			continue
		}
		for row := m.top; row <= min(m.bottom, bottom); row++ {
			g.fill(&merges[i], row)
		}
	}
	return g
}

// fill writes a merged cell's value over the part of it that lies in one row.
func (g *grid) fill(m *merge, row int) {
	origin, ok := g.cells[m.top][m.left]
	if !ok || g.cells[row] == nil {
		return
	}
	if g.merges[row] == nil {
		g.merges[row] = map[int]*merge{}
	}
	g.last = max(g.last, min(m.right, maxColumns))
	for col := m.left; col <= min(m.right, maxColumns); col++ {
		g.merges[row][col] = m
		g.cells[row][col] = origin
	}
}

// binder finds the column that a header text names.
type binder struct {
	schema Schema
	names  map[string]string // squeezed name → key
	mapped map[string]string // squeezed header or [F] → key or ""
}

func newBinder(s Schema, mapped map[string]string) (*binder, error) {
	b := &binder{schema: s, names: map[string]string{}, mapped: map[string]string{}}
	for _, c := range s.Columns {
		b.names[headerKey(c.Key)] = c.Key
		for _, n := range c.Names {
			b.names[headerKey(n)] = c.Key
		}
	}
	for header, key := range mapped {
		if _, ok := s.column(key); key != "" && !ok {
			return nil, ledger.E(ledger.Invalid, "sheet.map_unknown", header, key)
		}
		b.mapped[mapKey(header)] = key
	}
	return b, nil
}

// mapKey keeps [F] apart from a header; a header is compared with its brackets.
func mapKey(header string) string { return squeeze(header) }

// headerKey is what names are compared by: no blanks, marks or numbering, one width, lower case; in
// English names no signs either (Lot no., lot_no).
func headerKey(s string) string {
	t := strings.Trim(squeeze(s), "*★☆※:·、.")
	if i := strings.IndexAny(t, ".、"); i > 0 && i < 4 && onlyDigits(t[:i]) {
		t = t[i:]
		t = strings.TrimLeft(t, ".、")
	}
	for i := range len(t) {
		if t[i] >= 0x80 {
			return t
		}
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-.#/'", r) {
			return -1
		}
		return r
	}, t)
}

// find is the key of a name, with the unit that may be glued to it (底价:万元, 底价/万元, 面积亩).
func (b *binder) find(name string) (key, unit string) {
	if k, ok := b.names[headerKey(name)]; ok {
		return k, ""
	}
	t := squeeze(name)
	for cut := len(t) - 1; cut > 0; cut-- {
		if t[cut]&0xC0 == 0x80 { // inside a character
			continue
		}
		rest := strings.TrimLeft(t[cut:], ":/-,")
		if rest == "" || !isPlainUnit(rest) {
			continue
		}
		if k, ok := b.names[headerKey(strings.TrimRight(t[:cut], ":/-,"))]; ok {
			return k, rest
		}
	}
	return b.findAlternatives(t), ""
}

// findAlternatives reads 底价/起拍价: several names, all of one column.
func (b *binder) findAlternatives(name string) string {
	found := ""
	for i, p := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("/、或", r) }) {
		k := b.names[headerKey(p)]
		if k == "" || i > 0 && k != found {
			return ""
		}
		found = k
	}
	return found
}

// level is one header cell: its name without brackets, and what stood in them.
type level struct {
	text     string
	name     string
	brackets []string
}

func makeLevel(text string) level {
	name, brackets := splitBrackets(foldKeep(text))
	return level{text: text, name: name, brackets: brackets}
}

// bind finds the column that a stack of header cells names: all levels joined (底价 over 单价: 底价单价),
// the other way round (单价 over 底价), or the lower ones alone, unless a level above names another
// column: 单价 under 成交价 is not just any 单价.
func (b *binder) bind(levels []level) (key, unit string, notes []string) {
	var names []string
	for _, l := range levels {
		if headerKey(l.name) != "" {
			names = append(names, l.name)
		}
	}
	key, unit = b.bindNames(names)
	if key == "" && len(levels) == 1 { // a name that has brackets of its own, 金额(大写)
		key = b.names[headerKey(levels[0].text)]
	}
	for i := len(levels) - 1; i >= 0; i-- {
		u, n := bracketUnit(levels[i].brackets)
		notes = append(n, notes...)
		if unit == "" {
			unit = u
		}
	}
	return key, unit, notes
}

func (b *binder) bindNames(names []string) (key, unit string) {
	if len(names) == 0 {
		return "", ""
	}
	if key, unit = b.find(strings.Join(names, "")); key != "" {
		return key, unit
	}
	reversed := slices.Clone(names)
	slices.Reverse(reversed)
	if key, unit = b.find(strings.Join(reversed, "")); key != "" {
		return key, unit
	}
	for i := 1; i < len(names); i++ {
		lower := strings.Join(names[i:], "")
		if key, unit = b.find(lower); key == "" {
			continue
		}
		if b.contradicts(names[:i], lower, key) {
			return "", ""
		}
		return key, unit
	}
	return "", ""
}

// contradicts tells whether a level above names another column, and is not just part of the lower name
// (面积 over 核查面积).
func (b *binder) contradicts(above []string, lower, key string) bool {
	for _, a := range above {
		k, _ := b.find(a)
		if k != "" && k != key && !strings.Contains(squeeze(lower), squeeze(a)) {
			return true
		}
	}
	return false
}

// header is a candidate: rows top … top+depth-1 of the grid, and what it binds.
type header struct {
	rows    []int
	bound   []Bound
	shared  map[int]string // columns under the same merged header cell as a bound one → its key
	doubled [2]Bound
	unknown []string
	labels  map[int]string // column → header as printed, for every column with one
	keys    int            // different columns bound
}

// tryHeader binds the columns under the given rows.
func (b *binder) tryHeader(g *grid, rows []int) *header {
	h := &header{rows: rows, shared: map[int]string{}, labels: map[int]string{}}
	seen := map[string]Bound{}
	for col := 1; col <= g.last; col++ {
		levels := g.levels(rows, col)
		if len(levels) == 0 {
			continue
		}
		next := Bound{Header: joinLevels(levels), Letter: Letter(col), index: col}
		h.labels[col] = next.Header
		key, unit, notes := b.bind(levels)
		if k, ok := b.fromMap(next, levels); ok {
			key = k
		}
		if key == "" {
			h.unknown = append(h.unknown, next.Header)
			continue
		}
		next.Column, _ = b.schema.column(key)
		next.Unit, next.Notes = unit, notes
		for _, l := range levels {
			next.levels = append(next.levels, squeeze(l.text))
			first, _ := utf8.DecodeRuneInString(l.text)
			next.firsts += string(first)
		}
		first, twice := seen[key]
		switch {
		case !twice:
			seen[key] = next
			h.bound = append(h.bound, next)
		case g.sameCell(rows, first.index, col):
			h.shared[col] = key
		case h.doubled[0].Key == "":
			h.doubled = [2]Bound{first, next}
		}
	}
	h.keys = len(seen)
	return h
}

// fromMap looks a column up in the user's mapping: by letter, by the whole header, by its lowest level.
func (b *binder) fromMap(c Bound, levels []level) (key string, ok bool) {
	for _, name := range []string{"[" + c.Letter + "]", c.Header, levels[len(levels)-1].text} {
		if key, ok = b.mapped[mapKey(name)]; ok {
			return key, true
		}
	}
	return "", false
}

// levels are the texts over a column, a text that spans several rows once.
func (g *grid) levels(rows []int, col int) []level {
	var out []level
	for _, row := range rows {
		c, ok := g.cells[row][col]
		if !ok || c.Kind == KindBlank || strings.TrimSpace(c.Text) == "" {
			continue
		}
		if len(out) == 0 || squeeze(out[len(out)-1].text) != squeeze(c.Text) {
			out = append(out, makeLevel(c.Text))
		}
	}
	return out
}

func joinLevels(levels []level) string {
	parts := make([]string, len(levels))
	for i, l := range levels {
		parts[i] = foldKeep(l.text)
	}
	return strings.Join(parts, " ")
}

// sameCell tells whether the lowest header cell over both columns is one merged cell.
func (g *grid) sameCell(rows []int, a, b int) bool {
	for i := len(rows) - 1; i >= 0; i-- {
		ma, mb := g.merges[rows[i]][a], g.merges[rows[i]][b]
		if ma != nil && ma == mb {
			return true
		}
		if _, ok := g.cells[rows[i]][b]; ok && mb != ma {
			return false
		}
	}
	return false
}

// known tells whether the header makes the sheet one of the schema's.
func (h *header) known(s Schema) bool {
	if h.keys < s.min() {
		return false
	}
	if len(s.Keys) == 0 {
		return true
	}
	for _, b := range h.bound {
		if slices.Contains(s.Keys, b.Key) {
			return true
		}
	}
	return false
}
