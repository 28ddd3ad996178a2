package account

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mingzhang/ledger"
)

// Event is something that the installation's log remembers. Account 0 is nobody known; then Login is what was typed.
type Event struct {
	Name    string // signed_in, sign_in_refused, denied, exported …
	Account int64
	Login   string
	Address string
	Book    string
	What    string
}

// Repeats of an event within repeatWindow are one entry; whatLength and loginLength bound what is kept, in characters.
const (
	repeatWindow = time.Minute
	whatLength   = 300
	loginLength  = 60
	sweepAtOnce  = 1_000
)

var eventName = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)

// tidy brings what strangers send to what an entry can hold.
func tidy(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "?")))
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return s
}

func (e Event) tidied() (Event, error) {
	if !eventName.MatchString(e.Name) {
		return e, fmt.Errorf("account: no event is called %q", e.Name)
	}
	e.Login, e.Address = tidy(e.Login, loginLength), tidy(e.Address, addressLength)
	e.Book, e.What = tidy(e.Book, addressLength), tidy(e.What, whatLength)
	if e.Account != 0 {
		e.Login = ""
	}
	return e, nil
}

// key tells which events are the same. What strangers type as a login does not count, nor which address of their net they
// use: they could fill the log with it.
func (e Event) key() ([]byte, error) {
	e.Login, e.Address = "", netOf(e.Address)
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("account: naming an event: %w", err)
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

// Note writes an event into the installation's log: the first at once, repeats of it within a minute as one entry with
// their number, by the next one after that minute or by Sweep.
func (s *Service) Note(ctx context.Context, e Event) error {
	e, err := e.tidied()
	if err != nil {
		return err
	}
	key, err := e.key()
	if err != nil {
		return err
	}
	now := s.instant()
	var told int64
	err = s.db.NewRaw(`INSERT INTO work_events AS w (key, told_at, told, untold, name, account, login, address, book, what)
VALUES (?0, ?1, 1, 0, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (key) DO UPDATE SET told_at = CASE WHEN w.told_at > ?2 THEN w.told_at ELSE ?1 END,
	told = CASE WHEN w.told_at > ?2 THEN 0 ELSE w.untold + 1 END, untold = CASE WHEN w.told_at > ?2 THEN w.untold + 1 ELSE 0 END
RETURNING told`, key, now, now.Add(-repeatWindow), e.Name, e.Account, e.Login, e.Address, e.Book, e.What).Scan(ctx, &told)
	if err != nil {
		return fmt.Errorf("account: counting an event: %w", err)
	}
	if told == 0 {
		return nil
	}
	return s.write(ctx, e, told)
}

// write appends the entry of an event. Who did it is the account, or the program where nobody is known.
func (s *Service) write(ctx context.Context, e Event, count int64) error {
	actor, err := program()
	if err != nil {
		return err
	}
	if e.Account != 0 {
		actor = ledger.AccountActor(e.Account)
	}
	return s.append(ctx, actor, e, count)
}

// tell writes an event that somebody else than its account did.
func (s *Service) tell(ctx context.Context, by ledger.Actor, e Event) error {
	e, err := e.tidied()
	if err != nil {
		return err
	}
	return s.append(ctx, by, e, 1)
}

func (s *Service) append(ctx context.Context, by ledger.Actor, e Event, count int64) error {
	_, err := s.do(ctx, ledger.Command{Actor: by, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		return []ledger.Draft{{Kind: eventPrefix + e.Name, State: &eventState{
			Account: e.Account, Address: ledger.Seal(e.Address), Book: e.Book, Count: count, Login: ledger.Seal(e.Login), What: ledger.Seal(e.What),
		}}}, nil
	}})
	return err
}

// Sweep writes what is left of counted events, and forgets failures, sessions and tokens that are long over. serve calls it
// every minute.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.instant()
	var due []struct {
		Event
		Untold int64
	}
	err := s.db.NewRaw("WITH old AS (SELECT key FROM work_events WHERE told_at <= ? ORDER BY told_at LIMIT ? FOR UPDATE SKIP LOCKED) "+
		"DELETE FROM work_events AS w USING old WHERE w.key = old.key RETURNING w.name, w.account, w.login, w.address, w.book, w.what, w.untold",
		now.Add(-repeatWindow), sweepAtOnce).Scan(ctx, &due)
	if err != nil {
		return fmt.Errorf("account: sweeping events: %w", err)
	}
	for _, d := range due {
		if d.Untold > 0 {
			if err := s.write(ctx, d.Event, d.Untold); err != nil {
				return err
			}
		}
	}
	return s.sweepWork(ctx, now)
}

// keepEnded is how long an ended session is remembered, so that its cookie is told that it has ended.
const keepEnded = 30 * 24 * time.Hour

func (s *Service) sweepWork(ctx context.Context, now time.Time) error {
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"DELETE FROM work_sessions WHERE seen_at < ?", []any{now.Add(-keepEnded)}},
		{"DELETE FROM work_devices WHERE seen_at < ?", []any{now.Add(-deviceLife)}},
		{"DELETE FROM work_tokens WHERE until < ?", []any{s.today().AddDays(-366)}},
		{"UPDATE work_credentials SET code_sha256 = NULL, code_until = NULL WHERE code_until < ?", []any{now}},
		{"DELETE FROM work_attempts WHERE last_at < ?", []any{now.Add(-forgetAfter)}},
		{"DELETE FROM work_attempts WHERE subject IN (SELECT subject FROM work_attempts ORDER BY failures DESC, last_at DESC OFFSET ?)", []any{attemptsMost}},
	} {
		if _, err := s.db.NewRaw(q.query, q.args...).Exec(ctx); err != nil {
			return fmt.Errorf("account: sweeping: %w", err)
		}
	}
	return nil
}
