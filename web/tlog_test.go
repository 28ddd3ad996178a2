package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/web"
)

// listening serves the bundle on a real port and gives its address.
func (b *bundle) listening() string {
	b.tb.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(b.tb.Context()))
	l, err := web.Listen(ctx, "127.0.0.1:0", false)
	if err != nil {
		b.tb.Fatal(err)
	}
	ended := make(chan error, 1)
	s := b.server(b.options())
	go func() { ended <- s.Serve(ctx, l, nil) }()
	b.tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.tb.Errorf("the server ended with: %v", err)
		}
	})
	return "http://" + l.Addr().String()
}

// grow adds lots to a book until it has so many entries.
func (b *bundle) grow(book *ledger.Book, size int64) {
	b.tb.Helper()
	head, err := book.Head(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	_, err = book.Do(b.tb.Context(), ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
		var drafts []ledger.Draft
		for n := head.Size; n < size; n++ {
			state := &auction.LotState{LotNo: fmt.Sprint("增-", n), Listing: 1, Direction: auction.Sale, Remark: ledger.Seal("虚构")}
			drafts = append(drafts, ledger.Draft{Kind: "lot.recorded", State: state})
		}
		return drafts, nil
	}})
	if err != nil {
		b.tb.Fatal(err)
	}
}

// monitor is transparency-dev's own client, which knows nothing of ours but an address and a verifier key.
type monitor struct {
	tb       testing.TB
	http     *client.HTTPFetcher
	origin   string
	verifier note.Verifier
}

func newMonitor(tb testing.TB, root, origin, key string) *monitor {
	tb.Helper()
	u, err := url.Parse(root)
	if err != nil {
		tb.Fatal(err)
	}
	m := &monitor{tb: tb, origin: origin}
	if m.http, err = client.NewHTTPFetcher(u, new(http.Client)); err != nil {
		tb.Fatal(err)
	}
	if m.verifier, err = note.NewVerifier(key); err != nil {
		tb.Fatal(err)
	}
	return m
}

func (m *monitor) checkpoint() *log.Checkpoint {
	m.tb.Helper()
	c, _, _, err := client.FetchCheckpoint(m.tb.Context(), m.http.ReadCheckpoint, m.verifier, m.origin)
	if err != nil {
		m.tb.Fatal(err)
	}
	return c
}

// includes proves entries of a checkpoint from the hashes that are served.
func (m *monitor) includes(book *ledger.Book, c *log.Checkpoint, indexes ...uint64) {
	m.tb.Helper()
	builder, err := client.NewProofBuilder(m.tb.Context(), c.Size, m.http.ReadTile)
	if err != nil {
		m.tb.Fatal(err)
	}
	for _, index := range indexes {
		path, err := builder.InclusionProof(m.tb.Context(), index)
		if err != nil {
			m.tb.Fatalf("entry %d of %d: %v", index, c.Size, err)
		}
		entry, err := book.EntryAt(m.tb.Context(), int64(index))
		if err != nil {
			m.tb.Fatal(err)
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(entry.Body)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, c.Size, leaf, path, c.Hash); err != nil {
			m.tb.Errorf("entry %d of %d: %v", index, c.Size, err)
		}
		leaf[0] ^= 1
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, c.Size, leaf, path, c.Hash); err == nil {
			m.tb.Errorf("another leaf was taken for entry %d of %d", index, c.Size)
		}
	}
}

// A monitor that is not ours follows a book from its first entry over the edges of tiles: signatures, inclusion of
// entries, consistency of all its checkpoints, and the entries themselves with a token.
func TestLog_TransparencyDev(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("dongcheng", ledger.OfficeBook, "东城街道（虚构）", "")
	root := b.listening() + "/log/dongcheng/"
	m := newMonitor(t, root, book.Origin, book.VerifierKey)
	if _, err := m.http.ReadCheckpoint(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the checkpoint of a book that is not disclosed: %v, want not there", err)
	}
	if _, err := book.Disclose(t.Context(), b.actor, true, "公开办法"); err != nil {
		t.Fatal(err)
	}
	tracker, err := client.NewLogStateTracker(t.Context(), m.http.ReadTile, nil, m.verifier, m.origin, client.UnilateralConsensus(m.http.ReadCheckpoint))
	if err != nil {
		t.Fatal(err)
	}
	if got := tracker.Latest().Size; got != 2 {
		t.Fatalf("the monitor begins at %d entries, want 2", got)
	}
	seen := []*log.Checkpoint{m.checkpoint()}
	for _, size := range []int64{3, 255, 256, 257, 511, 512, 700, 768, 769, 1_003} {
		b.grow(book, size)
		if _, _, _, err := tracker.Update(t.Context()); err != nil { // holds the new checkpoint against the last one
			t.Fatalf("at %d entries: %v", size, err)
		}
		c := m.checkpoint()
		if got := tracker.Latest(); c.Size != uint64(size) || got.Size != c.Size || !bytes.Equal(got.Hash, c.Hash) {
			t.Fatalf("the monitor is at %d entries, want %d", got.Size, size)
		}
		m.includes(book, c, 0, 1, c.Size/2, c.Size-2, c.Size-1)
		builder, err := client.NewProofBuilder(t.Context(), c.Size, m.http.ReadTile)
		if err != nil {
			t.Fatal(err)
		}
		for _, old := range seen {
			path, err := builder.ConsistencyProof(t.Context(), old.Size, c.Size)
			if err != nil {
				t.Fatalf("from %d to %d: %v", old.Size, c.Size, err)
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old.Size, c.Size, path, old.Hash, c.Hash); err != nil {
				t.Errorf("from %d to %d: %v", old.Size, c.Size, err)
			}
			other := slices.Clone(old.Hash)
			other[0] ^= 1
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old.Size, c.Size, path, other, c.Hash); err == nil {
				t.Errorf("another tree was taken for the first %d of %d", old.Size, c.Size)
			}
		}
		seen = append(seen, c)
	}
	m.readsEntries(b, book, seen[len(seen)-1])
}

// readsEntries fetches all bundles with a token and holds them against the tree.
func (m *monitor) readsEntries(b *bundle, book *ledger.Book, c *log.Checkpoint) {
	m.tb.Helper()
	if _, err := client.GetEntryBundle(m.tb.Context(), m.http.ReadEntryBundle, 0, c.Size); err == nil {
		m.tb.Error("entries were read without a token")
	}
	auditor := b.person("auditor", account.NewRight{Role: account.Auditor, Book: book.Code})
	m.http.SetAuthorizationHeader("Bearer " + b.token(auditor, book.Code, account.ReadBook, account.ExportBook))
	leaves, err := client.FetchLeafHashes(m.tb.Context(), m.http.ReadTile, 0, c.Size, c.Size)
	if err != nil {
		m.tb.Fatal(err)
	}
	n := 0
	for i := range (c.Size + 255) / 256 {
		bundle, err := client.GetEntryBundle(m.tb.Context(), m.http.ReadEntryBundle, i, c.Size)
		if err != nil {
			m.tb.Fatal(err)
		}
		for _, entry := range bundle.Entries {
			if !bytes.Equal(rfc6962.DefaultHasher.HashLeaf(entry), leaves[n]) || !strings.HasPrefix(string(entry), `{"v":1,`) {
				m.tb.Fatalf("entry %d is %.80s, which is not what its tile says", n, entry)
			}
			n++
		}
	}
	if n != int(c.Size) {
		m.tb.Errorf("%d entries were read, want %d", n, c.Size)
	}
}

// What the addresses answer: forms of numbers, caches, and who may read while disclosure is off.
func TestLog_Addresses(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("dongcheng", ledger.OfficeBook, "东城街道（虚构）", "")
	b.grow(book, 600)
	clerk := b.person("clerk", account.NewRight{Role: account.Clerk, Book: "dongcheng"})
	part := b.person("part", account.NewRight{Role: account.Clerk, Book: "dongcheng", Villages: []string{"东升村"}})
	token := b.token(clerk, "dongcheng", account.ReadBook)
	get := func(path string, headers ...string) (int, http.Header, int) {
		w := b.api(http.MethodGet, "/log/dongcheng/"+path, "", headers...)
		return w.Code, w.Header(), w.Body.Len()
	}
	for _, path := range []string{"checkpoint", "key", "tile/0/000", "tile/0/002.p/88"} {
		if code, _, _ := get(path); code != 404 {
			t.Errorf("%s of a book that is not disclosed, to a stranger: %d, want 404", path, code)
		}
		if code, _, _ := get(path, "Authorization", "Bearer forged"); code != 404 {
			t.Errorf("%s of a book that is not disclosed, with a forged token: %d, want 404", path, code)
		}
		if code, h, _ := get(path, "Authorization", "Bearer "+token); code != 200 || strings.Contains(h.Get("Cache-Control"), "public") {
			t.Errorf("%s with a token: %d, %s; want 200 and no public cache", path, code, h.Get("Cache-Control"))
		}
	}
	if code, _, _ := get("tile/entries/000", "Authorization", "Bearer "+token); code != 403 {
		t.Errorf("entries with a token that may not export: %d, want 403", code)
	}
	b.be(part)
	if code, _, _ := get("tile/entries/000"); code != 403 {
		t.Errorf("entries with a right over a part: %d, want 403", code)
	}
	b.be(clerk)
	if code, h, n := get("tile/entries/000"); code != 200 || n < 256*100 || h.Get("Cache-Control") != "private, max-age=31536000, immutable" {
		t.Errorf("entries to a session: %d, %d bytes, %s", code, n, h.Get("Cache-Control"))
	}
	b.nobody()
	if _, err := book.Disclose(t.Context(), b.actor, true, "公开办法"); err != nil { // entry 600
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path  string
		code  int
		cache string
		bytes int
	}{
		{"tile/0/000", 200, "public, max-age=31536000, immutable", 8_192}, {"tile/0/001", 200, "public, max-age=31536000, immutable", 8_192},
		{"tile/0/000.p/17", 200, "no-store", 17 * 32}, {"tile/0/002.p/88", 200, "no-store", 88 * 32}, {"tile/0/002.p/89", 200, "no-store", 89 * 32},
		{"tile/1/000.p/2", 200, "no-store", 64}, {"checkpoint", 200, "no-store", 0}, {"key", 200, "no-store", len(book.VerifierKey) + 1},
		{"tile/0/002.p/90", 404, "no-store", 0}, {"tile/0/002", 404, "no-store", 0}, {"tile/0/003.p/1", 404, "no-store", 0}, {"tile/1/000.p/3", 404, "no-store", 0},
		{"tile/1/000", 404, "no-store", 0}, {"tile/2/000.p/1", 404, "no-store", 0}, {"tile/63/000.p/1", 404, "no-store", 0}, {"tile/64/000.p/1", 404, "no-store", 0},
		{"tile/00/000", 404, "", 0}, {"tile/-1/000", 404, "", 0}, {"tile/x/000", 404, "", 0}, {"tile/0/0", 404, "", 0}, {"tile/0/0000", 404, "", 0}, {"tile/0/x000/000", 404, "", 0},
		{"tile/0/x001/000", 404, "", 0}, {"tile/0/x999/x999/x999/x999/x999/999", 404, "", 0}, {"tile/0/x999/x999/x999/x999/x999/x999/999", 404, "", 0}, {"tile/0/000.p/0", 404, "", 0},
		{"tile/0/000.p/256", 404, "", 0}, {"tile/0/000.p/01", 404, "", 0}, {"tile/0/000.p/", 404, "", 0}, {"tile/0/", 404, "", 0}, {"tile/entries/000", 401, "", 0},
	} {
		code, h, n := get(tt.path)
		if code != tt.code || tt.cache != "" && h.Get("Cache-Control") != tt.cache || tt.bytes != 0 && n != tt.bytes {
			t.Errorf("%s: %d, %d bytes, %s; want %d, %d, %s", tt.path, code, n, h.Get("Cache-Control"), tt.code, tt.bytes, tt.cache)
		}
	}
	for path, kind := range map[string]string{"checkpoint": "text/plain; charset=utf-8", "tile/0/000": "application/octet-stream"} {
		if _, h, _ := get(path); h.Get("Content-Type") != kind {
			t.Errorf("%s is %s, want %s", path, h.Get("Content-Type"), kind)
		}
	}
}
