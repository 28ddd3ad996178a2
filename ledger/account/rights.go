package account

import (
	"context"
	"fmt"
	"slices"

	"mingzhang/ledger"
)

// villagesMax are the most villages of one right.
const villagesMax = 200

// NewRight is what a right is made from. Villages, From, To and Until may be left out.
type NewRight struct {
	Account  int64
	Role     Role
	Book     string // its code; "" for an administrator
	Villages []string
	From, To *ledger.Day // an auditor sees facts of these days only
	Until    *ledger.Day // the right's last day
}

// Grant gives an account a right. Nobody gives themselves one (denied right.own); an administrator has no other right
// (conflict right.administrator_alone), an auditor none of those who make or approve figures in the same book
// (right.auditor_alone); a right that is there is revoked before it is given otherwise (right.already).
func (s *Service) Grant(ctx context.Context, by ledger.Actor, n NewRight) error {
	state, demoBook, err := s.rightOf(ctx, n)
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, by, n.Account, nil, func(c *change) ([]ledger.Draft, error) {
		own, isAccount := by.Account()
		switch {
		case c.target == nil:
			return nil, ledger.E(ledger.NotFound, "account.unknown", numeral(n.Account)).On("account")
		case isAccount && own == n.Account:
			return nil, ledger.E(ledger.Denied, "right.own")
		case c.target.Disabled:
			return nil, ledger.E(ledger.Conflict, "account.disabled", c.target.Login)
		case c.target.Demo && !demoBook:
			return nil, ledger.E(ledger.Denied, "right.demo_account", c.target.Login)
		case n.Until != nil && n.Until.Before(c.today):
			return nil, ledger.E(ledger.Invalid, "right.until_past", n.Until.String()).On("until")
		}
		if err := besides(state, c.held(n.Account)); err != nil {
			return nil, err
		}
		return []ledger.Draft{{Kind: rightGranted, State: state}}, nil
	})
	return err
}

// rightOf brings a right to its form and refuses what no right can be.
func (s *Service) rightOf(ctx context.Context, n NewRight) (state *rightState, demoBook bool, err error) {
	if _, err := ParseRole(string(n.Role)); err != nil {
		return nil, false, err
	}
	state = &rightState{Account: n.Account, Role: n.Role, From: n.From, To: n.To, Until: n.Until}
	switch {
	case n.Role == Administrator && (n.Book != "" || len(n.Villages) > 0):
		return nil, false, ledger.E(ledger.Invalid, "right.administrator_no_book").On("book")
	case n.Role != Administrator && n.Book == "":
		return nil, false, ledger.E(ledger.Invalid, "right.book_missing").On("book")
	case n.Role != Auditor && (n.From != nil || n.To != nil):
		return nil, false, ledger.E(ledger.Invalid, "right.days_for_auditors").On("from")
	case n.From != nil && n.To != nil && n.To.Before(*n.From):
		return nil, false, ledger.E(ledger.Invalid, "right.days_reversed", n.From.String(), n.To.String()).On("to")
	case len(n.Villages) > villagesMax:
		return nil, false, ledger.E(ledger.Invalid, "right.too_many_villages", len(n.Villages), villagesMax).On("villages")
	case n.Role == Administrator:
		return state, false, nil
	}
	book, err := s.store.Book(ctx, n.Book)
	if err != nil {
		return nil, false, err
	}
	whole := ledger.WholeBook(book)
	if state.BookID, err = whole.BookID(); err != nil {
		return nil, false, err
	}
	state.Book = book.Code
	for _, v := range n.Villages {
		state.Villages = append(state.Villages, ledger.Normal(v))
	}
	state.Villages = distinct(state.Villages)
	if len(state.Villages) > 0 {
		if _, err := ledger.VillagesOf(book, state.Villages); err != nil {
			return nil, false, err
		}
	}
	return state, book.Kind == ledger.DemoBook, nil
}

// distinct drops names that are compared alike, and keeps the order.
func distinct(villages []string) []string {
	var list []string
	for _, v := range villages {
		same := func(w string) bool { return ledger.VillageKey(w) == ledger.VillageKey(v) }
		if !slices.ContainsFunc(list, same) {
			list = append(list, v)
		}
	}
	return list
}

// besides refuses a right that may not stand beside others of the account.
func besides(state *rightState, held []*rightRow) error {
	for _, r := range held {
		role := Role(r.Role)
		if role == Administrator && state.Role == Administrator {
			return ledger.E(ledger.Conflict, "right.already")
		}
		if role == Administrator || state.Role == Administrator {
			return ledger.E(ledger.Conflict, "right.administrator_alone").On("role")
		}
		if r.OfBook == nil || *r.OfBook != state.BookID {
			continue
		}
		if role == state.Role {
			return ledger.E(ledger.Conflict, "right.already").On("role")
		}
		if role == Auditor || state.Role == Auditor {
			return ledger.E(ledger.Conflict, "right.auditor_alone").On("role")
		}
	}
	return nil
}

// Revoke takes a right away, at once. denied right.own, not_found right.unknown, conflict account.last_administrator.
func (s *Service) Revoke(ctx context.Context, by ledger.Actor, right int64, reason string) error {
	reason, err := needed(reason)
	if err != nil {
		return err
	}
	state, err := s.granted(ctx, right)
	if err != nil {
		return err
	}
	account := state.Account
	_, err = s.decide(ctx, by, account, nil, func(c *change) ([]ledger.Draft, error) {
		own, isAccount := by.Account()
		if isAccount && own == account {
			return nil, ledger.E(ledger.Denied, "right.own")
		}
		var row *rightRow
		for _, r := range c.Find(rightTable, "account", numeral(account)) {
			if r := r.(*rightRow); r.ID == right && !r.Revoked {
				row = r
			}
		}
		switch {
		case row == nil || c.target == nil:
			return nil, ledger.E(ledger.NotFound, "right.unknown", numeral(right))
		case Role(row.Role) == Administrator && row.Until == nil && !c.target.Disabled && c.admins == 0:
			return nil, ledger.E(ledger.Conflict, "account.last_administrator", c.target.Login)
		}
		return []ledger.Draft{{Kind: rightRevoked, Amends: row, Reason: reason, State: state}}, nil
	})
	return err
}

// granted reads what a right was when it was given; a right's number is that of the entry.
func (s *Service) granted(ctx context.Context, right int64) (*rightState, error) {
	var there bool
	err := s.db.NewRaw("SELECT EXISTS (SELECT FROM rights WHERE book_id = ? AND id = ?)", logID, right).Scan(ctx, &there)
	if err != nil {
		return nil, fmt.Errorf("account: looking for a right: %w", err)
	}
	bodies, err := ledger.Bodies(ctx, s.db, logID, []int64{right})
	if err != nil {
		return nil, err
	}
	if !there || bodies[right] == nil {
		return nil, ledger.E(ledger.NotFound, "right.unknown", numeral(right))
	}
	state := new(rightState)
	return state, ledger.StateOf(bodies[right], state)
}

// CheckRight refuses what no right can be, whoever would have it: before an account is made for it.
func (s *Service) CheckRight(ctx context.Context, n NewRight) error {
	_, _, err := s.rightOf(ctx, n)
	return err
}
