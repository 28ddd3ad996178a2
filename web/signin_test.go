package web_test

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger/account"
)

// form posts a form and gives the answer, for who looks at headers.
func (b *bundle) form(target string, form url.Values) (*httptest.ResponseRecorder, string) {
	b.tb.Helper()
	r := b.request(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.answer(r)
}

// take keeps the cookie of an answer: from then on requests are that session's.
func (b *bundle) take(w *httptest.ResponseRecorder) *bundle {
	b.tb.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == "mingzhang" {
			b.session = c.Value
			return b
		}
	}
	b.tb.Fatalf("no session in %v", w.Header())
	return b
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	b := demo(t)
	p := b.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo"})
	b.nobody()
	resp, _ := b.answer(b.request(http.MethodGet, "/books/demo/summary?from=2021-01-01&to=2021-06-30", nil))
	where := resp.Header().Get("Location")
	if resp.Code != http.StatusSeeOther || where != "/sign-in?next=%2Fbooks%2Fdemo%2Fsummary%3Ffrom%3D2021-01-01%26to%3D2021-06-30" {
		t.Fatalf("%d to %s", resp.Code, where)
	}
	b.get(where, 200, `name="next" value="/books/demo/summary?from=2021-01-01&amp;to=2021-06-30"`)
	next := url.Values{"login": {"zhang"}, "password": {"wrong password"}, "next": {"/books/demo/summary?from=2021-01-01"}}
	b.post("/sign-in", next, http.StatusUnauthorized, `value="zhang"`, `name="next" value="/books/demo/summary?from=2021-01-01"`, `class="faults"`)
	b.clock.forward(time.Hour)
	next.Set("password", goodPassword)
	w, page := b.form("/sign-in", next)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/books/demo/summary?from=2021-01-01" || strings.Contains(page, goodPassword) {
		t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	b.take(w).get("/", 200, "某人", "明账示例街道（虚构）")
	if b.session == p.session {
		t.Error("signing in gave an old session")
	}
	b.get("/books/demo/summary", 200, "交易经办员")
	old := b.session
	w, _ = b.form("/sign-out", nil)
	if w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out: %d %v", w.Code, w.Header())
	}
	b.session = old
	if w, _ := b.answer(b.request(http.MethodGet, "/", nil)); w.Code != http.StatusSeeOther {
		t.Errorf("a session that was signed out still opens: %d", w.Code)
	}
}

// Nobody is sent to another site, or made to run something, by a link to the sign-in page.
func TestSignIn_NextStaysHere(t *testing.T) {
	t.Parallel()
	b := demo(t)
	for next, want := range map[string]string{
		"/books/demo/summary": "/books/demo/summary", "": "/", "//evil.example.org/": "/", "https://evil.example.org": "/", "/\\evil.example.org": "/",
		"javascript:alert(1)": "/", "books": "/", "/a\r\nSet-Cookie: x=y": "/", "/\t/evil.example.org": "/", "///evil.example.org": "/", "/x?y=1#z": "/x?y=1",
	} {
		w, _ := b.form("/try", url.Values{"login": {"demo-clerk"}, "next": {next}})
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want {
			t.Errorf("next %q: %d to %q, want %q", next, w.Code, got, want)
		}
	}
}

// A role that needs a second factor gets nowhere before it is set up, and a code works once.
func TestSignIn_TOTP(t *testing.T) {
	t.Parallel()
	b := demo(t)
	id, code, err := b.accounts.Add(t.Context(), b.actor, account.NewAccount{Login: "li", Name: "某人"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.accounts.Grant(t.Context(), b.actor, account.NewRight{Account: id, Role: account.Reviewer, Book: "demo"}); err != nil {
		t.Fatal(err)
	}
	b.nobody()
	form := url.Values{"login": {"li"}, "code": {code}, "password": {goodPassword}, "password_again": {goodPassword + "x"}}
	b.post("/redeem", form, http.StatusUnprocessableEntity, `id="password_again-fault"`, `value="li"`)
	form.Set("password_again", goodPassword)
	w, _ := b.form("/redeem", form)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/account/totp" {
		t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	b.take(w)
	if w, _ := b.answer(b.request(http.MethodGet, "/books/demo/summary", nil)); w.Header().Get("Location") != "/account/totp" {
		t.Errorf("before the second factor: %d to %s", w.Code, w.Header().Get("Location"))
	}
	b.refused(b.api("GET", "/api/v1/me", ""), 403, "account.must_totp", "")
	page := b.get("/account/totp", 200, "data:image/png;base64,", "您的角色必须设置二次验证")
	secret, uri := hidden(t, page, "secret"), hidden(t, page, "uri")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	li := &person{secret: key}
	b.post("/account/totp", url.Values{"code": {"000000"}, "secret": {secret}, "uri": {uri}}, http.StatusUnauthorized, `id="code-fault"`, secret)
	w, page = b.form("/account/totp", url.Values{"code": {li.code(b.clock.Now())}})
	if w.Code != 200 || strings.Count(page, "<li><code>") != 10 {
		t.Fatalf("%d: %s", w.Code, page)
	}
	b.take(w).get("/books/demo/summary", 200)
	b.clock.forward(time.Minute)
	in := url.Values{"login": {"li"}, "password": {goodPassword}}
	b.nobody().post("/sign-in", in, http.StatusUnauthorized, `id="code-fault"`)
	in.Set("code", li.code(b.clock.Now()))
	b.post("/sign-in", in, http.StatusSeeOther)
	b.clock.forward(time.Second)
	b.post("/sign-in", in, http.StatusUnauthorized, "动态口令") // replayed
}

var value = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// hidden is the value of a hidden field.
func hidden(tb testing.TB, page, name string) string {
	tb.Helper()
	for _, m := range value.FindAllStringSubmatch(page, -1) {
		if m[1] == name {
			return strings.NewReplacer("&amp;", "&", "&#34;", `"`, "&lt;", "<", "&#43;", "+").Replace(m[2])
		}
	}
	tb.Fatalf("no hidden %s in %s", name, page)
	return ""
}

// hiddens are all hidden fields with a prefix, without it.
func hiddens(page, prefix string) url.Values {
	form := url.Values{}
	for _, m := range value.FindAllStringSubmatch(page, -1) {
		if name, ok := strings.CutPrefix(m[1], prefix); ok {
			form.Add(name, strings.NewReplacer("&amp;", "&", "&#34;", `"`, "&lt;", "<", "&gt;", ">", "&#43;", "+").Replace(m[2]))
		}
	}
	return form
}

func TestSignIn_First(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.get("/sign-in", 200, "还没有任何账户", "mingzhang user add admin")
	far := request(t.Context(), http.MethodGet, "/sign-in", nil)
	far.RemoteAddr = "192.0.2.7:999"
	if _, page := b.answer(far); strings.Contains(page, "user add") || !strings.Contains(page, "还没有任何账户") {
		t.Errorf("from afar: %s", page)
	}
	b.person("zhang")
	if page := b.get("/sign-in", 200); strings.Contains(page, "还没有任何账户") {
		t.Error("there is an account")
	}
}

func TestTry_OnlyHere(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.nobody()
	b.get("/try", 200, "交易经办员", "demo-auditor")
	b.post("/try", url.Values{"login": {"demo-land"}}, http.StatusSeeOther)
	p := b.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo"})
	b.post("/try", url.Values{"login": {p.login}}, http.StatusForbidden)
	far := request(t.Context(), http.MethodPost, "/try", strings.NewReader("login=demo-land"))
	far.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	far.RemoteAddr = "192.0.2.7:999"
	if w, _ := b.answer(far); w.Code != http.StatusNotFound {
		t.Errorf("from afar: %d", w.Code)
	}
	o := b.options()
	b.serve(o) // not told to offer it
	b.get("/try", http.StatusNotFound)
	b.post("/try", url.Values{"login": {"demo-land"}}, http.StatusNotFound)
}

// A session that ended while somebody typed loses nothing of it.
func TestKeep(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo"})
	b.handler = b.server(b.options()).Probe().Handler()
	for _, session := range []string{"", "forged"} {
		b.session = session
		typed := url.Values{"note": {`甲"<b>&乙 ` + "第二行"}, "key": {"k1"}, "password": {"s3cret"}, "list": {"a", "b"}}
		w, page := b.form("/probe-form?x=1", typed)
		if w.Code != http.StatusUnauthorized || strings.Contains(page, "s3cret") || !strings.Contains(page, "刚才填写的内容已保留") {
			t.Fatalf("%d: %s", w.Code, page)
		}
		in := hiddens(page, "")
		in.Set("login", "zhang")
		in.Set("password", "wrong")
		_, page = b.form("/sign-in", in) // once wrong: still there
		in = hiddens(page, "")
		in.Set("login", "zhang")
		in.Set("password", goodPassword)
		b.clock.forward(time.Hour)
		w, page = b.form("/sign-in", in)
		if w.Code != 200 || !strings.Contains(page, `<form method="post" action="/probe-form?x=1"`) {
			t.Fatalf("%d: %s", w.Code, page)
		}
		again := hiddens(page, "")
		if again.Get("note") != typed.Get("note") || again.Get("key") != "k1" || len(again["list"]) != 2 || again.Has("password") {
			t.Errorf("kept: %v", again)
		}
		b.take(w).post("/probe-form?x=1", again, 200, "甲&#34;&lt;b&gt;&amp;乙 第二行|k1|POST /probe-form")
	}
}

// What cannot be kept is said: files, and what is too long. Nothing is sent to other sites.
func TestKeep_Bounds(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.handler = b.server(b.options()).Probe().Handler()
	b.nobody()
	post := func(build func(*multipart.Writer) error) string {
		var body bytes.Buffer
		parts := multipart.NewWriter(&body)
		if err := build(parts); err != nil {
			t.Fatal(err)
		}
		if err := parts.Close(); err != nil {
			t.Fatal(err)
		}
		r := b.request(http.MethodPost, "/probe-form", &body)
		r.Header.Set("Content-Type", parts.FormDataContentType())
		w, page := b.answer(r)
		if w.Code != http.StatusUnauthorized {
			t.Fatalf("%d: %.300s", w.Code, page)
		}
		return page
	}
	page := post(func(w *multipart.Writer) error {
		if err := w.WriteField("note", "留着"); err != nil {
			return err
		}
		f, err := w.CreateFormFile("file", "台账.xlsx")
		if err == nil {
			_, err = fmt.Fprint(f, "x")
		}
		return err
	})
	if !strings.Contains(page, "选择的文件没有保留") || !strings.Contains(page, `name="keep.note" value="留着"`) {
		t.Errorf("%s", page)
	}
	page = post(func(w *multipart.Writer) error { return w.WriteField("note", strings.Repeat("x", 512<<10)) })
	if !strings.Contains(page, "没能保留") || strings.Contains(page, "xxxx") {
		t.Errorf("too long, but no word of it: %.2000s", page)
	}
	page = post(func(w *multipart.Writer) error { return w.WriteField("note", strings.Repeat("x", 512<<10-4)) })
	if strings.Contains(page, "没能保留") {
		t.Errorf("512 KB were not kept")
	}
	in := url.Values{"login": {"x"}, "next": {"//evil.example.org/"}, "keep.note": {"x"}}
	if _, page := b.form("/sign-in", in); strings.Contains(page, "evil") {
		t.Errorf("a foreign address in the page: %s", page)
	}
}
