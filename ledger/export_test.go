package ledger

import (
	"context"
	"time"
)

// SetPatience sets how long the book asks after an unknown commit, for the tests.
func (b *Book) SetPatience(d time.Duration) { b.store.sequencer(b.id).patience = d }

// Waiting is the number of commands that wait for the next group.
func (b *Book) Waiting() int {
	s := b.store.sequencer(b.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// ForgeProfile writes whatever is wanted of the book's profile, for the tests.
func (b *Book) ForgeProfile(ctx context.Context, actor Actor, kind string, change func(*BookProfile)) error {
	return b.changeKeys(ctx, actor, "", commit{lostKey: true}, func(_ *writer, p *BookProfile) (string, error) {
		change(p)
		return kind, nil
	})
}
