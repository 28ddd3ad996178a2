package ledger_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

func cosigner(t *testing.T, name string) *merkle.Cosigner {
	t.Helper()
	secret, _, err := merkle.NewCosignerKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := merkle.NewCosigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func cosign(t *testing.T, w *merkle.Cosigner, c ledger.Checkpoint, at time.Time) string {
	t.Helper()
	line, err := w.Cosign(c.Note, at)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// The note of a checkpoint has the lines of the witnesses that saw it, in the order of their keys; a line of another
// checkpoint is never among them, even when the database says so.
func TestBook_Cosigned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	one, two := cosigner(t, "a.example"), cosigner(t, "b.example")
	first, err := b.book.Publish(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if note, err := b.book.Cosigned(ctx, 0); err != nil || note != first.Note {
		t.Errorf("nobody saw it: %q, %v", note, err)
	}
	at := time.Unix(1_796_000_000, 0).UTC()
	for _, w := range []*merkle.Cosigner{two, one} {
		for range 2 { // given again it replaces the one before
			if err := b.book.KeepCosignature(ctx, first, w.VerifierKey(), "— x.example AAAAAAAA\n"+cosign(t, w, first, at)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.book.KeepAttempt(ctx, w.VerifierKey(), "", 0, first.Size); err != nil {
			t.Fatal(err)
		}
	}
	if note, err := b.book.Cosigned(ctx, first.Size); err != nil || note != first.Note+cosign(t, one, first, at)+cosign(t, two, first, at) {
		t.Errorf("both saw it: %q, %v", note, err)
	}
	b.do(t, b.record(t, "a", "1.00"))
	head, err := b.book.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.book.KeepCosignature(ctx, head, one.VerifierKey(), cosign(t, one, first, at)); !errors.Is(err, ledger.E(ledger.Invalid, "witness.line_wrong")) {
		t.Errorf("the line of another checkpoint was kept: %v", err)
	}
	b.owner(t, "INSERT INTO work_cosignatures SELECT book_id, 2, witness, line FROM work_cosignatures")
	if note, err := b.book.Cosigned(ctx, 0); err != nil || note != head.Note {
		t.Errorf("lines that do not fit are shown: %q, %v", note, err)
	}
	if err := b.book.KeepAttempt(ctx, two.VerifierKey(), "ahead", 7, head.Size); err != nil {
		t.Fatal(err)
	}
	list, err := b.book.Witnesses(ctx)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for i, name := range []string{"a.example", "b.example"} {
		if w := list[i]; w.Name != name || w.Size != first.Size || !w.At.Equal(at) || (w.Fault != "") != (i == 1) || i == 1 && w.Said != 7 {
			t.Errorf("%+v", w)
		}
	}
	if result, err := b.book.Check(ctx, nil); err != nil || len(result.Faults) > 0 {
		t.Errorf("check: %+v, %v", result.Faults, err)
	}
}

// The proofs that witnesses get are those of RFC 6962 as another implementation checks them, from sizes at which no
// commit ended, too.
func TestBook_ProveGrowth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	roots := map[int64]merkle.Hash{}
	var tree merkle.Tree
	for _, no := range []string{"a", "b", "c"} {
		b.do(t, ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
			var drafts []ledger.Draft
			for i := range 200 {
				drafts = append(drafts, ledger.Draft{Kind: "slip.recorded", State: &slipState{No: no + strings.Repeat("x", i), Amount: money(t, "1.00")}})
			}
			return drafts, nil
		}})
	}
	entries, err := b.book.EntriesAfter(ctx, -1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		tree.Append(e.LeafHash)
		roots[e.Seq+1] = tree.Root()
	}
	head, err := b.book.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []int64{0, 1, 2, 100, 255, 256, 257, 401, 600, 601} {
		hashes, err := b.book.ProveGrowth(ctx, old, head)
		if err != nil {
			t.Fatal(err)
		}
		var raw [][]byte
		for _, h := range hashes {
			raw = append(raw, h[:])
		}
		before := roots[old]
		if old == 0 {
			before = merkle.Hash(rfc6962.DefaultHasher.EmptyRoot())
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(head.Size), raw, before[:], head.Root[:]); err != nil {
			t.Errorf("from %d: %v", old, err)
		}
	}
	if _, err := b.book.ProveGrowth(ctx, head.Size+1, head); err == nil {
		t.Error("a shorter tree was proved to have grown")
	}
}

// Who watches is told of every commit, perhaps of several at once, and is never waited for.
func TestStore_Committed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	told, idle := b.store.Committed(), b.store.Committed()
	for _, no := range []string{"a", "b", "c"} {
		b.do(t, b.record(t, no, "1.00"))
		select {
		case <-told:
		case <-t.Context().Done():
		default:
			t.Errorf("commit of %s: nobody was told", no)
		}
	}
	if len(idle) != 1 {
		t.Errorf("%d words wait for who never reads, want one", len(idle))
	}
}
