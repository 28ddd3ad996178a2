package merkle

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// TileReader gives the first width hashes of a tile: 256 of a full one, fewer of the one at the right edge.
type TileReader func(level int, index int64, width int) ([]Hash, error)

// ProveInclusion gives the hashes that lead from the leaf index to the root of the first size leaves (RFC 6962,
// 2.1.1), lowest first.
func ProveInclusion(index, size int64, tiles TileReader) ([]Hash, error) {
	if index < 0 || index >= size {
		return nil, fmt.Errorf("merkle: a tree of %d has no leaf %d", size, index)
	}
	proof, err := tlog.ProveRecord(size, index, &hashReader{size: size, tiles: tiles})
	if err != nil {
		return nil, fmt.Errorf("merkle: proving leaf %d of %d: %w", index, size, err)
	}
	return proof, nil
}

// ProveConsistency gives the hashes by which the root of the first size leaves is seen to extend that of the first
// old leaves (RFC 6962, 2.1.2). It is empty when old is 0 or size.
func ProveConsistency(old, size int64, tiles TileReader) ([]Hash, error) {
	if old < 0 || old > size {
		return nil, fmt.Errorf("merkle: a tree of %d does not extend one of %d", size, old)
	}
	if old == 0 || old == size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(size, old, &hashReader{size: size, tiles: tiles})
	if err != nil {
		return nil, fmt.Errorf("merkle: proving that %d extends %d: %w", size, old, err)
	}
	return proof, nil
}

// CheckInclusion holds when the proof leads from the leaf to the root.
func CheckInclusion(proof []Hash, index, size int64, root, leaf Hash) error {
	if index < 0 || index >= size {
		return fmt.Errorf("merkle: a tree of %d has no leaf %d", size, index)
	}
	if err := tlog.CheckRecord(proof, size, root, index, leaf); err != nil {
		return fmt.Errorf("merkle: leaf %d is not in the tree of %d: %w", index, size, err)
	}
	return nil
}

// CheckConsistency holds when the tree of size with root extends that of oldSize with oldRoot.
func CheckConsistency(proof []Hash, oldSize, size int64, oldRoot, root Hash) error {
	switch {
	case oldSize < 0 || oldSize > size:
		return fmt.Errorf("merkle: a tree of %d does not extend one of %d", size, oldSize)
	case oldSize == 0 && len(proof) == 0: // every tree extends the empty one
		return nil
	case oldSize == size && oldRoot == root && len(proof) == 0:
		return nil
	case oldSize == 0 || oldSize == size:
		return fmt.Errorf("merkle: the tree of %d is not the same as before", size)
	}
	if err := tlog.CheckTree(proof, size, root, oldSize, oldRoot); err != nil {
		return fmt.Errorf("merkle: the tree of %d does not extend that of %d: %w", size, oldSize, err)
	}
	return nil
}

// hashReader finds the hashes that tlog asks for in tiles, each of which is read once.
type hashReader struct {
	size  int64
	tiles TileReader
	read  map[[2]int64][]Hash
}

// ReadHashes implements tlog.HashReader.
func (r *hashReader) ReadHashes(stored []int64) ([]Hash, error) {
	list := make([]Hash, len(stored))
	for i, s := range stored {
		level, n := tlog.SplitStoredHashIndex(s)
		var err error
		if list[i], err = r.hash(level, n); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// hash is the root over the 2^level leaves that begin at n·2^level: over a few neighbours in a tile.
func (r *hashReader) hash(level int, n int64) (Hash, error) {
	const height = 8 // a tile is over 2^8
	row, within := level/height, level%height
	count := int64(1) << within
	first := n * count
	index := first / TileWidth
	width := min((r.size>>(height*row))-index*TileWidth, TileWidth)
	key := [2]int64{int64(row), index}
	hashes, ok := r.read[key]
	if !ok {
		var err error
		if hashes, err = r.tiles(row, index, int(width)); err != nil {
			return Hash{}, err
		}
		if int64(len(hashes)) != width {
			return Hash{}, fmt.Errorf("merkle: tile %d/%d has %d hashes, want %d", row, index, len(hashes), width)
		}
		if r.read == nil {
			r.read = map[[2]int64][]Hash{}
		}
		r.read[key] = hashes
	}
	from := first % TileWidth
	if from+count > width {
		return Hash{}, fmt.Errorf("merkle: tile %d/%d ends before hash %d", row, index, from+count)
	}
	return complete(hashes[from : from+count]), nil
}
