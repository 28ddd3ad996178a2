package account_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// An installation begins with a user of the machine, one account and its one-time code, before there is any book.
func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	b := bare(t, account.Options{})
	if any, err := b.svc.Any(t.Context()); err != nil || any {
		t.Errorf("before the first account: any %v, %v", any, err)
	}
	id, code, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "Zhang", Name: "张　三"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.svc.Grant(t.Context(), b.local, account.NewRight{Account: id, Role: account.Administrator}); err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.Redeem(t.Context(), "zhang", code, "zhang-2026-zhang", b.from)
	wants(t, "a password with the login in it", err, ledger.Invalid, "password.has_name")
	_, err = b.svc.Redeem(t.Context(), "zhang", wrongCode(code), password, b.from)
	wants(t, "another code", err, ledger.Unauthenticated, "code.refused")
	opened, err := b.svc.Redeem(t.Context(), "ZHANG", strings.ToUpper(code), password, b.from)
	if err != nil {
		t.Fatal(err)
	}
	if who := opened.Principal; who.Name() != "张三" || who.Login() != "zhang" || who.Must() != account.MustTOTP || who.Actor() != ledger.AccountActor(id) {
		t.Errorf("the first administrator: %s, %s, must %q, %s", who.Name(), who.Login(), who.Must(), who.Actor())
	}
	_, err = b.svc.Redeem(t.Context(), "zhang", code, password, b.from)
	wants(t, "the code again", err, ledger.Unauthenticated, "code.refused")
	if any, err := b.svc.Any(t.Context()); err != nil || !any {
		t.Errorf("after the first account: any %v, %v", any, err)
	}
	names, err := b.svc.Names(t.Context(), []ledger.Actor{ledger.AccountActor(id), b.local, ledger.AccountActor(99)})
	if err != nil || len(names) != 2 || names[ledger.AccountActor(id).String()] != "张三" || names["local:operator"] != "operator" {
		t.Errorf("names %v, %v", names, err)
	}
	b.check()
}

func TestRedeem_Expires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "clerk", Name: "某人"})
	if err != nil {
		t.Fatal(err)
	}
	b.later(24 * time.Hour)
	_, err = b.svc.Redeem(t.Context(), "clerk", code, password, b.from)
	wants(t, "a day later", err, ledger.Unauthenticated, "code.refused")
	second, err := b.svc.Reset(t.Context(), b.local, id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.Redeem(t.Context(), "clerk", code, password, b.from)
	wants(t, "the code of before", err, ledger.Unauthenticated, "code.refused")
	b.later(24*time.Hour - time.Microsecond)
	if _, err := b.svc.Redeem(t.Context(), "clerk", second, password, b.from); err != nil {
		t.Errorf("a microsecond before its end: %v, want it taken", err)
	}
}

// A session ends half an hour after the last request and twelve hours after it began.
func TestSession_Ends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	ask := func(token, reason string) {
		t.Helper()
		_, err := b.svc.BySession(t.Context(), token)
		wants(t, "asking", err, ledger.Unauthenticated, reason)
	}
	token := p.in().Token
	b.later(30*time.Minute - time.Microsecond)
	ask(token, "")
	b.later(30 * time.Minute)
	ask(token, "session.ended")
	token = p.in().Token
	for range 24 * 2 {
		b.later(15*time.Minute - time.Microsecond)
		ask(token, "")
	}
	b.later(time.Millisecond)
	ask(token, "session.ended")
	ask("", "session.unknown")
	ask("forged", "session.unknown")
	ask(strings.Repeat("A", 43), "session.unknown")
	if open, err := b.svc.Sessions(t.Context(), p.id); err != nil || len(open) != 0 {
		t.Errorf("open sessions %v, %v; want none", open, err)
	}
}

// The database has a hash only, and is written once a minute.
func TestSession_Stored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.add("clerk").in().Token
	if len(token) != 43 { // 32 bytes in base64url
		t.Errorf("a secret of %d characters, want 43", len(token))
	}
	var stored []byte
	var seen time.Time
	read := func() {
		err := b.db.Owner().NewRaw("SELECT token_sha256, seen_at FROM work_sessions ORDER BY opened_at DESC, token_sha256 = ? DESC LIMIT 1", sum(token)).Scan(t.Context(), &stored, &seen)
		if err != nil {
			t.Fatal(err)
		}
	}
	read()
	if string(stored) != string(sum(token)) {
		t.Errorf("stored %x, want the hash of the secret", stored)
	}
	first := seen
	for _, tt := range []struct{ later, want time.Duration }{{59 * time.Second, 0}, {time.Second, time.Minute}, {time.Second, time.Minute}} {
		b.later(tt.later)
		if _, err := b.svc.BySession(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if read(); seen.Sub(first) != tt.want {
			t.Errorf("seen %s after the beginning, want %s", seen.Sub(first), tt.want)
		}
	}
}

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// People see and end their own sessions, administrators anyone's.
func TestSession_ListAndEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := b.add("admin", account.NewRight{Role: account.Administrator})
	admin.enrol()
	p, other := b.add("clerk"), b.add("other")
	phone, desk := p.in(), p.in()
	wants(t, "signing out", b.svc.SignOut(t.Context(), phone.Principal), "", "")
	_, err := b.svc.BySession(t.Context(), phone.Token)
	wants(t, "after signing out", err, ledger.Unauthenticated, "session.ended")
	open, err := b.svc.Sessions(t.Context(), p.id)
	if err != nil || len(open) != 2 || open[0].Address != b.from.Address || open[0].Agent != "test" { // that of Redeem, too
		t.Fatalf("open sessions %+v, %v; want 2 with address and agent", open, err)
	}
	thief := other.in().Principal
	id := desk.Principal.SessionID()
	wants(t, "a session of another", b.svc.EndSession(t.Context(), thief, id), ledger.NotFound, "session.unknown")
	wants(t, "a session that is none", b.svc.EndSession(t.Context(), thief, "x\x00' OR 1=1"), ledger.NotFound, "session.unknown")
	wants(t, "an administrator", b.svc.EndSession(t.Context(), admin.in().Principal, id), "", "")
	wants(t, "twice", b.svc.EndSession(t.Context(), desk.Principal, id), ledger.NotFound, "session.unknown")
	_, err = b.svc.BySession(t.Context(), desk.Token)
	wants(t, "after it was ended", err, ledger.Unauthenticated, "session.ended")
	third := p.in()
	wants(t, "all of them, by a clerk", b.svc.EndSessions(t.Context(), ledger.AccountActor(other.id), p.id), ledger.Denied, "right.missing")
	wants(t, "all of them", b.svc.EndSessions(t.Context(), b.local, p.id), "", "")
	_, err = b.svc.BySession(t.Context(), third.Token)
	wants(t, "after all were ended", err, ledger.Unauthenticated, "session.ended")
	b.later(31 * 24 * time.Hour)
	if err := b.svc.Sweep(t.Context()); err != nil || b.count("work_sessions", "TRUE") != 0 {
		t.Errorf("swept: %v, %d sessions; want none", err, b.count("work_sessions", "TRUE"))
	}
	b.check()
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	first, second := p.in(), p.in()
	wants(t, "a common password", b.svc.ChangePassword(t.Context(), first.Principal, password, "12345678"), ledger.Invalid, "password.common")
	wants(t, "a wrong present password", b.svc.ChangePassword(t.Context(), first.Principal, "wrong password", "nine lanterns by the river"), ledger.Unauthenticated, "password.wrong")
	wants(t, "changing", b.svc.ChangePassword(t.Context(), first.Principal, password, "nine lanterns by the river"), "", "")
	_, err := b.svc.BySession(t.Context(), first.Token)
	wants(t, "the session's secret of before", err, ledger.Unauthenticated, "session.unknown")
	_, err = b.svc.BySession(t.Context(), second.Token)
	wants(t, "another session", err, ledger.Unauthenticated, "session.ended")
	if _, err = b.svc.BySession(t.Context(), first.Principal.Renewed()); err != nil {
		t.Errorf("the session's new secret: %v", err)
	}
	_, err = p.try(password, "")
	wants(t, "the password of before", err, ledger.Unauthenticated, "sign_in.refused")
	if _, err := p.try("nine lanterns by the river", ""); err != nil {
		t.Errorf("the new password: %v", err)
	}
	b.check()
}

// Reset takes everything away: password, second factor, recovery codes, sessions and tokens.
func TestReset(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("reviewer", account.NewRight{Role: account.Reviewer, Book: "east"})
	p.enrol()
	session := p.in()
	token, err := b.svc.IssueToken(t.Context(), session.Principal, account.NewToken{Name: "t", Book: "east", Cans: []account.Can{account.ReadBook}, Until: *day(t, "2027-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	code, err := b.svc.Reset(t.Context(), b.local, p.id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.BySession(t.Context(), session.Token)
	wants(t, "the session", err, ledger.Unauthenticated, "session.ended")
	_, err = b.svc.ByToken(t.Context(), token)
	wants(t, "the token", err, ledger.Unauthenticated, "token.ended")
	b.later(time.Minute)
	_, err = p.try(password, p.code())
	wants(t, "the password", err, ledger.Unauthenticated, "sign_in.refused")
	opened, err := b.svc.Redeem(t.Context(), "reviewer", code, password, b.from)
	if err != nil || opened.Principal.Must() != account.MustTOTP || b.count("work_recovery", "TRUE") != 0 {
		t.Errorf("after the new code: %v, %d recovery codes; want a second factor to be set up anew", err, b.count("work_recovery", "TRUE"))
	}
	_, err = b.svc.Reset(t.Context(), b.local, 99_999)
	wants(t, "nobody", err, ledger.NotFound, "account.unknown")
	b.check()
}

// wrongCode is the code with another last character: of a code that ends in a, that is b.
func wrongCode(code string) string {
	last := "a"
	if strings.HasSuffix(code, last) {
		last = "b"
	}
	return code[:len(code)-1] + last
}
