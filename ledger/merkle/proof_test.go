package merkle

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// grown is a log of n leaves: x/mod's own hashes and our tiles.
type grown struct {
	ref    reference
	leaves []Hash
	tiles  map[[2]int64][]Hash
}

func grow(t *testing.T, n int64) *grown {
	t.Helper()
	g := &grown{tiles: map[[2]int64][]Hash{}}
	var tree Tree
	for i := range n {
		leaf := LeafHash(fmt.Appendf(nil, "entry %d", i))
		g.leaves = append(g.leaves, leaf)
		g.ref.add(t, i, leaf)
		for _, tile := range tree.Append(leaf) {
			g.tiles[[2]int64{int64(tile.Level), tile.Index}] = tile.Hashes
		}
	}
	return g
}

// read gives the hashes of a tile, those of the right edge from the leaves and the roots of the tiles below.
func (g *grown) read(level int, index int64, width int) ([]Hash, error) {
	if full, ok := g.tiles[[2]int64{int64(level), index}]; ok {
		return full[:width], nil
	}
	if level == 0 {
		return g.leaves[index*TileWidth:][:width], nil
	}
	var roots []Hash
	for i := range int64(width) {
		roots = append(roots, Tile{Hashes: g.tiles[[2]int64{int64(level - 1), index*TileWidth + i}]}.Root())
	}
	return roots, nil
}

func (g *grown) root(t *testing.T, size int64) Hash {
	t.Helper()
	root, err := tlog.TreeHash(size, &g.ref)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Proofs from tiles are those of x/mod, which keeps every hash, and a changed one is refused.
func TestProve(t *testing.T) {
	t.Parallel()
	g := grow(t, 66_000)
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 513, 1_000, 65_535, 65_536, 65_537, 66_000} {
		root := g.root(t, size)
		for _, index := range []int64{0, 1, 254, 255, 256, size / 2, size - 2, size - 1} {
			if index < 0 || index >= size {
				if _, err := ProveInclusion(index, size, g.read); err == nil {
					t.Errorf("leaf %d of %d was proved", index, size)
				}
				continue
			}
			proof, err := ProveInclusion(index, size, g.read)
			if err != nil {
				t.Fatal(err)
			}
			want, err := tlog.ProveRecord(size, index, &g.ref)
			if err != nil || fmt.Sprint(proof) != fmt.Sprint([]Hash(want)) {
				t.Errorf("proof of %d in %d is %v, want %v (%v)", index, size, proof, want, err)
			}
			if err := CheckInclusion(proof, index, size, root, g.leaves[index]); err != nil {
				t.Error(err)
			}
			if err := CheckInclusion(proof, index, size, root, LeafHash([]byte("another"))); err == nil {
				t.Errorf("another leaf was taken for %d of %d", index, size)
			}
		}
		for _, old := range []int64{0, 1, 255, 256, 300, size - 1, size} {
			if old < 0 || old > size {
				continue
			}
			proof, err := ProveConsistency(old, size, g.read)
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckConsistency(proof, old, size, g.root(t, old), root); err != nil {
				t.Error(err)
			}
			if err := CheckConsistency(proof, old, size, LeafHash([]byte("another")), root); err == nil && old > 0 {
				t.Errorf("%d was taken for an extension of another tree of %d", size, old)
			}
		}
	}
	if _, err := ProveConsistency(3, 2, g.read); err == nil {
		t.Error("a shorter tree was proved to extend a longer one")
	}
	if err := CheckConsistency(nil, 3, 2, Hash{}, Hash{}); err == nil {
		t.Error("a shorter tree was taken for an extension of a longer one")
	}
}

// A tile that is shorter than it says is refused, not read beyond.
func TestProve_ShortTile(t *testing.T) {
	t.Parallel()
	short := func(int, int64, int) ([]Hash, error) { return make([]Hash, 3), nil }
	if _, err := ProveInclusion(7, 300, short); err == nil {
		t.Error("a short tile was taken")
	}
}
