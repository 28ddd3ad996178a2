package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// userRoutes are the pages of those who administer: accounts and what they may do. They show no business data.
func userRoutes() []route {
	return []route{
		{method: "GET", pattern: "/users", needs: account.Administer, page: (*Server).showUsers},
		{method: "GET", pattern: "/users/new", needs: account.Administer, page: (*Server).showNewUser},
		{method: "POST", pattern: "/users/new", needs: account.Administer, page: (*Server).addUser},
		{method: "GET", pattern: "/users/{id}", needs: account.Administer, page: (*Server).showUser},
		{method: "GET", pattern: "/users/{id}/rights/new", needs: account.Administer, page: (*Server).showNewRight},
		{method: "POST", pattern: "/users/{id}/rights/new", needs: account.Administer, page: (*Server).addRight},
		{method: "GET", pattern: "/users/{id}/rights/{right}/revoke", needs: account.Administer, page: asking(askRevoke)},
		{method: "POST", pattern: "/users/{id}/rights/{right}/revoke", needs: account.Administer, page: answered(askRevoke)},
		{method: "GET", pattern: "/users/{id}/reset", needs: account.Administer, page: asking(askReset)},
		{method: "POST", pattern: "/users/{id}/reset", needs: account.Administer, page: answered(askReset)},
		{method: "GET", pattern: "/users/{id}/disable", needs: account.Administer, page: asking(askDisable)},
		{method: "POST", pattern: "/users/{id}/disable", needs: account.Administer, page: answered(askDisable)},
		{method: "GET", pattern: "/users/{id}/enable", needs: account.Administer, page: asking(askEnable)},
		{method: "POST", pattern: "/users/{id}/enable", needs: account.Administer, page: answered(askEnable)},
		{method: "GET", pattern: "/users/{id}/sessions/end", needs: account.Administer, page: asking(askEndAll)},
		{method: "POST", pattern: "/users/{id}/sessions/end", needs: account.Administer, page: answered(askEndAll)},
		{method: "POST", pattern: "/users/{id}/session", needs: account.Administer, page: (*Server).endUserSession},
		{method: "POST", pattern: "/users/{id}/token", needs: account.Administer, page: (*Server).endUserToken},
	}
}

func userPath(id int64, parts ...string) string {
	return strings.Join(append([]string{"/users", strconv.FormatInt(id, 10)}, parts...), "/")
}

// user is the account of the address.
func (s *Server) user(r *request) (account.Account, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return account.Account{}, ledger.E(ledger.NotFound, "account.unknown", r.PathValue("id")).Because(err)
	}
	return s.accounts.Account(r.Context(), id)
}

// userState says in a word how an account stands.
func userState(r *request, a account.Account) Chip {
	switch {
	case a.Disabled:
		return Chip{"off", r.say("已停用", "disabled")}
	case a.Demo:
		return Chip{"", r.say("演示账户", "demo account")}
	case a.HasPassword && a.HasTOTP:
		return Chip{"good", r.say("可用，有二次验证", "ready, with a second factor")}
	case a.HasPassword && slices.ContainsFunc(a.Rights, func(x account.Right) bool { return x.Role.NeedsTOTP() }):
		return Chip{"wait", r.say("待设二次验证", "second factor to be set up")}
	case a.HasPassword:
		return Chip{"good", r.say("可用", "ready")}
	case a.CodeUntil != nil:
		return Chip{"wait", r.say("一次性代码待用", "one-time code not used yet")}
	}
	return Chip{"bad", r.say("代码已过期，须重置", "its code has expired: reset it")}
}

// rightWords is a right in a line.
func rightWords(r *request, right account.Right) string {
	parts := []string{right.Role.Name().In(r.lang)}
	if right.Book != "" {
		parts = append(parts, right.Book)
	}
	if len(right.Villages) > 0 {
		parts = append(parts, strings.Join(right.Villages, r.say("、", ", ")))
	}
	if right.From != nil || right.To != nil {
		parts = append(parts, r.say("业务日期 ", "facts of ")+dayOr(right.From)+" – "+dayOr(right.To))
	}
	if right.Until != nil {
		parts = append(parts, r.say("有效至 ", "until ")+right.Until.String())
	}
	return strings.Join(parts, " · ")
}

func dayOr(d *ledger.Day) string {
	if d == nil {
		return "…"
	}
	return d.String()
}

// usersPage lists the accounts.
type usersPage struct {
	Frame

	Search, Role, State string
	RoleOptions         []Option
	Table               Table
	Pager               Pager
	None                bool // nobody but who looks
}

// usersOnPage is how many accounts a page shows.
const usersOnPage = 50

func (s *Server) showUsers(w http.ResponseWriter, r *request) {
	all, err := s.accounts.Accounts(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := usersPage{Frame: s.frame(r, r.say("用户", "Users")), Search: r.text("q"), Role: r.text("role"), State: r.text("state"), RoleOptions: roleOptions(r, r.say("全部", "all")), None: len(all) < 2}
	found := slices.DeleteFunc(all, func(a account.Account) bool { return !isAsked(a, p.Search, p.Role, p.State) })
	after := r.text("after")
	rest := slices.DeleteFunc(slices.Clone(found), func(a account.Account) bool { return after != "" && a.Login <= after })
	shown := rest[:min(len(rest), usersOnPage)]
	p.Table = usersTable(r, shown)
	p.Pager = Pager{Shown: len(shown), Total: strconv.Itoa(len(found))}
	if after != "" {
		p.Pager.First = p.At(afterQuery(r, ""))
	}
	if len(shown) < len(rest) {
		p.Pager.Next = p.At(afterQuery(r, shown[len(shown)-1].Login))
	}
	s.show(w, r, http.StatusOK, "users.html", p)
}

// afterQuery is the address of the request with another place of the list; "" takes it away.
func afterQuery(r *request, value string) string {
	u := *r.URL
	q := u.Query()
	q.Del("done")
	q.Del("after")
	if value != "" {
		q.Set("after", value)
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// isAsked tells whether an account is among those that are searched for.
func isAsked(a account.Account, search, role, state string) bool {
	if search != "" && !strings.Contains(strings.ToLower(a.Login+"\n"+a.Name), strings.ToLower(search)) {
		return false
	}
	if role != "" && !slices.ContainsFunc(a.Rights, func(x account.Right) bool { return string(x.Role) == role }) {
		return false
	}
	switch state {
	case "disabled":
		return a.Disabled
	case "open":
		return !a.Disabled
	case "waits":
		return !a.Disabled && !a.Demo && !a.HasPassword
	}
	return true
}

// roleOptions are the roles to choose from; blank is what no role is called.
func roleOptions(r *request, blank string) []Option {
	options := []Option{{Label: blank}}
	for _, role := range account.Roles() {
		options = append(options, Option{Value: string(role), Label: role.Name().In(r.lang)})
	}
	return options
}

func usersTable(r *request, accounts []account.Account) Table {
	t := Table{
		ID: "users", Caption: r.say("账户", "Accounts"), Quiet: true, Empty: r.say("没有这样的账户。", "There is no such account."),
		Columns: []Column{
			{Name: r.say("登录名", "Account")}, {Name: r.say("姓名", "Name"), Lead: true}, {Name: r.say("权限", "Rights")},
			{Name: r.say("状态", "State")}, {Name: r.say("最近使用", "Last at work"), Sub: r.say("北京时间", "Beijing time")},
		},
	}
	for _, a := range accounts {
		chip := userState(r, a)
		var rights []string
		for _, right := range a.Rights {
			rights = append(rights, rightWords(r, right))
		}
		row := Row{URL: link(r.lang, userPath(a.ID)), Void: false, Cells: []Cell{
			{Text: a.Login}, {Text: a.Name}, {Text: strings.Join(rights, r.say("；", "; "))}, {Chip: &chip}, {Text: seenAt(a.SeenAt)},
		}}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func seenAt(t *time.Time) string {
	if t == nil {
		return none
	}
	return showInstant(*t)
}

// bookOptions are none and all books of the installation by their names: whoever grants rights has to name them.
func (s *Server) bookOptions(ctx context.Context, r *request) ([]Option, error) {
	books, err := s.store.Books(ctx)
	if err != nil {
		return nil, err
	}
	options := []Option{{Label: r.say("（不选）", "(none)")}}
	for _, b := range books {
		f := s.bookFrame(ctx, r, b)
		label := f.Name + " · " + f.Code
		if f.Mark != "" {
			label += r.say("（", " (") + f.Mark + r.say("）", ")")
		}
		options = append(options, Option{Value: b.Code, Label: label})
	}
	return options, nil
}
