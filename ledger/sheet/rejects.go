package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"mingzhang/ledger"
)

// WriteRejects writes the rows of this table that have faults; see the function of the same name.
func (t *Table) WriteRejects(w io.Writer, format string, faults []CellError, say func(CellError) string) error {
	return WriteRejects(w, format, []*Table{t}, faults, say)
}

// WriteRejects writes the rows that have faults, with their header and a column 错误 that says what is
// wrong, as "xlsx" (a sheet for each table) or "csv". The file can be corrected and imported again: units
// are kept, the column 错误 is passed over, and no text can turn into a formula. Rows are read from the
// source again; totals, which do not fit a part of the rows, and faults that name no row are left out.
// say gives the sentence for one fault. Errors: sheet.bad_reject_format, sheet.rejects_need_xlsx when
// several tables have faults and the format is csv.
func WriteRejects(w io.Writer, format string, tables []*Table, faults []CellError, say func(CellError) string) error {
	bySheet := map[string]map[int][]CellError{}
	for _, f := range faults {
		if bySheet[f.Sheet] == nil {
			bySheet[f.Sheet] = map[int][]CellError{}
		}
		bySheet[f.Sheet][f.Row] = append(bySheet[f.Sheet][f.Row], f)
	}
	var out rejectWriter
	switch format {
	case "xlsx":
		x := newXLSXRejects(w)
		defer func() { _ = x.file.Close() }() // only its temporary files are at stake
		out = x
	case "csv":
		out = newCSVRejects(w)
	default:
		return ledger.E(ledger.Invalid, "sheet.bad_reject_format", format)
	}
	written := 0
	for i, t := range tables {
		if len(bySheet[t.Sheet]) == 0 && (written > 0 || i < len(tables)-1) {
			continue // but never no sheet at all
		}
		if written++; written > 1 && format == "csv" {
			return ledger.E(ledger.Invalid, "sheet.rejects_need_xlsx")
		}
		if err := out.begin(t.Sheet); err != nil {
			return err
		}
		if err := t.writeRejects(out, bySheet[t.Sheet], say); err != nil {
			return err
		}
	}
	return out.close()
}

// writeRejects writes one table: its units, its header, its rows.
func (t *Table) writeRejects(out rejectWriter, byRow map[int][]CellError, say func(CellError) string) error {
	if len(t.Units) > 0 {
		if err := out.row([]rejectCell{{text: "单位:" + strings.Join(t.Units, "、")}}); err != nil {
			return err
		}
	}
	columns := t.rejectColumns()
	header := make([]rejectCell, 0, len(columns)+1)
	for _, c := range columns {
		header = append(header, rejectCell{text: c.header})
	}
	if err := out.row(append(header, rejectCell{text: rejectColumn})); err != nil {
		return err
	}
	return t.rejectRows(out, columns, byRow, say)
}

// rejectRows writes the rows themselves.
func (t *Table) rejectRows(out rejectWriter, columns []rejectSource, byRow map[int][]CellError, say func(CellError) string) error {
	for r, err := range t.Rows() {
		if err != nil {
			return err
		}
		bad := byRow[r.Number]
		if len(bad) == 0 || r.Total != NoTotal {
			continue
		}
		cells := make([]rejectCell, 0, len(columns)+1)
		for _, c := range columns {
			cells = append(cells, c.cell(r))
		}
		var why []string
		for _, f := range bad {
			why = append(why, strings.TrimSpace(f.Header+" "+say(f)))
		}
		if err := out.row(append(cells, rejectCell{text: strings.Join(why, "；")})); err != nil {
			return err
		}
	}
	return nil
}

// rejectSource is a column of the file of rejects: a known one by its key, or an unknown one by its letter.
type rejectSource struct {
	header, key, letter string
	kind                Type
	index               int
}

func (t *Table) rejectColumns() []rejectSource {
	var out []rejectSource
	for _, b := range t.Columns {
		out = append(out, rejectSource{t.rejectHeader(b), b.Key, "", b.Type, b.index})
	}
	for col, label := range t.labels {
		_, shared := t.shared[col]
		known := slices.ContainsFunc(t.Columns, func(b Bound) bool { return b.index == col })
		if !known && !shared && label != rejectColumn {
			out = append(out, rejectSource{label, "", Letter(col), Text, col})
		}
	}
	slices.SortFunc(out, func(a, b rejectSource) int { return a.index - b.index })
	return out
}

// rejectHeader is a one-line header that binds to the same column with the same unit again.
func (t *Table) rejectHeader(b Bound) string {
	if key, unit, _ := t.binder.bind([]level{makeLevel(b.Header)}); key == b.Key && unit == b.Unit {
		return b.Header
	}
	if b.Unit == "" {
		return b.firstName()
	}
	return b.firstName() + "(" + b.Unit + ")"
}

// rejectCell is a value to be written.
type rejectCell struct {
	text   string
	number string // plain digits when it is a number
	key    bool   // must stay text
	origin string // place of the merged cell that it comes from
	figure bool
}

func (c rejectSource) cell(r Row) rejectCell {
	if c.key == "" {
		for _, s := range r.Source {
			if s.Letter == c.letter {
				return rejectCell{text: printable(s.Text)}
			}
		}
		return rejectCell{}
	}
	cell := r.Cell(c.key)
	out := rejectCell{text: printable(cell.Text), key: c.kind == Text, figure: c.kind == Amount || c.kind == Count}
	if cell.fromRow > 0 {
		out.origin = Letter(int(cell.column)) + strconv.Itoa(int(cell.fromRow))
	}
	if cell.Kind != KindNumber || c.kind == Text || cell.Err != nil {
		return out
	}
	d, err := cell.Number()
	switch {
	case err != nil:
	case cell.PercentFormat:
		out.text = d.Shift(2).String() + "%"
	case cell.Text == d.String():
		out.number = out.text
	}
	return out
}

// printable replaces what no XML may hold; such a cell is refused again until it is mended.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

type rejectWriter interface {
	begin(title string) error
	row(cells []rejectCell) error
	close() error
}

// xlsxRejects writes .xlsx. Texts are written as texts whatever they begin with; cells of one merge are
// merged again, so that a shared amount is not counted twice.
type xlsxRejects struct {
	w       io.Writer
	file    *excelize.File
	stream  *excelize.StreamWriter
	sheets  int
	rows    int
	origins map[int]string // column → origin of the running merge
	began   map[int]int    // column → its first row
}

func newXLSXRejects(w io.Writer) *xlsxRejects {
	return &xlsxRejects{w: w, file: excelize.NewFile()}
}

// begin ends the sheet before and begins another; the first one takes the place of the library's.
func (x *xlsxRejects) begin(title string) error {
	const first = "Sheet1"
	if title == "" {
		title = first
	}
	err := x.end()
	if err == nil && x.sheets == 0 {
		err = x.file.SetSheetName(first, title)
	} else if err == nil {
		_, err = x.file.NewSheet(title)
	}
	if err == nil {
		x.stream, err = x.file.NewStreamWriter(title)
	}
	if err != nil {
		return fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	x.sheets++
	x.rows, x.origins, x.began = 0, map[int]string{}, map[int]int{}
	return nil
}

func (x *xlsxRejects) row(cells []rejectCell) error {
	x.rows++
	values := make([]any, len(cells))
	for i, c := range cells {
		again := c.origin != "" && c.origin == x.origins[i]
		if !again {
			if err := x.merge(i); err != nil {
				return err
			}
			x.origins[i], x.began[i] = c.origin, x.rows
		}
		switch {
		case again || c.text == "":
		case c.number != "":
			number, err := asBinary(c.number)
			if err != nil {
				return err
			}
			values[i] = number
		default:
			values[i] = c.text
		}
	}
	if err := x.stream.SetRow("A"+strconv.Itoa(x.rows), values); err != nil {
		return fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	return nil
}

// merge ends the running merge of a column.
func (x *xlsxRejects) merge(i int) error {
	first, last := x.began[i], x.rows-1
	if x.origins[i] == "" || last <= first {
		return nil
	}
	letter := Letter(i + 1)
	if err := x.stream.MergeCell(letter+strconv.Itoa(first), letter+strconv.Itoa(last)); err != nil {
		return fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	return nil
}

// end writes the merges that still run and finishes the sheet.
func (x *xlsxRejects) end() error {
	if x.stream == nil {
		return nil
	}
	x.rows++
	for i := range x.origins {
		if err := x.merge(i); err != nil {
			return err
		}
	}
	return x.stream.Flush()
}

func (x *xlsxRejects) close() error {
	err := x.end()
	if err == nil {
		_, err = x.file.WriteTo(x.w)
	}
	if err != nil {
		return fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	return nil
}

// csvRejects writes .csv with the mark that Excel wants. A text that a spreadsheet would take for a formula
// gets an apostrophe before it; digits that it would shorten are written ="00123". Reading takes both off.
type csvRejects struct {
	w       *csv.Writer
	out     io.Writer
	origins map[int]string
}

func newCSVRejects(w io.Writer) *csvRejects {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvRejects{w: c, out: w, origins: map[int]string{}}
}

func (c *csvRejects) begin(string) error { return nil }

func (c *csvRejects) row(cells []rejectCell) error {
	fields := make([]string, len(cells))
	for i, cell := range cells {
		again := cell.origin != "" && cell.origin == c.origins[i]
		c.origins[i] = cell.origin
		if again && cell.figure {
			continue // the amount of a merged cell counts once
		}
		fields[i] = guardCSV(cell)
	}
	if c.out != nil {
		if _, err := io.WriteString(c.out, "\ufeff"); err != nil {
			return fmt.Errorf("sheet: writing the rejected rows: %w", err)
		}
		c.out = nil
	}
	if err := c.w.Write(fields); err != nil {
		return fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	return nil
}

// beginsFormula holds for a text that a spreadsheet could take for a formula, or whose apostrophe it would take away; a
// Chinese one takes the wide signs, too.
func beginsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune("=+-@\t\r'＝＋－＠", first)
}

func guardCSV(c rejectCell) string {
	switch {
	case c.text == "":
		return ""
	case c.key && onlyDigits(c.text) && (c.text[0] == '0' && len(c.text) > 1 || len(c.text) > 11):
		return `="` + c.text + `"`
	case beginsFormula(c.text):
		if _, ok := plainNumber(c.text); !ok || c.key {
			return "'" + c.text
		}
	}
	return c.text
}

func (c *csvRejects) close() error {
	c.w.Flush()
	if err := c.w.Error(); err != nil {
		return fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	return nil
}

// unguardCSV takes off what guardCSV, or a careful person, put before a text.
func unguardCSV(s string) string {
	if inner, ok := strings.CutPrefix(s, `="`); ok && len(inner) > 0 && strings.Count(inner, `"`) == 1 && strings.HasSuffix(inner, `"`) {
		return inner[:len(inner)-1]
	}
	if len(s) > 1 && s[0] == '\'' && (beginsFormula(s[1:]) || !strings.Contains(s[1:], "'")) {
		return s[1:]
	}
	return s
}
