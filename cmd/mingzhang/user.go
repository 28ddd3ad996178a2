package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// withAccounts runs a command's work on accounts. On the command line a user of the machine acts: whoever may run it may do
// all of this, and the installation's log names them.
func (o *options) withAccounts(ctx context.Context, work func(*session, *account.Service) error) error {
	return o.with(ctx, func(s *session) error {
		accounts, err := s.accounts(o)
		if err != nil {
			return err
		}
		return work(s, accounts)
	})
}

// rightOptions are the options that describe a right.
type rightOptions struct {
	o               *options
	role, book      *string
	from, to, until *string
	villages        list
	roleWords       string
}

func (o *options) right() *rightOptions {
	var words []string
	for _, r := range account.Roles() {
		words = append(words, string(r))
	}
	r := &rightOptions{o: o, roleWords: strings.Join(words, o.p.say("、", ", "))}
	r.role = o.String("role", "", o.p.say("角色：", "role: ")+r.roleWords)
	r.book = o.String("book", "", o.p.say("账簿代码；系统管理员不填", "code of the book; none for an administrator"))
	o.Var(&r.villages, "village", o.p.say("只限这些村，可写多次", "only these villages; may be given several times"))
	r.from = o.String("facts-from", "", o.p.say("审计员：业务日期从", "auditors: facts from this day on"))
	r.to = o.String("facts-to", "", o.p.say("审计员：业务日期至", "auditors: facts up to this day"))
	r.until = o.String("until", "", o.p.say("权限的最后一天", "last day of the right"))
	return r
}

// read gives the right that the options describe.
func (r *rightOptions) read() (account.NewRight, error) {
	n := account.NewRight{Role: account.Role(*r.role), Book: *r.book, Villages: r.villages}
	if err := r.o.required("role", *r.role); err != nil {
		return n, err
	}
	if _, err := account.ParseRole(*r.role); err != nil {
		return n, &usageError{r.o.p.sentence(err)}
	}
	for _, d := range []struct {
		name, value string
		into        **ledger.Day
	}{{"facts-from", *r.from, &n.From}, {"facts-to", *r.to, &n.To}, {"until", *r.until, &n.Until}} {
		if d.value == "" {
			continue
		}
		day, err := r.o.day(d.name, d.value)
		if err != nil {
			return n, err
		}
		*d.into = &day
	}
	return n, nil
}

func runUserAdd(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user add")
	name := o.String("name", "", p.say("姓名", "the person's name"))
	right := o.right()
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if err := o.required("name", *name); err != nil {
		return err
	}
	wanted := account.NewRight{}
	if *right.role != "" {
		if wanted, err = right.read(); err != nil {
			return err
		}
	}
	return o.withAccounts(ctx, func(s *session, accounts *account.Service) error {
		if wanted.Role != "" {
			if err := accounts.CheckRight(ctx, wanted); err != nil { // before an account is made that would have none
				return err
			}
		}
		id, code, err := accounts.Add(ctx, s.actor, account.NewAccount{Login: operands[0], Name: *name})
		if err != nil {
			return err
		}
		if wanted.Role != "" {
			wanted.Account = id
			if err := accounts.Grant(ctx, s.actor, wanted); err != nil {
				return err
			}
		}
		return p.printCode(ctx, accounts, id, code)
	})
}

// printCode prints a one-time code, which is shown this once.
func (p *program) printCode(ctx context.Context, accounts *account.Service, id int64, code string) error {
	a, err := accounts.Account(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s\t%s\n", a.Login, code)
	p.talk("一次性代码 24 小时内有效，只显示这一次。请当面交给本人：在登录页选“我有一次性代码”，输入登录名、代码和新密码。",
		"The one-time code works for 24 hours and is shown this once. Hand it to the person: on the sign-in page, under \"one-time code\", it is exchanged for a password.")
	return nil
}

func runUserList(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user list")
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	return o.withAccounts(ctx, func(_ *session, accounts *account.Service) error {
		all, err := accounts.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range all {
			fmt.Fprintf(p.out, "%s\t%s\t%s\n", a.Login, a.Name, p.standing(a))
			for _, r := range a.Rights {
				fmt.Fprintf(p.out, "\t%d\t%s\n", r.ID, p.rightLine(r))
			}
		}
		return nil
	})
}

// standing says in a word how an account stands.
func (p *program) standing(a account.Account) string {
	switch {
	case a.Disabled:
		return p.say("已停用", "disabled")
	case a.Demo:
		return p.say("演示账户，无密码", "demo account, no password")
	case a.HasPassword && a.HasTOTP:
		return p.say("已设密码与二次验证", "has a password and a second factor")
	case a.HasPassword:
		return p.say("已设密码", "has a password")
	case a.CodeUntil != nil:
		return p.say("一次性代码待用", "has a one-time code")
	}
	return p.say("没有密码，代码已过期；可用 user reset 重新发放", "no password, and its code has expired: user reset gives another")
}

func (p *program) rightLine(r account.Right) string {
	parts := []string{r.Role.Name().In(p.lang)}
	if r.Book != "" {
		parts = append(parts, r.Book)
	}
	if len(r.Villages) > 0 {
		parts = append(parts, strings.Join(r.Villages, p.say("、", ", ")))
	}
	for _, d := range []struct {
		zh, en string
		day    *ledger.Day
	}{{"业务日期从 ", "facts from ", r.From}, {"业务日期至 ", "facts up to ", r.To}, {"有效至 ", "until ", r.Until}} {
		if d.day != nil {
			parts = append(parts, p.say(d.zh, d.en)+d.day.String())
		}
	}
	return strings.Join(parts, p.say("，", ", "))
}

func runUserGrant(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user grant")
	right := o.right()
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	wanted, err := right.read()
	if err != nil {
		return err
	}
	return o.withAccounts(ctx, func(s *session, accounts *account.Service) error {
		a, err := accounts.ByLogin(ctx, operands[0])
		if err != nil {
			return err
		}
		wanted.Account = a.ID
		if err := accounts.Grant(ctx, s.actor, wanted); err != nil {
			return err
		}
		p.talk("已授予 %s：%s", "%s is now: %s", a.Login, wanted.Role.Name().In(p.lang))
		return nil
	})
}

func runUserRevoke(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user revoke")
	reason := o.String("reason", "", p.say("理由", "reason"))
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if err := o.required("reason", *reason); err != nil {
		return err
	}
	id, err := strconv.ParseInt(operands[0], 10, 64)
	if err != nil {
		return &usageError{p.say("权限的编号见 user list：", "user list shows the numbers of rights: ") + operands[0]}
	}
	return o.withAccounts(ctx, func(s *session, accounts *account.Service) error {
		if err := accounts.Revoke(ctx, s.actor, id, *reason); err != nil {
			return err
		}
		p.talk("权限 %d 已撤销，立即生效。", "Right %d is revoked, at once.", id)
		return nil
	})
}

// onAccount runs what needs a login and nothing but, perhaps, a reason.
func (o *options) onAccount(ctx context.Context, args []string, reason *string, work func(*session, *account.Service, account.Account) error) error {
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if reason != nil {
		if err := o.required("reason", *reason); err != nil {
			return err
		}
	}
	return o.withAccounts(ctx, func(s *session, accounts *account.Service) error {
		a, err := accounts.ByLogin(ctx, operands[0])
		if err != nil {
			return err
		}
		return work(s, accounts, a)
	})
}

func runUserReset(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user reset")
	return o.onAccount(ctx, args, nil, func(s *session, accounts *account.Service, a account.Account) error {
		code, err := accounts.Reset(ctx, s.actor, a.ID)
		if err != nil {
			return err
		}
		return p.printCode(ctx, accounts, a.ID, code)
	})
}

func runUserDisable(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user disable")
	reason := o.String("reason", "", p.say("理由", "reason"))
	return o.onAccount(ctx, args, reason, func(s *session, accounts *account.Service, a account.Account) error {
		if err := accounts.Disable(ctx, s.actor, a.ID, *reason); err != nil {
			return err
		}
		p.talk("账户 %s 已停用，会话与令牌都已结束。", "The account %s is disabled; its sessions and tokens have ended.", a.Login)
		return nil
	})
}

func runUserEnable(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user enable")
	reason := o.String("reason", "", p.say("理由", "reason"))
	return o.onAccount(ctx, args, reason, func(s *session, accounts *account.Service, a account.Account) error {
		if err := accounts.Enable(ctx, s.actor, a.ID, *reason); err != nil {
			return err
		}
		p.talk("账户 %s 已启用。", "The account %s is enabled.", a.Login)
		return nil
	})
}

func runUserSessions(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("user sessions")
	end := o.Bool("end", false, p.say("结束该账户的全部会话与接口令牌", "end all sessions and tokens of the account"))
	return o.onAccount(ctx, args, nil, func(s *session, accounts *account.Service, a account.Account) error {
		if *end {
			if err := accounts.EndSessions(ctx, s.actor, a.ID); err != nil {
				return err
			}
			p.talk("账户 %s 的会话与令牌都已结束。", "The sessions and tokens of %s have ended.", a.Login)
			return nil
		}
		open, err := accounts.Sessions(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, e := range open {
			fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\t%s\n", e.ID, p.instant(e.OpenedAt), p.instant(e.SeenAt), e.Address, e.Agent)
		}
		return nil
	})
}

// instant is a time as people of the offices read it.
func (p *program) instant(t time.Time) string {
	return t.In(time.FixedZone("+08:00", 8*60*60)).Format("2006-01-02 15:04:05")
}
