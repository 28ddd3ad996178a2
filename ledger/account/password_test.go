package account_test

import (
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func TestPassword_Rules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ password, reason string }{
		{"", "password.too_short"},
		{"七个字不够长呀", "password.too_short"},
		{"八个字就够长了呀", ""},
		{"kq7wm2xz", ""},
		{"correct horse battery staple", ""},
		{"全村稻田插秧忙三月", ""},
		{strings.Repeat("x7", 4), "password.common"},
		{strings.Repeat("长", 64) + strings.Repeat("短", 64), ""},
		{strings.Repeat("长", 64) + strings.Repeat("短", 65), "password.too_long"},
		{"lantern\x00river", "password.bad_character"},
		{"lantern\nriver", "password.bad_character"},
		{"lantern\xffriver", "password.bad_character"},
		{"12345678", "password.common"},
		{"87654321", "password.common"},
		{"Password", "password.common"},
		{"PASSWORD123!", "password.common"},
		{"woaini1314", "password.common"},
		{"zhaoqing2026", "password.common"},
		{"admin@123", "password.common"},
		{"qwertyuiop", "password.common"},
		{"1qaz2wsx", "password.common"},
		{"aaaaaaaaaa", "password.common"},
		{"abcabcabcabc", "password.common"},
		{"19901231", "password.common"},
		{"1990-12-31", "password.common"},
		{"1990年12月31日", "password.common"},
		{"１２３４５６７８", "password.common"}, // of another width
		{"我的密码2026", "password.common"},
		{"lizhongwei-77x", "password.has_name"},
		{"LiZhongWei-77x", "password.has_name"},
		{"李中伟的好密码呀", "password.has_name"},
	} {
		_, err := account.NewPassword(tt.password, "lizhongwei", "李中伟")
		wants(t, tt.password, err, ledger.Invalid, tt.reason)
	}
	if _, err := account.NewPassword("the lily of the valley", "li", "李"); err != nil {
		t.Errorf("a login of two letters: %v, want it to be no hindrance", err)
	}
}

// One text has several spellings in Unicode; each keyboard has its own. A long password counts to its last character.
func TestPassword_WholeAndNormal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "clerk", Name: "某人"})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("caf\u00e9 河流 ", 15)
	if _, err := b.svc.Redeem(t.Context(), "clerk", code, long, b.from); err != nil {
		t.Fatal(err)
	}
	p := &person{bundle: b, id: id, login: "clerk"}
	if _, err := p.try(strings.ReplaceAll(long, "\u00e9", "e\u0301"), ""); err != nil {
		t.Errorf("the same text decomposed: %v, want it taken", err)
	}
	_, err = p.try(long[:len(long)-1], "")
	wants(t, "all but the last character", err, ledger.Unauthenticated, "sign_in.refused")
	_, err = p.try(long+strings.Repeat("x", 100_000), "")
	wants(t, "a very long one", err, ledger.Unauthenticated, "sign_in.refused")
	p.login = " ＣＬＥＲＫ "
	if _, err := p.try(long, ""); err != nil {
		t.Errorf("the login in capitals of full width: %v, want it taken", err)
	}
}

// What is stored is argon2id with today's cost; an older cost is raised at the next sign-in.
func TestPassword_Rehash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	stored := func() string {
		var hash string
		if err := b.db.Owner().NewRaw("SELECT password_hash FROM work_credentials WHERE account = ?", p.id).Scan(t.Context(), &hash); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	if weak := stored(); !strings.HasPrefix(weak, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("stored %s, want the cost of the test", weak)
	}
	b.svc.Usual()
	p.in()
	strong := stored()
	if !strings.HasPrefix(strong, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored %s after a sign-in, want the usual cost", strong)
	}
	p.in()
	if again := stored(); again != strong {
		t.Errorf("stored %s, want it left alone", again)
	}
	for _, broken := range []string{"x", "$argon2id$v=19$m=9999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		b.exec("UPDATE work_credentials SET password_hash = ?", broken)
		if _, err := p.try(password, ""); ledger.CodeOf(err) != ledger.Internal {
			t.Errorf("the stored hash %q: %v, want internal", broken, err)
		}
	}
}

// Where no password is set, none is right.
func TestPassword_None(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	b.exec("UPDATE work_credentials SET password_hash = '' WHERE account = ?", p.id)
	for _, none := range []string{"", password} {
		_, err := p.try(none, "")
		wants(t, "where none is set", err, ledger.Unauthenticated, "sign_in.refused")
	}
}

// While all places are taken, others wait, and are told so when it takes too long. That is no failure of theirs.
func TestPassword_Busy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.svc = account.New(b.store, b.now, account.Options{HashWait: 10 * time.Millisecond})
	b.svc.Cheapen()
	p := b.add("clerk")
	free := b.svc.Occupy()
	for range 10 {
		_, err := p.try(password, "")
		wants(t, "while all places are taken", err, ledger.Busy, "sign_in.busy")
	}
	_, err := (&person{bundle: b, login: "nobody"}).try(password, "")
	wants(t, "an unknown login while all places are taken", err, ledger.Busy, "sign_in.busy")
	free()
	p.in()
}

// Whether a login exists tells neither the answer nor the work that was done for it.
func TestPassword_UnknownLogin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	closed, fresh := b.add("closed"), &person{bundle: b, login: "fresh"}
	wants(t, "disabling", b.svc.Disable(t.Context(), b.local, closed.id, "离职"), "", "")
	if _, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "fresh", Name: "某人"}); err != nil {
		t.Fatal(err)
	}
	b.svc = account.New(b.store, b.now, account.Options{HashWait: time.Millisecond})
	free := b.svc.Occupy()
	for _, p := range []*person{closed, fresh, {bundle: b, login: "nobody"}} {
		p.bundle = b
		_, err := p.try(password, "")
		wants(t, p.login+" is hashed for", err, ledger.Busy, "sign_in.busy")
	}
	free()
	for _, p := range []*person{closed, fresh, {bundle: b, login: "nobody"}} {
		p.bundle = b
		_, err := p.try(password, "")
		wants(t, p.login, err, ledger.Unauthenticated, "sign_in.refused")
	}
}

func TestAdd_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add("clerk")
	for login, reason := range map[string]string{
		"": "account.login_form", "x": "account.login_form", ".x": "account.login_form", "a b@c": "account.login_form",
		"аdmin": "account.login_form", "x\x00y": "account.login_form", strings.Repeat("x", 41): "account.login_form",
		"张三": "", "li.wei-2_x": "", "WANG": "", "ｗａｎｇ２": "",
	} {
		_, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: login, Name: "张三"})
		wants(t, login, err, ledger.Invalid, reason)
	}
	for _, login := range []string{"clerk", "Clerk", " ＣＬＥＲＫ"} {
		_, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: login, Name: "张三"})
		wants(t, login, err, ledger.Conflict, "account.exists")
	}
	for name, reason := range map[string]string{"": "account.name_missing", "\u3000 \u3000": "account.name_missing", strings.Repeat("张", 101): "text.too_long", "张\x01三": "text.bad_character"} {
		_, _, err := b.svc.Add(t.Context(), b.local, account.NewAccount{Login: "other", Name: name})
		wants(t, name, err, ledger.Invalid, reason)
	}
	_, _, err := b.svc.Add(t.Context(), ledger.AccountActor(1), account.NewAccount{Login: "other", Name: "张三"})
	wants(t, "by an account without rights", err, ledger.Denied, "right.missing")
	b.check()
}
