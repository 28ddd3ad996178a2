package landcheck

import (
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// decision is what an import decides, looking at the present of the book.
type decision struct {
	*intake.Decision
	o     intake.Options
	scope ledger.Scope
	used  map[int64]bool       // parcels that a row without a number was found to be
	own   map[*planned]*Parcel // what a row that is one of several alike was found to be
}

// alike finds, for rows that have neither number nor code, the parcel of the book that has their very
// verifications, before the others take what is left: several parcels may be alike in all else.
func (d *decision) alike(plan []*planned) {
	for _, p := range plan {
		index, key := p.lookUp()
		if index != "content_sha256" {
			continue
		}
		for _, row := range d.Present.Find(parcels, index, key) {
			old := row.(*Parcel)
			if !old.Voided && !d.used[old.ID] && old.Holder == d.holder(p) && d.visited(p, old) {
				d.own[p], d.used[old.ID] = old, true
				break
			}
		}
	}
}

// visited tells whether the book has the verifications of p for a parcel.
func (d *decision) visited(p *planned, old *Parcel) bool {
	index, key := p.lookUp()
	for _, rec := range p.rows {
		if rec.visit == nil {
			continue
		}
		found := false
		for _, row := range d.Present.Find(verifications, index, key) {
			v := row.(*Verification)
			found = found || v.Parcel == old.ID && v.VerifiedOn == rec.visit.VerifiedOn && sameArea(v.VerifiedArea, rec.visit.VerifiedArea)
		}
		if !found {
			return false
		}
	}
	return true
}

// step is one entry that a row of the file leads to.
type step struct {
	rec    *record
	amends bool
	do     func()
}

// parcel decides about one parcel of the file and its verifications: all its rows, or none.
func (d *decision) parcel(p *planned) {
	var steps []step
	var faults []sheet.CellError
	var changes []intake.Change
	old := d.find(p)
	id := new(int64)
	first := p.rows[0]
	switch {
	case old != nil && !sees(d.scope, old.VillageKey):
		index, _ := p.lookUp()
		d.Reject(p.sheetRows(), first.row.Fault(fieldOf(index), taken(p.shown())))
		return
	case old == nil && outside(d.scope, &p.state) != nil:
		d.Reject(p.sheetRows(), first.row.Fault(p.state.bound(), outside(d.scope, &p.state)))
		return
	case old == nil && p.state.Owner == "":
		faults = append(faults, first.row.Fault("parcel_no", ledger.E(ledger.Invalid, "parcel.new_without_owner", p.shown())))
	case old == nil:
		steps = append(steps, step{first, false, func() { d.record(p, id) }})
	default:
		*id = old.ID
		d.used[old.ID] = true
		state, err := p.over(old, d.holder(p))
		if err != nil {
			d.Reject(p.sheetRows(), first.row.Fault("parcel_no", err))
			return
		}
		if err := outside(d.scope, state); err != nil {
			d.Reject(p.sheetRows(), first.row.Fault(state.bound(), err))
			return
		}
		if list := parcelDifferences(old, state); len(list) > 0 {
			changes = append(changes, changesOf(first.row, old.ParcelNo, list)...)
			faults = append(faults, first.row.Fault("parcel_no", ledger.E(ledger.Conflict, "parcel.recorded_otherwise", old.ParcelNo, shown(list))))
			steps = append(steps, step{first, true, func() {
				d.sameCode(first, state.ParcelCode, old)
				if first.has["holder"] && first.holder != "" {
					state.Holder = d.People.Ref(first.holder)
				}
				d.Add("parcel.amended", state, first.row, old, nil)
			}})
		}
	}
	for _, rec := range p.rows {
		if rec.visit == nil {
			continue
		}
		s, list, err := d.visit(rec, p, old, id)
		if err != nil {
			d.Reject(p.sheetRows(), rec.row.Fault("verified_on", err))
			return
		}
		if s.do != nil {
			steps = append(steps, s)
		}
		if len(list) > 0 {
			changes = append(changes, changesOf(rec.row, p.shown(), list)...)
			faults = append(faults, rec.row.Fault("verified_on", ledger.E(ledger.Conflict, "verification.recorded_otherwise",
				p.shown(), rec.visit.VerifiedOn.String(), shown(list))))
		}
	}
	d.Changes = append(d.Changes, changes...)
	if len(faults) > 0 && (!d.o.Amend || old == nil) {
		d.Reject(p.sheetRows(), faults...)
		return
	}
	d.take(p, steps)
}

// take carries the steps out and counts the rows of the file by what became of them.
func (d *decision) take(p *planned, steps []step) {
	recorded, amended := map[*record]bool{}, map[*record]bool{}
	for _, s := range steps {
		s.do()
		recorded[s.rec] = recorded[s.rec] || !s.amends
		amended[s.rec] = amended[s.rec] || s.amends
	}
	for _, rec := range p.rows {
		switch {
		case recorded[rec]:
			d.Recorded++
		case amended[rec]:
			d.Amended++
		default:
			d.Already++
		}
	}
}

// find looks the parcel up in the book. Among parcels without a number that are alike each row finds its own.
// One that lies outside of the scope is found only where none inside is.
func (d *decision) find(p *planned) *Parcel {
	if own := d.own[p]; own != nil {
		return own
	}
	var foreign *Parcel
	index, key := p.lookUp()
	for _, row := range d.Present.Find(parcels, index, key) {
		old := row.(*Parcel)
		if index == "content_sha256" && old.Holder != d.holder(p) {
			continue // the content of a parcel does not say which person holds it
		}
		if old.Voided || index != "parcel_no_key" && d.used[old.ID] {
			continue
		}
		if sees(d.scope, old.VillageKey) {
			return old
		}
		foreign = old
	}
	return foreign
}

// holder is who holds a parcel as the book would have it, without recording a person.
func (d *decision) holder(p *planned) string {
	if p.rows[0].holder == "" {
		return p.state.Holder
	}
	return d.People.Known(p.rows[0].holder)
}

func (d *decision) record(p *planned, id *int64) {
	state := p.state
	state.NumberedByBook = state.ParcelNo == ""
	if name := p.rows[0].holder; name != "" {
		state.Holder = d.People.Ref(name)
	}
	d.sameCode(p.rows[0], state.ParcelCode, nil)
	d.Add("parcel.recorded", &state, p.rows[0].row, nil, func(seq int64) {
		*id = seq
		if state.NumberedByBook {
			state.ParcelNo = numbered(seq)
		}
	})
}

// sameCode notes that another parcel of the book has the same code: the same land twice, perhaps.
func (d *decision) sameCode(rec *record, code string, self *Parcel) {
	if code == "" {
		return
	}
	for _, row := range d.Present.Find(parcels, "parcel_code", code) {
		if other := row.(*Parcel); !other.Voided && (self == nil || other.ID != self.ID) {
			note := intake.Note{
				Sheet: rec.row.Sheet, Row: rec.row.Number, No: rec.parcel.ParcelNo, Field: "parcel_code", Code: "parcel_code_shared", Stated: code,
			}
			if sees(d.scope, other.VillageKey) {
				note.Reckons = other.ParcelNo
			}
			d.Notes = append(d.Notes, note)
			return
		}
	}
}

// over is what the file says of a parcel, over what the book says: a column that the file does not have, and
// the free texts of a row that belong to its verification, say nothing about the parcel.
func (p *planned) over(old *Parcel, holder string) (*ParcelState, error) {
	state, err := old.state()
	if err != nil {
		return nil, err
	}
	file, has := &p.state, p.rows[0].has
	take := func(key string, do func()) {
		if has[key] {
			do()
		}
	}
	take("parcel_code", func() {
		if state.ParcelCode != file.ParcelCode {
			state.ParcelCode, state.TenureRight, state.TenureNature = file.ParcelCode, file.TenureRight, file.TenureNature
		}
	})
	take("tenure_right", func() { state.TenureRight, state.TenureNature = file.TenureRight, file.TenureNature })
	take("name", func() { state.Name = file.Name })
	take("owner", func() { state.Owner = file.Owner })
	take("category", func() { state.Category = file.Category })
	take("holder", func() { state.Holder = holder })
	take("village", func() { state.Village = file.Village })
	take("location", func() { state.Location = file.Location })
	take("registered_area", func() {
		if !sameArea(state.RegisteredArea, file.RegisteredArea) {
			state.RegisteredArea = file.RegisteredArea
			state.Written = rewritten(state.Written, file.Written, "registered_area")
		}
	})
	take("floor_area", func() {
		a, b := state.FloorArea, file.FloorArea
		if (a == nil) != (b == nil) || a != nil && !a.d.Equal(b.d) {
			state.FloorArea = b
			state.Written = rewritten(state.Written, file.Written, "floor_area")
		}
	})
	if p.rows[0].visit == nil {
		take("remark", func() { state.Remark = file.Remark })
		if file.OtherColumns != nil {
			state.OtherColumns = file.OtherColumns
		}
	}
	return state, nil
}

func sameArea(a, b *ledger.Area) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// rewritten replaces how one field was written.
func rewritten(old, file []Written, field string) []Written {
	var list []Written
	for _, w := range old {
		if w.Field != field {
			list = append(list, w)
		}
	}
	for _, w := range file {
		if w.Field == field {
			list = append(list, w)
		}
	}
	return list
}
