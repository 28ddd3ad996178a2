package main

import (
	"math/big"
	"strings"
)

// decimal reads an exact number; ok is false for what is none.
func decimal(s string) (*big.Rat, bool) {
	if !isDecimal([]byte(s), 0, 30) && !isDecimal([]byte(s), 2, 2) && !isDecimal([]byte(s), 4, 4) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// fixed prints a number with so many decimals, rounded once, half away from zero.
func fixed(r *big.Rat, places int) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	num := new(big.Int).Abs(r.Num())
	num.Mul(num, scale).Mul(num, big.NewInt(2)).Add(num, r.Denom())
	num.Quo(num, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	digits := num.String()
	if short := places + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	if places > 0 {
		digits = digits[:len(digits)-places] + "." + digits[len(digits)-places:]
	}
	if r.Sign() < 0 && num.Sign() > 0 {
		digits = "-" + digits
	}
	return digits
}

// rounded is the number that fixed prints.
func rounded(r *big.Rat, places int) *big.Rat {
	n, _ := new(big.Rat).SetString(fixed(r, places))
	return n
}

// quotient is a rate with four decimals; nil where there is nothing to divide by.
func quotient(part, whole *big.Rat) *string {
	if whole.Sign() == 0 {
		return nil
	}
	s := fixed(new(big.Rat).Quo(part, whole), 4)
	return &s
}

func percent(rate *string) string {
	if rate == nil {
		return "—"
	}
	r, _ := new(big.Rat).SetString(*rate)
	return fixed(r.Mul(r, big.NewRat(100, 1)), 2) + "%"
}

func difference(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
