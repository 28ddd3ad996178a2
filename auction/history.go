package auction

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/auction/price"
	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// History reads all entries of a listing, the oldest first, each with what it changed, in words, and with the reviews
// that spoke of it.
//
// Errors: not_found lot.unknown, also where the listing as it stands lies outside the scope.
func History(ctx context.Context, db bun.IDB, scope ledger.Scope, id int64) ([]review.Version, error) {
	if _, err := Find(ctx, db, scope, id); err != nil {
		return nil, err
	}
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	var rows []*Lot
	err = db.NewSelect().Model(&rows).Where("lots.book_id = ?", book).Where("lots.id = ?", id).Where(scope.Until("lots.seq_from")).OrderExpr("lots.seq_from").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("auction: reading the versions of a lot: %w", err)
	}
	if err := dress(ctx, db, book, rows); err != nil {
		return nil, err
	}
	versions, err := review.Timeline(ctx, db, scope, rows, func(l *Lot) *int64 { return l.Import })
	if err != nil {
		return nil, err
	}
	before := new(LotState).row()
	for i, l := range rows {
		versions[i].Changes = changes(before, l)
		before = l
	}
	return versions, nil
}

// changes are the differences that people are shown, in words: what follows from others is not.
func changes(before, l *Lot) []review.Change {
	var list []review.Change
	for _, d := range differences(before, l) {
		if slices.Contains([]string{"import", "direction", "numbered_by_book", "voided", "base_first_year", "hammer_first_year", "term_months", "term_days"}, d.Column) {
			continue
		}
		if d.Column == "winner" {
			d.Old, d.New = before.WinnerName, l.WinnerName
		}
		list = append(list, review.Change{Column: d.Column, Old: InWords(d.Column, d.Old), New: InWords(d.Column, d.New)})
	}
	return list
}

// InWords is the value of a column as people read it.
func InWords(column, value string) ledger.Text {
	plain := ledger.Text{ZH: value, EN: value}
	if value == "" {
		return plain
	}
	switch column {
	case "outcome":
		return Outcome(value).Name()
	case "kind":
		return KindName(value)
	case "trade_kind":
		return TradeKindName(value)
	case "method":
		return MethodName(value)
	case "listing":
		if value == "0" {
			return ledger.Text{ZH: "", EN: ""}
		}
	case "lines":
		return wordsOf(value, Line.Words)
	case "claims":
		return wordsOf(value, Claim.Words)
	}
	return plain
}

// wordsOf puts a list that a row holds as JSON into words.
func wordsOf[V any](column string, words func(V) ledger.Text) ledger.Text {
	var list []V
	if err := json.Unmarshal([]byte(column), &list); err != nil {
		return ledger.Text{ZH: column, EN: column} // a column that somebody changed: check finds it
	}
	var zh, en []string
	for _, v := range list {
		text := words(v)
		zh, en = append(zh, text.ZH), append(en, text.EN)
	}
	return ledger.Text{ZH: strings.Join(zh, "；"), EN: strings.Join(en, "; ")}
}

// Words is a priced line in words: 一层，2000㎡，底价 15.00 元/㎡·月，成交 20.00 元/㎡·月.
func (l Line) Words() ledger.Text {
	var zh, en []string
	add := func(z, e string) { zh, en = append(zh, z), append(en, e) }
	if l.AssetName != "" {
		add(l.AssetName, l.AssetName)
	}
	if l.Quantity != "" {
		measure := price.Measure(l.Measure).Name()
		add(l.Quantity+measure.ZH, strings.TrimSpace(l.Quantity+" "+measure.EN))
	}
	for _, p := range []struct {
		name  ledger.Text
		price *ledger.Price
		unit  string
	}{{ledger.Text{ZH: "底价", EN: "base"}, l.BasePrice, l.BaseUnit}, {ledger.Text{ZH: "成交", EN: "hammer"}, l.HammerPrice, l.HammerUnit}} {
		if p.price == nil {
			continue
		}
		unit := ledger.Text{ZH: p.unit, EN: p.unit}
		if read, _, err := price.ParseUnit(p.unit); err == nil {
			unit = read.Name()
		}
		add(p.name.ZH+" "+shortest(p.price.String())+" "+unit.ZH, p.name.EN+" "+shortest(p.price.String())+" "+unit.EN)
	}
	return ledger.Text{ZH: strings.Join(zh, "，"), EN: strings.Join(en, ", ")}
}

// Words is what the paper claims, in words: 溢价率 33.33%.
func (c Claim) Words() ledger.Text {
	name := nameOf([]word{
		{"contract_total", ledger.Text{ZH: "合同总标的", EN: "contract total"}, nil}, {"premium", ledger.Text{ZH: "溢价", EN: "premium"}, nil},
		{"premium_rate", ledger.Text{ZH: "溢价率", EN: "premium rate"}, nil}, {"base_total", ledger.Text{ZH: "底价合同总额", EN: "base total"}, nil},
		{"hammer_total", ledger.Text{ZH: "成交合同总额", EN: "hammer total"}, nil},
	}, c.Field)
	text := c.Text
	if strings.Trim(text, "0123456789.,-") == "" {
		text += c.Unit // a number alone is in the unit of its column
	}
	return ledger.Text{ZH: name.ZH + " " + text, EN: name.EN + " " + text}
}
