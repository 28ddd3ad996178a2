package sheet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// CellError is one cell that cannot be used, with all that a clerk needs to find and mend it.
type CellError struct {
	Sheet  string // "" for a .csv
	Row    int    // as the spreadsheet numbers it; the line of a .csv
	Column string // letter
	Header string // as printed
	Found  string // as shown
	Stored string // as stored in the file, when that differs
	Err    *ledger.Error
}

// Place is 表 Sheet1 · F5 · 底价(万元) or sheet Sheet1 · F5 · 底价(万元).
func (e CellError) Place(lang ledger.Lang) string {
	words := ledger.Text{ZH: "表「%s」", EN: "sheet %q"}
	var parts []string
	if e.Sheet != "" {
		parts = append(parts, fmt.Sprintf(words.In(lang), e.Sheet))
	}
	switch {
	case e.Column != "" && e.Row > 0:
		parts = append(parts, fmt.Sprintf("%s%d", e.Column, e.Row))
	case e.Row > 0:
		parts = append(parts, fmt.Sprintf(ledger.Text{ZH: "第 %d 行", EN: "row %d"}.In(lang), e.Row))
	}
	if e.Header != "" {
		parts = append(parts, e.Header)
	}
	return strings.Join(parts, " · ")
}

// Text is the whole line in one language. say gives the sentence of the error's reason.
func (e CellError) Text(lang ledger.Lang, say func(ledger.Lang, *ledger.Error) string) string {
	found := ledger.Text{ZH: "看到「%s」", EN: "shown %q"}
	both := ledger.Text{ZH: "看到「%s」，存的是「%s」", EN: "shown %q, stored %q"}
	line := e.Place(lang)
	switch {
	case e.Stored != "" && e.Stored != e.Found:
		line += ledger.Text{ZH: "：", EN: ": "}.In(lang) + fmt.Sprintf(both.In(lang), firstRunes(e.Found, 40), firstRunes(e.Stored, 40))
	case e.Found != "":
		line += ledger.Text{ZH: "：", EN: ": "}.In(lang) + fmt.Sprintf(found.In(lang), firstRunes(e.Found, 40))
	}
	return line + ledger.Text{ZH: "。", EN: ". "}.In(lang) + say(lang, e.Err)
}

// Error is the operator's line.
func (e CellError) Error() string {
	return e.Place(ledger.EN) + ": " + e.Err.Error()
}

// Unwrap gives the rule that was broken.
func (e CellError) Unwrap() error { return e.Err }

// MarshalJSON prints the place, both values and the reason with its arguments; no sentence, which
// depends on the reader's language.
func (e CellError) MarshalJSON() ([]byte, error) {
	out := struct {
		Sheet  string `json:"sheet,omitempty"`
		Row    int    `json:"row"`
		Column string `json:"column,omitempty"`
		Header string `json:"header,omitempty"`
		Found  string `json:"found"`
		Stored string `json:"stored,omitempty"`
		Field  string `json:"field,omitempty"`
		Reason string `json:"reason"`
		Args   []any  `json:"args,omitempty"`
	}{e.Sheet, e.Row, e.Column, e.Header, e.Found, e.Stored, "", "", nil}
	if e.Err != nil {
		out.Field, out.Reason, out.Args = e.Err.Field, e.Err.Reason, e.Err.Args
	}
	return json.Marshal(out)
}

// faultsKept is how many faults are listed; the others are counted.
const faultsKept = 1000

// Faults collects bad cells, so that all are reported at once. The zero value is ready.
type Faults struct {
	List []CellError `json:"faults"`
	More int         `json:"more"` // beyond those listed
}

// Add puts faults on the list.
func (f *Faults) Add(faults ...CellError) {
	room := max(0, faultsKept-len(f.List))
	room = min(room, len(faults))
	f.List = append(f.List, faults[:room]...)
	f.More += len(faults) - room
}

// Len is the number of all faults.
func (f *Faults) Len() int { return len(f.List) + f.More }

// Err is a *FaultsError, or nil when nothing is wrong.
func (f *Faults) Err() error {
	if f.Len() == 0 {
		return nil
	}
	return &FaultsError{f}
}

// FaultsError is a list of bad cells as an error.
type FaultsError struct{ *Faults }

// Error is the operator's summary.
func (f *FaultsError) Error() string {
	if len(f.List) == 0 {
		return "sheet: no fault"
	}
	return fmt.Sprintf("sheet: %d bad cells, the first: %v", f.Len(), f.List[0])
}

// Unwrap gives the rules that were broken.
func (f *FaultsError) Unwrap() []error {
	out := make([]error, len(f.List))
	for i, e := range f.List {
		out[i] = e
	}
	return out
}

// Text prints a line for each fault, and how many more there are.
func (f *Faults) Text(lang ledger.Lang, say func(ledger.Lang, *ledger.Error) string) string {
	var b strings.Builder
	list := slices.Clone(f.List) // found cell by cell and lot by lot; mended from top to bottom
	slices.SortStableFunc(list, func(x, y CellError) int {
		return cmp.Or(cmp.Compare(x.Sheet, y.Sheet), cmp.Compare(x.Row, y.Row), cmp.Compare(len(x.Column), len(y.Column)), cmp.Compare(x.Column, y.Column))
	})
	for _, e := range list {
		b.WriteString(e.Text(lang, say))
		b.WriteByte('\n')
	}
	if f.More > 0 {
		more := ledger.Text{ZH: "另有 %d 处。\n", EN: "And %d more.\n"}
		fmt.Fprintf(&b, more.In(lang), f.More)
	}
	return b.String()
}
