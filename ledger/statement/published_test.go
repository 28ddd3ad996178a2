package statement_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger/statement"
)

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

// The published sentences, with the verdict and the findings that each must have.
func TestCheck_PublishedSentences(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/statements.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(file)), "\n")
	if len(lines) != 18 {
		t.Fatalf("got %d sentences, want 18", len(lines))
	}
	for _, line := range lines {
		var want struct {
			Text     string
			Verdict  statement.Verdict
			Findings []string
		}
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		t.Run(want.Text, func(t *testing.T) {
			t.Parallel()
			got := check(t, want.Text)
			slices.Sort(want.Findings)
			if got.Verdict != want.Verdict || !slices.Equal(codesOf(got.Findings), want.Findings) {
				t.Errorf("got %s %v, want %s %v", got.Verdict, got.Findings, want.Verdict, want.Findings)
			}
		})
	}
}
