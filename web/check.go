package web

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"mingzhang/ledger"
)

// checksAtOnce bounds the checks that run beside each other: each keeps a processor busy. Further ones wait.
const checksAtOnce = 2

// checks are the checks of books that people asked for: one at a time a book, in the background. What the last
// one found is remembered until the program ends; the book itself does not change by being checked.
type checks struct {
	now func() time.Time
	log *slog.Logger

	mu      sync.Mutex
	runs    map[string]*checkRun // by the book's origin
	ended   bool
	slots   chan struct{}
	life    context.Context //nolint:containedctx // of the checks: they outlive the request that asked for them
	stop    context.CancelFunc
	running sync.WaitGroup
}

// checkRun is one check. by, started and of are fixed; what follows is guarded by checks.mu.
type checkRun struct {
	by      string
	started time.Time
	of      int64 // entries when it was asked for
	done    atomic.Int64

	running bool // it has its turn
	ended   time.Time
	result  ledger.CheckResult
	err     error
}

func newChecks(now func() time.Time, log *slog.Logger) *checks {
	life, stop := context.WithCancel(context.Background())
	return &checks{now: now, log: log, runs: map[string]*checkRun{}, slots: make(chan struct{}, checksAtOnce), life: life, stop: stop}
}

// end gives up the checks under way and waits for them.
func (c *checks) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.stop()
	c.running.Wait()
}

// start begins a check of a book, unless one is under way: then that one is what was asked for.
func (c *checks) start(book *ledger.Book, by string, size int64) (began bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := c.runs[book.Origin]; c.ended || last != nil && last.ended.IsZero() {
		return false
	}
	run := &checkRun{by: by, started: c.now(), of: size}
	c.runs[book.Origin] = run
	c.running.Go(func() { c.run(book, run) })
	return true
}

func (c *checks) run(book *ledger.Book, run *checkRun) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-c.life.Done():
		return
	}
	c.mu.Lock()
	run.running = true
	c.mu.Unlock()
	result, err := book.Check(c.life, run.done.Store)
	if err != nil && c.life.Err() == nil {
		c.log.Error("web: checking a book", slog.String("book", book.Code), slog.Any("error", err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	run.result, run.err, run.ended = result, err, c.now()
}

// checkState is a check as it stands now. State is none, waiting, running, done or failed.
type checkState struct {
	State        string
	By           string
	Started, End time.Time
	Done, Of     int64
	Result       ledger.CheckResult
}

func (c *checks) state(book *ledger.Book) checkState {
	c.mu.Lock()
	defer c.mu.Unlock()
	run := c.runs[book.Origin]
	if run == nil {
		return checkState{State: "none"}
	}
	s := checkState{State: "waiting", By: run.by, Started: run.started, End: run.ended, Done: run.done.Load(), Of: run.of}
	switch {
	case run.ended.IsZero() && run.running:
		s.State = "running"
	case run.ended.IsZero():
	case run.err != nil:
		s.State = "failed"
	default:
		s.State, s.Result = "done", run.result
	}
	return s
}

// checkView is a check as pages show it.
type checkView struct {
	State   string
	Under   bool // it is under way
	About   string
	Bar     Progress
	Clean   bool
	Verdict string // in words: clean, or the first entry that does not fit
	Faults  Table
	More    int
}

// checkView shows the state of the check of the request's book. Only who may read all of it sees what does not
// fit: the values of any record may stand there.
func (s *Server) checkView(r *request) *checkView {
	c := s.checks.state(r.book)
	v := &checkView{State: c.State, Under: c.State == "waiting" || c.State == "running"}
	n := func(x int64) string { return group(int(x)) }
	switch c.State {
	case "none":
		v.About = r.say("本次服务启动以来还没有校验过。", "No check since the program was started.")
	case "waiting":
		v.About = r.say("正在排队：其他账簿校验完后开始。", "In the queue: it begins when other books are done.")
	case "failed":
		v.About = r.say("上次校验（"+showInstant(c.Started)+"）没有完成，原因已记入日志。请再试一次。", "The last check ("+showInstant(c.Started)+") could not be finished; the log says why. Please try again.")
	case "running":
		v.About = r.say(showInstant(c.Started)+" 由 "+c.By+" 发起。", "Begun "+showInstant(c.Started)+" by "+c.By+".")
		v.Bar = Progress{ID: "check-progress", Name: r.say("校验", "Checking"), Done: c.Done, All: max(c.Of, c.Done, 1), Text: n(c.Done) + " / " + n(max(c.Of, c.Done))}
	case "done":
		v.About = r.say(showInstant(c.End)+" 完成，由 "+c.By+" 发起。", "Done "+showInstant(c.End)+", asked for by "+c.By+".")
		v.tell(r, c.Result)
	}
	return v
}

// tell says what a check found, in the words of the command.
func (v *checkView) tell(r *request, found ledger.CheckResult) {
	entries, rows := group(int(found.Entries)), group(int(found.Rows))
	v.Clean = len(found.Faults) == 0
	if v.Clean {
		v.Verdict = r.say("完好：重算了 "+entries+" 个条目、"+rows+" 个派生行，全部相符。截至 "+group(int(found.Head.Size))+"，根 "+found.Head.Root.String(),
			"Clean: "+entries+" entries and "+rows+" derived rows recomputed, all fit. As of "+group(int(found.Head.Size))+", root "+found.Head.Root.String())
		return
	}
	first := strconv.FormatInt(found.Faults[0].Seq, 10)
	v.Verdict = r.say("已损坏：第一个不符的条目是第 "+first+" 条。请保留现场并报告主管人员。", "Broken: the first entry that does not fit is "+first+". Leave everything as it is and report it.")
	if !r.scope.Whole() {
		return
	}
	v.More = found.More
	v.Faults = Table{ID: "faults", Caption: r.say("不符之处", "What does not fit"), Columns: []Column{
		{Name: r.say("条目", "Entry"), Numeric: true}, {Name: r.say("位置", "Where")}, {Name: r.say("应为", "Want")}, {Name: r.say("实为", "Got")},
	}}
	for _, f := range found.Faults {
		v.Faults.Rows = append(v.Faults.Rows, Row{Cells: []Cell{
			{Text: strconv.FormatInt(f.Seq, 10)}, {Text: f.What}, {Text: f.Want.In(r.lang)}, {Text: f.Got.In(r.lang)},
		}})
	}
}

// checkPage shows a check under way, or what the last one found.
type checkPage struct {
	Frame
	Check *checkView
}

func (s *Server) showCheck(w http.ResponseWriter, r *request) {
	p := &checkPage{Frame: s.frame(r, r.say("校验账簿", "Check the book")), Check: s.checkView(r)}
	if p.Check.Under {
		w.Header().Set("Refresh", "2") // without script, too; the same page
	}
	s.show(w, r, http.StatusOK, "check.html", p)
}

func (s *Server) startCheck(w http.ResponseWriter, r *request) {
	if err := s.beginCheck(r); err != nil {
		s.fail(w, r, err)
		return
	}
	s.done(w, r, link(r.lang, r.bookPath("check")))
}

// beginCheck starts the check of the request's book for who asks.
func (s *Server) beginCheck(r *request) error {
	head, err := r.book.Head(r.Context())
	if err != nil {
		return err
	}
	by := r.who.Name()
	if by == "" {
		by = r.who.Login()
	}
	if !s.checks.start(r.book, by, head.Size) {
		return nil
	}
	return r.note(r.Context(), "checked", "")
}
