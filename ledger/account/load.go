package account

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// personColumns read an account as it stands, its name, whether it has a second factor, and its rights: a request costs one
// query, and a changed right acts at the next one. The account is a, the credentials are c. Rights in a book that was
// dropped are none.
const personColumns = `a.id AS account, a.login, a.disabled, a.demo, coalesce(n.value, '` + ledger.ErasedText + `') AS name, c.totp_secret IS NOT NULL AS totp,
coalesce(c.password_hash, '') <> '' AS has_password, c.code_until,
(SELECT coalesce(json_agg(json_build_object('id', r.id, 'role', r.role, 'book', coalesce(b.code, ''), 'book_id', coalesce(b.id, 0),
	'demo', coalesce(b.kind = 'demo', false), 'villages', r.villages, 'from', r.facts_from, 'to', r.facts_to, 'until', r.until) ORDER BY r.id), '[]')
	FROM (SELECT * FROM rights WHERE book_id = 0 AND account = a.id AND seq_to IS NULL AND NOT revoked OFFSET 0) AS r
	LEFT JOIN LATERAL (SELECT * FROM books WHERE id = r.of_book OFFSET 0) AS b ON true WHERE r.of_book IS NULL OR b.id IS NOT NULL) AS rights`

// personTables are where they stand, one index step each: see ledger/lookup.go for LATERAL with OFFSET 0.
const personTables = `CROSS JOIN LATERAL (SELECT * FROM accounts WHERE book_id = 0 AND id = w.account AND seq_to IS NULL OFFSET 0) AS a
LEFT JOIN LATERAL (SELECT field, value FROM sealed WHERE book_id = 0 AND seq = a.seq_from OFFSET 0) AS n ON n.field = 'name'
LEFT JOIN LATERAL (SELECT * FROM work_credentials WHERE account = a.id OFFSET 0) AS c ON true`

type personRow struct {
	Account     int64           `bun:"account"`
	Login       string          `bun:"login"`
	Disabled    bool            `bun:"disabled"`
	Demo        bool            `bun:"demo"`
	Name        string          `bun:"name"`
	TOTP        bool            `bun:"totp"`
	HasPassword bool            `bun:"has_password"`
	CodeUntil   *time.Time      `bun:"code_until"`
	Rights      json.RawMessage `bun:"rights"`
}

// rightJSON is a right as personColumns gives it.
type rightJSON struct {
	ID       int64       `json:"id"`
	Role     Role        `json:"role"`
	Book     string      `json:"book"`
	BookID   int64       `json:"book_id"`
	Demo     bool        `json:"demo"`
	Villages string      `json:"villages"`
	From     *ledger.Day `json:"from"`
	To       *ledger.Day `json:"to"`
	Until    *ledger.Day `json:"until"`
}

// rights reads the account's rights that hold on a day. Those of a demo account hold in demo books only, whatever the
// table says.
func (r personRow) rights(today ledger.Day) ([]Right, error) {
	var stored []rightJSON
	if err := json.Unmarshal(r.Rights, &stored); err != nil {
		return nil, fmt.Errorf("account: reading rights: %w", err)
	}
	var list []Right
	for _, s := range stored {
		right := Right{
			ID: s.ID, Account: r.Account, Role: s.Role, Book: s.Book, From: s.From, To: s.To, Until: s.Until, Demo: s.Demo, bookID: s.BookID,
		}
		if err := json.Unmarshal([]byte(s.Villages), &right.Villages); err != nil {
			return nil, fmt.Errorf("account: reading the villages of a right: %w", err)
		}
		if right.live(today) && (!r.Demo || s.Demo) {
			list = append(list, right)
		}
	}
	return list, nil
}

func (r personRow) principal(today ledger.Day) (*Principal, error) {
	rights, err := r.rights(today)
	if err != nil {
		return nil, err
	}
	return &Principal{id: r.Account, login: r.Login, name: r.Name, rights: rights, demo: r.Demo, totp: r.TOTP}, nil
}

var personBySession = ledger.NewPrepared("person_by_session", "SELECT w.id, w.opened_at, w.proved_at, w.seen_at, w.ended_at, "+personColumns+
	" FROM work_sessions AS w "+personTables+" WHERE w.token_sha256 = $1")

// BySession finds who opened a session: unauthenticated session.unknown, session.ended.
func (s *Service) BySession(ctx context.Context, token string) (*Principal, error) {
	var row struct {
		personRow
		ID       string     `bun:"id"`
		OpenedAt time.Time  `bun:"opened_at"`
		ProvedAt time.Time  `bun:"proved_at"`
		SeenAt   time.Time  `bun:"seen_at"`
		EndedAt  *time.Time `bun:"ended_at"`
	}
	hash := hashOf(token)
	err := personBySession.Scan(ctx, s.db, &row, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ledger.E(ledger.Unauthenticated, "session.unknown")
	}
	if err != nil {
		return nil, fmt.Errorf("account: reading a session: %w", err)
	}
	now := s.instant()
	if row.EndedAt != nil || row.Disabled || !now.Before(s.endOf(row.OpenedAt, row.SeenAt)) {
		return nil, ledger.E(ledger.Unauthenticated, "session.ended")
	}
	if now.Sub(row.SeenAt) >= time.Minute { // once a minute is enough, and saves a write a request
		_, err := s.db.NewRaw("UPDATE work_sessions SET seen_at = ? WHERE token_sha256 = ? AND seen_at < ?", now, hash, now).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("account: noting a session: %w", err)
		}
	}
	p, err := row.principal(s.today())
	if err != nil {
		return nil, err
	}
	p.session, p.proved = row.ID, row.ProvedAt
	return p, nil
}

// endOf is when a session ends by itself.
func (s *Service) endOf(opened, seen time.Time) time.Time {
	if idle := seen.Add(s.o.Idle); idle.Before(opened.Add(s.o.Absolute)) {
		return idle
	}
	return opened.Add(s.o.Absolute)
}

// Account is an account as administrators see it.
type Account struct {
	ID          int64
	Login, Name string
	Disabled    bool
	Demo        bool
	HasPassword bool
	HasTOTP     bool
	CodeUntil   *time.Time // until when its one-time code works; nil: it has none
	Rights      []Right    // those that hold today
	SeenAt      *time.Time // when it was last at work, as far as sessions are kept
}

type accountInList struct {
	personRow
	SeenAt *time.Time `bun:"seen_at"`
}

// accounts reads accounts in the order of their logins.
func (s *Service) accounts(ctx context.Context, where string, args ...any) ([]Account, error) {
	var rows []accountInList
	err := s.db.NewRaw("SELECT (SELECT max(seen_at) FROM work_sessions AS s WHERE s.account = a.id) AS seen_at, "+personColumns+
		" FROM (SELECT id AS account FROM accounts WHERE book_id = 0 AND seq_to IS NULL AND "+where+") AS w "+personTables, args...).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("account: reading accounts: %w", err)
	}
	list := make([]Account, len(rows))
	for i, r := range rows {
		rights, err := r.rights(s.today())
		if err != nil {
			return nil, err
		}
		if r.CodeUntil != nil && !r.CodeUntil.After(s.instant()) {
			r.CodeUntil = nil
		}
		list[i] = Account{
			ID: r.Account, Login: r.Login, Name: r.Name, Disabled: r.Disabled, Demo: r.Demo, HasPassword: r.HasPassword,
			HasTOTP: r.TOTP, CodeUntil: r.CodeUntil, Rights: rights, SeenAt: r.SeenAt,
		}
	}
	slices.SortFunc(list, func(a, b Account) int { return cmp.Compare(a.Login, b.Login) })
	return list, nil
}

// Accounts lists all accounts in the order of their logins.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) { return s.accounts(ctx, "TRUE") }

// Account finds one by its number: not_found account.unknown.
func (s *Service) Account(ctx context.Context, id int64) (Account, error) {
	list, err := s.accounts(ctx, "id = ?", id)
	if err == nil && len(list) == 0 {
		err = ledger.E(ledger.NotFound, "account.unknown", numeral(id))
	}
	if err != nil {
		return Account{}, err
	}
	return list[0], nil
}

// ByLogin finds one by the name it signs in with: not_found account.unknown.
func (s *Service) ByLogin(ctx context.Context, login string) (Account, error) {
	list, err := s.accounts(ctx, "login = ?", loginKey(login))
	if err == nil && len(list) == 0 {
		err = ledger.E(ledger.NotFound, "account.unknown", clip(login)).On("login")
	}
	if err != nil {
		return Account{}, err
	}
	return list[0], nil
}

// Any tells whether there is an account of a person: the demo's do not count.
func (s *Service) Any(ctx context.Context) (bool, error) {
	var there bool
	err := s.db.NewRaw("SELECT EXISTS (SELECT FROM accounts WHERE book_id = 0 AND seq_to IS NULL AND NOT demo)").Scan(ctx, &there)
	if err != nil {
		return false, fmt.Errorf("account: looking for accounts: %w", err)
	}
	return there, nil
}

// Names are what people are called who did something: by the text of the actor. Users of the machine are called by their
// names there; whoever is unknown is left out.
func (s *Service) Names(ctx context.Context, actors []ledger.Actor) (map[string]string, error) {
	names := map[string]string{}
	var ids []int64
	for _, a := range actors {
		if id, ok := a.Account(); ok {
			ids = append(ids, id)
		} else if name, ok := localName(a); ok {
			names[a.String()] = name
		}
	}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		ID   int64
		Name string
	}
	err := s.db.NewRaw("SELECT a.id, coalesce(n.value, '"+ledger.ErasedText+"') AS name FROM accounts AS a "+
		"LEFT JOIN LATERAL (SELECT field, value FROM sealed WHERE book_id = 0 AND seq = a.seq_from OFFSET 0) AS n ON n.field = 'name' "+
		"WHERE a.book_id = 0 AND a.seq_to IS NULL AND a.id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("account: reading names: %w", err)
	}
	for _, r := range rows {
		names[ledger.AccountActor(r.ID).String()] = r.Name
	}
	return names, nil
}
