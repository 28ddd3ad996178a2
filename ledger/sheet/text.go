package sheet

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"mingzhang/ledger"
)

// Reasons for refusing a text.
const (
	badNUL      = "sheet.nul"
	badMojibake = "sheet.mojibake"
	badTooLong  = "sheet.text_too_long"
	badControl  = "sheet.control_character"
)

// cleanText makes the text of a cell from its bytes: Excel's _xHHHH_ escapes are resolved, CR LF is LF.
// bad is the reason when the text must not be used; the text is then fit for showing.
func cleanText(b []byte, limit int) (text, bad string) {
	if bytes.Contains(b, []byte("_x")) {
		b = unescapeExcel(b)
	}
	text = string(b)
	if len(text) > limit && utf8.RuneCountInString(text) > limit {
		return firstRunes(text, 40), badTooLong
	}
	return text, badText(text)
}

// badText finds what no text of an office file may hold. Plain ASCII is left after one look.
func badText(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' {
			plain = false
			break
		}
	}
	if plain {
		return ""
	}
	latin, han := 0, 0
	for _, r := range s {
		switch {
		case r == 0:
			return badNUL
		case r == utf8.RuneError:
			return badMojibake
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return badControl
		case r >= 0x80 && r <= 0xff:
			if latin++; latin >= 4 {
				return badMojibake // GBK or UTF-8 read as Western: four such letters in a row are no word
			}
			continue
		case unicode.Is(unicode.Han, r):
			han++
		}
		latin = 0
	}
	if han >= 3 && (strings.Contains(s, "锟斤拷") || utf8ReadAsGBK(s)) {
		return badMojibake
	}
	return ""
}

// utf8ReadAsGBK holds for a text such as 榛勫矖: its GB18030 bytes are themselves UTF-8 for Chinese
// characters, which chance does not bring about over three and more of them.
func utf8ReadAsGBK(s string) bool {
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil || !utf8.ValidString(b) {
		return false
	}
	found := 0
	for _, r := range b {
		switch {
		case unicode.Is(unicode.Han, r), r >= 0x3000 && r <= 0x303f, r >= 0xff00 && r <= 0xffef:
			found++
		case r >= utf8.RuneSelf:
			return false
		}
	}
	return found >= 2
}

// unescapeExcel resolves _x000D_ and the like; _x005F_ protects an underscore.
func unescapeExcel(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if i+7 <= len(b) && b[i] == '_' && b[i+1] == 'x' && b[i+6] == '_' {
			if n, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 32); err == nil {
				out = utf8.AppendRune(out, rune(n))
				i += 7
				continue
			}
		}
		out = append(out, b[i])
		i++
	}
	return bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// isBlank holds for nothing and for the signs that mean nothing: - — / 无.
func isBlank(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 24 {
		return false
	}
	switch t := ledger.Fold(s); t {
	case "", "-", "--", "---", "—", "——", "―", "ー", "/", "//", "\\", "无":
		return true
	}
	return false
}

// squeeze is what header and label texts are compared by: one width, no blanks, lower case.
func squeeze(s string) string { return strings.ToLower(ledger.Fold(s)) }
