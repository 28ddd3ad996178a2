package sheet

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"mingzhang/ledger"
)

func rejectFixture(t *testing.T) *Table {
	t.Helper()
	return oneTable(t, one("台账", [][]any{
		{"单位：万元"},
		{"交易编号", "资产名称", "金额（元）", nil, "溢价率", "成交日期", "经办意见"},
		{nil, nil, "底价", "成交价", nil, nil, nil},
		{"00123", "=HYPERLINK(\"http://x\")", "n:861.64999999999998", 90, "n:0.4328:3", "n:44260:2", "@import"},
		{"2021001234567", "旱地", 2, nil, nil, nil, "'quoted"},
		{"n:7:5", "+86 'x'", "f:A1=", "12.5万元", "-", "2021年13月1日", nil},
		{"A-9", "好的一行", 1, 2},
	}, merges("A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3", "G2:G3", "D4:D5")).bytes(t), Options{})
}

// What is written can be read again, and says the same, whichever format it is written in.
func TestRejectsComeBack(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"xlsx", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			table := rejectFixture(t)
			rows := allRows(t, table)
			var faults Faults
			for _, r := range rows[:3] {
				faults.Add(r.Fault("base_total", ledger.E(ledger.Invalid, "test.bad")))
			}
			var out bytes.Buffer
			if err := table.WriteRejects(&out, format, faults.List, func(CellError) string { return "请改" }); err != nil {
				t.Fatal(err)
			}
			again := oneTable(t, out.Bytes(), Options{})
			wantTexts(t, "unknown", again.Unknown, "经办意见")
			wantTexts(t, "units", again.Units, "万元")
			for _, key := range []string{"base_total", "hammer_total"} {
				if b, _ := again.Column(key); b.Unit != "元" {
					t.Errorf("%s: got unit %q in %q, want 元", key, b.Unit, b.Header)
				}
			}
			back := allRows(t, again)
			wantTexts(t, "lots", texts(t, back, "lot_no"), "00123", "2021001234567", "0007")
			wantTexts(t, "names", texts(t, back, "asset_name"), texts(t, rows[:3], "asset_name")...)
			wantTexts(t, "base", texts(t, back, "base_total")[:2], "861.65", "2")
			if back[0].Cell("premium_rate").Text != "43.28%" || back[0].Cell("hammered_on").Text != "2021-03-05" {
				t.Errorf("rate and date: got %q %q", back[0].Cell("premium_rate").Text, back[0].Cell("hammered_on").Text)
			}
			if back[0].Source[0].Text != "@import" || back[1].Source[0].Text != "'quoted" {
				t.Errorf("source: got %+v %+v", back[0].Source, back[1].Source)
			}
			second := back[1].Cell("hammer_total")
			if format == "xlsx" && second.Origin() == "" || format == "csv" && !second.Blank() {
				t.Errorf("a merged amount would count twice: %q from %q", second.Text, second.Origin())
			}
		})
	}
}

func TestRejectsHoldNoFormula(t *testing.T) {
	t.Parallel()
	table := rejectFixture(t)
	faults := []CellError{{Sheet: "台账", Row: 4, Err: ledger.E(ledger.Invalid, "x")}}
	say := func(CellError) string { return "=1+1" }
	var x, c bytes.Buffer
	if err := table.WriteRejects(&x, "xlsx", faults, say); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(x.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, ref := range []string{"B3", "H3"} {
		formula, err := f.GetCellFormula("台账", ref)
		value, _ := f.GetCellValue("台账", ref)
		if err != nil || formula != "" || !strings.HasPrefix(value, "=") {
			t.Errorf("%s: formula %q, value %q, %v", ref, formula, value, err)
		}
	}
	if err := table.WriteRejects(&c, "csv", faults, say); err != nil {
		t.Fatal(err)
	}
	for _, field := range strings.FieldsFunc(c.String(), func(r rune) bool { return r == ',' || r == '\n' }) {
		if strings.HasPrefix(field, "=") && !strings.HasPrefix(field, `="`) || strings.HasPrefix(field, "@") || strings.HasPrefix(field, `"=H`) {
			t.Errorf("field %q can turn into a formula", field)
		}
	}
}

func TestRejectsOfSeveralSheets(t *testing.T) {
	t.Parallel()
	rows := func(lot string) [][]any {
		return [][]any{{"交易编号", "底价"}, {lot, "x"}, {lot + "2", 5}, {"合计", 99}}
	}
	b := book{noShared: true, sheets: []bookSheet{{name: "一月", xml: sheetXML(rows("A"))}, {name: "二月", xml: sheetXML(rows("B"))}, {name: "三月", xml: sheetXML(rows("C"))}}}
	tables, err := open(t, "a", b.bytes(t)).Tables(testSchema(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rule := ledger.E(ledger.Invalid, "x")
	faults := []CellError{{Sheet: "一月", Row: 2, Err: rule}, {Sheet: "三月", Row: 2, Err: rule}, {Sheet: "三月", Row: 4, Err: rule}}
	say := func(CellError) string { return "请改" }
	var out bytes.Buffer
	if err := WriteRejects(&out, "xlsx", tables, faults, say); err != nil {
		t.Fatal(err)
	}
	again, err := open(t, "b", out.Bytes()).Tables(testSchema(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range again {
		for _, r := range allRows(t, table) {
			got = append(got, r.Sheet+r.Cell("lot_no").Text)
		}
	}
	wantTexts(t, "rows", got, "一月A", "三月C")
	wantReason(t, WriteRejects(&out, "csv", tables, faults, say), "sheet.rejects_need_xlsx")
	wantReason(t, WriteRejects(&out, "pdf", tables, faults, say), "sheet.bad_reject_format")
	var empty bytes.Buffer
	if err := WriteRejects(&empty, "xlsx", tables, nil, say); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, "c", empty.Bytes()).Tables(testSchema(), Options{}); err != nil {
		t.Errorf("nothing rejected: %v", err)
	}
}

// Wide signs begin a formula in a Chinese spreadsheet; what is put before them is taken off again.
func TestRejects_WideSigns(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"＝1+1", "＋cmd", "－x'y", "＠SUM", "=x'y", "-"} {
		guarded := guardCSV(rejectCell{text: text})
		if guarded != "'"+text || unguardCSV(guarded) != text {
			t.Errorf("%q becomes %q and %q again", text, guarded, unguardCSV(guarded))
		}
	}
}
