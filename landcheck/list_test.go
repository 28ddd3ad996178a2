package landcheck_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// list reads all pages of a list and gives the numbers of the parcels.
func (b *bundle) list(tb testing.TB, scope ledger.Scope, f landcheck.ParcelFilter, limit int) string {
	tb.Helper()
	var all []string
	page := ledger.Page{Limit: limit}
	for {
		list, next, err := landcheck.ListParcels(tb.Context(), b.store.DB(), scope, f, page)
		if err != nil {
			tb.Fatal(err)
		}
		if len(list) > limit {
			tb.Errorf("a page of %d has %d parcels", limit, len(list))
		}
		for _, p := range list {
			all = append(all, p.ParcelNo)
		}
		if next == "" {
			break
		}
		page.After = next
	}
	n, err := landcheck.CountUpTo(tb.Context(), b.store.DB(), scope, f, 1000)
	if err != nil || n != len(all) {
		tb.Errorf("%+v: counted %d, %v; listed %d", f, n, err, len(all))
	}
	return strings.Join(all, " ")
}

// fill records parcels of two villages, some by hand.
func (b *bundle) fill(tb testing.TB) {
	tb.Helper()
	b.load(tb, header+
		"东-1,441202999999JB00001,东升祠堂地,集体,留用地,东升村经济联合社,示例大道1号,6.52,6.52,,2021-01-04,示例员甲,相符,出租,\n"+
		"东-2,,Ｎｏｒｔｈ field,集体,自用地,东升村第一经济社,示例路2号,2,,,2021-02-04,示例员甲,无法核实,,\n"+
		"西-1,,西岸地,国有,国有资产,西岸村委会,示例大道3号,3,3,,2021-03-04,示例员乙,面积不符,闲置,\n")
	in := landcheck.ParcelInput{ParcelNo: "东-3", Name: "菜地", Owner: "未确定", Category: "菜地", Holder: "周学会", Village: "东升村"}
	b.mustRecord(tb, in)
	in = landcheck.ParcelInput{ParcelNo: "无-1", Name: "无村地", Owner: "国有", Holder: "周学会"}
	b.mustRecord(tb, in)
}

func TestListParcels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(t)
	whole := b.scope()
	imported := *b.parcel(t, b.id(t, "东-1")).Import
	type filter = landcheck.ParcelFilter
	for _, tt := range []struct {
		f    filter
		want string
	}{
		{filter{}, "无-1 东-3 西-1 东-2 东-1"}, {filter{Sort: "parcel_no"}, "东-1 东-2 东-3 无-1 西-1"},
		{filter{Search: "祠堂"}, "东-1"}, {filter{Search: "示例大道"}, "西-1 东-1"}, {filter{Search: "大道 西岸"}, "西-1"}, {filter{Search: "ｎｏｒｔｈ"}, "东-2"},
		{filter{Search: "NORTH FIELD"}, "东-2"}, {filter{Search: "441202999999jb00001"}, "东-1"}, {filter{Search: "东升村"}, "东-3 东-2 东-1"}, {filter{Search: "周学会"}, ""},
		{filter{Search: "堂祠"}, ""}, {filter{Search: "()"}, ""}, {filter{Search: "岸"}, "西-1"}, {filter{Search: " "}, "无-1 东-3 西-1 东-2 东-1"},
		{filter{Owner: "state"}, "无-1 西-1"}, {filter{Owner: "undetermined"}, "东-3"}, {filter{Category: "留用地"}, "东-1"}, {filter{Category: "self_use_land"}, "东-2"},
		{filter{Category: "菜地"}, "东-3"}, {filter{Village: "东升村"}, "东-3 东-2 东-1"}, {filter{Village: "东升村第一经济社"}, "东-2"}, {filter{Village: "升村"}, ""},
		{filter{Import: imported}, "西-1 东-2 东-1"}, {filter{Import: 1 << 40}, ""}, {filter{Verified: "yes"}, "西-1 东-1"}, {filter{Verified: "no"}, "无-1 东-3 东-2"},
		{filter{Review: "waiting", Owner: "state"}, "无-1 西-1"}, {filter{Review: "approved"}, ""},
		{filter{Search: "示例", Owner: "collective", Verified: "no", Sort: "parcel_no"}, "东-2"},
	} {
		for _, limit := range []int{1, 2, 200} {
			if got := b.list(t, whole, tt.f, limit); got != tt.want {
				t.Errorf("%+v by %d: %q, want %q", tt.f, limit, got, tt.want)
			}
		}
	}
	if n, err := landcheck.CountUpTo(t.Context(), b.store.DB(), whole, filter{}, 3); n != 3 || err != nil {
		t.Errorf("counted up to 3: %d, %v", n, err)
	}
	list, _, err := landcheck.ListParcels(t.Context(), b.store.DB(), whole, filter{Verified: "yes"}, ledger.Page{})
	if err != nil || list[0].VerifiedOn.String() != "2021-03-04" || list[0].VerifiedArea.String() != "3.00" || list[0].HolderName != "西岸村委会" {
		t.Errorf("the newest verified: %+v, %v", list, err)
	}
	for field, f := range map[string]filter{
		"owner": {Owner: "我的"}, "review": {Review: "maybe"}, "verified": {Verified: "ja"}, "sort": {Sort: "name"},
	} {
		_, _, err := landcheck.ListParcels(t.Context(), b.store.DB(), whole, f, ledger.Page{})
		_, counted := landcheck.CountUpTo(t.Context(), b.store.DB(), whole, f, 10)
		for _, err := range []error{err, counted} {
			if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Reason != "list.word_unknown" || e.Field != field {
				t.Errorf("%+v: %v, want list.word_unknown on %s", f, err, field)
			}
		}
	}
	for _, after := range []string{"x", ledger.Cursor("parcel_no", "东-1", 3)} {
		if _, _, err := landcheck.ListParcels(t.Context(), b.store.DB(), whole, filter{}, ledger.Page{After: after}); !errors.Is(err, ledger.E(ledger.Invalid, "page.unreadable")) {
			t.Errorf("after %q: %v, want page.unreadable", after, err)
		}
	}
}

// Parcels that are alike in what the list goes by come once each, also when others are recorded in between.
func TestListParcels_Pages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var rows strings.Builder
	for i := range 25 {
		fmt.Fprintf(&rows, "Z-%02d,,地,集体,留用地,示例甲村,,1,,,,,,,\n", i)
	}
	b.load(t, header+rows.String())
	var seen []string
	page := ledger.Page{Limit: 10}
	for i := 0; ; i++ {
		list, next, err := landcheck.ListParcels(t.Context(), b.store.DB(), b.scope(), landcheck.ParcelFilter{}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			seen = append(seen, p.ParcelNo)
		}
		if next == "" {
			break
		}
		b.mustRecord(t, landcheck.ParcelInput{ParcelNo: fmt.Sprintf("新-%d", i), Owner: "集体"})
		page.After = next
	}
	if want := len(slices.Compact(slices.Sorted(slices.Values(seen)))); len(seen) != 25 || want != 25 {
		t.Errorf("%d parcels on the pages, %d different; want 25", len(seen), want)
	}
}

func TestLists_Scopes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(t)
	east := b.villages(t, "东升村")
	if got := b.list(t, east, landcheck.ParcelFilter{Sort: "parcel_no"}, 2); got != "东-1 东-2 东-3" {
		t.Errorf("the east sees %q", got)
	}
	if got := b.list(t, b.villages(t, "东升村第一经济社", "西岸村"), landcheck.ParcelFilter{Sort: "parcel_no"}, 2); got != "东-2 西-1" {
		t.Errorf("two villages see %q", got)
	}
	if got := b.list(t, east, landcheck.ParcelFilter{Village: "西岸村"}, 2); got != "" {
		t.Errorf("the east asking for the west sees %q", got)
	}
	april := b.scope().Between(new(day(t, "2021-03-01")), nil)
	if got := b.list(t, april, landcheck.ParcelFilter{Verified: "yes"}, 2); got != "西-1" {
		t.Errorf("verified since March: %q", got)
	}
	west, db := b.id(t, "西-1"), b.store.DB()
	visit := b.visit(t, "西-1", "2021-03-04")
	for what, err := range map[string]error{
		"find": second(landcheck.FindParcel(t.Context(), db, east, west)), "history": second(landcheck.ParcelHistory(t.Context(), db, east, west)),
		"number": second(landcheck.ParcelID(t.Context(), db, east, "西-1")), "unknown": second(landcheck.FindParcel(t.Context(), db, b.scope(), 7777)),
	} {
		if !errors.Is(err, ledger.E(ledger.NotFound, "parcel.unknown")) {
			t.Errorf("%s: %v, want parcel.unknown", what, err)
		}
	}
	for what, err := range map[string]error{
		"find": second(landcheck.FindVerification(t.Context(), db, east, visit)), "history": second(landcheck.VerificationHistory(t.Context(), db, east, visit)),
		"before": second(landcheck.FindVerification(t.Context(), db, b.scope().Between(nil, new(day(t, "2021-03-03"))), visit)),
	} {
		if !errors.Is(err, ledger.E(ledger.NotFound, "verification.unknown_record")) {
			t.Errorf("a verification, %s: %v, want verification.unknown_record", what, err)
		}
	}
	list, err := landcheck.VerifiedIn(t.Context(), db, east, b.size(t), day(t, "2021-01-01"), day(t, "2021-12-31"))
	if err != nil || len(list) != 2 || list[0].ParcelNo != "东-1" {
		t.Errorf("verified in the east: %+v, %v", list, err)
	}
	if list, err := landcheck.VerifiedIn(t.Context(), db, april, b.size(t), day(t, "2021-01-01"), day(t, "2021-12-31")); err != nil || len(list) != 1 {
		t.Errorf("verified since March: %+v, %v", list, err)
	}
	for what, err := range map[string]error{
		"find": second(landcheck.FindParcel(t.Context(), db, ledger.Scope{}, west)), "count": second(landcheck.CountUpTo(t.Context(), db, ledger.Scope{}, landcheck.ParcelFilter{}, 1)),
		"waiting": second(landcheck.WaitingOfImport(t.Context(), db, ledger.Scope{}, 1)),
	} {
		if !errors.Is(err, ledger.E(ledger.Internal, "scope.unmade")) {
			t.Errorf("%s in a scope that nobody made: %v, want scope.unmade", what, err)
		}
	}
}

func second[A any](_ A, err error) error { return err }

// waiting are the parcels and verifications of the queue.
func (b *bundle) waiting(t *testing.T, scope ledger.Scope) string {
	t.Helper()
	var all []string
	page := ledger.Page{Limit: 1}
	for {
		list, next, err := landcheck.WaitingParcels(t.Context(), b.store.DB(), scope, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			all = append(all, p.ParcelNo)
		}
		if page.After = next; next == "" {
			break
		}
	}
	visits, _, err := landcheck.WaitingVerifications(t.Context(), b.store.DB(), scope, ledger.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range visits {
		all = append(all, v.ParcelNo+"/"+v.VerifiedOn.String()+"/"+strings.Join(v.OfficerNames, "、"))
	}
	return strings.Join(all, " ")
}

// sums are what of an import waits.
func (b *bundle) sums(t *testing.T, scope ledger.Scope, entry int64) string {
	t.Helper()
	w, err := landcheck.WaitingOfImport(t.Context(), b.store.DB(), scope, entry)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(w.Parcels, " ", w.RegisteredArea, " ", w.Verifications, " ", w.VerifiedArea)
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(t)
	reviewer, err := ledger.LocalActor("reviewer")
	if err != nil {
		t.Fatal(err)
	}
	entry := *b.parcel(t, b.id(t, "东-1")).Import
	if got := b.waiting(t, b.scope()); got != "东-3 无-1" {
		t.Errorf("waiting by itself: %q", got)
	}
	if got := b.waiting(t, b.villages(t, "西岸村")); !strings.HasPrefix(got, "西-1") {
		t.Errorf("waiting in the west, with what an import made: %q", got)
	}
	if got := b.sums(t, b.scope(), entry); got != "3 11.52 3 9.52" {
		t.Errorf("waiting of the import: %s, want 3 11.52 3 9.52", got)
	}
	if got := b.sums(t, b.villages(t, "西岸村"), entry); got != "1 3.00 1 3.00" {
		t.Errorf("waiting of the import in the west: %s", got)
	}
	east := b.parcel(t, b.id(t, "东-2"))
	made := []review.Subjects{{Kind: "parcel", Table: landcheck.Parcels()}, {Kind: "verification", Table: landcheck.Verifications()}}
	if _, err := review.Import(t.Context(), b.scope(), reviewer, ledger.Key{}, made, entry, true, []int64{east.SeqFrom, east.Verifications[0].SeqFrom}, ""); err != nil {
		t.Fatal(err)
	}
	if got := b.waiting(t, b.scope()); got != "东-2 东-3 无-1 东-2/2021-02-04/示例员甲" {
		t.Errorf("waiting after the review of the import: %q", got)
	}
	if got := b.waiting(t, b.villages(t, "西岸村")); got != "" {
		t.Errorf("waiting in the west: %q", got)
	}
	if got := b.sums(t, b.scope(), entry); got != "1 2.00 1 0.00" {
		t.Errorf("left of the import: %s", got)
	}
	if _, err := review.Return(t.Context(), b.scope(), reviewer, ledger.Key{}, b.parcel(t, b.id(t, "东-3")).Target(), "坐落不清"); err != nil {
		t.Fatal(err)
	}
	if _, err := review.Approve(t.Context(), b.scope(), reviewer, ledger.Key{}, east.Verifications[0].Target()); err != nil {
		t.Fatal(err)
	}
	if got := b.waiting(t, b.scope()); got != "东-2 无-1" {
		t.Errorf("waiting after single reviews: %q", got)
	}
	for word, want := range map[string]string{"approved": "西-1 东-1", "returned": "东-3", "waiting": "无-1 东-2"} {
		if got := b.list(t, b.scope(), landcheck.ParcelFilter{Review: word}, 10); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	b.clean(t, b.size(t))
}
