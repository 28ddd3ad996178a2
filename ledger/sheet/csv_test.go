package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const csvText = "交易编号,资产名称,底价(元),成交价,成交日期\r\n" +
	"00123,\"商铺,\"\"一\"\"号\",\"1,234.50\",2000,2021/3/5\r\n" +
	"\r\n" +
	"=\"00124\",\"第一行\n第二行\",100,－,2021/3/5 0:00\r\n" +
	"'00125,𠮷屋,100,￥3000,44260\r\n" +
	"合计,,1434.5,5000,"

func gb(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func utf16le(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func TestCSVEncodings(t *testing.T) {
	t.Parallel()
	tabs := strings.ReplaceAll(strings.ReplaceAll(csvText, "1,234.50", "1234.50"), ",", "\t")
	tabs = strings.ReplaceAll(tabs, "商铺\t", "商铺,")
	for name, c := range map[string]struct {
		content  []byte
		encoding string
	}{
		"UTF-8":                {[]byte(csvText), "UTF-8"},
		"UTF-8 with mark":      {[]byte("\xef\xbb\xbf" + csvText), "UTF-8"},
		"GB18030":              {gb(t, csvText), "GB18030"},
		"Unicode text":         {utf16le(tabs), "UTF-16LE"},
		"UTF-16 without mark":  {utf16le(tabs)[2:], "UTF-16LE"},
		"semicolons, sep line": {[]byte("sep=;\r\n" + strings.ReplaceAll(tabs, "\t", ";")), "UTF-8"},
		"CR only":              {[]byte(strings.ReplaceAll(strings.ReplaceAll(csvText, "\r\n", "\r"), "\n", "\r")), "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := oneTable(t, c.content, Options{})
			rows := allRows(t, table)
			wantTexts(t, "lots", texts(t, rows, "lot_no"), "00123", "00124", "00125", "合计")
			wantTexts(t, "names", texts(t, rows, "asset_name")[:3], `商铺,"一"号`, "第一行\n第二行", "𠮷屋")
			for i, r := range rows[:3] {
				if d, err := r.Cell("hammered_on").Day(); err != nil || d != day(t, "2021-03-05") {
					t.Errorf("row %d: day %v %v", i, d, err)
				}
			}
			if d, err := rows[0].Cell("base_total").Number(); err != nil || !strings.HasPrefix(d.String(), "1234.5") {
				t.Errorf("base: got %v %v", d, err)
			}
			if !rows[1].Cell("hammer_total").Blank() || !rows[2].Cell("hammered_on").PlainSerial() || rows[0].Cell("hammered_on").PlainSerial() {
				t.Errorf("blank or serial not seen")
			}
			if table.Encoding != c.encoding {
				t.Errorf("encoding: got %s, want %s", table.Encoding, c.encoding)
			}
			first := 2
			if strings.HasPrefix(string(c.content), "sep=") {
				first = 3
			}
			if got := []int{rows[0].Number, rows[1].Number, rows[2].Number}; got[0] != first || got[1] != first+2 || got[2] != first+4 {
				t.Errorf("line numbers: got %v, want from %d", got, first)
			}
		})
	}
}

func TestCSVRefused(t *testing.T) {
	t.Parallel()
	const head = "交易编号,底价\n"
	for name, c := range map[string]struct{ text, reason, place string }{
		"open quote":    {head + "A,\"1\nB,2\n", "sheet.quote_open", ""},
		"stray quote":   {head + "\"A\"x,1\n", "sheet.quote_stray", ""},
		"NUL":           {head + "A\x00,1\n", "sheet.nul", "A2"},
		"bad UTF-8":     {head + strings.Repeat("交易编号交易编号,1\n", 20) + "\xff\xfe坏,1\n", "sheet.mojibake", "A22"},
		"bad GB18030":   {string(gb(t, head)) + "\x81\x20,1\n", "sheet.mojibake", "A2"},
		"more cells":    {head + "A,1,234.50\n", "sheet.more_cells", "C2"},
		"error value":   {head + "A,#REF!\n", "sheet.error_value", "B2"},
		"too narrow":    {head + "A,######\n", "sheet.error_value", "B2"},
		"too long text": {head + strings.Repeat("长", maxTextRunes+1) + ",1\n", "sheet.text_too_long", "A2"},
		"columns":       {head + "A" + strings.Repeat(",", 1_000_000) + "x\n", "sheet.too_many_columns", ""},
		"columns used":  {head + "A" + strings.Repeat(",", 300) + "x\n", "sheet.too_many_columns", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reason, place := csvOutcome(t, []byte(c.text))
			if reason != c.reason || place != c.place {
				t.Errorf("got %q at %q, want %q at %q", reason, place, c.reason, c.place)
			}
		})
	}
}

// csvOutcome reads a file and gives the first reason for refusing it, and the cell.
func csvOutcome(t *testing.T, content []byte) (reason, place string) {
	t.Helper()
	tables, err := open(t, "a.csv", content).Tables(testSchema(), Options{})
	if err == nil {
		for r, rowErr := range tables[0].Rows() {
			if rowErr != nil {
				err = rowErr
				break
			}
			if len(r.Faults) > 0 {
				return r.Faults[0].Err.Reason, r.Faults[0].Column + itoa(r.Faults[0].Row)
			}
		}
	}
	if e, ok := asError(err); ok {
		return e.Reason, ""
	}
	return "", ""
}

func itoa(n int) string { return numbers([]int{n}) }

func TestShortenedNumberInCSV(t *testing.T) {
	t.Parallel()
	rows := allRows(t, oneTable(t, []byte("交易编号,底价\n2.02E+11,1\nE+5,2\n"), Options{}))
	_, err := rows[0].Cell("lot_no").Key()
	wantReason(t, err, "sheet.shortened_number")
	if key, err := rows[1].Cell("lot_no").Key(); err != nil || key != "E+5" {
		t.Errorf("key: got %q %v", key, err)
	}
}

// What encoding/csv reads without complaint must read alike here.
func FuzzCSVParser(f *testing.F) {
	for _, s := range []string{"a,b\nc,d", "\"a\"\"b\",c\r\n\n\"x\ny\",", "a\"b,c", ",,\n,", "é,中\n", "\"\"", " a, \"b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r") || strings.Contains(s, `="`) {
			return
		}
		ours, ourErr := parseAll(s)
		std := csv.NewReader(strings.NewReader(s))
		std.FieldsPerRecord = -1
		theirs, err := std.ReadAll()
		if err != nil {
			return
		}
		if ourErr != nil {
			t.Fatalf("%q: refused with %v", s, ourErr)
		}
		if len(ours) != len(theirs) {
			t.Fatalf("%q: got %q, want %q", s, ours, theirs)
		}
		for i := range ours {
			if strings.Join(ours[i], "\x00") != strings.Join(theirs[i], "\x00") {
				t.Fatalf("%q: got %q, want %q", s, ours[i], theirs[i])
			}
		}
	})
}

func parseAll(s string) ([][]string, error) {
	p := &csvParser{b: bufio.NewReader(strings.NewReader(s)), separator: ',', limit: 1 << 20, line: 1}
	var out [][]string
	for {
		fields, err := p.record()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		var record []string
		for _, f := range fields {
			record = append(record, string(f.text))
		}
		if len(record) == 1 && p.empty {
			continue // encoding/csv leaves empty lines out
		}
		out = append(out, record)
	}
}

func TestLoneSurrogatesAndHalvesAreRefused(t *testing.T) {
	t.Parallel()
	content := append(utf16le("交易编号\t底价\nA"), 0x00, 0xd8)
	content = append(content, utf16le("\t1\n")[2:]...)
	if reason, place := csvOutcome(t, content); reason != "sheet.mojibake" || place != "A2" {
		t.Errorf("got %s at %s", reason, place)
	}
}
