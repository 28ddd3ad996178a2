package web_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/merkle"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// json reads an answer of the API that must have a status.
func (b *bundle) json(w *httptest.ResponseRecorder, status int, into any) {
	b.tb.Helper()
	if w.Code != status {
		b.tb.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		b.tb.Fatalf("%v: %s", err, w.Body)
	}
}

// book finds a book of the bundle.
func (b *bundle) book(code string) *ledger.Book {
	b.tb.Helper()
	book, err := b.store.Book(b.tb.Context(), code)
	if err != nil {
		b.tb.Fatal(err)
	}
	return book
}

// feed reads all entries of a kind of record from the book itself, the oldest first.
func (b *bundle) feed(code, kind string) []ledger.LogEntry {
	b.tb.Helper()
	var found []ledger.LogEntry
	for after := int64(-1); ; {
		piece, err := b.book(code).EntriesAfter(b.tb.Context(), after, 500)
		if err != nil {
			b.tb.Fatal(err)
		}
		if len(piece) == 0 {
			return found
		}
		for _, e := range piece {
			if kind == "" || strings.HasPrefix(e.Kind, kind+".") {
				found = append(found, e)
			}
			after = e.Seq
		}
	}
}

// feedEntry is an entry as the feed sends it.
type feedEntry struct {
	Entry    *int64          `json:"entry"`
	LeafHash string          `json:"leaf_hash"`
	Body     json.RawMessage `json:"body"`
	End      bool            `json:"end"`
	Count    int64           `json:"count"`
}

// piece reads some of the feed after a number, by a page or as a stream.
func (b *bundle) piece(after int64, limit int, lines bool) []feedEntry {
	b.tb.Helper()
	if !lines {
		var page struct {
			Items []feedEntry `json:"items"`
			Next  int64       `json:"next"`
			More  bool        `json:"more"`
		}
		b.json(b.api("GET", fmt.Sprintf("/api/v1/books/busy/entries?after=%d&limit=%d", after, limit), ""), 200, &page)
		if n := len(page.Items); n > limit || n > 0 && page.Next != *page.Items[n-1].Entry || n == 0 && (page.Next != after || page.More) {
			b.tb.Fatalf("after %d: %d items, next %d, more %t", after, n, page.Next, page.More)
		}
		return page.Items
	}
	w := b.api("GET", fmt.Sprintf("/api/v1/books/busy/entries.ndjson?after=%d", after), "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/x-ndjson" {
		b.tb.Fatalf("%d %v: %s", w.Code, w.Header(), w.Body)
	}
	var found []feedEntry
	for s := bufio.NewScanner(bytes.NewReader(w.Body.Bytes())); s.Scan(); {
		var e feedEntry
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			b.tb.Fatal(err)
		}
		found = append(found, e)
	}
	last := found[len(found)-1]
	if !last.End || last.Count != int64(len(found)-1) {
		b.tb.Fatalf("the stream ends with %+v after %d lines", last, len(found)-1)
	}
	return found[:len(found)-1]
}

// Read in random pieces, as pages and as streams, while eight others write: no gap, nothing twice, and in the end
// equal to the book, whose root comes out of what was read.
func TestFeed_UnderWriters(t *testing.T) {
	t.Parallel()
	b := empty(t)
	book := b.open("busy", ledger.OfficeBook, "忙街道（虚构）", "")
	b.someone("reader", account.Clerk, "busy")
	const writers, each = 8, 20
	var wg sync.WaitGroup
	var over atomic.Int64
	for w := range writers {
		wg.Go(func() {
			defer over.Add(1)
			for i := range each {
				_, err := book.Do(t.Context(), ledger.Command{Actor: b.actor, Decide: func(*ledger.Present) ([]ledger.Draft, error) {
					person := func() ledger.Draft {
						return ledger.Draft{Kind: "person.recorded", State: &ledger.PersonState{Name: ledger.Seal(fmt.Sprintf("虚构 %d-%d", w, i))}}
					}
					return []ledger.Draft{person(), person()}[:1+i%2], nil
				}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	random := rand.New(rand.NewPCG(3, 4))
	var tree merkle.Tree
	for after := int64(-1); ; {
		finished := over.Load() == writers
		piece := b.piece(after, 1+random.IntN(9), random.IntN(4) == 0)
		for _, e := range piece {
			leaf := merkle.LeafHash(e.Body)
			if *e.Entry != after+1 || hex.EncodeToString(leaf[:]) != e.LeafHash {
				t.Fatalf("entry %d after %d, leaf %s", *e.Entry, after, e.LeafHash)
			}
			tree.Append(leaf)
			after = *e.Entry
		}
		if finished && len(piece) == 0 {
			break
		}
	}
	wg.Wait()
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(1 + writers*each*3/2); head.Size != want || tree.Size() != want || tree.Root() != head.Root {
		t.Errorf("read %d entries with root %s; the book has %d, %s; want %d", tree.Size(), tree.Root(), head.Size, head.Root, want)
	}
}
