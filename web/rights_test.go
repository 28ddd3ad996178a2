package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/web"
)

// mayDo is what each role may do, written down once more: the program's own table does not judge itself.
var mayDo = map[string]string{
	"clerk": "read enter_lots export", "land officer": "read enter_land export", "reviewer": "read review export",
	"leader": "read review issue export", "auditor": "read audit export", "administrator": "administer",
	"clerk elsewhere": "read enter_lots export",
	"village clerk":   "read enter_lots export", "village land officer": "read enter_land export", "village reviewer": "read review export",
}

// asker is somebody who goes to all routes.
type asker struct {
	name, session string
	demo          bool // a demo account
	elsewhere     bool // has rights in another book only
	village       bool // has rights for a village that has nothing
}

func (a asker) may(needs string) bool { return slices.Contains(strings.Fields(mayDo[a.name]), needs) }

// rightsWalk goes to every route as everybody.
type rightsWalk struct {
	*bundle
	book   string
	askers []asker
	ids    map[string]int64 // by the word before {id}
	right  int64
	secret []string // what nobody outside the demo book's villages may read
}

func newRightsWalk(t *testing.T) (*rightsWalk, []web.RouteInfo) {
	t.Helper()
	w := &rightsWalk{bundle: demo(t), book: "demo", ids: map[string]int64{}}
	w.open("elsewhere", ledger.OfficeBook, "乙街道（虚构）", "")
	victim := w.person("victim", account.NewRight{Role: account.Clerk, Book: "elsewhere"})
	w.ids["users"], w.ids["accounts"] = victim.id, victim.id
	for _, table := range []string{"lots", "parcels", "verifications", "imports"} {
		w.ids[table] = w.first("SELECT min(id) FROM " + table)
	}
	w.right = w.first(fmt.Sprintf("SELECT min(id) FROM rights WHERE account = %d", victim.id))
	for _, query := range []string{"SELECT asset_name FROM lots ORDER BY id LIMIT 1", "SELECT name FROM parcels WHERE name <> '' ORDER BY id LIMIT 1"} {
		var text string
		if err := w.db.Writer().NewRaw(query).Scan(t.Context(), &text); err != nil {
			t.Fatal(err)
		}
		w.secret = append(w.secret, text)
	}
	w.askers = []asker{{name: "nobody"}, {name: "nobody", session: "forged"}}
	for _, x := range []struct{ name, login string }{
		{"clerk", "demo-clerk"}, {"land officer", "demo-land"}, {"reviewer", "demo-reviewer"}, {"leader", "demo-leader"}, {"auditor", "demo-auditor"},
	} {
		w.askers = append(w.askers, asker{name: x.name, session: w.as(x.login).session, demo: true})
	}
	in := func(role account.Role, book string, villages ...string) account.NewRight {
		return account.NewRight{Role: role, Book: book, Villages: villages}
	}
	w.askers = append(w.askers,
		asker{name: "administrator", session: w.person("admin", account.NewRight{Role: account.Administrator}).session},
		asker{name: "clerk elsewhere", elsewhere: true, session: w.person("far", in(account.Clerk, "elsewhere")).session},
		asker{name: "village clerk", village: true, session: w.person("vc", in(account.Clerk, "demo", "无此村")).session},
		asker{name: "village land officer", village: true, session: w.person("vl", in(account.LandOfficer, "demo", "无此村")).session},
		asker{name: "village reviewer", village: true, session: w.person("vr", in(account.Reviewer, "demo", "无此村")).session},
	)
	return w, w.server(w.demoOptions()).Routes()
}

func (b *bundle) demoOptions() web.Options {
	o := b.options()
	o.Initially, o.Demo = web.Default{Book: "demo", From: "2021-01-01", To: "2021-06-30", Statement: published}, true
	return o
}

func (b *bundle) first(query string) (id int64) {
	b.tb.Helper()
	if err := b.db.Writer().NewRaw(query).Scan(b.tb.Context(), &id); err != nil {
		b.tb.Fatal(err)
	}
	return id
}

var beforeID = regexp.MustCompile(`/([a-z]+)/\{id\}`)

// ask sends what the table says to a route.
func (w *rightsWalk) ask(rt web.RouteInfo, row rightsRow, a asker) *httptest.ResponseRecorder {
	w.tb.Helper()
	path := strings.TrimSuffix(rt.Pattern, "{$}")
	if m := beforeID.FindStringSubmatch(path); m != nil {
		path = strings.Replace(path, "{id}", itoa(w.ids[m[1]]), 1)
	}
	path = strings.NewReplacer("{book}", w.book, "{right}", itoa(w.right), "{reason}", "lot.exists").Replace(path)
	path = strings.NewReplacer("{level}", "0", "{path...}", "000").Replace(path)
	path = regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(path, "1")
	w.session = a.session
	r := w.request(rt.Method, path, strings.NewReader(row.send))
	switch {
	case rt.API && rt.Method != http.MethodGet:
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("If-Match", `"1"`)
	case rt.Method == http.MethodPost:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, _ := w.answer(r)
	return resp
}

// wanted is the status that somebody must get.
func wanted(rt web.RouteInfo, row rightsRow, a asker) int {
	if status, ok := row.but[a.name]; ok {
		return status
	}
	if status, ok := row.but["demo"]; ok && a.demo {
		return status
	}
	if status, ok := row.but["village"]; ok && a.village && a.may(row.needs) {
		return status
	}
	inBook := strings.Contains(rt.Pattern, "{book}")
	switch {
	case row.needs == "public":
		return row.status
	case a.name == "nobody" && !rt.API && rt.Method == http.MethodGet:
		return http.StatusSeeOther // to the sign-in page
	case a.name == "nobody":
		return http.StatusUnauthorized
	case inBook && (a.elsewhere || a.name == "administrator"):
		return http.StatusNotFound
	case row.needs == "signed_in" || row.needs == "halfway":
		return row.status
	case !a.may(row.needs):
		return http.StatusForbidden
	case a.village && strings.Contains(rt.Pattern, "{id}"):
		return http.StatusNotFound
	}
	return row.status
}

// Every route is asked by everybody and answers what the table says. A route without a row fails, and so does a row
// without a route.
func TestRights(t *testing.T) {
	t.Parallel()
	w, routes := newRightsWalk(t)
	table := rightsTable()
	slices.SortStableFunc(routes, func(a, b web.RouteInfo) int { // whoever signs out is gone
		return strings.Compare(strings.TrimPrefix(a.Pattern, "/sign-out"), strings.TrimPrefix(b.Pattern, "/sign-out"))
	})
	slices.Reverse(routes)
	seen := map[string]bool{}
	for _, rt := range routes {
		name := rt.Method + " " + rt.Pattern
		row, ok := table[name]
		seen[name] = true
		if !ok {
			t.Errorf("%s has no row in rightsTable: write down who may go there, and what they get", name)
			continue
		}
		if row.needs != string(rt.Needs) {
			t.Errorf("%s needs %s, want %s", name, rt.Needs, row.needs)
		}
		for _, a := range w.askers {
			if row.needs == "public" && a.session != "" && a.name != "clerk" {
				continue // each failed sign-in makes the next one wait
			}
			resp := w.ask(rt, row, a)
			if want := wanted(rt, row, a); resp.Code != want {
				t.Errorf("%s as %s: %d, want %d: %.300s", name, a.name, resp.Code, want, resp.Body)
			}
			if a.name == "nobody" || a.elsewhere || a.village || a.name == "administrator" {
				w.silent(name, a, resp)
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("%s has a row in rightsTable and is no route", name)
		}
	}
}

// silent wants that an answer says nothing of records that somebody may not know of.
func (w *rightsWalk) silent(name string, a asker, resp *httptest.ResponseRecorder) {
	w.tb.Helper()
	for _, secret := range w.secret {
		if strings.Contains(resp.Body.String(), secret) {
			w.tb.Errorf("%s as %s (%d) tells of %s", name, a.name, resp.Code, secret)
		}
	}
}

// A book in which somebody has no right is not told from one that is not there, whatever the route.
func TestRights_ForeignBook(t *testing.T) {
	t.Parallel()
	w, routes := newRightsWalk(t)
	table := rightsTable()
	clean := func(resp *httptest.ResponseRecorder) string {
		return regexp.MustCompile(`"request_id":"[^"]*"|elsewhere|no-such-bk`).ReplaceAllString(resp.Body.String(), "")
	}
	for _, rt := range routes {
		if !strings.Contains(rt.Pattern, "{book}") {
			continue
		}
		row := table[rt.Method+" "+rt.Pattern]
		w.book = "elsewhere"
		there := w.ask(rt, row, w.askers[2])
		w.book = "no-such-bk"
		nowhere := w.ask(rt, row, w.askers[2])
		if there.Code != http.StatusNotFound || nowhere.Code != http.StatusNotFound || clean(there) != clean(nowhere) {
			t.Errorf("%s %s: %d in a foreign book, %d in none, want 404 and the same words\n%s\n%s", rt.Method, rt.Pattern, there.Code, nowhere.Code, there.Body, nowhere.Body)
		}
	}
}
