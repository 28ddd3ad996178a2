package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// options are the flags of a command and what every command has.
type options struct {
	*flag.FlagSet
	p         *program
	keys      keyList
	witnesses keyList
}

// keyList is an option that may be given several times: a key, or @FILE of which each line is one.
type keyList struct {
	list []verifier
	kind byte
	err  error // the first one; package flag would only keep its words
}

func (l *keyList) String() string { return "" }

func (l *keyList) Set(s string) error {
	if err := l.add(s); err != nil && l.err == nil {
		l.err = err
	}
	return nil
}

func (l *keyList) add(s string) error {
	lines := []string{s}
	if path, ok := strings.CutPrefix(s, "@"); ok {
		body, err := readLimited(path, noteMax)
		if err != nil {
			return err
		}
		lines = strings.Split(strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n")), "\n")
	}
	for _, line := range lines {
		v, ok := parseVerifier(strings.TrimSpace(line))
		if !ok || v.kind != l.kind {
			return &usage{textf(text{"不是这里要的公钥：%s", "not such a public key as is wanted here: %s"}, line)}
		}
		l.list = append(l.list, v)
	}
	return nil
}

func (p *program) newOptions(name string) *options {
	o := &options{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), p: p}
	o.SetOutput(io.Discard)
	o.String("lang", p.lang, text{"语言：zh 或 en", "language: zh or en"}.in(p.lang))
	o.keys.kind, o.witnesses.kind = logKey, witnessKey
	o.Var(&o.keys, "key", text{"您另外得到的账簿公钥，或 @文件；可多次给出", "the book's key as you have it from elsewhere, or @FILE; may be given again"}.in(p.lang))
	o.Var(&o.witnesses, "witness", text{"见证人公钥，或 @文件；可多次给出", "a witness's key, or @FILE; may be given again"}.in(p.lang))
	return o
}

// parse reads the command line: options may stand before or after operands, of which there must be n.
func (o *options) parse(args []string, n int) ([]string, error) {
	var operands []string
	for len(args) > 0 {
		if err := o.Parse(args); err != nil {
			return nil, o.wrong(err)
		}
		rest := o.Args()
		if len(rest) == 0 {
			break
		}
		if used := len(args) - len(rest); used > 0 && args[used-1] == "--" {
			operands = append(operands, rest...)
			break
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
	if err := cmp.Or(o.keys.err, o.witnesses.err); err != nil {
		return nil, err
	}
	if len(operands) != n {
		return nil, &usage{textf(text{"需要 %d 个参数，给了 %d 个", "want %d operands, got %d"}, n, len(operands))}
	}
	return operands, nil
}

func (o *options) wrong(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		o.VisitAll(func(f *flag.Flag) { fmt.Fprintf(o.p.out, "  --%-10s %s\n", f.Name, f.Usage) })
		return err
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		return &usage{text{"没有这个选项：--" + name, "no such option: --" + name}}
	}
	return &usage{text{"选项有误：" + err.Error(), err.Error()}}
}
