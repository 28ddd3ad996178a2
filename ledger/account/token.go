package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// A token is how a program asks. It begins with tokenPrefix, so that it is found where it should not be.
const (
	tokenPrefix   = "mz_"
	tokenDaysMost = 366
	tokenNameMost = 100
)

// NewToken is what a token is made from: a name by which it is known, a book, what it may do there, and its last day.
type NewToken struct {
	Name, Book string
	Cans       []Can
	Until      ledger.Day
}

// Token is a token as its owner sees it.
type Token struct {
	ID, Name, Book string
	Cans           []Can
	Until          ledger.Day
	MadeAt         time.Time
	UsedAt         *time.Time
}

// IssueToken makes a token for a book. It can at most what its owner can, at each moment; it never administers and issues
// no tokens. The plain text is shown this once. denied session.of_token, right.missing, token.administers; not_found
// book.unknown; invalid token.name_missing, token.no_abilities, token.until_form; conflict token.exists, token.too_many.
func (s *Service) IssueToken(ctx context.Context, p *Principal, n NewToken) (plain string, err error) {
	if p.token {
		return "", ledger.E(ledger.Denied, "session.of_token")
	}
	name := ledger.Normal(n.Name)
	switch today := s.today(); {
	case name == "" || ledger.Clean(name) != nil || utf8.RuneCountInString(name) > tokenNameMost:
		return "", ledger.E(ledger.Invalid, "token.name_missing", tokenNameMost).On("name")
	case len(n.Cans) == 0:
		return "", ledger.E(ledger.Invalid, "token.no_abilities").On("cans")
	case n.Until.Before(today) || n.Until.After(today.AddDays(tokenDaysMost)):
		return "", ledger.E(ledger.Invalid, "token.until_form", today.String(), today.AddDays(tokenDaysMost).String()).On("until")
	}
	book, err := s.store.Book(ctx, n.Book)
	if err != nil {
		return "", err
	}
	number, err := ledger.WholeBook(book).BookID()
	if err != nil {
		return "", err
	}
	cans, err := s.tokenCans(ctx, p, book, n.Cans)
	if err != nil {
		return "", err
	}
	plain, hash, err := s.newSecret(tokenPrefix)
	if err != nil {
		return "", err
	}
	id, err := s.newID()
	if err != nil {
		return "", err
	}
	err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.roomForToken(ctx, tx, p.id, name); err != nil {
			return err
		}
		_, err := tx.NewRaw("INSERT INTO work_tokens (token_sha256, id, account, name, of_book, cans, until, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			hash, id, p.id, name, number, cans, n.Until, s.instant()).Exec(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("account: issuing a token: %w", err)
	}
	return plain, s.tell(ctx, p.Actor(), Event{Name: "token_issued", Account: p.id, Book: book.Code, What: cans})
}

// tokensMost are the most tokens of an account that open something.
const tokensMost = 50

// roomForToken refuses a name that a token of the account has, so that a form that is sent twice makes one token, and a
// token too many. Of two that are made at once the second waits for the first.
func (s *Service) roomForToken(ctx context.Context, tx bun.Tx, account int64, name string) error {
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('work_tokens', ?))", account).Exec(ctx); err != nil {
		return err
	}
	var names []string
	err := tx.NewRaw("SELECT name FROM work_tokens WHERE account = ? AND ended_at IS NULL AND until >= ?", account, s.today()).Scan(ctx, &names)
	switch {
	case err != nil:
		return err
	case slices.Contains(names, name):
		return ledger.E(ledger.Conflict, "token.exists", name).On("name")
	case len(names) >= tokensMost:
		return ledger.E(ledger.Conflict, "token.too_many", tokensMost)
	}
	return nil
}

// tokenCans checks what a token is to do, and writes it as it is stored.
func (s *Service) tokenCans(ctx context.Context, p *Principal, book *ledger.Book, asked []Can) (string, error) {
	var cans []string
	for _, c := range AllCans() {
		if !slices.Contains(asked, c) {
			continue
		}
		if c == Administer {
			return "", ledger.E(ledger.Denied, "token.administers").On("cans")
		}
		if _, err := p.Scope(ctx, book, c); err != nil {
			return "", err
		}
		cans = append(cans, string(c))
	}
	for _, c := range asked {
		if !slices.Contains(AllCans(), c) {
			return "", ledger.E(ledger.Invalid, "token.unknown_ability", clip(string(c))).On("cans")
		}
	}
	return strings.Join(cans, " "), nil
}

var personByToken = ledger.NewPrepared("person_by_token", "SELECT w.of_book, w.cans, w.until, w.used_at, w.ended_at, "+personColumns+
	" FROM work_tokens AS w "+personTables+" WHERE w.token_sha256 = $1")

// ByToken finds whose a token is: unauthenticated token.unknown, token.ended.
func (s *Service) ByToken(ctx context.Context, bearer string) (*Principal, error) {
	var row struct {
		personRow
		OfBook  int64      `bun:"of_book"`
		Cans    string     `bun:"cans"`
		Until   ledger.Day `bun:"until"`
		UsedAt  *time.Time `bun:"used_at"`
		EndedAt *time.Time `bun:"ended_at"`
	}
	if !strings.HasPrefix(bearer, tokenPrefix) {
		return nil, ledger.E(ledger.Unauthenticated, "token.unknown")
	}
	hash := hashOf(bearer)
	err := personByToken.Scan(ctx, s.db, &row, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ledger.E(ledger.Unauthenticated, "token.unknown")
	}
	if err != nil {
		return nil, fmt.Errorf("account: reading a token: %w", err)
	}
	if row.EndedAt != nil || row.Disabled || row.Until.Before(s.today()) {
		return nil, ledger.E(ledger.Unauthenticated, "token.ended")
	}
	if now := s.instant(); row.UsedAt == nil || now.Sub(*row.UsedAt) >= time.Minute {
		if _, err := s.db.NewRaw("UPDATE work_tokens SET used_at = ? WHERE token_sha256 = ?", now, hash).Exec(ctx); err != nil {
			return nil, fmt.Errorf("account: noting a token: %w", err)
		}
	}
	p, err := row.principal(s.today())
	if err != nil {
		return nil, err
	}
	p.token, p.onlyBook = true, row.OfBook
	for _, c := range strings.Fields(row.Cans) {
		p.only = append(p.only, Can(c))
	}
	return p, nil
}

// Tokens lists the tokens of an account that still open something, the newest first.
func (s *Service) Tokens(ctx context.Context, account int64) ([]Token, error) {
	var rows []struct {
		ID, Name, Book, Cans string
		Until                ledger.Day
		MadeAt               time.Time
		UsedAt               *time.Time
	}
	err := s.db.NewRaw("SELECT t.id, t.name, b.code AS book, t.cans, t.until, t.made_at, t.used_at FROM work_tokens AS t "+
		"JOIN books AS b ON b.id = t.of_book WHERE t.account = ? AND t.ended_at IS NULL AND t.until >= ? ORDER BY t.made_at DESC, t.id",
		account, s.today()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("account: listing tokens: %w", err)
	}
	list := make([]Token, len(rows))
	for i, r := range rows {
		list[i] = Token{ID: r.ID, Name: r.Name, Book: r.Book, Until: r.Until, MadeAt: r.MadeAt.UTC(), UsedAt: r.UsedAt}
		for _, c := range strings.Fields(r.Cans) {
			list[i].Cans = append(list[i].Cans, Can(c))
		}
	}
	return list, nil
}

// EndToken ends a token of one's own, or, by an administrator, of anyone's: not_found token.unknown.
func (s *Service) EndToken(ctx context.Context, p *Principal, token string) error {
	if p.token {
		return ledger.E(ledger.Denied, "session.of_token")
	}
	account := p.id
	if p.Can(Administer) {
		account = 0
	}
	if !idForm.MatchString(token) {
		return ledger.E(ledger.NotFound, "token.unknown")
	}
	var owners []int64
	err := s.db.NewRaw("UPDATE work_tokens SET ended_at = ?0 WHERE id = ?1 AND (?2 = 0 OR account = ?2) AND ended_at IS NULL RETURNING account",
		s.instant(), token, account).Scan(ctx, &owners)
	if err != nil {
		return fmt.Errorf("account: ending a token: %w", err)
	}
	if len(owners) == 0 {
		return ledger.E(ledger.NotFound, "token.unknown")
	}
	return s.tell(ctx, p.Actor(), Event{Name: "token_ended", Account: owners[0]})
}
