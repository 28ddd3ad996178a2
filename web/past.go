package web

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// asOfQuery is embedded by what asks for a read: as_of names a checkpoint by its size, 0 is the present.
type asOfQuery struct {
	AsOf int64 `query:"as_of" validate:"min=0"`
}

func (q *asOfQuery) asOf() int64 { return q.AsOf }

// toPast makes the request read the book as of a checkpoint; 0 leaves it in the present.
func (r *request) toPast(ctx context.Context, size int64) error {
	if size == 0 || r.book == nil {
		return nil
	}
	scope, err := r.scope.AsOf(ctx, size)
	if err == nil {
		r.scope = scope
	}
	return err
}

// pastOfPage is toPast for the as_of of a page's address.
func (r *request) pastOfPage() error {
	size, err := wholeNumber(r.text("as_of"), "as_of")
	if err != nil {
		return err
	}
	return r.toPast(r.Context(), size)
}

// inPast holds for what cannot be done in the past: everything but reading and taking out.
func (r *request) inPast(can account.Can) bool {
	return r.scope.Size() != 0 && can != account.ReadBook && can != account.ExportBook
}

// Past is the time that a page shows the book as of.
type Past struct {
	Size    int64
	At      string
	Present string // the same page now
}

// showPast says on the page as of when it is, and keeps its links in that time.
func (f *Frame) showPast(r *request) {
	at := r.scope.Checkpoint()
	if at == nil {
		return
	}
	f.Past = &Past{Size: at.Size, At: showInstant(at.At), Present: link(f.Lang, present(f.Path))}
	for i, item := range f.Nav {
		for _, page := range []string{"lots", "parcels", "summary"} {
			if path, _, _ := strings.Cut(item.URL, "?"); path == r.bookPath(page) {
				f.Nav[i].URL = f.At(item.URL)
			}
		}
	}
}

// present is the address of a page without the time and the place that it was read at, and what was done before.
func present(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Del("as_of")
	q.Del("done")
	q.Del("after")
	q.Del("number")
	u.RawQuery = q.Encode()
	return u.String()
}

// at is an address of the book at the time of the page.
func (p *Past) at(path string) string {
	u, err := url.Parse(path)
	if p == nil || err != nil || !strings.HasPrefix(path, "/books/") {
		return path
	}
	q := u.Query()
	if !q.Has("as_of") {
		q.Set("as_of", strconv.FormatInt(p.Size, 10))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// lastBefore is where a list of entries that goes backwards begins: at what was asked for, and not behind the time
// of the scope.
func lastBefore(scope ledger.Scope, before int64) int64 {
	size := scope.Size()
	if before == 0 || size != 0 && before > size {
		return size
	}
	return before
}
