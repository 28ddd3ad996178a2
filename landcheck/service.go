package landcheck

import (
	"context"
	"errors"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// VerificationInput is what somebody enters of one verification, in the words that a register has.
type VerificationInput struct {
	VerifiedOn   string
	VerifiedArea string // 12.5, 12.5亩, 0.7655公顷; a bare number is mu; blank: visited, no area found
	Officers     string // 甲、乙
	Conclusion   string // 面积不符、使用人不符
	UseState     string
	Remark       string
}

// read checks the input. today bounds the date.
func (in VerificationInput) read(today ledger.Day) (*VerificationState, []string, error) {
	for field, text := range map[string]string{
		"verified_area": in.VerifiedArea, "officers": in.Officers, "conclusion": in.Conclusion, "use_state": in.UseState, "remark": in.Remark,
	} {
		if err := ledger.Clean(ledger.Normal(text)); err != nil {
			return nil, nil, on(field, err)
		}
	}
	v := &VerificationState{Remark: ledger.Seal(ledger.Normal(in.Remark))}
	if strings.TrimSpace(in.VerifiedOn) == "" {
		return nil, nil, ledger.E(ledger.Invalid, "parcel.verified_on_missing").On("verified_on")
	}
	var err error
	if v.VerifiedOn, err = ledger.ParseDay(in.VerifiedOn); err != nil {
		return nil, nil, on("verified_on", err)
	}
	if v.VerifiedOn.After(today) {
		return nil, nil, ledger.E(ledger.Invalid, "day.future", v.VerifiedOn.String(), today.String()).On("verified_on")
	}
	if text := strings.TrimSpace(in.VerifiedArea); text != "" {
		area, w, err := ledger.ParseAreaText(text, ledger.Mu)
		if err == nil && area.Sign() <= 0 {
			err = ledger.E(ledger.Invalid, "amount.not_positive", text)
		}
		if err != nil {
			return nil, nil, on("verified_area", err)
		}
		v.VerifiedArea = &area
		keep(&v.Written, "verified_area", w)
	}
	if field, err := v.words(ledger.Normal(in.Conclusion), ledger.Normal(in.UseState)); err != nil {
		return nil, nil, on(field, err)
	}
	names := officerNames(in.Officers)
	if err := tooMany(names); err != nil {
		return nil, nil, on("officers", err)
	}
	return v, names, nil
}

func on(field string, err error) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.On(field)
	}
	return err
}

// Verify records a verification of a parcel. today bounds its date.
//
// Errors: not found parcel.unknown, conflict verification.exists, those of the input.
func Verify(ctx context.Context, book *ledger.Book, actor ledger.Actor, parcelNo string, in VerificationInput, today ledger.Day) (ledger.Receipt, error) {
	state, names, err := in.read(today)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return book.Do(ctx, ledger.Command{Actor: actor, Reads: readsOf(parcelNo, names), Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		parcel, found, err := lookUp(p, parcelNo, state.VerifiedOn)
		if err != nil {
			return nil, err
		}
		if found != nil {
			return nil, ledger.E(ledger.Conflict, "verification.exists", parcel.ParcelNo, state.VerifiedOn.String()).On("verified_on")
		}
		s := *state
		s.Parcel = parcel.ID
		people := intake.NewPeople(p, p.Next())
		s.Officers = refs(people, names)
		return append(people.Drafts(), ledger.Draft{Kind: "verification.recorded", State: &s}), nil
	}})
}

// AmendVerification replaces what is recorded of a parcel's verification of the input's date. It needs a
// reason.
//
// Errors: not found parcel.unknown and verification.unknown, those of the input.
func AmendVerification(ctx context.Context, book *ledger.Book, actor ledger.Actor, parcelNo string, in VerificationInput, reason string, today ledger.Day) (ledger.Receipt, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return ledger.Receipt{}, err
	}
	state, names, err := in.read(today)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return book.Do(ctx, ledger.Command{Actor: actor, Reads: readsOf(parcelNo, names), Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		parcel, old, err := lookUp(p, parcelNo, state.VerifiedOn)
		if err != nil {
			return nil, err
		}
		if old == nil {
			return nil, unknownVerification(parcel, state.VerifiedOn)
		}
		s := *state
		s.Parcel, s.OtherColumns = parcel.ID, ledger.Seal(old.OtherColumns)
		people := intake.NewPeople(p, p.Next())
		s.Officers = refs(people, names)
		return append(people.Drafts(), ledger.Draft{Kind: "verification.amended", State: &s, Amends: old, Reason: reason}), nil
	}})
}

// VoidVerification strikes out a parcel's verification of a day. It needs a reason.
//
// Errors: not found parcel.unknown and verification.unknown.
func VoidVerification(ctx context.Context, book *ledger.Book, actor ledger.Actor, parcelNo string, verifiedOn ledger.Day, reason string) (ledger.Receipt, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return book.Do(ctx, ledger.Command{Actor: actor, Reads: readsOf(parcelNo, nil), Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		parcel, old, err := lookUp(p, parcelNo, verifiedOn)
		if err != nil {
			return nil, err
		}
		if old == nil {
			return nil, unknownVerification(parcel, verifiedOn)
		}
		state, err := old.state()
		if err != nil {
			return nil, err
		}
		return []ledger.Draft{{Kind: "verification.voided", State: state, Amends: old, Reason: reason}}, nil
	}})
}

// VoidParcel strikes out a parcel together with its verifications, which are of nothing without it. It needs
// a reason.
//
// Errors: not found parcel.unknown.
func VoidParcel(ctx context.Context, book *ledger.Book, actor ledger.Actor, parcelNo, reason string) (ledger.Receipt, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return book.Do(ctx, ledger.Command{Actor: actor, Reads: readsOf(parcelNo, nil), Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
		parcel, _, err := lookUp(p, parcelNo, ledger.Day{})
		if err != nil {
			return nil, err
		}
		var drafts []ledger.Draft
		for _, v := range visitsOf(p, parcel) {
			state, err := v.state()
			if err != nil {
				return nil, err
			}
			drafts = append(drafts, ledger.Draft{Kind: "verification.voided", State: state, Amends: v, Reason: reason})
		}
		state, err := parcel.state()
		if err != nil {
			return nil, err
		}
		return append(drafts, ledger.Draft{Kind: "parcel.voided", State: state, Amends: parcel, Reason: reason}), nil
	}})
}

func readsOf(parcelNo string, names []string) []ledger.Read {
	key := []string{intake.NumberKey(parcelNo)}
	return []ledger.Read{
		{Table: parcels, Index: "parcel_no_key", Keys: key}, {Table: verifications, Index: "parcel_no_key", Keys: key}, intake.ReadPeople(names),
	}
}

// lookUp finds a parcel and its verification of a day; the second is nil where there is none.
func lookUp(p *ledger.Present, parcelNo string, day ledger.Day) (*Parcel, *Verification, error) {
	for _, row := range p.Find(parcels, "parcel_no_key", intake.NumberKey(parcelNo)) {
		parcel := row.(*Parcel)
		if parcel.Voided {
			continue // by a command of the same group
		}
		for _, v := range visitsOf(p, parcel) {
			if v.VerifiedOn == day {
				return parcel, v, nil
			}
		}
		return parcel, nil, nil
	}
	return nil, nil, ledger.E(ledger.NotFound, "parcel.unknown", parcelNo).On("parcel_no")
}

// visitsOf are the current verifications of a parcel.
func visitsOf(p *ledger.Present, parcel *Parcel) []*Verification {
	var list []*Verification
	for _, row := range p.Find(verifications, "parcel_no_key", parcel.ParcelNoKey) {
		if v := row.(*Verification); v.Parcel == parcel.ID && !v.Voided {
			list = append(list, v)
		}
	}
	return list
}

func refs(people *intake.People, names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, people.Ref(name))
	}
	return list
}

func reasonOf(reason string) (string, error) {
	reason = ledger.Normal(reason)
	if reason == "" {
		return "", ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	return reason, nil
}

func unknownVerification(parcel *Parcel, day ledger.Day) error {
	return ledger.E(ledger.NotFound, "verification.unknown", parcel.ParcelNo, day.String()).On("verified_on")
}
