package auction

import (
	"github.com/shopspring/decimal"

	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// figures reads quantity, prices, totals, deposit and claims of a row.
func (r *reader) figures(rec *record, bad func(string, error)) {
	unit := r.rowUnit(rec, "price_unit", bad)
	rec.base = r.price(rec, "base_price", "base_total", unit, bad)
	if own := r.rowUnit(rec, "hammer_unit", bad); own != nil {
		unit = own
	}
	rec.hammer = r.price(rec, "hammer_price", "hammer_total", unit, bad)
	r.quantity(rec, bad)
	if cell := rec.row.Cell("deposit"); !cell.Blank() {
		m, w, err := r.plainMoney(cell, r.money["deposit"])
		if err == nil && m.Sign() < 0 {
			err = ledger.E(ledger.Invalid, "amount.negative", cell.Shown())
		}
		bad("deposit", err)
		if err == nil {
			rec.state.Deposit = &m
			r.note(rec, "deposit", w)
			r.tally.Add("deposit", cell, inUnit(m, r.money["deposit"]))
			r.see("deposit", m)
		}
	}
	for _, field := range []string{"contract_total", "premium", "premium_rate"} {
		r.claim(rec, field, bad)
	}
}

// rowUnit reads the row's own price unit, where the table has that column.
func (r *reader) rowUnit(rec *record, key string, bad func(string, error)) *rowUnit {
	cell := rec.row.Cell(key)
	if cell.Blank() {
		return nil
	}
	unit, money, err := price.ParseUnit(cell.Text)
	if err != nil {
		bad(key, err)
		return nil
	}
	if unit.Period == price.Unsaid && r.o.Span != "" {
		if span, err := price.ParseSpan(r.o.Span); err == nil {
			unit = unit.Over(span)
		}
	}
	return &rowUnit{unit, money}
}

// price reads a base or a hammer: the price per unit where there is one, else the total. A total beside a
// price is a claim.
func (r *reader) price(rec *record, priceKey, totalKey string, unit *rowUnit, bad func(string, error)) *amount {
	var found *amount
	for _, key := range []string{priceKey, totalKey} {
		cell := rec.row.Cell(key)
		if cell.Blank() {
			continue
		}
		if found != nil {
			rec.claims = append(rec.claims, sheetClaim{field: key, cell: cell, unit: r.prices[key].money})
			if m, _, err := r.plainMoney(cell, r.prices[key].money); err == nil {
				r.tally.Add(key, cell, inUnit(m, r.prices[key].money))
				r.see(key, m)
			}
			continue
		}
		a, err := r.prices[key].read(cell, unit)
		if err != nil {
			bad(key, err)
			continue
		}
		found = &a
		r.note(rec, key, a.written)
		r.table.See(key, a.price.Decimal(), yuan)
		if a.isTotal {
			r.tally.Add(key, cell, inUnit(a.total, r.prices[key].money))
		}
	}
	return found
}

// quantity reads how much is let. A bare number is in the header's unit, else in what the price is for, else
// in mu.
func (r *reader) quantity(rec *record, bad func(string, error)) {
	cell := rec.row.Cell("quantity")
	if cell.Blank() {
		return
	}
	measure := r.area
	if measure == price.None {
		for _, a := range []*amount{rec.base, rec.hammer} {
			if a != nil && measure == price.None {
				measure = a.unit.Measure
			}
		}
	}
	if measure == price.None {
		measure = price.Mu
	}
	text, err := intake.FigureText(cell)
	if err == nil {
		var w ledger.Written
		rec.quantity, w, err = price.ParseQuantity(text, measure)
		if err == nil && rec.quantity.Number.Sign() <= 0 {
			err = ledger.E(ledger.Invalid, "amount.not_positive", text)
		}
		r.note(rec, "quantity", w)
	}
	bad("quantity", err)
	if err == nil {
		r.table.See("quantity", rec.quantity.Number, decimal.Decimal.String)
	}
	if d, plain := cell.Number(); err == nil && plain == nil {
		r.tally.Add("quantity", cell, d)
	}
}

func (r *reader) plainMoney(cell sheet.Cell, unit ledger.MoneyUnit) (ledger.Money, ledger.Written, error) {
	text, err := intake.FigureText(cell)
	if err != nil {
		return ledger.Money{}, ledger.Written{}, err
	}
	return ledger.ParseMoneyText(text, unit)
}

// claim keeps a stated figure. That it can be read at all is asked now, whether it fits when the lot's own
// figures are known.
func (r *reader) claim(rec *record, field string, bad func(string, error)) {
	cell := rec.row.Cell(field)
	if cell.Blank() {
		return
	}
	c := sheetClaim{field: field, cell: cell, unit: r.money[field]}
	if b, ok := r.t.Column(field); ok {
		c.header = b.Unit
	}
	if field == "premium_rate" {
		_, _, err := c.rate()
		bad(field, err)
	} else {
		m, _, err := r.plainMoney(cell, c.unit)
		bad(field, err)
		if err == nil {
			r.tally.Add(field, cell, inUnit(m, c.unit))
			r.see(field, m)
		}
	}
	rec.claims = append(rec.claims, c)
}

// see notes an amount for the dry run: in yuan, whatever the column is in, so that a wrong unit shows.
func (r *reader) see(key string, m ledger.Money) { r.table.See(key, m.Decimal(), yuan) }

func yuan(d decimal.Decimal) string { return d.String() + "元" }

// note keeps how a figure was written where its text says more than its value.
func (r *reader) note(rec *record, field string, w ledger.Written) {
	if w.Text == "" || !w.Approximate && (w.Unit == string(ledger.Yuan) || w.Unit == string(ledger.Mu)) {
		return
	}
	rec.state.Written = append(rec.state.Written, Written{Approximate: w.Approximate, Field: field, Text: ledger.Normal(w.Text), Unit: w.Unit})
}
