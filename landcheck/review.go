package landcheck

import "mingzhang/ledger/review"

// ReviewOfParcel is a parcel as a reviewer sees it. Whoever amends or voids it finds it by the same index, so that
// the two come in one order.
func ReviewOfParcel(p *Parcel) review.Target {
	return review.Target{Kind: "parcel", Table: parcels, Index: "parcel_no_key", Key: p.ParcelNoKey, Record: p.ID, Entry: p.SeqFrom}
}

// ReviewOfVerification is ReviewOfParcel's twin.
func ReviewOfVerification(v *Verification) review.Target {
	return review.Target{Kind: "verification", Table: verifications, Index: "parcel_no_key", Key: v.ParcelNoKey, Record: v.ID, Entry: v.SeqFrom}
}
