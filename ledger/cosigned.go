package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

type cosignatureRow struct {
	bun.BaseModel `bun:"table:work_cosignatures"`
	BookID        int64  `bun:"book_id,pk"`
	Size          int64  `bun:"size,pk"`
	Witness       string `bun:"witness,pk"` // its verifier key
	Line          string `bun:"line"`
}

type witnessRow struct {
	bun.BaseModel `bun:"table:work_witnesses"`
	BookID        int64     `bun:"book_id,pk"`
	Witness       string    `bun:"witness,pk"`
	TriedAt       time.Time `bun:"tried_at"`
	Fault         string    `bun:"fault"`
	Said          int64     `bun:"said"`
	Shown         int64     `bun:"shown"`
}

// Cosigned gives the signed note of a checkpoint, the head's for 0, with the lines of the witnesses that saw it; the
// bare note when none did. Each line is checked before it is given.
func (b *Book) Cosigned(ctx context.Context, size int64) (string, error) {
	c, _, err := b.Checkpoint(ctx, b.store.db, size)
	if err != nil {
		return "", err
	}
	var rows []cosignatureRow
	err = b.store.db.NewSelect().Model(&rows).Where("book_id = ?", b.id).Where("size = ?", c.Size).OrderExpr(`witness COLLATE "C"`).Scan(ctx)
	if err != nil {
		return "", fmt.Errorf("ledger: reading the cosignatures of %s: %w", b.Code, err)
	}
	note := c.Note
	for _, r := range rows {
		// One that does not fit is of a tree that this database no longer holds, or is no cosignature at all.
		if line, _, err := merkle.OpenCosignature(c.Note, r.Line, r.Witness); err == nil {
			note += line
		}
	}
	return note, nil
}

// Witnessed is how far a witness has seen a book, and what came of the last attempt to show it more.
type Witnessed struct {
	Verifier string
	Name     string
	Size     int64     // of the newest checkpoint that it cosigned and that is still in the book; 0 for none
	At       time.Time // when it cosigned it, by its own clock
	TriedAt  time.Time // zero: never
	Fault    string    // of the last attempt; "" when it went well
	Said     int64     // the size that the witness named
	Shown    int64     // the size that it was shown
}

// Witnesses lists the witnesses that the book was ever shown to, by their keys.
func (b *Book) Witnesses(ctx context.Context) ([]Witnessed, error) {
	var rows []witnessRow
	if err := b.store.db.NewSelect().Model(&rows).Where("book_id = ?", b.id).OrderExpr(`witness COLLATE "C"`).Scan(ctx); err != nil {
		return nil, fmt.Errorf("ledger: reading the witnesses of %s: %w", b.Code, err)
	}
	list := make([]Witnessed, len(rows))
	for i, r := range rows {
		name, err := merkle.CosignerName(r.Witness)
		if err != nil {
			return nil, fmt.Errorf("ledger: reading the witnesses of %s: %w", b.Code, err)
		}
		list[i] = Witnessed{Verifier: r.Witness, Name: name, TriedAt: r.TriedAt.UTC(), Fault: r.Fault, Said: r.Said, Shown: r.Shown}
		if list[i].Size, list[i].At, err = b.lastCosigned(ctx, r.Witness); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// lastCosigned finds the newest checkpoint of the book that a witness cosigned. Newer ones than the book still has,
// and lines that do not fit, are passed over.
func (b *Book) lastCosigned(ctx context.Context, witness string) (size int64, at time.Time, err error) {
	const look = 20 // lines of trees that are no longer in the book are the exception
	var rows []struct {
		Size       int64
		Line, Note string
	}
	err = b.store.db.NewRaw("SELECT w.size, w.line, c.note FROM work_cosignatures AS w JOIN checkpoints AS c ON c.book_id = w.book_id AND c.size = w.size "+
		"WHERE w.book_id = ? AND w.witness = ? ORDER BY w.size DESC LIMIT ?", b.id, witness, look).Scan(ctx, &rows)
	if err != nil {
		return 0, at, fmt.Errorf("ledger: reading the cosignatures of %s: %w", b.Code, err)
	}
	for _, r := range rows {
		if _, at, err := merkle.OpenCosignature(r.Note, r.Line, witness); err == nil {
			return r.Size, at, nil
		}
	}
	return 0, at, nil
}

// KeepCosignature keeps the line of a witness on a checkpoint of the book. It must fit: invalid witness.line_wrong.
func (b *Book) KeepCosignature(ctx context.Context, c Checkpoint, witness, lines string) error {
	line, _, err := merkle.OpenCosignature(c.Note, lines, witness)
	if err != nil {
		return E(Invalid, "witness.line_wrong").Because(err)
	}
	row := cosignatureRow{BookID: b.id, Size: c.Size, Witness: witness, Line: line}
	_, err = b.store.db.NewInsert().Model(&row).On("CONFLICT (book_id, size, witness) DO UPDATE").Set("line = EXCLUDED.line").Exec(ctx)
	if err != nil {
		return fmt.Errorf("ledger: keeping a cosignature of %s: %w", b.Code, err)
	}
	return nil
}

// KeepAttempt keeps what came of showing a checkpoint to a witness: fault "" when it cosigned it; said is the size
// that the witness named.
func (b *Book) KeepAttempt(ctx context.Context, witness, fault string, said, shown int64) error {
	row := witnessRow{BookID: b.id, Witness: witness, TriedAt: b.store.instant(time.Time{}), Fault: fault, Said: said, Shown: shown}
	_, err := b.store.db.NewInsert().Model(&row).On("CONFLICT (book_id, witness) DO UPDATE").
		Set("tried_at = EXCLUDED.tried_at, fault = EXCLUDED.fault, said = EXCLUDED.said, shown = EXCLUDED.shown").Exec(ctx)
	if err != nil {
		return fmt.Errorf("ledger: keeping what a witness said of %s: %w", b.Code, err)
	}
	return nil
}

// ProveGrowth gives the hashes from the tree of old to a checkpoint. It does not ask whether a commit ended at old:
// whoever holds the root of old judges.
func (b *Book) ProveGrowth(ctx context.Context, old int64, c Checkpoint) ([]merkle.Hash, error) {
	return merkle.ProveConsistency(old, c.Size, b.tiles(ctx, b.store.db))
}
