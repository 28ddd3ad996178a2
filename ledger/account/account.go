package account

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"mingzhang/ledger"
)

// codeLife is how long a one-time code works.
const codeLife = 24 * time.Hour

// loginForm is what an account may be called: Latin letters, digits and Chinese characters, so that no two look alike.
var loginForm = regexp.MustCompile(`^[a-z0-9\p{Han}][a-z0-9\p{Han}._-]{1,39}$`)

// loginKey is a login as it is compared: of one width, without blanks, in small letters. What no login can have becomes a
// question mark, which none has either: bun makes no query of a text with a NUL, and that would be a fault of ours.
func loginKey(s string) string {
	return strings.ToLower(ledger.Fold(tidy(s, longest)))
}

// longest is more than any login or password has, in characters.
const longest = 1_000

// clip shortens what goes into a sentence.
func clip(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func localName(a ledger.Actor) (string, bool) { return strings.CutPrefix(a.String(), "local:") }

// NewAccount is what an account is made from.
type NewAccount struct {
	Login string
	Name  string // the person's
}

// change is what a command on accounts and rights sees.
type change struct {
	*ledger.Present
	today  ledger.Day
	target *accountRow // nil: there is none of that number
	admins int         // accounts that administer without an end, but for the target
}

// decide runs a change of accounts or rights. by must be a user of the machine, or an account that administers now.
func (s *Service) decide(ctx context.Context, by ledger.Actor, target int64, logins []string, rule func(*change) ([]ledger.Draft, error)) (ledger.Receipt, error) {
	today, asked := s.today(), []string{numeral(target)}
	author, isAccount := by.Account()
	if isAccount {
		asked = append(asked, numeral(author))
	}
	return s.do(ctx, ledger.Command{
		Actor: by,
		Reads: []ledger.Read{
			{Table: accountTable, Index: "id", Keys: asked},
			{Table: accountTable, Index: "login", Keys: logins},
			{Table: accountTable, Index: "administrators", Keys: []string{everyone}},
			{Table: rightTable, Index: "account", Keys: asked},
		},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			if isAccount && !administers(p, author, today) {
				return nil, ledger.E(ledger.Denied, "right.missing")
			}
			c := &change{Present: p, today: today}
			for _, row := range p.Find(accountTable, "id", numeral(target)) {
				c.target = row.(*accountRow)
			}
			for _, row := range p.Find(accountTable, "administrators", everyone) {
				if row.(*accountRow).ID != target {
					c.admins++
				}
			}
			return rule(c)
		},
	})
}

// administers tells whether an account may change accounts and rights today.
func administers(p *ledger.Present, account int64, today ledger.Day) bool {
	for _, row := range p.Find(accountTable, "id", numeral(account)) {
		if a := row.(*accountRow); a.Disabled || a.Demo {
			return false
		}
	}
	for _, row := range p.Find(rightTable, "account", numeral(account)) {
		if r := row.(*rightRow); holds(r, today) && Role(r.Role) == Administrator {
			return true
		}
	}
	return false
}

// holds tells whether a right is in force on a day.
func holds(r *rightRow, today ledger.Day) bool {
	return !r.Revoked && (r.Until == nil || !r.Until.Before(today))
}

// held are the rights of an account that hold today.
func (c *change) held(account int64) []*rightRow {
	var list []*rightRow
	for _, row := range c.Find(rightTable, "account", numeral(account)) {
		if r := row.(*rightRow); holds(r, c.today) {
			list = append(list, r)
		}
	}
	return list
}

// Add makes an account and a one-time code with which its person chooses a password. invalid account.login_form,
// account.name_missing, conflict account.exists.
func (s *Service) Add(ctx context.Context, by ledger.Actor, n NewAccount) (id int64, code string, err error) {
	if id, err = s.add(ctx, by, n, false); err != nil {
		return 0, "", err
	}
	code, err = s.giveCode(ctx, id)
	return id, code, err
}

func (s *Service) add(ctx context.Context, by ledger.Actor, n NewAccount, demo bool) (int64, error) {
	login, name := loginKey(n.Login), ledger.PersonName(n.Name)
	if !loginForm.MatchString(login) {
		return 0, ledger.E(ledger.Invalid, "account.login_form", clip(n.Login)).On("login")
	}
	if name == "" {
		return 0, ledger.E(ledger.Invalid, "account.name_missing").On("name")
	}
	if n := utf8.RuneCountInString(name); n > nameMax {
		return 0, ledger.E(ledger.Invalid, "text.too_long", n, nameMax).On("name")
	}
	receipt, err := s.decide(ctx, by, 0, []string{login}, func(c *change) ([]ledger.Draft, error) {
		if len(c.Find(accountTable, "login", login)) > 0 {
			return nil, ledger.E(ledger.Conflict, "account.exists", login).On("login")
		}
		return []ledger.Draft{{Kind: accountAdded, State: &accountState{Login: login, Name: ledger.Seal(name), Demo: demo}}}, nil
	})
	return receipt.First, err
}

// nameMax is the longest name, in characters.
const nameMax = 100

// giveCode makes an account's one-time code, in place of any earlier one.
func (s *Service) giveCode(ctx context.Context, account int64) (string, error) {
	code, err := s.newCode()
	if err != nil {
		return "", err
	}
	_, err = s.db.NewRaw("INSERT INTO work_credentials (account, password_hash, code_sha256, code_until, totp_step) VALUES (?, '', ?, ?, 0) "+
		"ON CONFLICT (account) DO UPDATE SET code_sha256 = excluded.code_sha256, code_until = excluded.code_until",
		account, hashOf(codeKey(code)), s.instant().Add(codeLife)).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("account: giving a code: %w", err)
	}
	return code, nil
}

// Reset takes an account's password and second factor away, ends its sessions and tokens, and gives a new one-time code:
// for whoever forgot the one or lost the other. Waits after failures end too.
func (s *Service) Reset(ctx context.Context, by ledger.Actor, account int64) (code string, err error) {
	var login string
	if _, err = s.decide(ctx, by, account, nil, func(c *change) ([]ledger.Draft, error) {
		if err := c.usable(by, account); err != nil {
			return nil, err
		}
		login = c.target.Login
		return []ledger.Draft{{Kind: eventPrefix + "code_issued", State: &eventState{Account: account, Count: 1}}}, nil
	}); err != nil {
		return "", err
	}
	for _, clear := range []string{
		"UPDATE work_credentials SET password_hash = '', totp_secret = NULL, totp_pending = NULL WHERE account = ?",
		"DELETE FROM work_recovery WHERE account = ?",
		"DELETE FROM work_devices WHERE account = ?",
	} {
		if _, err := s.db.NewRaw(clear, account).Exec(ctx); err != nil {
			return "", fmt.Errorf("account: resetting: %w", err)
		}
	}
	if err := s.endAll(ctx, account, ""); err != nil {
		return "", err
	}
	if err := s.forgive(ctx, subjectOf(login)); err != nil {
		return "", err
	}
	return s.giveCode(ctx, account)
}

// usable refuses an account that is not there, is the actor's own, is disabled, or is a demo account.
func (c *change) usable(by ledger.Actor, account int64) error {
	own, isAccount := by.Account()
	switch {
	case c.target == nil:
		return ledger.E(ledger.NotFound, "account.unknown", numeral(account))
	case isAccount && own == account:
		return ledger.E(ledger.Denied, "account.own")
	case c.target.Demo:
		return ledger.E(ledger.Denied, "account.demo", c.target.Login)
	case c.target.Disabled:
		return ledger.E(ledger.Conflict, "account.disabled", c.target.Login)
	}
	return nil
}

// Disable closes an account: its sessions and tokens end, and it cannot sign in. denied account.own, conflict
// account.last_administrator.
func (s *Service) Disable(ctx context.Context, by ledger.Actor, account int64, reason string) error {
	return s.close(ctx, by, account, reason, true)
}

// Enable opens a closed account again. Its password and rights are what they were.
func (s *Service) Enable(ctx context.Context, by ledger.Actor, account int64, reason string) error {
	return s.close(ctx, by, account, reason, false)
}

func (s *Service) close(ctx context.Context, by ledger.Actor, account int64, reason string, closed bool) error {
	reason, err := needed(reason)
	if err != nil {
		return err
	}
	known, err := s.Account(ctx, account)
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, by, account, nil, func(c *change) ([]ledger.Draft, error) {
		own, isAccount := by.Account()
		switch {
		case c.target == nil:
			return nil, ledger.E(ledger.NotFound, "account.unknown", numeral(account))
		case isAccount && own == account:
			return nil, ledger.E(ledger.Denied, "account.own")
		case c.target.Disabled == closed:
			return nil, ledger.E(ledger.Conflict, "account.already", c.target.Login)
		case closed && c.admins == 0 && c.administersForGood(account):
			return nil, ledger.E(ledger.Conflict, "account.last_administrator", c.target.Login)
		}
		kind := accountEnabled
		if closed {
			kind = accountDisabled
		}
		state := &accountState{Demo: c.target.Demo, Disabled: closed, Login: c.target.Login, Name: ledger.Seal(known.Name)}
		return []ledger.Draft{{Kind: kind, Amends: c.target, Reason: reason, State: state}}, nil
	})
	if err != nil || !closed {
		return err
	}
	return s.endAll(ctx, account, "")
}

// administersForGood tells whether the account administers without an end.
func (c *change) administersForGood(account int64) bool {
	for _, r := range c.held(account) {
		if Role(r.Role) == Administrator && r.Until == nil {
			return true
		}
	}
	return false
}

// needed is a reason that must be given.
func needed(reason string) (string, error) {
	if reason = ledger.Normal(reason); reason == "" {
		return "", ledger.E(ledger.Invalid, "account.reason_missing").On("reason")
	}
	return reason, nil
}
