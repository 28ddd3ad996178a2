package account

import (
	"context"
	"errors"
	"slices"

	"mingzhang/ledger"
)

// demoRole is an account of the demo book, for trying a role without a password.
type demoRole struct {
	login, name string
	role        Role
}

func demoRoles() []demoRole {
	return []demoRole{
		{"demo-clerk", "演示经办(虚构)", Clerk},
		{"demo-land", "演示核查(虚构)", LandOfficer},
		{"demo-reviewer", "演示复核(虚构)", Reviewer},
		{"demo-leader", "演示负责(虚构)", Leader},
		{"demo-auditor", "演示审计(虚构)", Auditor},
	}
}

// EnsureDemo makes the demo accounts and their rights in a demo book, where they are missing. They have no password, and
// never a right elsewhere. denied account.demo_book for another book.
func (s *Service) EnsureDemo(ctx context.Context, book *ledger.Book) error {
	if book.Kind != ledger.DemoBook {
		return ledger.E(ledger.Denied, "account.demo_book", book.Code)
	}
	by, err := program()
	if err != nil {
		return err
	}
	for _, d := range demoRoles() {
		_, err := s.add(ctx, by, NewAccount{Login: d.login, Name: d.name}, true)
		if err != nil && !errors.Is(err, ledger.E(ledger.Conflict, "account.exists", d.login)) {
			return err
		}
		a, err := s.ByLogin(ctx, d.login)
		if err != nil {
			return err
		}
		if !a.Demo {
			return ledger.E(ledger.Conflict, "account.exists", d.login).On("login")
		}
		if a.Disabled || slices.ContainsFunc(a.Rights, func(r Right) bool { return r.Role == d.role && r.Book == book.Code }) {
			continue // whoever closed it wants it closed
		}
		err = s.Grant(ctx, by, NewRight{Account: a.ID, Role: d.role, Book: book.Code})
		if err != nil && !errors.Is(err, ledger.E(ledger.Conflict, "right.already")) {
			return err // right.already: another process was first
		}
	}
	return nil
}

// DemoAccounts lists the demo accounts that can be tried.
func (s *Service) DemoAccounts(ctx context.Context) ([]Account, error) {
	return s.accounts(ctx, "demo AND NOT disabled")
}

// DemoSession opens a session for a demo account, without a password: only a program on a loopback address may offer
// that. denied account.not_demo for any other account, or one with a right in a book that is no demo book.
func (s *Service) DemoSession(ctx context.Context, login string, from From) (Opened, error) {
	a, err := s.ByLogin(ctx, login)
	if err != nil {
		return Opened{}, err
	}
	var elsewhere bool
	err = s.db.NewRaw("SELECT EXISTS (SELECT FROM rights AS r LEFT JOIN books AS b ON b.id = r.of_book WHERE r.book_id = 0 AND r.account = ? "+
		"AND r.seq_to IS NULL AND NOT r.revoked AND (r.of_book IS NULL OR b.kind <> 'demo'))", a.ID).Scan(ctx, &elsewhere)
	if err != nil {
		return Opened{}, err
	}
	if !a.Demo || a.Disabled || elsewhere {
		return Opened{}, ledger.E(ledger.Denied, "account.not_demo", a.Login)
	}
	opened, err := s.open(ctx, a.ID, from)
	if err != nil {
		return Opened{}, err
	}
	return opened, s.Note(ctx, Event{Name: "signed_in", Account: a.ID, Address: from.Address, What: "demo"})
}
