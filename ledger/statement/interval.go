package statement

import "math/big"

// An interval holds the values that a printed figure may stand for, from lo up to hi.
type interval struct{ lo, hi *big.Rat }

func rat(num, den int64) *big.Rat { return big.NewRat(num, den) }
func add(a, b *big.Rat) *big.Rat  { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat  { return new(big.Rat).Sub(a, b) }
func mul(a, b *big.Rat) *big.Rat  { return new(big.Rat).Mul(a, b) }
func abs(a *big.Rat) *big.Rat     { return new(big.Rat).Abs(a) }
func exactly(x *big.Rat) interval { return interval{x, x} }
func (i interval) isPoint() bool  { return i.lo.Cmp(i.hi) == 0 }
func (i interval) plus(j interval) interval {
	return interval{add(i.lo, j.lo), add(i.hi, j.hi)}
}
func (i interval) minus(j interval) interval {
	return interval{sub(i.lo, j.hi), sub(i.hi, j.lo)}
}

// quo divides; b must not be zero.
func quo(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }

// times multiplies any two intervals.
func (i interval) times(j interval) interval {
	p := []*big.Rat{mul(i.lo, j.lo), mul(i.lo, j.hi), mul(i.hi, j.lo), mul(i.hi, j.hi)}
	lo, hi := p[0], p[0]
	for _, x := range p[1:] {
		if x.Cmp(lo) < 0 {
			lo = x
		}
		if x.Cmp(hi) > 0 {
			hi = x
		}
	}
	return interval{lo, hi}
}

// over divides by an interval of positive values; for any other ok is false and the result is nothing but zero.
func (i interval) over(j interval) (interval, bool) {
	if j.lo.Sign() <= 0 {
		return exactly(rat(0, 1)), false
	}
	one := rat(1, 1)
	return i.times(interval{quo(one, j.hi), quo(one, j.lo)}), true
}

// shift adds a whole number to both ends.
func (i interval) shift(by int64) interval {
	d := rat(by, 1)
	return interval{add(i.lo, d), add(i.hi, d)}
}

// meets tells whether two intervals have a value in common. Each is closed below and open above, a point is itself.
func (i interval) meets(j interval) bool {
	return i.below(j.hi, j.isPoint()) && j.below(i.hi, i.isPoint())
}

// below tells whether i begins below the end of another interval.
func (i interval) below(end *big.Rat, closed bool) bool {
	c := i.lo.Cmp(end)
	return c < 0 || c == 0 && closed
}

// pow10 is ten to the n, n of either sign.
func pow10(n int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}

// plain prints x exactly when it has a finite decimal form (all figures have), else with 6 decimals.
func plain(x *big.Rat) string {
	n, exact := x.FloatPrec()
	if !exact {
		n = 6
	}
	return x.FloatString(n)
}
