package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// end is one side of a comparison: a checkpoint, and the whole export where it came with one.
type end struct {
	path string
	checkpoint

	export *result
}

func runConsistency(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("consistency")
	proofPath := o.String("proof", "", text{"一致性证明：每行一个 base64 哈希（两边都不是导出时需要）", "the hashes of a consistency proof, one base64 a line (where neither is an export)"}.in(p.lang))
	operands, err := o.parse(args, 2)
	if err != nil {
		return err
	}
	before, err := o.end(ctx, operands[0])
	if err != nil {
		return err
	}
	after, err := o.end(ctx, operands[1], before.size)
	if err != nil {
		return err
	}
	if before.export == nil && after.export == nil && len(o.keys.list) == 0 {
		return &usage{text{"两边都是单张凭证：要用 --key 给出账簿公钥，才能核对签名", "both are bare checkpoints: their signatures need the book's key, --key"}}
	}
	for _, e := range []*end{before, after} {
		if err := e.signedAs(before, after, o.keys.list); err != nil {
			return err
		}
	}
	if err := extends(before, after, *proofPath); err != nil {
		return err
	}
	p.line(text{"完好：新的接续旧的，条目数 %d → %d，旧的一条未改。", "fine: the new one extends the old one, size %d → %d, and nothing of the old was changed."}, before.size, after.size)
	p.printCheckpoint(&before.checkpoint, o.keysOf(before, after), o.witnesses.list)
	p.printCheckpoint(&after.checkpoint, o.keysOf(before, after), o.witnesses.list)
	if len(o.keys.list) == 0 {
		p.ownWord(o.keysOf(before, after)...)
	}
	return nil
}

// end reads a checkpoint, alone or below a proof, or an export, which is checked whole.
func (o *options) end(ctx context.Context, path string, sizes ...int64) (*end, error) {
	f, isExport, err := openFolder(path)
	if err == nil {
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	if isExport {
		r, err := o.verified(ctx, path, nil, sizes...)
		if err != nil {
			return nil, within(path, err)
		}
		return &end{path, r.head, r}, nil
	}
	body, err := readLimited(path, proofMax)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(body, proofHeader+"\n") {
		p, err := parseProof(path, body)
		if err != nil {
			return nil, err
		}
		return &end{path, p.checkpoint, nil}, nil
	}
	c, ok := parseCheckpoint(body)
	if !ok {
		return nil, brokenAt(path, 0, text{"既不是导出或证明文件，也不是链首凭证", "neither an export nor a proof file nor a signed checkpoint"})
	}
	return &end{path, c, nil}, nil
}

// within names the export that a fault is of.
func within(path string, err error) error {
	if b, ok := errors.AsType[*broken](err); ok {
		return &broken{strings.TrimRight(path, "/") + "/" + b.file, b.line, b.what}
	}
	return err
}

// keysOf are the keys by which the two are judged: those of the asker, else those that an export names.
func (o *options) keysOf(ends ...*end) []verifier {
	if len(o.keys.list) > 0 {
		return o.keys.list
	}
	var all []verifier
	for _, e := range ends {
		if e.export == nil {
			continue
		}
		for _, r := range e.export.chain {
			for _, k := range r.keys {
				if !slices.ContainsFunc(all, func(v verifier) bool { return v.text == k.text }) {
					all = append(all, k)
				}
			}
		}
	}
	return all
}

// signedAs wants a bare checkpoint signed by a key of the asker's, or else by one that was in force at its size.
func (e *end) signedAs(before, after *end, keys []verifier) error {
	if e.export != nil {
		return nil
	}
	if len(keys) == 0 {
		other := before
		if e == before {
			other = after
		}
		keys = other.export.chain.keysAt(e.size)
	}
	for _, k := range keys {
		if k.name == e.origin && e.signedBy(k) {
			return nil
		}
	}
	return brokenAt(e.path, 0, text{"没有该账簿公钥的有效签名：它不是这本账簿的凭证", "no valid signature of the book's key: it is not of this book"})
}

// keysAt are the keys that signed the checkpoint of a size.
func (c chain) keysAt(size int64) []verifier {
	var keys []verifier
	for _, r := range c {
		if r.from < size {
			keys = r.keys
		}
	}
	return keys
}

// The two ways in which a newer book does not extend an older one.
func fork(before, after *end) error {
	return brokenAt(after.path, 0, textf(text{
		"分叉：条目数 %d 处与 %s 不是同一本账簿，旧凭证之前的条目被改动过",
		"a fork: at size %d it is not the book of %s; entries from before that checkpoint were changed",
	}, before.size, before.path))
}

func rollBack(before, after *end) error {
	return brokenAt(after.path, 0, textf(text{
		"回退：它只有 %d 个条目，而 %s 已有 %d 个，条目被删除过",
		"a roll-back: it has %d entries, and %s has %d already; entries were removed",
	}, after.size, before.path, before.size))
}

// extends compares the two.
func extends(before, after *end, proofPath string) error {
	switch {
	case after.size < before.size:
		return rollBack(before, after)
	case after.size == before.size:
		if after.root != before.root {
			return fork(before, after)
		}
		return nil
	case after.export != nil:
		if after.export.roots[before.size] != before.root {
			return fork(before, after)
		}
		return nil
	case before.size == 0:
		return nil
	case proofPath == "":
		return &usage{text{
			"新的一边不是导出：要用 --proof 给出一致性证明", "the new one is no export: give the consistency proof with --proof",
		}}
	}
	hashes, err := readHashes(proofPath)
	if err != nil {
		return err
	}
	err = proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(before.size), uint64(after.size), hashes, before.root[:], after.root[:])
	if err != nil {
		return fork(before, after)
	}
	return nil
}

// readHashes reads the hashes of a proof.
func readHashes(path string) ([][]byte, error) {
	body, err := readLimited(path, noteMax)
	if err != nil {
		return nil, err
	}
	var hashes [][]byte
	for i, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		h, ok := parseHash64(line)
		if !ok {
			return nil, brokenAt(path, int64(i+1), text{"不是哈希", "not a hash"})
		}
		hashes = append(hashes, h[:])
	}
	return hashes, nil
}
