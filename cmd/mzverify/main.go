// Command mzverify checks what a book of Mingzhang gave away: a proof file, an export, two checkpoints, the figures of a
// report. It needs no database and trusts nobody: it shares no line with the program that wrote the book, and uses the
// standard library and transparency-dev/merkle alone (tidy_imports_test.go holds that).
//
// What it promises, each with the test that holds it:
//
//   - One changed character, one line swapped, dropped or inserted in any file of an export, and one change in a proof
//     file, end in status 3 (tamper_test.go).
//   - It reads an export once, in memory that does not grow with it but for a byte an entry (verify_test.go).
//   - Its figures are those of the program's own report, reckoned anew (cmd/mingzhang/story_verify_test.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// version is set by the Makefile.
var version = "dev"

// The exit statuses.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
	exitBroken = 3
)

// program is one run.
type program struct {
	printer

	err io.Writer
}

// command is a word of the command line.
type command struct {
	name, args string
	about      text
	run        func(context.Context, *program, []string) error
}

func commands() []command {
	return []command{
		{"proof", "FILE", text{"校验一个证明文件", "check a proof file"}, runProof},
		{"export", "PATH", text{"校验整本账簿的导出（目录或 .zip，全部或公开）", "check the export of a book (a directory or a .zip, full or public)"}, runExport},
		{"consistency", "OLD NEW", text{"校验新的凭证或导出是否接续旧的", "check that a checkpoint or export extends an older one"}, runConsistency},
		{"totals", "PATH", text{"由原始条目重算汇总表", "recompute the summary from the raw entries"}, runTotals},
		{"version", "", text{"打印版本", "print the version"}, runVersion},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := &program{printer{os.Stdout, langOf(os.Getenv("MZVERIFY_LANG"))}, os.Stderr}
	status := p.main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

func langOf(s string) string {
	if strings.HasPrefix(strings.ToLower(s), english) {
		return english
	}
	return "zh"
}

// main finds the command, runs it, and turns its error into a sentence and an exit status.
func (p *program) main(ctx context.Context, args []string) int {
	for i, arg := range args { // before anything is printed
		if value, ok := strings.CutPrefix(strings.TrimLeft(arg, "-"), "lang="); ok {
			p.lang = langOf(value)
		} else if strings.TrimLeft(arg, "-") == "lang" && arg != "lang" && i+1 < len(args) {
			p.lang = langOf(args[i+1])
		}
	}
	if len(args) == 0 {
		p.help(p.err)
		return exitUsage
	}
	if slices.Contains([]string{"help", "-h", "--help", "-help"}, args[0]) {
		p.help(p.out)
		return exitFine
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return p.finish(ctx, c, c.run(ctx, p, args[1:]))
		}
	}
	fmt.Fprintln(p.err, text{"没有这个命令：", "no such command: "}.in(p.lang)+args[0])
	p.help(p.err)
	return exitUsage
}

func (p *program) help(w io.Writer) {
	fmt.Fprintln(w, text{"mzverify：不依赖明账程序和数据库，独立校验账簿。\n", "mzverify checks a book without Mingzhang and without its database.\n"}.in(p.lang))
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-22s %s\n", strings.TrimSpace(c.name+" "+c.args), c.about.in(p.lang))
	}
	fmt.Fprintln(w, text{
		"\n退出码：0 完好，1 读不了，2 用法错误，3 不符。--lang en 换成英文。",
		"\nExit status: 0 fine, 1 cannot be read, 2 wrong usage, 3 broken. --lang zh switches to Chinese.",
	}.in(p.lang))
}

func (p *program) finish(ctx context.Context, c command, err error) int {
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil {
		return exitFine
	}
	if errors.Is(err, flag.ErrHelp) {
		return exitFine
	}
	if u, ok := errors.AsType[*usage](err); ok {
		fmt.Fprintf(p.err, text{"%s\n用法：mzverify %s（mzverify %s --help）\n", "%s\nusage: mzverify %s (mzverify %s --help)\n"}.in(p.lang), u.what.in(p.lang), strings.TrimSpace(c.name+" "+c.args), c.name)
		return exitUsage
	}
	if b, ok := errors.AsType[*broken](err); ok {
		fmt.Fprintln(p.out, text{"不符：", "broken: "}.in(p.lang)+b.in(p.lang))
		return exitBroken
	}
	if damaged(err) {
		fmt.Fprintln(p.out, text{"不符：文件已损坏：", "broken: the file is damaged: "}.in(p.lang)+err.Error())
		return exitBroken
	}
	fmt.Fprintln(p.err, text{"读不了：", "cannot be read: "}.in(p.lang)+err.Error())
	return exitFailed
}

func runVersion(_ context.Context, p *program, _ []string) error {
	fmt.Fprintln(p.out, "mzverify "+version)
	return nil
}
