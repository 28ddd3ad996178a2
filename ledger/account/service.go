package account

import (
	"cmp"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// Options are what an installation may set. The zero value is good.
type Options struct {
	Idle     time.Duration // a session without a request ends after this; 0: 30 minutes
	Absolute time.Duration // and after this in any case; 0: 12 hours
	HashWait time.Duration // the longest wait for the turn to hash a password; 0: 10 seconds
	SlowBy   time.Duration // how much later an address with very many failures is answered; 0: 1 second
	Issuer   string        // the name that authenticator apps show; "": Mingzhang
	Secrets  cipher.AEAD   // encrypts TOTP secrets at rest; nil: they lie in clear in the database
	Random   io.Reader     // nil: crypto/rand
}

// The lengths of what has a length.
const (
	idleDefault     = 30 * time.Minute
	absoluteDefault = 12 * time.Hour
	hashWaitDefault = 10 * time.Second
	slowByDefault   = time.Second
	secretBytes     = 32 // of a session or token
	hashesAtOnce    = 2
)

// Service is all of accounts over the books of a store. Its methods may be called concurrently.
type Service struct {
	store *ledger.Store
	db    *bun.DB
	now   func() time.Time
	o     Options
	cost  parameters // of new hashes

	hashing chan struct{} // who hashes now: bounds memory and time of the processors
	crowded chan struct{} // who hashes for an address with very many failures: at most one of them

	mu  sync.Mutex
	log *ledger.Book
}

// New makes the service. now is the clock.
func New(store *ledger.Store, now func() time.Time, o Options) *Service {
	o.Idle, o.Absolute = cmp.Or(o.Idle, idleDefault), cmp.Or(o.Absolute, absoluteDefault)
	o.HashWait, o.SlowBy = cmp.Or(o.HashWait, hashWaitDefault), cmp.Or(o.SlowBy, slowByDefault)
	o.Issuer = cmp.Or(o.Issuer, "Mingzhang")
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return &Service{
		store: store, db: store.DB(), now: now, o: o, cost: usual(),
		hashing: make(chan struct{}, hashesAtOnce), crowded: make(chan struct{}, 1),
	}
}

// instant is now as the database keeps it.
func (s *Service) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// today is the date where the offices are: fixed +08:00.
func (s *Service) today() ledger.Day { return ledger.DayOf(s.now().In(offices())) }

func offices() *time.Location { return time.FixedZone("+08:00", 8*60*60) }

// program is who writes what nobody in particular did.
func program() (ledger.Actor, error) { return ledger.LocalActor("mingzhang") }

// logBook is the installation's log, made when there is none: the first account comes before the first book.
func (s *Service) logBook(ctx context.Context) (*ledger.Book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log != nil {
		return s.log, nil
	}
	actor, err := program()
	if err != nil {
		return nil, err
	}
	s.log, err = s.store.EnsureLog(ctx, actor)
	return s.log, err
}

// do appends entries to the installation's log.
func (s *Service) do(ctx context.Context, c ledger.Command) (ledger.Receipt, error) {
	log, err := s.logBook(ctx)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return log.Do(ctx, c)
}

// random gives n random bytes.
func (s *Service) random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.o.Random, b); err != nil {
		return nil, fmt.Errorf("account: making random bytes: %w", err)
	}
	return b, nil
}

// newSecret makes a session's or token's secret and the hash that is stored of it.
func (s *Service) newSecret(prefix string) (plain string, hash []byte, err error) {
	b, err := s.random(secretBytes)
	if err != nil {
		return "", nil, err
	}
	plain = prefix + base64.RawURLEncoding.EncodeToString(b)
	return plain, hashOf(plain), nil
}

// idForm is how those names look; other text does not reach the database.
var idForm = regexp.MustCompile(`^[0-9a-f]{16}$`)

// newID makes the name under which a session or token is listed and ended; it opens nothing.
func (s *Service) newID() (string, error) {
	b, err := s.random(8)
	return hex.EncodeToString(b), err
}

// hashOf is what is stored of a secret with so many random bits that a slow hash would add nothing.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
