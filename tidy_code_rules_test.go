package tidy_test

import (
	"slices"
	"strings"
)

func codeExamples() []example {
	return slices.Concat(numberExamples(), lengthExamples(), wordExamples())
}

func numberExamples() []example {
	return []example{
		{
			rule: "no floats", name: "no floats",
			bad:  map[string]string{"auction/lot.go": "package auction\nvar x float64\n"},
			want: "float64",
			good: map[string]string{
				"ledger/sheet/number.go":      "package sheet\nvar x float64 = 0.5\n",
				"ledger/sheet/number_test.go": "package sheet\nvar y = 0.5\n",
				"cmd/mingzhang/bench_test.go": "package main\nvar ratio float64\n",
			},
		},
		{
			rule: "no floats", name: "no floats in other files of sheet",
			bad:  map[string]string{"ledger/sheet/cell.go": "package sheet\nvar x float32\n"},
			want: "float32",
		},
		{
			rule: "no floats", name: "no floats by the back door",
			bad:  map[string]string{"ledger/rate.go": "package ledger\nvar x = decimal.NewFromFloat(1)\n"},
			want: "NewFromFloat",
		},
		{
			rule: "no floats", name: "no fractions as literals",
			bad:  map[string]string{"ledger/rate.go": "package ledger\nvar x = 0.4328\n"},
			want: "0.4328",
		},
		{
			rule: "only cmd reads the clock", name: "only cmd reads the clock",
			bad:  map[string]string{"auction/lot.go": "package auction\nimport tick \"time\"\nvar x = tick.Now()\n"},
			want: "time.Now",
			good: map[string]string{
				"auction/lot.go":        "package auction\nimport \"time\"\nvar x = clock.Now()\nvar y time.Time\n",
				"auction/lot_test.go":   "package auction\nimport \"time\"\nvar z = time.Now()\n",
				"cmd/mingzhang/main.go": "package main\nimport \"time\"\nvar x = time.Now()\n",
			},
		},
	}
}

func lengthExamples() []example {
	long := func(lines int) string { return strings.Repeat("\n", lines) }
	return []example{
		{
			rule: "functions and files are short", name: "functions are short",
			bad:  map[string]string{"ledger/book.go": "package ledger\nfunc f() {" + long(funcLines) + "}\n"},
			want: "f has 71 lines",
			good: map[string]string{"ledger/book.go": "package ledger\nfunc f() {" + long(funcLines-1) + "}\n"},
		},
		{
			rule: "functions and files are short", name: "files are short",
			bad:  map[string]string{"ledger/book.go": "package ledger" + long(fileLines) + "var x int\n"},
			want: "has 401 lines",
			good: map[string]string{"ledger/book.go": "package ledger" + long(fileLines-1) + "var x int\n"},
		},
		{
			rule: "functions and files are short", name: "files of tests are short",
			bad:  map[string]string{"ledger/book_test.go": "package ledger" + long(testFileLines) + "var x int\n"},
			want: "has 601 lines",
			good: map[string]string{"ledger/book_test.go": "package ledger" + long(testFileLines-1) + "var x int\n"},
		},
	}
}

func wordExamples() []example {
	const later = "// TO" + "DO"
	return []example{
		{
			rule: "packages say their promises", name: "packages say their promises",
			bad:  map[string]string{"ledger/book.go": "package ledger\n", "ledger/book_test.go": "// Package ledger.\npackage ledger\n"},
			want: "ledger has no package comment",
			good: map[string]string{"ledger/doc.go": "// Package ledger is the book.\npackage ledger\n", "ledger/book.go": "package ledger\n"},
		},
		{
			rule: "what is to do has an issue", name: "what is to do has an issue",
			bad:  map[string]string{"ledger/book.go": "package ledger\n\n" + later + ": later\n"},
			want: "has an issue",
			good: map[string]string{"ledger/book.go": "package ledger\n\n" + later + "(#12): group commits\n"},
		},
		{
			rule: "the words of the glossary", name: "the words of the glossary",
			bad:  map[string]string{"auction/lot.go": "package auction\ntype Lot struct{ ReservePrice string }\n"},
			want: "ReservePrice",
			good: map[string]string{"auction/lot.go": "package auction\ntype Lot struct{ BasePrice, HammerPrice, BaseTotal string }\n"},
		},
		{
			rule: "the words of the glossary", name: "the words of the glossary in the schema",
			bad:  map[string]string{"migrations/1.tx.up.sql": "CREATE TABLE lots (reserve_price numeric);\n"},
			want: "reserve_price",
			good: map[string]string{"migrations/1.tx.up.sql": "CREATE TABLE lots (base_price numeric);\n"},
		},
	}
}
