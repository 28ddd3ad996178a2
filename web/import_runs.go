package web

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// How many files are read beside each other (each keeps a processor and some memory busy), how many may wait, how
// long results are kept, and for how long a page waits before it says that the file is being read.
const (
	importsAtOnce  = 2
	importsWaiting = 50
	importsKept    = 40
	importLife     = 30 * time.Minute
	importPatience = 3 * time.Second
)

// importRuns are the readings of files under way, and what the last ones came to. A run goes on when its browser
// has gone. What it came to is kept in memory only: the book itself says what was recorded.
type importRuns struct {
	now func() time.Time
	log *slog.Logger

	mu      sync.Mutex
	runs    map[string]*importRun
	began   int64
	slots   chan struct{}
	life    context.Context //nolint:containedctx // of the runs: they outlive the request that asked for them
	stop    context.CancelFunc
	running sync.WaitGroup
}

// importRun is one of them. What follows done is set before done is closed.
type importRun struct {
	key   string
	nth   int64
	rows  atomic.Int64
	going atomic.Bool // it has its turn
	shown atomic.Bool
	size  int64 // of the book when it was asked for
	done  chan struct{}

	ended  time.Time
	result *intake.Result
	err    error
}

func newImportRuns(now func() time.Time, log *slog.Logger) *importRuns {
	life, stop := context.WithCancel(context.Background())
	return &importRuns{now: now, log: log, runs: map[string]*importRun{}, slots: make(chan struct{}, importsAtOnce), life: life, stop: stop}
}

// end gives up what is under way and waits for it: what was not committed is not in the book.
func (i *importRuns) end() {
	i.stop()
	i.running.Wait()
}

// find is a run that was begun; nil when there is none.
func (i *importRuns) find(key string) *importRun {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.runs[key]
}

// start begins a run, unless there is one of this key that is good enough still. busy import.busy when too many wait.
func (i *importRuns) start(key string, size int64, good func(*importRun) bool, do func(context.Context, func(int)) (*intake.Result, error)) (*importRun, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if run := i.runs[key]; run != nil && (!run.over() || good(run)) {
		return run, nil
	}
	if i.sweep() >= importsWaiting || i.life.Err() != nil {
		return nil, ledger.E(ledger.Busy, "import.busy", 30)
	}
	i.began++
	run := &importRun{key: key, nth: i.began, size: size, done: make(chan struct{})}
	i.runs[key] = run
	i.running.Go(func() { i.run(run, do) })
	return run, nil
}

func (r *importRun) over() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// sweep forgets old results and, when there are too many, the oldest; it counts the runs that are not over.
func (i *importRuns) sweep() (under int) {
	var oldest *importRun
	over := 0
	for key, run := range i.runs {
		switch {
		case !run.over():
			under++
		case i.now().Sub(run.ended) > importLife:
			delete(i.runs, key)
		default:
			if over++; oldest == nil || run.nth < oldest.nth {
				oldest = run
			}
		}
	}
	if over >= importsKept {
		delete(i.runs, oldest.key)
	}
	return under
}

func (i *importRuns) run(run *importRun, do func(context.Context, func(int)) (*intake.Result, error)) {
	defer close(run.done)
	defer func() { run.ended = i.now() }()
	if run.err = i.acquire(i.life); run.err != nil {
		return
	}
	defer i.release()
	run.going.Store(true)
	run.result, run.err = i.safely(i.life, func(rows int) { run.rows.Store(int64(rows)) }, do)
	run.result = keptResult(run.result)
}

// safely runs what reads a stranger's file: a fault of ours in it must not end the program.
func (i *importRuns) safely(ctx context.Context, progress func(int), do func(context.Context, func(int)) (*intake.Result, error)) (result *intake.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			i.log.ErrorContext(ctx, "web: reading a file", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			result, err = nil, fmt.Errorf("web: reading a file: %v", p)
		}
	}()
	return do(ctx, progress)
}

// acquire waits for a turn.
func (i *importRuns) acquire(ctx context.Context) error {
	select {
	case i.slots <- struct{}{}:
		if ctx.Err() == nil {
			return nil
		}
		i.release()
	case <-ctx.Done():
	}
	return ledger.E(ledger.Busy, "import.busy", 30).Because(ctx.Err())
}

func (i *importRuns) release() { <-i.slots }

// ahead is how many runs have to end before this one has its turn.
func (i *importRuns) ahead(run *importRun) (n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, other := range i.runs {
		if other.nth < run.nth && !other.over() {
			n++
		}
	}
	return n
}

// resultKept is how many changes and notes of a result are kept for its page; the others are counted.
const resultKept = 1_000

// keptResult is a result without what its page does not show: the rows themselves, and the file that they are read
// from.
func keptResult(r *intake.Result) *intake.Result {
	if r == nil {
		return nil
	}
	k := &intake.Result{
		What: r.What, File: r.File, SHA256: r.SHA256, DryRun: r.DryRun, Rows: r.Rows, Recorded: r.Recorded, Already: r.Already, Amended: r.Amended,
		Rejected: r.Rejected, Tables: r.Tables, Skipped: r.Skipped, Changes: r.Changes, Notes: r.Notes, Faults: r.Faults, Size: r.Size, Entry: r.Entry,
	}
	k.MoreChanges, k.Changes = cut(k.Changes)
	k.MoreNotes, k.Notes = cut(k.Notes)
	return k
}

func cut[T any](list []T) (more int, kept []T) {
	if len(list) <= resultKept {
		return 0, list
	}
	return len(list) - resultKept, append([]T(nil), list[:resultKept]...)
}
