package merkle

import (
	"encoding/hex"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// reference keeps every hash of the log as x/mod's own code stores them.
type reference struct{ hashes []Hash }

func (r *reference) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		out[i] = r.hashes[x]
	}
	return out, nil
}

func (r *reference) add(t *testing.T, n int64, leaf Hash) {
	t.Helper()
	stored, err := tlog.StoredHashesForRecordHash(n, leaf, r)
	if err != nil {
		t.Fatal(err)
	}
	r.hashes = append(r.hashes, stored...)
}

func TestTree_RootIsThatOfTlog(t *testing.T) {
	t.Parallel()
	var tree Tree
	var ref reference
	for n := int64(0); n <= 70_000; n++ {
		if n < 1_100 || n%4_093 == 0 || n >= 65_530 && n < 65_550 {
			want, err := tlog.TreeHash(n, &ref)
			if err != nil {
				t.Fatal(err)
			}
			if got := tree.Root(); got != want {
				t.Fatalf("root of %d leaves is %v, want %v", n, got, want)
			}
		}
		leaf := LeafHash(fmt.Appendf(nil, "entry %d", n))
		tree.Append(leaf)
		ref.add(t, n, leaf)
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, 255, 256, 257, 65_535, 65_536, 65_793} {
		var tree Tree
		tiles := map[string]Tile{}
		edge0 := []Hash{}
		for n := range size {
			leaf := LeafHash(fmt.Appendf(nil, "entry %d", n))
			edge0 = append(edge0, leaf)
			for _, tile := range tree.Append(leaf) {
				tiles[fmt.Sprint(tile.Level, "/", tile.Index)] = tile
				if tile.Level == 0 {
					edge0 = nil
				}
			}
		}
		edge := [][]Hash{edge0}
		for level, full := 0, size/TileWidth; full > 0; level, full = level+1, full/TileWidth {
			var roots []Hash
			for i := full - full%TileWidth; i < full; i++ {
				roots = append(roots, tiles[fmt.Sprint(level, "/", i)].Root())
			}
			edge = append(edge, roots)
		}
		again, err := Resume(size, edge)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if again.Root() != tree.Root() {
			t.Errorf("size %d: the resumed tree has root %v, want %v", size, again.Root(), tree.Root())
		}
		next := LeafHash([]byte("one more"))
		tree.Append(next)
		again.Append(next)
		if again.Root() != tree.Root() {
			t.Errorf("size %d: after one more leaf the roots differ", size)
		}
	}
	if _, err := Resume(300, [][]Hash{make([]Hash, 44)}); err == nil {
		t.Error("a tree of 300 without its level 1 was taken")
	}
}

// The vectors of RFC 6962's reference implementation: the root of the empty tree and of two inputs.
func TestTree_KnownRoots(t *testing.T) {
	t.Parallel()
	var tree Tree
	if got, want := hexRoot(&tree), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; got != want {
		t.Errorf("empty root %s, want %s", got, want)
	}
	tree.Append(LeafHash(nil))
	if got, want := hexRoot(&tree), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"; got != want {
		t.Errorf("root of one empty leaf %s, want %s", got, want)
	}
	tree.Append(LeafHash([]byte{0}))
	if got, want := hexRoot(&tree), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"; got != want {
		t.Errorf("root of two leaves %s, want %s", got, want)
	}
}

func TestTree_CloneIsIndependent(t *testing.T) {
	t.Parallel()
	var tree Tree
	for n := range 300 {
		tree.Append(LeafHash([]byte{byte(n)}))
	}
	before := tree.Root()
	clone := tree.Clone()
	for range 300 {
		clone.Append(LeafHash([]byte("more")))
	}
	if tree.Root() != before || clone.Root() == before {
		t.Error("growing a clone changed the original, or nothing")
	}
}

func hexRoot(tree *Tree) string {
	root := tree.Root()
	return hex.EncodeToString(root[:])
}
