package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// request is what a handler gets: who asks, in which language, about which part of which book. The rights that
// its route needs have been looked at.
type request struct {
	*http.Request
	server *Server
	route  *route
	header http.Header // of the answer
	lang   ledger.Lang
	who    *account.Principal // nil: nobody is signed in; only on public routes
	book   *ledger.Book       // of {book}; nil where the pattern has none
	scope  ledger.Scope       // of the book: what who may see there by the ability of the route
	id     string             // of the request: it stands in the log and in every refusal
	key    ledger.Key         // Idempotency-Key, or the key that the form carries
	seen   int64              // If-Match: the entry that the client saw; 0: it did not say
	unread error              // why the form could not be read; only where the route asks for it
}

// actor is who writes.
func (r *request) actor() ledger.Actor { return r.who.Actor() }

// today is the day where the offices are.
func (r *request) today() ledger.Day { return r.server.today() }

// text is a field of the address or the form, without blanks at its ends; what is no text is shown as such.
func (r *request) text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(r.Form.Get(name), "\ufffd"), "\x00", "\ufffd"))
}

// say picks the language of a short text of a page's own.
func (r *request) say(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(r.lang) }

// here is the address of the page in a form that may be gone back to.
func (r *request) here() string { return r.URL.RequestURI() }

// bookPath is an address below the book of the request: bookPath("lots", "12").
func (r *request) bookPath(parts ...string) string { return bookPath(r.book.Code, parts...) }

func bookPath(code string, parts ...string) string {
	path := "/books/" + url.PathEscape(code)
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// newRequest begins an exchange. Nobody is signed in yet.
func (s *Server) newRequest(w http.ResponseWriter, hr *http.Request, rt *route) *request {
	return &request{Request: hr, server: s, route: rt, header: w.Header(), lang: langOf(hr, rt.isAPI()), id: traceOf(hr.Context()).id}
}

// langCookie keeps the language that somebody chose.
const langCookie = "lang"

// langOf is the language of an answer: what the address asks for, or the cookie. The API follows
// Accept-Language; pages are Chinese for whoever has not chosen, because many office browsers say English
// without their user knowing.
func langOf(r *http.Request, api bool) ledger.Lang {
	switch r.URL.Query().Get("lang") {
	case string(ledger.EN):
		return ledger.EN
	case string(ledger.ZH):
		return ledger.ZH
	}
	if c, err := r.Cookie(langCookie); err == nil && c.Value == string(ledger.EN) {
		return ledger.EN
	}
	if api {
		return acceptedLang(r.Header.Get("Accept-Language"))
	}
	return ledger.ZH
}

// acceptedLang is the first of the two languages that the header names; the order is what browsers and tools
// rank by.
func acceptedLang(header string) ledger.Lang {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		switch primary, _, _ := strings.Cut(tag, "-"); primary {
		case "en":
			return ledger.EN
		case "zh":
			return ledger.ZH
		}
	}
	return ledger.ZH
}

// keepLang remembers a language that the address asks for.
func (s *Server) keepLang(w http.ResponseWriter, r *request) {
	asked := r.URL.Query().Get("lang")
	if asked != string(ledger.ZH) && asked != string(ledger.EN) {
		return
	}
	if c, err := r.Cookie(langCookie); err == nil && c.Value == asked {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: traceOf(r.Context()).secure, SameSite: http.SameSiteLaxMode,
	})
}

// from says where a request comes from, for the log of sign-ins.
func (r *request) from() account.From {
	agent := strings.ToValidUTF8(r.UserAgent(), "\ufffd")
	if len(agent) > agentBytesMax {
		agent = strings.ToValidUTF8(agent[:agentBytesMax], "")
	}
	from := account.From{Address: traceOf(r.Context()).address, Agent: agent}
	if c, err := r.Cookie(deviceCookie(traceOf(r.Context()).secure)); err == nil {
		from.Device = c.Value
	}
	return from
}

const agentBytesMax = 200

// note puts an event of the request into the installation's log.
func (r *request) note(ctx context.Context, name, what string) error {
	e := account.Event{Name: name, What: what, Address: traceOf(r.Context()).address}
	if r.who != nil {
		e.Account, e.Login = r.who.ID(), r.who.Login()
	}
	if r.book != nil {
		e.Book = r.book.Code
	}
	return r.server.accounts.Note(ctx, e)
}
