package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mingzhang/ledger/merkle"
)

// keysMax bounds the keys in force: each is a line in every checkpoint.
const keysMax = 8

// KeyState is a key of the book: its id, and whether its secret lies where keys are kept.
type KeyState struct {
	ID       string // eight digits, as signatures name it
	Verifier string
	Here     bool
}

// KeyStates lists the keys in force, in the order of their signature lines.
func (b *Book) KeyStates(ctx context.Context) ([]KeyState, error) {
	_, now, err := b.headNow(ctx, b.store.db)
	if err != nil {
		return nil, err
	}
	list := make([]KeyState, len(now.keys))
	for i, verifier := range now.keys {
		secret, err := b.store.secret(now, verifier)
		if err != nil && !errors.Is(err, ErrNoKey) {
			return nil, fmt.Errorf("ledger: reading the key of %s: %w", b.Code, err)
		}
		id := merkle.KeyID(verifier)
		list[i] = KeyState{ID: id, Verifier: verifier, Here: err == nil && merkle.SecretID(secret) == id}
	}
	return list, nil
}

// AddKey makes a further key: from this commit on each checkpoint has one signature line more. It gives the verifier
// key. conflict book.keys_too_many.
func (b *Book) AddKey(ctx context.Context, actor Actor, reason string) (verifier string, err error) {
	err = b.changeKeys(ctx, actor, reason, commit{}, func(_ *writer, p *BookProfile) (string, error) {
		if len(p.Keys()) >= keysMax {
			return "", E(Conflict, "book.keys_too_many", b.Code, keysMax)
		}
		secret, made, err := merkle.NewKey(rand.Reader, p.Origin)
		if err != nil {
			return "", err
		}
		verifier = made
		p.setKeys(append(slices.Clone(p.Keys()), made))
		return "book.rekeyed", b.saveKey(keyName(p.Origin, made), secret)
	})
	return verifier, err
}

// RetireKey ends a key by its id: it signs no more. It need not be there any longer; the others must. invalid
// reason.missing; not_found book.key_unknown; conflict book.key_last.
func (b *Book) RetireKey(ctx context.Context, actor Actor, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return E(Invalid, "reason.missing").On("reason")
	}
	return b.changeKeys(ctx, actor, reason, commit{lostKey: true}, func(_ *writer, p *BookProfile) (string, error) {
		left := slices.DeleteFunc(slices.Clone(p.Keys()), func(v string) bool { return merkle.KeyID(v) == id })
		switch len(left) {
		case len(p.Keys()):
			return "", E(NotFound, "book.key_unknown", b.Code, id)
		case 0:
			return "", E(Conflict, "book.key_last", b.Code, b.Code)
		}
		p.setKeys(left)
		return "book.rekeyed", nil
	})
}

// Reopen goes on with the book under a new origin and a new key, whether or not the old key is there: it was lost or
// stolen, or the database is older than what was published. The entry names the last checkpoint that is known of the
// old origin, so that whoever holds that one sees where the new one begins. No entry is lost by it. An empty origin
// gets random digits. invalid reason.missing, book.origin_form; conflict book.origin_there.
func (b *Book) Reopen(ctx context.Context, actor Actor, origin, reason string) (BookProfile, error) {
	if strings.TrimSpace(reason) == "" {
		return BookProfile{}, E(Invalid, "reason.missing").On("reason")
	}
	var reopened BookProfile
	how := commit{lostKey: true, rolledBack: true}
	err := b.changeKeys(ctx, actor, reason, how, func(w *writer, p *BookProfile) (string, error) {
		known, err := b.lastKnown(ctx, w, p.Origin)
		if err != nil {
			return "", err
		}
		if origin == p.Origin {
			return "", E(Conflict, "book.origin_there", origin).On("origin")
		}
		p.Reopened, p.Origin, p.VerifierKeys = known, origin, nil
		if err := p.check(); err != nil {
			return "", err
		}
		secret, err := newOrigin(p)
		if err != nil {
			return "", err
		}
		reopened = *p
		return "book.reopened", b.saveKey(p.Origin, secret)
	})
	return reopened, err
}

// lastKnown is the checkpoint of an origin that is to be named when it ends: what was published when the head does not
// extend that, else the head.
func (b *Book) lastKnown(ctx context.Context, w *writer, origin string) (*Reopened, error) {
	head := Checkpoint{Size: w.tree.Size(), Root: w.tree.Root()}
	known := &Reopened{Origin: origin, Root: head.Root.String(), Size: head.Size}
	if b.store.keys.Published == nil {
		return known, nil
	}
	kept, err := b.store.keys.Published(origin)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading the newest published checkpoint of %s: %w", b.Code, err)
	}
	if err := b.extends(ctx, w.conn, kept, head, origin); CodeOf(err) == Conflict {
		published, err := merkle.ReadCheckpoint(kept)
		if err == nil && published.Origin == origin {
			known.Root, known.Size = published.Root.String(), published.Size
		} // else nobody can read it: the head is the last that is known
	} else if err != nil {
		return nil, err
	}
	return known, nil
}

// saveKey keeps a new key: conflict book.origin_there when there is one of that name.
func (b *Book) saveKey(name, secret string) error {
	if _, err := b.store.keys.Load(name); !errors.Is(err, ErrNoKey) {
		return E(Conflict, "book.origin_there", name).On("origin").Because(err)
	}
	if err := b.store.keys.Save(name, secret); err != nil {
		return fmt.Errorf("ledger: keeping the key of %s: %w", b.Code, err)
	}
	return nil
}

// setKeys puts the keys in force: none beside the first one is the short form.
func (p *BookProfile) setKeys(keys []string) {
	slices.Sort(keys)
	if p.VerifierKeys = keys; len(keys) == 1 && keys[0] == p.VerifierKey {
		p.VerifierKeys = nil
	}
}

// changeKeys writes the profile anew in a commit of its own, which needs only the keys that are in force after it.
func (b *Book) changeKeys(ctx context.Context, actor Actor, reason string, how commit, change func(*writer, *BookProfile) (kind string, err error)) error {
	return b.transactOn(ctx, how, func(ctx context.Context, w *writer) error {
		index, _ := profiles.index(profileIndex)
		rows, err := index.Load(ctx, w.conn, b.id, []string{profileKey})
		if err != nil {
			return err
		}
		if len(rows) != 1 {
			return E(Tampered, "book.tree_broken", b.Code)
		}
		profile, err := rows[0].(*profileRow).profile()
		if err != nil {
			return err
		}
		kind, err := change(w, &profile)
		if err != nil {
			return err
		}
		return w.appendDrafts(ctx, actor, []Draft{{Kind: kind, Amends: rows[0], Reason: Normal(reason), State: &profile}})
	})
}
