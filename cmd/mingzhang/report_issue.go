package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/report"
)

// runReportIssue makes a report, keeps that it was given out, and writes it to a file.
func runReportIssue(ctx context.Context, p *program, args []string) error {
	f := p.newOptions("report issue").periodFlags()
	format := f.String("format", "text", "text | json | csv")
	out := f.String("out", "", p.say("写入的文件（不覆盖已有文件）", "the file to write (an existing one is not replaced)"))
	operands, err := f.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if operands[0] != report.SummaryReport {
		return &usageError{p.say("可以签发的报告：summary", "a report that can be issued: summary")}
	}
	if err := errors.Join(f.oneOf("format", *format, report.Formats()...), f.required("out", *out)); err != nil {
		return err
	}
	period, err := f.period()
	if err != nil {
		return err
	}
	return f.with(ctx, func(s *session) (err error) {
		book, err := s.store.Book(ctx, f.book)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(*out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // the user's own file, to be given out
		if errors.Is(err, fs.ErrExist) {
			return ledger.E(ledger.Conflict, "backup.exists", *out).Because(err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", *out, err)
		}
		o := report.Order{Period: period, AsOf: f.asOf, Format: *format, Lang: p.lang}
		issued, err := report.Issue(ctx, ledger.WholeBook(book), s.actor, ledger.Key{}, o)
		if err != nil {
			return errors.Join(err, file.Close(), os.Remove(*out))
		}
		if _, err = file.Write(issued.Output); err == nil {
			err = file.Sync()
		}
		if err := errors.Join(err, file.Close()); err != nil { // the issue stands; the file can be made again
			return err
		}
		fmt.Fprintf(p.out, p.say("已签发：条目 %d\nSHA-256 %s\n", "issued: entry %d\nSHA-256 %s\n"), issued.Entry, issued.SHA256)
		return nil
	})
}

// runReportIssued lists the issued reports of a book, or says what has touched one since.
func runReportIssued(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("report issued")
	code := o.String("book", "", p.say("账簿代码，如 demo", "code of the book, such as demo"))
	entry := o.Int64("entry", -1, p.say("只看这个条目签发的报告，并列出此后的变动", "the report issued by this entry, with what has touched it since"))
	asOf := o.Int64("as-of", 0, p.say("截至哪个链首凭证（条目数）；0 为最新", "as of which checkpoint (its size); 0 is the newest"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := o.required("book", *code); err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, *code)
		if err != nil {
			return err
		}
		scope := ledger.WholeBook(book)
		if *asOf != 0 {
			if scope, err = scope.AsOf(ctx, *asOf); err != nil {
				return err
			}
		}
		if *entry < 0 {
			return p.listIssued(ctx, scope)
		}
		since, err := report.NewSince(ctx, scope, *entry)
		if err != nil {
			return err
		}
		p.printIssued(since.Report)
		p.printSince(since)
		return nil
	})
}

func (p *program) listIssued(ctx context.Context, scope ledger.Scope) error {
	book, err := scope.Book()
	if err != nil {
		return err
	}
	for before := int64(0); ; {
		list, err := issue.List(ctx, book.DB(), scope, "", before, ledger.PageMax)
		if err != nil {
			return err
		}
		touched, err := report.CountTouched(ctx, book.DB(), scope, list)
		if err != nil {
			return err
		}
		for _, r := range list {
			before = r.ID
			p.printIssued(r)
			fmt.Fprintf(p.out, p.say("  此后变动 %d 条\n", "  touched since: %d records\n"), touched[r.ID])
		}
		if len(list) < ledger.PageMax {
			return nil
		}
	}
}

func (p *program) printIssued(r *issue.Report) {
	fmt.Fprintf(p.out, p.say("条目 %d  %s 第%d版  %s至%s  截至条目数 %d  格式 %s  签发人 %s\n", "entry %d  %s version %d  %s to %s  as of %d  format %s  by %s\n"),
		r.ID, r.Name, r.Shape, r.From, r.To, r.AsOf, r.Format, r.IssuedBy)
	fmt.Fprintf(p.out, p.say("  SHA-256 %s\n  根 %s\n", "  SHA-256 %s\n  root %s\n"), r.SHA256, r.Root)
	if r.Corrects != nil {
		fmt.Fprintf(p.out, p.say("  更正条目 %d 签发的报告\n", "  corrects the issue of entry %d\n"), *r.Corrects)
	}
}

func (p *program) printSince(s *report.Since) {
	if !s.Touched() {
		fmt.Fprintln(p.out, p.say("  此后没有变动", "  nothing has touched it since"))
		return
	}
	for _, f := range s.Figures {
		before, now := f.Shown()
		fmt.Fprintln(p.out, strings.TrimRight(fmt.Sprintf("  %s: %s → %s %s", f.Name.In(p.lang), before, now, f.Unit.In(p.lang)), " "))
	}
	for _, l := range s.Lots {
		fmt.Fprintf(p.out, "  %s (%d)  %s: %s → %s\n", l.LotNo, l.ID, report.HowName(l.How).In(p.lang), p.lotFigures(l.Old), p.lotFigures(l.New))
	}
	for _, c := range s.Parcels {
		fmt.Fprintf(p.out, "  %s (%d)  %s: %s → %s\n", c.ParcelNo, c.ID, report.HowName(c.How).In(p.lang), p.parcelFigures(c.Old), p.parcelFigures(c.New))
	}
	if s.More {
		fmt.Fprintln(p.out, p.say("  还有更多记录未列出", "  there are more records"))
	}
}

func (p *program) lotFigures(f *report.LotFigures) string {
	if f == nil {
		return "—"
	}
	money := func(m *ledger.Money) string {
		if m == nil {
			return "—"
		}
		return m.String()
	}
	return fmt.Sprintf(p.say("%s %s 底价 %s 成交 %s 溢价 %s", "%s %s base %s hammer %s premium %s"),
		f.HammeredOn, auction.Outcome(f.Outcome).Name().In(p.lang), money(f.BaseTotal), money(f.HammerTotal), money(f.Premium))
}

func (p *program) parcelFigures(f *report.ParcelFigures) string {
	if f == nil {
		return "—"
	}
	area := "—"
	if f.VerifiedArea != nil {
		area = f.VerifiedArea.String()
	}
	return fmt.Sprintf(p.say("%s %s 亩", "%s %s mu"), f.VerifiedOn, area)
}

// issuedMax bounds a file that is presented: no report of ours is as large.
const issuedMax = 64 << 20

// runReportCheck finds the issue of a file by its SHA-256: exit status 3 when none was issued like it.
func runReportCheck(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("report check")
	code := o.String("book", "", p.say("账簿代码，如 demo", "code of the book, such as demo"))
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if err := o.required("book", *code); err != nil {
		return err
	}
	file, err := openFile(operands[0])
	if err != nil {
		return err
	}
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(file, issuedMax+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if n > issuedMax {
		return &usageError{p.say("文件太大，不是签发的报告", "the file is too large to be an issued report")}
	}
	return o.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, *code)
		if err != nil {
			return err
		}
		found, err := report.Recognise(ctx, ledger.WholeBook(book), hex.EncodeToString(hash.Sum(nil)))
		if ledger.CodeOf(err) == ledger.NotFound {
			fmt.Fprintln(p.err, p.sentence(err))
			return statusError(exitBroken)
		}
		for _, r := range found {
			p.printIssued(r)
		}
		return err
	})
}
