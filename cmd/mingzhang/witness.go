package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
	"mingzhang/migrations/localpg"
	"mingzhang/web"
)

// witnessListenDefault is not that of serve, so that both may be tried on one machine.
const witnessListenDefault = "127.0.0.1:8090"

// newWitnessOptions begins the flags of a command that runs without any database: only the witness's own directory.
func (p *program) newWitnessOptions(name string) *options {
	o := &options{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), p: p}
	o.SetOutput(io.Discard)
	dir := os.Getenv("MINGZHANG_WITNESS_DIR")
	if dir == "" {
		dir = localpg.DefaultDataDir() + "-witness" // beside, not below: a directory of root's own would shut PostgreSQL out
	}
	o.StringVar(&o.dataDir, "data-dir", dir, p.say("见证人的目录（密钥、见证过的凭证、警报）", "the witness's directory (key, what it cosigned, alarms)"))
	o.StringVar(&o.lang, "lang", string(p.lang), p.say("语言：zh 或 en", "language: zh or en"))
	return o
}

func runWitnessInit(_ context.Context, p *program, args []string) error {
	o := p.newWitnessOptions("witness init")
	name := o.String("name", "", p.say("见证人的名称，以后不能改，如 witness.audit.example", "the witness's name, never to change, such as witness.audit.example"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := o.required("name", *name); err != nil {
		return err
	}
	secret, verifier, err := merkle.NewCosignerKey(rand.Reader, *name)
	if err != nil {
		return ledger.E(ledger.Invalid, "witness.name_form", *name).Because(err)
	}
	d := witnessDir(o.dataDir)
	if err := os.MkdirAll(o.dataDir, 0o700); err != nil {
		return err
	}
	err = writeOnce(d.keyFile(), secret+"\n")
	if errors.Is(err, fs.ErrExist) {
		return ledger.E(ledger.Conflict, "witness.key_exists", d.keyFile())
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, verifier)
	p.talk("见证人的密钥在 %s。把上面这一行公钥交给街道，再用 mingzhang witness log add 信任各账簿的公钥。",
		"The witness's key is in %s. Give the line above to the office, then trust the key of each book with mingzhang witness log add.", d.keyFile())
	return nil
}

func runWitnessLog(_ context.Context, p *program, args []string) error {
	o := p.newWitnessOptions("witness log")
	operands, err := o.parse(args, 1, -1)
	if err != nil {
		return err
	}
	d := witnessDir(o.dataDir)
	if _, err := d.cosigner(); err != nil {
		return err
	}
	switch action, rest := operands[0], operands[1:]; {
	case action == "add" && len(rest) > 0:
		for _, verifier := range rest {
			origin, err := d.trust(verifier)
			if err != nil {
				return err
			}
			p.talk("信任账簿 %s。", "Book %s is trusted.", origin)
		}
	case action == "remove" && len(rest) == 1:
		if err := d.distrust(rest[0]); err != nil {
			return err
		}
		p.talk("不再见证 %s；见证过的凭证仍保留。", "%s is witnessed no more; what was cosigned is kept.", rest[0])
	case action == "list" && len(rest) == 0:
		logs, err := d.Logs()
		if err != nil {
			return err
		}
		for _, l := range logs {
			fmt.Fprintf(p.out, "%s\t%d\t%s\n", l.Origin, l.Size, strings.Join(l.Keys, " "))
		}
	default:
		return &usageError{p.say("写 add 公钥…、remove 名称 或 list", "say add KEY…, remove ORIGIN or list")}
	}
	return nil
}

// desk is the witness of a directory.
func (o *options) desk(v *serving) (*web.WitnessDesk, error) {
	d := witnessDir(o.dataDir)
	cosigner, err := d.cosigner()
	if err != nil {
		return nil, err
	}
	return &web.WitnessDesk{Witness: witness.New(d, cosigner, o.p.now), Record: d, Lang: o.p.lang, Log: v.logger(o.p)}, nil
}

func runWitnessServe(ctx context.Context, p *program, args []string) (err error) {
	o := p.newWitnessOptions("witness serve")
	v := &serving{}
	o.StringVar(&v.listen, "listen", witnessListenDefault, p.say("见证人的地址；没有 TLS 时只限本机", "address of the witness; without TLS this machine only"))
	o.StringVar(&v.cert, "tls-cert", "", p.say("TLS 证书文件（PEM）", "certificate for TLS (PEM)"))
	o.StringVar(&v.key, "tls-key", "", p.say("TLS 密钥文件（PEM）", "key for TLS (PEM)"))
	o.StringVar(&v.format, "log-format", "text", p.say("日志格式：text 或 json", "format of the log: text or json"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := v.check(o); err != nil {
		return err
	}
	desk, err := o.desk(v)
	if err != nil {
		return err
	}
	lock, err := witnessDir(o.dataDir).lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	var config *tls.Config
	scheme := "http"
	if v.cert != "" {
		scheme = "https"
		if config, err = web.NewTLS(v.cert, v.key, desk.Log); err != nil {
			return err
		}
	}
	l, err := web.Listen(ctx, v.listen, config != nil)
	if err != nil {
		return err
	}
	alarms, err := witnessDir(o.dataDir).Alarms()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	for _, a := range alarms {
		if a.Open() {
			desk.Log.ErrorContext(ctx, p.sentence(a.Trouble()), slog.String("alarm", a.Name))
		}
	}
	p.talk("见证人 %s\n网页：%s://%s/ ，按 Ctrl-C 结束。", "Witness %s\nThe page: %s://%s/?lang=en. Ctrl-C ends it.", desk.Witness.VerifierKey(), scheme, l.Addr())
	return desk.ServeWitness(ctx, l, config)
}

func runWitnessStatus(_ context.Context, p *program, args []string) error {
	o := p.newWitnessOptions("witness status")
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	desk, err := o.desk(&serving{format: "text"})
	if err != nil {
		return err
	}
	open, err := desk.Status(p.out)
	if err == nil && open > 0 {
		return statusError(exitBroken)
	}
	return err
}

func runWitnessSettle(_ context.Context, p *program, args []string) error {
	o := p.newWitnessOptions("witness settle")
	reason := o.String("reason", "", p.say("谁、怎样查清的", "who found out what"))
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if err := o.required("reason", *reason); err != nil {
		return err
	}
	return witnessDir(o.dataDir).settleAlarm(operands[0], *reason, p.now())
}
