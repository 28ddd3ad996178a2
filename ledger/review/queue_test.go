package review_test

import (
	"errors"
	"slices"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// The queue has the imports that nobody reviewed as a whole and of which something waits, the oldest first.
func TestQueue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wanted := func(limit int, want ...int64) {
		t.Helper()
		list, err := review.Queue(t.Context(), b.db.Writer(), b.scope, b.made, limit)
		var got []int64
		for _, i := range list {
			got = append(got, i.Entry)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("at most %d: %v, %v; want %v", limit, got, err, want)
		}
	}
	wanted(5)
	one, made := b.imported(clerk, "1", "2")
	two, _ := b.imported(clerk, "3")
	three, _ := b.imported(clerk, "4")
	wanted(5, one, two, three)
	wanted(2, one, two)
	b.write(clerk, "3", "3.00") // nothing of the second stands as it made it
	wanted(2, one, three)
	wanted(1, one)
	if _, err := review.Import(t.Context(), b.scope, ledger.AccountActor(reviewer), ledger.Key{}, b.made, one, true, made[:1], ""); err != nil {
		t.Fatal(err)
	}
	wanted(5, three) // what the review left out waits by itself
	villages, err := ledger.VillagesOf(b.book, []string{"东升村"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := review.Queue(t.Context(), b.db.Writer(), villages, b.made, 5)
	if err != nil || len(list) != 0 {
		t.Errorf("a part of the book sees %d imports: %v", len(list), err)
	}
	if _, err := review.Queue(t.Context(), b.db.Writer(), ledger.Scope{}, b.made, 5); ledger.CodeOf(err) != ledger.Internal {
		t.Errorf("a scope that nobody made: %v", err)
	}
}

// In a scope of some villages only who entered an import sees it.
func TestLook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entry, _ := b.imported(clerk, "1", "2")
	villages, err := ledger.VillagesOf(b.book, []string{"东升村"})
	if err != nil {
		t.Fatal(err)
	}
	unknown := ledger.E(ledger.NotFound, "import.unknown")
	for what, c := range map[string]struct {
		scope   ledger.Scope
		account int64
		entry   int64
		want    error
	}{
		"the whole book": {b.scope, reviewer, entry, nil}, "its clerk": {villages, clerk, entry, nil},
		"somebody else": {villages, reviewer, entry, unknown}, "no import": {b.scope, clerk, entry + 1, unknown},
	} {
		i, err := review.Look(t.Context(), b.db.Writer(), c.scope, ledger.AccountActor(c.account), b.made, c.entry)
		switch {
		case !errors.Is(err, c.want) || (err == nil) != (c.want == nil):
			t.Errorf("%s: %v, want %v", what, err, c.want)
		case err == nil && (i.Standing != 2 || i.Waiting != 2 || i.Actor != ledger.AccountActor(clerk) || i.FileSHA256 == ""):
			t.Errorf("%s: %+v", what, i)
		}
	}
	mine, err := review.Touched(t.Context(), b.db.Writer(), b.scope, ledger.AccountActor(clerk), b.slips, []int64{entry + 1})
	if err != nil || !mine[entry+1] {
		t.Errorf("the clerk's own records: %v, %v", mine, err)
	}
}
