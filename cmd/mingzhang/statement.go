package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"mingzhang/ledger"
	"mingzhang/ledger/statement"
)

func runStatementCheck(ctx context.Context, p *program, args []string) error {
	f := p.newOptions("statement check").periodFlags()
	format := f.String("format", "text", "text | json")
	operands, err := f.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if err := f.oneOf("format", *format, "text", "json"); err != nil {
		return err
	}
	text, err := p.readText(operands[0])
	if err != nil {
		return err
	}
	judgement, err := p.judge(ctx, f, text)
	if err != nil {
		return err
	}
	if err := p.printJudgement(judgement, *format); err != nil {
		return err
	}
	if status := judgement.Verdict.ExitStatus(); status != exitFine {
		return statusError(status)
	}
	return nil
}

// judge judges a text by itself, or against a book and period. Without a book no PostgreSQL is started.
func (p *program) judge(ctx context.Context, f *periodFlags, text string) (statement.Judgement, error) {
	if f.book == "" && f.from == "" && f.to == "" {
		return statement.Check(text, nil)
	}
	period, err := f.period()
	if err != nil {
		return statement.Judgement{}, err
	}
	var judgement statement.Judgement
	err = f.with(ctx, func(s *session) error {
		summary, err := f.summary(ctx, s, period)
		if err != nil {
			return err
		}
		judgement, err = statement.Check(text, summary.Record())
		return err
	})
	return judgement, err
}

func (p *program) printJudgement(j statement.Judgement, format string) error {
	if format == "json" {
		e := json.NewEncoder(p.out)
		e.SetEscapeHTML(false)
		return e.Encode(j)
	}
	return j.WriteText(p.out, string(p.lang))
}

// readText reads a statement from a file or, for -, from standard input.
func (p *program) readText(path string) (text string, err error) {
	in := p.in
	if path != "-" {
		file, err := openFile(path)
		if err != nil {
			return "", err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, statement.TextBytesMax+1))
	if err != nil {
		return "", fmt.Errorf("reading the statement: %w", err)
	}
	if len(b) > statement.TextBytesMax {
		return "", ledger.E(ledger.Invalid, "statement.too_long", len(b), statement.TextBytesMax)
	}
	return string(b), nil
}
