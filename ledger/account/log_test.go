package account_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// all reads the log to its end, in pages of a size.
func (b *bundle) all(f account.LogFilter, size int) []account.Logged {
	b.tb.Helper()
	var list []account.Logged
	page := ledger.Page{Limit: size}
	for {
		some, next, err := b.svc.Log(b.tb.Context(), f, page)
		if err != nil {
			b.tb.Fatal(err)
		}
		if list = append(list, some...); next == "" {
			return list
		}
		page.After = next
	}
}

func names(list []account.Logged) []string {
	var all []string
	for _, l := range list {
		all = append(all, l.Name)
	}
	return all
}

// What happened is read back, the newest first, with what was sealed of it.
func TestLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li := b.add("li", account.NewRight{Role: account.Clerk, Book: "east", Villages: []string{"东升村"}})
	wang := b.add("wang", account.NewRight{Role: account.Auditor, Book: "west"})
	b.later(24 * time.Hour)
	if _, err := b.svc.SignIn(t.Context(), account.Credentials{Login: `","kind":"event.denied`, Password: "x"}, b.from); err == nil {
		t.Fatal("nobody signed in")
	}
	if err := b.svc.Note(t.Context(), account.Event{Name: "exported", Account: li.id, Address: "192.0.2.9", Book: "east", What: "lots.csv"}); err != nil {
		t.Fatal(err)
	}
	if err := b.svc.Disable(t.Context(), b.local, wang.id, "调离"); err != nil {
		t.Fatal(err)
	}

	whole := b.all(account.LogFilter{}, 200)
	want := []string{
		"account.disabled", "exported", "sign_in_refused", "signed_in", "right.granted", "account.added", "signed_in", "right.granted", "account.added",
		"register.book_added", "register.book_added", "register.book_added",
	}
	if got := names(whole); !slices.Equal(got, want) {
		t.Fatalf("the log says %v, want %v", got, want)
	}
	if l := whole[0]; l.Account != wang.id || l.Login != "wang" || l.Reason != "调离" || l.Actor != b.local || l.Count != 1 {
		t.Errorf("%+v", l)
	}
	if l := whole[1]; l.Account != li.id || l.Address != "192.0.2.9" || l.Book != "east" || l.What != "lots.csv" || l.Actor != ledger.AccountActor(li.id) {
		t.Errorf("%+v", l)
	}
	if l := whole[2]; l.Account != 0 || l.Login != `","kind":"event.denied` || l.Address != "192.0.2.7" || l.What != "sign_in.refused" {
		t.Errorf("%+v", l)
	}
	if l := whole[7]; l.Account != li.id || l.Right == nil || l.Right.Role != account.Clerk || l.Right.Book != "east" || !slices.Equal(l.Right.Villages, []string{"东升村"}) {
		t.Errorf("%+v", l)
	}
	for _, size := range []int{1, 2, 5} {
		if got := names(b.all(account.LogFilter{}, size)); !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %v", size, got)
		}
	}
}

func TestLog_Filters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li := b.add("li", account.NewRight{Role: account.Clerk, Book: "east"})
	b.later(24 * time.Hour)
	admin := b.add("admin", account.NewRight{Role: account.Administrator})
	by := ledger.AccountActor(admin.id)
	if err := b.svc.Disable(t.Context(), by, li.id, "停"); err != nil {
		t.Fatal(err)
	}
	first, second := ledger.DayOf(b.now().Add(-24*time.Hour)), ledger.DayOf(b.now())
	for _, tt := range []struct {
		name   string
		filter account.LogFilter
		want   []string
	}{
		{"of li", account.LogFilter{Account: li.id}, []string{"account.disabled", "signed_in", "right.granted", "account.added"}},
		{"of and by admin", account.LogFilter{Account: admin.id}, []string{"account.disabled", "signed_in", "right.granted", "account.added"}},
		{"an event", account.LogFilter{Name: "signed_in"}, []string{"signed_in", "signed_in"}},
		{"a kind", account.LogFilter{Name: "account.disabled"}, []string{"account.disabled"}},
		{"both", account.LogFilter{Name: "signed_in", Account: li.id}, []string{"signed_in"}},
		{"from", account.LogFilter{Name: "signed_in", From: &second}, []string{"signed_in"}},
		{"to", account.LogFilter{Name: "signed_in", To: &first}, []string{"signed_in"}},
		{"from and to", account.LogFilter{Name: "signed_in", From: &first, To: &second}, []string{"signed_in", "signed_in"}},
		{"nothing", account.LogFilter{Name: "denied"}, nil},
	} {
		for _, size := range []int{1, 200} {
			if got := names(b.all(tt.filter, size)); !slices.Equal(got, tt.want) {
				t.Errorf("%s, pages of %d: %v, want %v", tt.name, size, got, tt.want)
			}
		}
	}
	_, _, err := b.svc.Log(t.Context(), account.LogFilter{Name: "nothing"}, ledger.Page{})
	if !errors.Is(err, ledger.E(ledger.Invalid, "log.unknown_event")) {
		t.Errorf("an unknown event: %v", err)
	}
	_, _, err = b.svc.Log(t.Context(), account.LogFilter{}, ledger.Page{After: "x"})
	if !errors.Is(err, ledger.E(ledger.Invalid, "page.unreadable")) {
		t.Errorf("no cursor: %v", err)
	}
	logins, err := b.svc.Logins(t.Context(), []ledger.Actor{by, b.local, ledger.AccountActor(9999)})
	if err != nil || len(logins) != 1 || logins[by.String()] != "admin" {
		t.Errorf("%v, %v", logins, err)
	}
}

// Whatever the program writes into the log has words.
func TestLogNames(t *testing.T) {
	t.Parallel()
	for _, name := range account.LogNames() {
		if text := account.LogName(name); text.ZH == name || text.EN == "" {
			t.Errorf("%s is called %+v", name, text)
		}
	}
	if text := account.LogName("something"); text.ZH != "something" {
		t.Errorf("%+v", text)
	}
}

// A form that is sent twice makes one token; an account has not more than so many.
func TestIssueToken_OnceAName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li := b.add("li", account.NewRight{Role: account.Clerk, Book: "east"})
	who := li.in().Principal
	until := ledger.DayOf(b.now()).AddDays(10)
	issue := func(name string) error {
		_, err := b.svc.IssueToken(t.Context(), who, account.NewToken{Name: name, Book: "east", Cans: []account.Can{account.ReadBook}, Until: until})
		return err
	}
	results := make(chan error, 6)
	for range cap(results) {
		go func() { results <- issue(" 财务系统 ") }()
	}
	made := 0
	for range cap(results) {
		if err := <-results; err == nil {
			made++
		} else if !errors.Is(err, ledger.E(ledger.Conflict, "token.exists")) {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d tokens of one name", made)
	}
	for i := range 49 {
		if err := issue(fmt.Sprint("程序", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := issue("第五十一"); !errors.Is(err, ledger.E(ledger.Conflict, "token.too_many")) {
		t.Errorf("one too many: %v", err)
	}
	tokens, err := b.svc.Tokens(t.Context(), li.id)
	if err != nil || len(tokens) != 50 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	if err := b.svc.EndToken(t.Context(), who, tokens[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := issue(tokens[0].Name); err != nil {
		t.Errorf("the name of an ended token: %v", err)
	}
}
