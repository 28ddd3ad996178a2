package ledger_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// spoilt is a way to break an export, and what the refusal says.
type spoilt struct {
	name       string
	do         func(*testing.T, fstest.MapFS)
	reason, at string
}

const (
	brokenLine = "book_import.broken"
	cutShort   = "book_import.cut"
	noFile     = "book_import.file_missing"
)

func linesOf(x fstest.MapFS, file string) []string {
	return strings.SplitAfter(string(x[file].Data), "\n")
}

func put(x fstest.MapFS, file string, lines ...string) {
	x[file] = &fstest.MapFile{Data: []byte(strings.Join(lines, ""))}
}

// swap is a file with one line changed.
func swap(name, file string, line int, old, now, at string) spoilt {
	return spoilt{name, func(t *testing.T, x fstest.MapFS) {
		t.Helper()
		all := linesOf(x, file)
		if !strings.Contains(all[line-1], old) {
			t.Errorf("%s line %d has no %s", file, line, old)
		}
		all[line-1] = strings.Replace(all[line-1], old, now, 1)
		put(x, file, all...)
	}, brokenLine, at}
}

// drop is a file without one line.
func drop(name, file string, line int, reason, at string) spoilt {
	return spoilt{name, func(_ *testing.T, x fstest.MapFS) {
		put(x, file, slices.Delete(linesOf(x, file), line-1, line)...)
	}, reason, at}
}

// without is an export that lacks a file.
func without(file, reason, at string) spoilt {
	return spoilt{"no " + file, func(_ *testing.T, x fstest.MapFS) { delete(x, file) }, reason, at}
}

// pipe is an export with a named pipe in a file's place: to open it would wait for ever.
func pipe(file string) spoilt {
	return spoilt{file + " is a named pipe", func(_ *testing.T, x fstest.MapFS) {
		x[file] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	}, brokenLine, file + " 1"}
}

// foreign is an export whose last checkpoint another key has signed.
func foreign(t *testing.T, x fstest.MapFS) {
	t.Helper()
	c, err := merkle.ClaimedCheckpoint(string(x["checkpoint"].Data))
	if err != nil {
		t.Fatal(err)
	}
	secret, verifier, err := merkle.NewKey(rand.Reader, c.Origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := merkle.NewSigner([]string{secret}, []string{verifier})
	if err != nil {
		t.Fatal(err)
	}
	note, err := signer.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	line, err := json.Marshal(map[string]any{"size": c.Size, "note": note})
	if err != nil {
		t.Fatal(err)
	}
	all := linesOf(x, "checkpoints.jsonl")
	all[len(all)-2] = string(line) + "\n"
	put(x, "checkpoints.jsonl", all...)
}

// spoiltExports are of the eventful book: 607 entries, 8 checkpoints.
func spoiltExports() []spoilt {
	return []spoilt{
		swap("an amount", "entries.jsonl", 50, `"2.50"`, `"2.51"`, "checkpoints.jsonl 4"),
		swap("a blank in an entry", "entries.jsonl", 50, `,"at"`, `, "at"`, "entries.jsonl 50"),
		swap("a carriage return", "entries.jsonl", 50, "\n", "\r\n", "entries.jsonl 50"),
		swap("the profile's kind", "entries.jsonl", 1, `"kind":"office"`, `"kind":"installation"`, "entries.jsonl 1"),
		drop("an entry dropped", "entries.jsonl", 50, brokenLine, "entries.jsonl 50"),
		drop("the last entry dropped", "entries.jsonl", 607, cutShort, "entries.jsonl 606"),
		drop("the first entry dropped", "entries.jsonl", 1, brokenLine, "entries.jsonl 1"),
		swap("the last line cut", "entries.jsonl", 607, "\n", "", "entries.jsonl 607"),
		{"an entry more", func(_ *testing.T, x fstest.MapFS) {
			all := linesOf(x, "entries.jsonl")
			put(x, "entries.jsonl", append(all, all[0])...)
		}, brokenLine, "entries.jsonl 608"},
		{"an empty file of entries", func(_ *testing.T, x fstest.MapFS) { put(x, "entries.jsonl") }, brokenLine, "entries.jsonl 1"},
		drop("a checkpoint dropped", "checkpoints.jsonl", 2, brokenLine, "checkpoints.jsonl 2"),
		drop("the last checkpoint dropped", "checkpoints.jsonl", 8, cutShort, "checkpoints.jsonl 7"),
		swap("a checkpoint's size", "checkpoints.jsonl", 2, `"size":2`, `"size":1`, "checkpoints.jsonl 2"),
		swap("a checkpoint without its note", "checkpoints.jsonl", 3, `"note"`, `"nota"`, "checkpoints.jsonl 3"),
		{"a checkpoint of another key", foreign, brokenLine, "checkpoints.jsonl 8"},
		swap("the newest checkpoint is older", "checkpoint", 2, "607", "606", "entries.jsonl 607"),
		swap("the newest checkpoint is of nonsense", "checkpoint", 2, "607", "x", "checkpoint 1"),
		swap("the newest checkpoint has another root", "checkpoint", 3, "=", "x", "checkpoint 1"),
		swap("the newest checkpoint is not signed", "checkpoint", 5, "\u2014", "-", "checkpoint 1"),
		pipe("entries.jsonl"), pipe("checkpoints.jsonl"), pipe("checkpoint"), pipe("sealed.jsonl"), pipe("idempotency.jsonl"),
		without("checkpoint", noFile, "checkpoint"),
		without("checkpoints.jsonl", noFile, "checkpoints.jsonl"),
		without("entries.jsonl", noFile, "entries.jsonl"),
		{"a public export", func(_ *testing.T, x fstest.MapFS) {
			x["public.jsonl"] = x["entries.jsonl"]
			delete(x, "entries.jsonl")
		}, "book_import.public_only", ""},
		swap("a sealed text", "sealed.jsonl", 2, `备注`, `备註`, "sealed.jsonl 2"),
		drop("a sealed text dropped", "sealed.jsonl", 3, brokenLine, "sealed.jsonl 3"),
		swap("a sealed text's place", "sealed.jsonl", 2, `"seq":2`, `"seq":1`, "sealed.jsonl 2"),
		{"a sealed text twice", func(_ *testing.T, x fstest.MapFS) {
			all := linesOf(x, "sealed.jsonl")
			put(x, "sealed.jsonl", append(all[:1:1], all...)...)
		}, brokenLine, "sealed.jsonl 2"},
		{"a sealed text beyond the end", func(_ *testing.T, x fstest.MapFS) {
			all := linesOf(x, "sealed.jsonl")
			put(x, "sealed.jsonl", append(all, strings.Replace(all[0], `"seq":1`, `"seq":900`, 1))...)
		}, brokenLine, "sealed.jsonl 60"},
		swap("an idempotency key's actor", "idempotency.jsonl", 2, `local:clerk`, `local:other`, "idempotency.jsonl 2"),
		swap("an idempotency key's entries", "idempotency.jsonl", 1, `"last":1`, `"last":2`, "idempotency.jsonl 1"),
		swap("an idempotency key twice", "idempotency.jsonl", 2, `key-b1`, `key-a1`, "idempotency.jsonl 2"),
		swap("an idempotency key's hash", "idempotency.jsonl", 2, `"body_sha256":"`, `"body_sha256":"00`, "idempotency.jsonl 2"),
	}
}

// Each file broken in each way is refused with its name and line, and leaves no trace.
func TestImportBook_Broken(t *testing.T) {
	t.Parallel()
	b := eventful(t)
	whole := b.exported(t)
	there := setup(t)
	before := there.counted(t)
	refused := 0
	for _, s := range spoiltExports() {
		export := fstest.MapFS{}
		for file, f := range whole {
			export[file] = &fstest.MapFile{Data: bytes.Clone(f.Data)}
		}
		s.do(t, export)
		_, err := there.store.ImportBook(t.Context(), there.actor, export, "copy", nil)
		e, ok := errors.AsType[*ledger.Error](err)
		if !ok || e.Code != ledger.Invalid || e.Reason != s.reason || !strings.HasPrefix(strings.Trim(fmt.Sprint(e.Args), "[]"), s.at) {
			t.Errorf("%s: %v, want invalid %s at %s", s.name, err, s.reason, s.at)
			continue
		}
		refused++
	}
	t.Logf("tried %d, refused %d", len(spoiltExports()), refused)
	if after := there.counted(t); after != before {
		t.Errorf("left behind: %s, before %s", after, before)
	}
	there.clean(t, 1)
}
