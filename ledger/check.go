package ledger

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

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
	Want Text
	Got  Text

	before int64 // not 0: it concerns any of the entries from Seq to before this one
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

	profile  BookProfile // what the entries up to here say of the book
	identity identity    // and who signs: the row of the book, until entry 0 was read
	code     string      // that the book has here: an imported one may have another than its entries say
	textless bool        // a copy that came without the sealed texts

	checkpoints []checkpointRow // those of the chunk, after the last one compared
	folds       map[*Rollup]*sumFold
	ended       bits // entries that a later one replaced
	approved    bits // entries that a review approved and none returned since

	whole     bool // the entry read last was there with its own hash, and so was the one before
	rootTold  bool // a wrong root was told: every root after it is wrong too
	abandoned bool // broken beyond counting: the entries after the last one read are not compared
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
	c.pin()
	slices.SortStableFunc(c.result.Faults, func(x, y Fault) int { return cmp.Compare(x.Seq, y.Seq) })
	if n := len(c.result.Faults); n > faultsMax {
		c.result.Faults, c.result.More = c.result.Faults[:faultsMax], n-faultsMax
	}
	return c.result, nil
}

func (c *checker) run(ctx context.Context, progress func(int64)) error {
	if err := c.readBook(ctx); err != nil {
		return err
	}
	for !c.abandoned {
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
		c.abandoned = c.abandoned || len(c.result.Faults) > 10*faultsMax
	}
	return c.finish(ctx)
}

// readBook takes the book's row as it stands now: the one in memory may be from before a change.
func (c *checker) readBook(ctx context.Context) error {
	var rows []bookRow
	if err := c.db.NewSelect().Model(&rows).Where("id = ?", c.book.id).Scan(ctx); err != nil {
		return fmt.Errorf("ledger: reading the row of %s: %w", c.book.Code, err)
	}
	if len(rows) == 0 {
		c.fault(0, "books", Text{ZH: "账簿的一行", EN: "the book's row"}, Text{ZH: "没有", EN: "none"})
	} else {
		c.book = c.book.store.book(rows[0])
	}
	c.identity = identity{c.book.Origin, c.book.VerifierKeys}
	register, imported, err := c.book.registered(ctx, c.db)
	if err != nil && CodeOf(err) != Tampered { // the check of the installation's log tells
		return err
	}
	if imported {
		c.code, c.textless = register.Code, !register.Texts
	}
	var lock bool
	err = c.db.NewRaw("SELECT EXISTS (SELECT FROM book_locks WHERE book_id = ?)", c.book.id).Scan(ctx, &lock)
	if err != nil {
		return fmt.Errorf("ledger: reading the lock of %s: %w", c.book.Code, err)
	}
	if !lock {
		c.fault(0, "book_locks", Text{ZH: "账簿的锁", EN: "the book's lock"}, Text{ZH: "没有", EN: "none"})
	}
	return nil
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
	read := decodeAll(c.book.store.kinds, rows)
	for i, r := range rows {
		if !c.bridge(r.Seq) {
			break
		}
		leaf, e, err := read[i].leaf, read[i].entry, read[i].err
		intact := string(leaf[:]) == string(r.LeafHash)
		if !intact {
			c.fault(r.Seq, "entries.leaf_hash", fmt.Sprintf("%x", leaf[:]), fmt.Sprintf("%x", r.LeafHash))
		}
		tiles = append(tiles, c.tree.Append(leaf)...)
		if err != nil {
			c.fault(r.Seq, "entries.body", Text{ZH: "规范形式的条目", EN: "a canonical entry"}, err.Error())
		} else {
			c.order(e, intact)
			entries = append(entries, e)
			c.head = e
		}
		c.whole = intact && err == nil
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

// decoded is an entry as it was read from its bytes, and their hash.
type decoded struct {
	leaf  merkle.Hash
	entry Entry
	err   error
}

// decodeAll hashes and reads some entries, on all processors: this is most of what a check does.
func decodeAll(kinds kindList, rows []*entryRow) []decoded {
	list := make([]decoded, len(rows))
	var wg sync.WaitGroup
	part := (len(rows)-1)/runtime.GOMAXPROCS(0) + 1
	for start := 0; start < len(rows); start += part {
		wg.Go(func() {
			for i := start; i < min(start+part, len(rows)); i++ {
				list[i].leaf = merkle.LeafHash(rows[i].Body)
				list[i].entry, list[i].err = decodeEntry(kinds, rows[i].Seq, rows[i].Body)
			}
		})
	}
	wg.Wait()
	return list
}

// bridge goes on to the entry seq. The numbers are leaf indexes, every one must be there: a gap is one fault.
// It is false when the gap is so wide that nothing after it can be compared.
func (c *checker) bridge(seq int64) bool {
	if seq == c.result.Entries {
		return true
	}
	c.fault(c.result.Entries, "entries", Text{ZH: fmt.Sprintf("条目 %d 至 %d", c.result.Entries, seq-1), EN: fmt.Sprintf("entries %d to %d", c.result.Entries, seq-1)}, Text{ZH: "没有", EN: "none"})
	c.whole = false
	if seq-c.result.Entries > checkChunk {
		c.abandoned = true
		return false
	}
	for ; c.result.Entries < seq; c.result.Entries++ {
		c.tree.Append(merkle.Hash{})
	}
	return true
}

// order holds an entry against the one before it and against itself. Every commit has an instant of its
// own, so where the instant changes a commit ended, and its checkpoint must be there.
func (c *checker) order(e Entry, intact bool) {
	if e.At.Before(c.head.At) {
		c.fault(e.Seq, "entries.at", Text{ZH: "不早于 " + c.head.At.Format(timeForm), EN: "not before " + c.head.At.Format(timeForm)}, e.At.Format(timeForm))
	}
	if e.Seq > 0 && intact && c.whole && !e.At.Equal(c.head.At) && c.result.Head.Size != e.Seq {
		c.faultWithin(c.result.Head.Size, e.Seq, "checkpoints", checkpointOf(e.Seq), Text{ZH: "没有", EN: "none"})
	}
	switch {
	case e.Amends == nil && e.Record != e.Seq:
		c.fault(e.Seq, "entries.record", fmt.Sprint(e.Seq), fmt.Sprint(e.Record))
	case e.Amends != nil && *e.Amends >= e.Seq:
		c.fault(e.Seq, "entries.amends", Text{ZH: "更早的条目", EN: "an earlier entry"}, fmt.Sprint(*e.Amends))
	}
	c.compareProfile(e)
}

// want and got are a string, which is the same in both languages, or a Text.
func (c *checker) fault(seq int64, what string, want, got any) {
	c.result.Faults = append(c.result.Faults, Fault{Seq: seq, What: what, Want: inBoth(want), Got: inBoth(got)})
}

// faultWithin is a fault of a checkpoint or a tile, which cannot tell which of its entries is wrong.
func (c *checker) faultWithin(first, end int64, what string, want, got any) {
	c.result.Faults = append(c.result.Faults, Fault{Seq: first, What: what, Want: inBoth(want), Got: inBoth(got), before: end})
}

// checkpointOf names the checkpoint that should be there.
func checkpointOf(size int64) Text {
	return Text{ZH: fmt.Sprintf("条目数为 %d 的凭证", size), EN: fmt.Sprintf("one of size %d", size)}
}

func inBoth(v any) Text {
	if text, ok := v.(Text); ok {
		return text
	}
	s := fmt.Sprint(v)
	return Text{ZH: s, EN: s}
}

// pin moves such faults to the first of their entries that is known to be wrong.
func (c *checker) pin() {
	for i := range c.result.Faults {
		f := &c.result.Faults[i]
		if f.before == 0 {
			continue
		}
		found := f.before
		for _, other := range c.result.Faults {
			if other.before == 0 && f.Seq <= other.Seq {
				found = min(found, other.Seq)
			}
		}
		if found < f.before {
			f.Seq = found
		}
	}
}

// readCheckpoints reads the checkpoints of sizes in (first, last].
func (c *checker) readCheckpoints(ctx context.Context, first, last int64) error {
	var rows []checkpointRow
	// A time without end, or before Christ, cannot be read; it becomes one that no commit has.
	err := c.db.NewSelect().Model(&rows).Column("book_id", "size", "root", "note").
		ColumnExpr("CASE WHEN recorded_at BETWEEN '1970-01-01Z' AND '9999-12-31Z' THEN recorded_at ELSE '0001-01-01 00:00:00Z' END AS recorded_at").
		Where("book_id = ?", c.book.id).Where("size > ?", first).Where("size <= ?", last).Order("size").Scan(ctx)
	if err != nil {
		return fmt.Errorf("ledger: reading checkpoints of %s: %w", c.book.Code, err)
	}
	c.checkpoints = rows
	return nil
}

// compareCheckpoint holds the checkpoint of the size reached, if there is one, against the tree.
func (c *checker) compareCheckpoint() {
	for len(c.checkpoints) > 0 && c.checkpoints[0].Size < c.result.Entries {
		c.checkpoints = c.checkpoints[1:] // of a size within a gap
	}
	if len(c.checkpoints) == 0 || c.checkpoints[0].Size != c.result.Entries {
		return
	}
	row := c.checkpoints[0]
	c.checkpoints = c.checkpoints[1:]
	stored, err := row.checkpoint()
	if err != nil {
		c.fault(row.Size-1, "checkpoints.root", Text{ZH: "32 字节", EN: "32 bytes"}, fmt.Sprint(len(row.Root)))
		return
	}
	first := c.result.Head.Size // a checkpoint concerns what was committed since the one before
	if root := c.tree.Root(); root != stored.Root && !c.rootTold {
		c.faultWithin(first, row.Size, "checkpoints.root", root.String(), stored.Root.String())
		c.rootTold = true
	}
	if err := c.identity.signed(stored.Note, stored.Size, stored.Root); err != nil {
		c.fault(first, "checkpoints.note", Text{ZH: "本账簿对该条目数与根的签名", EN: "this book's signature under its size and root"}, err.Error())
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
		width := int64(merkle.TileWidth) // entries that the tile is over
		for range tile.Level {
			width *= merkle.TileWidth
		}
		first := tile.Index * width
		root := tile.Root()
		switch {
		case len(stored) != 1:
			c.fault(first, "tiles", Text{ZH: fmt.Sprintf("瓦片 %d/%d", tile.Level, tile.Index), EN: fmt.Sprintf("tile %d/%d", tile.Level, tile.Index)}, Text{ZH: "没有", EN: "none"})
		case string(stored[0].Hashes) != string(tile.Bytes()):
			from, each := first, width/merkle.TileWidth
			from += each * firstDifference(tile, stored[0].Hashes)
			c.faultWithin(from, from+each, "tiles.hashes", Text{ZH: "条目的哈希", EN: "the hashes of the entries"}, Text{ZH: "别的哈希", EN: "others"})
		case string(stored[0].Root) != string(root[:]):
			c.fault(first, "tiles.root", fmt.Sprintf("%x", root[:]), fmt.Sprintf("%x", stored[0].Root))
		}
	}
	return nil
}

// firstDifference is the place of the first hash of a tile that the stored one has otherwise.
func firstDifference(tile merkle.Tile, stored []byte) int64 {
	own := tile.Bytes()
	for i := range own {
		if i >= len(stored) || own[i] != stored[i] {
			return int64(i / len(merkle.Hash{}))
		}
	}
	return 0
}
