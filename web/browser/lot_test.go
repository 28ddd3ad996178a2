package browser_test

import (
	"net/http"
	"testing"

	"mingzhang/ledger/account"
)

// A pond of 12.5 mu for 5 years, 800 yuan per mu and year as base and 1000 as hammer. By hand: 12.5 × 5 × 800 is
// 50,000; 12.5 × 5 × 1000 is 62,500; the premium is 12,500, a quarter of the base.
var pond = struct{ base, hammer, premium, rate, capital string }{"50,000.00", "62,500.00", "12,500.00", "25.00%", "陆万贰仟伍佰元整"}

// fillPond types the pond as the paper has it, all but its price.
func (p *tab) fillPond(lotNo string) *tab {
	p.tb.Helper()
	p.fill(p.say("交易编号", "Lot number"), lotNo).fill(p.say("标的名称", "Asset"), "示例鱼塘").fill(p.say("村集体", "Collective"), "东升村经济联社")
	p.choose(p.say("资产类别", "Kind"), p.say("养殖水面", "pond")).fill(p.say("租期", "Term"), "5年")
	p.fill(p.say("面积或数量", "Quantity"), "12.5亩").choose(p.say("计价单位", "Price unit"), p.say("元/亩·年", "yuan per mu per year"))
	return p.fill(p.say("成交日期", "Hammered on"), "2021-6-30").fill(p.say("竞得人", "Winner"), "王五(虚构)")
}

// figures wants the computed figures of the pond.
func (p *tab) figures() *tab {
	p.tb.Helper()
	return p.waits("#figures", pond.base).waits("#figures", pond.hammer).waits("#figures", pond.premium).
		waits("#figures", pond.rate).waits("#figures", pond.capital)
}

// A clerk enters a lot from its paper, sees the figures appear, amends it, and strikes it out: with scripts and
// without.
func TestStory_EntersALot(t *testing.T) {
	t.Parallel()
	o := demo(t)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	for i, at := range []screen{{wide, "zh"}, {narrow, "en"}, {narrow, "zh"}, {wide, "en"}} {
		script := i < 2
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, clerk, at.width, at.lang)
			if !script {
				p.withoutScript()
			}
			lotNo := "试-9" + at.String()
			p.visit("/books/demo/lots").look("lots").press(p.say("录入标的", "Enter a lot")).look("empty-form")
			p.fillPond(lotNo).fill(p.say("底价", "Base price"), "800").fill(p.say("成交价", "Hammer price"), "一千")
			p.expect(http.StatusUnprocessableEntity).press(p.say("录入账簿", "Enter")).look("faults").has("一千")
			if got := p.value(p.say("竞得人", "Winner")); got != "王五(虚构)" {
				t.Errorf("the form has forgotten the winner: %q", got)
			}
			p.fill(p.say("成交价", "Hammer price"), "1,000")
			if !script {
				p.press(p.say("计算", "Compute"))
			}
			p.figures().look("figures")
			p.press(p.say("录入账簿", "Enter")).figures().has(lotNo, p.say("已录入账簿", "Entered in the book"), "1,000.00").look("entered")

			p.press(p.say("更正", "Amend")).fill(p.say("成交价", "Hammer price"), "1200").look("amend")
			p.fill(p.say("原因", "Reason"), "合同附件为准(虚构)").press(p.say("提交更正", "Amend"))
			p.has("75,000.00", "25,000.00", "50.00%", "合同附件为准").look("amended")

			p.press(p.say("作废", "Void")).look("void").expect(http.StatusUnprocessableEntity).press(p.say("确认作废", "Void it"))
			p.fill(p.say("作废原因", "Reason"), "重复登记(虚构)").press(p.say("确认作废", "Void it"))
			p.has("重复登记", p.say("已作废", "oided")).look("voided")
		})
	}
}

// A list is searched in Chinese and narrowed down by its filters, by the address alone.
func TestStory_FindsLots(t *testing.T) {
	t.Parallel()
	o := demo(t)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	for _, at := range []screen{{wide, "zh"}, {narrow, "en"}} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, clerk, at.width, at.lang).visit("/books/demo/lots")
			p.choose(p.say("结果", "Outcome"), p.say("流拍", "unsold")).press(p.say("查询", "Search")).look("unsold")
			rows := ask[int](p, "document.querySelectorAll('main tbody tr').length")
			if rows != 6 {
				t.Errorf("%d unsold lots in the list, want the 6 of the summary", rows)
			}
			p.click(p.say("更多条件", "More")).fill(p.say("村", "Village"), "示例青禾村").press(p.say("查询", "Search")).has("青禾会堂").hasNot("沙尾涌边").look("one-village")
			p.visit("/books/demo/lots").fill(p.say("搜索", "Search"), "鱼塘").press(p.say("查询", "Search")).has("鱼塘").hasNot("榕荫竹林").look("searched")
			p.fill(p.say("搜索", "Search"), "没有这样的词").press(p.say("查询", "Search")).look("nothing-found")
		})
	}
}

// Two people amend the same lot: the second sees what the first changed, and nothing that was typed is lost.
func TestStory_TwoAmendOneLot(t *testing.T) {
	t.Parallel()
	o := demo(t)
	first, second := o.joined("first", "李四(虚构)", account.Clerk, "demo"), o.joined("second", "王五(虚构)", account.Clerk, "demo")
	a, b := o.as(t, first, wide, "zh"), o.as(t, second, narrow, "zh")
	a.visit("/books/demo/lots/new").fillPond("试-8").fill("底价", "800").fill("成交价", "1000").press("录入账簿")
	at := a.path()
	a.press("更正").fill("成交价", "1100").fill("原因", "第一人的原因(虚构)")
	b.visit(at).press("更正").fill("成交价", "1200").fill("原因", "第二人的原因(虚构)")
	a.press("提交更正")
	b.expect(http.StatusPreconditionFailed).press("提交更正").look("changed-meanwhile").has("他人已先改动", "李四")
	if got := b.value("成交价"); got != "1200" {
		t.Errorf("the second one's price is %q, want what was typed", got)
	}
	b.press("提交更正").has("第一人的原因", "第二人的原因", "75,000.00").look("both")
}
