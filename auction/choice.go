package auction

import (
	"mingzhang/auction/kind"
	"mingzhang/auction/price"
	"mingzhang/ledger"
)

func choicesOf(list []word) []ledger.Choice {
	choices := make([]ledger.Choice, len(list))
	for i, w := range list {
		choices[i] = ledger.Choice{Code: w.code, Name: w.name}
	}
	return choices
}

// Outcomes are the outcomes of a listing (结果).
func Outcomes() []ledger.Choice { return choicesOf(outcomes()) }

// TradeKinds are the sorts of trade (交易类别); a paper may have its own words.
func TradeKinds() []ledger.Choice { return choicesOf(tradeKinds()) }

// Methods are the ways to trade (交易方式); a paper may have its own words.
func Methods() []ledger.Choice { return choicesOf(methods()) }

// Kinds are the sorts of assets (资产类别); a paper may have its own words.
func Kinds() []ledger.Choice {
	var list []ledger.Choice
	for _, k := range kind.All() {
		list = append(list, ledger.Choice{Code: k.Code, Name: k.Name})
	}
	return list
}

// PriceUnits are the usual units of a price (计价单位); any other can be written: 元/株·年.
func PriceUnits() []ledger.Choice {
	var list []ledger.Choice
	for _, u := range []price.Unit{
		{Measure: price.M2, Period: price.Month}, {Measure: price.M2, Period: price.Year}, {Measure: price.Mu, Period: price.Year},
		{Measure: price.Mu, Period: price.Month}, {Period: price.Month}, {Period: price.Year}, {Measure: "room", Period: price.Month},
		{Measure: "stall", Period: price.Month}, {Measure: "parking_space", Period: price.Month}, {Measure: "pond", Period: price.Year},
		{Measure: price.Mu, Period: price.WholeTerm}, {Period: price.WholeTerm},
	} {
		list = append(list, ledger.Choice{Code: u.String(), Name: u.Name()})
	}
	return list
}

// KindName is an asset kind in words; the paper's own word is itself.
func KindName(code string) ledger.Text { return kind.Name(code) }

// TradeKindName is a sort of trade in words; the paper's own word is itself.
func TradeKindName(code string) ledger.Text { return nameOf(tradeKinds(), code) }

// MethodName is a way to trade in words; the paper's own word is itself.
func MethodName(code string) ledger.Text { return nameOf(methods(), code) }
