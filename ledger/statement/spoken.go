package statement

import "math/big"

func spokenDigit(r rune) int64 {
	for i, d := range []rune("零一二三四五六七八九") {
		if r == d {
			return int64(i)
		}
	}
	switch r {
	case '〇':
		return 0
	case '两':
		return 2
	case '十':
		return 10
	}
	return -1
}

// spoken reads a figure in Chinese words: 增长五倍, 两块地, 百分之四十三点二八. Only small numbers are read so.
func spoken(t text, i int) (*figure, int) {
	f := &figure{start: i, spoken: true}
	if t.has(i, "百分之") {
		value, decimals, end, ok := spokenNumber(t, i+3)
		if !ok {
			return nil, i + 3
		}
		f.raw, f.decimals, f.kind, f.end, f.unit = value, decimals, kindPercent, end, "%"
		f.factor = pow10(-2)
		f.value, f.spoken = mul(value, f.factor), false
		f.readApproximate(t)
		return f, end
	}
	if t.at(i-1) == '第' || t.at(i-1) == '十' || spokenDigit(t.at(i-1)) >= 0 {
		return nil, i + 1
	}
	value, decimals, end, ok := spokenNumber(t, i)
	if !ok {
		return nil, i + 1
	}
	f.raw, f.decimals = value, decimals
	u, after, ok := unitAt(t, end)
	if !ok || t.at(after) == '月' && u.word == "个" {
		return nil, end
	}
	switch u.kind {
	case kindMultiple, kindMonths, kindCount, kindArea:
	default:
		return nil, end
	}
	f.kind, f.unit, f.factor, f.end = u.kind, u.word, u.factor(), after
	f.value = mul(value, f.factor)
	if u.kind == kindMonths {
		f.readMonths(t)
	}
	f.readApproximate(t)
	return f, f.end
}

// spokenNumber reads 两, 十二, 三十五, 一百二十, 三点五.
func spokenNumber(t text, i int) (value *big.Rat, decimals, end int, ok bool) {
	var total, digit int64
	start := i
	for ; i-start < 8; i++ {
		r := t.at(i)
		d := spokenDigit(r)
		switch {
		case r == '十':
			total += max(digit, 1) * 10
			digit = 0
			continue
		case r == '百':
			total += max(digit, 1) * 100
			digit = 0
			continue
		case d >= 0:
			if digit > 0 {
				return nil, 0, i, false
			}
			digit = d
			continue
		}
		break
	}
	if i == start {
		return nil, 0, i, false
	}
	value = rat(total+digit, 1)
	if t.at(i) == '点' && spokenDigit(t.at(i+1)) >= 0 && spokenDigit(t.at(i+1)) < 10 {
		for i++; decimals < 6 && spokenDigit(t.at(i)) >= 0 && spokenDigit(t.at(i)) < 10; i++ {
			decimals++
			value = add(value, mul(rat(spokenDigit(t.at(i)), 1), pow10(-decimals)))
		}
	}
	return value, decimals, i, true
}
