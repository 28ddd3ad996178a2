package account_test

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// Which roles may meet in one account in one book, and which may not.
func TestGrant_Combinations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := 0
	for _, first := range account.Roles() {
		for _, second := range account.Roles() {
			for _, elsewhere := range []bool{false, true} {
				n++
				id, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: fmt.Sprintf("u%d-x", n), Name: "某人"})
				if err != nil {
					t.Fatal(err)
				}
				right := func(role account.Role, book string) account.NewRight {
					if role == account.Administrator {
						book = ""
					}
					return account.NewRight{Account: id, Role: role, Book: book}
				}
				if err := b.svc.Grant(t.Context(), b.local, right(first, "east")); err != nil {
					t.Fatal(err)
				}
				book := "east"
				if elsewhere {
					book = "west"
				}
				err = b.svc.Grant(t.Context(), b.local, right(second, book))
				reason := ""
				admin := first == account.Administrator || second == account.Administrator
				switch {
				case first == second && (admin || !elsewhere):
					reason = "right.already"
				case admin:
					reason = "right.administrator_alone"
				case !elsewhere && (first == account.Auditor || second == account.Auditor):
					reason = "right.auditor_alone"
				}
				wants(t, fmt.Sprintf("%s, then %s, another book: %v", first, second, elsewhere), err, ledger.Conflict, reason)
			}
		}
	}
	b.check()
}

func TestGrant_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("someone")
	past, future := day(t, "2026-11-22"), day(t, "2027-01-01")
	for name, tt := range map[string]struct {
		right  account.NewRight
		code   ledger.Code
		reason string
	}{
		"no such role":                {account.NewRight{Role: "king", Book: "east"}, ledger.Invalid, "role.unknown"},
		"no such book":                {account.NewRight{Role: account.Clerk, Book: "north"}, ledger.NotFound, "book.unknown"},
		"the installation's log":      {account.NewRight{Role: account.Auditor, Book: "installation"}, ledger.NotFound, "book.unknown"},
		"a clerk of no book":          {account.NewRight{Role: account.Clerk}, ledger.Invalid, "right.book_missing"},
		"an administrator of a book":  {account.NewRight{Role: account.Administrator, Book: "east"}, ledger.Invalid, "right.administrator_no_book"},
		"an administrator of a place": {account.NewRight{Role: account.Administrator, Villages: []string{"东升村"}}, ledger.Invalid, "right.administrator_no_book"},
		"a clerk with days":           {account.NewRight{Role: account.Clerk, Book: "east", From: past}, ledger.Invalid, "right.days_for_auditors"},
		"days the wrong way round":    {account.NewRight{Role: account.Auditor, Book: "east", From: future, To: past}, ledger.Invalid, "right.days_reversed"},
		"a last day that is past":     {account.NewRight{Role: account.Clerk, Book: "east", Until: past}, ledger.Invalid, "right.until_past"},
		"a village of one character":  {account.NewRight{Role: account.Clerk, Book: "east", Villages: []string{"村"}}, ledger.Invalid, "scope.village_form"},
		"too many villages":           {account.NewRight{Role: account.Clerk, Book: "east", Villages: slices.Repeat([]string{"东升村"}, 201)}, ledger.Invalid, "right.too_many_villages"},
		"nobody":                      {account.NewRight{Account: 99_999, Role: account.Clerk, Book: "east"}, ledger.NotFound, "account.unknown"},
	} {
		if tt.right.Account == 0 {
			tt.right.Account = p.id
		}
		wants(t, name, b.svc.Grant(t.Context(), b.local, tt.right), tt.code, tt.reason)
	}
	if n := b.count("rights", "TRUE"); n != 0 {
		t.Errorf("%d rights after refusals, want none", n)
	}
}

// Who may change rights: users of the machine and administrators, never one's own.
func TestGrant_By(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := b.add("admin", account.NewRight{Role: account.Administrator})
	other := b.add("admin2", account.NewRight{Role: account.Administrator})
	clerk := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	by := ledger.AccountActor(admin.id)
	wants(t, "a clerk grants", b.svc.Grant(t.Context(), ledger.AccountActor(clerk.id), account.NewRight{Account: clerk.id, Role: account.Leader, Book: "east"}), ledger.Denied, "right.missing")
	wants(t, "an administrator to themselves", b.svc.Grant(t.Context(), by, account.NewRight{Account: admin.id, Role: account.Clerk, Book: "east"}), ledger.Denied, "right.own")
	wants(t, "an administrator to a clerk", b.svc.Grant(t.Context(), by, account.NewRight{Account: clerk.id, Role: account.LandOfficer, Book: "east"}), "", "")
	own := b.rightsOf(admin)[0]
	wants(t, "one's own right", b.svc.Revoke(t.Context(), by, own.ID, "不再需要"), ledger.Denied, "right.own")
	wants(t, "one's own account", b.svc.Disable(t.Context(), by, admin.id, "离职"), ledger.Denied, "account.own")
	_, err := b.svc.Reset(t.Context(), by, admin.id)
	wants(t, "one's own password", err, ledger.Denied, "account.own")
	wants(t, "without a reason", b.svc.Revoke(t.Context(), ledger.AccountActor(other.id), own.ID, " "), ledger.Invalid, "account.reason_missing")
	wants(t, "by another", b.svc.Revoke(t.Context(), ledger.AccountActor(other.id), own.ID, "不再需要"), "", "")
	wants(t, "twice", b.svc.Revoke(t.Context(), ledger.AccountActor(other.id), own.ID, "不再需要"), ledger.NotFound, "right.unknown")
	wants(t, "a number that is none", b.svc.Revoke(t.Context(), b.local, 99_999, "不再需要"), ledger.NotFound, "right.unknown")
	wants(t, "whose right is gone", b.svc.Grant(t.Context(), by, account.NewRight{Account: clerk.id, Role: account.Reviewer, Book: "east"}), ledger.Denied, "right.missing")
	wants(t, "by nobody", b.svc.Grant(t.Context(), ledger.Actor{}, account.NewRight{Account: clerk.id, Role: account.Reviewer, Book: "east"}), ledger.Denied, "actor.unnamed")
	b.check()
}

func (b *bundle) rightsOf(p *person) []account.Right {
	b.tb.Helper()
	a, err := b.svc.Account(b.tb.Context(), p.id)
	if err != nil {
		b.tb.Fatal(err)
	}
	return a.Rights
}

// A right that is granted or revoked acts at the next request of a session that is open.
func TestRights_ActAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	session := p.in()
	look := func(code ledger.Code, reason string) {
		t.Helper()
		who, err := b.svc.BySession(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = who.Scope(t.Context(), b.east, account.EnterLots)
		wants(t, "entering lots", err, code, reason)
	}
	look(ledger.NotFound, "book.unknown")
	p.grant(account.NewRight{Role: account.LandOfficer, Book: "east"})
	look(ledger.Denied, "right.missing")
	p.grant(account.NewRight{Role: account.Clerk, Book: "east", Until: day(t, "2026-11-24")})
	look("", "")
	b.later(24 * time.Hour) // its last day, in the offices' zone
	session = p.in()
	look("", "")
	b.later(15 * time.Hour) // 2026-11-25 00:02 there
	session = p.in()
	look(ledger.Denied, "right.missing")
	p.grant(account.NewRight{Role: account.Clerk, Book: "east"}) // an expired right does not stand in the way
	look("", "")
	for _, r := range b.rightsOf(p) {
		if err := b.svc.Revoke(t.Context(), b.local, r.ID, "调岗"); err != nil {
			t.Fatal(err)
		}
	}
	look(ledger.NotFound, "book.unknown")
	b.check()
}

// A closed account is out at once, with its sessions and tokens; opened again, it signs in anew.
func TestDisable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	session := p.in()
	token, err := b.svc.IssueToken(t.Context(), session.Principal, account.NewToken{Name: "t", Book: "east", Cans: []account.Can{account.ReadBook}, Until: *day(t, "2027-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "disabling", b.svc.Disable(t.Context(), b.local, p.id, "离职"), "", "")
	wants(t, "disabling twice", b.svc.Disable(t.Context(), b.local, p.id, "离职"), ledger.Conflict, "account.already")
	_, err = b.svc.BySession(t.Context(), session.Token)
	wants(t, "the session", err, ledger.Unauthenticated, "session.ended")
	_, err = b.svc.ByToken(t.Context(), token)
	wants(t, "the token", err, ledger.Unauthenticated, "token.ended")
	_, err = p.try(password, "")
	wants(t, "signing in", err, ledger.Unauthenticated, "sign_in.refused")
	wants(t, "granting", b.svc.Grant(t.Context(), b.local, account.NewRight{Account: p.id, Role: account.Reviewer, Book: "east"}), ledger.Conflict, "account.disabled")
	_, err = b.svc.Reset(t.Context(), b.local, p.id)
	wants(t, "resetting", err, ledger.Conflict, "account.disabled")
	wants(t, "enabling", b.svc.Enable(t.Context(), b.local, p.id, "回来"), "", "")
	_, err = b.svc.ByToken(t.Context(), token)
	wants(t, "the token of before", err, ledger.Unauthenticated, "token.ended")
	if who := p.in().Principal; who.Name() != "某人" || !who.Can(account.EnterLots) {
		t.Errorf("after all: %s, enters lots: %v; want the name and the right of before", who.Name(), who.Can(account.EnterLots))
	}
	b.check()
}

// Between the entry that closes an account and the end of its sessions nothing gets through, nor does a closed
// administrator change anything.
func TestDisable_NoGap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add("first", account.NewRight{Role: account.Administrator})
	p := b.add("second", account.NewRight{Role: account.Administrator})
	session := p.in()
	wants(t, "disabling", b.svc.Disable(t.Context(), b.local, p.id, "离职"), "", "")
	b.exec("UPDATE work_sessions SET ended_at = NULL")
	_, err := b.svc.BySession(t.Context(), session.Token)
	wants(t, "a session that was not ended", err, ledger.Unauthenticated, "session.ended")
	_, _, err = b.svc.Add(t.Context(), ledger.AccountActor(p.id), account.NewAccount{Login: "friend", Name: "某人"})
	wants(t, "a closed administrator", err, ledger.Denied, "right.missing")
}

// The last administrator stays, also when two go at the same moment.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.add("first", account.NewRight{Role: account.Administrator})
	wants(t, "revoking the only one", b.svc.Revoke(t.Context(), b.local, b.rightsOf(first)[0].ID, "退休"), ledger.Conflict, "account.last_administrator")
	wants(t, "disabling the only one", b.svc.Disable(t.Context(), b.local, first.id, "退休"), ledger.Conflict, "account.last_administrator")
	passing := b.add("passing", account.NewRight{Role: account.Administrator, Until: day(t, "2026-12-01")})
	wants(t, "with one whose right ends", b.svc.Disable(t.Context(), b.local, first.id, "退休"), ledger.Conflict, "account.last_administrator")
	wants(t, "the one whose right ends", b.svc.Disable(t.Context(), b.local, passing.id, "退休"), "", "")
	second := b.add("second", account.NewRight{Role: account.Administrator})
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { errs[0] = b.svc.Disable(t.Context(), ledger.AccountActor(second.id), first.id, "退休") })
	wg.Go(func() {
		errs[1] = b.svc.Revoke(t.Context(), ledger.AccountActor(first.id), b.rightsOf(second)[0].ID, "退休")
	})
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two administrators put each other out: %v, %v; want one of them to win", errs[0], errs[1])
	}
	if n := b.count("rights AS r JOIN accounts AS a ON a.id = r.account AND a.seq_to IS NULL", "r.seq_to IS NULL AND NOT r.revoked AND r.until IS NULL AND NOT a.disabled"); n != 1 {
		t.Errorf("%d administrators are left, want 1", n)
	}
	b.check()
}

// Villages and days become the scope that services read through.
func TestScope_Villages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east", Villages: []string{"东升村", " 东升村　", "西岗村"}},
		account.NewRight{Role: account.LandOfficer, Book: "east", Villages: []string{"南湖村"}})
	who := p.in().Principal
	for can, want := range map[account.Can][]string{
		account.EnterLots: {"东升村", "西岗村"}, account.EnterLand: {"南湖村"}, account.ReadBook: {"东升村", "南湖村", "西岗村"},
	} {
		scope, err := who.Scope(t.Context(), b.east, can)
		if err != nil || scope.Whole() || !reflect.DeepEqual(scope.Villages(), want) {
			t.Errorf("%s: villages %v, %v; want %v", can, scope.Villages(), err, want)
		}
	}
	scope, err := who.Scope(t.Context(), b.east, account.EnterLots)
	if err != nil || !scope.Covers(ledger.VillageKey("东升村第一经济社"), nil) || scope.Covers(ledger.VillageKey("南湖村"), nil) {
		t.Errorf("the scope covers other villages than it names: %v", err)
	}
	p.grant(account.NewRight{Role: account.Clerk, Book: "west"})
	if books := p.in().Principal.Books(); !slices.Equal(books, []string{"east", "west"}) {
		t.Errorf("books %v, want east and west", books)
	}
	auditor := b.add("auditor", account.NewRight{Role: account.Auditor, Book: "east", From: day(t, "2021-01-01"), To: day(t, "2021-06-30")})
	auditor.enrol()
	scope, err = auditor.in().Principal.Scope(t.Context(), b.east, account.Audit)
	if err != nil || scope.Whole() || scope.Covers("x", day(t, "2020-12-31")) || !scope.Covers("x", day(t, "2021-06-30")) || scope.Covers("x", day(t, "2021-07-01")) {
		t.Errorf("an auditor of half a year sees other days, %v", err)
	}
	b.check()
}

// A book that gets the code of a dropped one does not get its rights.
func TestRights_OfDroppedBook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "demo"})
	if err := b.store.DropBook(t.Context(), b.db.Owner(), b.local, b.demo); err != nil {
		t.Fatal(err)
	}
	again, err := b.store.AddBook(t.Context(), b.local, ledger.BookProfile{Code: "demo", Kind: ledger.OfficeBook, NameZH: "另一街道"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.in().Principal.Scope(t.Context(), again, account.ReadBook)
	wants(t, "the book that has the code now", err, ledger.NotFound, "book.unknown")
	b.check()
}

// Whoever changes a right in the database is found.
func TestCheck_Tampered(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"rights.role":       "UPDATE rights SET role = 'leader'",
		"rights.villages":   "UPDATE rights SET villages = '[]'",
		"rights.revoked":    "UPDATE rights SET revoked = true",
		"rights.of_book":    "UPDATE rights SET of_book = of_book + 1",
		"accounts.disabled": "UPDATE accounts SET disabled = true",
		"accounts.login":    "UPDATE accounts SET login = 'x'",
		"sealed.name":       "UPDATE sealed SET value = '别人' WHERE field = 'name'",
		"rights":            "INSERT INTO rights SELECT book_id, id + 1, seq_from + 1, seq_to, account, 'administrator', NULL, villages, NULL, NULL, NULL, false FROM rights",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east", Villages: []string{"东升村"}})
			b.check()
			b.exec("SET session_replication_role = replica; " + change)
			log, err := b.store.Log(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			result, err := log.Check(t.Context(), nil)
			if err != nil || len(result.Faults) == 0 || result.Faults[0].What != name {
				t.Errorf("after %s: %v, faults %+v; want one of %s", change, err, result.Faults, name)
			}
		})
	}
}
