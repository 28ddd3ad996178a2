package sheet

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"mingzhang/ledger"
)

func TestRowOfUnitsUnderTheHeader(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{
		{"交易编号", "底价", "成交价", "面积"},
		{"—", "万元", "（万元）", "亩"},
		{"A", 1, 2, 3},
	}).bytes(t), Options{})
	for key, want := range map[string]string{"base_total": "万元", "hammer_total": "万元", "quantity": "亩", "lot_no": ""} {
		if b, _ := table.Column(key); b.Unit != want {
			t.Errorf("%s: got unit %q, want %q", key, b.Unit, want)
		}
	}
	if rows := allRows(t, table); len(rows) != 1 {
		t.Errorf("rows: got %d, want 1", len(rows))
	}
}

func TestAlternativeNamesInOneHeader(t *testing.T) {
	t.Parallel()
	table := oneTable(t, []byte("Lot No.,\"底价/起拍价（10,000 yuan）\",成交价(元)\nA,1,2\n"), Options{})
	if b, ok := table.Column("base_total"); !ok || b.Unit != "10000yuan" {
		t.Errorf("base: got %+v", b)
	}
}

func TestTotalLabels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  []any
		want TotalKind
	}{
		{[]any{"合计", "37宗", nil, 5, 6}, Sum},
		{[]any{"合  计", nil, nil, 5, 6}, Sum},
		{[]any{"共计：", nil, nil, 5, 6}, Sum},
		{[]any{"合计37宗", nil, nil, 5, 6}, Sum},
		{[]any{nil, "本页小计", nil, 5, 6}, Subtotal},
		{[]any{"黄岗经济联社", "小计", nil, 5, 6}, Subtotal},
		{[]any{"黄岗经济联社小计", nil, nil, 5, 6}, Subtotal},
		{[]any{"总计（元）", nil, nil, 5, 6}, Grand},
		{[]any{"Grand Total", nil, nil, 5, 6}, Grand},
		{[]any{"Total", nil, nil, 5, 6}, Sum},
		{[]any{nil, "小计", "黄岗经济联社", 5, 6}, Subtotal},
		{[]any{nil, "合計", nil, 5, 6}, Sum},
		{[]any{nil, "总 计", 2, 5, 6}, Grand},
		{[]any{nil, "Subtotal", "黄岗", 5, 6}, Subtotal},
		{[]any{nil, "黄岗经济联社", "小计", 5, 6}, Subtotal},
		{[]any{nil, "共2宗", nil, 5, 6}, Sum},
		{[]any{nil, "共2宗", "商铺", 5, 6}, NoTotal},
		{[]any{nil, "小计", "黄岗经济联社", nil, nil, "成交"}, NoTotal},
		{[]any{1, "A-1", "合计大厦", 5, 6}, NoTotal},
		{[]any{1, nil, "合计大厦", 5, 6}, NoTotal},
		{[]any{1, "A-1", "合计", 5, 6}, NoTotal},
		{[]any{1, "A-1", "设计院小计楼", 5, 6}, NoTotal},
		{[]any{1, "A-1", "商铺", 5, 6, "合计有误"}, NoTotal},
		{[]any{1, "A-1", "商铺", 5, 6, "合计"}, NoTotal},
	} {
		table := oneTable(t, one("台账", [][]any{{"村集体", "交易编号", "资产名称", "底价", "成交价", "备注"}, {1, "A-0", "x", 1, 1}, c.row}).bytes(t), Options{})
		rows := allRows(t, table)
		if len(rows) != 2 || rows[1].Total != c.want {
			t.Errorf("%v: got %d rows, ignored %+v, total %q, want %q", c.row, len(rows), table.Ignored, rows[len(rows)-1].Total, c.want)
		}
	}
}

func TestGarbledHeaderIsNamed(t *testing.T) {
	t.Parallel()
	double := string(gb(t, "交易编号,底价\n")) // GB18030 …
	var latin []rune
	for _, b := range []byte(double) {
		latin = append(latin, rune(b)) // … read as Western and saved as UTF-8
	}
	_, err := open(t, "a.csv", []byte(string(latin)+"A,1\n")).Tables(testSchema(), Options{})
	wantReason(t, err, "sheet.mojibake")
}

func TestNULInXML(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\x00b", "a&#0;b", "a_x0000_b"} {
		rows := allRows(t, oneTable(t, one("台账", [][]any{{"交易编号", "底价"}, {text, 1}}).bytes(t), Options{}))
		if len(rows[0].Faults) != 1 || rows[0].Faults[0].Err.Reason != "sheet.nul" {
			t.Errorf("%q: got %v", text, rows[0].Faults)
		}
	}
}

func TestNotesAndDataWithColons(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  []any
		data bool
	}{
		{[]any{"审核楼:首层商铺", nil, 5}, true},
		{[]any{"联系楼:1号", "x", 5, nil, "流拍"}, true},
		{[]any{"制表人：张某", nil, nil, "审核：李某", "日期：2021-7-1"}, false},
		{[]any{"联系电话：", nil, 13800000000}, false},
		{[]any{"制表：", "张某", nil, "电话：", 13800000000}, false},
		{[]any{"注：本表金额单位为万元"}, false},
		{[]any{"以下空白"}, false},
		{[]any{"第1页 共3页"}, false},
		{[]any{"某某街道办事处（盖章）"}, false},
		{[]any{"黄岗商铺"}, true},
	} {
		table := oneTable(t, one("台账", [][]any{{"资产名称", "交易编号", "底价", "成交价", "备注"}, {"a", "A-0", 1, 1}, c.row}).bytes(t), Options{})
		rows := allRows(t, table)
		isNote := len(table.Ignored) == 1
		if isNote == c.data || len(rows)+len(table.Ignored) != 2 {
			t.Errorf("%v: got %d rows, ignored %+v, want data %v", c.row, len(rows), table.Ignored, c.data)
		}
	}
}

func TestDirectoryOfManyEntriesIsRefusedEarly(t *testing.T) {
	t.Parallel()
	content := []byte("PK\x03\x04" + strings.Repeat("PK\x01\x02", 5000))
	wantReason(t, openErr("a.xlsx", content), "sheet.too_many_parts")
}

func TestOverlappingMergesAreCheap(t *testing.T) {
	t.Parallel()
	xml := sheetXML([][]any{{"交易编号", "底价"}, {"A", 1}, {"B", 2}}) +
		`<mergeCells>` + strings.Repeat(`<mergeCell ref="A1:IV18"/><mergeCell ref="A2:IV100000"/>`, 40_000) + `</mergeCells>`
	b := book{noShared: true, sheets: []bookSheet{{name: "x", xml: xml}}}
	f := open(t, "a", b.bytes(t))
	if tables, err := f.Tables(testSchema(), Options{}); err == nil {
		allRows(t, tables[0])
	}
	many := book{noShared: true, sheets: []bookSheet{{name: "x", xml: sheetXML(nil) + `<mergeCells>` + strings.Repeat(`<mergeCell ref="A1:B2"/>`, maxMerges+1) + `</mergeCells>`}}}
	_, err := open(t, "a", many.bytes(t)).Tables(testSchema(), Options{})
	wantReason(t, err, "sheet.too_many_merges")
}

func TestUnlabelledColumnIsListed(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{{"交易编号", "底价"}, {"A", 1, nil, "旁注"}}).bytes(t), Options{})
	rows := allRows(t, table)
	wantTexts(t, "unlabelled", table.Unlabelled, "D")
	if s := rows[0].Source; len(s) != 1 || s[0].Text != "旁注" || s[0].Letter != "D" {
		t.Errorf("source: got %+v", s)
	}
}

func TestMapFileRoundTrip(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"lines": "\xef\xbb\xbf# 对应\n编码 = lot_no\n金额=（元） ＝ base_total\r\n[C]=\n", "JSON": `{"编码":"lot_no","金额=（元）":"base_total","[C]":""}`,
	} {
		got, err := ParseMap(strings.NewReader(text))
		if err != nil || len(got) != 3 || got["编码"] != "lot_no" || got["金额=（元）"] != "base_total" || got["[C]"] != "" {
			t.Errorf("%s: got %v %v", name, got, err)
		}
	}
	for _, text := range []string{"没有等号", "=x", "a=b\na=c", `{"a":1}`, `{"a":"b"} x`, strings.Repeat("x", maxMapBytes+1)} {
		_, err := ParseMap(strings.NewReader(text))
		wantReason(t, err, "sheet.map_unreadable")
	}
	table := oneTable(t, []byte("编码,底价(万元),其他\nA,1,2\n"), Options{Map: map[string]string{"编码": "lot_no"}})
	var out bytes.Buffer
	if err := WriteMap(&out, []*Table{table}); err != nil {
		t.Fatal(err)
	}
	if want := "其他 = \n底价(万元) = base_total\n编码 = lot_no\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	back, err := ParseMap(&out)
	if err != nil || back["底价(万元)"] != "base_total" {
		t.Errorf("back: got %v %v", back, err)
	}
}

func TestFaultsInTextAndJSON(t *testing.T) {
	t.Parallel()
	table := oneTable(t, one("台账", [][]any{{"交易编号", "底价(万元)"}, {"A", "n:861.64999999999998:1"}}).bytes(t), Options{})
	row := allRows(t, table)[0]
	fault := row.Fault("base_total", ledger.E(ledger.Invalid, "number.too_many_decimals", "861.65", 1))
	say := func(lang ledger.Lang, _ *ledger.Error) string {
		return ledger.Text{ZH: "小数过多", EN: "too many decimals"}.In(lang)
	}
	if got, want := fault.Text(ledger.ZH, say), "表「台账」 · B2 · 底价(万元)：看到「861.65」，存的是「861.64999999999998」。小数过多"; got != want {
		t.Errorf("zh: got %s, want %s", got, want)
	}
	if got, want := fault.Text(ledger.EN, say), `sheet "台账" · B2 · 底价(万元): shown "861.65", stored "861.64999999999998". too many decimals`; got != want {
		t.Errorf("en: got %s, want %s", got, want)
	}
	js, err := json.Marshal(fault)
	if want := `{"sheet":"台账","row":2,"column":"B","header":"底价(万元)","found":"861.65","stored":"861.64999999999998","field":"base_total","reason":"number.too_many_decimals","args":["861.65",1]}`; err != nil || string(js) != want {
		t.Errorf("JSON: got %s %v, want %s", js, err, want)
	}
	var all Faults
	if all.Err() != nil {
		t.Error("no faults must be no error")
	}
	for range faultsKept + 7 {
		all.Add(fault)
	}
	if all.Len() != faultsKept+7 || len(all.List) != faultsKept || all.More != 7 || !strings.HasSuffix(all.Text(ledger.EN, say), "And 7 more.\n") {
		t.Errorf("cap: got %d listed, %d more", len(all.List), all.More)
	}
	if !hasReason(all.Err(), "number.too_many_decimals") {
		t.Errorf("unwrap: got %v", all.Err())
	}
}

// One long text in every cell costs nothing in the file, and all the more once it is read.
func TestManyCellsOfOneTextAreRefused(t *testing.T) {
	t.Parallel()
	long, head := strings.Repeat("甲", 10_000), []any{"交易编号", "底价", "备注"}
	rows := [][]any{head}
	for range 50 {
		rows = append(rows, []any{"A", 1, `x:<c t="s"><v>0</v></c>`})
	}
	read := func(name string, content []byte) (failed error) {
		f, err := Open(name, bytes.NewReader(content), int64(len(content)), Limits{TotalBytes: 1 << 20})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tables, err := f.Tables(testSchema(), Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, err := range tables[0].Rows() {
			failed = errors.Join(failed, err)
		}
		return failed
	}
	shared := book{strings: []string{"<t>" + long + "</t>"}, sheets: []bookSheet{{name: "x", xml: sheetXML(rows)}}}
	wantReason(t, read("shared.xlsx", shared.bytes(t)), "sheet.unpacks_too_large")

	merged := [][]any{head, {"A", 1, long}}
	for range 50 {
		merged = append(merged, []any{"A", 1})
	}
	wantReason(t, read("merged.xlsx", one("x", merged, merges("C2:C52")).bytes(t)), "sheet.unpacks_too_large")

	csv := "交易编号,底价,备注\n" + strings.Repeat("A,1"+strings.Repeat(",x", 200)+"\n", 200)
	wantReason(t, read("cells.csv", []byte(csv)), "sheet.unpacks_too_large")
	fine := "交易编号,底价,备注\n" + strings.Repeat("A,1,x\n", 200)
	if err := read("fine.csv", []byte(fine)); err != nil {
		t.Errorf("fine.csv: %v", err)
	}
}

// A comma inside a number pushes all further cells of its line aside: that is one fault.
func TestCellsPushedAsideAreOneFault(t *testing.T) {
	t.Parallel()
	table := oneTable(t, []byte("交易编号,底价\nA,1,x,x,x\nB,2,x,x\n"), Options{})
	for _, r := range allRows(t, table) {
		if len(r.Faults) != 1 || r.Faults[0].Err.Reason != "sheet.more_cells" {
			t.Errorf("row %d: got %v, want one sheet.more_cells", r.Number, r.Faults)
		}
	}
}
