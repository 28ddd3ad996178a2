package sheet

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Row is a data row, or a row of totals when Total says so.
type Row struct {
	Sheet  string
	Number int
	Total  TotalKind
	Label  string       // of a total, as printed
	Source []SourceText // texts of the columns that the schema does not know
	Faults []CellError  // cells of known columns that must not be used: #REF!, a formula without value, mojibake

	cells []Cell
	table *Table
	key   string // of Keep
	kept  *Cell
}

// SourceText is what stood in a column that the schema does not know.
type SourceText struct {
	Header string `json:"header"`
	Letter string `json:"letter"`
	Text   string `json:"text"`
}

// Keep is the row with the cell of one column only: enough to say where it stands and which record it is, for
// a caller that keeps many rows.
func (r Row) Keep(key string) Row {
	cell := r.Cell(key)
	return Row{Sheet: r.Sheet, Number: r.Number, Total: r.Total, Label: r.Label, table: r.table, key: key, kept: &cell}
}

// Cell is the cell of a known column; a blank one when the sheet has no such column.
func (r Row) Cell(key string) Cell {
	for i := range r.table.Columns {
		if r.table.Columns[i].Key == key && i < len(r.cells) {
			return r.cells[i]
		}
	}
	if r.kept != nil && key == r.key {
		return *r.kept
	}
	return Cell{}
}

// Fault says that the cell of a column cannot be used. An err that is not a *ledger.Error becomes one
// with reason sheet.unreadable.
func (r Row) Fault(key string, err error) CellError {
	rule, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		rule = ledger.E(ledger.Invalid, "sheet.unreadable").Because(err)
	}
	if rule.Field == "" {
		rule = rule.On(key)
	}
	e := CellError{Sheet: r.Sheet, Row: r.Number, Err: rule}
	if b, ok := r.table.Column(key); ok {
		c := r.Cell(key)
		e.Column, e.Header, e.Found, e.Stored = b.Letter, b.Header, firstRunes(c.Shown(), 200), firstRunes(c.Stored, 200)
	}
	return e
}

// rowState is what is known about the row being looked at.
type rowState struct {
	raw       *rawRow
	cells     []Cell // by place in Columns
	own       []Cell // that say anything, in order of columns, without those of merges above
	known     int    // of own, those in known columns
	source    []SourceText
	faults    []CellError
	inNotes   bool
	afterData bool
	pushed    bool // a cell beyond the header was reported
}

// wide is the number of columns that a cell is merged over.
func (r *rowState) wide(c Cell) int { return max(1, int(c.wide)) }

// walker carries the state from row to row.
type walker struct {
	t         *Table
	nextMerge int
	nextWide  int
	active    []activeMerge
	own       []Cell // room for rowState.own
	inNotes   bool
	afterData bool
	weight    int64 // bytes, of all rows so far
}

type activeMerge struct {
	merge
	cell Cell
}

// Rows streams data rows and totals in the order of the sheet. An error ends the stream; it is about the
// file (damaged, too large), not about a cell. Rows may be called again and then reads the file again.
func (t *Table) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		t.Ignored, t.IgnoredRows, t.DataRows, t.NoteUnits, t.Unlabelled = nil, 0, 0, nil, nil
		w := &walker{t: t}
		header := t.HeaderRows[len(t.HeaderRows)-1]
		stopped := false
		var failed error
		err := t.src.rows(func(raw *rawRow) bool {
			if raw.number <= header {
				return true
			}
			if failed = w.weigh(raw); failed != nil {
				return false
			}
			row, ok := w.row(raw)
			if !ok {
				return true
			}
			if row.Total == NoTotal {
				if t.DataRows++; t.DataRows > t.limits.Rows {
					failed = ledger.E(ledger.Invalid, "sheet.too_many_rows", t.where(), t.limits.Rows)
					return false
				}
			}
			stopped = !yield(row, nil)
			return !stopped
		})
		if err = errors.Join(err, failed); err != nil && !stopped {
			yield(Row{}, (&File{Name: t.File}).damaged(err))
		}
	}
}

// weigh adds up what the cells cost once they are read. A file of a megabyte may name one long shared text
// in half a million cells, or hold twenty million cells of one letter: neither is large before it is read.
func (w *walker) weigh(raw *rawRow) error {
	for i := range raw.cells {
		w.weight += cellWeight + int64(len(raw.cells[i].Text))
	}
	for i := range w.active { // a merged cell is read again in every row
		w.weight += int64(len(w.active[i].cell.Text))
	}
	if most := w.t.limits.TotalBytes; w.weight > most {
		return ledger.E(ledger.Invalid, "sheet.unpacks_too_large", w.t.where(), most>>20)
	}
	return nil
}

// row makes a row of what the file holds; false when it is none.
func (w *walker) row(raw *rawRow) (Row, bool) {
	t := w.t
	r := &rowState{raw: raw, own: w.own[:0], inNotes: w.inNotes, afterData: w.afterData}
	w.wide(raw)
	r.cells = make([]Cell, len(t.Columns))
	for i, b := range t.Columns {
		r.cells[i].row, r.cells[i].column = int32(raw.number), int32(b.index) //nolint:gosec // both bounded by Excel's sheet
	}
	t.place(r)
	w.own = r.own
	w.above(r)
	if raw.hidden && t.options.Hidden == HiddenSkip || len(r.own) == 0 {
		return Row{}, false
	}
	kind, label := NoTotal, ""
	why := t.ignore(r)
	if why == "" || why == "no_known_value" || why == "of_which" {
		if kind, label = t.total(r); kind != NoTotal {
			why = ""
		}
	}
	if why != "" {
		w.inNotes = why == "note"
		t.leaveOut(r, why)
		return Row{}, false
	}
	w.inNotes, w.afterData = false, true
	for i := range r.cells {
		t.finish(r, &r.cells[i], &t.Columns[i])
	}
	return Row{Sheet: t.Sheet, Number: raw.number, Total: kind, Label: label, Source: r.source, Faults: r.faults, cells: r.cells, table: t}, true
}

// place puts the row's own cells where they belong.
func (t *Table) place(r *rowState) {
	for _, c := range r.raw.cells {
		b := t.at(c)
		if b != nil {
			r.cells[t.index[c.column]] = c
		}
		if c.Kind == KindBlank {
			continue
		}
		r.own = append(r.own, c)
		if b != nil {
			r.known++
			continue
		}
		t.unknownCell(r, c)
	}
}

// unknownCell keeps the text of a column that the schema does not know. It is a fault in two cases: when
// the column shares its header cell with a known one, and when a line of a .csv has more cells than the
// header, for then a comma inside a number has pushed all of them aside.
func (t *Table) unknownCell(r *rowState, c Cell) {
	label, letter := t.labels[int(c.column)], Letter(int(c.column))
	if label == rejectColumn {
		return
	}
	if label == "" && !slices.Contains(t.Unlabelled, letter) {
		t.Unlabelled = append(t.Unlabelled, letter)
	}
	r.source = append(r.source, SourceText{Header: label, Letter: letter, Text: c.Text})
	var err *ledger.Error
	if key, ok := t.shared[int(c.column)]; ok {
		err = ledger.E(ledger.Invalid, "sheet.second_column", label).On(key)
	} else if c.csv && label == "" && !r.pushed && int(c.column) > t.lastLabel() {
		r.pushed = true // once a row: all its further cells have the same cause
		err = ledger.E(ledger.Invalid, "sheet.more_cells", t.lastLabel())
	}
	if err != nil {
		r.faults = append(r.faults, CellError{Sheet: t.Sheet, Row: r.raw.number, Column: letter, Header: label,
			Found: firstRunes(c.Shown(), 200), Stored: firstRunes(c.Stored, 200), Err: err})
	}
}

func (t *Table) lastLabel() int {
	last := 0
	for col := range t.labels {
		last = max(last, col)
	}
	return last
}

// wide marks the cells of a row that are merged over several columns.
func (w *walker) wide(raw *rawRow) {
	list := w.t.wide
	for w.nextWide < len(list) && list[w.nextWide].top < raw.number {
		w.nextWide++
	}
	for i := w.nextWide; i < len(list) && list[i].top == raw.number; i++ {
		for j := range raw.cells {
			if int(raw.cells[j].column) == list[i].left {
				raw.cells[j].wide = int32(list[i].right - list[i].left + 1) //nolint:gosec // bounded by Excel's columns
			}
		}
	}
}

// above fills in the cells whose value stands in a merged cell above, and remembers those that begin here.
func (w *walker) above(r *rowState) {
	list, number := w.t.merges, r.raw.number
	w.active = slices.DeleteFunc(w.active, func(a activeMerge) bool { return a.bottom < number })
	for _, a := range w.active {
		c := a.cell
		c.row = int32(number) //nolint:gosec // bounded by Excel's rows
		r.cells[w.t.index[c.column]] = c
	}
	for ; w.nextMerge < len(list) && list[w.nextMerge].top <= number; w.nextMerge++ {
		m := list[w.nextMerge]
		if m.top < number { // its first row has no value at all
			continue
		}
		for i := range r.raw.cells {
			c := r.raw.cells[i]
			if int(c.column) == m.left && c.Kind != KindBlank {
				if w.t.at(c) == nil {
					continue
				}
				c.fromRow = int32(m.top) //nolint:gosec // bounded by Excel's rows
				r.cells[w.t.index[c.column]].fromRow = c.fromRow
				w.active = slices.DeleteFunc(w.active, func(a activeMerge) bool { return a.left == m.left })
				w.active = append(w.active, activeMerge{m, c})
			}
		}
	}
}

// finish brings a cell into the form that its column's type asks for, and reports one that must not be
// used.
func (t *Table) finish(r *rowState, c *Cell, b *Bound) {
	switch {
	case c.Kind == KindNumber && b.Type == Text:
		digits, reason := fifteen(c.Stored)
		if reason == "" {
			c.Text = c.format.keyText(digits)
		}
	case c.Kind == KindText:
		c.Text = strings.TrimSpace(c.Text)
	}
	if c.Err == nil || c.Origin() != "" { // a merged cell is reported once, where it stands
		return
	}
	r.faults = append(r.faults, CellError{Sheet: t.Sheet, Row: r.raw.number, Column: b.Letter, Header: b.Header,
		Found: firstRunes(c.Shown(), 200), Stored: firstRunes(c.Stored, 200), Err: c.Err.On(b.Key)})
}

// leaveOut lists a row that is neither data nor a total.
func (t *Table) leaveOut(r *rowState, why string) {
	t.IgnoredRows++
	var parts []string
	for _, c := range r.own {
		parts = append(parts, foldKeep(c.Text))
	}
	text := firstRunes(strings.Join(parts, " "), 200)
	if why == "note" || why == "section" {
		for _, u := range captionUnits(text) {
			if !slices.Contains(t.NoteUnits, u) && len(t.NoteUnits) < 20 {
				t.NoteUnits = append(t.NoteUnits, u)
			}
		}
	}
	if len(t.Ignored) < ignoredKept {
		t.Ignored = append(t.Ignored, Ignored{Sheet: t.Sheet, Row: r.raw.number, Why: why, Text: text})
	}
}
