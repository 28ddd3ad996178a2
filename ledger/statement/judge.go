package statement

import (
	"slices"

	"mingzhang/ledger"
)

// Check judges a text, clause by clause. With a record it also compares each figure that the record knows.
// Errors: statement.too_long when the text exceeds TextBytesMax, statement.too_many_figures when it has more than
// FiguresMax, statement.not_text when it is not UTF-8 text.
func Check(source string, record *Record) (Judgement, error) {
	t, err := read(source)
	if err != nil {
		return Judgement{}, err
	}
	j := Judgement{Verdict: Consistent, Findings: []Finding{}, Clauses: []Clause{}}
	figures := figuresOf(t)
	if len(figures) > FiguresMax {
		return Judgement{}, ledger.E(ledger.Invalid, "statement.too_many_figures", len(figures), FiguresMax)
	}
	for _, c := range clausesOf(t, figures) {
		one := &judge{text: t, clause: c}
		one.run(record)
		j.take(one)
	}
	if len(j.Clauses) == 0 {
		j.Verdict = Insufficient
	}
	sortFindings(j.Findings)
	j.Suggestion = j.SuggestionIn(ledger.ZH)
	return j, nil
}

// run tries every relation that the clause's figures may stand in.
func (j *judge) run(record *Record) {
	j.checkConversions()
	j.checkPremiums()
	j.checkSavings()
	j.checkParts()
	j.checkCompletion()
	j.checkGrowth()
	j.checkShares()
	if record != nil {
		j.compare(record)
	}
}

// take adds a clause to the judgement. The verdict of the whole is the worst of the clauses'.
func (whole *Judgement) take(j *judge) {
	sortFindings(j.findings)
	c := Clause{
		Text: j.text.original(j.clause.from, j.clause.to), Start: j.text.offset[j.clause.from],
		Verdict: j.verdict(), Findings: slices.Clone(j.findings), Figures: []Figure{},
	}
	if c.Findings == nil {
		c.Findings = []Finding{}
	}
	for _, f := range append(slices.Clone(j.clause.figures), j.clause.rest...) {
		c.Figures = append(c.Figures, f.public(j.text))
	}
	whole.Clauses = append(whole.Clauses, c)
	if len(whole.Clauses) == 1 {
		whole.Verdict = c.Verdict
	}
	whole.Verdict = worse(whole.Verdict, c.Verdict)
	for _, f := range j.findings {
		if !slices.ContainsFunc(whole.Findings, func(old Finding) bool { return old.Code == f.Code }) {
			whole.Findings = append(whole.Findings, f)
		}
	}
	whole.suggestions = append(whole.suggestions, j.suggestions...)
}

// public is the figure as it is handed out.
func (f *figure) public(t text) Figure {
	p := Figure{
		Text: t.original(f.start, f.end), Label: f.label, Role: f.role, Value: plain(f.value), Unit: baseUnits[f.kind],
		Approximate: f.approx, Start: t.offset[f.start], End: t.offset[f.end], Record: f.record,
	}
	if f.kind == kindCount {
		p.Unit = f.unit
	}
	if f.per.area != nil {
		p.Unit += "/" + plain(f.per.area) + " mu"
	}
	if f.per.months != nil {
		p.Unit += "/" + plain(f.per.months) + " months"
	}
	if f.per.piece != "" {
		p.Unit += "/" + f.per.piece
	}
	return p
}
