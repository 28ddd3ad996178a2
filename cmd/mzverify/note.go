package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The kinds of keys: the book's own, and a witness's (C2SP tlog-cosignature).
const (
	logKey     = 0x01
	witnessKey = 0x04
)

const noteMax = 64 << 10 // bytes of a signed note: a checkpoint with a hundred cosignatures has a tenth of it

// verifier is a public key as text: name+id+key.
type verifier struct {
	text string
	name string
	id   uint32
	kind byte
	key  ed25519.PublicKey
}

// parseVerifier reads a verifier key line. Only Ed25519 is known, and the id must be the key's own.
func parseVerifier(text string) (verifier, bool) {
	name, rest, _ := strings.Cut(text, "+")
	id, key, _ := strings.Cut(rest, "+")
	number, idErr := hex.DecodeString(id)
	raw, keyErr := base64.StdEncoding.Strict().DecodeString(key)
	if !isKeyName(name) || idErr != nil || len(number) != 4 || id != strings.ToLower(id) || keyErr != nil || strings.ContainsAny(key, "\r\n") {
		return verifier{}, false
	}
	if len(raw) != 1+ed25519.PublicKeySize || raw[0] != logKey && raw[0] != witnessKey {
		return verifier{}, false
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	if [4]byte(number) != [4]byte(sum[:4]) {
		return verifier{}, false
	}
	return verifier{text, name, binary.BigEndian.Uint32(number), raw[0], ed25519.PublicKey(raw[1:])}, true
}

// isKeyName holds for a name that a signed note allows: not empty, no blank, no plus.
func isKeyName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.Contains(name, "+") && strings.IndexFunc(name, unicode.IsSpace) < 0
}

// signature is one signature line of a note.
type signature struct {
	name string
	id   uint32
	raw  []byte // what follows the id
	line string
}

// checkpoint is a signed note as it was read. Nothing of it is trusted before a signature is.
type checkpoint struct {
	text       string // what is signed
	origin     string
	size       int64
	root       hash
	signatures []signature
}

// parseCheckpoint reads a signed checkpoint, in the one way in which it can be written.
func parseCheckpoint(note string) (checkpoint, bool) {
	var c checkpoint
	text, lines, found := strings.Cut(note, "\n\n")
	if !found || len(note) > noteMax || !utf8.ValidString(note) || lines == "" {
		return c, false
	}
	c.text = text + "\n"
	parts := strings.Split(text, "\n")
	if len(parts) != 3 || !isKeyName(parts[0]) {
		return c, false
	}
	size, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != parts[1] {
		return c, false
	}
	root, ok := parseHash64(parts[2])
	if !ok {
		return c, false
	}
	c.origin, c.size, c.root = parts[0], size, root
	for lines != "" {
		line, rest, whole := strings.Cut(lines, "\n")
		s, ok := parseSignature(line)
		if !whole || !ok {
			return c, false
		}
		c.signatures, lines = append(c.signatures, s), rest
	}
	return c, true
}

func parseSignature(line string) (signature, bool) {
	rest, dashed := strings.CutPrefix(line, "— ")
	name, text, _ := strings.Cut(rest, " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if !dashed || !isKeyName(name) || err != nil || len(raw) < 5 || strings.ContainsAny(text, "\r\n") {
		return signature{}, false
	}
	return signature{name, binary.BigEndian.Uint32(raw), raw[4:], line}, true
}

// parseHash64 reads a hash in base64, written in the one way that its bytes have.
func parseHash64(s string) (hash, bool) {
	var h hash
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != len(h) || strings.ContainsAny(s, "\r\n") {
		return h, false
	}
	return hash(raw), true
}

func (h hash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// isOf holds when the line names the key. Whether it signs is another question.
func (s signature) isOf(v verifier) bool { return s.name == v.name && s.id == v.id }

// signedBy holds when one of the lines is the key's, and every line of that key is right.
func (c *checkpoint) signedBy(v verifier) bool {
	found := false
	for _, s := range c.signatures {
		if s.isOf(v) {
			if v.kind != logKey || !ed25519.Verify(v.key, []byte(c.text), s.raw) {
				return false
			}
			found = true
		}
	}
	return found
}

// cosignedBy tells when a witness saw the checkpoint. named is false where no line is the witness's.
func (c *checkpoint) cosignedBy(v verifier) (at time.Time, named, ok bool) {
	for _, s := range c.signatures {
		if !s.isOf(v) {
			continue
		}
		if v.kind != witnessKey || len(s.raw) != 8+ed25519.SignatureSize {
			return at, true, false
		}
		seconds := binary.BigEndian.Uint64(s.raw)
		message := "cosignature/v1\ntime " + strconv.FormatUint(seconds, 10) + "\n" + c.text
		if seconds > 1<<62 || !ed25519.Verify(v.key, []byte(message), s.raw[8:]) {
			return at, true, false
		}
		return time.Unix(int64(seconds), 0).UTC(), true, true
	}
	return at, false, false
}
