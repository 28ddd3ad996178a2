package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"mingzhang/ledger"
)

// exported is a book as an export has it, written from its tables and not by the program's own export.
func (b *bundle) exported(t *testing.T) fstest.MapFS {
	t.Helper()
	ctx := t.Context()
	files := map[string]*bytes.Buffer{}
	line := func(file string, v any) {
		if files[file] == nil {
			files[file] = new(bytes.Buffer)
		}
		text, raw := v.([]byte)
		if !raw {
			var err error
			if text, err = json.Marshal(v); err != nil {
				t.Fatal(err)
			}
		}
		files[file].Write(append(text, '\n'))
	}
	var entries [][]byte
	var points []struct {
		Size int64
		Note string
	}
	var sealed []struct {
		Seq                int64
		Field, Salt, Value string
	}
	var keys []struct {
		Actor, Key, Body string
		First, Last      int64
	}
	for query, into := range map[string]any{
		"SELECT body FROM entries WHERE book_id = 1 ORDER BY seq":                                                                                     &entries,
		"SELECT size, note FROM checkpoints WHERE book_id = 1 ORDER BY size":                                                                          &points,
		"SELECT seq, field, encode(salt, 'hex') AS salt, value FROM sealed WHERE book_id = 1 ORDER BY seq, field":                                     &sealed,
		"SELECT actor, key, encode(body_sha256, 'hex') AS body, seq_first AS first, seq_last AS last FROM idempotency WHERE book_id = 1 ORDER BY key": &keys,
	} {
		if err := b.db.Owner().NewRaw(query).Scan(ctx, into); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range entries {
		line("entries.jsonl", e)
	}
	for _, p := range points {
		line("checkpoints.jsonl", map[string]any{"size": p.Size, "note": p.Note})
	}
	for _, s := range sealed {
		line("sealed.jsonl", map[string]any{"seq": s.Seq, "field": s.Field, "salt": s.Salt, "text": s.Value})
	}
	for _, k := range keys {
		line("idempotency.jsonl", map[string]any{"actor": k.Actor, "key": k.Key, "body_sha256": k.Body, "first": k.First, "last": k.Last})
	}
	export := fstest.MapFS{"checkpoint": {Data: []byte(points[len(points)-1].Note)}}
	for name, text := range files {
		export[name] = &fstest.MapFile{Data: text.Bytes()}
	}
	return export
}

// eventful is a book with amendments, a key exchanged, a new origin, idempotency keys, and a commit so large that
// a tile of it is full.
func eventful(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	ctx := t.Context()
	for _, no := range []string{"a1", "b1"} {
		if _, err := b.book.Do(ctx, b.blind(t, no)); err != nil {
			t.Fatal(err)
		}
	}
	var drafts []ledger.Draft
	for i := range 600 {
		drafts = append(drafts, ledger.Draft{Kind: "slip.recorded", State: &slipState{No: fmt.Sprintf("m%d", i), Amount: money(t, "2.50"), Remark: ledger.Seal("备注")}})
	}
	if _, err := b.book.Do(ctx, ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) { return drafts, nil }}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.book.AddKey(ctx, b.actor, "备用"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.book.Do(ctx, b.change(t, "slip.amended", "a1", "9.00")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.book.Reopen(ctx, b.actor, "", "更换机器"); err != nil {
		t.Fatal(err)
	}
	b.write(t, b.book, "c1")
	b.clean(t, 607)
	return b
}

func TestImportBook(t *testing.T) {
	t.Parallel()
	b := eventful(t)
	export := b.exported(t)
	there := setup(t)
	ctx := t.Context()
	_, err := there.store.ImportBook(ctx, there.actor, export, "", nil)
	wantError(t, "under a code that is taken", err, ledger.E(ledger.Conflict, "book.exists"))
	_, err = there.store.ImportBook(ctx, there.actor, export, "Not A Code", nil)
	wantError(t, "under no code", err, ledger.E(ledger.Invalid, "book.code_form"))
	_, err = there.store.ImportBook(ctx, there.actor, export, "installation", nil)
	wantError(t, "under the log's code", err, ledger.E(ledger.Conflict, "book.exists"))
	var told int64
	got, err := there.store.ImportBook(ctx, there.actor, export, "copy", func(n int64) { told = n })
	if err != nil {
		t.Fatal(err)
	}
	head, err := b.book.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.Head.Root != head.Root || got.Head.Size != head.Size || got.Head.Note != head.Note || told != head.Size || got.Texts != got.Commitments {
		t.Errorf("imported %+v, told %d; want the original's head %+v and all its texts", got, told, head)
	}
	book, err := there.store.Book(ctx, "copy")
	if err != nil {
		t.Fatal(err)
	}
	now := b.elsewhere(t)
	if book.Origin != now.Origin || book.VerifierKey != now.VerifierKey || got.Book.Origin != now.Origin {
		t.Errorf("the copy has origin %s and key %s, want %s and %s", book.Origin, book.VerifierKey, now.Origin, now.VerifierKey)
	}
	for _, checked := range []*ledger.Book{book, there.book, log(t, there)} {
		result, err := checked.Check(ctx, nil)
		if err != nil || result.Err() != nil {
			t.Errorf("check of %s: %v, %+v", checked.Code, err, result.Faults)
		}
	}
	_, err = there.store.ImportBook(ctx, there.actor, export, "again", nil)
	wantError(t, "a second time", err, ledger.E(ledger.Conflict, "book_import.there"))
	_, err = book.Do(ctx, there.record(t, "z1", "1.00"))
	wantError(t, "writing a copy", err, ledger.E(ledger.Denied, "book.read_only"))
	if err := book.Writable(ctx); err != nil {
		t.Errorf("a copy is not meant to be written: %v", err)
	}
	// The key is put there: the copy goes on, and knows the keys of retries.
	b.keys.Range(func(name, secret any) bool { there.keys.Store(name, secret); return true })
	replay := there.blind(t, "a1")
	if r, err := book.Do(ctx, replay); err != nil || !r.Replayed || r.First != 1 {
		t.Errorf("a retry of what came along: %+v, %v", r, err)
	}
	there.write(t, book, "z1")
	if result, err := book.Check(ctx, nil); err != nil || result.Err() != nil {
		t.Errorf("check after writing on: %v, %+v", err, result.Faults)
	}
}

func log(t *testing.T, b *bundle) *ledger.Book {
	t.Helper()
	log, err := b.store.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// Without the sealed texts the copy is whole all the same; without any key it can be reopened.
func TestImportBook_WithoutTexts(t *testing.T) {
	t.Parallel()
	b := eventful(t)
	export := b.exported(t)
	delete(export, "sealed.jsonl")
	delete(export, "idempotency.jsonl")
	there := setup(t)
	ctx := t.Context()
	got, err := there.store.ImportBook(ctx, there.actor, export, "copy", nil)
	if err != nil || got.Texts != 0 || got.Commitments == 0 {
		t.Fatalf("imported %+v, %v", got, err)
	}
	if result, err := got.Book.Check(ctx, nil); err != nil || result.Err() != nil {
		t.Errorf("check: %v, %+v", err, result.Faults)
	}
	if _, err := got.Book.Reopen(ctx, there.actor, "", "原处已毁"); err != nil {
		t.Fatal(err)
	}
	there.write(t, got.Book, "z1")
	result, err := got.Book.Check(ctx, nil)
	if err != nil || result.Err() != nil || result.Entries != 609 {
		t.Errorf("check after reopening: %v, %+v", err, result)
	}
}

// counted is how many rows each table of books has.
func (b *bundle) counted(t *testing.T) string {
	t.Helper()
	var counts []string
	for _, table := range []string{"books", "book_locks", "entries", "tiles", "checkpoints", "sealed", "idempotency", "slips", "slip_sums", "book_profiles"} {
		var n int
		if err := b.db.Owner().NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, fmt.Sprint(table, " ", n))
	}
	return strings.Join(counts, ", ")
}
