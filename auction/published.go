package auction

import (
	"context"
	"crypto/subtle"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// Published tells whether a listing's result is one that strangers may look up and that a public export shows: its
// book's disclosure is on, it was sold in a sense that enters premium sums, it is not voided, and a review has
// approved its current entry.
func Published(book ledger.BookProfile, l *Lot) bool {
	return book.Public && Outcome(l.Outcome).Sold() && !l.Voided && l.Approved()
}

// Result is a published result with the entry that it stands in.
type Result struct {
	Lot     *Lot
	Entry   ledger.LogEntry
	Profile ledger.BookProfile
}

// FindPublished finds the published result of a check code. Whatever is wrong with the code, the entry or the result,
// it is the same error, and a code that is not right costs no more than one that is.
//
// Errors: not_found check_code.unknown.
func FindPublished(ctx context.Context, book *ledger.Book, code ledger.CheckCode) (*Result, error) {
	none := ledger.E(ledger.NotFound, "check_code.unknown")
	profile, err := book.Profile(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := book.EntryAt(ctx, code.Seq)
	if ledger.CodeOf(err) == ledger.NotFound || !profile.Public && err == nil {
		return nil, none.Because(err)
	}
	if err != nil {
		return nil, err
	}
	own := entry.CheckCode()
	if subtle.ConstantTimeCompare(own.Prefix[:], code.Prefix[:]) != 1 {
		return nil, none
	}
	l, err := Find(ctx, book.DB(), ledger.WholeBook(book), entry.Record)
	switch {
	case ledger.CodeOf(err) == ledger.NotFound:
		return nil, none.Because(err) // an entry of something else
	case err != nil:
		return nil, err
	case l.SeqFrom != entry.Seq || !Published(profile, l):
		return nil, none
	}
	return &Result{Lot: l, Entry: entry, Profile: profile}, nil
}

// LotID finds the current listing of a number; listing 0 means the only one.
//
// Errors: invalid lot.which_listing; not_found lot.unknown.
func LotID(ctx context.Context, scope ledger.Scope, lotNo string, listing int64) (int64, error) {
	book, err := scope.BookID()
	if err != nil {
		return 0, err
	}
	b, err := scope.Book()
	if err != nil {
		return 0, err
	}
	found, _, err := currentLots(ctx, b.DB(), book, "lot_no_key", []string{intake.NumberKey(lotNo)})
	if err != nil {
		return 0, err
	}
	l, err := pick(scope, ledger.RowsOf(found), lotNo, listing)
	if err != nil {
		return 0, err
	}
	return l.ID, nil
}
