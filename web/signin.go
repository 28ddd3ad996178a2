package web

import (
	"log/slog"
	"net/http"
	"net/url"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func signInRoutes() []route {
	return []route{
		{method: "GET", pattern: "/sign-in", needs: public, page: (*Server).showSignIn},
		{method: "POST", pattern: "/sign-in", needs: public, page: (*Server).signIn},
		{method: "POST", pattern: "/sign-out", needs: halfway, page: (*Server).signOut},
		{method: "GET", pattern: "/redeem", needs: public, page: (*Server).showRedeem},
		{method: "POST", pattern: "/redeem", needs: public, page: (*Server).redeem},
		{method: "GET", pattern: "/try", needs: public, page: (*Server).showTry},
		{method: "POST", pattern: "/try", needs: public, page: (*Server).try},
		{method: "GET", pattern: "/account/password", needs: halfway, page: (*Server).showPassword},
		{method: "POST", pattern: "/account/password", needs: halfway, page: (*Server).changePassword},
		{method: "GET", pattern: "/account/totp", needs: halfway, page: (*Server).showTOTP},
		{method: "POST", pattern: "/account/totp", needs: halfway, page: (*Server).confirmTOTP},
	}
}

// signInPage is the form to sign in.
type signInPage struct {
	Frame
	Login, Next string
	Kept        *kept // a form that waits for the sign-in
	First       bool  // there is no account yet
	Here        bool  // the browser is on this machine
	Demo        bool  // the demo accounts can be tried
}

func (s *Server) newSignInPage(r *request) *signInPage {
	p := &signInPage{Frame: s.frame(r, r.say("登录", "Sign in")), Next: samePath(r.Form.Get("next")), Login: r.text("login"), Demo: s.offersDemo(r)}
	p.Path = "/sign-in?" + url.Values{"next": {p.Next}}.Encode()
	p.Here = loopback(traceOf(r.Context()).address)
	any, err := s.accounts.Any(r.Context())
	if err != nil {
		s.log.ErrorContext(r.Context(), "web: asking for accounts", slog.String("request_id", r.id), slog.Any("error", err))
	}
	p.First = err == nil && !any
	return p
}

func (s *Server) showSignIn(w http.ResponseWriter, r *request) {
	if r.who != nil && r.who.Must() == account.MustNothing {
		s.done(w, r, samePath(r.Form.Get("next")))
		return
	}
	s.show(w, r, http.StatusOK, "signin.html", s.newSignInPage(r))
}

func (s *Server) signIn(w http.ResponseWriter, r *request) {
	opened, err := s.accounts.SignIn(r.Context(), account.Credentials{
		Login: r.text("login"), Password: r.PostForm.Get("password"), Code: r.text("code"),
	}, r.from())
	s.metrics.signIn(err == nil)
	if err != nil {
		p := s.newSignInPage(r)
		p.Kept = keptAgain(r)
		status := s.failForm(r, &p.Frame, err)
		retryAfter(w.Header(), err)
		s.show(w, r, status, "signin.html", p)
		return
	}
	s.enter(w, r, opened)
}

// enter gives the browser its session and sends it on: first to what must be done, else to a form that waits,
// else to where it was going.
func (s *Server) enter(w http.ResponseWriter, r *request, opened account.Opened) {
	if r.who != nil { // of another session in the same browser, which nobody could end any more
		if err := s.accounts.SignOut(r.Context(), r.who); err != nil {
			s.log.WarnContext(r.Context(), "web: ending the session before", slog.String("request_id", r.id), slog.Any("error", err))
		}
	}
	setSession(w, r, opened.Token)
	rememberDevice(w, r, opened.Device)
	r.who = opened.Principal
	traceOf(r.Context()).account = r.who.ID()
	k := keptAgain(r)
	switch {
	case r.who.Must() == account.MustTOTP:
		s.done(w, r, "/account/totp")
	case k != nil:
		s.showResend(w, r, k)
	default:
		s.done(w, r, samePath(r.PostForm.Get("next")))
	}
}

func (s *Server) signOut(w http.ResponseWriter, r *request) {
	if err := s.accounts.SignOut(r.Context(), r.who); err != nil {
		s.fail(w, r, err)
		return
	}
	setSession(w, r, "")
	w.Header().Set("Clear-Site-Data", `"cache"`)
	s.done(w, r, "/sign-in")
}

// redeemPage takes a one-time code and sets the first, or the next, password.
type redeemPage struct {
	Frame
	Login string
}

func (s *Server) newRedeemPage(r *request) *redeemPage {
	return &redeemPage{Frame: s.frame(r, r.say("用一次性代码设置密码", "Set a password with a one-time code")), Login: r.text("login")}
}

func (s *Server) showRedeem(w http.ResponseWriter, r *request) {
	s.show(w, r, http.StatusOK, "signin-redeem.html", s.newRedeemPage(r))
}

func (s *Server) redeem(w http.ResponseWriter, r *request) {
	err := samePasswords(r)
	var opened account.Opened
	if err == nil {
		opened, err = s.accounts.Redeem(r.Context(), r.text("login"), r.text("code"), r.PostForm.Get("password"), r.from())
		s.metrics.signIn(err == nil)
	}
	if err != nil {
		p := s.newRedeemPage(r)
		status := s.failForm(r, &p.Frame, err)
		retryAfter(w.Header(), err)
		s.show(w, r, status, "signin-redeem.html", p)
		return
	}
	s.enter(w, r, opened)
}

// samePasswords refuses a new password that was typed twice differently.
func samePasswords(r *request) error {
	if r.PostForm.Get("password") != r.PostForm.Get("password_again") {
		return ledger.E(ledger.Invalid, "password.differs").On("password_again")
	}
	return nil
}

// tryPage lists the demo accounts.
type tryPage struct {
	Frame
	Logins []tryLogin
}

type tryLogin struct{ Login, Name, About string }

// OffersDemo tells whether the demo accounts can be tried at /try on this machine.
func (s *Server) OffersDemo() bool { return s.o.Demo && !s.o.Network.Open }

// offersDemo holds when the demo accounts may be used: serve said so, and only this machine is answered.
func (s *Server) offersDemo(r *request) bool {
	return s.OffersDemo() && loopback(peer(r.Request)) && !traceOf(r.Context()).proxied && !forwarded(r.Request)
}

func (s *Server) showTry(w http.ResponseWriter, r *request) {
	if !s.offersDemo(r) {
		s.fail(w, r, ledger.E(ledger.NotFound, "route.unknown"))
		return
	}
	logins, err := s.demoLogins(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := tryPage{Frame: s.frame(r, r.say("试用演示账簿", "Try the demo book")), Logins: logins}
	s.show(w, r, http.StatusOK, "signin-try.html", p)
}

func (s *Server) try(w http.ResponseWriter, r *request) {
	if !s.offersDemo(r) {
		s.fail(w, r, ledger.E(ledger.NotFound, "route.unknown"))
		return
	}
	opened, err := s.accounts.DemoSession(r.Context(), r.text("login"), r.from())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.enter(w, r, opened)
}
