package landcheck

import (
	"fmt"
	"strings"

	"mingzhang/ledger"
)

// Lengths of a parcel code (宗地代码) and of the code of a unit on it (不动产单元代码), GB/T 37346.
const (
	parcelCodeLen = 19
	unitCodeLen   = 28
)

// Letters of the code: who owns the land, what sort of parcel it is, what stands on it.
const (
	ownerLetters   = "GJZ"
	sortLetters    = "ABSXCDEFLNHGWY"
	fixtureLetters = "FLQW"
)

// parseCode reads a parcel code as papers print it: in groups, full-width, in small letters. There is no check
// digit; what is wrong is its form, and the error says where. Old identifiers (地号) are no parcel codes: they
// belong into parcel_no.
func parseCode(text string) (string, error) {
	code := strings.ToUpper(ledger.Fold(text))
	wrong := func(what ledger.Text, want string) error {
		return ledger.E(ledger.Invalid, "parcel.code_form", text, what, want)
	}
	runes := []rune(code)
	if len(runes) != parcelCodeLen && len(runes) != unitCodeLen {
		return "", wrong(ledger.Text{ZH: fmt.Sprintf("长度 %d", len(runes)), EN: fmt.Sprintf("length %d", len(runes))}, "19 / 28")
	}
	for i, r := range runes {
		want := "0–9"
		ok := r >= '0' && r <= '9'
		switch i {
		case 0:
			want, ok = "1–9", ok && r != '0'
		case 12:
			want, ok = spaced(ownerLetters), strings.ContainsRune(ownerLetters, r)
		case 13:
			want, ok = spaced(sortLetters), strings.ContainsRune(sortLetters, r)
		case 19:
			want, ok = spaced(fixtureLetters), strings.ContainsRune(fixtureLetters, r)
		}
		if !ok {
			return "", wrong(ledger.Text{ZH: fmt.Sprintf("第%d位“%c”", i+1, r), EN: fmt.Sprintf("character %d %q", i+1, r)}, want)
		}
	}
	if code[14:19] == "00000" {
		return "", wrong(ledger.Text{ZH: "第15–19位“00000”", EN: "characters 15–19 \"00000\""}, "00001–99999")
	}
	return code, nil
}

func spaced(letters string) string { return strings.Join(strings.Split(letters, ""), " ") }

// codeOddities are what the rules do not foresee in a code and offices have all the same: findings, never
// refusals. division is the book's own, "" when it has none.
func codeOddities(code, division string) []string {
	var list []string
	if len(code) == unitCodeLen && code[19] == 'W' && code[20:] != "00000000" {
		list = append(list, "parcel_code_tail")
	}
	if (code[13] == 'A' || code[13] == 'C') && code[12] != 'J' {
		list = append(list, "parcel_code_letters")
	}
	if len(division) >= 6 && code[:6] != division[:6] {
		list = append(list, "parcel_code_division")
	}
	return list
}
