package statement

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"mingzhang/ledger"
)

// A text is the source and, rune for rune, its folded form: full-width letters, digits and signs become ASCII, the
// many dashes, dots and slashes become one each, letters small. The labels and units are read from the folded form.
type text struct {
	source string
	runes  []rune
	wide   []bool // the rune was full-width in the source
	offset []int  // byte of each rune in the source; one more for the end
}

// alike maps signs that width folding keeps apart.
var alike = map[rune]rune{
	'﹪': '%', '−': '-', '–': '-', '—': '-', '―': '-', '～': '~', '〜': '~', '•': '·', '・': '·', '∙': '·', '⋅': '·', '×': '*',
	'｡': '。', '〔': '(', '〕': ')', '﹝': '(', '﹞': ')', '【': '(', '】': ')', '[': '(', ']': ')', '\u00a0': ' ', '\t': ' ', '\u2028': '\n', '\r': '\n',
	'，': ',', '﹐': ',', '﹔': ';', '﹕': ':',
}

// read prepares a text. It is brought to NFC first; spans refer to that form, which for Chinese text is the source.
func read(source string) (text, error) {
	if len(source) > TextBytesMax {
		return text{}, ledger.E(ledger.Invalid, "statement.too_long", len(source), TextBytesMax)
	}
	if !utf8.ValidString(source) || strings.ContainsRune(source, 0) {
		return text{}, ledger.E(ledger.Invalid, "statement.not_text")
	}
	source = norm.NFC.String(source)
	t := text{source: source}
	for i, r := range source {
		folded := r
		if f := width.LookupRune(r).Folded(); f != 0 {
			folded = f
		}
		if a, ok := alike[folded]; ok {
			folded = a
		}
		if l := unicode.ToLower(folded); l < unicode.MaxASCII {
			folded = l
		}
		t.runes = append(t.runes, folded)
		t.wide = append(t.wide, folded != r)
		t.offset = append(t.offset, i)
	}
	t.offset = append(t.offset, len(source))
	return t, nil
}

// at is the folded rune at i, 0 outside the text.
func (t text) at(i int) rune {
	if i < 0 || i >= len(t.runes) {
		return 0
	}
	return t.runes[i]
}

// has tells whether word stands at i in the folded text.
func (t text) has(i int, word string) bool {
	for _, r := range word {
		if t.at(i) != r {
			return false
		}
		i++
	}
	return true
}

// ends tells whether word stands right before i.
func (t text) ends(i int, word string) bool {
	n := utf8.RuneCountInString(word)
	return i >= n && t.has(i-n, word)
}

func (t text) skipSpaces(i int) int {
	for t.at(i) == ' ' {
		i++
	}
	return i
}

func (t text) folded(from, to int) string {
	from, to = max(from, 0), min(to, len(t.runes))
	if from >= to {
		return ""
	}
	return string(t.runes[from:to])
}

func (t text) original(from, to int) string { return t.source[t.offset[from]:t.offset[to]] }

func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }

func wordLen(word string) int { return utf8.RuneCountInString(word) }
