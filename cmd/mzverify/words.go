package main

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
)

// text is a sentence in both languages.
type text struct{ zh, en string }

func (t text) in(lang string) string {
	if lang == english {
		return t.en
	}
	return t.zh
}

func textf(t text, args ...any) text {
	return text{fmt.Sprintf(t.zh, args...), fmt.Sprintf(t.en, args...)}
}

const english = "en"

// flaw is why an entry is not canonical, in both languages. The scanner knows it in English, and allocates nothing.
func flaw(en string) text {
	known := map[string]string{
		"a character that no text may hold": "有条目里不许有的字符", "a commitment in another form": "承诺值的写法不对", "a control character": "有控制字符",
		"a kind in another form": "种类的写法不对", "a number in another form": "数字的写法不对", "a number that is too large": "数字过大",
		"a person in another form": "人员编号的写法不对", "a text without an end": "文字没有结束", "an empty text": "空的文字", "an escape that needs none": "多余的转义",
		"an instant in another form": "时间的写法不对", "keys out of order": "键的次序不对", "no actor": "没有操作人", "something follows": "后面还有内容", "too deep": "层次过深",
		"want a text": "应为文字", "want a value": "应为值", "longer than 65,535 bytes": "超过 65,535 字节", "no line feed at its end": "行末没有换行",
		"want 64 hexadecimal digits": "应为 64 位十六进制数字",
	}
	if zh := known[en]; zh != "" {
		return text{zh, en}
	}
	if rest, ok := strings.CutPrefix(en, "want "); ok {
		return text{"应为 " + rest, en}
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(en, "a value of "), " ")
	return text{key + " 的值写法不对", en}
}

// broken says that what was read does not hold together: exit status 3. Line is counted from 1; 0 is the whole file.
type broken struct {
	file string
	line int64
	what text
}

func (b *broken) Error() string { return b.in(english) }

func (b *broken) in(lang string) string {
	switch {
	case b.file == "":
		return b.what.in(lang)
	case b.line == 0:
		return fmt.Sprintf(text{"%s：%s", "%s: %s"}.in(lang), b.file, b.what.in(lang))
	}
	return fmt.Sprintf(text{"%s 第 %d 行：%s", "%s, line %d: %s"}.in(lang), b.file, b.line, b.what.in(lang))
}

func brokenAt(file string, line int64, what text) error { return &broken{file, line, what} }

// usage is a wrong command line: exit status 2.
type usage struct{ what text }

func (u *usage) Error() string { return u.what.en }

// damaged tells whether an error of reading means that the file is not what was written, rather than out of reach.
func damaged(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF)
}

// printer prints in one language.
type printer struct {
	out  io.Writer
	lang string
}

func (p *printer) line(t text, args ...any) { fmt.Fprintf(p.out, t.in(p.lang)+"\n", args...) }
