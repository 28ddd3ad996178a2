package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

const around = `{"v":1,"actor":"local:root","at":"2026-11-23T12:44:01.142662Z","kind":"note.made","record":0,"state":`

func readLine(line string) string {
	var e entry
	newReader().read(&e, []byte(line), false)
	return e.bad
}

func TestScanner_States(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{
		`{}`: true, `{"a":"","b":1}`: false, `{"a":"x","b":-1,"c":true,"d":[1,"x",{"e":[]}]}`: true,
		`{"b":1,"a":1}`: false, `{"a":1,"a":1}`: false, `{"a":null}`: false, `{"a":1.0}`: false, `{"a":1e3}`: false, `{"a":01}`: false, `{"a":-0}`: false, `{"a":0}`: true,
		`{"a": 1}`: false, `{ }`: false, `{"a":1,}`: false, `{,"a":1}`: false, `{"a":[1,]}`: false, `{"a":"\n"}`: false, "{\"a\":\"\t\"}": false, `{"a":"\/"}`: false,
		`{"a":"\"\\"}`: true, "{\"a\":\"\u00a0 \u2028 𠀀 <&>/\"}": true, "{\"a\":\"\u0085\"}": false, "{\"a\":\"\x7f\"}": false, "{\"a\":\"\ufffd\"}": false,
		"{\"a\":\"\xff\"}": false, "{\"a\":\"\xed\xa0\x80\"}": false, `{"a":"一二三四五六七八九十"}`: true, `{"a":9223372036854775807}`: true, `{"a":9223372036854775808}`: false,
		`{"a":tru}`: false, `{"a":"x`: false, `{"a"}`: false, `{}}`: false, `{} `: false,
		`{"x":{"sealed":"00"}}`: false, `{"x":{"sealed":"` + strings.Repeat("0f", 32) + `"}}`: true, `{"x":{"sealed":"` + strings.Repeat("0F", 32) + `"}}`: false,
		`{"base_total":"1.00"}`: true, `{"base_total":"1.0"}`: false, `{"base_total":"01.00"}`: false, `{"base_total":"-0.00"}`: false, `{"base_total":"-0.05"}`: true,
		`{"hammered_on":"2021-02-29"}`: false, `{"hammered_on":"2024-02-29"}`: true, `{"verified_area_mu":"1.850"}`: false, `{"verified_area_mu":"1.85"}`: true,
		`{"verified_area_mu":"1.85175"}`: true, `{"floor_area_m2":"3286.6"}`: true, `{"floor_area_m2":"3286.60"}`: false, `{"floor_area_m2":"3286"}`: true,
	} {
		if bad := readLine(around + state + "}"); bad == "" != want {
			t.Errorf("%s: %q", state, bad)
		}
	}
	if bad := readLine(around + strings.Repeat(`{"a":`, 17) + "1" + strings.Repeat("}", 18)); bad == "" {
		t.Error("seventeen deep was read")
	}
	if bad := readLine(around + `{"a":"` + strings.Repeat("x", entryMax) + `"}}`); bad == "" {
		t.Error("one of more than 65,535 bytes was read")
	}
}

// What the scanner finds has its words in both languages.
func TestFlaw(t *testing.T) {
	t.Parallel()
	for en, zh := range map[string]string{
		"keys out of order": "键的次序不对", `want "record":`: `应为 "record":`, "a value of winner in another form": "winner 的值写法不对",
	} {
		if got := flaw(en); got.zh != zh || got.en != en {
			t.Errorf("%s: %+v", en, got)
		}
	}
}

func TestScanner_Heads(t *testing.T) {
	t.Parallel()
	line := around + "{}}"
	if bad := readLine(line); bad != "" {
		t.Fatal(bad)
	}
	for _, pair := range [][2]string{
		{`"v":1`, `"v":2`}, {"local:root", ""}, {"2026-11-23T", "2026-11-31T"}, {"12:44:01", "24:44:01"}, {".142662Z", ".14266Z"}, {".142662Z", ".142662+00:00"},
		{"note.made", "note"}, {"note.made", ".made"}, {`"record":0`, `"record":"0"`}, {`,"record"`, `,"reason":"x","record"`}, {`"actor"`, `"Actor"`},
		{`"state":{}`, `"state":[]`}, {`"state":{}`, `"state":{},"z":1`}, {`"record":0,`, ``},
	} {
		if bad := readLine(strings.Replace(line, pair[0], pair[1], 1)); bad == "" {
			t.Errorf("%s for %s was read", pair[1], pair[0])
		}
	}
}

// What the scanner takes, an encoder of another make writes in the same bytes.
func FuzzScanner(f *testing.F) {
	c, _ := sample(f)
	for _, line := range c.lines {
		f.Add(line)
	}
	f.Add(around + `{"a":"\"\\","b":[1,-2,{"c":true}]}}`)
	f.Fuzz(func(t *testing.T, line string) {
		if readLine(line) != "" {
			return
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		var v map[string]any
		if err := d.Decode(&v); err != nil || d.More() {
			t.Fatalf("no JSON (%v): %q", err, line)
		}
		if again := `{"v":1` + strings.Replace(again(v), "{", ",", 1); strings.Replace(again, `,"v":1`, "", 1) != line {
			t.Errorf("read %q, written again %q", line, again)
		}
	})
}

// again writes a value in canonical form.
func again(v any) string {
	var b bytes.Buffer
	switch v := v.(type) {
	case map[string]any:
		keys := []string{}
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for i, k := range keys {
			keys[i] = again(k) + ":" + again(v[k])
		}
		return "{" + strings.Join(keys, ",") + "}"
	case []any:
		items := []string{}
		for _, item := range v {
			items = append(items, again(item))
		}
		return "[" + strings.Join(items, ",") + "]"
	case string:
		return `"` + strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), `"`, `\"`) + `"`
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	b.WriteString("null")
	return b.String()
}
