package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
)

// Logged is an entry of the installation's log as administrators read it.
type Logged struct {
	Seq     int64
	At      time.Time
	Name    string       // what happened: signed_in, denied, account.added, right.granted …
	Actor   ledger.Actor // who did it
	Account int64        // whom it is about; 0: nobody known
	Login   string       // what was typed where nobody is known, or the login of an account that was made
	Address string
	Book    string // its code
	What    string // more of it: a route, a reason, a file
	Count   int64  // how often, since it was last told
	Right   *Right // what was granted or revoked
	Reason  string // why
}

// LogFilter narrows the log. The zero value is all of it.
type LogFilter struct {
	Name     string // of LogNames
	Account  int64  // whom it is about, or who did it
	From, To *ledger.Day
}

// logName is a name of what happens, and its words.
type logName struct {
	name string
	text ledger.Text
}

func logNames() []logName {
	return []logName{
		{"signed_in", ledger.Text{ZH: "登录", EN: "signed in"}},
		{"sign_in_refused", ledger.Text{ZH: "登录被拒", EN: "sign-in refused"}},
		{"signed_out", ledger.Text{ZH: "退出", EN: "signed out"}},
		{"session_ended", ledger.Text{ZH: "会话被结束", EN: "session ended"}},
		{"password_changed", ledger.Text{ZH: "修改密码", EN: "password changed"}},
		{"password_refused", ledger.Text{ZH: "修改密码时旧密码不对", EN: "wrong present password"}},
		{"code_issued", ledger.Text{ZH: "重置并发放一次性代码", EN: "reset, one-time code issued"}},
		{"totp_enrolled", ledger.Text{ZH: "启用二次验证", EN: "second factor set up"}},
		{"recovery_used", ledger.Text{ZH: "使用恢复码", EN: "recovery code used"}},
		{"token_issued", ledger.Text{ZH: "发放接口令牌", EN: "API token issued"}},
		{"token_ended", ledger.Text{ZH: "终止接口令牌", EN: "API token ended"}},
		{"denied", ledger.Text{ZH: "无权限被拒", EN: "refused for want of a right"}},
		{"exported", ledger.Text{ZH: "导出", EN: "exported"}},
		{accountAdded, ledger.Text{ZH: "新建账户", EN: "account made"}},
		{accountDisabled, ledger.Text{ZH: "停用账户", EN: "account disabled"}},
		{accountEnabled, ledger.Text{ZH: "启用账户", EN: "account enabled"}},
		{rightGranted, ledger.Text{ZH: "授予权限", EN: "right granted"}},
		{rightRevoked, ledger.Text{ZH: "撤销权限", EN: "right revoked"}},
		{"register.book_added", ledger.Text{ZH: "新建账簿", EN: "book made"}},
		{"register.book_imported", ledger.Text{ZH: "导入账簿副本", EN: "copy of a book imported"}},
		{"register.book_dropped", ledger.Text{ZH: "删除账簿", EN: "book dropped"}},
	}
}

// LogNames are the names of what the log can be asked for.
func LogNames() []string {
	var names []string
	for _, n := range logNames() {
		names = append(names, n.name)
	}
	return names
}

// LogName is what people call it; an unknown name is its own.
func LogName(name string) ledger.Text {
	for _, n := range logNames() {
		if n.name == name {
			return n.text
		}
	}
	return ledger.Text{ZH: name, EN: name}
}

// kindOf is the kind of entry that has a name.
func kindOf(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return eventPrefix + name
}

// sortOfLog is the one sort of the log: the newest first.
const sortOfLog = "log"

// Log reads the installation's log, the newest entries first. invalid log.unknown_event, page.unreadable.
func (s *Service) Log(ctx context.Context, f LogFilter, page ledger.Page) (entries []Logged, next string, err error) {
	if f.Name != "" && !slices.Contains(LogNames(), f.Name) {
		return nil, "", ledger.E(ledger.Invalid, "log.unknown_event", clip(f.Name)).On("event")
	}
	_, before, _, err := page.Place(sortOfLog)
	if err != nil {
		return nil, "", err
	}
	q := s.db.NewSelect().TableExpr("entries").Column("seq", "body").Where("book_id = ?", logID).Where("seq > 0").OrderExpr("seq DESC").Limit(int64(page.Size()) + 1)
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	if q, err = s.narrowed(ctx, q, f); err != nil {
		return nil, "", err
	}
	var rows []logRow
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, "", fmt.Errorf("account: reading the log: %w", err)
	}
	rows, next = ledger.NextPage(page, rows, func(r logRow) string { return ledger.Cursor(sortOfLog, "", r.Seq) })
	entries, err = s.logged(ctx, rows)
	return entries, next, err
}

type logRow struct {
	Seq  int64
	Body []byte
}

// narrowed adds the filter's conditions. An entry is canonical JSON and sealed texts stand in it as commitments, so a key
// with its value is found by its bytes, and nothing that anybody types can look like it.
func (s *Service) narrowed(ctx context.Context, q *bun.SelectQuery, f LogFilter) (*bun.SelectQuery, error) {
	holds := func(text string) func(*bun.SelectQuery) *bun.SelectQuery {
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.WhereOr("position(? IN body) > 0", []byte(text)) }
	}
	if f.Name != "" {
		q = q.WhereGroup(" AND ", holds(`,"kind":"`+kindOf(f.Name)+`",`))
	}
	if f.Account != 0 {
		n := numeral(f.Account)
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			q = holds(`"state":{"account":` + n + `,`)(q)
			q = holds(`"actor":"` + ledger.AccountActor(f.Account).String() + `",`)(q)
			return q.WhereOr("position(? IN body) > 0 AND position(? IN body) > 0", []byte(`,"kind":"account.`), []byte(`,"record":`+n+`,`))
		})
	}
	for _, bound := range []struct {
		day  *ledger.Day
		cond string
	}{{f.From, "seq >= ?"}, {f.To, "seq < ?"}} {
		if bound.day == nil {
			continue
		}
		start := *bound.day
		if bound.day == f.To {
			start = start.AddDays(1)
		}
		size, err := s.sizeBefore(ctx, start)
		if err != nil {
			return nil, err
		}
		q = q.Where(bound.cond, size)
	}
	return q, nil
}

// sizeBefore is how many entries the log had when a day began.
func (s *Service) sizeBefore(ctx context.Context, day ledger.Day) (int64, error) {
	begin := time.Date(day.Year(), time.Month(day.Month()%100), day.DayOfMonth(), 0, 0, 0, 0, offices())
	var size int64
	err := s.db.NewRaw("SELECT coalesce((SELECT size FROM checkpoints WHERE book_id = ? AND recorded_at < ? ORDER BY size DESC LIMIT 1), 0)",
		logID, begin).Scan(ctx, &size)
	if err != nil {
		return 0, fmt.Errorf("account: finding a day in the log: %w", err)
	}
	return size, nil
}

// logged reads entries with their sealed texts.
func (s *Service) logged(ctx context.Context, rows []logRow) ([]Logged, error) {
	seqs := make([]int64, len(rows))
	for i, r := range rows {
		seqs[i] = r.Seq
	}
	texts, err := ledger.Texts(ctx, s.db, logID, seqs)
	if err != nil {
		return nil, err
	}
	list := make([]Logged, 0, len(rows))
	for _, r := range rows {
		h, err := ledger.HeadOf(r.Seq, r.Body)
		if err != nil {
			return nil, err
		}
		l := Logged{
			Seq: h.Seq, At: h.At, Name: strings.TrimPrefix(h.Kind, eventPrefix), Actor: h.Actor, Count: 1, Reason: texts[ledger.TextAt{Seq: h.Seq, Field: "reason"}],
			Address: texts[ledger.TextAt{Seq: h.Seq, Field: "address"}], Login: texts[ledger.TextAt{Seq: h.Seq, Field: "login"}],
			What: texts[ledger.TextAt{Seq: h.Seq, Field: "what"}],
		}
		if err := l.read(r.Body, h.Record); err != nil {
			return nil, fmt.Errorf("account: reading entry %s of the log: %w", strconv.FormatInt(h.Seq, 10), err)
		}
		list = append(list, l)
	}
	return list, nil
}

// read takes what the state of an entry says.
func (l *Logged) read(body []byte, record int64) error {
	var raw struct {
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return err
	}
	switch kind, _, _ := strings.Cut(l.Name, "."); kind {
	case "account":
		var s accountState
		if err := json.Unmarshal(raw.State, &s); err != nil {
			return err
		}
		l.Account, l.Login = record, s.Login
	case "right":
		var s rightState
		if err := json.Unmarshal(raw.State, &s); err != nil {
			return err
		}
		l.Account, l.Book = s.Account, s.Book
		l.Right = &Right{ID: record, Account: s.Account, Role: s.Role, Book: s.Book, Villages: s.Villages, From: s.From, To: s.To, Until: s.Until}
	case "register":
		var s struct{ Code string }
		if err := json.Unmarshal(raw.State, &s); err != nil {
			return err
		}
		l.Book = s.Code
	default:
		var s eventState
		if err := json.Unmarshal(raw.State, &s); err != nil {
			return err
		}
		l.Account, l.Book, l.Count = s.Account, s.Book, s.Count
	}
	return nil
}

// Logins are what accounts sign in with: by the text of the actor. Whoever is no account is left out.
func (s *Service) Logins(ctx context.Context, actors []ledger.Actor) (map[string]string, error) {
	logins := map[string]string{}
	var ids []int64
	for _, a := range actors {
		if id, ok := a.Account(); ok {
			ids = append(ids, id)
		}
	}
	var rows []struct {
		ID    int64
		Login string
	}
	err := s.db.NewRaw("SELECT id, login FROM accounts WHERE book_id = ? AND seq_to IS NULL AND id = ANY (?)", logID, pgdialect.Array(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("account: reading logins: %w", err)
	}
	for _, r := range rows {
		logins[ledger.AccountActor(r.ID).String()] = r.Login
	}
	return logins, nil
}
