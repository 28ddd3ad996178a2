package auction

import (
	"errors"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// priceColumn is what a column of bases or hammers was taken for.
type priceColumn struct {
	key    string
	there  bool
	unit   price.Unit
	money  ledger.MoneyUnit
	perRow bool // unit and span stand in the row's 计价单位
}

// takePrice finds out unit and span of a price column: from its header, the captions, the row's own price
// unit, the user. What nobody says is refused with that question, never guessed.
func takePrice(t *sheet.Table, table *intake.Table, o intake.Options, key string) (priceColumn, error) {
	c := priceColumn{key: key, money: ledger.Yuan}
	bound, ok := t.Column(key)
	if !ok {
		return c, nil
	}
	c.there = true
	for _, text := range slices.Concat([]string{bound.Unit}, t.Units, o.Units) {
		if text == "" {
			continue
		}
		unit, money, err := price.ParseUnit(text)
		if err == nil {
			c.unit, c.money = unit, money
			break
		}
		if text == bound.Unit {
			return c, headerFault(bound, err)
		}
		if strings.ContainsAny(text, "元圆币") { // a money unit that the book does not know is not 元
			return c, ledger.E(ledger.Invalid, "import.header_unit", bound.Letter, bound.Header, text).On(key).Because(err)
		}
	}
	if c.unit.Period == price.Unsaid {
		if err := c.takeSpan(t, bound, o); err != nil {
			return c, err
		}
	}
	if c.perRow {
		table.Take(key, string(c.money), "price_unit", ledger.Text{ZH: "按各行的计价单位", EN: "in each row's price unit"})
	} else {
		table.Take(key, string(c.money), c.unit.String(), c.unit.Name())
	}
	return c, nil
}

// takeSpan decides what time a price covers that names none.
func (c *priceColumn) takeSpan(t *sheet.Table, bound sheet.Bound, o intake.Options) error {
	if span, ok := headerSpan(bound); ok {
		c.unit = c.unit.Over(span)
		return nil
	}
	if _, ok := t.Column("price_unit"); ok && c.unit.Measure == price.None && !c.besidePrice(t) {
		c.perRow = true
		return nil
	}
	if o.Span != "" {
		span, err := price.ParseSpan(o.Span)
		if err != nil {
			return err
		}
		c.unit = c.unit.Over(span)
		return nil
	}
	for _, key := range []string{"term", "base_price", "hammer_price", "quantity"} {
		if _, ok := t.Column(key); ok {
			if c.besidePrice(t) {
				return nil // the price says all; this is a claim beside it, and asked about where the price is blank
			}
			return ledger.E(ledger.Invalid, "price.span_unsaid", bound.Letter, bound.Header).On(bound.Key)
		}
	}
	c.unit = c.unit.Over(price.WholeTerm)
	return nil
}

// besidePrice tells whether the column stands beside one of prices per unit.
func (c *priceColumn) besidePrice(t *sheet.Table) bool {
	_, ok := t.Column(strings.Replace(c.key, "_total", "_price", 1))
	return ok && strings.HasSuffix(c.key, "_total")
}

// headerSpan reads the span from the words of a header: 底价合同总额, 年底价, 成交价(元)(月租金).
func headerSpan(b sheet.Bound) (price.Period, bool) {
	for _, note := range b.Notes {
		if span, err := price.ParseSpan(note); err == nil {
			return span, true
		}
	}
	name := strings.ToLower(ledger.Fold(b.Header))
	switch {
	case strings.Contains(name, "总额"), strings.Contains(name, "总价"), strings.Contains(name, "合同"), strings.HasSuffix(name, "total"):
		return price.WholeTerm, true
	case strings.Contains(name, "首年"), strings.HasPrefix(name, "年"), strings.Contains(name, "成交年"), strings.Contains(name, "年租"):
		return price.Year, true
	case strings.HasPrefix(name, "月"), strings.Contains(name, "月租"):
		return price.Month, true
	}
	return price.Unsaid, false
}

func headerFault(b sheet.Bound, err error) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		if e.Reason == "price.unit_in_kind" {
			return e.On(b.Key)
		}
		return ledger.E(e.Code, "import.header_unit", b.Letter, b.Header, b.Unit).On(b.Key).Because(err)
	}
	return err
}

// amount is a cell of a price column: a whole total, or a price in a unit.
type amount struct {
	unit    price.Unit
	price   ledger.Price
	total   ledger.Money // when the unit is the whole term of the whole lot
	isTotal bool
	cell    sheet.Cell
	written ledger.Written
}

// read reads a cell of the column; rowUnit is the row's own price unit, if it has one.
func (c priceColumn) read(cell sheet.Cell, rowUnit *rowUnit) (amount, error) {
	a := amount{unit: c.unit, cell: cell}
	money := c.money
	if c.perRow {
		if rowUnit == nil {
			return a, ledger.E(ledger.Invalid, "price.unit_missing")
		}
		a.unit, money = rowUnit.unit, rowUnit.money
	}
	if a.unit.Period == price.Unsaid {
		return a, ledger.E(ledger.Invalid, "price.span_unsaid_row", a.unit.Name())
	}
	text, err := intake.FigureText(cell)
	if err != nil {
		return a, err
	}
	if a.unit == (price.Unit{Period: price.WholeTerm}) {
		a.isTotal = true
		a.total, a.written, err = ledger.ParseMoneyText(text, money)
		a.price, _ = ledger.PriceFromDecimal(a.total.Decimal())
		return a, positive(a.total.Sign(), text, err)
	}
	a.price, a.written, err = ledger.ParsePriceText(text, money)
	return a, positive(a.price.Sign(), text, err)
}

func positive(sign int, text string, err error) error {
	if err != nil {
		return err
	}
	if sign <= 0 {
		return ledger.E(ledger.Invalid, "amount.not_positive", text)
	}
	return nil
}

// rowUnit is a row's 计价单位.
type rowUnit struct {
	unit  price.Unit
	money ledger.MoneyUnit
}

// inUnit is an amount in the unit that the column is printed in, for comparing with totals.
func inUnit(m ledger.Money, u ledger.MoneyUnit) decimal.Decimal { return m.Decimal().Div(u.Factor()) }
