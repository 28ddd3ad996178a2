package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"mingzhang/ledger"
)

// ratioFloor and ratioMost refuse what was packed to hurt: above the floor no office file comes near it.
const (
	ratioFloor = 32 << 20
	ratioMost  = 300
)

// xlsx is an opened .xlsx package.
type xlsx struct {
	file     string
	parts    map[string]*zip.File // by lower-case path, for some writers differ in case
	limits   Limits
	date1904 bool
	strings  *stringTable
	formats  []*format // by cell style
}

func (f *File) openPackage(r io.ReaderAt, size int64) error {
	if err := checkDirectory(f.Name, r, size, f.limits.Entries); err != nil {
		return err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return ledger.E(ledger.Invalid, "sheet.damaged", f.Name).Because(err)
	}
	x := &xlsx{file: f.Name, limits: f.limits}
	if err := x.precheck(z, size); err != nil {
		return err
	}
	if reason := x.otherPackage(); reason != "" {
		return ledger.E(ledger.Invalid, reason, f.Name)
	}
	sheets, err := x.workbook()
	if err != nil {
		return f.damaged(err)
	}
	if err := x.loadShared(); err != nil {
		return f.damaged(err)
	}
	for _, s := range sheets {
		if s.part == "" {
			f.skipped = append(f.skipped, Skipped{Sheet: s.title, Why: "not_a_sheet"})
			continue
		}
		f.sources = append(f.sources, s)
	}
	if len(f.sources) == 0 {
		return ledger.E(ledger.Invalid, "sheet.no_sheets", f.Name)
	}
	return nil
}

// checkDirectory counts the directory's entries before anything reads them into memory: a directory of
// 64 MiB would take many times that. Compressed parts hold the sign by chance only.
func checkDirectory(name string, r io.ReaderAt, size int64, most int) error {
	sign := []byte("PK\x01\x02")
	buf := make([]byte, 256<<10)
	found := 0
	for at := int64(0); at < size; at += int64(len(buf) - len(sign) + 1) {
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("sheet: reading %s: %w", name, err)
		}
		if found += bytes.Count(buf[:n], sign); found > 4*most {
			return ledger.E(ledger.Invalid, "sheet.too_many_parts", name, most)
		}
	}
	return nil
}

// damaged makes what the parts of a package complain of the file's fault.
func (f *File) damaged(err error) error {
	if _, ok := errors.AsType[*ledger.Error](err); ok {
		return err
	}
	return ledger.E(ledger.Invalid, "sheet.damaged", f.Name).Because(err)
}

// precheck refuses hostile packages by what their directory says, before anything is unpacked. The
// directory may lie: part() holds the same limits while reading.
func (x *xlsx) precheck(z *zip.Reader, size int64) error {
	if len(z.File) > x.limits.Entries {
		return ledger.E(ledger.Invalid, "sheet.too_many_parts", x.file, x.limits.Entries)
	}
	var total uint64
	x.parts = make(map[string]*zip.File, len(z.File))
	for _, p := range z.File {
		name := strings.ReplaceAll(p.Name, "\\", "/")
		if strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || strings.ContainsRune(name, 0) {
			return ledger.E(ledger.Invalid, "sheet.damaged", x.file).Because(fmt.Errorf("sheet: part %q", p.Name))
		}
		total += p.UncompressedSize64
		if total > uint64(x.limits.TotalBytes) || p.UncompressedSize64 > uint64(x.limits.TotalBytes) {
			return ledger.E(ledger.Invalid, "sheet.unpacks_too_large", x.file, x.limits.TotalBytes>>20)
		}
		if key := strings.ToLower(name); x.parts[key] == nil {
			x.parts[key] = p
		} else {
			return ledger.E(ledger.Invalid, "sheet.damaged", x.file).Because(fmt.Errorf("sheet: part %q twice", p.Name))
		}
	}
	if total > ratioFloor && total/uint64(size) > ratioMost {
		return ledger.E(ledger.Invalid, "sheet.unpacks_too_large", x.file, x.limits.TotalBytes>>20)
	}
	return nil
}

// otherPackage recognises the zip files that are no .xlsx.
func (x *xlsx) otherPackage() string {
	if p := x.parts["mimetype"]; p != nil {
		if r, err := x.part("mimetype"); err == nil {
			text, err := io.ReadAll(io.LimitReader(r, 200))
			r.Close()
			if err == nil && bytes.Contains(text, []byte("opendocument.spreadsheet")) {
				return "sheet.ods"
			}
		}
	}
	has := func(names ...string) bool {
		for _, n := range names {
			if x.parts[n] != nil {
				return true
			}
		}
		return false
	}
	switch {
	case has("index/document.iwa", "index.zip", "index.xml"):
		return "sheet.numbers"
	case has("xl/workbook.bin"):
		return "sheet.xlsb"
	case has("word/document.xml", "ppt/presentation.xml"):
		return "sheet.not_a_sheet"
	case !has("_rels/.rels"):
		return "sheet.unknown_type"
	}
	return ""
}

// partReader is an open part that stops at its declared size and at the limit of the file.
type partReader struct {
	io.Reader
	c io.Closer
}

func (p partReader) Close() error { return p.c.Close() }

// part opens a part of the package as UTF-8.
func (x *xlsx) part(name string) (io.ReadCloser, error) {
	p := x.parts[strings.ToLower(strings.TrimPrefix(name, "/"))]
	if p == nil {
		return nil, fmt.Errorf("sheet: the package has no part %q", name)
	}
	rc, err := p.Open()
	if err != nil {
		return nil, fmt.Errorf("sheet: opening part %q: %w", name, err)
	}
	limited := &limitReader{r: rc, left: x.limits.TotalBytes, err: ledger.E(ledger.Invalid, "sheet.unpacks_too_large", x.file, x.limits.TotalBytes>>20)}
	return partReader{asUTF8(limited), rc}, nil
}

// limitReader fails, rather than ending quietly, when there is more than the limit.
type limitReader struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limitReader) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, l.err
	}
	return n, err
}

// asUTF8 decodes the rare part that is UTF-16 and drops a mark at the beginning.
func asUTF8(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 32<<10)
	mark, _ := b.Peek(4) // a short part has no mark; the read that follows tells of the error
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, _ = b.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("<\x00?\x00")):
		return transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case bytes.HasPrefix(mark, []byte("\xfe\xff")), bytes.HasPrefix(mark, []byte("\x00<\x00?")):
		return transform.NewReader(b, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	}
	return b
}

// relations reads the relations of a part: id → (kind, path). kind is the last word of the type, the
// same in strict and transitional files.
func (x *xlsx) relations(of string) (map[string]relation, error) {
	dir, base := path.Split(of)
	r, err := x.part(dir + "_rels/" + base + ".rels")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	out := map[string]relation{}
	xr := newXMLReader(r)
	for {
		token, err := xr.next()
		if err != nil {
			return nil, err
		}
		if token == xmlEOF {
			return out, nil
		}
		if token != xmlStart || string(xr.name) != "Relationship" || xr.attrText("TargetMode") == "External" {
			continue
		}
		target := xr.attrText("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		if len(out) > 10*maxEntries {
			return nil, fmt.Errorf("sheet: more than %d relations", 10*maxEntries)
		}
		kind := xr.attrText("Type")
		out[xr.attrText("Id")] = relation{kind: kind[strings.LastIndexByte(kind, '/')+1:], target: strings.TrimPrefix(path.Clean(target), "/")}
	}
}

type relation struct{ kind, target string }

func findRelation(rels map[string]relation, kind string) string {
	for _, r := range rels {
		if r.kind == kind {
			return r.target
		}
	}
	return ""
}
