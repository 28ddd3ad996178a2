package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

// Keys keeps the secret keys of books outside the database, and beside them the newest checkpoint that was published.
//
// A name is an origin, under which its first key lies, or an origin, + and a key id, under which a further one does.
// Load answers an error that wraps ErrNoKey when there is none.
type Keys struct {
	Load func(name string) (secret string, err error)
	Save func(name, secret string) error
	// Published is the newest checkpoint that was published under an origin, "" for none. Publish gives it to advance
	// and keeps what that answers, while nobody else does the same. Both nil: nothing is remembered.
	Published func(origin string) (note string, err error)
	Publish   func(origin string, advance func(kept string) (note string, err error)) error
}

// ErrNoKey says that the key of a book is not where keys are kept.
var ErrNoKey = errors.New("ledger: no key")

// readOnly is the reason of those who would write a copy.
const readOnly = "book.read_only"

// identity is the name under which a book's checkpoints are signed, and the keys that sign them: verifier keys,
// sorted. Entry 0 gives the first one; book.rekeyed changes the keys, book.reopened both.
type identity struct {
	origin string
	keys   []string
}

func (i identity) equal(o identity) bool { return i.origin == o.origin && slices.Equal(i.keys, o.keys) }

// identity is the one that a profile gives.
func (p BookProfile) identity() identity { return identity{p.Origin, p.Keys()} }

// Keys are the verifier keys that sign the book's checkpoints now: one line each, in this order.
func (p BookProfile) Keys() []string {
	if len(p.VerifierKeys) == 0 {
		return []string{p.VerifierKey}
	}
	return p.VerifierKeys
}

// newOrigin gives the profile its origin and verifier key and returns the secret.
func newOrigin(p *BookProfile) (secret string, err error) {
	if p.Origin == "" {
		random := make([]byte, 8)
		if _, err := io.ReadFull(rand.Reader, random); err != nil {
			return "", fmt.Errorf("ledger: making an origin: %w", err)
		}
		p.Origin = "mingzhang/" + p.Code + "/" + hex.EncodeToString(random)
	}
	secret, p.VerifierKey, err = merkle.NewKey(rand.Reader, p.Origin)
	return secret, err
}

// keyName is the name of a key that is not the first of its origin: no origin has a +.
func keyName(origin, verifier string) string { return origin + "+" + merkle.KeyID(verifier) }

// secret finds the secret key of a verifier key. Whatever lies under the origin and is another key in force
// is not a foreign one: then the key itself is missing.
func (s *Store) secret(i identity, verifier string) (string, error) {
	first, firstErr := s.keys.Load(i.origin)
	id := merkle.SecretID(first)
	if firstErr == nil && id == merkle.KeyID(verifier) {
		return first, nil
	}
	secret, err := s.keys.Load(keyName(i.origin, verifier))
	switch {
	case !errors.Is(err, ErrNoKey):
		return secret, err
	case firstErr == nil && slices.ContainsFunc(i.keys, func(v string) bool { return merkle.KeyID(v) == id }):
		return "", err
	}
	return first, firstErr
}

// signer loads the keys of an identity: denied book.key_missing (all of them), book.key_lost (some of several),
// book.key_foreign, book.read_only (a copy, whose keys are elsewhere).
func (b *Book) signer(ctx context.Context, db bun.IDB, i identity) (*merkle.Signer, error) {
	var secrets, lost []string
	var missing error
	for _, verifier := range i.keys {
		secret, err := b.store.secret(i, verifier)
		switch {
		case err == nil:
			secrets = append(secrets, secret)
		case errors.Is(err, ErrNoKey):
			lost, missing = append(lost, merkle.KeyID(verifier)), err
		default:
			return nil, fmt.Errorf("ledger: reading the key of %s: %w", b.Code, err)
		}
	}
	if len(lost) > 0 && len(secrets) > 0 {
		return nil, E(Denied, "book.key_lost", b.Code, lost[0], b.Code, lost[0]).Because(missing)
	}
	if len(lost) > 0 {
		_, imported, err := b.registered(ctx, db)
		switch {
		case err != nil:
			return nil, err
		case imported:
			return nil, E(Denied, readOnly, b.Code, b.Code).Because(missing)
		}
		return nil, E(Denied, "book.key_missing", b.Code, i.origin, b.Code).Because(missing)
	}
	signer, err := merkle.NewSigner(secrets, i.keys)
	if err != nil {
		return nil, E(Denied, "book.key_foreign", b.Code).Because(err)
	}
	return signer, nil
}

// headRow is the newest checkpoint with the identity under which the next one is signed.
type headRow struct {
	checkpointRow `bun:",extend"`
	Origin        string   `bun:"origin"`
	VerifierKey   string   `bun:"verifier_key"`
	VerifierKeys  []string `bun:"verifier_keys,array"`
}

var headAndIdentity = NewPrepared("head_and_identity", "SELECT c.book_id, c.size, c.root, c.note, c.recorded_at, p.origin, p.verifier_key, p.verifier_keys "+
	"FROM checkpoints AS c JOIN book_profiles AS p ON p.book_id = c.book_id AND p.seq_to IS NULL WHERE c.book_id = $1 ORDER BY c.size DESC LIMIT 1")

// headNow reads the newest checkpoint and the identity in force, in one query: another process may have changed either.
func (b *Book) headNow(ctx context.Context, db bun.IDB) (Checkpoint, identity, error) {
	var r headRow
	err := headAndIdentity.Scan(ctx, db, &r, b.id)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, identity{}, E(Tampered, "book.no_checkpoint", b.Code)
	}
	if err != nil {
		return Checkpoint{}, identity{}, fmt.Errorf("ledger: reading the head of %s: %w", b.Code, err)
	}
	head, err := r.checkpoint()
	return head, BookProfile{Origin: r.Origin, VerifierKey: r.VerifierKey, VerifierKeys: r.VerifierKeys}.identity(), err
}
