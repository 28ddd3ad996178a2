package auction_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/review"
)

// Whoever changes, reviews, imports and voids one lot at the same moment: each is told what it can be told, the
// versions of the lot follow one another, and the sums are those of what stands.
func TestTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader, "1,示例商铺,示例村,1000,1250.5,成交,2021-03-05,示例甲"); err != nil {
		t.Fatal(err)
	}
	id := b.lots(t)[0].ID
	work := []func(i int) error{
		func(i int) error {
			in := with(sold("1"), func(in *auction.LotInput) { in.Collective, in.Remark = "示例村", fmt.Sprint("改", i) })
			_, err := b.amend(t, id, 0, in, "改")
			return err
		},
		func(i int) error {
			_, err := b.take(t, intake.Options{Amend: true, Reason: "改"}, totalsHeader, fmt.Sprintf("1,示例商铺,示例村,1000,%d,成交,2021-03-05,示例甲", 2000+i))
			return err
		},
		func(int) error {
			l, err := auction.Find(t.Context(), b.store.DB(), b.whole(), id)
			if err != nil {
				return err
			}
			_, err = review.Approve(t.Context(), b.whole(), ledger.AccountActor(reviewer), ledger.Key{}, l.Target())
			return err
		},
		func(i int) error {
			if i != 3 {
				return nil
			}
			_, err := auction.VoidLot(t.Context(), b.whole(), b.actor, ledger.Key{}, id, 0, "误录")
			return err
		},
	}
	var wg sync.WaitGroup
	for i := range 5 {
		for _, do := range work {
			wg.Go(func() {
				err := do(i)
				e, ours := errors.AsType[*ledger.Error](err)
				if err != nil && (!ours || !slices.Contains([]string{"record.changed", "record.unchanged", "review.already", "review.gone", "lot.unknown", "import.already_recorded"}, e.Reason)) {
					t.Errorf("together: %v", err)
				}
			})
		}
	}
	wg.Wait()
	result, err := b.book.Check(t.Context(), nil)
	if err != nil || len(result.Faults) > 0 {
		t.Errorf("check: %+v, %v", result.Faults, err)
	}
	history, err := auction.History(t.Context(), b.store.DB(), b.whole(), id)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range history[1:] {
		if v.Amends == nil || *v.Amends != history[i].Seq {
			t.Errorf("entry %d amends %v, want %d", v.Seq, v.Amends, history[i].Seq)
		}
	}
}
