package main

import (
	"context"
	"errors"
	"fmt"

	"mingzhang/ledger"
)

func runCheck(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("check")
	code := o.String("book", "", p.say("只校验这本账簿", "check only this book"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		books, err := s.booksToCheck(ctx, *code)
		if err != nil {
			return err
		}
		if len(books) == 0 {
			fmt.Fprintln(p.out, p.say("还没有账簿。", "There is no book yet."))
		}
		broken := false
		for _, b := range books {
			result, err := b.Check(ctx, p.progress(b.Code))
			if err != nil {
				return err
			}
			p.printCheck(result)
			back, err := p.isSetBack(ctx, b)
			if err != nil {
				return err
			}
			broken = broken || back || len(result.Faults) > 0
		}
		if err := s.warnOfBackups(ctx, p, backupWarnDays); err != nil {
			return err
		}
		if broken {
			return statusError(exitBroken)
		}
		return nil
	})
}

// isSetBack tells, and says, whether the book is a whole one of an earlier time: what was published is kept beside the
// key, and nothing in the database shows it.
func (p *program) isSetBack(ctx context.Context, b *ledger.Book) (bool, error) {
	err := b.Writable(ctx)
	refusal, refused := errors.AsType[*ledger.Error](err)
	if !refused {
		return false, err
	}
	if refusal.Reason != "book.rolled_back" { // that its key is elsewhere is no fault of a book
		return false, nil
	}
	fmt.Fprintln(p.out, p.sentence(err))
	return true, nil
}

// bookOrLog finds a book, or the installation's log by the name that check prints.
func (s *session) bookOrLog(ctx context.Context, code string) (*ledger.Book, error) {
	if code == "installation" {
		return s.store.Log(ctx)
	}
	return s.store.Book(ctx, code)
}

// booksToCheck are one book, or all of them and the installation's log.
func (s *session) booksToCheck(ctx context.Context, code string) ([]*ledger.Book, error) {
	if code != "" {
		b, err := s.bookOrLog(ctx, code)
		return []*ledger.Book{b}, err
	}
	books, err := s.store.Books(ctx)
	if err != nil {
		return nil, err
	}
	log, err := s.store.Log(ctx)
	if ledger.CodeOf(err) == ledger.NotFound { // neither a book nor an account was ever made
		return books, nil
	}
	return append(books, log), err
}

// progress prints a line for every hundred thousand entries.
func (p *program) progress(book string) func(int64) {
	var last int64
	return func(done int64) {
		if done-last >= 100_000 {
			last = done
			p.talk("%s：已校验 %d 个条目", "%s: %d entries checked", book, done)
		}
	}
}

func (p *program) printCheck(r ledger.CheckResult) {
	if len(r.Faults) == 0 {
		fmt.Fprintf(p.out, p.say("账簿 %s：完好。条目 %d，派生行 %d，截至 %d，根 %s\n", "book %s: clean. %d entries, %d derived rows, as of %d, root %s\n"),
			r.Book, r.Entries, r.Rows, r.Head.Size, r.Head.Root)
		return
	}
	f := r.Faults[0]
	fmt.Fprintf(p.out, p.say("账簿 %s：已损坏。第一个不符的条目是 %d\n", "book %s: broken. The first entry that does not fit is %d\n"), r.Book, f.Seq)
	for _, f := range r.Faults {
		fmt.Fprintf(p.out, p.say("  条目 %d  %s  应为 %s，实为 %s\n", "  entry %d  %s  want %s, got %s\n"), f.Seq, f.What, f.Want.In(p.lang), f.Got.In(p.lang))
	}
	if r.More > 0 {
		fmt.Fprintf(p.out, p.say("  另有 %d 处\n", "  and %d more\n"), r.More)
	}
}
