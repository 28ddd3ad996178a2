package sheet

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// This file is the one place with binary fractions: a numeric cell of an Excel file is one.

// fifteen gives the plain digits of a stored number: what Excel itself would show with 15 digits. Up to
// 15 digits are taken as they are; more come from writing a binary number out (861.64999999999998) and
// are rounded back. reason is set when the number has more than 15 digits before the point.
func fifteen(stored string) (digits, reason string) {
	if short, ok := shortNumber(stored); ok {
		return short, ""
	}
	value, err := strconv.ParseFloat(stored, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return "", "sheet.not_a_number"
	}
	if size := math.Abs(value); size >= 1e15 || size >= 1e13 && significant(strconv.FormatFloat(value, 'e', -1, 64)) > 15 {
		return "", "sheet.too_many_digits" // from 10^13 on, the sixteenth digit may be a fen
	}
	d, err := decimal.NewFromString(strconv.FormatFloat(value, 'e', 14, 64))
	if err != nil {
		return "", "sheet.not_a_number"
	}
	return d.String(), ""
}

// significant counts the digits before the exponent.
func significant(s string) int {
	digits, _, _ := strings.Cut(s, "e")
	return len(strings.Trim(strings.ReplaceAll(digits, ".", ""), "-"))
}

// shortNumber holds for plain numbers of at most 15 digits, which binary numbers carry exactly.
func shortNumber(s string) (string, bool) {
	body := strings.TrimPrefix(s, "-")
	if body == "" || body[0] == '.' || body[len(body)-1] == '.' || len(body) > 16 || s == "-0" {
		return "", false
	}
	digits, points := 0, 0
	for i := range len(body) {
		switch c := body[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && points == 0:
			points++
		default:
			return "", false
		}
	}
	return s, digits <= 15
}

// asBinary is a number as an Excel file stores it, for writing one.
func asBinary(digits string) (any, error) {
	number, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return nil, fmt.Errorf("sheet: writing the rejected rows: %w", err)
	}
	return number, nil
}
