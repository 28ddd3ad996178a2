package auction

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
)

// currentIn is a query over the listings of a scope as they stand at its time, with the standing of each and whether it is late. That numbers
// are above 0 is what the indexes of lists are told apart by.
func currentIn(q *bun.SelectQuery, scope ledger.Scope, book int64) *bun.SelectQuery {
	q = q.ColumnExpr("lots.*").Where("lots.book_id = ?", book).Where(scope.Version("lots")).Where("lots.id > 0")
	q = issue.Columns(q, "lots", "hammered_on")
	return review.Columns(scope.Where(q, "lots.village_key", "lots.hammered_on"), "lots", scope.Size())
}

// Find reads a listing as it stands, also a voided one, with its entry, texts and the winner's name.
//
// Errors: not_found lot.unknown, also where it lies outside the scope.
func Find(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) (*Lot, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	l := new(Lot)
	err = currentIn(db.NewSelect().Model(l), scope, book).Where("lots.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, unknown(id)
	}
	if err != nil {
		return nil, fmt.Errorf("auction: reading a lot: %w", err)
	}
	bodies, err := ledger.Bodies(ctx, db, book, []int64{l.SeqFrom})
	if err != nil {
		return nil, err
	}
	l.Body = bodies[l.SeqFrom]
	return l, dress(ctx, db, book, []*Lot{l})
}

// List reads a page of the current listings of a scope, with texts and names, and the place of the next page; "" when
// there is none.
//
// Errors: invalid list.word_unknown, page.unreadable, text.too_long.
func List(ctx context.Context, db bun.IDB, scope ledger.Scope, f LotFilter, page ledger.Page) ([]*Lot, string, error) {
	l, err := newListing(ctx, db, scope, f, page)
	if err != nil {
		return nil, "", err
	}
	list, err := l.rows(ctx)
	if err != nil {
		return nil, "", err
	}
	list, next := ledger.NextPage(page, list, l.order.cursor)
	return list, next, dress(ctx, db, l.book, list)
}

// CountUpTo counts the listings that a list would have, up to a number: more than that nobody pages through.
func CountUpTo(ctx context.Context, db bun.IDB, scope ledger.Scope, f LotFilter, most int) (int, error) {
	f.Sort = ""
	l, err := newListing(ctx, db, scope, f, ledger.Page{})
	if err != nil {
		return 0, err
	}
	var n int
	for _, way := range l.ways() {
		count, err := db.NewSelect().TableExpr("(?) AS found", l.counted(way).Limit(int64(most))).Count(ctx)
		if err != nil {
			return 0, fmt.Errorf("auction: counting lots: %w", err)
		}
		if n = int(count); n == most {
			break
		}
	}
	return n, nil
}

// refsOf are the references of the persons of a name.
func refsOf(ctx context.Context, db bun.IDB, book int64, name string) ([]string, error) {
	refs := []string{}
	for _, index := range ledger.Persons.Indexes {
		rows, err := index.Load(ctx, db, book, []string{name})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			refs = append(refs, ledger.PersonRef(row.(*ledger.Person).ID))
		}
	}
	return refs, nil
}

// dress gives rows their sealed texts and the names of their winners.
func dress(ctx context.Context, db bun.IDB, book int64, list []*Lot) error {
	var seqs []int64
	for _, l := range list {
		seqs = append(seqs, l.SeqFrom)
		if id, ok := personOf(l.Winner); ok {
			seqs = append(seqs, id)
		}
	}
	texts, err := ledger.Texts(ctx, db, book, seqs)
	if err != nil {
		return err
	}
	for _, l := range list {
		l.Remark, l.OtherColumns = texts[ledger.TextAt{Seq: l.SeqFrom, Field: "remark"}], texts[ledger.TextAt{Seq: l.SeqFrom, Field: "other_columns"}]
		if id, ok := personOf(l.Winner); ok {
			l.WinnerName = texts[ledger.TextAt{Seq: id, Field: "name"}]
		}
	}
	return nil
}

// personOf is the number of a person from their reference.
func personOf(ref string) (int64, bool) {
	id, err := strconv.ParseInt(strings.TrimPrefix(ref, "p"), 10, 64)
	return id, err == nil && strings.HasPrefix(ref, "p")
}
