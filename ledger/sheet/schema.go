package sheet

// Type says what a column holds. It decides how a cell reads as text (a date, a key) and which plain
// numbers may be a date.
type Type int

// The types of columns.
const (
	Text   Type = iota // names, codes and keys; a number reads without exponent
	Amount             // money, price, area, rate: whatever has decimals
	Count              // whole numbers
	Date               // civil dates
)

// Column is a column that a schema knows.
type Column struct {
	Key      string   // stable key, e.g. base_total
	Names    []string // header names in any language, without unit: 底价, 起拍价, base
	Type     Type
	Required bool // a known sheet without it is refused
	Label    bool // names the record (lot number, parcel name): a row that has only these is data
}

// Schema is all columns of one kind of table. A sheet is known when its header names at least Min
// different columns (2 when zero), one of Keys among them (any column when empty).
type Schema struct {
	Columns []Column
	Keys    []string
	Min     int
	Needed  [][]string // of each set a known sheet must have at least one column
}

// What to do with hidden or filtered rows.
const (
	HiddenAsk     = ""        // refuse, naming them
	HiddenInclude = "include" // read them like the others
	HiddenSkip    = "skip"    // leave them out
)

// Options are the user's choices for one reading.
type Options struct {
	Sheet  string            // only this sheet, which may then be hidden
	Hidden string            // HiddenAsk, HiddenInclude or HiddenSkip
	Map    map[string]string // header as printed, or [F] for a column letter → column key; "" ignores it
}

// Limits bound what a file may cost. A zero field means the default.
type Limits struct {
	FileBytes  int64 // bytes of the file
	TotalBytes int64 // bytes of an .xlsx when unpacked; and of the cells of a sheet once they are read
	Entries    int   // parts in an .xlsx
	Rows       int   // rows with a value, per sheet
	Columns    int   // columns up to the last one with a value
	TextRunes  int   // characters in a cell
	Merges     int   // merged areas per sheet
}

// Default limits. A hundred thousand rows is the most that one import may bring (design 9).
const (
	maxFileBytes  = 64 << 20
	maxTotalBytes = 200 << 20
	maxEntries    = 1000
	maxRows       = 100_000
	maxColumns    = 256
	maxTextRunes  = 32_767
	maxMerges     = 100_000
	headerSpan    = 15      // rows in which a header must begin
	headerLevels  = 3       // rows that one header may have
	sheetRowLast  = 1 << 20 // last row of an Excel sheet
	sheetColLast  = 1 << 14 // last column of an Excel sheet
	headTextRunes = 500     // of a text in these rows
	cellWeight    = 50      // bytes that a cell costs beside its text: four million short ones are the most
	surplusRows   = 1000    // rows beyond the limit that totals, notes and captions may take
)

func (l Limits) orDefault() Limits {
	l.FileBytes = orElse(l.FileBytes, maxFileBytes)
	l.TotalBytes = orElse(l.TotalBytes, maxTotalBytes)
	l.Entries = orElse(l.Entries, maxEntries)
	l.Rows = orElse(l.Rows, maxRows)
	l.Columns = orElse(l.Columns, maxColumns)
	l.TextRunes = orElse(l.TextRunes, maxTextRunes)
	l.Merges = orElse(l.Merges, maxMerges)
	return l
}

func orElse[N int | int64](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}

func (s Schema) column(key string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Key == key {
			return c, true
		}
	}
	return Column{}, false
}

func (s Schema) min() int { return orElse(s.Min, 2) }
