package statement_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"mingzhang/ledger"
)

const published = "上半年完成资产公开交易37宗,合同总标的3324.74万元,溢价4763.63万元,溢价率43.28%。"

func TestJudgement_WriteText(t *testing.T) {
	t.Parallel()
	j := check(t, published)
	for lang, wants := range map[string][]string{
		"zh": {
			"结论：名称错误", "(4763.63−3324.74)÷3324.74=43.2783%", "真实溢价1438.89万元", "应写为",
			"公开交易成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%(Σ溢价÷Σ底价)。",
		},
		"en": {
			"Verdict: mislabelled", "(4763.63−3324.74)÷3324.74=43.2783%", "the true premium is 1438.89 ten thousand yuan", "Should read",
			"37 lots hammered; base total CNY 33247400.00, contract total (hammer) CNY 47636300.00, premium CNY 14388900.00, premium rate 43.28%",
		},
	} {
		var b strings.Builder
		if err := j.WriteText(&b, lang); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: got\n%s\nwant %q in it", lang, b.String(), want)
			}
		}
	}
	if j.SuggestionIn(ledger.ZH) != j.Suggestion {
		t.Errorf("the JSON suggests %q, the text %q", j.Suggestion, j.SuggestionIn(ledger.ZH))
	}
}

// The arithmetic in each finding is what a clerk can redo by hand.
func TestFinding_Detail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"成交总额24.55亿元,溢价额3.94亿元,溢价率16%。":                         "3.94÷24.55=16.05%",
		"租赁面积281346.67平方米,合422.00亩。":                            "281346.67平方米=422.02亩,印为422.00亩(用了1亩=666.7平方米;应为2000/3)",
		"任务5000亩(333.3333公顷),已处置11136亩(742.4295公顷),完成率220.87%。": "11136÷5000=222.7200%,印为220.87%",
		"供应方式处置1694.70亩,撤销批文处置1345.41亩,合计处置3041.11亩。":           "1694.70+1345.41=3040.11亩,总数印为3041.11亩",
		"18口鱼塘以11.42万元成交,高于底价5.29万元。":                           "若5.29为底价,则差额11.42−5.29=6.13;若5.29为差额,则底价为6.13",
		"起始价4.5万元/年,以6.1万元/年成交,流转3年,成交总价19.3万元。":                "6.1×3=18.3万元,印为19.3万元",
		"水库经营权年租金由2万元提高到10万元,增长5倍。":                             "(10−2)÷2=4,即增长400.00%;10÷2=5倍;印为5倍",
	} {
		j := check(t, text)
		if len(j.Findings) != 1 || j.Findings[0].Detail.ZH != want {
			t.Errorf("%s\ngot  %+v\nwant %s", text, j.Findings, want)
		}
	}
}

// The keys that scripts read.
func TestJudgement_JSON(t *testing.T) {
	t.Parallel()
	out, err := json.Marshal(check(t, published))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict  string
		Findings []struct{ Code string }
		Clauses  []struct {
			Text, Verdict string
			Findings      []struct{ Code string }
			Figures       []struct{ Text, Label, Role, Value, Unit string }
		}
		Suggestion string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "mislabelled" || len(got.Findings) != 2 || len(got.Clauses) != 1 || len(got.Clauses[0].Figures) != 4 || got.Suggestion == "" {
		t.Errorf("got %s", out)
	}
	if f := got.Clauses[0].Figures[1]; f.Text != "3324.74万元" || f.Label != "合同总标的" || f.Value != "33247400" || f.Unit != "yuan" {
		t.Errorf("got figure %+v", f)
	}
	empty, err := json.Marshal(check(t, "没有数字。"))
	if want := `{"verdict":"insufficient","findings":[],"clauses":[]}`; err != nil || string(empty) != want {
		t.Errorf("got %s, %v, want %s", empty, err, want)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDisk }

var errDisk = errors.New("no space left")

func TestJudgement_WriteTextFails(t *testing.T) {
	t.Parallel()
	if err := check(t, published).WriteText(fullDisk{}, "zh"); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want %v", err, errDisk)
	}
}
