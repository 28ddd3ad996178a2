package tidy_test

import (
	"slices"
	"testing"
)

func sentenceExamples() []example {
	return slices.Concat(refusalExamples(), languageExamples())
}

func refusalExamples() []example {
	const (
		lot     = "package auction\nimport \"mingzhang/ledger\"\n"
		below   = "func f() error { return ledger.E(ledger.Invalid, \"lot.below\", 1) }\n"
		helper  = "func bad(at int, why string) error { return ledger.E(ledger.Invalid, why) }\n"
		uses    = "func g() error { return bad(1, \"lot.bad\") }\n"
		built   = "func h() error { return ledger.E(ledger.Invalid, \"lot.\"+code) }\n"
		carries = "func i() error { why := \"lot.odd\"; return ledger.E(ledger.Invalid, why) }\n"
		zhBelow = `{"error.lot.below": "低于底价 %s"}`
	)
	return []example{
		{
			rule: "a refusal has its sentence", name: "a refusal has its sentence",
			bad:  map[string]string{"auction/lot.go": lot + below, sentencesZH: `{"error.lot.above": "%s"}`},
			want: "error.lot.below has no sentence",
			good: map[string]string{"auction/lot.go": lot + below, sentencesZH: zhBelow},
		},
		{
			rule: "a refusal has its sentence", name: "a refusal through a helper has its sentence",
			bad:  map[string]string{"auction/lot.go": lot + helper, "auction/a.go": "package auction\n" + uses, sentencesZH: `{}`},
			want: "error.lot.bad has no sentence",
			good: map[string]string{"auction/lot.go": lot + helper + uses, sentencesZH: `{"error.lot.bad": "坏"}`},
		},
		{
			rule: "a refusal has its sentence", name: "a reason can be found",
			bad:  map[string]string{"auction/lot.go": lot + built, sentencesZH: `{}`},
			want: "not put together",
			good: map[string]string{
				"auction/lot.go": lot + "const why = \"lot.bad\"\nfunc h() error { return ledger.E(ledger.Invalid, why) }\n",
				sentencesZH:      `{"error.lot.bad": "坏"}`,
			},
		},
		{
			rule: "a refusal has its sentence", name: "a reason that is carried has its sentence",
			bad:  map[string]string{"auction/lot.go": lot + below + carries, sentencesZH: zhBelow},
			want: "error.lot.odd has no sentence",
			good: map[string]string{"auction/lot.go": lot + below + "var kind = \"lot.hammered\"\n", sentencesZH: zhBelow},
		},
		{
			rule: "a refusal has its sentence", name: "a sentence gets its arguments",
			bad:  map[string]string{"auction/lot.go": lot + below, sentencesZH: `{"error.lot.below": "%s 低于底价 %s"}`},
			want: "gets 1 arguments, its sentence has 2",
			good: map[string]string{"auction/lot.go": lot + below, sentencesZH: zhBelow},
		},
		{
			rule: "a refusal has its sentence", name: "sentences exist",
			bad:  map[string]string{"auction/lot.go": lot + below},
			want: "is missing",
		},
	}
}

func languageExamples() []example {
	const (
		lot     = "package auction\nimport \"mingzhang/ledger\"\n"
		below   = "func f() error { return ledger.E(ledger.Invalid, \"lot.below\", 1) }\n"
		zhBelow = `{"error.lot.below": "低于底价 %s"}`
		enBelow = `{"error.lot.below": "below the base %s"}`
	)
	return []example{
		{
			rule: "both languages say it", name: "both languages say it",
			bad:  map[string]string{sentencesZH: zhBelow, sentencesEN: `{}`},
			want: "error.lot.below is missing",
			good: map[string]string{sentencesZH: zhBelow, sentencesEN: enBelow},
		},
		{
			rule: "both languages say it", name: "both languages have the same verbs",
			bad:  map[string]string{sentencesZH: `{"a": "%s %d"}`, sentencesEN: `{"a": "%d %s"}`},
			want: "verbs differ",
			good: map[string]string{sentencesZH: `{"a": "100%% %s %d"}`, sentencesEN: `{"a": "%[2]d %[1]s"}`},
		},
		{
			rule: "both languages say it", name: "keys are sorted",
			bad:  map[string]string{sentencesZH: `{"b": "乙", "a": "甲"}`, sentencesEN: `{"a": "a", "b": "b"}`},
			want: "a stands after b",
			good: map[string]string{sentencesZH: `{"a": "甲", "b": "乙"}`, sentencesEN: `{"a": "a", "b": "b"}`},
		},
		{
			rule: "no sentence is left over", name: "no sentence is left over",
			bad:  map[string]string{"auction/lot.go": lot + below, sentencesZH: `{"error.lot.below": "", "error.lot.old": ""}`},
			want: "error.lot.old is said nowhere",
			good: map[string]string{
				"auction/lot.go":          lot + below + "var s = \"outcome.\" + code\n",
				"web/templates/desk.html": `{{t "desk.title"}}`,
				sentencesZH:               `{"desk.title": "", "error.lot.below": "", "outcome.unsold": ""}`,
			},
		},
	}
}

func TestVerbs(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string]int{"": 0, "43.28%% of %s": 1, "%s, %.2f, %-5d": 3, "%[2]s %[1]s": 2} {
		if got := len(verbs(sentence)); got != want {
			t.Errorf("verbs(%q): got %d, want %d", sentence, got, want)
		}
	}
}
