package merkle

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// TileWidth is the number of hashes in a full tile, TileLevelMax the highest level, as C2SP tlog-tiles has them.
const (
	TileWidth    = 256
	TileLevelMax = 63
)

// Hash is a SHA-256 node or leaf hash of RFC 6962.
type Hash = tlog.Hash

// LeafHash is SHA-256(0x00 ‖ data).
func LeafHash(data []byte) Hash { return tlog.RecordHash(data) }

// Tile is a full tile: 256 hashes of one level, never to change again.
type Tile struct {
	Level  int
	Index  int64
	Hashes []Hash
}

// Bytes are the tile's hashes one after the other, 8,192 bytes.
func (t Tile) Bytes() []byte {
	b := make([]byte, 0, len(t.Hashes)*tlog.HashSize)
	for _, h := range t.Hashes {
		b = append(b, h[:]...)
	}
	return b
}

// Root is the hash over the whole tile: one hash of the level above.
func (t Tile) Root() Hash { return complete(t.Hashes) }

// Tree is the right edge of a log: its size and, for each level, the hashes of the tile that is not
// yet full. It grows by Append and never shrinks. The zero value is the empty tree.
type Tree struct {
	size int64
	edge [][]Hash // edge[L] are the complete subtrees of 256^L leaves right of the last full tile
}

// Resume makes the tree of a given size from the edge of each level: edge[0] the leaf hashes after
// the last full tile, edge[1] the roots of the level-0 tiles after the last full level-1 tile, and so on.
func Resume(size int64, edge [][]Hash) (*Tree, error) {
	rest := size
	for level, hashes := range edge {
		if int64(len(hashes)) != rest%TileWidth {
			return nil, fmt.Errorf("merkle: level %d of a tree of %d has %d hashes at its edge, want %d",
				level, size, len(hashes), rest%TileWidth)
		}
		rest /= TileWidth
	}
	if rest != 0 {
		return nil, fmt.Errorf("merkle: a tree of %d needs more than %d levels", size, len(edge))
	}
	t := &Tree{size: size, edge: make([][]Hash, len(edge))}
	for level, hashes := range edge {
		t.edge[level] = append([]Hash(nil), hashes...)
	}
	return t, nil
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Clone is an independent copy, so that a refused commit costs nothing.
func (t *Tree) Clone() *Tree {
	c := &Tree{size: t.size, edge: make([][]Hash, len(t.edge))}
	for level, hashes := range t.edge {
		c.edge[level] = append([]Hash(nil), hashes...)
	}
	return c
}

// Append adds one leaf and returns the tiles that it filled, lowest level first.
func (t *Tree) Append(leaf Hash) []Tile {
	var full []Tile
	index := t.size
	t.size++
	for level, h := 0, leaf; ; level++ {
		if level == len(t.edge) {
			t.edge = append(t.edge, nil)
		}
		t.edge[level] = append(t.edge[level], h)
		index /= TileWidth
		if len(t.edge[level]) < TileWidth {
			return full
		}
		tile := Tile{Level: level, Index: index, Hashes: t.edge[level]}
		full = append(full, tile)
		t.edge[level] = nil
		h = tile.Root()
	}
}

// Root is the RFC 6962 tree hash; of the empty tree it is SHA-256 of nothing.
func (t *Tree) Root() Hash {
	if t.size == 0 {
		root, _ := tlog.TreeHash(0, nil)
		return root
	}
	var root Hash
	found := false
	for _, hashes := range t.edge {
		for n := len(hashes); n > 0; {
			width := n & -n // the smallest complete subtree is the rightmost
			subtree := complete(hashes[n-width : n])
			if found {
				root = tlog.NodeHash(subtree, root)
			} else {
				root, found = subtree, true
			}
			n -= width
		}
	}
	return root
}

// complete hashes a power of two of neighbours into one.
func complete(hashes []Hash) Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(complete(hashes[:half]), complete(hashes[half:]))
}
