package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mingzhang/ledger"
)

// derived are the derived rows of all books, as bytes.
func (b *bundle) derived(t *testing.T) string {
	t.Helper()
	var all []string
	for _, table := range []string{"slips", "slip_sums", "persons", "imports", "book_profiles", "reviews"} {
		var rows []string
		if err := b.db.Owner().NewRaw("SELECT t::text FROM "+table+" AS t ORDER BY t::text").Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		all = append(all, table+": "+strings.Join(rows, "\n"))
	}
	return strings.Join(all, "\n")
}

func (b *bundle) owner(t *testing.T, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if _, err := b.db.Owner().ExecContext(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

func (b *bundle) pending(t *testing.T) bool {
	t.Helper()
	pending, err := ledger.RebuildsPending(t.Context(), b.db.Writer())
	if err != nil {
		t.Fatal(err)
	}
	return pending
}

// wreck changes derived rows of every sort, as a migration that cannot fill a new column leaves them.
const wreck = "UPDATE slips SET amount = 7, seq_to = NULL WHERE id % 3 = 0; DELETE FROM slips WHERE id % 5 = 0; " +
	"INSERT INTO slip_sums VALUES ((SELECT min(book_id) FROM slips), 'z', 1, NULL, 1, 1); UPDATE slip_sums SET amount = 1, seq_to = 3 WHERE grain = 'a'; " +
	"ALTER TABLE book_profiles DISABLE TRIGGER USER; UPDATE book_profiles SET name_zh = ''; ALTER TABLE book_profiles ENABLE TRIGGER USER"

func TestRebuild(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.many(t, "a", 1_990)) // entries 1 to 1990
	b.do(t, b.many(t, "b", 30))    // 1991 to 2020: the first piece ends at 1999
	b.do(t, b.change(t, "slip.amended", "a0003", "9.00"))
	b.do(t, b.change(t, "slip.voided", "a0004", "1.01"))
	b.do(t, b.change(t, "slip.amended", "b0029", "2.00"))
	b.do(t, b.many(t, "c", 2_100)) // the next piece begins within it
	b.do(t, b.change(t, "slip.amended", "a0003", "10.00"))
	b.do(t, b.change(t, "slip.amended", "c0003", "10.00"))
	b.do(t, b.record(t, `n"amends":7,`, "1.00")) // the word in a text is no amendment
	before, size := b.derived(t), int64(4_127)
	b.clean(t, size)
	if b.pending(t) {
		t.Error("a rebuild is pending though no migration asked for one")
	}
	b.owner(t, wreck, "INSERT INTO work_rebuilds SELECT id FROM books", "INSERT INTO work_rebuilds VALUES (999)")
	if result, err := b.book.Check(t.Context(), nil); err != nil || len(result.Faults) == 0 {
		t.Fatalf("the wreck is clean: %v", err)
	}
	if !b.pending(t) {
		t.Error("no rebuild is pending")
	}
	var told []string
	err := b.store.RebuildPending(t.Context(), b.db.Owner(), func(book string, n int64) { told = append(told, fmt.Sprint(book, " ", n)) })
	if err != nil {
		t.Fatal(err)
	}
	if got := b.derived(t); got != before {
		t.Errorf("after the rebuild the rows are\n%.3000s\nwant\n%.3000s", got, before)
	}
	if want := "installation 2, test 2000, test 4000, test 4127"; strings.Join(told, ", ") != want {
		t.Errorf("told of %q, want %q", told, want)
	}
	b.clean(t, size)
	if b.pending(t) {
		t.Error("a rebuild is still pending")
	}
	b.do(t, b.change(t, "slip.amended", "a0003", "11.00")) // the rows can be written on
	b.clean(t, size+1)
	for _, change := range []string{"DELETE FROM book_profiles", "UPDATE book_profiles SET code = 'x'"} {
		if _, err := b.db.Owner().ExecContext(t.Context(), change); ledger.Broke(err) != "append_only" {
			t.Errorf("%s: %v; want append_only", change, err)
		}
	}
}

// Several that rebuild at once, while somebody writes: it is done once, and nothing is lost.
func TestRebuild_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.many(t, "a", 300))
	b.owner(t, wreck, "INSERT INTO work_rebuilds SELECT id FROM books")
	var wg sync.WaitGroup
	var mu sync.Mutex
	chunks := 0
	for range 3 {
		wg.Go(func() {
			err := b.store.RebuildPending(t.Context(), b.db.Owner(), func(string, int64) { mu.Lock(); chunks++; mu.Unlock() })
			if err != nil {
				t.Errorf("one of them: %v", err)
			}
		})
	}
	wg.Go(func() {
		for i := range 20 {
			if _, err := b.book.Do(t.Context(), b.record(t, fmt.Sprintf("d%d", i), "1.00")); err != nil {
				t.Errorf("writing beside it: %v", err)
			}
		}
	})
	wg.Wait()
	if chunks != 2 {
		t.Errorf("%d pieces were made, want one a book", chunks)
	}
	b.clean(t, 321)
}

// What cannot be rebuilt stays as it was, and stays pending.
func TestRebuild_Refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.many(t, "a", 20))
	b.owner(t, "INSERT INTO work_rebuilds SELECT id FROM books WHERE id <> 0")
	before := b.derived(t)
	rebuild := func() error { return b.store.RebuildPending(t.Context(), b.db.Owner(), nil) }
	if err := b.store.RebuildPending(t.Context(), b.db.Writer(), nil); err == nil {
		t.Error("the writer rebuilt a book")
	}
	for what, change := range map[string]string{
		"an entry that cannot be read":   `UPDATE entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '"v":1', '"v":2'), 'UTF8') WHERE seq = 7 AND book_id <> 0`,
		"an entry that is not canonical": `UPDATE entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '"v":1', '"v": 1'), 'UTF8') WHERE seq = 7 AND book_id <> 0`,
	} {
		var body []byte
		if err := b.db.Owner().NewRaw("SELECT body FROM entries WHERE seq = 7 AND book_id <> 0").Scan(t.Context(), &body); err != nil {
			t.Fatal(err)
		}
		b.owner(t, "ALTER TABLE entries DISABLE TRIGGER USER", change)
		if err := rebuild(); !errors.Is(err, ledger.E(ledger.Tampered, "book.broken")) {
			t.Errorf("%s: %v, want book.broken", what, err)
		}
		if !b.pending(t) || b.derived(t) != before {
			t.Errorf("%s: pending %v; or the rows have changed", what, b.pending(t))
		}
		if _, err := b.db.Owner().ExecContext(t.Context(), "UPDATE entries SET body = ? WHERE seq = 7 AND book_id <> 0", body); err != nil {
			t.Fatal(err)
		}
		b.owner(t, "ALTER TABLE entries ENABLE TRIGGER USER")
	}
	if err := rebuild(); err != nil || b.pending(t) || b.derived(t) != before {
		t.Errorf("when all is well again: %v, pending %v", err, b.pending(t))
	}
	b.clean(t, 21)
}
