package account_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// counts are the numbers that the entries of an event tell, in their order.
func (b *bundle) counts(event string) []int64 {
	b.tb.Helper()
	var bodies [][]byte
	if err := b.db.Owner().NewRaw("SELECT body FROM entries WHERE book_id = 0 ORDER BY seq").Scan(b.tb.Context(), &bodies); err != nil {
		b.tb.Fatal(err)
	}
	var list []int64
	for _, body := range bodies {
		var e struct {
			Kind  string
			State struct{ Count int64 }
		}
		if err := json.Unmarshal(body, &e); err != nil {
			b.tb.Fatal(err)
		}
		if e.Kind == "event."+event {
			list = append(list, e.State.Count)
		}
	}
	return list
}

func (b *bundle) wantCounts(when, event string, want ...int64) {
	b.tb.Helper()
	if got := b.counts(event); fmt.Sprint(got) != fmt.Sprint(want) {
		b.tb.Errorf("%s: entries of %s count %v, want %v", when, event, got, want)
	}
}

// Repeats within a minute are one entry with their number.
func TestNote_Counts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	note := func(e account.Event) {
		t.Helper()
		if err := b.svc.Note(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func() {
		t.Helper()
		if err := b.svc.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	denied := account.Event{Name: "denied", Account: 7, Address: "192.0.2.7", Book: "east", What: "/books/east/lots"}
	for range 5 {
		note(denied)
	}
	b.wantCounts("within a minute", "denied", 1)
	other := denied
	other.What = "/books/east/parcels"
	note(other)
	b.wantCounts("something else", "denied", 1, 1)
	sweep()
	b.wantCounts("swept within the minute", "denied", 1, 1)
	b.later(time.Minute)
	note(denied)
	b.wantCounts("the next one after the minute", "denied", 1, 1, 5)
	for range 2 {
		note(denied)
	}
	b.later(time.Minute)
	sweep()
	b.wantCounts("swept after the minute", "denied", 1, 1, 5, 2)
	sweep()
	b.wantCounts("swept again", "denied", 1, 1, 5, 2)
	if n := b.count("work_events", "TRUE"); n != 0 {
		t.Errorf("%d events are still counted, want none", n)
	}
	b.check()
}

// Of a hundred at once none is lost and none told twice.
func TestNote_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if err := b.svc.Note(t.Context(), account.Event{Name: "denied", Account: 7}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.wantCounts("a hundred at once", "denied", 1)
	b.later(time.Minute)
	for range 2 {
		wg.Go(func() {
			if err := b.svc.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.wantCounts("swept by two at once", "denied", 1, 99)
}

// What strangers type neither fills the log nor stands in it in clear: it may be a password in the wrong field.
func TestNote_Strangers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 50 {
		_, err := b.svc.SignIn(t.Context(), account.Credentials{Login: fmt.Sprintf("hunter2-%d\x00\xff", i), Password: "wrong password"}, account.From{Address: strings.Repeat("长", 1000), Agent: "\x1b[2J"})
		wants(t, "a stranger", err, ledger.Unauthenticated, "sign_in.refused")
	}
	b.wantCounts("fifty strangers from one address", "sign_in_refused", 1)
	var bodies []string
	if err := b.db.Owner().NewRaw("SELECT convert_from(body, 'UTF8') FROM entries WHERE book_id = 0").Scan(t.Context(), &bodies); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(bodies, "\n"); strings.Contains(all, "hunter2") || strings.Contains(all, "长长") {
		t.Error("an entry holds what a stranger typed")
	}
	for _, name := range []string{"", "Signed in", "x.y", strings.Repeat("x", 41)} {
		if err := b.svc.Note(t.Context(), account.Event{Name: name}); err == nil {
			t.Errorf("an event called %q was noted", name)
		}
	}
	b.check()
}

// What is done with accounts stands in the log.
func TestNote_Life(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	p.enrol()
	opened := p.in()
	if _, err := p.try("wrong password", ""); err == nil {
		t.Fatal("a wrong password was taken")
	}
	if _, err := b.svc.IssueToken(t.Context(), opened.Principal, account.NewToken{Name: "t", Book: "east", Cans: []account.Can{account.ReadBook}, Until: *day(t, "2027-01-01")}); err != nil {
		t.Fatal(err)
	}
	wants(t, "changing the password", b.svc.ChangePassword(t.Context(), opened.Principal, password, "nine lanterns by the river"), "", "")
	wants(t, "signing out", b.svc.SignOut(t.Context(), opened.Principal), "", "")
	if _, err := b.svc.Reset(t.Context(), b.local, p.id); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{
		"account.added", "right.granted", "event.signed_in", "event.sign_in_refused", "event.totp_enrolled", "event.token_issued",
		"event.password_changed", "event.signed_out", "event.code_issued",
	} {
		if b.entries(kind) == 0 {
			t.Errorf("the log has no %s", kind)
		}
	}
	b.check()
}

// The table of failures stays small, whatever strangers try.
func TestSweep_Bounds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec("INSERT INTO work_attempts SELECT 'login:' || n, 1, ?::timestamptz - make_interval(secs => n / 10), now() FROM generate_series(1, 100100) AS n", b.now())
	if err := b.svc.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, oldest := b.count("work_attempts", "TRUE"), b.count("work_attempts", "subject = 'login:100100'"); n != 100_000 || oldest != 0 {
		t.Errorf("%d rows, the oldest there: %d; want 100,000 without it", n, oldest)
	}
}
