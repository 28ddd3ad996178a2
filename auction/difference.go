package auction

import "mingzhang/ledger"

// derived tells whether a column only says anew what others say.
func derived(column string) bool {
	switch column {
	case "content_sha256", "grams", "village_key", "collective_key", "lot_no_key":
		return true
	}
	return false
}

// differences are the columns in which two listings say something else, the sealed texts among them.
func differences(old, changed *Lot) []ledger.Difference {
	var list []ledger.Difference
	for _, diff := range ledger.Diff(old, changed) {
		if !derived(diff.Column) {
			list = append(list, diff)
		}
	}
	for _, sealed := range []ledger.Difference{
		{Column: "remark", Old: old.Remark, New: changed.Remark}, {Column: "other_columns", Old: old.OtherColumns, New: changed.OtherColumns},
	} {
		if sealed.Old != sealed.New {
			list = append(list, sealed)
		}
	}
	return list
}
