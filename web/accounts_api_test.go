package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

type accountJSON struct {
	ID                             int64
	Login, Name, Code              string
	Disabled                       bool
	HasPassword                    bool       `json:"has_password"`
	CodeUntil                      *time.Time `json:"code_until"`
	Rights                         []rightJSON
	Items                          []accountJSON
	Next, Event, Actor, What, Book string
	Count, Account                 int64
	Right                          *rightJSON
	Reason                         string
}

type rightJSON struct {
	ID         int64
	Role, Book string
	Villages   []string
	Until      string
}

func TestAccountsAPI(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	admin := b.administrator("admin")
	const accounts = "/api/v1/accounts"
	var a, list accountJSON
	w := b.api("POST", accounts, `{"login":"zhang","name":"张三"}`)
	b.json(w, 201, &a)
	path := fmt.Sprintf("%s/%d", accounts, a.ID)
	if w.Header().Get("Location") != path || !codeForm.MatchString(a.Code) || a.CodeUntil == nil || a.CodeUntil.Sub(b.clock.Now()) != 24*time.Hour {
		t.Errorf("Location %q, %+v", w.Header().Get("Location"), a)
	}
	b.refused(b.api("POST", accounts, `{"login":"zhang","name":"张三"}`), 409, "account.exists", "/login")
	b.refused(b.api("POST", accounts, `{"login":"a/b","name":"张三"}`), 422, "account.login_form", "/login")
	b.refused(b.api("POST", path+"/rights", `{"role":"king"}`), 422, "field.one_of", "/role")
	b.refused(b.api("POST", path+"/rights", `{"role":"clerk"}`), 422, "right.book_missing", "/book")
	b.json(b.api("POST", path+"/rights", `{"role":"clerk","book":"b-street","villages":["东升村"],"until":"2021-12-31"}`), 201, &a)
	if len(a.Rights) != 1 || a.Rights[0].Until != "2021-12-31" || a.Rights[0].Villages[0] != "东升村" || a.HasPassword {
		t.Errorf("%+v", a)
	}
	right := fmt.Sprintf("/rights/%d/revoke", a.Rights[0].ID)
	b.refused(b.api("POST", path+"/rights", `{"role":"clerk","book":"b-street"}`), 409, "right.already", "/role")
	b.refused(b.api("POST", fmt.Sprintf("%s/%d%s", accounts, admin.id, right), `{"reason":"x"}`), 404, "right.unknown", "")
	b.refused(b.api("POST", path+right, `{}`), 422, "field.missing", "/reason")
	b.json(b.api("POST", path+right, `{"reason":"调离"}`), 200, &a)
	if len(a.Rights) != 0 {
		t.Errorf("after the revocation: %+v", a.Rights)
	}
	b.json(b.api("POST", path+"/disable", `{"reason":"休假"}`), 200, &a)
	b.refused(b.api("POST", path+"/reset", ""), 409, "account.disabled", "")
	b.refused(b.api("POST", path+"/disable", `{"reason":"休假"}`), 409, "account.already", "")
	b.json(b.api("POST", path+"/enable", `{"reason":"回来"}`), 200, &a)
	before := a.Code
	b.json(b.api("POST", path+"/reset", ""), 200, &a)
	if a.Code == before || !codeForm.MatchString(a.Code) {
		t.Errorf("a reset gives the code %q, before %q", a.Code, before)
	}
	b.refused(b.api("POST", fmt.Sprintf("%s/%d/reset", accounts, admin.id), ""), 403, "account.own", "")
	b.refused(b.api("GET", accounts+"/999", ""), 404, "account.unknown", "")

	b.json(b.api("GET", accounts+"?limit=1", ""), 200, &list)
	if len(list.Items) != 1 || list.Items[0].Login != "admin" || list.Next == "" {
		t.Errorf("the first page: %+v", list)
	}
	next := list.Next
	list = accountJSON{}
	b.json(b.api("GET", accounts+"?limit=1&after="+next, ""), 200, &list)
	if len(list.Items) != 1 || list.Items[0].Login != "zhang" || list.Next != "" {
		t.Errorf("the last page: %+v", list)
	}
	b.refused(b.api("GET", accounts+"?after=x", ""), 422, "page.unreadable", "/after")
}

func TestAccountsAPI_Sessions(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	admin := b.administrator("admin")
	li := b.person("li", account.NewRight{Role: account.Clerk, Book: "b-street"})
	wang := b.person("wang", account.NewRight{Role: account.Clerk, Book: "b-street"})
	token := b.token(li, "b-street", account.ReadBook)
	path := fmt.Sprintf("/api/v1/accounts/%d", li.id)
	var raw struct{ Items []struct{ ID string } }
	b.json(b.api("GET", path+"/sessions", ""), 200, &raw)
	if len(raw.Items) != 1 {
		t.Fatalf("%+v", raw)
	}
	if w := b.api("DELETE", fmt.Sprintf("/api/v1/accounts/%d/sessions/%s", wang.id, raw.Items[0].ID), ""); w.Code != 404 {
		t.Errorf("li's session under wang's account: %d", w.Code)
	}
	if w := b.api("DELETE", path+"/sessions/"+raw.Items[0].ID, ""); w.Code != 204 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.be(li).refused(b.api("GET", "/api/v1/me", ""), 401, "session.ended", "")
	raw.Items = nil
	b.be(admin).json(b.api("GET", path+"/tokens", ""), 200, &raw)
	if len(raw.Items) != 1 {
		t.Fatalf("%+v", raw)
	}
	if w := b.api("DELETE", path+"/tokens/"+raw.Items[0].ID, ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.nobody().refused(b.api("GET", "/api/v1/me", "", "Authorization", "Bearer "+token), 401, "token.ended", "")
	if w := b.be(admin).api("DELETE", fmt.Sprintf("/api/v1/accounts/%d/sessions", wang.id), ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.be(wang).refused(b.api("GET", "/api/v1/me", ""), 401, "session.ended", "")
}

func TestOwnAPI(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	li := b.person("li", account.NewRight{Role: account.Clerk, Book: "b-street"})
	wang := b.person("wang", account.NewRight{Role: account.Clerk, Book: "b-street"})
	b.be(li)
	var a accountJSON
	body := `{"name":"财务系统","book":"b-street","abilities":["read","export"],"until":"2021-09-30"}`
	var made struct{ ID, Token, Name, Book, Until string }
	b.json(b.api("POST", "/api/v1/me/tokens", body), 201, &made)
	if made.ID == "" || !strings.HasPrefix(made.Token, "mz_") || made.Until != "2021-09-30" || made.Book != "b-street" {
		t.Errorf("%+v", made)
	}
	bearer := []string{"Authorization", "Bearer " + made.Token}
	b.nobody().json(b.api("GET", "/api/v1/me", "", bearer...), 200, &a)
	for _, x := range []struct{ method, path, body string }{
		{"GET", "/api/v1/me/sessions", ""}, {"GET", "/api/v1/me/tokens", ""}, {"POST", "/api/v1/me/tokens", body},
		{"DELETE", "/api/v1/me/tokens/" + made.ID, ""}, {"DELETE", "/api/v1/me/sessions/x", ""},
	} {
		b.refused(b.api(x.method, x.path, x.body, bearer...), 403, "session.of_token", "")
	}
	b.be(li)
	for reason, bad := range map[string]string{
		"right.missing":    `{"name":"甲","book":"b-street","abilities":["review"],"until":"2021-09-30"}`,
		"book.unknown":     `{"name":"甲","book":"elsewhere","abilities":["read"],"until":"2021-09-30"}`,
		"field.one_of":     `{"name":"甲","book":"b-street","abilities":["administer"],"until":"2021-09-30"}`,
		"token.until_form": `{"name":"甲","book":"b-street","abilities":["read"],"until":"2031-09-30"}`,
	} {
		w := b.api("POST", "/api/v1/me/tokens", bad)
		var p refusal
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Reason != reason {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	if w := b.be(wang).api("DELETE", "/api/v1/me/tokens/"+made.ID, ""); w.Code != 404 {
		t.Errorf("another's token: %d", w.Code)
	}
	if w := b.be(li).api("DELETE", "/api/v1/me/tokens/"+made.ID, ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	var raw struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	b.json(b.api("GET", "/api/v1/me/sessions", ""), 200, &raw)
	if len(raw.Items) != 1 || !raw.Items[0].Current {
		t.Fatalf("%+v", raw)
	}
	if w := b.api("DELETE", "/api/v1/me/sessions/"+raw.Items[0].ID, ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.refused(b.api("GET", "/api/v1/me", ""), 401, "session.ended", "")
}

// The page for tokens: shown once, kept when a fault is found.
func TestTokens_Page(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk").get("/account", 200, "演示账户", "新建接口令牌", "交易经办员")
	b.get("/account/tokens/new", 200, `value="2021-09-29"`, "录入交易", `value="read" checked`)
	form := url.Values{"name": {"<i>财务"}, "book": {"demo"}, "can": {"read", "export"}, "until": {"2021-08-01"}}
	page := b.post("/account/tokens/new", form, 200, "只显示这一次", "&lt;i&gt;财务", "mz_")
	plain := cut(t, page, `tabindex="0">`, "<")
	if w := b.nobody().api("GET", "/api/v1/me", "", "Authorization", "Bearer "+plain); w.Code != 200 {
		t.Errorf("the token: %d %s", w.Code, w.Body)
	}
	b.as("demo-clerk")
	b.post("/account/tokens/new", url.Values{"name": {"乙"}, "book": {"demo"}, "until": {"2021-08-01"}}, 422, "没有选择接口令牌可以做什么", `value="乙"`)
	b.post("/account/tokens/new", url.Values{"name": {"乙"}, "book": {"demo"}, "can": {"read"}, "until": {"x"}}, 422, `id="until-fault"`)
	b.post("/account/tokens/new", url.Values{"name": {"乙"}, "book": {"demo"}, "can": {"review"}, "until": {"2021-08-01"}}, 403)
	list := b.get("/account?lang=en", 200, "&lt;i&gt;财务", "read, export")
	if strings.Contains(list, plain) {
		t.Error("the token is shown a second time")
	}
	id := cut(t, list, `name="token" value="`, `"`)
	b.post("/account/tokens", url.Values{"token": {id}}, http.StatusSeeOther)
	b.post("/account/tokens", url.Values{"token": {id}}, http.StatusNotFound)
	b.get("/account?done=token", 200, "立即失效")
}

// The installation's log has what happened; its page, its download and its API say the same.
func TestInstallation(t *testing.T) {
	t.Parallel()
	b := demo(t)
	admin := b.administrator("admin")
	b.post("/sign-in", url.Values{"login": {"=cmd|' /C calc'!A0"}, "password": {"x"}}, 401)
	b.as("demo-clerk").get("/users", 403)
	b.be(admin)
	li := b.person("li")
	b.post(fmt.Sprintf("/users/%d/rights/new", li.id), url.Values{"role": {"clerk"}, "book": {"demo"}, "villages": {"东升村"}}, 303)
	b.get("/installation", 200, "登录被拒", "=cmd|&#39; /C calc&#39;!A0（没有这个账户）", "无权限被拒", "GET /users", "授予权限", "交易经办员 · 东升村", "新建账簿")
	b.get("/installation?lang=en", 200, "sign-in refused", "right granted", "clerk · 东升村", "(no such account)")
	if page := b.get("/installation?event=denied", 200, "演示经办(虚构) (demo-clerk)"); strings.Contains(page, "GET /users") != true || strings.Contains(page, "<span class=\"chip\">授予权限") {
		t.Errorf("the filter:\n%s", page)
	}
	b.get("/installation?account=li", 200, "新建账户", "授予权限")
	b.get("/installation?account=nobody", 404, `id="account-fault"`)
	b.get("/installation?from=x", 422, `id="from-fault"`)
	b.get("/installation?event=x", 422, `id="event-fault"`)
	b.get("/installation?to=2021-06-30", 200, "没有这样的事件")
	b.get("/installation?from=2021-07-01&to=2021-07-01", 200, "授予权限")
	b.get("/installation?from=2021-07-02", 200, "没有这样的事件")

	w, body := b.answer(b.request(http.MethodGet, "/installation/log.csv?event=sign_in_refused", nil))
	if w.Code != 200 || w.Header().Get("Content-Disposition") != `attachment; filename="installation-log.csv"` {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][3] != "'=cmd|' /C calc'!A0（没有这个账户）" || !strings.HasPrefix(body, "\ufeff") {
		t.Errorf("%v %q", err, rows)
	}
	b.get("/installation?event=exported", 200, "installation/log.csv?event=sign_in_refused")

	var list accountJSON
	b.json(b.api("GET", "/api/v1/installation/events?event=right.granted&limit=1", ""), 200, &list)
	if len(list.Items) != 1 || list.Items[0].Right == nil || list.Items[0].Right.Role != "clerk" || list.Items[0].Account != li.id || list.Items[0].Actor != fmt.Sprintf("account:%d", admin.id) || list.Next == "" {
		t.Errorf("%+v", list)
	}
	b.refused(b.api("GET", "/api/v1/installation/events?event=nothing", ""), 422, "log.unknown_event", "/event")
	all := 0
	after := ""
	for {
		list = accountJSON{}
		b.json(b.api("GET", "/api/v1/installation/events?limit=3&after="+after, ""), 200, &list)
		all += len(list.Items)
		if after = list.Next; after == "" {
			break
		}
	}
	stream := b.api("GET", "/api/v1/installation/events.ndjson", "").Body.String()
	lines := strings.Count(stream, "\n")
	if lines != all+1 || !strings.HasSuffix(stream, fmt.Sprintf("{\"end\":true,\"count\":%d}\n", all)) {
		t.Errorf("%d lines in the stream, %d items in the list:\n%s", lines, all, stream[max(0, len(stream)-200):])
	}
}

// Whoever administers sees no business data: no book, no lot, on no page and through no operation.
func TestInstallation_AdministratorsSeeNoBusinessData(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.administrator("admin")
	var me accountJSON
	b.json(b.api("GET", "/api/v1/me", ""), 200, &me)
	for _, path := range []string{"/books/demo", "/books/demo/summary", "/books/demo/lots", "/books/demo/parcels", "/books/demo/entries", "/api/v1/books/demo/lots"} {
		b.get(path, 404)
	}
	for _, path := range []string{"/", "/users", "/installation", "/account", "/users/1"} {
		w, page := b.answer(b.request(http.MethodGet, path, nil))
		for _, secret := range []string{"东升村", "3,324.74", "33,247,400", "/books/demo"} {
			if strings.Contains(page, secret) {
				t.Errorf("%s (%d) shows %q", path, w.Code, secret)
			}
		}
	}
}
