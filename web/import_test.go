package web_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
)

// parts is a form with a file, as browsers send it.
func (b *bundle) parts(target, name, body string, fields ...string) *http.Request {
	b.tb.Helper()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := parts.WriteField(fields[i], fields[i+1]); err != nil {
			b.tb.Fatal(err)
		}
	}
	if name != "" {
		file, err := parts.CreateFormFile("file", name)
		if err == nil {
			_, err = file.Write([]byte(body))
		}
		if err != nil {
			b.tb.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		b.tb.Fatal(err)
	}
	r := b.request(http.MethodPost, target, &form)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	return r
}

// sendFile posts a form with a file.
func (b *bundle) sendFile(target, name, body string, fields ...string) *httptest.ResponseRecorder {
	b.tb.Helper()
	w, _ := b.answer(b.parts(target, name, body, fields...))
	return w
}

// staged sends a file and gives the address at which it is looked over.
func (b *bundle) staged(target, name, body string, fields ...string) string {
	b.tb.Helper()
	w := b.sendFile(target, name, body, fields...)
	if w.Code != http.StatusSeeOther {
		b.tb.Fatalf("sending %s: %d\n%s", name, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// settled follows the pages that say that a file is being read, as a browser does, until one says something else.
func (b *bundle) settled(target string) *httptest.ResponseRecorder {
	b.tb.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		w, _ := b.answer(b.request(http.MethodGet, target, nil))
		refresh := w.Header().Get("Refresh")
		if refresh == "" {
			return w
		}
		_, target, _ = strings.Cut(refresh, "url=")
	}
	b.tb.Fatalf("%s is still being read", target)
	return nil
}

// recorded posts the third step and gives the page that it leads to.
func (b *bundle) recorded(preview string, fields ...string) (at string, w *httptest.ResponseRecorder) {
	b.tb.Helper()
	form := url.Values{"key": {"k-" + b.tb.Name()}, "rows": {"all"}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	sent := b.posted(preview, form)
	if sent.Code != http.StatusSeeOther {
		b.tb.Fatalf("recording: %d\n%s", sent.Code, sent.Body)
	}
	w = b.settled(sent.Header().Get("Location"))
	return w.Header().Get("Location"), w
}

const importedLots = "交易编号,标的名称,村集体,底价(元),成交价(元),结果,成交日期\n" +
	"乙-1,一号商铺<script>alert(1)</script>,东升村经济联社,1000,1250,成交,2021-03-05\n" +
	"乙-2,二号鱼塘,西洲村经济联社,2000,3000,成交,2021-04-01\n" +
	"合计,,,3000,4250,,\n"

func mustHave(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) string {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d\n%s", w.Code, status, w.Body)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("no %q in\n%s", text, w.Body)
		}
	}
	return w.Body.String()
}

var importAddress = regexp.MustCompile(`^/books/demo/imports/(\d+)\?done=imported$`)

func TestImport_Wizard(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	b.get("/books/demo/import/lots", http.StatusOK, `enctype="multipart/form-data"`, "这一步不写入账簿", "万元、亩")
	b.get("/books/demo/import/lots?lang=en", http.StatusOK, "Import lots", "Send and look over")
	at := b.staged("/books/demo/import/lots", `C:\台账\上半年.csv`, importedLots)
	page := mustHave(t, b.settled(at), http.StatusOK, "核对：上半年.csv", "账簿还没有变动", "底价合同总额", "1,000元", "2,000元", "与各行之和相符", "记入账簿，共 2 条")
	if strings.Contains(page, "<script>alert") {
		t.Error("a name of the file is markup")
	}
	mustHave(t, b.settled(at+"?lang=en"), http.StatusOK, "Look over: ", "Nothing has been recorded yet", "Record 2")
	b.get("/books/demo/lots?search="+url.QueryEscape("二号鱼塘"), http.StatusOK, "没有符合条件的标的")

	to, w := b.recorded(at)
	if !importAddress.MatchString(to) {
		t.Fatalf("recording leads to %q: %d\n%s", to, w.Code, w.Body)
	}
	page = b.get(to, http.StatusOK, "已记入账簿，等待复核", "上半年.csv", "乙-1", "乙-2", "待复核 2", "3,000.00", "4,250.00", "SHA-256")
	if strings.Contains(page, "<script>alert") {
		t.Error("the name of a lot is markup")
	}
	again, _ := b.recorded(at) // the same form: the same import
	if again != to {
		t.Errorf("the form sent twice leads to %q, want %q", again, to)
	}
	b.get("/books/demo/imports", http.StatusOK, "上半年.csv", "待复核 2")
	mustHave(t, b.settled(at), http.StatusOK, "都已在账簿中")
	_, w = b.recorded(at, "key", "another")
	mustHave(t, w, http.StatusConflict, "没有写入任何内容", "都已在账簿中")
}

func TestImport_FaultsAndRejects(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	bad := importedLots[:strings.Index(importedLots, "合计")] + "乙-3,三号仓库,东升村经济联社,五百,600,成交,2021-05-01\n"
	at := b.staged("/books/demo/import/lots", "有错.csv", bad)
	mustHave(t, b.settled(at), http.StatusOK, "D4", "五百", "要改正的单元格", "只导入正确的，共 2 条", at[:strings.Index(at+"?", "?")]+"/rejects.xlsx")
	mustHave(t, b.settled(at+"?lang=en"), http.StatusOK, "Cells to be corrected", "Record the 2 good ones")

	_, w := b.recorded(at) // not asked for: nothing is written
	mustHave(t, w, http.StatusUnprocessableEntity, "没有写入任何内容", "五百")
	b.get("/books/demo/lots?search="+url.QueryEscape("乙-1"), http.StatusOK, "没有符合条件的标的")

	_, w = b.recorded(at, "rows", "good", "key", "good")
	mustHave(t, w, http.StatusOK, "没有错的行已记入账簿", "五百", "rejects.csv")
	b.get("/books/demo/lots?search="+url.QueryEscape("乙-1"), http.StatusOK, "一号商铺")

	w, body := b.answer(b.request(http.MethodGet, at+"/rejects.csv", nil))
	if w.Code != http.StatusOK || !strings.HasPrefix(body, "\ufeff") || !strings.Contains(body, "乙-3") || strings.Contains(body, "乙-1") {
		t.Fatalf("rejects: %d %q", w.Code, body)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.Contains(got, "filename*=UTF-8''"+url.PathEscape("有错-待改正.csv")) {
		t.Errorf("the download is called %s", got)
	}
	at = b.staged("/books/demo/import/lots", "改正.csv", strings.Replace(body, "五百", "500", 1))
	mustHave(t, b.settled(at), http.StatusOK, "记入账簿，共 1 条")
	if to, w := b.recorded(at, "key", "mended"); !importAddress.MatchString(to) {
		t.Fatalf("the corrected rows: %d\n%s", w.Code, w.Body)
	}
	if w, _ := b.answer(b.request(http.MethodGet, at+"/rejects.xlsx", nil)); w.Code != http.StatusNotFound {
		t.Errorf("rejects of a file without any: %d", w.Code)
	}
}

func TestImport_Amend(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	b.recorded(b.staged("/books/demo/import/lots", "甲.csv", importedLots))
	changed := strings.NewReplacer("2000", "2100", "3000,4250", "3100,4250").Replace(importedLots)
	at := b.staged("/books/demo/import/lots", "乙.csv", changed)
	mustHave(t, b.settled(at), http.StatusOK, "与账簿不同之处", "2000.00", "2100.00", "没有可以记入的行", "按更正处理")
	at += "?amend=yes"
	mustHave(t, b.settled(at), http.StatusOK, "更正理由", "记入账簿，共 1 条")
	w := b.posted(at, url.Values{"key": {"k"}, "rows": {"all"}})
	mustHave(t, w, http.StatusUnprocessableEntity, "更正理由", `id="reason-fault"`)
	to, w := b.recorded(at, "key", "k2", "reason", "底价抄错（虚构）")
	if !importAddress.MatchString(to) {
		t.Fatalf("amending: %d\n%s", w.Code, w.Body)
	}
	b.get(to, http.StatusOK, "乙-2", "2,100.00")
}

func TestImport_Parcels(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("demo", ledger.DemoBook, "示例（虚构）", "Sample (invented)")
	if err := b.accounts.EnsureDemo(t.Context(), book); err != nil {
		t.Fatal(err)
	}
	b.as("demo-land")
	b.get("/books/demo/import", http.StatusSeeOther)
	body, err := os.ReadFile("../cmd/mingzhang/demo/parcels.csv")
	if err != nil {
		t.Fatal(err)
	}
	at := b.staged("/books/demo/import/parcels", "宗地.csv", string(body))
	mustHave(t, b.settled(at), http.StatusOK, "核查面积", "记入账簿，共")
	to, w := b.recorded(at)
	if !importAddress.MatchString(to) {
		t.Fatalf("recording: %d\n%s", w.Code, w.Body)
	}
	b.get(to, http.StatusOK, "宗地编号", "核查日期", "待复核的核查面积")
	b.as("demo-reviewer")
	page := b.get(to[:strings.Index(to, "?")], http.StatusOK, `name="number"`, "复核通过（除外的不算）")
	visits := map[string]bool{}
	next := to[:strings.Index(to, "?")]
	for next != "" { // parcels first, then verifications, each once
		page := b.get(next, http.StatusOK)
		for _, m := range regexp.MustCompile(`<a href="/books/demo/(verifications/\d+|parcels/\d+)">`).FindAllStringSubmatch(page, -1) {
			if visits[m[1]] {
				t.Errorf("%s stands on two pages", m[1])
			}
			visits[m[1]] = true
		}
		m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page)
		if next = ""; m != nil {
			next = html.UnescapeString(m[1])
		}
	}
	if len(visits) != 179 { // as many as the file's rows make
		t.Errorf("%d records on all pages, want 179", len(visits))
	}
	no := regexp.MustCompile(`name="number" value="([^"]+)"`).FindStringSubmatch(page)[1]
	b.post(to[:strings.Index(to, "?")]+"/review", url.Values{"key": {"k"}, "verdict": {"approved"}, "number": {no}}, http.StatusSeeOther)
	b.get(to[:strings.Index(to, "?")], http.StatusOK, "例外待复核")
	b.get("/books/demo/review", http.StatusOK, no)
}

func TestImport_Refused(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	for _, c := range []struct {
		name, body string
		status     int
		text       string
	}{
		{"", "", http.StatusUnprocessableEntity, "请选择要导入的文件"},
		{"空.csv", "", http.StatusUnprocessableEntity, "是空的"},
		{"旧.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("x", 600), http.StatusUnprocessableEntity, "另存为"},
	} {
		w := b.sendFile("/books/demo/import/lots", c.name, c.body, "unit", "万元")
		mustHave(t, w, c.status, c.text, `value="万元"`)
	}
	w := b.sendFile("/books/demo/import/lots", "大.csv", strings.Repeat("x", 33<<20))
	mustHave(t, w, http.StatusRequestEntityTooLarge, "MB")
	mustHave(t, b.sendFile("/books/demo/import/lots", "a.csv", importedLots, "map", "no equals"), http.StatusUnprocessableEntity, `id="map-fault"`)
	at := b.staged("/books/demo/import/lots", "无表头.csv", "甲,乙\n1,2\n")
	mustHave(t, b.settled(at), http.StatusUnprocessableEntity, "表头", "换个读法", `id="map-fault"`)
	priced := "交易编号,标的名称,底价(元),成交价(元),租期,结果,成交日期\n戊-1,商铺,1000,1200,5年,成交,2021-03-05\n"
	spanless := b.staged("/books/demo/import/lots", "无期间.csv", priced)
	mustHave(t, b.settled(spanless), http.StatusUnprocessableEntity, `id="span-fault"`, "每月、每年还是整个合同期")
	mustHave(t, b.settled(spanless+"?span=year"), http.StatusOK, "记入账簿，共 1 条", "元/年")
	mustHave(t, b.sendFile("/books/demo/import/lots", "a.csv", importedLots, "map", strings.Repeat("很长的表头=base_price\n", 500)), http.StatusUnprocessableEntity, `id="map-fault"`, "上限")
	for _, who := range []string{"demo-land", "demo-reviewer", "demo-auditor"} {
		b.as(who)
		mustHave(t, b.sendFile("/books/demo/import/lots", "a.csv", importedLots), http.StatusForbidden)
		b.get(at, http.StatusForbidden)
	}
	b.as("demo-reviewer").get("/books/demo/import", http.StatusSeeOther)
	b.as("demo-land").get(strings.Replace(at, "/lots/", "/parcels/", 1), http.StatusNotFound) // another's file
	b.get("/books/demo/imports/999999", http.StatusNotFound)
}

// A file that takes long shows a page that asks again, without script.
func TestImport_Waits(t *testing.T) {
	t.Parallel()
	b := demo(t)
	o := b.options()
	o.ImportPatience = time.Nanosecond
	b.serve(o)
	b.as("demo-clerk")
	at := b.staged("/books/demo/import/lots", "慢.csv", importedLots)
	waited := false
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		w, page := b.answer(b.request(http.MethodGet, at, nil))
		if w.Header().Get("Refresh") == "" {
			mustHave(t, w, http.StatusOK, "记入账簿，共 2 条")
			break
		}
		waited = true
		if !strings.Contains(page, "正在读取文件") || !strings.Contains(page, `aria-busy="true"`) {
			t.Fatalf("the page that waits says\n%s", page)
		}
	}
	if !waited {
		t.Error("no page said that the file is being read")
	}
}
