package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
)

// The catchers that stand outside of the program: the auditor's checker over an export, and a witness.

// shown is the store through which a tampered book is exported and shown: it remembers nothing of what was published,
// as if the forger had taken that away, too.
func (d *drill) shown() *ledger.Store {
	d.tb.Helper()
	keys := (&options{dataDir: d.data}).keys()
	keys.Publish, keys.Published = nil, nil
	return ledger.Open(d.db.Writer(), keys, time.Now, kinds()...)
}

// sawVerifier is an auditor with mzverify: the book's export must be whole under the key that came with the older
// checkpoint, and extend that checkpoint.
func sawVerifier(t *testing.T, d *drill) string {
	t.Helper()
	bin, err := mzverify()
	d.must(nil, err)
	store := d.shown()
	for _, code := range slices.Sorted(maps.Keys(d.kept)) {
		old, dir := d.kept[code], t.TempDir()
		if err := d.exported(store, code, filepath.Join(dir, "export")); err != nil {
			return code + ": no export: " + firstLine(err.Error())
		}
		note := filepath.Join(dir, "checkpoint")
		d.must(nil, os.WriteFile(note, []byte(old.note), 0o600))
		for _, args := range [][]string{
			{"export", filepath.Join(dir, "export"), "--key", old.verifier, "--lang", "en"},
			{"consistency", note, filepath.Join(dir, "export"), "--key", old.verifier, "--lang", "en"},
		} {
			out, err := exec.CommandContext(t.Context(), bin, args...).CombinedOutput()
			if err != nil {
				return code + ": " + args[0] + ": " + firstLine(string(out))
			}
		}
	}
	return ""
}

// exported writes the export of a book, as the command does.
func (d *drill) exported(store *ledger.Store, code, dir string) error {
	ctx := d.tb.Context()
	book, err := bookOf(ctx, store, code)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	var open *os.File
	_, err = book.Export(ctx, ledger.ExportOptions{Sealed: true}, func(_ ledger.Checkpoint, name string) (io.Writer, error) {
		if open != nil {
			if err := open.Close(); err != nil {
				return nil, err
			}
		}
		var err error
		open, err = os.Create(filepath.Join(dir, name))
		return open, err
	})
	if open != nil {
		d.must(nil, open.Close())
	}
	return err
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// watched is the folder of a witness that has cosigned each book as it was when its checkpoint was taken home.
func (d *drill) watched() string {
	d.tb.Helper()
	dir := witnessDir(d.tb.TempDir())
	secret, _, err := merkle.NewCosignerKey(rand.Reader, "witness.drill.example")
	d.must(nil, err)
	d.must(nil, os.WriteFile(dir.keyFile(), []byte(secret+"\n"), 0o600))
	store := d.shown()
	for _, b := range d.books() {
		_, err := dir.trust(b.VerifierKey)
		d.must(nil, err)
		b, err := bookOf(d.tb.Context(), store, b.Code)
		d.must(nil, err)
		if saw := d.witnessed(dir, b); saw != "" {
			d.tb.Fatalf("the witness does not cosign a book that nobody changed: %s", saw)
		}
	}
	return string(dir)
}

// witnessed shows the newest checkpoint of a book to a witness.
func (d *drill) witnessed(dir witnessDir, b *ledger.Book) string {
	d.tb.Helper()
	cosigner, err := dir.cosigner()
	d.must(nil, err)
	w := witness.New(dir, cosigner, time.Now)
	_, err = witness.Show(d.tb.Context(), b, w.VerifierKey(), true, func(_ context.Context, body []byte) (witness.Answer, error) { return w.Add(body) })
	if err != nil {
		return fmt.Sprintf("%s: %s", b.Code, firstLine(err.Error()))
	}
	return ""
}

// sawWitness is a witness that cosigned the books before, and is shown each of them as it is now. A book that is never
// shown again raises no alarm of itself.
func sawWitness(t *testing.T, d *drill) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "witness")
	d.must(nil, os.CopyFS(dir, os.DirFS(d.witness)))
	store := d.shown()
	for _, code := range slices.Sorted(maps.Keys(d.kept)) {
		book, err := bookOf(t.Context(), store, code)
		if ledger.CodeOf(err) == ledger.NotFound {
			continue
		}
		if err == nil {
			if saw := d.witnessed(witnessDir(dir), book); saw != "" {
				return saw
			}
			continue
		}
		return code + ": " + firstLine(err.Error())
	}
	return ""
}
