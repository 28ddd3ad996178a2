package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// exceptionsMax bounds the entries that the review of an import leaves out: its own entry holds them.
const exceptionsMax = 5_000

// Target is an entry as a reviewer saw it, and how commands find the row that it made: by the very index that
// those who change the record use, so that both are put in one order.
type Target struct {
	Kind   string // lot, parcel, verification
	Table  *ledger.Table
	Index  string
	Key    string
	Record int64
	Entry  int64
}

// Approve says that an entry is right. It needs no reason.
//
// Errors: denied review.own; conflict record.changed, review.already.
func Approve(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, t Target) (ledger.Receipt, error) {
	return one(ctx, scope, actor, key, t, ledger.Approved, "")
}

// Return gives an entry back to who entered it, with the reason why. An approved entry may be returned, too.
//
// Errors: invalid reason.missing; those of Approve.
func Return(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, t Target, reason string) (ledger.Receipt, error) {
	if reason = ledger.Normal(reason); reason == "" {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	return one(ctx, scope, actor, key, t, ledger.Returned, reason)
}

func one(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, t Target, verdict, reason string) (ledger.Receipt, error) {
	book, err := scope.Book()
	if err != nil {
		return ledger.Receipt{}, err
	}
	// Entries up to the one that was seen never change; a later one is refused by Decide. One that is not there yet
	// was seen by nobody: who guesses its number could be making it, to review what they have just made.
	head, err := book.Head(ctx)
	if err != nil {
		return ledger.Receipt{}, err
	}
	guessed := t.Entry >= head.Size
	mine, err := touched(ctx, book.DB(), scope, actor, t.Table, []int64{t.Record})
	if err != nil {
		return ledger.Receipt{}, err
	}
	return scope.Do(ctx, ledger.Command{
		Actor: actor, Key: key.Name, Body: key.Body,
		Reads: []ledger.Read{{Table: t.Table, Index: t.Index, Keys: []string{t.Key}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			row := find(p.Find(t.Table, t.Index, t.Key), t.Record)
			if row == nil {
				return nil, ledger.E(ledger.Conflict, "review.gone", t.Entry)
			}
			if err := ledger.Seen(row, t.Entry); err != nil {
				return nil, err
			}
			if mine[t.Record] || guessed {
				return nil, ledger.E(ledger.Denied, "review.own")
			}
			if ledger.VerdictOf(row) == verdict {
				return nil, ledger.E(ledger.Conflict, "review.already", t.Entry)
			}
			return []ledger.Draft{{
				Kind: "review." + verdict, Reason: reason, Subjects: []ledger.Subject{{Kind: t.Kind, Row: row}},
				State: &State{Entry: t.Entry, Records: 1, Verdict: verdict, What: t.Kind},
			}}, nil
		},
	})
}

func find(rows []ledger.Row, record int64) ledger.Row {
	for _, row := range rows {
		if ledger.RecordOf(row) == record {
			return row
		}
	}
	return nil
}

// touched tells which of some records the actor entered or ever amended.
func touched(ctx context.Context, db bun.IDB, scope ledger.Scope, actor ledger.Actor, table *ledger.Table, records []int64) (map[int64]bool, error) {
	id, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	mine := map[int64]bool{}
	for chunk := range slices.Chunk(records, 2_000) {
		var versions []struct{ ID, SeqFrom int64 }
		err := db.NewSelect().TableExpr("?", bun.Ident(table.Name)).Column("id", "seq_from").
			Where("book_id = ?", id).Where("id IN (?)", bun.List(chunk)).Scan(ctx, &versions)
		if err != nil {
			return nil, fmt.Errorf("review: reading the versions of records: %w", err)
		}
		seqs := make([]int64, len(versions))
		for i, v := range versions {
			seqs[i] = v.SeqFrom
		}
		heads, err := ledger.Heads(ctx, db, id, seqs)
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			mine[h.Record] = mine[h.Record] || h.Actor == actor
		}
	}
	return mine, nil
}

// Subjects are the kinds of records that an import may have made; each table has ImportIndex.
type Subjects struct {
	Kind  string
	Table *ledger.Table
}

// Import reviews all that an import made and that still stands as it made it, but for the exceptions, which keep
// the standing that they have. What the reviewer entered or amended before is left out by itself.
//
// Errors: invalid reason.missing (returning), review.not_of_import, review.too_many_exceptions; denied review.own,
// review.import_needs_whole_book; not_found import.unknown; conflict review.nothing_left.
func Import(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, made []Subjects, entry int64, approve bool, except []int64, reason string) (ledger.Receipt, error) {
	verdict := ledger.Returned
	if approve {
		verdict = ledger.Approved
	}
	if reason = ledger.Normal(reason); reason == "" && !approve {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	if len(except) > exceptionsMax {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "review.too_many_exceptions", len(except), exceptionsMax).On("exceptions")
	}
	if !scope.Whole() {
		return ledger.Receipt{}, ledger.E(ledger.Denied, "review.import_needs_whole_book")
	}
	im, err := FindImport(ctx, scope, entry)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if im.EnteredBy == actor.String() {
		return ledger.Receipt{}, ledger.E(ledger.Denied, "review.own")
	}
	number := strconv.FormatInt(entry, 10)
	var reads []ledger.Read
	for _, s := range made {
		reads = append(reads, ledger.Read{Table: s.Table, Index: ofImport, Keys: []string{number}})
	}
	mine, err := touchedOf(ctx, scope, actor, made, entry)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return scope.Do(ctx, ledger.Command{
		Actor: actor, Key: key.Name, Body: key.Body, Reads: reads, Alone: true,
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			left, subjects, err := split(p, made, mine, number, except)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(subjects, func(s ledger.Subject) bool { return ledger.VerdictOf(s.Row) != verdict }) {
				return nil, ledger.E(ledger.Conflict, "review.nothing_left", entry)
			}
			return []ledger.Draft{{
				Kind: "review." + verdict, Reason: reason, Subjects: subjects,
				State: &State{Entry: entry, Exceptions: left, Records: int64(len(subjects)), Verdict: verdict, What: ofImport},
			}}, nil
		},
	})
}

// touchedOf tells which of the records that an import amended the actor entered or amended before. The import can
// only lose records after it, so the answer holds for the command that follows.
func touchedOf(ctx context.Context, scope ledger.Scope, actor ledger.Actor, made []Subjects, entry int64) (map[int64]bool, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, err
	}
	id, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	all := map[int64]bool{}
	for _, kind := range made {
		var records []int64
		err := book.DB().NewSelect().TableExpr("?", bun.Ident(kind.Table.Name)).Column("id").Where("book_id = ?", id).
			Where("import = ?", entry).Where("seq_to IS NULL").Where("NOT voided").Where("id <> seq_from").Scan(ctx, &records)
		if err != nil {
			return nil, fmt.Errorf("review: reading what an import amended: %w", err)
		}
		mine, err := touched(ctx, book.DB(), scope, actor, kind.Table, records)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, mine)
	}
	return all, nil
}

// split parts what an import made into what a review speaks of and what it leaves out, by number.
func split(p *ledger.Present, made []Subjects, mine map[int64]bool, number string, except []int64) (left []int64, subjects []ledger.Subject, err error) {
	out := map[int64]bool{}
	for _, n := range except {
		out[n] = true
	}
	found := map[int64]bool{}
	for _, kind := range made {
		for _, row := range p.Find(kind.Table, ofImport, number) {
			n := ledger.EntryOf(row)
			found[n] = true
			if out[n] || mine[ledger.RecordOf(row)] {
				left = append(left, n)
				continue
			}
			subjects = append(subjects, ledger.Subject{Kind: kind.Kind, Row: row})
		}
	}
	for _, n := range except {
		if !found[n] {
			return nil, nil, ledger.E(ledger.Invalid, "review.not_of_import", n, number).On("exceptions")
		}
	}
	if len(left) > exceptionsMax {
		return nil, nil, ledger.E(ledger.Invalid, "review.too_many_exceptions", len(left), exceptionsMax).On("exceptions")
	}
	slices.Sort(left)
	return left, subjects, nil
}
