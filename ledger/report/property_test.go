package report_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
)

// For random books, with lots of all sorts over some months, amended and voided, and for random periods as of
// each checkpoint: the kept sums of whole months with the part months give what a plain walk over the lots
// gives, and what PostgreSQL's SUM gives.
func TestSummary_SumsEqualRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := day(t, "2021-01-01")
	books := 0
	rapid.Check(t, func(rt *rapid.T) {
		books++
		book := b.open(t, fmt.Sprintf("b%d", books), ledger.OfficeBook)
		history := b.randomBook(t, rt, book, first)
		for range 3 {
			at := rapid.SampledFrom(history).Draw(rt, "as of")
			from := first.AddDays(rapid.IntRange(-10, 100).Draw(rt, "from"))
			p := period(t, from.String(), from.AddDays(rapid.IntRange(0, 120).Draw(rt, "days")).String())
			s, err := report.NewSummary(t.Context(), ledger.WholeBook(book), p, at.size)
			if err != nil {
				rt.Fatal(err)
			}
			got, want := shown(s), plain(at.lots, p)
			if got != want {
				rt.Fatalf("%s to %s as of %d of %d:\ngot  %s\nwant %s", p.From, p.To, at.size, history[len(history)-1].size, got, want)
			}
			if s.Trades.PremiumTotal.Sign() >= 0 { // a loss that lies on half a digit is another package's matter
				j, err := statement.Check(s.Sentence(ledger.ZH), s.Record())
				if err != nil || j.Verdict != statement.Consistent {
					rt.Fatalf("%s is judged %s (%v): %+v", s.Sentence(ledger.ZH), j.Verdict, err, j.Findings)
				}
			}
			if sql := b.sums(rt, book, p, at.size); sql != fmt.Sprintf("%d %s %s", s.Trades.Hammered, s.Trades.BaseTotal, s.Trades.HammerTotal) {
				rt.Fatalf("%s to %s as of %d: SUM gives %s, the report %s", p.From, p.To, at.size, sql, got)
			}
		}
	})
}

// moment is the lots of a book at one of its checkpoints.
type moment struct {
	size int64
	lots []auction.LotState
}

// randomBook records lots and then amends and voids some of them, a command each.
func (b *bundle) randomBook(tb testing.TB, rt *rapid.T, book *ledger.Book, first ledger.Day) []moment {
	tb.Helper()
	var lots []auction.LotState
	var drafts []ledger.Draft
	for i := range rapid.IntRange(1, 12).Draw(rt, "lots") {
		l := randomLot(rt, fmt.Sprintf("L-%d", i), first)
		lots = append(lots, l)
		drafts = append(drafts, ledger.Draft{Kind: "lot.recorded", State: &l})
	}
	size := b.do(tb, book, nil, func(*ledger.Present) []ledger.Draft { return drafts })
	history := []moment{{1, nil}, {size, slices.Clone(lots)}}
	for range rapid.IntRange(0, 4).Draw(rt, "changes") {
		if len(lots) == 0 {
			break
		}
		i := rapid.IntRange(0, len(lots)-1).Draw(rt, "which")
		if rapid.Bool().Draw(rt, "void") {
			size = b.change(tb, book, "lot.voided", lots[i].LotNo, &lots[i])
			lots = slices.Delete(slices.Clone(lots), i, i+1)
		} else {
			lots = slices.Clone(lots)
			lots[i] = randomLot(rt, lots[i].LotNo, first)
			size = b.change(tb, book, "lot.amended", lots[i].LotNo, &lots[i])
		}
		history = append(history, moment{size, lots})
	}
	return history
}

func randomLot(rt *rapid.T, no string, first ledger.Day) auction.LotState {
	l := auction.LotState{
		LotNo: no, Listing: 1,
		Direction: rapid.SampledFrom([]string{"sale", "sale", "sale", "procurement"}).Draw(rt, "direction"),
		Outcome: rapid.SampledFrom([]auction.Outcome{
			auction.Hammered, auction.Hammered, auction.Confirmed, auction.Disputed, auction.Defaulted, auction.Terminated, auction.Unsold, auction.Withdrawn,
		}).Draw(rt, "outcome"),
		Method: rapid.SampledFrom([]string{"online_bidding", "listing", "", "renewal", "fixed_price", "direct_agreement", "small_asset"}).Draw(rt, "method"),
	}
	if rapid.IntRange(0, 9).Draw(rt, "dated") > 0 {
		d := first.AddDays(rapid.IntRange(0, 120).Draw(rt, "day"))
		l.HammeredOn = &d
	}
	amount := func(name string) *ledger.Money {
		fen := rapid.Int64Range(0, 1_000_000_00).Draw(rt, name)
		if fen == 0 {
			return nil
		}
		m, err := ledger.MoneyRound(big.NewRat(fen, 100))
		if err != nil {
			rt.Fatal(err)
		}
		return &m
	}
	l.BaseTotal, l.HammerTotal = amount("base"), amount("hammer")
	l.BaseFirstYear, l.HammerFirstYear = amount("base of the first year"), amount("hammer of the first year")
	return l
}

// shown is the figures of a report on one line.
func shown(s *report.Summary) string {
	t := s.Trades
	rate := func(r *ledger.Rate) string {
		if r == nil {
			return "none"
		}
		return r.String()
	}
	return fmt.Sprintln(t.Hammered, t.Signed, t.Disputed, t.WithoutTotal, t.Unsold, t.Defaulted, t.Terminated, t.Withdrawn, t.Procurement, t.Undated,
		"base", t.BaseTotal, "hammer", t.HammerTotal, t.ContractTotal, "premium", t.PremiumTotal, rate(t.PremiumRate),
		"with", t.Competitive.Hammered, t.Competitive.PremiumTotal, rate(t.Competitive.PremiumRate),
		"without", t.Uncontested.Hammered, t.Uncontested.PremiumTotal, rate(t.Uncontested.PremiumRate),
		"first year", t.OtherRates[0].Lots, rate(t.OtherRates[0].Rate), "on hammer", t.OtherRates[1].Lots, rate(t.OtherRates[1].Rate))
}

// sums of exact amounts; a rate is rounded once, by big.Rat itself.
type sums struct {
	lots         int64
	base, hammer *big.Rat
}

func newSums() *sums { return &sums{base: new(big.Rat), hammer: new(big.Rat)} }

func (s *sums) add(base, hammer *ledger.Money) {
	if base != nil && hammer != nil {
		s.lots++
		s.base.Add(s.base, base.Rat())
		s.hammer.Add(s.hammer, hammer.Rat())
	}
}

func (s *sums) premium() *big.Rat { return new(big.Rat).Sub(s.hammer, s.base) }

func (s *sums) rate(whole *big.Rat) string {
	if whole.Sign() == 0 {
		return "none"
	}
	text := new(big.Rat).Quo(s.premium(), whole).FloatString(4)
	if text == "-0.0000" {
		return "0.0000" // big.Rat keeps the sign of what it rounds away
	}
	return text
}

// plain walks over the lots and counts as the words of the report say, with no code of the program's.
func plain(lots []auction.LotState, p report.Period) string {
	count := map[string]int64{}
	all, with, without, firstYear := newSums(), newSums(), newSums(), newSums()
	for _, l := range lots {
		switch {
		case l.HammeredOn == nil:
			count["undated"]++
			continue
		case l.HammeredOn.Before(p.From) || l.HammeredOn.After(p.To):
			continue
		case l.Direction == "procurement":
			count["procurement"]++
			continue
		}
		count[string(l.Outcome)]++
		if l.Outcome != "hammered" && l.Outcome != "confirmed" && l.Outcome != "disputed" {
			continue
		}
		count["sold"]++
		if l.BaseTotal == nil || l.HammerTotal == nil {
			count["without total"]++
		}
		all.add(l.BaseTotal, l.HammerTotal)
		firstYear.add(l.BaseFirstYear, l.HammerFirstYear)
		switch l.Method {
		case "renewal", "fixed_price", "direct_agreement", "small_asset":
			count["without"]++
			without.add(l.BaseTotal, l.HammerTotal)
		default:
			count["with"]++
			with.add(l.BaseTotal, l.HammerTotal)
		}
	}
	fen := func(r *big.Rat) string { return r.FloatString(2) }
	return fmt.Sprintln(count["sold"], count["confirmed"], count["disputed"], count["without total"], count["unsold"], count["defaulted"], count["terminated"],
		count["withdrawn"], count["procurement"], count["undated"],
		"base", fen(all.base), "hammer", fen(all.hammer), fen(all.hammer), "premium", fen(all.premium()), all.rate(all.base),
		"with", count["with"], fen(with.premium()), with.rate(with.base),
		"without", count["without"], fen(without.premium()), without.rate(without.base),
		"first year", firstYear.lots, firstYear.rate(firstYear.base), "on hammer", all.lots, all.rate(all.hammer))
}

// sums asks PostgreSQL for the sold lots of a period as of a checkpoint size.
func (b *bundle) sums(rt *rapid.T, book *ledger.Book, p report.Period, asOf int64) string {
	id, err := ledger.WholeBook(book).BookID()
	if err != nil {
		rt.Fatal(err)
	}
	var got struct {
		bun.BaseModel
		Lots         int64
		Base, Hammer ledger.Money
	}
	err = b.db.Reader().NewRaw(`SELECT count(*) AS lots,
			coalesce(sum(base_total) FILTER (WHERE hammer_total IS NOT NULL), 0) AS base,
			coalesce(sum(hammer_total) FILTER (WHERE base_total IS NOT NULL), 0) AS hammer
		FROM lots WHERE book_id = ?0 AND hammered_on BETWEEN ?1 AND ?2 AND direction = 'sale' AND NOT voided
			AND outcome IN ('hammered', 'confirmed', 'disputed') AND seq_from < ?3 AND coalesce(seq_to, ?3) >= ?3`,
		id, p.From, p.To, asOf).Scan(rt.Context(), &got)
	if err != nil {
		rt.Fatal(err)
	}
	return fmt.Sprintf("%d %s %s", got.Lots, got.Base, got.Hammer)
}
