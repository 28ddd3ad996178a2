package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// ErrPassphrase says that the keys cannot be decrypted with this passphrase.
var ErrPassphrase = errors.New("backup: the passphrase is not that of the keys")

// keyBytesMax bounds the file of keys, and each of them.
const keyBytesMax = 64 << 20

// KeysBeside is the name of the file of keys that goes with a backup.
func KeysBeside(file string) string { return strings.TrimSuffix(file, ".tar") + ".keys.age" }

// writeKeys encrypts every file of the folder of keys into a file of its own. Without a folder there is nothing.
func writeKeys(dir, file, passphrase string) (_ *KeyFile, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, nil //nolint:nilnil // no keys are not an error: a database may be read-only here
	}
	if err != nil {
		return nil, fmt.Errorf("backup: reading the keys: %w", err)
	}
	w, err := create(file)
	if err != nil {
		return nil, err
	}
	defer w.drop()
	known := &KeyFile{File: filepath.Base(file)}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("backup: encrypting the keys: %w", err)
	}
	sum := sha256.New()
	counted := &counter{to: io.MultiWriter(w.file, sum)}
	sealed, err := age.Encrypt(counted, recipient)
	if err != nil {
		return nil, fmt.Errorf("backup: encrypting the keys: %w", err)
	}
	archive := tar.NewWriter(sealed)
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err == nil {
			err = archive.WriteHeader(&tar.Header{Name: e.Name(), Size: int64(len(body)), Mode: 0o600, Typeflag: tar.TypeReg})
		}
		if err == nil {
			_, err = archive.Write(body)
		}
		if err != nil {
			return nil, fmt.Errorf("backup: copying the key %s: %w", e.Name(), err)
		}
		known.Names = append(known.Names, e.Name())
	}
	if err := errors.Join(archive.Close(), sealed.Close()); err != nil {
		return nil, fmt.Errorf("backup: encrypting the keys: %w", err)
	}
	known.Size, known.SHA256 = counted.n, hex.EncodeToString(sum.Sum(nil))
	return known, settle(w.file, file)
}

// Key is a file of the folder of keys.
type Key struct {
	Name string
	Body []byte
}

// OpenKeys decrypts the file of keys that belongs to a backup: ErrPassphrase, ErrDamaged.
func OpenKeys(file, passphrase string, m Manifest) ([]Key, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("backup: reading the keys: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(f, keyBytesMax)) // whatever file was named
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("backup: reading the keys: %w", err)
	}
	sum := sha256.Sum256(body)
	if m.Keys == nil || m.Keys.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, damaged("%s is not the file of keys that this backup was made with", filepath.Base(file))
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	clear, err := age.Decrypt(bytes.NewReader(body), identity)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	var keys []Key
	archive := tar.NewReader(io.LimitReader(clear, keyBytesMax))
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil || h.Typeflag != tar.TypeReg || !goodName(h.Name) || strings.Contains(h.Name, "/") {
			return nil, damaged("the keys")
		}
		body, err := io.ReadAll(archive)
		if err != nil {
			return nil, damaged("the keys: %v", err)
		}
		keys = append(keys, Key{h.Name, body})
	}
}
