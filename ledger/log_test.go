package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// Whoever reads on from the last number that they got, in pieces of any length and while eight others write,
// gets every entry once and in order: what came is the book.
func TestEntriesAfter_UnderWriters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const writers, each = 8, 25
	var wg sync.WaitGroup
	var done atomic.Int64
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := b.book.Do(t.Context(), b.record(t, fmt.Sprintf("%c%d", 'a'+w, i), "1.00")); err != nil {
					t.Error(err)
				}
			}
			done.Add(1)
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	var got []ledger.LogEntry
	after := int64(-1)
	for {
		over := done.Load() == writers
		piece, err := b.book.EntriesAfter(t.Context(), after, 1+random.IntN(7))
		if err != nil {
			t.Fatal(err)
		}
		if over && len(piece) == 0 {
			break
		}
		got = append(got, piece...)
		if len(got) > 0 {
			after = got[len(got)-1].Seq
		}
	}
	wg.Wait()
	if len(got) != 1+writers*each {
		t.Fatalf("%d entries, want %d", len(got), 1+writers*each)
	}
	var tree merkle.Tree
	for i, e := range got {
		if e.Seq != int64(i) || merkle.LeafHash(e.Body) != e.LeafHash {
			t.Fatalf("entry %d at %d, leaf %s", e.Seq, i, e.LeafHash)
		}
		tree.Append(e.LeafHash)
	}
	head, err := b.book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tree.Root() != head.Root || tree.Size() != head.Size {
		t.Errorf("what was read has root %s of %d, the book %s of %d", tree.Root(), tree.Size(), head.Root, head.Size)
	}
}

// The list of one kind has the same entries as the whole list without the others, page by page.
func TestEntriesBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 7 {
		b.do(t, b.record(t, fmt.Sprintf("a%d", i), "1.00"))
	}
	b.do(t, b.change(t, "slip.amended", "a3", "2.00"))
	b.do(t, b.change(t, "slip.voided", "a4", "1.00"))
	pages := func(kind string) string {
		var seen []string
		before := int64(0)
		for {
			page, err := b.book.EntriesBefore(t.Context(), kind, before, 4)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				return strings.Join(seen, " ")
			}
			for _, e := range page {
				seen = append(seen, fmt.Sprintf("%d:%s", e.Seq, e.Kind))
			}
			if before = page[len(page)-1].Seq; before == 0 {
				return strings.Join(seen, " ")
			}
		}
	}
	const slips = "9:slip.voided 8:slip.amended 7:slip.recorded 6:slip.recorded 5:slip.recorded 4:slip.recorded 3:slip.recorded 2:slip.recorded 1:slip.recorded"
	for kind, want := range map[string]string{"slip": slips, "": slips + " 0:book.opened", "book": "0:book.opened", "person": ""} {
		if got := pages(kind); got != want {
			t.Errorf("kind %q:\ngot  %s\nwant %s", kind, got, want)
		}
	}
	if _, err := b.book.EntriesBefore(t.Context(), "lots; DROP", 0, 4); !errors.Is(err, ledger.E(ledger.Invalid, "entry.unknown_kind", "lots; DROP")) {
		t.Errorf("an unknown kind: %v", err)
	}
	if _, err := b.book.EntryAt(t.Context(), 10); !errors.Is(err, ledger.E(ledger.NotFound, "entry.unknown", int64(10))) {
		t.Errorf("an entry that is not there: %v", err)
	}
}

// What opens a sealed text gives the commitment that stands in the entry's bytes.
func TestOpened(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.do(t, b.record(t, "a1", "1.00")).First
	e, err := b.book.EntryAt(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := b.book.Opened(t.Context(), at)
	if err != nil || len(texts) != 1 || texts[0].Field != "remark" || texts[0].Text != "备注 a1" {
		t.Fatalf("%+v, %v; want the remark", texts, err)
	}
	salt, err := hex.DecodeString(texts[0].Salt)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(append(salt, "remark备注 a1"...))
	if want := hex.EncodeToString(sum[:]); texts[0].Commitment != want || !strings.Contains(string(e.Body), want) {
		t.Errorf("commitment %s, computed %s, entry %s", texts[0].Commitment, want, e.Body)
	}
}

func TestCheckpointsBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 4 {
		b.do(t, b.record(t, fmt.Sprintf("a%d", i), "1.00"))
	}
	var sizes []int64
	before := int64(0)
	for {
		page, err := b.book.CheckpointsBefore(t.Context(), before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			signed, err := merkle.OpenCheckpoint(c.Note, b.book.VerifierKey)
			if err != nil || signed.Size != c.Size || signed.Root != c.Root {
				t.Errorf("checkpoint %d: note of %d, %v", c.Size, signed.Size, err)
			}
			sizes = append(sizes, c.Size)
		}
		before = page[len(page)-1].Size
	}
	if got := fmt.Sprint(sizes); got != "[5 4 3 2 1]" {
		t.Errorf("sizes %s, want 5 to 1", got)
	}
}
