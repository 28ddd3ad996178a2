package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/migrations/dbtest"
)

// A slip is the smallest record there can be: these tests are about the book, not about lots.
type slipState struct {
	No     string         `json:"no"`
	Amount ledger.Money   `json:"amount"`
	Remark *ledger.Sealed `json:"remark,omitempty"`
}

func (s *slipState) Sealed() []ledger.SealedField {
	return []ledger.SealedField{{Name: "remark", Value: s.Remark}}
}

type slip struct {
	bun.BaseModel `bun:"table:slips"`
	ledger.Version
	No     string       `bun:"no"`
	Amount ledger.Money `bun:"amount"`
	Voided bool         `bun:"voided"`
}

type slipSum struct {
	bun.BaseModel `bun:"table:slip_sums"`
	ledger.SumVersion
	Slips  int64        `bun:"slips"`
	Amount ledger.Money `bun:"amount"`
}

func (s *slipSum) Combine(o ledger.Sum, sign int) {
	other := o.(*slipSum)
	s.Slips += int64(sign) * other.Slips
	if sign < 0 {
		s.Amount = s.Amount.Sub(other.Amount)
	} else {
		s.Amount = s.Amount.Add(other.Amount)
	}
}

func (s *slipSum) Copy() ledger.Sum { c := *s; return &c }

// bundle is a book in a database of its own, with a clock that moves a second at every look.
type bundle struct {
	db    *dbtest.DB
	store *ledger.Store
	book  *ledger.Book
	slips *ledger.Table
	actor ledger.Actor
	keys  *sync.Map
	kinds []*ledger.Kind
	clock func() time.Time

	publishing sync.Mutex
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{db: dbtest.New(tb), keys: &sync.Map{}}
	ctx := tb.Context()
	for _, statement := range []string{
		`CREATE TABLE slips (book_id bigint, id bigint, seq_from bigint, seq_to bigint, no text NOT NULL,
			amount money_yuan NOT NULL, voided boolean NOT NULL, PRIMARY KEY (book_id, id, seq_from))`,
		`CREATE TABLE slip_sums (book_id bigint, grain text, seq_from bigint, seq_to bigint, slips bigint NOT NULL,
			amount money_yuan NOT NULL, PRIMARY KEY (book_id, grain, seq_from))`,
		`GRANT SELECT, INSERT, UPDATE (seq_to) ON slips, slip_sums TO mingzhang_writer`,
	} {
		if _, err := b.db.Owner().ExecContext(ctx, statement); err != nil {
			tb.Fatal(err)
		}
	}
	b.slips = ledger.NewTable[slip]("slips", ledger.Index{
		Name: "no",
		Key:  func(r ledger.Row) string { return r.(*slip).No },
		Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
			var found []*slip
			err := ledger.Lookup(db.NewSelect().Model(&found), "slips", "no", book, keys).Scan(ctx)
			return ledger.RowsOf(found), err
		},
	})
	b.kinds = []*ledger.Kind{{
		Name: "slip", New: func() ledger.State { return new(slipState) }, Table: b.slips,
		Project: func(e ledger.Entry) ledger.Row {
			s := e.State.(*slipState)
			return &slip{No: s.No, Amount: s.Amount, Voided: e.Voids()}
		},
		Rollup: &ledger.Rollup{Table: ledger.NewTable[slipSum]("slip_sums"), Of: func(r ledger.Row) (ledger.Sum, bool) {
			s := r.(*slip)
			return &slipSum{SumVersion: ledger.SumVersion{Grain: s.No[:1]}, Slips: 1, Amount: s.Amount}, !s.Voided
		}},
	}}
	var mu sync.Mutex
	now := time.Date(2021, 7, 1, 1, 2, 3, 0, time.UTC)
	b.clock = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
	b.store = b.open(b.db.Writer())
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	b.book, err = b.store.AddBook(ctx, b.actor, ledger.BookProfile{Code: "test", Kind: ledger.OfficeBook, NameZH: "示例街道"})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// open makes another store over the same database and keys, as another process would.
func (b *bundle) open(db *bun.DB) *ledger.Store {
	return ledger.Open(db, ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := b.keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { b.keys.Store(origin, secret); return nil },
		Published: func(origin string) (string, error) {
			kept, _ := b.keys.Load("published " + origin)
			note, _ := kept.(string)
			return note, nil
		},
		Publish: func(origin string, advance func(string) (string, error)) error {
			b.publishing.Lock()
			defer b.publishing.Unlock()
			kept, _ := b.keys.Load("published " + origin)
			old, _ := kept.(string)
			note, err := advance(old)
			if err == nil {
				b.keys.Store("published "+origin, note)
			}
			return err
		},
	}, b.clock, b.kinds...)
}

func money(tb testing.TB, s string) ledger.Money {
	tb.Helper()
	m, err := ledger.ParseMoney(s)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// record is the command that records a slip once.
func (b *bundle) record(tb testing.TB, no, amount string) ledger.Command {
	tb.Helper()
	state := &slipState{No: no, Amount: money(tb, amount), Remark: ledger.Seal("备注 " + no)}
	return ledger.Command{
		Actor: b.actor, Reads: []ledger.Read{{Table: b.slips, Index: "no", Keys: []string{no}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			for _, row := range p.Find(b.slips, "no", no) {
				if !row.(*slip).Voided {
					return nil, ledger.E(ledger.Conflict, "slip.exists", no)
				}
			}
			return []ledger.Draft{{Kind: "slip.recorded", State: state}}, nil
		},
	}
}

// change is the command that amends or voids a slip.
func (b *bundle) change(tb testing.TB, kind, no, amount string) ledger.Command {
	tb.Helper()
	state := &slipState{No: no, Amount: money(tb, amount)}
	return ledger.Command{
		Actor: b.actor, Reads: []ledger.Read{{Table: b.slips, Index: "no", Keys: []string{no}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			rows := p.Find(b.slips, "no", no)
			if len(rows) != 1 {
				return nil, ledger.E(ledger.NotFound, "slip.unknown", no)
			}
			return []ledger.Draft{{Kind: kind, Amends: rows[0], Reason: "抄错", State: state}}, nil
		},
	}
}

func (b *bundle) do(tb testing.TB, c ledger.Command) ledger.Receipt {
	tb.Helper()
	r, err := b.book.Do(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// clean checks the book and expects a number of entries and no fault.
func (b *bundle) clean(tb testing.TB, entries int64) {
	tb.Helper()
	result, err := b.book.Check(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	if len(result.Faults) > 0 || result.Entries != entries {
		tb.Fatalf("check: %d entries, want %d; faults %+v", result.Entries, entries, result.Faults)
	}
}

func TestBook_RecordAmendVoid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.do(t, b.record(t, "a1", "100.00"))
	b.do(t, b.record(t, "a2", "50.00"))
	b.do(t, b.change(t, "slip.amended", "a1", "120.00"))
	last := b.do(t, b.change(t, "slip.voided", "a2", "50.00"))
	if first.First != 1 || last.Last != 4 || last.Size != 5 {
		t.Errorf("first entry %d, last %d, size %d; want 1, 4, 5", first.First, last.Last, last.Size)
	}
	b.clean(t, 5)
	var sum slipSum
	if err := b.db.Reader().NewSelect().Model(&sum).Where("seq_to IS NULL").Scan(t.Context()); err == nil {
		t.Error("the reader could read a table that nobody granted")
	}
	if err := b.db.Writer().NewSelect().Model(&sum).Where("seq_to IS NULL").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sum.Slips != 1 || sum.Amount.String() != "120.00" {
		t.Errorf("the kept sum is %d slips, %s; want 1, 120.00", sum.Slips, sum.Amount)
	}
	// The reason and the remark are sealed: the entry holds commitments, the text stands beside it.
	var reasons int
	err := b.db.Owner().NewRaw("SELECT count(*) FROM sealed WHERE field = 'reason' AND value = '抄错'").Scan(t.Context(), &reasons)
	if err != nil || reasons != 2 {
		t.Errorf("%d sealed reasons, %v; want 2", reasons, err)
	}
	var leaked int
	err = b.db.Owner().NewRaw("SELECT count(*) FROM entries WHERE convert_from(body, 'UTF8') LIKE '%抄错%'").Scan(t.Context(), &leaked)
	if err != nil || leaked != 0 {
		t.Errorf("%d entries hold the reason in clear, %v", leaked, err)
	}
}

func TestBook_RefusedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.record(t, "a1", "100.00"))
	if _, err := b.book.Do(t.Context(), b.record(t, "a1", "100.00")); !errors.Is(err, ledger.E(ledger.Conflict, "slip.exists")) {
		t.Fatalf("a second a1: %v, want conflict slip.exists", err)
	}
	bad := b.record(t, "a\x00b", "1.00")
	if _, err := b.book.Do(t.Context(), bad); !errors.Is(err, ledger.E(ledger.Invalid, "text.bad_character")) {
		t.Fatalf("a NUL in a text: %v, want invalid text.bad_character", err)
	}
	nobody := b.record(t, "a9", "1.00")
	nobody.Actor = ledger.Actor{}
	if _, err := b.book.Do(t.Context(), nobody); !errors.Is(err, ledger.E(ledger.Denied, "actor.unnamed")) {
		t.Fatalf("a command of nobody: %v, want denied actor.unnamed", err)
	}
	b.clean(t, 2)
}

func TestBook_ManyWriters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other, err := b.open(b.db.Writer()).Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 12
	var wg sync.WaitGroup
	var accepted sync.Map
	for w := range writers {
		book := b.book
		if w%2 == 1 {
			book = other // another process: its tree is stale whenever the first has written
		}
		wg.Go(func() {
			for i := range each {
				no := fmt.Sprintf("%c%d", 'a'+w%3, i) // some numbers are wanted by several writers
				if _, err := book.Do(context.Background(), b.record(t, no, "10.00")); err == nil {
					if _, twice := accepted.LoadOrStore(no, w); twice {
						t.Errorf("slip %s was accepted twice", no)
					}
				} else if !errors.Is(err, ledger.E(ledger.Conflict, "slip.exists")) {
					t.Errorf("slip %s: %v", no, err)
				}
			}
		})
	}
	wg.Wait()
	n := int64(0)
	accepted.Range(func(any, any) bool { n++; return true })
	if n != 3*each {
		t.Errorf("%d slips were accepted, want %d", n, 3*each)
	}
	b.clean(t, n+1)
}

func TestBook_Idempotency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	once := b.record(t, "a1", "100.00")
	once.Key, once.Body = "key-1", []byte("a1 100.00")
	first := b.do(t, once)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			again := b.record(t, "a1", "100.00")
			again.Key, again.Body = once.Key, once.Body
			r, err := b.book.Do(context.Background(), again)
			if err != nil || !r.Replayed || r.First != first.First || r.Last != first.Last {
				t.Errorf("a retry got %+v, %v; want the first answer %+v", r, err, first)
			}
		})
	}
	wg.Wait()
	other := b.record(t, "a2", "1.00")
	other.Key, other.Body = once.Key, []byte("a2 1.00")
	if _, err := b.book.Do(t.Context(), other); !errors.Is(err, ledger.E(ledger.Conflict, "idempotency.other_body")) {
		t.Errorf("the key with another body: %v, want conflict idempotency.other_body", err)
	}
	b.clean(t, 2)
}

func TestBook_AsOf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	two := b.record(t, "a1", "1.00")
	decide := two.Decide
	two.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		drafts, err := decide(p)
		return append(drafts, ledger.Draft{Kind: "slip.recorded", State: &slipState{No: "b1", Amount: money(t, "2.00")}}), err
	}
	b.do(t, two)
	for _, size := range []int64{1, 3} {
		if c, err := b.book.AsOf(t.Context(), size); err != nil || c.Size != size {
			t.Errorf("as of %d: %+v, %v", size, c, err)
		}
	}
	for _, size := range []int64{0, 2, 4} { // 2 is in the middle of a command
		if _, err := b.book.AsOf(t.Context(), size); !errors.Is(err, ledger.E(ledger.Invalid, "as_of.not_a_checkpoint")) {
			t.Errorf("as of %d: %v, want invalid as_of.not_a_checkpoint", size, err)
		}
	}
}

func TestBook_ClockGoesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.record(t, "a1", "1.00"))
	back := b.clock
	b.clock = func() time.Time { return back().Add(-48 * time.Hour) }
	book, err := b.open(b.db.Writer()).Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Do(t.Context(), b.record(t, "a2", "1.00")); err != nil {
		t.Fatal(err)
	}
	b.clean(t, 3) // check refuses an entry that is earlier than the one before it
}

func TestBook_KeyMissingOrForeign(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secret, _ := b.keys.LoadAndDelete(b.book.Origin)
	book, err := b.open(b.db.Writer()).Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Do(t.Context(), b.record(t, "a1", "1.00")); !errors.Is(err, ledger.E(ledger.Denied, "book.key_missing")) {
		t.Errorf("without its key: %v, want denied book.key_missing", err)
	}
	if _, err := b.store.AddBook(t.Context(), b.actor, ledger.BookProfile{Code: "other", Kind: ledger.OfficeBook, NameZH: "别处", Origin: "mingzhang/other"}); err != nil {
		t.Fatal(err)
	}
	foreign, _ := b.keys.Load("mingzhang/other")
	b.keys.Store(b.book.Origin, foreign)
	if _, err := book.Do(t.Context(), b.record(t, "a1", "1.00")); !errors.Is(err, ledger.E(ledger.Denied, "book.key_foreign")) {
		t.Errorf("with another book's key: %v, want denied book.key_foreign", err)
	}
	b.keys.Store(b.book.Origin, secret)
	b.clean(t, 1)
}

func TestStore_AddBook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tt := range []struct {
		p    ledger.BookProfile
		want *ledger.Error
	}{
		{ledger.BookProfile{Code: "test", NameZH: "又一个"}, ledger.E(ledger.Conflict, "book.exists")},
		{ledger.BookProfile{Code: "installation", NameZH: "日志"}, ledger.E(ledger.Conflict, "book.exists")},
		{ledger.BookProfile{Code: "Test", NameZH: "大写"}, ledger.E(ledger.Invalid, "book.code_form")},
		{ledger.BookProfile{Code: "", NameZH: "无"}, ledger.E(ledger.Invalid, "book.code_form")},
		{ledger.BookProfile{Code: "x", NameZH: ""}, ledger.E(ledger.Invalid, "book.name_missing")},
		{ledger.BookProfile{Code: "x", NameZH: "街道", Division: "4412"}, ledger.E(ledger.Invalid, "book.division_form")},
	} {
		tt.p.Kind = ledger.OfficeBook
		if _, err := b.store.AddBook(t.Context(), b.actor, tt.p); !errors.Is(err, tt.want) {
			t.Errorf("book %q %q: %v, want %v", tt.p.Code, tt.p.NameZH, err, tt.want)
		}
	}
	books, err := b.store.Books(t.Context())
	if err != nil || len(books) != 1 {
		t.Errorf("%d books, %v; want the one", len(books), err)
	}
}

func TestStore_DropBook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.store.DropBook(t.Context(), b.db.Owner(), b.actor, b.book); !errors.Is(err, ledger.E(ledger.Denied, "book.not_droppable")) {
		t.Fatalf("dropping an office's book: %v, want denied book.not_droppable", err)
	}
	practice, err := b.store.AddBook(t.Context(), b.actor, ledger.BookProfile{Code: "p", Kind: ledger.PracticeBook, NameZH: "练习"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := practice.Do(t.Context(), b.record(t, "a1", "1.00")); err != nil {
		t.Fatal(err)
	}
	if err := b.store.DropBook(t.Context(), b.db.Owner(), b.actor, practice); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Book(t.Context(), "p"); ledger.CodeOf(err) != ledger.NotFound {
		t.Errorf("the dropped book: %v, want not found", err)
	}
	if _, err := practice.Do(t.Context(), b.record(t, "a2", "1.00")); ledger.CodeOf(err) != ledger.NotFound {
		t.Errorf("writing to the dropped book: %v, want not found", err)
	}
	log, err := b.store.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	result, err := log.Check(t.Context(), nil)
	if err != nil || len(result.Faults) > 0 || result.Entries != 4 { // opened, two added, one dropped
		t.Errorf("the installation's log: %d entries, %v, %v; want 4", result.Entries, result.Faults, err)
	}
	b.clean(t, 1)
}
