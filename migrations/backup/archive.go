package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The archive is a tar file that any tar can read, written in one way only: parts in their order, then the manifest,
// then the manifest's hash. What differs from how this program would have written it is damaged.
const (
	block       = 512
	manifestMax = 16 << 20
	partsMax    = 1_000_000

	manifestName = "manifest.json"
	sumName      = "manifest.sha256"
	databaseName = "database.dump"
	filesFolder  = "files/"
)

// ErrDamaged says that a backup is not as it was written; ErrTooNew, that a newer program wrote it.
var (
	ErrDamaged = errors.New("backup: the file is damaged")
	ErrTooNew  = errors.New("backup: the file was written by a newer program")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// Part is a file within the archive.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// header is the one header that a part of this name and size has.
func header(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, Typeflag: tar.TypeReg, Format: tar.FormatGNU})
	if err == nil && b.Len() != block {
		err = errors.New("its name is too long")
	}
	if err != nil {
		return nil, fmt.Errorf("backup: writing the head of %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// writer writes an archive under a name of its own beside its place.
type writer struct {
	final string
	file  *os.File
	at    int64
	parts []Part
}

// create begins an archive that is to lie at final. It is refused where something lies already: os.ErrExist.
func create(final string) (*writer, error) {
	if _, err := os.Lstat(final); err == nil {
		return nil, fmt.Errorf("backup: %s: %w", final, os.ErrExist)
	}
	f, err := os.CreateTemp(filepath.Dir(final), ".unfinished-*") // 0600
	if err != nil {
		return nil, fmt.Errorf("backup: making the file: %w", err)
	}
	return &writer{final: final, file: f}, nil
}

// add writes a part whose size is known when it has been written.
func (w *writer) add(name string, fill func(io.Writer) error) (Part, error) {
	start := w.at
	empty, err := header(name, 0)
	if err != nil {
		return Part{}, err
	}
	if _, err := w.file.Write(empty); err != nil {
		return Part{}, fmt.Errorf("backup: writing %s: %w", name, err)
	}
	sum := sha256.New()
	counted := &counter{to: io.MultiWriter(w.file, sum)}
	if err := fill(counted); err != nil {
		return Part{}, err
	}
	padding := make([]byte, (block-counted.n%block)%block)
	real, err := header(name, counted.n)
	if err != nil {
		return Part{}, err
	}
	if _, err := w.file.Write(padding); err != nil {
		return Part{}, fmt.Errorf("backup: writing %s: %w", name, err)
	}
	if _, err := w.file.WriteAt(real, start); err != nil {
		return Part{}, fmt.Errorf("backup: writing %s: %w", name, err)
	}
	w.at = start + block + counted.n + int64(len(padding))
	return Part{Name: name, Size: counted.n, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// finish ends the archive and puts it in its place.
func (w *writer) finish() error {
	if _, err := w.file.Write(make([]byte, 2*block)); err != nil {
		return fmt.Errorf("backup: ending the file: %w", err)
	}
	return settle(w.file, w.final)
}

// settle makes sure that a file is on the disk, and only then gives it its name.
func settle(f *os.File, final string) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("backup: writing to the disk: %w", err)
	}
	if _, err := os.Lstat(final); err == nil { // since it was begun
		return fmt.Errorf("backup: %s: %w", final, os.ErrExist)
	}
	if err := os.Rename(f.Name(), final); err != nil {
		return fmt.Errorf("backup: naming the file: %w", err)
	}
	dir, err := os.Open(filepath.Dir(final))
	if err != nil {
		return fmt.Errorf("backup: writing to the disk: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// drop throws an unfinished file away; one that has its name stays.
func (w *writer) drop() {
	_ = w.file.Close()
	_ = os.Remove(w.file.Name()) // it may have been renamed
}

// reader reads an archive from its beginning, and refuses what differs from what a writer writes.
type reader struct{ from io.Reader }

// next goes on to the next part; io.EOF after the last one, when the file ends as it should.
func (r *reader) next() (name string, size int64, err error) {
	head := make([]byte, block)
	if err := readWhole(r.from, head); err != nil {
		return "", 0, err
	}
	if !slices.ContainsFunc(head, func(b byte) bool { return b != 0 }) {
		if err := readWhole(r.from, head); err != nil || slices.ContainsFunc(head, func(b byte) bool { return b != 0 }) {
			return "", 0, damaged("it does not end as it should")
		}
		if n, err := io.ReadFull(r.from, head[:1]); n != 0 || !errors.Is(err, io.EOF) {
			return "", 0, damaged("something follows its end")
		}
		return "", 0, io.EOF
	}
	h, err := tar.NewReader(bytes.NewReader(head)).Next()
	if err != nil || h.Size < 0 || !goodName(h.Name) {
		return "", 0, damaged("the head of a part")
	}
	want, err := header(h.Name, h.Size)
	if err != nil || !bytes.Equal(head, want) {
		return "", 0, damaged("the head of %s", h.Name)
	}
	return h.Name, h.Size, nil
}

func readWhole(from io.Reader, into []byte) error {
	if _, err := io.ReadFull(from, into); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return damaged("it is cut off")
		}
		return fmt.Errorf("backup: reading: %w", err)
	}
	return nil
}

// body copies a part's bytes and the blanks behind it.
func (r *reader) body(name string, size int64, into io.Writer) (Part, error) {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(into, sum), io.LimitReader(r.from, size))
	if err != nil {
		return Part{}, fmt.Errorf("backup: reading %s: %w", name, err)
	}
	if n != size {
		return Part{}, damaged("it is cut off within %s", name)
	}
	padding := make([]byte, (block-size%block)%block)
	if err := readWhole(r.from, padding); err != nil {
		return Part{}, err
	}
	if slices.ContainsFunc(padding, func(b byte) bool { return b != 0 }) {
		return Part{}, damaged("behind %s", name)
	}
	return Part{Name: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

// goodName holds for a name that leads nowhere else.
func goodName(name string) bool {
	return name != "" && len(name) < 100 && path.Clean(name) == name && !path.IsAbs(name) && !strings.HasPrefix(name, "..") && !strings.ContainsAny(name, "\\\x00")
}
