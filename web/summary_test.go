package web_test

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

func TestSummary_Page(t *testing.T) {
	t.Parallel()
	b := demo(t)
	page := b.get("/books/demo/summary", 200, "<h1>汇总</h1>", `id="sentence">公开交易成交37宗,底价合同总额3324.74万元`, "肆仟柒佰陆拾叁万陆仟叁佰元整", "壹仟肆佰叁拾捌万捌仟玖佰元整",
		"成交的 37 宗中已复核 0 宗，还有 37 宗未复核", `<tr class="part"><th scope="row">其中已签约`, "2021-01", "2021-06", `data-of="months"`, `data-of="land"`,
		"集体：留用地", "170.36", "47,636,300.00 − 33,247,400.00 = 14,388,900.00 元", "summary.csv?from=2021-01-01&amp;to=2021-06-30", "上个半年", "summary-charts.js")
	if strings.Contains(page, "去复核") {
		t.Error("an auditor is sent to review")
	}
	b.get("/books/demo/summary?lang=en", 200, "<h1>Summary</h1>", "Of 37 lots hammered 0 were reviewed, 37 were not", "The sentence to publish", "summary.csv?from=2021-01-01&amp;lang=en")
	b.get("/books/demo/summary?from=2019-01-01&to=2019-06-30", 200, "这一期间没有成交", "这一期间没有核查")
	b.get("/books/demo/summary?from=2021-01-01&to=2021-06-30&as_of=1", 200, "公开交易成交0宗", `value="1"`, "截至条目数 1，")
	b.get("/books/demo/summary?from=x&to=2021-06-30&as_of=-3", 422, `id="from-fault"`, `id="as_of-fault"`, `value="-3"`)
	b.get("/books/demo/summary?as_of=2", 422, `id="as_of-fault"`, "没有链首凭证")
	b.as("demo-reviewer").get("/books/demo/summary", 200, "去复核")
}

// A book of an office begins with the half-year of today.
func TestSummary_OfToday(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.open("street", "office", "甲街道（虚构）", "")
	b.someone("clerk", account.Clerk, "street").get("/books/street/summary", 200, `value="2021-07-01"`, `value="2021-12-31"`, `aria-current="true">本半年`)
}

// A file is an export: it is sent to who may export, and noted.
func TestSummary_Files(t *testing.T) {
	t.Parallel()
	b := demo(t)
	const period = "?from=2021-01-01&to=2021-06-30"
	for format, kind := range map[string]string{"txt": "text/plain", "csv": "text/csv", "json": "application/json"} {
		w, body := b.answer(b.request("GET", "/books/demo/summary."+format+period, nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != kind+"; charset=utf-8" ||
			w.Header().Get("Content-Disposition") != `attachment; filename="demo-summary-2021-01-01-2021-06-30.`+format+`"` || !strings.Contains(body, "14388900.00") && format != "txt" {
			t.Errorf("%s: %d %v\n%s", format, w.Code, w.Header(), body)
		}
		switch format {
		case "csv":
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
			if err != nil || !strings.HasPrefix(body, "\ufeff") || rows[1][0] != "hammered" || rows[1][2] != "37" {
				t.Errorf("CSV: %v\n%s", err, body)
			}
		case "txt":
			if !strings.Contains(body, "【演示账簿：全部数据均为虚构，不得引用】") || !strings.Contains(body, "14,388,900.00") {
				t.Errorf("text: %s", body)
			}
		}
	}
	b.get("/books/demo/summary.csv?from=x&to=2021-06-30", 422)
	b.get("/books/demo/summary.xls", 404)
	log, err := b.store.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := log.EntriesAfter(t.Context(), 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	exports := 0
	for _, e := range entries {
		if e.Kind == "event.exported" {
			exports++
		}
	}
	if exports != 3 {
		t.Errorf("%d exports in the installation's log, want 3", exports)
	}
	b.nobody().get("/books/demo/summary.csv"+period, 303)
}

// Who may read some villages only is told that the report is of these, and its figures are.
func TestSummary_OfVillages(t *testing.T) {
	t.Parallel()
	b := demo(t)
	village := collectiveOf(t, b.feed("demo", "lot")[0].Body)
	b.someone("village-clerk", account.Clerk, "demo", village)
	page := b.get("/books/demo/summary", 200, "只含账簿的一部分——村（集体）："+village)
	if strings.Contains(page, "成交37宗") {
		t.Errorf("the figures are those of the whole book:\n%s", page)
	}
	var s struct {
		Scope  struct{ Villages []string }
		Trades struct{ Hammered int }
	}
	b.json(b.api("GET", "/api/v1/books/demo/summary?from=2021-01-01&to=2021-06-30", ""), 200, &s)
	if len(s.Scope.Villages) != 1 || s.Trades.Hammered >= 37 {
		t.Errorf("%+v", s)
	}
}

func TestSummary_API(t *testing.T) {
	t.Parallel()
	b := demo(t)
	var s struct {
		Trades struct {
			PremiumTotal string `json:"premium_total"`
			PremiumRate  string `json:"premium_rate"`
		}
		Sentence string
		Root     string
		AsOf     int64 `json:"as_of"`
	}
	b.json(b.api("GET", "/api/v1/books/demo/summary?from=2021-01-01&to=2021-06-30", "", "Accept-Language", "en"), 200, &s)
	if s.Trades.PremiumTotal != "14388900.00" || s.Trades.PremiumRate != "0.4328" || !strings.HasPrefix(s.Sentence, "Public trades: 37 lots") {
		t.Errorf("%+v", s)
	}
	for query, want := range map[string]string{
		"": `"parameter":"from"`, "?from=2021-01-01": `"parameter":"to"`, "?from=2021-02-30&to=2021-06-30": `"parameter":"from"`,
		"?from=2021-07-01&to=2021-06-30": "period.ends_before_it_begins", "?from=2021-01-01&to=2021-06-30&as_of=2": "as_of.not_a_checkpoint", "?period=x": "query.unknown",
	} {
		if w := b.api("GET", "/api/v1/books/demo/summary"+query, ""); w.Code != 422 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %d %s, want %s", query, w.Code, w.Body, want)
		}
	}
}

func TestStatement_API(t *testing.T) {
	t.Parallel()
	b := demo(t)
	body := func(members map[string]any) string {
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var j struct {
		Verdict    string
		Suggestion string
		Against    *struct {
			AsOf int64 `json:"as_of"`
		}
	}
	b.json(b.api("POST", "/api/v1/statements/check", body(map[string]any{"statement": published})), 200, &j)
	if j.Verdict != "mislabelled" || j.Against != nil || !strings.Contains(j.Suggestion, "1438.89万元") {
		t.Errorf("by itself: %+v", j)
	}
	right := "成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%。"
	against := map[string]any{"statement": right, "from": "2021-01-01", "to": "2021-06-30"}
	b.json(b.api("POST", "/api/v1/books/demo/statements/check", body(against)), 200, &j)
	if j.Verdict != "consistent" || j.Against == nil || j.Against.AsOf == 0 {
		t.Errorf("against the book: %+v", j)
	}
	against["to"] = "2021-01-31"
	b.json(b.api("POST", "/api/v1/books/demo/statements/check", body(against)), 200, &j)
	if j.Verdict != "contradictory" {
		t.Errorf("against another period: %+v", j)
	}
	for text, want := range map[string]int{`{}`: 422, `{"statement":""}`: 422, `{"statement":3}`: 422, `{"text":"x"}`: 422, `{`: 400, `{"statement":"成交\u000037宗"}`: 422} {
		if w := b.api("POST", "/api/v1/statements/check", text); w.Code != want {
			t.Errorf("%s: %d, want %d: %s", text, w.Code, want, w.Body)
		}
	}
	if w := b.nobody().api("POST", "/api/v1/statements/check", `{"statement":"x"}`); w.Code != 401 {
		t.Errorf("nobody: %d", w.Code)
	}
}

// The check of a sentence stands on two pages: by itself, and against a book and a period.
func TestStatement_Pages(t *testing.T) {
	t.Parallel()
	b := demo(t)
	typed := url.Values{"statement": {"成交37宗,溢价1438.89万元。"}}
	b.post("/statement", typed, 200, "没有与账簿比对", "要与账簿比对", "/books/demo/statement\"")
	b.post("/books/demo/statement?as_of=1", url.Values{"statement": typed["statement"], "as_of": {"1"}}, 200, "differs_from_record", "截至条目数 1，")
	b.post("/books/demo/statement", url.Values{"statement": typed["statement"], "as_of": {"2"}}, 422, `id="as_of-fault"`, typed.Get("statement"))
	b.get("/statement?lang=en", 200, "Judge a published sentence")
	b.get("/books/demo/statement", 200, "按语句自己的数字，应写为", `id="of-book">公开交易成交37宗,底价合同总额3324.74万元`)
	b.nobody().post("/statement", typed, 401, typed.Get("statement")) // what was typed is kept
}
