package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// runsClock is the time of these tests.
type runsClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *runsClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *runsClock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newRuns(t *testing.T) (*importRuns, *runsClock) {
	t.Helper()
	clock := &runsClock{now: time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC)}
	runs := newImportRuns(clock.Now, slog.New(slog.DiscardHandler))
	t.Cleanup(runs.end)
	return runs, clock
}

type takeFile = func(context.Context, func(int)) (*intake.Result, error)

func begin(t *testing.T, runs *importRuns, key string, do takeFile) *importRun {
	t.Helper()
	run, err := runs.start(key, 0, func(*importRun) bool { return true }, do)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func ready(context.Context, func(int)) (*intake.Result, error) {
	return &intake.Result{Recorded: 1}, nil
}

// Two files are read at once, the third waits and is told so; the same key is the same run.
func TestImportRuns_Turns(t *testing.T) {
	t.Parallel()
	runs, _ := newRuns(t)
	going, leave := make(chan string), make(chan struct{})
	slow := func(name string) takeFile {
		return func(_ context.Context, progress func(int)) (*intake.Result, error) {
			progress(20_000)
			going <- name
			<-leave
			return &intake.Result{Recorded: 1}, nil
		}
	}
	first, second := begin(t, runs, "a", slow("a")), begin(t, runs, "b", slow("b"))
	<-going
	<-going
	third := begin(t, runs, "c", slow("c"))
	if again := begin(t, runs, "c", slow("another")); again != third {
		t.Error("the same key began another run")
	}
	if n := runs.ahead(third); n != 2 || third.going.Load() || first.rows.Load() != 20_000 {
		t.Errorf("%d ahead of the third, going %v; the first read %d rows", n, third.going.Load(), first.rows.Load())
	}
	leave <- struct{}{}
	if name := <-going; name != "c" {
		t.Errorf("%s had the next turn", name)
	}
	close(leave)
	for _, run := range []*importRun{first, second, third} {
		<-run.done
		if run.err != nil || run.result.Recorded != 1 {
			t.Errorf("%s: %+v, %v", run.key, run.result, run.err)
		}
	}
	if runs.ahead(third) != 0 || runs.find("a") != first || runs.find("d") != nil {
		t.Error("what is over is counted or lost")
	}
}

// What a file does to us ends its run and nothing else.
func TestImportRuns_Panics(t *testing.T) {
	t.Parallel()
	runs, _ := newRuns(t)
	run := begin(t, runs, "a", func(context.Context, func(int)) (*intake.Result, error) { panic("a cell") })
	<-run.done
	if run.err == nil || run.result != nil || !isOurs(run.err) {
		t.Errorf("%+v, %v", run.result, run.err)
	}
	if run = begin(t, runs, "b", ready); true {
		<-run.done
	}
	if run.err != nil {
		t.Errorf("the next one: %v", run.err)
	}
}

// Results are kept for a while and not without end; too many that wait are refused; the end waits for all.
func TestImportRuns_Bounds(t *testing.T) {
	t.Parallel()
	runs, clock := newRuns(t)
	for i := range importsKept + 20 {
		<-begin(t, runs, fmt.Sprint(i), ready).done
	}
	if n := len(runs.runs); n > importsKept+1 {
		t.Errorf("%d results are kept", n)
	}
	if runs.find(fmt.Sprint(importsKept+19)) == nil || runs.find("0") != nil {
		t.Error("the newest went, or the oldest stayed")
	}
	clock.forward(importLife + time.Second)
	<-begin(t, runs, "later", ready).done
	if n := len(runs.runs); n != 1 {
		t.Errorf("%d results after half an hour", n)
	}
	stuck := func(ctx context.Context, _ func(int)) (*intake.Result, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var last error
	for i := range importsWaiting + 1 {
		_, last = runs.start(fmt.Sprint("stuck ", i), 0, func(*importRun) bool { return true }, stuck)
	}
	if !errors.Is(last, ledger.E(ledger.Busy, "import.busy")) {
		t.Errorf("one too many: %v", last)
	}
	runs.end()
	for i := range importsWaiting { // which of them had a turn is left to chance
		run := runs.find(fmt.Sprint("stuck ", i))
		if had, busy := run.going.Load(), errors.Is(run.err, ledger.E(ledger.Busy, "import.busy")); !run.over() || run.err == nil || had == busy {
			t.Errorf("run %d when all ended: had its turn %t, %v", i, had, run.err)
		}
	}
	if _, err := runs.start("after", 0, func(*importRun) bool { return true }, ready); !errors.Is(err, ledger.E(ledger.Busy, "import.busy")) {
		t.Errorf("after the end: %v", err)
	}
}

// A result that is kept has neither the rows nor more findings than a page shows.
func TestImportRuns_Kept(t *testing.T) {
	t.Parallel()
	r := &intake.Result{Recorded: 3, BadRows: make([]sheet.Row, 5), Changes: make([]intake.Change, resultKept+7), Notes: make([]intake.Note, 2)}
	k := keptResult(r)
	if k.Recorded != 3 || len(k.BadRows) != 0 || len(k.Changes) != resultKept || k.MoreChanges != 7 || len(k.Notes) != 2 || k.MoreNotes != 0 {
		t.Errorf("kept %d rows, %d changes and %d more, %d notes and %d more", len(k.BadRows), len(k.Changes), k.MoreChanges, len(k.Notes), k.MoreNotes)
	}
	if keptResult(nil) != nil {
		t.Error("no result became one")
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2880000元": "2,880,000元", "-1234.50": "-1,234.50", "999": "999", "0.5亩": "0.5亩", "": "", "成交": "成交",
		strings.Repeat("9", 30): strings.Repeat("9", 30),
	} {
		if got := grouped(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestShowSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1 KB", 1536: "2 KB", 1 << 20: "1.0 MB", 9_330_673: "8.8 MB", 32 << 20: "32.0 MB"} {
		if got := showSize(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
