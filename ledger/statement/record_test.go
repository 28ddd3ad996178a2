package statement_test

import (
	"slices"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/statement"
)

func money(t *testing.T, s string) ledger.Money {
	t.Helper()
	m, err := ledger.ParseMoney(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mu(t *testing.T, s string) ledger.Area {
	t.Helper()
	a, err := ledger.ParseMu(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// halfYear is the record of the demo book: the totals of the published report, rightly named. The split of the
// collective land by category is invented.
func halfYear(t *testing.T) *statement.Record {
	t.Helper()
	return &statement.Record{
		Hammered: 37, BaseTotal: money(t, "33247400"), HammerTotal: money(t, "47636300"),
		ContractTotal: money(t, "47636300"), PremiumTotal: money(t, "14388900"),
		Land: []statement.RecordLand{
			{Owner: "collective", Parcels: 41, VerifiedAreaMu: mu(t, "422.02")},
			{Owner: "collective", Category: "留用地", Parcels: 30, VerifiedAreaMu: mu(t, "400.02")},
			{Owner: "collective", Category: "自用地", Parcels: 11, VerifiedAreaMu: mu(t, "22")},
			{Owner: "state", Parcels: 42, VerifiedAreaMu: mu(t, "174.68")},
		},
	}
}

func TestCheck_AgainstRecord(t *testing.T) {
	t.Parallel()
	const right = "公开交易成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%(Σ溢价÷Σ底价)。"
	for _, test := range []struct {
		text, suggestion string
		verdict          statement.Verdict
		findings         []string
	}{
		{right, "", statement.Consistent, []string{"matches_record"}},
		{"上半年完成资产公开交易37宗,合同总标的3324.74万元,溢价4763.63万元,溢价率43.28%。", right, statement.Mislabelled,
			[]string{"contract_total_is_base_total", "matches_record", "premium_is_hammer_total"}},
		{"成交38宗,成交总额4763.63万元。", "", statement.Contradictory, []string{"differs_from_record", "matches_record"}},
		{"上半年成交37宗,成交总额0.48亿元,溢价率43%。", "", statement.Consistent, []string{"matches_record"}},
		{"上半年成交总额4800.63万元。", right, statement.Contradictory, []string{"differs_from_record"}},
		{"上半年溢价3324.74万元。", right, statement.Mislabelled, []string{"premium_is_base_total"}},
		{"溢价率44.28%。", "", statement.Contradictory, []string{"differs_from_record"}},
		{"溢价率43.27%。", "", statement.Consistent, []string{"matches_record"}}, // 43.2783 % cut off
		{"核查留用地、自用地41宗,面积约合422.02亩;核查国有资产42宗,面积约合174.68亩。", "", statement.Consistent, []string{"matches_record"}},
		{"核查留用地30宗,面积400.02亩。", "", statement.Consistent, []string{"matches_record"}},
		{"核查村集体土地41宗,面积28.13公顷。", "", statement.Consistent, []string{"matches_record"}}, // 422.02/15 = 28.1347
		{"核查国有资产42宗,面积184.68亩。", "", statement.Contradictory, []string{"differs_from_record", "matches_record"}},
		{"全市成交370宗,成交总额5亿元。", "", statement.Insufficient, []string{}},
		{"累计成交370宗,成交总额5亿元。", "", statement.Insufficient, []string{}},
		{"上半年累计成交37宗。", "", statement.Consistent, []string{"matches_record"}},
		{"去年同期成交30宗,成交总额4000万元。", "", statement.Insufficient, []string{}},
		{"某宗底价5万元/年,成交价6万元/年。", "", statement.Insufficient, []string{}},
		{"流拍5宗,弃拍2宗。", "", statement.Insufficient, []string{}},
		{"上半年成交37宗,其中最大一宗成交总额500万元。", "", statement.Consistent, []string{"matches_record"}},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			got, err := statement.Check(test.text, halfYear(t))
			if err != nil {
				t.Fatal(err)
			}
			codes := slices.Compact(codesOf(got.Findings))
			if got.Verdict != test.verdict || !slices.Equal(codes, test.findings) || got.Suggestion != test.suggestion {
				t.Errorf("got %s %v %q, want %s %v %q", got.Verdict, got.Findings, got.Suggestion, test.verdict, test.findings, test.suggestion)
			}
		})
	}
}

// A finding about the record names its figure and value; a figure that agrees names the record's.
func TestCheck_RecordIsNamed(t *testing.T) {
	t.Parallel()
	got, err := statement.Check("上半年成交37宗,成交总额4800.63万元。", halfYear(t))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Findings, func(f statement.Finding) bool { return f.Code == "differs_from_record" })
	if i < 0 || got.Findings[i].Record != "hammer_total" || got.Findings[i].RecordValue != "47636300.00" {
		t.Errorf("got %+v, want a difference from hammer_total 47636300.00", got.Findings)
	}
	if f := got.Clauses[0].Figures[0]; f.Record != "hammered" {
		t.Errorf("37宗 agrees with %q, want hammered", f.Record)
	}
}
