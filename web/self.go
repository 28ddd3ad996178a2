package web

import (
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"rsc.io/qr"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

type passwordPage struct{ Frame }

func (s *Server) showPassword(w http.ResponseWriter, r *request) {
	s.show(w, r, http.StatusOK, "account-password.html", passwordPage{s.frame(r, r.say("修改密码", "Change the password"))})
}

func (s *Server) changePassword(w http.ResponseWriter, r *request) {
	err := samePasswords(r)
	if err == nil {
		err = s.accounts.ChangePassword(r.Context(), r.who, r.PostForm.Get("old_password"), r.PostForm.Get("password"))
		if e, ok := errors.AsType[*ledger.Error](err); ok && e.Field == "old" {
			err = e.On("old_password")
		}
	}
	if err != nil {
		p := passwordPage{s.frame(r, r.say("修改密码", "Change the password"))}
		status := s.failForm(r, &p.Frame, err)
		retryAfter(w.Header(), err)
		s.show(w, r, status, "account-password.html", p)
		return
	}
	setSession(w, r, r.who.Renewed())
	s.done(w, r, "/account?done=password")
}

// totpPage sets up the second factor.
type totpPage struct {
	Frame
	Secret   string // in groups of four, for typing
	URI      string
	Image    template.URL // a QR code
	Must     bool
	Recovery []string // shown once, when all is done
}

const totpURI = "otpauth://totp/"

func (s *Server) newTOTPPage(r *request, secret, uri string) (*totpPage, error) {
	p := &totpPage{Frame: s.frame(r, r.say("设置二次验证（动态口令）", "Set up the second factor")), URI: uri, Must: r.who.Must() == account.MustTOTP}
	for i := 0; i < len(secret); i += 4 {
		p.Secret += secret[i:min(i+4, len(secret))] + " "
	}
	p.Secret = strings.TrimSpace(p.Secret)
	code, err := qr.Encode(uri, qr.M)
	if err != nil {
		return nil, err
	}
	p.Image = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())) //nolint:gosec // made here
	return p, nil
}

func (s *Server) showTOTP(w http.ResponseWriter, r *request) {
	secret, uri, err := s.accounts.BeginTOTP(r.Context(), r.who)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p, err := s.newTOTPPage(r, secret, uri)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "account-totp.html", p)
}

// confirmTOTP takes the first code. After a wrong one the same picture is shown again: what the form carries is
// only shown, the secret that counts is with the account.
func (s *Server) confirmTOTP(w http.ResponseWriter, r *request) {
	recovery, err := s.accounts.ConfirmTOTP(r.Context(), r.who, r.text("code"))
	if err != nil {
		uri := r.text("uri")
		if !strings.HasPrefix(uri, totpURI) || len(uri) > 400 {
			s.fail(w, r, err)
			return
		}
		p, pageErr := s.newTOTPPage(r, strings.ReplaceAll(r.text("secret"), " ", ""), uri)
		if pageErr != nil {
			s.fail(w, r, pageErr)
			return
		}
		status := s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "account-totp.html", p)
		return
	}
	setSession(w, r, r.who.Renewed())
	if who, err := s.accounts.BySession(r.Context(), r.who.Renewed()); err == nil {
		r.who = who // with the rights that waited for this
	}
	p := &totpPage{Frame: s.frame(r, r.say("二次验证已启用", "The second factor is set up")), Recovery: recovery}
	s.show(w, r, http.StatusOK, "account-totp.html", p)
}

// demoLogins are the demo accounts with their roles in words.
func (s *Server) demoLogins(r *request) ([]tryLogin, error) {
	accounts, err := s.accounts.DemoAccounts(r.Context())
	if err != nil {
		return nil, err
	}
	var logins []tryLogin
	for _, role := range account.Roles() {
		for _, a := range accounts {
			if len(a.Rights) > 0 && a.Rights[0].Role == role {
				logins = append(logins, tryLogin{Login: a.Login, Name: role.Name().In(r.lang), About: aboutRole(role).In(r.lang)})
			}
		}
	}
	return logins, nil
}

// aboutRole says in a line what a role is for.
func aboutRole(role account.Role) ledger.Text {
	switch role {
	case account.Clerk:
		return ledger.Text{ZH: "录入和更正交易标的，导入台账。", EN: "enters and amends lots, imports registers."}
	case account.LandOfficer:
		return ledger.Text{ZH: "录入宗地和核查结果。", EN: "enters parcels and their verifications."}
	case account.Reviewer:
		return ledger.Text{ZH: "复核别人录入的内容：通过或退回。", EN: "reviews what others entered: approves or returns it."}
	case account.Leader:
		return ledger.Text{ZH: "复核，并签发报告。", EN: "reviews, and issues reports."}
	case account.Auditor:
		return ledger.Text{ZH: "只看，不改：核对条目、时间线和汇总。", EN: "only looks: entries, timelines and summaries."}
	case account.Administrator:
		return ledger.Text{ZH: "管理账户和权限，看不到业务数据。", EN: "manages accounts and rights, sees no business data."}
	}
	return ledger.Text{ZH: "", EN: ""}
}
