package review_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
	"mingzhang/migrations/dbtest"
)

// A slip is the smallest record there can be: these tests are about reviews, not about lots.
type slipState struct {
	Amount ledger.Money `json:"amount"`
	No     string       `json:"no"`
}

func (*slipState) Sealed() []ledger.SealedField { return nil }

type slip struct {
	bun.BaseModel `bun:"table:slips"`
	ledger.Version
	No     string       `bun:"no"`
	Amount ledger.Money `bun:"amount"`
	Voided bool         `bun:"voided"`
	Import *int64       `bun:"import"`
	ledger.Standing
}

type slipSum struct {
	bun.BaseModel `bun:"table:slip_sums"`
	ledger.SumVersion
	Slips int64 `bun:"slips"`
}

func (s *slipSum) Combine(o ledger.Sum, sign int) { s.Slips += int64(sign) * o.(*slipSum).Slips }
func (s *slipSum) Copy() ledger.Sum               { c := *s; return &c }

type bundle struct {
	testing.TB
	db    *dbtest.DB
	book  *ledger.Book
	scope ledger.Scope
	slips *ledger.Table
	made  []review.Subjects
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{TB: tb, db: dbtest.New(tb)}
	for _, statement := range []string{
		`CREATE TABLE slips (book_id bigint, id bigint, seq_from bigint, seq_to bigint, no text NOT NULL,
			amount money_yuan NOT NULL, voided boolean NOT NULL, import bigint, PRIMARY KEY (book_id, id, seq_from))`,
		`CREATE TABLE slip_sums (book_id bigint, grain text, seq_from bigint, seq_to bigint, slips bigint NOT NULL,
			PRIMARY KEY (book_id, grain, seq_from))`,
		`GRANT SELECT, INSERT, UPDATE (seq_to) ON slips, slip_sums TO mingzhang_writer`,
	} {
		if _, err := b.db.Owner().ExecContext(tb.Context(), statement); err != nil {
			tb.Fatal(err)
		}
	}
	b.slips = ledger.NewTable[slip]("slips", ledger.Index{
		Name: "no",
		Key:  func(r ledger.Row) string { return r.(*slip).No },
		Load: b.load,
	}, review.ImportIndex("slips", func(s *slip) *int64 { return s.Import }))
	b.made = []review.Subjects{{Kind: "slip", Table: b.slips}}
	var keys sync.Map
	second := time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	store := ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) { secret, _ := keys.Load(origin); return secret.(string), nil },
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, func() time.Time { mu.Lock(); defer mu.Unlock(); second = second.Add(time.Second); return second }, review.Kind(), b.kind())
	book, err := store.AddBook(tb.Context(), ledger.AccountActor(1), ledger.BookProfile{Code: "street", Kind: ledger.OfficeBook, NameZH: "示例街道（虚构）"})
	if err != nil {
		tb.Fatal(err)
	}
	b.book, b.scope = book, ledger.WholeBook(book)
	return b
}

func (b *bundle) load(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
	var found []*slip
	q := ledger.Lookup(db.NewSelect().Model(&found), "slips", "no", book, keys).Where("NOT slips.voided")
	err := review.Columns(q, "slips", 0).Scan(ctx)
	return ledger.RowsOf(found), err
}

func (b *bundle) kind() *ledger.Kind {
	return &ledger.Kind{
		Name: "slip", New: func() ledger.State { return new(slipState) }, Table: b.slips,
		Project: func(e ledger.Entry) ledger.Row {
			s := e.State.(*slipState)
			row := &slip{No: s.No, Amount: s.Amount, Voided: e.Voids()}
			if e.Source != nil {
				row.Import = &e.Source.Import
			}
			return row
		},
		Rollup: &ledger.Rollup{Table: ledger.NewTable[slipSum]("slip_sums"), Of: func(r ledger.Row) (ledger.Sum, bool) {
			s := r.(*slip)
			sum := &slipSum{Slips: 1}
			sum.Grain = "waiting"
			if s.Approved() {
				sum.Grain = "approved"
			}
			return sum, !s.Voided
		}},
	}
}

// write records a slip, or amends the one of its number, and gives its entry.
func (b *bundle) write(account int64, no, amount string) int64 {
	b.Helper()
	receipt, err := b.try(account, no, amount)
	if err != nil {
		b.Fatal(err)
	}
	return receipt.First
}

func (b *bundle) try(account int64, no, amount string) (ledger.Receipt, error) {
	b.Helper()
	m, err := ledger.ParseMoney(amount)
	if err != nil {
		b.Fatal(err)
	}
	return b.scope.Do(b.Context(), ledger.Command{
		Actor: ledger.AccountActor(account), Reads: []ledger.Read{{Table: b.slips, Index: "no", Keys: []string{no}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			d := ledger.Draft{Kind: "slip.recorded", State: &slipState{No: no, Amount: m}}
			if rows := p.Find(b.slips, "no", no); len(rows) > 0 {
				d.Kind, d.Amends, d.Reason = "slip.amended", rows[0], "改正"
			}
			return []ledger.Draft{d}, nil
		},
	})
}

// imported makes an import of slips by an account and gives the numbers of its entry and of theirs.
func (b *bundle) imported(account int64, numbers ...string) (int64, []int64) {
	b.Helper()
	var first int64
	_, err := b.scope.Do(b.Context(), ledger.Command{
		Actor: ledger.AccountActor(account), Reads: []ledger.Read{{Table: b.slips, Index: "no", Keys: numbers}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			first = p.Next()
			drafts := []ledger.Draft{{Kind: "import.recorded", State: &ledger.ImportState{
				What: "lots", FileName: ledger.Seal("台账.xlsx"), FileSHA256: strings.Repeat("0", 64), Records: len(numbers),
			}}}
			for i, no := range numbers {
				d := ledger.Draft{Kind: "slip.recorded", State: &slipState{No: no}, Source: &ledger.Source{Import: first, Row: i + 2}}
				if rows := p.Find(b.slips, "no", no); len(rows) > 0 {
					d.Kind, d.Amends, d.Reason = "slip.amended", rows[0], "改正"
				}
				drafts = append(drafts, d)
			}
			return drafts, nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	var entries []int64
	for i := range numbers {
		entries = append(entries, first+1+int64(i))
	}
	return first, entries
}

// target is the current row of a number as a reviewer sees it.
func (b *bundle) target(no string) review.Target {
	b.Helper()
	id, err := b.scope.BookID()
	if err != nil {
		b.Fatal(err)
	}
	rows, err := b.load(b.Context(), b.db.Writer(), id, []string{no})
	if err != nil || len(rows) != 1 {
		b.Fatalf("slip %s: %d rows, %v", no, len(rows), err)
	}
	return review.Target{Kind: "slip", Table: b.slips, Index: "no", Key: no, Record: ledger.RecordOf(rows[0]), Entry: ledger.EntryOf(rows[0])}
}

// standing is what reads say of a number: "" waiting, approved, returned.
func (b *bundle) standing(no string) string {
	b.Helper()
	id, _ := b.scope.BookID()
	rows, err := b.load(b.Context(), b.db.Writer(), id, []string{no})
	if err != nil || len(rows) != 1 {
		b.Fatalf("slip %s: %d rows, %v", no, len(rows), err)
	}
	return ledger.VerdictOf(rows[0])
}

// sums wants so many slips approved and waiting by the kept sums, and a book that check finds whole.
func (b *bundle) sums(approved, waiting int64) {
	b.Helper()
	var rows []*slipSum
	if err := b.db.Writer().NewSelect().Model(&rows).Where("seq_to IS NULL").Scan(b.Context()); err != nil {
		b.Fatal(err)
	}
	got := map[string]int64{}
	for _, r := range rows {
		got[r.Grain] = r.Slips
	}
	if got["approved"] != approved || got["waiting"] != waiting {
		b.Errorf("the kept sums say %v, want %d approved and %d waiting", got, approved, waiting)
	}
	result, err := b.book.Check(b.Context(), nil)
	if err != nil || result.Err() != nil {
		b.Fatalf("check: %v, %v: %s", err, result.Err(), fmt.Sprint(result.Faults))
	}
}
