package account_test

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/migrations/dbtest"
)

// bundle is an installation with two offices' books and a demo book, and a clock that stands until it is moved.
type bundle struct {
	tb     testing.TB
	db     *dbtest.DB
	store  *ledger.Store
	svc    *account.Service
	local  ledger.Actor // a user of the machine
	east   *ledger.Book
	west   *ledger.Book
	demo   *ledger.Book
	from   account.From
	mu     sync.Mutex
	moment time.Time
}

// password is one that nothing is wrong with.
const password = "gray-lantern over nine rivers"

func (b *bundle) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.moment
}

// later moves the clock.
func (b *bundle) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moment = b.moment.Add(d)
}

// bare is an installation without books and accounts.
func bare(tb testing.TB, o account.Options) *bundle {
	tb.Helper()
	b := &bundle{tb: tb, db: dbtest.New(tb), moment: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC), from: account.From{Address: "192.0.2.7", Agent: "test"}}
	var keys sync.Map
	b.store = ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, b.now, account.Kinds()...)
	b.svc = account.New(b.store, b.now, o)
	b.svc.Cheapen()
	var err error
	if b.local, err = ledger.LocalActor("operator"); err != nil {
		tb.Fatal(err)
	}
	return b
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := bare(tb, account.Options{})
	for code, into := range map[string]**ledger.Book{"east": &b.east, "west": &b.west, "demo": &b.demo} {
		kind := ledger.OfficeBook
		if code == "demo" {
			kind = ledger.DemoBook
		}
		book, err := b.store.AddBook(tb.Context(), b.local, ledger.BookProfile{Code: code, Kind: kind, NameZH: "示例街道"})
		if err != nil {
			tb.Fatal(err)
		}
		*into = book
	}
	return b
}

// check asks the installation's log whether it is clean.
func (b *bundle) check() {
	b.tb.Helper()
	log, err := b.store.Log(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	if result, err := log.Check(b.tb.Context(), nil); err != nil || len(result.Faults) > 0 {
		b.tb.Errorf("the installation's log: %v, faults %+v; want none", err, result.Faults)
	}
}

// entries counts the entries of a kind in the installation's log.
func (b *bundle) entries(kind string) int {
	b.tb.Helper()
	var n int
	err := b.db.Owner().NewRaw("SELECT count(*) FROM entries WHERE book_id = 0 AND position(convert_to(?, 'UTF8') IN body) > 0", `"kind":"`+kind+`"`).Scan(b.tb.Context(), &n)
	if err != nil {
		b.tb.Fatal(err)
	}
	return n
}

// person is an account with what its person knows.
type person struct {
	*bundle
	id     int64
	login  string
	secret []byte // of the second factor; nil: none
}

// add makes an account with a password.
func (b *bundle) add(login string, rights ...account.NewRight) *person {
	b.tb.Helper()
	id, code, err := b.svc.Add(b.tb.Context(), b.local, account.NewAccount{Login: login, Name: "某人"})
	if err != nil {
		b.tb.Fatal(err)
	}
	p := &person{bundle: b, id: id, login: login}
	for _, r := range rights {
		p.grant(r)
	}
	if _, err := b.svc.Redeem(b.tb.Context(), login, code, password, b.from); err != nil {
		b.tb.Fatal(err)
	}
	return p
}

func (p *person) grant(r account.NewRight) {
	p.tb.Helper()
	r.Account = p.id
	if err := p.svc.Grant(p.tb.Context(), p.local, r); err != nil {
		p.tb.Fatalf("granting %+v: %v", r, err)
	}
}

// enrol sets up the person's second factor; it gives the recovery codes.
func (p *person) enrol() []string {
	p.tb.Helper()
	opened := p.in()
	secret, _, err := p.svc.BeginTOTP(p.tb.Context(), opened.Principal)
	if err != nil {
		p.tb.Fatal(err)
	}
	if p.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil {
		p.tb.Fatal(err)
	}
	codes, err := p.svc.ConfirmTOTP(p.tb.Context(), opened.Principal, p.code())
	if err != nil {
		p.tb.Fatal(err)
	}
	p.later(time.Minute) // the next code is another one
	return codes
}

// code is what the person's app shows.
func (p *person) code() string {
	if p.secret == nil {
		return ""
	}
	return account.CodeAt(p.secret, p.now())
}

// try signs in.
func (p *person) try(password, code string) (account.Opened, error) {
	return p.svc.SignIn(p.tb.Context(), account.Credentials{Login: p.login, Password: password, Code: code}, p.from)
}

// in signs in and must succeed.
func (p *person) in() account.Opened {
	p.tb.Helper()
	opened, err := p.try(password, p.code())
	if err != nil {
		p.tb.Fatalf("%s signs in: %v", p.login, err)
	}
	return opened
}

// wants fails unless err is of a code and reason; "" wants none.
func wants(tb testing.TB, what string, err error, code ledger.Code, reason string) {
	tb.Helper()
	if reason == "" {
		if err != nil {
			tb.Errorf("%s: %v, want no error", what, err)
		}
		return
	}
	if !errors.Is(err, ledger.E(code, reason)) {
		tb.Errorf("%s: got %v, want %s %s", what, err, code, reason)
	}
}

func day(tb testing.TB, s string) *ledger.Day {
	tb.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return &d
}

// exec changes the database behind the program's back.
func (b *bundle) exec(query string, args ...any) {
	b.tb.Helper()
	if _, err := b.db.Owner().ExecContext(b.tb.Context(), query, args...); err != nil {
		b.tb.Fatalf("%s: %v", query, err)
	}
}

func (b *bundle) count(table, where string) int {
	b.tb.Helper()
	var n int
	if err := b.db.Owner().NewRaw(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", table, where)).Scan(b.tb.Context(), &n); err != nil {
		b.tb.Fatal(err)
	}
	return n
}

func contextOf(tb testing.TB) (context.Context, context.CancelFunc) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	tb.Cleanup(cancel)
	return ctx, cancel
}
