package browser_test

import (
	"fmt"
	"testing"

	"mingzhang/ledger/account"
)

// screen is how somebody reads: how wide, and in which language.
type screen struct {
	width int
	lang  string
}

func (s screen) String() string { return fmt.Sprintf("%d-%s", s.width, s.lang) }

// screens are all that a page is read on.
var screens = []screen{{narrow, "zh"}, {narrow, "en"}, {wide, "zh"}, {wide, "en"}}

// The half-year and the judgement of the published sentence, read in both languages on both screens.
func TestStory_ReadsTheSummary(t *testing.T) {
	t.Parallel()
	o := demo(t)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	for _, at := range screens {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, clerk, at.width, at.lang)
			p.visit("/books/demo/summary").has(p.say("演示账簿", "Demo book"), "33,247,400.00", "47,636,300.00", "14,388,900.00", "43.28%", "422.02")
			p.drawn(".chart canvas", 2).look("summary")
			p.visit("/books/demo/statement").has("4763.63", p.say("名称错误", "mislabelled")).look("statement")
			p.visit("/").look("desk")
			if at.width == wide {
				p.visit("/books/demo/summary").paper("summary")
			}
		})
	}
}
