package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestPlainShowsNoControlCharacters(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	text := "看到「\x1b[31m红\x1b]0;x\x07」\x00\x7f\r\n\t完"
	for _, part := range []string{text[:4], text[4:]} { // in the middle of a character
		if n, err := io.WriteString(plain{&b}, part); n != len(part) || err != nil {
			t.Errorf("wrote %d, %v; want %d", n, err, len(part))
		}
	}
	if got, want := b.String(), "看到「?[31m红?]0;x?」??\r\n\t完"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// --rejects never names the register itself, not by a link either: it would be overwritten.
func TestSameFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	register, link := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	if err := os.WriteFile(register, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(register, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{register: true, link: true, dir + "/./a.csv": true, dir + "/c.csv": false, "": false} {
		if got := sameFile(register, path); got != want {
			t.Errorf("%s: got %t, want %t", path, got, want)
		}
	}
}
