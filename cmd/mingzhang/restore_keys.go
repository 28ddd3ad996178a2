package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mingzhang/ledger"
)

// publishedSuffix ends the names of files that say what was last published of a book.
const publishedSuffix = ".published"

// putKey writes a file of the folder of keys. Where one lies already that says something else, a key is refused, and of
// two words on what was published the newer one stays: a copy that is older must not write.
func putKey(path string, body []byte) error {
	there, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return writeOnce(path, string(body))
	case err != nil:
		return err
	case bytes.Equal(there, body):
		return nil
	case !strings.HasSuffix(path, publishedSuffix):
		return ledger.E(ledger.Conflict, "restore.key_exists", filepath.Base(path))
	case publishedSize(body) <= publishedSize(there):
		return nil
	}
	fresh := path + ".restored"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeOnce(fresh, string(body)); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

// publishedSize is the size that a checkpoint speaks of, in its second line; of what is none, 0.
func publishedSize(note []byte) int64 {
	lines := strings.SplitN(string(note), "\n", 3)
	if len(lines) < 3 {
		return 0
	}
	n, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
