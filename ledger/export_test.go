package ledger

import "time"

// SetPatience sets how long the book asks after an unknown commit, for the tests.
func (b *Book) SetPatience(d time.Duration) { b.store.sequencer(b.id).patience = d }

// Waiting is the number of commands that wait for the next group.
func (b *Book) Waiting() int {
	s := b.store.sequencer(b.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}
