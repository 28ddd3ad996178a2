package price

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Measure is what a price is for one of: a mu, a square metre, a room. None is the lot as a whole.
type Measure string

// The measures of area, which convert into each other, and None. The counting words are in measures.
const (
	None    Measure = ""
	Mu      Measure = "mu"
	M2      Measure = "m2"
	Hectare Measure = "hectare"
	Parcel  Measure = "parcel"
)

// Period is the time that a price pays for.
type Period string

// The periods. Unsaid is no period: the text named none, and nothing is assumed.
const (
	Unsaid    Period = ""
	Day       Period = "day"
	Month     Period = "month"
	Quarter   Period = "quarter"
	HalfYear  Period = "half_year"
	Year      Period = "year"
	Crop      Period = "crop"
	WholeTerm Period = "total"
)

// Unit is a composed price unit: yuan ÷ measure ÷ period. The zero value is plain yuan, span unsaid.
type Unit struct {
	Measure Measure
	Period  Period
}

// word is one part of a unit with its names in both languages and the spellings that are read,
// the first of them being what is printed.
type word[T ~string] struct {
	code  T
	en    string
	spelt []string
}

var measures = []word[Measure]{
	{Mu, "mu", []string{"亩", "市亩", "mu"}},
	{M2, "m²", []string{"㎡", "平方米", "平米", "平方", "m²", "m2", "sqm", "squaremetre", "squaremeter"}},
	{Hectare, "hectare", []string{"公顷", "hectare", "ha"}},
	{Parcel, "parcel", []string{"宗", "parcel"}},
	{"room", "room", []string{"间", "room"}},
	{"pond", "pond", []string{"口", "pond"}},
	{"piece", "piece", []string{"个", "piece"}},
	{"tree", "tree", []string{"株", "棵", "tree"}},
	{"plot", "plot", []string{"块", "plot"}},
	{"tract", "tract", []string{"幅", "tract"}},
	{"site", "site", []string{"处", "site"}},
	{"head", "head", []string{"头", "head"}},
	{"building", "building", []string{"栋", "幢", "座", "building"}},
	{"floor", "floor", []string{"层", "floor"}},
	{"suite", "suite", []string{"套", "suite"}},
	{"parking_space", "parking space", []string{"车位", "个车位", "parkingspace"}},
	{"shop", "shop", []string{"铺", "卡", "间铺", "shop"}},
	{"stall", "stall", []string{"档", "档口", "摊位", "stall"}},
	{"machine", "machine", []string{"台", "machine"}},
	{"metre", "metre", []string{"米", "metre", "meter"}},
	{"m3", "m³", []string{"立方米", "m³", "m3"}},
}

var periods = []word[Period]{
	{Day, "day", []string{"日", "天", "day"}},
	{Month, "month", []string{"月", "个月", "month"}},
	{Quarter, "quarter", []string{"季", "季度", "quarter"}},
	{HalfYear, "half-year", []string{"半年", "halfyear"}},
	{Year, "year", []string{"年", "year", "annum", "yr"}},
	{Crop, "crop", []string{"造", "茬", "crop"}},
	{WholeTerm, "the whole term", []string{
		"全期", "总价", "总额", "合同总额", "总租金", "合计", "总计", "整期", "合同期", "租期", "租赁期", "承包期",
		"forthewholeterm", "wholeterm", "total",
	}},
}

// find gives the words for a code; an unknown code prints as itself.
func find[T ~string](words []word[T], code T) word[T] {
	i := slices.IndexFunc(words, func(w word[T]) bool { return w.code == code })
	if i < 0 {
		return word[T]{code, string(code), []string{string(code)}}
	}
	return words[i]
}

// Name is the measure's name: 亩, mu.
func (m Measure) Name() ledger.Text {
	w := find(measures, m)
	return ledger.Text{ZH: w.spelt[0], EN: w.en}
}

// area tells whether the measure is one of area, and how many mu one of it has, as a fraction.
func (m Measure) area() (numerator, denominator int64, ok bool) {
	switch m {
	case Mu:
		return 1, 1, true
	case M2:
		return 3, 2000, true
	case Hectare:
		return 15, 1, true
	default:
		return 0, 0, false
	}
}

// Name is the period's name: 年, year; 全期, the whole term.
func (p Period) Name() ledger.Text {
	w := find(periods, p)
	return ledger.Text{ZH: w.spelt[0], EN: w.en}
}

// Spanned tells whether the unit says for what time it pays. 元, 万元 and 元/亩 do not.
func (u Unit) Spanned() bool { return u.Period != Unsaid }

// Over fills in the period where the unit does not say one; a said period stays.
func (u Unit) Over(p Period) Unit {
	if u.Spanned() {
		return u
	}
	return Unit{u.Measure, p}
}

// String is the stable code: yuan_per_mu_year, yuan_per_m2_month, yuan_per_year, yuan_total. Without
// a said period it is yuan or yuan_per_mu.
func (u Unit) String() string {
	s := "yuan"
	if u.Measure != None || u.Spanned() && u.Period != WholeTerm {
		s += "_per"
	}
	if u.Measure != None {
		s += "_" + string(u.Measure)
	}
	if u.Spanned() {
		s += "_" + string(u.Period)
	}
	return s
}

// Name is the unit in words: 元/亩·年, yuan per mu per year.
func (u Unit) Name() ledger.Text {
	zh, en := "元", "yuan"
	if u.Measure != None {
		name := u.Measure.Name()
		zh += "/" + name.ZH
		en += " per " + name.EN
	}
	name := u.Period.Name()
	switch {
	case !u.Spanned():
	case u.Period == WholeTerm:
		zh += "(" + name.ZH + ")"
		en += " for " + name.EN
	case u.Measure != None:
		zh += "·" + name.ZH
		en += " per " + name.EN
	default:
		zh += "/" + name.ZH
		en += " per " + name.EN
	}
	return ledger.Text{ZH: zh, EN: en}
}

// MarshalText writes the code.
func (u Unit) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads a code and nothing else: what is stored has one spelling.
func (u *Unit) UnmarshalText(b []byte) error {
	read, _, err := ParseUnit(string(b))
	if err != nil {
		return err
	}
	if read.String() != string(b) {
		return ledger.E(ledger.Invalid, "price.unit_unknown", string(b))
	}
	*u = read
	return nil
}

// Value sends the code to the database.
func (u Unit) Value() (driver.Value, error) { return u.String(), nil }

// Scan reads a text column; NULL is an error.
func (u *Unit) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return u.UnmarshalText([]byte(v))
	case []byte:
		return u.UnmarshalText(v)
	}
	return fmt.Errorf("price: cannot read %T as a price unit", src)
}

// dropped are the marks that stand between the parts of a unit, in every shape they are typed.
const dropped = "/·.•∙⋅‧・∕⁄\\*×、,()[]{}【】〔〕每_-:："

func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(dropped, r) {
			return -1
		}
		return r
	}, strings.ToLower(ledger.Fold(text)))
}
