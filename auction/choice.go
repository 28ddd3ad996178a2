package auction

import (
	"mingzhang/auction/kind"
	"mingzhang/auction/price"
	"mingzhang/ledger"
)

// Choice is a word that a field can have, for a form to choose from.
type Choice struct {
	Code string      `json:"code"`
	Name ledger.Text `json:"name"`
}

func choicesOf(list []word) []Choice {
	choices := make([]Choice, len(list))
	for i, w := range list {
		choices[i] = Choice{w.code, w.name}
	}
	return choices
}

// Outcomes are the outcomes of a listing (结果).
func Outcomes() []Choice { return choicesOf(outcomes()) }

// TradeKinds are the sorts of trade (交易类别); a paper may have its own words.
func TradeKinds() []Choice { return choicesOf(tradeKinds()) }

// Methods are the ways to trade (交易方式); a paper may have its own words.
func Methods() []Choice { return choicesOf(methods()) }

// Kinds are the sorts of assets (资产类别); a paper may have its own words.
func Kinds() []Choice {
	var list []Choice
	for _, k := range kind.All() {
		list = append(list, Choice{k.Code, k.Name})
	}
	return list
}

// PriceUnits are the usual units of a price (计价单位); any other can be written: 元/株·年.
func PriceUnits() []Choice {
	var list []Choice
	for _, u := range []price.Unit{
		{Measure: price.M2, Period: price.Month}, {Measure: price.M2, Period: price.Year}, {Measure: price.Mu, Period: price.Year},
		{Measure: price.Mu, Period: price.Month}, {Period: price.Month}, {Period: price.Year}, {Measure: "room", Period: price.Month},
		{Measure: "stall", Period: price.Month}, {Measure: "parking_space", Period: price.Month}, {Measure: "pond", Period: price.Year},
		{Measure: price.Mu, Period: price.WholeTerm}, {Period: price.WholeTerm},
	} {
		list = append(list, Choice{u.String(), u.Name()})
	}
	return list
}

// KindName is an asset kind in words; the paper's own word is itself.
func KindName(code string) ledger.Text { return kind.Name(code) }

// TradeKindName is a sort of trade in words; the paper's own word is itself.
func TradeKindName(code string) ledger.Text { return nameOf(tradeKinds(), code) }

// MethodName is a way to trade in words; the paper's own word is itself.
func MethodName(code string) ledger.Text { return nameOf(methods(), code) }
