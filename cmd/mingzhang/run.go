package main

import (
	"context"
	"errors"
	"fmt"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
)

// runRun is the newcomer's one command: everything that `make run` promises.
func runRun(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("run")
	serving := o.newServing()
	once := o.Bool("once", false, p.say("打印后即结束，不打开网页", "print and end, serve nothing"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := serving.check(o); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		if err := s.showDemo(ctx, p); err != nil {
			return err
		}
		if *once {
			return nil
		}
		return s.serve(ctx, o, serving)
	})
}

// showDemo loads the demo book into an empty database and prints its report and the judgement.
func (s *session) showDemo(ctx context.Context, p *program) error {
	books, err := s.store.Books(ctx)
	if err != nil {
		return err
	}
	book, err := s.store.Book(ctx, demoCode)
	if len(books) == 0 || err == nil && book.Kind == ledger.DemoBook {
		book, err = s.loadDemo(ctx, p)
	}
	if ledger.CodeOf(err) == ledger.NotFound {
		p.talk("已有账簿，不装入演示数据；需要时运行 mingzhang demo。", "There are books already; the demo book was not loaded. To load it: mingzhang demo.")
		return nil
	}
	if err != nil {
		return err
	}
	period, err := demoPeriod()
	if err != nil {
		return err
	}
	summary, err := report.NewSummary(ctx, ledger.WholeBook(book), period, 0)
	if err != nil {
		return err
	}
	if err := summary.WriteText(p.out, p.lang); err != nil {
		return err
	}
	judgement, err := statement.Check(demoStatement, summary.Record())
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "\n%s\n  %s\n\n", p.say("核对当年发布的语句：", "Judging the sentence that was published:"), demoStatement)
	return judgement.WriteText(p.out, string(p.lang))
}

func demoPeriod() (report.Period, error) {
	from, fromErr := ledger.ParseDay(demoFrom)
	to, toErr := ledger.ParseDay(demoTo)
	if err := errors.Join(fromErr, toErr); err != nil {
		return report.Period{}, err
	}
	return report.NewPeriod(from, to)
}
