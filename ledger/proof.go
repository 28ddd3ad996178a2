package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

// tiles reads the hashes of the book's tiles: of full ones as they are stored, at the right edge from the leaves
// and from the roots of the tiles below.
func (b *Book) tiles(ctx context.Context, db bun.IDB) merkle.TileReader {
	return func(level int, index int64, width int) ([]merkle.Hash, error) {
		const most = merkle.TileWidth
		if width == most {
			var full []tileRow
			err := db.NewSelect().Model(&full).Where("book_id = ?", b.id).Where("level = ?", level).Where("index = ?", index).Scan(ctx)
			if err != nil {
				return nil, fmt.Errorf("ledger: reading a tile of %s: %w", b.Code, err)
			}
			if len(full) == 1 {
				return split(full[0].Hashes), nil
			}
			return nil, E(Tampered, "book.tree_broken", b.Code)
		}
		first := index * most
		var stored [][]byte
		q := db.NewRaw("SELECT leaf_hash FROM entries WHERE book_id = ? AND seq >= ? AND seq < ? ORDER BY seq", b.id, first, first+int64(width))
		if level > 0 {
			q = db.NewRaw("SELECT root FROM tiles WHERE book_id = ? AND level = ? AND index >= ? AND index < ? ORDER BY index",
				b.id, level-1, first, first+int64(width))
		}
		if err := q.Scan(ctx, &stored); err != nil {
			return nil, fmt.Errorf("ledger: reading the edge of the tiles of %s: %w", b.Code, err)
		}
		if len(stored) != width {
			return nil, E(Tampered, "book.tree_broken", b.Code)
		}
		return hashes(stored), nil
	}
}

// Tile gives the hashes of a tile (C2SP tlog-tiles) that the head has: a full one of merkle.TileWidth, or the first of a
// narrower one, also where the tile is full by now. not_found tile.unknown beyond the head.
func (b *Book) Tile(ctx context.Context, level int, index int64, width int) ([]merkle.Hash, error) {
	if level < 0 || level > merkle.TileLevelMax {
		return nil, E(NotFound, "tile.unknown")
	}
	if err := b.holds(ctx, level, index, width); err != nil {
		return nil, err
	}
	return b.tiles(ctx, b.store.db)(level, index, width)
}

// Bundle gives the entries of a level-0 tile's leaves as C2SP tlog-tiles has them: each with its length before it, two
// bytes, the high one first. not_found tile.unknown beyond the head.
func (b *Book) Bundle(ctx context.Context, index int64, width int) ([]byte, error) {
	if err := b.holds(ctx, 0, index, width); err != nil {
		return nil, err
	}
	first := index * merkle.TileWidth
	list, err := b.EntriesAfter(ctx, first-1, width)
	if err != nil {
		return nil, err
	}
	if len(list) != width || list[width-1].Seq != first+int64(width)-1 {
		return nil, E(Tampered, "book.tree_broken", b.Code)
	}
	var bundle []byte
	for _, e := range list {
		if len(e.Body) > math.MaxUint16 {
			return nil, E(Tampered, "book.tree_broken", b.Code)
		}
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(e.Body))) //nolint:gosec // bounded above
		bundle = append(bundle, e.Body...)
	}
	return bundle, nil
}

// holds refuses a tile that the head does not have.
func (b *Book) holds(ctx context.Context, level int, index int64, width int) error {
	head, err := b.Head(ctx)
	if err != nil {
		return err
	}
	there := head.Size >> (tileHeight * level) // hashes of the level
	if width < 1 || width > merkle.TileWidth || index < 0 || index > there/merkle.TileWidth || index*merkle.TileWidth+int64(width) > there {
		return E(NotFound, "tile.unknown")
	}
	return nil
}

// tileHeight: a tile is over 2^tileHeight hashes.
const tileHeight = 8

// split cuts the bytes of a tile into its hashes.
func split(b []byte) []merkle.Hash {
	list := make([]merkle.Hash, len(b)/len(merkle.Hash{}))
	for i := range list {
		copy(list[i][:], b[i*len(merkle.Hash{}):])
	}
	return list
}

// Proof shows that an entry is in the book: the hashes from its leaf to the root of a checkpoint.
type Proof struct {
	Entry      LogEntry
	Hashes     []merkle.Hash
	Checkpoint Checkpoint
}

// Prove proves an entry in the checkpoint of a size; 0 is the head: not_found entry.unknown, invalid
// as_of.not_a_checkpoint. The proof is checked before it is given.
func (b *Book) Prove(ctx context.Context, seq, size int64) (Proof, error) {
	c, _, err := b.Checkpoint(ctx, b.store.db, size)
	if err != nil {
		return Proof{}, err
	}
	if seq >= c.Size {
		return Proof{}, E(NotFound, "entry.unknown", seq)
	}
	entry, err := b.EntryAt(ctx, seq)
	if err != nil {
		return Proof{}, err
	}
	path, err := merkle.ProveInclusion(seq, c.Size, b.tiles(ctx, b.store.db))
	if err != nil {
		return Proof{}, err
	}
	if err := merkle.CheckInclusion(path, seq, c.Size, c.Root, merkle.LeafHash(entry.Body)); err != nil {
		return Proof{}, E(Tampered, "book.tree_broken", b.Code).Because(err)
	}
	return Proof{Entry: entry, Hashes: path, Checkpoint: c}, nil
}
