package auction

import (
	"context"
	"fmt"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// Import reads a register of lots and records it in the book: all of it or nothing, unless the good rows are
// asked for. What the book already has is passed over; what differs from it is a conflict, or amended on
// request. The result is complete also when an error is returned.
//
// Errors: those of the file (sheet.…), *sheet.Faults with every bad cell, conflict import.already_recorded.
func Import(ctx context.Context, book *ledger.Book, actor ledger.Actor, source intake.Source, o intake.Options) (*intake.Result, error) {
	result := &intake.Result{What: "lots", File: source.Name, SHA256: source.SHA256, DryRun: o.DryRun}
	if err := o.Check(); err != nil {
		return result, err
	}
	var records []*record
	reading, err := intake.Read(source, Schema(), o, func(t *sheet.Table, table *intake.Table) (intake.Reader, error) {
		return newReader(t, table, o, &records)
	})
	if err != nil {
		return result, err
	}
	plan, faults := assemble(records)
	im := &importing{book: book, actor: actor, source: source, o: o, result: result, reading: reading, plan: plan}
	im.reject(faults)
	result.Tables, result.Skipped, result.Rows = reading.Tables, reading.Skipped, reading.Rows
	for _, p := range plan {
		result.Notes = append(result.Notes, p.notes()...)
	}
	if im.reading.Faults.Len() > 0 && !o.GoodRows {
		return im.failed()
	}
	return im.commit(ctx)
}

// importing is one import under way.
type importing struct {
	book    *ledger.Book
	actor   ledger.Actor
	source  intake.Source
	o       intake.Options
	result  *intake.Result
	reading *intake.Reading
	plan    []*planned
}

// reject puts faults on the list and their rows among those to be corrected.
func (im *importing) reject(faults []sheet.CellError) {
	im.reading.Faults.Add(faults...)
}

func (im *importing) failed() (*intake.Result, error) {
	im.result.Faults = &im.reading.Faults
	im.result.BadRows = im.reading.BadRows
	im.result.Rejected = len(im.reading.BadRows)
	return im.result, im.reading.Faults.Err()
}

// commit decides against the book and records. A dry run decides and appends nothing.
func (im *importing) commit(ctx context.Context) (*intake.Result, error) {
	var d *decision
	command := ledger.Command{Actor: im.actor, Reads: im.reads(), Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		d = newDecision(im, p)
		drafts, err := d.decide()
		if err != nil || im.o.DryRun {
			return nil, err
		}
		return drafts, nil
	}}
	receipt, err := im.book.Do(ctx, command)
	if d != nil {
		im.result.Recorded, im.result.Already, im.result.Amended = d.recorded, d.already, d.amended
		im.result.Changes = d.changes
		im.reading.Faults.Add(d.faults...)
	}
	if err != nil {
		im.result.Recorded, im.result.Amended = 0, 0
		if im.reading.Faults.Len() > 0 {
			return im.failed()
		}
		return im.result, err
	}
	im.result.Size = receipt.Size
	if im.reading.Faults.Len() > 0 {
		return im.failed()
	}
	if d.recorded == 0 && d.amended == 0 && d.already > 0 {
		return im.result, ledger.E(ledger.Conflict, "import.already_recorded", d.already)
	}
	return im.result, nil
}

// reads are the listings and persons that the plan may meet in the book.
func (im *importing) reads() []ledger.Read {
	var numbers, contents, winners []string
	for _, p := range im.plan {
		if p.state.LotNo == "" {
			contents = append(contents, p.state.content())
		} else if p.nth == 1 {
			numbers = append(numbers, numberKey(p.state.LotNo))
		}
		if p.winner != "" {
			winners = append(winners, p.winner)
		}
	}
	return []ledger.Read{
		{Table: lots, Index: "lot_no_key", Keys: numbers},
		{Table: lots, Index: "content_sha256", Keys: contents},
		intake.ReadPeople(winners),
	}
}

// decision is what an import decides, looking at the present of the book.
type decision struct {
	im      *importing
	present *ledger.Present
	people  *intake.People
	lots    []ledger.Draft
	used    map[*Lot]bool // listings that a row of the file was found to be
	next    map[string]int64

	recorded, already, amended int
	changes                    []intake.Change
	faults                     []sheet.CellError
}

func newDecision(im *importing, p *ledger.Present) *decision {
	return &decision{im: im, present: p, people: intake.NewPeople(p, p.Next()+1), used: map[*Lot]bool{}, next: map[string]int64{}}
}

// decide goes through the plan. Entries come in this order: the import, new persons, lots.
func (d *decision) decide() ([]ledger.Draft, error) {
	for _, p := range d.im.plan {
		d.one(p)
	}
	if len(d.faults) > 0 && !d.im.o.GoodRows {
		var all sheet.Faults
		all.Add(d.faults...)
		return nil, all.Err()
	}
	if len(d.lots) == 0 {
		return nil, nil
	}
	first := ledger.Draft{Kind: "import.recorded", State: &ledger.ImportState{
		What: "lots", FileName: ledger.Normal(d.im.source.Name), FileSHA256: d.im.source.SHA256, Records: len(d.lots),
	}}
	drafts := append([]ledger.Draft{first}, d.people.Drafts()...)
	for i, draft := range d.lots {
		state := draft.State.(*LotState)
		if state.NumberedByBook && draft.Amends == nil {
			state.LotNo = fmt.Sprintf("账内%d", d.present.Next()+int64(len(drafts)))
		}
		drafts = append(drafts, d.lots[i])
	}
	return drafts, nil
}

// one decides about one listing of the file.
func (d *decision) one(p *planned) {
	state := p.state
	state.Winner = d.people.Ref(p.winner)
	if p.state.LotNo == "" {
		state.NumberedByBook, state.Listing = true, 1
		for _, row := range d.present.Find(lots, "content_sha256", state.content()) {
			if l := row.(*Lot); !d.used[l] && d.same(l, &state) {
				d.used[l] = true
				d.already++
				return
			}
		}
		d.record(p, &state, nil)
		return
	}
	key := numberKey(state.LotNo)
	var last *Lot
	for _, row := range d.present.Find(lots, "lot_no_key", key) {
		l := row.(*Lot)
		state.Listing = l.Listing
		if !d.used[l] && d.same(l, &state) {
			d.used[l] = true
			d.already++
			return
		}
		if last == nil || l.Listing > last.Listing {
			last = l
		}
	}
	if match := d.match(p, &state, key); match != nil {
		d.differs(p, &state, match)
		return
	}
	if last != nil && d.next[key] == 0 {
		if !Outcome(last.Outcome).Listable() {
			d.differs(p, &state, last)
			return
		}
		d.next[key] = last.Listing
	}
	d.next[key]++
	state.Listing = d.next[key]
	d.record(p, &state, nil)
}

// match finds the listing in the book that a differing row means: the one of the same day and outcome; when
// amending also the one of the same place among its number's listings.
func (d *decision) match(p *planned, state *LotState, key string) *Lot {
	for _, row := range d.present.Find(lots, "lot_no_key", key) {
		l := row.(*Lot)
		if d.used[l] {
			continue
		}
		if l.Outcome == string(state.Outcome) && sameDay(l.HammeredOn, state.HammeredOn) {
			return l
		}
		if d.im.o.Amend && l.Listing == int64(p.nth) {
			return l
		}
	}
	return nil
}

// same tells whether the book already says just this.
func (d *decision) same(l *Lot, state *LotState) bool {
	return len(d.difference(l, state)) == 0
}

func (d *decision) difference(l *Lot, state *LotState) []ledger.Difference {
	c := *state
	c.LotNo, c.NumberedByBook = l.LotNo, l.NumberedByBook
	if numberKey(state.LotNo) != l.LotNoKey && !l.NumberedByBook {
		c.LotNo = state.LotNo
	}
	row := c.row()
	row.Import = l.Import
	var list []ledger.Difference
	for _, diff := range ledger.Diff(l, row) {
		if diff.Column != "content_sha256" {
			list = append(list, diff)
		}
	}
	if l.Remark != row.Remark {
		list = append(list, ledger.Difference{Column: "remark", Old: l.Remark, New: row.Remark})
	}
	if l.OtherColumns != row.OtherColumns {
		list = append(list, ledger.Difference{Column: "other_columns", Old: l.OtherColumns, New: row.OtherColumns})
	}
	return list
}

// differs is a row that says something else than the book: a conflict, or an amendment on request.
func (d *decision) differs(p *planned, state *LotState, l *Lot) {
	d.used[l] = true
	state.Listing = l.Listing
	first := p.rows[0].row
	var fields []string
	for _, diff := range d.difference(l, state) {
		fields = append(fields, fmt.Sprintf("%s %s→%s", diff.Column, shownOr(diff.Old), shownOr(diff.New)))
		d.changes = append(d.changes, intake.Change{Sheet: first.Sheet, Row: first.Number, No: l.LotNo, Field: diff.Column, Old: diff.Old, New: diff.New})
	}
	if !d.im.o.Amend {
		d.faults = append(d.faults, first.Fault("lot_no", ledger.E(ledger.Conflict, "lot.recorded_otherwise", state.LotNo, l.Listing, strings.Join(fields, "; "))))
		d.im.reading.BadRows = append(d.im.reading.BadRows, first)
		return
	}
	if len(fields) == 0 {
		d.already++
		return
	}
	state.LotNo, state.NumberedByBook = l.LotNo, l.NumberedByBook
	d.record(p, state, l)
}

func shownOr(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func (d *decision) record(p *planned, state *LotState, amends *Lot) {
	first := p.rows[0].row
	draft := ledger.Draft{
		Kind: "lot.recorded", State: state,
		Source: &ledger.Source{Import: d.present.Next(), Sheet: ledger.Normal(first.Sheet), Row: first.Number},
	}
	if amends != nil {
		draft.Kind, draft.Amends, draft.Reason = "lot.amended", amends, ledger.Normal(d.im.o.Reason)
		d.amended++
	} else {
		d.recorded++
	}
	d.lots = append(d.lots, draft)
}
