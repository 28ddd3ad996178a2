package issue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// Find reads an issued report by the number of its entry: not_found report.unknown. Its figures are those of the whole
// book: denied right.whole_book_needed for who may read a part.
func Find(ctx context.Context, db bun.IDB, scope ledger.Scope, entry int64) (*Report, error) {
	list, err := list(ctx, db, scope, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("report.id = ?", entry) })
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ledger.E(ledger.NotFound, "report.unknown", entry)
	}
	return list[0], nil
}

// List reads the reports that were issued before an entry (0: all), the newest first, at most limit; sha256 keeps those
// whose output has that hash. Errors are those of Find.
func List(ctx context.Context, db bun.IDB, scope ledger.Scope, sha256 string, before int64, limit int) ([]*Report, error) {
	return list(ctx, db, scope, func(q *bun.SelectQuery) *bun.SelectQuery {
		if sha256 != "" {
			q = q.Where("report.sha256 = ?", sha256)
		}
		return q.Where("(? = 0 OR report.id < ?)", before, before).OrderExpr("report.id DESC").Limit(int64(limit))
	})
}

func list(ctx context.Context, db bun.IDB, scope ledger.Scope, which func(*bun.SelectQuery) *bun.SelectQuery) ([]*Report, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	if !scope.Whole() {
		return nil, ledger.E(ledger.Denied, "right.whole_book_needed")
	}
	var found []*Report
	q := db.NewSelect().Model(&found).Where("report.book_id = ?", book).Where(scope.Version("report"))
	if err := which(q).Scan(ctx); err != nil {
		return nil, fmt.Errorf("issue: reading issued reports: %w", err)
	}
	return found, nil
}

// Lateness says of a row that its period had been issued before its record came into the book. Reads fill it in.
type Lateness struct {
	Late bool `bun:"late,scanonly"`
}

// Columns adds late to a query over rows of records that have a day of their fact. alias is the table's name in the
// query; it needs the columns book_id and id.
func Columns(q *bun.SelectQuery, alias, day string) *bun.SelectQuery {
	return q.ColumnExpr("EXISTS (SELECT FROM issued_reports AS closing WHERE closing.book_id = " + alias + ".book_id AND closing.id < " + alias + ".id " +
		"AND " + alias + "." + day + " BETWEEN closing.period_from AND closing.period_to) AS late")
}

// SinceLast keeps the rows of a query whose record came into the book after the last issue that closed its day, at the
// scope's time.
func SinceLast(q *bun.SelectQuery, scope ledger.Scope, alias, day string) *bun.SelectQuery {
	return q.Where(alias + ".id > (SELECT max(closing.id) FROM issued_reports AS closing WHERE closing.book_id = " + alias + ".book_id " +
		"AND " + scope.Until("closing.id") + " AND " + alias + "." + day + " BETWEEN closing.period_from AND closing.period_to)")
}

// LastIn is the number of the last report, at the scope's time, that closed a day of a period; 0: none did.
func LastIn(ctx context.Context, db bun.IDB, scope ledger.Scope, from, to ledger.Day) (int64, error) {
	book, err := scope.BookID()
	if err != nil {
		return 0, err
	}
	var last int64
	err = db.NewSelect().TableExpr("issued_reports AS r").ColumnExpr("r.id").Where("r.book_id = ?", book).
		Where("r.period_from <= ?", to).Where("r.period_to >= ?", from).Where(scope.Until("r.id")).OrderExpr("r.id DESC").Limit(1).Scan(ctx, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("issue: looking for the last issued report: %w", err)
	}
	return last, nil
}

// Belonging is an issued report that a record is in, with the entry by which it is.
type Belonging struct {
	Report
	Held int64 `bun:"held"` // the record's entry that stood at the report's checkpoint
}

// Of reads the issued reports that a record is in, the oldest first: a version of it with a day of the report's period
// stood, not struck out, at the report's checkpoint. column is id, or that by which the rows name a record of another
// table.
func Of(ctx context.Context, db bun.IDB, scope ledger.Scope, table, column, day string, record int64) ([]*Belonging, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var found []*Belonging
	held := db.NewSelect().TableExpr("? AS v", bun.Ident(table)).ColumnExpr("max(v.seq_from) AS held").
		Where("v.book_id = ?", book).Where("v.? = ?", bun.Ident(column), record).Where("NOT v.voided").
		Where("v.seq_from < report.as_of AND (v.seq_to IS NULL OR v.seq_to >= report.as_of)").
		Where("v.? BETWEEN report.period_from AND report.period_to", bun.Ident(day))
	err = db.NewSelect().Model(&found).ModelTableExpr("issued_reports AS report").ColumnExpr("report.*, held.held").
		Join("CROSS JOIN LATERAL (?) AS held", held).Where("report.book_id = ?", book).Where(scope.Version("report")).
		Where("held.held IS NOT NULL").OrderExpr("report.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("issue: reading the issued reports of a record: %w", err)
	}
	return found, nil
}

// Latest is the number of the last issue of a report and period at the scope's time; 0: there is none.
func Latest(ctx context.Context, db bun.IDB, scope ledger.Scope, name string, from, to ledger.Day) (int64, error) {
	found, err := list(ctx, db, scope, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("report.name = ?", name).Where("report.period_from = ?", from).Where("report.period_to = ?", to).OrderExpr("report.id DESC").Limit(1)
	})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0].ID, nil
}
