package ledger

import (
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/width"
)

// maxNumberText bounds what is looked at as one number; nobody writes a longer one.
const maxNumberText = 64

// Written is how a figure stood in its source: the text as it was, the unit it was read in, and
// whether the writer called it approximate (约, 近, 余, 多, 左右, 超, 逾).
type Written struct {
	Text        string
	Unit        string
	Approximate bool
}

// unit is one name of a unit and its factor in the type's own unit (yuan or mu).
type unit struct {
	name   string
	factor decimal.Decimal
}

func factor(s string) decimal.Decimal { return decimal.RequireFromString(s) }

var (
	approximateBefore = []string{"大约", "约为", "约", "近", "超过", "超", "逾", "≈"}
	approximateAfter  = []string{"余", "多"}
	approximateEnd    = []string{"左右", "上下"}
)

// Fold brings text to one width and drops every blank, so that １，２３４ 元 reads as 1,234元.
func Fold(s string) string {
	if !strings.ContainsFunc(s, folds) {
		return s // most texts: width folding would copy them
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u200b', r == '\ufeff':
			return -1
		case r == '−' || r == '﹣' || r == '–':
			return '-'
		default:
			return r
		}
	}, width.Fold.String(s))
}

// foldNumber folds a text that should hold one number. A blank between two digits is refused: two
// lines of a cell (350 and 250) are not 350250.
func foldNumber(s string) (string, error) {
	if blankInside(s, ".,") {
		return "", E(Invalid, "number.unreadable", clip(s))
	}
	return Fold(s), nil
}

// blankInside finds a blank between two digits; the given marks count as digits.
func blankInside(s, marks string) bool {
	inside := func(r rune) bool { return r >= '0' && r <= '9' || strings.ContainsRune(marks, r) }
	before, blank := rune(0), false
	for _, r := range width.Fold.String(s) {
		switch {
		case unicode.IsSpace(r):
			blank = true
			continue
		case blank && inside(before) && inside(r):
			return true
		}
		before, blank = r, false
	}
	return false
}

// folds tells whether a character may be another after Fold: a blank, a dash, a full- or half-width form.
func folds(r rune) bool {
	return r <= ' ' || r == 0x7f || r >= 0x80 && r <= 0xa0 || r >= 0x1680 && r <= 0x3000 || r >= 0xfeff
}

// parseNumber reads a plain decimal number: optional sign, digits with or without commas between
// groups of three, optional decimals. No exponent, no blanks.
func parseNumber(s string) (decimal.Decimal, error) {
	if s == "" || len(s) > maxNumberText {
		return decimal.Decimal{}, E(Invalid, "number.unreadable", clip(s))
	}
	body := strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	if len(s)-len(body) > 1 {
		return decimal.Decimal{}, E(Invalid, "number.unreadable", s)
	}
	whole, decimals, dot := strings.Cut(body, ".")
	if whole == "" || dot && decimals == "" || !allDigits(decimals) || !wellGrouped(whole) {
		return decimal.Decimal{}, E(Invalid, "number.unreadable", s)
	}
	d, err := decimal.NewFromString(strings.ReplaceAll(strings.TrimPrefix(s, "+"), ",", ""))
	if err != nil {
		return decimal.Decimal{}, E(Invalid, "number.unreadable", s).Because(err)
	}
	return d, nil
}

// wellGrouped holds for 1234 and 1,234,567, not for 12,34 or 1,2345: a comma in the wrong place may
// be a decimal comma or a slip of the pen, and a factor of a thousand hangs on it.
func wellGrouped(s string) bool {
	groups := strings.Split(s, ",")
	for i, g := range groups {
		if !allDigits(g) || g == "" {
			return false
		}
		if len(groups) > 1 && (len(g) > 3 || i > 0 && len(g) != 3) {
			return false
		}
	}
	return true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// clip keeps a found text short enough for a message.
func clip(s string) string {
	r := []rune(s)
	if len(r) > maxNumberText {
		return string(r[:maxNumberText]) + "…"
	}
	return s
}

// readFigure reads a figure as people write it: 约1,234.5万元, 3亩2分, ３亿2000万. units holds the
// names that may be glued on, longest first; plain is the unit of a number without one.
func readFigure(text string, units []unit, plain unit, prefixes ...string) (decimal.Decimal, Written, error) {
	w := Written{Text: text, Unit: plain.name}
	s, err := foldNumber(text)
	if err != nil {
		return decimal.Decimal{}, w, err
	}
	s, approximate := stripApproximate(s)
	w.Approximate = approximate
	negative := false
	for _, p := range prefixes {
		s = strings.TrimPrefix(s, p)
	}
	if strings.HasPrefix(s, "-") {
		negative, s = true, s[1:]
	}
	sum, unitNames, err := readParts(s, units, plain)
	if err != nil {
		return decimal.Decimal{}, w, E(Invalid, "number.unreadable", clip(text)).Because(err)
	}
	if unitNames != "" {
		w.Unit = unitNames
	}
	if negative {
		sum = sum.Neg()
	}
	return sum, w, nil
}

// readParts adds number-unit pairs whose units go down: 3亩2分 = 3 × 1 + 2 × 0.1. Only the last part may
// have decimals, and each is less than one of the unit before it: 3.5亩2分 and 3亩20分 are slips of the pen.
func readParts(s string, units []unit, plain unit) (sum decimal.Decimal, names string, err error) {
	var last decimal.Decimal
	for first := true; first || s != ""; first = false {
		n := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' })
		if n < 0 {
			n = len(s)
		}
		number, err := parseNumber(s[:n])
		if err != nil {
			return sum, "", err
		}
		s = s[n:]
		u, rest := cutUnit(s, units)
		if u.name == "" {
			if s != "" || !first {
				return sum, "", E(Invalid, "number.unreadable", clip(s))
			}
			u = plain
		}
		part := number.Mul(u.factor)
		if !first && (u.factor.Cmp(last) >= 0 || part.Cmp(last) >= 0) || rest != "" && !number.IsInteger() {
			return sum, "", E(Invalid, "number.unreadable", clip(s))
		}
		last, s = u.factor, rest
		names += u.name
		sum = sum.Add(part)
	}
	return sum, names, nil
}

func cutUnit(s string, units []unit) (unit, string) {
	for _, u := range units {
		if rest, ok := strings.CutPrefix(s, u.name); ok {
			return u, rest
		}
	}
	return unit{}, s
}

// stripApproximate takes the words off that say "about" and tells whether there were any: one in
// front, and one behind the last digit (300余亩, 3万多元) or at the end (3亩左右). In any other place the
// word stays, and the figure is unreadable: 1多2亩 is not 12 mu.
func stripApproximate(s string) (string, bool) {
	found := false
	for _, p := range []string{"约合", "折合", "合计", "合"} { // converted or summed, not approximate
		if rest, ok := strings.CutPrefix(s, p); ok {
			s = rest
			break
		}
	}
	for _, p := range approximateBefore {
		if rest, ok := strings.CutPrefix(s, p); ok {
			s, found = rest, true
			break
		}
	}
	for _, p := range approximateEnd {
		if rest, ok := strings.CutSuffix(s, p); ok {
			return rest, true
		}
	}
	last := strings.LastIndexAny(s, "0123456789") + 1
	for _, p := range approximateAfter {
		if i := strings.Index(s[last:], p); last > 0 && i >= 0 {
			return s[:last+i] + s[last+i+len(p):], true
		}
	}
	return s, found
}

// fits refuses what has more decimals than the type holds, and what is absurdly large.
func fits(d decimal.Decimal, places int32, limit decimal.Decimal, shown string) error {
	if !d.Equal(d.Truncate(places)) {
		return E(Invalid, "number.too_many_decimals", clip(shown), places)
	}
	if d.Abs().Cmp(limit) >= 0 {
		return E(Invalid, "number.too_large", clip(shown), limit.String())
	}
	return nil
}
