package browser_test

import (
	"net/http"
	"testing"

	"mingzhang/ledger/account"
)

// A reviewer returns a lot with a reason, its clerk reads that and amends it, and the reviewer approves what stands
// there now. Nobody reviews their own.
func TestStory_ReturnsAndApproves(t *testing.T) {
	t.Parallel()
	o := demo(t)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	reviewer := o.joined("reviewer", "吴十(虚构)", account.Reviewer, "demo")
	for i, at := range []screen{{wide, "zh"}, {narrow, "en"}} {
		c, r := o.as(t, clerk, at.width, at.lang), o.as(t, reviewer, at.width, at.lang)
		if i == 1 {
			r.withoutScript()
		}
		lotNo := "试-7" + at.String()
		c.visit("/books/demo/lots/new").fillPond(lotNo).fill(c.say("底价", "Base price"), "800").fill(c.say("成交价", "Hammer price"), "1200")
		c.press(c.say("录入账簿", "Enter")).look("clerk-entered")
		lot := c.path()
		r.visit(lot).look("to-review").expect(http.StatusUnprocessableEntity).press(r.say("退回更正", "Return")).look("no-reason")
		r.fill(r.say("退回原因", "Reason for returning"), "成交价与公告不符(虚构)").press(r.say("退回更正", "Return")).look("returned")
		c.visit("/books/demo/lots?review=returned").has(lotNo).visit(lot).has("成交价与公告不符").look("clerk-reads")
		c.press(c.say("更正", "Amend")).fill(c.say("成交价", "Hammer price"), "1000").fill(c.say("原因", "Reason"), "改正抄录错误(虚构)").press(c.say("提交更正", "Amend"))
		r.expect(http.StatusPreconditionFailed).press(r.say("复核通过", "Approve")).look("amended-meanwhile") // r still has the old page
		r.visit(lot).press(r.say("复核通过", "Approve")).has(pond.premium).look("approved")
		c.visit("/books/demo/lots?review=approved").has(lotNo)
	}
}
