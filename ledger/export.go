package ledger

import (
	"archive/zip"
	"bufio"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/uptrace/bun"
)

// The files of an export (docs/log-format.md, section 7).
const (
	ExportEntries     = "entries.jsonl"
	ExportPublic      = "public.jsonl"
	ExportCheckpoint  = "checkpoint"
	ExportCheckpoints = "checkpoints.jsonl"
	ExportSealed      = "sealed.jsonl"
	ExportKeys        = "idempotency.jsonl"
)

// exportChunk rows are read at once: an export takes the memory of so many, however long the book is.
const exportChunk = 2_000

// ExportOptions say what of a book is exported.
type ExportOptions struct {
	Size   int64 // as of which checkpoint; 0 is the head
	Sealed bool  // with clear texts and salts: names of persons among them
	// Published makes it a public export, which shows these entries and those of the book itself, and of all others the
	// leaf hash alone: their numbers in order, at most limit behind after.
	Published func(ctx context.Context, db bun.IDB, asOf, after int64, limit int) ([]int64, error)
}

// Exported says what was written.
type Exported struct {
	Checkpoint Checkpoint
	Shown      int64 // entries in clear
	Texts      int64 // sealed texts
}

// Export writes a book as files that a stranger can check, all of one snapshot. create begins the next file; the one
// before is whole by then. invalid as_of.not_a_checkpoint; denied book.not_public for a public export of a book that is
// not disclosed; conflict book.rolled_back, export.erased_since, export.no_texts.
func (b *Book) Export(ctx context.Context, o ExportOptions, create func(at Checkpoint, name string) (io.Writer, error)) (Exported, error) {
	tx, err := b.store.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return Exported{}, fmt.Errorf("ledger: beginning a snapshot of %s: %w", b.Code, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	x := &exporter{book: b, db: tx, options: o}
	if x.done.Checkpoint, _, err = b.Checkpoint(ctx, tx, o.Size); err != nil {
		return Exported{}, err
	}
	files := []exportFile{{ExportEntries, x.entries}, {ExportKeys, x.keys}, {ExportCheckpoints, x.checkpoints}, {ExportCheckpoint, x.head}}
	if o.Sealed {
		if err := x.textsThere(ctx); err != nil {
			return Exported{}, err
		}
		files = append(files, exportFile{ExportSealed, x.sealed})
	}
	if o.Published != nil {
		if err := x.disclosed(ctx); err != nil {
			return Exported{}, err
		}
		files = []exportFile{{ExportPublic, x.public}, {ExportCheckpoints, x.checkpoints}, {ExportCheckpoint, x.head}}
	}
	if _, err := b.Publish(ctx, 0); err != nil { // the head by now, which is no older than the snapshot's
		return Exported{}, err
	}
	for _, f := range files {
		to, err := create(x.done.Checkpoint, f.name)
		if err != nil {
			return Exported{}, err
		}
		w := bufio.NewWriterSize(to, 64<<10)
		if err := f.write(ctx, w); err != nil {
			return Exported{}, err
		}
		if err := w.Flush(); err != nil {
			return Exported{}, fmt.Errorf("ledger: exporting %s: %w", b.Code, err)
		}
	}
	return x.done, nil
}

// ExportZip writes the same into one .zip, whose bytes depend on the book alone.
func (b *Book) ExportZip(ctx context.Context, o ExportOptions, to io.Writer) (Exported, error) {
	z := zip.NewWriter(to)
	done, err := b.Export(ctx, o, func(at Checkpoint, name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.At})
	})
	if err != nil {
		return done, err
	}
	if err := z.Close(); err != nil {
		return done, fmt.Errorf("ledger: exporting %s: %w", b.Code, err)
	}
	return done, nil
}

type exportFile struct {
	name  string
	write func(context.Context, *bufio.Writer) error
}

// exporter is one export.
type exporter struct {
	book    *Book
	db      bun.IDB
	options ExportOptions
	done    Exported
}

func (x *exporter) size() int64 { return x.done.Checkpoint.Size }

func (x *exporter) failed(what string, err error) error {
	return fmt.Errorf("ledger: exporting %s of %s: %w", what, x.book.Code, err)
}

// entries writes every entry: a line is the leaf.
func (x *exporter) entries(ctx context.Context, w *bufio.Writer) error {
	return x.leaves(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Column("seq", "body") }, func(r *entryRow) error {
		x.done.Shown++
		return writeLine(w, r.Body)
	})
}

// leaves reads the entries in order. A number that is missing is a broken book, never an export with other numbers.
func (x *exporter) leaves(ctx context.Context, columns func(*bun.SelectQuery) *bun.SelectQuery, each func(*entryRow) error) error {
	next := int64(0)
	for next < x.size() {
		var rows []*entryRow
		q := columns(x.db.NewSelect().Model(&rows)).Where("book_id = ?", x.book.id).Where("seq >= ?", next).Where("seq < ?", x.size()).Order("seq").Limit(exportChunk)
		if err := q.Scan(ctx); err != nil {
			return x.failed("entries", err)
		}
		for _, r := range rows {
			if r.Seq != next {
				return E(Tampered, "book.tree_broken", x.book.Code)
			}
			if err := each(r); err != nil {
				return x.failed("entries", err)
			}
			next++
		}
		if len(rows) == 0 {
			return E(Tampered, "book.tree_broken", x.book.Code)
		}
	}
	return nil
}

// textsThere refuses sealed texts that no checker could tell from lost ones: of a copy that came without them, and as of
// a checkpoint that does not have the erasures of its own texts.
func (x *exporter) textsThere(ctx context.Context) error {
	said, imported, err := x.book.registered(ctx, x.db)
	if err != nil {
		return err
	}
	if imported && !said.Texts {
		return E(Conflict, "export.no_texts", x.book.Code).On("sealed")
	}
	var enough int64 // the first checkpoint that has them all
	err = x.db.NewRaw("SELECT coalesce(min(size), 0) FROM checkpoints WHERE book_id = ?0 AND size > (SELECT max(e.seq_from) FROM erasures AS e, "+
		"unnest(e.entries) AS t (entry) WHERE e.book_id = ?0 AND e.seq_from >= ?1 AND t.entry::bigint < ?1)", x.book.id, x.size()).Scan(ctx, &enough)
	if err != nil {
		return x.failed("erasures", err)
	}
	if enough > 0 {
		return E(Conflict, "export.erased_since", x.size(), enough).On("as_of")
	}
	return nil
}

// disclosed refuses a public export of a book that is not public.
func (x *exporter) disclosed(ctx context.Context) error {
	var public bool
	err := x.db.NewSelect().Model((*profileRow)(nil)).Column("public").Where("book_id = ?", x.book.id).Where("seq_to IS NULL").Scan(ctx, &public)
	if err != nil {
		return x.failed("the profile", err)
	}
	if !public {
		return E(Denied, "book.not_public", x.book.Code).On("book")
	}
	return nil
}

// clearList are the entries of a public export that are in clear, in order.
type clearList struct {
	x         *exporter
	profiles  []int64
	published []int64
	last      int64
	end       bool
}

func (x *exporter) clearList(ctx context.Context) (*clearList, error) {
	s := &clearList{x: x, last: -1}
	err := x.db.NewSelect().Model((*profileRow)(nil)).Column("seq_from").Where("book_id = ?", x.book.id).Where("seq_from < ?", x.size()).
		Order("seq_from").Scan(ctx, &s.profiles)
	if err != nil {
		return nil, x.failed("the profile", err)
	}
	return s, nil
}

// has tells whether an entry is in clear. It is asked in the order of the numbers.
func (s *clearList) has(ctx context.Context, seq int64) (bool, error) {
	if len(s.profiles) > 0 && s.profiles[0] == seq {
		s.profiles = s.profiles[1:]
		return true, nil
	}
	if len(s.published) == 0 && !s.end {
		var err error
		if s.published, err = s.x.options.Published(ctx, s.x.db, s.x.size(), s.last, exportChunk); err != nil {
			return false, err
		}
		s.end = len(s.published) < exportChunk
	}
	if len(s.published) == 0 || s.published[0] != seq {
		return false, nil
	}
	s.last, s.published = seq, s.published[1:]
	return true, nil
}

// public writes the entries that are shown, and of the others the leaf hash.
func (x *exporter) public(ctx context.Context, w *bufio.Writer) error {
	list, err := x.clearList(ctx)
	if err != nil {
		return err
	}
	return x.leaves(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Column("seq", "leaf_hash", "body") }, func(r *entryRow) error {
		inClear, err := list.has(ctx, r.Seq)
		if err != nil {
			return err
		}
		if inClear {
			x.done.Shown++
			return writeLine(w, r.Body)
		}
		return writeLine(w, []byte(`{"leaf_hash":"`+hex.EncodeToString(r.LeafHash)+`"}`))
	})
}

func writeLine(w *bufio.Writer, line []byte) error {
	if _, err := w.Write(line); err != nil {
		return err
	}
	return w.WriteByte('\n')
}

// checkpoints writes every signed note as it is stored.
func (x *exporter) checkpoints(ctx context.Context, w *bufio.Writer) error {
	for last := int64(0); last < x.size(); {
		var rows []*checkpointRow
		err := x.db.NewSelect().Model(&rows).Column("size", "note").Where("book_id = ?", x.book.id).Where("size > ?", last).Where("size <= ?", x.size()).
			Order("size").Limit(exportChunk).Scan(ctx)
		if err != nil {
			return x.failed("checkpoints", err)
		}
		for _, r := range rows {
			last = r.Size
			note, err := json.Marshal(r.Note) // of base64, origins and line feeds: one form
			if err != nil {
				return x.failed("checkpoints", err)
			}
			if err := writeLine(w, []byte(`{"size":`+strconv.FormatInt(r.Size, 10)+`,"note":`+string(note)+`}`)); err != nil {
				return x.failed("checkpoints", err)
			}
		}
		if len(rows) == 0 {
			return E(Tampered, "book.no_checkpoint", x.book.Code)
		}
	}
	return nil
}

// head writes the signed note that the export is as of.
func (x *exporter) head(ctx context.Context, w *bufio.Writer) error {
	note, err := x.book.Cosigned(ctx, x.size())
	if err != nil {
		return err
	}
	_, err = w.WriteString(note)
	return err
}

// sealed writes the clear texts and their salts, of every entry that still has them.
func (x *exporter) sealed(ctx context.Context, w *bufio.Writer) error {
	seq, field := int64(-1), ""
	for {
		var rows []*sealedRow
		err := x.db.NewSelect().Model(&rows).Where("book_id = ?", x.book.id).Where("seq >= ?", seq).Where("seq < ?", x.size()).
			Where(`(seq > ? OR seq = ? AND field COLLATE "C" > ?)`, seq, seq, field).OrderExpr(`seq, field COLLATE "C"`).Limit(exportChunk).Scan(ctx)
		if err != nil {
			return x.failed("sealed texts", err)
		}
		if len(rows) == 0 {
			return nil
		}
		for _, r := range rows {
			line := `{"seq":` + strconv.FormatInt(r.Seq, 10) + `,"field":` + CanonicalJSON(r.Field) + `,"salt":"` + hex.EncodeToString(r.Salt) + `","text":` + CanonicalJSON(r.Value) + `}`
			if err := writeLine(w, []byte(line)); err != nil {
				return x.failed("sealed texts", err)
			}
			seq, field = r.Seq, r.Field
			x.done.Texts++
		}
	}
}

// keys writes which key was answered with which entries. No index has their order, so one sorted query is read bit by bit.
func (x *exporter) keys(ctx context.Context, w *bufio.Writer) error {
	_, err := x.db.NewRaw("DECLARE keys NO SCROLL CURSOR FOR SELECT * FROM idempotency WHERE book_id = ? AND seq_last < ? ORDER BY seq_first",
		x.book.id, x.size()).Exec(ctx)
	if err != nil {
		return x.failed("idempotency keys", err)
	}
	for {
		var rows []*keyRow
		if err := x.db.NewRaw("FETCH ? FROM keys", exportChunk).Scan(ctx, &rows); err != nil {
			return x.failed("idempotency keys", err)
		}
		if len(rows) == 0 {
			return nil
		}
		for _, r := range rows {
			line := fmt.Sprintf(`{"actor":%s,"key":%s,"body_sha256":"%x","first":%d,"last":%d}`, CanonicalJSON(r.Actor), CanonicalJSON(r.Key), r.BodySHA256, r.SeqFirst, r.SeqLast)
			if err := writeLine(w, []byte(line)); err != nil {
				return x.failed("idempotency keys", err)
			}
		}
	}
}
