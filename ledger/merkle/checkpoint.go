package merkle

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint says that the log named Origin had Size entries and this root.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// Text is the body that is signed: origin, size and root in base64, a line each (C2SP tlog-checkpoint).
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// NewKey makes an Ed25519 key pair for an origin, in the text forms of a signed note: the signer key
// is secret, the verifier key is entry 0's.
func NewKey(random io.Reader, origin string) (signer, verifier string, err error) {
	signer, verifier, err = note.GenerateKey(random, origin)
	if err != nil {
		return "", "", fmt.Errorf("merkle: making a key: %w", err)
	}
	return signer, verifier, nil
}

// Signer signs the checkpoints of one origin.
type Signer struct {
	signer   note.Signer
	verifier string
}

// NewSigner reads a secret key and holds it against the verifier key of the book's entry 0: whoever
// has another key cannot write.
func NewSigner(secret, verifier string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, fmt.Errorf("merkle: reading the signing key: %w", err)
	}
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return nil, fmt.Errorf("merkle: reading the verifier key: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: "probe\n"}, s)
	if err != nil {
		return nil, fmt.Errorf("merkle: trying the signing key: %w", err)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		return nil, fmt.Errorf("merkle: the signing key is not that of %s: %w", v.Name(), err)
	}
	return &Signer{signer: s, verifier: verifier}, nil
}

// Sign gives the signed note of a checkpoint.
func (s *Signer) Sign(c Checkpoint) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, s.signer)
	if err != nil {
		return "", fmt.Errorf("merkle: signing a checkpoint: %w", err)
	}
	return string(signed), nil
}

// OpenCheckpoint checks the signature of a note and reads its checkpoint.
func OpenCheckpoint(signed, verifier string) (Checkpoint, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("merkle: reading the verifier key: %w", err)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("merkle: checking a checkpoint: %w", err)
	}
	return parseCheckpoint(n.Text)
}
