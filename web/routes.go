package web

import (
	"net/http"
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// What a route needs besides the abilities of account: nobody in particular; somebody who is signed in; and
// somebody who is signed in but may still have to change the password or to set up TOTP.
const (
	public    account.Can = "public"
	halfway   account.Can = "halfway"
	signedIn  account.Can = "signed_in"
	formBytes             = bodyBytesMax
)

// route is a row of the routing table. With {book} in its pattern the book is found and the scope of the
// ability is made before the handler runs; without {book} an ability must be had in any book.
type route struct {
	method, pattern string
	needs           account.Can
	page            func(*Server, http.ResponseWriter, *request) // a page or a form
	api             *operation                                   // or an operation of the API
	plain           http.HandlerFunc                             // or neither: files, health

	upload      bool // the form may carry a file
	takesUnread bool // the handler shows itself why a form could not be read (request.unread)
	ownBook     bool // {book} is nothing of the routing table's: the handler looks itself
	past        bool // the page can be read as of a checkpoint (?as_of=)
}

// isAPI holds for what programs read: they get problems for refusals, and may show a token.
func (rt *route) isAPI() bool {
	return rt.api != nil || strings.HasPrefix(rt.pattern, "/api/v1/") || strings.HasPrefix(rt.pattern, "/log/")
}

func (rt *route) bodyMax() int64 {
	if rt.upload {
		return uploadBytesMax
	}
	return formBytes
}

// routes is the one table of all that is answered: of the mux, of rights, of the API's document and of tests.
// Each file of a subject gives its own rows.
func (s *Server) routes() []route {
	return slices.Concat(
		s.plainRoutes(),
		signInRoutes(),
		deskRoutes(),
		summaryRoutes(),
		reportRoutes(),
		bookRoutes(),
		disclosureRoutes(),
		logRoutes(),
		publicRoutes(),
		certificateRoutes(),
		lotRoutes(),
		importRoutes(),
		reviewRoutes(),
		lotAPI(),
		parcelRoutes(),
		parcelAPI(),
		apiRoutes(),
		exportRoutes(),
		accountRoutes(),
		userRoutes(),
		installationRoutes(),
		ownAPI(),
		accountsAPI(),
		installationAPI(),
	)
}

// mux registers the table. Two rows that answer the same address are a mistake of ours; ServeMux panics at
// start-up.
func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range s.table {
		mux.Handle(rt.method+" "+rt.pattern, s.handle(&rt))
	}
	return mux
}

// dispatch answers with the mux, and itself what the mux would answer in plain text: no such address, and no
// such method.
func (s *Server) dispatch(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			_, traceOf(r.Context()).pattern, _ = strings.Cut(pattern, " ")
			mux.ServeHTTP(w, r)
			return
		}
		silent := &silentWriter{header: http.Header{}, status: http.StatusOK}
		handler.ServeHTTP(silent, r)
		s.refuseRoute(w, r, silent)
	})
}

// silentWriter takes an answer without sending it.
type silentWriter struct {
	header http.Header
	status int
}

func (w *silentWriter) Header() http.Header         { return w.header }
func (w *silentWriter) WriteHeader(status int)      { w.status = status }
func (w *silentWriter) Write(p []byte) (int, error) { return len(p), nil }

// handle admits a request to its route and gives it to the handler. Nobody's body is read before they are known.
func (s *Server) handle(rt *route) http.Handler {
	if rt.plain != nil {
		return rt.plain
	}
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		hr.Body = http.MaxBytesReader(w, hr.Body, rt.bodyMax())
		r := s.newRequest(w, hr, rt)
		if hasNUL(hr) {
			s.refuse(w, r, ledger.E(ledger.NotFound, "route.unknown"))
			return
		}
		if !rt.isAPI() {
			s.keepLang(w, r)
		}
		if err := s.admit(hr.Context(), r); err != nil {
			s.refuse(w, r, err)
			return
		}
		if rt.upload {
			if err := s.uploads.begin(hr.Context(), r.who.ID()); err != nil {
				s.refuse(w, r, err)
				return
			}
			defer s.uploads.end(r.who.ID())
			defer stretch(w, uploadTimeout)()
		}
		if rt.api != nil {
			rt.api.serve(w, r)
			return
		}
		s.servePage(w, r)
	})
}

// servePage reads the form and gives it to the handler.
func (s *Server) servePage(w http.ResponseWriter, r *request) {
	r.unread = parseForm(r.Request, r.route.bodyMax())
	if r.unread != nil && !r.route.takesUnread {
		s.fail(w, r, unreadForm(r.unread))
		return
	}
	if r.route.past {
		if err := r.pastOfPage(); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	r.key = r.formKey()
	r.route.page(s, w, r)
}

// hasNUL holds for a path with a NUL character, which no text of the database can hold.
func hasNUL(r *http.Request) bool { return strings.ContainsRune(r.URL.Path, 0) }
