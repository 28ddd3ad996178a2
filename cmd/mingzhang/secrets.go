package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secrets encrypts the second factors of accounts at rest. The key lies beside those of the books, not in the
// database, so that a copy of the database alone opens nothing. It is made at first use.
func (o *options) secrets() (cipher.AEAD, error) {
	name := filepath.Join(o.keyDir(), "totp.key")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = newSecret(o.keyDir(), name); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("the key %s: %w", name, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("the key %s: %w", name, err)
	}
	return cipher.NewGCM(block)
}

// newSecret makes the key. When another command made it at the same moment, that one counts.
func newSecret(dir, name string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	if err := writeOnce(name, hex.EncodeToString(key[:])+"\n"); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(name)
}
