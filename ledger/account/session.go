package account

import (
	"context"
	"fmt"
	"time"

	"mingzhang/ledger"
)

// From is where a request came from, as far as the program knows. Device is the secret that the browser got at an
// earlier sign-in (Opened.Device); "" for none.
type From struct{ Address, Agent, Device string }

// The longest of what is kept of a request, in characters.
const (
	addressLength = 60
	agentLength   = 200
)

// Opened is a session that begins: the secret for the cookie, which is stored nowhere, and who it is.
type Opened struct {
	Token     string
	Device    string // by which the browser is known again; "" when it is known already
	Principal *Principal
}

// open begins a session of a demo account, which has no credentials.
func (s *Service) open(ctx context.Context, account int64, from From) (Opened, error) {
	return s.openWhere(ctx, "FROM accounts AS c WHERE c.book_id = 0 AND c.id = ? AND c.seq_to IS NULL AND c.demo AND NOT c.disabled", []any{account}, account, from)
}

// openFor begins a session for whoever proved what k says. Hashing takes a while: what was proved must still be what counts, or a
// sign-in that began before a reset, another password or a second factor would outlive it. unauthenticated sign_in.refused.
func (s *Service) openFor(ctx context.Context, k keyring, from From) (Opened, error) {
	return s.openWhere(ctx, "FROM work_credentials AS c WHERE c.account = ? AND c.password_hash = ? AND c.totp_secret IS NOT DISTINCT FROM ?::bytea "+
		"AND EXISTS (SELECT FROM accounts AS a WHERE a.book_id = 0 AND a.id = c.account AND a.seq_to IS NULL AND NOT a.disabled) FOR SHARE OF c",
		[]any{k.Account, k.PasswordHash, k.TOTPSecret}, k.Account, from)
}

func (s *Service) openWhere(ctx context.Context, where string, args []any, account int64, from From) (Opened, error) {
	token, hash, err := s.newSecret("")
	if err != nil {
		return Opened{}, err
	}
	id, err := s.newID()
	if err != nil {
		return Opened{}, err
	}
	now := s.instant()
	values := []any{hash, id, account, now, now, now, tidy(from.Address, addressLength), tidy(from.Agent, agentLength)}
	result, err := s.db.NewRaw("INSERT INTO work_sessions (token_sha256, id, account, opened_at, proved_at, seen_at, address, agent) "+
		"SELECT ?, ?, ?, ?::timestamptz, ?::timestamptz, ?::timestamptz, ?, ? "+where, append(values, args...)...).Exec(ctx)
	if err != nil {
		return Opened{}, fmt.Errorf("account: opening a session: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return Opened{}, ledger.E(ledger.Unauthenticated, "sign_in.refused").Because(err)
	}
	p, err := s.BySession(ctx, token)
	return Opened{Token: token, Principal: p}, err
}

// renew gives a session a new secret after its person proved or changed something, and ends the account's other
// sessions.
func (s *Service) renew(ctx context.Context, p *Principal) error {
	token, hash, err := s.newSecret("")
	if err != nil {
		return err
	}
	now := s.instant()
	_, err = s.db.NewRaw("UPDATE work_sessions SET token_sha256 = ?, proved_at = ?, seen_at = ? WHERE id = ? AND account = ? AND ended_at IS NULL",
		hash, now, now, p.session, p.id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: renewing a session: %w", err)
	}
	p.renewed, p.proved = token, now
	_, err = s.db.NewRaw("UPDATE work_sessions SET ended_at = ? WHERE account = ? AND id <> ? AND ended_at IS NULL", now, p.id, p.session).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: ending other sessions: %w", err)
	}
	return nil
}

// Session is a session as its person or an administrator sees it.
type Session struct {
	ID             string
	Account        int64
	OpenedAt       time.Time
	SeenAt         time.Time
	EndsAt         time.Time // by itself, if nobody asks again
	Address, Agent string
}

// Sessions lists the sessions of an account that are open, the newest first.
func (s *Service) Sessions(ctx context.Context, account int64) ([]Session, error) {
	var rows []Session
	now := s.instant()
	err := s.db.NewRaw("SELECT id, account, opened_at, seen_at, address, agent FROM work_sessions WHERE account = ? AND ended_at IS NULL "+
		"AND seen_at > ? AND opened_at > ? ORDER BY opened_at DESC, id", account, now.Add(-s.o.Idle), now.Add(-s.o.Absolute)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("account: listing sessions: %w", err)
	}
	for i, r := range rows {
		rows[i].OpenedAt, rows[i].SeenAt, rows[i].EndsAt = r.OpenedAt.UTC(), r.SeenAt.UTC(), s.endOf(r.OpenedAt, r.SeenAt).UTC()
	}
	return rows, nil
}

// SignOut ends the session that asks. denied session.of_token through a token.
func (s *Service) SignOut(ctx context.Context, p *Principal) error {
	if p.token {
		return ledger.E(ledger.Denied, "session.of_token")
	}
	if _, err := s.endOne(ctx, p.session, p.id); err != nil {
		return err
	}
	return s.Note(ctx, Event{Name: "signed_out", Account: p.id})
}

// EndSession ends a session of one's own, or, by an administrator, of anyone's: not_found session.unknown.
func (s *Service) EndSession(ctx context.Context, by *Principal, session string) error {
	if by.token {
		return ledger.E(ledger.Denied, "session.of_token")
	}
	account := by.id
	if by.Can(Administer) {
		account = 0
	}
	owner, err := s.endOne(ctx, session, account)
	if err != nil {
		return err
	}
	return s.tell(ctx, by.Actor(), Event{Name: "session_ended", Account: owner})
}

// endOne ends an open session; account 0 stands for any. It tells whose it was.
func (s *Service) endOne(ctx context.Context, session string, account int64) (owner int64, err error) {
	if !idForm.MatchString(session) {
		return 0, ledger.E(ledger.NotFound, "session.unknown")
	}
	var owners []int64
	err = s.db.NewRaw("UPDATE work_sessions SET ended_at = ?0 WHERE id = ?1 AND (?2 = 0 OR account = ?2) AND ended_at IS NULL RETURNING account",
		s.instant(), session, account).Scan(ctx, &owners)
	if err != nil {
		return 0, fmt.Errorf("account: ending a session: %w", err)
	}
	if len(owners) == 0 {
		return 0, ledger.E(ledger.NotFound, "session.unknown")
	}
	return owners[0], nil
}

// EndSessions ends all sessions of an account, and its tokens: by an administrator or a user of the machine.
func (s *Service) EndSessions(ctx context.Context, by ledger.Actor, account int64) error {
	_, err := s.decide(ctx, by, account, nil, func(c *change) ([]ledger.Draft, error) {
		if c.target == nil {
			return nil, ledger.E(ledger.NotFound, "account.unknown", numeral(account))
		}
		return []ledger.Draft{{Kind: eventPrefix + "session_ended", State: &eventState{Account: account, Count: 1}}}, nil
	})
	if err != nil {
		return err
	}
	return s.endAll(ctx, account, "")
}

// endAll ends the sessions of an account but one, and its tokens.
func (s *Service) endAll(ctx context.Context, account int64, but string) error {
	for _, table := range []string{"work_sessions", "work_tokens"} {
		_, err := s.db.NewRaw("UPDATE "+table+" SET ended_at = ? WHERE account = ? AND id <> ? AND ended_at IS NULL", s.instant(), account, but).Exec(ctx)
		if err != nil {
			return fmt.Errorf("account: ending sessions: %w", err)
		}
	}
	return nil
}
