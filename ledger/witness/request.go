package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"mingzhang/ledger/merkle"
)

// What a request may be at most: ProofMost is the specification's, BodyBytesMost leaves room for a note of many
// signatures.
const (
	ProofMost     = 63
	BodyBytesMost = 32 << 10
)

// Request asks a witness for a cosignature: the size that the log believes the witness saw last, the proof that its
// checkpoint extends that, and the checkpoint.
type Request struct {
	Old   int64
	Proof []merkle.Hash
	Note  string // the signed checkpoint
}

// Bytes are the body of the request.
func (r Request) Bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.Old)
	for _, h := range r.Proof {
		fmt.Fprintf(&b, "%s\n", h)
	}
	fmt.Fprintf(&b, "\n%s", r.Note)
	return b.Bytes()
}

// ParseRequest reads the body of a request.
func ParseRequest(body []byte) (Request, error) {
	if len(body) > BodyBytesMost {
		return Request{}, fmt.Errorf("witness: a request of more than %d bytes", BodyBytesMost)
	}
	head, signed, ok := strings.Cut(string(body), "\n\n")
	if !ok {
		return Request{}, errors.New("witness: no empty line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	old, ok := strings.CutPrefix(lines[0], "old ")
	if !ok {
		return Request{}, errors.New("witness: the first line is not the old size")
	}
	r := Request{Note: signed}
	var err error
	if r.Old, err = merkle.ParseSize(old); err != nil {
		return Request{}, err
	}
	if len(lines)-1 > ProofMost {
		return Request{}, fmt.Errorf("witness: a proof of %d lines, at most %d are allowed", len(lines)-1, ProofMost)
	}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return Request{}, fmt.Errorf("witness: %q is no hash of a proof", line)
		}
		r.Proof = append(r.Proof, merkle.Hash(h))
	}
	return r, nil
}
