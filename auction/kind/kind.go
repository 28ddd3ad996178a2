package kind

import (
	"slices"

	"mingzhang/ledger"
)

// Kind is one sort of asset. Its aliases are what tables call it; names are read first.
type Kind struct {
	Code    string // snake_case, kept in entries
	Name    ledger.Text
	Aliases []string
}

// Other is the kind of what the list does not know; the paper's own word is kept beside it.
const Other = "other"

// All are all kinds, in the order in which reports list them.
func All() []Kind { return slices.Concat(land(), buildings(), rights()) }

// Find reads a kind as a table calls it. What is unknown is Other; blank is no kind at all.
func Find(text string) string {
	folded := ledger.Fold(text)
	if folded == "" {
		return ""
	}
	for _, k := range All() {
		if folded == k.Code || folded == k.Name.ZH || folded == ledger.Fold(k.Name.EN) || slices.Contains(k.Aliases, folded) {
			return k.Code
		}
	}
	return Other
}

// Name is a kind's name; of an unknown code it is the code.
func Name(code string) ledger.Text {
	for _, k := range All() {
		if k.Code == code {
			return k.Name
		}
	}
	return ledger.Text{ZH: code, EN: code}
}
