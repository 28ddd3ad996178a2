package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"reflect"
)

const (
	lineMax  = 256 << 10 // of an export: a checkpoint with its signatures, an entry, a text
	smallMax = 64 << 10  // of a file that is read whole
)

var (
	errCutLine = errors.New("the last line has no end")
	errNoFile  = errors.New("not a regular file")
)

// broken refuses an export, naming the line. what is a string, which is the same in both languages, or a Text.
func broken(file string, line int, what any) error {
	return E(Invalid, "book_import.broken", file, line, inBoth(what))
}

// lines reads a file of JSON lines, each of which ends with a line feed and nothing else.
type lines struct {
	name   string
	line   int // the one that was read last, from 1
	file   fs.File
	scan   *bufio.Scanner
	peeked bool
}

func openLines(from fs.FS, name string) (*lines, error) {
	file, err := openRegular(from, name)
	if err != nil {
		return nil, err
	}
	l := &lines{name: name, file: file, scan: bufio.NewScanner(file)}
	l.scan.Buffer(make([]byte, 0, smallMax), lineMax)
	l.scan.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			return i + 1, data[:i:i], nil
		}
		if atEOF && len(data) > 0 {
			return 0, nil, errCutLine
		}
		return 0, nil, nil
	})
	return l, nil
}

// openRegular opens a file, and nothing else that may have its name: to open a named pipe waits for whoever writes it,
// and nothing can end that.
func openRegular(from fs.FS, name string) (fs.File, error) {
	info, err := fs.Stat(from, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	return from.Open(name)
}

// close gives the file back; it was only read.
func (l *lines) close() { _ = l.file.Close() }

// read gives the next line, which is good until the next call; nil after the last one.
func (l *lines) read() ([]byte, error) {
	if l.peeked {
		l.peeked = false
		return l.scan.Bytes(), nil
	}
	if !l.scan.Scan() {
		if err := l.scan.Err(); err != nil {
			return nil, broken(l.name, l.line+1, err.Error())
		}
		return nil, nil
	}
	l.line++
	return l.scan.Bytes(), nil
}

// peek gives the next line without taking it.
func (l *lines) peek() ([]byte, error) {
	b, err := l.read()
	l.peeked = b != nil
	return b, err
}

// next reads the next line into a struct; false after the last one.
func (l *lines) next(into any) (bool, error) {
	b, err := l.read()
	if err != nil || b == nil {
		return false, err
	}
	reflect.ValueOf(into).Elem().SetZero() // what the line does not have must not stay from the one before
	if err := decodeStrictly(b, into); err != nil {
		return false, broken(l.name, l.line, err.Error())
	}
	return true, nil
}

// readSmall reads a file whole that cannot be large.
func readSmall(from fs.FS, name string) ([]byte, error) {
	file, err := openRegular(from, name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(file, smallMax+1))
	if err == nil && len(b) > smallMax {
		err = errors.New("too long")
	}
	return b, errors.Join(err, file.Close())
}
