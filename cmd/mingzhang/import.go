package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
	"mingzhang/web/locale"
)

// importer is the import of one kind of register.
type importer func(context.Context, ledger.Scope, ledger.Actor, intake.Source, intake.Options) (*intake.Result, error)

func runImportLots(ctx context.Context, p *program, args []string) error {
	return p.runImport(ctx, "import lots", auction.Import, args)
}

func runImportParcels(ctx context.Context, p *program, args []string) error {
	return p.runImport(ctx, "import parcels", landcheck.Import, args)
}

// importFlags are what the user says beside the files.
type importFlags struct {
	*options
	book, mapFile, rejects, format string
	units                          list
	intake                         intake.Options
}

func (p *program) importFlags(name string) *importFlags {
	f := &importFlags{options: p.newOptions(name)}
	f.StringVar(&f.book, "book", "", p.say("账簿代码，见 mingzhang book list", "code of the book: see mingzhang book list"))
	f.BoolVar(&f.intake.DryRun, "dry-run", false, p.say("只读取和核对，不写入", "read and compare, write nothing"))
	f.StringVar(&f.intake.Sheet, "sheet", "", p.say("只读这张工作表", "read only this sheet"))
	f.StringVar(&f.mapFile, "map", "", p.say("列名对照文件（列名=代码）", "file that maps headers to columns (header=key)"))
	f.Var(&f.units, "unit", p.say("没有写明单位的列的单位：万元、亩、元/㎡·月 ……", "unit of columns that name none: 万元, 亩, 元/㎡·月 ..."))
	f.StringVar(&f.intake.Span, "span", "", p.say("没有写明的价格是按什么算：total（合同总额）、year、month ……", "what a price covers that does not say: total, year, month ..."))
	f.StringVar(&f.intake.Hidden, "hidden-rows", "", p.say("隐藏或筛选掉的行：include 或 skip", "hidden or filtered rows: include or skip"))
	f.StringVar(&f.rejects, "rejects", "", p.say("把有错的行写到这个文件，其余的照常记入", "write the rows with faults to this file and record the others"))
	f.BoolVar(&f.intake.Amend, "amend", false, p.say("与账簿不同的予以更正（须有 --reason）", "amend what differs from the book (with --reason)"))
	f.StringVar(&f.intake.Reason, "reason", "", p.say("更正理由", "reason of the amendment"))
	f.StringVar(&f.format, "format", "text", "text | json")
	return f
}

func (f *importFlags) check() error {
	if err := f.required("book", f.book); err != nil {
		return err
	}
	if err := f.oneOf("format", f.format, "text", "json"); err != nil {
		return err
	}
	if err := f.oneOf("hidden-rows", f.intake.Hidden, "", "include", "skip"); err != nil {
		return err
	}
	ext := strings.ToLower(filepath.Ext(f.rejects))
	f.intake.OneSheet = ext == ".csv"
	if f.rejects != "" && ext != ".csv" && ext != ".xlsx" {
		return &usageError{f.p.say("--rejects 的文件名须以 .csv 或 .xlsx 结尾", "--rejects: the file name ends in .csv or .xlsx")}
	}
	if err := f.intake.Check(); err != nil {
		return &usageError{f.p.sentence(err)}
	}
	f.intake.Progress = func(rows int) { f.p.talk("已读 %d 行", "%d rows read", rows) }
	f.intake.Units, f.intake.GoodRows, f.intake.Today = f.units, f.rejects != "", f.p.today()
	if f.mapFile == "" {
		return nil
	}
	file, err := openFile(f.mapFile)
	if err != nil {
		return err
	}
	f.intake.Map, err = sheet.ParseMap(file)
	return errors.Join(err, file.Close())
}

func (p *program) runImport(ctx context.Context, name string, take importer, args []string) error {
	f := p.importFlags(name)
	files, err := f.parse(args, 1, -1)
	if err != nil {
		return err
	}
	if f.rejects != "" && len(files) > 1 {
		return &usageError{p.say("--rejects 一次只能用于一个文件", "--rejects goes with one file at a time")}
	}
	if _, err := os.Lstat(f.rejects); f.rejects != "" && err == nil {
		return &usageError{p.say("--rejects 的文件已存在，不会覆盖；请换一个名字：", "--rejects: the file is there already and is not overwritten; choose another name: ") + f.rejects}
	}
	if err := f.check(); err != nil {
		return err
	}
	return f.with(ctx, func(s *session) error {
		book, err := s.store.Book(ctx, f.book)
		if err != nil {
			return err
		}
		failed := false
		for _, path := range files {
			if err := p.importFile(ctx, s, book, f, take, path); err != nil {
				failed = true
				if errors.Is(err, context.Canceled) {
					return err
				}
				fmt.Fprintf(p.err, p.say("%s：%s\n", "%s: %s\n"), filepath.Base(path), p.sentence(err))
			}
		}
		if failed {
			return statusError(exitFailed)
		}
		return nil
	})
}

func (p *program) importFile(ctx context.Context, s *session, book *ledger.Book, f *importFlags, take importer, path string) (err error) {
	file, err := openFile(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	source, err := openSource(file, filepath.Base(path))
	if err != nil {
		return err
	}
	result, err := take(ctx, ledger.WholeBook(book), s.actor, source, f.intake)
	if result != nil {
		if f.format == "json" {
			if printErr := json.NewEncoder(p.out).Encode(result); printErr != nil {
				return printErr
			}
		} else {
			p.printImport(result)
		}
	}
	if _, ok := errors.AsType[*sheet.FaultsError](err); ok && f.rejects != "" && !f.intake.DryRun {
		if writeErr := p.writeRejects(f.rejects, result); writeErr != nil {
			return errors.Join(err, writeErr)
		}
		p.talk("有错的行已写入 %s，改正后可再次导入。", "The rows with faults are in %s; correct them and import that file.", f.rejects)
	}
	return err
}

// openFile opens a file that the user named.
func openFile(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, ledger.E(ledger.Invalid, "import.not_a_file", filepath.Base(path))
	}
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ledger.E(ledger.NotFound, "file.not_found", path).Because(err)
	case errors.Is(err, fs.ErrPermission):
		return nil, ledger.E(ledger.Denied, "file.not_readable", path).Because(err)
	}
	return file, err
}

// openSource recognises a file and takes its SHA-256.
func openSource(file *os.File, name string) (intake.Source, error) {
	info, err := file.Stat()
	if err != nil {
		return intake.Source{}, err
	}
	if !info.Mode().IsRegular() {
		return intake.Source{}, ledger.E(ledger.Invalid, "import.not_a_file", name)
	}
	opened, err := sheet.Open(name, file, info.Size(), sheet.Limits{})
	if err != nil {
		return intake.Source{}, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(file, 0, info.Size())); err != nil {
		return intake.Source{}, err
	}
	return intake.Source{Name: name, SHA256: hex.EncodeToString(h.Sum(nil)), File: opened}, nil
}

// writeRejects writes the rows to be corrected. The file appears whole or not at all.
func (p *program) writeRejects(path string, result *intake.Result) error {
	var b bytes.Buffer
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	err := result.WriteRejects(&b, format, func(e sheet.CellError) string { return e.Text(p.lang, locale.Sentence) })
	if err != nil {
		return err
	}
	return writeOnce(path, b.String())
}

// printImport says what was read and recorded.
func (p *program) printImport(r *intake.Result) {
	for _, t := range r.Tables {
		p.printTable(r.File, t)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(p.out, p.say("  未读工作表 %s：%s\n", "  sheet %s was not read: %s\n"), s.Sheet, locale.Word(p.lang, "skipped."+s.Why))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(p.out, p.say("  提示 第%d行 %s %s：%s", "  note row %d %s %s: %s"), n.Row, n.No, locale.Word(p.lang, "column."+n.Field), locale.Word(p.lang, "note."+n.Code))
		if n.Stated != "" || n.Reckons != "" { // some notes compare nothing
			fmt.Fprintf(p.out, p.say("（写为 %s，计算为 %s）", " (stated %s, computed %s)"), cmp.Or(n.Stated, "—"), cmp.Or(n.Reckons, "—"))
		}
		fmt.Fprintln(p.out)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(p.out, p.say("  差异 第%d行 %s %s：账簿 %s，文件 %s\n", "  differs row %d %s %s: book %s, file %s\n"),
			c.Row, c.No, locale.Word(p.lang, "column."+c.Field), cmp.Or(auction.InWords(c.Field, c.Old).In(p.lang), "—"), cmp.Or(auction.InWords(c.Field, c.New).In(p.lang), "—"))
	}
	verb := p.say("已记入", "recorded")
	if r.DryRun {
		verb = p.say("试读：将记入", "dry run: would record")
	}
	fmt.Fprintf(p.out, p.say("%s：读 %d 行，%s %d，更正 %d，账簿中已有 %d，有错 %d 行\n", "%s: %d rows read, %s %d, amended %d, already recorded %d, %d rows with faults\n"),
		r.File, r.Rows, verb, r.Recorded, r.Amended, r.Already, r.Rejected)
}

func (p *program) printTable(file string, t *intake.Table) {
	rows := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(t.HeaderRows), "[]")), p.say("、", ", "))
	fmt.Fprintf(p.out, p.say("%s：表头第 %s 行", "%s: header in row %s"), strings.TrimSpace(file+" "+t.Sheet), rows)
	if t.Encoding != "" {
		fmt.Fprintf(p.out, p.say("，编码 %s", ", encoding %s"), t.Encoding)
	}
	if len(t.Captions) > 0 {
		fmt.Fprintf(p.out, p.say("，表上文字：%s", ", captions: %s"), strings.Join(t.Captions, " / "))
	}
	fmt.Fprintf(p.out, p.say("；公式 %d 个，隐藏行 %d\n", "; %d formulas, %d hidden rows\n"), t.Formulas, t.HiddenRows)
	for _, c := range t.Columns {
		line := fmt.Sprintf("  %s %s → %s", c.Letter, c.Header, locale.Word(p.lang, "column."+c.Key))
		for _, s := range []string{c.Unit, c.What.In(p.lang)} {
			if s != "" {
				line += " · " + s
			}
		}
		if c.Values > 0 {
			line += fmt.Sprintf(p.say(" · %d 个，最小 %s，最大 %s", " · %d values, least %s, greatest %s"), c.Values, c.Min, c.Max)
		}
		fmt.Fprintln(p.out, line)
	}
	if len(t.Unknown) > 0 {
		fmt.Fprintf(p.out, p.say("  不认识的列（原文留存）：%s\n", "  unknown columns (their text is kept): %s\n"), strings.Join(t.Unknown, "、"))
	}
	for _, f := range t.Totals {
		fmt.Fprintf(p.out, p.say("  第%d行 %s 与%s相符（%d 行）\n", "  row %d %s fits %s (%d rows)\n"), f.Row, f.Label, locale.Word(p.lang, "fit."+f.Basis), f.Rows)
	}
	for _, i := range t.Ignored {
		fmt.Fprintf(p.out, p.say("  第%d行未作数据：%s %s\n", "  row %d is not data: %s %s\n"), i.Row, locale.Word(p.lang, "ignored."+i.Why), i.Text)
	}
}
