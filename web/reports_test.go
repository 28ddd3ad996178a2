package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A leader issues the summary on its page; it is kept, prints again byte for byte, closes its period, and names what
// touches it since, on its own page and on the record's.
func TestReports_Issue(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	if page := b.get("/books/demo/summary?from=2021-01-01&to=2021-06-30", http.StatusOK, "已签发报告"); strings.Contains(page, "签发这份报告") {
		t.Error("a clerk is offered to issue")
	}
	b.as("demo-leader")
	b.get("/books/demo/summary?from=2021-01-01&to=2021-06-30", http.StatusOK, "签发这份报告", "/books/demo/reports/issue?from=2021-01-01")
	b.get("/books/demo/reports/issue?from=2021-01-01&to=2021-06-30", http.StatusOK, "确认签发", `name="as_of" value="291"`, "不能撤回")
	form := url.Values{"from": {"2021-01-01"}, "to": {"2021-06-30"}, "as_of": {"291"}, "format": {"csv"}, "language": {"zh"}, "key": {"form-1"}}
	w := b.posted("/books/demo/reports", form)
	at := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/books/demo/reports/291") {
		t.Fatalf("%d to %s: %s", w.Code, at, w.Body)
	}
	if again := b.posted("/books/demo/reports", form); again.Header().Get("Location") != at {
		t.Errorf("the form sent twice leads to %s, want %s", again.Header().Get("Location"), at)
	}
	b.get(at, http.StatusOK, "已签发", "没有变动", "2021-01-01 至 2021-06-30")
	_, file := b.answer(b.request("GET", "/books/demo/reports/291/file", nil))
	sum := sha256.Sum256([]byte(file))
	hash := hex.EncodeToString(sum[:])
	b.get("/books/demo/reports?sha256="+hash, http.StatusOK, "/books/demo/reports/291", "未变动")
	b.wantJSON(b.api("GET", "/api/v1/books/demo/reports/291", ""), http.StatusOK, "sha256", hash)

	b.as("demo-clerk")
	var list struct{ Items []struct{ ID, Entry int64 } }
	if err := json.Unmarshal(b.api("GET", "/api/v1/books/demo/lots?from=2021-01-01&to=2021-06-30&outcome=confirmed&limit=1", "").Body.Bytes(), &list); err != nil || len(list.Items) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	lot, entry := list.Items[0].ID, list.Items[0].Entry
	b.get("/books/demo/lots/"+itoa(lot), http.StatusOK, "列入的已签发报告", "未变动")
	b.posted("/books/demo/lots/"+itoa(lot)+"/void", url.Values{"reason": {"重复（虚构）"}, "seen": {itoa(entry)}})
	b.get("/books/demo/lots/"+itoa(lot)+"?done=voided", http.StatusOK, "它列入已签发的报告", "本记录已变动")
	late := b.entered(typedLot("补-1"))
	b.get(late, http.StatusOK, "补录")
	b.get("/books/demo/lots?search="+url.QueryEscape("补-1"), http.StatusOK, "补录")
	b.get("/books/demo/lots.csv?search="+url.QueryEscape("补-1"), http.StatusOK, "补录", ",是")
	b.get("/books/demo/reports/291", http.StatusOK, "有变动", "作废", "补录", "补-1")
	b.get("/books/demo/summary?from=2021-01-01&to=2021-06-30", http.StatusOK, "补录（最近一次签发之后）")
	var out struct {
		Touched     int
		Differences []struct{ Key, Old, New string }
		Lots        []struct{ How string }
	}
	if err := json.Unmarshal(b.api("GET", "/api/v1/books/demo/reports/291", "").Body.Bytes(), &out); err != nil || out.Touched != 2 || len(out.Lots) != 2 || len(out.Differences) == 0 {
		t.Errorf("%+v, %v; want two lots touched", out, err)
	}
	b.post("/books/demo/reports", form, http.StatusForbidden)
}

// The API issues with an idempotency key, and refuses what cannot be issued.
func TestReports_API(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-leader")
	const path, body = "/api/v1/books/demo/reports", `{"from":"2021-01-01","to":"2021-06-30","format":"text","lang":"en"}`
	w := b.api("POST", path, body, "Idempotency-Key", "issue-1")
	var first struct {
		Entry  int64
		SHA256 string
		Output string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &first); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if sum := sha256.Sum256([]byte(first.Output)); hex.EncodeToString(sum[:]) != first.SHA256 {
		t.Errorf("SHA-256 %s is not that of the output", first.SHA256)
	}
	if w := b.api("POST", path, body, "Idempotency-Key", "issue-1"); w.Header().Get("Idempotency-Replayed") != "true" || !strings.Contains(w.Body.String(), first.SHA256) {
		t.Errorf("a replay: %v %s", w.Header(), w.Body)
	}
	b.refused(b.api("POST", path, `{"from":"2021-01-01","to":"2021-06-30","format":"xlsx","lang":"en"}`), http.StatusUnprocessableEntity, "field.one_of", "/format")
	b.refused(b.api("POST", path, `{"from":"2021-01-01","to":"2021-06-30","as_of":200,"format":"text","lang":"en"}`), http.StatusUnprocessableEntity, "as_of.not_a_checkpoint", "/as_of")
	b.refused(b.api("GET", path+"/1", ""), http.StatusNotFound, "report.unknown", "")
	if w := b.api("GET", path+"/"+itoa(first.Entry)+"?as_of="+itoa(first.Entry+1), ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"touched":0`) {
		t.Errorf("as of its issue: %d %s", w.Code, w.Body)
	}
}
