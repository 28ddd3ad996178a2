package ledger_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// erase erases texts of the book.
func (b *bundle) erase(t *testing.T, texts ...ledger.TextAt) ledger.Erased {
	t.Helper()
	erased, err := b.book.Erase(t.Context(), b.actor, ledger.Erasing{What: ledger.ErasedOne, Texts: texts, Reason: "个人信息保护法第四十七条"})
	if err != nil {
		t.Fatal(err)
	}
	return erased
}

// person is the command that records a person, unless the name is known.
func (b *bundle) person(name string) ledger.Command {
	return ledger.Command{
		Actor: b.actor, Reads: []ledger.Read{{Table: ledger.Persons, Index: "name", Keys: []string{name}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			if len(p.Find(ledger.Persons, "name", name)) > 0 {
				return nil, nil
			}
			return []ledger.Draft{{Kind: "person.recorded", State: &ledger.PersonState{Name: ledger.Seal(name)}}}, nil
		},
	}
}

// entryProof is an entry with its proof in a checkpoint.
func entryProof(t *testing.T, b *bundle, seq, size int64) ledger.Proof {
	t.Helper()
	p, err := b.book.Prove(t.Context(), seq, size)
	if err != nil {
		t.Fatal(err)
	}
	if err := merkle.CheckInclusion(p.Hashes, seq, p.Checkpoint.Size, p.Checkpoint.Root, merkle.LeafHash(p.Entry.Body)); err != nil {
		t.Fatal(err)
	}
	return p
}

// An erasure takes text and salt, and nothing else: entries, hashes and proofs are what they were, the root grows by
// the one entry, and the same name given later is another person.
func TestErase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.person("张三"))
	b.do(t, b.person("李四"))
	b.do(t, b.record(t, "a1", "100.00"))
	before := entryProof(t, b, 1, 4)
	erased := b.erase(t, ledger.TextAt{Seq: 1, Field: "name"})
	if len(erased.Texts) != 1 || erased.First != 4 || erased.Size != 5 {
		t.Fatalf("erased %+v", erased)
	}
	if after := entryProof(t, b, 1, 4); !reflect.DeepEqual(before, after) {
		t.Errorf("the proof was %+v and is %+v", before, after)
	}
	entryProof(t, b, 1, 0)
	if err := b.extends(t, 4, 5); err != nil {
		t.Errorf("the book after it does not extend the book before: %v", err)
	}
	b.clean(t, 5)
	var left int
	err := b.db.Owner().NewRaw("SELECT count(*) FROM sealed WHERE seq = 1 OR value LIKE '%张三%'").Scan(t.Context(), &left)
	if err != nil || left != 0 {
		t.Errorf("%d texts are left, %v", left, err)
	}
	opened, err := b.book.Opened(t.Context(), 1)
	if err != nil || len(opened) != 1 || opened[0] != (ledger.OpenedText{Field: "name", Text: ledger.ErasedText, Erased: true}) {
		t.Errorf("the entry shows %+v, %v", opened, err)
	}
	// Again: nothing to do, and nothing done.
	if again := b.erase(t, ledger.TextAt{Seq: 1, Field: "name"}); len(again.Texts) != 0 || again.Last != 0 {
		t.Errorf("a second time: %+v", again)
	}
	if r := b.do(t, b.person("李四")); r.Last != 0 {
		t.Errorf("a name that is there was recorded again: %+v", r)
	}
	if r := b.do(t, b.person("张三")); r.First != 5 {
		t.Errorf("a name that was erased: %+v, want a person of entry 5", r)
	}
	// What is shown in the name's place leads to the same person, and to nobody who was not erased.
	if r := b.do(t, b.person(ledger.ErasedText+" p1")); r.Last != 0 {
		t.Errorf("the mark of p1 made an entry: %+v", r)
	}
	for _, mark := range []string{" p2", " p99", " p01", " x", ""} {
		if _, err := b.book.Do(t.Context(), b.person(ledger.ErasedText+mark)); err == nil {
			t.Errorf("the mark %q was recorded as a name", mark)
		}
	}
	b.clean(t, 6)
}

// With the words of a name go all texts that hold it.
func TestErase_Words(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.person("张三"))
	b.do(t, b.person("张三丰"))
	b.do(t, b.record(t, "a张三", "1.00"))
	b.do(t, b.record(t, "b", "1.00"))
	b.do(t, b.many(t, "c", 1_500))
	mentions, err := b.book.Mentions(t.Context(), "张三")
	if err != nil || len(mentions) != 3 {
		t.Fatalf("mentions %v, %v", mentions, err)
	}
	asked := ledger.Erasing{What: ledger.ErasedPerson, Texts: []ledger.TextAt{{Seq: 1, Field: "name"}}, Words: "张三", Reason: "依法"}
	erased, err := b.book.Erase(t.Context(), b.actor, asked)
	if err != nil || fmt.Sprint(erased.Texts) != "[{1 name} {2 name} {3 remark}]" {
		t.Fatalf("erased %v, %v", erased.Texts, err)
	}
	// More than one entry can name.
	asked = ledger.Erasing{What: ledger.ErasedOne, Words: "备注", Reason: "依法"}
	if erased, err = b.book.Erase(t.Context(), b.actor, asked); err != nil || len(erased.Texts) != 1_501 || erased.Last-erased.First != 1 {
		t.Fatalf("erased %d texts in entries %d to %d, %v", len(erased.Texts), erased.First, erased.Last, err)
	}
	b.clean(t, 1_508)
}

func TestErase_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.person("张三"))
	name := ledger.TextAt{Seq: 1, Field: "name"}
	for _, tt := range []struct {
		asked ledger.Erasing
		want  error
	}{
		{ledger.Erasing{Texts: []ledger.TextAt{name}, Reason: " \n"}, ledger.E(ledger.Invalid, "erasure.reason_missing")},
		{ledger.Erasing{Texts: []ledger.TextAt{{Seq: 1, Field: "remark"}}, Reason: "依法"}, ledger.E(ledger.NotFound, "erasure.no_text")},
		{ledger.Erasing{Texts: []ledger.TextAt{name, {Seq: 9, Field: "name"}}, Reason: "依法"}, ledger.E(ledger.NotFound, "erasure.no_text")},
	} {
		if _, err := b.book.Erase(t.Context(), b.actor, tt.asked); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.asked, err, tt.want)
		}
	}
	b.clean(t, 2)
}

// Several at once, each trying the same and its own: one entry a text.
func TestErase_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.many(t, "c", 9))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			b.erase(t, ledger.TextAt{Seq: 1, Field: "remark"}, ledger.TextAt{Seq: int64(2 + i), Field: "remark"})
		})
	}
	wg.Wait()
	b.clean(t, 18)
}

// Check knows what an erasure excuses, and what none does.
func TestCheck_Erasures(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	for _, tt := range []struct {
		name, sql, what string
		seq             int64
	}{
		{"an erased text put back", "INSERT INTO sealed VALUES ($B, 5, 'file_name', sha256(''), '台账.xlsx')", "sealed.file_name", 5},
		{"a text gone without an erasure", "DELETE FROM sealed WHERE book_id = $B AND seq = 4", "sealed.name", 4},
		{"an erasure's row gone", "DELETE FROM erasures WHERE book_id = $B", "sealed.file_name", 5},
		{"an erasure's row that no entry made", "INSERT INTO erasures VALUES ($B, 4, 4, NULL, 'text', '{3}', '{remark}'); DELETE FROM sealed WHERE book_id = $B AND seq = 3", "erasures", 4},
		{"a row that names a text more", "UPDATE erasures SET entries = array_append(entries, '4'), fields = array_append(fields, 'name'); DELETE FROM sealed WHERE book_id = $B AND seq = 4", "erasures.entries", 265},
		{"a row that names no text", "UPDATE erasures SET entries = array_append(entries, '4'), fields = array_append(fields, 'x')", "erasures", 265},
		{"a row that names a later text", "UPDATE erasures SET entries = array_append(entries, '270'), fields = array_append(fields, 'remark')", "erasures", 265},
		{"a row that names a text twice", "UPDATE erasures SET entries = array_append(entries, '5'), fields = array_append(fields, 'file_name')", "erasures", 265},
		{"a row of what is no number", "UPDATE erasures SET entries = '{x,6}'", "erasures.entries", 265},
	} {
		d.exec(t, strings.ReplaceAll(tt.sql, "$B", fmt.Sprint(d.id)))
		found := false
		for _, f := range d.faults(t) {
			found = found || f.What == tt.what && f.Seq == tt.seq
		}
		if !found {
			t.Errorf("%s: no fault of %s at %d in %+v", tt.name, tt.what, tt.seq, d.faults(t))
		}
		d.restore(t)
	}
	d.clean(t, 272)
}

// A migration that has the rows made anew makes those of erasures, too.
func TestRebuild_Erasures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.person("张三"))
	b.erase(t, ledger.TextAt{Seq: 1, Field: "name"})
	owner := b.db.Owner()
	if _, err := owner.ExecContext(t.Context(), "INSERT INTO work_rebuilds SELECT id FROM books WHERE code = ?", "test"); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Open(owner, ledger.Keys{}, b.clock, b.kinds...).RebuildPending(t.Context(), owner, nil); err != nil {
		t.Fatal(err)
	}
	b.clean(t, 3)
	if texts, err := ledger.Texts(t.Context(), bun.IDB(b.db.Writer()), b.id(t), []int64{1}); err != nil || texts[ledger.TextAt{Seq: 1, Field: "name"}] != ledger.ErasedText+" p1" {
		t.Errorf("the name is shown as %v, %v", texts, err)
	}
}

// id is the number of the book.
func (b *bundle) id(t *testing.T) (id int64) {
	t.Helper()
	if err := b.db.Writer().NewRaw("SELECT id FROM books WHERE code = 'test'").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return id
}
