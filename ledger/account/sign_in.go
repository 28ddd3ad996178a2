package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"mingzhang/ledger"
)

// Credentials are what a person signs in with. Code is that of the authenticator app, or a recovery code; it is asked for
// (unauthenticated totp.missing) when the account has a second factor.
type Credentials struct{ Login, Password, Code string }

// keyring is what the program knows of a login. The zero value is that of a login that does not exist.
type keyring struct {
	Account      int64
	Login        string
	Disabled     bool
	Demo         bool
	Name         string
	PasswordHash string     `bun:"password_hash"`
	CodeSHA256   []byte     `bun:"code_sha256"`
	CodeUntil    *time.Time `bun:"code_until"`
	TOTPSecret   []byte     `bun:"totp_secret"`
}

func (s *Service) keyring(ctx context.Context, login string) (keyring, error) {
	var found []keyring
	err := s.db.NewRaw("SELECT a.id AS account, a.login, a.disabled, a.demo, coalesce(n.value, '') AS name, coalesce(c.password_hash, '') AS password_hash, "+
		"c.code_sha256, c.code_until, c.totp_secret FROM accounts AS a LEFT JOIN work_credentials AS c ON c.account = a.id "+
		"LEFT JOIN LATERAL (SELECT field, value FROM sealed WHERE book_id = 0 AND seq = a.seq_from OFFSET 0) AS n ON n.field = 'name' "+
		"WHERE a.book_id = 0 AND a.login = ? AND a.seq_to IS NULL", loginKey(login)).Scan(ctx, &found)
	if err != nil {
		return keyring{}, fmt.Errorf("account: reading credentials: %w", err)
	}
	if len(found) == 0 || found[0].Disabled || found[0].Demo {
		return keyring{}, nil // none of them signs in; the answer is the same for all
	}
	return found[0], nil
}

// SignIn opens a session for whoever knows the password and, where there is one, has the second factor.
// unauthenticated sign_in.refused, totp.missing, totp.wrong, totp.used; busy sign_in.wait, sign_in.busy.
func (s *Service) SignIn(ctx context.Context, c Credentials, from From) (Opened, error) {
	k, err := s.keyring(ctx, c.Login)
	if err != nil {
		return Opened{}, err
	}
	var opened Opened
	known, err := s.guarded(ctx, c.Login, k, from, func(crowded bool) error {
		stored := k.PasswordHash
		if utf8.RuneCountInString(normalPassword(c.Password)) > passwordMost {
			stored = "" // no password is so long; it is never cut
		}
		good, stale, err := s.verify(ctx, stored, c.Password, crowded)
		if err != nil {
			return err
		}
		if !good {
			return ledger.E(ledger.Unauthenticated, "sign_in.refused")
		}
		if err := s.second(ctx, k, c.Code); err != nil {
			return err
		}
		if opened, err = s.openFor(ctx, k, from); err != nil || !stale {
			return err
		}
		return s.rehash(ctx, k, c.Password)
	})
	if err != nil {
		return Opened{}, err // a session that the log does not know of is given to nobody
	}
	opened.Device, err = s.remember(ctx, k.Account, from, known)
	return opened, err
}

// guarded runs what may be a guess: it is counted first, and forgiven when it was none. Refusals and successes go into the
// log. known tells whether somebody has signed in from the browser before.
func (s *Service) guarded(ctx context.Context, login string, k keyring, from From, try func(crowded bool) error) (known bool, err error) {
	from.Address = tidy(from.Address, addressLength)
	event := Event{Name: "sign_in_refused", Account: k.Account, Address: from.Address}
	if k.Account == 0 {
		event.Login = login
	}
	subject, known, err := s.bucket(ctx, login, k, from)
	if err != nil {
		return known, err
	}
	crowded, err := s.crowd(ctx, from.Address)
	if err != nil {
		return known, err
	}
	if err := s.try(ctx, subject); err != nil {
		if ledger.CodeOf(err) == ledger.Busy {
			event.What = "wait"
			return known, also(err, s.Note(ctx, event))
		}
		return known, err
	}
	err = try(crowded)
	switch {
	case err == nil:
		if err := s.forgive(ctx, subject); err != nil {
			return known, err
		}
		return known, s.Note(ctx, Event{Name: "signed_in", Account: k.Account, Address: from.Address})
	case isReason(err, "totp.missing"), ledger.CodeOf(err) != ledger.Unauthenticated:
		return known, also(err, s.takeBack(context.WithoutCancel(ctx), subject)) // no guess
	}
	event.What = reasonOf(err)
	return known, also(err, s.Note(ctx, event), s.blame(ctx, from.Address, crowded))
}

// also is a refusal as it is, or with what went wrong while it was noted.
func also(refusal error, more ...error) error {
	if wrong := errors.Join(more...); wrong != nil {
		return errors.Join(wrong, refusal)
	}
	return refusal
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.Reason
	}
	return ""
}

func isReason(err error, reason string) bool { return reasonOf(err) == reason }

// rehash stores a password under the parameters of today.
func (s *Service) rehash(ctx context.Context, k keyring, password string) error {
	hash, err := s.hash(ctx, normalPassword(password))
	if err != nil {
		return err
	}
	_, err = s.db.NewRaw("UPDATE work_credentials SET password_hash = ? WHERE account = ? AND password_hash = ?", hash, k.Account, k.PasswordHash).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: storing a hash: %w", err)
	}
	return nil
}

// Redeem turns a one-time code into a password and a session. The code works once, for a day. unauthenticated
// code.refused; invalid password.too_short … leaves the code as it is.
func (s *Service) Redeem(ctx context.Context, login, oneTimeCode, password string, from From) (Opened, error) {
	k, err := s.keyring(ctx, login)
	if err != nil {
		return Opened{}, err
	}
	var opened Opened
	known, err := s.guarded(ctx, login, k, from, func(bool) error {
		code := hashOf(codeKey(oneTimeCode))
		good := subtle.ConstantTimeCompare(code, k.CodeSHA256) == 1 // never for a login that does not exist
		if !good || k.CodeUntil == nil || !s.instant().Before(*k.CodeUntil) {
			return ledger.E(ledger.Unauthenticated, "code.refused").On("code")
		}
		password, err := newPassword(password, k.Login, k.Name)
		if err != nil {
			return err
		}
		hash, err := s.hash(ctx, password)
		if err != nil {
			return err
		}
		result, err := s.db.NewRaw("UPDATE work_credentials SET password_hash = ?, code_sha256 = NULL, code_until = NULL "+
			"WHERE account = ? AND code_sha256 = ?", hash, k.Account, code).Exec(ctx)
		if err != nil {
			return fmt.Errorf("account: storing a password: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 { // another was first
			return ledger.E(ledger.Unauthenticated, "code.refused").On("code").Because(err)
		}
		k.PasswordHash = hash
		opened, err = s.openFor(ctx, k, from)
		return err
	})
	if err != nil {
		return Opened{}, err // a session that the log does not know of is given to nobody
	}
	opened.Device, err = s.remember(ctx, k.Account, from, known)
	return opened, err
}

// ChangePassword sets another password. The session gets a new secret (Principal.Renewed), the account's other sessions
// end. unauthenticated password.wrong; denied session.of_token, account.demo.
func (s *Service) ChangePassword(ctx context.Context, p *Principal, old, password string) error {
	if err := s.ownSession(p); err != nil {
		return err
	}
	k, err := s.keyring(ctx, p.login)
	if err != nil {
		return err
	}
	subject := subjectOf(p.login)
	if err := s.try(ctx, subject); err != nil {
		return err
	}
	good, _, err := s.verify(ctx, k.PasswordHash, old, false)
	if err != nil {
		return also(err, s.takeBack(context.WithoutCancel(ctx), subject))
	}
	if !good {
		return also(ledger.E(ledger.Unauthenticated, "password.wrong").On("old"), s.Note(ctx, Event{Name: "password_refused", Account: p.id}))
	}
	if err := s.forgive(ctx, subject); err != nil {
		return err
	}
	if password, err = newPassword(password, p.login, p.name); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	result, err := s.db.NewRaw("UPDATE work_credentials SET password_hash = ? WHERE account = ? AND password_hash = ?", hash, p.id, k.PasswordHash).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: storing a password: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 { // it was reset, or changed elsewhere, while this one was hashed
		return ledger.E(ledger.Unauthenticated, "session.ended").Because(err)
	}
	if err := s.renew(ctx, p); err != nil {
		return err
	}
	return s.Note(ctx, Event{Name: "password_changed", Account: p.id})
}

// ownSession refuses what only a person at a session may do.
func (s *Service) ownSession(p *Principal) error {
	switch {
	case p.token:
		return ledger.E(ledger.Denied, "session.of_token")
	case p.demo:
		return ledger.E(ledger.Denied, "account.demo", p.login)
	}
	return nil
}
