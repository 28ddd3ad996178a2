package ledger_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// files gathers an export in memory.
type files map[string]*bytes.Buffer

func (f files) create(_ ledger.Checkpoint, name string) (io.Writer, error) {
	f[name] = new(bytes.Buffer)
	return f[name], nil
}

// slipsAtOnce writes slips in one commit.
func (b *bundle) slipsAtOnce(tb testing.TB, n int) ledger.Receipt {
	tb.Helper()
	var drafts []ledger.Draft
	for i := range n {
		drafts = append(drafts, ledger.Draft{Kind: "slip.recorded", State: &slipState{No: fmt.Sprintf("m%d", i), Amount: money(tb, "1.00"), Remark: ledger.Seal(fmt.Sprintf("备注%d", i))}})
	}
	r, err := b.book.Do(tb.Context(), ledger.Command{
		Actor: b.actor, Key: "many", Body: []byte("many"), Decide: func(*ledger.Present) ([]ledger.Draft, error) { return drafts, nil },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// The lines are the leaves: hashed in their order they give the root of the checkpoint. More of them than are read at
// once, of a book that goes on being written.
func TestBook_Export(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.slipsAtOnce(t, 4_500)
	full := files{}
	done, err := b.book.Export(t.Context(), ledger.ExportOptions{Sealed: true}, func(at ledger.Checkpoint, name string) (io.Writer, error) {
		if name == ledger.ExportKeys { // written meanwhile: it is of another snapshot
			b.slipLater(t)
		}
		return full.create(at, name)
	})
	if err != nil || done.Checkpoint.Size != r.Size || done.Shown != r.Size || done.Texts != 4_500 {
		t.Fatalf("%+v, %v", done, err)
	}
	var tree merkle.Tree
	for line := range strings.SplitSeq(strings.TrimSuffix(full[ledger.ExportEntries].String(), "\n"), "\n") {
		tree.Append(merkle.LeafHash([]byte(line)))
	}
	if tree.Root() != done.Checkpoint.Root || tree.Size() != r.Size {
		t.Error("the lines give another root")
	}
	if got := full[ledger.ExportCheckpoint].String(); got != done.Checkpoint.Note {
		t.Errorf("checkpoint %s", got)
	}
	if n := bytes.Count(full[ledger.ExportSealed].Bytes(), []byte("\n")); n != 4_500 {
		t.Errorf("%d sealed texts", n)
	}
	if got := full[ledger.ExportKeys].String(); !strings.HasPrefix(got, `{"actor":"local:`) || !strings.HasSuffix(got, fmt.Sprintf(`"first":%d,"last":%d}`+"\n", r.First, r.Last)) {
		t.Errorf("keys %s", got)
	}
	var zipped bytes.Buffer
	if _, err := b.book.ExportZip(t.Context(), ledger.ExportOptions{Size: r.Size, Sealed: true}, &zipped); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(zipped.Bytes()), int64(zipped.Len()))
	if err != nil || len(z.File) != len(full) {
		t.Fatalf("%v, %v", z, err)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(in); err != nil || !bytes.Equal(body, full[f.Name].Bytes()) {
			t.Errorf("%s in the .zip differs: %v", f.Name, err)
		}
	}
	if _, err := b.book.Export(t.Context(), ledger.ExportOptions{Size: 7}, files{}.create); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("as of no checkpoint: %v", err)
	}
}

func (b *bundle) slipLater(tb testing.TB) {
	tb.Helper()
	_, err := b.book.Do(tb.Context(), ledger.Command{Actor: b.actor, Key: "later", Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		return []ledger.Draft{{Kind: "slip.recorded", State: &slipState{No: "later", Amount: money(tb, "2.00")}}}, nil
	}})
	if err != nil {
		tb.Fatal(err)
	}
}

// A public export shows what it is told to and what the book says of itself; the others' hashes give the same root.
func TestBook_ExportPublic(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.slipsAtOnce(t, 4_500)
	shown := []int64{r.First, r.First + 1, r.First + 1999, r.First + 2000, r.Last}
	o := ledger.ExportOptions{Published: func(_ context.Context, _ bun.IDB, _, after int64, limit int) ([]int64, error) {
		var list []int64
		for _, seq := range shown {
			if seq > after && len(list) < limit {
				list = append(list, seq)
			}
		}
		return list, nil
	}}
	if _, err := b.book.Export(t.Context(), o, files{}.create); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("before disclosure: %v", err)
	}
	if kept, published := b.keys.Load("published " + b.book.Origin); published {
		t.Errorf("a refusal published %v", kept)
	}
	if _, err := b.book.Disclose(t.Context(), b.actor, true, "按规定公开"); err != nil {
		t.Fatal(err)
	}
	public := files{}
	done, err := b.book.Export(t.Context(), o, public.create)
	if err != nil || done.Shown != int64(len(shown))+2 || len(public) != 3 {
		t.Fatalf("%+v, %d files, %v", done, len(public), err)
	}
	var tree merkle.Tree
	for line := range strings.SplitSeq(strings.TrimSuffix(public[ledger.ExportPublic].String(), "\n"), "\n") {
		leaf := merkle.LeafHash([]byte(line))
		if text, hidden := strings.CutPrefix(line, `{"leaf_hash":"`); hidden {
			if n, err := hex.Decode(leaf[:], []byte(text[:64])); err != nil || n != len(leaf) {
				t.Fatal(err)
			}
		}
		tree.Append(leaf)
	}
	if tree.Root() != done.Checkpoint.Root {
		t.Error("the lines give another root")
	}
}

// A book of which an entry is gone is not exported with other numbers.
func TestBook_ExportBroken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.slipsAtOnce(t, 5)
	conn, err := b.db.Owner().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"SET session_replication_role = replica", "DELETE FROM entries WHERE book_id > 0 AND seq = 3"} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.book.Export(t.Context(), ledger.ExportOptions{}, files{}.create); ledger.CodeOf(err) != ledger.Tampered {
		t.Errorf("a book without entry 3: %v", err)
	}
}

// Sealed texts are exported only as of a checkpoint that has the erasures of its own texts: a checker of an older one
// would take what was erased for lost. A copy without texts has none to give.
func TestBook_ExportErased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.person("张三"))
	b.do(t, b.person("李四"))
	b.erase(t, ledger.TextAt{Seq: 1, Field: "name"})
	b.do(t, b.person("王五"))
	b.erase(t, ledger.TextAt{Seq: 4, Field: "name"})
	b.do(t, b.person("赵六"))
	for size, want := range map[int64]error{
		1: nil, 2: ledger.E(ledger.Conflict, "export.erased_since", int64(2), int64(4)).On("as_of"), 3: ledger.E(ledger.Conflict, "export.erased_since", int64(3), int64(4)).On("as_of"),
		4: nil, 5: ledger.E(ledger.Conflict, "export.erased_since", int64(5), int64(6)).On("as_of"), 6: nil, 7: nil,
	} {
		written := files{}
		_, err := b.book.Export(t.Context(), ledger.ExportOptions{Size: size, Sealed: true}, written.create)
		if fmt.Sprint(err) != fmt.Sprint(want) || want != nil && len(written) > 0 {
			t.Errorf("as of %d: %v with %d files, want %v", size, err, len(written), want)
		}
		if _, err := b.book.Export(t.Context(), ledger.ExportOptions{Size: size}, files{}.create); err != nil {
			t.Errorf("as of %d without texts: %v", size, err)
		}
	}
	bare := b.exported(t)
	delete(bare, ledger.ExportSealed)
	there := setup(t)
	copied, err := there.store.ImportBook(t.Context(), there.actor, bare, "copy", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := copied.Book.Export(t.Context(), ledger.ExportOptions{Sealed: true}, files{}.create); ledger.CodeOf(err) != ledger.Conflict {
		t.Errorf("texts of a copy that has none: %v", err)
	}
}
