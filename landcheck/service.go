package landcheck

import (
	"context"
	"fmt"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// RecordParcel records a parcel that somebody entered. Without a number the book gives one.
//
// Errors: *ledger.InputError with every fault of the input; conflict parcel.exists, parcel.number_taken (by a parcel
// outside of the scope); denied right.foreign_village.
func RecordParcel(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, in ParcelInput) (ledger.Receipt, error) {
	rec, err := in.read(new(form))
	if err != nil {
		return ledger.Receipt{}, err
	}
	plan := &planned{state: rec.parcel, rows: []*record{rec}}
	if err := outside(scope, &plan.state); err != nil {
		return ledger.Receipt{}, err
	}
	return scope.Do(ctx, ledger.Command{
		Actor: actor, Key: key.Name, Body: key.Body, Reads: reads([]*planned{plan}),
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			d := deciding(p, scope)
			if old := d.find(plan); old != nil {
				index, _ := plan.lookUp()
				return nil, exists(scope, old, plan.shown(), fieldOf(index))
			}
			state := plan.state
			state.Holder = d.heldBy(plan)
			if state.NumberedByBook = state.ParcelNo == ""; state.NumberedByBook {
				state.ParcelNo = numbered(p.Next() + int64(len(d.People.Drafts())))
			}
			return append(d.People.Drafts(), ledger.Draft{Kind: "parcel.recorded", State: &state}), nil
		},
	})
}

// deciding is an import's way of deciding, for one form.
func deciding(p *ledger.Present, scope ledger.Scope) *decision {
	return &decision{Decision: &intake.Decision{Present: p, People: intake.NewPeople(p, p.Next())}, scope: scope}
}

// heldBy is the holder of a parcel, a person recorded where there is none yet.
func (d *decision) heldBy(p *planned) string {
	if name := p.rows[0].holder; name != "" {
		return d.People.Ref(name)
	}
	return p.state.Holder
}

// numbered is the number that the book gives to a parcel without one.
func numbered(seq int64) string { return fmt.Sprintf("账内%d", seq) }

// exists says that a number or code is another parcel's already; of one outside of the scope nothing more.
func exists(scope ledger.Scope, old *Parcel, said, field string) error {
	if !sees(scope, old.VillageKey) {
		return ledger.E(ledger.Conflict, "parcel.number_taken", said).On(field)
	}
	return ledger.E(ledger.Conflict, "parcel.exists", old.ParcelNo).On(field)
}

// AmendParcel replaces what is recorded of a parcel by what somebody entered; what no form shows (other columns,
// how an unchanged area was written) stays, and so does the number where the input has none. It needs a reason.
// seen is the entry that the user saw; 0 asks nothing.
//
// Errors: not found parcel.unknown; conflict record.changed, record.unchanged; those of RecordParcel.
func AmendParcel(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, id, seen int64, in ParcelInput, reason string) (ledger.Receipt, error) {
	f := new(form)
	reason, err := reasonOf(reason)
	f.bad("reason", err)
	rec, err := in.read(f)
	if err != nil {
		return ledger.Receipt{}, err
	}
	plan := &planned{state: rec.parcel, rows: []*record{rec}}
	return change{
		scope: scope, actor: actor, key: key, parcel: id, seen: seen, reads: reads([]*planned{plan}),
		decide: func(p *ledger.Present, s subject) ([]ledger.Draft, error) {
			return amended(deciding(p, scope), plan, s.parcel, reason)
		},
	}.do(ctx)
}

func amended(d *decision, plan *planned, old *Parcel, reason string) ([]ledger.Draft, error) {
	state, err := plan.over(old, d.holder(plan))
	if err != nil {
		return nil, err
	}
	if no := plan.state.ParcelNo; no != "" && no != state.ParcelNo {
		state.ParcelNo, state.NumberedByBook = no, false
		for _, row := range d.Present.Find(parcels, "parcel_no_key", intake.NumberKey(no)) {
			if other := row.(*Parcel); !other.Voided && other.ID != old.ID {
				return nil, exists(d.scope, other, no, "parcel_no")
			}
		}
	}
	if err := outside(d.scope, state); err != nil {
		return nil, err
	}
	if len(parcelDifferences(old, state)) == 0 {
		return nil, ledger.E(ledger.Conflict, "record.unchanged")
	}
	if plan.rows[0].holder != "" {
		state.Holder = d.heldBy(plan)
	}
	return append(d.People.Drafts(), ledger.Draft{Kind: "parcel.amended", State: state, Amends: old, Reason: reason}), nil
}

// VoidParcel strikes out a parcel together with its verifications, which are of nothing without it. It needs
// a reason. seen is the entry of the parcel that the user saw; 0 asks nothing.
//
// Errors: invalid reason.missing; not found parcel.unknown; conflict record.changed.
func VoidParcel(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, id, seen int64, reason string) (ledger.Receipt, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return change{scope: scope, actor: actor, key: key, parcel: id, seen: seen, decide: func(_ *ledger.Present, s subject) ([]ledger.Draft, error) {
		return struck(s, reason)
	}}.do(ctx)
}

// struck voids a parcel and all its verifications.
func struck(s subject, reason string) ([]ledger.Draft, error) {
	var drafts []ledger.Draft
	for _, v := range s.visits {
		state, err := v.state()
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, ledger.Draft{Kind: "verification.voided", State: state, Amends: v, Reason: reason})
	}
	state, err := s.parcel.state()
	if err != nil {
		return nil, err
	}
	return append(drafts, ledger.Draft{Kind: "parcel.voided", State: state, Amends: s.parcel, Reason: reason}), nil
}
