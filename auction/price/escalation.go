package price

import (
	"math/big"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// Step is a price that stands for some years.
type Step struct {
	Years int          `json:"years"`
	Price ledger.Price `json:"price"`
}

// Escalation is how the price moves over the lease years. The raises come every Every years, the first of
// them in lease year From: Percent of the price before (compounding), or Amount more per unit. Steps
// are fixed prices of the first years. Text is what the paper says; where Understood is false, only
// the text is known, which flat does not need and escalated refuses.
type Escalation struct {
	Text       string          `json:"text"`
	Understood bool            `json:"understood"`
	Every      int             `json:"every"`
	From       int             `json:"from"`
	Percent    decimal.Decimal `json:"percent"`
	Amount     ledger.Price    `json:"amount"`
	Steps      []Step          `json:"steps,omitempty"`
}

// IsNone tells whether the price stays as it is.
func (e Escalation) IsNone() bool { return e.Understood && e.Every == 0 && len(e.Steps) == 0 }

// price is what one unit costs in lease year y, from 1.
func (e Escalation) price(first ledger.Price, y int) *big.Rat {
	p, left := first.Rat(), y
	for _, s := range e.Steps {
		p = s.Price.Rat()
		if left <= s.Years {
			return p
		}
		left -= s.Years
	}
	if e.Every <= 0 || y < e.From {
		return p
	}
	raises := int64((y-e.From)/e.Every + 1)
	if e.Amount.Sign() != 0 {
		return p.Add(p, new(big.Rat).Mul(e.Amount.Rat(), big.NewRat(raises, 1)))
	}
	factor := new(big.Rat).Add(big.NewRat(1, 1), new(big.Rat).Quo(e.Percent.Rat(), big.NewRat(100, 1)))
	for range raises {
		p.Mul(p, factor)
	}
	return p
}

// RentFree is the time that costs nothing: at the start, or at the end when the paper says so.
// Text is what the paper says; where Understood is false, only the text is known.
type RentFree struct {
	Text       string `json:"text"`
	Understood bool   `json:"understood"`
	Months     int    `json:"months"`
	Days       int    `json:"days"`
	AtEnd      bool   `json:"at_end"`
}

// IsNone tells whether there is no such time.
func (f RentFree) IsNone() bool { return f.Understood && f.Months == 0 && f.Days == 0 }
