package ledger

import "github.com/uptrace/bun"

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
	Kind        BookKind `json:"kind"`
	Origin      string   `json:"origin"`
	VerifierKey string   `json:"verifier_key"`
}

// Sealed is nothing.
func (*registerState) Sealed() []SealedField { return nil }

// registerKind has no table: the installation's log is read as it is.
func registerKind() *Kind {
	return &Kind{Name: "register", New: func() State { return new(registerState) }}
}
