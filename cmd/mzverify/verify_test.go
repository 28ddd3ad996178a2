package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// endless is a file of lines that are made while they are read.
type endless struct {
	left []byte
	next int
	line func(int) string // "" at the end
	info fs.FileInfo
}

func (e *endless) Read(b []byte) (int, error) {
	if len(e.left) == 0 {
		line := e.line(e.next)
		if line == "" {
			return 0, io.EOF
		}
		e.next++
		e.left = []byte(line + "\n")
	}
	n := copy(b, e.left)
	e.left = e.left[n:]
	return n, nil
}

func (e *endless) Stat() (fs.FileInfo, error) { return e.info, nil }
func (e *endless) Close() error               { return nil }

// endlessFS has the entries of a book that is nowhere in memory.
type endlessFS struct {
	fstest.MapFS
	line func(int) string
}

func (f endlessFS) Open(name string) (fs.File, error) {
	if name == entriesFile {
		info, err := f.Stat(name)
		return &endless{line: f.line, info: info}, err
	}
	return f.MapFS.Open(name)
}

// peakOf names the number of entries in the environment of the process that measures itself.
const peakOf = "MZVERIFY_TEST_PEAK_OF"

// Memory does not grow with the book: 300,000 entries, which are 90 MB, take less than 24 MB more than a thousand. Each
// is measured in a process of its own.
func TestVerify_MemoryIsFlat(t *testing.T) {
	t.Parallel()
	if n, err := strconv.Atoi(os.Getenv(peakOf)); err == nil {
		fmt.Printf("peak %d\n", peakHeap(t, n))
		return
	}
	peak := func(n int) int64 {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), self, "-test.run=^TestVerify_MemoryIsFlat$")
		c.Env = append(os.Environ(), peakOf+"="+strconv.Itoa(n))
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var peak int64
		if _, err := fmt.Sscanf(string(out), "peak %d", &peak); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return peak
	}
	few, many := peak(1_000), peak(300_000)
	t.Logf("heap: %d MB of 1,000 entries, %d MB of 300,000", few>>20, many>>20)
	if many > few+24<<20 {
		t.Errorf("300,000 entries took %d bytes, a thousand %d", many, few)
	}
}

// peakHeap verifies a book of n entries that are made while they are read.
func peakHeap(t *testing.T, n int) uint64 {
	t.Helper()
	c := newCraft(t)
	at := c.at.Add(time.Second).Format("2006-01-02T15:04:05.000000Z")
	first := c.lines[0]
	lines := func(i int) string {
		switch {
		case i == 0:
			return first
		case i >= n:
			return ""
		}
		return fmt.Sprintf(`{"v":1,"actor":"local:root","at":"%s",%s}`, at, lotEntry(i, strconv.Itoa(i), "10000.00", "14328.00", "hammered", "2021-03-05"))
	}
	for i := 1; i < n; i++ {
		leaf, _ := leafHash(nil, []byte(lines(i)))
		c.tree.add(leaf)
	}
	c.sign()
	files := c.files()
	m := fstest.MapFS{entriesFile: {}}
	for _, name := range []string{headFile, checkpointsFile} {
		m[name] = &fstest.MapFile{Data: []byte(files[name])}
	}
	runtime.GC()
	var most uint64
	watch := func(seq int64, _ *entry) error {
		if seq%20_000 == 999 {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			most = max(most, s.HeapInuse)
		}
		return nil
	}
	if r, err := verify(t.Context(), &folder{FS: endlessFS{m, lines}, path: "endless"}, watch); err != nil || r.entries != int64(n) {
		t.Fatalf("%d entries: %v", n, err)
	}
	return most
}

// The golden export was written by the program (docs/log-format.md, 8). It is never changed; another is added.
func TestVerify_Golden(t *testing.T) {
	t.Parallel()
	for _, g := range []struct{ path, key, want string }{
		{"testdata/export-1", "@testdata/export-1.key", "fine: all 12 entries"},
		{"testdata/public-1", "@testdata/public-1.key", "fine: a public export"},
		{"testdata/keys-1", "@testdata/keys-1.key", "from entry 3 on other keys sign"},
	} {
		status, out := run(t, "export", g.path, "--key", g.key)
		if status != exitFine || !strings.Contains(out, g.want) {
			t.Errorf("%s: %d %s", g.path, status, out)
		}
		want, err := os.ReadFile(g.path + ".txt")
		if err != nil || out != string(want) {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", g.path, err, out, want)
		}
	}
	status, out := run(t, "proof", "testdata/proof-1.tlog-proof", "--key", "@testdata/public-1.key")
	want, err := os.ReadFile("testdata/proof-1.txt")
	if status != exitFine || err != nil || out != string(want) {
		t.Errorf("%d, %v, got\n%s\nwant\n%s", status, err, out, want)
	}
}

// What is not there, and what is no export.
func TestExport_Unreadable(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, c := range []struct {
		path   string
		status int
	}{{empty, exitFailed}, {empty + "/none", exitFailed}, {writeFile(t, "x.zip", "PK"), exitBroken}} {
		if status, out := run(t, "export", c.path); status != c.status {
			t.Errorf("%s: %d %s, want %d", c.path, status, out, c.status)
		}
	}
	_, files := sample(t)
	for name := range files {
		if name == sealedFile || name == keysFile {
			continue // not every export has them
		}
		without := changed(files, name, "")
		delete(without, name)
		status, out := run(t, "export", onDisk(t, without))
		if want := map[bool]int{true: exitFailed, false: exitBroken}[name == entriesFile]; status != want {
			t.Errorf("without %s: %d %s", name, status, out)
		}
	}
}

// A named pipe in the place of a file is refused: to open it would wait for ever.
func TestExport_NamedPipe(t *testing.T) {
	t.Parallel()
	_, files := sample(t)
	for name := range files {
		dir := onDisk(t, files)
		if err := errors.Join(os.Remove(filepath.Join(dir, name)), syscall.Mkfifo(filepath.Join(dir, name), 0o600)); err != nil {
			t.Fatal(err)
		}
		if status, out := run(t, "export", dir); status != exitBroken {
			t.Errorf("%s a named pipe: %d %s", name, status, out)
		}
	}
}

// A .zip with two files of one name is refused: one of them would be checked, and the other perhaps unpacked.
func TestExport_TwiceInZip(t *testing.T) {
	t.Parallel()
	_, files := sample(t)
	path := filepath.Join(t.TempDir(), "export.zip")
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, name := range append(slices.Sorted(maps.Keys(files)), entriesFile) {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), os.WriteFile(path, packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	if status, out := run(t, "export", path); status != exitBroken || !strings.Contains(out, entriesFile) {
		t.Errorf("%d %s", status, out)
	}
}
