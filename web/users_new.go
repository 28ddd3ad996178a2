package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// rightInput is a right as it is typed.
type rightInput struct{ Role, Book, Villages, From, To, Until string }

func (r *request) rightInput() rightInput {
	return rightInput{
		Role: r.text("role"), Book: r.text("book"), Villages: r.text("villages"), From: r.text("from"), To: r.text("to"), Until: r.text("until"),
	}
}

// read gives the right; invalid day.unreadable beside its field.
func (in rightInput) read(id int64) (account.NewRight, error) {
	n := account.NewRight{Account: id, Role: account.Role(in.Role), Book: in.Book, Villages: namesIn(in.Villages)}
	for _, d := range []struct {
		name, value string
		into        **ledger.Day
	}{{"from", in.From, &n.From}, {"to", in.To, &n.To}, {"until", in.Until, &n.Until}} {
		if d.value == "" {
			continue
		}
		day, err := ledger.ParseDay(d.value)
		if err != nil {
			return n, onField(err, d.name)
		}
		*d.into = &day
	}
	return n, nil
}

// onField says which input an error is about.
func onField(err error, field string) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.On(field)
	}
	return err
}

// namesIn are the names of a list, one a line or divided by commas.
func namesIn(text string) []string {
	var names []string
	for _, name := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("\r\n,，、;；", c) }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// newUserPage is the form for an account, perhaps with its first right.
type newUserPage struct {
	Frame

	Login, Name string
	Right       rightInput
	RoleOptions []Option
	BookOptions []Option
}

func (s *Server) newUserPage(r *request) (*newUserPage, error) {
	books, err := s.bookOptions(r.Context(), r)
	return &newUserPage{
		Frame: s.frame(r, r.say("新建账户", "New account")), Login: r.text("login"), Name: r.text("name"),
		Right: r.rightInput(), RoleOptions: roleOptions(r, r.say("以后再说", "later")), BookOptions: books,
	}, err
}

func (s *Server) showNewUser(w http.ResponseWriter, r *request) {
	p, err := s.newUserPage(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "users-new.html", p)
}

// addUser makes the account. Its one-time code is in this answer and nowhere else.
func (s *Server) addUser(w http.ResponseWriter, r *request) {
	id, code, err := s.addAccount(r, account.NewAccount{Login: r.text("login"), Name: r.text("name")}, r.rightInput())
	if err != nil && id == 0 {
		p, pageErr := s.newUserPage(r)
		if pageErr != nil {
			s.fail(w, r, pageErr)
			return
		}
		status := s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "users-new.html", p)
		return
	}
	s.showCode(w, r, id, code, err)
}

// addAccount makes an account and gives it the right that was typed. A right that no account can have is refused
// before the account is made; where granting fails after that, the account stands without it (id is not 0).
func (s *Server) addAccount(r *request, n account.NewAccount, in rightInput) (id int64, code string, err error) {
	right, err := in.read(0)
	if err != nil {
		return 0, "", err
	}
	wanted := in.Role != ""
	if !wanted && in != (rightInput{}) {
		return 0, "", ledger.E(ledger.Invalid, "role.missing").On("role")
	}
	if wanted {
		if err := s.accounts.CheckRight(r.Context(), right); err != nil {
			return 0, "", err
		}
		if right.Until != nil && right.Until.Before(r.today()) {
			return 0, "", ledger.E(ledger.Invalid, "right.until_past", right.Until.String()).On("until")
		}
	}
	if id, code, err = s.accounts.Add(r.Context(), r.actor(), n); err != nil || !wanted {
		return id, code, err
	}
	right.Account = id
	return id, code, s.accounts.Grant(r.Context(), r.actor(), right)
}

// codePage is the slip with a one-time code, to be printed and handed over.
type codePage struct {
	Frame

	Account account.Account
	Rights  []string
	Code    string
	Until   time.Time
	Site    string // where the person signs in
	Back    string
}

// showCode answers with a one-time code. trouble is what went wrong after the code was made.
func (s *Server) showCode(w http.ResponseWriter, r *request, id int64, code string, trouble error) {
	a, err := s.accounts.Account(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := codePage{Frame: s.frame(r, r.say("一次性代码", "One-time code")), Account: a, Code: code, Site: site(r), Back: userPath(id)}
	p.Path = userPath(id) // the code is not shown again, in no language
	status := http.StatusOK
	if trouble != nil {
		status = s.failForm(r, &p.Frame, trouble)
	}
	if a.CodeUntil != nil {
		p.Until = *a.CodeUntil
	}
	for _, right := range a.Rights {
		p.Rights = append(p.Rights, rightWords(r, right))
	}
	s.show(w, r, status, "users-code.html", p)
}

// site is the address of this installation as the browser knows it.
func site(r *request) string {
	if traceOf(r.Context()).secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// newRightPage is the form for a right of an account.
type newRightPage struct {
	Frame

	Account     account.Account
	Right       rightInput
	RoleOptions []Option
	BookOptions []Option
	Back        string
}

func (s *Server) newRightPage(r *request) (*newRightPage, error) {
	a, err := s.user(r)
	if err != nil {
		return nil, err
	}
	books, err := s.bookOptions(r.Context(), r)
	return &newRightPage{
		Frame: s.frame(r, r.say("授予权限", "Grant a right")), Account: a, Right: r.rightInput(), RoleOptions: roleOptions(r, r.say("请选择", "choose one")),
		BookOptions: books, Back: userPath(a.ID),
	}, err
}

func (s *Server) showNewRight(w http.ResponseWriter, r *request) {
	p, err := s.newRightPage(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "users-right.html", p)
}

func (s *Server) addRight(w http.ResponseWriter, r *request) {
	p, err := s.newRightPage(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	right, err := p.Right.read(p.Account.ID)
	if err == nil && p.Right.Role == "" {
		err = ledger.E(ledger.Invalid, "role.missing").On("role")
	}
	if err == nil {
		err = s.accounts.Grant(r.Context(), r.actor(), right)
	}
	if err != nil {
		status := s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "users-right.html", p)
		return
	}
	s.done(w, r, link(r.lang, userPath(p.Account.ID)+"?done=granted"))
}

// rightID is the number of a right in the address.
func rightID(r *request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("right"), 10, 64)
	if err != nil {
		return 0, ledger.E(ledger.NotFound, "right.unknown", r.PathValue("right")).Because(err)
	}
	return id, nil
}
