package web

import (
	"context"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/report"
	"mingzhang/ledger/statement"
)

func summaryAPI() []route {
	t := func(zh, en string) ledger.Text { return ledger.Text{ZH: zh, EN: en} }
	return []route{
		{method: "GET", pattern: "/api/v1/books/{book}/summary", needs: account.ReadBook, api: endpoint(t("一个期间的汇总", "the summary of a period"), 200, findSummary)},
		{method: "POST", pattern: "/api/v1/statements/check", needs: signedIn, api: endpoint(t("核对一句话，不与账簿比对", "judge a sentence by itself"), 200, checkStatement)},
		{method: "POST", pattern: "/api/v1/books/{book}/statements/check", needs: account.ReadBook, api: endpoint(t("核对一句话，并与账簿的一个期间比对", "judge a sentence, also against a period of the book"), 200, checkAgainstBook)},
	}
}

// summaryIn asks for the report of a period, both days included, as of a checkpoint size; 0 is the newest.
type summaryIn struct {
	Book string      `path:"book"`
	From *ledger.Day `query:"from" validate:"required"`
	To   *ledger.Day `query:"to" validate:"required"`
	AsOf int64       `query:"as_of" validate:"min=0"`
}

// summaryOut is the report with the sentence in which it is to be published.
type summaryOut struct {
	report.Summary

	Sentence string `json:"sentence"` // in the language that was asked for
}

func findSummary(ctx context.Context, r *request, in *summaryIn) (*summaryOut, error) {
	period, err := report.NewPeriod(*in.From, *in.To)
	if err != nil {
		return nil, err
	}
	s, err := report.NewSummary(ctx, r.scope, period, in.AsOf)
	if err != nil {
		return nil, err
	}
	return &summaryOut{Summary: *s, Sentence: s.Sentence(r.lang)}, nil
}

// statementIn is a text to be judged.
type statementIn struct {
	Body struct {
		Statement string `json:"statement" validate:"required"`
	}
}

// bookStatementIn is a text to be judged against a book and a period.
type bookStatementIn struct {
	Book string `path:"book"`
	Body struct {
		Statement string      `json:"statement" validate:"required"`
		From      *ledger.Day `json:"from" validate:"required"`
		To        *ledger.Day `json:"to" validate:"required"`
		AsOf      int64       `json:"as_of" validate:"min=0"`
	}
}

// judgementOut is a judgement; with Against it was made against a book, too.
type judgementOut struct {
	statement.Judgement

	SuggestionEN string   `json:"suggestion_en,omitempty"`
	Against      *against `json:"against,omitempty"` // absent: by the sentence itself alone
}

// against names the figures that a sentence was compared with.
type against struct {
	Book string     `json:"book"`
	From ledger.Day `json:"from"`
	To   ledger.Day `json:"to"`
	AsOf int64      `json:"as_of"`
	Root string     `json:"root"`
}

func judgeText(text string, record *statement.Record) (*judgementOut, error) {
	j, err := statement.Check(text, record)
	if err != nil {
		return nil, on("statement", err)
	}
	return &judgementOut{Judgement: j, SuggestionEN: j.SuggestionIn(ledger.EN)}, nil
}

func checkStatement(_ context.Context, _ *request, in *statementIn) (*judgementOut, error) {
	return judgeText(in.Body.Statement, nil)
}

func checkAgainstBook(ctx context.Context, r *request, in *bookStatementIn) (*judgementOut, error) {
	period, err := report.NewPeriod(*in.Body.From, *in.Body.To)
	if err != nil {
		return nil, err
	}
	s, err := report.NewSummary(ctx, r.scope, period, in.Body.AsOf)
	if err != nil {
		return nil, err
	}
	out, err := judgeText(in.Body.Statement, s.Record())
	if err != nil {
		return nil, err
	}
	out.Against = &against{Book: s.Book, From: s.From, To: s.To, AsOf: s.AsOf, Root: s.Root}
	return out, nil
}
