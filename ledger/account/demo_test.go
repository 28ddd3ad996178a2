package account_test

import (
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// The demo accounts can be tried without a password, in demo books only.
func TestDemo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wants(t, "in an office's book", b.svc.EnsureDemo(t.Context(), b.east), ledger.Denied, "account.demo_book")
	for range 2 { // the second finds all of it
		wants(t, "in the demo book", b.svc.EnsureDemo(t.Context(), b.demo), "", "")
	}
	demos, err := b.svc.DemoAccounts(t.Context())
	if err != nil || len(demos) != 5 || b.count("rights", "TRUE") != 5 {
		t.Fatalf("demo accounts %+v, %v, %d rights; want five of each", demos, err, b.count("rights", "TRUE"))
	}
	if any, err := b.svc.Any(t.Context()); err != nil || any {
		t.Errorf("any account: %v, %v; want the demo's not to count", any, err)
	}
	for _, a := range demos {
		opened, err := b.svc.DemoSession(t.Context(), a.Login, b.from)
		if err != nil {
			t.Fatal(err)
		}
		who, role := opened.Principal, a.Rights[0].Role
		if !who.Demo() || who.Must() != account.MustNothing || !who.Can(role.Cans()[1]) || who.Can(account.Administer) {
			t.Errorf("%s: must %q, can %s: %v; want a %s at work", a.Login, who.Must(), role.Cans()[1], who.Can(role.Cans()[1]), role)
		}
		if _, err := who.Scope(t.Context(), b.demo, account.ReadBook); err != nil {
			t.Errorf("%s reads the demo book: %v", a.Login, err)
		}
		_, err = who.Scope(t.Context(), b.east, account.ReadBook)
		wants(t, a.Login+" reads an office's book", err, ledger.NotFound, "book.unknown")
		for _, guess := range []string{"", a.Login, password} {
			_, err = b.svc.SignIn(t.Context(), account.Credentials{Login: a.Login, Password: guess}, b.from)
			if ledger.CodeOf(err) != ledger.Unauthenticated {
				t.Errorf("%s signs in with %q: %v, want unauthenticated", a.Login, guess, err)
			}
		}
		_, err = b.svc.Reset(t.Context(), b.local, a.ID)
		wants(t, "a password for "+a.Login, err, ledger.Denied, "account.demo")
		wants(t, "changing it", b.svc.ChangePassword(t.Context(), who, "", password), ledger.Denied, "account.demo")
		_, _, err = b.svc.BeginTOTP(t.Context(), who)
		wants(t, "a second factor", err, ledger.Denied, "account.demo")
		for _, right := range []account.NewRight{{Account: a.ID, Role: account.LandOfficer, Book: "east"}, {Account: a.ID, Role: account.Administrator}} {
			wants(t, a.Login+" becomes "+string(right.Role), b.svc.Grant(t.Context(), b.local, right), ledger.Denied, "right.demo_account")
		}
	}
	b.check()
}

// Nobody else gets in without a password: no account of a person, no demo account that was closed, and none that has, by
// whatever way, a right in a book of an office.
func TestDemo_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add("clerk", account.NewRight{Role: account.Clerk, Book: "demo"})
	wants(t, "the demo accounts", b.svc.EnsureDemo(t.Context(), b.demo), "", "")
	_, err := b.svc.DemoSession(t.Context(), "clerk", b.from)
	wants(t, "a person's account", err, ledger.Denied, "account.not_demo")
	_, err = b.svc.DemoSession(t.Context(), "nobody", b.from)
	wants(t, "nobody's", err, ledger.NotFound, "account.unknown")
	leader, err := b.svc.ByLogin(t.Context(), "demo-leader")
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "closing", b.svc.Disable(t.Context(), b.local, leader.ID, "不再演示"), "", "")
	_, err = b.svc.DemoSession(t.Context(), "demo-leader", b.from)
	wants(t, "a closed one", err, ledger.Denied, "account.not_demo")
	opened, err := b.svc.DemoSession(t.Context(), "demo-clerk", b.from)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ledger.WholeBook(b.east).BookID()
	if err != nil {
		t.Fatal(err)
	}
	b.exec("INSERT INTO rights SELECT book_id, id + 100, seq_from + 100, NULL, account, 'leader', ?, villages, NULL, NULL, NULL, false FROM rights WHERE account = ?", id, opened.Principal.ID())
	_, err = b.svc.DemoSession(t.Context(), "demo-clerk", b.from)
	wants(t, "one with a right elsewhere", err, ledger.Denied, "account.not_demo")
	who, err := b.svc.BySession(t.Context(), opened.Token)
	if err != nil {
		t.Fatal(err)
	}
	_, err = who.Scope(t.Context(), b.east, account.ReadBook)
	wants(t, "its session of before", err, ledger.NotFound, "book.unknown")
}

// A login of the demo that belongs to a person stays that person's.
func TestDemo_TakenLogin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add("demo-clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	wants(t, "the demo accounts", b.svc.EnsureDemo(t.Context(), b.demo), ledger.Conflict, "account.exists")
	_, err := b.svc.DemoSession(t.Context(), "demo-clerk", b.from)
	wants(t, "the person's account", err, ledger.Denied, "account.not_demo")
}
