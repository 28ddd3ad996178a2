package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mingzhang/ledger"
)

// keys keeps the signing keys of books as files below the data directory, readable by their owner alone.
func (o *options) keys() ledger.Keys {
	dir := o.keyDir()
	file := func(origin string) string {
		return filepath.Join(dir, strings.NewReplacer("/", "_", "\\", "_", ":", "_").Replace(origin)+".key")
	}
	return ledger.Keys{
		Load: func(origin string) (string, error) {
			secret, err := os.ReadFile(file(origin))
			if errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("%w at %s", ledger.ErrNoKey, file(origin))
			}
			return string(secret), err
		},
		Save: func(origin, secret string) error {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			return writeOnce(file(origin), secret+"\n")
		},
	}
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
