package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// leaves are the leaf hashes of a book.
func (c *craft) leaves() []hash {
	list := make([]hash, len(c.lines))
	for i, line := range c.lines {
		list[i], _ = leafHash(nil, []byte(line))
	}
	return list
}

// rootOf is the tree's definition, word by word.
func rootOf(leaves []hash) hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return nodeHash(rootOf(leaves[:k]), rootOf(leaves[k:]))
}

// pathOf proves leaf m (RFC 6962, 2.1.1).
func pathOf(m int, leaves []hash) []hash {
	if len(leaves) == 1 {
		return nil
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	if m < k {
		return append(pathOf(m, leaves[:k]), rootOf(leaves[k:]))
	}
	return append(pathOf(m-k, leaves[k:]), rootOf(leaves[:k]))
}

// consistencyOf proves that the first m leaves are in the tree (RFC 6962, 2.1.2). whole says that they are a tree of their own.
func consistencyOf(m int, leaves []hash, whole bool) []hash {
	if m == len(leaves) {
		if whole {
			return nil
		}
		return []hash{rootOf(leaves)}
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	if m <= k {
		return append(consistencyOf(m, leaves[:k], whole), rootOf(leaves[k:]))
	}
	return append(consistencyOf(m-k, leaves[k:], false), rootOf(leaves[:k]))
}

// proofOf is a proof file.
func (c *craft) proofOf(index int) string {
	extra, err := json.Marshal(map[string]string{"entry": c.lines[index], "verifier_key": c.signers[0].text()})
	if err != nil {
		c.tb.Fatal(err)
	}
	body := fmt.Sprintf("%s\nextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString(extra), index)
	for _, h := range pathOf(index, c.leaves()) {
		body += h.String() + "\n"
	}
	return body + "\n" + c.head()
}

func writeFile(tb testing.TB, name, body string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// The compact range gives the roots of transparency-dev's, and of the definition.
func TestTree(t *testing.T) {
	t.Parallel()
	theirs := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	var ours tree
	var leaves []hash
	for i := range 520 {
		leaf, _ := leafHash(nil, fmt.Append(nil, i))
		leaves = append(leaves, leaf)
		ours.add(leaf)
		if err := theirs.Append(leaf[:], nil); err != nil {
			t.Fatal(err)
		}
		root, err := theirs.GetRootHash(nil)
		if err != nil || ours.root() != hash(root) || ours.root() != rootOf(leaves) {
			t.Fatalf("size %d: %v, another root", i+1, err)
		}
	}
	if got := ours.root().hex(); got == "" || len(ours.roots) != 2 {
		t.Errorf("520 leaves leave %d hashes", len(ours.roots))
	}
}

func TestProof(t *testing.T) {
	t.Parallel()
	c, _ := sample(t)
	for i := range c.lines {
		path := writeFile(t, "x.tlog-proof", c.proofOf(i))
		if status, out := run(t, "proof", path); status != exitFine || !strings.Contains(out, "own word") {
			t.Errorf("entry %d: %d %s", i, status, out)
		}
		if status, out := run(t, "proof", path, "--key", c.signers[1].text()); status != exitFine || !strings.Contains(out, "note: the file's own key is another") {
			t.Errorf("entry %d, the second key: %d %s", i, status, out)
		}
		if status, out := run(t, "proof", path, "--key", newSigner(origin, logKey, 7).text()); status != exitBroken {
			t.Errorf("entry %d, a stranger's key: %d %s", i, status, out)
		}
	}
	path := writeFile(t, "x.tlog-proof", c.proofOf(4))
	status, out := run(t, "proof", path, "--key", c.signers[0].text())
	for _, want := range []string{"fine: entry 4", "lot number: 示例1号", "base total 10000.00", "hammer total 14328.50", "premium 4328.50 yuan, premium rate 43.29%", "check code 4-", "size 9"} {
		if status != exitFine || !strings.Contains(out, want) {
			t.Errorf("%d, no %q in %s", status, want, out)
		}
	}
}

func TestProof_EveryByte(t *testing.T) {
	t.Parallel()
	c := newCraft(t)
	c.commit(lotEntry(1, "甲", "1.00", "2.00", "hammered", "2021-01-01"), lotEntry(2, "乙", "1.00", "2.00", "hammered", "2021-01-01"))
	body := c.proofOf(1)
	for i := range len(body) {
		for _, flip := range []byte{1, 2, 0x20} {
			b := []byte(body)
			b[i] ^= flip
			p, err := parseProof("p", string(b))
			if err == nil {
				err = p.check("p")
			}
			if err == nil {
				_, _, err = p.judge("p", nil)
			}
			if _, ok := errors.AsType[*broken](err); !ok {
				t.Errorf("byte %d %q → %q: %v", i, body[i], b[i], err)
			}
		}
	}
	if status, _ := run(t, "proof", filepath.Join(t.TempDir(), "none")); status != exitFailed {
		t.Errorf("a file that is not there: %d", status)
	}
	for _, args := range [][]string{{"proof"}, {"proof", "a", "b"}, {"proof", "a", "--key", "x"}, {"proof", "a", "--what"}, {"nothing"}, {}} {
		if status, _ := run(t, args...); status != exitUsage {
			t.Errorf("%v: %d", args, status)
		}
	}
}

func TestProof_Witness(t *testing.T) {
	t.Parallel()
	c := newCraft(t, lotEntry(1, "甲", "1.00", "2.00", "hammered", "2021-01-01"))
	w := newSigner("witness.example/county", witnessKey, 5)
	other := newSigner("witness.example/other", witnessKey, 6)
	body := c.proofOf(1) + w.cosign(c.text(), 1_764_000_000) + other.cosign(c.text(), 1_764_000_001)
	path := writeFile(t, "x.tlog-proof", body)
	status, out := run(t, "proof", path, "--witness", w.text(), "--key", c.signers[0].text())
	for _, want := range []string{"witnessed, valid: witness.example/county at 2025-11-24T16:00:00Z", "unknown signature line, not checked: witness.example/other"} {
		if status != exitFine || !strings.Contains(out, want) {
			t.Errorf("%d, no %q in %s", status, want, out)
		}
	}
	forged := c.proofOf(1) + newSigner(w.name, witnessKey, 5).cosign(strings.Replace(c.text(), "\n2\n", "\n3\n", 1), 1_764_000_000)
	if status, out := run(t, "proof", writeFile(t, "y.tlog-proof", forged), "--witness", w.text()); status != exitBroken {
		t.Errorf("a cosignature of something else: %d %s", status, out)
	}
}

func TestConsistency(t *testing.T) {
	t.Parallel()
	c := newCraft(t)
	for i := range 6 {
		c.commit(lotEntry(2*i+1, "甲", "1.00", "2.00", "hammered", "2021-01-01"), lotEntry(2*i+2, "乙", "1.00", "2.00", "hammered", "2021-01-01"))
	}
	fork := newCraft(t)
	for i := range 7 {
		fork.commit(lotEntry(2*i+1, "甲", "1.00", "3.00", "hammered", "2021-01-01"), lotEntry(2*i+2, "乙", "1.00", "2.00", "hammered", "2021-01-01"))
	}
	full, forked := onDisk(t, c.files()), onDisk(t, fork.files())
	key, key2 := "--key", c.signers[0].text()
	head := writeFile(t, "head", c.head())
	for _, n := range c.notes {
		old := writeFile(t, "old", n.note)
		hashes := ""
		for _, h := range consistencyOf(int(n.size), c.leaves(), true) {
			hashes += h.String() + "\n"
		}
		proof := writeFile(t, "hashes", hashes)
		want := func(status int, text string, args ...string) {
			t.Helper()
			if got, out := run(t, append([]string{"consistency"}, args...)...); got != status || !strings.Contains(out, text) {
				t.Errorf("size %d, %v: %d %s", n.size, args, got, out)
			}
		}
		want(exitFine, "fine", old, full)
		want(exitFine, "fine", old, full, key, key2)
		want(exitUsage, "--key", old, head, "--proof", proof)
		if n.size < c.tree.size {
			want(exitFine, "fine", old, head, "--proof", proof, key, key2)
			want(exitBroken, "a fork", old, writeFile(t, "forked", fork.notes[6].note), "--proof", proof, key, key2)
			want(exitBroken, "a roll-back", full, old)
			want(exitUsage, "--proof", old, head, key, key2)
		}
		if n.size > 1 {
			want(exitBroken, "a fork", old, forked)
		}
	}
	// Who has the proof of one result holds a checkpoint, too.
	held, cut := writeFile(t, "x.tlog-proof", c.proofOf(4)), writeFile(t, "cut.tlog-proof", c.proofOf(4)[:60])
	c.commit(lotEntry(13, "甲", "1.00", "2.00", "hammered", "2021-01-01"))
	for _, tt := range []struct {
		old, now string
		status   int
		text     string
	}{{held, onDisk(t, c.files()), exitFine, "fine"}, {held, forked, exitBroken, "a fork"}, {cut, full, exitBroken, "not a proof file"}} {
		if status, out := run(t, "consistency", tt.old, tt.now); status != tt.status || !strings.Contains(out, tt.text) {
			t.Errorf("%s, %s: %d %s", tt.old, tt.now, status, out)
		}
	}
	if status, out := run(t, "consistency", full, forked); status != exitBroken || !strings.Contains(out, "a fork") {
		t.Errorf("two exports: %d %s", status, out)
	}
}
