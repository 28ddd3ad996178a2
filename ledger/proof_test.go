package ledger_test

import (
	"errors"
	"fmt"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// Every entry can be proved in every checkpoint that holds it, and every checkpoint extends those before it, across
// the edges of tiles.
func TestBook_Prove(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	b.do(t, b.record(t, "a", "1.00"))
	b.do(t, ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		var drafts []ledger.Draft
		for i := range 600 {
			drafts = append(drafts, ledger.Draft{Kind: "slip.recorded", State: &slipState{No: fmt.Sprint("m", i), Amount: money(t, "1.00")}})
		}
		return drafts, nil
	}})
	b.do(t, b.record(t, "z", "1.00"))
	for _, seq := range []int64{0, 1, 2, 255, 256, 300, 511, 512, 601, 602} {
		p, err := b.book.Prove(ctx, seq, 0)
		if err != nil {
			t.Fatalf("entry %d: %v", seq, err)
		}
		if p.Checkpoint.Size != 603 || p.Entry.Seq != seq {
			t.Errorf("entry %d: proved as %d in a book of %d", seq, p.Entry.Seq, p.Checkpoint.Size)
		}
		if err := merkle.CheckInclusion(p.Hashes, seq, 603, p.Checkpoint.Root, merkle.LeafHash(p.Entry.Body)); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.book.Prove(ctx, 1, 2); err != nil {
		t.Errorf("entry 1 in the checkpoint of 2: %v", err)
	}
	if _, err := b.book.Prove(ctx, 2, 2); !errors.Is(err, ledger.E(ledger.NotFound, "entry.unknown")) {
		t.Errorf("entry 2 in the checkpoint of 2: %v", err)
	}
	if _, err := b.book.Prove(ctx, 1, 7); !errors.Is(err, ledger.E(ledger.Invalid, "as_of.not_a_checkpoint")) {
		t.Errorf("a size at which no command ended: %v", err)
	}
	for _, pair := range [][2]int64{{1, 2}, {1, 603}, {2, 602}, {602, 603}, {603, 603}} {
		if err := b.extends(t, pair[0], pair[1]); err != nil {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

// extends proves that the checkpoint of size extends that of old, and checks the proof.
func (b *bundle) extends(t *testing.T, old, size int64) error {
	t.Helper()
	from, err := b.book.AsOf(t.Context(), old)
	if err != nil {
		return err
	}
	to, err := b.book.AsOf(t.Context(), size)
	if err != nil {
		return err
	}
	path, err := b.book.ProveGrowth(t.Context(), old, to)
	if err != nil {
		return err
	}
	return merkle.CheckConsistency(path, old, size, from.Root, to.Root)
}

func TestBook_Disclose(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.book.Disclose(t.Context(), b.actor, false, ""); !errors.Is(err, ledger.E(ledger.Conflict, "book.closed_already")) {
		t.Errorf("switching off what is off: %v", err)
	}
	for _, on := range []bool{true, false, true} {
		if _, err := b.book.Disclose(t.Context(), b.actor, on, "街道公开办法"); err != nil {
			t.Fatal(err)
		}
		if p, err := b.book.Profile(t.Context()); err != nil || p.Public != on || p.Origin != b.book.Origin || p.NameZH != "示例街道" {
			t.Errorf("switched to %v: %+v, %v", on, p, err)
		}
	}
	if _, err := b.book.Disclose(t.Context(), b.actor, true, ""); !errors.Is(err, ledger.E(ledger.Conflict, "book.public_already")) {
		t.Errorf("switching on what is on: %v", err)
	}
	practice, err := b.store.AddBook(t.Context(), b.actor, ledger.BookProfile{Code: "practice", Kind: ledger.PracticeBook, NameZH: "练习"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := practice.Disclose(t.Context(), b.actor, true, ""); !errors.Is(err, ledger.E(ledger.Denied, "book.not_disclosable")) {
		t.Errorf("a practice book: %v", err)
	}
	b.clean(t, 4)
}

// Every tile that the head has can be had at every width, and none beyond it.
func TestBook_Tile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	b.do(t, ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		var drafts []ledger.Draft
		for i := range 602 {
			drafts = append(drafts, ledger.Draft{Kind: "slip.recorded", State: &slipState{No: fmt.Sprint("m", i), Amount: money(t, "1.00")}})
		}
		return drafts, nil
	}})
	leaves, err := b.book.EntriesAfter(ctx, -1, 1_000)
	if err != nil || len(leaves) != 603 {
		t.Fatalf("%d entries, %v; want 603", len(leaves), err)
	}
	for _, tt := range []struct {
		level int
		index int64
		width int
	}{{0, 0, 256}, {0, 1, 256}, {0, 1, 17}, {0, 0, 1}, {0, 2, 91}, {0, 2, 90}, {1, 0, 2}, {1, 0, 1}} {
		got, err := b.book.Tile(ctx, tt.level, tt.index, tt.width)
		if err != nil || len(got) != tt.width {
			t.Fatalf("tile %+v: %d hashes, %v", tt, len(got), err)
		}
		for i, h := range got {
			var want merkle.Hash
			if first := int(tt.index)*256 + i; tt.level == 0 {
				want = leaves[first].LeafHash
			} else {
				var tree merkle.Tree
				for _, e := range leaves[first*256 : (first+1)*256] {
					tree.Append(e.LeafHash)
				}
				want = tree.Root()
			}
			if h != want {
				t.Fatalf("hash %d of tile %+v is %v, want %v", i, tt, h, want)
			}
		}
	}
	for _, tt := range []struct {
		level int
		index int64
		width int
	}{{0, 2, 92}, {0, 2, 256}, {0, 3, 1}, {1, 0, 3}, {1, 0, 256}, {2, 0, 1}, {63, 0, 1}, {64, 0, 1}, {-1, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, 257}, {0, 1 << 60, 1}, {0, 1<<63 - 1, 256}} {
		if _, err := b.book.Tile(ctx, tt.level, tt.index, tt.width); !errors.Is(err, ledger.E(ledger.NotFound, "tile.unknown")) {
			t.Errorf("tile %+v: %v, want tile.unknown", tt, err)
		}
		if _, err := b.book.Bundle(ctx, tt.index, tt.width); tt.level == 0 && !errors.Is(err, ledger.E(ledger.NotFound, "tile.unknown")) {
			t.Errorf("bundle %+v: %v, want tile.unknown", tt, err)
		}
	}
}
