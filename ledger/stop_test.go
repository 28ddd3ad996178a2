package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"mingzhang/ledger"
)

// gathered makes the commands one group: the first, whose receipt does not matter, decides only when all others wait.
// Each is told to its own func.
func (b *bundle) gathered(t *testing.T, commands []ledger.Command, told func(i int, r ledger.Receipt, err error)) {
	t.Helper()
	first := b.blind(t, "z-first")
	decide, deciding := first.Decide, make(chan struct{})
	first.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		close(deciding)
		for b.book.Waiting() < len(commands) {
			runtime.Gosched()
		}
		return decide(p)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := b.book.Do(context.Background(), first); err != nil {
			t.Error(err)
		}
	})
	<-deciding
	for i, c := range commands {
		wg.Go(func() {
			r, err := b.book.Do(context.Background(), c)
			told(i, r, err)
		})
	}
	wg.Wait()
}

// One bad command of a group fails alone, in whatever way it is bad: refused by its rule, by the encoder, by the
// database, or with a panic. Each of the others is committed.
func TestBook_BadFailsAlone(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]struct {
		state slipState
		want  string
	}{
		"its bytes":    {slipState{No: "b\x00"}, "text.bad_character"},
		"the database": {slipState{No: "broken"}, "not_broken"},
		"a panic":      {slipState{No: ""}, "panicked"},
		"a rule":       {slipState{No: "refused"}, "slip.exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if _, err := b.db.Owner().ExecContext(t.Context(), "ALTER TABLE slips ADD CONSTRAINT not_broken CHECK (no <> 'broken')"); err != nil {
				t.Fatal(err)
			}
			const n, at = 7, 3
			commands := make([]ledger.Command, n)
			for i := range commands {
				commands[i] = b.blind(t, fmt.Sprintf("a%d", i))
			}
			bad.state.Amount = money(t, "1.00")
			commands[at] = b.append("slip.recorded", &bad.state)
			if name == "a rule" {
				commands[at].Decide = func(*ledger.Present) ([]ledger.Draft, error) { return nil, ledger.E(ledger.Conflict, "slip.exists") }
			}
			b.gathered(t, commands, func(i int, _ ledger.Receipt, err error) {
				switch {
				case i != at && err != nil:
					t.Errorf("command %d of the group: %v", i, err)
				case i == at && (err == nil || !strings.Contains(err.Error(), bad.want)):
					t.Errorf("the bad one: %v, want %s", err, bad.want)
				}
			})
			b.clean(t, n+1) // the book's own entry, the first, and all but the bad one
		})
	}
}

// A process that is told to stop answers what it has begun and refuses what it has not: those that wait, and those that
// come later. What was refused has left no trace.
func TestStore_Stop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const waiting = 9
	begun := b.blind(t, "begun")
	decide, deciding := begun.Decide, make(chan struct{})
	stopped := make(chan error, 1)
	begun.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		close(deciding)
		for b.book.Waiting() < waiting {
			runtime.Gosched()
		}
		go func() { stopped <- b.store.Stop(context.Background()) }()
		for b.book.Waiting() > 0 {
			runtime.Gosched()
		}
		return decide(p)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		r, err := b.book.Do(context.Background(), begun)
		if err != nil || r.First != 1 {
			t.Errorf("the command under way: %+v, %v; want its receipt", r, err)
		}
	})
	<-deciding
	refused := ledger.E(ledger.Busy, "book.stopping")
	for i := range waiting {
		wg.Go(func() {
			if _, err := b.book.Do(context.Background(), b.blind(t, fmt.Sprintf("w%d", i))); !errors.Is(err, refused) {
				t.Errorf("a command that waited: %v, want %v", err, refused)
			}
		})
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if head, err := b.book.Head(t.Context()); err != nil || head.Size != 2 {
		t.Errorf("stopped at %+v, %v; want the commit under way to be there", head, err)
	}
	wg.Wait()
	other, err := b.store.Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Do(t.Context(), b.blind(t, "late")); !errors.Is(err, refused) {
		t.Errorf("a command after the stop: %v, want %v", err, refused)
	}
	// The installation's log had no sequencer yet.
	log, err := b.store.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Do(t.Context(), b.blind(t, "late")); !errors.Is(err, refused) {
		t.Errorf("a command to another book after the stop: %v, want %v", err, refused)
	}
	b.clean(t, 2)
}

// A commit that does not end keeps nobody longer than the context of the stop.
func TestStore_StopWithoutEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deciding, goOn := make(chan struct{}), make(chan struct{})
	c := b.blind(t, "a1")
	decide := c.Decide
	c.Decide = func(p *ledger.Present) ([]ledger.Draft, error) {
		close(deciding)
		<-goOn
		return decide(p)
	}
	done := make(chan error)
	go func() {
		_, err := b.book.Do(context.Background(), c)
		done <- err
	}()
	<-deciding
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.store.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stopping: %v, want context canceled", err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.clean(t, 2)
}
