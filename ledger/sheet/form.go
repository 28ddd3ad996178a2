package sheet

import (
	"strings"
	"unicode/utf8"
)

// Form is a table that was typed into a form instead of read from a file, with rows of column key → text: the
// readers of tables read it like any other, so that a form and a file obey the same rules. Every column of the
// schema is there, its header is its key. The rows are numbered from 1.
func Form(schema Schema, rows []map[string]string) (*Table, []Row) {
	t := &Table{File: "form", HeaderRows: []int{0}, Mapping: map[string]string{}, DataRows: len(rows), limits: Limits{}.orDefault()}
	for i, c := range schema.Columns {
		t.Columns = append(t.Columns, Bound{Column: c, Header: c.Key, Letter: Letter(i + 1), index: i + 1})
		t.Mapping[c.Key] = c.Key
	}
	list := make([]Row, len(rows))
	for i, texts := range rows {
		row := Row{Number: i + 1, cells: make([]Cell, len(t.Columns)), table: t}
		for j := range t.Columns {
			b, c := &t.Columns[j], &row.cells[j]
			*c = t.typed(texts[b.Key])
			c.row, c.column = int32(i+1), int32(b.index) //nolint:gosec // both bounded by the form
			if c.Err != nil {
				row.Faults = append(row.Faults, row.Fault(b.Key, c.Err))
			}
		}
		list[i] = row
	}
	return t, list
}

// typed makes a cell of a text that somebody typed.
func (t *Table) typed(text string) Cell {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	bad := badText(text)
	if len(text) > t.limits.TextRunes && utf8.RuneCountInString(text) > t.limits.TextRunes {
		text, bad = firstRunes(text, 40), badTooLong
	}
	return textCell(text, bad)
}
