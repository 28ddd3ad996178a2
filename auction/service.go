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
func Void(ctx context.Context, book *ledger.Book, actor ledger.Actor, lotNo string, listing int64, reason string) (ledger.Receipt, error) {
	reason = ledger.Normal(reason)
	if reason == "" {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	key := intake.NumberKey(lotNo)
	return book.Do(ctx, ledger.Command{
		Actor: actor, Reads: []ledger.Read{{Table: lots, Index: "lot_no_key and entry", Keys: []string{key}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			l, err := pick(p.Find(lots, "lot_no_key and entry", key), lotNo, listing)
			if err != nil {
				return nil, err
			}
			state := new(LotState)
			if err := ledger.StateOf(l.Body, state); err != nil {
				return nil, err
			}
			// Each entry seals its own texts anew.
			state.Remark, state.OtherColumns = ledger.Seal(l.Remark), ledger.Seal(l.OtherColumns)
			return []ledger.Draft{{Kind: "lot.voided", Amends: l, Reason: reason, State: state}}, nil
		},
	})
}

// pick finds the listing that is meant.
func pick(rows []ledger.Row, lotNo string, listing int64) (*Lot, error) {
	var found []*Lot
	for _, row := range rows {
		if l := row.(*Lot); !l.Voided && (listing == 0 || l.Listing == listing) {
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
