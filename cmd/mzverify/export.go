package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// result is what an export was found to be.
type result struct {
	public      bool
	entries     int64
	hidden      int64 // lines that show a hash alone
	bytes       int64
	checkpoints int64
	chain       chain
	head        checkpoint
	at          string         // instant of the last entry in clear
	roots       map[int64]hash // at the sizes that were asked for
	signed      map[string]int64
	texts       int64 // sealed texts that were opened
	missing     int64 // commitments without a text, where the export has sealed texts
	keys        int64 // lines of idempotency.jsonl
	sealed      bool  // the export has sealed texts
}

// watcher sees every entry in order, once it is known to be canonical. The entry is its own only during the call.
type watcher func(seq int64, e *entry) error

// export is a run over an export. Everything is read once, in order, side by side.
type export struct {
	*folder
	result

	ctx   context.Context
	name  string // of the file of entries
	notes noteLines
	tree  tree
	sigs  *signatures
	refs  refs
	seals *sealedLines
	keyed *keyLines
	watch watcher

	at          [32]byte // instant of the entry before
	atLen       int
	beforeClear bool
	lastSize    int64 // of the checkpoint before
	fault       error
}

// verify checks a whole export. sizes are those at which the root is wanted.
func verify(ctx context.Context, f *folder, watch watcher, sizes ...int64) (*result, error) {
	x := &export{folder: f, ctx: ctx, watch: watch, sigs: newSignatures(ctx)}
	x.roots = map[int64]hash{}
	for _, size := range sizes {
		x.roots[size] = hash{}
	}
	err := x.run()
	if sigErr := x.sigs.finish(); err == nil {
		err = sigErr
	}
	if err != nil {
		return nil, err
	}
	x.signed = x.sigs.signed
	return &x.result, nil
}

func (x *export) run() (err error) {
	x.name = entriesFile
	if x.public = x.has(publicFile); x.public {
		x.name = publicFile
		if x.has(entriesFile) {
			return brokenAt(entriesFile, 0, text{"公开导出里不应有全部条目", "a public export has no file of all entries"})
		}
	}
	if !x.has(x.name) {
		return fmt.Errorf("%s: %w: %s, %s", x.path, fs.ErrNotExist, entriesFile, publicFile)
	}
	for _, name := range []string{checkpointsFile, headFile} {
		if !x.has(name) {
			return brokenAt(name, 0, text{"导出里没有这个文件", "the export lacks this file"})
		}
	}
	if x.notes.lines, err = x.lines(checkpointsFile); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.notes.Close()) }()
	if err := x.notes.advance(); err != nil {
		return err
	}
	if err := x.openBeside(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.closeBeside()) }()
	file, err := x.regular(x.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := readBlocks(x.ctx, file, x.public).each(x.block); err != nil {
		return err
	}
	if x.fault != nil {
		return x.fault
	}
	return x.finish()
}

// openBeside opens the files that only some exports have.
func (x *export) openBeside() (err error) {
	if x.sealed = x.has(sealedFile); x.sealed {
		if x.seals, err = openSealed(x.folder); err != nil {
			return err
		}
	}
	if x.has(keysFile) {
		if x.keyed, err = openKeys(x.folder); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) closeBeside() error {
	var all []error
	if x.seals != nil {
		all = append(all, x.seals.Close())
	}
	if x.keyed != nil {
		all = append(all, x.keyed.Close())
	}
	return errors.Join(all...)
}

// block takes the entries of a block; false ends the run.
func (x *export) block(bl *block) bool {
	for i := range bl.entries {
		if x.fault = x.entry(bl, &bl.entries[i]); x.fault != nil {
			return false
		}
	}
	return x.ctx.Err() == nil
}

// here is a fault of the line of the entry that comes next.
func (x *export) here(what text) error { return brokenAt(x.name, x.tree.size+1, what) }

func (x *export) entry(bl *block, e *entry) error {
	seq := x.tree.size
	if e.bad != "" {
		f := flaw(e.bad)
		return x.here(text{"不是规范形式的条目：" + f.zh, "not a canonical entry: " + f.en})
	}
	if err := x.boundary(e); err != nil {
		return err
	}
	if e.clear {
		if err := x.clear(seq, bl, e); err != nil {
			return err
		}
	} else {
		x.hidden++
		if seq == 0 {
			return x.here(text{"条目 0 必须是明文的 book.opened", "entry 0 is book.opened, in clear"})
		}
	}
	x.refs.note(e)
	x.tree.add(e.leaf)
	x.bytes += int64(len(e.line)) + 1
	if _, wanted := x.roots[x.tree.size]; wanted {
		x.roots[x.tree.size] = x.tree.root()
	}
	return x.checkpoint()
}

// boundary holds an entry's instant against the one before: within a commit it is the same, and every commit has its
// checkpoint.
func (x *export) boundary(e *entry) error {
	seq := x.tree.size
	ended := x.lastSize == seq // a checkpoint was made of all entries before
	if e.clear && x.beforeClear {
		before := x.at[:x.atLen]
		switch order := bytes.Compare(before, e.at); {
		case order > 0:
			return x.here(textf(text{"时间 %s 早于上一条的 %s", "its instant %s is before %s of the entry before"}, e.at, before))
		case order < 0 && !ended:
			return x.here(textf(text{"新的提交由此开始，而条目数 %d 处没有链首凭证", "a new commit begins here, and there is no checkpoint of size %d"}, seq))
		case order == 0 && ended:
			return x.here(textf(text{"条目数 %d 处的链首凭证把一次提交切成了两半", "the checkpoint of size %d cuts a commit in two"}, seq))
		}
	}
	if x.beforeClear = e.clear; e.clear {
		x.atLen = copy(x.at[:], e.at)
	}
	return nil
}

// clear checks an entry that is shown.
func (x *export) clear(seq int64, bl *block, e *entry) error {
	if what := x.refs.check(seq, e, bl.reader.refs[e.refs[0]:e.refs[1]]); what != nil {
		return x.here(*what)
	}
	if seq == 0 && e.noun != aBook {
		return x.here(text{"条目 0 必须是 book.opened", "entry 0 is book.opened"})
	}
	if e.noun == aBook {
		next, what := x.chain.follow(seq, e)
		if what != nil {
			return x.here(*what)
		}
		x.chain = next
		x.reopened()
	}
	if x.seals != nil {
		if err := x.seals.compare(seq, bl.reader.seals[e.seals[0]:e.seals[1]]); err != nil {
			return err
		}
		if e.noun == anErasure {
			if err := x.seals.erase(seq, e); err != nil {
				return err
			}
		}
	}
	if x.keyed != nil {
		if err := x.keyed.compare(seq, e, x.lastSize == seq); err != nil {
			return err
		}
	}
	if x.watch != nil {
		return x.watch(seq, e)
	}
	return nil
}

// reopened holds the checkpoint that a reopened book goes on from against the last one before it.
func (x *export) reopened() {
	now := x.chain.now()
	r := now.profile.Reopened
	if r == nil || len(x.chain) < 2 || x.chain[len(x.chain)-2].origin == now.origin {
		return
	}
	switch {
	case r.Size > x.tree.size, r.Size == x.lastSize && r.Root != x.head.root.String():
		now.goesOn = lostEntries
	case r.Size == x.lastSize:
		now.goesOn = goesOn
	}
}

// checkpoint holds the checkpoint of the size reached, if there is one, against the tree, and has its signatures checked.
func (x *export) checkpoint() error {
	if !x.notes.more || x.notes.next.size != x.tree.size {
		return nil
	}
	n := x.notes.next
	c, err := x.signedBook(checkpointsFile, n.line, n.note, false)
	if err != nil {
		return err
	}
	if root := x.tree.root(); c.root != root {
		return brokenAt(checkpointsFile, n.line, textf(
			text{"条目数 %d 处的根应为 %s，凭证上是 %s：%s 第 %d 至 %d 行中有一行被改动过", "the root at size %d is %s, the checkpoint says %s: of %s, one of the lines %d to %d was changed"},
			c.size, root, c.root, x.name, x.lastSize+1, c.size))
	}
	x.head, x.lastSize = c, c.size
	x.checkpoints++
	return x.notes.advance()
}

// signedBook reads a checkpoint of the size reached and has its signatures checked by the keys in force.
func (x *export) signedBook(file string, line int64, note string, head bool) (checkpoint, error) {
	c, ok := parseCheckpoint(note)
	reign := x.chain.now()
	switch {
	case !ok:
		return c, brokenAt(file, line, text{"不是链首凭证", "not a signed checkpoint"})
	case c.size != x.tree.size:
		return c, brokenAt(file, line, textf(text{"凭证的条目数是 %d，应为 %d", "the checkpoint says size %d, want %d"}, c.size, x.tree.size))
	case reign == nil || c.origin != reign.origin:
		return c, brokenAt(file, line, textf(text{"凭证的来源名 %s 不是本账簿当时的", "the checkpoint's origin %s is not the book's at that time"}, c.origin))
	}
	x.sigs.work <- signatureJob{c, file, line, reign.keys, head}
	return c, nil
}

// finish looks at the ends of all files.
func (x *export) finish() error {
	x.entries = x.tree.size
	switch {
	case x.entries == 0:
		return brokenAt(x.name, 0, text{"没有条目", "there is no entry"})
	case x.notes.more:
		return brokenAt(checkpointsFile, x.notes.next.line, textf(
			text{"有条目数为 %d 的链首凭证，而 %s 只有 %d 行", "there is a checkpoint of size %d, and %s has %d lines only"}, x.notes.next.size, x.name, x.entries))
	case x.lastSize != x.entries:
		return brokenAt(checkpointsFile, 0, textf(
			text{"最后的链首凭证只到 %d，而 %s 有 %d 行", "the last checkpoint is of size %d, and %s has %d lines"}, x.lastSize, x.name, x.entries))
	}
	note, err := x.small(headFile, noteMax)
	if err != nil {
		return err
	}
	c, err := x.signedBook(headFile, 0, note, true)
	if err != nil {
		return err
	}
	if c.text != x.head.text {
		return brokenAt(headFile, 0, text{"与 checkpoints.jsonl 的最后一行不同", "differs from the last line of checkpoints.jsonl"})
	}
	x.head = c
	x.result.at = string(x.at[:x.atLen])
	if x.seals != nil {
		if err := x.seals.finish(&x.result); err != nil {
			return err
		}
	}
	if x.keyed != nil {
		return x.keyed.finish(&x.result, x.entries)
	}
	return nil
}
