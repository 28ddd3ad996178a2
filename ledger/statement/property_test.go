package statement_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mingzhang/ledger/statement"
)

// wan prints fen×100 (0.01 万元) as 万元 with two decimals.
func wan(hundredths int64) string { return big.NewRat(hundredths, 100).FloatString(2) + "万元" }

// rate prints part ÷ whole as a percentage, rounded half away from zero by math/big.
func rate(part, whole int64, decimals int) string {
	return new(big.Rat).Mul(big.NewRat(part, whole), big.NewRat(100, 1)).FloatString(decimals) + "%"
}

// A trade is a drawn half-year: base and premium in hundredths of 万元.
type trade struct{ lots, base, premium int64 }

func (tr trade) hammer() int64 { return tr.base + tr.premium }

func drawTrade(t *rapid.T) trade {
	base := rapid.Int64Range(10_000, 100_000_000).Draw(t, "base")
	return trade{
		lots:    rapid.Int64Range(1, 5000).Draw(t, "lots"),
		base:    base,
		premium: rapid.Int64Range(base/20, base*2).Draw(t, "premium"),
	}
}

func verdictOf(t *rapid.T, text string) statement.Judgement {
	j, err := statement.Check(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return j
}

func TestCheck_RightSentencesAreConsistent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrade(t)
		r := rate(tr.premium, tr.base, rapid.IntRange(0, 3).Draw(t, "decimals"))
		for _, text := range []string{
			fmt.Sprintf("公开交易成交%d宗,底价合同总额%s,合同总标的(成交)%s,溢价%s,溢价率%s。", tr.lots, wan(tr.base), wan(tr.hammer()), wan(tr.premium), r),
			fmt.Sprintf("底价合计%s,成交总额%s,溢价率%s。", wan(tr.base), wan(tr.hammer()), r),
			fmt.Sprintf("成交总额%s,其中溢价%s,溢价率%s。", wan(tr.hammer()), wan(tr.premium), r),
			fmt.Sprintf("溢价率%s,溢价额%s,底价总额%s", r, wan(tr.premium), wan(tr.base)),
		} {
			if j := verdictOf(t, text); j.Verdict != statement.Consistent {
				t.Fatalf("%s: got %s %v, want consistent", text, j.Verdict, j.Findings)
			}
		}
	})
}

// The mistake of the published report: the hammer total under the name of the premium, the base total under that of the
// contract total.
func TestCheck_ExchangedNamesAreMislabelled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrade(t)
		text := fmt.Sprintf("完成资产公开交易%d宗,合同总标的%s,溢价%s,溢价率%s。", tr.lots, wan(tr.base), wan(tr.hammer()), rate(tr.premium, tr.base, 2))
		j := verdictOf(t, text)
		if j.Verdict != statement.Mislabelled || !slices.Contains(codesOf(j.Findings), "premium_is_hammer_total") {
			t.Fatalf("%s: got %s %v, want mislabelled", text, j.Verdict, j.Findings)
		}
		want := fmt.Sprintf("公开交易成交%d宗,底价合同总额%s,合同总标的(成交)%s,溢价%s,溢价率%s(Σ溢价÷Σ底价)。",
			tr.lots, wan(tr.base), wan(tr.hammer()), wan(tr.premium), rate(tr.premium, tr.base, 2))
		if j.Suggestion != want {
			t.Fatalf("%s: suggestion\ngot  %s\nwant %s", text, j.Suggestion, want)
		}
		if again := verdictOf(t, j.Suggestion); again.Verdict != statement.Consistent {
			t.Fatalf("the suggestion %s is itself %s %v", j.Suggestion, again.Verdict, again.Findings)
		}
	})
}

// A rate beyond what rounding allows fits no reading, unless by chance another definition.
func TestCheck_WrongRatesAreContradictory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrade(t)
		off := rapid.Int64Range(5, 400).Draw(t, "off") * tr.base / 1000
		wrong := tr.premium + off
		text := fmt.Sprintf("底价合计%s,成交总额%s,溢价%s,溢价率%s。", wan(tr.base), wan(tr.hammer()), wan(tr.premium), rate(wrong, tr.base, 2))
		j := verdictOf(t, text)
		if j.Verdict == statement.Consistent || j.Verdict == statement.Insufficient {
			t.Fatalf("%s: got %s %v", text, j.Verdict, j.Findings)
		}
		// only hammer ÷ base and premium ÷ hammer lie elsewhere
		if codes := codesOf(j.Findings); j.Verdict != statement.Contradictory && !slices.Contains(codes, "rate_is_hammer_over_base") && !slices.Contains(codes, "rate_on_hammer_total") {
			t.Fatalf("%s: got %s %v, want contradictory", text, j.Verdict, j.Findings)
		}
	})
}

func TestCheck_PartsAndWholes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(1, 1_000_000), 2, 12).Draw(t, "parts")
		off := rapid.Int64Range(-20, 20).Draw(t, "off")
		var sum int64
		text := ""
		for i, p := range parts {
			sum += p
			text += fmt.Sprintf("%d号处置%s亩,", i+1, big.NewRat(p, 100).FloatString(2))
		}
		text += fmt.Sprintf("合计处置%s亩。", big.NewRat(max(sum+off, 1), 100).FloatString(2))
		if sum+off < 1 {
			return
		}
		gap := max(off, -off)
		want := statement.Consistent
		if 2*gap > int64(len(parts)+1) {
			want = statement.Contradictory
		}
		if j := verdictOf(t, text); j.Verdict != want && !suffixFits(parts, sum+off) {
			t.Fatalf("%s: got %s %v, want %s", text, j.Verdict, j.Findings, want)
		}
	})
}

// suffixFits tells whether the last parts alone give the sum: a text may mean just those.
func suffixFits(parts []int64, whole int64) bool {
	var sum int64
	for i := len(parts) - 1; i >= 0; i-- {
		sum += parts[i]
		if n := int64(len(parts) - i); n > 1 && 2*max(sum-whole, whole-sum) <= n+1 {
			return true
		}
	}
	return false
}

// Square metres to mu: × 0.0015, right to the printed place.
func TestCheck_ConversionsToMu(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m2 := rapid.Int64Range(100_000, 100_000_000).Draw(t, "hundredths of m2")
		mu := new(big.Rat).Mul(big.NewRat(m2, 100), big.NewRat(3, 2000))
		text := fmt.Sprintf("租赁面积%s平方米,合%s亩。", big.NewRat(m2, 100).FloatString(2), mu.FloatString(2))
		if j := verdictOf(t, text); j.Verdict != statement.Consistent {
			t.Fatalf("%s: got %s %v", text, j.Verdict, j.Findings)
		}
		wrong := new(big.Rat).Add(mu, big.NewRat(2, 100))
		text = fmt.Sprintf("租赁面积%s平方米,合%s亩。", big.NewRat(m2, 100).FloatString(2), wrong.FloatString(2))
		if j := verdictOf(t, text); j.Verdict != statement.Contradictory {
			t.Fatalf("%s: got %s %v", text, j.Verdict, j.Findings)
		}
	})
}
