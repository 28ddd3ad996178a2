package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// The demo book is loaded by the same import that offices use, so that it is exercised every day.
//
//go:embed demo/*.csv
var demoFiles embed.FS

const demoCode = "demo"

// The period of the published report that the demo book's totals are those of.
const (
	demoFrom = "2021-01-01"
	demoTo   = "2021-06-30"
)

// demoStatement is the sentence that was published about the half-year.
const demoStatement = "上半年完成资产公开交易37宗,合同总标的3324.74万元,溢价4763.63万元,溢价率43.28%。"

func runDemo(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("demo")
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.loadDemo(ctx, p)
		if err != nil {
			return err
		}
		p.talk("演示账簿 %s 已装入。试试：mingzhang report summary --book %s --from %s --to %s",
			"The demo book %s is loaded. Try: mingzhang report summary --book %s --from %s --to %s", book.Code, book.Code, demoFrom, demoTo)
		return nil
	})
}

// loadDemo makes the demo book and imports its registers. A load that was interrupted goes on where it stopped.
func (s *session) loadDemo(ctx context.Context, p *program) (*ledger.Book, error) {
	book, err := s.store.Book(ctx, demoCode)
	if ledger.CodeOf(err) == ledger.NotFound {
		book, err = s.store.AddBook(ctx, s.actor, ledger.BookProfile{
			Code: demoCode, Kind: ledger.DemoBook, NameZH: "明账示例街道(虚构)", NameEN: "Mingzhang sample street (invented)", Division: "441202001",
		})
	}
	if ledger.CodeOf(err) == ledger.Conflict { // another command added it meanwhile
		book, err = s.store.Book(ctx, demoCode)
	}
	if err != nil {
		return nil, err
	}
	if book.Kind != ledger.DemoBook {
		return nil, ledger.E(ledger.Conflict, "book.exists", demoCode).On("code")
	}
	for _, d := range []struct {
		name string
		take importer
	}{{"lots-leases.csv", auction.Import}, {"lots-totals.csv", auction.Import}, {"parcels.csv", landcheck.Import}} {
		source, err := demoSource(d.name)
		if err != nil {
			return nil, err
		}
		_, err = d.take(ctx, ledger.WholeBook(book), s.actor, source, intake.Options{Today: p.today()})
		if err != nil && !isAlready(err) {
			return nil, fmt.Errorf("demo: %s: %w", d.name, err)
		}
	}
	return book, nil
}

// isAlready holds when all of a file is in the book: an earlier load got that far.
func isAlready(err error) bool {
	e, ok := errors.AsType[*ledger.Error](err)
	return ok && e.Reason == "import.already_recorded"
}

func demoSource(name string) (intake.Source, error) {
	body, err := demoFiles.ReadFile("demo/" + name)
	if err != nil {
		return intake.Source{}, err
	}
	file, err := sheet.Open(name, bytes.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		return intake.Source{}, err
	}
	sum := sha256.Sum256(body)
	return intake.Source{Name: name, SHA256: hex.EncodeToString(sum[:]), File: file}, nil
}
