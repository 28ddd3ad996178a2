package account_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// What the log keeps of a person goes when the account is closed and the law asks: the name and the addresses, not
// what others did, and no hash. The account is known by its login as before.
func TestErase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li := b.add("li", account.NewRight{Role: account.Clerk, Book: "east"})
	wang := b.add("wang", account.NewRight{Role: account.Clerk, Book: "east"})
	for _, p := range []*person{li, wang} {
		if _, err := b.svc.SignIn(t.Context(), account.Credentials{Login: p.login, Password: password}, account.From{Address: "192.0.2." + p.login, Agent: p.login}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.svc.Erase(t.Context(), b.local, "li", "依法"); !errors.Is(err, ledger.E(ledger.Conflict, "account.erase_active")) {
		t.Errorf("an account in use: %v", err)
	}
	if err := b.svc.Disable(t.Context(), b.local, li.id, "离职"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.svc.Erase(t.Context(), b.local, "li", " "); !errors.Is(err, ledger.E(ledger.Invalid, "erasure.reason_missing")) {
		t.Errorf("without a reason: %v", err)
	}
	erased, err := b.svc.Erase(t.Context(), b.local, "LI", "个人信息保护法第四十七条")
	if err != nil || len(erased.Texts) < 3 {
		t.Fatalf("erased %+v, %v; want the name twice and addresses", erased, err)
	}
	b.check()
	var left int
	err = b.db.Owner().NewRaw("SELECT (SELECT count(*) FROM sealed WHERE value LIKE '%192.0.2.li%') + (SELECT count(*) FROM work_sessions WHERE account = ?0) + "+
		"(SELECT count(*) FROM work_credentials WHERE account = ?0) + (SELECT count(*) FROM work_events WHERE account = ?0)", li.id).Scan(t.Context(), &left)
	if err != nil || left != 0 {
		t.Errorf("%d rows are left of the person, %v", left, err)
	}
	err = b.db.Owner().NewRaw("SELECT count(*) FROM sealed WHERE value LIKE '%192.0.2.wang%'").Scan(t.Context(), &left)
	if err != nil || left == 0 {
		t.Errorf("%d texts of another person, %v; want theirs untouched", left, err)
	}
	names, err := b.svc.Names(t.Context(), []ledger.Actor{ledger.AccountActor(li.id), ledger.AccountActor(wang.id)})
	if err != nil || names[ledger.AccountActor(li.id).String()] != ledger.ErasedText || ledger.IsErased(names[ledger.AccountActor(wang.id).String()]) {
		t.Errorf("names %v, %v", names, err)
	}
	of := b.all(account.LogFilter{Account: li.id}, 100)
	if !slices.ContainsFunc(of, func(l account.Logged) bool { return l.Name == "signed_in" && l.Address == ledger.ErasedText }) {
		t.Errorf("the log shows %+v", of)
	}
	told := b.all(account.LogFilter{Name: "erasure.recorded"}, 100)
	if len(told) != 1 || !strings.Contains(told[0].Reason, "四十七") || told[0].Actor != b.local {
		t.Errorf("the log tells %+v", told)
	}
	if again, err := b.svc.Erase(t.Context(), b.local, "li", "依法"); err != nil || len(again.Texts) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if err := b.svc.Enable(t.Context(), b.local, li.id, "返聘"); err != nil {
		t.Errorf("opened again: %v", err)
	}
	b.check()
}
