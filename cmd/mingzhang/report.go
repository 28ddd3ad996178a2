package main

import (
	"context"
	"fmt"
	"io"

	"mingzhang/ledger"
	"mingzhang/ledger/report"
)

// periodFlags are the book and the period of a report.
type periodFlags struct {
	*options
	book, from, to, basis string
	asOf                  int64
}

func (o *options) periodFlags() *periodFlags {
	f := &periodFlags{options: o}
	f.StringVar(&f.book, "book", "", o.p.say("账簿代码，如 demo", "code of the book, such as demo"))
	f.StringVar(&f.from, "from", "", o.p.say("期间的第一天，如 2021-01-01", "first day of the period, such as 2021-01-01"))
	f.StringVar(&f.to, "to", "", o.p.say("期间的最后一天，如 2021-06-30", "last day of the period, such as 2021-06-30"))
	f.StringVar(&f.basis, "basis", "hammered_on", o.p.say("期间按哪个日期：hammered_on（成交日期）", "the date that counts: hammered_on"))
	f.Int64Var(&f.asOf, "as-of", 0, o.p.say("截至哪个链首凭证（条目数）；0 为最新", "as of which checkpoint (its size); 0 is the newest"))
	return f
}

// period reads the two days.
func (f *periodFlags) period() (report.Period, error) {
	if err := f.required("book", f.book); err != nil {
		return report.Period{}, err
	}
	if err := f.oneOf("basis", f.basis, "hammered_on"); err != nil {
		return report.Period{}, err
	}
	if f.asOf < 0 {
		return report.Period{}, &usageError{f.p.say("--as-of 不能为负", "--as-of cannot be negative")}
	}
	from, err := f.day("from", f.from)
	if err != nil {
		return report.Period{}, err
	}
	to, err := f.day("to", f.to)
	if err != nil {
		return report.Period{}, err
	}
	period, err := report.NewPeriod(from, to)
	if err != nil {
		return period, &usageError{f.p.sentence(err)}
	}
	return period, nil
}

// summary makes the report that the flags ask for.
func (f *periodFlags) summary(ctx context.Context, s *session, period report.Period) (*report.Summary, error) {
	book, err := s.store.Book(ctx, f.book)
	if err != nil {
		return nil, err
	}
	return report.NewSummary(ctx, ledger.WholeBook(book), period, f.asOf)
}

func runReportSummary(ctx context.Context, p *program, args []string) error {
	f := p.newOptions("report summary").periodFlags()
	format := f.String("format", "text", "text | json | csv")
	if _, err := f.parse(args, 0, 0); err != nil {
		return err
	}
	if err := f.oneOf("format", *format, "text", "json", "csv"); err != nil {
		return err
	}
	period, err := f.period()
	if err != nil {
		return err
	}
	return f.with(ctx, func(s *session) error {
		summary, err := f.summary(ctx, s, period)
		if err != nil {
			return err
		}
		return writeSummary(p.out, summary, *format, p.lang)
	})
}

func writeSummary(w io.Writer, s *report.Summary, format string, lang ledger.Lang) error {
	switch format {
	case "json":
		return s.WriteJSON(w)
	case "csv":
		return s.WriteCSV(w, lang)
	case "text":
		return s.WriteText(w, lang)
	}
	return fmt.Errorf("no format is called %s", format)
}
