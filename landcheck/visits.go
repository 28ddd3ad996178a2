package landcheck

import (
	"context"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// Verify records a verification of a parcel. today bounds its date.
//
// Errors: *ledger.InputError with every fault of the input; not found parcel.unknown; conflict verification.exists.
func Verify(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, parcel int64, in VerificationInput, today ledger.Day) (ledger.Receipt, error) {
	rec, err := in.read(new(form), today)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return change{
		scope: scope, actor: actor, key: key, parcel: parcel, reads: []ledger.Read{intake.ReadPeople(rec.officers)},
		decide: func(p *ledger.Present, s subject) ([]ledger.Draft, error) {
			state := *rec.visit
			if err := s.free(scope, state.VerifiedOn, 0); err != nil {
				return nil, err
			}
			people := intake.NewPeople(p, p.Next())
			state.Parcel, state.Officers = s.parcel.ID, refs(people, rec.officers)
			return append(people.Drafts(), ledger.Draft{Kind: "verification.recorded", State: &state}), nil
		},
	}.do(ctx)
}

// free refuses a day on which the parcel has a verification already, but for the one of the record except.
func (s subject) free(scope ledger.Scope, day ledger.Day, except int64) error {
	for _, v := range s.visits {
		if v.VerifiedOn == day && v.ID != except {
			return ledger.E(ledger.Conflict, "verification.exists", s.parcel.ParcelNo, day.String()).On("verified_on")
		}
	}
	if !scope.Covers(s.parcel.VillageKey, &day) {
		return ledger.E(ledger.Denied, "right.foreign_day", day.String()).On("verified_on")
	}
	return nil
}

// AmendVerification replaces what is recorded of a verification by what somebody entered, its date too; what no
// form shows stays. It needs a reason. seen is the entry that the user saw; 0 asks nothing.
//
// Errors: not found verification.unknown_record; conflict record.changed, record.unchanged; those of Verify.
func AmendVerification(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, verification, seen int64, in VerificationInput, reason string, today ledger.Day) (ledger.Receipt, error) {
	f := new(form)
	reason, err := reasonOf(reason)
	f.bad("reason", err)
	rec, err := in.read(f, today)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return change{
		scope: scope, actor: actor, key: key, verification: verification, seen: seen, reads: []ledger.Read{intake.ReadPeople(rec.officers)},
		decide: func(p *ledger.Present, s subject) ([]ledger.Draft, error) {
			if err := s.free(scope, rec.visit.VerifiedOn, s.verification.ID); err != nil {
				return nil, err
			}
			d := deciding(p, scope)
			state, list, err := d.overVisit(rec, s.verification)
			if err != nil {
				return nil, err
			}
			if len(list) == 0 {
				return nil, ledger.E(ledger.Conflict, "record.unchanged")
			}
			d.officers(rec, state)
			return append(d.People.Drafts(), ledger.Draft{Kind: "verification.amended", State: state, Amends: s.verification, Reason: reason}), nil
		},
	}.do(ctx)
}

// VoidVerification strikes out a verification. It needs a reason. seen is the entry that the user saw; 0 asks
// nothing.
//
// Errors: invalid reason.missing; not found verification.unknown_record; conflict record.changed.
func VoidVerification(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, verification, seen int64, reason string) (ledger.Receipt, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return change{scope: scope, actor: actor, key: key, verification: verification, seen: seen, decide: func(_ *ledger.Present, s subject) ([]ledger.Draft, error) {
		state, err := s.verification.state()
		if err != nil {
			return nil, err
		}
		return []ledger.Draft{{Kind: "verification.voided", State: state, Amends: s.verification, Reason: reason}}, nil
	}}.do(ctx)
}
