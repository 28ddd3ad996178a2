package web_test

import (
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

// Each role finds what waits for it, and no more.
func TestDesk_ByRole(t *testing.T) {
	t.Parallel()
	b := demo(t)
	for login, want := range map[string]struct{ there, not []string }{
		"demo-clerk": {
			[]string{"交易经办员", "退回给我的", "/books/demo/lots/new", "录入标的", "导入台账", "/books/demo/statement"},
			[]string{"/books/demo/parcels/new", "待复核", "账簿校验"},
		},
		"demo-land": {[]string{"土地核查员", "/books/demo/parcels/new", "导入宗地"}, []string{"/books/demo/lots/new", "待复核"}},
		"demo-reviewer": {
			[]string{"待复核的导入", `<span class="tile-value">3 <small>份</small>`, `<li class="waits"><a href="/books/demo/review">`},
			[]string{"录入标的</a>", "退回给我的", "账簿校验"},
		},
		"demo-leader":  {[]string{"待复核的导入", "4763.63", "1438.89", "溢价率 43.28%", "2021-01-01 至 2021-06-30", "已复核 0 / 37"}, []string{"账簿校验"}},
		"demo-auditor": {[]string{"链首凭证", "账簿校验", "未校验", "4763.63"}, []string{"待复核的", "录入标的</a>"}},
	} {
		page := b.as(login).get("/", 200, append(want.there, "<h1>工作台</h1>", "演示账簿：全部数据均为虚构", "明账示例街道（虚构）")...)
		for _, text := range want.not {
			if strings.Contains(page, text) {
				t.Errorf("the desk of %s has %q", login, text)
			}
		}
	}
	b.as("demo-leader").get("/?lang=en", 200, "<h1>Desk</h1>", "Imports to review", "reviewed 0 / 37")
}

// What a reviewer gave back stands on the desk of who entered it, with the reason, until it is amended.
func TestDesk_Returned(t *testing.T) {
	t.Parallel()
	b := demo(t)
	var made struct {
		Record int64
		Entry  int64
	}
	b.as("demo-clerk").json(b.api("POST", "/api/v1/books/demo/lots", `{"lot_no":"虚构-<b>1</b>","collective":"虚构村","base_total":"100.00","hammer_total":"120.00","hammered_on":"2021-06-01","outcome":"hammered"}`), 201, &made)
	b.get("/", 200, "我最近的录入", "虚构-&lt;b&gt;1&lt;/b&gt;", "/books/demo/lots/"+itoa(made.Record), "/books/demo/entries/"+itoa(made.Entry))
	w := b.as("demo-reviewer").api("POST", "/api/v1/books/demo/lots/"+itoa(made.Record)+"/review", `{"verdict":"returned","reason":"底价与公告不一致<i>"}`, "If-Match", `"`+itoa(made.Entry)+`"`)
	if w.Code/100 != 2 {
		t.Fatalf("returning it: %d %s", w.Code, w.Body)
	}
	b.as("demo-clerk").get("/", 200, "底价与公告不一致&lt;i&gt;", "演示复核(虚构)", `<li class="waits"><a href="/books/demo/returned">`)
	if page := b.as("demo-land").get("/", 200); strings.Contains(page, "底价与公告不一致") {
		t.Error("it was given back to somebody else")
	}
}

// Several books stand below each other; an administrator sees none, and who has no right is told what to do.
func TestDesk_Books(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.open("a-street", "office", "甲街道（虚构）", "")
	b.open("b-street", "office", "乙街道（虚构）", "")
	b.someone("two", account.Clerk, "a-street")
	ctx := t.Context()
	a, err := b.accounts.ByLogin(ctx, "two")
	if err != nil {
		t.Fatal(err)
	}
	b.get("/", 200, "甲街道（虚构）")
	if err := b.accounts.Grant(ctx, b.actor, account.NewRight{Account: a.ID, Role: account.LandOfficer, Book: "b-street"}); err != nil {
		t.Fatal(err)
	}
	page := b.get("/", 200, "甲街道（虚构）", "乙街道（虚构）", "/books/a-street/lots/new", "/books/b-street/parcels/new")
	if strings.Contains(page, "明账示例街道") {
		t.Error("the desk names a book of others")
	}
	for _, right := range a.Rights {
		if err := b.accounts.Revoke(ctx, b.actor, right.ID, "调岗（虚构）"); err != nil {
			t.Fatal(err)
		}
	}
	if page := b.get("/", 200, "乙街道（虚构）"); strings.Contains(page, "甲街道") {
		t.Error("a right that was taken away is still on the desk")
	}
	b.nobody().get("/", 303)
}
