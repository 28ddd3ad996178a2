package ledger_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
)

// A book never gets the number of a dropped one, and whoever still holds the dropped one cannot write into
// another.
func TestBook_NumberNeverComesAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	add := func(code string) *ledger.Book {
		book, err := b.store.AddBook(t.Context(), b.actor, ledger.BookProfile{Code: code, Kind: ledger.PracticeBook, NameZH: "练习"})
		if err != nil {
			t.Fatal(err)
		}
		return book
	}
	first := add("p")
	if _, err := first.Do(t.Context(), b.blind(t, "a1")); err != nil {
		t.Fatal(err)
	}
	elsewhere, err := b.open(b.db.Writer()).Book(t.Context(), "p") // another process
	if err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.Do(t.Context(), b.blind(t, "a2")); err != nil {
		t.Fatal(err)
	}
	if err := b.store.DropBook(t.Context(), b.db.Owner(), b.actor, first); err != nil {
		t.Fatal(err)
	}
	second := add("q")
	if _, err := second.Do(t.Context(), b.blind(t, "a1")); err != nil {
		t.Fatal(err)
	}
	for name, stale := range map[string]*ledger.Book{"in the same process": first, "in another": elsewhere} {
		if _, err := stale.Do(t.Context(), b.blind(t, "a3")); ledger.CodeOf(err) != ledger.NotFound {
			t.Errorf("writing to the dropped book %s: %v, want not found", name, err)
		}
	}
	if result, err := second.Check(t.Context(), nil); err != nil || len(result.Faults) > 0 || result.Entries != 2 {
		t.Errorf("the second book: %d entries, %v, %+v; want 2 and no fault", result.Entries, err, result.Faults)
	}
}

// A command that panics is told so, spoils nothing for others, and leaves no transaction behind.
func TestBook_PanicLeavesNoTrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bad := b.append("slip.recorded", &slipState{No: ""}) // its sum is over the first letter
	if _, err := b.book.Do(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("a command that panics: %v, want an error that says so", err)
	}
	b.do(t, b.blind(t, "a1"))
	var open int
	err := b.db.Owner().NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'").
		Scan(t.Context(), &open)
	if err != nil || open != 0 {
		t.Errorf("%d transactions were left open, %v", open, err)
	}
	b.clean(t, 2)
}

// Whoever comes first is answered when its own commit is done, even while others go on coming.
func TestBook_FirstDoesNotServeTheRest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deciding, answered := make(chan struct{}), make(chan struct{})
	first := b.blind(t, "a1")
	decide := first.Decide
	first.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		close(deciding)
		for b.book.Waiting() == 0 { // until the second waits
			runtime.Gosched()
		}
		return decide(p)
	}
	second := b.blind(t, "a2")
	decideSecond := second.Decide
	second.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		<-answered
		return decideSecond(p)
	}
	done := make(chan error)
	go func() {
		_, err := b.book.Do(context.Background(), first)
		close(answered)
		done <- err
	}()
	go func() {
		<-deciding
		_, err := b.book.Do(context.Background(), second)
		done <- err
	}()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	b.clean(t, 3)
}

// The outcome of a group's COMMIT stays unknown: all are told so, and nobody is tried again, which would double
// what is there.
func TestBook_UnknownIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, forward := range map[string]bool{"committed": true, "not committed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			p, pool := through(t, b.db)
			book, err := b.open(pool).Book(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			book.SetPatience(50 * time.Millisecond) // shorter than the pause between two questions
			const n = 5
			first := b.blind(t, "z")
			decide, deciding := first.Decide, make(chan struct{})
			first.Decide = func(present *ledger.Present) ([]ledger.Draft, error) {
				close(deciding)
				for book.Waiting() < n { // so that they are one group
					runtime.Gosched()
				}
				return decide(present)
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := book.Do(context.Background(), first); err != nil {
					t.Error(err)
				}
			})
			<-deciding
			for i := range n {
				c := b.blind(t, string(rune('a'+i)))
				c.Key = ""
				inner := c.Decide
				c.Decide = func(present *ledger.Present) ([]ledger.Draft, error) {
					p.armed.CompareAndSwap(nil, &cut{name: "COMMIT", at: "COMMIT\x00", forward: forward, answer: forward, refuse: 1})
					return inner(present)
				}
				wg.Go(func() {
					if _, err := book.Do(context.Background(), c); !errors.Is(err, ledger.E(ledger.Busy, "book.commit_unknown")) {
						t.Errorf("a commit that stays unknown: %v, want busy book.commit_unknown", err)
					}
				})
			}
			wg.Wait()
			want := int64(2)
			if forward {
				want += n
			}
			b.clean(t, want)
		})
	}
}

// Whoever goes away while others are served leaves no trace; whoever goes away while its own commit is under way
// is told what became of it.
func TestBook_GivenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deciding, gone := make(chan struct{}), make(chan struct{})
	first := b.blind(t, "a1")
	decide := first.Decide
	leaving, leave := context.WithCancel(t.Context())
	first.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		close(deciding)
		leave() // both have lost their patience now
		<-gone
		return decide(p)
	}
	done := make(chan error)
	go func() {
		_, err := b.book.Do(leaving, first)
		done <- err
	}()
	<-deciding
	if _, err := b.book.Do(leaving, b.blind(t, "a2")); !errors.Is(err, ledger.E(ledger.Busy, "book.gave_up")) {
		t.Errorf("a command whose caller has gone: %v, want busy book.gave_up", err)
	}
	close(gone)
	if err := <-done; err != nil {
		t.Errorf("a command whose commit was under way: %v, want its receipt", err)
	}
	b.clean(t, 2)
}

// A command that speaks of more than it can name has its group to itself, wherever it stands among others.
func TestBook_Alone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deciding := make(chan struct{})
	first := b.blind(t, "a0")
	decide := first.Decide
	const n = 5
	first.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		close(deciding)
		for b.book.Waiting() < n {
			runtime.Gosched()
		}
		return decide(p)
	}
	var wg sync.WaitGroup
	send := func(c ledger.Command) ledger.Receipt {
		r, err := b.book.Do(t.Context(), c)
		if err != nil {
			t.Error(err)
		}
		return r
	}
	wg.Go(func() { send(first) })
	<-deciding
	for i := range n {
		c := b.blind(t, string(rune('a'+i)))
		c.Alone = i%2 == 1
		wg.Go(func() {
			r := send(c)
			if _, err := b.book.AsOf(t.Context(), r.First); c.Alone && (err != nil || r.Size != r.Last+1) {
				t.Errorf("a command alone shares its commit: %+v, %v", r, err)
			}
		})
	}
	wg.Wait()
	sizes, err := b.book.Head(t.Context())
	if err != nil || sizes.Size != n+2 {
		t.Errorf("the head is %+v, %v", sizes, err)
	}
	b.clean(t, n+2)
}
