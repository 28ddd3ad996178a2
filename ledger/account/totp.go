package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator apps have it; HMAC-SHA-1 is not broken
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"mingzhang/ledger"
)

// A second factor is RFC 6238 with what all apps can: SHA-1, six digits, thirty seconds; one step before and after the
// present counts too, for clocks that go wrong.
const (
	totpSecretBytes = 20
	totpDigits      = 6
	totpStep        = 30
	recoveryCodes   = 10
	codeBytes       = 10               // 80 bits: nobody finds it from its hash
	proofLife       = 10 * time.Minute // how fresh a sign-in must be to set up another second factor
)

// totpAt is the code of a step: RFC 4226 over the number of the step.
func totpAt(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // steps since 1970 are not negative
	mac := hmac.New(sha1.New, secret)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpFind gives the step around now whose code it is. All three are compared, whichever fits.
func totpFind(secret []byte, now time.Time, code string) (step int64, ok bool) {
	present := now.Unix() / totpStep
	for _, s := range []int64{present - 1, present, present + 1} {
		if subtle.ConstantTimeCompare([]byte(totpAt(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// crockford is an alphabet without letters that look like digits.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newCode makes a one-time or recovery code as people read it: four groups of four.
func (s *Service) newCode() (string, error) {
	b, err := s.random(codeBytes)
	if err != nil {
		return "", err
	}
	c := crockford.EncodeToString(b)
	return strings.Join([]string{c[:4], c[4:8], c[8:12], c[12:]}, "-"), nil
}

// codeKey is a code as it is compared: however people write it.
func codeKey(code string) string {
	return strings.NewReplacer("-", "", "o", "0", "i", "1", "l", "1").Replace(loginKey(code))
}

func normalPassword(password string) string { return norm.NFC.String(password) }

// second asks for the second factor of an account that has one. The code is used up.
func (s *Service) second(ctx context.Context, k keyring, code string) error {
	if k.TOTPSecret == nil {
		return nil
	}
	code = codeKey(code)
	if code == "" {
		return ledger.E(ledger.Unauthenticated, "totp.missing").On("code")
	}
	if len(code) != totpDigits {
		return s.useRecovery(ctx, k.Account, code)
	}
	secret, err := s.unlock(k.Account, k.TOTPSecret)
	if err != nil {
		return err
	}
	step, ok := totpFind(secret, s.now(), code)
	if !ok {
		return ledger.E(ledger.Unauthenticated, "totp.wrong").On("code")
	}
	return s.useStep(ctx, k.Account, step)
}

// useStep marks a step as used: of two who try at once one wins, and no code that is older than the last one counts.
func (s *Service) useStep(ctx context.Context, account, step int64) error {
	result, err := s.db.NewRaw("UPDATE work_credentials SET totp_step = ?0 WHERE account = ?1 AND totp_step < ?0", step, account).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: using a code: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return ledger.E(ledger.Unauthenticated, "totp.used").On("code").Because(err)
	}
	return nil
}

func (s *Service) useRecovery(ctx context.Context, account int64, code string) error {
	result, err := s.db.NewRaw("DELETE FROM work_recovery WHERE account = ? AND code_sha256 = ?", account, hashOf(code)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("account: using a recovery code: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return ledger.E(ledger.Unauthenticated, "totp.wrong").On("code").Because(err)
	}
	return s.Note(ctx, Event{Name: "recovery_used", Account: account})
}

// BeginTOTP makes a secret for an authenticator app, and the address that a QR code holds. It counts when ConfirmTOTP has
// seen a code of it. To replace a second factor the sign-in must be fresh: unauthenticated totp.sign_in_again.
func (s *Service) BeginTOTP(ctx context.Context, p *Principal) (secret, uri string, err error) {
	if err := s.mayEnrol(p); err != nil {
		return "", "", err
	}
	b, err := s.random(totpSecretBytes)
	if err != nil {
		return "", "", err
	}
	stored, err := s.lock(p.id, b)
	if err != nil {
		return "", "", err
	}
	if _, err := s.db.NewRaw("UPDATE work_credentials SET totp_pending = ? WHERE account = ?", stored, p.id).Exec(ctx); err != nil {
		return "", "", fmt.Errorf("account: storing a secret: %w", err)
	}
	secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
	label := url.PathEscape(s.o.Issuer + ":" + p.login)
	query := url.Values{"secret": {secret}, "issuer": {s.o.Issuer}}
	return secret, "otpauth://totp/" + label + "?" + strings.ReplaceAll(query.Encode(), "+", "%20"), nil
}

func (s *Service) mayEnrol(p *Principal) error {
	if err := s.ownSession(p); err != nil {
		return err
	}
	if p.totp && s.instant().Sub(p.proved) > proofLife {
		return ledger.E(ledger.Unauthenticated, "totp.sign_in_again")
	}
	return nil
}

// ConfirmTOTP sets the second factor up and gives ten recovery codes, each for one use, in place of any earlier ones. The
// session gets a new secret (Principal.Renewed), the account's other sessions end. unauthenticated totp.wrong; conflict
// totp.not_begun.
func (s *Service) ConfirmTOTP(ctx context.Context, p *Principal, code string) (recovery []string, err error) {
	if err := s.mayEnrol(p); err != nil {
		return nil, err
	}
	var pending [][]byte
	err = s.db.NewRaw("SELECT totp_pending FROM work_credentials WHERE account = ? AND totp_pending IS NOT NULL", p.id).Scan(ctx, &pending)
	if err != nil {
		return nil, fmt.Errorf("account: reading a secret: %w", err)
	}
	if len(pending) == 0 {
		return nil, ledger.E(ledger.Conflict, "totp.not_begun")
	}
	secret, err := s.unlock(p.id, pending[0])
	if err != nil {
		return nil, err
	}
	step, ok := totpFind(secret, s.now(), codeKey(code))
	if !ok {
		return nil, ledger.E(ledger.Unauthenticated, "totp.wrong").On("code")
	}
	for range recoveryCodes {
		code, err := s.newCode()
		if err != nil {
			return nil, err
		}
		recovery = append(recovery, code)
	}
	if err := s.enrol(ctx, p, pending[0], step, recovery); err != nil {
		return nil, err
	}
	p.totp = true
	if err := s.renew(ctx, p); err != nil {
		return nil, err
	}
	return recovery, s.Note(ctx, Event{Name: "totp_enrolled", Account: p.id})
}

// enrol makes the pending secret the account's own, in one transaction with its recovery codes.
func (s *Service) enrol(ctx context.Context, p *Principal, stored []byte, step int64, recovery []string) error {
	err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewRaw("UPDATE work_credentials SET totp_secret = totp_pending, totp_pending = NULL, totp_step = ? "+
			"WHERE account = ? AND totp_pending = ?", step, p.id, stored).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 { // another was first
			return ledger.E(ledger.Conflict, "totp.not_begun").Because(err)
		}
		if _, err := tx.NewRaw("DELETE FROM work_recovery WHERE account = ?", p.id).Exec(ctx); err != nil {
			return err
		}
		for _, code := range recovery {
			if _, err := tx.NewRaw("INSERT INTO work_recovery (account, code_sha256) VALUES (?, ?)", p.id, hashOf(codeKey(code))).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("account: enrolling: %w", err)
	}
	return nil
}

// How a stored secret begins: in clear, or encrypted under the key that lies outside the database.
const (
	clearSecret  = 0
	lockedSecret = 1
)

// lock encrypts a secret for the database, bound to its account.
func (s *Service) lock(account int64, secret []byte) ([]byte, error) {
	if s.o.Secrets == nil {
		return append([]byte{clearSecret}, secret...), nil
	}
	nonce, err := s.random(s.o.Secrets.NonceSize())
	if err != nil {
		return nil, err
	}
	return s.o.Secrets.Seal(append([]byte{lockedSecret}, nonce...), nonce, secret, []byte(numeral(account))), nil
}

// unlock reads a stored secret: internal totp.key_missing when it was encrypted under another key.
func (s *Service) unlock(account int64, stored []byte) ([]byte, error) {
	if len(stored) > 1 && stored[0] == clearSecret {
		return stored[1:], nil
	}
	if s.o.Secrets == nil || len(stored) < 1+s.o.Secrets.NonceSize() {
		return nil, ledger.E(ledger.Internal, "totp.key_missing")
	}
	nonce, text := stored[1:1+s.o.Secrets.NonceSize()], stored[1+s.o.Secrets.NonceSize():]
	secret, err := s.o.Secrets.Open(nil, nonce, text, []byte(numeral(account)))
	if err != nil {
		return nil, ledger.E(ledger.Internal, "totp.key_missing").Because(err)
	}
	return secret, nil
}
