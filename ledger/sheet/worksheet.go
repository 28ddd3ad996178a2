package sheet

import (
	"bytes"
	"fmt"
	"strings"

	"mingzhang/ledger"
)

// sheetScan reads a worksheet part once, row by row.
type sheetScan struct {
	w      *worksheet
	x      *xmlReader
	row    rawRow
	column int
	light  bool // count only, keep no cell

	value    []byte // of the cell being read
	style    int
	kind     string // its t attribute
	hasValue bool   // it has a <v>
	formula  bool

	filled     bool // the row has a value
	formulas   int
	merges     []merge
	hiddenCols map[int]bool
	last       int // number of the last row
}

func (w *worksheet) open() (*sheetScan, func(), error) {
	r, err := w.x.part(w.part)
	if err != nil {
		return nil, nil, err
	}
	return &sheetScan{w: w, x: newXMLReader(r), hiddenCols: map[int]bool{}}, func() { r.Close() }, nil
}

// survey reads the whole sheet once: the first rows, and everything that stands behind the rows.
func (w *worksheet) survey(keep int) (*survey, error) {
	s, closePart, err := w.open()
	if err != nil {
		return nil, err
	}
	defer closePart()
	out := &survey{}
	for {
		ok, err := s.next(func(number int) bool { return number > keep })
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if out.valueRows++; out.valueRows > w.x.limits.Rows+surplusRows {
			return nil, ledger.E(ledger.Invalid, "sheet.too_many_rows", w.title, w.x.limits.Rows)
		}
		if s.row.hidden {
			if out.hiddenN++; out.hiddenN <= 100 {
				out.hiddenRows = append(out.hiddenRows, s.row.number)
			}
		}
		w.last = s.row.number
		if s.row.number <= keep {
			out.head = append(out.head, keepHead(&s.row))
		}
	}
	out.merges, out.hiddenCols, out.formulas = s.merges, s.hiddenCols, s.formulas
	return out, nil
}

// keepHead copies a row of the head; of a long text only the beginning is kept.
func keepHead(r *rawRow) rawRow {
	out := rawRow{r.number, r.hidden, append([]Cell(nil), r.cells...)}
	for i := range out.cells {
		out.cells[i].Text = firstRunes(out.cells[i].Text, headTextRunes)
		out.cells[i].Stored = ""
	}
	return out
}

// rows streams the rows with a value.
func (w *worksheet) rows(yield func(*rawRow) bool) error {
	s, closePart, err := w.open()
	if err != nil {
		return err
	}
	defer closePart()
	for {
		ok, err := s.next(func(int) bool { return false })
		if err != nil || !ok {
			return err
		}
		if !yield(&s.row) || s.row.number == w.last { // what follows was formatted, not filled in
			return nil
		}
	}
}

// next reads up to the end of the next row that has a value; false at the end of the sheet. light tells
// by the row's number whether its cells need not be kept.
func (s *sheetScan) next(light func(number int) bool) (bool, error) {
	for {
		token, err := s.x.next()
		if err != nil {
			return false, err
		}
		switch token {
		case xmlEOF:
			return false, nil
		case xmlStart:
			if err := s.start(light); err != nil {
				return false, err
			}
		case xmlEnd:
			// The name of an end that an empty tag stands for is still that of its start.
			if string(s.x.name) == "row" && s.filled {
				s.filled = false
				return true, nil
			}
		default:
		}
	}
}

func (s *sheetScan) start(light func(number int) bool) error {
	switch string(s.x.name) {
	case "row":
		return s.startRow(light)
	case "c":
		return s.cell()
	case "col":
		if s.x.attrTrue("hidden") {
			first, last := s.x.attrInt("min", 0), s.x.attrInt("max", 0)
			for c := max(first, 1); c <= min(last, s.w.x.limits.Columns); c++ {
				s.hiddenCols[c] = true
			}
		}
	case "mergeCell":
		if len(s.merges) >= s.w.x.limits.Merges {
			return ledger.E(ledger.Invalid, "sheet.too_many_merges", s.w.title, s.w.x.limits.Merges)
		}
		if m, ok := parseMerge(s.x.attrText("ref")); ok {
			s.merges = append(s.merges, m)
		}
	}
	return nil
}

func (s *sheetScan) startRow(light func(number int) bool) error {
	number := s.x.attrInt("r", s.last+1)
	if number <= s.last || number > sheetRowLast {
		return fmt.Errorf("sheet: row %d after row %d", number, s.last)
	}
	s.last, s.column, s.filled = number, 0, false
	height := string(s.x.attr("ht"))
	s.row.number = number
	s.row.hidden = s.x.attrTrue("hidden") || height == "0"
	s.row.cells = s.row.cells[:0]
	s.light = light(number)
	return nil
}

// place reads the cell's attributes in one go.
func (s *sheetScan) place() error {
	s.style, s.kind = -1, ""
	column := s.column + 1
	rest := s.x.attrs
	for {
		rest = trimXML(rest)
		eq := bytes.IndexByte(rest, '=')
		if eq < 1 || eq+1 >= len(rest) {
			break
		}
		quote := rest[eq+1]
		end := bytes.IndexByte(rest[eq+2:], quote)
		if end < 0 {
			break
		}
		value := rest[eq+2 : eq+2+end]
		switch key := rest[:eq]; {
		case len(key) != 1:
		case key[0] == 'r':
			c, row, ok := parseRef(value)
			if !ok || row != s.row.number || c <= s.column {
				return fmt.Errorf("sheet: cell %q in row %d after column %d", value, s.row.number, s.column)
			}
			column = c
		case key[0] == 's':
			if n, ok := atoi(value); ok {
				s.style = n
			}
		case key[0] == 't':
			s.kind = cellKind(value)
		}
		rest = rest[eq+3+end:]
	}
	if column > sheetColLast {
		return ledger.E(ledger.Invalid, "sheet.too_many_columns", s.w.title, s.w.x.limits.Columns)
	}
	s.column = column
	return nil
}

// cellKind keeps the type's name without allocating it.
func cellKind(b []byte) string {
	switch string(b) {
	case "s":
		return "s"
	case "n":
		return ""
	case "str":
		return "str"
	case "inlineStr":
		return "inlineStr"
	case "b":
		return "b"
	case "e":
		return "e"
	case "d":
		return "d"
	}
	return "?"
}

// cell reads one <c> to its end.
func (s *sheetScan) cell() error {
	if err := s.place(); err != nil {
		return err
	}
	s.value, s.hasValue, s.formula = s.value[:0], false, false
	if s.x.empty {
		_, err := s.x.next()
		return err
	}
	limit := s.w.x.limits.TextRunes * 4
	depth, inValue := s.x.depth, false
	for {
		token, err := s.x.next()
		if err != nil {
			return err
		}
		switch token {
		case xmlEOF:
			return fmt.Errorf("%w: it ends too early", errXML)
		case xmlStart:
			switch string(s.x.name) {
			case "v":
				inValue, s.hasValue = true, true
			case "f":
				s.formula = true
				s.formulas++
			case "is":
				s.hasValue = true
				if s.value, err = s.x.richText(s.value, limit); err != nil {
					return err
				}
			}
		case xmlText:
			if inValue && len(s.value) <= limit {
				s.value = s.x.appendText(s.value)
			}
		case xmlEnd:
			inValue = false
			if s.x.depth < depth {
				return s.endCell()
			}
		}
	}
}

// endCell keeps the cell if it says anything.
func (s *sheetScan) endCell() error {
	if len(s.value) == 0 && !s.formula {
		return nil
	}
	if s.column > s.w.x.limits.Columns {
		return ledger.E(ledger.Invalid, "sheet.too_many_columns", s.w.title, s.w.x.limits.Columns)
	}
	s.filled = true
	if s.light {
		return nil
	}
	c := s.make()
	c.row, c.column = int32(s.row.number), int32(s.column) //nolint:gosec // both bounded by Excel's sheet
	c.Formula = s.formula
	s.row.cells = append(s.row.cells, c)
	return nil
}

// parseRef reads F5.
func parseRef(b []byte) (column, row int, ok bool) {
	i := 0
	for ; i < len(b) && i < 4; i++ {
		c := b[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A'+1)
	}
	row, ok = atoi(b[i:])
	return column, row, ok && i > 0 && row > 0
}

// parseMerge reads A1:C3.
func parseMerge(ref string) (merge, bool) {
	first, last, ok := strings.Cut(ref, ":")
	if !ok {
		return merge{}, false
	}
	left, top, ok1 := parseRef([]byte(first))
	right, bottom, ok2 := parseRef([]byte(last))
	return merge{top, left, bottom, right}, ok1 && ok2 && top <= bottom && left <= right && bottom <= sheetRowLast
}
