package ledger

import (
	"context"

	"github.com/uptrace/bun"
)

// ImportState is what an entry says of an imported file. The lots or parcels that came from it name its
// entry and their row.
type ImportState struct {
	FileName   *Sealed `json:"file_name"` // without folders; people put names into names of files
	FileSHA256 string  `json:"file_sha256"`
	Records    int     `json:"records"`
	What       string  `json:"what"` // lots, parcels
}

// Sealed is the file's name.
func (s *ImportState) Sealed() []SealedField { return []SealedField{{"file_name", s.FileName}} }

// Import is the row of an imported file.
type Import struct {
	bun.BaseModel `bun:"table:imports"`
	Version
	What       string `bun:"what"`
	FileSHA256 string `bun:"file_sha256"`
	Records    int64  `bun:"records"`
	EnteredBy  string `bun:"entered_by"`
}

func importKind() *Kind {
	return &Kind{
		Name: "import", New: func() State { return new(ImportState) }, Table: NewTable[Import]("imports"),
		Project: func(e Entry) Row {
			s := e.State.(*ImportState)
			return &Import{What: s.What, FileSHA256: s.FileSHA256, Records: int64(s.Records), EnteredBy: e.Actor.String()}
		},
	}
}

// registerState is what the installation's own log says of a book.
type registerState struct {
	Code        string   `json:"code"`
	Entries     int64    `json:"entries,omitempty"` // of an imported one: how many came
	Kind        BookKind `json:"kind"`
	Origin      string   `json:"origin"`
	Root        string   `json:"root,omitempty"`  // of an imported one: its root, base64
	Texts       bool     `json:"texts,omitempty"` // of an imported one: its sealed texts came too
	VerifierKey string   `json:"verifier_key"`
}

// The kinds of entries by which a book comes. An imported one is a copy.
const (
	bookAdded    = "register.book_added"
	bookImported = "register.book_imported"
)

// Sealed is nothing.
func (*registerState) Sealed() []SealedField { return nil }

// registerKind has no table: the installation's log is read as it is.
func registerKind() *Kind {
	return &Kind{Name: "register", New: func() State { return new(registerState) }}
}

func registered(b *Book) *registerState {
	return &registerState{Code: b.Code, Kind: b.Kind, Origin: b.Origin, VerifierKey: b.VerifierKey}
}

// registered is what the installation's log says of the book's coming: its entry has the book's number. imported
// tells that the book is a copy.
func (b *Book) registered(ctx context.Context, db bun.IDB) (state registerState, imported bool, err error) {
	if b.id == installationID {
		return state, false, nil
	}
	bodies, err := Bodies(ctx, db, installationID, []int64{b.id})
	if err != nil || bodies[b.id] == nil {
		return state, false, err
	}
	e, err := decodeEntry(b.store.kinds, b.id, bodies[b.id])
	if err != nil {
		return state, false, E(Tampered, "book.entry_unreadable", installationCode, b.id).Because(err)
	}
	if said, ok := e.State.(*registerState); ok && e.Kind == bookImported && said.VerifierKey == b.opened {
		return *said, true, nil
	}
	return state, false, nil
}
