package web

import (
	"bytes"
	"flag"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// kitFolder is where the pages of TestKit are written, to be looked at in a browser.
var kitFolder = flag.String("kit", "", "write the pages that show every part of the kit into this folder")

// kitPage has every part of the kit.
type kitPage struct {
	Frame

	Heading  Title
	Steps    []Step
	Tiles    []Tile
	Lots     Table
	Months   Table
	Pager    Pager
	Figures  Figures
	Facts    Facts
	Entries  []Entry
	Void     Confirm
	Progress Progress
	Chart    Chart
	Empty    Empty
	Money    ledger.Money
	None     *ledger.Rate
	NoArea   *ledger.Area
	NoDay    *ledger.Day
	At0      time.Time
}

func money(tb testing.TB, s string) ledger.Money {
	tb.Helper()
	m, err := ledger.ParseMoney(s)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// lots is a list as offices have it: long names, an unsold lot, one that is void.
func kitLots(tb testing.TB, lang ledger.Lang, say func(zh, en string) string) Table {
	tb.Helper()
	t := Table{
		ID: "lots", Caption: say("标的", "Lots"), Quiet: true,
		Columns: []Column{
			{Name: say("交易编号", "Number"), SortURL: "?sort=lot_no"},
			{Name: say("标的名称", "Name"), Lead: true},
			{Name: say("村集体", "Collective"), Minor: true},
			{Name: say("底价合同总额", "Base total"), Sub: say("元", "yuan"), Numeric: true},
			{Name: say("合同总标的", "Contract total"), Sub: say("元", "yuan"), Numeric: true, SortURL: "?sort=-hammer_total"},
			{Name: say("溢价", "Premium"), Sub: say("元", "yuan"), Numeric: true},
			{Name: say("溢价率", "Rate"), Numeric: true},
			{Name: say("结果", "Outcome")},
			{Name: say("成交日期", "Hammered on"), SortURL: "?sort=-hammered_on", Sorted: "descending"},
			{Name: say("复核", "Review")},
		},
	}
	add := func(no, name, base, hammer, premium, rate string, outcome auction.Outcome, on, review string) {
		o, r := OutcomeChip(lang, outcome), ReviewChip(lang, review)
		b := money(tb, base)
		cells := []Cell{{Text: no}, {Text: name}, {Text: "东升村第一经济社"}, MoneyCell(&b), MoneyCell(nil), MoneyCell(nil), {Text: rate}, {Chip: &o}, {Text: on}, {Chip: &r}}
		if hammer != "" {
			h, p := money(tb, hammer), money(tb, premium)
			cells[4], cells[5] = MoneyCell(&h), MoneyCell(&p)
		}
		t.Rows = append(t.Rows, Row{URL: "/books/demo/lots/" + no, Cells: cells})
	}
	add("SY2021-037", "东升村第一经济社二围12.5亩鱼塘", "1250000.00", "1790900.00", "540900.00", "43.27%", auction.Confirmed, "2021-06-28", "approved")
	add("SY2021-036", "永胜村旧小学教学楼首层及围墙内空地（约3600平方米）整体出租", "33247400.00", "47636300.00", "14388900.00", "43.28%", auction.Hammered, "2021-06-21", "")
	add("SY2021-035", "西环路商铺7号", "86400.00", "", "", "—", auction.Unsold, "—", "")
	add("SY2021-034", "东升村第三经济社耕地", "5000.00", "5000.00", "0.00", "0.00%", auction.Disputed, "2021-06-02", "returned")
	add("SY2021-033", "南岸旧粮仓", "240000.00", "250000.00", "10000.00", "4.17%", auction.Defaulted, "2021-05-30", "approved")
	t.Rows[4].Void = true
	return t
}

func kitMonths(say func(zh, en string) string) Table {
	t := Table{
		ID: "by-month", Caption: say("按月", "By month"),
		Columns: []Column{
			{Name: say("月份", "Month")},
			{Name: say("宗数", "Lots"), Numeric: true},
			{Name: say("底价合同总额", "Base total"), Sub: say("万元", "10,000 yuan"), Numeric: true, Series: true},
			{Name: say("合同总标的", "Contract total"), Sub: say("万元", "10,000 yuan"), Numeric: true, Series: true},
			{Name: say("溢价", "Premium"), Sub: say("万元", "10,000 yuan"), Numeric: true, Series: true},
		},
	}
	for _, m := range [][]string{{"2021-01", "4", "412.50", "590.00", "177.50"}, {"2021-02", "2", "120.00", "131.25", "11.25"}, {"2021-03", "9", "880.24", "1320.90", "440.66"}} {
		row := Row{Cells: []Cell{{Text: m[0]}, {Text: m[1]}}}
		for _, v := range m[2:] {
			row.Cells = append(row.Cells, Cell{Text: v, Value: v})
		}
		t.Rows = append(t.Rows, row)
	}
	t.Foot = []Row{{Cells: []Cell{{Text: say("合计", "Total")}, {Text: "15"}, {Text: "1412.74"}, {Text: "2042.15"}, {Text: "629.41"}}}}
	return t
}

func newKitPage(tb testing.TB, lang ledger.Lang) *kitPage {
	tb.Helper()
	say := func(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(lang) }
	path := "/books/demo/lots?q=%E4%B8%9C%E5%8D%87"
	p := &kitPage{Frame: Frame{
		Lang: lang, Title: say("页面零件", "The parts"), Path: path, Version: "v0.3.0",
		Who:  &Who{Name: "梁敏仪", Login: "liangmy", Roles: say("交易经办、复核", "clerk, reviewer")},
		Book: &BookFrame{Code: "demo", Name: say("明账示例街道（虚构）", "Mingzhang sample street (invented)"), Mark: say("演示", "demo")},
		Books: []BookFrame{
			{Code: "street", Name: say("示例街道经管站（虚构）", "Office of a sample street (invented)"), URL: "/books/street/lots"},
			{Code: "try", Name: say("练习（虚构）", "Practice (invented)"), Mark: say("练习", "practice"), URL: "/books/try/lots"},
		},
		Nav:     NavFor(lang, "demo", path, May{Read: true, EnterLots: true, Review: true, Administer: true}),
		Mark:    say("演示账簿：全部数据均为虚构，不得引用", "Demo book: all data is invented and must not be quoted"),
		Notice:  say("已记录：第 128 条。", "Recorded: entry 128."),
		Scripts: []string{"lib/chart.umd.js", "summary-charts.js", "lib/nothing.js"},
	}}
	p.Nav[4].Count = 12
	p.Fail("base_price", say("看不懂“1,2００”：逗号分组不对。请写 1200 或 1,200。", "“1,2００” cannot be read: write 1200 or 1,200."))
	p.Fail("hammered_on", say("“2021-2-30”不是真实存在的日期。", "“2021-2-30” is no day of the calendar."))
	p.Heading = newTitle(say("标的 SY2021-037", "Lot SY2021-037"), say("东升村第一经济社二围12.5亩鱼塘", "pond of 12.5 mu"), Act{Name: say("录入标的", "Enter a lot"), URL: "/new", Main: true}, Act{Name: say("导出", "Export"), URL: "/export"})
	p.Heading.Back = &Act{Name: say("全部标的", "All lots"), URL: "/books/demo/lots"}
	p.Heading.Chips = []Chip{ReviewChip(lang, ""), OutcomeChip(lang, auction.Hammered)}
	p.Steps = []Step{{say("选择文件", "Choose a file"), "done"}, {say("预览", "Preview"), "now"}, {say("写入账簿", "Record"), ""}}
	p.Tiles = []Tile{
		{Name: say("待我复核", "Waiting for my review"), Value: "12", Unit: say("条", ""), Sub: say("最早一条 2021-06-03", "the oldest of 2021-06-03"), URL: "/review", Waits: true},
		{Name: say("退回给我", "Returned to me"), Value: "0", Unit: say("条", ""), URL: "/lots"},
		{Name: say("本月成交", "Hammered this month"), Value: "9", Unit: say("宗", "lots"), Sub: say("合同总标的 1,320.90 万元", "contract total 1,320.90 (10,000 yuan)")},
	}
	p.Lots, p.Months = kitLots(tb, lang, say), kitMonths(say)
	p.Pager = Pager{Shown: 50, Total: Count(1000, 1000), First: "/books/demo/lots", Next: "?after=abc"}
	p.Money = money(tb, "33247400")
	kitRecord(p, say)
	return p
}

func kitRecord(p *kitPage, say func(zh, en string) string) {
	p.Figures = Figures{
		Title: say("按所填内容计算", "Computed from what is filled in"),
		Items: []Item{
			{Name: say("溢价", "Premium"), Value: "14,388,900.00", Sub: say("元", "yuan")}, {Name: say("溢价率", "Premium rate"), Value: "43.28%"},
			{Name: say("合同总标的", "Contract total"), Value: "47,636,300.00", Sub: say("元", "yuan"), Title: "4763.63 万元"}, {Name: say("底价合同总额", "Base total")},
		},
		Capital: "肆仟柒佰陆拾叁万陆仟叁佰元整", Note: say("溢价率 = 溢价 ÷ 底价", "rate = premium ÷ base"),
	}
	chip := OutcomeChip(p.Lang, auction.Hammered)
	p.Facts = Facts{Title: say("交易", "Trade"), Items: []Item{
		{Name: say("交易方式", "Method"), Value: say("网络竞价", "online bidding")}, {Name: say("结果", "Outcome"), Chip: &chip},
		{Name: say("成交价", "Hammer price"), Value: "1,790.90", Sub: say("元/亩/年", "yuan per mu a year"), Numeric: true},
		{Name: say("竞得人", "Winner"), Value: say("示例养殖有限公司（虚构）", "Sample Fish Ltd (invented)")}, {Name: say("宗地", "Parcel"), Value: "440604-012-0007", URL: "/parcels/7"},
		{Name: say("保证金", "Deposit")}, {Name: say("备注", "Remark"), Value: say("合同期内每三年递增5%，首年租金于签约后五个工作日内付清。", "Rises by 5% every three years."), Wide: true},
	}}
	at := time.Date(2021, 6, 30, 16, 2, 3, 0, time.UTC)
	wait, back := ReviewChip(p.Lang, ""), ReviewChip(p.Lang, "returned")
	p.Entries = []Entry{
		{Seq: 128, URL: "/entries/128", At: at, Who: "梁敏仪", What: say("更正", "Amended"), Chip: &wait, Current: true, Reason: say("合同附件与公告不一致，以合同为准", "the contract differs from the announcement"), Changes: []Change{
			{say("成交价", "Hammer price"), "1,690.90", "1,790.90"}, {say("竞得人", "Winner"), "", say("示例养殖有限公司（虚构）", "Sample Fish Ltd (invented)")}, {say("保证金", "Deposit"), "20,000.00", ""},
		}},
		{Seq: 97, At: at.Add(-26 * time.Hour), Who: "何志强", What: say("复核退回", "Returned"), Chip: &back, Reason: say("成交价与成交确认书不符", "the hammer price differs from the confirmation")},
		{Seq: 41, At: at.Add(-400 * time.Hour), Who: "梁敏仪", What: say("导入", "Imported"), Source: say("2021上半年交易台账.xlsx，工作表“交易”，第 38 行", "2021-H1.xlsx, sheet 交易, row 38")},
	}
	p.Void = Confirm{
		ID: "void", Summary: say("作废这条标的…", "Void this lot…"), Explain: say("作废后这条标的不再计入任何汇总，原有条目仍留在账簿里。", "A void lot enters no sum. Its entries stay in the book."),
		Action: "/books/demo/lots/1/void", Button: say("确认作废", "Void it"), Hidden: map[string]string{"seen": "128"},
		Reason: &Field{ID: "reason", Name: "reason", Label: say("作废原因", "Why"), Must: true}, Open: true,
	}
	p.Progress = Progress{Name: say("正在写入", "Recording"), Done: 640, All: 1204, Text: say("640 / 1,204 行", "640 of 1,204 rows")}
	p.Chart = Chart{Table: "by-month", Title: say("各月底价、成交与溢价", "Base, contract total and premium by month"), Unit: say("万元", "10,000 yuan")}
	p.Empty = Empty{Title: say("还没有标的", "No lots yet"), Text: say("可以逐条录入，也可以从 Excel 表导入。", "Enter one, or import a spreadsheet."), Acts: []Act{{Name: say("导入", "Import"), URL: "/imports", Main: true}}}
}

func kitTemplate(tb testing.TB, lang ledger.Lang) *template.Template {
	tb.Helper()
	static, err := fs.Sub(files, "static")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{static: static}
	page, err := template.New("page").Funcs(s.functions(lang)).Funcs(s.kit(lang)).ParseFS(files, "templates/layout.html", "templates/kit.html")
	if err != nil {
		tb.Fatal(err)
	}
	if page, err = page.ParseFiles("testdata/parts.html"); err != nil {
		tb.Fatal(err)
	}
	return page
}

// The page with every part of the kit comes out whole in both languages.
func TestKit(t *testing.T) {
	t.Parallel()
	for lang, texts := range map[ledger.Lang][]string{
		ledger.ZH: {
			`<html lang="zh-CN">`, "<title>页面零件 · 明账示例街道（虚构） · 明账</title>", `<a href="/books/demo/lots" aria-current="page">标的</a>`,
			`href="/books/demo/lots?lang=en&amp;q=%E4%B8%9C%E5%8D%87"`, `<p class="band" role="note">演示账簿：`, "2021-07-01 00:02:03", "33,247,400.00 3324.74 3324.74 万元 — — — — 第 12 条 dict works",
			`<li><a href="#base_price">看不懂“1,2００”`, `value="1,2００" autocomplete="off" class="n" inputmode="decimal" aria-describedby="base_price-fault" aria-invalid="true">`,
			`aria-describedby="hammered_on-fault hammered_on-hint"`, `data-value="412.50"`, `title="4763.63 万元"`, "1,000&#43;", `<span class="count">12</span>`,
		},
		ledger.EN: {
			`<html lang="en">`, "· Mingzhang</title>", `<a href="/books/demo/lots?lang=en" aria-current="page">Lots</a>`, "entry 12 dict works", `<input type="hidden" name="lang" value="en">`,
		},
	} {
		var b bytes.Buffer
		if err := kitTemplate(t, lang).ExecuteTemplate(&b, "parts.html", newKitPage(t, lang)); err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s: no %s in\n%s", lang, text, b.String())
			}
		}
		if strings.Contains(b.String(), "lib/nothing.js") {
			t.Error("a script that is not there is asked for")
		}
		if *kitFolder != "" {
			if err := os.WriteFile(filepath.Join(*kitFolder, "kit-"+string(lang)+".html"), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
