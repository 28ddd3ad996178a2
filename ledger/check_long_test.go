package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"mingzhang/ledger"
)

// A book that check reads in several pieces: one command lies across the border of two, and records of the
// first piece are amended from the second.
func TestCheck_Long(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.many(t, "a", 1_990)) // entries 1 to 1990
	b.do(t, b.many(t, "b", 30))    // 1991 to 2020: the first piece ends at 1999
	b.do(t, b.change(t, "slip.amended", "a0003", "9.00"))
	b.do(t, b.change(t, "slip.voided", "a0004", "1.01"))
	b.do(t, b.change(t, "slip.amended", "b0029", "2.00"))
	b.do(t, b.many(t, "c", 2_100)) // the next piece begins within it
	b.do(t, b.change(t, "slip.amended", "a0003", "10.00"))
	var told []int64
	result, err := b.book.Check(t.Context(), func(n int64) { told = append(told, n) })
	if err != nil || len(result.Faults) > 0 || result.Entries != 4_125 {
		t.Fatalf("%d entries, %v, faults %+v; want 4125 and none", result.Entries, err, result.Faults)
	}
	if want := []int64{2_000, 4_000, 4_125}; !slices.Equal(told, want) {
		t.Errorf("told of %v entries, want %v", told, want)
	}
	// 4,120 slips, one of them void, at 1.01, but for one at 10.00 and one at 2.00.
	var sums string
	err = b.db.Writer().NewRaw("SELECT string_agg(grain || ' ' || slips || ' ' || amount, ', ' ORDER BY grain) FROM slip_sums WHERE seq_to IS NULL").
		Scan(t.Context(), &sums)
	if want := "a 1989 2017.88, b 30 31.29, c 2100 2121.00"; err != nil || sums != want {
		t.Errorf("sums %q, %v; want %q", sums, err, want)
	}
}

// Rows that go in by COPY are those that go in by INSERT.
func TestCheck_CopyAsInsert(t *testing.T) {
	t.Parallel()
	const n = 300 // from here on COPY is used
	nasty := func(i int) string {
		return "a" + []string{`逗号,引号"反斜\`, `\N`, `\.`, "NULL", " 前后空格 ", "𠮷野家🐯", `""`, "a"}[i%8] + fmt.Sprint(i)
	}
	rows := func(step int) []slip {
		b := setup(t)
		for start := 0; start < n; start += step {
			c := ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
				var drafts []ledger.Draft
				for i := start; i < min(start+step, n); i++ {
					state := &slipState{No: nasty(i), Amount: money(t, fmt.Sprintf("%d.50", i)), Remark: ledger.Seal(nasty(i))}
					drafts = append(drafts, ledger.Draft{Kind: "slip.recorded", State: state})
				}
				return drafts, nil
			}}
			b.do(t, c)
		}
		b.clean(t, n+1)
		var list []slip
		if err := b.db.Writer().NewSelect().Model(&list).Order("id").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		return list
	}
	copied, inserted := rows(n), rows(100)
	if len(copied) != n || len(inserted) != n {
		t.Fatalf("%d rows by COPY, %d by INSERT, want %d", len(copied), len(inserted), n)
	}
	for i := range copied {
		if c, o := copied[i], inserted[i]; c.ID != o.ID || c.No != o.No || c.No != nasty(i) || c.Amount.Cmp(o.Amount) != 0 || c.Voided != o.Voided {
			t.Errorf("row %d: by COPY %+v, by INSERT %+v", i, c, o)
		}
	}
}
