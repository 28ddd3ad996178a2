package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"mingzhang/ledger"
)

// csvSheet is a .csv file as a sheet of its own.
type csvSheet struct {
	file      string
	r         io.ReaderAt
	size      int64
	limits    Limits
	encoding  string // UTF-8, GB18030, UTF-16LE, UTF-16BE
	separator byte
	skipLine  bool // the first line is sep=;
}

func (f *File) openCSV(r io.ReaderAt, size int64) error {
	c := &csvSheet{file: f.Name, r: r, size: size, limits: f.limits}
	if err := c.findEncoding(); err != nil {
		return err
	}
	if err := c.findSeparator(); err != nil {
		return err
	}
	f.sources = []source{c}
	return nil
}

func (c *csvSheet) name() string   { return "" }
func (c *csvSheet) hidden() string { return "" }

// findEncoding reads the file once. A mark decides; else strictly valid UTF-8 is UTF-8 and everything else
// GB18030. A file in which good UTF-8 far outweighs the bad is UTF-8 with damage, so that the damaged
// cells are named instead of the whole file read as nonsense.
func (c *csvSheet) findEncoding() error {
	head := make([]byte, min(c.size, 4096))
	if _, err := c.r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		c.encoding = "UTF-8"
		return nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		c.encoding = "UTF-16LE"
		return nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		c.encoding = "UTF-16BE"
		return nil
	}
	if c.encoding = guessUTF16(head); c.encoding != "" {
		return nil
	}
	good, bad, err := countUTF8(bufio.NewReaderSize(io.NewSectionReader(c.r, 0, c.size), 64<<10))
	if err != nil {
		return err
	}
	c.encoding = "GB18030"
	if bad == 0 || good > 20*bad {
		c.encoding = "UTF-8"
	}
	return nil
}

// countUTF8 counts the characters beyond ASCII that are well formed, and the bytes that are not.
func countUTF8(r *bufio.Reader) (good, bad int, err error) {
	for {
		ch, n, err := r.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return good, bad, nil
		case err != nil:
			return good, bad, err
		case ch == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
	}
}

// open gives the text as UTF-8 without mark.
func (c *csvSheet) open() *bufio.Reader {
	var src io.Reader = io.NewSectionReader(c.r, 0, c.size)
	var e encoding.Encoding
	switch c.encoding {
	case "GB18030":
		e = simplifiedchinese.GB18030
	case "UTF-16LE":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "UTF-16BE":
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	if e != nil {
		src = transform.NewReader(src, e.NewDecoder())
	}
	b := bufio.NewReaderSize(src, 64<<10)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	return b
}

// findSeparator takes sep=; at its word; else the sign that splits the first lines most often.
func (c *csvSheet) findSeparator() error {
	b := c.open()
	line, err := b.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(line) >= 5 && strings.EqualFold(string(line[:4]), "sep=") {
		c.separator, c.skipLine = line[4], true
		return nil
	}
	counts := map[byte]int{}
	quoted, lines := false, 0
	for lines < 2*headerSpan {
		ch, err := b.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case ch == '"':
			quoted = !quoted
		case quoted:
		case ch == '\n':
			lines++
		case ch == ',' || ch == ';' || ch == '\t':
			counts[ch]++
		}
	}
	c.separator = ','
	for _, s := range []byte{';', '\t'} {
		if counts[s] > counts[c.separator] {
			c.separator = s
		}
	}
	return nil
}

func (c *csvSheet) survey(keep int) (*survey, error) {
	out := &survey{separator: rune(c.separator), encoding: c.encoding}
	var failed error
	err := c.rows(func(r *rawRow) bool {
		if out.valueRows++; out.valueRows > c.limits.Rows+surplusRows {
			failed = ledger.E(ledger.Invalid, "sheet.too_many_rows", c.file, c.limits.Rows)
			return false
		}
		if r.number <= keep {
			out.head = append(out.head, keepHead(r))
		}
		return true
	})
	return out, errors.Join(err, failed)
}

// rows streams the lines that have a value, by the number of the line on which each begins.
func (c *csvSheet) rows(yield func(*rawRow) bool) error {
	p := &csvParser{file: c.file, b: c.open(), separator: c.separator, limit: c.limits.TextRunes * 4, line: 1}
	if c.skipLine {
		if _, err := p.record(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	var row rawRow
	for {
		fields, err := p.record()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row.number, row.cells = p.began, row.cells[:0]
		for i, f := range fields {
			if len(f.text) == 0 && f.bad == "" {
				continue
			}
			if i >= c.limits.Columns {
				return ledger.E(ledger.Invalid, "sheet.too_many_columns", c.file, c.limits.Columns)
			}
			row.cells = append(row.cells, c.cell(f, p.began, i+1))
		}
		if len(row.cells) > 0 && !yield(&row) {
			return nil
		}
	}
}

func (c *csvSheet) cell(f csvField, line, column int) Cell {
	text := string(f.text)
	bad := f.bad
	if bad == "" {
		switch {
		case !utf8.ValidString(text):
			bad = badMojibake
		case len(text) > c.limits.TextRunes && utf8.RuneCountInString(text) > c.limits.TextRunes:
			text, bad = firstRunes(text, 40), badTooLong
		default:
			bad = badText(text)
		}
	}
	text = unguardCSV(text)
	var out Cell
	switch {
	case bad == "" && strings.HasPrefix(text, "#") && isErrorValue(text):
		out = badCell("sheet.error_value", text)
	default:
		out = textCell(text, bad)
	}
	out.csv = true
	out.row, out.column = int32(line), int32(column) //nolint:gosec // both bounded by the limits
	return out
}

// isErrorValue recognises the error values that a spreadsheet exports as text.
func isErrorValue(s string) bool {
	switch strings.ToUpper(s) {
	case "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA":
		return true
	}
	return strings.Trim(s, "#") == "" && len(s) >= 3 // ##### is a column too narrow for its number
}
