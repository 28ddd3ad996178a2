package ledger_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// elsewhere is the book as another process sees it.
func (b *bundle) elsewhere(t *testing.T) *ledger.Book {
	t.Helper()
	book, err := b.open(b.db.Writer()).Book(t.Context(), b.book.Code)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func (b *bundle) write(t *testing.T, book *ledger.Book, no string) {
	t.Helper()
	if _, err := book.Do(t.Context(), b.record(t, no, "1.00")); err != nil {
		t.Fatalf("writing %s: %v", no, err)
	}
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// signedBy tells which keys have signed the head, and how many lines it has.
func (b *bundle) signedBy(t *testing.T, keys ...string) {
	t.Helper()
	head, err := b.book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merkle.OpenCheckpoint(head.Note, keys...); err != nil || strings.Count(head.Note, "\n— ") != len(keys) {
		t.Errorf("the head of %d: %v; want one line each of %d keys in\n%s", head.Size, err, len(keys), head.Note)
	}
}

// Two processes write while one of them adds a key and retires the other: each commit is signed by the keys in force
// after it, whoever makes it, and the checkpoint of the exchange by the new ones.
func TestBook_RotationUnderWriters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	books := []*ledger.Book{b.book, b.elsewhere(t)}
	var wg sync.WaitGroup
	for i, book := range books {
		wg.Go(func() {
			for n := range 30 {
				if _, err := book.Do(ctx, b.record(t, fmt.Sprintf("%c%d", 'a'+i, n), "1.00")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	first := b.book.VerifierKey
	second, err := b.book.AddKey(ctx, b.actor, "定期更换")
	if err != nil {
		t.Fatal(err)
	}
	if err := books[1].RetireKey(ctx, b.actor, merkle.KeyID(first), "定期更换"); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	b.write(t, books[0], "c1")
	b.signedBy(t, second)
	b.clean(t, 1+60+2+1)
	book := b.elsewhere(t)
	if book.VerifierKey != first || !slices.Equal(book.VerifierKeys, []string{second}) || book.Origin != b.book.Origin {
		t.Errorf("the book has origin %s, first key %s, keys %v", book.Origin, book.VerifierKey, book.VerifierKeys)
	}
	wantError(t, "retiring the last", book.RetireKey(ctx, b.actor, merkle.KeyID(second), "x"), ledger.E(ledger.Conflict, "book.key_last"))
	wantError(t, "retiring one that is none", book.RetireKey(ctx, b.actor, merkle.KeyID(first), "x"), ledger.E(ledger.NotFound, "book.key_unknown"))
	wantError(t, "retiring without a reason", book.RetireKey(ctx, b.actor, merkle.KeyID(second), " "), ledger.E(ledger.Invalid, "reason.missing"))
	b.clean(t, 64)
}

// Of several keys each must be there. A lost one is retired with those that are left, and writing goes on.
func TestBook_OneKeyOfTwoLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	first := b.book.VerifierKey
	second, err := b.book.AddKey(ctx, b.actor, "备用")
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, b.book, "a1")
	keys := []string{first, second}
	slices.Sort(keys)
	b.signedBy(t, keys...)
	secret, _ := b.keys.LoadAndDelete(b.book.Origin)
	book := b.elsewhere(t)
	_, err = book.Do(ctx, b.record(t, "a2", "1.00"))
	wantError(t, "with one key of two", err, ledger.E(ledger.Denied, "book.key_lost"))
	wantError(t, "asked", book.Writable(ctx), ledger.E(ledger.Denied, "book.key_lost"))
	wantError(t, "retiring the one that is there", book.RetireKey(ctx, b.actor, merkle.KeyID(second), "x"), ledger.E(ledger.Denied, "book.key_missing"))
	states, err := book.KeyStates(ctx)
	if err != nil || len(states) != 2 {
		t.Fatalf("keys: %+v, %v", states, err)
	}
	for _, s := range states {
		if s.Here != (s.Verifier == second) {
			t.Errorf("key %s: here %v", s.ID, s.Here)
		}
	}
	b.clean(t, 3)
	if err := book.RetireKey(ctx, b.actor, merkle.KeyID(first), "磁盘损坏"); err != nil {
		t.Fatal(err)
	}
	b.write(t, book, "a2")
	b.signedBy(t, second)
	b.keys.Store(b.book.Origin, secret) // found again: it signs no more
	b.write(t, b.elsewhere(t), "a3")
	b.signedBy(t, second)
	b.clean(t, 6)
}

func TestBook_TooManyKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 7 {
		if _, err := b.book.AddKey(t.Context(), b.actor, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.book.AddKey(t.Context(), b.actor, "")
	wantError(t, "a ninth key", err, ledger.E(ledger.Conflict, "book.keys_too_many"))
	b.write(t, b.book, "a1")
	b.clean(t, 9)
}

// A lost key ends an origin, not the book: it goes on under a new one that names the old one's head.
func TestBook_ReopenedWithoutItsKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	b.write(t, b.book, "a1")
	head, err := b.book.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	old := b.book.Origin
	b.keys.Delete(old)
	book := b.elsewhere(t)
	_, err = book.Do(ctx, b.record(t, "a2", "1.00"))
	wantError(t, "without its key", err, ledger.E(ledger.Denied, "book.key_missing"))
	b.clean(t, 2)
	_, err = book.Reopen(ctx, b.actor, "", "")
	wantError(t, "without a reason", err, ledger.E(ledger.Invalid, "reason.missing"))
	_, err = book.Reopen(ctx, b.actor, "有空 格", "密钥丢失")
	wantError(t, "with a blank in it", err, ledger.E(ledger.Invalid, "book.origin_form"))
	_, err = book.Reopen(ctx, b.actor, old, "密钥丢失")
	wantError(t, "under the old origin", err, ledger.E(ledger.Conflict, "book.origin_there"))
	profile, err := book.Reopen(ctx, b.actor, "", "密钥丢失")
	if err != nil {
		t.Fatal(err)
	}
	if want := (ledger.Reopened{Origin: old, Root: head.Root.String(), Size: head.Size}); profile.Reopened == nil || *profile.Reopened != want || profile.Origin == old {
		t.Errorf("reopened %+v of %+v, want %+v under another origin", profile.Origin, profile.Reopened, want)
	}
	b.write(t, book, "a2") // the book as it was looked up before
	b.write(t, b.book, "a3")
	b.signedBy(t, profile.VerifierKey)
	if now := b.elsewhere(t); now.Origin != profile.Origin || now.VerifierKey != profile.VerifierKey {
		t.Errorf("looked up: %s %s, want %s %s", now.Origin, now.VerifierKey, profile.Origin, profile.VerifierKey)
	}
	b.clean(t, 5)
}

// takeBack drops all that the book wrote from a size on, as a restored older copy of the database has it.
func (b *bundle) takeBack(t *testing.T, size int64) {
	t.Helper()
	ctx := context.Background()
	conn, err := b.db.Owner().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{"SET session_replication_role = replica"}
	for _, table := range []string{"slips", "slip_sums", "book_profiles"} {
		statements = append(statements, fmt.Sprintf("DELETE FROM %s WHERE book_id = 1 AND seq_from >= %d", table, size),
			fmt.Sprintf("UPDATE %s SET seq_to = NULL WHERE book_id = 1 AND seq_to >= %d", table, size))
	}
	for table, column := range map[string]string{"entries": "seq", "sealed": "seq", "checkpoints": "size - 1"} {
		statements = append(statements, fmt.Sprintf("DELETE FROM %s WHERE book_id = 1 AND %s >= %d", table, column, size))
	}
	for _, s := range append(statements, "SET session_replication_role = origin") {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// A database older than what was published is not written, by no process, until the book is reopened.
func TestBook_RolledBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	b.write(t, b.book, "a1")
	b.write(t, b.book, "a2")
	other := b.elsewhere(t)
	b.write(t, other, "a3") // its tree is that of 4
	published, err := b.book.Publishable(ctx)
	if err != nil || published.Size != 4 {
		t.Fatalf("published %+v, %v; want 4", published, err)
	}
	b.write(t, b.book, "a4")
	if kept, _ := b.keys.Load("published " + b.book.Origin); kept != published.Note {
		t.Errorf("kept\n%s, want what was published", kept)
	}
	b.takeBack(t, 3)
	b.clean(t, 3) // check sees a book of that time
	want := ledger.E(ledger.Conflict, "book.rolled_back")
	for name, book := range map[string]*ledger.Book{"a new process": b.elsewhere(t), "a process from before": b.book, "another": other} {
		_, err := book.Do(ctx, b.record(t, "b1", "1.00"))
		wantError(t, name+" writes", err, want)
		wantError(t, name+" is asked", book.Writable(ctx), want)
		_, err = book.Publishable(ctx)
		wantError(t, name+" publishes", err, want)
		_, err = book.AddKey(ctx, b.actor, "")
		wantError(t, name+" adds a key", err, want)
	}
	if head, err := b.book.Head(ctx); err != nil || head.Size != 3 {
		t.Errorf("reading: %+v, %v", head, err)
	}
	profile, err := b.book.Reopen(ctx, b.actor, "", "从旧备份恢复")
	if err != nil {
		t.Fatal(err)
	}
	if r := profile.Reopened; r == nil || r.Size != 4 || r.Root != published.Root.String() {
		t.Errorf("reopened of %+v, want the published checkpoint of 4", r)
	}
	b.write(t, other, "b1")
	again, err := b.book.Publishable(ctx)
	if err != nil || again.Size != 5 {
		t.Errorf("published after: %+v, %v", again, err)
	}
	b.clean(t, 5)
}

// Written on from an older copy by somebody who has the key and not what was published: as many entries, other ones.
func TestBook_ForkOfWhatWasPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	for _, no := range []string{"a1", "a2", "a3"} {
		b.write(t, b.book, no)
	}
	if _, err := b.book.Publishable(ctx); err != nil {
		t.Fatal(err)
	}
	kept, _ := b.keys.LoadAndDelete("published " + b.book.Origin)
	b.takeBack(t, 3)
	writer := b.elsewhere(t)
	for _, no := range []string{"b1", "b2", "b3"} {
		b.write(t, writer, no)
	}
	b.keys.Store("published "+b.book.Origin, kept)
	_, err := b.elsewhere(t).Do(ctx, b.record(t, "c1", "1.00"))
	wantError(t, "writing on the fork", err, ledger.E(ledger.Conflict, "book.rolled_back"))
	_, err = writer.Do(ctx, b.record(t, "c1", "1.00"))
	wantError(t, "the forker itself", err, ledger.E(ledger.Conflict, "book.rolled_back"))
	b.keys.Store("published "+b.book.Origin, "nonsense")
	_, err = writer.Do(ctx, b.record(t, "c1", "1.00"))
	wantError(t, "with a spoilt file", err, ledger.E(ledger.Conflict, "book.published_unreadable"))
	b.clean(t, 6)
}

// What is published goes forward only, with eight who publish and two who write.
func TestBook_PublishedForward(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	books := []*ledger.Book{b.book, b.elsewhere(t)}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			last := int64(0)
			for n := range 10 {
				if i < 2 {
					if _, err := books[i].Do(ctx, b.record(t, fmt.Sprintf("%c%d", 'a'+i, n), "1.00")); err != nil {
						t.Error(err)
					}
				}
				c, err := books[i%2].Publishable(ctx)
				if err != nil || c.Size < last {
					t.Errorf("published %d after %d: %v", c.Size, last, err)
				}
				last = c.Size
			}
		})
	}
	wg.Wait()
	c, err := b.book.Publishable(ctx)
	if kept, _ := b.keys.Load("published " + b.book.Origin); err != nil || c.Size != 21 || kept != c.Note {
		t.Errorf("published %d, %v, kept\n%s", c.Size, err, kept)
	}
}

// Whoever has the database and a key of their own, but none of the book's, can write entries that say so. Check
// follows what a book may do.
func TestCheck_ForgedProfiles(t *testing.T) {
	t.Parallel()
	var own string // the forger's key
	for name, forge := range map[string]struct {
		kind   string
		change func(*ledger.BookProfile)
	}{
		"keys exchanged, none stays":      {"book.rekeyed", func(p *ledger.BookProfile) { p.VerifierKeys = []string{own} }},
		"the first key changed":           {"book.rekeyed", func(p *ledger.BookProfile) { p.VerifierKey = own }},
		"a key of another origin":         {"book.rekeyed", func(p *ledger.BookProfile) { p.Origin, p.VerifierKey = "mingzhang/own", own }},
		"disclosed with another name":     {"book.disclosed", func(p *ledger.BookProfile) { p.Public, p.NameZH = true, "别的街道" }},
		"reopened without naming the old": {"book.reopened", func(p *ledger.BookProfile) { p.Origin, p.VerifierKey = "mingzhang/own", own }},
		"reopened naming another": {"book.reopened", func(p *ledger.BookProfile) {
			p.Reopened = &ledger.Reopened{Origin: "x", Size: 1}
			p.Origin = "mingzhang/own"
			p.VerifierKey = own
		}},
		"reopened under the same origin": {"book.reopened", func(p *ledger.BookProfile) {
			p.Reopened = &ledger.Reopened{Origin: p.Origin, Size: 1, Root: "x"}
			p.VerifierKey = own
		}},
		"opened again":                {"book.opened", func(*ledger.BookProfile) {}},
		"a kind that there is not":    {"book.renamed", func(p *ledger.BookProfile) { p.NameZH = "新名" }},
		"the short form written long": {"book.rekeyed", func(p *ledger.BookProfile) { p.VerifierKeys = []string{p.VerifierKey} }},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			secret, verifier, err := merkle.NewKey(rand.Reader, b.book.Origin)
			if strings.Contains(name, "reopened") || strings.Contains(name, "origin") {
				secret, verifier, err = merkle.NewKey(rand.Reader, "mingzhang/own")
			}
			if err != nil {
				t.Fatal(err)
			}
			own = verifier
			old, _ := b.keys.Load(b.book.Origin)
			b.keys.Store("mingzhang/own", secret)
			b.keys.Store(b.book.Origin+"+"+merkle.KeyID(own), secret)
			if err := b.book.ForgeProfile(t.Context(), b.actor, forge.kind, forge.change); err != nil {
				if name != "reopened under the same origin" { // no key can sign it
					t.Fatal(err)
				}
				return
			}
			b.keys.Store(b.book.Origin, old)
			result, err := b.book.Check(t.Context(), nil)
			if err != nil || len(result.Faults) == 0 || result.Faults[0].Seq != 1 || result.Faults[0].What != "entries.state" {
				t.Errorf("check: %+v, %v; want entries.state at entry 1", result.Faults, err)
			}
		})
	}
}
