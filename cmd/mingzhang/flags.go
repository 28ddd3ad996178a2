package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// usageError is a wrong command line: exit status 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// helpError asks for the command's options to be printed.
type helpError struct{ text string }

func (e *helpError) Error() string { return "help" }

// options are a command's own flags and those that every command has.
type options struct {
	*flag.FlagSet
	p                              *program
	dataDir, databaseURL, ownerURL string
	lang                           string
	noBackup                       bool // before a migration
	help                           strings.Builder
}

// newOptions begins a command's flags. Settings fall back to the environment.
func (p *program) newOptions(name string) *options {
	o := &options{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), p: p, noBackup: os.Getenv("MINGZHANG_NO_BACKUP") == "1"}
	o.SetOutput(io.Discard)
	o.StringVar(&o.dataDir, "data-dir", os.Getenv("MINGZHANG_DATA_DIR"), p.say("数据目录（密钥与私有 PostgreSQL）", "data directory (keys and the private PostgreSQL)"))
	o.StringVar(&o.databaseURL, "database-url", os.Getenv("MINGZHANG_DATABASE_URL"), p.say("改用这个 PostgreSQL（14 以上）", "use this PostgreSQL (14 or later) instead"))
	o.StringVar(&o.ownerURL, "owner-url", os.Getenv("MINGZHANG_OWNER_URL"), p.say("升级结构时用的所有者连接", "the owner's connection, for migrate"))
	o.StringVar(&o.lang, "lang", string(p.lang), p.say("语言：zh 或 en", "language: zh or en"))
	return o
}

// parse reads the command line: options may stand before or after operands, -- ends them. It gives the
// operands, of which there must be between least and most (most < 0: any number).
func (o *options) parse(args []string, least, most int) ([]string, error) {
	var operands []string
	for len(args) > 0 {
		if err := o.Parse(args); err != nil {
			return nil, o.wrong(err)
		}
		rest := o.Args()
		if len(rest) == 0 {
			break
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			operands = append(operands, rest...)
			break
		}
		operands = append(operands, rest[0])
		args = rest[1:]
	}
	if o.lang != string(ledger.ZH) && o.lang != string(ledger.EN) {
		return nil, &usageError{o.p.say("--lang 只能是 zh 或 en", "--lang is zh or en")}
	}
	o.p.lang = ledger.Lang(o.lang)
	if len(operands) < least {
		return nil, &usageError{o.p.say("缺少参数", "an operand is missing")}
	}
	if most >= 0 && len(operands) > most {
		return nil, &usageError{o.p.say("多余的参数：", "one operand too many: ") + operands[most]}
	}
	return operands, nil
}

func (o *options) wrong(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		o.VisitAll(func(f *flag.Flag) {
			fmt.Fprintf(&o.help, "  --%-14s %s\n", f.Name, f.Usage)
		})
		return &helpError{o.help.String()}
	}
	return &usageError{o.p.flagTrouble(err.Error())}
}

// flagTrouble says what package flag found wrong, which it does in English only.
func (p *program) flagTrouble(text string) string {
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return p.say("没有这个选项：--", "no such option: --") + name
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return fmt.Sprintf(p.say("选项 --%s 后面要写值", "option --%s needs a value"), name)
	}
	return p.say("选项有误：", "wrong option: ") + text
}

// oneOf refuses a value that an option cannot have.
func (o *options) oneOf(name, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	allowed = slices.DeleteFunc(slices.Clone(allowed), func(a string) bool { return a == "" })
	return &usageError{fmt.Sprintf(o.p.say("--%s 只能是 %s", "--%s is one of %s"), name, strings.Join(allowed, o.p.say("、", ", ")))}
}

// required refuses an option that was not given.
func (o *options) required(name, value string) error {
	if value == "" {
		return &usageError{fmt.Sprintf(o.p.say("缺少 --%s（%s）", "missing --%s (%s)"), name, o.Lookup(name).Usage)}
	}
	return nil
}

// day reads an option that is a date.
func (o *options) day(name, value string) (ledger.Day, error) {
	if err := o.required(name, value); err != nil {
		return ledger.Day{}, err
	}
	d, err := ledger.ParseDay(value)
	if err != nil {
		return d, &usageError{fmt.Sprintf("--%s %s: %s", name, value, o.p.sentence(err))}
	}
	return d, nil
}

// list is an option that may be given several times, or once with commas between the values.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	for _, v := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		*l = append(*l, strings.TrimSpace(v))
	}
	return nil
}
