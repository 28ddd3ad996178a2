package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/intake"
	"mingzhang/migrations"
	"mingzhang/web"
)

const listenDefault = "127.0.0.1:8080"

// sweepEvery is how often what has ended is put away.
const sweepEvery = time.Minute

// serving are the options of serve and run.
type serving struct {
	listen, metrics, cert, key, format, publicURL string
	proxies, hosts                                list
	witnesses, witnessBooks                       list
	backups                                       *scheduled
}

func (o *options) newServing() *serving {
	v, p := &serving{}, o.p
	o.StringVar(&v.listen, "listen", listenDefault, p.say("网页地址；没有 TLS 或代理时只限本机", "address of the pages; without TLS or a proxy this machine only"))
	o.StringVar(&v.cert, "tls-cert", "", p.say("TLS 证书文件（PEM）", "certificate for TLS (PEM)"))
	o.StringVar(&v.key, "tls-key", "", p.say("TLS 密钥文件（PEM）", "key for TLS (PEM)"))
	o.Var(&v.proxies, "proxy", p.say("前置代理的地址或网段，如 10.0.0.2；它须用 https 并转发 Host", "address or net of the proxy in front, such as 10.0.0.2; it serves https and passes Host on"))
	o.Var(&v.hosts, "host", p.say("只接受这个网址名，可写多个", "only this name is answered; may be given several times"))
	o.Var(&v.witnesses, "witness", p.say("见证人：网址=公钥，可写多个", "a witness: URL=VERIFIERKEY; may be given several times"))
	o.Var(&v.witnessBooks, "witness-book", p.say("只请见证这本账簿，可写多个；默认全部办公账簿", "only this book is witnessed; may be given several times; by default all books of offices"))
	o.StringVar(&v.publicURL, "public-url", "", p.say("外人访问本系统的网址，如 https://…；印在成交确认书的二维码里", "the address by which strangers reach the pages, such as https://…; the QR code of certificates leads there"))
	o.StringVar(&v.metrics, "metrics-listen", "", p.say("Prometheus 指标的地址，只限本机", "address of the Prometheus figures, this machine only"))
	o.StringVar(&v.format, "log-format", "text", p.say("日志格式：text 或 json", "format of the log: text or json"))
	v.backups = o.scheduled()
	return v
}

// check refuses options that do not fit together.
func (v *serving) check(o *options) error {
	if (v.cert == "") != (v.key == "") {
		return &usageError{o.p.say("--tls-cert 和 --tls-key 要一起写", "--tls-cert and --tls-key belong together")}
	}
	if v.publicURL != "" {
		var err error
		if v.publicURL, err = web.ParsePublicURL(v.publicURL); err != nil {
			return err
		}
	}
	if v.backups != nil { // a witness makes none
		if err := v.backups.check(o); err != nil {
			return err
		}
	}
	return o.oneOf("log-format", v.format, "text", "json")
}

func runServe(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("serve")
	v := o.newServing()
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := v.check(o); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error { return s.serve(ctx, o, v) })
}

// logger is where requests are told: one line each on stderr.
func (v *serving) logger(p *program) *slog.Logger {
	if v.format == "json" {
		return slog.New(slog.NewJSONHandler(p.err, nil))
	}
	return slog.New(slog.NewTextHandler(p.err, nil))
}

// serve answers pages and API until the program is told to stop.
func (s *session) serve(ctx context.Context, o *options, v *serving) (err error) {
	log := v.logger(o.p)
	proxies, err := web.ParseProxies(v.proxies)
	if err != nil {
		return err
	}
	var config *tls.Config
	if v.cert != "" {
		if config, err = web.NewTLS(v.cert, v.key, log); err != nil {
			return err
		}
	}
	l, err := web.Listen(ctx, v.listen, config != nil || len(proxies) > 0)
	if err != nil {
		return err
	}
	network := web.Network{Open: config != nil || len(proxies) > 0, Proxies: proxies, Hosts: v.hosts}
	server, accounts, err := s.newServer(ctx, o, web.Options{
		Network: network, PublicURL: v.publicURL, Log: log,
		Backups: func(ctx context.Context) (web.Backups, error) {
			return s.backupState(ctx, o.p.now(), *v.backups.warnDays)
		},
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if v.metrics != "" {
		figures, err := web.Listen(ctx, v.metrics, false)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		go func() {
			if err := server.ServeMetrics(ctx, figures); err != nil {
				log.ErrorContext(ctx, "serving the figures", slog.Any("error", err))
			}
		}()
	}
	background, stop := context.WithCancel(ctx)
	defer stop()
	pushed, err := s.startPushing(background, o, v, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { stop(); pushed() }()
	if err := s.warnOfBackups(ctx, o.p, *v.backups.warnDays); err != nil {
		return errors.Join(err, l.Close())
	}
	backingUp := make(chan struct{})
	go func() {
		defer close(backingUp)
		s.keepBackups(background, o, v.backups, log)
	}()
	defer func() { stop(); <-backingUp }() // what it left unfinished is thrown away before the program ends
	go sweep(background, log, accounts.Sweep, intake.NewUploads(s.store, o.p.now).Sweep)
	address := l.Addr().String()
	if len(v.hosts) > 0 {
		address = v.hosts[0] // what a browser has to ask for
	}
	o.welcome(address, config != nil || len(proxies) > 0, server.OffersDemo())
	return server.Serve(ctx, l, config)
}

// newServer makes the server and what it stands on; options are what the command line said.
func (s *session) newServer(ctx context.Context, o *options, options web.Options) (*web.Server, *account.Service, error) {
	accounts, err := s.accounts(o)
	if err != nil {
		return nil, nil, err
	}
	options.Now, options.Version, options.Initially = o.p.now, version, web.Default{From: demoFrom, To: demoTo}
	options.Ready = func(ctx context.Context) error { return s.isReady(ctx) }
	if book, err := s.store.Book(ctx, demoCode); err == nil && book.Kind == ledger.DemoBook {
		options.Initially.Book, options.Initially.Statement = demoCode, demoStatement
		if !options.Network.Open {
			options.Demo = true
			if err := accounts.EnsureDemo(ctx, book); err != nil {
				return nil, nil, err
			}
		}
	}
	server, err := web.NewServer(s.store, accounts, options)
	return server, accounts, err
}

// isReady asks what could be wrong while the database answers: another schema, keys that cannot be read, a database that is
// older than what was published.
func (s *session) isReady(ctx context.Context) error {
	if err := migrations.Current(ctx, s.writer); err != nil {
		return err
	}
	books, err := s.booksToCheck(ctx, "")
	if err != nil {
		return err
	}
	for _, b := range books {
		if err := b.Writable(ctx); err != nil {
			return fmt.Errorf("book %s: %w", b.Code, err)
		}
	}
	return nil
}

// sweep puts away what has ended, every minute.
func sweep(ctx context.Context, log *slog.Logger, away ...func(context.Context) error) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			for _, put := range away {
				if err := put(ctx); err != nil && ctx.Err() == nil {
					log.ErrorContext(ctx, "sweeping", slog.Any("error", err))
				}
			}
		}
	}
}

// welcome says where the pages are and what to try next.
func (o *options) welcome(address string, encrypted, demo bool) {
	p := o.p
	scheme := "http"
	if encrypted {
		scheme = "https"
	}
	p.talk("\n网页：%s://%s/ （英文加 ?lang=en），按 Ctrl-C 结束。", "\nThe pages: %s://%s/?lang=en (Chinese: without ?lang=en). Ctrl-C ends it.", scheme, address)
	if !demo {
		return
	}
	p.talk("不用账户，选一个角色试用：%s://%s/try", "Without an account, choose a role and try it: %s://%s/try?lang=en", scheme, address)
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
}
