package statement_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger/statement"
)

// A sentence is one row of testdata: what the judge must say about it. Sum is the arithmetic done by hand.
type sentence struct {
	Text     string
	Verdict  statement.Verdict
	Findings []string
	Sum      string
}

func sentences(t *testing.T, path string, least int) []sentence {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []sentence
	for _, line := range strings.Split(strings.TrimSpace(string(file)), "\n") {
		var s sentence
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, s)
	}
	if len(all) < least {
		t.Fatalf("%s: got %d sentences, want at least %d", path, len(all), least)
	}
	return all
}

func codesOf(findings []statement.Finding) []string {
	codes := []string{}
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return codes
}

func check(t *testing.T, text string) statement.Judgement {
	t.Helper()
	j, err := statement.Check(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return j
}

// The published sentences, and invented ones of the same kind (nobody's figures), with the verdict and the findings
// that each must have.
func TestCheck_Sentences(t *testing.T) {
	t.Parallel()
	all := append(sentences(t, "testdata/statements.jsonl", 18), sentences(t, "testdata/invented.jsonl", 140)...)
	for _, want := range all {
		t.Run(want.Text, func(t *testing.T) {
			t.Parallel()
			got := check(t, want.Text)
			slices.Sort(want.Findings)
			if got.Verdict != want.Verdict || !slices.Equal(codesOf(got.Findings), want.Findings) {
				t.Errorf("got %s %v, want %s %v (%s)", got.Verdict, got.Findings, want.Verdict, want.Findings, want.Sum)
			}
			for _, f := range got.Findings {
				if f.Detail.ZH == "" || f.Detail.EN == "" || statement.CodeName(f.Code).EN == "" {
					t.Errorf("finding %s has no arithmetic or no name: %+v", f.Code, f)
				}
			}
		})
	}
}
