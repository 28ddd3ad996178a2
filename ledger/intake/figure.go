package intake

import (
	"strings"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// FigureText is the text of a cell that holds a figure. A date, an error and a number of more than 15 digits
// are refused.
func FigureText(cell sheet.Cell) (string, error) {
	if cell.Kind == sheet.KindText && cell.Err == nil {
		return cell.Text, nil
	}
	if _, err := cell.Number(); err != nil {
		return "", err
	}
	return cell.Text, nil
}

// NumberKey is a lot or parcel number as numbers are compared: width, blanks and the sort of brackets do not
// count.
func NumberKey(no string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '〔', '﹝', '【', '[', '{', '〈', '《':
			return '('
		case '〕', '﹞', '】', ']', '}', '〉', '》':
			return ')'
		}
		return r
	}, ledger.Fold(no))
}

// Place is where the value of a cell stands: two rows that share a merged cell have the same place.
func Place(cell sheet.Cell) string {
	if origin := cell.Origin(); origin != "" {
		return origin
	}
	return cell.Ref()
}

// Tally gathers the values of a row that are held against totals. A merged cell counts once.
type Tally struct {
	Values map[string]decimal.Decimal
	last   map[string]string // column → place of its value in the row before
}

// NewTally begins a table.
func NewTally() *Tally { return &Tally{last: map[string]string{}} }

// Row begins a row.
func (t *Tally) Row() { t.Values = map[string]decimal.Decimal{} }

// Add notes a value of the row, in the unit that its column prints; it tells whether the value counts.
func (t *Tally) Add(key string, cell sheet.Cell, value decimal.Decimal) bool {
	place := Place(cell)
	if t.last[key] == place {
		return false
	}
	t.last[key], t.Values[key] = place, value
	return true
}
