package main

import (
	"context"
	"fmt"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/intake"
)

// runErasePerson erases a person's name by law. What else was typed about them is told, and goes with --mentions.
func runErasePerson(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("erase person")
	code := o.String("book", "", p.say("账簿代码", "code of the book"))
	mentions := o.Bool("mentions", false, p.say("连同写有此人姓名的其他封存文字（备注、原因等）整段删除", "with every other sealed text that holds the name, whole (remarks, reasons …)"))
	reason := o.reasonOfErasing()
	operands, err := o.erasing(args, 1, code, reason)
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := bookOf(ctx, s.store, *code)
		if err != nil {
			return err
		}
		seq, name, err := book.PersonRecord(ctx, operands[0])
		if err != nil {
			return err
		}
		asked := ledger.Erasing{What: ledger.ErasedPerson, Texts: []ledger.TextAt{{Seq: seq, Field: "name"}}, Reason: *reason}
		var others []ledger.TextAt
		if !ledger.IsErased(name) {
			if others, err = book.Mentions(ctx, name); err != nil {
				return err
			}
			if *mentions {
				asked.Words = name
			}
		}
		erased, err := book.Erase(ctx, s.actor, asked)
		if err != nil {
			return err
		}
		if !*mentions && len(others) > 1 {
			p.talk("另有封存文字写有这个姓名，未删除（可逐条用 mingzhang erase text 删除）：", "These sealed texts hold the name, too, and stay (mingzhang erase text takes them one by one):")
			for _, at := range others {
				if at.Seq != seq || at.Field != "name" {
					p.talk("  --entry %d --field %s", "  --entry %d --field %s", at.Seq, at.Field)
				}
			}
		}
		return s.erased(ctx, o, book, erased)
	})
}

// runEraseText erases one sealed text by law.
func runEraseText(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("erase text")
	code := o.String("book", "", p.say("账簿代码；安装日志写 installation", "code of the book; installation for the installation's log"))
	entry := o.Int64("entry", -1, p.say("条目号", "number of the entry"))
	field := o.String("field", "", p.say("字段：name、reason、remark、other_columns、file_name、conclusion_text 等", "field: name, reason, remark, other_columns, file_name, conclusion_text …"))
	reason := o.reasonOfErasing()
	if _, err := o.erasing(args, 0, code, reason); err != nil {
		return err
	}
	if err := o.required("field", *field); err != nil {
		return err
	}
	if *entry < 0 {
		return o.required("entry", "")
	}
	return o.with(ctx, func(s *session) error {
		book, err := bookOf(ctx, s.store, *code)
		if err != nil {
			return err
		}
		erased, err := book.Erase(ctx, s.actor, ledger.Erasing{
			What: ledger.ErasedOne, Texts: []ledger.TextAt{{Seq: *entry, Field: *field}}, Reason: *reason,
		})
		if err != nil {
			return err
		}
		return s.erased(ctx, o, book, erased)
	})
}

// runEraseAccount erases what the installation's log keeps of the person of a disabled account.
func runEraseAccount(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("erase account")
	code, reason := "installation", o.reasonOfErasing()
	operands, err := o.erasing(args, 1, &code, reason)
	if err != nil {
		return err
	}
	return o.withAccounts(ctx, func(s *session, accounts *account.Service) error {
		log, err := s.store.Log(ctx)
		if err != nil {
			return err
		}
		erased, err := accounts.Erase(ctx, s.actor, operands[0], *reason)
		if err != nil {
			return err
		}
		return s.erased(ctx, o, log, erased)
	})
}

func (o *options) reasonOfErasing() *string {
	return o.String("reason", "", o.p.say("理由，写明法律依据", "why, with the law that asks for it"))
}

// erasing reads what every erasing needs.
func (o *options) erasing(args []string, operands int, code, reason *string) ([]string, error) {
	given, err := o.parse(args, operands, operands)
	if err != nil {
		return nil, err
	}
	if err := o.required("reason", *reason); err != nil {
		return nil, err
	}
	if *code == "" {
		return nil, o.required("book", "")
	}
	return given, nil
}

// erased tells what went, and deletes the files that wait for an import: they may hold the same words.
func (s *session) erased(ctx context.Context, o *options, book *ledger.Book, e ledger.Erased) error {
	if err := intake.NewUploads(s.store, o.p.now).Forget(ctx, ledger.WholeBook(book)); err != nil {
		return err
	}
	if len(e.Texts) == 0 {
		o.p.talk("这些文字先前已依法删除，没有再写入条目。", "They were erased before; nothing was written.")
		return nil
	}
	for _, at := range e.Texts {
		fmt.Fprintf(o.p.out, "%d\t%s\n", at.Seq, at.Field)
	}
	o.p.talk("已依法删除 %d 段文字（条目 %d）。条目、哈希和证明都没有改变。备份和数据库日志里的旧文字要到它们过期才消失，办法见 docs/operations.md。",
		"%d texts are erased by law (entry %d). Entries, hashes and proofs are what they were. Backups and the database's log keep the old text until they expire: docs/operations.md says what to do.",
		len(e.Texts), e.Last)
	return nil
}
