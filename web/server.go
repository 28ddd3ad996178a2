package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-playground/validator/v10"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
)

//go:embed templates static
var files embed.FS

// Default is what the summary and the statement check show when the address says nothing.
type Default struct{ Book, From, To, Statement string }

// Options are what serve is told. Now is the clock; the zero value of the rest is the safest: only this machine
// is answered.
type Options struct {
	Now       func() time.Time
	Network   Network
	Initially Default
	Demo      bool                        // offers the demo accounts at /try; on loopback only
	Version   string                      // stands at the foot of pages
	PublicURL string                      // by which strangers reach the public check, from ParsePublicURL; "": none is printed
	Ready     func(context.Context) error // the schema is current and the keys can be read; nil: nothing to ask
	Log       *slog.Logger                // nil: slog's own

	Backups func(context.Context) (Backups, error) // how old the last backup is; nil: nobody asks

	ImportPatience time.Duration // for how long a page waits for a file to be read before it says so; 0: a few seconds
}

// Server answers the pages and the API of a store.
type Server struct {
	store    *ledger.Store
	accounts *account.Service
	o        Options
	log      *slog.Logger
	static   fs.FS
	files    map[string]*staticFile
	pages    map[ledger.Lang]*template.Template // parsed once a language
	validate *validator.Validate
	metrics  *metricSet
	checks   *checks
	imports  *importRuns
	staged   *intake.Uploads // files between the steps of an import
	table    []route
	stopping atomic.Bool
	uploads  *uploadTurns
	document func() ([]byte, error) // the API's, made at its first use

	exports, strangersExports chan struct{} // one for each export of a whole book that is written
}

// NewServer parses the templates and checks the routing table; what is broken there is a mistake of ours and
// found at the first start.
func NewServer(store *ledger.Store, accounts *account.Service, o Options) (*Server, error) {
	if o.Now == nil {
		return nil, errors.New("web: a server needs a clock")
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, fmt.Errorf("web: finding the static files: %w", err)
	}
	s := &Server{store: store, accounts: accounts, o: o, log: o.Log, static: static, metrics: newMetrics(), uploads: newUploadTurns(), exports: make(chan struct{}, exportsAtOnce), strangersExports: make(chan struct{}, exportsAtOnce), pages: map[ledger.Lang]*template.Template{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.checks = newChecks(o.Now, s.log)
	s.imports, s.staged = newImportRuns(o.Now, s.log), intake.NewUploads(store, o.Now)
	if s.files, err = readStatic(static); err != nil {
		return nil, err
	}
	if s.validate, err = newValidator(); err != nil {
		return nil, err
	}
	for _, lang := range []ledger.Lang{ledger.ZH, ledger.EN} {
		page, err := template.New("page").Funcs(s.functions(lang)).Funcs(s.kit(lang)).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("web: reading the templates: %w", err)
		}
		s.pages[lang] = page
	}
	s.table = s.routes()
	s.document = sync.OnceValues(s.makeDocument)
	return s, nil
}

// functions are those of templates besides the kit's.
func (s *Server) functions(lang ledger.Lang) template.FuncMap {
	return template.FuncMap{
		"say":    func(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(lang) },
		"in":     func(t ledger.Text) string { return t.In(lang) },
		"code":   func(code string) string { return statement.CodeName(code).In(lang) },
		"lines":  func(caption string, lines []report.Line) lineTable { return lineTable{caption, lines} },
		"groups": byCode,
		"asset":  s.asset,
	}
}

// lineTable is a table of a report.
type lineTable struct {
	Caption string
	Lines   []report.Line
}

// Handler answers everything.
func (s *Server) Handler() http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(s.refuseCrossOrigin))
	inner := s.dispatch(s.mux())
	return s.trace(s.headers(s.hosts(crossOrigin.Handler(inner))))
}

// today is the day where the offices are: fixed +08:00, because the zone Asia/Shanghai had summer time in some
// years.
func (s *Server) today() ledger.Day {
	return ledger.DayOf(s.o.Now().In(time.FixedZone("+08:00", 8*60*60)))
}

// show answers with a page. It is made whole before the first byte goes out.
func (s *Server) show(w http.ResponseWriter, r *request, status int, name string, page any) {
	var b bytes.Buffer
	if err := s.pages[r.lang].ExecuteTemplate(&b, name, page); err != nil {
		s.log.ErrorContext(r.Context(), "web: showing a page", slog.String("request_id", r.id), slog.Any("error", err))
		http.Error(w, "系统出错，已记录 / something went wrong; it has been logged", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	send(w, r.Request, status, b.Bytes())
}
