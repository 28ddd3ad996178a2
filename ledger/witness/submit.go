package witness

import (
	"context"
	"errors"
	"fmt"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// Send brings a request to a witness and its answer back. An error means that there was no answer.
type Send func(ctx context.Context, body []byte) (Answer, error)

// The faults that an attempt to show a book to a witness may end with, as they are kept beside the book.
const (
	faultUnreachable  = "unreachable"
	faultUnknownLog   = "unknown_log"
	faultNotSigned    = "not_signed"
	faultMalformed    = "malformed"
	faultLine         = "line"
	faultAhead        = "ahead"
	faultOtherRoot    = "other_root"
	faultInconsistent = "inconsistent"
	faultRestless     = "restless"
)

// triesMost is how often a witness is asked for one checkpoint: its size may be learnt, and may move when another
// process shows it the same book.
const triesMost = 4

// Show shows the newest checkpoint of a book to a witness and keeps its cosignature beside the book. A witness that
// has it is asked only when again is set: in a database that was put back to an earlier state all looks well until the
// witness is asked. What went wrong is kept too, and returned: tampered witness.ahead, witness.other_root or
// witness.inconsistent when the witness saw a tree that the book does not extend.
func Show(ctx context.Context, b *ledger.Book, verifier string, again bool, send Send) (ledger.Checkpoint, error) {
	seen, err := seenBy(ctx, b, verifier)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	c, err := b.Publish(ctx, 0)
	if err != nil || c.Size == seen.Size && seen.Fault == "" && !again {
		return c, err
	}
	c, said, fault, cause := exchange(ctx, b, c, verifier, seen.Size, send)
	if ctx.Err() != nil && fault == faultUnreachable {
		return c, cause // told to stop: the witness is not to blame
	}
	if fault == "" && cause != nil {
		return c, cause // the book could not be read
	}
	if err := b.KeepAttempt(ctx, verifier, fault, said, c.Size); err != nil {
		return c, err
	}
	if fault == "" {
		return c, nil
	}
	return c, Trouble(ledger.Witnessed{Name: seen.Name, Fault: fault, Said: said, Shown: c.Size}).Because(cause)
}

func seenBy(ctx context.Context, b *ledger.Book, verifier string) (ledger.Witnessed, error) {
	name, err := merkle.CosignerName(verifier)
	if err != nil {
		return ledger.Witnessed{}, ledger.E(ledger.Invalid, "witness.key_form", verifier).Because(err)
	}
	list, err := b.Witnesses(ctx)
	if err != nil {
		return ledger.Witnessed{}, err
	}
	for _, w := range list {
		if w.Verifier == verifier {
			return w, nil
		}
	}
	return ledger.Witnessed{Verifier: verifier, Name: name}, nil
}

// exchange asks for a cosignature, with the size that the witness names when it is not the one that was believed.
func exchange(ctx context.Context, b *ledger.Book, c ledger.Checkpoint, verifier string, old int64, send Send) (shown ledger.Checkpoint, said int64, fault string, err error) {
	for range triesMost {
		proof, err := b.ProveGrowth(ctx, old, c)
		if err != nil {
			return c, said, "", err
		}
		a, err := send(ctx, Request{Old: old, Proof: proof, Note: c.Note}.Bytes())
		if err != nil {
			return c, said, faultUnreachable, err
		}
		switch a.Verdict {
		case Cosigned:
			err := b.KeepCosignature(ctx, c, verifier, a.Lines)
			if errors.Is(err, ledger.E(ledger.Invalid, "witness.line_wrong")) {
				return c, said, faultLine, err
			}
			return c, said, "", err
		case OtherSize:
			said = a.Size
			if old == c.Size && said == old {
				return c, said, faultOtherRoot, a.Cause
			}
			if said > c.Size { // it may have seen what another process wrote since
				if c, err = b.Publish(ctx, 0); err != nil {
					return c, said, "", err
				}
			}
			if said > c.Size {
				return c, said, faultAhead, a.Cause
			}
			old = said
		case NotConsistent:
			return c, old, faultInconsistent, a.Cause
		case UnknownLog, NotSigned, Malformed:
			return c, said, string(a.Verdict), a.Cause
		default:
			return c, said, faultUnreachable, fmt.Errorf("witness: an answer that is none: %w", a.Cause)
		}
	}
	return c, said, faultRestless, nil
}

// Trouble is the error that a kept fault stands for; nil for none.
func Trouble(w ledger.Witnessed) *ledger.Error {
	switch w.Fault {
	case "":
		return nil
	case faultUnknownLog:
		return ledger.E(ledger.Denied, "witness.unknown_log", w.Name)
	case faultNotSigned:
		return ledger.E(ledger.Denied, "witness.not_signed", w.Name)
	case faultMalformed:
		return ledger.E(ledger.Invalid, "witness.malformed", w.Name)
	case faultLine:
		return ledger.E(ledger.Invalid, "witness.line_foreign", w.Name)
	case faultAhead:
		return ledger.E(ledger.Tampered, "witness.ahead", w.Name, w.Said, w.Shown)
	case faultOtherRoot:
		return ledger.E(ledger.Tampered, "witness.other_root", w.Name, w.Said)
	case faultInconsistent:
		return ledger.E(ledger.Tampered, "witness.inconsistent", w.Name, w.Said, w.Shown)
	case faultRestless:
		return ledger.E(ledger.Busy, "witness.restless", w.Name)
	}
	return ledger.E(ledger.Busy, "witness.unreachable", w.Name)
}
