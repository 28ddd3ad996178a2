package browser_test

import (
	"strconv"
	"testing"
)

// eachWay tells a story at both widths and in both languages. query is what makes an address speak that language.
func eachWay(t *testing.T, story func(t *testing.T, width int, lang string)) {
	t.Helper()
	for _, width := range []int{narrow, wide} {
		for _, lang := range []string{"zh", "en"} {
			t.Run(strconv.Itoa(width)+"-"+lang, func(t *testing.T) {
				t.Parallel()
				story(t, width, lang)
			})
		}
	}
}

// The half-year and the judgement of the published sentence, read in both languages on both screens.
func TestStory_ReadsTheSummary(t *testing.T) {
	t.Parallel()
	o := demo(t)
	words := map[string][]string{
		"zh": {"演示账簿", "3324.74", "4763.63", "1438.89", "43.28%", "名称错误"},
		"en": {"Demo book", "3324.74", "4763.63", "1438.89", "43.28%", "mislabelled"},
	}
	eachWay(t, func(t *testing.T, width int, lang string) {
		openTab(t, o.url, width).visit("/?lang=" + lang).has(words[lang]...).look("summary")
	})
}
