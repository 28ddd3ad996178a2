package intake

import (
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// RowsMax is the most rows that one file may have.
const RowsMax = 100_000

// progressRows is how often a long reading says how far it is.
const progressRows = 20_000

// Options are what the user says beside the file.
type Options struct {
	Today    ledger.Day        // dates after it are refused
	Sheet    string            // only this sheet
	Hidden   string            // what to do with hidden rows: "", include, skip
	Map      map[string]string // header → column key
	Units    []string          // units of columns that name none: 万元, 亩
	Span     string            // what a price without one covers: total, year, month …
	Amend    bool              // amend what differs from the book …
	Reason   string            // … for this reason
	GoodRows bool              // record the rows without a fault although others have one
	OneSheet bool              // the rejected rows have to go into one table, a .csv
	Progress func(rows int)    // told now and then how many rows were read; may be nil
	DryRun   bool              // read, compare and say, but write nothing
	Key      ledger.Key        // makes a retry harmless; a zero one: none
}

// Check refuses options that contradict each other.
func (o Options) Check() error {
	if o.Amend && strings.TrimSpace(o.Reason) == "" {
		return ledger.E(ledger.Invalid, "import.reason_missing").On("reason")
	}
	if !o.Amend && o.Reason != "" {
		return ledger.E(ledger.Invalid, "import.reason_without_amend").On("reason")
	}
	return nil
}

// MoneyUnit finds the unit of an amount whose header names none: the captions first, then the user; ok is
// false when nobody says.
func (o Options) MoneyUnit(t *sheet.Table) (ledger.MoneyUnit, bool) {
	return firstUnit(t, o, ledger.MoneyUnitOf)
}

// AreaUnit is MoneyUnit's twin for areas.
func (o Options) AreaUnit(t *sheet.Table) (ledger.AreaUnit, bool) {
	return firstUnit(t, o, ledger.AreaUnitOf)
}

func firstUnit[U any](t *sheet.Table, o Options, find func(string) (U, bool)) (U, bool) {
	for _, names := range [][]string{t.Units, o.Units} {
		for _, name := range names {
			if u, ok := find(name); ok {
				return u, true
			}
		}
	}
	var none U
	return none, false
}

// Source is the file that is read.
type Source struct {
	Name   string // without its folders
	SHA256 string // of the file's bytes, hexadecimal
	File   *sheet.File
}
