// Package price turns the terms of a lot (priced lines, term, rent-free time, escalation) into money:
// contract totals, first-year amounts, a schedule. It is pure: no clock, no database, no rounding but one.
//
// What it promises, each with the test that holds it:
//
//   - Every formula is exact in fractions, summed over the lines and rounded once to the fen, half
//     away from zero (flat_test.go; property_test.go checks it against whole numbers of fen).
//   - What a unit does not say is not guessed: 元/亩 has no span, 造 has no count a year, a bare
//     number has no unit. The caller says it (Unit.Over, Line.Crops) or is refused (unit_test.go).
//   - The published totals of real trades come out to the last printed digit (flat_test.go).
//
// Where the formulas come from:
//
//   - Flat, the default: first-year price × quantity × number of periods, the term being months ÷ 12
//     for a price per year and months for a price per month. It reproduces what offices print
//     (奔牛 31/12 years = 264.65万; 白沙 prints 331万 although its rent rises every five years).
//     A quarter is months ÷ 3, a half-year months ÷ 6; a price per day counts calendar days, both
//     ends included; a total counts once; 造 counts crops a year × months ÷ 12.
//   - FlatNet is flat without the rent-free months, Escalated also raises the price by lease years:
//     怀集 133,212 a year for 25 years is 3,330,300 flat and 3,680,402 with +5 % every 5 years
//     compounding. Both are defensible, so a total always goes with the name of its Convention.
//   - Areas convert exactly: 1 mu = 2000/3 m², 1 hectare = 15 mu.
//   - FirstYear is the amount of the first twelve months (or of the whole term when shorter), the
//     weight of the rate definition on_first_year. A price for the whole term is shared out by months.
//   - A term between two dates counts both days. A month ends on the day before its corresponding day,
//     or, where the month has no such day, on its last day (Civil Code 202).
//   - A term of months and odd days has no agreed share of a month; a price per month or longer is
//     refused on it rather than guessed.
package price
