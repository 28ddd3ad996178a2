package web

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// exportsAtOnce bounds the exports of whole books that are written at one time: each reads everything. Those of strangers
// have as many places of their own, so that readers that are slow on purpose do not keep the office from its book.
const exportsAtOnce = 2

func exportRoutes() []route {
	return []route{
		{
			method: "GET", pattern: "/api/v1/books/{book}/export.zip", needs: account.ExportBook,
			api: download(ledger.Text{ZH: "整本账簿的导出，供 mzverify 校验；只对整本账簿的权限", EN: "the export of a book, for mzverify to check; for a right over the whole book"}, "application/zip", sendExport),
		},
		{method: "GET", pattern: "/log/{book}/export.zip", needs: public, page: (*Server).sendPublicExport},
	}
}

// download makes an operation that answers with a file. What fails before its first byte is a problem like any other;
// later the connection is cut, so that nobody takes a part for the whole.
func download[In any](summary ledger.Text, media string, do func(ctx context.Context, r *request, in *In, w http.ResponseWriter) error) *operation {
	op := &operation{summary: summary, status: http.StatusOK, in: newPlan(reflect.TypeFor[In]()), out: reflect.TypeFor[struct{}](), file: media}
	op.run = func(w http.ResponseWriter, r *request, body []byte) error {
		in := new(In)
		if err := r.server.take(op.in, r, in, body); err != nil {
			return err
		}
		return do(r.Context(), r, in, w)
	}
	return op
}

// exportIn asks for an export.
type exportIn struct {
	Book   string `path:"book"`
	Public bool   `query:"public"` // what strangers may see alone
	AsOf   int64  `query:"as_of" validate:"min=0"`
}

func sendExport(ctx context.Context, r *request, in *exportIn, w http.ResponseWriter) error {
	if err := wholeBook(r); err != nil {
		return err
	}
	o := ledger.ExportOptions{Size: in.AsOf}
	what := "book"
	if in.Public {
		o.Published, what = published(r.book), "book, public"
	}
	if err := r.note(ctx, "exported", what); err != nil {
		return err
	}
	return r.server.sendZip(w, r, r.server.exports, r.book, o)
}

// published are the entries of a book that its public export shows.
func published(book *ledger.Book) func(ctx context.Context, db bun.IDB, asOf, after int64, limit int) ([]int64, error) {
	return func(ctx context.Context, db bun.IDB, asOf, after int64, limit int) ([]int64, error) {
		return auction.PublishedEntries(ctx, db, ledger.WholeBook(book), asOf, after, limit)
	}
}

// sendPublicExport sends strangers the public export of a book whose disclosure is on. Any other book is as if it were
// not there.
func (s *Server) sendPublicExport(w http.ResponseWriter, r *request) {
	code := r.PathValue("book")
	book, err := s.store.Book(r.Context(), code)
	if err == nil {
		err = s.sendZip(w, r, s.strangersExports, book, ledger.ExportOptions{Published: published(book)})
	}
	if ledger.CodeOf(err) == ledger.Denied {
		err = ledger.E(ledger.NotFound, "book.unknown", code).On("book").Because(err)
	}
	if err != nil {
		s.problem(w, r, err)
	}
}

// sendZip sends an export, as long as its reader goes on reading and one of the places is free.
func (s *Server) sendZip(w http.ResponseWriter, r *request, places chan struct{}, book *ledger.Book, o ledger.ExportOptions) error {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	default:
		return ledger.E(ledger.Busy, "export.busy")
	}
	l := newLines(w)
	defer l.stop()
	f := &fileWriter{lines: l, name: book.Code + ".zip"}
	_, err := book.ExportZip(r.Context(), o, f)
	if err != nil && l.count > 0 {
		s.metrics.refused(ledger.CodeOf(err))
		s.log.ErrorContext(r.Context(), "web: an export was cut", slog.String("request_id", r.id), slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
	return err
}

// fileWriter sends a file. Its headers go with the first bytes.
type fileWriter struct {
	*lines

	name string
}

func (f *fileWriter) Write(b []byte) (int, error) {
	if f.count == 0 {
		h := f.w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	}
	f.count++
	f.stall.Reset(streamStall)
	return f.w.Write(b)
}
