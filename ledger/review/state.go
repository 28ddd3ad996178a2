package review

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
)

// ofImport is what a review of a whole import speaks of.
const ofImport = "import"

// State is what an entry says of a review. The shape is frozen and only added to.
type State struct {
	Entry      int64   `json:"entry"`                // the entry that was seen
	Exceptions []int64 `json:"exceptions,omitempty"` // of an import: entries it says nothing of
	Records    int64   `json:"records"`              // how many records it speaks of
	Verdict    string  `json:"verdict"`              // approved, returned
	What       string  `json:"what"`                 // lot, parcel, verification, import
}

// Sealed is nothing: the reason is sealed by the entry itself.
func (*State) Sealed() []ledger.SealedField { return nil }

// Review is the row of a review.
type Review struct {
	bun.BaseModel `bun:"table:reviews"`
	ledger.Version
	Entry      int64  `bun:"entry"`
	What       string `bun:"what"`
	Verdict    string `bun:"verdict"`
	Exceptions string `bun:"exceptions"` // JSON numbers
	Records    int64  `bun:"records"`
	Reviewer   string `bun:"reviewer"`
}

// Except are the entries of an import that the review says nothing of.
func (r *Review) Except() []int64 {
	var list []int64
	if err := json.Unmarshal([]byte(r.Exceptions), &list); err != nil {
		return nil // a column that somebody changed: check finds it
	}
	return list
}

// Kind is how reviews are kept in the book.
func Kind() *ledger.Kind {
	return &ledger.Kind{
		Name: "review", New: func() ledger.State { return new(State) }, Table: reviews,
		Project: func(e ledger.Entry) ledger.Row {
			s := e.State.(*State)
			return &Review{
				Entry: s.Entry, What: s.What, Verdict: s.Verdict, Records: s.Records, Reviewer: e.Actor.String(),
				Exceptions: exceptionsText(s.Exceptions),
			}
		},
		Reviews: func(state ledger.State) ledger.Review {
			s := state.(*State)
			return ledger.Review{Approved: s.Verdict == ledger.Approved, Entry: s.Entry, Import: s.What == ofImport, Except: s.Exceptions}
		},
	}
}

func exceptionsText(list []int64) string {
	if list == nil {
		list = []int64{}
	}
	return ledger.CanonicalJSON(list)
}

// reviews is the table of reviews. Commands read none: the rows of records bring their standing along.
var reviews = ledger.NewTable[Review]("reviews")

func numbers(keys []string) ([]int64, error) {
	list := make([]int64, len(keys))
	for i, k := range keys {
		n, err := strconv.ParseInt(k, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("review: %q is no number of an entry: %w", k, err)
		}
		list[i] = n
	}
	return list, nil
}

// Columns adds to a query over rows of records what a review said last of each row's entry, as of a checkpoint
// size (0: now): verdict and verdict_seq, which ledger.Standing holds. alias is the table's name in the query;
// it needs the columns book_id, seq_from and import.
func Columns(q *bun.SelectQuery, alias string, asOf int64) *bun.SelectQuery {
	return q.Join(standing(alias), asOf, asOf).
		ColumnExpr("COALESCE(standing.verdict, '') AS verdict").ColumnExpr("standing.id AS verdict_seq")
}

// standing is the join by which Columns and Waiting find the last review of a row's entry.
func standing(alias string) string {
	return "LEFT JOIN LATERAL (SELECT r.id, r.verdict FROM reviews AS r WHERE r.book_id = " + alias + ".book_id " +
		"AND r.entry = ANY(ARRAY[" + alias + ".seq_from, " + alias + ".import]) AND (? = 0 OR r.id < ?) " +
		"AND (r.entry = " + alias + ".seq_from OR NOT r.exceptions::jsonb @> to_jsonb(" + alias + ".seq_from)) " +
		"ORDER BY r.id DESC LIMIT 1) AS standing ON TRUE"
}

// With keeps the rows of a query that Columns was added to and that have one of the three standings: waiting,
// approved, returned. Another word keeps all.
func With(q *bun.SelectQuery, verdict string) *bun.SelectQuery {
	switch verdict {
	case Waiting:
		return q.Where("standing.verdict IS NULL")
	case ledger.Approved, ledger.Returned:
		return q.Where("standing.verdict = ?", verdict)
	}
	return q
}

// Waiting is the standing of a row that nobody reviewed.
const Waiting = "waiting"

// ImportIndex is the index by which the review of a whole import reads the current rows of a table that it made.
// Every table of records that can be imported has it.
func ImportIndex[R any](table string, importOf func(*R) *int64) ledger.Index {
	return ledger.Index{
		Name: ofImport,
		Key: func(row ledger.Row) string {
			if n := importOf(any(row).(*R)); n != nil {
				return strconv.FormatInt(*n, 10)
			}
			return ""
		},
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			imports, err := numbers(keys)
			if err != nil {
				return nil, err
			}
			found := reflect.New(reflect.TypeFor[[]*R]())
			q := db.NewSelect().Model(found.Interface()).ModelTableExpr("? AS t", bun.Ident(table)).ColumnExpr("t.*").
				Where("t.book_id = ?", book).Where("t.import = ANY(?::bigint[])", pgdialect.Array(imports)).
				Where("t.seq_to IS NULL").Where("NOT t.voided").OrderExpr("t.id")
			if err := Columns(q, "t", 0).Scan(ctx); err != nil {
				return nil, fmt.Errorf("review: reading what an import made: %w", err)
			}
			rows := make([]ledger.Row, found.Elem().Len())
			for i := range rows {
				rows[i] = found.Elem().Index(i).Interface().(ledger.Row)
			}
			return rows, nil
		},
	}
}
