package account_test

import (
	"encoding/base32"
	"sync"
	"sync/atomic"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// one runs a thing several times at once and wants one of them to win; the others are refused.
func one(t *testing.T, what string, try func() error) {
	t.Helper()
	var wg sync.WaitGroup
	var won atomic.Int64
	start := make(chan struct{})
	for range 4 { // fewer than failures that begin a wait
		wg.Go(func() {
			<-start
			err := try()
			if err == nil {
				won.Add(1)
			} else if code := ledger.CodeOf(err); code != ledger.Unauthenticated && code != ledger.Conflict {
				t.Errorf("%s: %v, want unauthenticated or a conflict", what, err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%s: %d of 4 got through, want 1", what, won.Load())
	}
}

func TestRace_Codes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("reviewer", account.NewRight{Role: account.Reviewer, Book: "east"})
	recovery := p.enrol()
	one(t, "one TOTP code", func() error {
		_, err := p.try(password, p.code())
		return err
	})
	b.exec("DELETE FROM work_attempts") // those who lost have failed
	one(t, "one recovery code", func() error {
		_, err := p.try(password, recovery[0])
		return err
	})
	code, err := b.svc.Reset(t.Context(), b.local, p.id)
	if err != nil {
		t.Fatal(err)
	}
	one(t, "one one-time code", func() error {
		_, err := b.svc.Redeem(t.Context(), p.login, code, password, b.from)
		return err
	})
	b.exec("DELETE FROM work_attempts")
	who := withoutCode(t, p)
	secret, _, err := b.svc.BeginTOTP(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	one(t, "one second factor", func() error {
		same := *who
		_, err := b.svc.ConfirmTOTP(t.Context(), &same, account.CodeAt(key, b.now()))
		return err
	})
	if n := b.count("work_recovery", "TRUE"); n != 10 {
		t.Errorf("%d recovery codes, want 10", n)
	}
	b.check()
}

func TestRace_Accounts(t *testing.T) {
	t.Parallel()
	b := bare(t, account.Options{}) // the log itself is made by whoever is first
	one(t, "one login", func() error {
		_, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "clerk", Name: "某人"})
		return err
	})
	id, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "other", Name: "某人"})
	if err != nil {
		t.Fatal(err)
	}
	one(t, "one right", func() error {
		return b.svc.Grant(t.Context(), b.local, account.NewRight{Account: id, Role: account.Administrator})
	})
	b.check()
}

// withoutCode signs in where no second factor is set up any more.
func withoutCode(t *testing.T, p *person) *account.Principal {
	t.Helper()
	opened, err := p.try(password, "")
	if err != nil {
		t.Fatal(err)
	}
	return opened.Principal
}
