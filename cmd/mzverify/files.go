package main

import (
	"archive/zip"
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// The files of an export (docs/log-format.md, 7).
const (
	entriesFile     = "entries.jsonl"
	publicFile      = "public.jsonl"
	headFile        = "checkpoint"
	checkpointsFile = "checkpoints.jsonl"
	sealedFile      = "sealed.jsonl"
	keysFile        = "idempotency.jsonl"
)

// folder is an export: a directory or a .zip.
type folder struct {
	fs.FS
	path   string
	closer io.Closer
}

// openFolder opens an export. isExport is false for a file that is neither a directory nor a .zip.
func openFolder(path string) (f *folder, isExport bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, err
	}
	if info.IsDir() {
		return &folder{FS: os.DirFS(path), path: path}, true, nil
	}
	z, err := zip.OpenReader(path)
	if errors.Is(err, zip.ErrFormat) {
		return nil, strings.HasSuffix(path, ".zip"), err
	}
	if err != nil {
		return nil, false, err
	}
	for i, f := range z.File { // one of two of a name would be checked, and the other perhaps unpacked
		if slices.ContainsFunc(z.File[:i], func(before *zip.File) bool { return before.Name == f.Name }) {
			return nil, true, errors.Join(brokenAt(f.Name, 0, text{"压缩包里有两个同名文件", "twice in the archive"}), z.Close())
		}
	}
	return &folder{FS: z, path: path, closer: z}, true, nil
}

func (f *folder) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// has tells whether the export has a file. It asks what the folder is made of, which need not open the file for that.
func (f *folder) has(name string) bool {
	_, err := fs.Stat(f.FS, name)
	return err == nil
}

// regular opens a file, and nothing else that may have its name: to open a named pipe waits for whoever writes it, and
// nothing can end that.
func (f *folder) regular(name string) (fs.File, error) {
	info, err := fs.Stat(f.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, brokenAt(name, 0, text{"不是普通文件", "not a regular file"})
	}
	return f.Open(name)
}

// small reads a file of few bytes.
func (f *folder) small(name string, most int) (string, error) {
	file, err := f.regular(name)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	if len(body) > most {
		return "", brokenAt(name, 0, text{"文件过大", "the file is too large"})
	}
	return string(body), nil
}

// lines is a file that is read line by line beside the entries; nil where the export has none.
type lines struct {
	name   string
	file   fs.File
	in     *bufio.Reader
	number int64 // of the line read last, from 1
}

// recordMax bounds a line of the smaller files: a sealed text has at most 4,000 characters.
const recordMax = 128 << 10

func (f *folder) lines(name string) (*lines, error) {
	file, err := f.regular(name)
	if err != nil {
		return nil, err
	}
	return &lines{name: name, file: file, in: bufio.NewReaderSize(file, recordMax)}, nil
}

// next is the next line without its line feed; false at the end.
func (l *lines) next() (line []byte, ok bool, err error) {
	line, err = l.in.ReadSlice('\n')
	if err == io.EOF && len(line) == 0 {
		return nil, false, nil
	}
	l.number++
	if err == io.EOF {
		return nil, false, brokenAt(l.name, l.number, text{"行末没有换行", "no line feed at its end"})
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, false, brokenAt(l.name, l.number, text{"行过长", "the line is too long"})
	}
	if err != nil {
		return nil, false, err
	}
	return line[:len(line)-1], true, nil
}

func (l *lines) Close() error { return l.file.Close() }
