package account_test

import (
	"encoding/base32"
	"runtime"
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

// What began before an account was reset does not outlive it, however long the hashing of passwords takes.
func TestRace_Reset(t *testing.T) {
	t.Parallel()
	for what, begun := range map[string]func(p *person, who account.Opened) error{
		"a sign-in": func(p *person, _ account.Opened) error { _, err := p.try(password, ""); return err },
		"another password": func(p *person, who account.Opened) error {
			return p.svc.ChangePassword(p.tb.Context(), who.Principal, password, "seven grey herons wait")
		},
	} {
		b := setup(t)
		p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
		who := p.in()
		free := b.svc.Occupy() // nothing is hashed yet
		ended := make(chan error, 1)
		go func() { ended <- begun(p, who) }()
		for b.count("work_attempts", "failures > 0") == 0 {
			select {
			case err := <-ended:
				t.Fatalf("%s ended before its turn: %v", what, err)
			default:
				runtime.Gosched()
			}
		}
		code, err := b.svc.Reset(t.Context(), b.local, p.id)
		if err != nil {
			t.Fatal(err)
		}
		free()
		if err := <-ended; ledger.CodeOf(err) != ledger.Unauthenticated {
			t.Errorf("%s that began before a reset: %v, want it refused", what, err)
		}
		if n := b.count("work_sessions", "ended_at IS NULL"); n != 0 {
			t.Errorf("%s: %d sessions are open after the reset", what, n)
		}
		if n := b.count("work_credentials", "password_hash <> ''"); n != 0 {
			t.Errorf("%s: there is a password after the reset", what)
		}
		b.exec("DELETE FROM work_attempts")
		if _, err := b.svc.Redeem(t.Context(), "clerk", code, password, b.from); err != nil {
			t.Errorf("%s: the code of the reset: %v", what, err)
		}
	}
}

// A sign-in that began before a second factor was set up is not let in without one.
func TestRace_SecondFactor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	opened := p.in()
	secret, _, err := b.svc.BeginTOTP(t.Context(), opened.Principal)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	free := b.svc.Occupy()
	ended := make(chan error, 1)
	go func() { _, err := p.try(password, ""); ended <- err }()
	for b.count("work_attempts", "failures > 0") == 0 {
		runtime.Gosched()
	}
	if _, err := b.svc.ConfirmTOTP(t.Context(), opened.Principal, account.CodeAt(key, b.now())); err != nil {
		t.Fatal(err)
	}
	free()
	wants(t, "the sign-in of before", <-ended, ledger.Unauthenticated, "sign_in.refused")
	if n := b.count("work_sessions", "ended_at IS NULL"); n != 1 {
		t.Errorf("%d sessions are open, want that which set the second factor up", n)
	}
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
