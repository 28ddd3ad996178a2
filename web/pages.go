package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/report"
	"mingzhang/web/locale"
)

// frame is what stands around a page of this request: who is signed in, the book, the ways on. A notice that
// the page before left (?done=…) is not taken over: pages set Notice themselves.
func (s *Server) frame(r *request, title string) Frame {
	f := Frame{Lang: r.lang, Title: title, Path: r.here(), Version: s.o.Version, Errors: map[string]string{}}
	if !isRead(r.Method) {
		f.Path = r.URL.Path
	}
	code := ""
	if r.book != nil {
		code = r.book.Code
		f.Book, f.Mark = s.bookFrame(r.Context(), r, r.book), bookMark(r.book.Kind).In(r.lang)
	}
	if r.who == nil {
		return f
	}
	f.Who = &Who{Name: r.who.Name(), Login: r.who.Login(), URL: "/account", Roles: roleNames(r)}
	if f.Who.Name == "" {
		f.Who.Name = f.Who.Login
	}
	for _, other := range r.who.Books() {
		if other == code || len(f.Books) == booksInMenu && code != "" {
			continue
		}
		if b, err := s.store.Book(r.Context(), other); err == nil { // one that was dropped meanwhile is not shown
			f.Books = append(f.Books, *s.bookFrame(r.Context(), r, b))
		}
	}
	f.Nav = NavFor(r.lang, code, r.URL.Path, s.may(r))
	f.showPast(r)
	return f
}

// booksInMenu are offered on each page; the desk has all of them.
const booksInMenu = 8

// bookFrame names a book. A name that cannot be read now is its code.
func (s *Server) bookFrame(ctx context.Context, r *request, b *ledger.Book) *BookFrame {
	f := &BookFrame{Code: b.Code, Name: b.Code, Mark: bookStamp(b.Kind).In(r.lang), URL: bookPath(b.Code, "summary")}
	if profile, err := b.Profile(ctx); err == nil {
		f.Name = profile.Name().In(r.lang)
	}
	return f
}

// may is what the person may do in the request's book, as far as the navigation asks.
func (s *Server) may(r *request) May {
	can := func(c account.Can) bool {
		if r.book == nil {
			return false
		}
		_, err := r.who.Scope(r.Context(), r.book, c)
		return err == nil
	}
	return May{
		Read: can(account.ReadBook), EnterLots: can(account.EnterLots), EnterLand: can(account.EnterLand),
		Review: can(account.Review), Administer: r.who.Can(account.Administer),
	}
}

// roleNames are the person's roles in words, those in this book when there is one.
func roleNames(r *request) string {
	var names []string
	for _, right := range r.who.Rights() {
		if r.book != nil && right.Book != r.book.Code && right.Role != account.Administrator {
			continue
		}
		if name := right.Role.Name().In(r.lang); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, r.say("、", ", "))
}

// bookStamp is the short mark of a book that is no office's.
func bookStamp(kind ledger.BookKind) ledger.Text {
	switch kind {
	case ledger.DemoBook:
		return ledger.Text{ZH: "演示", EN: "demo"}
	case ledger.PracticeBook:
		return ledger.Text{ZH: "练习", EN: "practice"}
	default:
		return ledger.Text{ZH: "", EN: ""}
	}
}

// bookMark is the whole sentence, which stands on paper too.
func bookMark(kind ledger.BookKind) ledger.Text { return report.BookName{Kind: kind}.Mark() }

// messagePage says one thing.
type messagePage struct {
	Frame
	Detail    string
	RequestID string // when somebody has to look into the log
}

// message answers with a page that says one thing.
func (s *Server) message(w http.ResponseWriter, r *request, status int, title, detail string) {
	p := messagePage{Frame: s.frame(r, title), Detail: detail}
	if status >= http.StatusInternalServerError {
		p.RequestID = r.id
	}
	s.show(w, r, status, "message.html", p)
}

// fail answers a page's request with a refusal alone: where there is a form to show again, failForm is better.
func (s *Server) fail(w http.ResponseWriter, r *request, err error) {
	err = away(err)
	s.record(r, err)
	retryAfter(w.Header(), err)
	status := statusOf(err)
	s.message(w, r, status, statusTitle(status).In(r.lang), sentenceOf(r.lang, err))
}

// sentenceOf is what a user reads of an error.
func sentenceOf(lang ledger.Lang, err error) string { return faultsOf(err)[0].sentence(lang) }

// failForm puts the sentences of an error beside the inputs that they are about and gives the status. What is
// ours goes into the log.
func (s *Server) failForm(r *request, f *Frame, err error) int {
	err = away(err)
	s.record(r, err)
	f.tell(err)
	return statusOf(err)
}

// tell puts the sentences of an error beside the inputs that they are about.
func (f *Frame) tell(err error) {
	if err == nil {
		return
	}
	for _, fault := range faultsOf(err) {
		f.Fail(fault.field(), fault.sentence(f.Lang))
	}
}

// statusTitle heads a page that refuses.
func statusTitle(status int) ledger.Text {
	switch status {
	case http.StatusNotFound:
		return ledger.Text{ZH: "没有这个页面", EN: "There is no such page"}
	case http.StatusForbidden:
		return ledger.Text{ZH: "没有权限", EN: "Not allowed"}
	case http.StatusUnauthorized:
		return ledger.Text{ZH: "请先登录", EN: "Please sign in"}
	case http.StatusMethodNotAllowed, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusConflict, http.StatusPreconditionFailed:
		return ledger.Text{ZH: "没有完成", EN: "Not done"}
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return ledger.Text{ZH: "请稍候", EN: "Please wait"}
	}
	return ledger.Text{ZH: "系统出错", EN: "Something went wrong"}
}

// done sends a browser on after a form was taken: post, redirect, get.
func (s *Server) done(w http.ResponseWriter, r *request, path string) {
	http.Redirect(w, r.Request, path, http.StatusSeeOther)
}

// refuseRoute answers what no row of the table answers.
func (s *Server) refuseRoute(w http.ResponseWriter, hr *http.Request, silent *silentWriter) {
	if to := silent.header.Get("Location"); to != "" {
		w.Header().Set("Location", to)
		w.WriteHeader(silent.status)
		return
	}
	rt := &route{pattern: hr.URL.Path, needs: public}
	r := s.newRequest(w, hr, rt)
	err := ledger.E(ledger.NotFound, "route.unknown")
	if silent.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", silent.header.Get("Allow"))
		err = ledger.E(ledger.Invalid, "route.unknown_method", hr.Method)
	}
	if rt.isAPI() || strings.HasPrefix(hr.URL.Path, "/api/") {
		s.problem(w, r, err)
		return
	}
	if who, err := s.identify(hr.Context(), r); err == nil { // the page of who is signed in
		r.who = who
	}
	s.fail(w, r, err)
}

func deskRoutes() []route {
	return []route{
		{method: "GET", pattern: "/{$}", needs: signedIn, page: (*Server).showDesk},
		{method: "GET", pattern: "/problems/{reason}", needs: public, page: (*Server).showReason},
	}
}

// showReason says what a problem's type means.
func (s *Server) showReason(w http.ResponseWriter, r *request) {
	reason := r.PathValue("reason")
	sentence, ok := locale.Template(r.lang, reason)
	if !ok {
		s.fail(w, r, ledger.E(ledger.NotFound, "route.unknown"))
		return
	}
	s.message(w, r, http.StatusOK, reason, sentence)
}

// samePath is a path of this site that somebody may be sent to; anything else is the desk.
func samePath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t\x00") {
		return "/"
	}
	return u.RequestURI()
}
