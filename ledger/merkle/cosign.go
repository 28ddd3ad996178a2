package merkle

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosignatureType is the type of an Ed25519 cosignature/v1 in verifier keys and key hashes (C2SP tlog-cosignature).
const cosignatureType = 0x04

// timeBytes stand before the signature in a cosignature: the seconds since 1970, the high byte first.
const timeBytes = 8

// Cosigner signs checkpoints of logs that are not its own: that it saw them and that each extends the one before.
type Cosigner struct {
	name string
	key  ed25519.PrivateKey
	at   time.Time // of the cosignature that is being made
}

// NewCosignerKey makes the key pair of a witness, in the text forms of a signed note. Its verifier key is of type 4,
// so that no signature of the one kind can be taken for the other.
func NewCosignerKey(random io.Reader, name string) (secret, verifier string, err error) {
	if !isKeyName(name) {
		return "", "", fmt.Errorf("merkle: %q is no name of a key", name)
	}
	public, private, err := ed25519.GenerateKey(random)
	if err != nil {
		return "", "", fmt.Errorf("merkle: making a witness's key: %w", err)
	}
	secret = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, cosignerHash(name, public),
		base64.StdEncoding.EncodeToString(append([]byte{cosignatureType}, private.Seed()...)))
	return secret, cosignerKey(name, public), nil
}

// NewCosigner reads the secret key of a witness.
func NewCosigner(secret string) (*Cosigner, error) {
	parts := strings.SplitN(strings.TrimSpace(secret), "+", 5)
	if len(parts) != 5 || parts[0] != "PRIVATE" || parts[1] != "KEY" || !isKeyName(parts[2]) {
		return nil, errors.New("merkle: that is no secret key of a witness")
	}
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize || seed[0] != cosignatureType {
		return nil, errors.New("merkle: that is no secret key of a witness")
	}
	c := &Cosigner{name: parts[2], key: ed25519.NewKeyFromSeed(seed[1:])}
	if fmt.Sprintf("%08x", c.KeyHash()) != parts[3] {
		return nil, errors.New("merkle: the secret key of the witness is damaged")
	}
	return c, nil
}

// Name implements note.Signer.
func (c *Cosigner) Name() string { return c.name }

// KeyHash implements note.Signer.
func (c *Cosigner) KeyHash() uint32 { return cosignerHash(c.name, c.public()) }

// VerifierKey is what others check the cosignatures with.
func (c *Cosigner) VerifierKey() string { return cosignerKey(c.name, c.public()) }

func (c *Cosigner) public() ed25519.PublicKey { return c.key.Public().(ed25519.PublicKey) }

// Cosign gives the signature line for a note's checkpoint, with the time at which it was made.
func (c *Cosigner) Cosign(signed string, at time.Time) (string, error) {
	text, err := noteText(signed)
	if err != nil {
		return "", err
	}
	if at.Unix() < 0 {
		return "", fmt.Errorf("merkle: a cosignature cannot be of %v", at)
	}
	now := Cosigner{name: c.name, key: c.key, at: at}
	made, err := note.Sign(&note.Note{Text: text}, &now)
	if err != nil {
		return "", fmt.Errorf("merkle: cosigning: %w", err)
	}
	return strings.TrimPrefix(string(made), text+"\n"), nil
}

// Sign implements note.Signer.
func (c *Cosigner) Sign(text []byte) ([]byte, error) {
	second := uint64(c.at.Unix())
	return append(binary.BigEndian.AppendUint64(nil, second), ed25519.Sign(c.key, cosigned(second, text))...), nil
}

// cosigned are the bytes that a cosignature signs.
func cosigned(second uint64, text []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", second, text)
}

// cosignerVerifier implements note.Verifier for cosignatures.
type cosignerVerifier struct {
	name string
	key  ed25519.PublicKey
}

func (v *cosignerVerifier) Name() string    { return v.name }
func (v *cosignerVerifier) KeyHash() uint32 { return cosignerHash(v.name, v.key) }

func (v *cosignerVerifier) Verify(text, sig []byte) bool {
	if len(sig) != timeBytes+ed25519.SignatureSize {
		return false
	}
	second := binary.BigEndian.Uint64(sig)
	return second <= math.MaxInt64 && ed25519.Verify(v.key, cosigned(second, text), sig[timeBytes:])
}

func newCosignerVerifier(verifier string) (*cosignerVerifier, error) {
	parts := strings.SplitN(verifier, "+", 3)
	if len(parts) != 3 || !isKeyName(parts[0]) {
		return nil, errors.New("merkle: that is no verifier key of a witness")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureType {
		return nil, errors.New("merkle: that is no verifier key of a witness (Ed25519 cosignature/v1, type 4)")
	}
	v := &cosignerVerifier{name: parts[0], key: key[1:]}
	if fmt.Sprintf("%08x", v.KeyHash()) != parts[1] {
		return nil, errors.New("merkle: the verifier key of the witness is damaged")
	}
	return v, nil
}

// CosignerName is the name in the verifier key of a witness.
func CosignerName(verifier string) (string, error) {
	v, err := newCosignerVerifier(verifier)
	if err != nil {
		return "", err
	}
	return v.name, nil
}

// OpenCosignature finds, among the lines that a witness answered with, its cosignature of a note's checkpoint, and
// gives that one line and its time. Lines of other keys are passed over.
func OpenCosignature(signed, lines, verifier string) (line string, at time.Time, err error) {
	v, err := newCosignerVerifier(verifier)
	if err != nil {
		return "", at, err
	}
	text, err := noteText(signed)
	if err != nil {
		return "", at, err
	}
	n, err := note.Open([]byte(text+"\n"+lines), note.VerifierList(v))
	if err != nil {
		return "", at, fmt.Errorf("merkle: checking the cosignature of %s: %w", v.name, err)
	}
	sig := n.Sigs[0]
	raw, err := base64.StdEncoding.DecodeString(sig.Base64)
	if err != nil {
		return "", at, fmt.Errorf("merkle: reading the cosignature of %s: %w", v.name, err)
	}
	second := binary.BigEndian.Uint64(raw[4:]) // behind the key hash; Verify saw that it is long enough and no more than MaxInt64
	return signatureLine(sig), time.Unix(int64(second), 0).UTC(), nil
}

func signatureLine(sig note.Signature) string { return "— " + sig.Name + " " + sig.Base64 + "\n" }

// ClaimedCheckpoint reads what a note says, whoever signed it.
func ClaimedCheckpoint(signed string) (Checkpoint, error) {
	unverified := new(note.UnverifiedNoteError)
	if _, err := note.Open([]byte(signed), note.VerifierList()); !errors.As(err, &unverified) {
		return Checkpoint{}, fmt.Errorf("merkle: reading a checkpoint: %w", err)
	}
	return parseCheckpoint(unverified.Note.Text)
}

// VerifiedNote checks that a note is signed by one of the keys, and gives it with their signatures alone. Keys are
// those of the note's own log: they have its origin for a name.
func VerifiedNote(signed string, verifiers []string) (string, error) {
	known := make([]note.Verifier, len(verifiers))
	for i, verifier := range verifiers {
		var err error
		if known[i], err = note.NewVerifier(verifier); err != nil {
			return "", fmt.Errorf("merkle: reading the verifier key: %w", err)
		}
	}
	n, err := note.Open([]byte(signed), note.VerifierList(known...))
	if err != nil {
		return "", fmt.Errorf("merkle: checking a checkpoint: %w", err)
	}
	var b strings.Builder
	b.WriteString(n.Text + "\n")
	for _, sig := range n.Sigs {
		b.WriteString(signatureLine(sig))
	}
	return b.String(), nil
}

// LogName is the name in the verifier key of a log: its origin.
func LogName(verifier string) (string, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return "", fmt.Errorf("merkle: reading the verifier key: %w", err)
	}
	return v.Name(), nil
}

// parseCheckpoint reads the first three lines of a checkpoint's text; extension lines may follow.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("merkle: a checkpoint of %d lines, want 3", len(lines)-1)
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = ParseSize(lines[1]); err != nil {
		return Checkpoint{}, err
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return Checkpoint{}, fmt.Errorf("merkle: a checkpoint's root: %w", err)
	}
	return c, nil
}

// ParseSize reads the size of a tree: decimal digits without a sign or leading zeros.
func ParseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("merkle: a tree of size %q", text)
	}
	return n, nil
}

// noteText is the text of a signed note: all before the empty line that its signatures follow.
func noteText(signed string) (string, error) {
	i := strings.LastIndex(signed, "\n\n")
	if i < 0 {
		return "", errors.New("merkle: that is no signed note")
	}
	return signed[:i+1], nil
}

// isKeyName holds for what a signed note allows: no blank and no plus.
func isKeyName(name string) bool {
	return name != "" && len(name) <= 255 && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '+' || r > '~' })
}

func cosignerKey(name string, public ed25519.PublicKey) string {
	return fmt.Sprintf("%s+%08x+%s", name, cosignerHash(name, public),
		base64.StdEncoding.EncodeToString(append([]byte{cosignatureType}, public...)))
}

func cosignerHash(name string, public ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"+string(rune(cosignatureType))), public...))
	return binary.BigEndian.Uint32(sum[:4])
}
