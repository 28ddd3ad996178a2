package merkle

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
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

// KeyID is the eight digits by which signatures name a key; "" when the text is no verifier key. A secret key has
// its own among its words, too: SecretID.
func KeyID(verifier string) string {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%08x", v.KeyHash())
}

// SecretID is the key id of a secret key; "" when the text is none.
func SecretID(secret string) string {
	s, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%08x", s.KeyHash())
}

// Signer signs the checkpoints of one origin, with one key or several.
type Signer struct{ signers []note.Signer }

// NewSigner reads secret keys and holds each against the verifier key at its place: whoever has another key
// cannot write. One signature line a key comes in the order given.
func NewSigner(secrets, verifiers []string) (*Signer, error) {
	if len(secrets) != len(verifiers) || len(verifiers) == 0 {
		return nil, fmt.Errorf("merkle: %d secret keys for %d verifier keys", len(secrets), len(verifiers))
	}
	signer := new(Signer)
	for i, secret := range secrets {
		s, err := note.NewSigner(strings.TrimSpace(secret))
		if err != nil {
			return nil, fmt.Errorf("merkle: reading the signing key: %w", err)
		}
		v, err := note.NewVerifier(verifiers[i])
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
		signer.signers = append(signer.signers, s)
	}
	return signer, nil
}

// Sign gives the signed note of a checkpoint.
func (s *Signer) Sign(c Checkpoint) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, s.signers...)
	if err != nil {
		return "", fmt.Errorf("merkle: signing a checkpoint: %w", err)
	}
	return string(signed), nil
}

// OpenCheckpoint reads the checkpoint of a note that every one of the given keys has signed. Lines of other keys,
// those of witnesses among them, are passed over.
func OpenCheckpoint(signed string, verifiers ...string) (Checkpoint, error) {
	list := make([]note.Verifier, len(verifiers))
	for i, key := range verifiers {
		v, err := note.NewVerifier(key)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("merkle: reading the verifier key: %w", err)
		}
		list[i] = v
	}
	n, err := note.Open([]byte(signed), note.VerifierList(list...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("merkle: checking a checkpoint: %w", err)
	}
	if len(n.Sigs) != len(list) {
		return Checkpoint{}, fmt.Errorf("merkle: %d of %d keys have signed the checkpoint", len(n.Sigs), len(list))
	}
	return parseText(n.Text)
}

// ReadCheckpoint reads the checkpoint of a note without asking who signed it.
func ReadCheckpoint(signed string) (Checkpoint, error) {
	text, _, ok := strings.Cut(signed, "\n\n")
	if !ok {
		return Checkpoint{}, errors.New("merkle: a checkpoint without signatures")
	}
	return parseText(text + "\n")
}

func parseText(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 {
		return Checkpoint{}, fmt.Errorf("merkle: a checkpoint of %d lines, want 3", len(lines)-1)
	}
	c := Checkpoint{Origin: lines[0]}
	if _, err := fmt.Sscanf(lines[1], "%d", &c.Size); err != nil || fmt.Sprint(c.Size) != lines[1] {
		return Checkpoint{}, fmt.Errorf("merkle: a checkpoint of size %q", lines[1])
	}
	var err error
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return Checkpoint{}, fmt.Errorf("merkle: a checkpoint's root: %w", err)
	}
	return c, nil
}

// Bare holds when a note is the checkpoint's text and one signature line a key, in the order given and written in the
// one way that base64 has for its bytes. A decoder lets the last bits of a line be anything. Whether the signatures
// are the keys' own is for OpenCheckpoint.
func Bare(signed string, c Checkpoint, verifiers ...string) bool {
	rest, ok := strings.CutPrefix(signed, c.Text()+"\n")
	for _, key := range verifiers {
		line, after, whole := strings.Cut(rest, "\n")
		signature, named := strings.CutPrefix(line, "\u2014 "+c.Origin+" ")
		b, err := base64.StdEncoding.Strict().DecodeString(signature)
		ok = ok && whole && named && err == nil && !strings.Contains(signature, "\r") && len(b) > 4 && hex.EncodeToString(b[:4]) == KeyID(key)
		rest = after
	}
	return ok && rest == ""
}
