package landcheck_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/review"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/dbtest"
)

// bundle is a book in a database of its own, with a clock that moves a second at every look.
type bundle struct {
	db    *dbtest.DB
	store *ledger.Store
	book  *ledger.Book
	actor ledger.Actor
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{db: dbtest.New(tb)}
	var mu sync.Mutex
	now := time.Date(2021, 7, 1, 1, 2, 3, 0, time.UTC)
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
	var keys sync.Map
	b.store = ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, clock, append(landcheck.Kinds(), review.Kind())...)
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	b.book, err = b.store.AddBook(tb.Context(), b.actor, ledger.BookProfile{
		Code: "test", Kind: ledger.OfficeBook, NameZH: "示例街道", Division: "441202001",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bundle) scope() ledger.Scope { return ledger.WholeBook(b.book) }

// id is the record of a parcel.
func (b *bundle) id(tb testing.TB, no string) int64 {
	tb.Helper()
	id, err := landcheck.ParcelID(tb.Context(), b.store.DB(), b.scope(), no)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// visit is the record of a verification.
func (b *bundle) visit(tb testing.TB, no, on string) int64 {
	tb.Helper()
	id, err := landcheck.VerificationID(tb.Context(), b.store.DB(), b.scope(), no, day(tb, on))
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// header is a register's usual header.
const header = "宗地编号,宗地代码,宗地名称,主体,类别,权属单位,坐落,证载面积(亩),核查面积(亩),建筑面积(㎡),核查日期,核查人,结论,使用状况,备注\n"

func day(tb testing.TB, s string) ledger.Day {
	tb.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// options are what most imports of these tests say.
func options(tb testing.TB) intake.Options {
	tb.Helper()
	return intake.Options{Today: day(tb, "2021-07-01")}
}

func source(tb testing.TB, name string, body []byte) intake.Source {
	tb.Helper()
	file, err := sheet.Open(name, bytes.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return intake.Source{Name: name, SHA256: strings.Repeat("0", 64), File: file}
}

func (b *bundle) read(tb testing.TB, body string, o intake.Options) (*intake.Result, error) {
	tb.Helper()
	return landcheck.Import(tb.Context(), b.scope(), b.actor, source(tb, "宗地.csv", []byte(body)), o)
}

// load imports what must be good.
func (b *bundle) load(tb testing.TB, body string) *intake.Result {
	tb.Helper()
	result, err := b.read(tb, body, options(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

// clean checks the book and expects a number of entries and no fault.
func (b *bundle) clean(tb testing.TB, entries int64) {
	tb.Helper()
	result, err := b.book.Check(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	if len(result.Faults) > 0 || result.Entries != entries {
		tb.Errorf("check: %d entries, want %d; faults %+v", result.Entries, entries, result.Faults)
	}
}

// verified reads a period at the head.
func (b *bundle) verified(tb testing.TB, from, to string) []landcheck.Verified {
	tb.Helper()
	head, err := b.book.Head(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return b.verifiedAsOf(tb, head.Size, from, to)
}

func (b *bundle) verifiedAsOf(tb testing.TB, asOf int64, from, to string) []landcheck.Verified {
	tb.Helper()
	list, err := landcheck.VerifiedIn(tb.Context(), b.store.DB(), ledger.WholeBook(b.book), asOf, day(tb, from), day(tb, to))
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func (b *bundle) count(tb testing.TB, query string, args ...any) (n int) {
	tb.Helper()
	if err := b.db.Owner().NewRaw(query, args...).Scan(tb.Context(), &n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// total sums the verified areas of an owner.
func total(list []landcheck.Verified, owner landcheck.Owner) (parcels int, sum ledger.Area) {
	for _, v := range list {
		if v.Owner == string(owner) && v.VerifiedArea != nil {
			parcels++
			sum = sum.Add(*v.VerifiedArea)
		}
	}
	return parcels, sum
}

func TestImport_Demo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body, err := os.ReadFile("../cmd/mingzhang/demo/parcels.csv")
	if err != nil {
		t.Fatal(err)
	}
	result := b.load(t, string(body))
	if result.Rows != 92 || result.Recorded != 92 || len(result.Tables[0].Unknown) != 0 {
		t.Errorf("%d rows, %d recorded, unknown columns %v; want 92, 92, none", result.Rows, result.Recorded, result.Tables[0].Unknown)
	}
	list := b.verified(t, "2021-01-01", "2021-06-30")
	for _, want := range []struct {
		owner   landcheck.Owner
		parcels int
		sum     string
	}{{landcheck.Collective, 41, "422.02"}, {landcheck.State, 42, "174.68"}, {landcheck.Undetermined, 0, "0.00"}} {
		if n, sum := total(list, want.owner); n != want.parcels || sum.String() != want.sum {
			t.Errorf("%s: %d parcels, %s mu; want %d, %s", want.owner, n, sum, want.parcels, want.sum)
		}
	}
	if n, sum := total(b.verified(t, "2020-01-01", "2020-12-31"), landcheck.Collective); n != 2 || sum.String() != "19.13" {
		t.Errorf("2020, collective: %d parcels, %s mu; want 2, 19.13", n, sum)
	}
	categories := map[string]int{}
	for _, v := range list {
		categories[v.Category]++
	}
	if categories["reserved_land"] != 18 || categories["self_use_land"] != 23 || categories["state_asset"] != 42 {
		t.Errorf("by category %v; want 18, 23, 42", categories)
	}
	if n := b.count(t, "SELECT count(*) FROM persons"); n != 2 {
		t.Errorf("%d persons, want the two officers", n)
	}
	if n := b.count(t, "SELECT count(*) FROM entries WHERE convert_from(body, 'UTF8') LIKE '%核查员%'"); n != 0 {
		t.Errorf("%d entries hold an officer's name", n)
	}
	entries := int64(1 + 1 + 2 + 92 + 87) // the book, the import, two officers, parcels, verifications
	b.clean(t, entries)
	again, err := b.read(t, string(body), options(t))
	if !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) || again.Already != 92 {
		t.Errorf("again: %v, %d already; want import.already_recorded, 92", err, again.Already)
	}
	b.clean(t, entries)
}
