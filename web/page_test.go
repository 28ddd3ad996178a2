package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mingzhang/ledger"
)

func TestPage_Figures(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.get("/books/demo/summary", http.StatusOK,
		`<html lang="zh-CN">`, "演示账簿：全部数据均为虚构，不得引用", "汇总表：明账示例街道（虚构），账簿 demo",
		"公开交易成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%(Σ溢价÷Σ底价)",
		"33,247,400.00", "14,388,900.00", "422.02", "174.68")
	b.get("/books/demo/summary?lang=en", http.StatusOK,
		`<html lang="en">`, "Demo book: all data is invented", "Summary of Mingzhang sample street (invented) (book demo)",
		"37 lots hammered, base total 3324.74 (10,000 yuan), contract total (hammer) 4763.63, premium 1438.89, premium rate 43.28%",
		"33,247,400.00", "422.02", "174.68")
	b.get("/books/demo/summary?from=2019-01-01&to=2019.6.30", http.StatusOK, "公开交易成交0宗", `<td class="n">—</td>`, `value="2019.6.30"`)
	b.get("/books/demo/statement", http.StatusOK, published, "名称错误", "标为“溢价”的是成交总额", "<code>premium_is_hammer_total</code>", "应写为", "并与账簿中这一期间的记录比对")
	b.get("/books/demo/statement?lang=en", http.StatusOK, "mislabelled", "the figure called premium is the hammer total", "It should read")
	page := b.get("/books/demo/statement?statement=", http.StatusOK)
	if strings.Contains(page, `class="judgement"`) {
		t.Errorf("an empty sentence was judged:\n%s", page)
	}
}

func TestPage_KeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.get("/books/demo/summary?from=2021-02-30&to=soon", http.StatusUnprocessableEntity,
		`value="2021-02-30"`, `id="from-fault">“2021-02-30”不是真实存在的日期`, `value="soon"`, `id="to-fault">看不懂日期“soon”。`, `aria-describedby="to-fault"`, `<a href="#to">`)
	b.get("/books/demo/summary?from=2021-07-01&to=2021-06-30", http.StatusUnprocessableEntity, `id="to-fault">期间的起始日 2021-07-01 晚于截止日 2021-06-30。`, `value="2021-07-01"`)
	typed := url.Values{"statement": {"成交37宗,溢价1438.89万元。"}, "from": {"soon"}}
	b.post("/books/demo/statement", typed, http.StatusUnprocessableEntity, `id="from-fault"`, `value="soon"`, ">\n成交37宗,溢价1438.89万元。</textarea>")
	for _, page := range []string{
		b.get("/books/demo/summary?from=x", http.StatusUnprocessableEntity),
		b.post("/books/demo/statement", typed, http.StatusUnprocessableEntity),
		b.get("/books/demo/summary?from=%00%ff", http.StatusUnprocessableEntity, "\ufffd"),
	} {
		if strings.Contains(page, `class="sentence"`) || strings.Contains(page, `class="judgement"`) {
			t.Errorf("a page that failed shows figures:\n%s", page)
		}
	}
}

func TestPage_Judges(t *testing.T) {
	t.Parallel()
	b := demo(t)
	right := url.Values{"statement": {"成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%。"}}
	for _, send := range []func(string, url.Values, int, ...string) string{b.post, b.postParts} {
		page := send("/books/demo/statement", right, http.StatusOK, "相符", right.Get("statement")+"</textarea>", "matches_record",
			`form="judge" formaction="/books/demo/statement?lang=en"`) // the other language keeps the text
		if strings.Contains(page, "应写为") {
			t.Errorf("a right sentence is corrected:\n%s", page)
		}
		send("/books/demo/statement?lang=en", right, http.StatusOK, "consistent", "agrees with the record")
		send("/books/demo/statement", url.Values{"statement": {"成交36宗,溢价1438.89万元。"}}, http.StatusOK, "自相矛盾", "differs_from_record", "印为36宗,账簿为37")
		send("/books/demo/statement", url.Values{"statement": {"今天天气很好。"}}, http.StatusOK, "无从核对")
		send("/books/demo/statement", url.Values{"statement": {"成交\xff37宗"}}, http.StatusUnprocessableEntity, `id="statement-fault"`, "成交\ufffd37宗")
		send("/books/demo/statement", url.Values{"from": {"2021-01-01"}, "to": {"2021-01-31"}, "lang": {"en"}, "statement": right["statement"]},
			http.StatusOK, `value="2021-01-31"`, "矛盾", right.Get("statement"))
		send("/statement", url.Values{"statement": {published}}, http.StatusOK, "名称错误", "没有与账簿比对")
	}
}

// What people type and what books are called comes out as text, wherever it stands.
func TestPage_Escapes(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("odd", ledger.DemoBook, `<script>alert(1)</script> 甲&乙 "街"`, `<b>A & B</b>`)
	if err := b.accounts.EnsureDemo(t.Context(), book); err != nil {
		t.Fatal(err)
	}
	b.as("demo-clerk")
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	pages := []string{
		b.get("/", http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt; 甲&amp;乙"),
		b.get("/books/odd/summary", http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt; 甲&amp;乙"),
		b.get("/?lang=en", http.StatusOK, "&lt;b&gt;A &amp; B&lt;/b&gt;"),
		b.get("/books/odd/summary?"+url.Values{"from": {evil}, "to": {evil}, "lang": {evil}}.Encode(), http.StatusUnprocessableEntity, "&#34;&gt;&lt;script&gt;"),
		b.get("/books/"+url.PathEscape(evil)+"/summary", http.StatusNotFound),
		b.post("/books/odd/statement", url.Values{"statement": {"</textarea>" + evil + "成交37宗,溢价5万元"}}, http.StatusOK, "&lt;/textarea&gt;"),
		b.get("/nowhere"+url.PathEscape(evil), http.StatusNotFound),
	}
	for _, page := range pages {
		if strings.Contains(page, "<script>") || strings.Contains(page, "<img") || strings.Contains(page, "<b>A") {
			t.Errorf("what was typed became part of the page:\n%s", page)
		}
	}
}

// A page carries neither script nor style of its own, and asks no other site: the policy forbids it.
func TestPage_NoScriptNoInlineStyle(t *testing.T) {
	t.Parallel()
	b := demo(t)
	forbidden := regexp.MustCompile(`(?i)<script>|<script [^>]*>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:|https?://`)
	look := func(target string) {
		t.Helper()
		_, page := b.answer(b.request(http.MethodGet, target, nil))
		if found := forbidden.FindString(page); found != "" {
			t.Errorf("%s has %q:\n%s", target, found, page)
		}
	}
	for _, target := range []string{"/", "/?lang=en", "/books/demo/summary", "/books/demo/statement", "/nowhere", "/account", "/try", "/api/"} {
		look(target)
	}
	b.nobody()
	for _, target := range []string{"/sign-in", "/redeem", "/try?lang=en"} {
		look(target)
	}
}
