package main

import (
	"crypto/sha256"
	"math/bits"
)

// hash is a node of the tree of RFC 6962.
type hash [sha256.Size]byte

// leafHash is SHA-256(0x00 ‖ entry). buf is scratch space of the caller, so that millions of entries cost no
// allocation.
func leafHash(buf, entry []byte) (hash, []byte) {
	buf = append(append(buf[:0], 0), entry...)
	return sha256.Sum256(buf), buf
}

func nodeHash(left, right hash) hash {
	var b [1 + 2*len(left)]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+len(left):], right[:])
	return sha256.Sum256(b[:])
}

// tree is a compact range: of n leaves it holds the roots of the perfect trees that n is the sum of, the largest
// first. That is at most 63 hashes, however long the book is.
type tree struct {
	size  int64
	roots []hash
}

func (t *tree) add(leaf hash) {
	t.roots = append(t.roots, leaf)
	for range bits.TrailingZeros64(^uint64(t.size)) {
		n := len(t.roots)
		t.roots[n-2] = nodeHash(t.roots[n-2], t.roots[n-1])
		t.roots = t.roots[:n-1]
	}
	t.size++
}

// root is the root over all leaves so far.
func (t *tree) root() hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	n := len(t.roots)
	root := t.roots[n-1]
	for i := n - 2; i >= 0; i-- {
		root = nodeHash(t.roots[i], root)
	}
	return root
}
