package auction_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
)

func (b *bundle) whole() ledger.Scope { return ledger.WholeBook(b.book) }

func (b *bundle) villages(tb testing.TB, names ...string) ledger.Scope {
	tb.Helper()
	scope, err := ledger.VillagesOf(b.book, names)
	if err != nil {
		tb.Fatal(err)
	}
	return scope
}

// record records an input and gives the number of its record.
func (b *bundle) record(tb testing.TB, in auction.LotInput) int64 {
	tb.Helper()
	receipt, err := auction.Record(tb.Context(), b.whole(), b.actor, ledger.Key{}, in, today(tb))
	if err != nil {
		tb.Fatalf("recording %s: %v", in.LotNo, err)
	}
	return receipt.Last
}

// find is a listing as it stands.
func (b *bundle) find(tb testing.TB, id int64) *auction.Lot {
	tb.Helper()
	l, err := auction.Find(tb.Context(), b.store.DB(), b.whole(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func TestRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.record(t, with(let("示例〔2021〕1号"), func(in *auction.LotInput) { in.Remark, in.Village = "现场无异议（虚构）", "示例村" }))
	l := b.find(t, id)
	if l.LotNo != "示例〔2021〕1号" || l.Listing != 1 || l.HammerTotal.String() != "2400000.00" || l.WinnerName != "示例甲" || l.Remark != "现场无异议（虚构）" ||
		l.VillageKey != "示例村" || l.Import != nil || l.Verdict != "" {
		t.Errorf("found %+v", l)
	}
	b.clean(t, 1+1+1) // opened, the winner, the lot
	// The next lot of the same winner makes no second person.
	second := b.record(t, sold("2"))
	if other := b.find(t, second); other.Winner != l.Winner {
		t.Errorf("one winner has the references %q and %q", l.Winner, other.Winner)
	}
	b.clean(t, 4)
}

func TestRecord_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, sold("示例（2021）1号"))
	b.record(t, with(sold("2"), func(in *auction.LotInput) { in.Outcome, in.HammerTotal, in.Winner = "unsold", "", "" }))
	b.record(t, with(sold(""), func(in *auction.LotInput) { in.AssetName = "无编号" }))
	exists := ledger.E(ledger.Conflict, "lot.exists")
	for _, tt := range []struct {
		name string
		in   auction.LotInput
		want *ledger.Error
		no   string // that the message names
	}{
		{"a number in other brackets", sold("示例〔2021〕 1号"), exists, "示例（2021）1号"},
		{"listed again on another day after it was sold", with(sold("示例（2021）1号"), func(in *auction.LotInput) { in.HammeredOn = "2021-06-01" }), exists, "示例（2021）1号"},
		{"the failed listing once more", with(sold("2"), func(in *auction.LotInput) { in.Outcome, in.HammerTotal = "unsold", "" }), exists, "2"},
		{"without a number, all alike", with(sold(""), func(in *auction.LotInput) { in.AssetName = "无编号" }), exists, "账内"},
		{"a fault", with(sold("3"), func(in *auction.LotInput) { in.BaseTotal = "x" }), ledger.E(ledger.Invalid, "number.unreadable"), ""},
	} {
		_, err := auction.Record(t.Context(), b.whole(), b.actor, ledger.Key{}, tt.in, today(t))
		e, _ := errors.AsType[*ledger.Error](err)
		if !errors.Is(err, tt.want) || tt.no != "" && !strings.HasPrefix(fmt.Sprint(e.Args[0]), tt.no) {
			t.Errorf("%s: %v, want %v naming %s", tt.name, err, tt.want, tt.no)
		}
	}
	b.clean(t, 1+1+3)
	// What failed may be listed again, and another thing without a number is another lot.
	again := b.find(t, b.record(t, with(sold("2"), func(in *auction.LotInput) { in.HammeredOn = "2021-06-01" })))
	if again.Listing != 2 || again.Outcome != "hammered" {
		t.Errorf("listed again: listing %d %s, want 2, hammered", again.Listing, again.Outcome)
	}
	other := b.find(t, b.record(t, sold("")))
	if want := fmt.Sprintf("账内%d", other.ID); other.LotNo != want || !other.NumberedByBook || other.Listing != 1 {
		t.Errorf("without a number: %q %v, want %s", other.LotNo, other.NumberedByBook, want)
	}
	b.clean(t, 7)
}

func TestRecord_SentTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key := ledger.Key{Name: "k1", Body: []byte("1")}
	send := func(key ledger.Key, no string) (ledger.Receipt, error) {
		return auction.Record(t.Context(), b.whole(), b.actor, key, sold(no), today(t))
	}
	first, err := send(key, "1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := send(key, "1")
	if err != nil || !again.Replayed || again.Last != first.Last {
		t.Errorf("sent again: %+v, %v; want the first answer %+v", again, err, first)
	}
	if _, err := send(ledger.Key{Name: "k1", Body: []byte("2")}, "2"); !errors.Is(err, ledger.E(ledger.Conflict, "idempotency.other_body")) {
		t.Errorf("the key with another body: %v", err)
	}
	b.clean(t, 3)
}

// Of eight who record one number at once one wins; the others are told of it, and nobody's entry is lost.
func TestRecord_OneNumberAtOnce(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]string{"with a number": "示例-1", "without a number": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var won, told int
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					_, err := auction.Record(t.Context(), b.whole(), b.actor, ledger.Key{}, sold(no), today(t))
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won++
					case errors.Is(err, ledger.E(ledger.Conflict, "lot.exists")):
						told++
					default:
						t.Errorf("recording at once: %v", err)
					}
				})
			}
			wg.Wait()
			if won != 1 || told != 7 {
				t.Errorf("%d won, %d were told; want 1 and 7", won, told)
			}
			b.clean(t, 3)
		})
	}
}

func TestVoidLot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.record(t, with(sold("1"), func(in *auction.LotInput) { in.Remark = "备注" }))
	void := func(id, seen int64, reason string, key ledger.Key) (ledger.Receipt, error) {
		return auction.VoidLot(t.Context(), b.whole(), b.actor, key, id, seen, reason)
	}
	for _, tt := range []struct {
		id, seen int64
		reason   string
		want     *ledger.Error
	}{
		{id, id, "　", ledger.E(ledger.Invalid, "reason.missing")},
		{id, id + 1, "误录", ledger.E(ledger.Conflict, "record.changed")},
		{id + 1, 0, "误录", ledger.E(ledger.NotFound, "lot.unknown")},
		{1, 0, "误录", ledger.E(ledger.NotFound, "lot.unknown")}, // a person's entry
		{-1, 0, "误录", ledger.E(ledger.NotFound, "lot.unknown")},
	} {
		if _, err := void(tt.id, tt.seen, tt.reason, ledger.Key{}); !errors.Is(err, tt.want) {
			t.Errorf("voiding %d, seen %d, for %q: %v, want %v", tt.id, tt.seen, tt.reason, err, tt.want)
		}
	}
	b.clean(t, 3)
	key := ledger.Key{Name: "void", Body: []byte("x")}
	if _, err := void(id, id, "误录", key); err != nil {
		t.Fatal(err)
	}
	if again, err := void(id, id, "误录", key); err != nil || !again.Replayed {
		t.Errorf("sent again after it was done: %+v, %v; want the first answer", again, err)
	}
	if _, err := void(id, 0, "误录", ledger.Key{}); !errors.Is(err, ledger.E(ledger.NotFound, "lot.unknown")) {
		t.Errorf("voiding twice: %v", err)
	}
	if l := b.find(t, id); !l.Voided || l.Remark != "备注" {
		t.Errorf("a voided lot is found as %+v", l)
	}
	if second := b.find(t, b.record(t, sold("1"))); second.Listing != 1 {
		t.Errorf("the number is free again, but this is listing %d", second.Listing)
	}
	b.clean(t, 5)
}
