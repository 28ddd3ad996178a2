package sheet

import (
	"errors"
	"testing"

	"mingzhang/ledger"
)

func asError(err error) (*ledger.Error, bool) { return errors.AsType[*ledger.Error](err) }

func TestHeaderWithCaptionAndUnits(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"2021年上半年农村集体资产交易台账"},
		{"填报单位：黄岗街道（虚构）", nil, nil, nil, "单位：万元、亩"},
		{"交易编号", "资产名称", "底价\n（万元）", "成交价", "面 积", "领导批示"},
		{"A-1", "商铺", "n:861.64999999999998", 900, 12, "同意"},
	}, merges("A1:F1")).bytes(t), Options{})
	wantTexts(t, "units", table.Units, "万元", "亩")
	wantTexts(t, "unknown", table.Unknown, "领导批示")
	base, _ := table.Column("base_total")
	if base.Unit != "万元" || base.Letter != "C" || base.Header != "底价 (万元)" {
		t.Errorf("base: got %+v", base)
	}
	rows := allRows(t, table)
	if len(rows) != 1 {
		t.Fatalf("rows: got %d, want 1", len(rows))
	}
	c := rows[0].Cell("base_total")
	if c.Text != "861.65" || c.Stored != "861.64999999999998" || c.Ref() != "C4" {
		t.Errorf("base cell: got %q %q %s", c.Text, c.Stored, c.Ref())
	}
	if rows[0].Source[0].Text != "同意" || rows[0].Source[0].Header != "领导批示" {
		t.Errorf("source: got %+v", rows[0].Source)
	}
}

func TestHeaderOfTwoLevels(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][][]any{
		"merged over": {
			{"序号", "交易编号", "底价", nil, "成交价", nil, "备注"},
			{nil, nil, "单价（元/月）", "总额（万元）", "单价(元/月)", "总额(万元)"},
			{1, "A-1", 10, 20, 30, 40, "x"},
		},
		"other way round": {
			{"序号", "交易编号", "单价(元/月)", "总额(万元)", "单价(元/月)", "总额(万元)", "备注"},
			{nil, nil, "底价", "底价", "成交价", "成交价"},
			{1, "A-1", 10, 20, 30, 40, "x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := merges("A1:A2", "B1:B2", "G1:G2")
			if name == "merged over" {
				m = merges("A1:A2", "B1:B2", "G1:G2", "C1:D1", "E1:F1")
			}
			table := oneTable(t, one("台账", rows, m).bytes(t), Options{})
			for key, want := range map[string][2]string{
				"base_price": {"C", "元/月"}, "base_total": {"D", "万元"}, "hammer_price": {"E", "元/月"}, "hammer_total": {"F", "万元"}, "remark": {"G", ""},
			} {
				b, ok := table.Column(key)
				if !ok || b.Letter != want[0] || b.Unit != want[1] {
					t.Errorf("%s: got %q %q, want %q", key, b.Letter, b.Unit, want)
				}
			}
			if got := allRows(t, table); len(got) != 1 || got[0].Cell("hammer_total").Text != "40" {
				t.Errorf("rows: got %d", len(got))
			}
		})
	}
}

func TestUnitOfGroupHeading(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]string{"merged": merges("A2:A3", "B2:B3", "C2:D2", "E2:E3", "A1:E1"), "not merged": merges("A1:E1")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := oneTable(t, one("台账", [][]any{
				{"交易台账"},
				{"交易编号", "资产名称", "金额（万元）", nil, "备注"},
				{"交易编号", "资产名称", "底价", "成交价", "备注"},
				{"A-1", "商铺", 1, 2},
			}, m).bytes(t), Options{})
			for _, key := range []string{"base_total", "hammer_total"} {
				if b, _ := table.Column(key); b.Unit != "万元" {
					t.Errorf("%s: got unit %q, want 万元", key, b.Unit)
				}
			}
			if got := len(allRows(t, table)); got != 1 {
				t.Errorf("rows: got %d, want 1", got)
			}
		})
	}
}

func TestHeaderRefused(t *testing.T) {
	t.Parallel()
	blank := make([][]any, 15)
	for i := range blank {
		blank[i] = []any{"说明文字", "其他"}
	}
	for name, c := range map[string]struct {
		rows   [][]any
		reason string
	}{
		"doubled":      {[][]any{{"交易编号", "底价", "起拍价"}, {"A", 1, 2}}, "sheet.doubled_header"},
		"none":         {[][]any{{"姓名", "电话"}, {"x", 1}}, "sheet.no_header"},
		"below row 15": {append(blank, []any{"交易编号", "底价"}, []any{"A", 1}), "sheet.no_header"},
		"no key":       {[][]any{{"交易编号", "备注"}, {"A", "x"}}, "sheet.no_header_near"},
		"empty sheet":  {nil, "sheet.no_rows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, "a.xlsx", one("台账", c.rows).bytes(t)).Tables(testSchema(), Options{})
			wantReason(t, err, c.reason)
		})
	}
}

func TestHeaderInFifteenthRow(t *testing.T) {
	t.Parallel()
	rows := make([][]any, 14)
	for i := range rows {
		rows[i] = []any{"说明"}
	}
	table := oneTable(t, one("台账", append(rows, []any{"交易编号", "底价"}, []any{"A", 1})).bytes(t), Options{})
	if table.HeaderRows[0] != 15 || len(allRows(t, table)) != 1 {
		t.Errorf("header: got %v", table.HeaderRows)
	}
}

func TestUnitsInHeaderText(t *testing.T) {
	t.Parallel()
	schema := testSchema()
	b, err := newBinder(schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string][2]string{
		"底价(万元)": {"base_total", "万元"}, "底价（元/月）": {"base_total", "元/月"}, "底价【元／亩·年】": {"base_total", "元/亩·年"},
		"底价:万元": {"base_total", "万元"}, "底价/万元": {"base_total", "万元"}, "底价万元": {"base_total", "万元"},
		"*成交价(含税)(元)": {"hammer_total", "元"}, "溢价率(%)": {"premium_rate", "%"}, "溢价率％": {"premium_rate", "%"},
		"面积\n(m²)": {"quantity", "m²"}, "面积(㎡)": {"quantity", "㎡"}, "Lot No.": {"lot_no", ""}, "base_total": {"base_total", ""},
		"1.底价(单位:万元)": {"base_total", "万元"}, "底价(万元": {"base_total", "万元"}, "底 价": {"base_total", ""}, "底价说明": {"", ""},
	} {
		key, unit, _ := b.bind([]level{makeLevel(header)})
		if key != want[0] || unit != want[1] {
			t.Errorf("%q: got %s %q, want %q", header, key, unit, want)
		}
	}
}

func TestLeafUnderAnotherColumnIsNotBound(t *testing.T) {
	t.Parallel()
	schema := testSchema()
	schema.Columns[5].Names = []string{"成交单价"} // without 成交价单价
	b, err := newBinder(schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key, _, _ := b.bind([]level{makeLevel("成交价"), makeLevel("单价")}); key != "" {
		t.Errorf("单价 under 成交价: got %s, want none", key)
	}
	if key, _, _ := b.bind([]level{makeLevel("基本情况"), makeLevel("交易编号")}); key != "lot_no" {
		t.Errorf("交易编号 under a group: got %q, want lot_no", key)
	}
}

func TestCaptionUnits(t *testing.T) {
	t.Parallel()
	for caption, want := range map[string]string{
		"单位:万元": "万元", "单位：元、亩": "元|亩", "金额单位：万元  面积单位：平方米": "万元|平方米", "单位:元/月": "元/月",
		"填报单位：黄岗街道": "", "单位:元岗村委会": "", "交易统计表（万元）": "万元", "(单位：人民币万元)": "人民币万元",
		"万元": "万元", "单位 万元": "万元", "2021年1月": "", "单位:元/亩·年": "元/亩·年", "Unit: yuan": "yuan",
		"单位:百元": "百元", "单位:美元": "美元", "金额（港币）": "港币",
	} {
		got := ""
		for i, u := range captionUnits(caption) {
			if i > 0 {
				got += "|"
			}
			got += u
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", caption, got, want)
		}
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	content := one("台账", [][]any{{"编码", "底价", "起拍价", "金额"}, {"A", 1, 2, 3}}).bytes(t)
	_, err := open(t, "a", content).Tables(testSchema(), Options{Map: map[string]string{"金额": "nonsense"}})
	wantReason(t, err, "sheet.map_unknown")
	table := oneTable(t, content, Options{Map: map[string]string{"编码": "lot_no", "[C]": "", "金额": "hammer_total"}})
	rows := allRows(t, table)
	if got := rows[0]; got.Cell("lot_no").Text != "A" || got.Cell("base_total").Text != "1" || got.Cell("hammer_total").Text != "3" {
		t.Errorf("mapped: got %+v", got)
	}
}
