package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"
)

const (
	entryMax = 65_535 // bytes of an entry
	depthMax = 16     // of objects and lists in each other
)

// scanner walks through the bytes of an entry and refuses what is not canonical JSON (docs/log-format.md, 3). It reads
// each byte once and allocates nothing: this is most of the work beside hashing. The one rule that it leaves out is
// Unicode's NFC, for which the standard library has no tables; a text in another form is still the text that was signed.
type scanner struct {
	b     []byte
	i     int
	depth int
	bad   string // what is wrong; "" for nothing yet
}

func (s *scanner) fail(what string) bool {
	if s.bad == "" {
		s.bad = what
	}
	return false
}

// take goes over an exact text.
func (s *scanner) take(text string) bool {
	if len(s.b)-s.i < len(text) || string(s.b[s.i:s.i+len(text)]) != text {
		return false
	}
	s.i += len(text)
	return true
}

// need is take, but a fault where it is not there.
func (s *scanner) need(text string) bool { return s.take(text) || s.fail("want "+text) }

// peek is the next byte; 0 at the end.
func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// hasByte has the high bit of a byte set where it is the one that repeats in pattern. It may say so of a byte above such
// a one, too; the lowest is right.
func hasByte(word, pattern uint64) uint64 {
	x := word ^ pattern
	return (x - ones) & ^x & highs
}

// special marks, in the same way, the bytes that end a run of plain ASCII: a quote, a backslash, DEL, a control character
// or a byte of a longer character.
func special(word uint64) uint64 {
	return (word | (word - ones*' ') | (word + ones) | hasByte(word, ones*'"') | hasByte(word, ones*'\\')) & highs
}

// text goes over a string and gives what stands between its quotes, with its escapes.
func (s *scanner) text() (raw []byte, ok bool) {
	if s.peek() != '"' {
		return nil, s.fail("want a text")
	}
	b, i := s.b, s.i+1
	start := i
	for {
		if i+8 <= len(b) {
			ends := special(binary.LittleEndian.Uint64(b[i:]))
			if ends == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(ends) / 8
		} else if i >= len(b) {
			return nil, s.fail("a text without an end")
		}
		c := b[i]
		switch {
		case c == '"':
			s.i = i + 1
			return b[start:i], true
		case c == '\\':
			if i+1 >= len(b) || b[i+1] != '"' && b[i+1] != '\\' {
				return nil, s.fail("an escape that needs none")
			}
			i += 2
		case c < ' ' || c == 0x7f:
			return nil, s.fail("a control character")
		case c < utf8.RuneSelf:
			i++
		}
		for i < len(b) && b[i] >= utf8.RuneSelf {
			n := runeAt(b[i:])
			if n == 0 {
				return nil, s.fail("a character that no text may hold")
			}
			i += n
		}
	}
}

// runeAt is the length of the character at the beginning of b; 0 for broken UTF-8, a control character or U+FFFD.
func runeAt(b []byte) int {
	if len(b) >= 3 && b[0] >= 0xe1 && b[0] <= 0xec && b[1]&0xc0 == 0x80 && b[2]&0xc0 == 0x80 {
		return 3 // most Chinese characters
	}
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError || r >= 0x80 && r <= 0x9f {
		return 0
	}
	return n
}

// number goes over a whole number.
func (s *scanner) number() (n int64, ok bool) {
	negative := s.take("-")
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		digit := int64(s.b[s.i] - '0')
		if n > (math.MaxInt64-digit)/10 {
			return 0, s.fail("a number that is too large")
		}
		n = 10*n + digit
		s.i++
	}
	if s.i == start || s.b[start] == '0' && (s.i > start+1 || negative) {
		return 0, s.fail("a number in another form")
	}
	if negative {
		n = -n
	}
	return n, true
}

// key goes over a key and its colon. Keys come in the order of their bytes, each once.
func (s *scanner) key(previous []byte) (key []byte, ok bool) {
	// Nearly all keys are a few small letters: they are gone over byte by byte, and only another one as any text.
	start := s.i + 1
	i := start
	for i < len(s.b) && (s.b[i] >= 'a' && s.b[i] <= 'z' || s.b[i] == '_') {
		i++
	}
	if i+1 < len(s.b) && s.b[i] == '"' && s.b[i+1] == ':' && s.b[start-1] == '"' {
		key, s.i = s.b[start:i], i+2
		inOrder := len(previous) > 0 && len(key) > 0 && previous[0] < key[0] && previous[0] != '\\'
		if previous != nil && !inOrder && bytes.Compare(unescape(previous), key) >= 0 {
			return nil, s.fail("keys out of order")
		}
		return key, true
	}
	if key, ok = s.text(); !ok {
		return nil, false
	}
	if previous != nil && bytes.Compare(unescape(previous), unescape(key)) >= 0 {
		return nil, s.fail("keys out of order")
	}
	return key, s.need(":")
}

// unescape takes the backslashes out of a text that was scanned.
func unescape(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	clear := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			i++
		}
		clear = append(clear, raw[i])
	}
	return clear
}

// value goes over any value. There is no null, and nothing has a fraction.
func (s *scanner) value() bool {
	switch c := s.peek(); {
	case c == '"':
		_, ok := s.text()
		return ok
	case c == '{':
		return s.object(func([]byte) bool { return s.value() })
	case c == '[':
		return s.list(s.value)
	case c == '-' || c >= '0' && c <= '9':
		_, ok := s.number()
		return ok
	case s.take("true") || s.take("false"):
		return true
	}
	return s.fail("want a value")
}

// object goes over an object; member goes over the value of a key.
func (s *scanner) object(member func(key []byte) bool) bool {
	if !s.need("{") {
		return false
	}
	if s.depth++; s.depth > depthMax {
		return s.fail("too deep")
	}
	var previous []byte
	for !s.take("}") {
		if previous != nil && !s.need(",") {
			return false
		}
		key, ok := s.key(previous)
		if !ok || !member(key) {
			return false
		}
		previous = key
	}
	s.depth--
	return true
}

// list goes over a list; item goes over one of its values.
func (s *scanner) list(item func() bool) bool {
	if !s.need("[") {
		return false
	}
	if s.depth++; s.depth > depthMax {
		return s.fail("too deep")
	}
	for first := true; !s.take("]"); first = false {
		if !first && !s.need(",") || !item() {
			return false
		}
	}
	s.depth--
	return true
}
