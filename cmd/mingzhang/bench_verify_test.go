//go:build bench

package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

var benchEntries = flag.Int("entries", 1_000_000, "lots of the book that mzverify and check are measured on, about as many as its entries")

const (
	fillFor    = 6 * time.Minute // no more lots are imported after it: then fewer entries are measured, and said
	proofCount = 500
)

// audits measures the auditor's checker on an export, against SHA-256 of the same entries alone, and check on the same
// book; then single proofs.
func (b *bench) audits() {
	large := b.many(*benchEntries)
	head, err := large.Head(b.Context())
	b.must(nil, err)
	b.part(fmt.Sprintf("mzverify and check: a book of %d entries, imported in files of %d lots", head.Size, b.rows))
	verifier := filepath.Join(b.TempDir(), "mzverify")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", verifier, "../mzverify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building mzverify: %v\n%s", err, out)
	}
	path, few := filepath.Join(b.TempDir(), "large"), filepath.Join(b.TempDir(), "small")
	export := b.run("export", "--book", large.Code, "--out", path)
	b.run("export", "--book", b.filled(b.rows).Code, "--out", few)
	entries, err := os.ReadFile(filepath.Join(path, ledger.ExportEntries))
	b.must(nil, err)
	b.line("export, as a directory", perSecond(rate(int(head.Size), export.time), "entries"), megabytes(int64(len(entries)))+" of entries", "", "")
	b.line("  its peak memory", megabytes(export.peak), "", "", "flat")
	var took, used, hashing []time.Duration
	var peaks, fewPeaks []int64
	for range rounds {
		c, processor := b.watched(exec.CommandContext(b.Context(), verifier, "export", path, "--key", large.VerifierKey))
		took, used, peaks = append(took, c.time), append(used, processor), append(peaks, c.peak)
		hashing = append(hashing, timed(func() { hashLines(entries) }))
		c, _ = b.watched(exec.CommandContext(b.Context(), verifier, "export", few))
		fewPeaks = append(fewPeaks, c.peak)
	}
	mega := len(entries) / 1_000_000
	b.line("mzverify export", perSecond(rate(int(head.Size), median(took)), "entries"), perSecond(rate(mega, median(took)), "MB"), "", "")
	b.line("  of one core", perSecond(rate(mega, median(used)), "MB"), "SHA-256 of the leaves alone "+perSecond(rate(mega, median(hashing)), "MB"),
		ratio(over(median(hashing), median(used))), "≥ 500 MB/s")
	b.line("  its peak memory", megabytes(median(peaks)), "of a tenth of the entries or less "+megabytes(median(fewPeaks)),
		ratio(float64(median(peaks))/float64(median(fewPeaks))), "flat")
	totals, _ := b.watched(exec.CommandContext(b.Context(), verifier, "totals", path, "--from", "2019-01-01", "--to", "2021-12-31"))
	b.line("mzverify totals of three years", seconds(totals.time), "", "", "")
	check := b.run("check", "--book", large.Code)
	b.line("check of the same book, once", perSecond(rate(int(head.Size), check.time), "entries"), "", "", "≥ 30,000 entries/s")
	b.line("  its peak memory", megabytes(check.peak), "", "", "flat")
	b.proofs(large, head)
}

// many is a book of about n lots, imported from files that differ in their numbers.
func (b *bench) many(n int) *ledger.Book {
	b.Helper()
	book := b.book("audited")
	start := time.Now()
	for i := 0; i*b.rows < n; i++ {
		if time.Since(start) > fillFor {
			fmt.Printf("  (a busy machine: %d of %d lots)\n", i*b.rows, n)
			break
		}
		b.importCSV(book, bytes.ReplaceAll(b.large.csv, []byte("虚构交〔"), fmt.Appendf(nil, "虚构%d交〔", i)))
	}
	return book
}

// hashLines is the least that a checker must do: the leaf hash of every line, on one core.
func hashLines(lines []byte) (last [sha256.Size]byte) {
	var leaf []byte
	for line := range bytes.SplitSeq(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n")) {
		leaf = append(append(leaf[:0], 0), line...)
		last = sha256.Sum256(leaf)
	}
	return last
}

// proofs measures single proofs of entries all over the book.
func (b *bench) proofs(book *ledger.Book, head ledger.Checkpoint) {
	b.Helper()
	var made, checked []time.Duration
	size := 0
	for i := range int64(proofCount) {
		seq := i * (head.Size - 1) / proofCount
		var p ledger.Proof
		made = append(made, timed(func() {
			var err error
			p, err = book.Prove(b.Context(), seq, 0)
			b.must(nil, err)
		}))
		leaf := merkle.LeafHash(p.Entry.Body)
		checked = append(checked, timed(func() { b.must(nil, merkle.CheckInclusion(p.Hashes, seq, head.Size, head.Root, leaf)) }))
		size = max(size, len(p.Hashes)*len(leaf))
	}
	b.line("proof of an entry made from the database", micros(median(made)), fmt.Sprintf("%d bytes of hashes at most", size), "", "")
	b.line("  checked", micros(median(checked)), "", "", "")
}

func micros(d time.Duration) string { return fmt.Sprintf("%d µs", d.Microseconds()) }
