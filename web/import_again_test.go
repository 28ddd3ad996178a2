package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

// The program was restarted after the form was sent: sent again it leads to what was recorded, and the page of the
// lost result says where to look.
func TestImport_SentAgainAfterARestart(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	at := b.staged("/books/demo/import/lots", "庚.csv", importedLots)
	to, _ := b.recorded(at)
	o := b.options()
	o.Demo = true
	b.serve(o)
	b.get(at+"/runs/k-"+t.Name(), http.StatusNotFound, "是否已记入，请看导入列表")
	again, w := b.recorded(at)
	if again != to {
		t.Errorf("sent again: %q, want %q\n%s", again, to, w.Body)
	}
	b.post(at+"/forget", url.Values{}, http.StatusSeeOther)
	b.get(at, http.StatusNotFound, "请重新选择文件")
}

// A clerk of one village imports its lots alone, sees the import, and nobody of another village does.
func TestImport_Village(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.be(b.person("east", account.NewRight{Role: account.Clerk, Book: "demo", Villages: []string{"东升村"}}))
	rows := importedLots[:strings.Index(importedLots, "合计")]
	at := b.staged("/books/demo/import/lots", "辛.csv", rows)
	mustHave(t, b.settled(at), http.StatusOK, "只导入正确的，共 1 条", "西洲村")
	_, w := b.recorded(at, "rows", "good")
	page := mustHave(t, w, http.StatusOK, "没有错的行已记入账簿")
	found := waitingHref.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no link to the import in\n%s", page)
	}
	b.get(found[1], http.StatusOK, "辛.csv", "乙-1")
	if strings.Contains(b.get(found[1], http.StatusOK), "乙-2") {
		t.Error("a lot of the other village is there")
	}
	b.be(b.person("west", account.NewRight{Role: account.Clerk, Book: "demo", Villages: []string{"西洲村"}}))
	b.get(found[1], http.StatusNotFound)
	b.get(at, http.StatusNotFound)
	b.as("demo-auditor").get(found[1], http.StatusOK, "乙-1")
}

// A session that ended while a file was sent: what was typed stays, the file has to be chosen again.
func TestImport_SessionEnded(t *testing.T) {
	t.Parallel()
	b := demo(t).nobody()
	w := b.sendFile("/books/demo/import/lots", "壬.csv", importedLots, "unit", "万元")
	if w.Code != http.StatusUnauthorized {
		t.Errorf("without a session: %d", w.Code)
	}
	b.get("/books/demo/import/lots", http.StatusSeeOther)
}
