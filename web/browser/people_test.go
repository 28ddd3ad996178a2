package browser_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticators have it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger/account"
)

// cookieName is that of a session on a loopback address without TLS.
const cookieName = "mingzhang"

// The pass phrase that everybody of these stories has.
const phrase = "祠堂前的龙眼树 invented"

// person has an account.
type person struct {
	login, name string
	id          int64
	code        string // the one-time code, while nobody has used it
	token       string // of a session, for whoever has joined
	secret      string // of the authenticator, if the role has one
}

// hire makes an account with a right, as an administrator does: in a book, and there in some villages only when
// any are named. Nobody has signed in with it yet.
func (o *office) hire(login, name string, role account.Role, book string, villages ...string) *person {
	o.tb.Helper()
	p := &person{login: login, name: name}
	var err error
	if p.id, p.code, err = o.accounts.Add(o.tb.Context(), o.local, account.NewAccount{Login: login, Name: name}); err != nil {
		o.tb.Fatal(err)
	}
	if err := o.accounts.Grant(o.tb.Context(), o.local, account.NewRight{Account: p.id, Role: role, Book: book, Villages: villages}); err != nil {
		o.tb.Fatal(err)
	}
	return p
}

// joined is a person who has a password and, where the role wants it, an authenticator, and is signed in.
func (o *office) joined(login, name string, role account.Role, book string, villages ...string) *person {
	o.tb.Helper()
	p := o.hire(login, name, role, book, villages...)
	ctx := o.tb.Context()
	opened, err := o.accounts.Redeem(ctx, login, p.code, phrase, account.From{Address: "127.0.0.1", Agent: "story"})
	if err != nil {
		o.tb.Fatal(err)
	}
	p.token = opened.Token
	if !role.NeedsTOTP() {
		return p
	}
	who := opened.Principal
	if p.secret, _, err = o.accounts.BeginTOTP(ctx, who); err != nil {
		o.tb.Fatal(err)
	}
	if _, err := o.accounts.ConfirmTOTP(ctx, who, totp(o.tb, p.secret, o.clock.Now())); err != nil {
		o.tb.Fatal(err)
	}
	if renewed := who.Renewed(); renewed != "" {
		p.token = renewed
	}
	return p
}

// again signs a person in another time, and gives the session's secret.
func (o *office) again(p *person) string {
	o.tb.Helper()
	code := ""
	if p.secret != "" {
		code = totp(o.tb, p.secret, o.clock.Now())
	}
	opened, err := o.accounts.SignIn(o.tb.Context(), account.Credentials{Login: p.login, Password: phrase, Code: code}, account.From{Address: "127.0.0.1", Agent: "story"})
	if err != nil {
		o.tb.Fatal(err)
	}
	return opened.Token
}

// as opens a page for somebody who is signed in already.
func (o *office) as(tb testing.TB, who *person, width int, lang string) *tab {
	tb.Helper()
	p := o.open(tb, width, lang)
	p.cookie(cookieName, who.token)
	return p
}

// totp is what an authenticator shows at a time for a secret (RFC 6238, SHA-1, 30 seconds, 6 digits), computed
// apart from the product.
func totp(tb testing.TB, secret string, at time.Time) string {
	tb.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(secret, " ", "")))
	if err != nil {
		tb.Fatalf("the secret %q is not base32: %v", secret, err)
	}
	mac := hmac.New(sha1.New, key)
	if err := binary.Write(mac, binary.BigEndian, at.Unix()/30); err != nil {
		tb.Fatal(err)
	}
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[from:])&0x7fffffff)%1_000_000)
}

// Rows of the RFC's own table, cut to six digits.
func TestTOTP(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 2000000000: "279037"} {
		if got := totp(t, secret, time.Unix(at, 0)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}
