package report

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// read adds up the period: its whole months from the kept sums, the days before and after them from the
// listings themselves. Sums are kept for whole books: a part of one is added up from its listings.
func (t *Trades) read(ctx context.Context, db bun.IDB, scope ledger.Scope, p Period, asOf int64, atHead bool) error {
	months, edges := split(p)
	if !scope.Whole() {
		months, edges = nil, []Period{p}
	}
	if months != nil {
		if err := t.readMonths(ctx, db, scope, months.From.Month(), months.To.Month(), asOf, atHead, t.count); err != nil {
			return err
		}
	}
	for _, edge := range edges {
		if err := t.readLots(ctx, db, scope, edge, asOf); err != nil {
			return err
		}
	}
	if scope.Whole() {
		undated := func(m *auction.LotMonth) { t.Undated += m.Lots }
		if err := t.readMonths(ctx, db, scope, 0, 0, asOf, atHead, undated); err != nil {
			return err
		}
	}
	t.finish(p)
	return nil
}

// split cuts a period into its whole months and the part months at its ends.
func split(p Period) (months *Period, edges []Period) {
	first, last := p.From, p.To
	if first != first.FirstOfMonth() {
		first = first.FirstOfMonth().AddMonths(1)
	}
	if last != last.LastOfMonth() {
		last = last.FirstOfMonth().AddDays(-1)
	}
	if last.Before(first) {
		return nil, []Period{p}
	}
	if p.From.Before(first) {
		edges = append(edges, Period{p.From, first.AddDays(-1)})
	}
	if p.To.After(last) {
		edges = append(edges, Period{last.AddDays(1), p.To})
	}
	return &Period{first, last}, edges
}

func (t *Trades) readMonths(ctx context.Context, db bun.IDB, scope ledger.Scope, from, to int, asOf int64, atHead bool, add func(*auction.LotMonth)) error {
	book, err := scope.BookID()
	if err != nil {
		return err
	}
	var rows []*auction.LotMonth
	q := db.NewSelect().Model(&rows).Where("book_id = ?", book).Where("month BETWEEN ? AND ?", from, to)
	if atHead {
		q = q.Where("seq_to IS NULL") // an index holds just these
	} else {
		q = q.Where("seq_from < ?", asOf).Where("(seq_to IS NULL OR seq_to >= ?)", asOf)
	}
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("report: reading the sums of months: %w", err)
	}
	for _, m := range rows {
		add(m)
	}
	return nil
}

func (t *Trades) readLots(ctx context.Context, db bun.IDB, scope ledger.Scope, p Period, asOf int64) error {
	return auction.Listings(ctx, db, scope, asOf, p.From, p.To, func(l *auction.Lot) { t.count(auction.MonthOf(l)) })
}

// sold adds hammered lots to the sums.
func (t *Trades) sold(m *auction.LotMonth) {
	t.Hammered += m.Lots
	t.WithoutTotal += m.Lots - m.Totalled
	t.BaseTotal, t.HammerTotal = t.BaseTotal.Add(m.BaseTotal), t.HammerTotal.Add(m.HammerTotal)
	part := &t.Competitive
	if !m.Competitive {
		part = &t.Uncontested
	}
	part.Hammered += m.Lots
	part.BaseTotal, part.HammerTotal = part.BaseTotal.Add(m.BaseTotal), part.HammerTotal.Add(m.HammerTotal)
	if m.Reviewed {
		t.Reviewed += m.Lots
	}
	if t.byMonth == nil {
		t.byMonth = map[int64]*Month{}
	}
	month := t.byMonth[m.Month]
	if month == nil {
		month = &Month{}
		t.byMonth[m.Month] = month
	}
	month.Hammered += m.Lots
	month.BaseTotal, month.HammerTotal = month.BaseTotal.Add(m.BaseTotal), month.HammerTotal.Add(m.HammerTotal)
	t.firstYear.lots += m.FirstYearLots
	t.firstYear.base, t.firstYear.hammer = t.firstYear.base.Add(m.BaseFirstYear), t.firstYear.hammer.Add(m.HammerFirstYear)
	t.totalled += m.Totalled
}

// finish computes what follows from the sums. Rates are rounded once, here.
func (t *Trades) finish(p Period) {
	t.finishMonths(p)
	t.ContractTotal = t.HammerTotal
	t.PremiumTotal = t.HammerTotal.Sub(t.BaseTotal)
	t.PremiumRate = rate(ledger.OnContractTotal, t.BaseTotal, t.HammerTotal)
	for _, p := range []*Part{&t.Competitive, &t.Uncontested} {
		p.PremiumTotal = p.HammerTotal.Sub(p.BaseTotal)
		p.PremiumRate = rate(ledger.OnContractTotal, p.BaseTotal, p.HammerTotal)
	}
	t.OtherRates = []NamedRate{
		{ledger.OnFirstYear, rate(ledger.OnFirstYear, t.firstYear.base, t.firstYear.hammer), t.firstYear.lots},
		{ledger.OnHammerTotal, rate(ledger.OnHammerTotal, t.BaseTotal, t.HammerTotal), t.totalled},
	}
}

func rate(d ledger.RateDefinition, base, hammer ledger.Money) *ledger.Rate {
	if r, ok := ledger.PremiumRate(d, base, hammer); ok {
		return &r
	}
	return nil
}

// monthsMax bounds the months that a report lists one by one: longer periods list those with trades only.
const monthsMax = 36

// finishMonths puts the months in order. A month without trades stands there with zeros.
func (t *Trades) finishMonths(p Period) {
	t.Months = []Month{}
	every := p.From.FirstOfMonth().AddMonths(monthsMax).After(p.To)
	for first := p.From.FirstOfMonth(); !first.After(p.To); first = first.AddMonths(1) {
		m := t.byMonth[int64(first.Month())]
		switch {
		case m == nil && !every:
			continue
		case m == nil:
			m = &Month{}
		}
		m.Month = first.String()[:len("2006-01")]
		m.PremiumTotal = m.HammerTotal.Sub(m.BaseTotal)
		t.Months = append(t.Months, *m)
	}
}
