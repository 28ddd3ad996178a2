package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// The session's cookie. The prefix makes browsers refuse it from other hosts and without TLS; on a plain
// loopback address no browser would take it, so there the name has no prefix.
const (
	secureCookie = "__Host-mingzhang"
	plainCookie  = "mingzhang"
)

// deviceCookieSeconds is half a year: as long as the accounts remember a browser.
const deviceCookieSeconds = 180 * 24 * 60 * 60

// deviceCookie is the name of the cookie by which a browser is known again.
func deviceCookie(secure bool) string { return cookieName(secure) + "-device" }

func cookieName(secure bool) string {
	if secure {
		return secureCookie
	}
	return plainCookie
}

// setSession gives the browser a session's token; "" takes it away.
func setSession(w http.ResponseWriter, r *request, token string) {
	secure := traceOf(r.Context()).secure
	c := &http.Cookie{
		Name: cookieName(secure), Value: token, Path: "/",
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// rememberDevice gives the browser the secret by which it is known again at the next sign-in.
func rememberDevice(w http.ResponseWriter, r *request, secret string) {
	if secret == "" {
		return // it has one
	}
	secure := traceOf(r.Context()).secure
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie(secure), Value: secret, Path: "/", MaxAge: deviceCookieSeconds,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// identify finds who asks, by the bearer token of an API request or by the session's cookie. Nobody: nil
// without an error when there are no credentials; unauthenticated when they are not (or no longer) good.
func (s *Server) identify(ctx context.Context, r *request) (*account.Principal, error) {
	if header := r.Header.Get("Authorization"); header != "" && r.route.isAPI() {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return nil, ledger.E(ledger.Unauthenticated, "token.unreadable")
		}
		return s.accounts.ByToken(ctx, strings.TrimSpace(token))
	}
	c, err := r.Cookie(cookieName(traceOf(ctx).secure))
	if err != nil || c.Value == "" {
		return nil, nil //nolint:nilerr // nobody is signed in: no error on a public page
	}
	return s.accounts.BySession(ctx, c.Value)
}

// admit looks at what the route needs. Who may not is told so; a book in which somebody has no right at all is
// as if it were not there.
func (s *Server) admit(ctx context.Context, r *request) error {
	who, err := s.identify(ctx, r)
	if err != nil && (r.route.needs != public || ledger.CodeOf(err) != ledger.Unauthenticated) {
		return err
	}
	r.who = who
	if who != nil {
		traceOf(ctx).account = who.ID()
	}
	switch {
	case r.route.needs == public:
		return nil
	case who == nil:
		return ledger.E(ledger.Unauthenticated, "session.missing")
	case r.route.needs == halfway:
		return nil
	case who.Must() != account.MustNothing:
		return ledger.E(ledger.Denied, "account.must_totp")
	}
	if err := s.resolve(ctx, r); err != nil {
		s.noteDenied(ctx, r, err)
		return err
	}
	return nil
}

// resolve finds the book of the address and what the ability gives in it.
func (s *Server) resolve(ctx context.Context, r *request) (err error) {
	can := r.route.needs
	if !strings.Contains(r.route.pattern, "{book}") || r.route.ownBook {
		if can != signedIn && !r.who.Can(can) {
			return ledger.E(ledger.Denied, "right.missing")
		}
		return nil
	}
	if can == signedIn {
		can = account.ReadBook
	}
	book, err := s.store.Book(ctx, r.PathValue("book"))
	if err != nil {
		return err
	}
	if r.scope, err = r.who.Scope(ctx, book, can); err != nil {
		return err
	}
	r.book = book
	return nil
}

// noteDenied puts a refusal into the installation's log. That it cannot be put there does not let anybody in.
func (s *Server) noteDenied(ctx context.Context, r *request, err error) {
	if ledger.CodeOf(err) != ledger.Denied {
		return
	}
	e := account.Event{
		Name: "denied", Account: r.who.ID(), Login: r.who.Login(), Address: traceOf(ctx).address,
		Book: r.PathValue("book"), What: r.Method + " " + r.route.pattern,
	}
	if err := s.accounts.Note(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "web: noting a refusal", slog.Any("error", err))
	}
}

// refuse answers a request that was not admitted. The API gets a problem; a page leads to the sign-in page, and
// what was typed into a form is kept.
func (s *Server) refuse(w http.ResponseWriter, r *request, err error) {
	if r.route.isAPI() {
		s.problem(w, r, err)
		return
	}
	switch {
	case ledger.CodeOf(err) == ledger.Unauthenticated && isRead(r.Method):
		http.Redirect(w, r.Request, "/sign-in?"+url.Values{"next": {r.here()}}.Encode(), http.StatusSeeOther)
	case ledger.CodeOf(err) == ledger.Unauthenticated:
		s.showKept(w, r, err)
	case r.who != nil && r.who.Must() == account.MustTOTP:
		http.Redirect(w, r.Request, "/account/totp", http.StatusSeeOther)
	default:
		s.fail(w, r, err)
	}
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }
