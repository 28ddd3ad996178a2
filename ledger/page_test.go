package ledger_test

import (
	"errors"
	"testing"

	"mingzhang/ledger"
)

func TestPage(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{-1: 50, 0: 50, 1: 1, 200: 200, 201: 200, 1 << 40: 200} {
		if got := (ledger.Page{Limit: limit}).Size(); got != want {
			t.Errorf("a page of %d has %d rows, want %d", limit, got, want)
		}
	}
	if _, _, ok, err := (ledger.Page{}).Place("-id"); ok || err != nil {
		t.Errorf("the first page: %v, %v", ok, err)
	}
	after := ledger.Cursor("lot_no", "示例〔2021〕1号", 17)
	value, id, ok, err := ledger.Page{After: after}.Place("lot_no")
	if value != "示例〔2021〕1号" || id != 17 || !ok || err != nil {
		t.Errorf("a place: %q %d %v %v", value, id, ok, err)
	}
	for _, bad := range []string{after + "=", "x", ledger.Cursor("-id", "", 17), ledger.Cursor("lot_no", "a\x00", 1), "bnVsbA", "W10"} {
		if _, _, _, err := (ledger.Page{After: bad}).Place("lot_no"); !errors.Is(err, ledger.E(ledger.Invalid, "page.unreadable")) {
			t.Errorf("%q: %v, want page.unreadable", bad, err)
		}
	}
	rows, next := ledger.NextPage(ledger.Page{Limit: 2}, []int64{9, 7, 5}, func(n int64) string { return ledger.Cursor("-id", "", n) })
	if len(rows) != 2 || next != ledger.Cursor("-id", "", 7) {
		t.Errorf("%v, next %q", rows, next)
	}
	if rows, next := ledger.NextPage(ledger.Page{Limit: 2}, []int64{9, 7}, func(int64) string { return "x" }); len(rows) != 2 || next != "" {
		t.Errorf("the last page: %v, next %q", rows, next)
	}
}
