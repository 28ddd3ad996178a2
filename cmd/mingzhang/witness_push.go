package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"mingzhang/ledger"
	"mingzhang/web"
)

// witnesses reads the values of --witness.
func witnesses(texts []string) ([]*web.RemoteWitness, error) {
	all := make([]*web.RemoteWitness, len(texts))
	for i, text := range texts {
		var err error
		if all[i], err = web.ParseWitness(text); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// startPushing shows the books to the witnesses in the background, until the context ends; wait waits for that.
func (s *session) startPushing(ctx context.Context, o *options, v *serving, log *slog.Logger) (wait func(), err error) {
	all, err := witnesses(v.witnesses)
	if err != nil || len(all) == 0 {
		return func() {}, err
	}
	for _, code := range v.witnessBooks {
		if _, err := s.store.Book(ctx, code); err != nil {
			return nil, err
		}
	}
	pusher := &web.Pusher{Store: s.store, Witnesses: all, Books: v.witnessBooks, Now: o.p.now, Lang: o.p.lang, Log: log}
	var pushing sync.WaitGroup
	pushing.Go(func() { pusher.Run(ctx) })
	return pushing.Wait, nil
}

// runWitnessPush shows a book once: for a machine on which serve does not run all the time.
func runWitnessPush(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("witness push")
	code := o.String("book", "", p.say("账簿代码", "code of the book"))
	var urls list
	o.Var(&urls, "witness", p.say("见证人：网址=公钥，可写多个", "a witness: URL=VERIFIERKEY; may be given several times"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := errors.Join(o.required("book", *code), o.required("witness", urls.String())); err != nil {
		return err
	}
	all, err := witnesses(urls)
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, *code)
		if err != nil {
			return err
		}
		var worst error // one that fails keeps no other from being asked; a broken book counts most
		for _, w := range all {
			c, err := w.Show(ctx, book, true)
			if err == nil {
				fmt.Fprintf(p.out, "%s\t%s\t%d\t%s\n", book.Code, w.Name, c.Size, c.Root)
				continue
			}
			fmt.Fprintln(p.err, p.sentence(err))
			if worst == nil || ledger.CodeOf(err) == ledger.Tampered {
				worst = err
			}
		}
		switch {
		case worst == nil:
			return nil
		case ledger.CodeOf(worst) == ledger.Tampered:
			return statusError(exitBroken)
		default:
			return statusError(exitFailed)
		}
	})
}
