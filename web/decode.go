package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"mingzhang/ledger"
)

// The bounds of a body of JSON.
const (
	jsonBytesMax = 1 << 20
	jsonDepthMax = 32
)

// object is a JSON object, its members in the order in which they came. The other values are []any, string,
// json.Number, bool and nil.
type object []member

type member struct {
	name  string
	value any
}

// readBody reads a body that must be JSON: 415, 413, 400.
func readBody(r *http.Request) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, named := params["charset"]
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") || named && !strings.EqualFold(charset, "utf-8") {
		return nil, ledger.E(ledger.Invalid, "body.not_json", r.Header.Get("Content-Type"))
	}
	if r.ContentLength > jsonBytesMax {
		return nil, ledger.E(ledger.Invalid, "body.too_large", jsonBytesMax>>20)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, jsonBytesMax+1))
	if isTooLarge(err) || len(body) > jsonBytesMax {
		return nil, ledger.E(ledger.Invalid, "body.too_large", jsonBytesMax>>20)
	}
	if err != nil {
		return nil, ledger.E(ledger.Invalid, "body.unreadable").Because(err)
	}
	return body, nil
}

// readJSON reads one JSON value strictly: UTF-8, no key twice, not too deep, nothing after it.
func readJSON(body []byte) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, ledger.E(ledger.Invalid, "json.empty")
	}
	if !utf8.Valid(body) {
		return nil, ledger.E(ledger.Invalid, "json.not_utf8")
	}
	if depthOf(body) > jsonDepthMax {
		return nil, ledger.E(ledger.Invalid, "json.too_deep", jsonDepthMax)
	}
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		at := int64(len(body))
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = syntax.Offset
		}
		return nil, ledger.E(ledger.Invalid, "json.unreadable", at).Because(err)
	}
	p := jsonReader{body: body, tokens: json.NewDecoder(bytes.NewReader(body))}
	p.tokens.UseNumber()
	return p.value("")
}

// depthOf is how deep arrays and objects nest, whatever else is wrong. It stops where it is too deep.
func depthOf(body []byte) int {
	depth, deepest, inText := 0, 0, false
	for i := 0; i < len(body) && deepest <= jsonDepthMax; i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// jsonReader goes through a text that is known to be JSON and not too deep.
type jsonReader struct {
	body   []byte
	tokens *json.Decoder
}

func (p *jsonReader) token(at string) (json.Token, error) {
	from := p.tokens.InputOffset()
	t, err := p.tokens.Token()
	if err != nil {
		return nil, ledger.E(ledger.Invalid, "json.unreadable", p.tokens.InputOffset()).Because(err)
	}
	if text, ok := t.(string); ok && halfSurrogates(p.body[from:p.tokens.InputOffset()], text) {
		return nil, ledger.E(ledger.Invalid, "json.not_utf8").On(fieldOf(at))
	}
	return t, nil
}

// halfSurrogates holds when half a surrogate pair (\ud800) was read as the character that stands for none.
func halfSurrogates(raw []byte, text string) bool {
	n := strings.Count(text, "\ufffd")
	return n > 0 && n > bytes.Count(raw, []byte("\ufffd"))+bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`))
}

func (p *jsonReader) value(at string) (any, error) {
	t, err := p.token(at)
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return p.object(at)
	case json.Delim('['):
		return p.array(at)
	}
	return t, nil
}

func (p *jsonReader) object(at string) (any, error) {
	o := object{}
	seen := map[string]bool{}
	for p.tokens.More() {
		t, err := p.token(at)
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if seen[name] {
			return nil, &faultsError{[]fault{{err: ledger.E(ledger.Invalid, "json.duplicate_key", name), pointer: below(at, name)}}}
		}
		seen[name] = true
		v, err := p.value(below(at, name))
		if err != nil {
			return nil, err
		}
		o = append(o, member{name, v})
	}
	_, err := p.token(at) // the closing brace
	return o, err
}

func (p *jsonReader) array(at string) (any, error) {
	list := []any{}
	for p.tokens.More() {
		v, err := p.value(belowIndex(at, len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := p.token(at)
	return list, err
}
