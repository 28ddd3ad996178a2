package main

import (
	"context"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// voiding strikes one record out.
type voiding func(ctx context.Context, s *session, book *ledger.Book, no, reason string) (ledger.Receipt, error)

func runVoidLot(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("void lot")
	listing := o.Int64("listing", 0, p.say("第几次挂牌；只有一次时不必写", "which listing; not needed when there is one"))
	return o.void(ctx, args, func(ctx context.Context, s *session, book *ledger.Book, no, reason string) (ledger.Receipt, error) {
		return auction.Void(ctx, ledger.WholeBook(book), s.actor, no, *listing, reason)
	})
}

func runVoidParcel(ctx context.Context, p *program, args []string) error {
	return p.newOptions("void parcel").void(ctx, args, func(ctx context.Context, s *session, book *ledger.Book, no, reason string) (ledger.Receipt, error) {
		scope := ledger.WholeBook(book)
		id, err := landcheck.ParcelID(ctx, s.store.DB(), scope, no)
		if err != nil {
			return ledger.Receipt{}, err
		}
		return landcheck.VoidParcel(ctx, scope, s.actor, ledger.Key{}, id, 0, reason)
	})
}

func runVoidVerification(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("void verification")
	on := o.String("verified-on", "", p.say("核查日期", "date of the verification"))
	return o.void(ctx, args, func(ctx context.Context, s *session, book *ledger.Book, no, reason string) (ledger.Receipt, error) {
		day, err := o.day("verified-on", *on)
		if err != nil {
			return ledger.Receipt{}, err
		}
		scope := ledger.WholeBook(book)
		id, err := landcheck.VerificationID(ctx, s.store.DB(), scope, no, day)
		if err != nil {
			return ledger.Receipt{}, err
		}
		return landcheck.VoidVerification(ctx, scope, s.actor, ledger.Key{}, id, 0, reason)
	})
}

// void reads what every voiding needs, and strikes the record out.
func (o *options) void(ctx context.Context, args []string, strike voiding) error {
	code := o.String("book", "", o.p.say("账簿代码", "code of the book"))
	reason := o.String("reason", "", o.p.say("作废理由", "reason"))
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"book": *code, "reason": *reason} {
		if err := o.required(name, value); err != nil {
			return err
		}
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, *code)
		if err != nil {
			return err
		}
		receipt, err := strike(ctx, s, book, operands[0], *reason)
		if err != nil {
			return err
		}
		o.p.talk("%s 已作废（条目 %d），原条目与理由都留存。", "%s is voided (entry %d); its earlier entries and the reason stay.", operands[0], receipt.Last)
		return nil
	})
}
