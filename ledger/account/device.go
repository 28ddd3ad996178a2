package account

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"
)

// A browser from which an account has signed in is known again by a secret of its own. Guesses without it count on the
// account's login, those with it on the browser alone: whoever knows a login and no password cannot keep its person
// waiting.
const (
	deviceLife  = 180 * 24 * time.Hour // since the last sign-in
	devicesMost = 20                   // of an account; the one that was used longest ago is forgotten
)

// bucket names what an attempt counts on, and tells whether the browser is known.
func (s *Service) bucket(ctx context.Context, login string, k keyring, from From) (subject string, known bool, err error) {
	if k.Account == 0 || from.Device == "" {
		return subjectOf(login), false, nil
	}
	hash := hashOf(from.Device)
	err = s.db.NewRaw("SELECT EXISTS (SELECT FROM work_devices WHERE token_sha256 = ? AND account = ? AND seen_at > ?)",
		hash, k.Account, s.instant().Add(-deviceLife)).Scan(ctx, &known)
	if err != nil {
		return "", false, fmt.Errorf("account: looking for a browser: %w", err)
	}
	if !known {
		return subjectOf(login), false, nil
	}
	return "device:" + hex.EncodeToString(hash[:16]), true, nil
}

// remember makes the browser of a sign-in known, or notes that it was used; the secret is that of a new one.
func (s *Service) remember(ctx context.Context, account int64, from From, known bool) (secret string, err error) {
	now := s.instant()
	if known {
		_, err = s.db.NewRaw("UPDATE work_devices SET seen_at = ? WHERE token_sha256 = ?", now, hashOf(from.Device)).Exec(ctx)
	} else {
		var hash []byte
		if secret, hash, err = s.newSecret(""); err != nil {
			return "", err
		}
		_, err = s.db.NewRaw("INSERT INTO work_devices (token_sha256, account, seen_at) VALUES (?, ?, ?)", hash, account, now).Exec(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("account: remembering a browser: %w", err)
	}
	_, err = s.db.NewRaw("DELETE FROM work_devices WHERE token_sha256 IN (SELECT token_sha256 FROM work_devices WHERE account = ? ORDER BY seen_at DESC OFFSET ?)",
		account, devicesMost).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("account: forgetting browsers: %w", err)
	}
	return secret, nil
}
