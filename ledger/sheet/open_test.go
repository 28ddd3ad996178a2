package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
)

// compound makes just as much of an OLE2 file as a reader needs to see which kind it is.
func compound(names ...string) []byte {
	out := make([]byte, 512+128*(len(names)+1))
	copy(out, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	for i, name := range append([]string{"Root Entry"}, names...) {
		entry := out[512+128*i:]
		for j, u := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(entry[2*j:], u)
		}
		binary.LittleEndian.PutUint16(entry[64:], uint16(2*len(utf16.Encode([]rune(name)))+2))
		entry[66] = 2
		if i == 0 {
			entry[66] = 5
		}
	}
	return out
}

func zipOf(tb testing.TB, parts ...string) []byte {
	tb.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	html := "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table><tr><td>交易编号</td></tr></table></html>"
	for name, c := range map[string]struct {
		content []byte
		reason  string
	}{
		"empty.xlsx":     {nil, "sheet.empty_file"},
		"blank.csv":      {[]byte("\xef\xbb\xbf \r\n"), "sheet.empty_file"},
		"old.xls":        {compound("Workbook", "\x05SummaryInformation"), "sheet.old_xls"},
		"biff5.xls":      {compound("Book"), "sheet.old_xls"},
		"wps.et":         {compound("Workbook"), "sheet.et"},
		"secret.xlsx":    {compound("EncryptionInfo", "EncryptedPackage"), "sheet.encrypted"},
		"letter.doc":     {compound("WordDocument"), "sheet.not_a_sheet"},
		"broken.xls":     {compound()[:600], "sheet.old_xls"},
		"web.xls":        {[]byte(html), "sheet.html"},
		"web8.xls":       {[]byte("\xef\xbb\xbf\r\n<!DOCTYPE html>" + html), "sheet.html"},
		"webgb.xls":      {gb(t, "<meta charset=gb2312>"+html), "sheet.html"},
		"web16.xls":      {utf16le(html), "sheet.html"},
		"archive.mht":    {[]byte("MIME-Version: 1.0\r\nX"), "sheet.html"},
		"2003.xml":       {[]byte(`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`), "sheet.xml_2003"},
		"flat.fods":      {[]byte(`<?xml version="1.0"?><office:document xmlns:office="urn:oasis">`), "sheet.ods"},
		"calc.ods":       {zipOf(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "sheet.ods"},
		"mac.numbers":    {zipOf(t, "Index/Document.iwa", "x"), "sheet.numbers"},
		"binary.xlsb":    {zipOf(t, "_rels/.rels", "x", "xl/workbook.bin", "x"), "sheet.xlsb"},
		"letter.docx":    {zipOf(t, "_rels/.rels", "x", "word/document.xml", "x"), "sheet.not_a_sheet"},
		"files.zip":      {zipOf(t, "a.xlsx", "x"), "sheet.unknown_type"},
		"paper.pdf":      {[]byte("%PDF-1.7\n"), "sheet.pdf"},
		"data.json":      {[]byte(`[{"a":1}]`), "sheet.not_a_sheet"},
		"picture.xlsx":   {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00"), "sheet.unknown_type"},
		"cut.xlsx":       {one("x", nil).bytes(t)[:300], "sheet.damaged"},
		"no book.xlsx":   {zipOf(t, "_rels/.rels", "<Relationships/>"), "sheet.damaged"},
		"escape.xlsx":    {zipOf(t, "_rels/.rels", "x", "xl/../../evil", "x"), "sheet.damaged"},
		"absolute.xlsx":  {zipOf(t, "_rels/.rels", "x", "/etc/passwd", "x"), "sheet.damaged"},
		"twice.xlsx":     {zipOf(t, "_rels/.rels", "x", "_rels/.RELS", "x"), "sheet.damaged"},
		"not xml.xlsx":   {zipOf(t, "_rels/.rels", "<Relationships><x"), "sheet.damaged"},
		"doctype.xlsx":   {zipOf(t, "_rels/.rels", "<!DOCTYPE a [<!ENTITY b \"c\">]><a/>"), "sheet.damaged"},
		"many parts.zip": {manyParts(t), "sheet.too_many_parts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantReason(t, openErr(name, c.content), c.reason)
		})
	}
}

func manyParts(t *testing.T) []byte {
	t.Helper()
	var parts []string
	for i := range 1001 {
		parts = append(parts, "p"+itoa(i), "")
	}
	return zipOf(t, parts...)
}

func TestOpenRefusesLargeFiles(t *testing.T) {
	t.Parallel()
	ordinary := one("x", [][]any{{"交易编号", "底价"}}).bytes(t)
	_, tooMuch := Open("a.xlsx", bytes.NewReader(ordinary), int64(len(ordinary)), Limits{TotalBytes: 1000})
	wantReason(t, tooMuch, "sheet.unpacks_too_large")
	_, err := Open("a.csv", strings.NewReader("交易编号,底价"), 20, Limits{FileBytes: 10})
	wantReason(t, err, "sheet.file_too_large")
}

// bomb makes a package whose only sheet is one text of size bytes, packed to about a thousandth. When
// declared is less than that, its directory lies.
func bomb(t *testing.T, size int64, declared uint64) []byte {
	t.Helper()
	plain := one("x", nil).bytes(t)
	old, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, p := range old.File {
		if !strings.Contains(p.Name, "sheet1") {
			if err := z.Copy(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	packed := packZeros(t, size)
	h := &zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: uint64(len(packed)), UncompressedSize64: declared}
	w, err := z.CreateRaw(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// packZeros deflates <worksheet>…<t>000… of the given size. A piece that is flushed to a byte's end may
// stand any number of times in a row.
func packZeros(t *testing.T, size int64) []byte {
	t.Helper()
	piece := func(s string, last bool) []byte {
		var buf bytes.Buffer
		d := newDeflater(t, &buf)
		if _, err := io.WriteString(d, s); err != nil {
			t.Fatal(err)
		}
		end := d.Flush
		if last {
			end = d.Close
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	out := piece(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>`, false)
	out = append(out, bytes.Repeat(piece(strings.Repeat("0", 1<<20), false), int(size>>20))...)
	return append(out, piece("0", true)...)
}

func TestBombsAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	big := bomb(t, 2<<30, 2<<30)
	if len(big) > 3<<20 {
		t.Fatalf("the bomb has %d bytes", len(big))
	}
	lying := bomb(t, 2<<30, 1<<20)
	medium := bomb(t, 150<<20, 150<<20) // below the limit, but packed a thousandfold
	for name, content := range map[string][]byte{"2 GiB": big, "2 GiB, declared as 1 MiB": lying, "150 MiB": medium} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := openErr("bomb.xlsx", content)
			if err == nil {
				_, err = open(t, "bomb.xlsx", content).Tables(testSchema(), Options{})
			}
			runtime.ReadMemStats(&after)
			if !hasReason(err, "sheet.unpacks_too_large") && !hasReason(err, "sheet.damaged") {
				t.Errorf("got %v, want a refusal", err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
				t.Errorf("allocated %d MiB, want at most 20", used>>20)
			}
		})
	}
}

func TestMillionColumnsAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	for name, cells := range map[string]string{
		"without places": strings.Repeat("<c><v>1</v></c>", 1_000_000),
		"empty":          strings.Repeat("<c/>", 1_000_000),
		"far right":      `<c r="IW1"><v>1</v></c>`,
		"beyond Excel":   `<c r="AAAA1"><v>1</v></c>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := book{noShared: true, sheets: []bookSheet{{name: "x", xml: "<sheetData><row>" + cells + "</row></sheetData>"}}}
			_, err := open(t, "a.xlsx", b.bytes(t)).Tables(testSchema(), Options{})
			wantReason(t, err, "sheet.too_many_columns")
		})
	}
}

func TestTooManyRows(t *testing.T) {
	t.Parallel()
	content := []byte("交易编号,底价\n" + strings.Repeat("A,1\n", 11))
	f, err := Open("a.csv", bytes.NewReader(content), int64(len(content)), Limits{Rows: 10})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := f.Tables(testSchema(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = range tables[0].Rows() {
		n++
	}
	wantReason(t, err, "sheet.too_many_rows")
	if n != 11 {
		t.Errorf("rows before the refusal: got %d, want 10 and the error", n-1)
	}
}

// A sheet that was formatted far down has many rows and nothing in them: they count for no limit, and
// what follows the last value is not read again. BenchmarkFormattedEmptyRows says what a million costs.
func TestFormattedEmptyRows(t *testing.T) {
	t.Parallel()
	content := emptyRows(t, 50_000)
	f, err := Open("a.xlsx", bytes.NewReader(content), int64(len(content)), Limits{Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := f.Tables(testSchema(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rows := allRows(t, tables[0]); len(rows) != 1 || tables[0].ValueRows != 2 {
		t.Errorf("got %d rows, %d with a value", len(rows), tables[0].ValueRows)
	}
}

// emptyRows has a header, one row of data, and formatted rows down to last.
func emptyRows(tb testing.TB, last int) []byte {
	tb.Helper()
	var xml strings.Builder
	xml.WriteString("<sheetData>")
	for i, row := range [][]any{{"交易编号", "底价"}, {"A-1", 5}} {
		xml.WriteString(`<row r="` + itoa(i+1) + `">` + cellXML("A"+itoa(i+1), row[0]) + cellXML("B"+itoa(i+1), row[1]) + "</row>")
	}
	for i := 3; i <= last; i++ {
		xml.WriteString(`<row r="` + itoa(i) + `" s="2" customFormat="1"><c r="A` + itoa(i) + `" s="2"/></row>`)
	}
	xml.WriteString("</sheetData>")
	return book{noShared: true, sheets: []bookSheet{{name: "x", xml: xml.String()}}}.bytes(tb)
}
