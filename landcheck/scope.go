package landcheck

import (
	"cmp"

	"mingzhang/ledger"
)

// sees tells whether a scope reaches a village. Parcels have no day: a scope of some days bounds verifications.
func sees(scope ledger.Scope, villageKey string) bool {
	return scope.Between(nil, nil).Covers(villageKey, nil)
}

// bound is the column that says which village a parcel belongs to.
func (s *ParcelState) bound() string {
	if s.Village == "" {
		return "holder"
	}
	return "village"
}

// outside refuses a state that would lie outside of the scope: denied right.foreign_village. Nobody writes what
// they could not read.
func outside(scope ledger.Scope, s *ParcelState) error {
	if sees(scope, s.villageKey()) {
		return nil
	}
	return ledger.E(ledger.Denied, "right.foreign_village", orDash(cmp.Or(s.Village, s.organisation()))).On(s.bound())
}

// taken says that a number or code is that of a parcel outside of the scope, and nothing of that parcel.
func taken(number string) error {
	return ledger.E(ledger.Conflict, "parcel.number_taken", number)
}

// fieldOf is the column of the index that a parcel is found by.
func fieldOf(index string) string {
	if index == "parcel_code" {
		return index
	}
	return "parcel_no"
}
