package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func accountRoutes() []route {
	return []route{
		{method: "GET", pattern: "/account", needs: halfway, page: (*Server).showAccount},
		{method: "POST", pattern: "/account/sessions", needs: halfway, page: (*Server).endSession},
		{method: "GET", pattern: "/account/tokens/new", needs: signedIn, page: (*Server).showNewToken},
		{method: "POST", pattern: "/account/tokens/new", needs: signedIn, page: (*Server).issueToken},
		{method: "POST", pattern: "/account/tokens", needs: signedIn, page: (*Server).endToken},
	}
}

// sessionList is where somebody is signed in; each can be ended.
type sessionList struct {
	Sessions []shownSession
	Current  string // the one that asks
	Action   string // where a form goes that ends one
}

type shownSession struct {
	account.Session

	Browser string // in a few words
}

func newSessionList(r *request, sessions []account.Session, action string) sessionList {
	l := sessionList{Current: r.who.SessionID(), Action: action}
	for _, x := range sessions {
		l.Sessions = append(l.Sessions, shownSession{x, browserOf(x.Agent)})
	}
	return l
}

// browserOf names browser and system of a User-Agent, so that people recognise their own; what it does not know
// stays as it is.
func browserOf(agent string) string {
	find := func(names ...string) string {
		for i := 0; i+1 < len(names); i += 2 {
			if strings.Contains(agent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	browser := find("MicroMessenger/", "微信", "Edg/", "Edge", "QQBrowser/", "QQ", "360", "360", "Firefox/", "Firefox", "OPR/", "Opera", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := find("Windows", "Windows", "Android", "Android", "HarmonyOS", "HarmonyOS", "iPhone", "iPhone", "iPad", "iPad", "Mac OS X", "macOS", "Linux", "Linux")
	if browser == "" || system == "" {
		return agent
	}
	return browser + " · " + system
}

// tokenList is somebody's API tokens.
type tokenList struct {
	Tokens []shownToken
	Action string
}

type shownToken struct {
	ID, Name, Book, Cans string
	Until                ledger.Day
	MadeAt               time.Time
	UsedAt               string
}

func newTokenList(r *request, tokens []account.Token, action string) tokenList {
	l := tokenList{Action: action}
	for _, t := range tokens {
		var cans []string
		for _, c := range t.Cans {
			cans = append(cans, c.Name().In(r.lang))
		}
		l.Tokens = append(l.Tokens, shownToken{
			ID: t.ID, Name: t.Name, Book: t.Book, Cans: strings.Join(cans, r.say("、", ", ")), Until: t.Until, MadeAt: t.MadeAt, UsedAt: seenAt(t.UsedAt),
		})
	}
	return l
}

// accountPage is somebody's own account: what they may do, and where they are signed in.
type accountPage struct {
	Frame

	Facts    Facts
	Rights   []userRight
	Sessions sessionList
	Tokens   tokenList
	MayGrant bool // never to oneself
	Demo     bool // has no password
	MayToken bool // has a book that a token could be for
	HasTOTP  bool
}

func (s *Server) showAccount(w http.ResponseWriter, r *request) {
	p, err := s.newAccountPage(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	switch r.text("done") {
	case "password":
		p.Notice = r.say("密码已修改，其他地方的登录都已结束。", "The password was changed; all other sessions have ended.")
	case "ended":
		p.Notice = r.say("这次登录已结束。", "The session has ended.")
	case "token":
		p.Notice = r.say("接口令牌已终止，立即失效。", "The API token has ended, at once.")
	}
	s.show(w, r, http.StatusOK, "account.html", p)
}

func (s *Server) newAccountPage(r *request) (*accountPage, error) {
	p := &accountPage{
		Frame: s.frame(r, r.say("我的账户", "My account")), Demo: r.who.Demo(), HasTOTP: r.who.HasTOTP(), MayToken: len(r.who.Books()) > 0,
	}
	sessions, err := s.accounts.Sessions(r.Context(), r.who.ID())
	if err != nil {
		return nil, err
	}
	p.Sessions = newSessionList(r, sessions, p.At("/account/sessions"))
	tokens, err := s.accounts.Tokens(r.Context(), r.who.ID())
	if err != nil {
		return nil, err
	}
	p.Tokens = newTokenList(r, tokens, p.At("/account/tokens"))
	for _, right := range r.who.Rights() {
		p.Rights = append(p.Rights, newUserRight(r, right))
	}
	factor := Chip{"off", r.say("未设", "not set up")}
	switch {
	case p.HasTOTP:
		factor = Chip{"good", r.say("已启用", "set up")}
	case r.who.Must() == account.MustTOTP:
		factor = Chip{"bad", r.say("必须设置", "has to be set up")}
	}
	p.Facts.Items = []Item{
		{Name: r.say("登录名", "Account"), Value: r.who.Login()}, {Name: r.say("姓名", "Name"), Value: r.who.Name()},
		{Name: r.say("二次验证", "Second factor"), Chip: &factor},
	}
	return p, nil
}

func (s *Server) endSession(w http.ResponseWriter, r *request) {
	id := r.text("session")
	if err := s.endSessionOf(r, r.who.ID(), id); err != nil {
		s.fail(w, r, err)
		return
	}
	if id == r.who.SessionID() {
		setSession(w, r, "")
		s.done(w, r, link(r.lang, "/sign-in"))
		return
	}
	s.done(w, r, link(r.lang, "/account?done=ended"))
}

// tokenPage is the form for an API token, and then the token, shown once.
type tokenPage struct {
	Frame

	Name, InBook, Until string
	Cans                []string
	Abilities           []Option
	BookOptions         []Option
	Plain               string // the token
	Site                string
}

// tokenDays is how long a token lasts when nobody says otherwise.
const tokenDays = 90

func (s *Server) newTokenPage(r *request) *tokenPage {
	p := &tokenPage{
		Frame: s.frame(r, r.say("新建接口令牌", "New API token")), Name: r.text("name"), InBook: r.text("book"), Until: r.text("until"),
		Cans: r.Form["can"], Site: site(r),
	}
	if isRead(r.Method) {
		p.Until, p.Cans = r.today().AddDays(tokenDays).String(), []string{string(account.ReadBook)}
	}
	for _, code := range r.who.Books() {
		if b, err := s.store.Book(r.Context(), code); err == nil { // one that was dropped meanwhile is not offered
			p.BookOptions = append(p.BookOptions, Option{Value: code, Label: s.bookFrame(r.Context(), r, b).Name + " · " + code})
		}
	}
	for _, c := range account.AllCans() {
		if c != account.Administer && r.who.Can(c) {
			p.Abilities = append(p.Abilities, Option{Value: string(c), Label: c.Name().In(r.lang), Chosen: slices.Contains(p.Cans, string(c))})
		}
	}
	return p
}

func (s *Server) showNewToken(w http.ResponseWriter, r *request) {
	s.show(w, r, http.StatusOK, "account-token.html", s.newTokenPage(r))
}

// issueToken makes the token. It is in this answer and nowhere else.
func (s *Server) issueToken(w http.ResponseWriter, r *request) {
	p := s.newTokenPage(r)
	n := account.NewToken{Name: p.Name, Book: p.InBook}
	for _, c := range p.Cans {
		n.Cans = append(n.Cans, account.Can(c))
	}
	var err error
	if n.Until, err = ledger.ParseDay(p.Until); err != nil {
		err = onField(err, "until")
	} else {
		p.Plain, err = s.accounts.IssueToken(r.Context(), r.who, n)
	}
	if err != nil {
		status := s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "account-token.html", p)
		return
	}
	p.Title = r.say("接口令牌", "API token")
	s.show(w, r, http.StatusOK, "account-token.html", p)
}

func (s *Server) endToken(w http.ResponseWriter, r *request) {
	if err := s.endTokenOf(r, r.who.ID(), r.text("token")); err != nil {
		s.fail(w, r, err)
		return
	}
	s.done(w, r, link(r.lang, "/account?done=token"))
}
