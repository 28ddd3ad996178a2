package backup

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample is a small archive without a database behind it.
func sample(t *testing.T, file string) []byte {
	t.Helper()
	w, err := create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer w.drop()
	for _, part := range []struct{ name, text string }{
		{databaseName, "a dump"}, {filesFolder + "2026/照片.jpg", strings.Repeat("x", 3*block)}, {filesFolder + "empty", ""},
	} {
		p, err := w.add(part.name, func(into io.Writer) error {
			_, err := io.WriteString(into, part.text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.parts = append(w.parts, p)
	}
	if err := w.finishWith(Manifest{Format: format, MadeAt: time.Unix(0, 0).UTC(), Files: 2, Books: []Book{{Code: "street", Size: 7}}}); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Every byte counts: none can be another, be missing, or be too many.
func TestCheck_EveryByte(t *testing.T) {
	t.Parallel()
	body := sample(t, filepath.Join(t.TempDir(), "a.tar"))
	if m, err := check(bytes.NewReader(body)); err != nil || m.Books[0].Size != 7 || len(m.Parts) != 3 {
		t.Fatalf("a whole one: %+v, %v", m, err)
	}
	for i := range body {
		for _, bit := range []byte{1, 0x80} {
			changed := slices.Clone(body)
			changed[i] ^= bit
			if _, err := check(bytes.NewReader(changed)); !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d of %d changed: %v", i, len(body), err)
			}
		}
	}
	for n := range len(body) {
		if _, err := check(bytes.NewReader(body[:n])); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut off after %d of %d bytes: %v", n, len(body), err)
		}
	}
	for _, more := range [][]byte{{0}, make([]byte, block), body} {
		if _, err := check(bytes.NewReader(append(slices.Clone(body), more...))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes more: %v", len(more), err)
		}
	}
}

// What ends in the middle leaves nothing behind, and nothing is overwritten.
func TestWrite_LeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.tar")
	w, err := create(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if _, err := w.add(databaseName, func(into io.Writer) error {
		if _, err := into.Write([]byte("half")); err != nil {
			return err
		}
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	w.drop()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	whole := sample(t, file)
	if _, err := create(file); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	late, err := create(filepath.Join(dir, "b.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer late.drop()
	if err := os.WriteFile(late.final, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := late.finish(); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that came meanwhile: %v", err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"database.dump": true, "files/a/b": true, "": false, "/etc/x": false, "../x": false, "files/../../x": false, "files//x": false, "a\\b": false,
		strings.Repeat("x", 99): true, strings.Repeat("x", 100): false,
	} {
		if goodName(name) != good {
			t.Errorf("%q: %v", name, !good)
		}
	}
}

// Keys come back as they were, under their passphrase alone, and only beside their own backup.
func TestKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys")
	for name, text := range map[string]string{"a.key": "secret one", "a.key.published": "note", "totp.key": ""} {
		if err := errors.Join(os.MkdirAll(keys, 0o700), os.WriteFile(filepath.Join(keys, name), []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	file := KeysBeside(filepath.Join(dir, "a.tar"))
	known, err := writeKeys(keys, file, "correct horse battery")
	if err != nil || strings.Join(known.Names, " ") != "a.key a.key.published totp.key" {
		t.Fatalf("%+v, %v", known, err)
	}
	m := Manifest{Keys: known}
	found, err := OpenKeys(file, "correct horse battery", m)
	if err != nil || len(found) != 3 || found[0].Name != "a.key" || string(found[0].Body) != "secret one" {
		t.Errorf("%+v, %v", found, err)
	}
	for _, wrong := range []string{"", "correct horse battery "} {
		if _, err := OpenKeys(file, wrong, m); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := OpenKeys(file, "correct horse battery", Manifest{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("beside another backup: %v", err)
	}
	body, err := os.ReadFile(file)
	if err != nil || bytes.Contains(body, []byte("secret one")) {
		t.Errorf("the keys are in clear, %v", err)
	}
	body[len(body)-1] ^= 1
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(file, "correct horse battery", m); !errors.Is(err, ErrDamaged) {
		t.Errorf("one byte changed: %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 2*block))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := check(bytes.NewReader(body)); err == nil {
			t.Error("something else was taken for a backup")
		}
	})
}

// Passwords never stand where other users of the machine can read them, and libpq verifies as pgconn does.
func TestAtURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"postgres://u:p%40ss@db.example:5433/books":                             "PGUSER=u PGPASSWORD=p@ss PGHOST=db.example PGPORT=5433 PGSSLMODE=verify-full",
		"postgres://u@127.0.0.1/books?sslmode=disable":                          "PGUSER=u PGHOST=127.0.0.1 PGSSLMODE=disable",
		"postgres://u@/books?host=/run/pg&port=5444":                            "PGUSER=u PGHOST=/run/pg PGPORT=5444",
		"unix://u@books/run/pg/.s.PGSQL.5432?sslmode=disable":                   "PGUSER=u PGHOST=/run/pg PGPORT=5432",
		"postgres://u@db/books?sslmode=verify-ca&sslrootcert=/ca.pem&sslkey=/k": "PGUSER=u PGHOST=db PGSSLMODE=verify-ca PGSSLROOTCERT=/ca.pem PGSSLKEY=/k",
	} {
		s, err := AtURL(raw, 15)
		if err != nil || s.Database != "books" || strings.Join(s.env, " ") != want {
			t.Errorf("%s: %s %v %v, want %s", raw, s.Database, s.env, err, want)
		}
	}
}

// A file that never ends is not taken for the keys, nor into memory.
func TestKeys_Endless(t *testing.T) {
	t.Parallel()
	if _, err := OpenKeys("/dev/zero", "correct horse battery", Manifest{Keys: &KeyFile{}}); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v, want %v", err, ErrDamaged)
	}
}
