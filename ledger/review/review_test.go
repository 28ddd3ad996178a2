package review_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

const clerk, colleague, reviewer = 1, 2, 3

func (b *bundle) approve(account int64, t review.Target) error {
	b.Helper()
	_, err := review.Approve(b.Context(), b.scope, ledger.AccountActor(account), ledger.Key{}, t)
	return err
}

func (b *bundle) giveBack(account int64, t review.Target, reason string) error {
	b.Helper()
	_, err := review.Return(b.Context(), b.scope, ledger.AccountActor(account), ledger.Key{}, t, reason)
	return err
}

func (b *bundle) refused(err error, code ledger.Code, reason string) {
	b.Helper()
	if !errors.Is(err, ledger.E(code, reason)) {
		b.Errorf("err = %v, want %s %s", err, code, reason)
	}
}

func TestReview_ApproveAndReturn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(clerk, "1", "10.00")
	if err := b.approve(reviewer, b.target("1")); err != nil {
		t.Fatal(err)
	}
	b.sums(1, 0)
	b.refused(b.approve(reviewer, b.target("1")), ledger.Conflict, "review.already")
	b.refused(b.giveBack(reviewer, b.target("1"), " "), ledger.Invalid, "reason.missing")
	if err := b.giveBack(reviewer, b.target("1"), "面积与合同不符"); err != nil {
		t.Fatal(err)
	}
	if got := b.standing("1"); got != ledger.Returned {
		t.Errorf("standing %q after the return", got)
	}
	b.sums(0, 1)
}

func TestReview_Own(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(clerk, "1", "10.00")
	b.write(colleague, "1", "11.00")
	for _, account := range []int64{clerk, colleague} {
		b.refused(b.approve(account, b.target("1")), ledger.Denied, "review.own")
		b.refused(b.giveBack(account, b.target("1"), "不符"), ledger.Denied, "review.own")
	}
	b.sums(0, 1)
}

func TestReview_Changed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(clerk, "1", "10.00")
	seen := b.target("1")
	b.write(clerk, "1", "11.00")
	b.refused(b.approve(reviewer, seen), ledger.Conflict, "record.changed")
	seen.Record = 99
	b.refused(b.approve(reviewer, seen), ledger.Conflict, "review.gone")
	b.sums(0, 1)
}

func TestReview_AmendedWaitsAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(clerk, "1", "10.00")
	if err := b.approve(reviewer, b.target("1")); err != nil {
		t.Fatal(err)
	}
	b.write(clerk, "1", "11.00")
	if got := b.standing("1"); got != "" {
		t.Errorf("standing %q after an amendment, want waiting", got)
	}
	b.sums(0, 1)
}

func TestReview_Sums(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entry, made := b.imported(clerk, "1", "2", "3", "4")
	b.write(clerk, "9", "1.00")
	b.write(clerk, "4", "4.00") // amended by hand: no longer of the import
	im := func(account int64, approve bool, except []int64, reason string) error {
		_, err := review.Import(t.Context(), b.scope, ledger.AccountActor(account), ledger.Key{}, b.made, entry, approve, except, reason)
		return err
	}
	b.refused(im(clerk, true, nil, ""), ledger.Denied, "review.own")
	b.refused(im(reviewer, true, []int64{made[3]}, ""), ledger.Invalid, "review.not_of_import")
	b.refused(im(reviewer, false, nil, ""), ledger.Invalid, "reason.missing")
	if err := im(reviewer, true, []int64{made[1]}, ""); err != nil {
		t.Fatal(err)
	}
	b.sums(2, 3)
	for no, want := range map[string]string{"1": ledger.Approved, "2": "", "3": ledger.Approved, "4": "", "9": ""} {
		if got := b.standing(no); got != want {
			t.Errorf("slip %s stands %q, want %q", no, got, want)
		}
	}
	b.refused(im(reviewer, true, []int64{made[1]}, ""), ledger.Conflict, "review.nothing_left")
	b.queue(entry, 3, 1)
	if err := b.giveBack(reviewer, b.target("1"), "不符"); err != nil {
		t.Fatal(err)
	}
	if err := b.approve(reviewer, b.target("2")); err != nil {
		t.Fatal(err)
	}
	b.sums(2, 3)
	b.queue(entry, 3, 0)
	b.write(clerk, "3", "3.00")
	b.sums(1, 4)
}

// queue wants an import to have so many records standing and waiting.
func (b *bundle) queue(entry, standing, waiting int64) {
	b.Helper()
	list, err := review.Imports(b.Context(), b.db.Writer(), b.scope, b.made, 0, 10)
	if err != nil || len(list) != 1 || list[0].Entry != entry || list[0].FileName != "台账.xlsx" {
		b.Fatalf("the imports are %+v, %v", list, err)
	}
	if list[0].Standing != standing || list[0].Waiting != waiting {
		b.Errorf("%d records stand and %d wait, want %d and %d", list[0].Standing, list[0].Waiting, standing, waiting)
	}
}

// What a reviewer amended before is left out of an import's review by itself.
func TestReview_ImportOwnRecords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(reviewer, "1", "1.00")
	entry, made := b.imported(clerk, "1", "2")
	receipt, err := review.Import(t.Context(), b.scope, ledger.AccountActor(reviewer), ledger.Key{Name: "k", Body: []byte("1")}, b.made, entry, true, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if one, two := b.standing("1"), b.standing("2"); one != "" || two != ledger.Approved {
		t.Errorf("the own record stands %q, the other %q", one, two)
	}
	reviews, err := review.Of(t.Context(), b.db.Writer(), b.scope, []int64{entry})
	if err != nil || len(reviews) != 1 || !slices.Equal(reviews[0].Except(), made[:1]) || reviews[0].Records != 1 {
		t.Errorf("the review is %+v, %v", reviews, err)
	}
	again, err := review.Import(t.Context(), b.scope, ledger.AccountActor(reviewer), ledger.Key{Name: "k", Body: []byte("1")}, b.made, entry, true, nil, "")
	if err != nil || !again.Replayed || again.First != receipt.First {
		t.Errorf("the retry: %+v, %v; want the answer %+v again", again, err, receipt)
	}
	b.sums(1, 1)
	villages, err := ledger.VillagesOf(b.book, []string{"东升村"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = review.Import(t.Context(), villages, ledger.AccountActor(4), ledger.Key{}, b.made, entry, true, nil, "")
	b.refused(err, ledger.Denied, "review.import_needs_whole_book")
	_, err = review.Import(t.Context(), b.scope, ledger.AccountActor(4), ledger.Key{}, b.made, 77, true, nil, "")
	b.refused(err, ledger.NotFound, "import.unknown")
}

// Reviews and amendments of one record at once: whatever comes first, an approval never covers what nobody saw.
func TestReview_Races(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entry, _ := b.imported(clerk, "1", "2", "3")
	var wg sync.WaitGroup
	for _, no := range []string{"1", "2", "3"} {
		seen := b.target(no)
		wg.Go(func() { _, _ = b.try(colleague, no, "5.00") })
		wg.Go(func() { _ = b.approve(reviewer, seen) })
	}
	wg.Go(func() {
		_, _ = review.Import(t.Context(), b.scope, ledger.AccountActor(reviewer), ledger.Key{}, b.made, entry, true, nil, "")
	})
	wg.Wait()
	for _, no := range []string{"1", "2", "3"} {
		if got := b.standing(no); got != "" {
			t.Errorf("slip %s was amended last or before its review, and stands %q", no, got)
		}
	}
	b.sums(0, 3)
}

// Who amends a record while they review it under the number that the amendment will have does not review their own.
func TestReview_OwnByGuessing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 60 {
		next := b.write(clerk, "1", "10.00") + 1
		guess := b.target("1")
		guess.Entry = next
		var wg sync.WaitGroup
		wg.Go(func() { b.write(reviewer, "1", "11.00") })
		for range 8 {
			wg.Go(func() { _ = b.approve(reviewer, guess) })
		}
		wg.Wait()
		if b.standing("1") != "" {
			t.Fatal("a reviewer approved their own amendment")
		}
	}
	b.sums(0, 1)
}

// Whoever changes a review behind the book's back is found.
func TestReview_Tampered(t *testing.T) {
	t.Parallel()
	for _, change := range []string{
		"verdict = 'returned'", "entry = entry + 1", "what = 'parcel'", "exceptions = '[1]'", "records = 2", "reviewer = 'account:9'",
	} {
		b := setup(t)
		b.write(clerk, "1", "10.00")
		if err := b.approve(reviewer, b.target("1")); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"ALTER TABLE reviews DISABLE TRIGGER USER", "UPDATE reviews SET " + change} {
			if _, err := b.db.Owner().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		result, err := b.book.Check(t.Context(), nil)
		if err != nil || result.Err() == nil || result.Faults[0].Seq != 2 {
			t.Errorf("%s: check says %+v, %v; want a fault at entry 2", change, result.Faults, err)
		}
	}
}
