//go:build bench

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// imports measures the import of a register against COPY of what it becomes.
func (b *bench) imports() {
	n := b.rows
	b.part(fmt.Sprintf("Import of %d lots (check, price, versions, tree, sums, checkpoint)", n))
	var whole, reading, raw, rawAll []time.Duration
	for round := range rounds {
		if b.late(round, 2*time.Minute) {
			break
		}
		book := b.filledOr(round)
		whole = append(whole, timed(func() { b.importCSV(book, b.large.csv) }))
		reading = append(reading, timed(func() { b.readOnly(b.source(b.large.csv)) }))
		one, all := b.rawCopy(book)
		raw, rawAll = append(raw, one), append(rawAll, all)
	}
	b.note(len(whole))
	yardstick := "COPY of lots " + perSecond(rate(n, median(raw)), "rows")
	inMemory := median(whole) - median(reading)
	b.line("from rows in memory (the next line without its reading)", perSecond(rate(n, inMemory), "rows"), yardstick,
		ratio(over(median(raw), inMemory)), "≥ 0.20")
	b.line("from a .csv in memory, reading included", perSecond(rate(n, median(whole)), "rows"), yardstick, ratio(over(median(raw), median(whole))), "")
	b.line("share of reading the .csv", seconds(median(reading)), "of "+seconds(median(whole)), ratio(over(median(reading), median(whole))), "")
	b.line("rows in memory, against COPY of all that it writes", seconds(inMemory), "COPY of all tables "+seconds(median(rawAll)),
		ratio(over(median(rawAll), inMemory)), "")
	b.importFileBesideWriter(median(raw))
	b.importWorkbook(median(raw))
	b.killed()
}

// filledOr is the book that a round imports into; that of the first round is used again by other figures.
func (b *bench) filledOr(round int) *ledger.Book {
	b.Helper()
	if round == 0 {
		return b.book(fmt.Sprintf("filled-%d", b.rows))
	}
	return b.book(fmt.Sprintf("import-%d", round))
}

func (b *bench) importCSV(book *ledger.Book, csv []byte) {
	b.Helper()
	today, err := ledger.NewDay(2022, 12, 31)
	if err != nil {
		b.Fatal(err)
	}
	result, err := auction.Import(b.Context(), ledger.WholeBook(book), b.actor, b.source(csv), intake.Options{Today: today})
	if err != nil {
		b.Fatal(err)
	}
	if lines := bytes.Count(csv, []byte("\n")) - 1; result.Recorded != lines || len(result.Notes) > 0 {
		b.Fatalf("%d lots were recorded, want %d; notes %v", result.Recorded, lines, result.Notes[:min(3, len(result.Notes))])
	}
}

// rawCopy copies the book's lots into a table with the same columns and indexes, and then all else that the
// import wrote into tables like theirs; lots is the time of the first, all of both.
func (b *bench) rawCopy(book *ledger.Book) (lots, all time.Duration) {
	b.Helper()
	for _, table := range []string{"lots", "entries", "sealed", "persons"} {
		b.must(b.db.Owner().ExecContext(b.Context(), "CREATE TABLE IF NOT EXISTS raw_"+table+" (LIKE "+table+" INCLUDING ALL)"))
		conn, err := b.db.Owner().Conn(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		var rows bytes.Buffer
		dump := fmt.Sprintf("COPY (SELECT * FROM %s WHERE book_id = (SELECT id FROM books WHERE code = '%s')) TO STDOUT WITH (FORMAT csv)", table, book.Code)
		b.must(pgdriver.CopyTo(b.Context(), conn, &rows, dump))
		took := timed(func() {
			b.must(pgdriver.CopyFrom(b.Context(), conn, bytes.NewReader(rows.Bytes()), "COPY raw_"+table+" FROM STDIN WITH (FORMAT csv)"))
		})
		b.must(nil, conn.Close())
		if all += took; table == "lots" {
			lots = took
		}
	}
	return lots, all
}

// importFileBesideWriter measures the program on a .csv file, while another process writes into the same book:
// that one may wait, never fail.
func (b *bench) importFileBesideWriter(raw time.Duration) {
	n := b.rows
	csv := filepath.Join(b.data, "bench.csv")
	b.must(nil, os.WriteFile(csv, b.large.csv, 0o600))
	book := b.book("file-csv")
	var done atomic.Bool
	waits := make(chan []time.Duration)
	go func() {
		var list []time.Duration
		for i := 0; !done.Load(); i++ {
			list = append(list, b.appendLot(book, 0, i))
		}
		waits <- list
	}()
	c := b.run("import", "lots", csv, "--book", book.Code, "--format", "json")
	done.Store(true)
	list := <-waits
	b.line("the program, a .csv file (one round, with the writer below)", perSecond(rate(n, c.time), "rows"), "COPY of lots "+perSecond(rate(n, raw), "rows"), ratio(over(raw, c.time)), "")
	b.line("  its peak memory", megabytes(c.peak), "", "", "")
	_, p99, longest := percentiles(list)
	b.line("one more writer beside that import: longest wait", seconds(longest), fmt.Sprintf("p99 %s, %d writes in %s", ms(p99), len(list), seconds(c.time)), "", "≤ 3 s")
}

// importWorkbook measures the program on an .xlsx, against the library that only reads it.
func (b *bench) importWorkbook(raw time.Duration) {
	n := b.rows
	xlsx := b.xlsx(b.large, "bench.xlsx")
	var own, library []time.Duration
	var peaks []int64
	for round := range rounds {
		if b.late(round, 5*time.Minute) {
			break
		}
		library = append(library, timed(func() {
			if read := b.readByLibrary(xlsx); read != n+1 {
				b.Fatalf("the library read %d rows, want %d", read, n+1)
			}
		}))
		code := fmt.Sprintf("file-xlsx-%d", round)
		b.book(code)
		c := b.run("import", "lots", xlsx, "--book", code, "--format", "json")
		own, peaks = append(own, c.time), append(peaks, c.peak)
		if !strings.Contains(c.out, fmt.Sprintf(`"recorded":%d,`, n)) {
			b.Fatalf("the program did not record %d lots: %.300s", n, c.out)
		}
	}
	b.note(len(own))
	b.line("the program, an .xlsx of 20 columns", seconds(median(own)), "the library only reads it: "+seconds(median(library)),
		ratio(over(median(own), median(library))), "≤ 1.50")
	b.line("  its peak memory", megabytes(median(peaks)), "", "", "≤ 200 MB")
	b.line("  against COPY of the lots", perSecond(rate(n, median(own)), "rows"), "COPY of lots "+perSecond(rate(n, raw), "rows"), ratio(over(raw, median(own))), "")
}

// killed says so when the server ended a session of ours during the imports: a commit that computes for longer than
// idle_in_transaction_session_timeout loses its transaction and is tried again.
func (b *bench) killed() {
	var n int64
	b.must(nil, b.db.Owner().NewRaw("SELECT sessions_fatal FROM pg_stat_database WHERE datname = current_database()").Scan(b.Context(), &n))
	b.line("sessions that the server ended meanwhile (tried again)", fmt.Sprint(n), "", "", "0")
}
