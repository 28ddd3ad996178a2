package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
	"mingzhang/web"
)

const listenDefault = "127.0.0.1:8080"

// runRun is the newcomer's one command: everything that `make run` promises.
func runRun(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("run")
	listen := o.String("listen", listenDefault, p.say("网页地址，只限本机", "address of the page, this machine only"))
	once := o.Bool("once", false, p.say("打印后即结束，不打开网页", "print and end, serve nothing"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		if err := s.showDemo(ctx, p); err != nil {
			return err
		}
		if *once {
			return nil
		}
		return s.serve(ctx, o, *listen)
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

func runServe(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("serve")
	listen := o.String("listen", listenDefault, p.say("网页地址，只限本机", "address of the page, this machine only"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error { return s.serve(ctx, o, *listen) })
}

// serve answers the page until the program is told to stop.
func (s *session) serve(ctx context.Context, o *options, address string) error {
	p := o.p
	l, err := web.Listen(ctx, address)
	if err != nil {
		return err
	}
	initially := web.Default{From: demoFrom, To: demoTo}
	if book, err := s.store.Book(ctx, demoCode); err == nil && book.Kind == ledger.DemoBook {
		initially.Book, initially.Statement = demoCode, demoStatement
	}
	server, err := web.NewServer(s.store, initially)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	p.talk("\n网页：http://%s/ （英文 http://%s/?lang=en），按 Ctrl-C 结束。", "\nThe page: http://%s/?lang=en (Chinese: http://%s/). Ctrl-C ends it.", l.Addr(), l.Addr())
	p.talk("接着可以试：\n"+
		"  bin/mingzhang book add mystreet --name-zh 某某街道\n"+
		"  bin/mingzhang import lots 台账.xlsx --book mystreet --dry-run\n"+
		"  bin/mingzhang report summary --book demo --from 2021-01-01 --to 2021-06-30 --format json\n"+
		"  echo '成交37宗,底价3324.74万元,溢价1438.89万元,溢价率43.28%%。' | bin/mingzhang statement check -\n"+
		"  bin/mingzhang check",
		"Next you may try:\n"+
			"  bin/mingzhang book add mystreet --name-zh 某某街道 --name-en 'My Street'\n"+
			"  bin/mingzhang import lots register.xlsx --book mystreet --dry-run\n"+
			"  bin/mingzhang report summary --book demo --from 2021-01-01 --to 2021-06-30 --format json\n"+
			"  echo '成交37宗,底价3324.74万元,溢价1438.89万元,溢价率43.28%%。' | bin/mingzhang statement check -\n"+
			"  bin/mingzhang check")
	if o.dataDir != os.Getenv("MINGZHANG_DATA_DIR") { // the commands above would look elsewhere
		p.talk("先运行：export MINGZHANG_DATA_DIR=%q", "First run: export MINGZHANG_DATA_DIR=%q", o.dataDir)
	}
	return server.Serve(ctx, l)
}
