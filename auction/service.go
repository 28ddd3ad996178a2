package auction

import (
	"context"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// Void strikes a listing of a lot out (作废): it leaves every sum, its number is free again, and both its
// entries stay visible. listing 0 means the only one.
//
// Errors: invalid reason.missing, lot.which_listing; not_found lot.unknown.
func Void(ctx context.Context, scope ledger.Scope, actor ledger.Actor, lotNo string, listing int64, reason string) (ledger.Receipt, error) {
	reason = ledger.Normal(reason)
	if reason == "" {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	key := intake.NumberKey(lotNo)
	return scope.Do(ctx, ledger.Command{
		Actor: actor, Reads: []ledger.Read{{Table: lots, Index: byNumber, Keys: []string{key}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			l, err := pick(scope, p.Find(lots, byNumber, key), lotNo, listing)
			if err != nil {
				return nil, err
			}
			return voiding(l, reason)
		},
	})
}

// voiding is the entry that strikes a listing out.
func voiding(l *Lot, reason string) ([]ledger.Draft, error) {
	state, err := l.State()
	if err != nil {
		return nil, err
	}
	return []ledger.Draft{{Kind: "lot.voided", Amends: l, Reason: reason, State: state}}, nil
}

// State is the whole state of a listing, from its entry. Each entry seals its own texts anew.
func (l *Lot) State() (*LotState, error) {
	state := new(LotState)
	if err := ledger.StateOf(l.Body, state); err != nil {
		return nil, err
	}
	state.Remark, state.OtherColumns = ledger.Seal(l.Remark), ledger.Seal(l.OtherColumns)
	return state, nil
}

// pick finds the listing that is meant.
func pick(scope ledger.Scope, rows []ledger.Row, lotNo string, listing int64) (*Lot, error) {
	var found []*Lot
	for _, row := range rows {
		if l := row.(*Lot); covers(scope, l) && !l.Voided && (listing == 0 || l.Listing == listing) {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 0:
		return nil, ledger.E(ledger.NotFound, "lot.unknown", lotNo).On("lot_no")
	case 1:
		return found[0], nil
	}
	return nil, ledger.E(ledger.Invalid, "lot.which_listing", lotNo, len(found)).On("listing")
}
