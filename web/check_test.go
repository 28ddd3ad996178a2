package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger/account"
)

// checked asks for a check of a book and waits until it is done.
func (b *bundle) checked(code string) {
	b.tb.Helper()
	var c struct{ State string }
	for deadline := time.Now().Add(time.Minute); c.State != "done"; {
		b.json(b.api("GET", "/api/v1/books/"+code+"/check", ""), 200, &c)
		if c.State == "failed" || time.Now().After(deadline) {
			b.tb.Fatalf("the check: %s", c.State)
		}
	}
}

func TestCheck_Clean(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.get("/books/demo/check", 200, "本次服务启动以来还没有校验过")
	b.post("/books/demo/check", nil, 303)
	b.post("/books/demo/check", nil, 303) // one at a time: it is the same one
	b.checked("demo")
	b.get("/books/demo/check", 200, "完好：", "演示审计(虚构)", "从头校验")
	b.get("/books/demo?lang=en", 200, "Clean: ", "all fit")
	var c struct {
		Clean   bool
		Entries int64
		Root    string
	}
	b.json(b.api("GET", "/api/v1/books/demo/check", ""), 200, &c)
	head, err := b.book("demo").Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !c.Clean || c.Entries != head.Size || c.Root != head.Root.String() {
		t.Errorf("%+v, want clean to %d, %s", c, head.Size, head.Root)
	}
	w := b.api("POST", "/api/v1/books/demo/check", "")
	if w.Code != 202 || w.Header().Get("Location") != "/api/v1/books/demo/check" || !strings.Contains(w.Body.String(), `"state":"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	b.checked("demo")
	b.nobody().post("/books/demo/check", url.Values{}, 401)
}

// A book that somebody changed: the page names the first entry that does not fit; what stands there is for who
// may read all of the book.
func TestCheck_Broken(t *testing.T) {
	t.Parallel()
	b := demo(t)
	lot := b.feed("demo", "lot")[3]
	_, err := b.db.Owner().ExecContext(t.Context(), "ALTER TABLE lots DISABLE TRIGGER USER; UPDATE lots SET lot_no = '假-<b>1</b>' WHERE seq_from = "+itoa(lot.Seq))
	if err != nil {
		t.Fatal(err)
	}
	b.post("/books/demo/check", nil, 303)
	b.checked("demo")
	page := b.get("/books/demo/check", 200, "已损坏：第一个不符的条目是第 "+itoa(lot.Seq)+" 条", "lots.lot_no", "假-&lt;b&gt;1&lt;/b&gt;")
	if strings.Contains(page, "完好") {
		t.Errorf("a broken book is called clean:\n%s", page)
	}
	b.get("/books/demo/check?lang=en", 200, "Broken: the first entry that does not fit is "+itoa(lot.Seq), "What does not fit")
	var c struct {
		Clean  *bool
		First  int64 `json:"first_broken_entry"`
		Faults []struct{ What string }
	}
	b.json(b.api("GET", "/api/v1/books/demo/check", ""), 200, &c)
	if c.Clean == nil || *c.Clean || c.First != lot.Seq || len(c.Faults) == 0 || c.Faults[0].What != "lots.lot_no" {
		t.Errorf("%+v", c)
	}
	b.someone("village-clerk", account.Clerk, "demo", "东升村")
	if page := b.get("/books/demo/check", 200, "已损坏"); strings.Contains(page, "假-") {
		t.Errorf("who may read some villages sees values of others:\n%s", page)
	}
}
