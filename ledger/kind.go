package ledger

import (
	"context"
	"reflect"
	"strings"
	"sync"

	"github.com/uptrace/bun"
)

// Kind is one kind of record: what its entries hold, and which rows they become. project is the only
// code that makes a derived row; writing, import and check all use it.
type Kind struct {
	Name    string       // "lot": the entries are lot.recorded, lot.amended, lot.voided
	New     func() State // an empty state to decode into
	Project func(Entry) Row
	Table   *Table
	Rollup  *Rollup // nil: no sums are kept
	// Reviews is what an entry of the kind says of other entries; nil: nothing.
	Reviews func(State) Review
	// Erases are the sealed texts that go with an entry of the kind; nil: none.
	Erases func(State) []TextAt
}

// Review is the second pair of eyes: an entry that approves or returns another entry as it was seen, or all
// entries that an import made and that still stand, but for some.
type Review struct {
	Approved bool
	Entry    int64   // the entry that was seen; that of the import, when it speaks of a whole one
	Import   bool    // Entry is an import
	Except   []int64 // entries of the import that it says nothing of
}

// Standing is what a review said last of a row's entry. Reads fill it in; no row of a table holds it, because
// a review changes no record.
type Standing struct {
	Verdict    string `bun:"verdict,scanonly"` // "" waiting, approved, returned
	VerdictSeq *int64 `bun:"verdict_seq,scanonly"`
}

// The verdicts of a review.
const (
	Approved = "approved"
	Returned = "returned"
)

func (s *Standing) standing() *Standing { return s }

// Approved tells whether the entry was approved.
func (s *Standing) Approved() bool { return s.Verdict == Approved }

// stand says in a row what a review said of its entry.
func stand(row Row, approved bool) {
	if s, ok := row.(interface{ standing() *Standing }); ok {
		s.standing().Verdict = ""
		if approved {
			s.standing().Verdict = Approved
		}
	}
}

type kindList map[string]*Kind

func (l kindList) of(entryKind string) (*Kind, bool) {
	name, _, ok := strings.Cut(entryKind, ".")
	kind, found := l[name]
	return kind, ok && found
}

// Row is a derived row: a struct that embeds Version.
type Row interface{ version() *Version }

// Version is the key of every derived row. It is current from the entry SeqFrom until the entry SeqTo.
type Version struct {
	BookID  int64  `bun:"book_id,pk"`
	ID      int64  `bun:"id,pk"`
	SeqFrom int64  `bun:"seq_from,pk"`
	SeqTo   *int64 `bun:"seq_to"`
}

func (v *Version) version() *Version { return v }

// RecordOf is the number of a row's record: of its first entry.
func RecordOf(row Row) int64 { return row.version().ID }

// EntryOf is the number of the entry that made the row.
func EntryOf(row Row) int64 { return row.version().SeqFrom }

// VerdictOf is what a review said last of the row's entry, as far as it was read: "", Approved, Returned.
func VerdictOf(row Row) string {
	if s, ok := row.(interface{ standing() *Standing }); ok {
		return s.standing().Verdict
	}
	return ""
}

// Sum is a kept sum: a struct that embeds SumVersion.
type Sum interface {
	sumVersion() *SumVersion
	// Combine adds o, or takes it off when sign is negative.
	Combine(o Sum, sign int)
	// Copy is an independent copy, for the next version.
	Copy() Sum
}

// SumVersion is the key of a kept sum: its grain instead of a record's number. Grain names what the sum
// is over, in words that sort.
type SumVersion struct {
	BookID  int64  `bun:"book_id,pk"`
	Grain   string `bun:"grain,pk"`
	SeqFrom int64  `bun:"seq_from,pk"`
	SeqTo   *int64 `bun:"seq_to"`
}

func (v *SumVersion) sumVersion() *SumVersion { return v } //nolint:unused // through Sum, by the types that embed it

// Rollup keeps the sums of a report at that report's grain, in the transaction of the rows.
type Rollup struct {
	Table *Table
	Of    func(Row) (Sum, bool) // a row's contribution; false: none

	once    sync.Once
	reading *Prepared
}

// Index is a way in which commands find current rows.
type Index struct {
	Name string
	Key  func(Row) string
	// Load reads the current rows of the given keys.
	Load func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]Row, error)
}

// Table is a derived table.
type Table struct {
	Name    string
	Indexes []Index
	model   reflect.Type
}

// NewTable describes the table whose rows are of type R.
func NewTable[R any](name string, indexes ...Index) *Table {
	return &Table{Name: name, Indexes: indexes, model: reflect.TypeFor[R]()}
}

// slice makes a []*R of the table's row type, as bun wants it.
func (t *Table) slice(n int) reflect.Value {
	return reflect.MakeSlice(reflect.SliceOf(reflect.PointerTo(t.model)), 0, n)
}
