package sheet

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mingzhang/ledger"
)

// Table is one sheet whose header the schema knows. What Rows finds on its way (Ignored, DataRows,
// NoteUnits, Unlabelled) is complete when Rows has ended.
type Table struct {
	File          string
	Sheet         string // "" for a .csv
	HeaderRows    []int
	Columns       []Bound
	Unknown       []string // headers that the schema does not know, as printed
	Captions      []string // texts above the header
	Units         []string // units that the captions name: 万元, 亩
	Skipped       []Skipped
	Formulas      int      // cells with a formula in the whole sheet
	HiddenRows    int      // hidden or filtered rows with a value
	HiddenColumns []string // letters of known columns that are hidden; they are read
	ValueRows     int      // rows with any value, header and captions among them
	Encoding      string   // of a .csv: UTF-8, GB18030, UTF-16LE, UTF-16BE
	Mapping       map[string]string

	Ignored     []Ignored // rows that are neither data nor totals, the first thousand
	IgnoredRows int       // all of them
	DataRows    int
	NoteUnits   []string // units named by notes below the table
	Unlabelled  []string // letters of columns that have values but no header

	src     source
	binder  *binder
	merges  []merge // those of several rows, below the header, by first row
	wide    []merge // those of several columns
	options Options
	limits  Limits
	shared  map[int]string
	labels  map[int]string
	index   []int           // column number → place in Columns, -1 for none
	quiet   map[string]bool // squeezed captions

	quietFirsts string // their first signs
}

// Ignored is a row that was left out, and why: header, caption, column_numbers, note, section,
// no_known_value, empty_formulas, of_which.
type Ignored struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row"`
	Why   string `json:"why"`
	Text  string `json:"text"`
}

const (
	ignoredKept  = 1000
	rejectColumn = "错误" // the column that WriteRejects adds
)

// Tables finds the table of each visible sheet. Sheets without a known header are passed over and listed;
// when no sheet has one, that is an error that says what was looked for. The errors are *ledger.Error:
// sheet.no_header, sheet.doubled_header, sheet.missing_column, sheet.hidden_rows, sheet.no_such_sheet,
// and those of damaged or too large parts.
func (f *File) Tables(schema Schema, o Options) ([]*Table, error) {
	if o.Hidden != HiddenAsk && o.Hidden != HiddenInclude && o.Hidden != HiddenSkip {
		return nil, ledger.E(ledger.Invalid, "sheet.bad_hidden_choice", o.Hidden)
	}
	b, err := newBinder(schema, o.Map)
	if err != nil {
		return nil, err
	}
	if o.Sheet != "" && !slices.Contains(f.Sheets(), o.Sheet) {
		return nil, ledger.E(ledger.NotFound, "sheet.no_such_sheet", o.Sheet, strings.Join(f.Sheets(), "、"))
	}
	skipped := slices.Clone(f.skipped[:min(len(f.skipped), f.chartSheets())])
	var tables []*Table
	var nearest *header
	for _, src := range f.sources {
		why := skipReason(src, o)
		if why == "" {
			t, near, err := f.table(src, b, o)
			if err != nil {
				return nil, f.damaged(err)
			}
			if t != nil {
				tables = append(tables, t)
				continue
			}
			why = "no_header"
			if near == nil {
				why = "empty"
			} else if nearest == nil || near.keys > nearest.keys {
				nearest = near
			}
		}
		skipped = append(skipped, Skipped{Sheet: src.name(), Why: why})
	}
	f.skipped = skipped
	if len(tables) == 0 && f.garbled != nil {
		return nil, f.garbled
	}
	if len(tables) == 0 {
		return nil, noHeader(f, schema, nearest, skipped)
	}
	for _, t := range tables {
		t.Skipped = skipped
	}
	return tables, nil
}

// chartSheets is how many sheets were passed over on opening.
func (f *File) chartSheets() int {
	n := 0
	for _, s := range f.skipped {
		if s.Why == "not_a_sheet" {
			n++
		}
	}
	return n
}

func skipReason(src source, o Options) string {
	switch {
	case o.Sheet != "" && src.name() != o.Sheet:
		return "not_chosen"
	case o.Sheet == "":
		return src.hidden()
	}
	return ""
}

// noHeader says what was looked for, and what came nearest.
func noHeader(f *File, s Schema, nearest *header, skipped []Skipped) error {
	var wanted []string
	for _, c := range s.Columns {
		if len(s.Keys) == 0 || slices.Contains(s.Keys, c.Key) {
			wanted = append(wanted, c.firstName())
		}
	}
	empty := !slices.ContainsFunc(skipped, func(k Skipped) bool { return k.Why == "no_header" })
	if empty && nearest == nil {
		if slices.ContainsFunc(skipped, func(k Skipped) bool { return strings.HasSuffix(k.Why, "hidden") }) {
			return ledger.E(ledger.Invalid, "sheet.only_hidden_sheets", f.Name)
		}
		return ledger.E(ledger.Invalid, "sheet.no_rows", f.Name)
	}
	if nearest != nil && nearest.keys > 0 {
		var found []string
		for _, b := range nearest.bound {
			found = append(found, b.Header)
		}
		return ledger.E(ledger.Invalid, "sheet.no_header_near", f.Name, headerSpan, strings.Join(wanted, "、"),
			nearest.rows[0], strings.Join(found, "、"))
	}
	return ledger.E(ledger.Invalid, "sheet.no_header", f.Name, headerSpan, strings.Join(wanted, "、"))
}

func (c Column) firstName() string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return c.Key
}

// table surveys one sheet; nil when its header is not known.
func (f *File) table(src source, b *binder, o Options) (*Table, *header, error) {
	s, err := src.survey(headerSpan + headerLevels)
	if err != nil {
		return nil, nil, err
	}
	g := makeGrid(s.head, s.merges, o.Hidden)
	h, nearest := b.findHeader(g)
	if h == nil {
		f.noteGarbled(s.head)
		return nil, nearest, nil
	}
	t := &Table{
		File: f.Name, Sheet: src.name(), HeaderRows: h.rows, Columns: h.bound, Captions: g.captions(h),
		Formulas: s.formulas, HiddenRows: s.hiddenN, ValueRows: s.valueRows, Encoding: s.encoding,
		Mapping: map[string]string{}, src: src, binder: b, options: o, limits: f.limits, shared: h.shared, labels: h.labels,
		quiet: map[string]bool{},
	}
	for _, u := range h.unknown {
		if u != rejectColumn {
			t.Unknown = append(t.Unknown, u)
		}
	}
	for _, c := range t.Captions {
		t.quiet[squeeze(c)] = true
		first, _ := utf8.DecodeRuneInString(c)
		t.quietFirsts += string(first)
		for _, u := range captionUnits(c) {
			if !slices.Contains(t.Units, u) {
				t.Units = append(t.Units, u)
			}
		}
	}
	if err := t.checkHeader(h, b.schema); err != nil {
		return nil, nil, err
	}
	if s.hiddenN > 0 && o.Hidden == HiddenAsk {
		return nil, nil, ledger.E(ledger.Invalid, "sheet.hidden_rows", t.where(), s.hiddenN, numbers(s.hiddenRows))
	}
	t.prepare(s, h)
	return t, nil, nil
}

// noteGarbled keeps the first unusable text of a sheet without a known header: it is the likelier reason
// than a table of another kind.
func (f *File) noteGarbled(head []rawRow) {
	for _, r := range head {
		for _, c := range r.cells {
			if f.garbled == nil && c.Err != nil && (c.Err.Reason == badMojibake || c.Err.Reason == badNUL) {
				f.garbled = c.Err.On(c.Ref())
			}
		}
	}
}

// where names the sheet, or the file when it has only one.
func (t *Table) where() string {
	if t.Sheet == "" {
		return t.File
	}
	return t.Sheet
}

func numbers(list []int) string {
	var parts []string
	for i, n := range list {
		if i == 10 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ", ")
}

// checkHeader refuses a header that names a column twice or lacks a needed one.
func (t *Table) checkHeader(h *header, s Schema) error {
	if a, b := h.doubled[0], h.doubled[1]; a.Key != "" {
		return ledger.E(ledger.Invalid, "sheet.doubled_header", t.where(), a.firstName(), a.Letter, a.Header, b.Letter, b.Header)
	}
	has := func(key string) bool {
		return slices.ContainsFunc(h.bound, func(b Bound) bool { return b.Key == key })
	}
	var missing []string
	for _, c := range s.Columns {
		if c.Required && !has(c.Key) {
			missing = append(missing, c.firstName())
		}
	}
	for _, set := range s.Needed {
		if !slices.ContainsFunc(set, has) {
			var names []string
			for _, key := range set {
				c, _ := s.column(key)
				names = append(names, c.firstName())
			}
			missing = append(missing, strings.Join(names, "/"))
		}
	}
	if len(missing) > 0 {
		return ledger.E(ledger.Invalid, "sheet.missing_column", t.where(), strings.Join(missing, "、"), orDash(strings.Join(t.Unknown, "、")))
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// prepare lays out what reading rows needs.
func (t *Table) prepare(s *survey, h *header) {
	last := h.rows[len(h.rows)-1]
	for _, m := range s.merges {
		if m.top <= last {
			continue
		}
		if m.bottom > m.top {
			t.merges = append(t.merges, m)
		}
		if m.right > m.left {
			t.wide = append(t.wide, m)
		}
	}
	byTop := func(a, b merge) int { return a.top - b.top }
	slices.SortStableFunc(t.merges, byTop)
	slices.SortStableFunc(t.wide, byTop)
	t.index = make([]int, t.limits.Columns+1)
	for i := range t.index {
		t.index[i] = -1
	}
	for i, b := range t.Columns {
		t.index[b.index] = i
		t.Columns[i].Hidden = s.hiddenCols[b.index]
		if t.Columns[i].Hidden {
			t.HiddenColumns = append(t.HiddenColumns, b.Letter)
		}
		t.Mapping[b.Header] = b.Key
	}
}

// Column finds a column that the sheet has.
func (t *Table) Column(key string) (Bound, bool) {
	for _, b := range t.Columns {
		if b.Key == key {
			return b, true
		}
	}
	return Bound{}, false
}
