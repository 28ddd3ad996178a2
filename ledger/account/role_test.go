package account_test

import (
	"fmt"
	"slices"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// What each role can, written down a second time: every ability that is not named is refused.
func allowed() map[account.Role][]account.Can {
	return map[account.Role][]account.Can{
		account.Clerk:         {"read", "enter_lots", "export"},
		account.LandOfficer:   {"read", "enter_land", "export"},
		account.Reviewer:      {"read", "review", "export"},
		account.Leader:        {"read", "review", "issue", "export"},
		account.Auditor:       {"read", "audit", "export"},
		account.Administrator: {"administer"},
	}
}

func TestRole_Abilities(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, role := range account.Roles() {
		right := account.NewRight{Role: role, Book: "east"}
		if role == account.Administrator {
			right.Book = ""
		}
		p := b.add(fmt.Sprintf("user-%d", i), right)
		if role.NeedsTOTP() {
			if opened := p.in(); opened.Principal.Must() != account.MustTOTP || opened.Principal.Can(role.Cans()[0]) {
				t.Errorf("%s without a second factor: must %q, can %s: %v; want totp and nothing allowed", role, opened.Principal.Must(), role.Cans()[0], opened.Principal.Can(role.Cans()[0]))
			}
			p.enrol()
		}
		who := p.in().Principal
		if who.Must() != account.MustNothing {
			t.Errorf("%s: must %q, want nothing", role, who.Must())
		}
		for _, can := range account.AllCans() {
			want := slices.Contains(allowed()[role], can)
			if got := who.Can(can); got != want {
				t.Errorf("%s can %s: %v, want %v", role, can, got, want)
			}
			scope, err := who.Scope(t.Context(), b.east, can)
			switch {
			case role == account.Administrator: // as if there were no such book
				wants(t, string(can)+" of an administrator", err, ledger.NotFound, "book.unknown")
			case want:
				wants(t, string(role)+" "+string(can), err, "", "")
				if !scope.Whole() {
					t.Errorf("%s %s: a part of the book, want all of it", role, can)
				}
			default:
				wants(t, string(role)+" "+string(can), err, ledger.Denied, "right.missing")
			}
			_, err = who.Scope(t.Context(), b.west, can)
			wants(t, string(role)+" in another book", err, ledger.NotFound, "book.unknown")
		}
	}
	b.check()
}

// Before the second factor is set up, not even reading is allowed.
func TestRole_MustTOTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("reviewer", account.NewRight{Role: account.Reviewer, Book: "east"})
	opened := p.in()
	_, err := opened.Principal.Scope(t.Context(), b.east, account.ReadBook)
	wants(t, "reading without a second factor", err, ledger.Denied, "account.must_totp")
	if books := opened.Principal.Books(); len(books) > 0 {
		t.Errorf("books %v, want none", books)
	}
	_, err = opened.Principal.Scope(t.Context(), b.west, account.ReadBook)
	wants(t, "another book without a second factor", err, ledger.NotFound, "book.unknown")
	clerk := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	session := clerk.in()
	clerk.grant(account.NewRight{Role: account.Reviewer, Book: "west"})
	who, err := b.svc.BySession(t.Context(), session.Token)
	if err != nil || who.Must() != account.MustTOTP {
		t.Errorf("a clerk who becomes a reviewer: %v, must %q; want totp at the next request", err, who.Must())
	}
}

func TestRole_Names(t *testing.T) {
	t.Parallel()
	for _, r := range account.Roles() {
		if n := r.Name(); n.ZH == "" || n.EN == "" || n.ZH == string(r) {
			t.Errorf("%s is called %+v, want a name in both languages", r, n)
		}
	}
	for _, c := range account.AllCans() {
		if n := c.Name(); n.ZH == "" || n.EN == "" || n.ZH == string(c) {
			t.Errorf("%s is called %+v, want a name in both languages", c, n)
		}
	}
	_, err := account.ParseRole("king")
	wants(t, "a role that is none", err, ledger.Invalid, "role.unknown")
}
