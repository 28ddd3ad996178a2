package auction

import (
	"cmp"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// within refuses a state that lies outside the scope: denied right.foreign_village.
func (s *LotState) within(scope ledger.Scope) error {
	if scope.Covers(s.villageKey(), s.HammeredOn) {
		return nil
	}
	return ledger.E(ledger.Denied, "right.foreign_village", cmp.Or(s.Village, s.Collective, "—")).On("collective")
}

// covers tells whether a listing of the book lies in the scope; to whom it does not, it is not there.
func covers(scope ledger.Scope, l *Lot) bool { return scope.Covers(l.VillageKey, l.HammeredOn) }

// taken tells whether a listing outside the scope is among those of a number.
func taken(scope ledger.Scope, rows []ledger.Row) bool {
	for _, row := range rows {
		if !covers(scope, row.(*Lot)) {
			return true
		}
	}
	return false
}

// Target is the listing as a review names it. l was read just now: its entry is what the reviewer saw.
func (l *Lot) Target() review.Target {
	return review.Target{Kind: "lot", Table: lots, Index: byNumber, Key: l.LotNoKey, Record: l.ID, Entry: l.SeqFrom}
}
