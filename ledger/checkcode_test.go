package ledger_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// By hand: the leaf hash begins with 6e 34 0b 9c ff, in bits 01101 11000 11010 00000 10111 00111 00111 11111: D R T 0 Q 7 7 Z.
func TestCheckCode(t *testing.T) {
	t.Parallel()
	code := ledger.CheckCodeOf(291, merkle.LeafHash(nil))
	if got := hex.EncodeToString(code.Prefix[:]); got != "6e340b9cff" {
		t.Fatalf("the code's bits are %s, want those of the leaf hash of nothing", got)
	}
	if got, want := code.String(), "291-DRT0-Q77Z"; got != want {
		t.Errorf("the code is %s, want %s", got, want)
	}
	for _, typed := range []string{
		"291-DRT0-Q77Z", "291-drt0-q77z", " 291 - DRT0 - Q77Z\t", "291-DRTO-Q77Z", "291-drto-q77z", "２９１－ＤＲＴ０－Ｑ７７Ｚ", "29I-DRT0-Q77Z", "29l-DRT0Q77Z", "291–DRT0–Q77Z",
	} {
		if got, err := ledger.ParseCheckCode(typed); err != nil || got != code {
			t.Errorf("%q is read as %v, %v; want %v", typed, got, err, code)
		}
	}
	for _, typed := range []string{
		"", "-", "291", "291-", "291-DRT0", "291-DRT0-Q77", "291-DRT0-Q77ZZ", "291-DRT0-Q77U", "0291-DRT0-Q77Z", "-291-DRT0-Q77Z", "+291-DRT0-Q77Z",
		"x-DRT0-Q77Z", "9223372036854775808-DRT0-Q77Z", "291-DRT0-Q77=", "291-DRT0-Q77\x00", "291-" + strings.Repeat("DRT0", 20),
	} {
		_, err := ledger.ParseCheckCode(typed)
		if !errors.Is(err, ledger.E(ledger.Invalid, "check_code.form")) {
			t.Errorf("%q: %v, want check_code.form", typed, err)
		}
	}
}

// Whatever a code is, what is printed is read again as it.
func TestCheckCode_ComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := ledger.CheckCodeOf(rapid.Int64Min(0).Draw(t, "seq"), merkle.Hash(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "leaf")))
		got, err := ledger.ParseCheckCode(code.String())
		if err != nil || got != code {
			t.Fatalf("%s is read as %v, %v", code, got, err)
		}
	})
}
