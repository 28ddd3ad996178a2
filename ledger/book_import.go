package ledger

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

// importTimeout bounds the one transaction in which a book is imported.
const importTimeout = time.Hour

// ImportedBook is what an import of a book brought.
type ImportedBook struct {
	Book        *Book
	Head        Checkpoint
	Commitments int64 // sealed texts that the entries speak of
	Texts       int64 // and those of them that came along
}

// ImportBook adds a book from an export to a database that lacks it: every entry is read strictly and encoded again,
// the tree is grown anew, every checkpoint must have its root and be signed by the keys in force, and the rows are made
// by the code that writing and check use. All of it is one transaction. What it adds is a copy: it has the original's
// roots and not its key. The export may be anybody's: nothing in it is believed that its signatures do not hold.
//
// code is what the copy is called here; empty: as in its first entry. invalid book_import.broken, which names file and
// line; conflict book_import.there, book.exists.
func (s *Store) ImportBook(ctx context.Context, actor Actor, export fs.FS, code string, progress func(int64)) (ImportedBook, error) {
	log, err := s.EnsureLog(ctx, actor)
	if err != nil {
		return ImportedBook{}, err
	}
	var result ImportedBook
	err = log.transactOn(ctx, commit{within: importTimeout}, func(ctx context.Context, w *writer) error {
		t := &taking{conn: w.conn, export: export, checker: checker{db: w.conn, folds: map[*Rollup]*sumFold{}}, progress: progress}
		defer t.close()
		if err := t.open(); err != nil {
			return err
		}
		if err := t.begin(ctx, s, w.tree.Size(), code); err != nil {
			return err
		}
		if err := t.findErasures(); err != nil {
			return err
		}
		if err := t.run(ctx); err != nil {
			return err
		}
		result = ImportedBook{Book: t.book, Head: t.result.Head, Commitments: t.commitments, Texts: t.taken}
		t.book.Origin, t.book.VerifierKey, t.book.VerifierKeys = t.profile.Origin, t.profile.VerifierKey, t.profile.Keys()
		said := registered(t.book)
		said.Origin, said.VerifierKey = t.row.Origin, t.row.VerifierKey
		said.Entries, said.Root, said.Texts = t.result.Head.Size, t.result.Head.Root.String(), t.texts != nil
		return w.appendDrafts(ctx, actor, []Draft{{Kind: bookImported, State: said}})
	})
	return result, err
}

// taking is an import of a book under way: a checker whose entries come from a file.
type taking struct {
	checker
	conn     bun.Conn
	export   fs.FS
	row      bookRow
	progress func(int64)

	claimed merkle.Checkpoint // that the export says it ends with
	note    string
	entries *lines
	points  *lines
	texts   *lines // nil: the export has none
	keys    *lines // nil: the export has none

	nextPoint struct {
		Size int64  `json:"size"`
		Note string `json:"note"`
	}
	nextText struct {
		Seq   int64  `json:"seq"`
		Field string `json:"field"`
		Salt  string `json:"salt"`
		Text  string `json:"text"`
	}
	morePoints, moreTexts bool
	commitments, taken    int64
}

// open finds the files of the export.
func (t *taking) open() error {
	export := t.export
	if _, err := fs.Stat(export, ExportEntries); errors.Is(err, fs.ErrNotExist) {
		if _, err := fs.Stat(export, ExportPublic); err == nil {
			return E(Invalid, "book_import.public_only")
		}
	}
	note, err := readSmall(export, ExportCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return E(Invalid, "book_import.file_missing", ExportCheckpoint)
	}
	if err == nil {
		t.note = string(note)
		t.claimed, err = merkle.ClaimedCheckpoint(t.note)
	}
	if err != nil {
		return broken(ExportCheckpoint, 1, err.Error())
	}
	for _, file := range []struct {
		name string
		into **lines
		must bool
	}{{ExportEntries, &t.entries, true}, {ExportCheckpoints, &t.points, true}, {ExportSealed, &t.texts, false}, {ExportKeys, &t.keys, false}} {
		opened, err := openLines(export, file.name)
		switch {
		case err == nil:
			*file.into = opened
		case !errors.Is(err, fs.ErrNotExist):
			return broken(file.name, 1, err.Error())
		case file.must:
			return E(Invalid, "book_import.file_missing", file.name)
		}
	}
	return nil
}

func (t *taking) close() {
	for _, l := range []*lines{t.entries, t.points, t.texts, t.keys} {
		if l != nil {
			l.close()
		}
	}
}

// begin reads entry 0 and makes the book's row from it.
func (t *taking) begin(ctx context.Context, s *Store, id int64, code string) error {
	first, err := t.entries.peek()
	if err != nil {
		return err
	}
	e, err := decodeEntry(s.kinds, 0, first)
	if err != nil {
		return broken(ExportEntries, 1, err.Error())
	}
	p, ok := e.State.(*BookProfile)
	if !ok || p.Kind != OfficeBook && p.Kind != DemoBook && p.Kind != PracticeBook {
		return broken(ExportEntries, 1, Text{ZH: "不是账簿的开立", EN: "not the opening of a book"})
	}
	if err := p.check(); err != nil {
		return broken(ExportEntries, 1, err.Error())
	}
	t.code = cmp.Or(code, p.Code)
	if !bookCode.MatchString(t.code) {
		return E(Invalid, "book.code_form", t.code).On("code")
	}
	if t.code == installationCode {
		return E(Conflict, "book.exists", t.code).On("code")
	}
	var there []bookRow
	if err := t.conn.NewSelect().Model(&there).Where("origin = ?", p.Origin).Scan(ctx); err != nil {
		return fmt.Errorf("ledger: looking for origin %s: %w", p.Origin, err)
	}
	if len(there) > 0 {
		return E(Conflict, "book_import.there", p.Origin, there[0].Code)
	}
	t.row = bookRow{ID: id, Code: t.code, Kind: string(p.Kind), Origin: p.Origin, VerifierKey: p.VerifierKey}
	if t.book, err = s.insertBook(ctx, t.conn, t.row); err != nil {
		return err
	}
	t.identity, t.result.Book = identity{p.Origin, []string{p.VerifierKey}}, t.code
	// The ends of versions are read in one statement; just under the time that a connection waits for an answer.
	if _, err := t.conn.ExecContext(ctx, "SET LOCAL statement_timeout = '110s'"); err != nil {
		return fmt.Errorf("ledger: importing %s: %w", t.code, err)
	}
	return nil
}

func (t *taking) run(ctx context.Context) (err error) {
	if t.morePoints, err = t.points.next(&t.nextPoint); err != nil {
		return err
	}
	if t.texts != nil {
		if t.moreTexts, err = t.texts.next(&t.nextText); err != nil {
			return err
		}
	}
	for {
		rows, err := t.readEntries()
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if err := t.chunk(ctx, rows); err != nil {
			return err
		}
		if t.progress != nil {
			t.progress(t.result.Entries)
		}
	}
	if err := t.complete(); err != nil {
		return err
	}
	r := &rebuilder{checker: checker{book: t.book, db: t.conn, folds: map[*Rollup]*sumFold{}}, conn: t.conn, last: map[*Rollup]map[string]Sum{}}
	if err := r.run(ctx, nil); err != nil {
		return err
	}
	return t.takeKeys(ctx)
}

func (t *taking) readEntries() ([]*entryRow, error) {
	var rows []*entryRow
	for len(rows) < checkChunk {
		body, err := t.entries.read()
		if err != nil || body == nil {
			return rows, err
		}
		seq := t.result.Entries + int64(len(rows))
		if seq >= t.claimed.Size {
			return nil, broken(ExportEntries, t.entries.line, Text{ZH: fmt.Sprintf("凭证只有 %d 条", t.claimed.Size), EN: fmt.Sprintf("the checkpoint is of %d entries", t.claimed.Size)})
		}
		rows = append(rows, &entryRow{BookID: t.book.id, Seq: seq, Body: append([]byte(nil), body...)})
	}
	return rows, nil
}

// chunk takes some entries in a row and everything that belongs to them.
func (t *taking) chunk(ctx context.Context, rows []*entryRow) error {
	var tiles []*tileRow
	var sealed []*sealedRow
	var points []*checkpointRow
	for i, d := range decodeAll(t.book.store.kinds, rows) {
		if d.err != nil {
			return broken(ExportEntries, int(rows[i].Seq)+1, d.err.Error())
		}
		rows[i].LeafHash = append([]byte(nil), d.leaf[:]...)
		for _, tile := range t.tree.Append(d.leaf) {
			tiles = append(tiles, newTileRow(t.book.id, tile))
		}
		t.order(d.entry, true)
		t.head, t.whole = d.entry, true
		t.result.Entries++
		if err := t.fits(int(rows[i].Seq) + 1); err != nil {
			return err
		}
		point, err := t.takePoint()
		if err != nil {
			return err
		}
		if point != nil {
			points = append(points, point)
		}
		texts, err := t.takeTexts(d.entry)
		if err != nil {
			return err
		}
		sealed = append(sealed, texts...)
	}
	for _, made := range []struct {
		table string
		list  any
	}{{"entries", rows}, {"tiles", tiles}, {"sealed", sealed}, {"checkpoints", points}} {
		if err := insert(ctx, t.conn, made.table, reflect.ValueOf(made.list)); err != nil {
			return err
		}
	}
	return nil
}

// fits turns what the checker found into a refusal that names the line.
func (t *taking) fits(line int) error {
	if len(t.result.Faults) == 0 {
		return nil
	}
	f, file := t.result.Faults[0], ExportEntries
	switch {
	case strings.HasPrefix(f.What, "checkpoints"):
		file, line = ExportCheckpoints, t.points.line
	case strings.HasPrefix(f.What, "sealed."):
		file = ExportSealed
	case f.What == erasuresFault:
		line = int(f.Seq) + 1
	}
	return broken(file, line, Text{
		ZH: fmt.Sprintf("%s 应为 %s，实为 %s", f.What, f.Want.ZH, f.Got.ZH), EN: fmt.Sprintf("%s, want %s, got %s", f.What, f.Want.EN, f.Got.EN),
	})
}

// takePoint takes the checkpoint of the size reached, if there is one.
func (t *taking) takePoint() (*checkpointRow, error) {
	p := t.nextPoint
	if !t.morePoints || p.Size > t.result.Entries {
		return nil, nil
	}
	said, err := merkle.ClaimedCheckpoint(p.Note)
	if err == nil && p.Size != t.result.Entries {
		err = errors.New("the checkpoints are not in the order of their sizes")
	}
	if err != nil {
		return nil, broken(ExportCheckpoints, t.points.line, err.Error())
	}
	row := checkpointRow{BookID: t.book.id, Size: p.Size, Root: append([]byte(nil), said.Root[:]...), Note: p.Note, RecordedAt: t.head.At}
	t.checkpoints = append(t.checkpoints[:0], row)
	t.compareCheckpoint()
	if err := t.fits(int(t.result.Entries)); err != nil {
		return nil, err
	}
	t.morePoints, err = t.points.next(&t.nextPoint)
	return &row, err
}

// takeTexts takes the sealed texts of an entry that came along. Those that an erasure names must be missing, and no others.
func (t *taking) takeTexts(e Entry) ([]*sealedRow, error) {
	fields := e.sealedFields()
	t.commitments += int64(len(fields))
	var rows []*sealedRow
	for t.moreTexts && t.nextText.Seq <= e.Seq {
		x := t.nextText
		salt, err := hex.DecodeString(x.Salt)
		fits := err == nil && x.Seq == e.Seq && len(salt) == saltBytes && Clean(x.Text) == nil && utf8.RuneCountInString(x.Text) <= SealedMax
		found := false
		for i, f := range fields {
			if fits && f.Name == x.Field && commitment(salt, x.Field, x.Text) == f.Value.Commitment {
				fields, found = append(fields[:i:i], fields[i+1:]...), true
				break
			}
		}
		if !found {
			return nil, broken(ExportSealed, t.texts.line, Text{ZH: "条目中没有这一承诺", EN: "no entry has this commitment"})
		}
		if t.compareErased(TextAt{x.Seq, x.Field}, true) {
			return nil, t.fits(t.texts.line)
		}
		rows = append(rows, &sealedRow{BookID: t.book.id, Seq: e.Seq, Field: x.Field, Salt: salt, Value: x.Text})
		if t.moreTexts, err = t.texts.next(&t.nextText); err != nil {
			return nil, err
		}
	}
	for _, f := range fields {
		if !t.compareErased(TextAt{e.Seq, f.Name}, false) && t.texts != nil {
			return nil, broken(ExportSealed, t.texts.line, Text{
				ZH: fmt.Sprintf("缺条目 %d 的 %s，也没有依法删除它的条目", e.Seq, f.Name), EN: fmt.Sprintf("%s of entry %d is missing, and no entry erased it", f.Name, e.Seq),
			})
		}
	}
	t.taken += int64(len(rows))
	return rows, nil
}

// complete holds the end of the files against the checkpoint that the export ends with.
func (t *taking) complete() error {
	head := t.result.Head
	t.namedNothing()
	if err := t.fits(0); err != nil {
		return err
	}
	switch {
	case t.result.Entries < t.claimed.Size:
		return E(Invalid, "book_import.cut", ExportEntries, t.result.Entries, t.claimed.Size)
	case head.Size != t.result.Entries:
		return E(Invalid, "book_import.cut", ExportCheckpoints, t.points.line, t.result.Entries)
	case t.morePoints:
		return broken(ExportCheckpoints, t.points.line, Text{ZH: "凭证多于条目", EN: "a checkpoint of more entries than there are"})
	case t.moreTexts:
		return broken(ExportSealed, t.texts.line, Text{ZH: "没有这个条目", EN: "there is no such entry"})
	}
	signed, err := merkle.OpenCheckpoint(t.note, t.identity.keys...)
	if err == nil && signed != (merkle.Checkpoint{Origin: t.identity.origin, Size: head.Size, Root: head.Root}) {
		err = errors.New("another checkpoint than the last of " + ExportCheckpoints)
	}
	if err != nil {
		return broken(ExportCheckpoint, 1, err.Error())
	}
	return nil
}
