package sheet

import (
	"fmt"
	"slices"
	"strings"
)

// worksheet is one sheet of an .xlsx package.
type worksheet struct {
	x     *xlsx
	title string
	state string // "", "hidden", "very_hidden"
	part  string // "" when it is a chart or dialog
	last  int    // number of the last row with a value, once surveyed
}

func (w *worksheet) name() string   { return w.title }
func (w *worksheet) hidden() string { return w.state }

// workbook reads the list of sheets, the date system, and the shared parts' places.
func (x *xlsx) workbook() ([]*worksheet, error) {
	top, err := x.relations("")
	if err != nil {
		return nil, err
	}
	book := findRelation(top, "officeDocument")
	if book == "" {
		return nil, fmt.Errorf("sheet: the package names no workbook")
	}
	rels, err := x.relations(book)
	if err != nil {
		return nil, err
	}
	sheets, err := x.sheetList(book, rels)
	if err != nil {
		return nil, err
	}
	if part := findRelation(rels, "styles"); part != "" {
		if x.formats, err = x.readStyles(part); err != nil {
			return nil, err
		}
	}
	x.strings = &stringTable{part: findRelation(rels, "sharedStrings")}
	return sheets, nil
}

func (x *xlsx) sheetList(book string, rels map[string]relation) ([]*worksheet, error) {
	r, err := x.part(book)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var sheets []*worksheet
	xr := newXMLReader(r)
	for {
		token, err := xr.next()
		if err != nil {
			return nil, err
		}
		if token == xmlEOF {
			return sheets, nil
		}
		if token != xmlStart {
			continue
		}
		switch string(xr.name) {
		case "workbookPr":
			x.date1904 = xr.attrTrue("date1904")
		case "sheet":
			// id is r:id; sheetId has another local name.
			w := &worksheet{x: x, title: xr.attrText("name")}
			if rel := rels[xr.attrText("id")]; rel.kind == "worksheet" {
				w.part = rel.target
			}
			switch strings.ToLower(xr.attrText("state")) {
			case "hidden":
				w.state = "hidden"
			case "veryhidden":
				w.state = "very_hidden"
			}
			if sheets = append(sheets, w); len(sheets) > maxEntries {
				return nil, fmt.Errorf("sheet: more than %d sheets", maxEntries)
			}
		}
	}
}

// readStyles gives the number format of each cell style.
func (x *xlsx) readStyles(part string) ([]*format, error) {
	r, err := x.part(part)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	custom := map[int]string{}
	known := map[int]*format{}
	var styles []*format
	inCells := 0
	xr := newXMLReader(r)
	for {
		token, err := xr.next()
		if err != nil {
			return nil, err
		}
		switch {
		case token == xmlEOF:
			return styles, nil
		case token == xmlStart && string(xr.name) == "numFmt":
			if code := xr.attrText("formatCode"); len(custom) < maxStyles && len(code) <= maxFormatCode {
				custom[xr.attrInt("numFmtId", -1)] = code
			}
		case token == xmlStart && string(xr.name) == "cellXfs":
			inCells = xr.depth
		case token == xmlEnd && inCells > 0 && xr.depth < inCells:
			inCells = 0
		case token == xmlStart && string(xr.name) == "xf" && inCells > 0 && xr.depth == inCells+1:
			if len(styles) >= maxStyles {
				return nil, fmt.Errorf("sheet: more than %d styles", maxStyles)
			}
			id := xr.attrInt("numFmtId", 0)
			if known[id] == nil {
				code, ok := custom[id]
				if !ok {
					code = builtinFormat(id)
				}
				known[id] = parseFormat(code)
			}
			styles = append(styles, known[id])
		}
	}
}

// general is the format of a cell without a style.
func (x *xlsx) format(style int) *format {
	if style < 0 || style >= len(x.formats) {
		return nil
	}
	return x.formats[style]
}

// Limits of parts that are kept in memory. Excel itself has at most 65,490 styles.
const (
	maxSharedTexts = 5_000_000
	maxStyles      = 100_000
	maxFormatCode  = 1000
	sharedChunk    = 1 << 20
)

// stringTable holds the shared texts in a few long strings, and the place of each in them.
type stringTable struct {
	part   string
	chunks []string
	at     []sharedText
}

type sharedText struct {
	chunk, start, end uint32
	bad               uint32 // index of the reason for not using it, 0 when it is fine
}

// badReasons are the reasons that cleanText gives.
func badReasons() []string { return []string{"", badNUL, badMojibake, badTooLong, badControl} }

func (t *stringTable) get(i int) (text, bad string, ok bool) {
	if i < 0 || i >= len(t.at) {
		return "", "", false
	}
	p := t.at[i]
	return t.chunks[p.chunk][p.start:p.end], badReasons()[p.bad], true
}

// stringBuilder fills a stringTable.
type stringBuilder struct {
	*stringTable
	b strings.Builder
}

func (s *stringBuilder) add(text, bad string) error {
	if len(s.at) >= maxSharedTexts {
		return fmt.Errorf("sheet: more than %d shared texts", maxSharedTexts)
	}
	if s.b.Len() > 0 && s.b.Len()+len(text) > sharedChunk {
		s.flush()
	}
	if s.b.Cap() == 0 {
		s.b.Grow(sharedChunk)
	}
	start := s.b.Len()
	s.b.WriteString(text)
	s.at = append(s.at, sharedText{
		chunk: uint32(len(s.chunks)), start: uint32(start), end: uint32(s.b.Len()), bad: uint32(slices.Index(badReasons(), bad)),
	}) //nolint:gosec // a file has at most 200 MiB
	return nil
}

func (s *stringBuilder) flush() {
	s.chunks = append(s.chunks, s.b.String())
	s.b = strings.Builder{}
}

// loadShared reads the shared texts. Runs of rich text are joined; the phonetic guide (rPh) that East
// Asian versions write beside a text is not part of it.
func (x *xlsx) loadShared() error {
	if x.strings.part == "" {
		return nil
	}
	r, err := x.part(x.strings.part)
	if err != nil {
		return err
	}
	defer r.Close()
	all := stringBuilder{stringTable: x.strings}
	xr := newXMLReader(r)
	var buf []byte
	for {
		token, err := xr.next()
		if err != nil {
			return err
		}
		if token == xmlEOF {
			all.flush()
			return nil
		}
		if token != xmlStart || string(xr.name) != "si" {
			continue
		}
		if buf, err = xr.richText(buf[:0], x.limits.TextRunes*4); err != nil {
			return err
		}
		if err := all.add(cleanText(buf, x.limits.TextRunes)); err != nil {
			return err
		}
	}
}

// richText joins the <t> of the element just begun, leaving phonetic guides out. It keeps one byte
// more than limit at most, so that a too long text is seen as such.
func (x *xmlReader) richText(dst []byte, limit int) ([]byte, error) {
	start := x.depth
	inText, phonetic := false, 0
	if x.empty {
		_, err := x.next()
		return dst, err
	}
	for {
		token, err := x.next()
		if err != nil {
			return dst, err
		}
		switch token {
		case xmlEOF:
			return dst, fmt.Errorf("%w: it ends too early", errXML)
		case xmlStart:
			if string(x.name) == "rPh" && phonetic == 0 {
				phonetic = x.depth
			}
			inText = string(x.name) == "t" && phonetic == 0
		case xmlEnd:
			inText = false
			if phonetic > 0 && x.depth < phonetic {
				phonetic = 0
			}
			if x.depth < start {
				return dst, nil
			}
		case xmlText:
			if inText && len(dst) <= limit {
				dst = x.appendText(dst)
			}
		}
	}
}
