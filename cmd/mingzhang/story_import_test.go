package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// excelFile is a workbook as Excel writes it: shared texts, a caption over the table, a header of two merged
// rows, a formula with its cached value, 861.65 stored as 861.64999999999998, a total row. All of it is invented.
func excelFile(tb testing.TB) string {
	tb.Helper()
	texts := []string{
		"2021年上半年资产交易台账(虚构)", "单位:万元", "交易编号", "资产名称", "金额", "底价", "成交价", "结果", "成交日期",
		"示例-01", "示例商铺", "示例-02", "示例鱼塘", "成交", "流拍", "合计", "村集体", "示例村",
	}
	var shared, rows strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&shared, "<si><t>%s</t></si>", text)
	}
	s := func(ref string, n int) string { return fmt.Sprintf(`<c r="%s" t="s"><v>%d</v></c>`, ref, n) }
	v := func(ref, stored string) string { return fmt.Sprintf(`<c r="%s"><v>%s</v></c>`, ref, stored) }
	for i, cells := range []string{
		s("A1", 0), s("G2", 1),
		s("A3", 2) + s("B3", 3) + s("C3", 16) + s("D3", 4) + s("F3", 7) + s("G3", 8),
		s("D4", 5) + s("E4", 6),
		s("A5", 9) + s("B5", 10) + s("C5", 17) + v("D5", "861.64999999999998") + `<c r="E5"><f>D5*1.2</f><v>1033.98</v></c>` + s("F5", 13) + `<c r="G5" s="1"><v>44260</v></c>`,
		s("A6", 11) + s("B6", 12) + v("D6", "100") + s("F6", 14) + `<c r="G6" s="1"><v>44286</v></c>`,
		s("A7", 15) + `<c r="D7"><f>SUM(D5:D6)</f><v>961.65</v></c>` + v("E7", "1033.98"),
	} {
		fmt.Fprintf(&rows, `<row r="%d">%s</row>`, i+1, cells)
	}
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n"
	const main = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	const types = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + types + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + types + `worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="` + types + `styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="` + types + `sharedStrings+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + rel + `officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + main + `><sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + rel + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + rel + `styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + rel + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		{"xl/styles.xml", `<styleSheet ` + main + `><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`},
		{"xl/sharedStrings.xml", `<sst ` + main + `>` + shared.String() + `</sst>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + main + `><sheetData>` + rows.String() + `</sheetData><mergeCells count="5"><mergeCell ref="A1:G1"/><mergeCell ref="A3:A4"/><mergeCell ref="B3:B4"/><mergeCell ref="D3:E3"/><mergeCell ref="C5:C6"/></mergeCells></worksheet>`},
	} {
		f, err := z.Create(part[0])
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := f.Write([]byte(head + part[1])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "台账.xlsx")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestStory_Import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "book", "add", "street", "--name-zh", "示例街道")
	excel := excelFile(t)
	w.want(0, []string{"万元", "表头第 3、4 行", "公式 2 个", "合计", "将记入 2"}, "import", "lots", excel, "--book", "street", "--dry-run")
	w.want(0, []string{"已记入 2"}, "import", "--book", "street", "lots", excel)
	w.want(1, []string{"台账.xlsx"}, "import", "lots", excel, "--book", "street")

	// As Chinese Excel saves a .csv: GB18030, and a name that GBK lacks.
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("交易编号,资产名称,底价(元),成交价(元),结果,成交日期,竞得人\r\n示例-11,示例仓库,\"12,000.00\",13000,成交,2021/6/30,示例𠮷某\r\n合计,,12000,13000,,,\r\n")
	if err != nil {
		t.Fatal(err)
	}
	d := w.want(0, []string{`"recorded":1`}, "import", "lots", w.file("台账.csv", gb), "--book", "street", "--format", "json")
	var result struct {
		Tables []struct{ Encoding string }
	}
	if err := json.Unmarshal([]byte(d.out), &result); err != nil || len(result.Tables) != 1 || result.Tables[0].Encoding != "GB18030" {
		t.Errorf("%v, %+v; want one table in GB18030", err, result)
	}
	summary := w.want(0, nil, "report", "summary", "--book", "street", "--from", "2021-01-01", "--to", "2021-06-30", "--format", "json")
	for _, text := range []string{`"hammered":2`, `"unsold":1`, `"base_total":"8628500.00"`, `"hammer_total":"10352800.00"`, `"premium_rate":"0.1998"`} {
		if !strings.Contains(summary.out, text) { // 861.65万 + 1.2万; 1033.98万 + 1.3万; 1724300 ÷ 8628500
			t.Errorf("no %s in %s", text, summary.out)
		}
	}
	changed := w.file("更正.csv", "交易编号,资产名称,底价(元),成交价(元),结果,成交日期,竞得人\n示例-11,示例仓库,12000,13500,成交,2021-06-30,示例𠮷某\n")
	w.want(1, []string{"13000.00", "13500.00"}, "import", "lots", changed, "--book", "street")
	w.want(0, []string{"更正 1"}, "import", "lots", changed, "--book", "street", "--amend", "--reason", "成交价抄错")
	w.want(2, []string{"--reason"}, "void", "lot", "示例-11", "--book", "street")
	w.want(1, []string{"示例-99"}, "void", "lot", "示例-99", "--book", "street", "--reason", "误录")
	w.want(0, []string{`"hammer_total":"10353300.00"`}, "report", "summary", "--book", "street", "--from", "2021-01-01", "--to", "2021-06-30", "--format", "json")
	w.want(0, []string{"已作废"}, "void", "lot", "示例-11", "--book", "street", "--reason", "误录")
	w.want(0, []string{`"hammered":1`, `"hammer_total":"10339800.00"`}, "report", "summary", "--book", "street", "--from", "2021-01-01", "--to", "2021-06-30", "--format", "json")
	w.want(0, []string{"完好"}, "check")
}

func TestStory_Rejects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "book", "add", "street", "--name-zh", "示例街道")
	file := w.file("台账.csv", "交易编号,资产名称,底价(元),成交价(元),结果,成交日期\n1,甲,1000,1200,成交,2021-03-05\n2,乙,0,1200,成交,2021-03-05\n3,丙,1000.001,1200,成交,2021-13-05\n")
	for _, name := range []string{"有错.csv", "有错.xlsx"} {
		rejects := filepath.Join(t.TempDir(), name)
		d := w.want(1, []string{"C3", "C4", "F4"}, "import", "lots", file, "--book", "street", "--rejects", rejects)
		if !strings.Contains(d.out, "有错 2 行") {
			t.Errorf("%s: %s", name, d.out)
		}
		w.want(2, []string{"已存在"}, "import", "lots", file, "--book", "street", "--rejects", rejects)
		w.want(2, []string{"已存在"}, "import", "lots", file, "--book", "street", "--rejects", file)
		again := w.do("import", "lots", rejects, "--book", "street", "--dry-run")
		if again.status != 1 || strings.Contains(again.err, "表头") {
			t.Errorf("the rejected rows sent again: %d\n%s%s", again.status, again.out, again.err)
		}
	}
	w.want(0, []string{`"hammered":1`}, "report", "summary", "--book", "street", "--from", "2021-01-01", "--to", "2021-06-30", "--format", "json")
	w.want(0, []string{"完好"}, "check")
}

func TestStory_FilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "book", "add", "street", "--name-zh", "示例街道")
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 2048)
	for _, tt := range []struct{ name, body, text string }{
		{"老.xls", ole, "另存为"},
		{"网页.xls", "<html><body><table><tr><td>交易编号</td></tr></table></body></html>", "另存为"},
		{"空.csv", "", "空"},
		{"无表头.csv", strings.Repeat("甲,乙,丙\n", 20), "表头"},
		{"重复.csv", "交易编号,底价,底价,成交价\n1,2,3,4\n", "底价"},
		{"零.csv", "交易编号,资产名称,底价(元),成交价(元)\n1,甲\x00乙,1000,1200\n", "NUL"},
		{"坏.xlsx", "PK\x03\x04 broken", ""},
	} {
		d := w.do("import", "lots", w.file(tt.name, tt.body), "--book", "street")
		if d.status != 1 || !strings.Contains(d.err, tt.text) {
			t.Errorf("%s: exit status %d, stderr %q; want 1 and %q", tt.name, d.status, d.err, tt.text)
		}
	}
	w.want(1, nil, "import", "lots", t.TempDir(), "--book", "street")
	w.want(0, []string{"条目 1，"}, "check", "--book", "street")
}
