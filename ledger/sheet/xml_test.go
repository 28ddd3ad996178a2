package sheet

import (
	"bytes"
	"compress/flate"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func newDeflater(t *testing.T, w io.Writer) *flate.Writer {
	t.Helper()
	d, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// xmlTrace writes what our reader sees, text joined between tags.
func xmlTrace(r io.Reader) (string, error) {
	x := newXMLReader(r)
	var out strings.Builder
	var text []byte
	for {
		token, err := x.next()
		if err != nil {
			return out.String(), err
		}
		if token == xmlText {
			text = x.appendText(text)
			continue
		}
		if len(text) > 0 {
			out.WriteString("[" + string(text) + "]")
			text = text[:0]
		}
		switch token {
		case xmlEOF:
			return out.String(), nil
		case xmlStart:
			out.WriteString("<" + string(x.name) + " r=" + x.attrText("r") + ">")
		case xmlEnd:
			out.WriteString("</>")
		default:
		}
	}
}

// stdTrace writes the same from encoding/xml.
func stdTrace(s string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(s))
	var out strings.Builder
	var text []byte
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(text) > 0 {
				out.WriteString("[" + string(text) + "]")
			}
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			text = append(text, token...)
			continue
		case xml.Comment, xml.ProcInst:
			continue
		case xml.Directive:
			return "", errXML
		}
		if len(text) > 0 {
			out.WriteString("[" + string(text) + "]")
			text = text[:0]
		}
		switch token := token.(type) {
		case xml.StartElement:
			r := ""
			for _, a := range token.Attr {
				if a.Name.Local == "r" {
					r = a.Value
					break
				}
			}
			out.WriteString("<" + token.Name.Local + " r=" + r + ">")
		case xml.EndElement:
			out.WriteString("</>")
		}
	}
}

var xmlSeeds = []string{
	`<a r="1"><b/>x &amp; y<c r='2"'/></a>`,
	`<?xml version="1.0"?><!-- > --><a><![CDATA[<&]]>&#65;&#x4e2d;</a>`,
	`<x:a x:r="&lt;3" q=">"><x:b >text</x:b ></x:a>`,
	"<a>\n<b\tr = \"1\"\n/>\r</a>",
}

func TestXMLReaderAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	long := "<a>" + strings.Repeat(`<c r="A1" s="3"><v>861.64999999999998</v></c>x&amp;`, 5000) + "</a>"
	for _, s := range append(xmlSeeds[:3:3], long) {
		want, err := stdTrace(s)
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(s), "byte by byte": iotest.OneByteReader(strings.NewReader(s))} {
			if got, err := xmlTrace(r); got != want || err != nil {
				t.Errorf("%s %.60q: got %.200q %v, want %.200q", name, s, got, err, want)
			}
		}
	}
}

func TestXMLReaderRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"<a>", "<a", "</a>", "<a><b></a>x<", "<!DOCTYPE a><a/>", "<a b=\"</a>", "<>", "< a/>", "<a><![CDATA[x</a>", "<a <b/></a>",
		"<a " + strings.Repeat("x", xmlTagLimit) + "/>", strings.Repeat("<a>", xmlDepth+1)} {
		if got, err := xmlTrace(strings.NewReader(s)); err == nil {
			t.Errorf("%.40q: got %q, want an error", s, got)
		}
	}
	if _, err := xmlTrace(iotest.TimeoutReader(bytes.NewReader(bytes.Repeat([]byte("<a/>"), 1<<16)))); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a failing reader: got %v", err)
	}
}

// What encoding/xml accepts reads alike here; nothing makes the reader fail otherwise than by an error.
func FuzzXMLReader(f *testing.F) {
	for _, s := range xmlSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, gotErr := xmlTrace(strings.NewReader(s))
		want, err := stdTrace(s)
		if err != nil || strings.Contains(s, "\r") || strings.Contains(s, "xmlns") || strings.Count(s, ":") > 0 {
			return
		}
		if gotErr != nil || got != want {
			t.Fatalf("%q: got %q %v, want %q", s, got, gotErr, want)
		}
	})
}
