package statement

import "math/big"

// A kind is what a figure measures.
type kind int

const (
	kindNone kind = iota
	kindMoney
	kindArea
	kindCount
	kindPercent
	kindPoints // percentage points: a difference of two rates
	kindMultiple
	kindMonths
	kindDays
)

// A unit is a word after a number. num/den bring the number to the base unit of its kind: yuan, mu, one, a fraction,
// months, days.
type unit struct {
	word     string
	kind     kind
	num, den int64
}

func (u unit) factor() *big.Rat { return rat(u.num, u.den) }

// units are tried longest first. A mu is exactly 2000/3 square metres, so a square metre is 0.0015 mu.
var units = []unit{
	{"元人民币", kindMoney, 1, 1}, {"人民币", kindMoney, 1, 1}, {"块钱", kindMoney, 1, 1}, {"元", kindMoney, 1, 1}, {"圆", kindMoney, 1, 1},
	{"yuan", kindMoney, 1, 1}, {"rmb", kindMoney, 1, 1}, {"cny", kindMoney, 1, 1},
	{"平方公里", kindArea, 1500, 1}, {"平方千米", kindArea, 1500, 1}, {"km2", kindArea, 1500, 1}, {"km²", kindArea, 1500, 1},
	{"公顷", kindArea, 15, 1}, {"hm2", kindArea, 15, 1}, {"hm²", kindArea, 15, 1}, {"hectares", kindArea, 15, 1}, {"hectare", kindArea, 15, 1},
	{"平方米", kindArea, 3, 2000}, {"平米", kindArea, 3, 2000}, {"平方", kindArea, 3, 2000}, {"㎡", kindArea, 3, 2000}, {"m²", kindArea, 3, 2000}, {"m2", kindArea, 3, 2000},
	{"square metres", kindArea, 3, 2000}, {"square meters", kindArea, 3, 2000}, {"sq m", kindArea, 3, 2000},
	{"亩", kindArea, 1, 1}, {"mu", kindArea, 1, 1},
	{"个百分点", kindPoints, 1, 100}, {"百分点", kindPoints, 1, 100}, {"percentage points", kindPoints, 1, 100},
	{"%", kindPercent, 1, 100}, {"percent", kindPercent, 1, 100}, {"per cent", kindPercent, 1, 100}, {"‰", kindPercent, 1, 1000},
	{"倍", kindMultiple, 1, 1}, {"times", kindMultiple, 1, 1},
	{"个月", kindMonths, 1, 1}, {"周年", kindMonths, 12, 1}, {"年", kindMonths, 12, 1}, {"years", kindMonths, 12, 1}, {"year", kindMonths, 12, 1},
	{"months", kindMonths, 1, 1}, {"month", kindMonths, 1, 1}, {"天", kindDays, 1, 1}, {"days", kindDays, 1, 1},
	{"宗地", kindCount, 1, 1}, {"宗", kindCount, 1, 1}, {"块", kindCount, 1, 1}, {"个", kindCount, 1, 1}, {"口", kindCount, 1, 1},
	{"场", kindCount, 1, 1}, {"件", kindCount, 1, 1}, {"户", kindCount, 1, 1}, {"人次", kindCount, 1, 1}, {"人", kindCount, 1, 1},
	{"项", kindCount, 1, 1}, {"处", kindCount, 1, 1}, {"幅", kindCount, 1, 1}, {"株", kindCount, 1, 1}, {"间", kindCount, 1, 1},
	{"套", kindCount, 1, 1}, {"栋", kindCount, 1, 1}, {"幢", kindCount, 1, 1}, {"家", kindCount, 1, 1}, {"名", kindCount, 1, 1},
	{"笔", kindCount, 1, 1}, {"份", kindCount, 1, 1}, {"起", kindCount, 1, 1}, {"台", kindCount, 1, 1}, {"辆", kindCount, 1, 1},
	{"座", kindCount, 1, 1}, {"批次", kindCount, 1, 1}, {"标段", kindCount, 1, 1}, {"图斑", kindCount, 1, 1}, {"次", kindCount, 1, 1},
	{"所", kindCount, 1, 1}, {"只", kindCount, 1, 1}, {"头", kindCount, 1, 1}, {"棵", kindCount, 1, 1},
	{"lots", kindCount, 1, 1}, {"parcels", kindCount, 1, 1}, {"trades", kindCount, 1, 1},
}

// baseUnits names the unit in which a figure's value is given.
var baseUnits = map[kind]string{
	kindMoney: "yuan", kindArea: "mu", kindPercent: "fraction", kindPoints: "fraction", kindMultiple: "times",
	kindMonths: "months", kindDays: "days",
}

// magnitudes stand between number and unit; the longest first.
var magnitudes = []struct {
	word string
	exp  int
}{
	{"万亿", 12}, {"亿", 8}, {"千万", 7}, {"百万", 6}, {"十万", 5}, {"万", 4}, {"千", 3}, {"百", 2},
	{"ten thousand", 4}, {"hundred million", 8}, {"thousand", 3}, {"million", 6}, {"billion", 9},
}

// perUnits follow 每 or / in a price: by area (num/den mu), by time (months), or by piece (no conversion).
var perUnits = []struct {
	word   string
	area   *big.Rat
	months *big.Rat
	piece  bool
}{
	{word: "平方米", area: rat(3, 2000)}, {word: "平米", area: rat(3, 2000)}, {word: "平方", area: rat(3, 2000)}, {word: "㎡", area: rat(3, 2000)},
	{word: "m²", area: rat(3, 2000)}, {word: "m2", area: rat(3, 2000)}, {word: "公顷", area: rat(15, 1)}, {word: "亩", area: rat(1, 1)}, {word: "mu", area: rat(1, 1)},
	{word: "半年", months: rat(6, 1)}, {word: "年", months: rat(12, 1)}, {word: "year", months: rat(12, 1)}, {word: "季度", months: rat(3, 1)}, {word: "季", months: rat(3, 1)},
	{word: "个月", months: rat(1, 1)}, {word: "月", months: rat(1, 1)}, {word: "month", months: rat(1, 1)},
	{word: "天", months: rat(0, 1)}, {word: "日", months: rat(0, 1)}, {word: "造", months: rat(0, 1)},
	{word: "间", piece: true}, {word: "口", piece: true}, {word: "个", piece: true}, {word: "宗", piece: true}, {word: "株", piece: true}, {word: "棵", piece: true},
	{word: "人", piece: true}, {word: "户", piece: true}, {word: "斤", piece: true}, {word: "吨", piece: true}, {word: "套", piece: true},
}

// wrongFactors are square metres in a mu as people type them; exact is 2000/3.
var wrongFactors = []struct {
	name  string
	value *big.Rat
}{
	{"666.7", rat(6667, 10)}, {"667", rat(667, 1)}, {"666.67", rat(66667, 100)}, {"666.66", rat(66666, 100)}, {"666.6", rat(6666, 10)},
	{"666", rat(666, 1)}, {"660", rat(660, 1)}, {"600", rat(600, 1)},
}
