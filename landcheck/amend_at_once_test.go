package landcheck_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// Of those who amend what they saw at the same moment, one wins; those who did not say what they saw all do.
func TestAmendVerification_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	in := landcheck.VerificationInput{VerifiedOn: "2021-05-05", VerifiedArea: "1", Officers: "示例员丁"}
	receipt, err := landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, b.id(t, "甲-1"), in, day(t, "2021-07-01"))
	if err != nil {
		t.Fatal(err)
	}
	id := b.visit(t, "甲-1", "2021-05-05")
	for _, seen := range []int64{receipt.Last, 0} {
		var wg sync.WaitGroup
		results := make([]error, 20)
		for i := range results {
			mine := in
			mine.VerifiedArea = fmt.Sprintf("%d.%d", i+2, seen)
			wg.Go(func() {
				_, results[i] = landcheck.AmendVerification(t.Context(), b.scope(), b.actor, ledger.Key{}, id, seen, mine, "改正", day(t, "2021-07-01"))
			})
		}
		wg.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if !errors.Is(err, ledger.E(ledger.Conflict, "record.changed")) {
				t.Errorf("one of them: %v, want record.changed", err)
			}
		}
		if want := map[bool]int{true: 1, false: 20}[seen != 0]; won != want {
			t.Errorf("seen %d: %d won, want %d", seen, won, want)
		}
	}
	b.clean(t, b.size(t))
}
