package landcheck

import (
	"mingzhang/ledger"
)

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
