package landcheck

import (
	"fmt"
	"slices"
	"strings"

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

func parcelDifferences(old *Parcel, state *ParcelState) []ledger.Difference {
	row := state.row()
	row.Import = old.Import
	var list []ledger.Difference
	for _, diff := range ledger.Diff(old, row) {
		if !slices.Contains([]string{"content_sha256", "holder_key", "village_key", "grams"}, diff.Column) {
			list = append(list, diff)
		}
	}
	return sealedDifferences(list,
		ledger.Difference{Column: "remark", Old: old.Remark, New: row.Remark},
		ledger.Difference{Column: "other_columns", Old: old.OtherColumns, New: row.OtherColumns})
}

// sealedDifferences adds those of the sealed texts that differ.
func sealedDifferences(list []ledger.Difference, texts ...ledger.Difference) []ledger.Difference {
	for _, t := range texts {
		if t.Old != t.New {
			list = append(list, t)
		}
	}
	return list
}

func verificationDifferences(old *Verification, state *VerificationState) []ledger.Difference {
	row := state.row()
	row.Import = old.Import
	return sealedDifferences(ledger.Diff(old, row),
		ledger.Difference{Column: "conclusion_text", Old: old.ConclusionText, New: row.ConclusionText},
		ledger.Difference{Column: "use_state_text", Old: old.UseStateText, New: row.UseStateText},
		ledger.Difference{Column: "remark", Old: old.Remark, New: row.Remark},
		ledger.Difference{Column: "other_columns", Old: old.OtherColumns, New: row.OtherColumns})
}

// visit decides about one verification; the differences are those from what the book has of the same day.
func (d *decision) visit(rec *record, p *planned, old *Parcel, id *int64) (step, []ledger.Difference, error) {
	state := *rec.visit
	if old != nil {
		state.Parcel = old.ID
		index, key := p.lookUp()
		for _, row := range d.Present.Find(verifications, index, key) {
			if v := row.(*Verification); v.Parcel == old.ID && v.VerifiedOn == state.VerifiedOn {
				return d.again(rec, v)
			}
		}
	}
	return step{rec, false, func() {
		for _, name := range rec.officers {
			state.Officers = append(state.Officers, d.People.Ref(name))
		}
		d.Add("verification.recorded", &state, rec.row, nil, func(int64) { state.Parcel = *id })
	}}, nil, nil
}

// again holds a verification against the one of its day in the book.
func (d *decision) again(rec *record, old *Verification) (step, []ledger.Difference, error) {
	state, list, err := d.overVisit(rec, old)
	if err != nil || len(list) == 0 {
		return step{}, nil, err
	}
	return step{rec, true, func() { d.Add("verification.amended", d.officers(rec, state), rec.row, old, nil) }}, list, nil
}

// overVisit is what a row or a form says of a verification, over what the book says, and the differences. Persons
// that the book does not know are recorded by officers.
func (d *decision) overVisit(rec *record, old *Verification) (*VerificationState, []ledger.Difference, error) {
	state, err := old.state()
	if err != nil {
		return nil, nil, err
	}
	file, has := rec.visit, rec.has
	state.VerifiedOn = file.VerifiedOn
	if has["verified_area"] && !sameArea(state.VerifiedArea, file.VerifiedArea) {
		state.VerifiedArea, state.Written = file.VerifiedArea, file.Written
	}
	if has["conclusion"] {
		state.Conclusions, state.ConclusionText = file.Conclusions, file.ConclusionText
	}
	if has["use_state"] {
		state.UseState, state.UseStateText = file.UseState, file.UseStateText
	}
	if has["remark"] {
		state.Remark = file.Remark
	}
	if file.OtherColumns != nil {
		state.OtherColumns = file.OtherColumns
	}
	if has["officers"] {
		state.Officers = nil
		for _, name := range rec.officers {
			state.Officers = append(state.Officers, d.People.Known(name))
		}
	}
	return state, verificationDifferences(old, state), nil
}

// officers puts the persons of a row or a form into a state, those that the book does not know recorded.
func (d *decision) officers(rec *record, state *VerificationState) *VerificationState {
	if rec.has["officers"] {
		state.Officers = refs(d.People, rec.officers)
	}
	return state
}

func changesOf(row sheet.Row, no string, list []ledger.Difference) []intake.Change {
	changes := make([]intake.Change, len(list))
	for i, diff := range list {
		changes[i] = intake.Change{Sheet: row.Sheet, Row: row.Number, No: no, Field: diff.Column, Old: diff.Old, New: diff.New}
	}
	return changes
}

// shown is a list of differences for a message. Free texts are left out: errors are logged, and they are
// sealed.
func shown(list []ledger.Difference) string {
	var parts []string
	for _, diff := range list {
		switch diff.Column {
		case "remark", "other_columns", "conclusion_text", "use_state_text":
			parts = append(parts, diff.Column)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %s→%s", diff.Column, orDash(diff.Old), orDash(diff.New)))
	}
	return strings.Join(parts, "; ")
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
