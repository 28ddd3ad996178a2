package auction

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
)

// listing is a list being read. The planner knows nothing of how many rows a book has (book_id has no statistics, see
// migration 1), so the way is said here: along the index of the order until the page is full, or through the index
// of the search where what is searched for is rare.
type listing struct {
	db      bun.IDB
	scope   ledger.Scope
	book    int64
	filter  LotFilter
	order   order
	page    ledger.Page
	winners []string
	spoken  func(*bun.SelectQuery) *bun.SelectQuery // the rows that can have the standing asked for; nil: no short way
}

func newListing(ctx context.Context, db bun.IDB, scope ledger.Scope, f LotFilter, page ledger.Page) (*listing, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	l := &listing{db: db, scope: scope, book: book, filter: f, page: page}
	if l.order, err = f.order(); err != nil {
		return nil, err
	}
	if l.winners, err = f.winners(ctx, db, book); err != nil {
		return nil, err
	}
	if scope.Size() == 0 { // of the past no more is known than what each row says
		l.spoken, err = review.Candidates(ctx, db, book, review.Subjects{Kind: "lot", Table: lots}, "lots", f.Review)
	}
	return l, err
}

// way is how rows are found.
type way int

const (
	along   way = iota // the order, to its end
	begin              // the order, the first rows only
	through            // the index of the search, or those of the filter
)

// beginRows are looked through before an index of the filter is asked: what is not rare fills a page from them, and
// what is rare is sorted in no time.
const beginRows = 3_000

// ways are the ways to try, until one fills the page.
func (l *listing) ways() []way {
	if l.scope.Size() != 0 { // the indexes of what is narrowed hold current rows
		return []way{along}
	}
	from, to := l.scope.Days()
	days := l.order.kind != "date" && (l.filter.From != nil || l.filter.To != nil || from != nil || to != nil)
	if l.isSearch() || l.spoken != nil || len(l.scope.Villages()) > 0 || l.filter.words() > 0 || days {
		return []way{begin, through}
	}
	return []way{along}
}

// inOrder holds for a list of one word in the order of the records: the index of the word has that very order.
func (l *listing) inOrder() bool {
	f := l.filter
	word := LotFilter{Outcome: f.Outcome, Kind: f.Kind, TradeKind: f.TradeKind, Method: f.Method, Sort: f.Sort}
	return f == word && f.words() == 1 && l.order.kind == "" && l.scope.Whole()
}

func (l *listing) isSearch() bool { return len(ledger.GramsOf(l.filter.Search)) > 0 }

// rows are the rows of the page and the one after it.
func (l *listing) rows(ctx context.Context) (list []*Lot, err error) {
	for _, way := range l.ways() {
		found, err := l.found(way)
		if err != nil {
			return nil, err
		}
		if list, err = l.read(ctx, found.Limit(int64(l.page.Size())+1)); err != nil {
			return nil, err
		}
		if len(list) > l.page.Size() {
			break
		}
	}
	return list, nil
}

// found are the rows of the list, in order, beginning after the place of the page.
func (l *listing) found(w way) (*bun.SelectQuery, error) {
	switch w {
	case begin:
		return l.within(func(q *bun.SelectQuery) *bun.SelectQuery { return l.filter.narrow(q, l.order).Limit(beginRows) })
	case through:
		fit := l.asked(l.standing(l.narrowest()))
		if !l.inOrder() { // all rows that fit are found first, by whichever index has the fewest, and then put in order
			fit = l.db.NewSelect().TableExpr("(?) AS lots", fit.Limit(everything)).ColumnExpr("lots.*")
		}
		return l.order.sorted(fit, l.page)
	default:
		return l.within(func(q *bun.SelectQuery) *bun.SelectQuery { return l.filter.narrow(q, l.order) })
	}
}

// counted are the rows of the list in no order, for counting them.
func (l *listing) counted(w way) *bun.SelectQuery {
	switch w {
	case begin:
		return l.kept(l.db.NewSelect().TableExpr("(?) AS lots", l.filter.narrow(l.current(), l.order).Limit(beginRows)))
	case through:
		return l.db.NewSelect().TableExpr("(?) AS lots", l.asked(l.standing(l.narrowest())).Limit(everything)).ColumnExpr("lots.id")
	default:
		return l.kept(l.filter.days(l.filter.narrow(l.current(), l.order)))
	}
}

// current are the current rows of the book. That numbers are above 0 is what the indexes of the orders say of
// themselves.
func (l *listing) current() *bun.SelectQuery {
	return l.db.NewSelect().TableExpr("lots").ColumnExpr("lots.*").
		Where("lots.book_id = ?", l.book).Where(l.scope.Version("lots")).Where("NOT lots.voided").Where("lots.id > 0")
}

// searched are the current rows of the book for a search: no index over books, it would be read whole beside that of
// the search.
func (l *listing) searched() *bun.SelectQuery {
	return l.db.NewSelect().TableExpr("lots").ColumnExpr("lots.*").
		Where("lots.book_id + 0 = ?", l.book).Where(l.scope.Version("lots")).Where("NOT lots.voided")
}

// narrowest are the current rows of the book, to be narrowed by whichever indexes the filter has.
func (l *listing) narrowest() *bun.SelectQuery {
	q := l.current()
	if l.isSearch() && l.filter.Winner == "" && l.spoken == nil {
		q = l.searched()
	}
	if l.spoken != nil {
		q = l.spoken(q)
	}
	return q
}

// everything is a limit that no book reaches. A query with a limit is planned for its first rows.
const everything = 1 << 40

// within are those rows of a set that the list has. The set is read in order, by its index, and each row is asked for
// the rest.
func (l *listing) within(set func(*bun.SelectQuery) *bun.SelectQuery) (*bun.SelectQuery, error) {
	rows, err := l.order.sorted(set(l.current().Limit(everything)), l.page)
	if err != nil {
		return nil, err
	}
	return l.order.sortedAgain(l.kept(l.db.NewSelect().TableExpr("(?) AS lots", rows).ColumnExpr("lots.*"))), nil
}

// kept are those rows that the filter and the scope ask for, as one condition of which the planner knows nothing: it
// would take few rows to be asked for, and sort the whole book for them.
func (l *listing) kept(rows *bun.SelectQuery) *bun.SelectQuery {
	return l.standing(rows).Where("COALESCE((?), FALSE)", l.asked(l.db.NewSelect().ColumnExpr("TRUE")))
}

// standing adds the standing of each row where the filter asks for it.
func (l *listing) standing(q *bun.SelectQuery) *bun.SelectQuery {
	if l.filter.Review == "" {
		return q
	}
	return review.Columns(q, "lots", l.scope.Size())
}

// asked adds what the filter and the scope ask of a row.
func (l *listing) asked(q *bun.SelectQuery) *bun.SelectQuery {
	return l.scope.Where(l.filter.where(q, l.winners), "lots.village_key", "lots.hammered_on")
}

// read reads a page of rows, in their order, with the standing of each and whether it is late.
func (l *listing) read(ctx context.Context, page *bun.SelectQuery) ([]*Lot, error) {
	var list []*Lot
	q := l.order.sortedAgain(l.db.NewSelect().Model(&list).ModelTableExpr("(?) AS lots", page).ColumnExpr("?TableColumns"))
	if err := review.Columns(issue.Columns(q, "lots", "hammered_on"), "lots", l.scope.Size()).Scan(ctx); err != nil {
		return nil, fmt.Errorf("auction: listing lots: %w", err)
	}
	return list, nil
}
