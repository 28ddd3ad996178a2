package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// ErasedText stands wherever a text would that was erased by law. Nothing else makes these words: no text that
// begins with them can be sealed. It is in both languages because pages, files and streams all show it as it is.
const ErasedText = "已依法删除 / erased by law"

// erasureMax texts are named by one entry, so that it keeps far below the size of a leaf.
const erasureMax = 1_000

// What is erased: a person, one text, an account's person.
const (
	ErasedPerson  = "person"
	ErasedOne     = "text"
	ErasedAccount = "account"
)

// ErasureState is what an entry says of texts that were erased with it: where they stood, never what they said.
// Why, with the law that asks for it, is the entry's reason.
type ErasureState struct {
	Texts []TextAt `json:"texts"`
	What  string   `json:"what"`
}

// Sealed is nothing.
func (*ErasureState) Sealed() []SealedField { return nil }

type erasureRow struct {
	bun.BaseModel `bun:"table:erasures"`
	Version
	What    string   `bun:"what"`
	Entries []string `bun:"entries,array"` // numbers, as text, so that one index finds them
	Fields  []string `bun:"fields,array"`
}

// erasures is the table of erasures, found by the entries whose texts they name.
var erasures = NewTable[erasureRow]("erasures", Index{
	Name: "text",
	Key:  func(r Row) string { return r.(*erasedAtRow).at.key() },
	Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]Row, error) {
		asked, err := placesOf(keys)
		if err != nil {
			return nil, err
		}
		found, err := erasedAmong(ctx, db, book, asked)
		rows := make([]Row, len(found))
		for i, at := range found {
			rows[i] = &erasedAtRow{at: at}
		}
		return rows, err
	},
})

// erasedAtRow says to a command that a text was erased.
type erasedAtRow struct {
	Version
	at TextAt
}

// textRow says to a command that a text is there.
type textRow struct {
	Version
	at  TextAt
	key string // by which it was asked for
}

// sealedTexts are the clear texts as commands ask for them: by their place, by the words in them, by an account of
// the installation's log.
var sealedTexts = NewTable[textRow]("sealed",
	Index{Name: "place", Key: textKey, Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]Row, error) {
		asked, err := placesOf(keys)
		if err != nil {
			return nil, err
		}
		seqs, fields := columnsOfPlaces(asked)
		return loadTexts(ctx, db, "SELECT s.seq, s.field, s.seq || '/' || s.field AS key FROM unnest(?::bigint[], ?::text[]) AS asked (seq, field) "+
			"CROSS JOIN LATERAL (SELECT seq, field FROM sealed WHERE book_id = ? AND seq = asked.seq AND field = asked.field OFFSET 0) AS s",
			pgdialect.Array(seqs), pgdialect.Array(fields), book)
	}},
	Index{Name: "words", Key: textKey, Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]Row, error) {
		return loadTexts(ctx, db, "SELECT s.seq, s.field, asked.key FROM unnest(?::text[]) AS asked (key) CROSS JOIN sealed AS s "+
			"WHERE s.book_id = ? AND position(asked.key IN s.value) > 0 ORDER BY s.seq, s.field", pgdialect.Array(keys), book)
	}})

func textKey(r Row) string { return r.(*textRow).key }

func loadTexts(ctx context.Context, db bun.IDB, query string, args ...any) ([]Row, error) {
	var found []struct {
		Seq        int64
		Field, Key string
	}
	if err := db.NewRaw(query, args...).Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("ledger: looking for sealed texts: %w", err)
	}
	rows := make([]Row, len(found))
	for i, f := range found {
		rows[i] = &textRow{at: TextAt{f.Seq, f.Field}, key: f.Key}
	}
	return rows, nil
}

func erasureKind() *Kind {
	return &Kind{
		Name: "erasure", New: func() State { return new(ErasureState) }, Table: erasures,
		Erases: func(s State) []TextAt { return s.(*ErasureState).Texts },
		Project: func(e Entry) Row {
			s := e.State.(*ErasureState)
			row := &erasureRow{What: s.What, Entries: []string{}, Fields: []string{}}
			for _, at := range s.Texts {
				row.Entries, row.Fields = append(row.Entries, strconv.FormatInt(at.Seq, 10)), append(row.Fields, at.Field)
			}
			return row
		},
	}
}

// key is a place as an index finds it: 17/name.
func (at TextAt) key() string { return strconv.FormatInt(at.Seq, 10) + "/" + at.Field }

func placesOf(keys []string) ([]TextAt, error) {
	list := make([]TextAt, len(keys))
	for i, key := range keys {
		seq, field, _ := strings.Cut(key, "/")
		n, err := strconv.ParseInt(seq, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("ledger: reading the place of a text: %w", err)
		}
		list[i] = TextAt{n, field}
	}
	return list, nil
}

func columnsOfPlaces(list []TextAt) (seqs []int64, fields []string) {
	for _, at := range list {
		seqs, fields = append(seqs, at.Seq), append(fields, at.Field)
	}
	return seqs, fields
}

// erasedAmong gives those of some texts that were erased.
func erasedAmong(ctx context.Context, db bun.IDB, book int64, asked []TextAt) ([]TextAt, error) {
	seqs, _ := columnsOfPlaces(asked)
	found, err := erasedOf(ctx, db, book, seqs)
	return slices.DeleteFunc(found, func(at TextAt) bool { return !slices.Contains(asked, at) }), err
}

// erasedOf gives the texts of some entries that were erased.
func erasedOf(ctx context.Context, db bun.IDB, book int64, seqs []int64) ([]TextAt, error) {
	names := make([]string, len(seqs))
	for i, seq := range seqs {
		names[i] = strconv.FormatInt(seq, 10)
	}
	var found []TextAt
	err := db.NewRaw("SELECT t.entry::bigint AS seq, t.field FROM erasures AS e, unnest(e.entries, e.fields) AS t (entry, field) "+
		"WHERE e.book_id = ?0 AND e.entries && ?1::text[] AND t.entry = ANY (?1::text[])", book, pgdialect.Array(names)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading erasures: %w", err)
	}
	return found, nil
}

// Erasing says what to erase, and why.
type Erasing struct {
	What   string   // ErasedPerson, ErasedOne, ErasedAccount
	Texts  []TextAt // that are to go; one that is gone already is none to do
	Words  string   // not "": every text that holds these words goes, too
	Reason string   // with the law that asks for it
}

// Erased is what an erasure did.
type Erased struct {
	Receipt

	Texts []TextAt // that went now; none: they were gone before, and nothing was written
}

// Erase deletes sealed texts and their salts and writes an entry that names them: both in one transaction, so that
// there is never the one without the other. Every hash, proof and export stays as it was. Asked again it does nothing.
// invalid erasure.reason_missing, not_found erasure.no_text.
func (b *Book) Erase(ctx context.Context, actor Actor, asked Erasing) (Erased, error) {
	asked.Reason = Normal(asked.Reason)
	if asked.Reason == "" {
		return Erased{}, E(Invalid, "erasure.reason_missing").On("reason")
	}
	var keys []string
	for _, at := range asked.Texts {
		keys = append(keys, at.key())
	}
	reads := []Read{{sealedTexts, "place", keys}, {erasures, "text", keys}}
	if asked.Words != "" {
		reads = append(reads, Read{sealedTexts, "words", []string{asked.Words}})
	}
	var done Erased
	receipt, err := b.Do(ctx, Command{Actor: actor, Reads: reads, Alone: true, Decide: func(p *Present) ([]Draft, error) {
		done.Texts = nil
		for _, at := range asked.Texts {
			switch {
			case len(p.Find(sealedTexts, "place", at.key())) > 0:
				done.Texts = append(done.Texts, at)
			case len(p.Find(erasures, "text", at.key())) == 0:
				return nil, E(NotFound, "erasure.no_text", at.Seq, at.Field)
			}
		}
		for _, row := range p.Find(sealedTexts, "words", asked.Words) {
			done.Texts = append(done.Texts, row.(*textRow).at)
		}
		slices.SortFunc(done.Texts, func(x, y TextAt) int { return cmp.Or(cmp.Compare(x.Seq, y.Seq), cmp.Compare(x.Field, y.Field)) })
		done.Texts = slices.Compact(done.Texts)
		var drafts []Draft
		for chunk := range slices.Chunk(done.Texts, erasureMax) {
			drafts = append(drafts, Draft{Kind: "erasure.recorded", Reason: asked.Reason, State: &ErasureState{Texts: chunk, What: asked.What}})
		}
		return drafts, nil
	}})
	done.Receipt = receipt
	return done, err
}

// PersonRecord is the person of a reference (p17), by the number of their entry, and their name; ErasedText where it
// is gone. not_found person.unknown.
func (b *Book) PersonRecord(ctx context.Context, ref string) (seq int64, name string, err error) {
	seq, err = strconv.ParseInt(strings.TrimPrefix(ref, "p"), 10, 64)
	if err != nil || PersonRef(seq) != ref {
		return 0, "", E(NotFound, "person.unknown", clip(ref)).On("person")
	}
	var there bool
	err = b.store.db.NewRaw("SELECT EXISTS (SELECT FROM persons WHERE book_id = ? AND id = ?)", b.id, seq).Scan(ctx, &there)
	if err != nil {
		return 0, "", fmt.Errorf("ledger: looking for a person: %w", err)
	}
	if !there {
		return 0, "", E(NotFound, "person.unknown", clip(ref)).On("person")
	}
	texts, err := Texts(ctx, b.store.db, b.id, []int64{seq})
	return seq, texts[TextAt{seq, "name"}], err
}

// Mentions are the sealed texts that hold some words, such as a person's name.
func (b *Book) Mentions(ctx context.Context, words string) ([]TextAt, error) {
	var found []TextAt
	err := b.store.db.NewRaw("SELECT seq, field FROM sealed WHERE book_id = ? AND position(? IN value) > 0 ORDER BY seq, field", b.id, words).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("ledger: looking for texts: %w", err)
	}
	return found, nil
}

// IsErased tells whether a text that was read is none because it was erased by law.
func IsErased(text string) bool { return strings.HasPrefix(text, ErasedText) }

// erasedShown is what is read in place of an erased text. A person's name is followed by the person's number, so that
// who wins twice is still seen, and a form that shows the name leads back to the same person.
func erasedShown(at TextAt) string {
	if at.Field == "name" {
		return ErasedText + " " + PersonRef(at.Seq)
	}
	return ErasedText
}

// erasedPerson is the number of the person in the place of whose name this stands.
func erasedPerson(shown string) (int64, bool) {
	ref, ok := strings.CutPrefix(shown, ErasedText+" ")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(ref, "p"), 10, 64)
	return id, err == nil && PersonRef(id) == ref
}

// eraseTexts deletes what the commit's erasures name. The trigger of the table asks for their rows, so it comes after
// them; every text must have been there.
func (w *writer) eraseTexts(ctx context.Context) error {
	for chunk := range slices.Chunk(w.erased, copyChunk) {
		seqs, fields := columnsOfPlaces(chunk)
		result, err := w.conn.NewRaw("DELETE FROM sealed AS s USING unnest(?::bigint[], ?::text[]) AS v (seq, field) "+
			"WHERE s.book_id = ? AND s.seq = v.seq AND s.field = v.field", pgdialect.Array(seqs), pgdialect.Array(fields), w.book.id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("ledger: erasing texts: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != int64(len(chunk)) {
			return fmt.Errorf("ledger: %d of %d texts could be erased: %w", n, len(chunk), err)
		}
	}
	return nil
}
