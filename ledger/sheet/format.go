package sheet

import (
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// format is what a number format (0.00, yyyy/m/d, 0.00"万元") says about a cell. nil is General.
type format struct {
	date     bool
	percent  bool
	scaled   bool // shows a thousandth or the like: what is seen is not what is stored
	grouped  bool
	decimals int // -1 when the format leaves them open
	zeros    int // least digits before the point
	prefix   string
	suffix   string
	split    bool // has signs between its digits
	noDigits bool // has no place for digits
}

// builtinFormat is the code of the formats that files name by number only (ECMA-376 18.8.30, with those
// of Chinese Excel, 27–36 and 50–58).
func builtinFormat(id int) string {
	switch {
	case id == 1:
		return "0"
	case id == 2:
		return "0.00"
	case id == 3, id == 37, id == 38:
		return "#,##0"
	case id == 4, id == 39, id == 40, id == 7, id == 8, id == 43, id == 44:
		return "#,##0.00"
	case id == 5, id == 6, id == 41, id == 42:
		return "#,##0"
	case id == 9:
		return "0%"
	case id == 10:
		return "0.00%"
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return "yyyy/m/d"
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return "h:mm"
	}
	return ""
}

// formatScan walks over one section of a format code.
type formatScan struct {
	f      *format
	seen   bool // a digit place was seen
	point  bool
	commas int // commas since the last digit place
	after  strings.Builder
}

// parseFormat reads a number format code as far as reading cells needs it.
func parseFormat(code string) *format {
	if code == "" || strings.EqualFold(code, "general") || strings.Contains(code, "通用格式") || code == "@" {
		return nil
	}
	var first *format
	for i, section := range formatSections(code) {
		f := parseSection(section)
		if i == 0 {
			first = f
		} else if f.scaled {
			first.scaled = true
		}
	}
	return first
}

func formatSections(code string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '\\' || c == '!' || c == '_' || c == '*'):
			i++
		case !quoted && c == ';':
			out = append(out, code[start:i])
			start = i + 1
		}
	}
	return append(out, code[start:])
}

func parseSection(s string) *format {
	scan := &formatScan{f: &format{decimals: 0}}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"':
			end := strings.IndexByte(s[i+1:], '"')
			if end < 0 {
				end = len(s) - i - 1
			}
			scan.literal(s[i+1 : i+1+end])
			n = min(end+2, len(s)-i)
		case (r == '\\' || r == '!') && i+n < len(s):
			_, m := utf8.DecodeRuneInString(s[i+n:])
			scan.literal(s[i+n : i+n+m])
			n += m
		case (r == '_' || r == '*') && i+n < len(s): // room of a sign's width; fill with a sign
			_, m := utf8.DecodeRuneInString(s[i+n:])
			n += m
		case r == '[':
			end := strings.IndexByte(s[i:], ']')
			if end < 0 {
				end = len(s) - i - 1
			}
			scan.bracket(s[i+1 : i+end])
			n = end + 1
		default:
			n = scan.sign(s[i:], r, n)
		}
		i += n
	}
	return scan.done()
}

// literal takes a sign that is shown as it is.
func (s *formatScan) literal(text string) {
	if !s.seen {
		s.f.prefix += text
		return
	}
	s.after.WriteString(text)
}

// bracket takes [Red], [$¥-804], [>=100] and [h].
func (s *formatScan) bracket(text string) {
	if symbol, ok := strings.CutPrefix(text, "$"); ok {
		symbol, _, _ = strings.Cut(symbol, "-")
		s.literal(symbol)
	}
}

// sign takes one unquoted sign and returns how many bytes it used.
func (s *formatScan) sign(rest string, r rune, n int) int {
	switch r {
	case '0', '#', '?':
		if s.after.Len() > 0 {
			s.f.split = true
			if s.after.String() == "." {
				s.f.scaled = true // 0!.0, shows yuan as 万元
			}
			s.after.Reset()
		}
		if s.commas > 0 && !s.point {
			s.f.grouped = true
		}
		s.seen, s.commas = true, 0
		if s.point {
			s.f.decimals++
		} else if r == '0' {
			s.f.zeros++
		}
	case '.':
		s.point = true
	case ',':
		if s.seen {
			s.commas++
		}
	case '%':
		s.f.percent = true
	case 'E', 'e':
		if len(rest) > 1 && (rest[1] == '+' || rest[1] == '-') {
			s.f.decimals = -1
			return len(rest) // an exponent form: leave the digits open
		}
		s.f.date = true
	case 'y', 'Y', 'd', 'D', 'm', 'M', 'h', 'H', 's', 'S':
		s.f.date = true
	case 'G', 'g':
		if len(rest) >= 7 && strings.EqualFold(rest[:7], "general") {
			s.seen, s.f.decimals = true, -1
			return 7
		}
		s.f.date = true
	case 'A', 'a':
		s.f.date = s.f.date || strings.HasPrefix(strings.ToLower(rest), "aa")
	case ' ', '@', '-', '+', '(', ')', '/', ':':
	default:
		s.literal(string(r))
	}
	return n
}

func (s *formatScan) done() *format {
	f := s.f
	f.suffix = strings.TrimSpace(s.after.String())
	f.noDigits = !s.seen
	if s.commas > 0 && !f.date {
		f.scaled = true
	}
	if f.date {
		*f = format{date: true}
	}
	return f
}

// shown prints a number the way the format shows it, as far as a message needs it.
func (f *format) shown(d decimal.Decimal) string {
	if f == nil || f.noDigits {
		return d.String()
	}
	if f.percent {
		d = d.Shift(2)
	}
	text := d.String()
	if f.decimals >= 0 {
		text = d.StringFixed(int32(min(f.decimals, 30))) //nolint:gosec // bounded on the same line
	}
	if f.grouped {
		text = groupDigits(text)
	}
	if f.percent {
		text += "%"
	}
	return f.prefix + text + f.suffix
}

func groupDigits(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, dot := strings.Cut(s, ".")
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if dot {
		return sign + b.String() + "." + rest
	}
	return sign + b.String()
}

// keyText prints a whole number as the key that the reader sees: 0000 and "A-"000 count, commas do not.
func (f *format) keyText(digits string) string {
	if f == nil || f.noDigits || f.split || f.percent || f.scaled || f.decimals != 0 || strings.ContainsAny(digits, ".-") {
		return digits
	}
	if missing := f.zeros - len(digits); missing > 0 && missing <= 30 {
		digits = strings.Repeat("0", missing) + digits
	}
	return f.prefix + digits + f.suffix
}
