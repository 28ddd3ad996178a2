package auction

import (
	"context"
	"slices"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// Import reads a register of lots and records it in the book: all of it or nothing, unless the good rows are
// asked for. What the book already has is passed over; what differs from it is a conflict, or amended on
// request. The result is complete also when an error is returned.
//
// Errors: those of the file (sheet.…), *sheet.FaultsError with every bad cell, among them lots of villages outside
// the scope, conflict import.already_recorded.
func Import(ctx context.Context, scope ledger.Scope, actor ledger.Actor, source intake.Source, o intake.Options) (*intake.Result, error) {
	result, err := intake.Begin("lots", source, o)
	if err != nil {
		return result, err
	}
	book, err := scope.Book()
	if err != nil {
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
	reading.Reject("lot_no", leftOut(records, plan), faults...)
	for _, p := range plan {
		result.Notes = append(result.Notes, p.notes()...)
		p.letGo()
	}
	im := &importing{scope: scope, o: o, plan: plan, listings: map[string]int{}}
	for _, p := range plan {
		im.listings[intake.NumberKey(p.state.LotNo)]++
	}
	work := intake.Import{
		Book: book, Actor: actor, Source: source, Options: o, Result: result, Reading: reading, Key: "lot_no", Reads: im.reads(),
		Decide: func(d *intake.Decision) {
			(&decision{Decision: d, im: im, used: map[*Lot]bool{}, next: map[string]int64{}}).decide()
		},
	}
	return work.Commit(ctx)
}

// importing is what the file says.
type importing struct {
	scope    ledger.Scope
	o        intake.Options
	plan     []*planned
	listings map[string]int // how many the file has of a number
}

// leftOut are the rows that came to no lot: a row with a fault takes the other lines of its lot along.
func leftOut(records []*record, plan []*planned) []sheet.Row {
	in := map[*record]bool{}
	for _, p := range plan {
		for _, r := range p.rows {
			in[r] = true
		}
	}
	var rows []sheet.Row
	for _, r := range records {
		if !in[r] {
			rows = append(rows, r.row)
		}
	}
	return rows
}

// reads are the listings and persons that the plan may meet in the book.
func (im *importing) reads() []ledger.Read {
	var numbers, contents, winners []string
	for _, p := range im.plan {
		if p.state.LotNo == "" {
			contents = append(contents, p.state.content())
		} else if p.nth == 1 {
			numbers = append(numbers, intake.NumberKey(p.state.LotNo))
		}
		if p.winner != "" {
			winners = append(winners, p.winner)
		}
	}
	return []ledger.Read{
		{Table: lots, Index: byNumber, Keys: numbers},
		{Table: lots, Index: "content_sha256", Keys: contents},
		intake.ReadPeople(winners),
	}
}

// decision is what an import decides, looking at the present of the book.
type decision struct {
	*intake.Decision
	im   *importing
	used map[*Lot]bool // listings that a row of the file was found to be
	next map[string]int64
}

// decide goes through the plan.
func (d *decision) decide() {
	for _, p := range d.im.plan {
		d.one(p)
	}
}

// one decides about one listing of the file.
func (d *decision) one(p *planned) {
	state := p.state
	if d.foreign(p) {
		return
	}
	state.Winner = d.People.Known(p.winner)
	if p.state.LotNo == "" {
		state.NumberedByBook, state.Listing = true, 1
		for _, row := range d.Present.Find(lots, "content_sha256", state.content()) {
			if l := row.(*Lot); !d.used[l] && d.same(l, d.merged(p, &state, l)) {
				d.used[l] = true
				d.Already++
				return
			}
		}
		d.record(p, &state, nil)
		return
	}
	key := intake.NumberKey(state.LotNo)
	var last *Lot
	for _, row := range d.Present.Find(lots, byNumber, key) {
		l := row.(*Lot)
		state.Listing = l.Listing
		if !d.used[l] && d.same(l, d.merged(p, &state, l)) {
			d.used[l] = true
			d.Already++
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

// foreign refuses a listing of a village outside the scope, and one whose number such a listing has; of that
// nothing is told but that the number is taken.
func (d *decision) foreign(p *planned) bool {
	first := p.sources[0]
	if p.state.villageKey() != "" && d.outside(&p.state, p) {
		return true
	}
	if taken(d.im.scope, d.Present.Find(lots, byNumber, intake.NumberKey(p.state.LotNo))) {
		d.Reject(p.sources, first.Fault("lot_no", ledger.E(ledger.Conflict, "lot.number_taken", p.state.LotNo)))
		return true
	}
	return false
}

// outside refuses a state that lies outside the scope.
func (d *decision) outside(state *LotState, p *planned) bool {
	err := state.within(d.im.scope)
	if err != nil {
		d.Reject(p.sources, p.sources[0].Fault("collective", err))
	}
	return err != nil
}

// match finds the listing in the book that a differing row means: the one of the same day and outcome. When
// amending, one of the two may be what is mended: then it is the only listing that shares the other, else the
// one of the same place, provided that the file has every listing of the number; a single row says nothing
// of places.
func (d *decision) match(p *planned, state *LotState, key string) *Lot {
	rows := d.Present.Find(lots, byNumber, key)
	var near, placed []*Lot
	for _, row := range rows {
		l := row.(*Lot)
		if d.used[l] {
			continue
		}
		said := d.merged(p, state, l)
		outcome, day := l.Outcome == string(said.Outcome), sameDay(l.HammeredOn, said.HammeredOn)
		if outcome && day {
			return l
		}
		if outcome || day {
			near = append(near, l)
		}
		if !outcome && !day && Outcome(l.Outcome).Listable() {
			continue // it failed, and this is another day with another result: it was listed again
		}
		if l.Listing == int64(p.nth) && len(rows) <= d.im.listings[key] {
			placed = append(placed, l)
		}
	}
	switch {
	case !d.im.o.Amend:
		return nil
	case len(near) == 1:
		return near[0]
	case len(placed) > 0:
		return placed[0]
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
	if intake.NumberKey(state.LotNo) != l.LotNoKey && !l.NumberedByBook {
		c.LotNo = state.LotNo
	}
	row := c.row()
	row.Import = l.Import
	return differences(l, row)
}

// differs is a row that says something else than the book: a conflict, or an amendment on request.
func (d *decision) differs(p *planned, state *LotState, l *Lot) {
	d.used[l] = true
	state.Listing = l.Listing
	state = d.merged(p, state, l)
	first := p.sources[0]
	fields := d.difference(l, state)
	for _, diff := range fields {
		d.Changes = append(d.Changes, intake.Change{Sheet: first.Sheet, Row: first.Number, No: l.LotNo, Field: diff.Column, Old: diff.Old, New: diff.New})
	}
	if !d.im.o.Amend {
		d.Reject(p.sources, first.Fault("lot_no", ledger.E(ledger.Conflict, "lot.recorded_otherwise", state.LotNo, l.Listing, told(fields))))
		return
	}
	if len(fields) == 0 {
		d.Already++
		return
	}
	state.LotNo, state.NumberedByBook = l.LotNo, l.NumberedByBook
	d.record(p, state, l)
}

// told are the differences that a message may tell: free texts stay out of it, because they may name persons, and
// lists are named only, because a message has no words for them.
func told(all []ledger.Difference) []ledger.Difference {
	list := slices.Clone(all)
	for i := range list {
		if c := list[i].Column; c == "remark" || c == "other_columns" || c == "winner" {
			list[i].Old, list[i].New = "…", "…"
		} else if c == "lines" || c == "claims" {
			list[i].Old, list[i].New = "", ""
		}
	}
	return list
}

// merged lays what the file says over what the book has: a column that the file lacks changes nothing.
func (d *decision) merged(p *planned, state *LotState, l *Lot) *LotState {
	old := new(LotState)
	if len(l.Body) == 0 { // made in this group, or found by its content: all is said
		return state
	}
	if err := ledger.StateOf(l.Body, old); err != nil {
		d.Reject(p.sources, p.sources[0].Fault("lot_no", err))
		return state
	}
	old.Remark, old.OtherColumns = ledger.Seal(l.Remark), ledger.Seal(l.OtherColumns)
	s := *state
	s.over(old, p.has)
	return &s
}

func (d *decision) record(p *planned, state *LotState, amends *Lot) {
	first := p.sources[0]
	if d.outside(state, p) {
		return
	}
	if p.has["winner"] || amends == nil {
		state.Winner = d.People.Ref(p.winner)
	}
	if amends != nil {
		d.Amended++
		d.Add("lot.amended", state, first, amends, nil)
		return
	}
	d.Recorded++
	d.Add("lot.recorded", state, first, nil, func(seq int64) {
		if state.NumberedByBook {
			state.LotNo = bookNumber(seq)
		}
	})
}
