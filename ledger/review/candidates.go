package review

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
)

// The most reviews and imports that are read, and the most records that they may speak of, before they are no short
// way into a list any more: then its rows are dense enough to be met along the list.
const (
	spokenFew     = 2_000
	candidatesFew = 20_000
)

// Candidates narrows a query over rows of a kind to those that can have a standing at all, from the side of the
// reviews and imports; each row still has to be asked for its standing (With). nil: that is no short way, because
// the standing is not rare, or none is asked for. alias is the table's name in the query; it needs the columns that
// Columns needs. The entries are read first and stand in the query as numbers: so the planner knows how many they are.
func Candidates(ctx context.Context, db bun.IDB, book int64, of Subjects, alias, verdict string) (func(*bun.SelectQuery) *bun.SelectQuery, error) {
	switch verdict {
	case ledger.Approved, ledger.Returned:
		spoken, err := readSpoken(ctx, db, "SELECT entry, what = ? AS import, records FROM reviews WHERE book_id = ? AND verdict = ? AND what IN (?, ?) LIMIT ?",
			ofImport, book, verdict, of.Kind, ofImport, spokenFew+1)
		if err != nil || spoken.many() {
			return nil, err
		}
		return func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("(?0.seq_from = ANY(?1::bigint[]) OR ?0.import = ANY(?2::bigint[]))",
				bun.Ident(alias), pgdialect.Array(spoken.entries), pgdialect.Array(spoken.imports))
		}, nil
	case Waiting:
		spoken, err := readSpoken(ctx, db, "(SELECT i.id AS entry, TRUE AS import, i.records FROM imports AS i WHERE i.book_id = ?0 AND i.seq_to IS NULL AND "+
			"NOT EXISTS (SELECT FROM reviews AS r WHERE r.book_id = i.book_id AND r.entry = i.id) LIMIT ?1) UNION ALL "+
			"(SELECT jsonb_array_elements_text(r.exceptions::jsonb)::bigint, FALSE, 1 FROM reviews AS r WHERE r.book_id = ?0 AND r.what = ?2 AND r.exceptions <> '[]' LIMIT ?1) "+
			"UNION ALL (SELECT 0, FALSE, count(*) FROM (SELECT FROM ?3 AS t WHERE t.book_id = ?0 AND t.import IS NULL LIMIT ?4) AS own)",
			book, spokenFew+1, ofImport, bun.Ident(of.Table.Name), candidatesFew+1)
		if err != nil || spoken.many() {
			return nil, err
		}
		return func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("(?0.import IS NULL OR ?0.import = ANY(?2::bigint[]) OR ?0.seq_from = ANY(?1::bigint[]))",
				bun.Ident(alias), pgdialect.Array(spoken.entries), pgdialect.Array(spoken.imports))
		}, nil
	}
	return nil, nil
}

// spoken are entries and whole imports that something is said of.
type spoken struct {
	entries, imports []int64
	records          int64 // that they stand for
}

// many tells that there are too many to begin with them.
func (s *spoken) many() bool {
	return len(s.entries)+len(s.imports) > spokenFew || s.records > candidatesFew
}

func readSpoken(ctx context.Context, db bun.IDB, query string, args ...any) (*spoken, error) {
	var rows []struct {
		Entry, Records int64
		Import         bool
	}
	if err := db.NewRaw(query, args...).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("review: reading what reviews speak of: %w", err)
	}
	s := &spoken{entries: []int64{}, imports: []int64{}}
	for _, r := range rows {
		if s.records += r.Records; r.Import {
			s.imports = append(s.imports, r.Entry)
		} else {
			s.entries = append(s.entries, r.Entry)
		}
	}
	return s, nil
}
