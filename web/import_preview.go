package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/intake"
)

// previewPage is the second step: what the file says and what would be recorded. Nothing has been.
type previewPage struct {
	Frame
	Register register
	Upload   *intake.Upload
	Size     string
	Steps    []Step
	Options  importOptions
	Here     string // this page without its query
	Lots     bool
	Seen     *resultView // nil: the file could not be read
	Record   *recordForm // nil: there is nothing to record
	Amend    string      // where what differs is shown as amendments; "" when nothing differs
	Forget   string
}

// recordForm is the third step.
type recordForm struct {
	Key, Action string
	Amend       bool
	Reason      string
	Count       int  // records that would be written
	Good        bool // only the good rows: others have faults
	Rejected    int
}

// previewRun begins, or finds, the reading of a file that shows what it says. A result is good until it has been
// shown and the book has grown since.
func (s *Server) previewRun(r *request, k register, u *intake.Upload, o importOptions) (*importRun, error) {
	options, err := o.options(r)
	if err != nil {
		return nil, err
	}
	head, err := r.book.Head(r.Context())
	if err != nil {
		return nil, err
	}
	key := strings.Join([]string{"preview", k.Code, u.ID, o.query()}, "|")
	good := func(run *importRun) bool { return !run.shown.Load() || run.size == head.Size && run.err == nil }
	return s.imports.start(key, head.Size, good, s.taking(r, k, u, options))
}

// taking is the work of an import, which goes on when the request has ended. It may have waited: what the person may
// do is looked at again when it begins.
func (s *Server) taking(r *request, k register, u *intake.Upload, o intake.Options) func(context.Context, func(int)) (*intake.Result, error) {
	actor, file := r.actor(), *u
	return func(ctx context.Context, progress func(int)) (*intake.Result, error) {
		scope, err := s.scopeNow(r, k.can)
		if err != nil {
			return nil, err
		}
		o.Progress = progress
		if err := s.staged.Load(ctx, &file); err != nil {
			return nil, err
		}
		source, err := file.Source()
		if err != nil {
			return nil, err
		}
		return k.take(ctx, scope, actor, source, o)
	}
}

// scopeNow is what the person of an earlier request may do in its book now.
func (s *Server) scopeNow(r *request, can account.Can) (ledger.Scope, error) {
	ctx := context.WithoutCancel(r.Context())
	who, err := s.identify(ctx, r)
	if err == nil && who == nil {
		err = ledger.E(ledger.Unauthenticated, "session.missing")
	}
	if err != nil {
		return ledger.Scope{}, err
	}
	return who.Scope(ctx, r.book, can)
}

// patience waits for a run; false when it takes longer than somebody looks at an empty page.
func (s *Server) patience(ctx context.Context, run *importRun) bool {
	wait := time.NewTimer(s.o.importPatience())
	defer wait.Stop()
	select {
	case <-run.done:
		return true
	case <-wait.C:
	case <-ctx.Done():
	}
	return run.over()
}

func (o Options) importPatience() time.Duration {
	if o.ImportPatience > 0 {
		return o.ImportPatience
	}
	return importPatience
}

// waitPage says that a file is being read, and asks again.
type waitPage struct {
	Frame
	Steps []Step
	Name  string
	About string
	Here  string
}

// showWait answers while a run is under way.
func (s *Server) showWait(w http.ResponseWriter, r *request, run *importRun, u *intake.Upload, step int) {
	p := &waitPage{Frame: s.frame(r, r.say("正在读取文件", "The file is being read")), Name: u.Name, Here: r.here(), Steps: importSteps(r, step)}
	rows := run.rows.Load()
	switch {
	case !run.going.Load():
		n := strconv.Itoa(s.imports.ahead(run))
		p.About = r.say("前面还有 "+n+" 个文件，轮到后开始读取。", "It is in the queue, "+n+" before it.")
	case rows > 0:
		p.About = r.say("已读 "+group(int(rows))+" 行。", group(int(rows))+" rows read.")
	default:
		p.About = r.say("正在打开并逐行读取。", "It is being opened and read row by row.")
	}
	if !isRead(r.Method) { // a posted form is not sent again by a reload
		p.Here = r.URL.RequestURI()
	}
	w.Header().Set("Refresh", "2; url="+p.Here)
	s.show(w, r, http.StatusOK, "import-wait.html", p)
}

func (s *Server) showPreview(w http.ResponseWriter, r *request, k register) { s.preview(w, r, k, nil) }

// preview shows what a file says. wrong is why the step after it was refused; nil when it was not asked for.
func (s *Server) preview(w http.ResponseWriter, r *request, k register, wrong error) {
	u, err := s.staged.Find(r.Context(), r.scope, r.who.ID(), r.PathValue("upload"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	o := readImportOptions(r)
	run, err := s.previewRun(r, k, u, o)
	if err == nil {
		if !s.patience(r.Context(), run) {
			s.showWait(w, r, run, u, 1)
			return
		}
		run.shown.Store(true)
		err = run.err
	} else {
		run = &importRun{}
	}
	if ledger.CodeOf(err) == ledger.Busy {
		s.fail(w, r, err)
		return
	}
	p := s.previewPage(r, k, u, o)
	if hasFaults(run.result) {
		err = nil // they are listed cell by cell
	}
	status := statusOr(firstOf(wrong, err))
	for _, e := range []error{wrong, err} {
		if e != nil {
			s.failForm(r, &p.Frame, besideOption(e))
		}
	}
	if err == nil && run.result != nil {
		p.fill(r, run.result)
	}
	s.show(w, r, status, "import-preview.html", p)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func hasFaults(r *intake.Result) bool { return r != nil && r.Faults != nil && r.Faults.Len() > 0 }

func (s *Server) previewPage(r *request, k register, u *intake.Upload, o importOptions) *previewPage {
	p := &previewPage{
		Frame: s.frame(r, r.say("核对：", "Look over: ")+u.Name), Register: k, Upload: u, Size: showSize(u.Size), Steps: importSteps(r, 1), Options: o, Lots: k.Code == "lots",
	}
	here := r.bookPath("import", k.Code, u.ID)
	p.Path = here + o.query() // also after a form that was refused
	p.Here, p.Forget = p.At(here), p.At(r.bookPath("import", k.Code, u.ID, "forget"))
	return p
}

// fill shows a reading, and offers what can be done with it.
func (p *previewPage) fill(r *request, result *intake.Result) {
	p.Seen = newResultView(r, result)
	if hasFaults(result) {
		p.Seen.rejects(&p.Frame, r.bookPath("import", p.Register.Code, p.Upload.ID), p.Options)
	}
	if len(result.Changes) > 0 && !p.Options.Amend {
		amended := p.Options
		amended.Amend = true
		p.Amend = p.At(r.bookPath("import", p.Register.Code, p.Upload.ID) + amended.query())
	}
	if count := result.Recorded + result.Amended; count > 0 {
		o := p.Options
		o.Amend = o.Amend && result.Amended > 0 // no reason is asked for what is new
		p.Record = &recordForm{
			Key: newKey(), Action: p.At(r.bookPath("import", p.Register.Code, p.Upload.ID) + o.query()), Amend: o.Amend, Reason: r.text("reason"), Count: count, Good: hasFaults(result), Rejected: result.Rejected,
		}
	}
}

// showSize is a number of bytes as people read it.
func showSize(n int64) string {
	switch {
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1<<20:
		return fmt.Sprintf("%d KB", (n+1<<9)>>10)
	}
	return fmt.Sprintf("%d.%d MB", n>>20, (n%(1<<20))*10>>20)
}
