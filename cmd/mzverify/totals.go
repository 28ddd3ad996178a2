package main

import (
	"context"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// figures are what the entries say now: of each record its last entry, of which only what the summary needs.
type figures struct {
	lots          map[int64]lot
	parcels       map[int64]parcel
	verifications map[int64]verification
	reviews       map[int64][]review // by the entry or the import that they speak of
	profile       struct {
		NameZH   string `json:"name_zh"`
		NameEN   string `json:"name_en"`
		Division string `json:"division"`
		Kind     string `json:"kind"`
		Code     string `json:"code"`
	}
}

// lot is a listing as it stands. Amounts are fen.
type lot struct {
	seq, imported           int64 // imported is none where no file brought it
	day                     string
	outcome                 string
	sale, competitive       bool
	base, hammer            int64
	firstBase, firstHammer  int64
	totalled, firstYearKnow bool
}

type parcel struct{ owner, category string }

type verification struct {
	parcel int64
	on     string
	area   string // "" where nothing was verified
}

type review struct {
	seq      int64
	approved bool
	except   []int64
}

func newFigures() *figures {
	return &figures{lots: map[int64]lot{}, parcels: map[int64]parcel{}, verifications: map[int64]verification{}, reviews: map[int64][]review{}}
}

// state is what the summary needs of the state of any kind.
type state struct {
	BaseTotal       *string  `json:"base_total"`
	HammerTotal     *string  `json:"hammer_total"`
	BaseFirstYear   *string  `json:"base_first_year"`
	HammerFirstYear *string  `json:"hammer_first_year"`
	HammeredOn      string   `json:"hammered_on"`
	Outcome         string   `json:"outcome"`
	Direction       string   `json:"direction"`
	Method          string   `json:"method"`
	MethodText      string   `json:"method_text"`
	Owner           string   `json:"owner"`
	Category        string   `json:"category"`
	Parcel          int64    `json:"parcel"`
	VerifiedOn      string   `json:"verified_on"`
	VerifiedArea    string   `json:"verified_area_mu"`
	Conclusions     []string `json:"conclusions"`
	Entry           int64    `json:"entry"`
	Verdict         string   `json:"verdict"`
	Exceptions      []int64  `json:"exceptions"`
}

// take takes an entry.
func (f *figures) take(seq int64, e *entry) error {
	if e.noun == aBook {
		return f.takeBook(e)
	}
	if e.noun != aLot && e.noun != aParcel && e.noun != aVerification && e.noun != aReview {
		return nil
	}
	var said struct {
		State  state `json:"state"`
		Source *struct {
			Import int64 `json:"import"`
		} `json:"source"`
	}
	if err := json.Unmarshal(e.line, &said); err != nil {
		return brokenAt(entriesFile, seq+1, text{"读不出条目的内容", "what the entry says cannot be read"})
	}
	s := &said.State
	voided := strings.HasSuffix(string(e.kind), ".voided")
	switch {
	case e.noun == aReview:
		f.reviews[s.Entry] = append(f.reviews[s.Entry], review{seq, s.Verdict == "approved", s.Exceptions})
	case e.noun == aLot && voided:
		delete(f.lots, e.record)
	case e.noun == aParcel && voided:
		delete(f.parcels, e.record)
	case e.noun == aVerification && voided:
		delete(f.verifications, e.record)
	case e.noun == aParcel:
		f.parcels[e.record] = parcel{s.Owner, s.Category}
	case e.noun == aVerification:
		area := s.VerifiedArea
		if slices.Contains(s.Conclusions, "not_verifiable") {
			area = "" // a visit, whatever figure stands beside it
		}
		f.verifications[e.record] = verification{s.Parcel, s.VerifiedOn, area}
	default:
		l, ok := s.lot()
		if !ok {
			return brokenAt(entriesFile, seq+1, text{"金额过大", "an amount is too large"})
		}
		l.seq, l.imported = seq, none
		if said.Source != nil {
			l.imported = said.Source.Import
		}
		f.lots[e.record] = l
	}
	return nil
}

func (f *figures) takeBook(e *entry) error {
	var said struct {
		State any `json:"state"`
	}
	said.State = &f.profile
	if json.Unmarshal(e.line, &said) != nil {
		return brokenAt(entriesFile, 1, text{"读不出账簿的自述", "what the book says of itself cannot be read"})
	}
	return nil
}

func (s *state) lot() (lot, bool) {
	method := s.Method
	if method == "" || method == "other" {
		method = s.MethodText
	}
	l := lot{
		day: s.HammeredOn, outcome: s.Outcome, sale: s.Direction == "sale",
		competitive: !slices.Contains([]string{"direct_agreement", "fixed_price", "renewal", "small_asset"}, method),
	}
	ok := true
	if l.totalled = s.BaseTotal != nil && s.HammerTotal != nil; l.totalled {
		l.base, l.hammer = fen(*s.BaseTotal, &ok), fen(*s.HammerTotal, &ok)
	}
	if l.firstYearKnow = s.BaseFirstYear != nil && s.HammerFirstYear != nil; l.firstYearKnow {
		l.firstBase, l.firstHammer = fen(*s.BaseFirstYear, &ok), fen(*s.HammerFirstYear, &ok)
	}
	return l, ok
}

// fen reads yuan with two decimals, a form that the scanner has seen.
func fen(yuan string, ok *bool) int64 {
	n, err := strconv.ParseInt(strings.Replace(yuan, ".", "", 1), 10, 64)
	*ok = *ok && err == nil
	return n
}

// approved tells whether the last review that speaks of the lot's entry approves it: one of the entry, or one of the
// whole import without it among its exceptions.
func (f *figures) approved(l *lot) bool {
	last, approved := int64(none), false
	for _, of := range []int64{l.seq, l.imported} {
		for _, r := range f.reviews[of] {
			if r.seq > last && (of == l.seq || !slices.Contains(r.except, l.seq)) {
				last, approved = r.seq, r.approved
			}
		}
	}
	return approved
}

func runTotals(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("totals")
	from := o.String("from", "", text{"期间的第一天，如 2021-01-01", "first day of the period, such as 2021-01-01"}.in(p.lang))
	to := o.String("to", "", text{"期间的最后一天，如 2021-06-30", "last day of the period, such as 2021-06-30"}.in(p.lang))
	asJSON := o.Bool("json", false, text{"打印 JSON", "print JSON"}.in(p.lang))
	operands, err := o.parse(args, 1)
	if err != nil {
		return err
	}
	for _, day := range []string{*from, *to} {
		if !isDay([]byte(day)) {
			return &usage{text{"--from 和 --to 要写成 2021-01-01 的样子", "--from and --to are days such as 2021-01-01"}}
		}
	}
	if *to < *from {
		return &usage{text{"--to 早于 --from", "--to is before --from"}}
	}
	f := newFigures()
	r, err := o.verified(ctx, operands[0], f.take)
	if err != nil {
		return err
	}
	s := f.summary(*from, *to)
	s.AsOf, s.Root, s.PublishedOnly = r.entries, r.head.root.String(), r.public
	if *asJSON {
		e := json.NewEncoder(p.out)
		e.SetEscapeHTML(false)
		return e.Encode(s)
	}
	p.printSummary(s)
	if len(o.keys.list) == 0 {
		p.ownWord(r.chain.now().keys...)
	}
	return nil
}

// sums adds up exactly: fen as whole numbers without bound.
type sums struct{ base, hammer big.Int }

func (s *sums) add(base, hammer int64) {
	s.base.Add(&s.base, big.NewInt(base))
	s.hammer.Add(&s.hammer, big.NewInt(hammer))
}

// yuan is an amount of fen as an exact number of yuan.
func yuan(fen *big.Int) *big.Rat { return new(big.Rat).SetFrac(fen, big.NewInt(100)) }

func (s *sums) premium() *big.Rat { return difference(yuan(&s.hammer), yuan(&s.base)) }
