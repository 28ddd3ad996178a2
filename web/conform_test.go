package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// contract is the API's document, held against what is really answered: every answer that a test of the API gets
// goes through it.
type contract struct {
	paths   map[string]map[string]map[string]any // path → method → operation
	schemas map[string]any
	forms   []pathForm
}

type pathForm struct {
	path string
	form *regexp.Regexp
}

func newContract(tb testing.TB, text []byte) *contract {
	tb.Helper()
	var d struct {
		Paths      map[string]map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	exactly(tb, text, &d)
	c := &contract{paths: d.Paths, schemas: d.Components.Schemas}
	for path := range d.Paths {
		form := regexp.MustCompile(`\\\{[a-z_]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`)
		c.forms = append(c.forms, pathForm{path, regexp.MustCompile("^" + form + "$")})
	}
	slices.SortFunc(c.forms, func(a, b pathForm) int { return strings.Count(a.path, "{") - strings.Count(b.path, "{") }) // the exact ones first
	return c
}

// exactly reads JSON with its numbers as they are written.
func exactly(tb testing.TB, text []byte, into any) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		tb.Fatalf("%v: %.300s", err, text)
	}
}

// holds fails the test when an answer is not what the document says.
func (c *contract) holds(tb testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	tb.Helper()
	at := slices.IndexFunc(c.forms, func(f pathForm) bool { return f.form.MatchString(r.URL.Path) })
	if at < 0 {
		return // not an address of the API
	}
	op := c.paths[c.forms[at].path][strings.ToLower(r.Method)]
	if op == nil {
		return // 405
	}
	where := r.Method + " " + c.forms[at].path + " " + strconv.Itoa(w.Code)
	answer, ok := op["responses"].(map[string]any)[strconv.Itoa(w.Code)].(map[string]any)
	if !ok {
		tb.Errorf("%s: the document does not know this status: %s", where, w.Body)
		return
	}
	content, _ := answer["content"].(map[string]any)
	if len(content) == 0 {
		if w.Body.Len() > 0 {
			tb.Errorf("%s: the document knows no body: %s", where, w.Body)
		}
		return
	}
	media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	kind, ok := content[media].(map[string]any)
	if !ok {
		tb.Errorf("%s: Content-Type %q, the document has %v", where, w.Header().Get("Content-Type"), content)
		return
	}
	if media == "text/plain" || media == "application/zip" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(w.Body.String(), "\n"), "\n") {
		var v any
		exactly(tb, []byte(line), &v)
		for _, fault := range c.faults(where, kind["schema"].(map[string]any), v) {
			tb.Errorf("%s: %.300s", fault, line)
		}
	}
}

// faults tells what of a value does not fit a schema. Members that the schema does not name are faults too: the
// document shall be whole.
func (c *contract) faults(at string, schema map[string]any, v any) (faults []string) {
	if ref, ok := schema["$ref"].(string); ok {
		schema = c.schemas[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any)
	}
	if list, ok := schema["anyOf"].([]any); ok {
		for _, s := range list {
			if len(c.faults(at, s.(map[string]any), v)) == 0 {
				return nil
			}
		}
		return []string{at + ": fits none of them"}
	}
	if len(schema) == 0 {
		return nil
	}
	if v == nil {
		if types, ok := schema["type"].([]any); schema["type"] == "null" || ok && slices.Contains(types, any("null")) {
			return nil
		}
		return []string{at + ": null"}
	}
	return c.typed(at, schema, v, fmt.Sprint(schema["type"]))
}

func (c *contract) typed(at string, schema map[string]any, v any, kind string) (faults []string) {
	switch v := v.(type) {
	case string:
		if !strings.Contains(kind, "string") {
			return []string{at + ": a string, not " + kind}
		}
		if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
			faults = append(faults, at+": "+v+" is not of the form "+pattern)
		}
		if most, ok := schema["maxLength"].(json.Number); ok {
			if n, err := strconv.Atoi(most.String()); err != nil || utf8.RuneCountInString(v) > n {
				faults = append(faults, at+": too long")
			}
		}
		if list, ok := schema["enum"].([]any); ok && !slices.Contains(list, any(v)) {
			faults = append(faults, at+": "+v+" is none of them")
		}
	case json.Number:
		if _, err := v.Int64(); !strings.Contains(kind, "integer") || err != nil {
			return []string{at + ": a number, not " + kind}
		}
	case bool:
		if !strings.Contains(kind, "boolean") {
			return []string{at + ": a boolean, not " + kind}
		}
	case []any:
		items, ok := schema["items"].(map[string]any)
		if !strings.Contains(kind, "array") || !ok {
			return []string{at + ": an array, not " + kind}
		}
		for i, x := range v {
			faults = append(faults, c.faults(fmt.Sprint(at, "/", i), items, x)...)
		}
	case map[string]any:
		return c.object(at, schema, v, kind)
	}
	return faults
}

func (c *contract) object(at string, schema map[string]any, v map[string]any, kind string) (faults []string) {
	if !strings.Contains(kind, "object") {
		return []string{at + ": an object, not " + kind}
	}
	properties, _ := schema["properties"].(map[string]any)
	others, _ := schema["additionalProperties"].(map[string]any)
	for name, x := range v {
		s, ok := properties[name].(map[string]any)
		if !ok {
			s = others
		}
		if s == nil {
			faults = append(faults, at+"/"+name+" is not in the document")
			continue
		}
		faults = append(faults, c.faults(at+"/"+name, s, x)...)
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			faults = append(faults, at+"/"+name.(string)+" is missing")
		}
	}
	return faults
}

// The judge itself can tell right from wrong.
func TestContract(t *testing.T) {
	t.Parallel()
	c := &contract{schemas: map[string]any{"A": map[string]any{
		"type": "object", "required": []any{"n"}, "properties": map[string]any{
			"n": map[string]any{"type": "integer"}, "s": map[string]any{"type": "string", "pattern": "^a"},
			"l": map[string]any{"type": "array", "items": map[string]any{"$ref": "#/components/schemas/A"}}, "z": map[string]any{"type": []any{"string", "null"}},
		},
	}}}
	for text, want := range map[string]int{
		`{"n":1}`: 0, `{"n":1,"s":"a","l":[{"n":2}],"z":null}`: 0, `{}`: 1, `{"n":"1"}`: 1, `{"n":1.5}`: 1, `{"n":1,"s":"b"}`: 1, `{"n":1,"x":1}`: 1,
		`{"n":1,"l":[{},{"n":null}]}`: 2, `[]`: 1, `null`: 1, `{"n":1,"l":{}}`: 1, `{"n":true}`: 1,
	} {
		var v any
		exactly(t, []byte(text), &v)
		if got := c.faults("", map[string]any{"$ref": "#/components/schemas/A"}, v); len(got) != want {
			t.Errorf("%s: %q, want %d", text, got, want)
		}
	}
}
