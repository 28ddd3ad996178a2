package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func TestAPI_Query(t *testing.T) {
	t.Parallel()
	b := probed(t)
	for _, tt := range []struct {
		query, reason, place string
		status               int
	}{
		{"?kind=c", "field.one_of", "kind", 422},
		{"?knid=a", "query.unknown", "knid", 422},
		{"?kind=a&kind=b", "query.twice", "kind", 422},
		{"?limit=201", "field.too_large", "limit", 422},
		{"?limit=-1", "field.too_small", "limit", 422},
		{"?limit=x", "field.unreadable", "limit", 422},
		{"?from=2021-13-01", "day.impossible", "from", 422},
		{"?after=" + strings.Repeat("x", 401), "field.too_long", "after", 422},
		{"?kind=%zz", "body.unreadable", "", 400},
		{"?kind=%00", "field.bad_character", "kind", 422},
	} {
		b.refused(b.api("GET", "/api/v1/probe"+tt.query, ""), tt.status, tt.reason, tt.place)
	}
	b.refused(b.api("GET", "/api/v1/probe/x", ""), 404, "route.unknown", "id")
	b.refused(b.api("GET", "/api/v1/probe/99999999999999999999", ""), 404, "route.unknown", "id")
	w := b.api("GET", "/api/v1/probe?limit=7&kind=a", "")
	if w.Code != 200 || w.Body.String() != `{"items":[{"id":7,"entry":0,"seen":0,"key":""}],"next":"end"}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := w.Header().Get("Link"); got != `</api/v1/probe?after=end&kind=a&limit=7>; rel="next"` {
		t.Errorf("Link: %s", got)
	}
	w = b.api("GET", "/api/v1/probe?after=end", "")
	if w.Body.String() != `{"items":[],"next":""}`+"\n" || w.Header().Get("Link") != "" {
		t.Errorf("the last page: %s, Link %q", w.Body, w.Header().Get("Link"))
	}
	if w := b.api("PATCH", "/api/v1/probe", ""); w.Header().Get("Allow") == "" {
		t.Errorf("no Allow in %v", w.Header())
	} else {
		b.refused(w, 405, "route.unknown_method", "")
	}
}

func TestAPI_ETag(t *testing.T) {
	t.Parallel()
	b := probed(t)
	w := b.api("GET", "/api/v1/probe/5", "")
	if w.Code != 200 || w.Header().Get("ETag") != `"15"` {
		t.Fatalf("%d, ETag %s", w.Code, w.Header().Get("ETag"))
	}
	for header, want := range map[string]int{`"15"`: 304, `W/"15"`: 304, `"14", "15"`: 304, "*": 304, `"14"`: 200, "15": 200} {
		w := b.api("GET", "/api/v1/probe/5", "", "If-None-Match", header)
		if w.Code != want || want == 304 && w.Body.Len() > 0 {
			t.Errorf("If-None-Match %s: %d %s, want %d", header, w.Code, w.Body, want)
		}
	}
	b.refused(b.api("DELETE", "/api/v1/probe/5", ""), 428, "record.match_missing", "")
	b.refused(b.api("DELETE", "/api/v1/probe/5", "", "If-Match", `"14"`), 412, "record.changed", "")
	for _, bad := range []string{"*", `"x"`, `""`, `"15", "16"`, `"-1"`} {
		b.refused(b.api("DELETE", "/api/v1/probe/5", "", "If-Match", bad), 422, "record.match_form", "")
	}
	if w := b.api("DELETE", "/api/v1/probe/5", "", "If-Match", `"15"`); w.Code != 200 || w.Header().Get("ETag") != `"16"` {
		t.Errorf("%d %s, ETag %s", w.Code, w.Body, w.Header().Get("ETag"))
	}
}

func TestAPI_IdempotencyKey(t *testing.T) {
	t.Parallel()
	b := probed(t)
	key := strings.Repeat("k", 200)
	w := b.api("DELETE", "/api/v1/probe/5", "", "If-Match", `"15"`, "Idempotency-Key", key)
	var out struct{ Key string }
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Key != key+"|DELETE /api/v1/probe/5\n\"15\"\n" {
		t.Errorf("%v: %s", err, w.Body)
	}
	for _, bad := range []string{key + "k", "a b", "键", "a\tb"} {
		b.refused(b.api("DELETE", "/api/v1/probe/5", "", "If-Match", `"15"`, "Idempotency-Key", bad), 422, "idempotency.key_form", "")
	}
}

// A stream that is whole ends with its number of lines; a broken one is cut, or is a problem before its first line.
func TestAPI_Stream(t *testing.T) {
	t.Parallel()
	b := probed(t)
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	get := func(path string) (*http.Response, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "mingzhang", Value: b.session})
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp, string(body), err
	}
	resp, body, err := get("/api/v1/probe-stream/1000")
	if err != nil || resp.Header.Get("Content-Type") != "application/x-ndjson" || strings.Count(body, "\n") != 1001 || !strings.HasSuffix(body, `{"end":true,"count":1000}`+"\n") {
		t.Errorf("%v %v, %d lines, the end is %s", err, resp.Header, strings.Count(body, "\n"), body[max(0, len(body)-60):])
	}
	if _, body, err = get("/api/v1/probe-stream/0"); err != nil || body != `{"end":true,"count":0}`+"\n" {
		t.Errorf("an empty stream: %v %s", err, body)
	}
	if _, body, err = get("/api/v1/probe-stream/1001"); err == nil || strings.Contains(body, "end") || strings.Contains(body, "broken") {
		t.Errorf("a stream that broke came whole: %v, %s", err, body[max(0, len(body)-60):])
	}
	if resp, body, err = get("/api/v1/probe-stream/x"); err != nil || resp.StatusCode != 404 || !strings.Contains(body, "route.unknown") {
		t.Errorf("%v %s %v", resp.Status, body, err)
	}
}

func TestAPI_Credentials(t *testing.T) {
	t.Parallel()
	b := probed(t)
	auditor := b.session
	b.nobody()
	w := b.api("GET", "/api/v1/me", "")
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="mingzhang"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
	b.refused(w, 401, "session.missing", "")
	b.refused(b.api("GET", "/api/v1/me", "", "Authorization", "Basic eDp5"), 401, "token.unreadable", "")
	b.refused(b.api("GET", "/api/v1/me", "", "Authorization", "Bearer"), 401, "token.unreadable", "")
	b.refused(b.api("GET", "/api/v1/me", "", "Authorization", "Bearer mz_forged"), 401, "token.unknown", "")
	b.session = "forged"
	b.refused(b.api("GET", "/api/v1/me", ""), 401, "session.unknown", "")
	b.session = auditor
	b.refused(b.api("GET", "/api/v1/me", "", "Authorization", "Bearer mz_forged"), 401, "token.unknown", "") // the token counts, not the cookie
	if w := b.api("GET", "/api/v1/me", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"rights":[{"role":"auditor","book":"demo"}]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A token is good for the API only, for its book and abilities only.
func TestAPI_Token(t *testing.T) {
	t.Parallel()
	b := probed(t)
	b.open("other", ledger.DemoBook, "另一账簿（虚构）", "")
	token := b.token(b.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo"}, account.NewRight{Role: account.Clerk, Book: "other"}), "demo", account.ReadBook)
	b.nobody()
	if w := b.api("GET", "/api/v1/me", "", "Authorization", "Bearer "+token); w.Code != 200 || !strings.Contains(w.Body.String(), `"token":true,"abilities":["read"],"rights":[{"role":"clerk","book":"demo"}]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := b.api("GET", "/books/demo/summary", "", "Authorization", "Bearer "+token); w.Code != http.StatusSeeOther {
		t.Errorf("a token opens a page: %d", w.Code)
	}
}

// What goes wrong inside is nobody's business outside.
func TestAPI_NothingInternalComesOut(t *testing.T) {
	t.Parallel()
	b := probed(t)
	o := b.options()
	o.Log = quiet
	b.handler = b.server(o).Probe().Handler()
	w := b.api("GET", "/api/v1/probe-secret", "")
	if strings.Contains(w.Body.String(), "SELECT") {
		t.Errorf("the text of an error came out: %s", w.Body)
	}
	b.refused(w, 500, "internal", "")
	if w := b.api("GET", "/api/v1/probe-panic", ""); w.Code != 500 || strings.Contains(w.Body.String(), "probe") {
		t.Errorf("a panic: %d %s", w.Code, w.Body)
	}
}
