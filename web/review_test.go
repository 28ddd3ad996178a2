package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

var (
	queuedItem   = regexp.MustCompile(`name="item" value="([^"]+)"`)
	waitingHref  = regexp.MustCompile(`href="(/books/demo/imports/\d+)"`)
	exceptionBox = regexp.MustCompile(`name="except" value="(\d+)"`)
)

// items are the boxes of the queue that can be ticked.
func (b *bundle) items(target string) (list []string) {
	b.tb.Helper()
	for _, m := range queuedItem.FindAllStringSubmatch(b.get(target, http.StatusOK), -1) {
		list = append(list, m[1])
	}
	return list
}

func TestReview_Queue(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	for _, no := range []string{"虚构-1", "虚构-2", "虚构-3"} {
		b.entered(typedLot(no))
	}
	b.as("demo-reviewer")
	page := b.get("/books/demo/review", http.StatusOK, "整批导入", "lots-totals.csv", "parcels.csv", "单条记录", "虚构-1", "东升村经济联社")
	if strings.Index(page, "虚构-1") > strings.Index(page, "虚构-3") {
		t.Error("the newest stands before the oldest")
	}
	b.get("/books/demo/review?lang=en", http.StatusOK, "To review", "Single records", "Approve")
	if got := b.items("/books/demo/review?kind=parcel"); len(got) != 0 {
		t.Errorf("parcels that wait by themselves: %v", got)
	}
	if got := b.items("/books/demo/review?village=" + url.QueryEscape("西洲")); len(got) != 0 {
		t.Errorf("of another village: %v", got)
	}
	items := b.items("/books/demo/review?village=" + url.QueryEscape("东升村"))
	if len(items) != 3 {
		t.Fatalf("of the village: %v", items)
	}
	b.get("/books/demo/review?kind=tree", http.StatusUnprocessableEntity, "tree")

	b.post("/books/demo/review", url.Values{"verdict": {"approved"}}, http.StatusUnprocessableEntity, "请先勾选")
	b.post("/books/demo/review", url.Values{"verdict": {"returned"}, "item": items[:1]}, http.StatusUnprocessableEntity, `id="reason-fault"`)
	b.post("/books/demo/review", url.Values{"verdict": {"approved"}, "item": {"tree.1.1"}}, http.StatusUnprocessableEntity, "tree")
	form := url.Values{"key": {"k"}, "verdict": {"approved"}, "item": items[:2]}
	for range 2 { // sent twice it is done once
		w := b.posted("/books/demo/review", form)
		if at := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.Contains(at, "n=2") {
			t.Fatalf("approving two: %d to %s\n%s", w.Code, at, w.Body)
		}
	}
	b.get("/books/demo/review?done=approved&n=2", http.StatusOK, "已复核通过 2 条")
	// One that is approved already does not hold up the other, and is told.
	b.post("/books/demo/review", url.Values{"key": {"k2"}, "verdict": {"approved"}, "item": items}, http.StatusConflict, "已有同样的复核结论")
	if got := b.items("/books/demo/review"); len(got) != 0 {
		t.Errorf("still waiting: %v", got)
	}
	b.post("/books/demo/review", url.Values{"key": {"k3"}, "verdict": {"returned"}, "reason": {"合同编号不符<b>"}, "item": items[2:]}, http.StatusSeeOther)
	page = b.as("demo-clerk").get("/books/demo/returned", http.StatusOK, "虚构-3", "合同编号不符&lt;b&gt;", "演示复核", "/amend")
	if strings.Contains(page, "虚构-1") {
		t.Error("an approved lot is among the returned")
	}
	b.get("/books/demo/returned?kind=verification&lang=en", http.StatusOK, "Returned", "Nothing was returned")
	b.get("/books/demo/returned?kind=tree", http.StatusUnprocessableEntity)
	b.get("/books/demo/review", http.StatusForbidden)
}

// A reviewer who is a clerk too sees their own entries as somebody else's to review.
func TestReview_Own(t *testing.T) {
	t.Parallel()
	b := demo(t)
	p := b.person("both", account.NewRight{Role: account.Clerk, Book: "demo"}, account.NewRight{Role: account.Reviewer, Book: "demo"})
	b.be(p).entered(typedLot("虚构-9"))
	b.get("/books/demo/review", http.StatusOK, "虚构-9", "须由他人复核")
	if got := b.items("/books/demo/review"); len(got) != 0 {
		t.Errorf("own entries can be ticked: %v", got)
	}
	at := b.staged("/books/demo/import/lots", "己.csv", importedLots)
	to, w := b.recorded(at)
	if !importAddress.MatchString(to) {
		t.Fatalf("importing: %d\n%s", w.Code, w.Body)
	}
	to = to[:strings.Index(to, "?")]
	b.get(to, http.StatusOK, "这批由您导入，须由他人复核")
	b.post(to+"/review", url.Values{"verdict": {"approved"}}, http.StatusForbidden, "须由他人复核")
}

func TestReview_Import(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-reviewer")
	page := b.get("/books/demo/review", http.StatusOK, "lots-leases.csv")
	at := waitingHref.FindStringSubmatch(page)[1]
	page = b.get(at, http.StatusOK, "lots-leases.csv", "复核整批", "底价合同总额合计", "SHA-256")
	boxes := exceptionBox.FindAllStringSubmatch(page, -1)
	if len(boxes) < 3 {
		t.Fatalf("%d boxes", len(boxes))
	}
	b.get(at+"?lang=en", http.StatusOK, "Review the whole import", "Lot numbers to leave out")
	b.post(at+"/review", url.Values{"verdict": {"returned"}, "except": {boxes[0][1]}}, http.StatusUnprocessableEntity, `id="reason-fault"`, `value="`+boxes[0][1]+`" aria-label="例外：`, "checked")
	b.post(at+"/review", url.Values{"verdict": {"approved"}, "numbers": {"没有-1"}}, http.StatusUnprocessableEntity, "没有-1", `id="numbers-fault"`)
	b.post(at+"/review", url.Values{"verdict": {"approved"}, "except": {"1"}}, http.StatusUnprocessableEntity, "不能作为例外")
	form := url.Values{"key": {"k"}, "verdict": {"approved"}, "except": {boxes[0][1], boxes[1][1]}}
	for range 2 {
		b.post(at+"/review", form, http.StatusSeeOther)
	}
	b.get(at+"?done=approved", http.StatusOK, "已复核通过", "例外待复核 2")
	if got := b.items("/books/demo/review"); len(got) != 2 || !strings.HasSuffix(got[0], "."+boxes[0][1]) {
		t.Errorf("the exceptions in the queue: %v", got)
	}
	b.as("demo-clerk").post(at+"/review", form, http.StatusForbidden)
}

// Whoever reviews some villages reviews single records; of imports they see nothing.
func TestReview_Village(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-reviewer")
	at := waitingHref.FindStringSubmatch(b.get("/books/demo/review", http.StatusOK))[1]
	b.as("demo-clerk").entered(typedLot("虚构-5"))
	p := b.person("west", account.NewRight{Role: account.Reviewer, Book: "demo", Villages: []string{"西洲村"}})
	b.be(p)
	page := b.get("/books/demo/review", http.StatusOK, "您的权限只到部分村")
	if strings.Contains(page, "虚构-5") || strings.Contains(page, "lots-leases.csv") {
		t.Error("a foreign village is in the queue")
	}
	b.get(at, http.StatusNotFound)
	b.get("/books/demo/imports", http.StatusOK, "您的权限只到部分村")
	b.post(at+"/review", url.Values{"verdict": {"approved"}}, http.StatusNotFound)
	items := b.as("demo-reviewer").items("/books/demo/review")
	b.be(p).post("/books/demo/review", url.Values{"verdict": {"approved"}, "item": items}, http.StatusNotFound)
	if got := b.items("/books/demo/review?village=" + url.QueryEscape("东升村")); len(got) != 0 {
		t.Errorf("a filter opens a foreign village: %v", got)
	}
}

// What was amended since the queue was shown is not approved unseen; the others of the form are.
func TestReview_AmendedMeanwhile(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	at := b.entered(typedLot("虚构-6"))
	b.entered(typedLot("虚构-7"))
	items := b.as("demo-reviewer").items("/books/demo/review")
	if len(items) != 2 {
		t.Fatalf("the queue: %v", items)
	}
	amended := typedLot("虚构-6")
	amended.Set("lines.0.base_price", "1300")
	amended.Set("reason", "底价抄错（虚构）")
	amended.Set("seen", items[0][strings.LastIndexByte(items[0], '.')+1:])
	if w := b.as("demo-clerk").posted(at+"/amend", amended); w.Code != http.StatusSeeOther {
		t.Fatalf("amending: %d\n%s", w.Code, w.Body)
	}
	b.as("demo-reviewer").post("/books/demo/review", url.Values{"key": {"k"}, "verdict": {"approved"}, "item": items}, http.StatusPreconditionFailed, "记录已被他人改动", "虚构-6")
	left := b.items("/books/demo/review")
	if len(left) != 1 || left[0] == items[0] {
		t.Errorf("left in the queue: %v, was %v", left, items)
	}
}
