package sheet

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// attr finds an attribute of the last start tag by its local name; the value is still escaped.
func (x *xmlReader) attr(name string) []byte {
	rest := x.attrs
	for {
		rest = trimXML(rest)
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimRight(rest[:eq], " \t\r\n")
		rest = trimXML(rest[eq+1:])
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if i := bytes.LastIndexByte(key, ':'); i >= 0 && !bytes.HasPrefix(key, []byte("xmlns")) {
			key = key[i+1:]
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

// attrText is an attribute as text; "" when it is not there.
func (x *xmlReader) attrText(name string) string {
	return string(unescape(nil, x.attr(name)))
}

// attrInt is an attribute as a number; otherwise when it is not there or no number.
func (x *xmlReader) attrInt(name string, otherwise int) int {
	n, ok := atoi(x.attr(name))
	if !ok {
		return otherwise
	}
	return n
}

func (x *xmlReader) attrTrue(name string) bool {
	v := string(x.attr(name))
	return v == "1" || v == "true" || v == "on"
}

// atoi reads a short whole number without allocating.
func atoi(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// appendText adds the last text to dst, unescaped.
func (x *xmlReader) appendText(dst []byte) []byte {
	if x.cdata {
		return append(dst, x.text...)
	}
	return unescape(dst, x.text)
}

// unescape resolves the five named entities and character numbers; anything else stays as it is.
func unescape(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '&')
		if i < 0 {
			return append(dst, src...)
		}
		dst = append(dst, src[:i]...)
		src = src[i:]
		end := bytes.IndexByte(src, ';')
		if end < 0 {
			return append(dst, src...)
		}
		r, ok := entity(string(src[1:end]))
		if ok {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, src[:end+1]...)
		}
		src = src[end+1:]
	}
}

func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}
