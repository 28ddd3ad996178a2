package landcheck

import "mingzhang/ledger"

func choicesOf(list []word) []ledger.Choice {
	choices := make([]ledger.Choice, len(list))
	for i, w := range list {
		choices[i] = ledger.Choice{Code: w.code, Name: w.name}
	}
	return choices
}

// Owners are the owners that a parcel can have.
func Owners() []ledger.Choice { return choicesOf(owners()) }

// Categories are the categories that have a code; a paper may have its own words.
func Categories() []ledger.Choice {
	var list []word
	for _, c := range categories() {
		list = append(list, c.word)
	}
	return choicesOf(list)
}

// TenureRights are the types of right in land.
func TenureRights() []ledger.Choice { return choicesOf(rights()) }

// TenureNatures are the natures of a right.
func TenureNatures() []ledger.Choice { return choicesOf(natures()) }

// Conclusions are what a verification can find; several may hold.
func Conclusions() []ledger.Choice { return choicesOf(conclusions()) }

// UseStates are the ways in which land is used; several may hold.
func UseStates() []ledger.Choice { return choicesOf(useStates()) }
