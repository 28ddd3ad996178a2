package intake

import (
	"context"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// Import is one import under way, after its file was read: all of it is recorded, or nothing, unless the good
// rows are asked for.
type Import struct {
	Book    *ledger.Book
	Actor   ledger.Actor
	Source  Source
	Options Options
	Result  *Result
	Reading *Reading
	Key     string        // the column that names a record: a fault of a whole record stands there
	Reads   []ledger.Read // what Decide may look at
	// Decide holds the plan against the present of the book. It may run again, each time with a new Decision.
	Decide func(*Decision)
}

// Begin makes the result that Import fills in; it is complete also when an error follows.
func Begin(what string, source Source, o Options) (*Result, error) {
	return &Result{What: what, File: source.Name, SHA256: source.SHA256, DryRun: o.DryRun}, o.Check()
}

// Record is an entry that an import wants appended.
type Record struct {
	ledger.Draft
	// Numbered, if there is one, is told the number that the entry gets, before the entry is made.
	Numbered func(seq int64)
}

// Decision is what an import comes to, looking at the present of the book.
type Decision struct {
	Present                    *ledger.Present
	People                     *People
	Recorded, Already, Amended int
	Changes                    []Change
	Notes                      []Note

	reason  string
	records []Record
	faults  []sheet.CellError
	rows    []sheet.Row
}

// Add puts a record on the list of those to be appended. row is where the file has it; amends is the current
// row of the book that it replaces, nil for a new record.
func (d *Decision) Add(kind string, state ledger.State, row sheet.Row, amends ledger.Row, numbered func(seq int64)) {
	r := Record{Numbered: numbered, Draft: ledger.Draft{
		Kind: kind, State: state, Amends: amends,
		Source: &ledger.Source{Import: d.Present.Next(), Sheet: ledger.Normal(row.Sheet), Row: row.Number},
	}}
	if amends != nil {
		r.Reason = d.reason
	}
	d.records = append(d.records, r)
}

// Reject puts rows among those to be corrected. The faults say why.
func (d *Decision) Reject(rows []sheet.Row, faults ...sheet.CellError) {
	d.rows = append(d.rows, rows...)
	d.faults = append(d.faults, faults...)
}

// drafts are the entries to be appended: the import, new persons, the records.
func (d *Decision) drafts(im *Import) ([]ledger.Draft, error) {
	if len(d.faults) > 0 && !im.Options.GoodRows {
		var all sheet.Faults
		all.Add(d.faults...)
		return nil, all.Err()
	}
	if len(d.records) == 0 || im.Options.DryRun {
		return nil, nil
	}
	drafts := append([]ledger.Draft{{Kind: "import.recorded", State: &ledger.ImportState{
		What: im.Result.What, FileName: ledger.Seal(ledger.Normal(im.Source.Name)), FileSHA256: im.Source.SHA256, Records: len(d.records),
	}}}, d.People.Drafts()...)
	for _, r := range d.records {
		if r.Numbered != nil {
			r.Numbered(d.Present.Next() + int64(len(drafts)))
		}
		drafts = append(drafts, r.Draft)
	}
	return drafts, nil
}

// Commit decides against the book and records. A dry run decides and appends nothing.
//
// Errors: *sheet.FaultsError with every bad cell, conflict import.already_recorded, those of the book.
func (im *Import) Commit(ctx context.Context) (*Result, error) {
	im.Result.Tables, im.Result.Skipped, im.Result.Rows = im.Reading.Tables, im.Reading.Skipped, im.Reading.Rows
	if im.Reading.Faults.Len() > 0 && (!im.Options.GoodRows || len(im.Reading.BadRows) == 0) {
		return im.failed() // a total that fits nothing is no fault of a row that could be left out
	}
	if im.Options.OneSheet && len(im.Reading.sheets) > 1 {
		return im.Result, ledger.E(ledger.Invalid, "sheet.rejects_need_xlsx")
	}
	var d *Decision
	// Alone: an import finds records by a code or by their content too, where others go by the number.
	command := ledger.Command{Actor: im.Actor, Reads: im.Reads, Alone: true, Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		d = &Decision{Present: p, People: NewPeople(p, p.Next()+1), reason: ledger.Normal(im.Options.Reason)}
		im.Decide(d)
		return d.drafts(im)
	}}
	if !im.Options.DryRun {
		command.Key, command.Body = im.Options.Key.Name, im.Options.Key.Body
	}
	receipt, err := im.Book.Do(ctx, command)
	if d != nil {
		im.Result.Recorded, im.Result.Already, im.Result.Amended = d.Recorded, d.Already, d.Amended
		im.Result.Changes = d.Changes
		im.Result.Notes = append(im.Result.Notes, d.Notes...)
		im.Reading.Reject(im.Key, d.rows, d.faults...)
	}
	if err != nil {
		im.Result.Recorded, im.Result.Amended = 0, 0
		if d != nil && len(d.faults) > 0 {
			return im.failed()
		}
		return im.Result, err
	}
	if receipt.Replayed {
		im.Result.Recorded, im.Result.Already, im.Result.Amended = 0, 0, 0
		im.Result.Replayed, im.Result.Entry, im.Result.Size = true, receipt.First, receipt.Size
		return im.Result, nil
	}
	if im.Result.Size = receipt.Size; !im.Options.DryRun && d.Recorded+d.Amended > 0 {
		im.Result.Entry = receipt.First
	}
	if im.Reading.Faults.Len() > 0 {
		return im.failed()
	}
	if d.Recorded == 0 && d.Amended == 0 && d.Already > 0 && !im.Options.DryRun {
		return im.Result, ledger.E(ledger.Conflict, "import.already_recorded", d.Already)
	}
	return im.Result, nil
}

func (im *Import) failed() (*Result, error) {
	im.Result.Faults = &im.Reading.Faults
	im.Result.BadRows, im.Result.sheets = im.Reading.BadRows, im.Reading.sheets
	im.Result.Rejected = len(im.Reading.BadRows)
	return im.Result, im.Reading.Faults.Err()
}

// Reject puts faults on the list, and rows among those to be corrected, each once. Where the good rows are
// recorded, a row without a fault of its own that goes down with the others of its record says so in the
// column key: the file of rejected rows is made from the faults.
func (r *Reading) Reject(key string, rows []sheet.Row, faults ...sheet.CellError) {
	r.Faults.Add(faults...)
	if r.bad == nil {
		r.bad = map[place]bool{}
	}
	for _, b := range r.BadRows[r.known:] {
		r.bad[place{b.Sheet, b.Number}] = true
	}
	own := map[place]bool{}
	for _, f := range faults {
		own[place{f.Sheet, f.Row}] = true
	}
	for _, row := range rows {
		at := place{row.Sheet, row.Number}
		if r.bad[at] {
			continue
		}
		r.bad[at] = true
		r.BadRows = append(r.BadRows, row)
		if r.goodRows && !own[at] {
			r.Faults.Add(row.Fault(key, ledger.E(ledger.Invalid, "import.rejected_with_others")))
		}
	}
	r.known = len(r.BadRows)
}

// place is a row of a sheet.
type place struct {
	sheet string
	row   int
}
