package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

// Publishable is the head, to be shown to strangers: before it is given it is kept beside the key as the newest
// checkpoint that was published, so that an older copy of the database cannot go on under the same name unnoticed.
// Whatever leaves the office with a checkpoint in it (the public log, what is pushed to a witness, proofs,
// exports) takes it from here. conflict book.rolled_back when it contradicts what was published before.
func (b *Book) Publishable(ctx context.Context) (Checkpoint, error) {
	for {
		head, i, err := b.headNow(ctx, b.store.db)
		if err != nil || b.store.published(i.origin).note == head.Note || b.store.keys.Publish == nil {
			return head, err
		}
		var moved bool // another process reopened the book between the two reads
		err = b.store.keys.Publish(i.origin, func(kept string) (string, error) {
			now, under, err := b.headNow(ctx, b.store.db) // again: what is kept may be newer than the first
			if err != nil {
				return "", err
			}
			if moved = under.origin != i.origin; moved {
				return kept, nil
			}
			head = now
			return head.Note, b.extends(ctx, b.store.db, kept, head, i.origin)
		})
		if err != nil {
			return Checkpoint{}, err
		}
		if !moved {
			b.store.setPublished(i.origin, published{head.Note, head.Size})
			return head, nil
		}
	}
}

// published is a note of which this process knows that the book extends it.
type published struct {
	note string
	size int64
}

func (s *Store) published(origin string) published {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.extended[origin]
}

func (s *Store) setPublished(origin string, p published) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.extended[origin] = p
}

// notRolledBack refuses to go on from a head that does not extend what was published: conflict book.rolled_back.
// What is kept is read at every commit, because another process may have published meanwhile; it is compared when it
// is not what was compared last.
func (b *Book) notRolledBack(ctx context.Context, db bun.IDB, head Checkpoint, loaded bool, origin string) error {
	if b.store.keys.Published == nil {
		return nil
	}
	kept, err := b.store.keys.Published(origin)
	if err != nil {
		return fmt.Errorf("ledger: reading the newest published checkpoint of %s: %w", b.Code, err)
	}
	if known := b.store.published(origin); kept == "" || !loaded && kept == known.note && known.size <= head.Size {
		return nil
	}
	return b.extends(ctx, db, kept, head, origin)
}

// extends holds the head against a note that was kept; "" is extended by all.
func (b *Book) extends(ctx context.Context, db bun.IDB, kept string, head Checkpoint, origin string) error {
	if kept == "" {
		return nil
	}
	old, err := merkle.ReadCheckpoint(kept)
	if err != nil || old.Origin != origin {
		return E(Conflict, "book.published_unreadable", b.Code, origin).Because(err)
	}
	rolledBack := E(Conflict, "book.rolled_back", b.Code, old.Size, head.Size, b.Code)
	if old.Size > head.Size {
		return rolledBack
	}
	path, err := merkle.ProveConsistency(old.Size, head.Size, b.tiles(ctx, db))
	if err != nil {
		return err
	}
	if err := merkle.CheckConsistency(path, old.Size, head.Size, old.Root, head.Root); err != nil {
		return rolledBack.Because(err)
	}
	b.store.setPublished(origin, published{kept, old.Size})
	return nil
}

// Writable says why the book cannot be written, for those who watch over the program: its keys are missing or another
// book's, or the database is older than what was published. A copy is not meant to be written: nil.
func (b *Book) Writable(ctx context.Context) error {
	var kept string
	_, i, err := b.headNow(ctx, b.store.db)
	if err == nil && b.store.keys.Published != nil {
		kept, err = b.store.keys.Published(i.origin) // before the head is read: it only grows
	}
	if err != nil {
		return err
	}
	if _, err := b.signer(ctx, b.store.db, i); err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.Reason == readOnly {
			return nil
		}
		return err
	}
	head, now, err := b.headNow(ctx, b.store.db)
	if err != nil || now.origin != i.origin || kept == "" {
		return err
	}
	return b.extends(ctx, b.store.db, kept, head, i.origin)
}
