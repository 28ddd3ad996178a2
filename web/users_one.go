package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// userPage is one account.
type userPage struct {
	Frame

	Head     Title
	Account  account.Account
	Facts    Facts
	Rights   []userRight
	Own      bool // of who looks: nobody changes their own
	MayGrant bool
	Sessions sessionList
	Tokens   tokenList
	Log      Table
	LogURL   string
	Paths    map[string]string
}

// userRight is a right with what can be done to it.
type userRight struct {
	account.Right

	RoleName, InBook, Places, Days, Last string
	Revoke                               string // address
}

func newUserRight(r *request, right account.Right) userRight {
	u := userRight{Right: right, RoleName: right.Role.Name().In(r.lang), InBook: right.Book, Places: strings.Join(right.Villages, r.say("、", ", "))}
	if right.Book == "" {
		u.InBook = r.say("整个安装", "the installation")
	} else if u.Places == "" {
		u.Places = r.say("全部", "all")
	}
	if right.From != nil || right.To != nil {
		u.Days = dayOr(right.From) + " – " + dayOr(right.To)
	}
	if right.Until != nil {
		u.Last = right.Until.String()
	}
	u.Revoke = link(r.lang, userPath(right.Account, "rights", strconv.FormatInt(right.ID, 10), "revoke"))
	return u
}

// userLogLines is how much of the log an account's page shows.
const userLogLines = 10

func (s *Server) showUser(w http.ResponseWriter, r *request) {
	a, err := s.user(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p, err := s.newUserPageOf(r, a)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "users-one.html", p)
}

func (s *Server) newUserPageOf(r *request, a account.Account) (*userPage, error) {
	p := &userPage{Frame: s.frame(r, a.Login), Account: a, Own: a.ID == r.who.ID(), LogURL: "/installation?" + url.Values{"account": {a.Login}}.Encode()}
	p.MayGrant = !p.Own && !a.Disabled
	p.Head = Title{Text: a.Name, Sub: a.Login, Back: &Act{Name: r.say("用户", "Users"), URL: p.At("/users")}, Chips: []Chip{userState(r, a)}}
	p.Paths = map[string]string{
		"grant": userPath(a.ID, "rights", "new"), "reset": userPath(a.ID, "reset"), "disable": userPath(a.ID, "disable"),
		"enable": userPath(a.ID, "enable"), "end": userPath(a.ID, "sessions", "end"),
	}
	for _, right := range a.Rights {
		p.Rights = append(p.Rights, newUserRight(r, right))
	}
	sessions, err := s.accounts.Sessions(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	p.Sessions = newSessionList(r, sessions, p.At(userPath(a.ID, "session")))
	tokens, err := s.accounts.Tokens(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	p.Tokens = newTokenList(r, tokens, p.At(userPath(a.ID, "token")))
	entries, _, err := s.accounts.Log(r.Context(), account.LogFilter{Account: a.ID}, ledger.Page{Limit: userLogLines})
	if err != nil {
		return nil, err
	}
	lines, err := s.logLines(r, entries)
	if err != nil {
		return nil, err
	}
	p.Log = logTable(r, lines)
	p.Facts = userFacts(r, a)
	p.Notice = userNotice(r)
	return p, nil
}

func userFacts(r *request, a account.Account) Facts {
	yes := func(b bool) string {
		if b {
			return r.say("已设", "set")
		}
		return r.say("未设", "not set")
	}
	state := userState(r, a)
	items := []Item{
		{Name: r.say("登录名", "Account"), Value: a.Login}, {Name: r.say("姓名", "Name"), Value: a.Name}, {Name: r.say("状态", "State"), Chip: &state},
		{Name: r.say("密码", "Password"), Value: yes(a.HasPassword)}, {Name: r.say("二次验证", "Second factor"), Value: yes(a.HasTOTP)},
		{Name: r.say("最近使用", "Last at work"), Value: seenAt(a.SeenAt)},
	}
	if a.CodeUntil != nil {
		items = append(items, Item{Name: r.say("一次性代码有效至", "One-time code works until"), Value: showInstant(*a.CodeUntil)})
	}
	return Facts{Items: items}
}

// userNotice says what has just been done.
func userNotice(r *request) string {
	switch r.text("done") {
	case "granted":
		return r.say("权限已授予，立即生效。", "The right is granted, at once.")
	case "revoked":
		return r.say("权限已撤销，立即生效。", "The right is revoked, at once.")
	case "disabled":
		return r.say("账户已停用，会话与接口令牌都已结束。", "The account is disabled; its sessions and API tokens have ended.")
	case "enabled":
		return r.say("账户已启用，密码和权限与停用前相同。", "The account is enabled; its password and rights are what they were.")
	case "ended":
		return r.say("已结束。", "Ended.")
	}
	return ""
}

func (s *Server) endUserSession(w http.ResponseWriter, r *request) {
	s.endOfUser(w, r, func(a account.Account) error { return s.endSessionOf(r, a.ID, r.text("session")) })
}

func (s *Server) endUserToken(w http.ResponseWriter, r *request) {
	s.endOfUser(w, r, func(a account.Account) error { return s.endTokenOf(r, a.ID, r.text("token")) })
}

func (s *Server) endOfUser(w http.ResponseWriter, r *request, end func(account.Account) error) {
	a, err := s.user(r)
	if err == nil {
		err = end(a)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.done(w, r, link(r.lang, userPath(a.ID)+"?done=ended"))
}

// endSessionOf ends a session of an account; one of another account is not there.
func (s *Server) endSessionOf(r *request, id int64, session string) error {
	sessions, err := s.accounts.Sessions(r.Context(), id)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		if x.ID == session {
			return s.accounts.EndSession(r.Context(), r.who, session)
		}
	}
	return ledger.E(ledger.NotFound, "session.unknown")
}

// endTokenOf ends a token of an account.
func (s *Server) endTokenOf(r *request, id int64, token string) error {
	tokens, err := s.accounts.Tokens(r.Context(), id)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.ID == token {
			return s.accounts.EndToken(r.Context(), r.who, token)
		}
	}
	return ledger.E(ledger.NotFound, "token.unknown")
}
