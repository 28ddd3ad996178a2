package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// Version is an entry of a record as its timeline shows it.
type Version struct {
	ledger.EntryHead
	Changes []Change  // against the entry before; of the first, all that it says
	Reviews []Verdict // that spoke of it, the oldest first
}

// Change is a column in which an entry says something else than the one before, in words.
type Change struct {
	Column   string // key of the column's name
	Old, New ledger.Text
}

// Verdict is what a review said of an entry.
type Verdict struct {
	ledger.EntryHead        // of the review
	Verdict          string // approved, returned
	OfImport         bool   // it spoke of the whole import
}

// Timeline reads the heads of a record's entries and the reviews that spoke of each while it stood. rows are all
// versions of the record, the oldest first.
func Timeline[R ledger.Row](ctx context.Context, db bun.IDB, scope ledger.Scope, rows []R, importOf func(R) *int64) ([]Version, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var seqs, asked []int64
	for _, r := range rows {
		seqs = append(seqs, ledger.EntryOf(r))
		if im := importOf(r); im != nil {
			asked = append(asked, *im)
		}
	}
	heads, err := ledger.Heads(ctx, db, book, seqs)
	if err != nil {
		return nil, err
	}
	if len(heads) != len(rows) {
		return nil, fmt.Errorf("review: a record has %d versions and %d entries", len(rows), len(heads))
	}
	reviews, err := Of(ctx, db, scope, slices.Concat(seqs, asked))
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(reviews))
	for i, r := range reviews {
		numbers[i] = r.ID
	}
	said, err := ledger.Heads(ctx, db, book, numbers)
	if err != nil {
		return nil, err
	}
	versions := make([]Version, len(rows))
	for i, row := range rows {
		versions[i].EntryHead = heads[i]
		ended := int64(0)
		if i+1 < len(heads) {
			ended = heads[i+1].Seq
		}
		for _, r := range reviews {
			at := slices.IndexFunc(said, func(h ledger.EntryHead) bool { return h.Seq == r.ID })
			if at < 0 || r.ID < heads[i].Seq || ended != 0 && r.ID > ended || !r.speaksOf(heads[i].Seq, importOf(row)) {
				continue
			}
			versions[i].Reviews = append(versions[i].Reviews, Verdict{EntryHead: said[at], Verdict: r.Verdict, OfImport: r.Entry != heads[i].Seq})
		}
	}
	return versions, nil
}

// speaksOf tells whether a review speaks of an entry: by itself, or as part of its import.
func (r *Review) speaksOf(entry int64, of *int64) bool {
	if r.Entry == entry {
		return true
	}
	return of != nil && r.Entry == *of && !slices.Contains(r.Except(), entry)
}
