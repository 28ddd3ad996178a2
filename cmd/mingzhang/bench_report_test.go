//go:build bench

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
)

// reports measures the half-year summary, and holds it against a sum over the rows.
func (b *bench) reports() {
	small, large := b.rows/10, b.rows
	b.part(fmt.Sprintf("The half-year summary at %d and %d lots", small, large))
	books := []*ledger.Book{b.filled(small), b.filled(large)}
	older := make([]int64, 2)
	for i, book := range books {
		head, err := book.Head(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		older[i] = head.Size
		for j := range 20 {
			b.appendLot(book, 99, j) // commits after it: the import's checkpoint is an older one now
		}
	}
	for _, c := range []struct {
		what, from, to, target string
		older                  bool
	}{
		{"at the head, whole months", "2021-01-01", "2021-06-30", "≤ 20 ms, 0.80–1.20", false},
		{"at the head, part months at both ends", "2021-01-15", "2021-06-15", "", false},
		{"as of the import's checkpoint, whole months", "2021-01-01", "2021-06-30", "", true},
		{"as of the import's checkpoint, part months", "2021-01-15", "2021-06-15", "", true},
	} {
		var took [2][]time.Duration
		for range 5 {
			for range 5 {
				for i, book := range books {
					asOf := int64(0)
					if c.older {
						asOf = older[i]
					}
					took[i] = append(took[i], timed(func() { b.summary(book, c.from, c.to, asOf) }))
				}
			}
		}
		var raw []time.Duration
		for i, book := range books {
			asOf := older[i]
			if !c.older {
				asOf = 1 << 40
			}
			raw = append(raw, timed(func() { b.recompute(book, c.from, c.to, asOf, c.older) }))
		}
		b.line(fmt.Sprintf("%s: at %d lots", c.what, large), ms(median(took[1])), fmt.Sprintf("at %d lots %s", small, ms(median(took[0]))),
			ratio(over(median(took[1]), median(took[0]))), c.target)
		b.line("  equal to a sum over the rows, which takes", ms(raw[1]), fmt.Sprintf("at %d lots %s", small, ms(raw[0])), "", "equal")
	}
}

func (b *bench) period(from, to string) report.Period {
	b.Helper()
	first, err := ledger.ParseDay(from)
	b.must(nil, err)
	last, err := ledger.ParseDay(to)
	b.must(nil, err)
	p, err := report.NewPeriod(first, last)
	b.must(nil, err)
	return p
}

func (b *bench) summary(book *ledger.Book, from, to string, asOf int64) *report.Summary {
	b.Helper()
	s, err := report.NewSummary(b.Context(), ledger.WholeBook(book), b.period(from, to), asOf)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// recompute sums the rows in SQL, without anything of ours, and compares.
func (b *bench) recompute(book *ledger.Book, from, to string, asOf int64, older bool) {
	b.Helper()
	var got struct {
		Hammered int64  `bun:"hammered"`
		Unsold   int64  `bun:"unsold"`
		Base     string `bun:"base"`
		Hammer   string `bun:"hammer"`
	}
	err := b.db.Reader().NewRaw("SELECT count(*) FILTER (WHERE outcome = 'hammered') AS hammered, count(*) FILTER (WHERE outcome = 'unsold') AS unsold, "+
		"sum(base_total) FILTER (WHERE outcome = 'hammered')::text AS base, sum(hammer_total) FILTER (WHERE outcome = 'hammered')::text AS hammer "+
		"FROM lots WHERE book_id = (SELECT id FROM books WHERE code = ?) AND hammered_on BETWEEN ? AND ? AND seq_from < ? AND (seq_to IS NULL OR seq_to >= ?)",
		book.Code, from, to, asOf, asOf).Scan(b.Context(), &got)
	if err != nil {
		b.Fatal(err)
	}
	if !older {
		asOf = 0
	}
	s := b.summary(book, from, to, asOf).Trades
	want := fmt.Sprintf("%d %d %s %s", got.Hammered, got.Unsold, got.Base, got.Hammer)
	if printed := fmt.Sprintf("%d %d %s %s", s.Hammered, s.Unsold, s.BaseTotal, s.HammerTotal); printed != want || got.Hammered == 0 {
		b.Fatalf("the summary of %s says %s, the rows %s", book.Code, printed, want)
	}
}

// checks measures the check of a whole book by the program, against reading the same rows.
func (b *bench) checks() {
	small, large := b.filled(b.rows/10), b.filled(b.rows)
	b.part("check: every entry, row, seal, sum and tile recomputed")
	var took, raw []time.Duration
	var peaks, smallPeaks []int64
	for range rounds {
		c := b.run("check", "--book", large.Code)
		took, peaks = append(took, c.time), append(peaks, c.peak)
		raw = append(raw, timed(func() { b.readAll(large) }))
		smallPeaks = append(smallPeaks, b.run("check", "--book", small.Code).peak)
	}
	head, err := large.Head(b.Context())
	b.must(nil, err)
	n := int(head.Size)
	b.line(fmt.Sprintf("%d entries", n), perSecond(rate(n, median(took)), "entries"), "COPY out of the same rows "+perSecond(rate(n, median(raw)), "entries"),
		ratio(over(median(raw), median(took))), "≥ 30,000 entries/s")
	b.line("  its peak memory", megabytes(median(peaks)), fmt.Sprintf("at a tenth of the entries %s", megabytes(median(smallPeaks))),
		ratio(float64(median(peaks))/float64(median(smallPeaks))), "flat")
}

// readAll reads what check reads, and throws it away.
func (b *bench) readAll(book *ledger.Book) {
	b.Helper()
	conn, err := b.db.Owner().Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for _, table := range []string{"entries", "sealed", "lots", "persons"} {
		b.must(pgdriver.CopyTo(b.Context(), conn, io.Discard, fmt.Sprintf(
			"COPY (SELECT * FROM %s WHERE book_id = (SELECT id FROM books WHERE code = '%s')) TO STDOUT WITH (FORMAT csv)", table, book.Code)))
	}
}
