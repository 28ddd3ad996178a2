package ledger

// Committed gives a channel that says when a book of this store has got a new checkpoint through this process.
// Several commits before it is read are one word. It is never closed.
func (s *Store) Committed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{}, 1)
	s.watchers = append(s.watchers, c)
	return c
}

// committed tells those that watch. It never waits for them.
func (s *Store) committed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.watchers {
		select {
		case c <- struct{}{}:
		default: // the word before has not been read yet, and says the same
		}
	}
}
