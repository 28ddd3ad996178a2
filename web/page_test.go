package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/web"
)

func TestPage_Figures(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.get("/", http.StatusOK,
		`<html lang="zh-CN">`, "演示账簿：全部数据均为虚构，不得引用", "汇总表：明账示例街道（虚构），账簿 demo",
		"公开交易成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%(Σ溢价÷Σ底价)",
		"33,247,400.00", "14,388,900.00", "422.02", "174.68",
		published, "名称错误", "标为“溢价”的是成交总额", "<code>premium_is_hammer_total</code>", "应写为", "并与上面账簿和期间的记录比对")
	b.get("/?lang=en", http.StatusOK,
		`<html lang="en">`, "Demo book: all data is invented", "Summary of Mingzhang sample street (invented) (book demo)",
		"37 lots hammered, base total 3324.74 (10,000 yuan), contract total (hammer) 4763.63, premium 1438.89, premium rate 43.28%",
		"33,247,400.00", "422.02", "174.68", "mislabelled", "the figure called premium is the hammer total", "It should read")
	page := b.get("/?from=2019-01-01&to=2019.6.30&statement=", http.StatusOK, "公开交易成交0宗", `<td class="n">—</td>`, `value="2019.6.30"`)
	if strings.Contains(page, `class="judgement"`) {
		t.Errorf("an empty sentence was judged:\n%s", page)
	}
}

func TestPage_KeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := demo(t)
	typed := url.Values{"statement": {"成交37宗,溢价1438.89万元。"}}
	b.post("/?book=nowhere", typed, http.StatusNotFound,
		`<option value="nowhere" selected>nowhere</option>`, `<span class="fault" id="book-fault" role="alert">没有代码为“nowhere”的账簿。`, ">\n成交37宗,溢价1438.89万元。</textarea>")
	b.post("/?lang=en&book=nowhere", typed, http.StatusNotFound, `id="book-fault" role="alert">`, "nowhere")
	b.get("/?from=2021-02-30&to=soon", http.StatusUnprocessableEntity,
		`value="2021-02-30"`, `<span class="fault" id="from-fault" role="alert">“2021-02-30”不是真实存在的日期`,
		`value="soon"`, `<span class="fault" id="to-fault" role="alert">看不懂日期“soon”。`, `aria-describedby="to-fault"`)
	b.get("/?from=2021-07-01&to=2021-06-30", http.StatusUnprocessableEntity, `id="to-fault" role="alert">期间的起始日 2021-07-01 晚于截止日 2021-06-30。`, `value="2021-07-01"`)
	b.get("/?book=nowhere&from=&to=2021-06-30", http.StatusNotFound, `id="book-fault"`, `id="from-fault"`)
	for _, page := range []string{
		b.get("/?from=x", http.StatusUnprocessableEntity),
		b.get("/?book=%00%ff", http.StatusNotFound, "\ufffd"),
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
	const period = "book=demo&from=2021-01-01&to=2021-06-30"
	for _, send := range []func(string, url.Values, int, ...string) string{b.post, b.postParts} {
		page := send("/?"+period, right, http.StatusOK, "相符", right.Get("statement")+"</textarea>", "matches_record",
			`<button form="judge" formaction="/?book=demo&amp;from=2021-01-01&amp;lang=en&amp;to=2021-06-30"`, // the other language keeps the text
			`<form method="post" action="/" class="period"`)                                                   // and so does another period
		if strings.Contains(page, "应写为") {
			t.Errorf("a right sentence is corrected:\n%s", page)
		}
		send("/?lang=en&"+period, right, http.StatusOK, "consistent", "agrees with the record",
			`<form method="post" action="/?book=demo&amp;from=2021-01-01&amp;lang=en&amp;to=2021-06-30" id="judge"`) // the same page when it is too long to be read
		send("/?"+period, url.Values{"statement": {"成交36宗,溢价1438.89万元。"}}, http.StatusOK, "自相矛盾", "differs_from_record", "印为36宗,账簿为37")
		send("/?"+period, url.Values{"statement": {"今天天气很好。"}}, http.StatusOK, "无从核对")
		send("/?"+period, url.Values{"statement": {"成交\xff37宗"}}, http.StatusUnprocessableEntity, `id="statement-fault"`, "成交\ufffd37宗")
		// A body may hold all fields, as the period's own form sends them.
		send("/", url.Values{"book": {"demo"}, "from": {"2021-01-01"}, "to": {"2021-01-31"}, "lang": {"en"}, "statement": right["statement"]},
			http.StatusOK, `value="2021-01-31"`, "contradictory", right.Get("statement"))
	}
}

// What people type and what books are called comes out as text, wherever it stands.
func TestPage_Escapes(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("odd", ledger.OfficeBook, `<script>alert(1)</script> 甲&乙 "街"`, `<b>A & B</b>`)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	pages := []string{
		b.get("/", http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt; 甲&amp;乙"),
		b.get("/?lang=en", http.StatusOK, "&lt;b&gt;A &amp; B&lt;/b&gt;"),
		b.get("/?"+url.Values{"book": {evil}, "from": {evil}, "to": {evil}, "lang": {evil}}.Encode(), http.StatusNotFound, "&#34;&gt;&lt;script&gt;"),
		b.post("/?book=odd", url.Values{"statement": {"</textarea>" + evil + "成交37宗,溢价5万元"}}, http.StatusOK, "&lt;/textarea&gt;"),
		b.get("/nowhere"+url.PathEscape(evil), http.StatusNotFound),
	}
	for _, page := range pages {
		if strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, "<b>A") {
			t.Errorf("what was typed became part of the page:\n%s", page)
		}
	}
}

// A page carries neither script nor style of its own: the policy forbids both.
func TestPage_NoScriptNoInlineStyle(t *testing.T) {
	t.Parallel()
	b := demo(t)
	forbidden := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:|https?://`)
	for _, target := range []string{"/", "/?lang=en", "/?book=x&from=y"} {
		_, page := b.answer(request(t.Context(), http.MethodGet, target, nil))
		if found := forbidden.FindString(page); found != "" {
			t.Errorf("%s has %q:\n%s", target, found, page)
		}
	}
}

func TestPage_WithoutABook(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.get("/", http.StatusOK, "还没有账簿。", "mingzhang book add")
	b.get("/?lang=en", http.StatusOK, `class="note"`, "mingzhang book add")
	b.get("/?book=x", http.StatusNotFound, "还没有账簿。")
	b.post("/", url.Values{"statement": {published}}, http.StatusOK, "名称错误", "没有与账簿比对")
}

func TestPage_ManyBooks(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	b.open("a-street", ledger.OfficeBook, "甲街道（虚构）", "Street A (invented)")
	b.open("c-try", ledger.PracticeBook, "练习（虚构）", "")
	page := b.get("/", http.StatusOK, `<option value="a-street" selected>甲街道（虚构）</option><option value="b-street">乙街道（虚构）</option><option value="c-try">练习（虚构）</option>`)
	if strings.Contains(page, "练习账簿：") {
		t.Errorf("an office's book is marked as practice:\n%s", page)
	}
	b.get("/?book=c-try&lang=en", http.StatusOK, `<option value="c-try" selected>`, "Practice book: in no sum, must not be quoted")
	b.get("/?book=b-street", http.StatusOK, `<option value="b-street" selected>`, "汇总表：乙街道（虚构），账簿 b-street")
	b.serve(web.Default{Book: "b-street", From: "2021-01-01", To: "2021-06-30"})
	b.get("/", http.StatusOK, `<option value="b-street" selected>`)
}
