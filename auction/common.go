package auction

import (
	"github.com/go-playground/validator/v10"

	"mingzhang/auction/price"
)

// common is what the lots of a file have in common: a register has few texts, each many times.
type common struct {
	check      *validator.Validate
	rentFree   map[string]price.RentFree
	escalation map[string]price.Escalation
}

func newCommon() *common {
	return &common{lengths(), map[string]price.RentFree{}, map[string]price.Escalation{}}
}

// once reads a text, or has read it before.
func once[V any](known map[string]V, text string, read func(string) V) V {
	v, ok := known[text]
	if !ok {
		v = read(text)
		if len(known) < wordsMax {
			known[text] = v
		}
	}
	return v
}
