package sheet

import (
	"strings"
	"testing"
)

func TestRowsOfAnOfficeSheet(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"2021年上半年交易台账（虚构）"},
		{"单位：元"},
		{"序号", "交易编号", "资产名称", "底价", "成交价", "成交日期", "备注"},
		{"甲", "乙", "丙", 1, 2, 3, 4},
		{"一、黄岗经济联社"},
		{1, "A-1", "商铺1号", 100, 120, "n:44260:2", "—"},
		{2, "A-2", "合计大厦首层", 200, 250, "2021年3月5日"},
		{nil, "小 计", nil, 300, 370},
		{"序号", "交易编号", "资产名称", "底价", "成交价", "成交日期", "备注"},
		{3, "A-3", "鱼塘", 50, "f:D10*2=100", 20210305, "无"},
		{4, nil, nil, nil, "f:E1-E2=0"},
		{5},
		{"合计3宗", nil, nil, 350, "f:SUM(E6:E10)=470"},
		{"其中：商铺", nil, nil, 300, 370},
		{"制表人：张某", nil, nil, "审核：李某"},
		{"填表说明：", nil, nil},
		{nil, "1.金额单位为万元以下略。"},
		{"以下空白"},
	}, merges("A1:G1", "A5:G5")).bytes(t), Options{})
	rows := allRows(t, table)
	wantTexts(t, "lots", texts(t, rows, "lot_no"), "A-1", "A-2", "小 计", "A-3", "")
	kinds := []TotalKind{NoTotal, NoTotal, Subtotal, NoTotal, Sum}
	for i, r := range rows {
		if r.Total != kinds[i] {
			t.Errorf("row %d: got %q, want %q", r.Number, r.Total, kinds[i])
		}
	}
	for _, i := range []int{0, 1, 3} {
		if d, err := rows[i].Cell("hammered_on").Day(); err != nil || d.String() != "2021-03-05" {
			t.Errorf("row %d: day %v %v", rows[i].Number, d, err)
		}
		if !rows[i].Cell("remark").Blank() {
			t.Errorf("row %d: remark is not blank", rows[i].Number)
		}
	}
	var why []string
	for _, i := range table.Ignored {
		why = append(why, i.Why)
	}
	wantTexts(t, "ignored", why, "column_numbers", "section", "header", "empty_formulas", "no_known_value", "of_which", "note", "note", "note", "note")
	if table.Formulas != 3 || table.DataRows != 3 {
		t.Errorf("formulas %d, rows %d", table.Formulas, table.DataRows)
	}
}

func TestIncompleteDataRowIsNotLost(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"交易编号", "资产名称", "底价", "成交价"},
		{"A-1", "商铺", 1, 2},
		{"A-2"},
		{nil, "仓库"},
		{nil, nil, 5},
		{"合计大厦二层"},
	}).bytes(t), Options{})
	if got := len(allRows(t, table)); got != 5 {
		t.Errorf("rows: got %d, want 5; ignored %+v", got, table.Ignored)
	}
}

func TestVerticalMerge(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"交易编号", "资产名称", "底价", "成交价", "备注"},
		{"A-1", "水田", 1, 90, "同一合同"},
		{nil, "旱地", 2, nil, nil},
		{nil, "鱼塘", 3, nil, nil},
		{"A-2", "商铺", 4, 5, nil},
	}, merges("A2:A4", "D2:D4", "E2:E4")).bytes(t), Options{})
	rows := allRows(t, table)
	wantTexts(t, "lot_no", texts(t, rows, "lot_no"), "A-1", "A-1", "A-1", "A-2")
	wantTexts(t, "remark", texts(t, rows, "remark"), "同一合同", "同一合同", "同一合同", "")
	c := rows[2].Cell("hammer_total")
	if c.Ref() != "D4" || c.Origin() != "D2" || c.Text != "90" {
		t.Errorf("shared cell: got %s from %s %q", c.Ref(), c.Origin(), c.Text)
	}
	if o := rows[0].Cell("hammer_total").Origin(); o != "" {
		t.Errorf("first row: got origin %q, want none", o)
	}
}

func TestBadCellsAreReportedTogether(t *testing.T) {
	t.Parallel()
	b := one("台账", [][]any{
		{"交易编号", "资产名称", "底价", "成交价"},
		{"A-1", "锟斤拷锟斤拷", "e:#REF!", "f:C2*2="},
		{"A-2", "a_x0000_b", "n:1234567890123456", "e:#DIV/0!"},
		{"A-3", "榛勫矖琛楅亾", "n:33247400:7", 1},
		{"A-4", "ÖÐ¹úÖÐÑë", 1, strings.Repeat("长", maxTextRunes+1)},
	})
	table := oneTable(t, b.bytes(t), Options{})
	var faults Faults
	for _, r := range allRows(t, table) {
		faults.Add(r.Faults...)
	}
	var got []string
	for _, f := range faults.List {
		got = append(got, f.Column+f.Err.Reason[6:])
	}
	wantTexts(t, "faults", got, "Bmojibake", "Cerror_value", "Duncached", "Bnul", "Ctoo_many_digits", "Derror_value",
		"Bmojibake", "Cscaled_format", "Bmojibake", "Dtext_too_long")
}

func TestHiddenRowsAndSheets(t *testing.T) {
	t.Parallel()
	xml := strings.Replace(sheetXML([][]any{
		{"交易编号", "底价"}, {"A-1", 1}, {"A-2", 2}, {"A-3", 3},
	}), `<row r="3">`, `<row r="3" hidden="1">`, 1)
	b := book{noShared: true, sheets: []bookSheet{
		{name: "台账", xml: `<cols><col min="2" max="2" hidden="1" width="0"/></cols>` + xml},
		{name: "旧账", state: "hidden", xml: xml}, {name: "暗账", state: "veryHidden", xml: xml},
		{name: "说明", xml: sheetXML([][]any{{"请先看说明"}})}, {name: "Sheet3", xml: "<sheetData/>"},
	}}
	content := b.bytes(t)
	_, err := open(t, "a", content).Tables(testSchema(), Options{})
	wantReason(t, err, "sheet.hidden_rows")
	for choice, want := range map[string]string{HiddenInclude: "A-1|A-2|A-3", HiddenSkip: "A-1|A-3"} {
		table := oneTable(t, content, Options{Hidden: choice})
		wantTexts(t, choice, texts(t, allRows(t, table), "lot_no"), strings.Split(want, "|")...)
		var skipped []string
		for _, s := range table.Skipped {
			skipped = append(skipped, s.Sheet+" "+s.Why)
		}
		wantTexts(t, "skipped", skipped, "旧账 hidden", "暗账 very_hidden", "说明 no_header", "Sheet3 empty")
		wantTexts(t, "hidden columns", table.HiddenColumns, "B")
	}
	tables, err := open(t, "a", content).Tables(testSchema(), Options{Sheet: "旧账", Hidden: HiddenInclude})
	if err != nil || len(tables) != 1 || tables[0].Sheet != "旧账" {
		t.Errorf("a hidden sheet that was asked for: got %v %v", tables, err)
	}
	_, err = open(t, "a", content).Tables(testSchema(), Options{Sheet: "没有"})
	wantReason(t, err, "sheet.no_such_sheet")
}

func TestMergedHeaderOverTwoColumns(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"交易编号", "底价", "备注", nil},
		{"A-1", 1, "甲", nil},
		{"A-2", 2, "甲", "乙"},
	}, merges("C1:D1", "C2:D2")).bytes(t), Options{})
	rows := allRows(t, table)
	if len(rows[0].Faults) != 0 {
		t.Errorf("row 2: got %v", rows[0].Faults)
	}
	if len(rows[1].Faults) != 1 || rows[1].Faults[0].Err.Reason != "sheet.second_column" {
		t.Errorf("row 3: got %v", rows[1].Faults)
	}
}
