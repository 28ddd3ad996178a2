package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// xmlReader splits XML into tags and text without building anything. Worksheets of 80 MB are read
// twice (merges stand behind the rows they belong to), which encoding/xml is too slow for; the tests
// compare both on the same input. Names come without their prefix, so that strict and transitional
// files and writers that prefix everything (x:row) read alike.
type xmlReader struct {
	src   io.Reader
	buf   []byte
	r, w  int
	depth int
	eof   bool

	name  []byte // of the last tag, without prefix
	attrs []byte // raw attributes of the last start tag
	text  []byte // of the last text, still escaped unless cdata
	cdata bool
	empty bool // the last start tag closed itself; its end follows as a token of its own
}

type xmlToken int

const (
	xmlEOF xmlToken = iota
	xmlStart
	xmlEnd
	xmlText
)

const (
	xmlBuffer   = 64 << 10
	xmlTagLimit = 1 << 20 // the longest tag that is read
	xmlDepth    = 1000
)

var errXML = errors.New("sheet: the XML is broken")

func newXMLReader(src io.Reader) *xmlReader {
	return &xmlReader{src: src, buf: make([]byte, xmlBuffer)}
}

// fill reads more behind what is there, growing the buffer up to the limit of one tag.
func (x *xmlReader) fill() error {
	if x.eof {
		return io.ErrUnexpectedEOF
	}
	if x.r > 0 {
		copy(x.buf, x.buf[x.r:x.w])
		x.w -= x.r
		x.r = 0
	}
	if x.w == len(x.buf) {
		if len(x.buf) >= xmlTagLimit {
			return fmt.Errorf("%w: a tag of more than %d bytes", errXML, xmlTagLimit)
		}
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	n, err := x.src.Read(x.buf[x.w:])
	x.w += n
	if errors.Is(err, io.EOF) {
		x.eof = true
		if n > 0 {
			return nil
		}
		return io.ErrUnexpectedEOF
	}
	return err
}

// next gives the next token; its bytes are valid until the call after.
func (x *xmlReader) next() (xmlToken, error) {
	if x.empty {
		x.empty = false
		x.depth--
		return xmlEnd, nil
	}
	for {
		if x.r == x.w {
			if err := x.fill(); errors.Is(err, io.ErrUnexpectedEOF) {
				return x.finish()
			} else if err != nil {
				return xmlEOF, err
			}
			continue
		}
		if x.buf[x.r] != '<' {
			return x.readText()
		}
		token, skipped, err := x.readTag()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: it ends inside a tag", errXML)
		}
		if err != nil || !skipped {
			return token, err
		}
	}
}

func (x *xmlReader) finish() (xmlToken, error) {
	if x.depth != 0 {
		return xmlEOF, fmt.Errorf("%w: it ends too early", errXML)
	}
	return xmlEOF, nil
}

// readText gives text up to the next tag, or what the buffer holds of it; an escape is never cut.
func (x *xmlReader) readText() (xmlToken, error) {
	x.cdata = false
	for {
		chunk := x.buf[x.r:x.w]
		if i := bytes.IndexByte(chunk, '<'); i >= 0 {
			x.text = chunk[:i]
			x.r += i
			return xmlText, nil
		}
		keep := len(chunk)
		if i := bytes.LastIndexByte(chunk, '&'); i >= 0 && bytes.IndexByte(chunk[i:], ';') < 0 && len(chunk)-i < 16 {
			keep = i
		}
		if keep > 0 {
			x.text = chunk[:keep]
			x.r += keep
			return xmlText, nil
		}
		if err := x.fill(); errors.Is(err, io.ErrUnexpectedEOF) {
			x.text = x.buf[x.r:x.w]
			x.r = x.w
			return xmlText, nil
		} else if err != nil {
			return xmlEOF, err
		}
	}
}

// readTag reads what begins with <. Comments and instructions are skipped; a document type is refused,
// for no office program writes one and entities come with it.
func (x *xmlReader) readTag() (token xmlToken, skipped bool, err error) {
	if err := x.need(4); err != nil {
		return xmlEOF, false, err
	}
	switch b := x.buf[x.r:]; {
	case b[1] == '?':
		return xmlEOF, true, x.skipTo("?>")
	case b[1] == '!' && b[2] == '-' && b[3] == '-':
		return xmlEOF, true, x.skipTo("-->")
	case b[1] == '!' && b[2] == '[':
		return x.readCDATA()
	case b[1] == '!':
		return xmlEOF, false, fmt.Errorf("%w: it has a document type", errXML)
	}
	end, err := x.tagEnd()
	if err != nil {
		return xmlEOF, false, err
	}
	tag := x.buf[x.r+1 : end]
	x.r = end + 1
	if tag[0] == '/' {
		tag = tag[1:]
		for len(tag) > 0 && isXMLSpace(tag[len(tag)-1]) {
			tag = tag[:len(tag)-1]
		}
		x.setName(tag)
		x.depth--
		if x.depth < 0 {
			return xmlEOF, false, fmt.Errorf("%w: an end without a start", errXML)
		}
		return xmlEnd, false, nil
	}
	if tag[len(tag)-1] == '/' {
		x.empty = true
		tag = tag[:len(tag)-1]
	}
	cut := 0
	for cut < len(tag) && !isXMLSpace(tag[cut]) {
		cut++
	}
	if cut == 0 {
		return xmlEOF, false, fmt.Errorf("%w: a tag without a name", errXML)
	}
	x.setName(tag[:cut])
	x.attrs = tag[cut:]
	if x.depth++; x.depth > xmlDepth {
		return xmlEOF, false, fmt.Errorf("%w: nested too deep", errXML)
	}
	return xmlStart, false, nil
}

func (x *xmlReader) setName(name []byte) {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	x.name = name
}

func (x *xmlReader) need(n int) error {
	for x.w-x.r < n {
		if err := x.fill(); err != nil {
			return err
		}
	}
	return nil
}

// tagEnd finds the > that closes the tag at r, not one inside quotes.
func (x *xmlReader) tagEnd() (int, error) {
	i, quote := x.r+1, byte(0)
	for {
		for ; i < x.w; i++ {
			switch c := x.buf[i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '<':
				return 0, fmt.Errorf("%w: a tag inside a tag", errXML)
			case c == '>':
				if i == x.r+1 {
					return 0, fmt.Errorf("%w: a tag without a name", errXML)
				}
				return i, nil
			}
		}
		i -= x.r
		if err := x.fill(); err != nil {
			return 0, err
		}
		i += x.r
	}
}

// skipTo drops everything up to and including end, of whatever length.
func (x *xmlReader) skipTo(end string) error {
	x.r += 2
	for {
		if i := bytes.Index(x.buf[x.r:x.w], []byte(end)); i >= 0 {
			x.r += i + len(end)
			return nil
		}
		x.r = max(x.r, x.w-len(end)+1)
		if err := x.fill(); err != nil {
			return err
		}
	}
}

func (x *xmlReader) readCDATA() (xmlToken, bool, error) {
	const open, end = "<![CDATA[", "]]>"
	if err := x.need(len(open)); err != nil {
		return xmlEOF, false, err
	}
	if string(x.buf[x.r:x.r+len(open)]) != open {
		return xmlEOF, false, fmt.Errorf("%w: an unknown <![", errXML)
	}
	for {
		if i := bytes.Index(x.buf[x.r:x.w], []byte(end)); i >= 0 {
			x.text, x.cdata = x.buf[x.r+len(open):x.r+i], true
			x.r += i + len(end)
			return xmlText, false, nil
		}
		if err := x.fill(); err != nil {
			return xmlEOF, false, err
		}
	}
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// trimXML drops blanks in front.
func trimXML(b []byte) []byte {
	for len(b) > 0 && isXMLSpace(b[0]) {
		b = b[1:]
	}
	return b
}
