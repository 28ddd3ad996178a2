package web

import (
	"slices"
	"testing"
	"testing/fstest"

	"mingzhang/ledger"
)

func TestNavFor(t *testing.T) {
	t.Parallel()
	all := May{Read: true, EnterLots: true, EnterLand: true, Review: true, Administer: true}
	for _, tt := range []struct {
		name       string
		lang       ledger.Lang
		book, path string
		may        May
		want       []string // * marks where one is
	}{
		{"all", ledger.ZH, "demo", "/books/demo/lots/12?x=1", all, []string{"工作台 /", "*标的 /books/demo/lots", "宗地 /books/demo/parcels", "导入 /books/demo/imports", "复核 /books/demo/review", "汇总 /books/demo/summary", "语句核对 /books/demo/statement", "账簿 /books/demo", "用户 /users", "安装日志 /installation"}},
		{"clerk", ledger.EN, "demo", "/books/demo/imports", May{Read: true, EnterLots: true}, []string{"Desk /?lang=en", "Lots /books/demo/lots?lang=en", "Parcels /books/demo/parcels?lang=en", "*Import /books/demo/imports?lang=en", "Summary /books/demo/summary?lang=en", "Statement check /books/demo/statement?lang=en", "Book /books/demo?lang=en"}},
		{"land officer", ledger.ZH, "a", "/books/a/lotsofland", May{EnterLand: true}, []string{"工作台 /", "导入 /books/a/imports"}},
		{"importing", ledger.ZH, "a", "/books/a/import/lots", May{EnterLand: true}, []string{"工作台 /", "*导入 /books/a/imports"}},
		{"book", ledger.ZH, "a", "/books/a/entries/12", May{Read: true}, []string{"工作台 /", "标的 /books/a/lots", "宗地 /books/a/parcels", "汇总 /books/a/summary", "语句核对 /books/a/statement", "*账簿 /books/a"}},
		{"no book", ledger.ZH, "", "/?lang=zh", all, []string{"*工作台 /", "用户 /users", "安装日志 /installation"}},
		{"administrator", ledger.ZH, "", "/users/7", May{Administer: true}, []string{"工作台 /", "*用户 /users", "安装日志 /installation"}},
	} {
		var got []string
		for _, item := range NavFor(tt.lang, tt.book, tt.path, tt.may) {
			s := item.Name + " " + item.URL
			if item.Current {
				s = "*" + s
			}
			got = append(got, s)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFrame_Addresses(t *testing.T) {
	t.Parallel()
	zh, en := Frame{Lang: ledger.ZH, Path: "/books/a/lots?q=%E4%B8%9C&lang=en"}, Frame{Lang: ledger.EN}
	for _, tt := range []struct{ got, want string }{
		{zh.At("/x?lang=en&a=1"), "/x?a=1"}, {en.At("/x?a=1"), "/x?a=1&lang=en"}, {en.At("/x#top"), "/x?lang=en#top"}, {en.At("%zz"), "/"},
		{zh.In("en"), "/books/a/lots?lang=en&q=%E4%B8%9C"}, {zh.In("zh"), "/books/a/lots?lang=zh&q=%E4%B8%9C"}, {zh.In("fr"), "/books/a/lots?lang=zh&q=%E4%B8%9C"},
		{en.In("zh"), "/?lang=zh"}, {Frame{Path: "%zz"}.In("en"), "/?lang=en"}, {zh.HTML(), "zh-CN"}, {en.HTML(), "en"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
}

// Faults stand in the order of the form, those of no field first; a field that fails twice says both.
func TestFrame_Faults(t *testing.T) {
	t.Parallel()
	f := Frame{}
	f.Fail("lot_no", "一")
	f.Fail("lines.1.base_price", "二")
	f.Fail("lot_no", "三")
	f.Fail("lot_no", "三")
	f.Fail("", "四")
	f.Errors["a"] = "五"
	f.Errors["b"] = ""
	want := []Fault{{"", "四"}, {"lot_no", "一 三"}, {"lines-1-base_price", "二"}, {"a", "五"}}
	if got := f.Faults(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := (Frame{}).Faults(); len(got) != 0 {
		t.Errorf("%+v, want none", got)
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	page := Frame{Errors: map[string]string{"lines.0.area": "看不懂"}}
	f, err := newField(page, "lines.0.area", "面积", "x", "hint", "亩", "unit", "", "must", "1", "numeric", "")
	if err != nil || f.ID != "lines-0-area" || f.Fault != "看不懂" || f.Value != "x" || f.DescribedBy() != "lines-0-area-fault lines-0-area-hint" || !f.Must || f.Numeric || f.Unit != "" {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := newField(page, "a", "", "", "colour", "red"); err == nil {
		t.Error("an unknown option was taken")
	}
	if _, err := newField(page, "a", "", "", "hint"); err == nil {
		t.Error("an option without value was taken")
	}
	options, err := newOptions("", "全部", "hammered", "成交")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := newChoice(page, "outcome", "结果", "lost", options)
	if err != nil || len(kept.Options) != 3 || kept.Options[2] != (Option{Value: "lost", Label: "lost", Chosen: true}) || len(options) != 2 {
		t.Errorf("what is no option was not kept: %+v, %v", kept, err)
	}
	chosen, err := newChoice(page, "outcome", "结果", "hammered", options)
	if err != nil || !chosen.Options[1].Chosen || chosen.Options[0].Chosen || options[1].Chosen {
		t.Errorf("%+v, %v", chosen, err)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n, stop int
		want    string
	}{{0, 1000, "0"}, {999, 1000, "999"}, {1000, 1000, "1,000+"}, {1234567, 2000000, "1,234,567"}} {
		if got := Count(tt.n, tt.stop); got != tt.want {
			t.Errorf("%d of %d: %s, want %s", tt.n, tt.stop, got, tt.want)
		}
	}
}

// Without the browser libraries a page leaves them out.
func TestLib(t *testing.T) {
	t.Parallel()
	s := &Server{static: fstest.MapFS{"lib/README.md": {Data: []byte("x")}, "lib/htmx.min.js": {Data: []byte("y")}}}
	if got := s.lib("lib/chart.umd.js"); got != "" {
		t.Errorf("a library that is not there has the address %s", got)
	}
	if got, want := s.lib("lib/htmx.min.js"), "/static/lib/htmx.min.js?v=a1fce436"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
