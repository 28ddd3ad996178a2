package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// What people and programs send by mistake or on purpose: each gets a clear answer, and the book stays as it was.

const badLot = `{"lot_no":"坏-1","asset_name":"仓库（虚构）","collective":"东升村经济联社","base_total":"10000","hammer_total":"12500","hammered_on":"2021-03-05"}`

// entries counts what the demo book holds.
func (b *bundle) entries() (n int) {
	b.tb.Helper()
	if err := b.db.Writer().NewRaw("SELECT count(*) FROM entries AS e JOIN books AS b ON b.id = e.book_id WHERE b.code = 'demo'").Scan(b.tb.Context(), &n); err != nil {
		b.tb.Fatal(err)
	}
	return n
}

func TestBadInput_ForgedCookie(t *testing.T) {
	t.Parallel()
	b := demo(t)
	good := b.as("demo-clerk").session
	before := b.entries()
	for _, cookie := range []string{
		"x", strings.Repeat("A", 43), good[:len(good)-1], good + "A", strings.ToUpper(good), "' OR 1=1 --", strings.Repeat("9", 4000), "%00", "1",
	} {
		b.session = cookie
		w, _ := b.answer(b.request(http.MethodGet, "/books/demo/lots", nil))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sign-in?next=%2Fbooks%2Fdemo%2Flots" {
			t.Errorf("cookie %.50q: %d to %s, want the sign-in page", cookie, w.Code, w.Header().Get("Location"))
		}
		b.refused(b.api("POST", "/api/v1/books/demo/lots", badLot), 401, "session.unknown", "")
	}
	b.session = ""
	r := b.request(http.MethodGet, "/books/demo/lots", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-mingzhang", Value: good}) // the name is of TLS; here is none
	if w, _ := b.answer(r); w.Code != http.StatusSeeOther {
		t.Errorf("the cookie of another scheme: %d", w.Code)
	}
	if got := b.entries(); got != before {
		t.Errorf("%d entries, want %d", got, before)
	}
}

func TestBadInput_ReplayedTOTP(t *testing.T) {
	t.Parallel()
	b := demo(t)
	li := b.person("li", account.NewRight{Role: account.Reviewer, Book: "demo"})
	b.nobody()
	used := url.Values{"login": {"li"}, "password": {goodPassword}, "code": {li.code(b.clock.Now())}}
	b.post("/sign-in", used, 401, "这个验证码已经用过", `id="code-fault"`) // it set the second factor up
	b.clock.forward(90 * time.Second)
	fresh := url.Values{"login": {"li"}, "password": {goodPassword}, "code": {li.code(b.clock.Now())}}
	if w, _ := b.form("/sign-in", fresh); w.Code != http.StatusSeeOther {
		t.Fatalf("a fresh code: %d", w.Code)
	}
	b.post("/sign-in", fresh, 401, "这个验证码已经用过")
	b.clock.forward(10 * time.Second) // whoever reads over a shoulder is quick, but not quick enough
	b.post("/sign-in", fresh, 401, "这个验证码已经用过")
	recovery := url.Values{"login": {"li"}, "password": {goodPassword}, "code": {li.recovery[0]}}
	b.clock.forward(time.Minute)
	if w, _ := b.form("/sign-in", recovery); w.Code != http.StatusSeeOther {
		t.Errorf("a recovery code: %d", w.Code)
	}
	b.post("/sign-in", recovery, 401, `id="code-fault"`)
}

// A token opens its own book, whatever else its owner may read; and nothing when it is bent.
func TestBadInput_TokenOfAnotherBook(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.open("b-street", ledger.OfficeBook, "乙街道（虚构）", "")
	li := b.person("li", account.NewRight{Role: account.Clerk, Book: "demo"}, account.NewRight{Role: account.Clerk, Book: "b-street"})
	token := b.token(li, "b-street", account.ReadBook, account.EnterLots)
	b.nobody()
	bearer := []string{"Authorization", "Bearer " + token}
	if w := b.api("GET", "/api/v1/books/b-street/lots", "", bearer...); w.Code != 200 {
		t.Fatalf("its own book: %d %s", w.Code, w.Body)
	}
	for _, book := range []string{"demo", "nowhere"} {
		b.refused(b.api("GET", "/api/v1/books/"+book+"/lots", "", bearer...), 404, "book.unknown", "/book")
		b.refused(b.api("POST", "/api/v1/books/"+book+"/lots", badLot, bearer...), 404, "book.unknown", "/book")
	}
	b.refused(b.api("GET", "/api/v1/books/b-street/lots.ndjson", "", bearer...), 403, "right.missing", "") // it may not export
	for _, bad := range []string{"Bearer", "Bearer ", "bearer x", "Bearer mz_", "Bearer " + token + "A", "Basic bGk6eA==", "Bearer mz_" + strings.Repeat("é", 9)} {
		if w := b.api("GET", "/api/v1/books/b-street/lots", "", "Authorization", bad); w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %d, %q", bad, w.Code, w.Header().Get("WWW-Authenticate"))
		}
	}
	r := b.request(http.MethodGet, "/books/b-street/lots", nil) // a token is for programs: it opens no page
	r.Header.Set("Authorization", bearer[1])
	if w, _ := b.answer(r); w.Code != http.StatusSeeOther {
		t.Errorf("a page with a token: %d", w.Code)
	}
}

func TestBadInput_ForeignOrigin(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	before := b.entries()
	for _, header := range [][2]string{
		{"Origin", "https://example.org"}, {"Origin", "null"}, {"Origin", "http://127.0.0.1:9"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
	} {
		for _, x := range []struct{ method, target, kind, body string }{
			{"POST", "/books/demo/lots", "application/x-www-form-urlencoded", typedLot("坏-2").Encode()},
			{"POST", "/api/v1/books/demo/lots", "application/json", badLot},
			{"POST", "/api/v1/books/demo/lots", "text/plain", badLot},
			{"POST", "/sign-out", "application/x-www-form-urlencoded", ""},
			{"DELETE", "/api/v1/me/sessions/1", "", ""},
		} {
			r := b.request(x.method, x.target, strings.NewReader(x.body))
			r.Header.Set("Content-Type", x.kind)
			r.Header.Set(header[0], header[1])
			if w, page := b.answer(r); w.Code != http.StatusForbidden {
				t.Errorf("%s %s from %s: %d %.200s", x.method, x.target, header, w.Code, page)
			}
		}
	}
	if got := b.entries(); got != before {
		t.Errorf("%d entries, want %d", got, before)
	}
	b.get("/account", 200) // still signed in
}

var requestIDs = regexp.MustCompile(`"request_id":"[^"]*"`)

// An id of a foreign village is answered as one that was never given: nobody learns that there is something.
func TestBadInput_IDOfAForeignVillage(t *testing.T) {
	t.Parallel()
	b := demo(t)
	lot := struct {
		ID      int64
		Village string
	}{}
	if err := b.db.Writer().NewRaw("SELECT id, village_key AS village FROM lots ORDER BY id LIMIT 1").Scan(t.Context(), &lot); err != nil {
		t.Fatal(err)
	}
	far := b.person("far", account.NewRight{Role: account.Clerk, Book: "demo", Villages: []string{"无此村"}})
	near := b.person("near", account.NewRight{Role: account.Clerk, Book: "demo", Villages: []string{lot.Village}})
	reviewer := b.person("reviewer", account.NewRight{Role: account.Reviewer, Book: "demo", Villages: []string{"无此村"}})
	const unknown = 999_999
	page := func(path string, id int64) string { return fmt.Sprintf("/books/demo/lots/%d%s", id, path) }
	b.be(near).get(page("", lot.ID), 200)
	for _, x := range []struct {
		who                *person
		method, path, body string
	}{
		{far, "GET", "", ""}, {far, "GET", "/history", ""}, {far, "PUT", "", badLot[:len(badLot)-1] + `,"reason":"x"}`},
		{far, "POST", "/void", `{"reason":"x"}`}, {reviewer, "POST", "/review", `{"verdict":"approved"}`}, {far, "POST", "/review", `{"verdict":"approved"}`},
	} {
		b.be(x.who)
		ask := func(id int64) (int, string) {
			w := b.api(x.method, "/api/v1"+page(x.path, id), x.body, "If-Match", `"1"`)
			return w.Code, strings.ReplaceAll(requestIDs.ReplaceAllString(w.Body.String(), ""), fmt.Sprint(id), "N")
		}
		status, there := ask(lot.ID)
		none, nothing := ask(unknown)
		if status != none || there != nothing || status == 200 {
			t.Errorf("%s %s of a foreign village: %d %s\nof none: %d %s", x.method, x.path, status, there, none, nothing)
		}
	}
	for _, path := range []string{"", "/amend", "/void"} {
		b.be(far).get(page(path, lot.ID), 404)
		b.get(page(path, unknown), 404)
	}
	for _, bad := range []string{"0", "-1", "x", "1e3", "9223372036854775808", "%00", "1%20OR%201=1"} {
		b.be(near).get("/books/demo/lots/"+bad, 404)
	}
}

func TestBadInput_JSON(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	before := b.entries()
	const lots = "/api/v1/books/demo/lots"
	for _, x := range []struct {
		body, reason, place string
		status              int
	}{
		{strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "json.too_deep", "", 400},
		{strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), "json.too_deep", "", 400},
		{strings.Repeat("[", 10_000), "json.too_deep", "", 400},
		{`{"lot_no":"坏-1","lot_no":"坏-2"}`, "json.duplicate_key", "/lot_no", 400},
		{`{"lot_no":"坏-1","lot\u005fno":"坏-2"}`, "json.duplicate_key", "/lot_no", 400},
		{`{"lot_no":"坏-1","hammer_total":12500}`, "json.wrong_type", "/hammer_total", 422},
		{`{"lot_no":5}`, "json.wrong_type", "/lot_no", 422},
		{`{"lot_no":null}`, "json.wrong_type", "/lot_no", 422},
		{`{"lines":[{"base_price":1e3}]}`, "json.wrong_type", "/lines/0/base_price", 422},
		{`{"lot_no":"坏-1","colour":"1"}`, "json.unknown_field", "/colour", 422},
		{`[]`, "json.wrong_type", "", 422},
		{`{"lot_no":"坏-1"} {}`, "json.unreadable", "", 400},
		{`{"lot_no":"坏-1",}`, "json.unreadable", "", 400},
		{"{\"lot_no\":\"\xff\"}", "json.not_utf8", "", 400},
		{`{"lot_no":"a\u0000b"}`, "field.bad_character", "/lot_no", 422},
		{" ", "json.empty", "", 400},
	} {
		b.refused(b.api("POST", lots, x.body), x.status, x.reason, x.place)
	}
	b.refused(b.api("POST", lots, badLot, "Content-Type", "text/xml"), 415, "body.not_json", "")
	b.refused(b.api("POST", lots, badLot, "Content-Type", "application/json; charset=gb18030"), 415, "body.not_json", "")
	for _, kind := range []string{"text/plain", "application/json", "application/x-rubbish", ";;;"} {
		r := b.request(http.MethodPost, "/books/demo/lots", strings.NewReader(typedLot("坏-3").Encode()))
		r.Header.Set("Content-Type", kind)
		if w, page := b.answer(r); w.Code < 400 || w.Code >= 500 {
			t.Errorf("a form as %s: %d %.200s", kind, w.Code, page)
		}
	}
	if got := b.entries(); got != before {
		t.Errorf("%d entries, want %d", got, before)
	}
}

// made enters the lot and gives its address and its tag.
func (b *bundle) made(body string) (path, tag string) {
	b.tb.Helper()
	w := b.api("POST", "/api/v1/books/demo/lots", body)
	path = w.Header().Get("Location")
	if w.Code != http.StatusCreated || path == "" {
		b.tb.Fatalf("%d %s", w.Code, w.Body)
	}
	return path, b.api("GET", path, "").Header().Get("ETag")
}

func TestBadInput_StaleETag(t *testing.T) {
	t.Parallel()
	b := demo(t)
	path, tag := b.as("demo-clerk").made(badLot)
	amended := strings.Replace(badLot[:len(badLot)-1], "12500", "13000", 1) + `,"reason":"合同为准"}`
	b.refused(b.api("PUT", path, amended), 428, "record.match_missing", "")
	for _, bad := range []string{"*", "x", `"x"`, "", `"1", "2"`, `"99999999999999999999"`, `"0"`, `"-1"`} {
		if w := b.api("PUT", path, amended, "If-Match", bad); w.Code != 422 && w.Code != 428 {
			t.Errorf("If-Match %s: %d %s", bad, w.Code, w.Body)
		}
	}
	if w := b.api("PUT", path, amended, "If-Match", tag); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	again := strings.Replace(amended, "13000", "14000", 1)
	for _, stale := range []string{tag, `"1"`, `"999999"`} {
		b.refused(b.api("PUT", path, again, "If-Match", stale), 412, "record.changed", "")
		b.refused(b.api("POST", path+"/void", `{"reason":"x"}`, "If-Match", stale), 412, "record.changed", "")
	}
	b.wantJSON(b.api("GET", path, ""), 200, "contract_total", "13000.00")
}

// Two people amend one lot at once: one is first, the other is told and sees both versions.
func TestBadInput_TwoAmendOneLot(t *testing.T) {
	t.Parallel()
	b := demo(t)
	path, tag := b.as("demo-clerk").made(badLot)
	li := b.person("li", account.NewRight{Role: account.Clerk, Book: "demo"})
	sessions := []string{b.session, li.session}
	codes := make([]int, 8)
	var wait sync.WaitGroup
	for i := range codes {
		body := strings.Replace(badLot[:len(badLot)-1], "12500", fmt.Sprint(20000+i), 1) + `,"reason":"合同为准"}`
		r := b.request(http.MethodPut, path, strings.NewReader(body))
		r.Header.Set("Cookie", "mingzhang="+sessions[i%2])
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("If-Match", tag)
		wait.Go(func() {
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, r)
			codes[i] = w.Code
		})
	}
	wait.Wait()
	first := 0
	for _, code := range codes {
		if code == 200 {
			first++
		} else if code != 412 {
			t.Errorf("%d, want 412", code)
		}
	}
	if first != 1 {
		t.Errorf("%d amendments were first: %v", first, codes)
	}

	page := strings.TrimPrefix(path, "/api/v1")
	seen := hidden(t, b.get(page+"/amend", 200), "seen")
	form := typedLot("坏-1")
	form.Set("reason", "先到")
	for _, unseen := range []string{"", "0", "x", "-1"} { // a form that says nothing of what it saw changes nothing
		form.Set("seen", unseen)
		b.be(li).post(page+"/amend", form, 412)
		b.post(page+"/void", url.Values{"reason": {"x"}, "seen": {unseen}}, 412)
	}
	b.as("demo-reviewer").post(page+"/review", url.Values{"verdict": {"approved"}}, 412)
	form.Set("seen", seen)
	b.be(li).post(page+"/amend", form, 303)
	form.Set("reason", "后到")
	form.Set("asset_name", "后到者所填（虚构）")
	b.as("demo-clerk").post(page+"/amend", form, 412, "后到者所填（虚构）", "后到", "某人", "东升村五号鱼塘（虚构）")
}

// A session that an administrator ends while somebody types: what was typed comes back after the next sign-in, and is
// written once.
func TestBadInput_SessionEndedWhilePosting(t *testing.T) {
	t.Parallel()
	b := demo(t)
	li := b.person("li", account.NewRight{Role: account.Clerk, Book: "demo"})
	b.be(li).get("/books/demo/lots/new", 200)
	admin := b.administrator("admin")
	b.be(admin).post(fmt.Sprintf("/users/%d/sessions/end", li.id), nil, 303)
	before := b.entries()

	typed := typedLot("坏-4")
	typed.Set("remark", `两行`+"\r\n"+`"引号" <b>&amp;</b>`)
	w, page := b.be(li).form("/books/demo/lots", typed)
	if w.Code != 401 || !strings.Contains(page, "刚才填写的内容已保留") || b.entries() != before {
		t.Fatalf("%d, %d entries before, %d now: %s", w.Code, before, b.entries(), page)
	}
	b.refused(b.api("POST", "/api/v1/books/demo/lots", badLot), 401, "session.ended", "")
	in := hiddens(page, "")
	in.Set("login", "li")
	in.Set("password", goodPassword)
	w, page = b.form("/sign-in", in)
	if w.Code != 200 || !strings.Contains(page, `action="/books/demo/lots"`) {
		t.Fatalf("%d %s", w.Code, page)
	}
	again := hiddens(page, "")
	for name := range typed {
		if again.Get(name) != typed.Get(name) {
			t.Errorf("%s came back as %q, want %q", name, again.Get(name), typed.Get(name))
		}
	}
	b.take(w).post("/books/demo/lots", again, 303)
	b.get("/books/demo/lots?search="+url.QueryEscape("坏-4"), 200, "共 1 条")
}

// next= leads nowhere but here, and nothing that is typed there becomes a header.
func TestBadInput_Next(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.person("li", account.NewRight{Role: account.Clerk, Book: "demo"})
	b.nobody()
	for next, want := range map[string]string{
		"/books/demo/lots?outcome=hammered": "/books/demo/lots?outcome=hammered",
		"https://example.org/":              "/", "//example.org": "/", `/\example.org`: "/", `\\example.org`: "/", "javascript:alert(1)": "/", "": "/",
		"/\r\nSet-Cookie: a=b": "/", "/%0d%0aSet-Cookie:%20a=b": "/%0d%0aSet-Cookie:%20a=b", "/\x00": "/", "///example.org": "/", "/../..//example.org": "/example.org", // here
		"http:/example.org": "/", "/a b\"><script>": "/a%20b%22%3E%3Cscript%3E",
	} {
		w, _ := b.form("/sign-in", url.Values{"login": {"li"}, "password": {goodPassword}, "next": {next}})
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("next=%q: %d to %q, want %q", next, w.Code, got, want)
		}
		for name, values := range w.Header() {
			if strings.ContainsAny(strings.Join(values, ""), "\r\n") || name == "Set-Cookie" && len(values) > 2 { // the session, and by what the browser is known again
				t.Errorf("next=%q: %s: %q", next, name, values)
			}
		}
		page := b.get("/sign-in?"+url.Values{"next": {next}}.Encode(), 200)
		if strings.Contains(page, "<script>") || strings.Contains(page, `value="https://example.org`) {
			t.Errorf("next=%q in the page:\n%s", next, page)
		}
	}
}

func TestBadInput_StaticTraversal(t *testing.T) {
	t.Parallel()
	b := empty(t)
	for _, path := range []string{
		"/static/..%2fserver.go", "/static/%2e%2e/server.go", "/static/..%5cserver.go", "/static/%2e%2e%2f%2e%2e%2fgo.mod", "/static//etc/passwd",
		"/static/lib/..%2f..%2fdoc.go", "/static/mingzhang.css%00.html", "/static/mingzhang.css/", "/static/lib/", "/static/lib", "/static/%ff", "/static/.",
	} {
		w, body := b.answer(b.request(http.MethodGet, path, nil))
		if w.Code == 200 || strings.Contains(body, "package web") || strings.Contains(body, "module mingzhang") || strings.Contains(body, "root:") {
			t.Errorf("%s: %d %.200s", path, w.Code, body)
		}
	}
	var p refusal
	if err := json.Unmarshal(b.api("GET", "/api/v1/../../static/x", "").Body.Bytes(), &p); err == nil && p.Status == 200 {
		t.Errorf("%+v", p)
	}
}
