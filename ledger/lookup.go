package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// The reads of commands step into an index once a key, and never join tables: with the statistics of a young
// book the planner would read a whole book for each key. LATERAL with OFFSET 0 keeps it from that.

// Lookup makes a query read the current rows of a table whose column is one of keys ([]string or []int64).
// conditions are those of the index that is to be used, where it is a partial one: NOT voided.
func Lookup[K string | int64](q *bun.SelectQuery, table, column string, book int64, keys []K, conditions ...string) *bun.SelectQuery {
	asked := "(SELECT DISTINCT unnest(?::text[]) AS key) AS asked "
	if _, numbers := any(keys).([]int64); numbers {
		asked = "(SELECT DISTINCT unnest(?::bigint[]) AS key) AS asked "
	}
	where := strings.Join(append([]string{"book_id = ? AND ? = asked.key AND seq_to IS NULL"}, conditions...), " AND ")
	return q.ModelTableExpr(asked+"CROSS JOIN LATERAL (SELECT * FROM ? WHERE "+where+" OFFSET 0) AS ?",
		pgdialect.Array(keys), bun.Ident(table), book, bun.Ident(column), bun.Ident(table)).
		ColumnExpr("?.*", bun.Ident(table)).OrderExpr("?.id", bun.Ident(table))
}

// RowsOf are rows of one type as an Index gives them.
func RowsOf[P Row](found []P) []Row {
	rows := make([]Row, len(found))
	for i, r := range found {
		rows[i] = r
	}
	return rows
}

// TextAt is where a sealed text belongs.
type TextAt struct {
	Seq   int64  `json:"entry"`
	Field string `json:"field"`
}

var (
	textsOfEntries = NewPrepared("texts_of_entries", "SELECT s.seq, s.field, s.value, FALSE AS erased FROM unnest($1::bigint[]) AS asked (seq) CROSS JOIN LATERAL "+
		"(SELECT * FROM sealed WHERE book_id = $2 AND seq = asked.seq OFFSET 0) AS s UNION ALL "+
		"SELECT t.entry::bigint, t.field, '', TRUE FROM erasures AS e, unnest(e.entries, e.fields) AS t (entry, field) "+
		"WHERE e.book_id = $2 AND e.entries && $1::text[] AND t.entry = ANY ($1::text[])")
	bodiesOfEntries = NewPrepared("bodies_of_entries", "SELECT e.seq, e.body FROM unnest($1::bigint[]) AS asked (seq) CROSS JOIN LATERAL "+
		"(SELECT * FROM entries WHERE book_id = $2 AND seq = asked.seq OFFSET 0) AS e")
)

// Texts reads the sealed texts of entries. In the place of one that was erased stands ErasedText; IsErased tells.
func Texts(ctx context.Context, db bun.IDB, book int64, seqs []int64) (map[TextAt]string, error) {
	var rows []struct {
		Seq          int64
		Field, Value string
		Erased       bool
	}
	if len(seqs) == 0 {
		return nil, nil
	}
	err := textsOfEntries.Scan(ctx, db, &rows, pgdialect.Array(seqs), book)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading sealed texts: %w", err)
	}
	texts := make(map[TextAt]string, len(rows))
	for _, r := range rows {
		at := TextAt{r.Seq, r.Field}
		if texts[at] = r.Value; r.Erased {
			texts[at] = erasedShown(at)
		}
	}
	return texts, nil
}

// Bodies reads the bytes of entries, for commands that need a record's whole state (StateOf).
func Bodies(ctx context.Context, db bun.IDB, book int64, seqs []int64) (map[int64][]byte, error) {
	var rows []struct {
		Seq  int64
		Body []byte
	}
	if len(seqs) == 0 {
		return nil, nil
	}
	err := bodiesOfEntries.Scan(ctx, db, &rows, pgdialect.Array(seqs), book)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading entries: %w", err)
	}
	bodies := make(map[int64][]byte, len(rows))
	for _, r := range rows {
		bodies[r.Seq] = r.Body
	}
	return bodies, nil
}

// EntryHead is what a timeline shows of an entry.
type EntryHead struct {
	Seq    int64
	At     time.Time
	Actor  Actor
	Kind   string
	Record int64
	Amends *int64
	Source *Source
	Reason string // clear text
}

// Voids tells whether the entry strikes its record out.
func (h EntryHead) Voids() bool { return strings.HasSuffix(h.Kind, ".voided") }

// Heads reads the heads of entries, in the order of their numbers.
func Heads(ctx context.Context, db bun.IDB, book int64, seqs []int64) ([]EntryHead, error) {
	bodies, err := Bodies(ctx, db, book, seqs)
	if err != nil {
		return nil, err
	}
	texts, err := Texts(ctx, db, book, seqs)
	if err != nil {
		return nil, err
	}
	heads := make([]EntryHead, 0, len(bodies))
	for seq, body := range bodies {
		head, err := HeadOf(seq, body)
		if err != nil {
			return nil, err
		}
		head.Reason = texts[TextAt{seq, "reason"}]
		heads = append(heads, head)
	}
	slices.SortFunc(heads, func(a, b EntryHead) int { return cmp.Compare(a.Seq, b.Seq) })
	return heads, nil
}

// HeadOf reads the head of an entry out of its bytes. The reason is not among them: it is sealed.
func HeadOf(seq int64, body []byte) (EntryHead, error) {
	var raw struct {
		entryBytes
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return EntryHead{}, fmt.Errorf("ledger: reading entry %d: %w", seq, err)
	}
	at, err := time.Parse(timeForm, raw.At)
	if err != nil {
		return EntryHead{}, fmt.Errorf("ledger: reading the time of entry %d: %w", seq, err)
	}
	return EntryHead{
		Seq: seq, At: at, Actor: Actor{raw.Actor}, Kind: raw.Kind, Record: raw.Record, Amends: raw.Amends, Source: raw.Source,
	}, nil
}
