package auction

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// Amend records a listing anew as somebody typed it, for a reason. seen is the entry that the user saw; 0 asks nothing.
// What the form cannot show stays: columns nobody knows, how figures were written, claims of the paper while the
// totals stay.
//
// Errors: *ledger.InputError with every fault, the reason's among them; denied right.foreign_village; not_found lot.unknown;
// conflict record.changed, lot.exists, lot.number_taken; invalid record.unchanged.
func Amend(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, id, seen int64, in LotInput, reason string, today ledger.Day) (ledger.Receipt, error) {
	p, err := in.read(today)
	reason = ledger.Normal(reason)
	if err := withReason(err, reason); err != nil {
		return ledger.Receipt{}, err
	}
	if err := p.state.within(scope); err != nil {
		return ledger.Receipt{}, err
	}
	if p.state.LotNo == "" {
		p.state.LotNo, p.state.NumberedByBook = bookNumber(id), true
	}
	number := intake.NumberKey(p.state.LotNo)
	a := &amendment{scope: scope, in: in, planned: p, number: number}
	command := ledger.Command{
		Actor: actor, Key: key.Name, Body: key.Body,
		Reads: []ledger.Read{intake.ReadPeople(named(p.winner)), {Table: lots, Index: byNumber, Keys: []string{number}}},
	}
	return change(ctx, scope, id, seen, command, func(present *ledger.Present, l *Lot) ([]ledger.Draft, error) {
		people := intake.NewPeople(present, present.Next())
		state, err := a.state(present, people, l)
		if err != nil {
			return nil, err
		}
		return append(people.Drafts(), ledger.Draft{Kind: "lot.amended", Amends: l, Reason: reason, State: state}), nil
	})
}

// withReason adds what is wrong with the reason to what is wrong with the input.
func withReason(err error, reason string) error {
	var fault *ledger.Error
	switch n := utf8.RuneCountInString(reason); {
	case reason == "":
		fault = ledger.E(ledger.Invalid, "reason.missing")
	case n > ledger.SealedMax:
		fault = ledger.E(ledger.Invalid, "text.too_long", n, ledger.SealedMax)
	case ledger.Clean(reason) != nil:
		fault, _ = errors.AsType[*ledger.Error](ledger.Clean(reason))
	default:
		return err
	}
	all := &ledger.InputError{}
	if known, ok := errors.AsType[*ledger.InputError](err); ok {
		all.Faults = slices.Clone(known.Faults)
	} else if err != nil {
		return err
	}
	all.Faults = append(all.Faults, fault.On("reason"))
	return all
}

// amendment is what is typed over a listing.
type amendment struct {
	scope   ledger.Scope
	in      LotInput
	planned *planned
	number  string
}

// state is what the listing becomes: what was typed, over what the form cannot show.
func (a *amendment) state(present *ledger.Present, people *intake.People, l *Lot) (*LotState, error) {
	old, err := l.State()
	if err != nil {
		return nil, err
	}
	state := a.planned.state
	state.Winner = people.Known(a.planned.winner)
	state.OtherColumns = ledger.Seal(l.OtherColumns)
	state.Remark = ledger.Seal(state.Remark.Text())
	state.Listing = l.Listing
	if a.number == l.LotNoKey {
		state.NumberedByBook = l.NumberedByBook // the same number, if in other brackets
	} else {
		others := slices.DeleteFunc(slices.Clone(present.Find(lots, byNumber, a.number)), func(r ledger.Row) bool { return r.(*Lot).ID == l.ID })
		if state.Listing, err = nextListing(a.scope, others, &state); err != nil {
			return nil, err
		}
	}
	state.keep(old, &a.in)
	row := state.row()
	row.Import = l.Import
	if len(differences(l, row)) == 0 {
		return nil, ledger.E(ledger.Invalid, "record.unchanged")
	}
	state.Winner = people.Ref(a.planned.winner)
	return &state, nil
}

// keep keeps of the old state what the form did not change, in the words that the paper had for it.
func (s *LotState) keep(old *LotState, in *LotInput) {
	shown := old.input("")
	same := func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }
	if same(in.Kind, shown.Kind) {
		s.Kind, s.KindText = old.Kind, old.KindText
	}
	if same(in.TradeKind, shown.TradeKind) {
		s.TradeKind, s.TradeKindText, s.Direction = old.TradeKind, old.TradeKindText, old.Direction
	}
	if same(in.Method, shown.Method) {
		s.Method, s.MethodText = old.Method, old.MethodText
	}
	sameTerm := same(in.Term, shown.Term) && same(in.LeaseFrom, shown.LeaseFrom) && same(in.LeaseTo, shown.LeaseTo)
	if sameTerm {
		s.Term, s.TermMonths, s.TermDays, s.LeaseFrom, s.LeaseTo = old.Term, old.TermMonths, old.TermDays, old.LeaseFrom, old.LeaseTo
	}
	if sameTerm && same(in.BaseTotal, shown.BaseTotal) && same(in.HammerTotal, shown.HammerTotal) && slices.Equal(in.Lines, shown.Lines) {
		s.BaseTotal, s.BaseFirstYear, s.HammerTotal, s.HammerFirstYear = old.BaseTotal, old.BaseFirstYear, old.HammerTotal, old.HammerFirstYear
		s.Lines, s.Convention = old.Lines, old.Convention
	}
	s.keepWritten(old)
	if sameMoney(s.BaseTotal, old.BaseTotal) && sameMoney(s.HammerTotal, old.HammerTotal) {
		s.keepClaims(old)
	}
}

// keepWritten keeps how the paper wrote the figures that stay.
func (s *LotState) keepWritten(old *LotState) {
	var line, oldLine Line
	if len(s.Lines) > 0 {
		line = s.Lines[0]
	}
	if len(old.Lines) > 0 {
		oldLine = old.Lines[0]
	}
	samePrice := func(a, b *ledger.Price) bool {
		return a == b || a != nil && b != nil && a.String() == b.String()
	}
	stays := map[string]bool{
		"base_total": sameMoney(s.BaseTotal, old.BaseTotal), "hammer_total": sameMoney(s.HammerTotal, old.HammerTotal),
		"base_price": samePrice(line.BasePrice, oldLine.BasePrice), "hammer_price": samePrice(line.HammerPrice, oldLine.HammerPrice),
		"quantity": line.Quantity == oldLine.Quantity && line.Measure == oldLine.Measure, "deposit": sameMoney(s.Deposit, old.Deposit),
	}
	var kept []Written
	for _, w := range old.Written {
		if stays[w.Field] {
			kept = append(kept, w)
		}
	}
	for _, w := range s.Written {
		if !slices.ContainsFunc(kept, func(k Written) bool { return k.Field == w.Field }) {
			kept = append(kept, w)
		}
	}
	s.Written = kept
}

// keepClaims keeps what the paper claims and the form says nothing of.
func (s *LotState) keepClaims(old *LotState) {
	typed := s.Claims
	s.Claims = nil
	said := func(list []Claim, field string) bool {
		return slices.ContainsFunc(list, func(c Claim) bool { return c.Field == field })
	}
	for _, c := range old.Claims {
		if !said(typed, c.Field) {
			s.Claims = append(s.Claims, c)
		}
	}
	s.Claims = append(s.Claims, typed...)
}
