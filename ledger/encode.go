package ledger

import (
	"bytes"
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// entryBytesMax is the most that a leaf may have: the tile format of C2SP tlog-tiles counts an
// entry's length in 16 bits.
const entryBytesMax = 65_535

// The encoder is our own because encoding/json's bytes differ between Go builds (it escapes more in
// some, and has changed its mind before), and these bytes are hashed for ever. docs/log-format.md
// is its contract; golden vectors in encode_test.go hold it.

// encodeEntry makes the canonical bytes of an entry: {"v":1, then the keys in byte order.
func encodeEntry(v any) ([]byte, error) {
	var e encoder
	e.WriteString(`{"v":1`)
	if err := e.members(reflect.ValueOf(v), true); err != nil {
		return nil, err
	}
	e.WriteByte('}')
	if e.Len() > entryBytesMax {
		return nil, E(Invalid, "entry.too_large", e.Len(), entryBytesMax)
	}
	return e.Bytes(), nil
}

// CanonicalJSON is the encoding of one value without the version, for columns that hold JSON. It is
// for values that an entry holds too: what cannot be encoded was refused before.
func CanonicalJSON(v any) string {
	var e encoder
	if err := e.value(reflect.ValueOf(v)); err != nil {
		return "!" + err.Error() // seen by check: the column differs from what it should be
	}
	return e.String()
}

type encoder struct{ bytes.Buffer }

// member is a field of a struct that is written, in the order of its key's bytes.
type member struct {
	key       string
	index     []int
	omitEmpty bool
}

var memberLists sync.Map // reflect.Type → []member; a cache, no state

func membersOf(t reflect.Type) []member {
	if known, ok := memberLists.Load(t); ok {
		return known.([]member)
	}
	var list []member
	for _, f := range reflect.VisibleFields(t) {
		tag, ok := f.Tag.Lookup("json")
		if !ok || tag == "-" || !f.IsExported() {
			continue
		}
		key, rest, _ := strings.Cut(tag, ",")
		list = append(list, member{key: key, index: f.Index, omitEmpty: rest == "omitempty"})
	}
	slices.SortFunc(list, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	memberLists.Store(t, list)
	return list
}

func (e *encoder) members(v reflect.Value, comma bool) error {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for _, m := range membersOf(v.Type()) {
		field := v.FieldByIndex(m.index)
		if m.omitEmpty && absent(field) {
			continue
		}
		if comma {
			e.WriteByte(',')
		}
		comma = true
		if err := e.text(m.key); err != nil {
			return err
		}
		e.WriteByte(':')
		if err := e.value(field); err != nil {
			return fmt.Errorf("%s: %w", m.key, err)
		}
	}
	return nil
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.String:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

func (e *encoder) value(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return fmt.Errorf("ledger: an entry has no null; leave the key out")
		}
		return e.value(v.Elem())
	case reflect.Struct:
		if m, ok := v.Interface().(encoding.TextMarshaler); ok {
			b, err := m.MarshalText()
			if err != nil {
				return err
			}
			return e.text(string(b))
		}
		e.WriteByte('{')
		err := e.members(v, false)
		e.WriteByte('}')
		return err
	case reflect.String:
		return e.text(v.String())
	case reflect.Int, reflect.Int64, reflect.Int32:
		e.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Bool:
		e.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Slice:
		e.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				e.WriteByte(',')
			}
			if err := e.value(v.Index(i)); err != nil {
				return err
			}
		}
		e.WriteByte(']')
	default:
		return fmt.Errorf("ledger: an entry cannot hold a %s", v.Type())
	}
	return nil
}

// text writes a string with " and \ escaped and nothing else. What cannot stand in an entry is
// refused, so that one text has one encoding.
func (e *encoder) text(s string) error {
	if err := Clean(s); err != nil {
		return err
	}
	e.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			e.WriteByte('\\')
		}
		e.WriteByte(s[i])
	}
	e.WriteByte('"')
	return nil
}

// Clean refuses text that an entry cannot hold: broken UTF-8, control characters (NUL among them),
// the replacement character that broken decoding leaves behind, and what is not in NFC.
func Clean(s string) error {
	if !utf8.ValidString(s) {
		return E(Invalid, "text.not_utf8", clip(strings.ToValidUTF8(s, "?")))
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return E(Invalid, "text.bad_character", fmt.Sprintf("U+%04X", r), clip(strings.ReplaceAll(s, "\x00", "␀")))
		}
	}
	if !norm.NFC.IsNormalString(s) {
		return E(Invalid, "text.not_nfc", clip(s))
	}
	return nil
}

// Normal is text as it goes into the book: NFC, no blanks at the ends, line breaks and tabs as one
// blank each. It is applied once, on input.
func Normal(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\t', '\u00a0', '\u3000':
			return ' '
		case '\u200b', '\ufeff':
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.TrimSpace(s))
}
