package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/web"
)

// walker goes to routes as somebody.
type walker struct {
	*bundle
	lot, parcel, verification int64 // records of the demo book
	book                      string
}

var wild = regexp.MustCompile(`\{([a-z_]+)(\.\.\.)?\}`)

// address fills the wildcards of a pattern with what is there.
func (w *walker) address(pattern string) string {
	path := wild.ReplaceAllStringFunc(strings.TrimSuffix(pattern, "{$}"), func(name string) string {
		switch {
		case name == "{book}":
			return w.book
		case name != "{id}":
			return "1"
		case strings.Contains(pattern, "/parcels/"):
			return strconv.FormatInt(w.parcel, 10)
		case strings.Contains(pattern, "/verifications/"):
			return strconv.FormatInt(w.verification, 10)
		}
		return strconv.FormatInt(w.lot, 10)
	})
	return path
}

// try sends the least that the route takes.
func (w *walker) try(rt web.RouteInfo, session string) *httptest.ResponseRecorder {
	w.tb.Helper()
	w.session = session
	body := ""
	if rt.API && rt.Method != http.MethodGet {
		body = "{}"
	}
	r := w.request(rt.Method, w.address(rt.Pattern), strings.NewReader(body))
	switch {
	case rt.API:
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("If-Match", `"1"`)
	case rt.Method == http.MethodPost:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, _ := w.answer(r)
	return resp
}

func (w *walker) id(table string) (id int64) {
	w.tb.Helper()
	err := w.db.Writer().NewRaw("SELECT min(id) FROM "+table).Scan(w.tb.Context(), &id)
	if err != nil {
		w.tb.Fatal(err)
	}
	return id
}

func newWalker(t *testing.T) (*walker, []web.RouteInfo) {
	t.Helper()
	b := demo(t)
	w := &walker{bundle: b, book: "demo"}
	w.lot, w.parcel, w.verification = w.id("lots"), w.id("parcels"), w.id("verifications")
	o := b.options()
	o.Demo = true
	return w, b.server(o).Routes()
}

// roleOf are the demo accounts by what they may.
var roleOf = map[string]account.Role{
	"demo-clerk": account.Clerk, "demo-land": account.LandOfficer, "demo-reviewer": account.Reviewer, "demo-leader": account.Leader, "demo-auditor": account.Auditor,
}

// either are the routes whose handler looks itself: one of these abilities is needed.
var either = map[string][]account.Can{"/books/{book}/import": {account.EnterLots, account.EnterLand}}

func allows(role account.Role, rt web.RouteInfo) bool {
	if cans, ok := either[rt.Pattern]; ok {
		return slices.ContainsFunc(cans, role.Can)
	}
	return rt.Needs == web.SignedIn || role.Can(rt.Needs)
}

// isSelf holds for what everybody does with their own account: it ends sessions, and the walk goes round it.
func isSelf(rt web.RouteInfo) bool {
	return rt.Plain || rt.Needs == web.Public || rt.Needs == web.Halfway
}

// Without a session nobody gets anywhere but to what is public.
func TestWalk_Nobody(t *testing.T) {
	t.Parallel()
	w, routes := newWalker(t)
	for _, rt := range routes {
		for _, session := range []string{"", "forged"} {
			resp := w.try(rt, session)
			switch {
			case rt.Plain || rt.Needs == web.Public:
				if resp.Code == http.StatusUnauthorized && rt.Pattern != "/sign-in" && rt.Pattern != "/redeem" {
					t.Errorf("%s %s is public and says %d", rt.Method, rt.Pattern, resp.Code)
				}
			case !rt.API && rt.Method == http.MethodGet:
				if resp.Code != http.StatusSeeOther || !strings.HasPrefix(resp.Header().Get("Location"), "/sign-in?next=") {
					t.Errorf("%s %s as nobody: %d to %s, want the sign-in page", rt.Method, rt.Pattern, resp.Code, resp.Header().Get("Location"))
				}
			case resp.Code != http.StatusUnauthorized:
				t.Errorf("%s %s as nobody: %d, want 401", rt.Method, rt.Pattern, resp.Code)
			}
		}
	}
}

// Every role gets into what its table of abilities says, and is refused (403) everywhere else.
func TestWalk_Roles(t *testing.T) {
	t.Parallel()
	w, routes := newWalker(t)
	admin := w.person("admin", account.NewRight{Role: account.Administrator})
	sessions := map[string]string{}
	for login := range roleOf {
		sessions[login] = w.as(login).session
	}
	for _, rt := range routes {
		if isSelf(rt) {
			continue
		}
		for login, role := range roleOf {
			resp := w.try(rt, sessions[login])
			allowed := allows(role, rt)
			if allowed && (resp.Code == http.StatusUnauthorized || resp.Code == http.StatusForbidden || resp.Code >= 500) {
				t.Errorf("%s %s as %s: %d, but the role may (%s)", rt.Method, rt.Pattern, role, resp.Code, rt.Needs)
			}
			if !allowed && resp.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d, want 403: it needs %s", rt.Method, rt.Pattern, role, resp.Code, rt.Needs)
			}
		}
		resp := w.try(rt, admin.session)
		switch inBook := strings.Contains(rt.Pattern, "{book}"); {
		case inBook && resp.Code != http.StatusNotFound:
			t.Errorf("%s %s as administrator: %d, want 404: no business data", rt.Method, rt.Pattern, resp.Code)
		case !inBook && rt.Needs == account.Administer && (resp.Code == http.StatusForbidden || resp.Code >= 500):
			t.Errorf("%s %s as administrator: %d", rt.Method, rt.Pattern, resp.Code)
		case !inBook && rt.Needs != account.Administer && rt.Needs != web.SignedIn && resp.Code != http.StatusForbidden:
			t.Errorf("%s %s as administrator: %d, want 403", rt.Method, rt.Pattern, resp.Code)
		}
	}
}

// A book in which somebody has no right is not there, whatever the route.
func TestWalk_ForeignBook(t *testing.T) {
	t.Parallel()
	w, routes := newWalker(t)
	w.open("secret", ledger.OfficeBook, "他街道（虚构）", "")
	w.as("demo-clerk")
	for _, rt := range routes {
		if isSelf(rt) || !strings.Contains(rt.Pattern, "{book}") {
			continue
		}
		w.book = "secret"
		there := w.try(rt, w.session)
		w.book = "nowhere"
		nowhere := w.try(rt, w.session)
		if there.Code != http.StatusNotFound || nowhere.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d in a foreign book, %d in none, want 404", rt.Method, rt.Pattern, there.Code, nowhere.Code)
		}
		clean := func(s string) string {
			return regexp.MustCompile(`"request_id":"[^"]*"|secret|nowhere`).ReplaceAllString(s, "")
		}
		if a, b := clean(there.Body.String()), clean(nowhere.Body.String()); a != b {
			t.Errorf("%s %s tells a foreign book from none:\n%s\n%s", rt.Method, rt.Pattern, a, b)
		}
	}
}

// A record of a foreign village is not there: 404, never 403, never its content.
func TestWalk_ForeignVillage(t *testing.T) {
	t.Parallel()
	w, routes := newWalker(t)
	clerk := w.person("zhang", account.NewRight{Role: account.Clerk, Book: "demo", Villages: []string{"无此村"}})
	land := w.person("li", account.NewRight{Role: account.LandOfficer, Book: "demo", Villages: []string{"无此村"}})
	for _, rt := range routes {
		if isSelf(rt) || !strings.Contains(rt.Pattern, "{id}") || !strings.Contains(rt.Pattern, "{book}") {
			continue
		}
		for role, session := range map[account.Role]string{account.Clerk: clerk.session, account.LandOfficer: land.session} {
			if !role.Can(rt.Needs) {
				continue
			}
			if resp := w.try(rt, session); resp.Code != http.StatusNotFound && !slices.Contains([]int{422}, resp.Code) {
				t.Errorf("%s %s of a foreign village as %s: %d, want 404", rt.Method, rt.Pattern, role, resp.Code)
			}
		}
	}
}
