package sheet

import (
	"fmt"
	"strings"
)

// worksheet is one sheet of an .xlsx package.
type worksheet struct {
	x      *xlsx
	title  string
	state  string // "", "hidden", "very_hidden"
	part   string // "" when it is a chart or dialog
	merges []merge
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
			sheets = append(sheets, w)
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
			custom[xr.attrInt("numFmtId", -1)] = xr.attrText("formatCode")
		case token == xmlStart && string(xr.name) == "cellXfs":
			inCells = xr.depth
		case token == xmlEnd && inCells > 0 && xr.depth < inCells:
			inCells = 0
		case token == xmlStart && string(xr.name) == "xf" && inCells > 0 && xr.depth == inCells+1:
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

// stringTable holds the shared texts as one string and the place of each in it.
type stringTable struct {
	part string
	all  string
	at   []uint32
	bad  map[int]string // index → reason, for texts that must not be used
}

func (t *stringTable) get(i int) (text, bad string, ok bool) {
	if i < 0 || i >= len(t.at)-1 {
		return "", "", false
	}
	return t.all[t.at[i]:t.at[i+1]], t.bad[i], true
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
	var all strings.Builder
	t := x.strings
	t.at, t.bad = []uint32{0}, map[int]string{}
	xr := newXMLReader(r)
	var buf []byte
	for {
		token, err := xr.next()
		if err != nil {
			return err
		}
		if token == xmlEOF {
			t.all = all.String()
			return nil
		}
		if token != xmlStart || string(xr.name) != "si" {
			continue
		}
		if buf, err = xr.richText(buf[:0], x.limits.TextRunes*4); err != nil {
			return err
		}
		text, bad := cleanText(buf, x.limits.TextRunes)
		if bad != "" {
			t.bad[len(t.at)-1] = bad
		}
		all.WriteString(text)
		t.at = append(t.at, uint32(all.Len())) //nolint:gosec // the parts of a file have at most 200 MiB
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
