package auction

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// Record records a listing that somebody typed. A number that failed before is listed again; without a number the
// book gives one. The record's number is the receipt's Last.
//
// Errors: *ledger.InputError with every fault; denied right.foreign_village; conflict lot.exists, lot.number_taken.
func Record(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, in LotInput, today ledger.Day) (ledger.Receipt, error) {
	p, err := in.read(today)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if err := p.state.within(scope); err != nil {
		return ledger.Receipt{}, err
	}
	number := intake.NumberKey(p.state.LotNo)
	reads := []ledger.Read{intake.ReadPeople(named(p.winner))}
	if number != "" {
		reads = append(reads, ledger.Read{Table: lots, Index: byNumber, Keys: []string{number}})
	} else {
		reads = append(reads, ledger.Read{Table: lots, Index: "content_sha256", Keys: []string{p.state.content()}})
	}
	return scope.Do(ctx, ledger.Command{
		Actor: actor, Key: key.Name, Body: key.Body, Reads: reads,
		Decide: func(present *ledger.Present) ([]ledger.Draft, error) {
			state := p.state // each time anew: it may be decided again
			people := intake.NewPeople(present, present.Next())
			state.Winner = people.Ref(p.winner)
			drafts := people.Drafts()
			var err error
			if number != "" {
				state.Listing, err = nextListing(scope, present.Find(lots, byNumber, number), &state)
			} else {
				err = numberByBook(present, &state, present.Next()+int64(len(drafts)))
			}
			if err != nil {
				return nil, err
			}
			return append(drafts, ledger.Draft{Kind: "lot.recorded", State: sealedAnew(&state)}), nil
		},
	})
}

// named is a name as a list to be looked up; nobody is none.
func named(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// sealedAnew gives a state seals of its own: a command that is decided again must not share them.
func sealedAnew(s *LotState) *LotState {
	s.Remark, s.OtherColumns = ledger.Seal(s.Remark.Text()), ledger.Seal(s.OtherColumns.Text())
	return s
}

// numberByBook numbers a listing without a number of its own, unless the book has just the same.
func numberByBook(present *ledger.Present, state *LotState, seq int64) error {
	for _, row := range present.Find(lots, "content_sha256", state.content()) {
		l := row.(*Lot)
		return ledger.E(ledger.Conflict, "lot.exists", l.LotNo, l.Listing).On("asset_name")
	}
	state.LotNo, state.NumberedByBook, state.Listing = bookNumber(seq), true, 1
	return nil
}

// bookNumber is the number that the book gives to a listing that has none.
func bookNumber(seq int64) string { return fmt.Sprintf("账内%d", seq) }

// nextListing is which listing of its number a new one is: the number must be free, or what it was listed for must
// have failed. The same day with the same outcome is the same listing.
func nextListing(scope ledger.Scope, rows []ledger.Row, state *LotState) (int64, error) {
	if taken(scope, rows) {
		return 0, ledger.E(ledger.Conflict, "lot.number_taken", state.LotNo).On("lot_no")
	}
	var last *Lot
	for _, row := range rows {
		l := row.(*Lot)
		if l.Outcome == string(state.Outcome) && sameDay(l.HammeredOn, state.HammeredOn) {
			return 0, ledger.E(ledger.Conflict, "lot.exists", l.LotNo, l.Listing).On("lot_no")
		}
		if last == nil || l.Listing > last.Listing {
			last = l
		}
	}
	if last == nil {
		return 1, nil
	}
	if !Outcome(last.Outcome).Listable() {
		return 0, ledger.E(ledger.Conflict, "lot.exists", last.LotNo, last.Listing).On("lot_no")
	}
	return last.Listing + 1, nil
}

// VoidLot strikes a listing out, by its number in the book. seen is the entry that the user saw; 0 asks nothing.
//
// Errors: invalid reason.missing; not_found lot.unknown; conflict record.changed.
func VoidLot(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, id, seen int64, reason string) (ledger.Receipt, error) {
	reason = ledger.Normal(reason)
	if reason == "" {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	return change(ctx, scope, id, seen, ledger.Command{Actor: actor, Key: key.Name, Body: key.Body},
		func(_ *ledger.Present, l *Lot) ([]ledger.Draft, error) { return voiding(l, reason) })
}

// unknown says that a listing is not there, or not for whom asks.
func unknown(id int64) error { return ledger.E(ledger.NotFound, "lot.unknown", fmt.Sprint(id)) }

// errMoved says that a record got another number between looking it up and deciding.
var errMoved = errors.New("auction: the lot got another number")

// change runs a command on the current row of a listing of the scope. Every command that changes a listing reads it
// by its lot number, so that the sequencer puts them in one order; the number is looked up first.
func change(ctx context.Context, scope ledger.Scope, id, seen int64, c ledger.Command, decide func(*ledger.Present, *Lot) ([]ledger.Draft, error)) (ledger.Receipt, error) {
	reads := c.Reads
	for {
		number, err := numberOf(ctx, scope, id)
		if err != nil {
			return ledger.Receipt{}, err
		}
		c.Reads = slices.Concat(reads, []ledger.Read{{Table: lots, Index: byNumber, Keys: named(number)}})
		c.Decide = func(present *ledger.Present) ([]ledger.Draft, error) {
			for _, row := range present.Find(lots, byNumber, number) {
				l := row.(*Lot)
				if l.ID != id {
					continue
				}
				if !covers(scope, l) {
					break
				}
				if err := ledger.Seen(l, seen); err != nil {
					return nil, err
				}
				return decide(present, l)
			}
			return nil, errMoved
		}
		receipt, err := scope.Do(ctx, c)
		if !errors.Is(err, errMoved) {
			return receipt, err
		}
		again, err := numberOf(ctx, scope, id)
		if err != nil {
			return receipt, err
		}
		if again == number {
			return receipt, unknown(id)
		}
	}
}
