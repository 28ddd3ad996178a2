package intake

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// Column says what a column was taken for, and its least and greatest value: a dry run shows it, so that a
// wrong unit is seen before it is recorded.
type Column struct {
	Key    string `json:"key"`
	Header string `json:"header"`
	Letter string `json:"letter"`
	Unit   string `json:"unit,omitempty"`
	Span   string `json:"span,omitempty"` // yuan_per_mu_year, yuan_total; price_unit: as each row says

	What ledger.Text `json:"-"` // the span in words

	Values int    `json:"values"`
	Min    string `json:"min,omitempty"`
	Max    string `json:"max,omitempty"`

	min, max decimal.Decimal
	print    func(decimal.Decimal) string
}

// Table is one sheet as it was read.
type Table struct {
	Sheet      string          `json:"sheet,omitempty"`
	HeaderRows []int           `json:"header_rows"`
	Captions   []string        `json:"captions,omitempty"`
	Units      []string        `json:"units,omitempty"`
	Columns    []*Column       `json:"columns"`
	Unknown    []string        `json:"unknown_columns,omitempty"`
	Formulas   int             `json:"formulas"`
	HiddenRows int             `json:"hidden_rows"`
	Encoding   string          `json:"encoding,omitempty"`
	Rows       int             `json:"rows"`
	Totals     []sheet.Fit     `json:"totals,omitempty"`
	Ignored    []sheet.Ignored `json:"ignored_rows,omitempty"`
}

// See notes a value of a column, in the unit that the book keeps. print shows it.
func (t *Table) See(key string, value decimal.Decimal, print func(decimal.Decimal) string) {
	for _, c := range t.Columns {
		if c.Key != key {
			continue
		}
		if c.Values == 0 || value.Cmp(c.min) < 0 {
			c.min = value
		}
		if c.Values == 0 || value.Cmp(c.max) > 0 {
			c.max = value
		}
		c.Values++
		c.print = print
	}
}

// Take says what a column was taken for.
// Span is its code; in words it is what, for people.
func (t *Table) Take(key, unit, span string, what ledger.Text) {
	for _, c := range t.Columns {
		if c.Key == key {
			c.Unit, c.Span, c.What = unit, span, what
		}
	}
}

// Reader reads the rows of one table for a domain.
type Reader interface {
	// Row reads one data row. values are the cells to be held against totals, in the unit that they are
	// printed in; sold says whether the row counts as sold. Faults make the row bad.
	Row(sheet.Row) (values map[string]decimal.Decimal, sold bool, faults []sheet.CellError)
}

// Reading is a file after all its rows were read.
type Reading struct {
	Tables  []*Table
	Faults  sheet.Faults
	BadRows []sheet.Row // the rows to be corrected and sent again
	Skipped []sheet.Skipped
	Rows    int

	progress func(int)
	sheets   []*sheet.Table // to write the rejected rows from

	goodRows bool           // those without a fault are recorded
	bad      map[place]bool // of BadRows[:known]
	known    int
}

// Read reads every table of the file. open makes the domain's reader for a table, or refuses the table.
func Read(source Source, schema sheet.Schema, o Options, open func(*sheet.Table, *Table) (Reader, error)) (*Reading, error) {
	tables, err := source.File.Tables(schema, sheet.Options{Sheet: o.Sheet, Hidden: o.Hidden, Map: o.Map})
	if err != nil {
		return nil, err
	}
	reading := &Reading{Skipped: source.File.Skipped(), goodRows: o.GoodRows}
	reading.sheets = tables
	reading.progress = o.Progress
	for _, t := range tables {
		table := describe(t)
		reading.Tables = append(reading.Tables, table)
		reader, err := open(t, table)
		if err != nil {
			return nil, err
		}
		if err := reading.rows(t, table, reader, len(o.Units) > 0); err != nil {
			return nil, err
		}
	}
	if reading.Rows == 0 && reading.Faults.Len() == 0 {
		return nil, ledger.E(ledger.Invalid, "sheet.no_rows", source.Name)
	}
	return reading, nil
}

func describe(t *sheet.Table) *Table {
	table := &Table{
		Sheet: t.Sheet, HeaderRows: t.HeaderRows, Captions: t.Captions, Units: t.Units, Unknown: t.Unknown,
		Formulas: t.Formulas, HiddenRows: t.HiddenRows, Encoding: t.Encoding,
	}
	for _, b := range t.Columns {
		table.Columns = append(table.Columns, &Column{Key: b.Key, Header: b.Header, Letter: b.Letter, Unit: b.Unit})
	}
	return table
}

// eachOnce joins the faults that the sheet found with those that the domain found: a cell that cannot be read
// is told once.
func eachOnce(found, more []sheet.CellError) []sheet.CellError {
	all := slices.Clone(found)
	for _, f := range more {
		told := func(other sheet.CellError) bool {
			return other.Column == f.Column && f.Column != "" && (other.Err.Reason == f.Err.Reason || slices.ContainsFunc(found, func(s sheet.CellError) bool { return s.Column == f.Column }))
		}
		if !slices.ContainsFunc(all, told) {
			all = append(all, f)
		}
	}
	return all
}

// rows reads one table. unitsGiven tells that the user said units: then one that stands under the table, where
// it is seen too late, does no harm.
func (r *Reading) rows(t *sheet.Table, table *Table, reader Reader, unitsGiven bool) error {
	tally := sheet.NewTally()
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		if row.Total != sheet.NoTotal {
			fit, faults := tally.Compare(row)
			r.Faults.Add(faults...)
			if len(faults) == 0 && fit.Span != "early" {
				table.Totals = append(table.Totals, fit)
			}
			continue
		}
		if r.Rows++; r.Rows > RowsMax {
			return ledger.E(ledger.Invalid, "sheet.too_many_rows", t.File, RowsMax)
		}
		if r.progress != nil && r.Rows%progressRows == 0 {
			r.progress(r.Rows)
		}
		table.Rows++
		values, sold, faults := reader.Row(row)
		tally.Add(values, sold)
		if faults = eachOnce(row.Faults, faults); len(faults) > 0 {
			r.Faults.Add(faults...)
			r.BadRows = append(r.BadRows, row.Keep("")) // its cells are read again for the rejects
		}
	}
	if len(t.NoteUnits) > 0 && len(t.Units) == 0 && !unitsGiven {
		return ledger.E(ledger.Invalid, "import.unit_below_table", strings.Join(t.NoteUnits, "、"))
	}
	fits, faults := tally.Finish()
	table.Totals = append(table.Totals, fits...)
	r.Faults.Add(faults...)
	table.Ignored = t.Ignored
	for _, c := range table.Columns {
		if c.Values > 0 {
			c.Min, c.Max = c.print(c.min), c.print(c.max)
		}
	}
	return nil
}
