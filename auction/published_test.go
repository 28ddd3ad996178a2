package auction_test

import (
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// A result is published when all four hold, and not when any one of them fails.
func TestPublished(t *testing.T) {
	t.Parallel()
	open := ledger.BookProfile{Public: true}
	lot := func(outcome auction.Outcome, verdict string, voided bool) *auction.Lot {
		return &auction.Lot{Outcome: string(outcome), Voided: voided, Standing: ledger.Standing{Verdict: verdict}}
	}
	for _, outcome := range []auction.Outcome{auction.Hammered, auction.Confirmed, auction.Disputed} {
		if !auction.Published(open, lot(outcome, ledger.Approved, false)) {
			t.Errorf("%s, approved, in a disclosed book: not published", outcome)
		}
	}
	for name, l := range map[string]*auction.Lot{
		"voided": lot(auction.Hammered, ledger.Approved, true), "waiting": lot(auction.Hammered, "", false), "returned": lot(auction.Hammered, ledger.Returned, false),
		"defaulted": lot(auction.Defaulted, ledger.Approved, false), "terminated": lot(auction.Terminated, ledger.Approved, false), "unsold": lot(auction.Unsold, ledger.Approved, false),
		"withdrawn": lot(auction.Withdrawn, ledger.Approved, false), "open": lot("", ledger.Approved, false),
	} {
		if auction.Published(open, l) {
			t.Errorf("%s: published", name)
		}
	}
	if auction.Published(ledger.BookProfile{}, lot(auction.Hammered, ledger.Approved, false)) {
		t.Error("published in a book that is not disclosed")
	}
}
