package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// unitWords are the measures that a header or caption may name, squeezed. They are words of trade, not of
// any domain; which of them a column may have is the caller's business.
func unitWords() []string {
	return []string{
		"元", "百元", "千元", "万元", "十万元", "百万元", "千万元", "亿元", "圆", "yuan", "10000yuan", "10,000yuan", "cny", "rmb", "¥",
		"美元", "万美元", "港元", "港币", "万港元", "欧元", "日元",
		"人民币元", "人民币万元", "人民币千元", "人民币亿元", "万", "亿",
		"亩", "万亩", "平方米", "平米", "㎡", "m2", "m²", "公顷", "ha", "hectare", "hectares", "sqm", "hm2", "hm²", "平方公里", "km2", "km²", "mu", "分", "厘",
		"年", "月", "日", "天", "个月", "季", "季度", "周", "year", "month", "day", "years", "months", "days",
		"宗", "块", "个", "处", "笔", "项", "户", "条", "幅", "人", "家", "次", "栋", "间", "套", "张", "株", "棵", "斤", "公斤", "吨", "份", "轮",
		"%", "‰", "百分比",
	}
}

var (
	unitSet = func() map[string]bool {
		set := map[string]bool{}
		for _, w := range unitWords() {
			set[w] = true
		}
		return set
	}()
	unitCaption = func() *regexp.Regexp {
		words := unitWords()
		slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
		for i, w := range words {
			words[i] = regexp.QuoteMeta(w)
		}
		one := "(?:" + strings.Join(words, "|") + ")"
		one += "(?: ?[/·•每] ?" + one + ")*"
		return regexp.MustCompile(`(?:单位|金额|面积|价格|租金|[Uu]nits?) *[:为]? *((?:` + one + `)(?: ?[、,，和及;；] ?` + one + `)*)`)
	}()
)

// isUnit holds for 元, 万元/年, 元/亩·年, 元/㎡/月, %; only the first word must be a known one.
func isUnit(s string) bool {
	parts := unitParts(squeeze(s))
	for _, p := range parts[1:] {
		if p == "" || utf8.RuneCountInString(p) > 4 {
			return false
		}
	}
	return unitSet[parts[0]]
}

// isPlainUnit is isUnit with every word known, for units that nothing but their place marks.
func isPlainUnit(s string) bool {
	for _, p := range unitParts(squeeze(s)) {
		if !unitSet[p] {
			return false
		}
	}
	return true
}

// unitParts splits 元/亩·年 into its words; there is always at least one.
func unitParts(s string) []string {
	return strings.Split(strings.Map(func(r rune) rune {
		if strings.ContainsRune("·•・*×每", r) {
			return '/'
		}
		return r
	}, s), "/")
}

// captionUnits finds the units that a caption names: 单位:万元 · 单位:元、亩 · 统计表(万元).
func captionUnits(caption string) []string {
	text := foldKeep(caption)
	var out []string
	add := func(list string) {
		for _, u := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune("、,，和及;；", r) }) {
			if u = strings.ReplaceAll(u, " ", ""); isUnit(u) && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	for _, m := range unitCaption.FindAllStringSubmatchIndex(text, -1) {
		next, _ := utf8.DecodeRuneInString(text[m[3]:])
		if !unicode.Is(unicode.Han, next) { // 单位:元岗村 names a village
			add(text[m[2]:m[3]])
		}
	}
	_, brackets := splitBrackets(text)
	for _, b := range brackets {
		add(b)
	}
	if len(out) == 0 && isPlainUnit(text) {
		add(text)
	}
	return out
}

// foldKeep brings text to one width and one kind of blank.
func foldKeep(s string) string {
	return strings.Join(strings.FieldsFunc(width.Fold.String(s), func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff'
	}), " ")
}

// splitBrackets takes what stands in (), [], 【】, 〔〕 or {} out of a text.
func splitBrackets(s string) (outside string, inside []string) {
	const open, shut = "([【〔{", ")]】〕}"
	var out, in strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune(open, r):
			if depth > 0 {
				in.WriteRune(r)
			}
			depth++
		case strings.ContainsRune(shut, r) && depth > 0:
			if depth--; depth == 0 {
				inside = append(inside, strings.TrimSpace(in.String()))
				in.Reset()
			} else {
				in.WriteRune(r)
			}
		case depth > 0:
			in.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	if depth > 0 { // never closed: 底价(万元
		inside = append(inside, strings.TrimSpace(in.String()))
	}
	return out.String(), inside
}

// bracketUnit picks the unit among the texts in brackets; the others are notes (含税).
func bracketUnit(brackets []string) (unit string, notes []string) {
	for _, b := range brackets {
		found := captionUnits(b)
		switch {
		case isUnit(b):
			unit = strings.NewReplacer(" ", "", ",", "").Replace(b)
		case len(found) > 0:
			unit = found[len(found)-1]
		case b != "":
			notes = append(notes, b)
		}
	}
	return unit, notes
}
