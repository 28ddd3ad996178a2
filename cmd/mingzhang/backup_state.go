package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"mingzhang/web"
)

// backupWarnDays is after how many days without a backup everybody is told who can do something about it.
const backupWarnDays = 7

// backupNote is what became of one backup.
type backupNote struct {
	failed string
	file   string
	size   int64
	keys   bool
}

// noteBackup keeps what became of the last backup, and of the last one that was whole.
func (s *session) noteBackup(ctx context.Context, now time.Time, n backupNote) error {
	query := "INSERT INTO work_backups (id, tried_at, failed, done_at, file, size, with_keys) VALUES ('last', ?0, '', ?0, ?2, ?3, ?4) " +
		"ON CONFLICT (id) DO UPDATE SET tried_at = EXCLUDED.tried_at, failed = '', done_at = EXCLUDED.tried_at, file = EXCLUDED.file, size = EXCLUDED.size, with_keys = EXCLUDED.with_keys"
	if n.failed != "" {
		query = "INSERT INTO work_backups (id, tried_at, failed, file, size, with_keys) VALUES ('last', ?0, ?1, '', 0, FALSE) " +
			"ON CONFLICT (id) DO UPDATE SET tried_at = EXCLUDED.tried_at, failed = EXCLUDED.failed"
	}
	if _, err := s.writer.NewRaw(query, now.UTC(), n.failed, n.file, n.size, n.keys).Exec(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("noting the backup: %w", err)
	}
	return nil
}

// backupState tells how old the newest backup is. An installation that never had one counts from its first day; one
// without an office's book needs none.
func (s *session) backupState(ctx context.Context, now time.Time, warnDays int) (web.Backups, error) {
	var row struct {
		Failed string
		DoneAt *time.Time
		Began  *time.Time
		Real   bool
	}
	err := s.writer.NewRaw("SELECT coalesce(w.failed, '') AS failed, w.done_at, "+
		"(SELECT min(recorded_at) FROM checkpoints WHERE book_id = 0 AND size = 1) AS began, EXISTS (SELECT FROM books WHERE kind = 'office') AS real "+
		"FROM (SELECT) AS one LEFT JOIN work_backups AS w ON w.id = 'last'").Scan(ctx, &row)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return web.Backups{}, fmt.Errorf("asking for the last backup: %w", err)
	}
	state := web.Backups{At: row.DoneAt, Failed: row.Failed}
	since := row.DoneAt
	if since == nil {
		since = row.Began
	}
	if since != nil {
		state.Age = now.Sub(*since)
		state.Late = row.Real && warnDays > 0 && state.Age > time.Duration(warnDays)*24*time.Hour
	}
	return state, nil
}

// warnOfBackups says on stderr that there is no new backup.
func (s *session) warnOfBackups(ctx context.Context, p *program, warnDays int) error {
	state, err := s.backupState(ctx, p.now(), warnDays)
	if err != nil {
		return err
	}
	if text := state.Warning().In(p.lang); text != "" {
		p.talk("注意：%s", "WARNING: %s", text)
	}
	return nil
}
