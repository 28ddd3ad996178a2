package main

import (
	"bytes"
	"io"
)

// plain is a stream to a person's terminal. What stood in a cell or on the command line is quoted in messages;
// control characters in it would move the cursor, recolour or rename the window, so each is shown as a question
// mark. Ends of lines and tabs pass.
type plain struct{ w io.Writer }

// Write writes text as UTF-8: no byte of a character of several bytes is below 0x80.
func (p plain) Write(text []byte) (int, error) {
	clean := bytes.Clone(text)
	for i, b := range clean { // by bytes: a buffer in between may cut a character in two
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' || b == 0x7f {
			clean[i] = '?'
		}
	}
	if n, err := p.w.Write(clean); err != nil {
		return n, err
	}
	return len(text), nil
}
