package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// SealedMax bounds a sealed text, in characters; the table holds the same limit. PersonNameMax bounds a
// person's name, which has to fit into the index by which persons are found.
const (
	SealedMax     = 4_000
	PersonNameMax = 200
)

// saltBytes of random bytes stand before each sealed text, so that a short name cannot be guessed
// from its commitment.
const saltBytes = 32

// Sealed is a text that an entry holds only as a commitment: SHA-256(salt ‖ field name ‖ bytes). Names,
// numbers of persons and free remarks are sealed, so that they can be shown with a right and erased
// lawfully without changing an entry's bytes. Clear text and salt live only in the table sealed.
type Sealed struct {
	Commitment string `json:"sealed"`
	clear      string
}

// Seal makes a text to be sealed when its entry is written; an empty text seals nothing, nor does what stands in the
// place of an erased one.
func Seal(text string) *Sealed {
	if text == "" || text == ErasedText {
		return nil
	}
	return &Sealed{clear: text}
}

// Text is the clear text, known only until the entry is written; nil has none.
func (s *Sealed) Text() string {
	if s == nil {
		return ""
	}
	return s.clear
}

// SealedField names a sealed text within an entry.
type SealedField struct {
	Name  string
	Value *Sealed
}

// sealedRow is a clear text and its salt.
type sealedRow struct {
	bun.BaseModel `bun:"table:sealed"`
	BookID        int64  `bun:"book_id,pk"`
	Seq           int64  `bun:"seq,pk"`
	Field         string `bun:"field,pk"`
	Salt          []byte `bun:"salt"`
	Value         string `bun:"value"`
}

func commitment(salt []byte, field, text string) string {
	h := sha256.New()
	h.Write(salt)
	io.WriteString(h, field)
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil))
}

// seal fills in the commitment of a field and gives the row that keeps its text.
func (f SealedField) seal(random io.Reader, book, seq int64) (*sealedRow, error) {
	text := f.Value.clear
	if err := Clean(text); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if IsErased(text) {
		return nil, E(Invalid, "text.erased").On(f.Name)
	}
	most := SealedMax
	if f.Name == "name" {
		most = PersonNameMax
	}
	if n := utf8.RuneCountInString(text); n > most {
		return nil, E(Invalid, "text.too_long", n, most).On(f.Name)
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("ledger: making a salt: %w", err)
	}
	f.Value.Commitment = commitment(salt, f.Name, text)
	return &sealedRow{BookID: book, Seq: seq, Field: f.Name, Salt: salt, Value: text}, nil
}
