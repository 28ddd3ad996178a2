package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"mingzhang/ledger/merkle"
)

// ProofFile is the proof as a file that needs nothing beside it: the entry and the book's verifier key are its extra
// line. The key there is the book's own word; a checker holds it against one from elsewhere.
func (b *Book) ProofFile(ctx context.Context, p Proof) (merkle.ProofFile, error) {
	verifier, err := b.verifierAt(ctx, p.Checkpoint)
	if err != nil {
		return merkle.ProofFile{}, err
	}
	var extra encoder
	err = extra.value(reflect.ValueOf(struct {
		Entry       string `json:"entry"`
		VerifierKey string `json:"verifier_key"`
	}{string(p.Entry.Body), verifier}))
	if err != nil {
		return merkle.ProofFile{}, E(Tampered, "book.entry_unreadable", b.Code, p.Entry.Seq).Because(err)
	}
	note, err := b.Cosigned(ctx, p.Checkpoint.Size)
	if err != nil {
		return merkle.ProofFile{}, err
	}
	return merkle.ProofFile{Extra: extra.Bytes(), Index: p.Entry.Seq, Hashes: p.Hashes, Checkpoint: note}, nil
}

// verifierAt is the verifier key that was in force at a checkpoint, by which its note is held: tampered
// book.tree_broken when it does not open it.
func (b *Book) verifierAt(ctx context.Context, c Checkpoint) (string, error) {
	var r profileRow
	err := b.store.db.NewSelect().Model(&r).Where("book_id = ?", b.id).Where("seq_from < ?", c.Size).
		Where("(seq_to IS NULL OR seq_to >= ?)", c.Size).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", E(Tampered, "book.tree_broken", b.Code)
	}
	if err != nil {
		return "", fmt.Errorf("ledger: reading the profile of %s at %d: %w", b.Code, c.Size, err)
	}
	for _, key := range append(r.VerifierKeys, r.VerifierKey) {
		if _, err := merkle.OpenCheckpoint(c.Note, key); err == nil {
			return key, nil
		}
	}
	return "", E(Tampered, "book.tree_broken", b.Code)
}
