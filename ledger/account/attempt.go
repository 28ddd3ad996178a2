package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"mingzhang/ledger"
)

// How guessing is slowed. The count is the account's and not the address's, because an address may stand for 200 people.
const (
	freeFailures = 4                // the fifth failure begins the waits
	waitMost     = 15 * time.Minute // they double from one second up to this
	forgetAfter  = 24 * time.Hour   // without a failure for so long, all is forgotten
	attemptsMost = 100_000          // rows that Sweep leaves, those of most failures: a flood of others makes nobody's forgotten

	addressMost   = 1_000 // failures of an address in an hour, from which it is slowed
	addressWindow = time.Hour
)

// subjectOf names a login in the table of failures. It is a hash: people type their passwords into the wrong field.
func subjectOf(login string) string {
	sum := sha256.Sum256([]byte(loginKey(login)))
	return "login:" + hex.EncodeToString(sum[:16])
}

// try counts an attempt as failed before it is looked at, so that a thousand at once are a thousand failures; whoever
// succeeds is forgiven. While a wait lasts nothing is looked at, not even the right password: busy sign_in.wait, with
// the seconds to go. That holds for logins that do not exist, too.
func (s *Service) try(ctx context.Context, subject string) error {
	now := s.instant()
	var counted int64
	err := s.db.NewRaw(`INSERT INTO work_attempts AS w (subject, failures, last_at, free_at) VALUES (?0, 1, ?1, ?1)
ON CONFLICT (subject) DO UPDATE SET
	failures = CASE WHEN w.last_at < ?2 THEN 1 ELSE w.failures + 1 END, last_at = ?1,
	free_at = CASE WHEN w.last_at < ?2 OR w.failures < ?3 THEN ?1 ELSE ?1::timestamptz + `+waitAfter("w.failures + 1")+` END
WHERE w.free_at <= ?1 RETURNING w.failures`, subject, now, now.Add(-forgetAfter), freeFailures, int64(waitMost/time.Second)).Scan(ctx, &counted)
	if err == nil {
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("account: counting an attempt: %w", err)
	}
	var free time.Time
	if err := s.db.NewRaw("SELECT free_at FROM work_attempts WHERE subject = ?", subject).Scan(ctx, &free); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("account: reading attempts: %w", err)
	}
	seconds := int64((free.Sub(now) + time.Second - 1) / time.Second)
	return ledger.E(ledger.Busy, "sign_in.wait", max(seconds, 1))
}

// waitAfter is the wait after so many failures as SQL: 1 s after the fifth, then double, at most ?4 seconds.
func waitAfter(failures string) string {
	return "make_interval(secs => least(?4, 1::bigint << least(greatest(" + failures + " - ?3 - 1, 0), 20)::int))"
}

// forgive forgets the failures of whoever proved who they are.
func (s *Service) forgive(ctx context.Context, subject string) error {
	if _, err := s.db.NewRaw("DELETE FROM work_attempts WHERE subject = ?", subject).Exec(ctx); err != nil {
		return fmt.Errorf("account: forgetting failures: %w", err)
	}
	return nil
}

// takeBack undoes the count of an attempt that was no guess: the password was right and the code is still to come, or
// nobody had time to look. The wait becomes that of the failures that remain.
func (s *Service) takeBack(ctx context.Context, subject string) error {
	_, err := s.db.NewRaw("UPDATE work_attempts AS w SET failures = greatest(w.failures - 1, 0), "+
		"free_at = least(w.free_at, CASE WHEN w.failures - 1 <= ?3 THEN ?1 ELSE ?1::timestamptz + "+waitAfter("w.failures - 1")+" END) WHERE subject = ?0",
		subject, s.instant(), nil, freeFailures, int64(waitMost/time.Second)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: taking an attempt back: %w", err)
	}
	return nil
}

// netOf is whom an address stands for: of IPv6 the net, because one customer has 2^64 addresses.
func netOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().String()
}

// crowd tells whether an address had very many failures within an hour.
func (s *Service) crowd(ctx context.Context, address string) (bool, error) {
	var failures int64
	err := s.db.NewRaw("SELECT failures FROM work_attempts WHERE subject = ? AND last_at > ?",
		"address:"+netOf(address), s.instant().Add(-addressWindow)).Scan(ctx, &failures)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("account: reading attempts: %w", err)
	}
	return failures > addressMost, nil
}

// blame counts a failure of an address, and answers it later when there were very many. It refuses nobody: others behind
// the address still sign in.
func (s *Service) blame(ctx context.Context, address string, crowded bool) error {
	now := s.instant()
	// last_at is here the beginning of the hour that is counted.
	_, err := s.db.NewRaw(`INSERT INTO work_attempts AS w (subject, failures, last_at, free_at) VALUES (?0, 1, ?1, ?1)
ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN w.last_at <= ?2 THEN 1 ELSE w.failures + 1 END,
	last_at = CASE WHEN w.last_at <= ?2 THEN ?1 ELSE w.last_at END`, "address:"+netOf(address), now, now.Add(-addressWindow)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: counting a failure: %w", err)
	}
	if !crowded {
		return nil
	}
	later := time.NewTimer(s.o.SlowBy)
	defer later.Stop()
	select {
	case <-later.C:
	case <-ctx.Done():
	}
	return nil
}
