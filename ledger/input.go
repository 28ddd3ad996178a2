package ledger

import "strings"

// InputError is all that is wrong with an input. The field of a fault is the key of the input it stands beside:
// base_total, lines.1.base_price.
type InputError struct{ Faults []*Error }

// Error is the operator's line.
func (e *InputError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "; ")
}

// Unwrap gives the faults.
func (e *InputError) Unwrap() []error {
	list := make([]error, len(e.Faults))
	for i, f := range e.Faults {
		list[i] = f
	}
	return list
}

// Choice is a word that a field can have, for a form to choose from.
type Choice struct {
	Code string `json:"code"`
	Name Text   `json:"name"`
}
