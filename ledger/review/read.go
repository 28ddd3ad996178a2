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
}

// Imports lists imports, the newest first: those before the entry number before (0: all), at most limit. made are
// the kinds of records that imports make. A scope of some villages sees none: an import is of the whole book.
func Imports(ctx context.Context, db bun.IDB, scope ledger.Scope, made []Subjects, before int64, limit int) ([]*Imported, error) {
	id, err := scope.BookID()
	if err != nil || !scope.Whole() {
		return nil, err
	}
	var rows []struct {
		ledger.Import
		Verdict string `bun:"verdict"`
		Left    string `bun:"left_out"`
	}
	err = db.NewSelect().Model(&rows).ModelTableExpr("imports AS i").ColumnExpr("i.*").
		ColumnExpr("COALESCE(r.verdict, '') AS verdict").ColumnExpr("COALESCE(r.exceptions, '[]') AS left_out").
		Join("LEFT JOIN LATERAL (SELECT verdict, exceptions FROM reviews WHERE book_id = i.book_id AND entry = i.id ORDER BY id DESC LIMIT 1) AS r ON TRUE").
		Where("i.book_id = ?", id).Where("i.seq_to IS NULL").Where("(? = 0 OR i.id < ?)", before, before).OrderExpr("i.id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
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
	at := map[int64]time.Time{}
	for _, h := range heads {
		at[h.Seq] = h.At
	}
	list := make([]*Imported, len(rows))
	for i, r := range rows {
		list[i] = &Imported{
			Entry: r.ID, What: r.What, FileName: texts[ledger.TextAt{Seq: r.ID, Field: "file_name"}], Records: r.Records,
			EnteredBy: r.EnteredBy, At: at[r.ID], Verdict: r.Verdict,
		}
		if err := list[i].count(ctx, db, id, made, r.Left); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// count counts what still stands of an import and what of it waits. With a review of the whole import only its
// exceptions can wait.
func (i *Imported) count(ctx context.Context, db bun.IDB, book int64, made []Subjects, left string) error {
	for _, kind := range made {
		var n struct{ Standing, Waiting int64 }
		err := db.NewRaw("SELECT count(*) AS standing, count(*) FILTER (WHERE own.id IS NULL AND (? OR ?::jsonb @> to_jsonb(t.seq_from))) AS waiting "+
			"FROM ? AS t LEFT JOIN (SELECT DISTINCT entry AS id FROM reviews WHERE book_id = ? AND what = ?) AS own ON own.id = t.seq_from "+
			"WHERE t.book_id = ? AND t.import = ? AND t.seq_to IS NULL AND NOT t.voided",
			i.Verdict == "", left, bun.Ident(kind.Table.Name), book, kind.Kind, book, i.Entry).Scan(ctx, &n)
		if err != nil {
			return fmt.Errorf("review: counting what an import made: %w", err)
		}
		i.Standing += n.Standing
		i.Waiting += n.Waiting
	}
	return nil
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
	err = db.NewSelect().Model(&found).Where("book_id = ?", id).Where("entry = ANY(?::bigint[])", pgdialect.Array(entries)).Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("review: reading the reviews of a record: %w", err)
	}
	return found, nil
}
