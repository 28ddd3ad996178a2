package main

import (
	"context"
	"fmt"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// withBook opens the book that the first operand names; the installation's log has keys, too.
func (o *options) withBook(ctx context.Context, args []string, operands int, work func(*session, *ledger.Book, []string) error) error {
	words, err := o.parse(args, operands, operands)
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.bookOrLog(ctx, words[0])
		if err != nil {
			return err
		}
		return work(s, book, words[1:])
	})
}

func runBookKeyAdd(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("book key add")
	reason := o.String("reason", "", p.say("原因，可不写", "reason, if there is one to tell"))
	return o.withBook(ctx, args, 1, func(s *session, book *ledger.Book, _ []string) error {
		verifier, err := book.AddKey(ctx, s.actor, *reason)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s\t%s\n", merkle.KeyID(verifier), verifier)
		p.talk("账簿 %s 增加了密钥 %s，在 %s；从现在起每个链首凭证多一行签名。请另行备份，并把上面的验证公钥告知核对的人。",
			"Book %s has the further key %s, in %s; from now on each checkpoint has one signature line more. Back it up apart, and tell those who verify the verifier key above.",
			book.Code, merkle.KeyID(verifier), o.keyDir())
		return nil
	})
}

func runBookKeyRetire(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("book key retire")
	reason := o.String("reason", "", p.say("停用原因", "reason"))
	return o.withBook(ctx, args, 2, func(s *session, book *ledger.Book, words []string) error {
		if err := o.required("reason", *reason); err != nil {
			return err
		}
		if err := book.RetireKey(ctx, s.actor, words[0], *reason); err != nil {
			return err
		}
		p.talk("账簿 %s 的密钥 %s 已停用，不再签名；以前的签名仍然有效。", "Book %s: key %s is retired and signs no more; what it has signed stays valid.", book.Code, words[0])
		return nil
	})
}

func runBookKeyList(ctx context.Context, p *program, args []string) error {
	return p.newOptions("book key list").withBook(ctx, args, 1, func(_ *session, book *ledger.Book, _ []string) error {
		keys, err := book.KeyStates(ctx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			here := p.say("不在这里", "not here")
			if k.Here {
				here = p.say("在这里", "here")
			}
			fmt.Fprintf(p.out, "%s\t%s\t%s\n", k.ID, here, k.Verifier)
		}
		return nil
	})
}

func runBookReopen(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("book reopen")
	reason := o.String("reason", "", p.say("重新起用的原因", "reason"))
	origin := o.String("origin", "", p.say("新的来源名；默认带随机数", "the new origin; by default with random digits"))
	return o.withBook(ctx, args, 1, func(s *session, book *ledger.Book, _ []string) error {
		if err := o.required("reason", *reason); err != nil {
			return err
		}
		now, err := book.Reopen(ctx, s.actor, *origin, *reason)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s\t%s\t%s\n", book.Code, now.Origin, now.VerifierKey)
		p.talk("账簿 %s 起用了新的来源名和密钥，在 %s，请另行备份。它接续的是 %s 条目数为 %d 的凭证（根 %s）；请把新的验证公钥告知核对的人。",
			"Book %s goes on under a new origin and key, in %s: back it up apart. It names the checkpoint of %s with %d entries (root %s); tell those who verify the new verifier key.",
			book.Code, o.keyDir(), now.Reopened.Origin, now.Reopened.Size, now.Reopened.Root)
		return nil
	})
}
