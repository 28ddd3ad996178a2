package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// typedLot is a lot as a clerk types it.
func typedLot(no string) url.Values {
	return url.Values{
		"lot_no": {no}, "asset_name": {"东升村五号鱼塘（虚构）"}, "collective": {"东升村经济联社"}, "kind": {"fish_pond"}, "term": {"5年"},
		"lines": {"1"}, "lines.0.quantity": {"12.5亩"}, "lines.0.price_unit": {"yuan_per_mu_year"}, "lines.0.base_price": {"1200"}, "lines.0.hammer_price": {"1500.5"},
		"hammered_on": {"2021-5-6"}, "winner": {"示例养殖户（虚构）"}, "do": {"record"},
	}
}

var lotAddress = regexp.MustCompile(`^/books/demo/lots/(\d+)\?done=`)

// entered posts a lot and gives the path of its page.
func (b *bundle) entered(form url.Values) string {
	b.tb.Helper()
	w := b.posted("/books/demo/lots", form)
	at := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !lotAddress.MatchString(at) {
		b.tb.Fatalf("entering a lot: %d to %q\n%s", w.Code, at, w.Body)
	}
	return "/books/demo/lots/" + lotAddress.FindStringSubmatch(at)[1]
}

// 12.5 mu at 1,200 and 1,500.5 yuan a year over 5 years: 75,000 and 93,781.25; premium 18,781.25, 25.04 %.
func TestLots_Enter(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	b.get("/books/demo/lots/new", http.StatusOK, "录入标的", `name="lines.0.base_price"`)
	b.post("/books/demo/lots/preview", typedLot("虚构-1"), http.StatusOK, "93,781.25", "18,781.25", "25.04%", "玖万叁仟柒佰捌拾壹元贰角伍分")
	form := typedLot("虚构-1")
	form.Set("do", "compute")
	b.post("/books/demo/lots", form, http.StatusOK, "18,781.25", `value="12.5亩"`)
	form.Set("do", "line")
	b.post("/books/demo/lots", form, http.StatusOK, `name="lines.1.base_price"`)
	path := b.entered(typedLot("虚构-1"))
	b.get(path+"?done=entered", http.StatusOK, "已录入账簿", "东升村五号鱼塘（虚构）", "93,781.25", "18,781.25", "25.04%", "待复核", "录入", "示例养殖户（虚构）")
	b.get(path+"?lang=en", http.StatusOK, "Premium", "25.04%", "to review")
	b.get("/books/demo/lots?search="+url.QueryEscape("五号鱼塘"), http.StatusOK, "虚构-1", "共 1 条")
	b.post("/books/demo/lots", typedLot(" 虚构－１"), http.StatusConflict, "虚构－１", `value="12.5亩"`) // the same number in other width; what was typed stays
}

func TestLots_FaultsStandBesideTheirFields(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	form := typedLot("虚构-2")
	form.Set("lines.0.base_price", "1,2 00")
	form.Set("hammered_on", "2021-2-30")
	form.Set("asset_name", "<script>alert(1)</script>")
	page := b.post("/books/demo/lots", form, http.StatusUnprocessableEntity, `id="lines-0-base_price-fault"`, `id="hammered_on-fault"`, `value="1,2 00"`,
		`value="2021-2-30"`, "&lt;script&gt;alert(1)")
	if strings.Contains(page, "<script>alert") {
		t.Error("what was typed stands in the page as it is")
	}
	b.get("/books/demo/lots?search="+url.QueryEscape("虚构-2"), http.StatusOK, "没有符合条件的标的")
	b.get("/books/demo/lots?from=2021-13-1&sort=wrong", http.StatusUnprocessableEntity, `id="from-fault"`)
	b.get("/books/demo/lots/999999", http.StatusNotFound)
	b.get("/books/demo/lots/x", http.StatusNotFound)
}

// A form that is sent twice records once: the second answer is the first one's.
func TestLots_SentTwice(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	form := typedLot("虚构-3")
	form.Set("key", "k3")
	if first, second := b.entered(form), b.entered(form); first != second {
		t.Errorf("the form sent twice gave %s and %s", first, second)
	}
}

func TestLots_AmendReviewVoid(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	path := b.entered(typedLot("虚构-4"))
	page := b.get(path+"/amend", http.StatusOK, `value="12.5亩"`, `name="reason"`)
	seen := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(page)[1]
	form := typedLot("虚构-4")
	form.Set("seen", seen)
	form.Set("lines.0.hammer_price", "1600")
	b.post(path+"/amend", form, http.StatusUnprocessableEntity, `id="reason-fault"`, `value="1600"`)
	form.Set("reason", "成交单价录错")
	b.post(path+"/amend", form, http.StatusSeeOther)
	b.get(path, http.StatusOK, "更正", "成交单价录错", "100,000.00")
	// Another who saw the first entry.
	form.Set("lines.0.hammer_price", "1700")
	b.post(path+"/amend", form, http.StatusPreconditionFailed, "他人已先改动", `value="1700"`, "成交合同总额")
	b.post(path+"/review", url.Values{"verdict": {"approved"}, "seen": {seen}}, http.StatusForbidden)

	b.as("demo-reviewer")
	b.post(path+"/review", url.Values{"verdict": {"approved"}, "seen": {seen}}, http.StatusPreconditionFailed)
	current := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(b.get(path, http.StatusOK, "复核通过", "退回更正"))[1]
	b.post(path+"/review", url.Values{"verdict": {"returned"}, "seen": {current}}, http.StatusUnprocessableEntity, `id="reason-fault"`)
	b.post(path+"/review", url.Values{"verdict": {"returned"}, "seen": {current}, "reason": {"请附成交确认书"}}, http.StatusSeeOther)
	b.get(path, http.StatusOK, "已退回", "请附成交确认书")
	b.post(path+"/review", url.Values{"verdict": {"approved"}, "seen": {current}}, http.StatusSeeOther)
	b.get("/books/demo/lots?review=approved", http.StatusOK, "虚构-4")

	b.as("demo-clerk")
	b.get(path+"/void", http.StatusOK, "作废原因")
	b.post(path+"/void", url.Values{"seen": {current}}, http.StatusUnprocessableEntity, `id="reason-fault"`)
	b.post(path+"/void", url.Values{"seen": {current}, "reason": {"重复录入"}}, http.StatusSeeOther)
	b.get(path, http.StatusOK, "已作废", "重复录入")
	b.get(path+"/amend", http.StatusConflict)
	b.get("/books/demo/lots?search="+url.QueryEscape("虚构-4"), http.StatusOK, "没有符合条件的标的")
}

func TestLots_Download(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	form := typedLot("虚构-5")
	form.Set("asset_name", "=HYPERLINK(1)（虚构）")
	b.entered(form)
	page := b.get("/books/demo/lots.csv?search="+url.QueryEscape("虚构-5"), http.StatusOK, "\ufeff交易编号", "'=HYPERLINK", "93781.25,18781.25,25.04")
	if n := strings.Count(page, "\r\n"); n != 2 {
		t.Errorf("%d lines, want the header and one lot:\n%s", n, page)
	}
}

func TestLots_API(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	const lots = "/api/v1/books/demo/lots"
	body := `{"lot_no":"虚构-6","asset_name":"仓库（虚构）","base_total":"10000","hammer_total":"1.25万元","hammered_on":"2021-03-05"}`
	w := b.api("POST", lots+"/preview", body)
	b.wantJSON(w, http.StatusOK, "premium", "2500.00")
	b.wantJSON(w, http.StatusOK, "premium_rate", "0.2500")
	w = b.api("POST", lots, body, "Idempotency-Key", "a1")
	b.wantJSON(w, http.StatusCreated, "size", b.size())
	again := b.api("POST", lots, body, "Idempotency-Key", "a1")
	b.wantFirst(again, w)
	b.wantJSON(b.api("POST", lots, strings.Replace(body, "10000", "10001", 1), "Idempotency-Key", "a1"), http.StatusConflict, "reason", "idempotency.other_body")
	b.wantJSON(b.api("POST", lots, body), http.StatusConflict, "reason", "lot.exists")
	path := w.Header().Get("Location")
	one := b.api("GET", path, "")
	for field, want := range map[string]any{
		"base_total": "10000.00", "contract_total": "12500.00", "premium": "2500.00", "premium_rate": "0.2500", "rate_definition": "on_contract_total",
		"verdict": "waiting", "hammered_on": "2021-03-05", "outcome": "hammered",
	} {
		b.wantJSON(one, http.StatusOK, field, want)
	}
	tag := one.Header().Get("ETag")
	if got := b.api("GET", path, "", "If-None-Match", tag); got.Code != http.StatusNotModified {
		t.Errorf("a lot that did not change: %d", got.Code)
	}
	amended := `{"lot_no":"虚构-6","asset_name":"仓库（虚构）","base_total":"10000","hammer_total":"13000","hammered_on":"2021-03-05","reason":"合同为准"}`
	b.wantJSON(b.api("PUT", path, amended), http.StatusPreconditionRequired, "reason", "record.match_missing")
	first := b.api("PUT", path, amended, "If-Match", tag, "Idempotency-Key", "a2")
	b.wantJSON(first, http.StatusOK, "size", b.size())
	b.wantJSON(b.api("PUT", path, amended, "If-Match", tag), http.StatusPreconditionFailed, "reason", "record.changed")
	b.wantFirst(b.api("PUT", path, amended, "If-Match", tag, "Idempotency-Key", "a2"), first)
	b.wantFirst(b.api("POST", lots, body, "Idempotency-Key", "a1"), w) // whatever the book has become
	var history struct {
		Items []struct {
			Kind   string `json:"kind"`
			Reason string `json:"reason"`
		}
	}
	if err := json.Unmarshal(b.api("GET", path+"/history", "").Body.Bytes(), &history); err != nil || len(history.Items) != 2 || history.Items[1].Reason != "合同为准" {
		t.Errorf("history %+v, %v", history, err)
	}
	b.wantJSON(b.api("POST", path+"/review", `{"verdict":"approved"}`, "If-Match", tag), http.StatusForbidden, "reason", "right.missing")
	lines := strings.Split(strings.TrimSpace(b.api("GET", lots+".ndjson", "").Body.String()), "\n")
	if want := fmt.Sprintf(`{"end":true,"count":%d}`, len(lines)-1); lines[len(lines)-1] != want {
		t.Errorf("the last line is %s, want %s", lines[len(lines)-1], want)
	}
}

// A list is read to its end without a gap or a double, whatever its order.
func TestLots_Pages(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-auditor")
	for _, sort := range []string{"", "lot_no", "hammered_on", "-hammered_on", "hammer_total", "-hammer_total"} {
		seen := map[int64]bool{}
		for after := ""; ; {
			var page struct {
				Items []struct {
					ID int64 `json:"id"`
				}
				Next string
			}
			q := url.Values{"limit": {"7"}, "after": {after}}
			if sort != "" {
				q.Set("sort", sort)
			}
			w := b.api("GET", "/api/v1/books/demo/lots?"+q.Encode(), "")
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
				t.Fatalf("%s: %d, %v: %s", sort, w.Code, err, w.Body)
			}
			for _, l := range page.Items {
				if seen[l.ID] {
					t.Errorf("%s: lot %d came twice", sort, l.ID)
				}
				seen[l.ID] = true
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(seen) != 63 { // as many as the demo's two registers have rows
			t.Errorf("%s: %d lots", sort, len(seen))
		}
	}
}

// posted sends a form and gives the whole answer.
func (b *bundle) posted(target string, form url.Values) *httptest.ResponseRecorder {
	b.tb.Helper()
	r := b.request(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w, _ := b.answer(r)
	return w
}

// size is the size of the demo book.
func (b *bundle) size() any {
	b.tb.Helper()
	book, err := b.store.Book(b.tb.Context(), "demo")
	if err != nil {
		b.tb.Fatal(err)
	}
	head, err := book.Head(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	var number any // as JSON gives numbers
	if err := json.Unmarshal([]byte(itoa(head.Size)), &number); err != nil {
		b.tb.Fatal(err)
	}
	return number
}

// wantFirst wants the first answer again, byte by byte, and marked.
func (b *bundle) wantFirst(again, first *httptest.ResponseRecorder) {
	b.tb.Helper()
	if first.Header().Get("Idempotency-Replayed") != "" || again.Header().Get("Idempotency-Replayed") != "true" {
		b.tb.Errorf("the first answer's mark is %q, the retry's %q", first.Header().Get("Idempotency-Replayed"), again.Header().Get("Idempotency-Replayed"))
	}
	if again.Code != first.Code || again.Body.String() != first.Body.String() {
		b.tb.Errorf("the retry: %d %swant the first answer: %d %s", again.Code, again.Body, first.Code, first.Body)
	}
	for _, name := range []string{"Location", "ETag", "Content-Type"} {
		if again.Header().Get(name) != first.Header().Get(name) {
			b.tb.Errorf("the retry's %s is %q, the first answer's %q", name, again.Header().Get(name), first.Header().Get(name))
		}
	}
}

// wantJSON wants a status, and a value in an answer's object.
func (b *bundle) wantJSON(w *httptest.ResponseRecorder, status int, field string, value any) {
	b.tb.Helper()
	var object map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &object); err != nil || w.Code != status || object[field] != value {
		b.tb.Errorf("%d, %v, %s = %v; want %d and %v\n%s", w.Code, err, field, object[field], status, value, w.Body)
	}
}
