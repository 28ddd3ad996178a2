package account_test

import (
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func TestToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east", Villages: []string{"东升村"}}, account.NewRight{Role: account.Clerk, Book: "west"})
	who := p.in().Principal
	plain, err := b.svc.IssueToken(t.Context(), who, account.NewToken{Name: "报表程序", Book: "east", Cans: []account.Can{account.ReadBook, account.ExportBook}, Until: *day(t, "2026-12-31")})
	if err != nil || !strings.HasPrefix(plain, "mz_") || len(plain) != 46 {
		t.Fatalf("the token %q, %v; want mz_ and 43 characters", plain, err)
	}
	if n := b.count("work_tokens", "token_sha256 = sha256('"+plain+"')"); n != 1 {
		t.Errorf("%d tokens are stored as their hash, want 1", n)
	}
	token, err := b.svc.ByToken(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	if !token.IsToken() || token.SessionID() != "" || token.ID() != p.id || !token.Can(account.ReadBook) || token.Can(account.EnterLots) {
		t.Errorf("the token is %+v, want its account, reading only", token)
	}
	scope, err := token.Scope(t.Context(), b.east, account.ReadBook)
	if err != nil || len(scope.Villages()) != 1 {
		t.Errorf("the token's scope: %v, %v; want its owner's village", scope.Villages(), err)
	}
	_, err = token.Scope(t.Context(), b.east, account.EnterLots)
	wants(t, "what its owner can and it cannot", err, ledger.Denied, "right.missing")
	_, err = token.Scope(t.Context(), b.west, account.ReadBook)
	wants(t, "another book of its owner", err, ledger.NotFound, "book.unknown")
	if books := token.Books(); len(books) != 1 || books[0] != "east" {
		t.Errorf("the token's books %v, want east", books)
	}
	_, err = b.svc.IssueToken(t.Context(), token, account.NewToken{Name: "x", Book: "east", Cans: []account.Can{account.ReadBook}, Until: *day(t, "2026-12-31")})
	wants(t, "a token that issues tokens", err, ledger.Denied, "session.of_token")
	wants(t, "a token that changes the password", b.svc.ChangePassword(t.Context(), token, password, "another fine password"), ledger.Denied, "session.of_token")
	_, _, err = b.svc.BeginTOTP(t.Context(), token)
	wants(t, "a token that sets up a second factor", err, ledger.Denied, "session.of_token")
	wants(t, "a token that signs out", b.svc.SignOut(t.Context(), token), ledger.Denied, "session.of_token")
	wants(t, "a token that ends sessions", b.svc.EndSession(t.Context(), token, who.SessionID()), ledger.Denied, "session.of_token")
	wants(t, "a token that ends tokens", b.svc.EndToken(t.Context(), token, "0000000000000000"), ledger.Denied, "session.of_token")
	for _, forged := range []string{"", "mz_", "mz_" + strings.Repeat("A", 43), plain + "A", plain[:45], strings.ToUpper(plain), "mz_\x00"} {
		_, err := b.svc.ByToken(t.Context(), forged)
		wants(t, "the token "+forged, err, ledger.Unauthenticated, "token.unknown")
	}
	_, err = b.svc.BySession(t.Context(), plain)
	wants(t, "a token as a cookie", err, ledger.Unauthenticated, "session.unknown")
	b.check()
}

// A token loses what its owner loses, at once.
func TestToken_FollowsItsOwner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	plain, err := b.svc.IssueToken(t.Context(), p.in().Principal, account.NewToken{Name: "t", Book: "east", Cans: []account.Can{account.ReadBook, account.EnterLots}, Until: *day(t, "2026-11-24")})
	if err != nil {
		t.Fatal(err)
	}
	look := func(can account.Can, code ledger.Code, reason string) {
		t.Helper()
		token, err := b.svc.ByToken(t.Context(), plain)
		if err != nil {
			t.Fatal(err)
		}
		_, err = token.Scope(t.Context(), b.east, can)
		wants(t, string(can), err, code, reason)
	}
	look(account.EnterLots, "", "")
	if err := b.svc.Revoke(t.Context(), b.local, b.rightsOf(p)[0].ID, "调岗"); err != nil {
		t.Fatal(err)
	}
	look(account.ReadBook, ledger.NotFound, "book.unknown")
	p.grant(account.NewRight{Role: account.Reviewer, Book: "east"})
	look(account.ReadBook, ledger.Denied, "account.must_totp") // its owner has to set up a second factor first
	p.enrol()
	look(account.ReadBook, "", "")
	look(account.Review, ledger.Denied, "right.missing") // what its owner can since, it was not given
	look(account.EnterLots, ledger.Denied, "right.missing")
	b.later(38 * time.Hour) // 2026-11-24 23:03 in the offices
	look(account.ReadBook, "", "")
	b.later(time.Hour)
	_, err = b.svc.ByToken(t.Context(), plain)
	wants(t, "after its last day", err, ledger.Unauthenticated, "token.ended")
	b.check()
}

func TestToken_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	admin := b.add("admin", account.NewRight{Role: account.Administrator})
	admin.enrol()
	good := account.NewToken{Name: "t", Book: "east", Cans: []account.Can{account.ReadBook}, Until: *day(t, "2027-11-24")}
	for name, tt := range map[string]struct {
		change func(*account.NewToken)
		code   ledger.Code
		reason string
	}{
		"a year and a day":         {func(*account.NewToken) {}, "", ""},
		"no name":                  {func(n *account.NewToken) { n.Name = " " }, ledger.Invalid, "token.name_missing"},
		"a long name":              {func(n *account.NewToken) { n.Name = strings.Repeat("名", 101) }, ledger.Invalid, "token.name_missing"},
		"a name with a NUL":        {func(n *account.NewToken) { n.Name = "a\x00b" }, ledger.Invalid, "token.name_missing"},
		"no abilities":             {func(n *account.NewToken) { n.Cans = nil }, ledger.Invalid, "token.no_abilities"},
		"an ability that is none":  {func(n *account.NewToken) { n.Cans = []account.Can{"fly"} }, ledger.Invalid, "token.unknown_ability"},
		"more than its owner can":  {func(n *account.NewToken) { n.Cans = append(n.Cans, account.Review) }, ledger.Denied, "right.missing"},
		"administering":            {func(n *account.NewToken) { n.Cans = []account.Can{account.Administer} }, ledger.Denied, "token.administers"},
		"another book":             {func(n *account.NewToken) { n.Book = "west" }, ledger.NotFound, "book.unknown"},
		"no such book":             {func(n *account.NewToken) { n.Book = "north" }, ledger.NotFound, "book.unknown"},
		"a last day that is past":  {func(n *account.NewToken) { n.Until = *day(t, "2026-11-22") }, ledger.Invalid, "token.until_form"},
		"a last day too far ahead": {func(n *account.NewToken) { n.Until = *day(t, "2027-11-25") }, ledger.Invalid, "token.until_form"},
		"no last day":              {func(n *account.NewToken) { n.Until = ledger.Day{} }, ledger.Invalid, "token.until_form"},
	} {
		n := good
		tt.change(&n)
		_, err := b.svc.IssueToken(t.Context(), p.in().Principal, n)
		wants(t, name, err, tt.code, tt.reason)
	}
	_, err := b.svc.IssueToken(t.Context(), admin.in().Principal, account.NewToken{Name: "t", Book: "east", Cans: []account.Can{account.Administer}, Until: *day(t, "2027-01-01")})
	wants(t, "an administrator's", err, ledger.Denied, "token.administers")
	b.check()
}

func TestToken_ListAndEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := b.add("admin", account.NewRight{Role: account.Administrator})
	admin.enrol()
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	who, other := p.in().Principal, b.add("other").in().Principal
	var plain []string
	for _, name := range []string{"甲", "乙"} {
		token, err := b.svc.IssueToken(t.Context(), who, account.NewToken{Name: name, Book: "east", Cans: []account.Can{"export", "read", "read"}, Until: *day(t, "2026-12-31")})
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, token)
		b.later(time.Second)
	}
	if _, err := b.svc.ByToken(t.Context(), plain[0]); err != nil {
		t.Fatal(err)
	}
	list, err := b.svc.Tokens(t.Context(), p.id)
	if err != nil || len(list) != 2 || list[0].Name != "乙" || list[0].UsedAt != nil || list[1].UsedAt == nil || len(list[1].Cans) != 2 || list[1].Book != "east" {
		t.Fatalf("tokens %+v, %v; want both, the newer first, the other used", list, err)
	}
	wants(t, "another's", b.svc.EndToken(t.Context(), other, list[0].ID), ledger.NotFound, "token.unknown")
	wants(t, "one's own", b.svc.EndToken(t.Context(), who, list[0].ID), "", "")
	wants(t, "by an administrator", b.svc.EndToken(t.Context(), admin.in().Principal, list[1].ID), "", "")
	wants(t, "twice", b.svc.EndToken(t.Context(), who, list[0].ID), ledger.NotFound, "token.unknown")
	wants(t, "one that is none", b.svc.EndToken(t.Context(), who, "'; --"), ledger.NotFound, "token.unknown")
	for _, token := range plain {
		_, err := b.svc.ByToken(t.Context(), token)
		wants(t, "after it was ended", err, ledger.Unauthenticated, "token.ended")
	}
	if list, err := b.svc.Tokens(t.Context(), p.id); err != nil || len(list) != 0 {
		t.Errorf("tokens %v, %v; want none", list, err)
	}
	b.check()
}
