package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// cut is the text between two others.
func cut(t *testing.T, page, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, before)
	text, _, end := strings.Cut(rest, after)
	if !ok || !end {
		t.Fatalf("no text between %q and %q in\n%s", before, after, page)
	}
	return text
}

var codeForm = regexp.MustCompile(`^[0-9a-z]{4}(-[0-9a-z]{4}){3}$`)

// An administrator makes an account with a right; its person redeems the code and works; the right is revoked, and
// at the next request it is gone.
func TestUsers_FromAccountToWork(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	admin := b.administrator("admin")
	b.get("/users", 200, "demo-clerk", "演示账户", `href="/users/new"`, ">admin<")
	b.get("/users/new", 200, `value="b-street"`, `name="villages"`, "乙街道（虚构） · b-street")

	form := url.Values{"login": {" Zhang.San "}, "name": {"张三<b>"}, "role": {"clerk"}, "book": {"b-street"}, "villages": {"东升村\r\n西林村"}, "until": {"2021-12-31"}}
	page := b.post("/users/new", form, 200, "zhang.san", "张三&lt;b&gt;", "http://127.0.0.1:8080/redeem", "交易经办员 · b-street · 东升村、西林村 · 有效至 2021-12-31")
	code := cut(t, page, `slip-code">`, "<")
	if !codeForm.MatchString(code) {
		t.Errorf("the slip's code is %q", code)
	}
	b.post("/users/new", form, 409, "登录名“zhang.san”已有人使用", `value="Zhang.San"`, "东升村\r\n西林村")

	a, err := b.accounts.ByLogin(t.Context(), "zhang.san")
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/users/%d", a.ID)
	if one := b.get(path, 200, "一次性代码待用", "东升村、西林村", "新建账户"); strings.Contains(one, code) {
		t.Error("the code is shown a second time")
	}

	b.nobody().post("/redeem", url.Values{"login": {"zhang.san"}, "code": {code}, "password": {goodPassword}, "password_again": {goodPassword}}, 303)
	opened, err := b.accounts.SignIn(t.Context(), account.Credentials{Login: "zhang.san", Password: goodPassword}, account.From{Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	zhang := &person{id: a.ID, login: "zhang.san", session: opened.Token}
	b.be(zhang).get("/books/b-street/summary", 200)
	b.get("/users", 403, "没有权限")

	b.be(admin)
	revoke := strings.ReplaceAll(cut(t, b.get(path, 200), `<td><a href="`+path+`/rights/`, `"`), "&amp;", "&")
	revoke = path + "/rights/" + revoke
	b.get(revoke, 200, "交易经办员 · b-street", `name="reason"`)
	b.post(revoke, url.Values{"reason": {" "}}, 422, "没有填写理由", `id="reason-fault"`)
	b.post(revoke, url.Values{"reason": {"调离"}}, 303)
	b.get(path+"?done=revoked", 200, "权限已撤销，立即生效", "还没有任何权限")
	b.get(revoke, 404)
	b.be(zhang).get("/books/b-street/summary", 404)
}

func TestUsers_Grant(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	b.administrator("admin")
	li := b.person("li.si")
	path := fmt.Sprintf("/users/%d/rights/new", li.id)
	for _, tt := range []struct {
		form   url.Values
		status int
		text   string
	}{
		{url.Values{}, 422, "没有选择角色"},
		{url.Values{"role": {"king"}}, 422, `id="role-fault"`},
		{url.Values{"role": {"clerk"}}, 422, "没有指明账簿"},
		{url.Values{"role": {"clerk"}, "book": {"nowhere"}}, 404, `id="book-fault"`},
		{url.Values{"role": {"clerk"}, "book": {"b-street"}, "villages": {"村"}}, 422, `id="villages-fault"`},
		{url.Values{"role": {"clerk"}, "book": {"b-street"}, "until": {"soon"}}, 422, `id="until-fault"`},
		{url.Values{"role": {"clerk"}, "book": {"b-street"}, "until": {"2021-06-30"}}, 422, "已经过去"},
		{url.Values{"role": {"clerk"}, "book": {"b-street"}, "from": {"2021-01-01"}}, 422, "只有审计员"},
		{url.Values{"role": {"administrator"}, "book": {"b-street"}}, 422, "不属于任何账簿"},
		{url.Values{"role": {"auditor"}, "book": {"b-street"}, "from": {"2021-02-01"}, "to": {"2021-01-01"}}, 422, `id="to-fault"`},
		{url.Values{"role": {"auditor"}, "book": {"b-street"}, "from": {"2021-1-1"}, "to": {"2021年6月30日"}}, 303, ""},
		{url.Values{"role": {"auditor"}, "book": {"b-street"}}, 409, "已有这项权限"},
		{url.Values{"role": {"clerk"}, "book": {"b-street"}}, 409, "审计员不能在同一账簿中"},
		{url.Values{"role": {"administrator"}}, 409, "不能同时担任其他角色"},
	} {
		b.post(path, tt.form, tt.status, tt.text)
	}
	b.get(fmt.Sprintf("/users/%d?done=granted", li.id), 200, "审计员", "2021-01-01 – 2021-06-30", "立即生效")
	b.get(fmt.Sprintf("/users/%d?lang=en", li.id), 200, "auditor", "second factor to be set up", "right granted")
	b.get("/users/999999/rights/new", 404)
	b.get("/users/x", 404)
}

// What closes and opens an account.
func TestUsers_ResetDisableEnable(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	admin := b.administrator("admin")
	wang := b.person("wang.wu", account.NewRight{Role: account.Clerk, Book: "b-street"})
	path := fmt.Sprintf("/users/%d", wang.id)

	b.get(path+"/disable", 200, "wang.wu · 某人", "停用后不能登录")
	b.post(path+"/disable", url.Values{}, 422, `id="reason-fault"`)
	b.post(path+"/disable", url.Values{"reason": {"休假"}}, 303)
	b.get(path, 200, "已停用", "启用…", "休假")
	b.be(wang).get("/account", 303)
	b.be(admin).post(path+"/disable", url.Values{"reason": {"休假"}}, 409, "已经是这样")
	b.post(path+"/enable", url.Values{"reason": {"回来了"}}, 303)

	page := b.post(path+"/reset", url.Values{}, 200, "wang.wu")
	code := cut(t, page, `slip-code">`, "<")
	_, err := b.accounts.SignIn(t.Context(), account.Credentials{Login: "wang.wu", Password: goodPassword}, account.From{Address: "127.0.0.1"})
	if ledger.CodeOf(err) != ledger.Unauthenticated {
		t.Errorf("after a reset the old password gives %v", err)
	}
	if _, err := b.accounts.Redeem(t.Context(), "wang.wu", code, goodPassword, account.From{Address: "127.0.0.1"}); err != nil {
		t.Error(err)
	}

	own := fmt.Sprintf("/users/%d", admin.id)
	if page := b.get(own, 200, "这是您自己的账户"); strings.Contains(page, own+"/disable") || strings.Contains(page, "/revoke") {
		t.Errorf("an administrator is offered to change their own account:\n%s", page)
	}
	b.post(own+"/disable", url.Values{"reason": {"x"}}, 403)
	b.post(own+"/reset", url.Values{}, 403)
	b.post(own+"/rights/new", url.Values{"role": {"clerk"}, "book": {"b-street"}}, 403, "不能改动自己的权限")
	if !strings.Contains(b.get(own, 200), "admin") {
		t.Error("the administrator is gone")
	}
}

func TestUsers_Sessions(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	admin := b.administrator("admin")
	wang := b.person("wang.wu", account.NewRight{Role: account.Clerk, Book: "b-street"})
	token := b.token(wang, "b-street", account.ReadBook)
	path := fmt.Sprintf("/users/%d", wang.id)
	page := b.be(admin).get(path, 200, "程序", "2021-07-31")
	session := cut(t, page, `name="session" value="`, `"`)
	mine := cut(t, b.get("/account", 200, "这里"), `name="session" value="`, `"`)
	b.post(path+"/session", url.Values{"session": {mine}}, 404) // of another account
	b.post(path+"/session", url.Values{"session": {session}}, 303)
	b.be(wang).get("/account", 303)
	if w := b.nobody().api("GET", "/api/v1/me", "", "Authorization", "Bearer "+token); w.Code != 200 {
		t.Errorf("the token's status is %d; only a session was ended", w.Code)
	}
	b.be(admin).get(path+"/sessions/end", 200)
	b.post(path+"/sessions/end", nil, 303)
	if w := b.nobody().api("GET", "/api/v1/me", "", "Authorization", "Bearer "+token); w.Code != 401 {
		t.Errorf("the token's status is %d, want 401", w.Code)
	}
	if w, _ := b.be(admin).answer(b.request(http.MethodGet, "/account", nil)); w.Code != 200 {
		t.Errorf("the administrator's own session: %d", w.Code)
	}
}

func TestUsers_List(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.administrator("admin")
	b.get("/users", 200, "目前只有您一个账户")
	for i := range 60 {
		if _, _, err := b.accounts.Add(t.Context(), b.actor, account.NewAccount{Login: fmt.Sprintf("u%02d", i), Name: fmt.Sprintf("张%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	first := b.get("/users", 200, "共 61 条，本页 50 条", "u48")
	next := strings.ReplaceAll(cut(t, first, `rel="next" href="`, `"`), "&amp;", "&")
	if page := b.get(next, 200, "本页 11 条", "u49", "u59", "回到第一页"); strings.Contains(page, ">u48<") {
		t.Error("u48 is on both pages")
	}
	b.get("/users?q=张7", 200, "共 1 条", "u07")
	b.get("/users?state=waits", 200, "共 60 条")
	b.get("/users?role=administrator", 200, "共 1 条", "admin")
	b.get("/users?state=disabled&lang=en", 200, "There is no such account.")
}
