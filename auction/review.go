package auction

import "mingzhang/ledger/review"

// ReviewOf is a listing as a reviewer sees it. Whoever amends or voids it finds it by the same index, so that the
// two come in one order.
func ReviewOf(l *Lot) review.Target {
	return review.Target{Kind: "lot", Table: lots, Index: byNumber, Key: l.LotNoKey, Record: l.ID, Entry: l.SeqFrom}
}
