package ledger_test

import (
	"os"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// The golden vectors of what a book says of itself: a key added and another retired, a new origin, disclosure on and
// off. These bytes are never changed, only added to; docs/log-format.md shows the same ones.
func TestVectors_Keys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got, err := b.store.ImportBook(t.Context(), b.actor, os.DirFS("testdata/keys"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	const root = "efrq03l/pjAswE7hfXE8k6vP7GdwScKWAnpR00ypMU0="
	if got.Head.Size != 6 || got.Head.Root.String() != root || got.Commitments != 2 || got.Texts != 2 {
		t.Errorf("imported %+v, want 6 entries with the root %s", got, root)
	}
	if result, err := got.Book.Check(t.Context(), nil); err != nil || result.Err() != nil {
		t.Errorf("check: %v, %+v", err, result.Faults)
	}
	profile, err := got.Book.Profile(t.Context())
	if want := (ledger.Reopened{Origin: "example.org/mingzhang/keys", Root: "DEOmxtp+yf7apsIH1SpibhXJnDwl1AZ5CI4pGUWlZxg=", Size: 4}); err != nil || profile.Reopened == nil || *profile.Reopened != want {
		t.Errorf("profile %+v, %v; want it reopened of %+v", profile, err, want)
	}
	doc, err := os.ReadFile("../docs/log-format.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"entries.jsonl", "checkpoints.jsonl"} {
		text, err := os.ReadFile("testdata/keys/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if !strings.Contains(string(doc), "\n"+line) {
				t.Errorf("docs/log-format.md does not show the line of %s:\n%s", file, line)
			}
		}
	}
}
