package statement

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"mingzhang/ledger"
)

// WriteText prints the judgement for people, in Chinese unless the language is English: the verdict of the whole, then
// each clause with its verdict and the arithmetic of its findings, then the corrected sentence.
func (whole Judgement) WriteText(w io.Writer, lang string) error {
	l := ledger.Lang(lang)
	words := ledger.Text{ZH: "结论：", EN: "Verdict: "}
	suggestion := ledger.Text{ZH: "应写为：", EN: "Should read:"}
	out := bufio.NewWriter(w)
	verdict := whole.Verdict.Name().In(l)
	if verdict != string(whole.Verdict) {
		verdict += ledger.Text{ZH: "（" + string(whole.Verdict) + "）", EN: " (" + string(whole.Verdict) + ")"}.In(l)
	}
	fmt.Fprintf(out, "%s%s\n", words.In(l), verdict)
	for i, c := range whole.Clauses {
		fmt.Fprintf(out, "\n%d. [%s] %s\n", i+1, c.Verdict.Name().In(l), c.Text)
		last := ""
		for _, f := range c.ByCode() {
			if f.Code != last {
				fmt.Fprintf(out, "   - %s (%s)\n", CodeName(f.Code).In(l), f.Code)
			}
			fmt.Fprintf(out, "     %s\n", f.Detail.In(l))
			last = f.Code
		}
	}
	if s := whole.SuggestionIn(l); s != "" {
		fmt.Fprintf(out, "\n%s\n%s\n", suggestion.In(l), s)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("statement: printing the judgement: %w", err)
	}
	return nil
}

// ByCode are the clause's findings with those of one code together, in the order of each code's first: what
// the figures say among themselves and what the record says of them stand under one heading.
func (c Clause) ByCode() []Finding {
	first := map[string]int{}
	for i, f := range c.Findings {
		if _, known := first[f.Code]; !known {
			first[f.Code] = i
		}
	}
	list := slices.Clone(c.Findings)
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Compare(first[a.Code], first[b.Code]) })
	return list
}
