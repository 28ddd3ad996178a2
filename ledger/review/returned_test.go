package review_test

import (
	"fmt"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// returned is what was given back to an account: kind, entry and reason, the newest first.
func (b *bundle) returned(account int64) string {
	b.Helper()
	list, err := review.ReturnedTo(b.Context(), b.db.Writer(), b.scope, ledger.AccountActor(account), b.made, 10)
	if err != nil {
		b.Fatal(err)
	}
	var texts []string
	for _, r := range list {
		texts = append(texts, fmt.Sprintf("%s %d %s %s", r.Kind, r.Entry, r.Reason, r.By))
	}
	return strings.Join(texts, "; ")
}

// What is given back stands with who entered it until it is amended or approved; others do not see it.
func TestReturnedTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.write(clerk, "1", "1.00"), b.write(clerk, "2", "2.00")
	b.write(9, "3", "3.00")
	for _, no := range []string{"1", "2", "3"} {
		if err := b.giveBack(reviewer, b.target(no), "面积不清"); err != nil {
			t.Fatal(err)
		}
	}
	entry, _ := b.imported(clerk, "4", "5")
	if _, err := review.Import(t.Context(), b.scope, ledger.AccountActor(reviewer), ledger.Key{}, b.made, entry, false, nil, "整表退回"); err != nil {
		t.Fatal(err)
	}
	whole := fmt.Sprintf("import %d 整表退回 account:%d; ", entry, reviewer)
	second := fmt.Sprintf("slip %d 面积不清 account:%d", two, reviewer)
	if got, want := b.returned(clerk), whole+second+fmt.Sprintf("; slip %d 面积不清 account:%d", one, reviewer); got != want {
		t.Errorf("returned: %s\nwant %s", got, want)
	}
	if got := b.returned(reviewer); got != "" {
		t.Errorf("returned to the reviewer: %s", got)
	}
	b.write(clerk, "1", "1.50")
	if got := b.returned(clerk); got != whole+second {
		t.Errorf("after the amendment: %s", got)
	}
	if err := b.approve(reviewer, b.target("2")); err != nil {
		t.Fatal(err)
	}
	if got := b.returned(clerk) + "; "; got != whole {
		t.Errorf("after the approval: %s", got)
	}
}

func TestUnreviewedImports(t *testing.T) {
	t.Parallel()
	b := setup(t)
	count := func(scope ledger.Scope, most int) int {
		n, err := review.UnreviewedImports(t.Context(), b.db.Writer(), scope, most)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	entry, _ := b.imported(clerk, "1")
	b.imported(clerk, "2")
	if n := count(b.scope, 10); n != 2 {
		t.Errorf("%d imports wait, want 2", n)
	}
	if n := count(b.scope, 1); n != 1 {
		t.Errorf("%d imports up to 1", n)
	}
	if _, err := review.Import(t.Context(), b.scope, ledger.AccountActor(reviewer), ledger.Key{}, b.made, entry, true, nil, ""); err != nil {
		t.Fatal(err)
	}
	villages, err := ledger.VillagesOf(b.book, []string{"东升村"})
	if err != nil {
		t.Fatal(err)
	}
	if n, part := count(b.scope, 10), count(villages, 10); n != 1 || part != 0 {
		t.Errorf("%d imports wait and %d in a village, want 1 and 0", n, part)
	}
}
