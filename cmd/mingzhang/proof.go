package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// runProof writes the proof of a lot's current entry, or of any entry of the book.
func runProof(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("proof")
	code := o.String("book", "", p.say("账簿代码", "code of the book"))
	listing := o.Int64("listing", 0, p.say("第几次挂牌；只有一次时不必写", "which listing; not needed when there is one"))
	seq := o.Int64("entry", -1, p.say("条目编号；不写为标的（在该凭证时）的现行条目", "number of the entry; without it the lot's current one, as of the checkpoint"))
	asOf := o.Int64("as-of", 0, p.say("按哪个链首凭证（条目数）证明；不写为最新", "the checkpoint to prove it in, by its size; without it the newest"))
	out := o.String("out", "", p.say("写到这个文件（.tlog-proof）；不写为标准输出", "the file to write (.tlog-proof); without it standard output"))
	operands, err := o.parse(args, 0, 1)
	if err != nil {
		return err
	}
	if err := o.required("book", *code); err != nil {
		return err
	}
	if len(operands) == 0 && *seq < 0 {
		return &usageError{p.say("请写标的编号，或用 --entry 指定条目", "name a lot, or an entry with --entry")}
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, *code)
		if err != nil {
			return err
		}
		n := *seq
		if len(operands) == 1 {
			if n, err = entryOfLot(ctx, book, operands[0], *listing, *seq, *asOf); err != nil {
				return err
			}
		}
		newest, err := book.Publish(ctx, 0)
		if err != nil {
			return err
		}
		proof, err := book.Prove(ctx, n, cmp.Or(*asOf, newest.Size))
		if err != nil {
			return err
		}
		file, err := book.ProofFile(ctx, proof)
		if err != nil {
			return err
		}
		if *out == "" {
			_, err = fmt.Fprint(p.out, file.Text())
		} else {
			err = writeNew(*out, file.Text())
		}
		if errors.Is(err, fs.ErrExist) {
			return ledger.E(ledger.Conflict, "backup.exists", *out)
		}
		if err != nil {
			return fmt.Errorf("writing the proof: %w", err)
		}
		p.talk("第 %d 条在 %d 条的链首凭证之内；校验码 %s。", "Entry %d is in the checkpoint of %d entries; its check code is %s.", n, proof.Checkpoint.Size, proof.Entry.CheckCode())
		return nil
	})
}

// entryOfLot is the entry of a lot that is meant: the current one, as of then where that is asked, or another of its own.
func entryOfLot(ctx context.Context, book *ledger.Book, lotNo string, listing, seq, asOf int64) (int64, error) {
	scope := ledger.WholeBook(book)
	id, err := auction.LotID(ctx, scope, lotNo, listing)
	if err != nil {
		return 0, err
	}
	if seq < 0 {
		if asOf > 0 {
			if scope, err = scope.AsOf(ctx, asOf); err != nil {
				return 0, err
			}
		}
		l, err := auction.Find(ctx, book.DB(), scope, id)
		if ledger.CodeOf(err) == ledger.NotFound {
			return id, nil // its first entry, which that checkpoint does not have
		}
		if err != nil {
			return 0, err
		}
		return l.SeqFrom, nil
	}
	entry, err := book.EntryAt(ctx, seq)
	if err != nil {
		return 0, err
	}
	if entry.Record != id {
		return 0, ledger.E(ledger.Invalid, "proof.not_of_lot", seq, lotNo)
	}
	return seq, nil
}

// writeNew writes a file that is to be handed on; an existing one is never replaced.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // others are to read it
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
