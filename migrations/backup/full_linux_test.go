package backup

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// On a full disk a backup fails, says so, and leaves nothing.
func TestWrite_Full(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root can mount a small disk: /dev/full stands for it")
		if f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
			t.Fatal(err)
		} else if _, err := f.WriteString("x"); !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	w, err := create(filepath.Join(dir, "a.tar"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.add(databaseName, func(into io.Writer) error {
		return Server{}.run(t.Context(), nil, into, "/bin/dd", "if=/dev/zero", "bs=65536", "count=64", "status=none")
	})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a program that says more than the disk holds: %v", err)
	}
	w.drop()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
