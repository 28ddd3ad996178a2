package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// excelStyle is a sheet as Excel itself writes it: shared texts with runs and phonetic guides, cached
// formulas, no inline text.
func excelStyle() book {
	return book{
		strings: []string{
			"<t>交易编号</t>", "<t>资产名称</t>", `<r><t>底价</t></r><r><rPr><sz val="9"/></rPr><t xml:space="preserve"> (元)</t></r>`,
			`<t>鱼塘</t><rPh sb="0" eb="2"><t>yutang</t></rPh><phoneticPr fontId="1"/>`, "<t>A&amp;B</t>", "<t/>", "<t>成交日期</t>", "<t>-</t>", "<t>备注</t>",
		},
		sheets: []bookSheet{{name: "台账", xml: `<dimension ref="A1:E4"/><sheetData>` +
			`<row r="1" spans="1:5"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>6</v></c><c r="E1" t="s"><v>8</v></c></row>` +
			`<row r="2"><c r="A2" t="s"><v>4</v></c><c r="B2" t="s"><v>3</v></c><c r="C2" s="1"><f t="shared" ref="C2:C3" si="0">A1*2</f><v>861.64999999999998</v></c><c r="D2" s="2"><v>44260</v></c><c r="E2" t="str"><f>IF(1,"")</f><v></v></c></row>` +
			`<row r="3"><c r="A3"><v>2021001</v></c><c r="B3" t="s"><v>5</v></c><c r="C3" s="1"><f t="shared" si="0"/><v>1.2E3</v></c><c r="D3" t="d"><v>2021-03-05T00:00:00</v></c><c r="E3" t="b"><v>1</v></c></row>` +
			`<row r="4"><c r="A4" s="5"><v>7</v></c><c r="B4" t="s"><v>7</v></c><c r="C4"><f>C2</f></c><c r="D4" s="2"/><c r="E4" t="str"><f>A1</f></c></row>` +
			`</sheetData><autoFilter ref="A1:E4"/>`}},
	}
}

func checkExcelStyle(t *testing.T, content []byte) {
	t.Helper()
	table := oneTable(t, content, Options{})
	rows := allRows(t, table)
	wantTexts(t, "lots", texts(t, rows, "lot_no"), "A&B", "2021001", "0007")
	wantTexts(t, "names", texts(t, rows, "asset_name"), "鱼塘", "", "-")
	wantTexts(t, "base", texts(t, rows, "base_total")[:2], "861.65", "1200")
	wantTexts(t, "remarks", texts(t, rows, "remark")[:2], "", "TRUE")
	for _, r := range rows[:2] {
		if d, err := r.Cell("hammered_on").Day(); err != nil || d != day(t, "2021-03-05") {
			t.Errorf("row %d: got %v %v", r.Number, d, err)
		}
	}
	if !rows[0].Cell("base_total").Formula || table.Formulas != 5 {
		t.Errorf("formulas: got %d", table.Formulas)
	}
	if b, _ := table.Column("base_total"); b.Unit != "元" {
		t.Errorf("unit: got %q", b.Unit)
	}
	if f := rows[2].Faults; len(f) != 2 || f[0].Err.Reason != "sheet.uncached" || f[0].Column != "C" || f[1].Column != "E" {
		t.Errorf("formulas without value: got %v", f)
	}
}

func TestAsExcelWritesIt(t *testing.T) {
	t.Parallel()
	checkExcelStyle(t, excelStyle().bytes(t))
}

func TestStrictNamespaces(t *testing.T) {
	t.Parallel()
	b := excelStyle()
	b.namespace = "http://purl.oclc.org/ooxml/spreadsheetml/main"
	checkExcelStyle(t, b.bytes(t))
}

func TestPrefixedElements(t *testing.T) {
	t.Parallel()
	b := excelStyle()
	b.prefix = "x"
	checkExcelStyle(t, b.bytes(t))
}

func TestWithoutPlaces(t *testing.T) {
	t.Parallel()
	b := excelStyle()
	for _, ref := range []string{"A", "B", "C", "D", "E"} {
		for _, n := range []string{"1", "2", "3", "4"} {
			b.sheets[0].xml = strings.ReplaceAll(b.sheets[0].xml, `<c r="`+ref+n+`"`, "<c")
		}
	}
	for _, n := range []string{"1", "2", "3", "4"} {
		b.sheets[0].xml = strings.ReplaceAll(b.sheets[0].xml, `<row r="`+n+`"`, "<row")
	}
	checkExcelStyle(t, b.bytes(t))
}

func TestDate1904(t *testing.T) {
	t.Parallel()
	b := one("台账", [][]any{{"交易编号", "底价", "成交日期"}, {"A", 1, "n:42798:2"}})
	b.workbook = `<workbookPr date1904="1"/>`
	rows := allRows(t, oneTable(t, b.bytes(t), Options{}))
	if got := rows[0].Cell("hammered_on").Text; got != "2021-03-05" {
		t.Errorf("got %s, want 2021-03-05", got)
	}
}

func TestDamagedSheets(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{
		"rows out of order":  `<sheetData><row r="2"/><row r="1"/></sheetData>`,
		"cells out of order": `<sheetData><row r="1"><c r="B1"/><c r="A1"/></row></sheetData>`,
		"cell of other row":  `<sheetData><row r="1"><c r="B2"/></row></sheetData>`,
		"cut":                `<sheetData><row r="1">`,
		"row beyond the end": `<sheetData><row r="1048577"/></sheetData>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := book{noShared: true, sheets: []bookSheet{{name: "x", xml: xml}}}
			_, err := open(t, "a.xlsx", b.bytes(t)).Tables(testSchema(), Options{})
			wantReason(t, err, "sheet.damaged")
		})
	}
	b := one("台账", [][]any{{"交易编号", "底价"}, {`x:<c t="s"><v>99</v></c>`, 1}})
	rows := allRows(t, oneTable(t, b.bytes(t), Options{}))
	if len(rows[0].Faults) != 1 || rows[0].Faults[0].Err.Reason != "sheet.no_shared_text" {
		t.Errorf("a shared text that is not there: got %v", rows[0].Faults)
	}
}

// Files that LibreOffice wrote; testdata/README.md says how. The library reads them too, independently.
func TestLibreOfficeFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lots-calc.xlsx", "lots-calc-utf8.csv", "lots-calc-gb18030.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			isCSV := strings.HasSuffix(name, ".csv")
			o := Options{}
			if !isCSV {
				_, err = open(t, name, content).Tables(testSchema(), o)
				wantReason(t, err, "sheet.hidden_rows")
				o.Hidden = HiddenInclude
			}
			table := oneTable(t, content, o)
			wantTexts(t, "units", table.Units, "万元", "亩")
			rows := allRows(t, table)
			wantTexts(t, "lots", texts(t, rows, "lot_no"), "黄-001", "黄-002", "黄-003", "黄-004", "")
			if rows[4].Total != Sum || rows[4].Label != "合 计" {
				t.Errorf("total: got %q %q", rows[4].Total, rows[4].Label)
			}
			wantTexts(t, "base", texts(t, rows, "base_total")[:3], "861.65", "100", "50.5")
			if d, err := rows[0].Cell("hammered_on").Day(); err != nil || d != day(t, "2021-03-05") {
				t.Errorf("day: got %v %v", d, err)
			}
			if isCSV {
				return
			}
			if origin := rows[2].Cell("collective").Origin(); origin != "C6" || rows[2].Cell("collective").Text != "黄岗经济联社" {
				t.Errorf("merged village: got %q from %q", rows[2].Cell("collective").Text, origin)
			}
			if !rows[4].Cell("base_total").Formula || table.Skipped[0].Why != "hidden" {
				t.Errorf("formula or hidden sheet not seen: %+v", table.Skipped)
			}
			agreeWithLibrary(t, content, table, rows)
		})
	}
}

// agreeWithLibrary compares the stored value of every cell with what the library says is stored.
func agreeWithLibrary(t *testing.T, content []byte, table *Table, rows []Row) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, r := range rows {
		if r.Total != NoTotal {
			continue // the library repeats its label over the merged cells
		}
		for _, b := range table.Columns {
			c := r.Cell(b.Key)
			want, err := f.GetCellValue(table.Sheet, c.Ref(), excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			if c.Stored != want {
				t.Errorf("%s: got %q, the library %q", c.Ref(), c.Stored, want)
			}
		}
	}
}
