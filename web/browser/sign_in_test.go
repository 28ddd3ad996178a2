package browser_test

import (
	"net/http"
	"testing"
	"time"

	"mingzhang/ledger/account"
	"mingzhang/web"
)

// The first administrator gets a one-time code from the command line, sets a password with it, sets up an
// authenticator, signs out and signs in again with a code that works once.
func TestStory_SignsIn(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{{narrow, "en"}, {wide, "zh"}} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.serve(web.Options{})
			p := o.open(t, at.width, at.lang)
			p.visit("/").has("mingzhang user add").look("nobody-yet")
			admin := o.hire("admin", "张三(虚构)", account.Administrator, "")
			p.visit("/sign-in").press(p.say("我有一次性代码", "I have a one-time code"))
			p.fill(p.say("登录名", "Account name"), "admin").fill(p.say("一次性代码", "One-time code"), admin.code)
			p.fill(p.say("新密码", "New password"), phrase).fill(p.say("再输一次", "Once more"), phrase+"x")
			p.expect(http.StatusUnprocessableEntity).press(p.say("设置密码并登录", "Set the password and sign in")).look("two-passwords")
			p.fill(p.say("一次性代码", "One-time code"), admin.code)
			p.fill(p.say("新密码", "New password"), phrase).fill(p.say("再输一次", "Once more"), phrase)
			p.press(p.say("设置密码并登录", "Set the password and sign in"))

			secret := p.text("main code")
			p.look("authenticator")
			field, button := p.say("动态口令", "One-time password"), p.say("启用", "Set up")
			p.fill(field, "000000").expect(http.StatusUnauthorized).press(button)
			if got := p.text("main code"); got != secret {
				t.Errorf("after a wrong code the page shows another secret")
			}
			p.fill(field, totp(t, secret, o.clock.Now())).press(button).look("recovery-codes")
			p.press(p.say("已保存，继续", "Saved, go on")).look("desk")
			p.press(p.say("退出", "Sign out"))

			signIn := func(code string, status int) {
				t.Helper()
				p.fill(p.say("登录名", "Account name"), "admin").fill(p.say("密码", "Password"), phrase).fill(field, code)
				p.expect(status).press(p.say("登录", "Sign in"))
			}
			signIn("", http.StatusUnauthorized)
			p.look("refused")
			signIn(totp(t, secret, o.clock.Now()), http.StatusUnauthorized) // it was used to set up
			o.clock.forward(time.Minute)
			signIn(totp(t, secret, o.clock.Now()), http.StatusOK)
			p.has("张三").visit("/account").look("account")
		})
	}
}

// Whoever comes back too late signs in again, without a script and without the mouse, and what was typed is still there.
func TestStory_ComesBackLate(t *testing.T) {
	t.Parallel()
	o := demo(t)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	for _, at := range []screen{{narrow, "zh"}, {wide, "en"}} {
		o.clock.forward(2 * time.Minute)
		clerk.token = o.again(clerk)
		p := o.as(t, clerk, at.width, at.lang).withoutScript().visit("/books/demo/statement")
		typed := "成交36宗,溢价1438.89万元。"
		p.fill(p.say("把报告里的句子贴在这里", "Paste the sentence of a report"), typed)
		o.clock.forward(31 * time.Minute)
		p.expect(http.StatusUnauthorized).press(p.say("核对", "Judge")).look("signed-out-meanwhile")
		p.fill(p.say("登录名", "Account name"), "clerk").fill(p.say("密码", "Password"), phrase)
		p.tabTo(p.say("登录", "Sign in"), 4).enter().look("what-was-typed")
		p.press(p.say("提交", "Send")).has("36", p.say("自相矛盾", "contradictory")).look("judged")
		if got := p.value(p.say("把报告里的句子贴在这里", "Paste the sentence of a report")); got != typed {
			t.Errorf("the page holds %q, want %q", got, typed)
		}
	}
}

// A newcomer on the machine itself tries the roles of the demo book, and nobody is let in with a wrong password.
func TestStory_TriesTheRoles(t *testing.T) {
	t.Parallel()
	o := demo(t)
	for _, at := range []screen{{narrow, "en"}, {wide, "zh"}} {
		p := o.open(t, at.width, at.lang).visit("/").look("sign-in")
		p.fill(p.say("登录名", "Account name"), "demo-clerk").fill(p.say("密码", "Password"), "guess").expect(http.StatusUnauthorized)
		p.press(p.say("登录", "Sign in")).look("refused")
		p.press(p.say("不用账户", "Try the demo book")).look("roles").press(p.say("审计", "auditor")).look("desk")
		p.expect(http.StatusNotFound).visit("/books/elsewhere/summary").look("not-there")
	}
}
