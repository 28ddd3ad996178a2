package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// openLock opens or makes a lock file. Root hands a file that it made to the
// owner of the directory, who must be able to use it too. A symbolic link in
// its place is refused: the directory may belong to a less trusted user.
func openLock(path string, owner int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		if err := f.Chown(owner, -1); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// tryLock takes a flock without waiting and reports whether it got it.
func tryLock(f *os.File, how int) (bool, error) {
	err := flock(f, how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// waitLock takes a flock, looking again and again rather than blocking in the
// kernel so that ctx can end the wait.
func waitLock(ctx context.Context, f *os.File, how int) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 10*time.Millisecond) {
		got, err := tryLock(f, how)
		if got || err != nil {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("localpg: waiting for %s: %w", f.Name(), err)
		}
	}
}

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// drop closes what has nothing to say at its end: a lock, a pipe, a file that
// was only read.
func drop(f *os.File) { _ = f.Close() }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// writeWhole replaces what a lock file says; readers tell a half-written line
// by its missing newline.
func writeWhole(f *os.File, text []byte) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(text, 0)
	return err
}

func readWhole(f *os.File) ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(f, 0, 1<<16))
}
