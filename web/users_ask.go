package web

import (
	"net/http"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// ask is what is asked once more before it is done to an account.
type ask struct {
	title, explain, button ledger.Text
	reason                 bool // it needs one
	danger                 bool
	facts                  func(*Server, *request, account.Account) ([]Item, error)
	do                     func(*Server, *request, account.Account) (code string, err error) // a code is shown once
	done                   string                                                            // of the notice after it
}

// askPage asks.
type askPage struct {
	Frame

	Explain, Button string
	Facts           Facts
	Reason          string
	NeedsReason     bool
	Danger          bool
	Back            string
}

func newAskPage(s *Server, r *request, a account.Account, q ask) (*askPage, error) {
	p := &askPage{
		Frame: s.frame(r, q.title.In(r.lang)), Explain: q.explain.In(r.lang), Button: q.button.In(r.lang),
		Reason: r.text("reason"), NeedsReason: q.reason, Danger: q.danger, Back: userPath(a.ID),
	}
	p.Facts.Items = []Item{{Name: r.say("账户", "Account"), Value: a.Login + " · " + a.Name}}
	if q.facts == nil {
		return p, nil
	}
	more, err := q.facts(s, r, a)
	p.Facts.Items = append(p.Facts.Items, more...)
	return p, err
}

// asking shows the question.
func asking(question func() ask) func(*Server, http.ResponseWriter, *request) {
	return func(s *Server, w http.ResponseWriter, r *request) {
		a, err := s.user(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		p, err := newAskPage(s, r, a, question())
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.show(w, r, http.StatusOK, "users-ask.html", p)
	}
}

// answered does it.
func answered(question func() ask) func(*Server, http.ResponseWriter, *request) {
	return func(s *Server, w http.ResponseWriter, r *request) {
		q := question()
		a, err := s.user(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		p, err := newAskPage(s, r, a, q)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		code, err := q.do(s, r, a)
		switch {
		case err != nil:
			status := s.failForm(r, &p.Frame, err)
			s.show(w, r, status, "users-ask.html", p)
		case code != "":
			s.showCode(w, r, a.ID, code, nil)
		default:
			s.done(w, r, link(r.lang, userPath(a.ID)+"?done="+q.done))
		}
	}
}

func askRevoke() ask {
	return ask{
		title: ledger.Text{ZH: "撤销权限", EN: "Revoke a right"}, button: ledger.Text{ZH: "撤销", EN: "Revoke"}, reason: true, danger: true, done: "revoked",
		explain: ledger.Text{ZH: "撤销立即生效，并连同理由记入安装日志。此人以前录入和复核的内容不变。", EN: "It acts at once and is kept in the installation's log with the reason. What the person entered and reviewed before stays."},
		facts: func(_ *Server, r *request, a account.Account) ([]Item, error) {
			id, err := rightID(r)
			if err != nil {
				return nil, err
			}
			for _, right := range a.Rights {
				if right.ID == id {
					return []Item{{Name: r.say("权限", "Right"), Value: rightWords(r, right), Wide: true}}, nil
				}
			}
			return nil, ledger.E(ledger.NotFound, "right.unknown", r.PathValue("right"))
		},
		do: func(s *Server, r *request, _ account.Account) (string, error) {
			id, err := rightID(r)
			if err != nil {
				return "", err
			}
			return "", s.accounts.Revoke(r.Context(), r.actor(), id, r.text("reason"))
		},
	}
}

func askReset() ask {
	return ask{
		title: ledger.Text{ZH: "重置账户", EN: "Reset the account"}, button: ledger.Text{ZH: "重置并给出代码", EN: "Reset and give a code"}, danger: true,
		explain: ledger.Text{
			ZH: "本人忘记密码或丢失手机时使用：原密码、二次验证和恢复码作废，会话与接口令牌结束，另给一个一次性代码。权限不变。请先当面或打电话核对是本人。",
			EN: "For whoever forgot the password or lost the phone: the password, the second factor and the recovery codes are void, sessions and API tokens end, and there is a new one-time code. Rights stay. First make sure, in person or by phone, that it is that person who asks.",
		},
		do: func(s *Server, r *request, a account.Account) (string, error) {
			return s.accounts.Reset(r.Context(), r.actor(), a.ID)
		},
	}
}

func askDisable() ask {
	return ask{
		title: ledger.Text{ZH: "停用账户", EN: "Disable the account"}, button: ledger.Text{ZH: "停用", EN: "Disable"}, reason: true, danger: true, done: "disabled",
		explain: ledger.Text{ZH: "停用后不能登录，会话与接口令牌立即结束。以后可以再启用。", EN: "It can no longer sign in; its sessions and API tokens end at once. It can be enabled again."},
		do: func(s *Server, r *request, a account.Account) (string, error) {
			return "", s.accounts.Disable(r.Context(), r.actor(), a.ID, r.text("reason"))
		},
	}
}

func askEnable() ask {
	return ask{
		title: ledger.Text{ZH: "启用账户", EN: "Enable the account"}, button: ledger.Text{ZH: "启用", EN: "Enable"}, reason: true, done: "enabled",
		explain: ledger.Text{ZH: "启用后可用原来的密码登录，权限与停用前相同。", EN: "It signs in with the password it had; its rights are what they were."},
		do: func(s *Server, r *request, a account.Account) (string, error) {
			return "", s.accounts.Enable(r.Context(), r.actor(), a.ID, r.text("reason"))
		},
	}
}

func askEndAll() ask {
	return ask{
		title: ledger.Text{ZH: "结束全部会话与令牌", EN: "End all sessions and tokens"}, button: ledger.Text{ZH: "全部结束", EN: "End them all"}, danger: true, done: "ended",
		explain: ledger.Text{ZH: "此人在各处的登录和接口令牌立即结束，密码不变，可以重新登录。", EN: "The person is signed out everywhere and API tokens end at once. The password stays; they can sign in again."},
		do: func(s *Server, r *request, a account.Account) (string, error) {
			return "", s.accounts.EndSessions(r.Context(), r.actor(), a.ID)
		},
	}
}
