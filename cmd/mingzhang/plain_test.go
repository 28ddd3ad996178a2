package main

import (
	"bytes"
	"io"
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
