package sheet

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// Tally holds a table's rows of totals against the sums of its rows. The caller adds the values of each
// data row; a value that two rows share (Cell.Origin) is added once. Values and totals are in the unit
// that Read gives, the printed one unless the caller converts both.
type Tally struct {
	// Read reads a total's cell and says at how many decimals it is printed (negative: thousands and
	// the like, when the caller converts 万元 to 元). nil reads plain numbers.
	Read func(key string, c Cell) (value decimal.Decimal, places int32, err error)

	all, sold sums
	marks     map[TotalKind]mark // state at the last total of each kind
	last      mark               // state at the last total of any kind
	held      []held             // totals that fit no rows above them
	later     []Fit              // those of them that fitted rows below
}

// held is a total that may stand above its rows.
type held struct {
	row    Row
	at     mark
	faults []CellError // when it fits nothing below either
}

// heldMost bounds the totals that wait; a table with more wrong ones needs no further search.
const heldMost = 100

// sums are running sums by column, and the number of rows.
type sums struct {
	by   map[string]decimal.Decimal
	rows int
}

type mark struct{ all, sold sums }

// Fit says what a row of totals is the sum of.
type Fit struct {
	Row   int
	Kind  TotalKind
	Label string
	Span  string // "all" rows so far, the "group" since the last total, rows "below" it, or "early": Finish will say
	Basis string // "all" rows, "sold" rows, or "both" when they are the same
	Rows  int    // rows in the sum
}

// NewTally is an empty tally.
func NewTally() *Tally { return &Tally{marks: map[TotalKind]mark{}} }

// Add adds a data row. Columns that are not to be summed (rates, prices) are left out of values.
func (t *Tally) Add(values map[string]decimal.Decimal, sold bool) {
	t.all.add(values)
	if sold {
		t.sold.add(values)
	}
}

func (s *sums) add(values map[string]decimal.Decimal) {
	if s.by == nil {
		s.by = map[string]decimal.Decimal{}
	}
	s.rows++
	for key, v := range values {
		s.by[key] = s.by[key].Add(v)
	}
}

// since is s less what it was at o.
func (s sums) since(o sums) sums {
	out := sums{by: map[string]decimal.Decimal{}, rows: s.rows - o.rows}
	for key, v := range s.by {
		out.by[key] = v.Sub(o.by[key])
	}
	return out
}

func (s sums) clone() sums { return sums{maps.Clone(s.by), s.rows} }

// span is a candidate: rows that a total may be the sum of.
type span struct {
	name, basis string
	sums
}

// Compare holds one row of totals against the rows added so far, at the precision that each total is
// printed with. All its columns must fit the same rows: all of them or the sold ones, since the
// beginning or since the last total (小计 never since the beginning, unless it is the first). A total that
// fits no rows above may stand above its own: it waits, and Finish says what became of it. Faults, one for
// each column that does not fit, come at once only when a cell cannot be read.
func (t *Tally) Compare(row Row) (Fit, []CellError) {
	t.release()
	now := mark{t.all.clone(), t.sold.clone()}
	fit, faults := t.compare(row, t.spans(row.Total))
	unread := len(faults) > 0 && faults[0].Err.Reason != "sheet.total_mismatch"
	if len(faults) > 0 && !unread && len(t.held) < heldMost || t.all.rows == 0 {
		t.held = append(t.held, held{row, now, faults})
		fit, faults = Fit{Row: row.Number, Kind: row.Total, Label: row.Label, Span: "early"}, nil
	}
	t.marks[row.Total], t.last = now, now
	return fit, faults
}

// release lets those totals go that fit the rows between them and here.
func (t *Tally) release() {
	t.held = slices.DeleteFunc(t.held, func(h held) bool {
		all, sold := t.all.since(h.at.all), t.sold.since(h.at.sold)
		if all.rows == 0 {
			return false
		}
		fit, bad := t.compare(h.row, []span{{"below", "all", all}, {"below", "sold", sold}})
		if len(bad) == 0 {
			t.later = append(t.later, fit)
		}
		return len(bad) == 0
	})
}

// Finish tells which of the waiting totals fitted rows below them, and gives the faults of the others.
func (t *Tally) Finish() ([]Fit, []CellError) {
	t.release()
	var faults []CellError
	for _, h := range t.held {
		if len(h.faults) == 0 { // it stood above all rows
			_, h.faults = t.compare(h.row, []span{{"below", "all", t.all}, {"below", "sold", t.sold}})
		}
		faults = append(faults, h.faults...)
	}
	fits := t.later
	t.held, t.later = nil, nil
	return fits, faults
}

// spans are the candidates for a kind of total, the likeliest first.
func (t *Tally) spans(kind TotalKind) []span {
	var out []span
	add := func(from mark) {
		name := "group"
		if from.all.rows == 0 {
			name = "all"
		}
		all, sold := t.all.since(from.all), t.sold.since(from.sold)
		if all.rows > 0 {
			out = append(out, span{name, "all", all}, span{name, "sold", sold})
		}
	}
	if kind != Subtotal {
		add(mark{})
	}
	add(t.last)
	if m, ok := t.marks[kind]; ok {
		add(m)
	}
	return out
}

// printed is a total as it stands in its row.
type printed struct {
	key    string
	value  decimal.Decimal
	places int32
}

func (t *Tally) compare(row Row, spans []span) (Fit, []CellError) {
	totals, faults := t.totals(row)
	fit := Fit{Row: row.Number, Kind: row.Total, Label: row.Label}
	if len(faults) > 0 {
		return fit, faults
	}
	best, fewest := -1, len(totals)+1
	for i, s := range spans {
		if wrong := len(s.misfits(totals)); wrong < fewest {
			best, fewest = i, wrong
		}
	}
	if best < 0 {
		if len(totals) == 0 {
			return fit, nil
		}
		return fit, t.mismatch(row, totals, spans)
	}
	s := spans[best]
	fit.Span, fit.Basis, fit.Rows = s.name, s.basis, s.rows
	if s.basis == "all" && best+1 < len(spans) && spans[best+1].name == s.name && len(spans[best+1].misfits(totals)) == 0 {
		fit.Basis = "both"
	}
	if fewest == 0 {
		return fit, nil
	}
	return fit, t.mismatch(row, s.misfits(totals), spans)
}

// totals reads the cells of the summed columns; blank ones say nothing.
func (t *Tally) totals(row Row) (out []printed, faults []CellError) {
	read := t.Read
	if read == nil {
		read = func(_ string, c Cell) (decimal.Decimal, int32, error) {
			d, err := c.Number()
			return d, c.Decimals(), err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.all.by)) {
		c := row.Cell(key)
		if c.Blank() {
			continue
		}
		value, places, err := read(key, c)
		if err != nil {
			faults = append(faults, row.Fault(key, err))
			continue
		}
		out = append(out, printed{key, value, places})
	}
	return out, faults
}

func (s span) misfits(totals []printed) []printed {
	var out []printed
	for _, p := range totals {
		if !s.by[p.key].Round(p.places).Equal(p.value.Round(p.places)) {
			out = append(out, p)
		}
	}
	return out
}

// mismatch makes the faults, with the sums that the reader may have expected.
func (t *Tally) mismatch(row Row, wrong []printed, spans []span) []CellError {
	var out []CellError
	for _, p := range wrong {
		all, sold := decimal.Zero, decimal.Zero
		for i := len(spans) - 1; i >= 0; i-- { // the likeliest stands first and stays
			if spans[i].basis == "all" {
				all = spans[i].by[p.key]
			} else {
				sold = spans[i].by[p.key]
			}
		}
		out = append(out, row.Fault(p.key, ledger.E(ledger.Invalid, "sheet.total_mismatch", row.Label, p.value.String(), all.String(), sold.String())))
	}
	return out
}
