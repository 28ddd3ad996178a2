package localpg

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// refused starts and wants an error of this kind, with these words, and no
// cluster nor process left.
func refused(t *testing.T, o Options, kind error, words ...string) {
	t.Helper()
	u, err := Start(t.Context(), o)
	if err == nil {
		t.Errorf("the start went well, want %v", kind)
		if err := u.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	if !errors.Is(err, kind) {
		t.Errorf("got %v, want %v", err, kind)
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got a %T, want an *Error: %v", err, err)
	}
	if strings.Contains(e.Message, "\n") {
		t.Errorf("the message has several lines: %q", e.Message)
	}
	for _, w := range words {
		if !strings.Contains(e.Message, w) {
			t.Errorf("got %q, want it to say %q", e.Message, w)
		}
	}
	t.Log(err)
	awaitStop(t, o.DataDir)
}

func wantNothingMade(t *testing.T, dataDir string) {
	t.Helper()
	l := newLayout(dataDir)
	left, err := filepath.Glob(filepath.Join(l.home, "new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left half-made: %q (%v)", left, err)
	}
	if _, err := os.Stat(l.cluster); !os.IsNotExist(err) {
		t.Errorf("%s: got %v, want nothing there", l.cluster, err)
	}
}

// fakePrograms makes a directory whose postgres says that it has this version.
func fakePrograms(t *testing.T, version string) string {
	t.Helper()
	dir := newDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+name+" (PostgreSQL) "+version+"'\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNoBinaries(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: filepath.Join(newDir(t), "data"), BinDir: newDir(t)}
	refused(t, o, ErrNoBinaries, "not installed", "postgresql")
	wantNothingMade(t, o.DataDir)
}

func TestTooOld(t *testing.T) {
	t.Parallel()
	for version, major := range map[string]string{"13.9": "13", "9.6.24": "9"} {
		o := Options{DataDir: filepath.Join(newDir(t), "data"), BinDir: fakePrograms(t, version)}
		refused(t, o, ErrTooOld, "PostgreSQL "+major, "14")
		wantNothingMade(t, o.DataDir)
	}
}

func TestMajorOf(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"18beta1": 18, "16.3 (Debian 16.3-1.pgdg120+1)": 16, "14devel": 14, "9.6.24": 9} {
		if got, ok := majorOf(filepath.Join(fakePrograms(t, version), "postgres")); !ok || got != want {
			t.Errorf("%s: got %d, %v; want %d", version, got, ok, want)
		}
	}
	if major, ok := majorOf("/bin/true"); ok {
		t.Errorf("/bin/true: got %d", major)
	}
}

func TestOtherMajor(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: seeded(t), Settings: fast}
	u := mustStart(t, o)
	leave(t, u)
	old := o
	old.BinDir = fakePrograms(t, "99.1")
	refused(t, old, ErrOtherMajor, "pg_dump", "pg_restore", o.DataDir)
	// Beside another server, the data's own is found.
	found := []binaries{{dir: "/new", major: u.Version() + 1}, {dir: "/own", major: u.Version()}}
	if got, err := choose(u.layout, found, u.Version()); err != nil || got.dir != "/own" {
		t.Errorf("got %v, %v; want /own", got, err)
	}
	if got, err := choose(u.layout, found, 0); err != nil || got.dir != "/new" {
		t.Errorf("for new data: got %v, %v; want /new", got, err)
	}
	wantSome(t, mustStart(t, o))
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: seeded(t), Settings: fast}
	u := mustStart(t, o)
	leave(t, u)
	version := filepath.Join(u.layout.cluster, "PG_VERSION")
	if err := os.WriteFile(version, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, o, ErrStart, "damaged")
	if err := os.Remove(version); err != nil {
		t.Fatal(err)
	}
	refused(t, o, ErrStart, "damaged", u.layout.cluster)
}

func TestBadSetting(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: filepath.Join(newDir(t), "data"), Settings: []string{"no_such_setting=1"}}
	_, err := Start(t.Context(), o)
	e, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, ErrStart) || !strings.Contains(e.Log, "no_such_setting") {
		t.Errorf("got %v, want an ErrStart with what PostgreSQL says about no_such_setting", err)
	}
	awaitStop(t, o.DataDir)
}

func TestUnreachableDir(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	mode := os.FileMode(0o500) // for an ordinary user: no new directory in it
	if os.Geteuid() == 0 {
		mode = 0o700 // for root: postgres may not pass
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{DataDir: filepath.Join(dir, "data")}, ErrUnreachableDir, dir, "--data-dir")
	file := filepath.Join(newDir(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{DataDir: file}, ErrUnreachableDir, file)
}

// A disk has little room. Where no small one can be mounted, a limit to the
// size of files takes its place.
type disk struct {
	options    Options
	mounted    bool
	fill, free func()
}

func smallDisk(t *testing.T) *disk {
	t.Helper()
	dir := newDir(t)
	d := &disk{options: Options{DataDir: filepath.Join(dir, "data"), Settings: fast}}
	if err := mountSmall(dir); err != nil {
		t.Logf("no small disk here (%v): limiting the files' size instead", err)
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		d.fill = func() { d.options.Keeper = []string{"/bin/sh", "-c", `ulimit -f 100; exec "$@"`, "sh", exe, "keep"} }
		d.free = func() { d.options.Keeper = nil }
		return d
	}
	t.Cleanup(func() {
		await(t, "the keeper", func() bool { return len(keepers(dir)) == 0 })
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting %s: %v", dir, err)
		}
	})
	d.mounted = true
	filler := filepath.Join(dir, "filler")
	d.fill = func() { fillDisk(t, filler) }
	d.free = func() {
		if err := os.Remove(filler); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := enlarge(dir); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// fillDisk writes to the file until nothing more goes in.
func fillDisk(t *testing.T, filler string) {
	t.Helper()
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for block := bytes.Repeat([]byte{1}, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if cerr := f.Close(); !isFull(err) || cerr != nil {
		t.Fatalf("filling the disk: %v, %v", err, cerr)
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	d := smallDisk(t)
	dataDir := d.options.DataDir
	if d.mounted {
		refused(t, d.options, ErrDiskFull, dataDir) // 24 MB are too little for initdb
		wantNothingMade(t, dataDir)
	}
	d.fill()
	refused(t, d.options, ErrDiskFull, dataDir)
	wantNothingMade(t, dataDir)
	d.free()
	u := mustStart(t, d.options)
	keepSome(t, u)
	leave(t, u)
	if !d.mounted {
		return // a server that is set up writes no large file while it starts
	}
	d.fill()
	refused(t, d.options, ErrDiskFull, dataDir)
	d.free()
	wantSome(t, mustStart(t, d.options))
}
