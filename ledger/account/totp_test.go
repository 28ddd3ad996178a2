package account_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
func TestTOTP_Vectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := account.CodeAt(secret, time.Unix(at, 0)); got != want[2:] {
			t.Errorf("at %d: %s, want %s", at, got, want[2:])
		}
	}
}

// A clock may be one step wrong, not two.
func TestTOTP_Steps(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	now := time.Unix(1_800_000_015, 0)
	for off, want := range map[time.Duration]bool{
		-60 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 60 * time.Second: false,
	} {
		if got := account.FindCode(secret, now, account.CodeAt(secret, now.Add(off))); got != want {
			t.Errorf("a code of %s: taken %v, want %v", off, got, want)
		}
	}
	for _, code := range []string{"", "0", "00000", "0000000", "abcdef"} {
		if account.FindCode(secret, now, code) {
			t.Errorf("the code %q was taken", code)
		}
	}
}

func TestTOTP_SignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("reviewer", account.NewRight{Role: account.Reviewer, Book: "east"})
	p.enrol()
	_, err := p.try(password, "")
	wants(t, "without a code", err, ledger.Unauthenticated, "totp.missing")
	_, err = p.try("wrong password", p.code())
	wants(t, "a right code with a wrong password", err, ledger.Unauthenticated, "sign_in.refused")
	code := p.code()
	if _, err := p.try(password, " "+code[:3]+" "+code[3:]); err != nil { // as apps show it
		t.Fatalf("the code that the app shows: %v", err)
	}
	_, err = p.try(password, code)
	wants(t, "the same code again", err, ledger.Unauthenticated, "totp.used")
	b.later(30 * time.Second)
	_, err = p.try(password, code)
	wants(t, "the same code again, a step later", err, ledger.Unauthenticated, "totp.used")
	b.later(30 * time.Second)
	_, err = p.try(password, code)
	wants(t, "the same code when it is over", err, ledger.Unauthenticated, "totp.wrong")
	ahead := account.CodeAt(p.secret, b.now().Add(30*time.Second))
	if _, err := p.try(password, ahead); err != nil {
		t.Fatalf("a code of a phone that is fast: %v", err)
	}
	_, err = p.try(password, p.code())
	wants(t, "the code before one that was used", err, ledger.Unauthenticated, "totp.used")
	b.check()
}

// Setting up gives ten recovery codes, each for one sign-in; setting up again takes a fresh sign-in and replaces them.
func TestTOTP_Recovery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk", account.NewRight{Role: account.Clerk, Book: "east"})
	codes := p.enrol()
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(codes))
	}
	_, err := p.try(password, "0000-0000-0000-0000")
	wants(t, "a recovery code that is none", err, ledger.Unauthenticated, "totp.wrong")
	var opened account.Opened
	for _, code := range codes {
		if opened, err = p.try(password, strings.ToUpper(strings.ReplaceAll(code, "-", " "))); err != nil {
			t.Errorf("the recovery code %s: %v", code, err)
		}
		_, err := p.try(password, code)
		wants(t, "a recovery code again", err, ledger.Unauthenticated, "totp.wrong")
	}
	if n := b.entries("event.recovery_used"); n == 0 {
		t.Error("the log says nothing of recovery codes")
	}
	b.later(11 * time.Minute)
	if _, _, err = b.svc.BeginTOTP(t.Context(), opened.Principal); err == nil {
		t.Error("another second factor long after the sign-in: want a refusal")
	}
	wants(t, "another second factor long after the sign-in", err, ledger.Unauthenticated, "totp.sign_in_again")
	old := p.secret
	if again := p.enrol(); len(again) != 10 || again[0] == codes[0] {
		t.Errorf("recovery codes %v, want ten new ones", again)
	}
	_, err = p.try(password, account.CodeAt(old, b.now()))
	wants(t, "a code of the app of before", err, ledger.Unauthenticated, "totp.wrong")
	p.in()
	b.check()
}

// Until a code was seen, nothing is set up.
func TestTOTP_Confirm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("reviewer", account.NewRight{Role: account.Reviewer, Book: "east"})
	first, second := p.in(), p.in()
	_, err := b.svc.ConfirmTOTP(t.Context(), first.Principal, "000000")
	wants(t, "before it was begun", err, ledger.Conflict, "totp.not_begun")
	secret, uri, err := b.svc.BeginTOTP(t.Context(), first.Principal)
	if err != nil {
		t.Fatal(err)
	}
	if want := "otpauth://totp/Mingzhang:reviewer?issuer=Mingzhang&secret=" + secret; uri != want {
		t.Errorf("the address for the app: %s, want %s", uri, want)
	}
	_, err = b.svc.ConfirmTOTP(t.Context(), first.Principal, "000000")
	wants(t, "a wrong code", err, ledger.Unauthenticated, "totp.wrong")
	if again := p.in(); again.Principal.Must() != account.MustTOTP {
		t.Error("a second factor that was not confirmed counts")
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(key) != 20 {
		t.Fatalf("a secret of %d bytes, %v; want 20", len(key), err)
	}
	if _, err := b.svc.ConfirmTOTP(t.Context(), first.Principal, account.CodeAt(key, b.now())); err != nil {
		t.Fatal(err)
	}
	_, err = p.try(password, account.CodeAt(key, b.now()))
	wants(t, "signing in with the code of the confirmation", err, ledger.Unauthenticated, "totp.used")
	_, err = b.svc.BySession(t.Context(), first.Token)
	wants(t, "the session's secret of before", err, ledger.Unauthenticated, "session.unknown")
	_, err = b.svc.BySession(t.Context(), second.Token)
	wants(t, "another session", err, ledger.Unauthenticated, "session.ended")
	who, err := b.svc.BySession(t.Context(), first.Principal.Renewed())
	if err != nil || who.Must() != account.MustNothing || !who.Can(account.Review) || who.SessionID() != first.Principal.SessionID() {
		t.Errorf("the session's new secret: %v, want the same session with all its rights", err)
	}
}

// With a key the secrets in the database are worth nothing alone, nor under another account.
func TestTOTP_AtRest(t *testing.T) {
	t.Parallel()
	b := bare(t, account.Options{Secrets: aead(t, "0123456789abcdef0123456789abcdef")})
	p, other := b.add("clerk"), b.add("other")
	p.enrol()
	other.enrol()
	var stored [][]byte
	if err := b.db.Owner().NewRaw("SELECT totp_secret FROM work_credentials ORDER BY account").Scan(t.Context(), &stored); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(stored[0]), string(p.secret)) {
		t.Error("the secret lies in clear in the database")
	}
	p.in()
	b.later(time.Minute)
	b.exec("UPDATE work_credentials SET totp_secret = ? WHERE account = ?", stored[1], p.id)
	_, err := p.try(password, account.CodeAt(other.secret, b.now()))
	wants(t, "another account's secret", err, ledger.Internal, "totp.key_missing")
	for name, o := range map[string]account.Options{"no key": {}, "another key": {Secrets: aead(t, "0123456789abcdef0123456789abcdeX")}} {
		b.svc = account.New(b.store, b.now, o)
		b.svc.Cheapen()
		_, err := (&person{bundle: b, login: "other"}).try(password, account.CodeAt(other.secret, b.now()))
		wants(t, name, err, ledger.Internal, "totp.key_missing")
	}
}

func aead(tb testing.TB, key string) cipher.AEAD {
	tb.Helper()
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		tb.Fatal(err)
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}
