package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mingzhang/ledger"
)

// keys keeps the signing keys of books as files below the data directory, readable by their owner alone, and beside
// the key of an origin the newest checkpoint that was published under it.
func (o *options) keys() ledger.Keys {
	dir := o.keyDir()
	file := func(name string) string {
		return filepath.Join(dir, strings.NewReplacer("/", "_", "\\", "_", ":", "_").Replace(name)+".key")
	}
	return ledger.Keys{
		Load: func(name string) (string, error) {
			secret, err := os.ReadFile(file(name))
			if errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("%w at %s", ledger.ErrNoKey, file(name))
			}
			return string(secret), err
		},
		Save: func(name, secret string) error {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			return writeOnce(file(name), secret+"\n")
		},
		Published: func(origin string) (string, error) { return readIfThere(file(origin) + ".published") },
		Publish: func(origin string, advance func(string) (string, error)) error {
			return replace(file(origin)+".published", advance)
		},
	}
}

// readIfThere reads a file; one that is not there reads as "".
func readIfThere(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// replace gives a file's text to change and puts what that answers in its place, as one step: whoever reads sees the
// old or the new, and nobody else replaces a file of the folder meanwhile.
func replace(path string, change func(string) (string, error)) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }() // which ends the lock
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", dir.Name(), err)
	}
	old, err := readIfThere(path)
	if err != nil {
		return err
	}
	text, err := change(old)
	if err != nil || text == old {
		return err
	}
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process that was killed in between
		return err
	}
	if err := writeOnce(next, text); err != nil {
		return err
	}
	return errors.Join(os.Rename(next, path), dir.Sync())
}

// writeOnce writes a new file and makes sure that it is on the disk; an existing one is never replaced.
func writeOnce(path, text string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
