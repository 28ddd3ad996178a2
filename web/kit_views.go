package web

import (
	"strings"
	"time"
	"unicode/utf8"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// Chip is a short state in words. Its tone is one of good, bad, wait, off or nothing; the words alone say enough.
type Chip struct{ Tone, Text string }

// OutcomeChip shows how a lot ended; one that is still open waits.
func OutcomeChip(lang ledger.Lang, outcome auction.Outcome) Chip {
	name := outcome.Name().In(lang)
	switch {
	case outcome == "":
		return Chip{"wait", ledger.Text{ZH: "未定", EN: "open"}.In(lang)}
	case outcome == auction.Disputed:
		return Chip{"wait", name}
	case outcome.Sold():
		return Chip{"good", name}
	case outcome == auction.Defaulted || outcome == auction.Terminated:
		return Chip{"bad", name}
	}
	return Chip{"off", name}
}

// ReviewChip shows where the review of a record stands: "" waits, approved, returned.
func ReviewChip(lang ledger.Lang, state string) Chip {
	switch state {
	case "approved":
		return Chip{"good", ledger.Text{ZH: "已复核", EN: "approved"}.In(lang)}
	case "returned":
		return Chip{"bad", ledger.Text{ZH: "已退回", EN: "returned"}.In(lang)}
	case "":
		return Chip{"wait", ledger.Text{ZH: "待复核", EN: "to review"}.In(lang)}
	}
	return Chip{"", state}
}

// Notice says one thing. Its tone is good, bad, wait or nothing.
type Notice struct{ Tone, Text string }

// Table is a list. The first cell of a row names it.
type Table struct {
	ID, Caption string
	Quiet       bool // the caption is for screen readers only: a heading above says the same
	Columns     []Column
	Rows        []Row
	Foot        []Row // totals
	Wide        bool  // more columns than fit: scrolls in its own box at every width
	Empty       string
}

// Column is a column of a table. Amounts stand right.
type Column struct {
	Name    string
	Sub     string // the unit, below the name
	Numeric bool
	Sorted  string // ascending or descending, when the rows are sorted by it
	SortURL string // sorts by it
	Series  bool   // a chart draws it
	Minor   bool   // left out on a narrow screen
	Lead    bool   // a name: on a narrow screen it stands below the first cell, over the whole card
}

// Class is what the style sheet knows a column by.
func (c Column) Class() string {
	var names []string
	if c.Numeric {
		names = append(names, "n")
	}
	if c.Minor {
		names = append(names, "minor")
	}
	if c.Lead {
		names = append(names, "lead")
	}
	return strings.Join(names, " ")
}

// Row is a row of a table.
type Row struct {
	ID    string
	URL   string // where a click on the row leads; the first cell links there
	Void  bool   // struck out
	Cells []Cell
}

// Cell is one of a row's.
type Cell struct {
	Text  string
	Title string // shown when one rests on it
	Sub   string // a second, quieter line
	URL   string
	Chip  *Chip
	Value string // what a chart draws: a plain decimal
	Tick  *Tick  // a box before the text, in a table that stands in a form
}

// Tick is a checkbox of a row. Its label is for whoever does not see the row.
type Tick struct {
	Name, Value, Label string
	Checked            bool
}

// With puts a cell's column beside it, for the template.
func (t Table) With(row Row) []columnCell {
	cells := make([]columnCell, 0, len(row.Cells))
	for i, c := range row.Cells {
		cc := columnCell{Cell: c, First: i == 0}
		if i < len(t.Columns) {
			cc.Column = t.Columns[i]
		}
		if cc.First && c.URL == "" {
			cc.URL = row.URL
		}
		cells = append(cells, cc)
	}
	return cells
}

// columnCell is a cell with its column.
type columnCell struct {
	Cell

	Column Column
	First  bool
}

// Class is what the style sheet knows a cell by: numbers, days and codes are not broken over two lines, and
// a card leaves out what is not there.
func (c columnCell) Class() string {
	class := c.Column.Class()
	switch {
	case c.Text == none || c.Text == "" && c.Chip == nil && c.Sub == "":
		class += " none"
	case len(c.Text) <= wordMax && !strings.ContainsFunc(c.Text, func(r rune) bool { return r <= ' ' || r > '~' }):
		class += " short"
	case utf8.RuneCountInString(c.Text) <= nameMax:
		class += " name"
	}
	return strings.TrimSpace(class)
}

// How long a word, and the name of a village, may be to stay on one line; on paper a name may be broken.
const wordMax, nameMax = 20, 8

// Pager goes on by the last row's place in the order; going back is the browser's.
type Pager struct {
	Shown       int
	Total       string // Count; nothing when it was not counted
	First, Next string // addresses; nothing when there is none
}

// Item is one line of a definition list.
type Item struct {
	Name, Value string
	Title, Sub  string
	URL         string
	Chip        *Chip
	Numeric     bool
	Wide        bool // the whole width
}

// Facts are what a record says, under a heading.
type Facts struct {
	Title string
	Items []Item
}

// Entry is one step in the life of a record.
type Entry struct {
	Seq     int64
	URL     string // of the entry
	At      time.Time
	Who     string
	What    string // 录入, 更正, 作废, 复核通过
	Chip    *Chip
	Changes []Change
	Reason  string
	Source  string // the file and row that it came from
	Current bool   // the state that holds now
}

// Change is one field of an amendment, in words.
type Change struct{ Name, Old, New string }

// Confirm asks once more before something that cannot be taken back.
type Confirm struct {
	ID, Summary string // the closed line: 作废本条…
	Explain     string
	Action      string // where it posts
	Button      string
	Hidden      map[string]string
	Reason      *Field // why; nil when no reason is asked
	Open        bool
}

// Figures is what the server has computed from a form that is being filled in. It is swapped as a whole.
type Figures struct {
	ID, Title string
	Items     []Item
	Capital   string // 大写
	Note      string // what is missing still, or which definition was used
	Swapped   bool   // alone, as an answer to the form
}

// Empty stands where nothing is.
type Empty struct {
	Title, Text string
	Acts        []Act
}

// Progress is how far a long work has come.
type Progress struct {
	ID, Name  string
	Done, All int64
	Text      string
}

// Step is a stage of a task in several pages. State is done, now or nothing.
type Step struct{ Name, State string }

// Tile is a number of the desk that leads somewhere.
type Tile struct {
	Name, Value, Unit, Sub, URL string
	Waits                       bool // something is to be done
}

// Chart draws the Series columns of a table on the same page. Without script the table stands alone.
type Chart struct {
	Table, Title, Unit string
	Kind               string // bar (default) or row: horizontal bars
}
