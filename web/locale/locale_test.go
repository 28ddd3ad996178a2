package locale_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/web/locale"
)

// ofError is the family of the sentences of reasons.
const ofError = "error."

// read takes the files as they are, not through the package.
func read(tb testing.TB, name string) map[string]string {
	tb.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(src, &texts); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return texts
}

// verbs gives the verb of each argument, whatever order they stand in. The files use these forms only.
func verbs(tb testing.TB, sentence string) map[int]string {
	tb.Helper()
	all := map[int]string{}
	next := 1
	for _, m := range regexp.MustCompile(`%(\[[1-9]\])?(.?)`).FindAllStringSubmatch(sentence, -1) {
		if m[2] == "%" && m[1] == "" {
			continue
		}
		if m[2] != "s" && m[2] != "d" && m[2] != "v" {
			tb.Errorf("%q: %s is no verb for sentences: %%s, %%d, %%v", sentence, m[0])
		}
		if m[1] != "" {
			next = int(m[1][1] - '0')
		}
		all[next] = m[2]
		next++
	}
	return all
}

func TestLanguages_Agree(t *testing.T) {
	t.Parallel()
	zh, en := read(t, "zh.json"), read(t, "en.json")
	if zk, ek := slices.Sorted(maps.Keys(zh)), slices.Sorted(maps.Keys(en)); !slices.Equal(zk, ek) {
		t.Errorf("the keys differ:\nzh %q\nen %q", zk, ek)
	}
	families := []string{ofError, locale.Column, locale.Note, locale.Ignored, locale.Skipped, locale.Fit}
	for key, sentence := range zh {
		if got, want := verbs(t, en[key]), verbs(t, sentence); !maps.Equal(got, want) {
			t.Errorf("%s: verbs of en %v, of zh %v", key, got, want)
		}
		if !slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) && len(key) > len(f) }) {
			t.Errorf("%s belongs to none of %q", key, families)
		}
	}
}

// Sentences are whole: they end in a full stop, and Chinese ones have Chinese marks. Words are no sentences.
func TestLanguages_Style(t *testing.T) {
	t.Parallel()
	digits := regexp.MustCompile(`\d,\d`)
	for name, stop := range map[string]string{"zh.json": "。", "en.json": "."} {
		for key, text := range read(t, name) {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s: %q is empty or has blanks around it", name, key, text)
			}
			if sentence := strings.HasPrefix(key, ofError); sentence && !strings.HasSuffix(text, stop) {
				t.Errorf("%s: %s: %q does not end with %s", name, key, text, stop)
			}
			if plain := digits.ReplaceAllString(text, ""); name == "zh.json" && strings.ContainsAny(plain, ",;?!") {
				t.Errorf("%s: %s: %q has a half-width mark", name, key, text)
			}
		}
	}
}

// Whatever arguments a reason is given, no reader sees fmt's complaints or an argument dropped in silence.
func TestSentence_Arguments(t *testing.T) {
	t.Parallel()
	zh := read(t, "zh.json")
	for key, sentence := range zh {
		reason, ok := strings.CutPrefix(key, ofError)
		if !ok {
			continue
		}
		n := len(verbs(t, sentence))
		for _, lang := range []ledger.Lang{ledger.ZH, ledger.EN} {
			var args []any
			for i := range n {
				args = append(args, fmt.Sprintf("arg%d", i+1))
			}
			got := locale.Sentence(lang, ledger.E(ledger.Invalid, reason, args...))
			for _, arg := range args {
				if !strings.Contains(got, arg.(string)) {
					t.Errorf("%s %s: %q lacks %s", lang, reason, got, arg)
				}
			}
			for _, wrong := range [][]any{nil, {1}, {"a", 2, nil, "d", 5, 6, 7, 8}, {""}, {nil}} {
				got := locale.Sentence(lang, ledger.E(ledger.Invalid, reason, wrong...))
				if strings.Contains(got, "%!") || strings.Contains(got, "“”") || strings.Contains(got, "MISSING") {
					t.Errorf("%s %s with %v: %q", lang, reason, wrong, got)
				}
			}
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		err    *ledger.Error
		zh, en string
	}{
		{
			"arguments", ledger.E(ledger.Invalid, "number.too_many_decimals", "1.234", int32(2)),
			"“1.234”换算后超过 2 位小数。账簿不代为四舍五入，请核对数字和单位。",
			"“1.234” has more than 2 decimals in the unit of the book, which rounds nothing. Check the figure and its unit.",
		},
		{
			"in another order", ledger.E(ledger.Invalid, "text.bad_character", "U+0000", "a␀b"),
			"文字“a␀b”中有不能用的字符 U+0000。请重新输入。",
			"The text “a␀b” has the character U+0000, which cannot be kept. Type it anew.",
		},
		{
			"a percent sign, and a % in an argument", ledger.E(ledger.Invalid, "price.escalation_unread", "5%s%d"),
			"看不懂递增约定“5%s%d”，不能计算含递增的总额。请写成 每3年递增5% 这样的形式。",
			"Cannot read the escalation “5%s%d”, so no total with it can be reckoned. Write it like 每3年递增5%.",
		},
		{
			"a text in both languages", ledger.E(ledger.Invalid, "price.quantity_missing", ledger.Text{ZH: "亩", EN: "mu"}),
			"单价按“亩”计，但没有填数量。请填写。",
			"The price is per “mu”, but no quantity is given. Enter it.",
		},
		{
			"differences",
			ledger.E(ledger.Conflict, "parcel.recorded_otherwise", "01", []ledger.Difference{
				{Column: "verified_area", Old: "", New: "6.52"}, {Column: "remark"}, {Column: "moon", Old: "a", New: "b"},
			}),
			"宗地 01 账簿中已有，内容不同：核查面积 — → 6.52；备注；moon a → b。确需更正的，请选择更正并写明理由（命令行：--amend 和 --reason）。",
			"Parcel 01 is in the book and differs: verified area — → 6.52; remark; moon a → b. To amend the book, choose to amend and give a reason (on the command line: --amend and --reason).",
		},
		{
			"an empty argument", ledger.E(ledger.Invalid, "day.unreadable", ""),
			"看不懂日期“—”。请写成 2021-03-05、2021/3/5、2021.3.5、20210305 或 2021年3月5日。",
			"Cannot read the date “—”. Write it like 2021-03-05, 2021/3/5, 2021.3.5, 20210305 or 2021年3月5日.",
		},
		{
			"an unknown reason", ledger.E(ledger.Invalid, "moon.too_far", 384400),
			"系统出错，已记录（moon.too_far）。",
			"Something went wrong; it has been logged (moon.too_far).",
		},
		{"no error", nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := locale.Sentence(ledger.ZH, tt.err); got != tt.zh {
				t.Errorf("zh:\ngot  %s\nwant %s", got, tt.zh)
			}
			if got := locale.Sentence(ledger.EN, tt.err); got != tt.en {
				t.Errorf("en:\ngot  %s\nwant %s", got, tt.en)
			}
			if got := locale.Sentence("fr", tt.err); got != tt.zh {
				t.Errorf("any other language is Chinese:\ngot  %s\nwant %s", got, tt.zh)
			}
		})
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	blank := ledger.E(ledger.Invalid, "sheet.blank")
	for _, tt := range []struct {
		name   string
		err    error
		zh, en string
	}{
		{"plain", blank, "这一格是空的。请填写。", "This cell is blank. Fill it in."},
		{"with its column", blank.On("base_total"), "底价合同总额：这一格是空的。请填写。", "base total: This cell is blank. Fill it in."},
		{"with a field that is no column", blank.On("reason"), "这一格是空的。请填写。", "This cell is blank. Fill it in."},
		{"wrapped", fmt.Errorf("auction: lot 1: %w", blank), "这一格是空的。请填写。", "This cell is blank. Fill it in."},
		{"joined", errors.Join(errors.New("disk"), blank), "这一格是空的。请填写。", "This cell is blank. Fill it in."},
		{"the cause stays in the log", blank.Because(errors.New("secret")), "这一格是空的。请填写。", "This cell is blank. Fill it in."},
		{"not ours", errors.New("disk full at /var"), "系统出错，已记录。", "Something went wrong; it has been logged."},
		{"unknown reason", ledger.E(ledger.Internal, "moon.too_far"), "系统出错，已记录（moon.too_far）。", "Something went wrong; it has been logged (moon.too_far)."},
		{"none", nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := locale.Say(ledger.ZH, tt.err); got != tt.zh {
				t.Errorf("zh: got %s, want %s", got, tt.zh)
			}
			if got := locale.Say(ledger.EN, tt.err); got != tt.en {
				t.Errorf("en: got %s, want %s", got, tt.en)
			}
		})
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ key, zh, en string }{
		{"column.base_total", "底价合同总额", "base total"},
		{"column.verified_area", "核查面积", "verified area"},
		{"ignored.header", "重复的表头", "header repeated"},
		{"note.brand_new", "brand_new", "brand_new"},
		{"note.a.b", "a.b", "a.b"},
		{"bare", "bare", "bare"},
		{"", "", ""},
	} {
		if got := locale.Word(ledger.ZH, tt.key); got != tt.zh {
			t.Errorf("zh %q: got %q, want %q", tt.key, got, tt.zh)
		}
		if got := locale.Word(ledger.EN, tt.key); got != tt.en {
			t.Errorf("en %q: got %q, want %q", tt.key, got, tt.en)
		}
	}
}
