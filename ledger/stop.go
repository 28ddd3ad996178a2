package ledger

import "context"

// Stop ends the writing of this process: a command that nobody has taken up yet, and every later one, is refused
// (busy book.stopping), and those whose commit is under way are answered. It returns when all are, or when the context
// ends: then the outcome of a commit under way is not known to whoever asked for it.
func (s *Store) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	sequencers := make([]*sequencer, 0, len(s.sequencers))
	for _, q := range s.sequencers {
		sequencers = append(sequencers, q)
	}
	s.mu.Unlock()
	for _, q := range sequencers {
		q.stop()
	}
	ended := make(chan struct{})
	go func() {
		s.leaders.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop refuses whoever waits and whoever comes.
func (s *sequencer) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for _, p := range s.waiting {
		p.err = E(Busy, "book.stopping")
		close(p.done)
	}
	s.waiting = nil
}
