package sheet

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// Whatever amount of at most 15 digits is typed into Excel comes back as typed, however it was stored.
func TestTypedAmountsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64Range(-99_999_999_999_999, 99_999_999_999_999).Draw(t, "fen")
		want := new(big.Rat).SetFrac64(fen, 100)
		binary, _ := want.Float64()
		for _, stored := range []string{strconv.FormatFloat(binary, 'g', 17, 64), strconv.FormatFloat(binary, 'g', -1, 64), strconv.FormatFloat(binary, 'f', -1, 64)} {
			got, reason := fifteen(stored)
			if reason != "" || !sameNumber(got, want.FloatString(2)) {
				t.Fatalf("%s: got %q %s, want %s", stored, got, reason, want.FloatString(2))
			}
		}
	})
}

// The library's list of built-in formats says the same of each as ours: date, percent, decimals.
func TestBuiltinFormatsAgreeWithTheLibrary(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	for id := range 50 {
		if id >= 27 && id <= 36 { // dates of East Asian versions; the library knows them by culture
			continue
		}
		style, err := f.NewStyle(&excelize.Style{NumFmt: id})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellValue("Sheet1", "A1", 44260.25); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "A1", "A1", style); err != nil {
			t.Fatal(err)
		}
		shown, err := f.GetCellValue("Sheet1", "A1")
		if err != nil {
			t.Fatal(err)
		}
		got := parseFormat(builtinFormat(id))
		if date := got != nil && got.date; id != 46 && date != (strings.Contains(shown, "2021") || strings.ContainsAny(shown, ":/-") && !strings.Contains(shown, "44")) {
			t.Errorf("format %d shows %q: date %v", id, shown, date)
		}
		if percent := got != nil && got.percent; percent != strings.Contains(shown, "%") {
			t.Errorf("format %d shows %q: percent %v", id, shown, percent)
		}
	}
}
