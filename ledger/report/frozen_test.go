package report_test

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
	"mingzhang/migrations/dbtest"
)

// frozenBook is the number that the frozen book gets in a test's database.
const frozenBook = 4

// frozen puts the book of testdata/frozen into a database of its own: entries, checkpoints and sealed texts as they were
// written in 2021, once and for ever. The rows are made from them, as a migration has them made.
func frozen(t *testing.T) (*bundle, *ledger.Book) {
	t.Helper()
	b := &bundle{db: dbtest.New(t)}
	key := strings.TrimSpace(string(fixture(t, "key")))
	b.store = ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(string) (string, error) { return key, nil },
		Save: func(string, string) error { return nil },
	}, func() time.Time { return time.Date(2024, 2, 1, 8, 0, 0, 0, time.UTC) }, append(landcheck.Kinds(), auction.Kind(), review.Kind(), issue.Kind())...)
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		t.Fatal(err)
	}
	at := b.pourEntries(t)
	for _, line := range fixtureLines(t, "checkpoints.jsonl") {
		var c struct {
			Size int64
			Note string
		}
		decode(t, line, &c)
		root, err := base64.StdEncoding.DecodeString(strings.Split(c.Note, "\n")[2])
		if err != nil {
			t.Fatal(err)
		}
		b.pour(t, "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)", frozenBook, c.Size, root, c.Note, at[c.Size-1])
	}
	for _, line := range fixtureLines(t, "sealed.jsonl") {
		var s struct {
			Seq               int64
			Field, Salt, Text string
		}
		decode(t, line, &s)
		salt, err := hex.DecodeString(s.Salt)
		if err != nil {
			t.Fatal(err)
		}
		b.pour(t, "INSERT INTO sealed VALUES (?, ?, ?, ?, ?)", frozenBook, s.Seq, s.Field, salt, s.Text)
	}
	b.pour(t, "INSERT INTO work_rebuilds VALUES (?)", frozenBook)
	if err := b.store.RebuildPending(t.Context(), b.db.Owner(), nil); err != nil {
		t.Fatal(err)
	}
	book, err := b.store.Book(t.Context(), "xitou")
	if err != nil {
		t.Fatal(err)
	}
	return b, book
}

// pourEntries adds the book of entry 0 with all its entries, and gives the time of each.
func (b *bundle) pourEntries(t *testing.T) []time.Time {
	t.Helper()
	var at []time.Time
	for seq, line := range fixtureLines(t, "entries.jsonl") {
		var e struct {
			At    time.Time
			State ledger.BookProfile
		}
		decode(t, line, &e)
		if at = append(at, e.At); seq == 0 {
			b.pour(t, "INSERT INTO books VALUES (?, ?, ?, ?, ?)", frozenBook, e.State.Code, e.State.Kind, e.State.Origin, e.State.VerifierKey)
			b.pour(t, "INSERT INTO book_locks VALUES (?)", frozenBook)
		}
		leaf := merkle.LeafHash(line)
		b.pour(t, "INSERT INTO entries VALUES (?, ?, ?, ?)", frozenBook, seq, leaf[:], line)
	}
	return at
}

func (b *bundle) pour(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := b.db.Owner().NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "frozen", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func fixtureLines(t *testing.T, name string) (lines [][]byte) {
	t.Helper()
	in := bufio.NewScanner(strings.NewReader(string(fixture(t, name))))
	for in.Scan() {
		lines = append(lines, []byte(in.Text()))
	}
	return lines
}

func decode(t *testing.T, line []byte, into any) {
	t.Helper()
	var loose map[string]json.RawMessage
	if err := json.Unmarshal(line, &loose); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, into); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// The reports of a book that was written once and for ever: as of each of its checkpoints they are what they were, to
// the byte, root and all; and they stay so after the book is amended, voided and issued again.
func TestSummary_FrozenBook(t *testing.T) {
	t.Parallel()
	b, book := frozen(t)
	clean(t, book)
	sizes := []int64{17, 34, 35, 38}
	wholePeriod := func() string {
		var all strings.Builder
		for _, size := range sizes {
			if err := b.summary(t, book, "2021-01-01", "2021-06-30", size).WriteJSON(&all); err != nil {
				t.Fatal(err)
			}
		}
		return all.String()
	}
	before := wholePeriod()
	frozenGolden(t, before)
	const issued = 35 // the report that the book says was issued, as it was given out
	kept, output, err := report.Reissue(t.Context(), ledger.WholeBook(book), issued)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.SplitAfter(before, "\n"); string(output) != lines[2] || kept.SHA256 != "e00342523a670dfe61cfcef1c0e574e5304b90a2d69dcd9573a136cb35cd5c40" {
		t.Errorf("issued as %s:\n%s\nnow as of the same checkpoint:\n%s", kept.SHA256, output, lines[2])
	}
	d := day(t, "2021-03-04")
	b.change(t, book, "lot.amended", "村-02", &auction.LotState{
		LotNo: "村-02", Listing: 1, Direction: auction.Sale, Outcome: auction.Hammered, BaseTotal: money(t, "1"), HammerTotal: money(t, "2"), HammeredOn: &d,
	})
	b.change(t, book, "lot.voided", "村-03", &auction.LotState{LotNo: "村-03", Listing: 1, Direction: auction.Sale, Outcome: auction.Hammered, HammeredOn: &d})
	b.issue(t, book, "2021-01-01", "2021-12-31")
	if after := wholePeriod(); after != before {
		t.Errorf("the past has changed:\n%s\nit was:\n%s", after, before)
	}
	if _, again, err := report.Reissue(t.Context(), ledger.WholeBook(book), issued); err != nil || string(again) != string(output) {
		t.Errorf("what was issued prints otherwise (%v):\n%s\nit was:\n%s", err, again, output)
	}
	clean(t, book)
}

// frozenGolden compares with the reports of the frozen book. -update leaves them alone: their figures never change. A
// new key is added by hand.
func frozenGolden(t *testing.T, got string) {
	t.Helper()
	if want := string(fixture(t, "summaries.jsonl")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
