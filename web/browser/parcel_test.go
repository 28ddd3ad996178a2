package browser_test

import (
	"net/http"
	"testing"

	"mingzhang/ledger/account"
)

// A land officer enters a parcel and what was found on the spot. 7,655 ㎡ are 7655 × 3 ÷ 2000 = 11.4825 mu.
func TestStory_VerifiesAParcel(t *testing.T) {
	t.Parallel()
	o := demo(t)
	officer := o.joined("officer", "孙八(虚构)", account.LandOfficer, "demo")
	for i, at := range []screen{{wide, "en"}, {narrow, "zh"}} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, officer, at.width, at.lang)
			if i == 1 {
				p.withoutScript()
			}
			p.visit("/books/demo/parcels").look("parcels").press(p.say("录入宗地", "Enter a parcel")).look("empty-form")
			p.fill(p.say("宗地编号", "Parcel number"), "试宗-"+at.String()).fill(p.say("名称", "Name"), "示例晒场")
			p.choose(p.say("类别", "Category"), p.say("留用地", "reserved land")).fill(p.say("权属单位", "Holder"), "东升村经济联社")
			p.fill(p.say("证载面积", "Registered area"), "7,655㎡")
			if i == 1 {
				p.press(p.say("计算", "Compute"))
			}
			p.waits("#figures", "11.48").look("area").press(p.say("录入账簿", "Enter")).has("11.48").look("entered")
			p.press(p.say("记录核查", "Record a verification")).look("visit-form")
			p.fill(p.say("核查面积", "Verified area"), "11.5亩").expect(http.StatusUnprocessableEntity).press(p.say("记录核查", "Record")).look("no-day")
			p.fill(p.say("核查日期", "Verified on"), "2021年6月30日").fill(p.say("核查人", "Officers"), "孙八、周九")
			p.fill(p.say("结论", "Conclusions"), "面积不符").press(p.say("记录核查", "Record")).has("11.50", "2021-06-30").look("verified")
		})
	}
}
