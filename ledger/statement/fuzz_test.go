package statement_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"mingzhang/ledger/statement"
)

// No text makes the judge panic; spans lie inside the text and say what they say; verdicts agree with findings.
func FuzzCheck(f *testing.F) {
	for _, path := range []string{"testdata/statements.jsonl", "testdata/invented.jsonl"} {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(file), "\n") {
			f.Add(line)
		}
	}
	for _, seed := range []string{"", "0", "%", "0%", "溢价率0%,底价0万元,成交0万元", "增长-5%", "1,000,00元", "3亩2分5厘", "百分之", "一百二十三点四倍", "由0万元提高到0万元,增长0倍", "((1亩))", "完成率1%任务0宗完成0宗", "-1万元合计-2万元", "1.1.1.1", "9" + strings.Repeat("9", 30) + "元", "2021年1月-6月", "其中其中1宗"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		j, err := statement.Check(text, nil)
		if err != nil {
			return
		}
		text = norm.NFC.String(text)
		at := 0
		for _, c := range j.Clauses {
			if c.Start < at || !strings.HasPrefix(text[c.Start:], c.Text) {
				t.Fatalf("clause %q does not stand at %d", c.Text, c.Start)
			}
			at = c.Start
			for _, fig := range c.Figures {
				if fig.Start < c.Start || fig.End <= fig.Start || fig.End > len(text) || text[fig.Start:fig.End] != fig.Text {
					t.Fatalf("figure %+v does not stand in %q", fig, text)
				}
			}
			for _, found := range c.Findings {
				if found.Verdict == statement.Insufficient || found.Detail.ZH == "" {
					t.Fatalf("finding %+v", found)
				}
			}
		}
		if err := j.WriteText(io.Discard, "zh"); err != nil {
			t.Fatal(err)
		}
	})
}
