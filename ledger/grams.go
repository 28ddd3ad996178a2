package ledger

import (
	"slices"
	"strings"
	"unicode"
)

// Grams are the one- and two-character pieces of texts, sorted, each once: what a search in Chinese, which has
// no blanks between words, is answered from. Width, case and blanks do not count, nor does punctuation.
func Grams(texts ...string) []string {
	seen := map[string]struct{}{}
	for _, text := range texts {
		for _, word := range gramWords(text) {
			for i := range word {
				seen[string(word[i:i+1])] = struct{}{}
				if i+1 < len(word) {
					seen[string(word[i:i+2])] = struct{}{}
				}
			}
		}
	}
	grams := make([]string, 0, len(seen))
	for g := range seen {
		grams = append(grams, g)
	}
	slices.Sort(grams)
	return grams
}

// GramsOf are the grams that a text must have to be found by a query: the pairs of each word, or the one
// character of a word that has no more.
func GramsOf(query string) []string {
	var grams []string
	for _, part := range strings.Fields(query) {
		for _, word := range gramWords(part) {
			if len(word) == 1 {
				grams = append(grams, string(word))
			}
			for i := range len(word) - 1 {
				grams = append(grams, string(word[i:i+2]))
			}
		}
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// gramWords are the runs of letters and digits of a text.
func gramWords(text string) [][]rune {
	var words [][]rune
	for word := range strings.FieldsFuncSeq(strings.ToLower(Fold(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		words = append(words, []rune(word))
	}
	return words
}
