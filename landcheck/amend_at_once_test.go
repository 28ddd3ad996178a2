package landcheck_test

import (
	"sync"
	"testing"

	"mingzhang/landcheck"
)

func TestAmendVerification_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	in := landcheck.VerificationInput{VerifiedOn: "2021-05-05", VerifiedArea: "1", Officers: "示例员丁"}
	if _, err := landcheck.Verify(t.Context(), b.book, b.actor, "甲-1", in, day(t, "2021-07-01")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	results := make([]error, 20)
	for i := range results {
		wg.Go(func() {
			_, results[i] = landcheck.AmendVerification(t.Context(), b.book, b.actor, "甲-1", in, "改正", day(t, "2021-07-01"))
		})
	}
	wg.Wait()
	for _, err := range results {
		if err != nil {
			t.Errorf("one of them: %v", err)
		}
	}
}
