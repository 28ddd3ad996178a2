package main

import "context"

// runPublish switches the disclosure of a book on or off.
func runPublish(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("publish")
	reason := o.String("reason", "", p.say("公开或关闭公开的理由", "why it is switched"))
	operands, err := o.parse(args, 2, 2)
	if err != nil {
		return err
	}
	if operands[1] != "on" && operands[1] != "off" {
		return &usageError{p.say("账簿代码之后请写 on（公开）或 off（关闭公开）", "after the book's code say on or off")}
	}
	if err := o.required("reason", *reason); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, operands[0])
		if err != nil {
			return err
		}
		receipt, err := book.Disclose(ctx, s.actor, operands[1] == "on", *reason)
		if err != nil {
			return err
		}
		if operands[1] == "on" {
			p.talk("账簿 %s 已公开（条目 %d）：外人可读取 /log/%s 下的链首凭证和哈希，并在 /check 核对已复核的成交结果。",
				"Book %s is disclosed (entry %d): strangers read checkpoints and hashes below /log/%s, and look approved results up at /check.", book.Code, receipt.Last, book.Code)
			return nil
		}
		p.talk("账簿 %s 已关闭公开（条目 %d）。", "Book %s is not disclosed any more (entry %d).", book.Code, receipt.Last)
		return nil
	})
}
