package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"mingzhang/ledger"
)

// File is an opened spreadsheet. Nothing of it is in memory but its table of parts and shared texts.
type File struct {
	Name    string
	Kind    string // "xlsx" or "csv"
	limits  Limits
	sources []source
	skipped []Skipped
	garbled *ledger.Error // an unusable text in the head of a sheet without a known header
}

// Skipped is a sheet that was not read, and why: hidden, very_hidden, empty, no_header, not_a_sheet, not_chosen.
type Skipped struct {
	Sheet string `json:"sheet"`
	Why   string `json:"why"`
}

// source is one sheet of a file, readable any number of times.
type source interface {
	name() string
	hidden() string // "", "hidden", "very_hidden"
	// survey reads the sheet once and keeps only what must be known before its rows are read.
	survey(keep int) (*survey, error)
	// rows streams the rows that have a cell, in order, until yield says stop. The row's cells are
	// the caller's to keep only until the next one.
	rows(yield func(*rawRow) bool) error
}

// survey is what one pass over a sheet tells.
type survey struct {
	head       []rawRow // the first rows that have a value
	merges     []merge
	hiddenRows []int // numbers of the hidden rows that have a value, the first of them
	hiddenN    int
	hiddenCols map[int]bool
	formulas   int
	valueRows  int
	separator  rune   // of a csv
	encoding   string // of a csv
}

// rawRow is a row as the file holds it.
type rawRow struct {
	number int
	hidden bool
	cells  []Cell
}

// merge is a merged area, both corners included; rows and columns from 1.
type merge struct{ top, left, bottom, right int }

// Open recognises the file by its first bytes and opens it. name is for messages only. r must stay
// open while the file is read. Errors are *ledger.Error with code Invalid when the file is at fault.
func Open(name string, r io.ReaderAt, size int64, limits Limits) (*File, error) {
	limits = limits.orDefault()
	if size == 0 {
		return nil, ledger.E(ledger.Invalid, "sheet.empty_file", name)
	}
	if size > limits.FileBytes {
		return nil, ledger.E(ledger.Invalid, "sheet.file_too_large", name, size>>20, limits.FileBytes>>20)
	}
	head := make([]byte, min(size, 8<<10))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("sheet: reading %s: %w", name, err)
	}
	f := &File{Name: name, limits: limits}
	var err error
	switch kind := recognise(head); kind {
	case "zip":
		f.Kind = "xlsx"
		err = f.openPackage(r, size)
	case "ole2":
		err = refuseOLE(name, r, size)
	case "text":
		f.Kind = "csv"
		err = f.openCSV(r, size)
	default:
		err = ledger.E(ledger.Invalid, kind, name)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// recognise tells a file by its first bytes: zip, ole2, text, or the reason for refusing it.
func recognise(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return "ole2"
	case bytes.HasPrefix(head, []byte("\x09\x08")), bytes.HasPrefix(head, []byte("\x09\x04\x06\x00")),
		bytes.HasPrefix(head, []byte("\x09\x02\x06\x00")), bytes.HasPrefix(head, []byte("\x09\x00\x04\x00")):
		return "sheet.old_xls" // BIFF 2-8 without its container
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "sheet.pdf"
	case bytes.HasPrefix(head, []byte("{\\rtf")):
		return "sheet.not_a_sheet"
	case looksBinary(head):
		return "sheet.unknown_type"
	}
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		head = bytes.TrimPrefix(head, []byte(mark))
	}
	text := strings.ToLower(strings.TrimLeft(string(bytes.ReplaceAll(head, []byte{0}, nil)), " \t\r\n"))
	switch {
	case text == "":
		return "sheet.empty_file"
	case strings.Contains(text, "urn:schemas-microsoft-com:office:spreadsheet") && strings.HasPrefix(text, "<"):
		return "sheet.xml_2003"
	case strings.HasPrefix(text, "<?xml") && strings.Contains(text, "office:document"):
		return "sheet.ods"
	case strings.HasPrefix(text, "<") && (strings.Contains(text, "<html") || strings.Contains(text, "<table") ||
		strings.Contains(text, "<!doctype html") || strings.Contains(text, "<meta")):
		return "sheet.html"
	case strings.HasPrefix(text, "mime-version:"):
		return "sheet.html" // a web archive, .mht
	case strings.HasPrefix(text, "<?xml"), strings.HasPrefix(text, "{\""), strings.HasPrefix(text, "[{"):
		return "sheet.not_a_sheet"
	case strings.HasPrefix(text, "id;pwxl"), strings.HasPrefix(text, "id;pcalc"):
		return "sheet.old_xls" // SYLK
	}
	return "text"
}

// looksBinary holds for what cannot be a text in any encoding that is read.
func looksBinary(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || guessUTF16(head) != "" {
		return false
	}
	control := 0
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a {
			control++
		}
	}
	return control > 2+len(head)/20
}

// guessUTF16 recognises UTF-16 without a mark: every tenth of the other bytes is the zero of an ASCII
// sign, hardly any of these; and what it decodes to has no control characters.
func guessUTF16(head []byte) string {
	var zero [2]int
	for i, b := range head {
		if b == 0 {
			zero[i%2]++
		}
	}
	high, name := 1, "UTF-16LE"
	if zero[0] > zero[1] {
		high, name = 0, "UTF-16BE"
	}
	if zero[high] < 4 || zero[high] < len(head)/20 || zero[1-high]*8 > zero[high] { // 一 has one of these
		return ""
	}
	for i := 0; i+1 < len(head); i += 2 {
		if c := head[i+1-high]; head[i+high] == 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return ""
		}
	}
	return name
}

// refuseOLE tells the old formats and encrypted files apart; all are refused.
func refuseOLE(name string, r io.ReaderAt, size int64) error {
	names, err := oleNames(r, size)
	if err != nil {
		return ledger.E(ledger.Invalid, "sheet.old_xls", name).Because(err)
	}
	has := func(want string) bool {
		for _, n := range names {
			if strings.EqualFold(n, want) {
				return true
			}
		}
		return false
	}
	switch {
	case has("EncryptedPackage") || has("EncryptionInfo"):
		return ledger.E(ledger.Invalid, "sheet.encrypted", name)
	case has("WordDocument"), has("PowerPoint Document"):
		return ledger.E(ledger.Invalid, "sheet.not_a_sheet", name)
	case strings.HasSuffix(strings.ToLower(name), ".et") || has("ETExtData"):
		return ledger.E(ledger.Invalid, "sheet.et", name)
	}
	return ledger.E(ledger.Invalid, "sheet.old_xls", name)
}

// Sheets lists the names of all sheets, hidden ones too.
func (f *File) Sheets() []string {
	names := make([]string, len(f.sources))
	for i, s := range f.sources {
		names[i] = s.name()
	}
	return names
}

// Skipped lists the sheets that Tables did not read, and why.
func (f *File) Skipped() []Skipped { return f.skipped }
