package landcheck

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mingzhang/ledger"
)

// officerNames reads the names in a list of officers: 甲、乙, 甲;乙, 甲 乙. A blank stands between two names
// or within one that was made as wide as its neighbours (张　三): single characters that stand in twos are one
// name.
func officerNames(text string) []string {
	var names []string
	for _, part := range splitList(text) {
		for _, name := range byBlanks(part) {
			if name = ledger.PersonName(name); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// byBlanks cuts a text of Chinese names at its blanks; what is not wholly Chinese stays whole.
func byBlanks(text string) []string {
	fields := strings.Fields(text)
	for _, f := range fields {
		for _, r := range f {
			if !unicode.Is(unicode.Han, r) && r != '·' {
				return []string{text}
			}
		}
	}
	var names []string
	for i := 0; i < len(fields); {
		run := i
		for run < len(fields) && utf8.RuneCountInString(fields[run]) == 1 {
			run++
		}
		switch {
		case run == i:
			names = append(names, fields[i])
			i++
		case (run-i)%2 == 0 && run-i > 2: // 张 三 李 四
			names = append(names, fields[i]+fields[i+1])
			i += 2
		default: // 张 三, 欧 阳 修, or one character that is left over
			names = append(names, strings.Join(fields[i:run], ""))
			i = run
		}
	}
	return names
}
