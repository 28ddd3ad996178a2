package review

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
)

// Imported is an import as the queue of a reviewer shows it.
type Imported struct {
	Entry     int64
	What      string // lots, parcels
	FileName  string // clear text
	Records   int64  // entries that it made
	EnteredBy string
	At        time.Time
	Verdict   string // of the last review of the whole import
	Standing  int64  // records that still stand as it made them
	Waiting   int64  // of these, those that nobody reviewed

	FileSHA256 string
	Actor      ledger.Actor // who entered it
}

// Imports lists imports, the newest first: those before the entry number before (0: all), at most limit. made are
// the kinds of records that imports make. A scope of some villages sees none: an import is of the whole book.
func Imports(ctx context.Context, db bun.IDB, scope ledger.Scope, made []Subjects, before int64, limit int) ([]*Imported, error) {
	if !scope.Whole() {
		_, err := scope.BookID()
		return nil, err
	}
	return imported(ctx, db, scope, made, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("(? = 0 OR i.id < ?)", before, before).OrderExpr("i.id DESC").Limit(int64(limit))
	})
}

// Queue lists imports that nobody reviewed as a whole and of which something waits, the oldest first, at most limit.
// A scope of some villages sees none.
func Queue(ctx context.Context, db bun.IDB, scope ledger.Scope, made []Subjects, limit int) ([]*Imported, error) {
	if !scope.Whole() {
		_, err := scope.BookID()
		return nil, err
	}
	var queue []*Imported
	for last := int64(0); len(queue) < limit; {
		list, err := imported(ctx, db, scope, made, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("i.id > ?", last).Where("r.verdict IS NULL").OrderExpr("i.id").Limit(int64(limit))
		})
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			if last = i.Entry; i.Waiting > 0 && len(queue) < limit {
				queue = append(queue, i)
			}
		}
		if len(list) < limit {
			break
		}
	}
	return queue, nil
}

// Look finds one import: not_found import.unknown. In a scope of some villages only who entered it sees it.
func Look(ctx context.Context, db bun.IDB, scope ledger.Scope, actor ledger.Actor, made []Subjects, entry int64) (*Imported, error) {
	list, err := imported(ctx, db, scope, made, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("i.id = ?", entry) })
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || !scope.Whole() && list[0].EnteredBy != actor.String() {
		return nil, ledger.E(ledger.NotFound, "import.unknown", entry)
	}
	return list[0], nil
}

// imported reads imports with what their heads and their last review say.
func imported(ctx context.Context, db bun.IDB, scope ledger.Scope, made []Subjects, which func(*bun.SelectQuery) *bun.SelectQuery) ([]*Imported, error) {
	id, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ledger.Import
		Verdict string `bun:"verdict"`
		Left    string `bun:"left_out"`
	}
	q := db.NewSelect().Model(&rows).ModelTableExpr("imports AS i").ColumnExpr("i.*").
		ColumnExpr("COALESCE(r.verdict, '') AS verdict").ColumnExpr("COALESCE(r.exceptions, '[]') AS left_out").
		Join("LEFT JOIN LATERAL (SELECT verdict, exceptions FROM reviews WHERE book_id = i.book_id AND entry = i.id AND "+scope.Until("id")+" ORDER BY id DESC LIMIT 1) AS r ON TRUE").
		Where("i.book_id = ?", id).Where(scope.Version("i"))
	if err := which(q).Scan(ctx); err != nil {
		return nil, fmt.Errorf("review: listing imports: %w", err)
	}
	seqs := make([]int64, len(rows))
	for i := range rows {
		seqs[i] = rows[i].ID
	}
	heads, err := ledger.Heads(ctx, db, id, seqs)
	if err != nil {
		return nil, err
	}
	texts, err := ledger.Texts(ctx, db, id, seqs)
	if err != nil {
		return nil, err
	}
	by := map[int64]ledger.EntryHead{}
	for _, h := range heads {
		by[h.Seq] = h
	}
	list := make([]*Imported, len(rows))
	for i, r := range rows {
		list[i] = &Imported{
			Entry: r.ID, What: r.What, FileName: texts[ledger.TextAt{Seq: r.ID, Field: "file_name"}], FileSHA256: r.FileSHA256, Records: r.Records,
			EnteredBy: r.EnteredBy, Actor: by[r.ID].Actor, At: by[r.ID].At, Verdict: r.Verdict,
		}
		if err := list[i].count(ctx, db, scope, made, r.Left); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Touched tells which of some records of a table the actor entered or ever amended: those somebody else reviews.
func Touched(ctx context.Context, db bun.IDB, scope ledger.Scope, actor ledger.Actor, table *ledger.Table, records []int64) (map[int64]bool, error) {
	return touched(ctx, db, scope, actor, table, records)
}

// count counts what still stands of an import and what of it waits. It begins at what does not stand any more and at
// the reviews, so that a large import takes no longer. With a review of the whole import only its exceptions can wait.
func (i *Imported) count(ctx context.Context, db bun.IDB, scope ledger.Scope, made []Subjects, left string) error {
	book, err := scope.BookID()
	if err != nil {
		return err
	}
	i.Standing = i.Records
	spoken := int64(0)
	for _, kind := range made {
		var n struct{ Ended, Own int64 }
		err := db.NewRaw("SELECT (SELECT count(*) FROM ?0 AS t WHERE book_id = ?1 AND import = ?2 AND "+scope.Ended("t")+") AS ended, (SELECT count(*) FROM ("+i.spoken(scope)+
			") AS r CROSS JOIN LATERAL (SELECT FROM ?0 AS t WHERE book_id = ?1 AND seq_from = r.entry AND import = ?2 AND "+scope.Version("t")+" AND NOT voided OFFSET 0) AS t) AS own",
			bun.Ident(kind.Table.Name), book, i.Entry, kind.Kind, left).Scan(ctx, &n)
		if err != nil {
			return fmt.Errorf("review: counting what an import made: %w", err)
		}
		i.Standing -= n.Ended
		spoken += n.Own
	}
	if i.Waiting = spoken; i.Verdict == "" {
		i.Waiting = i.Standing - spoken
	}
	return nil
}

// spoken are the entries of an import's commit that have a review of their own; with a review of the whole import,
// those that it left out and that have none.
func (i *Imported) spoken(scope ledger.Scope) string {
	if i.Verdict != "" {
		return "SELECT e::bigint AS entry FROM jsonb_array_elements_text(?4::jsonb) AS e WHERE NOT EXISTS " +
			"(SELECT FROM reviews WHERE book_id = ?1 AND entry = e::bigint AND what = ?3 AND " + scope.Until("id") + ")"
	}
	return "SELECT DISTINCT entry FROM reviews WHERE book_id = ?1 AND what = ?3 AND " + scope.Until("id") + " AND entry > ?2 AND entry < " +
		"(SELECT size FROM checkpoints WHERE book_id = ?1 AND size > ?2 ORDER BY size LIMIT 1)"
}

// FindImport finds an import by the number of its entry: not_found import.unknown.
func FindImport(ctx context.Context, scope ledger.Scope, entry int64) (*ledger.Import, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, err
	}
	id, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	im := new(ledger.Import)
	err = book.DB().NewSelect().Model(im).Where("book_id = ?", id).Where("id = ?", entry).Where("seq_to IS NULL").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ledger.E(ledger.NotFound, "import.unknown", entry)
	}
	if err != nil {
		return nil, fmt.Errorf("review: reading an import: %w", err)
	}
	return im, nil
}

// Of reads the reviews that speak of some entries, oldest first: for a timeline. entries are those of a record
// and of the imports that they came from.
func Of(ctx context.Context, db bun.IDB, scope ledger.Scope, entries []int64) ([]*Review, error) {
	id, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var found []*Review
	err = db.NewSelect().Model(&found).Where("book_id = ?", id).Where("entry = ANY(?::bigint[])", pgdialect.Array(entries)).Where(scope.Until("id")).Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("review: reading the reviews of a record: %w", err)
	}
	return found, nil
}
