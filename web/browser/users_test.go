package browser_test

import (
	"net/http"
	"testing"

	"mingzhang/ledger/account"
)

// An administrator makes an account for one village, prints the slip and hands it over; its person sees that village
// and nothing else, until the right is revoked, which acts at once.
func TestStory_MakesAnAccount(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{{wide, "zh"}, {narrow, "en"}} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			o := demo(t)
			admin := o.joined("admin", "张三(虚构)", account.Administrator, "")
			p := o.as(t, admin, at.width, at.lang).visit("/users").look("users")
			p.press(p.say("新建账户", "New account")).look("empty-form").expect(http.StatusUnprocessableEntity).press(p.say("建立账户", "Make the account")).look("faults")
			p.fill(p.say("登录名", "Account name"), "zhao.liu").fill(p.say("姓名", "Name"), "赵六(虚构)")
			p.choose(p.say("角色", "Role"), account.Clerk.Name().In(p.language())).choose(p.say("账簿", "Book"), "demo")
			p.fill(p.say("只限这些村", "Only these villages"), "示例榕荫村")
			p.press(p.say("建立账户", "Make the account")).has("zhao.liu", "示例榕荫村").paper("slip").look("slip")
			code := p.text(".slip-code")

			q := o.open(t, at.width, at.lang).visit("/redeem")
			q.fill(q.say("登录名", "Account name"), "zhao.liu").fill(q.say("一次性代码", "One-time code"), code)
			q.fill(q.say("新密码", "New password"), phrase).fill(q.say("再输一次", "Once more"), phrase)
			q.press(q.say("设置密码并登录", "Set the password and sign in")).look("new-desk")
			q.visit("/books/demo/lots").hasNot("示例石桥").look("one-village")
			q.visit("/account").look("account").expect(http.StatusForbidden).visit("/users").look("no-right")

			p.press(p.say("已交给本人", "Handed over")).look("account-of").pressIn("tr", "示例榕荫村", p.say("撤销", "Revoke")).look("revoke")
			p.fill(p.say("理由", "Reason"), "调岗(虚构)").press(p.say("撤销", "Revoke")).has("调岗").look("revoked")
			q.expect(http.StatusNotFound).visit("/books/demo/lots").look("gone")
		})
	}
}

// An auditor reads the book: its entries as they are sealed, its checkpoints, and a check of all of it.
func TestStory_ReadsTheBook(t *testing.T) {
	t.Parallel()
	o := demo(t)
	auditor := o.joined("auditor", "钱七(虚构)", account.Auditor, "demo")
	for _, at := range []screen{{narrow, "zh"}, {wide, "en"}} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, auditor, at.width, at.lang).visit("/books/demo").look("book")
			p.press(p.say("全部条目", "All entries")).look("entries").visit("/books/demo/entries/12").look("entry")
			p.visit("/books/demo/checkpoints").look("checkpoints")
			p.visit("/books/demo/check").press(p.say("从头校验", "Check all of it")).look("checking")
			p.waits(".notice.good", p.say("", "")).look("checked")
		})
	}
}
