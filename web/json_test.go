package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// refusal is a problem as a client reads it.
type refusal struct {
	Type, Title, Code, Reason, Field, Pointer, Parameter string
	Status                                               int
	Errors                                               []struct{ Reason, Title, Field, Pointer, Parameter string }
	RequestID                                            string `json:"request_id"`
}

// refused wants a problem.
func (b *bundle) refused(w interface{ Result() *http.Response }, status int, reason, place string) refusal {
	b.tb.Helper()
	resp := w.Result()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	var p refusal
	if err := json.Unmarshal(body, &p); err != nil {
		b.tb.Fatalf("%d, no problem: %v: %.300s", resp.StatusCode, err, body)
	}
	if resp.StatusCode != status || p.Status != status || p.Reason != reason || p.Pointer+p.Parameter != place || p.Type != "/problems/"+reason ||
		p.Title == "" || p.RequestID != resp.Header.Get("X-Request-Id") || resp.Header.Get("Content-Type") != "application/problem+json" {
		b.tb.Errorf("%d %s at %q, want %d %s at %q: %s", resp.StatusCode, p.Reason, p.Pointer+p.Parameter, status, reason, place, body)
	}
	return p
}

// probed is a server with the routes that tests try things on.
func probed(t *testing.T) *bundle {
	t.Helper()
	b := demo(t)
	b.handler = b.server(b.options()).Probe().Handler()
	return b
}

const good = `{"name":"甲乙丙丁戊","kind":"a","count":9,"flag":true,"on":"2021-03-05","lines":[{"price":"12.50","tags":["abc"]}]}`

func TestJSON_Strict(t *testing.T) {
	t.Parallel()
	b := probed(t)
	if w := b.api("POST", "/api/v1/probe", good); w.Code != http.StatusCreated || strings.TrimSpace(w.Body.String()) != good {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct {
		name, body    string
		status        int
		reason, place string
	}{
		{"empty", " \n", 400, "json.empty", ""},
		{"not JSON", `{"name":`, 400, "json.unreadable", ""},
		{"a comma too many", `{"name":"x",}`, 400, "json.unreadable", ""},
		{"something after it", `{"name":"x"} {}`, 400, "json.unreadable", ""},
		{"a bad number", `{"count":01}`, 400, "json.unreadable", ""},
		{"33 deep", `{"lines":` + deep(32) + `}`, 400, "json.too_deep", ""},
		{"10,000 deep", deep(10_000), 400, "json.too_deep", ""},
		{"100,000 deep and never closed", strings.Repeat(`{"a":`, 100_000), 400, "json.too_deep", ""},
		{"brackets in a text", `{"name":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}`, 422, "field.too_long", "/name"},
		{"a key twice", `{"name":"x","name":"y"}`, 400, "json.duplicate_key", "/name"},
		{"a key twice, written otherwise", `{"name":"x","n\u0061me":"y"}`, 400, "json.duplicate_key", "/name"},
		{"a key twice, deep", `{"name":"x","lines":[{"price":"1","price":"2"}]}`, 400, "json.duplicate_key", "/lines/0/price"},
		{"unknown field", `{"name":"x","nome":"y"}`, 422, "json.unknown_field", "/nome"},
		{"unknown field by case", `{"Name":"x","name":"y"}`, 422, "json.unknown_field", "/Name"},
		{"unknown field, deep, odd name", `{"name":"x","lines":[{"price":"1","a/b~c":1}]}`, 422, "json.unknown_field", "/lines/0/a~1b~0c"},
		{"a number for a string", `{"name":5}`, 422, "json.wrong_type", "/name"},
		{"a number for an amount", `{"name":"x","lines":[{"price":"1"},{"price":12.5}]}`, 422, "json.wrong_type", "/lines/1/price"},
		{"a string for a number", `{"name":"x","count":"5"}`, 422, "json.wrong_type", "/count"},
		{"a fraction for an integer", `{"name":"x","count":1.5}`, 422, "json.wrong_type", "/count"},
		{"an integer with an exponent", `{"name":"x","count":1e1}`, 422, "json.wrong_type", "/count"},
		{"an integer too large", `{"name":"x","count":99999999999999999999}`, 422, "json.wrong_type", "/count"},
		{"null for a string", `{"name":null}`, 422, "json.wrong_type", "/name"},
		{"null for a list", `{"name":"x","lines":null}`, 422, "json.wrong_type", "/lines"},
		{"an array for an object", `[]`, 422, "json.wrong_type", ""},
		{"an object for an array", `{"name":"x","lines":{}}`, 422, "json.wrong_type", "/lines"},
		{"not UTF-8", "{\"name\":\"\xff\"}", 400, "json.not_utf8", ""},
		{"half a surrogate pair", `{"name":"\ud800"}`, 400, "json.not_utf8", "/name"},
		{"a character for none", `{"name":"\ufffd"}`, 422, "field.bad_character", "/name"},
		{"NUL", `{"name":"a\u0000"}`, 422, "field.bad_character", "/name"},
		{"escape", `{"name":"a\u001b"}`, 422, "field.bad_character", "/name"},
		{"missing", `{}`, 422, "field.missing", "/name"},
		{"too long", `{"name":"甲乙丙丁戊己"}`, 422, "field.too_long", "/name"},
		{"none of them", `{"name":"x","kind":"c"}`, 422, "field.one_of", "/kind"},
		{"too large", `{"name":"x","count":10}`, 422, "field.too_large", "/count"},
		{"too small", `{"name":"x","count":-1}`, 422, "field.too_small", "/count"},
		{"not a day", `{"name":"x","on":"2021-02-30"}`, 422, "day.impossible", "/on"},
		{"not an amount", `{"name":"x","lines":[{"price":"1.234"}]}`, 422, "field.form", "/lines/0/price"},
		{"a name for none", `{"name":"x","lines":[{"price":"NaN"}]}`, 422, "field.form", "/lines/0/price"},
		{"too many", `{"name":"x","lines":[{"price":"1"},{"price":"1"},{"price":"1"}]}`, 422, "field.too_many", "/lines"},
		{"too long, deep", `{"name":"x","lines":[{"price":"1","tags":["a","abcd"]}]}`, 422, "field.too_long", "/lines/0/tags/1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := *b
			b.tb = t
			b.refused(b.api("POST", "/api/v1/probe", tt.body), tt.status, tt.reason, tt.place)
		})
	}
}

// All faults are told at once, in the language that is asked for.
func TestJSON_AllFaults(t *testing.T) {
	t.Parallel()
	b := probed(t)
	p := b.refused(b.api("POST", "/api/v1/probe", `{"name":1,"nome":2,"lines":[{"price":3}]}`), 422, "json.wrong_type", "/name")
	if len(p.Errors) != 3 || p.Errors[1].Pointer != "/nome" || p.Errors[2].Field != "lines.0.price" || p.Title != "类型不对：应为字符串，收到的是数字。" {
		t.Errorf("%+v", p)
	}
	p = b.refused(b.api("POST", "/api/v1/probe", `{"kind":"c"}`, "Accept-Language", "en-GB,en;q=0.9,zh;q=0.8"), 422, "field.missing", "/name")
	if len(p.Errors) != 2 || p.Title != "This is missing. Please fill it in." {
		t.Errorf("%+v", p)
	}
	p = b.refused(b.api("POST", "/api/v1/probe?lang=en", `{"kind":"c"}`, "Accept-Language", "zh"), 422, "field.missing", "/name")
	if p.Title != "This is missing. Please fill it in." {
		t.Errorf("%+v", p)
	}
}

// endless is a body that goes on.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	copy(p, bytes.Repeat([]byte{' '}, len(p)))
	return len(p), nil
}

func TestBody_Bounds(t *testing.T) {
	t.Parallel()
	b := probed(t)
	padded := good + strings.Repeat(" ", 1<<20-len(good))
	if w := b.api("POST", "/api/v1/probe", padded); w.Code != http.StatusCreated {
		t.Errorf("a body of 1 MB: %d %s", w.Code, w.Body)
	}
	b.refused(b.api("POST", "/api/v1/probe", padded+" "), 413, "body.too_large", "")
	for _, length := range []int64{1 << 30, -1} {
		body := &endless{}
		r := b.request(http.MethodPost, "/api/v1/probe", body)
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = length
		w, _ := b.answer(r)
		b.refused(w, 413, "body.too_large", "")
		if body.read > 2<<20 {
			t.Errorf("%d bytes were read of a body without end", body.read)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=gbk", "rubbish;;"} {
		b.refused(b.api("POST", "/api/v1/probe", good, "Content-Type", kind), 415, "body.not_json", "")
	}
	for _, kind := range []string{"application/json; charset=utf-8", "Application/JSON; charset=UTF-8", "application/merge-patch+json"} {
		if w := b.api("POST", "/api/v1/probe", good, "Content-Type", kind); w.Code != http.StatusCreated {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}
