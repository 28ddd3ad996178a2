package statement

import (
	"bufio"
	"fmt"
	"io"

	"mingzhang/ledger"
)

// WriteText prints the judgement for people, in Chinese unless the language is English: the verdict of the whole, then
// each clause with its verdict and the arithmetic of its findings, then the corrected sentence.
func (whole Judgement) WriteText(w io.Writer, lang string) error {
	l := ledger.Lang(lang)
	words := ledger.Text{ZH: "结论", EN: "Verdict"}
	suggestion := ledger.Text{ZH: "应写为", EN: "Should read"}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s: %s (%s)\n", words.In(l), whole.Verdict.Name().In(l), whole.Verdict)
	for i, c := range whole.Clauses {
		fmt.Fprintf(out, "\n%d. [%s] %s\n", i+1, c.Verdict.Name().In(l), c.Text)
		for _, f := range c.Findings {
			fmt.Fprintf(out, "   - %s (%s)\n     %s\n", CodeName(f.Code).In(l), f.Code, f.Detail.In(l))
		}
	}
	if s := whole.SuggestionIn(l); s != "" {
		fmt.Fprintf(out, "\n%s:\n%s\n", suggestion.In(l), s)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("statement: printing the judgement: %w", err)
	}
	return nil
}
