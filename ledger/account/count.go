package account

import (
	"context"
	"fmt"
)

// OpenSessions counts the sessions that are open now, for the operator's figures.
func (s *Service) OpenSessions(ctx context.Context) (n int64, err error) {
	now := s.instant()
	err = s.db.NewRaw("SELECT count(*) FROM work_sessions WHERE ended_at IS NULL AND seen_at > ? AND opened_at > ?",
		now.Add(-s.o.Idle), now.Add(-s.o.Absolute)).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("account: counting sessions: %w", err)
	}
	return n, nil
}
