package auction

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// LotFilter says which listings a list has, and in which order. Zero fields ask nothing.
type LotFilter struct {
	Search                  string // in numbers, names, collective and village; all words must be there
	Outcome                 Outcome
	Kind, TradeKind, Method string      // a code, or the paper's own word
	Village                 string      // as Scope: 东升村 covers 东升村第一经济社
	Review                  string      // waiting, approved, returned
	Winner                  string      // the whole name
	Import                  int64       // the entry of an import
	From, To                *ledger.Day // hammered on, both included
	Sort                    string      // one of Sorts; "" is -id
}

// searchMax bounds what is searched for, in characters.
const searchMax = 100

// order is one of the orders of a list. Each has its index; a row without the value sorts as the lowest one.
type order struct {
	name, column, kind string // kind is the type of the value in SQL; "" sorts by the record's number alone
	down               bool
	value              func(*Lot) string
	valid              func(string) bool
}

func orders() []order {
	number := order{name: "lot_no", column: `lots.lot_no_key COLLATE "C"`, kind: "text", value: func(l *Lot) string { return l.LotNoKey }, valid: func(string) bool { return true }}
	day := order{name: "hammered_on", column: "COALESCE(lots.hammered_on, DATE '0001-01-01')", kind: "date", value: dayKey, valid: isDayKey}
	amount := order{name: "hammer_total", column: "COALESCE(lots.hammer_total::numeric, 0)", kind: "numeric", value: amountKey, valid: isAmountKey}
	dayDown, amountDown := day, amount
	dayDown.name, dayDown.down, amountDown.name, amountDown.down = "-hammered_on", true, "-hammer_total", true
	return []order{{name: "-id", down: true}, number, day, dayDown, amount, amountDown}
}

const noDay = "0001-01-01"

func dayKey(l *Lot) string {
	if l.HammeredOn == nil {
		return noDay
	}
	return l.HammeredOn.String()
}

func isDayKey(text string) bool {
	_, err := ledger.ParseDay(text)
	return err == nil || text == noDay
}

func amountKey(l *Lot) string {
	if l.HammerTotal == nil {
		return "0"
	}
	return l.HammerTotal.String()
}

func isAmountKey(text string) bool {
	_, err := ledger.ParseMoney(text)
	return err == nil
}

// Sorts are the orders that a list can have.
func Sorts() []string {
	var names []string
	for _, o := range orders() {
		names = append(names, o.name)
	}
	return names
}

// order is the order of the filter: invalid list.word_unknown for what is none.
func (f LotFilter) order() (order, error) {
	if f.Sort == "" {
		return orders()[0], nil
	}
	i := slices.IndexFunc(orders(), func(o order) bool { return o.name == f.Sort })
	if i < 0 {
		return order{}, ledger.E(ledger.Invalid, "list.word_unknown", f.Sort).On("sort")
	}
	return orders()[i], nil
}

// cursor is the place of a row in the order.
func (o order) cursor(l *Lot) string {
	if o.kind == "" {
		return ledger.Cursor(o.name, "", l.ID)
	}
	return ledger.Cursor(o.name, o.value(l), l.ID)
}

// sorted orders a query over lots and starts it after the place of the page. sort_key is what it is ordered by.
func (o order) sorted(q *bun.SelectQuery, page ledger.Page) (*bun.SelectQuery, error) {
	value, id, ok, err := page.Place(o.name)
	if err != nil {
		return nil, err
	}
	if o.kind == "" {
		if ok {
			q = q.Where("lots.id "+o.than()+" ?", id)
		}
		return q.ColumnExpr("lots.id AS sort_key").OrderExpr("lots.id" + o.direction()), nil
	}
	if ok && !o.valid(value) {
		return nil, ledger.E(ledger.Invalid, "page.unreadable").On("after")
	}
	if ok {
		q = q.Where("("+o.column+", lots.id) "+o.than()+" (?::"+o.kind+", ?)", value, id)
	}
	return q.ColumnExpr(o.column + " AS sort_key").OrderExpr(o.column + o.direction()).OrderExpr("lots.id" + o.direction()), nil
}

// sortedAgain orders a query over rows that sorted has ordered.
func (o order) sortedAgain(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.OrderExpr("lots.sort_key" + o.direction())
	if o.kind == "" {
		return q // it is the number
	}
	return q.OrderExpr("lots.id" + o.direction())
}

func (o order) direction() string {
	if o.down {
		return " DESC"
	}
	return " ASC"
}

func (o order) than() string {
	if o.down {
		return "<"
	}
	return ">"
}

// check refuses words that no list knows, instead of showing an empty one.
func (f LotFilter) check() error {
	if _, err := f.order(); err != nil {
		return err
	}
	if f.Outcome != "" && !slices.ContainsFunc(outcomes(), func(w word) bool { return w.code == string(f.Outcome) }) {
		return ledger.E(ledger.Invalid, "list.word_unknown", string(f.Outcome)).On("outcome")
	}
	if !slices.Contains([]string{"", review.Waiting, ledger.Approved, ledger.Returned}, f.Review) {
		return ledger.E(ledger.Invalid, "list.word_unknown", f.Review).On("review")
	}
	if n := utf8.RuneCountInString(f.Search); n > searchMax {
		return ledger.E(ledger.Invalid, "text.too_long", n, searchMax).On("search")
	}
	for field, text := range map[string]string{
		"search": f.Search, "kind": f.Kind, "trade_kind": f.TradeKind, "method": f.Method, "village": f.Village, "winner": f.Winner,
	} {
		if err := ledger.Clean(ledger.Normal(text)); err != nil {
			return ledger.E(ledger.Invalid, "list.word_unknown", "").On(field).Because(err)
		}
	}
	return nil
}

// narrow adds the conditions that an index of the order goes along with.
func (f LotFilter) narrow(q *bun.SelectQuery, o order) *bun.SelectQuery {
	if f.Import != 0 {
		q = q.Where("lots.import = ?", f.Import)
	}
	if o.kind == "date" {
		q = f.days(q)
	}
	return q
}

// days adds the span of days, in the very expression of the index; a listing without a day is of no span.
func (f LotFilter) days(q *bun.SelectQuery) *bun.SelectQuery {
	if f.From != nil {
		q = q.Where("COALESCE(lots.hammered_on, DATE '0001-01-01') >= ?", *f.From)
	}
	if f.To != nil {
		q = q.Where("COALESCE(lots.hammered_on, DATE '0001-01-01') <= ?", *f.To).Where("lots.hammered_on IS NOT NULL")
	}
	return q
}

// where adds all conditions of the filter, over rows with their standing where it asks for one. winners are the
// references of the persons of the winner's name.
func (f LotFilter) where(q *bun.SelectQuery, winners []string) *bun.SelectQuery {
	if grams := ledger.GramsOf(f.Search); len(grams) > 0 {
		q = q.Where("lots.grams @> ?", pgdialect.Array(grams))
	} else if ledger.Normal(f.Search) != "" {
		q = q.Where("FALSE") // nothing but marks
	}
	for column, word := range map[string]string{"outcome": string(f.Outcome), "kind": f.Kind, "trade_kind": f.TradeKind, "method": f.Method} {
		if word = ledger.Normal(word); word != "" {
			q = q.Where("? = ?", bun.Ident("lots."+column), word)
		}
	}
	q = ledger.InVillage(q, "lots.village_key", f.Village)
	if f.Import != 0 {
		q = q.Where("lots.import = ?", f.Import)
	}
	if f.Winner != "" {
		q = q.Where("lots.winner = ANY(?::text[])", pgdialect.Array(winners))
	}
	return f.days(review.With(q, f.Review))
}

// words is how many of the filter's conditions have an index of their own.
func (f LotFilter) words() (n int) {
	for _, word := range []string{f.Winner, f.Village, f.Kind, f.TradeKind, f.Method, string(f.Outcome)} {
		if ledger.Normal(word) != "" {
			n++
		}
	}
	return n
}

// winners are the references of the persons that the filter names.
func (f LotFilter) winners(ctx context.Context, db bun.IDB, book int64) ([]string, error) {
	name := ledger.PersonName(f.Winner)
	if name == "" {
		return nil, nil
	}
	return refsOf(ctx, db, book, name)
}
