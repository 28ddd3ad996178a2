package account_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

// The shapes of entries are for ever: these are added to, never changed. Commitments differ each time and are left out.
func TestEntries_Golden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Auditor, Book: "east", Villages: []string{"东升村", "西岗村"},
		From: day(t, "2021-01-01"), To: day(t, "2021-06-30"), Until: day(t, "2027-12-31")})
	wants(t, "revoking", b.svc.Revoke(t.Context(), b.local, b.rightsOf(p)[0].ID, "调岗"), "", "")
	p.grant(account.NewRight{Role: account.Administrator})
	b.add("other", account.NewRight{Role: account.Administrator})
	wants(t, "disabling", b.svc.Disable(t.Context(), b.local, p.id, "离职"), "", "")
	wants(t, "enabling", b.svc.Enable(t.Context(), b.local, p.id, "回来"), "", "")
	wants(t, "the demo", b.svc.EnsureDemo(t.Context(), b.demo), "", "")
	wants(t, "an event", b.svc.Note(t.Context(), account.Event{Name: "sign_in_refused", Login: "x", Address: "192.0.2.7", What: "wait"}), "", "")
	wants(t, "an event", b.svc.Note(t.Context(), account.Event{Name: "exported", Account: 9, Book: "east"}), "", "")
	var bodies []string
	if err := b.db.Owner().NewRaw("SELECT convert_from(body, 'UTF8') FROM entries WHERE book_id = 0 ORDER BY seq").Scan(t.Context(), &bodies); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(bodies, "\n")
	all = regexp.MustCompile(`"[0-9a-f]{64}"`).ReplaceAllString(all, `"…"`)
	all = regexp.MustCompile(`"at":"[^"]*",`).ReplaceAllString(all, "")
	east := b.numberOf("east")
	for _, want := range []string{
		`{"v":1,"actor":"local:operator","kind":"account.added","record":P,"state":{"login":"clerk","name":{"sealed":"…"}}}`,
		`{"v":1,"actor":"local:operator","kind":"right.granted","record":R,"state":{"account":P,"book":"east","book_id":E,` +
			`"from":"2021-01-01","role":"auditor","to":"2021-06-30","until":"2027-12-31","villages":["东升村","西岗村"]}}`,
		`{"v":1,"actor":"local:operator","amends":R,"kind":"right.revoked","reason":{"sealed":"…"},"record":R,"state":{"account":P,"book":"east","book_id":E,` +
			`"from":"2021-01-01","role":"auditor","to":"2021-06-30","until":"2027-12-31","villages":["东升村","西岗村"]}}`,
		`"state":{"account":P,"role":"administrator"}}`,
		`"kind":"account.disabled","reason":{"sealed":"…"},"record":P,"state":{"disabled":true,"login":"clerk","name":{"sealed":"…"}}}`,
		`"kind":"account.enabled","reason":{"sealed":"…"},"record":P,"state":{"login":"clerk","name":{"sealed":"…"}}}`,
		`"state":{"demo":true,"login":"demo-land","name":{"sealed":"…"}}}`,
		`"actor":"local:mingzhang","kind":"event.sign_in_refused",`,
		`"state":{"address":{"sealed":"…"},"count":1,"login":{"sealed":"…"},"what":{"sealed":"…"}}}`,
		`{"v":1,"actor":"account:9","kind":"event.exported",`,
		`"state":{"account":9,"book":"east","count":1}}`,
	} {
		want = strings.NewReplacer("P", strconv.FormatInt(p.id, 10), "R", strconv.FormatInt(p.id+1, 10), ":E,", ":"+east+",").Replace(want)
		if !strings.Contains(all, want) {
			t.Errorf("no entry has\n%s\nin\n%s", want, all)
		}
	}
	b.check()
}

// numberOf is a book's number.
func (b *bundle) numberOf(code string) string {
	b.tb.Helper()
	var n string
	if err := b.db.Owner().NewRaw("SELECT id::text FROM books WHERE code = ?", code).Scan(b.tb.Context(), &n); err != nil {
		b.tb.Fatal(err)
	}
	return n
}
