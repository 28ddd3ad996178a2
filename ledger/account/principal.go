package account

import (
	"context"
	"slices"
	"time"

	"mingzhang/ledger"
)

// Must is what a person has to do before anything else.
type Must string

// What there may be to do. Nothing is the usual case.
const (
	MustNothing Must = ""
	MustTOTP    Must = "totp" // a role wants a second factor that is not set up yet
)

// Right is a role in a book, or, as administrator, in the installation.
type Right struct {
	ID       int64
	Account  int64
	Role     Role
	Book     string // its code; "" for an administrator
	Villages []string
	From, To *ledger.Day // facts of these days only; nil: no bound
	Until    *ledger.Day // the last day of the right; nil: no end
	Demo     bool        // the book is a demo book

	bookID int64
}

// live tells whether the right holds on a day.
func (r Right) live(today ledger.Day) bool { return r.Until == nil || !r.Until.Before(today) }

// Principal is who asks now: an account through a session or a token, with its rights as they were a moment ago.
type Principal struct {
	id          int64
	login, name string
	rights      []Right
	demo, totp  bool

	session  string    // its number; "" through a token
	proved   time.Time // when the person last gave a password and a code
	token    bool
	only     []Can // through a token: nothing else
	onlyBook int64 // through a token: no other book
	renewed  string
}

// ID is the number of the account.
func (p *Principal) ID() int64 { return p.id }

// Login is the name that the account signs in with.
func (p *Principal) Login() string { return p.login }

// Name is the person's name; the login where there is none.
func (p *Principal) Name() string { return p.name }

// Actor is how entries name the account.
func (p *Principal) Actor() ledger.Actor { return ledger.AccountActor(p.id) }

// Rights are those that hold today; through a token those in its book, of which Abilities says how much it may use.
func (p *Principal) Rights() []Right {
	return slices.DeleteFunc(slices.Clone(p.rights), func(r Right) bool { return p.token && r.bookID != p.onlyBook })
}

// Abilities are what a token may do where its owner may; none for a person at a session.
func (p *Principal) Abilities() []Can { return slices.Clone(p.only) }

// Demo tells whether it is a demo account, which has no password and sees demo books only.
func (p *Principal) Demo() bool { return p.demo }

// HasTOTP tells whether a second factor is set up.
func (p *Principal) HasTOTP() bool { return p.totp }

// SessionID names the session in lists; "" through a token.
func (p *Principal) SessionID() string { return p.session }

// IsToken tells whether it is a program with a token.
func (p *Principal) IsToken() bool { return p.token }

// Renewed is the session's new secret after ChangePassword and ConfirmTOTP, to be sent as the cookie; the old one opens
// nothing any more. "" when it did not change.
func (p *Principal) Renewed() string { return p.renewed }

// Must is what has to be done first. Until then nothing is allowed.
func (p *Principal) Must() Must {
	if !p.demo && !p.totp && slices.ContainsFunc(p.rights, func(r Right) bool { return r.Role.NeedsTOTP() }) {
		return MustTOTP
	}
	return MustNothing
}

// Can tells whether something is allowed anywhere.
func (p *Principal) Can(c Can) bool {
	return p.Must() == MustNothing && slices.ContainsFunc(p.rights, func(r Right) bool { return p.allows(r, c) })
}

// allows tells whether a right of the account allows something, and the token, if it is one, too. A token never
// administers.
func (p *Principal) allows(r Right, c Can) bool {
	if p.token && (r.bookID != p.onlyBook || c == Administer || !slices.Contains(p.only, c)) {
		return false
	}
	return r.Role.Can(c)
}

// Books are the codes of the books that may be read, sorted.
func (p *Principal) Books() []string {
	var codes []string
	for _, r := range p.rights {
		if p.Must() == MustNothing && p.allows(r, ReadBook) {
			codes = append(codes, r.Book)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// Scope is the part of a book in which something is allowed. not_found book.unknown without any right there, as if there
// were no such book; denied right.missing with another right, account.must_totp before the second factor is set up.
func (p *Principal) Scope(_ context.Context, book *ledger.Book, c Can) (ledger.Scope, error) {
	number, err := ledger.WholeBook(book).BookID()
	if err != nil {
		return ledger.Scope{}, err
	}
	var here, fit []Right
	for _, r := range p.rights {
		if r.bookID == number && (!p.token || p.onlyBook == number) {
			here = append(here, r)
			if p.allows(r, c) {
				fit = append(fit, r)
			}
		}
	}
	switch {
	case len(here) == 0:
		return ledger.Scope{}, ledger.E(ledger.NotFound, "book.unknown", book.Code).On("book")
	case p.Must() == MustTOTP:
		return ledger.Scope{}, ledger.E(ledger.Denied, "account.must_totp")
	case len(fit) == 0:
		return ledger.Scope{}, ledger.E(ledger.Denied, "right.missing")
	}
	return union(book, fit)
}

// union is the scope of several rights in a book: all their villages. Only an auditor's right has days, and an auditor has
// no other right in the book.
func union(book *ledger.Book, rights []Right) (ledger.Scope, error) {
	var villages []string
	for _, r := range rights {
		if len(r.Villages) == 0 {
			villages = nil
			break
		}
		villages = append(villages, r.Villages...)
	}
	scope := ledger.WholeBook(book)
	if villages != nil {
		slices.Sort(villages)
		var err error
		if scope, err = ledger.VillagesOf(book, slices.Compact(villages)); err != nil {
			return ledger.Scope{}, err
		}
	}
	if len(rights) == 1 && (rights[0].From != nil || rights[0].To != nil) {
		scope = scope.Between(rights[0].From, rights[0].To)
	}
	return scope, nil
}
