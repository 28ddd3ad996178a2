package sheet

import (
	"bufio"
	"errors"
	"io"

	"mingzhang/ledger"
)

// csvParser splits a text into records. Unlike encoding/csv it takes ="00123" for a text, any of the
// three line ends, keeps the number of the line on which a record begins, and refuses what follows a
// closing quote instead of reading on through the file.
type csvParser struct {
	file      string
	b         *bufio.Reader
	separator byte
	limit     int // bytes of a field
	line      int // number of the line that comes next
	began     int // number of the line on which the last record began
	fields    []csvField
	empty     bool // the last record was an empty line
}

type csvField struct {
	text []byte
	bad  string
}

// peek gives the next byte without taking it; 0 at the end.
func (p *csvParser) peek() byte {
	b, err := p.b.Peek(1)
	if err != nil {
		return 0
	}
	return b[0]
}

// record reads the next record; its fields are valid until the call after. A line without any sign is a
// record without fields.
func (p *csvParser) record() ([]csvField, error) {
	p.fields = p.fields[:0]
	p.began = p.line
	first, err := p.b.Peek(1)
	if err != nil {
		return nil, err
	}
	p.empty = first[0] == '\n' || first[0] == '\r'
	for {
		f := p.room()
		end, err := p.field(f)
		if err != nil {
			return nil, err
		}
		if end {
			return p.fields, nil
		}
		if len(p.fields) > sheetColLast {
			return nil, ledger.E(ledger.Invalid, "sheet.too_many_columns", p.file, sheetColLast)
		}
	}
}

// room gives the next field, reusing its bytes.
func (p *csvParser) room() *csvField {
	n := len(p.fields)
	if n < cap(p.fields) {
		p.fields = p.fields[:n+1]
		p.fields[n].text, p.fields[n].bad = p.fields[n].text[:0], ""
	} else {
		p.fields = append(p.fields, csvField{})
	}
	return &p.fields[n]
}

// field reads one field and the sign that ends it; end is true at the end of the record.
func (p *csvParser) field(f *csvField) (end bool, err error) {
	start, err := p.b.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch {
	case len(start) > 0 && start[0] == '"':
		_, _ = p.b.Discard(1)
		return p.quoted(f)
	case len(start) > 1 && start[0] == '=' && start[1] == '"':
		_, _ = p.b.Discard(2)
		return p.quoted(f)
	}
	for {
		c, err := p.b.ReadByte()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if c == p.separator {
			return false, nil
		}
		if c == '\n' || c == '\r' {
			p.lineEnd(c)
			return true, nil
		}
		p.keep(f, c)
	}
}

func (p *csvParser) lineEnd(c byte) {
	if c == '\r' && p.peek() == '\n' {
		_, _ = p.b.Discard(1)
	}
	p.line++
}

func (p *csvParser) keep(f *csvField, c byte) {
	if len(f.text) > p.limit {
		f.bad = badTooLong
		return
	}
	f.text = append(f.text, c)
}

// quoted reads up to the closing quote; a doubled quote is one.
func (p *csvParser) quoted(f *csvField) (end bool, err error) {
	opened := p.line
	for {
		c, err := p.b.ReadByte()
		if errors.Is(err, io.EOF) {
			return false, ledger.E(ledger.Invalid, "sheet.quote_open", opened)
		}
		if err != nil {
			return false, err
		}
		switch {
		case c == '"' && p.peek() == '"':
			_, _ = p.b.Discard(1)
			p.keep(f, '"')
		case c == '"':
			return p.afterQuote()
		case c == '\n' || c == '\r':
			p.lineEnd(c)
			p.keep(f, '\n')
		default:
			p.keep(f, c)
		}
	}
}

// afterQuote allows blanks between the closing quote and the separator, nothing else.
func (p *csvParser) afterQuote() (end bool, err error) {
	for {
		c, err := p.b.ReadByte()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		switch {
		case c == p.separator:
			return false, nil
		case c == '\n' || c == '\r':
			p.lineEnd(c)
			return true, nil
		case c != ' ':
			return false, ledger.E(ledger.Invalid, "sheet.quote_stray", p.line)
		}
	}
}
