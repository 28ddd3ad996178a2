package landcheck

import (
	"cmp"
	"encoding/json"
	"strings"

	"mingzhang/ledger"
)

// ParcelInputOf fills the form for an amendment with what FindParcel read: entered again as it is, nothing changes.
func ParcelInputOf(p *Parcel) ParcelInput {
	in := ParcelInput{
		ParcelNo: p.ParcelNo, ParcelCode: p.ParcelCode, Name: p.Name, Owner: p.Owner, Category: p.Category, Holder: cmp.Or(p.HolderName, p.Holder),
		Village: p.Village, Location: p.Location, TenureRight: p.TenureRight, TenureNature: p.TenureNature, Remark: p.Remark,
	}
	if p.RegisteredArea != nil {
		in.RegisteredArea = p.RegisteredArea.String()
	}
	if p.FloorArea != nil {
		in.FloorArea = p.FloorArea.String()
	}
	return in
}

// VerificationInputOf is ParcelInputOf's twin. Conclusions and use states are named in a language; both are read.
func VerificationInputOf(v *Verification, lang ledger.Lang) VerificationInput {
	words := func(list []word, column, own string) string {
		var parts []string
		for _, code := range listOf(column) {
			parts = append(parts, nameOf(list, code).In(lang))
		}
		if own != "" {
			parts = append(parts, own)
		}
		return strings.Join(parts, "、")
	}
	in := VerificationInput{
		VerifiedOn: v.VerifiedOn.String(), Officers: strings.Join(v.OfficerNames, "、"), Remark: v.Remark,
		Conclusion: words(conclusions(), v.Conclusions, v.ConclusionText), UseState: words(useStates(), v.UseState, v.UseStateText),
	}
	if v.VerifiedArea != nil {
		in.VerifiedArea = v.VerifiedArea.String()
	}
	return in
}

// writtenOf reads a column that holds how figures stood in the paper.
func writtenOf(column string) []Written {
	var list []Written
	if err := json.Unmarshal([]byte(column), &list); err != nil {
		return nil // a column that somebody changed: check finds it
	}
	return list
}
