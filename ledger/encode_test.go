package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// noteState is a state with every shape that the encoder knows, in field orders that are not those of the keys.
type noteState struct {
	Title  string      `json:"title"`
	Amount Money       `json:"amount"`
	On     *Day        `json:"on,omitempty"`
	Lines  []noteLine  `json:"lines,omitempty"`
	Area   *Area       `json:"area,omitempty"`
	Done   bool        `json:"done"`
	Count  int64       `json:"count"`
	Remark *Sealed     `json:"remark,omitempty"`
	Extra  interface{} `json:"extra,omitempty"`
}

type noteLine struct {
	Part string `json:"part"`
	N    int    `json:"n"`
}

func (s *noteState) Sealed() []SealedField { return []SealedField{{"remark", s.Remark}} }

func noteKinds() kindList {
	return kindList{"note": &Kind{Name: "note", New: func() State { return new(noteState) }}}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func goldenAt() time.Time {
	return time.Date(2021, 7, 1, 9, 2, 3, 4_005_999, time.FixedZone("+08", 8*3600))
}

func area(s string) *Area {
	a, _, err := ParseAreaText(s, Mu)
	return pointer(must(a, err))
}

func pointer[T any](v T) *T { return &v }

// The golden vectors: these bytes are hashed for ever. They are never changed, only added to.
func golden() []struct {
	name  string
	entry Entry
	want  string
} {
	clerk := Actor{"local:文员"}
	return []struct {
		name  string
		entry Entry
		want  string
	}{
		{
			"the first of a record", Entry{Actor: clerk, At: goldenAt(), Kind: "note.recorded", Record: 7, State: &noteState{Title: "厂房", Amount: must(ParseMoney("1234.5"))}},
			`{"v":1,"actor":"local:文员","at":"2021-07-01T01:02:03.004005Z","kind":"note.recorded","record":7,` +
				`"state":{"amount":"1234.50","count":0,"done":false,"title":"厂房"}}`,
		},
		{
			"with everything", Entry{
				Actor: clerk, Amends: pointer(int64(7)), At: goldenAt(), Kind: "note.amended", Record: 7,
				Reason: &Sealed{Commitment: strings.Repeat("0a", 32)}, Source: &Source{Import: 3, Sheet: "表1", Row: 12},
				State: &noteState{
					Title: `说"明"\n/<b>&` + "\u2028𠮷🐯é", Amount: must(ParseMoney("-0.05")), On: pointer(must(ParseDay("2021年3月5日"))),
					Lines: []noteLine{{"一", -1}, {"", 0}}, Area: area("12.5"),
					Done: true, Count: -9_223_372_036_854_775_808, Remark: &Sealed{Commitment: strings.Repeat("ff", 32)},
				},
			},
			`{"v":1,"actor":"local:文员","amends":7,"at":"2021-07-01T01:02:03.004005Z","kind":"note.amended",` +
				`"reason":{"sealed":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"},"record":7,` +
				`"source":{"import":3,"row":12,"sheet":"表1"},` +
				`"state":{"amount":"-0.05","area":"12.50","count":-9223372036854775808,"done":true,` +
				`"lines":[{"n":-1,"part":"一"},{"n":0,"part":""}],"on":"2021-03-05",` +
				`"remark":{"sealed":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},` +
				`"title":"说\"明\"\\n/<b>&` + "\u2028𠮷🐯é" + `"}}`,
		},
		{
			"amends entry 0", Entry{Actor: clerk, Amends: pointer(int64(0)), At: goldenAt(), Kind: "note.voided", State: &noteState{}},
			`{"v":1,"actor":"local:文员","amends":0,"at":"2021-07-01T01:02:03.004005Z","kind":"note.voided","record":0,` +
				`"state":{"amount":"0.00","count":0,"done":false,"title":""}}`,
		},
	}
}

func TestEncode_Golden(t *testing.T) {
	t.Parallel()
	for _, tt := range golden() {
		got, err := tt.entry.encode()
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got\n%s %v, want\n%s", tt.name, got, err, tt.want)
			continue
		}
		back, err := decodeEntry(noteKinds(), 9, got)
		if err != nil {
			t.Errorf("%s: reading it again: %v", tt.name, err)
			continue
		}
		if back.Seq != 9 || back.Voids() != (tt.entry.Kind == "note.voided") || !back.At.Equal(goldenAt().Truncate(time.Microsecond)) {
			t.Errorf("%s: read again as %+v", tt.name, back)
		}
	}
}

func TestEncode_Refused(t *testing.T) {
	t.Parallel()
	character, notNFC := E(Invalid, "text.bad_character"), E(Invalid, "text.not_nfc")
	for _, tt := range []struct {
		name, title string
		want        error
	}{
		{"NUL", "a\x00", character},
		{"line feed", "a\nb", character},
		{"tab", "\t", character},
		{"escape", "\x1b[0m", character},
		{"delete", "\x7f", character},
		{"next line, a control character of two bytes", "a\u0085b", character},
		{"the last of the C1 control characters", "\u009f", character},
		{"replacement character", "厂\ufffd", character},
		{"broken UTF-8", "\xe5\x8e", E(Invalid, "text.not_utf8")},
		{"a lone surrogate", "\xed\xa0\x80", E(Invalid, "text.not_utf8")},
		{"é as two characters", "e\u0301", notNFC},
		{"a compatibility ideograph that NFC changes", "\uf900", notNFC},
		{"too long", strings.Repeat("厂", 22_000), E(Invalid, "entry.too_large")},
	} {
		e := golden()[0].entry
		e.State = &noteState{Title: tt.title}
		if got, err := e.encode(); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %.80q, %v; want %v", tt.name, got, err, tt.want)
		}
		e.State, e.Kind = &noteState{}, "note."+tt.title
		if got, err := e.encode(); !errors.Is(err, tt.want) {
			t.Errorf("%s in the kind: got %.80q, %v; want %v", tt.name, got, err, tt.want)
		}
	}
	for name, extra := range map[string]any{
		"null": []*Sealed{nil}, "a fraction": []any{struct{ X complex64 }{}.X}, "a map": map[string]int{"a": 1}, "unsigned": uint8(1),
	} {
		if got, err := encodeEntry(&noteState{Extra: extra}); err == nil {
			t.Errorf("%s: got %s, want an error", name, got)
		}
	}
}

// Exactly 65,535 bytes go in, one more does not.
func TestEncode_Largest(t *testing.T) {
	t.Parallel()
	e := golden()[0].entry
	e.State = &noteState{}
	empty, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	e.State = &noteState{Title: strings.Repeat("x", 65_535-len(empty))}
	if body, err := e.encode(); err != nil || len(body) != 65_535 {
		t.Errorf("got %d bytes, %v; want 65535", len(body), err)
	}
	e.State = &noteState{Title: strings.Repeat("x", 65_536-len(empty))}
	if _, err := e.encode(); !errors.Is(err, E(Invalid, "entry.too_large")) {
		t.Errorf("65536 bytes: %v, want invalid entry.too_large", err)
	}
}

// There is one encoding: whatever says the same in other bytes is refused.
func TestDecode_NotCanonical(t *testing.T) {
	t.Parallel()
	good := golden()[1].want
	for name, change := range map[string][2]string{
		"a blank":                       {`"actor":`, `"actor": `},
		"a leading blank":               {`{"v"`, ` {"v"`},
		"a trailing line feed":          {`"}}`, "\"}}\n"},
		"bytes after it":                {`"}}`, `"}}{}`},
		"another order":                 {`{"v":1,"actor":"local:文员"`, `{"actor":"local:文员","v":1`},
		"another order in the state":    {`"count":-9223372036854775808,"done":true`, `"done":true,"count":-9223372036854775808`},
		"a key twice":                   {`"record":7`, `"record":7,"record":7`},
		"a key twice, the first other":  {`"record":7`, `"record":8,"record":7`},
		"an escaped letter":             {`文`, `\u6587`},
		"an escaped slash":              {`/`, `\/`},
		"an escaped angle bracket":      {`<`, `\u003c`},
		"an unknown key":                {`"record":7`, `"record":7,"recorded":1`},
		"an unknown key in the state":   {`"count"`, `"a":1,"count"`},
		"a key in capitals":             {`"kind"`, `"Kind"`},
		"no version":                    {`"v":1,`, ``},
		"version 2":                     {`"v":1`, `"v":2`},
		"version 1.0":                   {`"v":1`, `"v":1.0`},
		"null":                          {`"amends":7`, `"amends":null`},
		"an unknown kind":               {`note.amended`, `quote.amended`},
		"a kind without a dot":          {`note.amended`, `note`},
		"an amount with another zero":   {`"-0.05"`, `"-0.050"`},
		"an amount with a plus":         {`"-0.05"`, `"+0.05"`},
		"an amount as a number":         {`"-0.05"`, `-0.05`},
		"an area with another zero":     {`"12.50"`, `"12.500"`},
		"an area without its zero":      {`"12.50"`, `"12.5"`},
		"a day in another form":         {`"2021-03-05"`, `"2021-3-5"`},
		"no day":                        {`"2021-03-05"`, `"2021-02-30"`},
		"a time with a zone":            {`04005Z`, `04005+00:00`},
		"a time without its zeros":      {`03.004005Z`, `03.0040050Z`},
		"a number with an exponent":     {`"row":12`, `"row":1.2e1`},
		"a number with a leading zero":  {`"row":12`, `"row":012`},
		"minus zero":                    {`"n":0`, `"n":-0`},
		"an empty list":                 {`"on":`, `"extra":[],"on":`},
		"an empty sheet":                {`"sheet":"表1"`, `"sheet":""`},
		"text that is not NFC":          {`é`, "e\u0301"},
		"a replacement character":       {`é`, "\ufffd"},
		"broken UTF-8":                  {`é`, "\xc3"},
		"a raw control character":       {`é`, "\x01"},
		"an escaped control character":  {`é`, `\u0001`},
		"a state that is not an object": {`"state":{`, `"state":[{`},
		"cut off":                       {`"}}`, `"}`},
	} {
		body := strings.Replace(good, change[0], change[1], 1)
		if body == good {
			t.Errorf("%s: nothing was changed", name)
		}
		if e, err := decodeEntry(noteKinds(), 1, []byte(body)); err == nil {
			t.Errorf("%s: read as %+v, want an error", name, e)
		}
	}
	if _, err := decodeEntry(noteKinds(), 1, []byte(good)); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// text draws clean text of many scripts, with four-byte characters, quotes and backslashes among them.
func text() *rapid.Generator[string] {
	letters := rapid.OneOf(
		rapid.Rune(), rapid.RuneFrom([]rune("土地房屋租赁集体资产亩元𠮷𪚥🐯👨‍👩‍👧\u0301\"\\/<>&\u2028 ,{}[]:é\ufeff\u202e")),
	)
	return rapid.Custom(func(t *rapid.T) string {
		s := norm.NFC.String(string(rapid.SliceOfN(letters, 0, 40).Draw(t, "letters")))
		return strings.Map(func(r rune) rune {
			if r < 0x20 || 0x7f <= r && r < 0xa0 || r == utf8.RuneError {
				return '·'
			}
			return r
		}, s)
	})
}

func TestEncode_RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clean := text().Filter(func(s string) bool { return Clean(s) == nil })
		e := Entry{
			Actor: Actor{clean.Draw(t, "actor")}, At: time.UnixMicro(rapid.Int64Range(0, 4_000_000_000_000_000).Draw(t, "at")), Kind: "note." + clean.Draw(t, "kind"),
			Record: rapid.Int64().Draw(t, "record"), State: &noteState{
				Title: clean.Draw(t, "title"), Amount: must(ParseMoney(rapid.StringMatching(`-?[1-9][0-9]{0,13}\.[0-9]{2}`).Draw(t, "amount"))),
				Count: rapid.Int64().Draw(t, "count"), Done: rapid.Bool().Draw(t, "done"),
				Lines: []noteLine{{clean.Draw(t, "part"), rapid.Int().Draw(t, "n")}},
			},
		}
		if rapid.Bool().Draw(t, "sourced") {
			e.Source = &Source{Import: 1, Sheet: clean.Draw(t, "sheet"), Row: 2}
			e.Amends = pointer(rapid.Int64().Draw(t, "amends"))
		}
		body, err := e.encode()
		if err != nil {
			t.Fatalf("encoding %+v: %v", e, err)
		}
		back, err := decodeEntry(noteKinds(), 0, body)
		if err != nil {
			t.Fatalf("decoding %s: %v", body, err)
		}
		if again, err := back.encode(); err != nil || string(again) != string(body) {
			t.Fatalf("encoded again as\n%s, %v, want\n%s", again, err, body)
		}
		if got, want := back.State.(*noteState).Title, e.State.(*noteState).Title; got != want {
			t.Fatalf("title %q, want %q", got, want)
		}
	})
}

// Normal makes of any text one that an entry can hold, but for what Clean must tell the writer.
func TestNormal(t *testing.T) {
	t.Parallel()
	for _, tt := range [][2]string{
		{"  a\tb\r\nc ", "a b  c"}, {"张\u3000三", "张 三"}, {"\ufeff台账", "台账"}, {"a\u200bb", "ab"},
		{"e\u0301", "é"}, {"\u00a0x\u00a0", "x"}, {"", ""},
	} {
		in, want := tt[0], tt[1]
		if got := Normal(in); got != want {
			t.Errorf("Normal(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := Normal(text().Draw(t, "text"))
		if err := Clean(s); err != nil {
			t.Fatalf("Normal gives %q: %v", s, err)
		}
		if again := Normal(s); again != s {
			t.Fatalf("Normal(%q) = %q: not the same again", s, again)
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	for _, g := range golden() {
		f.Add([]byte(g.want))
		f.Add([]byte(g.want)[:len(g.want)/2])
	}
	for _, s := range []string{``, `null`, `{}`, `[]`, `{"v":1}`, `{"v":1,"kind":"note.x","state":null}`, strings.Repeat(`{"state":`, 500), "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEntry(noteKinds(), 1, body)
		if err != nil {
			return
		}
		if again, err := e.encode(); err != nil || string(again) != string(body) {
			t.Errorf("read %q, written %q, %v", body, again, err)
		}
	})
}
