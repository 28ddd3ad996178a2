package account

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// logID is the number of the installation's own log, the book in which accounts and rights lie.
const logID = 0

// The kinds of entry of the installation's log. Of a shape that was written nothing changes; keys may be added.
const (
	accountAdded    = "account.added"
	accountDisabled = "account.disabled"
	accountEnabled  = "account.enabled"
	rightGranted    = "right.granted"
	rightRevoked    = "right.revoked"
	eventPrefix     = "event."
)

// accountState is what an entry says of an account. The login is the name of an account and stands in clear; the
// person's name is sealed.
type accountState struct {
	Demo     bool           `json:"demo,omitempty"`
	Disabled bool           `json:"disabled,omitempty"`
	Login    string         `json:"login"`
	Name     *ledger.Sealed `json:"name,omitempty"`
}

// Sealed is the name.
func (s *accountState) Sealed() []ledger.SealedField {
	return []ledger.SealedField{{Name: "name", Value: s.Name}}
}

// rightState is what an entry says of a right. A book is named by its code and its number: the code of a dropped book
// can come again, its number never does.
type rightState struct {
	Account  int64       `json:"account"`
	Book     string      `json:"book,omitempty"`
	BookID   int64       `json:"book_id,omitempty"`
	From     *ledger.Day `json:"from,omitempty"` // facts from this day on
	Role     Role        `json:"role"`
	To       *ledger.Day `json:"to,omitempty"`    // facts up to this day
	Until    *ledger.Day `json:"until,omitempty"` // last day of the right
	Villages []string    `json:"villages,omitempty"`
}

// Sealed is nothing.
func (*rightState) Sealed() []ledger.SealedField { return nil }

// eventState is what happened, and how often since it was last told. Addresses and what strangers typed are sealed.
type eventState struct {
	Account int64          `json:"account,omitempty"`
	Address *ledger.Sealed `json:"address,omitempty"`
	Book    string         `json:"book,omitempty"`
	Count   int64          `json:"count"`
	Login   *ledger.Sealed `json:"login,omitempty"`
	What    *ledger.Sealed `json:"what,omitempty"`
}

// Sealed is what may tell of persons.
func (s *eventState) Sealed() []ledger.SealedField {
	return []ledger.SealedField{{Name: "address", Value: s.Address}, {Name: "login", Value: s.Login}, {Name: "what", Value: s.What}}
}

type accountRow struct {
	bun.BaseModel `bun:"table:accounts"`
	ledger.Version
	Login    string `bun:"login"`
	Demo     bool   `bun:"demo"`
	Disabled bool   `bun:"disabled"`
}

type rightRow struct {
	bun.BaseModel `bun:"table:rights"`
	ledger.Version
	Account  int64       `bun:"account"`
	Role     string      `bun:"role"`
	OfBook   *int64      `bun:"of_book"`
	Villages string      `bun:"villages"`
	From     *ledger.Day `bun:"facts_from"`
	To       *ledger.Day `bun:"facts_to"`
	Until    *ledger.Day `bun:"until"`
	Revoked  bool        `bun:"revoked"`
}

// everyone is the one key of the index of administrators. Whatever changes accounts or rights reads it, so that two such
// changes are never decided on the same present.
const everyone = "all"

var (
	accountTable = ledger.NewTable[accountRow]("accounts",
		ledger.Index{Name: "id", Key: func(r ledger.Row) string { return numeral(r.(*accountRow).ID) }, Load: loadAccounts},
		ledger.Index{Name: "login", Key: func(r ledger.Row) string { return r.(*accountRow).Login }, Load: loadLogins},
		ledger.Index{Name: "administrators", Key: func(ledger.Row) string { return everyone }, Load: loadAdministrators})
	rightTable = ledger.NewTable[rightRow]("rights",
		ledger.Index{Name: "account", Key: func(r ledger.Row) string { return numeral(r.(*rightRow).Account) }, Load: loadRights})
)

// Kinds are the kinds of record that the installation's log holds; ledger.Open takes them.
func Kinds() []*ledger.Kind {
	return []*ledger.Kind{
		{
			Name: "account", New: func() ledger.State { return new(accountState) }, Table: accountTable,
			Project: func(e ledger.Entry) ledger.Row {
				s := e.State.(*accountState)
				return &accountRow{Login: s.Login, Demo: s.Demo, Disabled: s.Disabled}
			},
		},
		{
			Name: "right", New: func() ledger.State { return new(rightState) }, Table: rightTable,
			Project: func(e ledger.Entry) ledger.Row {
				s := e.State.(*rightState)
				row := &rightRow{
					Account: s.Account, Role: string(s.Role), Villages: ledger.CanonicalJSON(s.Villages),
					From: s.From, To: s.To, Until: s.Until, Revoked: e.Kind == rightRevoked,
				}
				if s.BookID != 0 {
					row.OfBook = &s.BookID
				}
				return row
			},
		},
		{Name: "event", New: func() ledger.State { return new(eventState) }},
	}
}

func numeral(n int64) string { return strconv.FormatInt(n, 10) }

func numbers(keys []string) ([]int64, error) {
	list := make([]int64, len(keys))
	for i, k := range keys {
		n, err := strconv.ParseInt(k, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("account: reading a number: %w", err)
		}
		list[i] = n
	}
	return list, nil
}

func loadAccounts(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
	ids, err := numbers(keys)
	if err != nil {
		return nil, err
	}
	var found []*accountRow
	if err := ledger.Lookup(db.NewSelect().Model(&found), "accounts", "id", book, ids).Scan(ctx); err != nil {
		return nil, fmt.Errorf("account: reading accounts: %w", err)
	}
	return ledger.RowsOf(found), nil
}

func loadLogins(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
	var found []*accountRow
	if err := ledger.Lookup(db.NewSelect().Model(&found), "accounts", "login", book, keys).Scan(ctx); err != nil {
		return nil, fmt.Errorf("account: reading logins: %w", err)
	}
	return ledger.RowsOf(found), nil
}

// loadAdministrators reads the accounts that administer without an end.
func loadAdministrators(ctx context.Context, db bun.IDB, book int64, _ []string) ([]ledger.Row, error) {
	var found []*accountRow
	err := db.NewSelect().Model(&found).ModelTableExpr("rights AS r JOIN accounts AS a ON a.book_id = r.book_id AND a.id = r.account").
		ColumnExpr("a.*").Where("r.book_id = ?", book).Where("r.seq_to IS NULL AND NOT r.revoked AND r.until IS NULL").
		Where("r.role = ?", string(Administrator)).Where("a.seq_to IS NULL AND NOT a.disabled").OrderExpr("a.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("account: reading administrators: %w", err)
	}
	return ledger.RowsOf(found), nil
}

func loadRights(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
	accounts, err := numbers(keys)
	if err != nil {
		return nil, err
	}
	var found []*rightRow
	if err := ledger.Lookup(db.NewSelect().Model(&found), "rights", "account", book, accounts).Scan(ctx); err != nil {
		return nil, fmt.Errorf("account: reading rights: %w", err)
	}
	return ledger.RowsOf(found), nil
}
