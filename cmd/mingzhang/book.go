package main

import (
	"context"
	"fmt"

	"mingzhang/ledger"
)

func runBookAdd(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("book add")
	profile := ledger.BookProfile{Kind: ledger.OfficeBook}
	o.StringVar(&profile.NameZH, "name-zh", "", p.say("中文名称", "Chinese name"))
	o.StringVar(&profile.NameEN, "name-en", "", p.say("英文名称", "English name"))
	o.StringVar(&profile.Division, "division", "", p.say("行政区划代码，如 441202001", "division code, such as 441202001"))
	o.StringVar(&profile.Origin, "origin", "", p.say("链首凭证上的来源名，只有重新起用才会换；默认带随机数", "the name on checkpoints, which only reopening changes; by default with random digits"))
	practice := o.Bool("practice", false, p.say("练习账簿：可删除，不计入汇总", "a practice book: droppable, in no sum"))
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	profile.Code = operands[0]
	if *practice {
		profile.Kind = ledger.PracticeBook
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.AddBook(ctx, s.actor, profile)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s\t%s\t%s\n", book.Code, book.Origin, book.VerifierKey)
		p.talk("账簿 %s 已建立；签名密钥在 %s，请另行备份。", "Book %s is made; its signing key is in %s: back it up apart.", book.Code, o.keyDir())
		return nil
	})
}

func runBookList(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("book list")
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		books, err := s.store.Books(ctx)
		if err != nil {
			return err
		}
		for _, b := range books {
			profile, err := b.Profile(ctx)
			if err != nil {
				return err
			}
			head, err := b.Head(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "%s\t%s\t%s\t%d\t%s\n", b.Code, b.Kind, profile.Name().In(p.lang), head.Size, head.Root)
		}
		return nil
	})
}

func runBookDrop(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("book drop")
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, operands[0])
		if err != nil {
			return err
		}
		if err := s.store.DropBook(ctx, s.owner(), s.actor, book); err != nil {
			return err
		}
		p.talk("账簿 %s 已删除；安装日志留有记录。", "Book %s is dropped; the installation's log remembers it.", book.Code)
		return nil
	})
}
