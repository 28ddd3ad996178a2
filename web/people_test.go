package web_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// goodPassword is one that nothing is wrong with.
const goodPassword = "gray-lantern over nine rivers"

// person is an account with what its person knows.
type person struct {
	id       int64
	login    string
	session  string
	secret   []byte // of the second factor; nil: none
	recovery []string
}

// person makes an account with these rights, a password and, where a role wants one, a second factor. It does not
// change who is signed in.
func (b *bundle) person(login string, rights ...account.NewRight) *person {
	b.tb.Helper()
	ctx, from := b.tb.Context(), account.From{Address: "127.0.0.1", Agent: "test"}
	id, code, err := b.accounts.Add(ctx, b.actor, account.NewAccount{Login: login, Name: "某人"})
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, r := range rights {
		r.Account = id
		if err := b.accounts.Grant(ctx, b.actor, r); err != nil {
			b.tb.Fatalf("granting %+v: %v", r, err)
		}
	}
	opened, err := b.accounts.Redeem(ctx, login, code, goodPassword, from)
	if err != nil {
		b.tb.Fatal(err)
	}
	p := &person{id: id, login: login, session: opened.Token}
	if slices.ContainsFunc(rights, func(r account.NewRight) bool { return r.Role.NeedsTOTP() }) {
		b.enrol(p, opened.Principal)
	}
	return p
}

// enrol sets up a second factor.
func (b *bundle) enrol(p *person, who *account.Principal) {
	b.tb.Helper()
	secret, _, err := b.accounts.BeginTOTP(b.tb.Context(), who)
	if err != nil {
		b.tb.Fatal(err)
	}
	if p.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil {
		b.tb.Fatal(err)
	}
	if p.recovery, err = b.accounts.ConfirmTOTP(b.tb.Context(), who, p.code(b.clock.Now())); err != nil {
		b.tb.Fatal(err)
	}
	p.session = who.Renewed()
}

// code is what the person's authenticator shows: RFC 6238, written down once more so that the program's own does
// not judge itself.
func (p *person) code(now time.Time) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(now.Unix()/30))
	mac := hmac.New(sha1.New, p.secret)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// be signs somebody in: from then on requests are theirs.
func (b *bundle) be(p *person) *bundle {
	b.session = p.session
	return b
}

// administrator makes an administrator and signs them in.
func (b *bundle) administrator(login string) *person {
	b.tb.Helper()
	p := b.person(login, account.NewRight{Role: account.Administrator})
	b.be(p)
	return p
}

// token issues an API token of somebody's for a book.
func (b *bundle) token(p *person, book string, cans ...account.Can) string {
	b.tb.Helper()
	who, err := b.accounts.BySession(b.tb.Context(), p.session)
	if err != nil {
		b.tb.Fatal(err)
	}
	until := ledger.DayOf(b.clock.Now()).AddDays(30)
	plain, err := b.accounts.IssueToken(b.tb.Context(), who, account.NewToken{Name: "程序", Book: book, Cans: cans, Until: until})
	if err != nil {
		b.tb.Fatal(err)
	}
	return plain
}
