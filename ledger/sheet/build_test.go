package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// book builds an .xlsx package by hand, in the way Excel writes one. Contents are invented.
type book struct {
	sheets    []bookSheet
	strings   []string // raw <si> contents
	styles    string
	workbook  string // extra elements before <sheets>
	noShared  bool
	namespace string
	prefix    string
}

type bookSheet struct {
	name  string
	state string
	xml   string // the inside of <worksheet>
}

const mainNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

// defaultStyles has General, 0.00, yyyy/m/d, 0.00%, 0.00"万元", 0000 and #,##0 as styles 0 … 6.
const defaultStyles = `<numFmts count="3"><numFmt numFmtId="176" formatCode="0.00&quot;万元&quot;"/><numFmt numFmtId="177" formatCode="0000"/><numFmt numFmtId="178" formatCode="0!.0,&quot;万&quot;"/></numFmts>` +
	`<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="8"><xf numFmtId="0"/><xf numFmtId="2"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="3"/><xf numFmtId="178"/></cellXfs>`

func (b book) bytes(tb testing.TB) []byte {
	tb.Helper()
	ns := b.namespace
	if ns == "" {
		ns = mainNamespace
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	add := func(name, content string) {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n" + content)); err != nil {
			tb.Fatal(err)
		}
	}
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	add("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)
	add("_rels/.rels", `<Relationships><Relationship Id="rId1" Type="`+rel+`officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	var list, rels strings.Builder
	for i, s := range b.sheets {
		state := ""
		if s.state != "" {
			state = ` state="` + s.state + `"`
		}
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, s.name, i+10, state, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i+1, rel, i+1)
		xml := fmt.Sprintf(`<worksheet xmlns="%s">%s</worksheet>`, ns, s.xml)
		if b.prefix != "" {
			xml = prefixed(xml, b.prefix)
		}
		add(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), xml)
	}
	add("xl/workbook.xml", `<workbook xmlns="`+ns+`" xmlns:r="x">`+b.workbook+`<sheets>`+list.String()+`</sheets></workbook>`)
	rels.WriteString(`<Relationship Id="rIdS" Type="` + rel + `styles" Target="styles.xml"/>`)
	if !b.noShared {
		rels.WriteString(`<Relationship Id="rIdT" Type="` + rel + `sharedStrings" Target="/xl/sharedStrings.xml"/>`)
		add("xl/sharedStrings.xml", `<sst xmlns="`+ns+`">`+"<si>"+strings.Join(b.strings, "</si><si>")+"</si></sst>")
	}
	add("xl/_rels/workbook.xml.rels", `<Relationships>`+rels.String()+`</Relationships>`)
	styles := b.styles
	if styles == "" {
		styles = defaultStyles
	}
	add("xl/styles.xml", `<styleSheet xmlns="`+ns+`">`+styles+`</styleSheet>`)
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// prefixed gives every element a prefix, as some writers do.
func prefixed(xml, prefix string) string {
	xml = strings.ReplaceAll(xml, "</", "\x00")
	xml = strings.ReplaceAll(xml, "<", "<"+prefix+":")
	return strings.ReplaceAll(xml, "\x00", "</"+prefix+":")
}

// grid makes a worksheet from rows of values: text as inline strings, =formula|value, #n:style numbers.
//
//	"text"        inline string
//	12.5 / "n:861.64999999999998" / "n:44260:2" (style 2)
//	"f:SUM(A1:A2)=12.5" formula with cached value · "f:A1=" formula without value
//	"e:#REF!"     an error value
func sheetXML(rows [][]any, extra ...string) string {
	var b strings.Builder
	b.WriteString("<sheetData>")
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, v := range row {
			b.WriteString(cellXML(fmt.Sprintf("%s%d", Letter(j+1), i+1), v))
		}
		b.WriteString("</row>")
	}
	b.WriteString("</sheetData>" + strings.Join(extra, ""))
	return b.String()
}

func cellXML(ref string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case int:
		return fmt.Sprintf(`<c r="%s"><v>%d</v></c>`, ref, v)
	case string:
		kind, rest, _ := strings.Cut(v, ":")
		switch kind {
		case "n":
			value, style, ok := strings.Cut(rest, ":")
			if !ok {
				style = "0"
			}
			return fmt.Sprintf(`<c r="%s" s="%s"><v>%s</v></c>`, ref, style, value)
		case "f":
			formula, value, _ := strings.Cut(rest, "=")
			if value == "" {
				return fmt.Sprintf(`<c r="%s"><f>%s</f></c>`, ref, formula)
			}
			return fmt.Sprintf(`<c r="%s"><f>%s</f><v>%s</v></c>`, ref, formula, value)
		case "e":
			return fmt.Sprintf(`<c r="%s" t="e"><f>A1</f><v>%s</v></c>`, ref, rest)
		case "x":
			return strings.Replace(rest, "<c", `<c r="`+ref+`"`, 1)
		}
		return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, ref, v)
	}
	panic(fmt.Sprintf("cell %v", v))
}

func merges(refs ...string) string {
	return `<mergeCells><mergeCell ref="` + strings.Join(refs, `"/><mergeCell ref="`) + `"/></mergeCells>`
}

// testSchema is invented for these tests; the package itself knows none.
func testSchema() Schema {
	return Schema{
		Columns: []Column{
			{Key: "lot_no", Names: []string{"交易编号", "标的编号", "lot no"}, Label: true},
			{Key: "asset_name", Names: []string{"资产名称", "标的名称", "asset"}, Label: true},
			{Key: "collective", Names: []string{"村集体", "经济联社"}},
			{Key: "base_price", Names: []string{"底价单价", "单价"}, Type: Amount},
			{Key: "base_total", Names: []string{"底价", "底价总额", "起拍价", "base"}, Type: Amount},
			{Key: "hammer_price", Names: []string{"成交单价", "成交价单价"}, Type: Amount},
			{Key: "hammer_total", Names: []string{"成交价", "成交价总额", "竞得价", "hammer"}, Type: Amount},
			{Key: "quantity", Names: []string{"面积"}, Type: Amount},
			{Key: "premium_rate", Names: []string{"溢价率"}, Type: Amount},
			{Key: "registrants", Names: []string{"报名人数"}, Type: Count},
			{Key: "hammered_on", Names: []string{"成交日期"}, Type: Date},
			{Key: "remark", Names: []string{"备注"}},
		},
		Keys: []string{"base_total", "hammer_total", "base_price"},
	}
}

func open(tb testing.TB, name string, content []byte) *File {
	tb.Helper()
	f, err := Open(name, bytes.NewReader(content), int64(len(content)), Limits{})
	if err != nil {
		tb.Fatalf("Open(%s): %v", name, err)
	}
	return f
}

func openErr(name string, content []byte) error {
	_, err := Open(name, bytes.NewReader(content), int64(len(content)), Limits{})
	return err
}

// oneTable reads the only table of a file.
func oneTable(tb testing.TB, content []byte, o Options) *Table {
	tb.Helper()
	tables, err := open(tb, "台账", content).Tables(testSchema(), o)
	if err != nil {
		tb.Fatalf("Tables: %v", err)
	}
	if len(tables) != 1 {
		tb.Fatalf("tables: got %d, want 1", len(tables))
	}
	return tables[0]
}

func allRows(tb testing.TB, table *Table) []Row {
	tb.Helper()
	var rows []Row
	for r, err := range table.Rows() {
		if err != nil {
			tb.Fatalf("Rows: %v", err)
		}
		rows = append(rows, r)
	}
	return rows
}

// wantReason checks that err is a ledger error with the reason.
func wantReason(tb testing.TB, err error, reason string) {
	tb.Helper()
	if !hasReason(err, reason) {
		tb.Errorf("error: got %v, want reason %s", err, reason)
	}
}

func hasReason(err error, reason string) bool {
	e, ok := asError(err)
	return ok && e.Reason == reason
}

func texts(tb testing.TB, rows []Row, key string) []string {
	tb.Helper()
	var out []string
	for _, r := range rows {
		out = append(out, r.Cell(key).Text)
	}
	return out
}

func wantTexts(tb testing.TB, what string, got []string, want ...string) {
	tb.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		tb.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func one(name string, rows [][]any, extra ...string) book {
	return book{sheets: []bookSheet{{name: name, xml: sheetXML(rows, extra...)}}, noShared: true}
}

func day(tb testing.TB, s string) ledger.Day {
	tb.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
