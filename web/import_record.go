package web

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// recordImport is the third step. The form's key names the run, so that a form that is sent twice is recorded once.
func (s *Server) recordImport(w http.ResponseWriter, r *request, k register) {
	u, err := s.staged.Find(r.Context(), r.scope, r.who.ID(), r.PathValue("upload"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	o := readImportOptions(r)
	options, err := o.options(r)
	options.DryRun, options.GoodRows = false, r.text("rows") == "good"
	if options.Reason = ""; o.Amend {
		if options.Reason = r.text("reason"); options.Reason == "" {
			err = together(err, ledger.E(ledger.Invalid, "reason.missing").On("reason"))
		}
	}
	options.Key = r.key
	key := r.key.Name
	if key == "" || strings.ContainsAny(key, "/|?#%") || ledger.Clean(key) != nil {
		key = newKey()
	}
	if err == nil {
		_, err = s.imports.start(runKey(k, u, key), 0, func(*importRun) bool { return true }, s.taking(r, k, u, options))
	}
	if err != nil {
		s.preview(w, r, k, err)
		return
	}
	s.done(w, r, link(r.lang, r.bookPath("import", k.Code, u.ID, "runs", key)+o.query()))
}

func runKey(k register, u *intake.Upload, key string) string {
	return strings.Join([]string{"record", k.Code, u.ID, key}, "|")
}

// importRunPage says what was recorded.
type importRunPage struct {
	Frame
	Steps  []Step
	Name   string
	Wrote  bool   // something was recorded
	Import string // where it is
	Entry  int64
	Seen   *resultView
	Back   string // to look the file over again
	Start  string // another file
}

// showImportRun shows what an import came to.
func (s *Server) showImportRun(w http.ResponseWriter, r *request, k register) {
	u, err := s.staged.Find(r.Context(), r.scope, r.who.ID(), r.PathValue("upload"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	run := s.imports.find(runKey(k, u, r.PathValue("run")))
	if run == nil {
		s.fail(w, r, ledger.E(ledger.NotFound, "upload.lost"))
		return
	}
	if !s.patience(r.Context(), run) {
		s.showWait(w, r, run, u, 2)
		return
	}
	result, err := run.result, run.err
	if result == nil {
		result = &intake.Result{File: u.Name}
	}
	if !run.shown.Swap(true) && result.Entry != 0 {
		s.metrics.appended(ledger.Receipt{First: result.Entry, Last: result.Entry + int64(result.Recorded+result.Amended), Size: result.Size})
	}
	if err == nil && result.Entry != 0 { // all is well: the import itself says it best
		s.done(w, r, link(r.lang, r.bookPath("imports", strconv.FormatInt(result.Entry, 10))+"?done=imported"))
		return
	}
	o := readImportOptions(r)
	p := &importRunPage{
		Frame: s.frame(r, r.say("导入结果：", "Import: ")+u.Name), Steps: importSteps(r, 2), Name: u.Name, Wrote: result.Entry != 0, Entry: result.Entry,
		Import: r.bookPath("imports", strconv.FormatInt(result.Entry, 10)), Back: r.bookPath("import", k.Code, u.ID) + o.query(), Start: r.bookPath("import", k.Code),
	}
	p.Seen = newResultView(r, result)
	status := http.StatusOK
	switch {
	case hasFaults(result):
		p.Seen.rejects(&p.Frame, r.bookPath("import", k.Code, u.ID), o)
		if !p.Wrote {
			status = http.StatusUnprocessableEntity
		}
	case err != nil:
		status = s.failForm(r, &p.Frame, besideOption(err))
	}
	s.show(w, r, status, "import-run.html", p)
}

// rejectsWait is how long a download waits for its turn.
const rejectsWait = 45 * time.Second

// sendRejects reads the file once more and answers with the rows to be corrected.
func (s *Server) sendRejects(w http.ResponseWriter, r *request, k register) {
	format := "xlsx"
	if strings.HasSuffix(r.URL.Path, ".csv") {
		format = "csv"
	}
	u, err := s.staged.Find(r.Context(), r.scope, r.who.ID(), r.PathValue("upload"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer stretch(w, uploadTimeout)()
	var body bytes.Buffer
	err = s.inTurn(r.Context(), func() error { return s.writeRejects(r, k, u, format, &body) })
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name := u.Name
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	name += r.say("-待改正.", "-to-correct.") + format
	h := w.Header()
	h.Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8; header=present", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[format])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "rejects." + format})+"; filename*=UTF-8''"+url.PathEscape(name))
	_, _ = w.Write(body.Bytes()) // a reader that has gone is no error of ours
}

func (s *Server) writeRejects(r *request, k register, u *intake.Upload, format string, body *bytes.Buffer) error {
	options, err := readImportOptions(r).options(r)
	if err != nil {
		return err
	}
	result, err := s.imports.safely(r.Context(), func(int) {}, s.taking(r, k, u, options))
	if !hasFaults(result) {
		if err == nil {
			err = ledger.E(ledger.NotFound, "route.unknown")
		}
		return err
	}
	return result.WriteRejects(body, format, sentenceFor(r.lang))
}

// inTurn does what reads a file, no more than a few at once.
func (s *Server) inTurn(ctx context.Context, do func() error) error {
	waiting, cancel := context.WithTimeout(ctx, rejectsWait)
	defer cancel()
	if err := s.imports.acquire(waiting); err != nil {
		return err
	}
	defer s.imports.release()
	return do()
}
