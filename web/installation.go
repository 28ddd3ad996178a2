package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func installationRoutes() []route {
	return []route{
		{method: "GET", pattern: "/installation", needs: account.Administer, page: (*Server).showLog},
		{method: "GET", pattern: "/installation/log.csv", needs: account.Administer, page: (*Server).downloadLog},
	}
}

// logLine is an entry of the installation's log in words.
type logLine struct {
	Seq                                      int64
	At                                       string
	What, Who, Whom, Address, Book, More, No string
	Tone                                     string
}

// logLines puts entries into words.
func (s *Server) logLines(r *request, entries []account.Logged) ([]logLine, error) {
	names, err := s.logNames(r.Context(), entries)
	if err != nil {
		return nil, err
	}
	lines := make([]logLine, len(entries))
	for i, e := range entries {
		lines[i] = newLogLine(r, e, names)
	}
	return lines, nil
}

// logNames are people by the text of their actors, with their logins: two may have the same name.
func (s *Server) logNames(ctx context.Context, entries []account.Logged) (map[string]string, error) {
	var actors []ledger.Actor
	for _, e := range entries {
		actors = append(actors, e.Actor, ledger.AccountActor(e.Account))
	}
	names, err := s.accounts.Names(ctx, actors)
	if err != nil {
		return nil, err
	}
	logins, err := s.accounts.Logins(ctx, actors)
	if err != nil {
		return nil, err
	}
	for actor, login := range logins {
		if name := names[actor]; name != login {
			names[actor] = name + " (" + login + ")"
		}
	}
	return names, nil
}

func newLogLine(r *request, e account.Logged, names map[string]string) logLine {
	l := logLine{Seq: e.Seq, At: showInstant(e.At), What: account.LogName(e.Name).In(r.lang), Address: e.Address, Book: e.Book, Tone: logTone(e.Name)}
	if l.Who = names[e.Actor.String()]; l.Who == "" {
		l.Who = e.Actor.String()
	}
	id, isAccount := e.Actor.Account()
	switch {
	case e.Account == 0 && e.Login != "":
		l.Who, l.Whom = none, e.Login+r.say("（没有这个账户）", " (no such account)")
	case e.Name == "sign_in_refused": // whoever tried need not be the account's person
		l.Who, l.Whom = none, names[ledger.AccountActor(e.Account).String()]
	case e.Account != 0 && (!isAccount || id != e.Account):
		l.Whom = names[ledger.AccountActor(e.Account).String()]
	}
	if e.Count > 1 {
		l.No = strconv.FormatInt(e.Count, 10)
	}
	var more []string
	if e.Right != nil {
		right := *e.Right
		right.Book = "" // has a column of its own
		more = append(more, rightWords(r, right))
	}
	for _, text := range []string{moreWords(r, e), e.Reason} {
		if text != "" {
			more = append(more, text)
		}
	}
	l.More = strings.Join(more, r.say("；", "; "))
	return l
}

// moreWords are what an event says besides; a reason of a refused sign-in is a word of the program.
func moreWords(r *request, e account.Logged) string {
	switch e.What {
	case "sign_in.refused":
		return r.say("登录名或密码不对", "wrong account or password")
	case "totp.wrong":
		return r.say("验证码不对", "wrong code")
	case "totp.used":
		return r.say("验证码已用过", "code used before")
	case "code.refused":
		return r.say("一次性代码不对或已过期", "one-time code wrong or expired")
	case "wait":
		return r.say("错误太多，须等候", "has to wait after too many failures")
	case "demo":
		return r.say("演示账户，无密码", "demo account, no password")
	}
	if e.Name != "token_issued" {
		return e.What
	}
	var cans []string
	for _, c := range strings.Fields(e.What) {
		cans = append(cans, account.Can(c).Name().In(r.lang))
	}
	return strings.Join(cans, r.say("、", ", "))
}

// logTone makes what an administrator looks for first stand out.
func logTone(name string) string {
	switch name {
	case "sign_in_refused", "password_refused", "denied":
		return "bad"
	case "exported", "recovery_used", "code_issued", "account.disabled", "right.revoked", "register.book_dropped":
		return "wait"
	}
	return ""
}

// logPage is the installation's log.
type logPage struct {
	Frame

	Event, Login, From, To string
	Events                 []Option
	Table                  Table
	Pager                  Pager
	CSV                    string
}

// logAsked is the filter of the address. One that cannot be read is refused beside its field.
func (s *Server) logAsked(r *request) (account.LogFilter, error) {
	f := account.LogFilter{Name: r.text("event")}
	if who := r.text("account"); who != "" {
		a, err := s.accounts.ByLogin(r.Context(), who)
		if err != nil {
			return f, onField(err, "account")
		}
		f.Account = a.ID
	}
	for _, d := range []struct {
		name string
		into **ledger.Day
	}{{"from", &f.From}, {"to", &f.To}} {
		if r.text(d.name) == "" {
			continue
		}
		day, err := ledger.ParseDay(r.text(d.name))
		if err != nil {
			return f, onField(err, d.name)
		}
		*d.into = &day
	}
	return f, nil
}

// logOnPage is how many entries a page of the log shows.
const logOnPage = 50

func (s *Server) showLog(w http.ResponseWriter, r *request) {
	p := logPage{Frame: s.frame(r, r.say("安装日志", "The installation's log")), Event: r.text("event"), Login: r.text("account"), From: r.text("from"), To: r.text("to")}
	p.Events = []Option{{Label: r.say("全部", "all")}}
	for _, name := range account.LogNames() {
		p.Events = append(p.Events, Option{Value: name, Label: account.LogName(name).In(r.lang)})
	}
	f, err := s.logAsked(r)
	var entries []account.Logged
	next := ""
	if err == nil {
		entries, next, err = s.accounts.Log(r.Context(), f, ledger.Page{After: r.text("after"), Limit: logOnPage})
	}
	status := http.StatusOK
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
	}
	lines, err := s.logLines(r, entries)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.Table = logTable(r, lines)
	p.Pager = Pager{Shown: len(lines)}
	if r.text("after") != "" {
		p.Pager.First = p.At(afterQuery(r, ""))
	}
	if next != "" {
		p.Pager.Next = p.At(afterQuery(r, next))
	}
	p.CSV = p.At("/installation/log.csv?" + logQuery(r).Encode())
	s.show(w, r, status, "installation.html", p)
}

// logQuery is the filter of the address, and nothing else of it.
func logQuery(r *request) url.Values {
	q := url.Values{}
	for _, name := range []string{"event", "account", "from", "to"} {
		if value := r.text(name); value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func logColumns(r *request) []string {
	return []string{
		r.say("时间", "Time"), r.say("事件", "Event"), r.say("何人所为", "By"), r.say("涉及账户", "About"), r.say("地址", "Address"),
		r.say("账簿", "Book"), r.say("说明", "More"), r.say("次数", "Times"),
	}
}

func logTable(r *request, lines []logLine) Table {
	t := Table{ID: "log", Caption: r.say("日志", "Log"), Quiet: true, Empty: r.say("没有这样的事件。", "There is no such event.")}
	for i, name := range logColumns(r) {
		t.Columns = append(t.Columns, Column{Name: name, Numeric: i == 7})
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: l.At}, {Chip: &Chip{l.Tone, l.What}}, {Text: l.Who}, {Text: l.Whom}, {Text: l.Address}, {Text: l.Book}, {Text: l.More}, {Text: l.No},
		}})
	}
	return t
}

// downloadLog sends all that the filter finds. It counts as an export.
func (s *Server) downloadLog(w http.ResponseWriter, r *request) {
	f, err := s.logAsked(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := r.note(r.Context(), "exported", "installation/log.csv?"+logQuery(r).Encode()); err != nil {
		s.fail(w, r, err)
		return
	}
	after := ""
	page := func(ctx context.Context) ([][]string, error) {
		if after == "end" {
			return nil, nil
		}
		entries, next, err := s.accounts.Log(ctx, f, ledger.Page{After: after, Limit: ledger.PageMax})
		if err != nil {
			return nil, err
		}
		if after = next; next == "" {
			after = "end"
		}
		lines, err := s.logLines(r, entries)
		if err != nil {
			return nil, err
		}
		rows := make([][]string, len(lines))
		for i, l := range lines {
			rows[i] = []string{l.At, l.What, l.Who, l.Whom, l.Address, l.Book, l.More, l.No}
		}
		return rows, nil
	}
	s.sendCSV(w, r, "installation-log", logColumns(r), page)
}
