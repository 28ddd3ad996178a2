package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mingzhang/ledger/merkle"
)

// checkChunk entries are read at a time, so that memory stays flat; faultsMax are told, the rest counted.
const (
	checkChunk = 2_000
	faultsMax  = 100
)

// Fault is one thing that does not fit: where, what, and what was expected. Seq is the first entry it
// concerns.
type Fault struct {
	Seq  int64
	What string // entries, tiles.hashes, lots.hammer_total …
	Want string
	Got  string
}

// CheckResult is what a check found. Faults are in the order of their entries.
type CheckResult struct {
	Book    string
	Entries int64
	Rows    int64
	Head    Checkpoint
	Faults  []Fault
	More    int // faults beyond the first hundred
}

// Err is nil for a clean book, else tampered book.broken, naming the first broken entry.
func (r CheckResult) Err() error {
	if len(r.Faults) == 0 {
		return nil
	}
	f := r.Faults[0]
	return E(Tampered, "book.broken", r.Book, f.Seq, f.What, f.Want, f.Got)
}

// checker recomputes a book from its entries, in one pass and flat memory.
type checker struct {
	book   *Book
	db     reader
	result CheckResult
	tree   merkle.Tree
	head   Entry // the entry read last

	checkpoints []checkpointRow // those of the chunk, after the last one compared
	folds       map[*Rollup]*sumFold
}

// Check re-hashes every entry, compares every tile, checkpoint and signature, rebuilds every derived row
// and every kept sum, and compares. It reads one snapshot, so it may run beside writers. progress, if not
// nil, is told the number of entries done.
func (b *Book) Check(ctx context.Context, progress func(int64)) (CheckResult, error) {
	c := &checker{book: b, folds: map[*Rollup]*sumFold{}}
	c.result.Book = b.Code
	err := inSnapshot(ctx, b.store.db, func(db reader) error {
		c.db = db
		return c.run(ctx, progress)
	})
	if err != nil {
		return c.result, err
	}
	slices.SortStableFunc(c.result.Faults, func(x, y Fault) int { return cmp.Compare(x.Seq, y.Seq) })
	if n := len(c.result.Faults); n > faultsMax {
		c.result.Faults, c.result.More = c.result.Faults[:faultsMax], n-faultsMax
	}
	return c.result, nil
}

func (c *checker) run(ctx context.Context, progress func(int64)) error {
	for {
		var rows []*entryRow
		err := c.db.NewSelect().Model(&rows).Where("book_id = ?", c.book.id).
			Where("seq >= ?", c.result.Entries).Order("seq").Limit(checkChunk).Scan(ctx)
		if err != nil {
			return fmt.Errorf("ledger: reading entries of %s: %w", c.book.Code, err)
		}
		if len(rows) == 0 {
			break
		}
		if err := c.chunk(ctx, rows); err != nil {
			return err
		}
		if progress != nil {
			progress(c.result.Entries)
		}
		if len(c.result.Faults) > 10*faultsMax {
			break // the book is broken beyond counting
		}
	}
	return c.finish(ctx)
}

// chunk checks some entries in a row and everything that belongs to them.
func (c *checker) chunk(ctx context.Context, rows []*entryRow) error {
	first := c.result.Entries
	if err := c.readCheckpoints(ctx, first, rows[len(rows)-1].Seq+1); err != nil {
		return err
	}
	var sizes []int64
	for _, p := range c.checkpoints {
		sizes = append(sizes, p.Size)
	}
	var entries []Entry
	var tiles []merkle.Tile
	for _, r := range rows {
		for c.result.Entries < r.Seq { // a gap: the numbers are leaf indexes, every one must be there
			c.fault(c.result.Entries, "entries", "an entry", "none")
			c.result.Entries++
			c.tree.Append(merkle.Hash{})
		}
		leaf := merkle.LeafHash(r.Body)
		if string(leaf[:]) != string(r.LeafHash) {
			c.fault(r.Seq, "entries.leaf_hash", fmt.Sprintf("%x", leaf[:]), fmt.Sprintf("%x", r.LeafHash))
		}
		tiles = append(tiles, c.tree.Append(leaf)...)
		e, err := decodeEntry(c.book.store.kinds, r.Seq, r.Body)
		if err != nil {
			c.fault(r.Seq, "entries.body", "a canonical entry", err.Error())
		} else {
			c.order(e)
			entries = append(entries, e)
			c.head = e
		}
		c.result.Entries++
		c.compareCheckpoint()
	}
	if err := c.compareTiles(ctx, tiles); err != nil {
		return err
	}
	if err := c.compareSealed(ctx, entries, first, c.result.Entries); err != nil {
		return err
	}
	return c.compareRows(ctx, entries, sizes, first, c.result.Entries)
}

// order holds an entry against the one before it and against itself.
func (c *checker) order(e Entry) {
	if e.At.Before(c.head.At) {
		c.fault(e.Seq, "entries.at", "not before "+c.head.At.Format(timeForm), e.At.Format(timeForm))
	}
	switch {
	case e.Amends == nil && e.Record != e.Seq:
		c.fault(e.Seq, "entries.record", fmt.Sprint(e.Seq), fmt.Sprint(e.Record))
	case e.Amends != nil && *e.Amends >= e.Seq:
		c.fault(e.Seq, "entries.amends", "an earlier entry", fmt.Sprint(*e.Amends))
	}
	if profile, ok := e.State.(*BookProfile); ok && e.Seq == 0 {
		for _, p := range [][3]string{
			{"books.code", profile.Code, c.book.Code}, {"books.kind", string(profile.Kind), string(c.book.Kind)},
			{"books.origin", profile.Origin, c.book.Origin}, {"books.verifier_key", profile.VerifierKey, c.book.VerifierKey},
		} {
			if p[1] != p[2] {
				c.fault(0, p[0], p[1], p[2])
			}
		}
	}
}

func (c *checker) fault(seq int64, what, want, got string) {
	c.result.Faults = append(c.result.Faults, Fault{Seq: seq, What: what, Want: want, Got: got})
}

// readCheckpoints reads the checkpoints of sizes in (first, last].
func (c *checker) readCheckpoints(ctx context.Context, first, last int64) error {
	var rows []checkpointRow
	err := c.db.NewSelect().Model(&rows).Where("book_id = ?", c.book.id).
		Where("size > ?", first).Where("size <= ?", last).Order("size").Scan(ctx)
	if err != nil {
		return fmt.Errorf("ledger: reading checkpoints of %s: %w", c.book.Code, err)
	}
	c.checkpoints = rows
	return nil
}

// compareCheckpoint holds the checkpoint of the size reached, if there is one, against the tree.
func (c *checker) compareCheckpoint() {
	if len(c.checkpoints) == 0 || c.checkpoints[0].Size != c.result.Entries {
		return
	}
	row := c.checkpoints[0]
	c.checkpoints = c.checkpoints[1:]
	stored, err := row.checkpoint()
	if err != nil {
		c.fault(row.Size-1, "checkpoints.root", "32 bytes", fmt.Sprint(len(row.Root)))
		return
	}
	first := c.result.Head.Size // a wrong root concerns what was committed since the one before
	if root := c.tree.Root(); root != stored.Root {
		c.fault(first, "checkpoints.root", root.String(), stored.Root.String())
	}
	signed, err := merkle.OpenCheckpoint(stored.Note, c.book.VerifierKey)
	want := merkle.Checkpoint{Origin: c.book.Origin, Size: stored.Size, Root: stored.Root}
	if err != nil || signed != want {
		c.fault(first, "checkpoints.note", "this book's signature under its size and root", fmt.Sprint(err))
	}
	if !c.head.At.Equal(stored.At) {
		c.fault(row.Size-1, "checkpoints.recorded_at", c.head.At.Format(timeForm), stored.At.Format(timeForm))
	}
	c.result.Head = stored
}

func (c *checker) compareTiles(ctx context.Context, tiles []merkle.Tile) error {
	for _, tile := range tiles {
		var stored []tileRow
		err := c.db.NewSelect().Model(&stored).Where("book_id = ?", c.book.id).
			Where("level = ?", tile.Level).Where("index = ?", tile.Index).Scan(ctx)
		if err != nil {
			return fmt.Errorf("ledger: reading tiles of %s: %w", c.book.Code, err)
		}
		first := tile.Index * merkle.TileWidth
		for range tile.Level {
			first *= merkle.TileWidth
		}
		root := tile.Root()
		switch {
		case len(stored) != 1:
			c.fault(first, "tiles", fmt.Sprintf("tile %d/%d", tile.Level, tile.Index), "none")
		case string(stored[0].Hashes) != string(tile.Bytes()):
			c.fault(first+c.firstDifference(tile, stored[0].Hashes), "tiles.hashes", "the hashes of the entries", "others")
		case string(stored[0].Root) != string(root[:]):
			c.fault(first, "tiles.root", fmt.Sprintf("%x", root[:]), fmt.Sprintf("%x", stored[0].Root))
		}
	}
	return nil
}

// firstDifference is how many entries into a level-0 tile the first differing hash stands.
func (c *checker) firstDifference(tile merkle.Tile, stored []byte) int64 {
	own := tile.Bytes()
	for i := range own {
		if i >= len(stored) || own[i] != stored[i] {
			if tile.Level == 0 {
				return int64(i / len(merkle.Hash{}))
			}
			return 0
		}
	}
	return 0
}
