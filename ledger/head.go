package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

// Checkpoint is the book at one of its commits.
type Checkpoint struct {
	Size int64
	Root merkle.Hash
	At   time.Time
	Note string // the signed note
}

func (r checkpointRow) checkpoint() (Checkpoint, error) {
	c := Checkpoint{Size: r.Size, At: r.RecordedAt.UTC(), Note: r.Note}
	if len(r.Root) != len(c.Root) {
		return c, fmt.Errorf("ledger: checkpoint %d has a root of %d bytes", r.Size, len(r.Root))
	}
	copy(c.Root[:], r.Root)
	return c, nil
}

// Head is the newest checkpoint.
func (b *Book) Head(ctx context.Context) (Checkpoint, error) { return b.head(ctx, b.store.db) }

var newestCheckpoint = NewPrepared("newest_checkpoint",
	"SELECT book_id, size, root, note, recorded_at FROM checkpoints WHERE book_id = $1 ORDER BY size DESC LIMIT 1")

func (b *Book) head(ctx context.Context, db bun.IDB) (Checkpoint, error) {
	var r checkpointRow
	err := newestCheckpoint.Scan(ctx, db, &r, b.id)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, E(Tampered, "book.no_checkpoint", b.Code)
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: reading the head of %s: %w", b.Code, err)
	}
	return r.checkpoint()
}

// AsOf finds the checkpoint of a size. A size at which no command ended is refused, naming its two
// neighbours: invalid as_of.not_a_checkpoint.
func (b *Book) AsOf(ctx context.Context, size int64) (Checkpoint, error) {
	return b.asOf(ctx, b.store.db, size)
}

func (b *Book) asOf(ctx context.Context, db bun.IDB, size int64) (Checkpoint, error) {
	var found []checkpointRow
	err := db.NewRaw("(SELECT * FROM checkpoints WHERE book_id = ?0 AND size <= ?1 ORDER BY size DESC LIMIT 1) "+
		"UNION ALL (SELECT * FROM checkpoints WHERE book_id = ?0 AND size > ?1 ORDER BY size LIMIT 1)", b.id, size).Scan(ctx, &found)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: reading the checkpoints of %s: %w", b.Code, err)
	}
	below, above := "—", "—"
	for _, r := range found {
		switch {
		case r.Size == size:
			return r.checkpoint()
		case r.Size < size:
			below = fmt.Sprint(r.Size)
		default:
			above = fmt.Sprint(r.Size)
		}
	}
	return Checkpoint{}, E(Invalid, "as_of.not_a_checkpoint", fmt.Sprint(size), below, above).On("as_of")
}

// Checkpoint finds the checkpoint that a report is made as of, within the report's own snapshot: the head
// when size is 0, else that of AsOf. atHead says that nothing was committed after it.
func (b *Book) Checkpoint(ctx context.Context, db bun.IDB, size int64) (c Checkpoint, atHead bool, err error) {
	head, err := b.head(ctx, db)
	if err != nil || size == 0 || size == head.Size {
		return head, true, err
	}
	c, err = b.asOf(ctx, db, size)
	return c, false, err
}

// loadTree makes the tree at a checkpoint from the stored edge: the last leaves and, level by level, the
// roots of the last full tiles. It must have the checkpoint's root; else the book is broken.
func (b *Book) loadTree(ctx context.Context, db bun.IDB, head Checkpoint) (*merkle.Tree, error) {
	const width = merkle.TileWidth
	var leaves [][]byte
	full := head.Size - head.Size%width
	err := db.NewRaw("SELECT leaf_hash FROM entries WHERE book_id = ? AND seq >= ? AND seq < ? ORDER BY seq",
		b.id, full, head.Size).Scan(ctx, &leaves)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading the last leaves of %s: %w", b.Code, err)
	}
	edge := [][]merkle.Hash{hashes(leaves)}
	for level, tiles := 0, head.Size/width; tiles > 0; level, tiles = level+1, tiles/width {
		var roots [][]byte
		err := db.NewRaw("SELECT root FROM tiles WHERE book_id = ? AND level = ? AND index >= ? AND index < ? ORDER BY index",
			b.id, level, tiles-tiles%width, tiles).Scan(ctx, &roots)
		if err != nil {
			return nil, fmt.Errorf("ledger: reading the last tiles of %s: %w", b.Code, err)
		}
		edge = append(edge, hashes(roots))
	}
	tree, err := merkle.Resume(head.Size, edge)
	if err != nil {
		return nil, E(Tampered, "book.tree_broken", b.Code).Because(err)
	}
	if tree.Root() != head.Root {
		return nil, E(Tampered, "book.tree_broken", b.Code)
	}
	return tree, nil
}

func hashes(stored [][]byte) []merkle.Hash {
	list := make([]merkle.Hash, len(stored))
	for i, b := range stored {
		copy(list[i][:], b)
	}
	return list
}
