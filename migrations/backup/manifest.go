package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// format is the version of the archive that this program writes.
const format = 1

// Manifest is what a backup says of itself.
type Manifest struct {
	Format     int               `json:"format"`
	Program    string            `json:"program"`
	MadeAt     time.Time         `json:"made_at"`
	PostgreSQL int               `json:"postgresql"`  // the server's major version
	DumpedWith int               `json:"dumped_with"` // pg_dump's
	Migrations []string          `json:"migrations"`  // applied to the schema
	Books      []Book            `json:"books"`       // the installation's log among them
	Files      int               `json:"files"`       // evidence beside the database
	Settings   map[string]string `json:"settings"`
	Keys       *KeyFile          `json:"keys,omitempty"` // none: they were not copied
	Parts      []Part            `json:"parts"`
}

// Book is a book as it stood in the snapshot.
type Book struct {
	Code   string `json:"code"`
	Kind   string `json:"kind"`
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"` // base64, as a checkpoint has it
}

// KeyFile is the encrypted file of keys beside the archive.
type KeyFile struct {
	File   string   `json:"file"`
	Names  []string `json:"names"`
	Size   int64    `json:"size"`
	SHA256 string   `json:"sha256"`
}

// finishWith writes the manifest and its hash and puts the archive in its place.
func (w *writer) finishWith(m Manifest) error {
	m.Parts = w.parts
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("backup: writing the manifest: %w", err)
	}
	text = append(text, '\n')
	sum := sha256.Sum256(text)
	for _, part := range []struct {
		name string
		text []byte
	}{{manifestName, text}, {sumName, []byte(hex.EncodeToString(sum[:]) + "  " + manifestName + "\n")}} {
		if _, err := w.add(part.name, func(into io.Writer) error {
			_, err := into.Write(part.text)
			return err
		}); err != nil {
			return err
		}
	}
	return w.finish()
}

// Check reads a backup to its end and compares every byte with what the manifest says. ErrDamaged, ErrTooNew.
func Check(file string) (Manifest, error) {
	f, err := os.Open(file)
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: opening: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	return check(f)
}

func check(from io.Reader) (Manifest, error) {
	r := &reader{from: from}
	var found []Part
	var manifest, sum bytes.Buffer
	for {
		name, size, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Manifest{}, err
		}
		into := io.Discard
		switch name {
		case manifestName:
			into = &manifest
		case sumName:
			into = &sum
		}
		if into != io.Discard && size > manifestMax || len(found) > partsMax {
			return Manifest{}, damaged("%s is too large", name)
		}
		part, err := r.body(name, size, into)
		if err != nil {
			return Manifest{}, err
		}
		found = append(found, part)
	}
	return compare(found, manifest.Bytes(), sum.String())
}

// compare holds what was read against the manifest.
func compare(found []Part, manifest []byte, sum string) (Manifest, error) {
	var m Manifest
	if n := len(found); n < 3 || found[n-2].Name != manifestName || found[n-1].Name != sumName {
		return m, damaged("it has no manifest at its end")
	}
	if hash := sha256.Sum256(manifest); sum != hex.EncodeToString(hash[:])+"  "+manifestName+"\n" {
		return m, damaged("the manifest")
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		return m, damaged("the manifest: %v", err)
	}
	if m.Format > format {
		return m, fmt.Errorf("%w: format %d", ErrTooNew, m.Format)
	}
	parts := found[:len(found)-2]
	for i := range max(len(parts), len(m.Parts)) {
		if i >= len(parts) || i >= len(m.Parts) || parts[i] != m.Parts[i] {
			return m, damaged("part %d is not what the manifest says", i+1)
		}
	}
	if parts[0].Name != databaseName {
		return m, damaged("it has no database")
	}
	if files := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return !strings.HasPrefix(p.Name, filesFolder) }); len(files) != m.Files {
		return m, damaged("%d files, and the manifest says %d", len(files), m.Files)
	}
	return m, nil
}
