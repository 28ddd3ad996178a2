//go:build bench

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
	"mingzhang/migrations/dbtest"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

var (
	benchLots = flag.Int("lots", 100_000, "lots of the large book; the small one has a tenth")
	benchPart = flag.String("part", "", "measure only this: import, writes, enter, service, report, check, audit, start")
)

// TestFigures measures what design 10 sets, and prints it. It asserts that the figures measured are right, and
// never how long they took: the machine is shared, so only ratios of one run mean anything. All lots are invented.
func TestFigures(t *testing.T) {
	b := newBench(t)
	b.head()
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"import", b.imports}, {"writes", b.writes}, {"enter", b.entering}, {"service", b.service}, {"report", b.reports}, {"check", b.checks},
		{"audit", b.audits}, {"start", b.starts},
	} {
		if *benchPart == "" || *benchPart == part.name {
			start := time.Now()
			part.run()
			fmt.Printf("  (%s: %s)\n", part.name, time.Since(start).Round(time.Second))
		}
	}
}

// bench is a cluster of its own, on disk and with fsync, as the program runs it.
type bench struct {
	*testing.T
	db    *dbtest.DB
	store *ledger.Store
	actor ledger.Actor
	data  string // where the keys are: the program under test and this process share them
	bin   string // the program, built as make build does it
	rows  int
	large *register // the register that is imported; made once
	books map[string]*ledger.Book
	begun time.Time

	tokens []string // of the clerks of the filled book, each signed in
}

const rounds = 3 // interleaved with the yardstick; the median is printed

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, db: dbtest.NewDurable(t), data: t.TempDir(), rows: *benchLots, books: map[string]*ledger.Book{}, begun: time.Now()}
	b.bin = filepath.Join(t.TempDir(), "mingzhang")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", b.bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	o := &options{dataDir: b.data}
	kinds := slices.Concat([]*ledger.Kind{auction.Kind(), review.Kind(), issue.Kind()}, landcheck.Kinds(), account.Kinds())
	b.store = ledger.Open(b.db.Writer(), o.keys(), time.Now, kinds...)
	var err error
	if b.actor, err = ledger.LocalActor("bench"); err != nil {
		t.Fatal(err)
	}
	b.must(b.db.Owner().ExecContext(t.Context(), "CREATE TABLE raw_lots (LIKE lots INCLUDING ALL)"))
	b.large = newRegister(b.rows)
	return b
}

// must is for calls whose failure ends the measuring.
func (b *bench) must(_ any, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) book(code string) *ledger.Book {
	b.Helper()
	book, err := b.store.AddBook(b.Context(), b.actor, ledger.BookProfile{Code: code, Kind: ledger.PracticeBook, NameZH: "测速账簿(虚构)"})
	if err != nil {
		b.Fatal(err)
	}
	b.books[code] = book
	return book
}

// filled is a book with n lots, imported once.
func (b *bench) filled(n int) *ledger.Book {
	b.Helper()
	code := fmt.Sprintf("filled-%d", n)
	if book := b.books[code]; book != nil {
		return book
	}
	book := b.book(code)
	r := b.large
	if n != b.rows {
		r = newRegister(n)
	}
	b.importCSV(book, r.csv)
	return book
}

func (b *bench) where(role string, conns int) pgconn.Options {
	b.Helper()
	where, err := pgconn.Parse(b.db.URL(role))
	if err != nil {
		b.Fatal(err)
	}
	where.Conns = conns
	return where
}

// child is what a run of the program took.
type child struct {
	time time.Duration
	peak int64 // of resident memory, in bytes, PostgreSQL not among it
	out  string
}

// run runs the program against the bench's cluster.
func (b *bench) run(args ...string) child {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	args = append(args, "--data-dir", b.data, "--database-url", b.db.URL(localpg.OwnerRole))
	done, _ := b.watched(exec.CommandContext(ctx, b.bin, args...))
	return done
}

// watched runs a command that must succeed, and gives besides what of the processors it used.
func (b *bench) watched(c *exec.Cmd) (child, time.Duration) {
	b.Helper()
	var out, talk strings.Builder
	c.Stdout, c.Stderr = &out, &talk
	start := time.Now()
	b.must(nil, c.Start())
	ended, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watchPeak(c.Process.Pid, ended) }()
	err := c.Wait()
	took := time.Since(start)
	close(ended)
	most := <-peak
	if err != nil {
		b.Fatalf("%v: %v\n%s\n%s", c.Args, err, out.String(), talk.String())
	}
	return child{took, most, out.String()}, c.ProcessState.UserTime() + c.ProcessState.SystemTime()
}

// watchPeak reads the most resident memory that a process had, in bytes, as the kernel keeps it (VmHWM), until it
// has ended. What wait4 tells is no use: there a child begins with the peak of this process.
func watchPeak(pid int, ended <-chan struct{}) (most int64) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			var kib int64
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				most = max(most, kib<<10)
			}
		}
		select {
		case <-ended:
			return most
		case <-tick.C:
		}
	}
}

func timed(fn func()) time.Duration {
	start := time.Now()
	fn()
	return time.Since(start)
}

func median[T int64 | float64 | time.Duration](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func (b *bench) head() {
	var version string
	if err := b.db.Owner().NewRaw("SELECT current_setting('server_version')").Scan(b.Context(), &version); err != nil {
		b.Fatal(err)
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("Mingzhang's figures: PostgreSQL %s on disk with fsync, load %s.\n"+
		"Invented lots; medians of %d interleaved rounds. Only the ratios of one run can be compared.\n", version, strings.TrimSpace(string(load)), rounds)
	b.line("WHAT", "MEASURED", "YARDSTICK", "RATIO", "TARGET")
}

// line prints one figure: what, the figure, its yardstick in the same run, their ratio, and what design 10 asks.
func (b *bench) line(what, figure, yardstick, ratio, target string) {
	fmt.Printf("%-58s %22s  %-36s %8s  %s\n", what, figure, yardstick, ratio, target)
}

// late tells whether a further round would come after its time: on a busy machine there are fewer.
func (b *bench) late(round int, after time.Duration) bool {
	return round > 0 && time.Since(b.begun) > after
}

// note says so when there were fewer rounds.
func (b *bench) note(done int) {
	if done < rounds {
		fmt.Printf("  (a busy machine: %d of %d rounds)\n", done, rounds)
	}
}

func (b *bench) part(title string) { fmt.Printf("\n%s\n", title) }

func rate(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

func perSecond(v float64, unit string) string {
	if v >= 1000 {
		return fmt.Sprintf("%d,%03d %s/s", int(v)/1000, int(v)%1000, unit)
	}
	return fmt.Sprintf("%.0f %s/s", v, unit)
}

func ratio(v float64) string { return fmt.Sprintf("%.2f", v) }

func over(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func ms(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
