package browser_test

import (
	"testing"

	"mingzhang/ledger/account"
)

// A leader issues the summary, a clerk voids a lot of it, and report and lot say so; then the book is read as it was.
func TestStory_IssuesAReport(t *testing.T) {
	t.Parallel()
	for _, at := range screens {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			o := demo(t)
			const no = "示例街集资交〔2021〕0004号"
			p := o.as(t, o.joined("leader", "王五(虚构)", account.Leader, "demo"), at.width, at.lang)
			p.visit("/books/demo/summary").press(p.say("签发这份报告…", "Issue this report…"))
			p.has(p.say("不能撤回", "cannot be undone")).look("issue")
			p.press(p.say("确认签发", "Issue it")).has(p.say("已签发，并记入账簿", "Issued, and kept in the book"), p.say("没有变动", "No record of this report has been touched")).look("issued")
			report := p.path()

			p = o.as(t, o.joined("clerk", "李四(虚构)", account.Clerk, "demo"), at.width, at.lang)
			p.visit("/books/demo/lots?search=0004").press(no).look("lot-issued").press(p.say("作废…", "Void…"))
			p.fill(p.say("作废原因", "Reason"), "重复登记（虚构）").press(p.say("确认作废", "Void it"))
			p.has(p.say("它列入已签发的报告", "It is in issued reports")).look("lot-touched")
			lot := p.path()
			p.visit("/books/demo/reports").look("reports")
			p.visit(report).has(p.say("有变动", "have been touched"), no).look("report-touched")
			p.visit("/books/demo/checkpoints").look("checkpoints")
			p.visit("/books/demo/lots?as_of=291").has(p.say("截至链首凭证", "As of checkpoint")).hasNot(p.say("录入标的", "Enter a lot")).look("lots-past")
			p.visit(lot + "&as_of=291").hasNot(p.say("作废…", "Void…")).look("lot-past")
			p.press(p.say("回到现在", "Back to the present")).has(p.say("已作废", "voided"))
		})
	}
}
