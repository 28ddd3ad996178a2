package intake

import (
	"io"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// Change is a field in which a row of the file differs from the book.
type Change struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row"`
	No    string `json:"no"`
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Note is something that the paper says and that does not fit: it is recorded all the same, and said.
type Note struct {
	Sheet   string `json:"sheet,omitempty"`
	Row     int    `json:"row"`
	No      string `json:"no"`
	Field   string `json:"field"`
	Code    string `json:"code"`
	Stated  string `json:"stated"`
	Reckons string `json:"computed"`
}

// Result is what an import did, or would do in a dry run.
type Result struct {
	What     string          `json:"what"`
	File     string          `json:"file"`
	SHA256   string          `json:"file_sha256"`
	DryRun   bool            `json:"dry_run,omitempty"`
	Rows     int             `json:"rows"`
	Recorded int             `json:"recorded"`
	Already  int             `json:"already_recorded"`
	Amended  int             `json:"amended"`
	Rejected int             `json:"rejected_rows"`
	Tables   []*Table        `json:"tables"`
	Skipped  []sheet.Skipped `json:"skipped_sheets,omitempty"`
	Changes  []Change        `json:"changes,omitempty"`
	Notes    []Note          `json:"notes,omitempty"`
	Faults   *sheet.Faults   `json:"faults,omitempty"`
	BadRows  []sheet.Row     `json:"-"`

	MoreChanges int `json:"-"` // beyond those listed, where a caller has cut the lists
	MoreNotes   int `json:"-"`

	Size     int64 `json:"as_of,omitempty"`
	Entry    int64 `json:"import,omitempty"`   // of the import, when something was recorded
	Replayed bool  `json:"replayed,omitempty"` // an earlier command with the same key recorded it: import says where

	sheets []*sheet.Table
}

// WriteRejects writes the rejected rows as xlsx or csv, each with what is wrong with it, so that they can be
// corrected and sent again. Every rejected row is in it, also where more faults were found than are listed.
// say gives the sentence for one fault.
func (r *Result) WriteRejects(w io.Writer, format string, say func(sheet.CellError) string) error {
	listed := map[place]bool{}
	var faults []sheet.CellError
	if r.Faults != nil {
		faults = r.Faults.List
	}
	for _, f := range faults {
		listed[place{f.Sheet, f.Row}] = true
	}
	for _, row := range r.BadRows {
		if !listed[place{row.Sheet, row.Number}] {
			faults = append(faults, row.Fault("", ledger.E(ledger.Invalid, "import.fault_not_listed")))
		}
	}
	return sheet.WriteRejects(w, format, r.sheets, faults, say)
}
