package account_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// waitOf gives the seconds that a refusal tells to wait; 0 when it is another.
func waitOf(err error) int64 {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok || e.Code != ledger.Busy || e.Reason != "sign_in.wait" {
		return 0
	}
	return e.Args[0].(int64)
}

// Four failures are free, then the waits double up to a quarter of an hour; a login that does not exist is answered in the
// same way.
func TestGuess_Waits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	known := b.add("clerk")
	for _, login := range []string{"clerk", "nobody", "CLERK2", "", "演示\x00\xff"} {
		p := &person{bundle: b, login: login}
		for range 4 {
			_, err := p.try("wrong password", "")
			wants(t, "a free failure of "+login, err, ledger.Unauthenticated, "sign_in.refused")
		}
		for _, want := range []int64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
			_, err := p.try("wrong password", "")
			wants(t, "the failure that begins a wait", err, ledger.Unauthenticated, "sign_in.refused")
			if _, err = p.try(password, ""); waitOf(err) != want {
				t.Fatalf("%q: the right password during the wait: %v, want to wait %d s", login, err, want)
			}
			b.later(time.Duration(want)*time.Second - time.Microsecond)
			if _, err = p.try(password, ""); waitOf(err) != 1 {
				t.Fatalf("%q: a microsecond before the end of the wait: %v, want to wait 1 s", login, err)
			}
			b.later(time.Microsecond)
		}
	}
	b.later(15 * time.Minute)
	known.in() // never locked for good
	_, err := known.try("wrong password", "")
	wants(t, "after a success", err, ledger.Unauthenticated, "sign_in.refused")
	if _, err := known.try(password, ""); err != nil {
		t.Errorf("one failure after a success: %v, want to be let in", err)
	}
	b.check()
}

// A thousand at once are a thousand failures, from however many addresses: no more get through than one after another.
func TestGuess_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	var wg sync.WaitGroup
	var mu sync.Mutex
	var looked int
	for i := range 60 {
		wg.Go(func() {
			from := account.From{Address: fmt.Sprintf("198.51.100.%d", i)}
			_, err := b.svc.SignIn(t.Context(), account.Credentials{Login: "clerk", Password: "wrong password"}, from)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ledger.E(ledger.Unauthenticated, "sign_in.refused")) {
				looked++
			} else if waitOf(err) == 0 {
				t.Errorf("a guess among many: %v", err)
			}
		})
	}
	wg.Wait()
	if looked != 5 {
		t.Errorf("%d guesses were looked at, want 5", looked)
	}
	b.later(time.Second)
	p.in()
}

// The one-time code and the present password are guarded by the same count as the sign-in.
func TestGuess_OneCount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	who := p.in().Principal
	for range 2 {
		_, err := b.svc.Redeem(t.Context(), "clerk", "0000-0000-0000-0000", password, b.from)
		wants(t, "a wrong one-time code", err, ledger.Unauthenticated, "code.refused")
		wants(t, "a wrong present password", b.svc.ChangePassword(t.Context(), who, "wrong password", password), ledger.Unauthenticated, "password.wrong")
	}
	_, err := p.try("wrong password", "")
	wants(t, "a wrong password", err, ledger.Unauthenticated, "sign_in.refused")
	if _, err := b.svc.Redeem(t.Context(), "clerk", "0000-0000-0000-0000", password, b.from); waitOf(err) != 1 {
		t.Errorf("a code after five failures: %v, want to wait", err)
	}
	if err := b.svc.ChangePassword(t.Context(), who, password, "another fine password"); waitOf(err) != 1 {
		t.Errorf("the right password after five failures: %v, want to wait", err)
	}
}

// Whoever knows the password cannot use the question for the code to try more codes.
func TestGuess_Codes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("reviewer", account.NewRight{Role: account.Reviewer, Book: "east"})
	p.enrol()
	for i := range 20 {
		_, err := p.try(password, "")
		if i < 5 {
			wants(t, "without a code", err, ledger.Unauthenticated, "totp.missing") // no guess, however often
			_, err = p.try(password, "000000")
			wants(t, "a wrong code", err, ledger.Unauthenticated, "totp.wrong")
		} else if waitOf(err) == 0 {
			t.Errorf("without a code after five wrong ones: %v, want to wait", err)
		}
	}
	b.later(time.Minute)
	p.in()
}

// Without a failure for a day, all is forgotten; Reset ends a wait; what is old is swept.
func TestGuess_Forgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	fail := func(n int) {
		for range n {
			if _, err := p.try("wrong password", ""); ledger.CodeOf(err) != ledger.Unauthenticated {
				t.Fatalf("a failure: %v", err)
			}
			b.later(15 * time.Minute)
		}
	}
	fail(12)
	b.later(25 * time.Hour)
	fail(1)
	p.in()
	fail(5)
	if err := b.svc.Sweep(t.Context()); err != nil || b.count("work_attempts", "subject LIKE 'login:%'") != 1 {
		t.Errorf("swept while the failures count: %v, %d rows; want 1", err, b.count("work_attempts", "subject LIKE 'login:%'"))
	}
	code, err := b.svc.Reset(t.Context(), b.local, p.id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.svc.Redeem(t.Context(), "clerk", code, password, b.from); err != nil {
		t.Errorf("a new code after failures: %v, want it taken", err)
	}
	fail(1)
	b.later(25 * time.Hour)
	if err := b.svc.Sweep(t.Context()); err != nil || b.count("work_attempts", "TRUE") != 0 {
		t.Errorf("swept after a day: %v, %d rows; want none", err, b.count("work_attempts", "TRUE"))
	}
}

// An address with very many failures is answered later, and others behind it still get in.
func TestGuess_Address(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.svc = account.New(b.store, b.now, account.Options{SlowBy: time.Hour})
	b.svc.Cheapen()
	p := b.add("clerk")
	b.exec("INSERT INTO work_attempts (subject, failures, last_at, free_at) VALUES (?, 1001, ?, ?)", "address:"+b.from.Address, b.now(), b.now())
	p.in() // at once, behind the same address
	answered := make(chan error, 1)
	ctx, cancel := contextOf(t)
	go func() {
		_, err := b.svc.SignIn(ctx, account.Credentials{Login: "nobody", Password: "wrong password"}, b.from)
		answered <- err
	}()
	for b.count("work_attempts", "failures = 1002") == 0 { // it is counted and waits now
		select {
		case err := <-answered:
			t.Fatalf("a failure of the address: %v, want it to be answered later", err)
		default:
		}
	}
	p.in() // while the other waits
	cancel()
	if err := <-answered; ledger.CodeOf(err) != ledger.Unauthenticated {
		t.Errorf("a failure of the address: %v, want unauthenticated", err)
	}
	b.later(time.Hour + time.Second)
	_, err := b.svc.SignIn(t.Context(), account.Credentials{Login: "nobody", Password: "wrong password"}, b.from)
	wants(t, "an hour later", err, ledger.Unauthenticated, "sign_in.refused")
}

// The addresses of one net of IPv6 count together: their failures, and what the log says of them.
func TestGuess_Net(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 8 {
		from := account.From{Address: fmt.Sprintf("2001:db8:1:2::%d%%eth0", i)}
		_, err := b.svc.SignIn(t.Context(), account.Credentials{Login: fmt.Sprintf("nobody%d", i), Password: "wrong password"}, from)
		wants(t, "a failure", err, ledger.Unauthenticated, "sign_in.refused")
	}
	if n := b.count("work_attempts", "subject = 'address:2001:db8:1:2::/64' AND failures = 8"); n != 1 {
		t.Errorf("the failures of a net are not counted together")
	}
	if n := b.entries("event.sign_in_refused"); n != 1 {
		t.Errorf("%d entries of one net within a minute, want 1", n)
	}
	for _, address := range []string{"2001:db8:1:3::1", "192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3", "a pipe"} {
		_, err := b.svc.SignIn(t.Context(), account.Credentials{Login: "other" + address, Password: "wrong password"}, account.From{Address: address})
		wants(t, "a failure", err, ledger.Unauthenticated, "sign_in.refused")
	}
	if n := b.entries("event.sign_in_refused"); n != 6 {
		t.Errorf("%d entries of six places, want 6", n)
	}
}

// A flood of other logins does not make the failures of one forgotten.
func TestGuess_Flood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	for range 5 {
		_, err := p.try("wrong password", "")
		wants(t, "a failure", err, ledger.Unauthenticated, "sign_in.refused")
	}
	b.exec("INSERT INTO work_attempts (subject, failures, last_at, free_at) SELECT 'login:' || n, 1, ?, ? FROM generate_series(1, 100000) AS n",
		b.now().Add(time.Second), b.now().Add(time.Second))
	if err := b.svc.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.try(password, ""); waitOf(err) != 1 {
		t.Errorf("after a flood: %v, want still to wait", err)
	}
	if n := b.count("work_attempts", "TRUE"); n != 100_000 {
		t.Errorf("%d rows are left, want 100000", n)
	}
}
