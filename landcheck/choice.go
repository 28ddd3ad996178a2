package landcheck

import "mingzhang/ledger"

// Choice is a code of a list with its name.
type Choice struct {
	Code string      `json:"code"`
	Name ledger.Text `json:"name"`
}

func choicesOf(list []word) []Choice {
	choices := make([]Choice, len(list))
	for i, w := range list {
		choices[i] = Choice{w.code, w.name}
	}
	return choices
}

// Owners are the owners that a parcel can have.
func Owners() []Choice { return choicesOf(owners()) }

// Categories are the categories that have a code; a paper may have its own words.
func Categories() []Choice {
	var list []word
	for _, c := range categories() {
		list = append(list, c.word)
	}
	return choicesOf(list)
}

// TenureRights are the types of right in land.
func TenureRights() []Choice { return choicesOf(rights()) }

// TenureNatures are the natures of a right.
func TenureNatures() []Choice { return choicesOf(natures()) }

// Conclusions are what a verification can find; several may hold.
func Conclusions() []Choice { return choicesOf(conclusions()) }

// UseStates are the ways in which land is used; several may hold.
func UseStates() []Choice { return choicesOf(useStates()) }
