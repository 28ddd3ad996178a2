// Command mingzhang is the book of a street's or town's public trades and verified land. It is the only place
// with flags, environment, exit status and the clock.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"mingzhang/ledger"
	"mingzhang/migrations/localpg"
)

// version is set by the Makefile.
var version = "dev"

// The exit statuses.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
	exitBroken = 3 // the book is broken, or a statement is neither consistent nor insufficient
)

// program is one run: its streams and clock, so that nothing below reads them elsewhere.
type program struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
	lang     ledger.Lang
}

// command is a word, or two, of the command line.
type command struct {
	name  string
	args  string // operands, for the usage line
	about ledger.Text
	run   func(context.Context, *program, []string) error
}

// line is the command as it is written.
func (c command) line() string { return strings.TrimSpace(c.name + " " + c.args) }

func commands() []command {
	return []command{
		{"run", "", ledger.Text{ZH: "一步看全：启动、装入演示账簿、打印半年汇总与发布语句的核对结果，并在本机打开网页", EN: "everything at once: start, load the demo book, print the half-year report and the judgement, serve the page"}, runRun},
		{"demo", "", ledger.Text{ZH: "装入演示账簿（虚构数据）", EN: "load the demo book (invented data)"}, runDemo},
		{"book add", "CODE", ledger.Text{ZH: "新建账簿", EN: "add a book"}, runBookAdd},
		{"book list", "", ledger.Text{ZH: "列出账簿", EN: "list the books"}, runBookList},
		{"book key add", "CODE", ledger.Text{ZH: "给账簿增加一把签名密钥", EN: "give a book a further signing key"}, runBookKeyAdd},
		{"book key retire", "CODE KEYID", ledger.Text{ZH: "停用一把签名密钥（须有理由）", EN: "retire a signing key (with a reason)"}, runBookKeyRetire},
		{"book key list", "CODE", ledger.Text{ZH: "列出账簿在用的签名密钥", EN: "list the signing keys in force"}, runBookKeyList},
		{"book reopen", "CODE", ledger.Text{ZH: "以新的来源名和密钥重新起用账簿：密钥丢失、被盗或数据退回旧状态时（须有理由）", EN: "go on under a new origin and key, after a lost or stolen key or an older copy (with a reason)"}, runBookReopen},
		{"book drop", "CODE", ledger.Text{ZH: "删除演示或练习账簿", EN: "drop a demo or practice book"}, runBookDrop},
		{"import lots", "FILE...", ledger.Text{ZH: "导入交易台账（.xlsx 或 .csv）", EN: "import a register of lots (.xlsx or .csv)"}, runImportLots},
		{"import parcels", "FILE...", ledger.Text{ZH: "导入核查宗地台账（.xlsx 或 .csv）", EN: "import a register of parcels (.xlsx or .csv)"}, runImportParcels},
		{"import book", "PATH", ledger.Text{ZH: "导入整本账簿的导出，作为只读副本", EN: "import a whole book from its export, as a copy to be read"}, runImportBook},
		{"void lot", "NUMBER", ledger.Text{ZH: "作废一次挂牌（须有理由）", EN: "void a listing of a lot (with a reason)"}, runVoidLot},
		{"void parcel", "NUMBER", ledger.Text{ZH: "作废一宗地（须有理由）", EN: "void a parcel (with a reason)"}, runVoidParcel},
		{"void verification", "NUMBER", ledger.Text{ZH: "作废一次核查（须有理由）", EN: "void a verification of a parcel (with a reason)"}, runVoidVerification},
		{"report summary", "", ledger.Text{ZH: "半年汇总表", EN: "the half-year summary"}, runReportSummary},
		{"report issue", "summary", ledger.Text{ZH: "签发报告：写出文件，并在账簿里记下", EN: "issue a report: write the file and keep it in the book"}, runReportIssue},
		{"report issued", "", ledger.Text{ZH: "列出已签发的报告，或某一份此后的变动", EN: "list the issued reports, or what has touched one since"}, runReportIssued},
		{"report check", "FILE", ledger.Text{ZH: "核对一份文件是否就是签发的报告", EN: "find the issue of a file"}, runReportCheck},
		{"user add", "LOGIN", ledger.Text{ZH: "新建账户，打印一次性代码", EN: "add an account and print its one-time code"}, runUserAdd},
		{"user list", "", ledger.Text{ZH: "列出账户与权限", EN: "list the accounts and their rights"}, runUserList},
		{"user grant", "LOGIN", ledger.Text{ZH: "授予权限", EN: "grant a right"}, runUserGrant},
		{"user revoke", "RIGHT", ledger.Text{ZH: "撤销权限（须有理由）", EN: "revoke a right (with a reason)"}, runUserRevoke},
		{"user reset", "LOGIN", ledger.Text{ZH: "收回密码与二次验证，打印新的一次性代码", EN: "take password and second factor away and print a new one-time code"}, runUserReset},
		{"user disable", "LOGIN", ledger.Text{ZH: "停用账户（须有理由）", EN: "disable an account (with a reason)"}, runUserDisable},
		{"user enable", "LOGIN", ledger.Text{ZH: "重新启用账户（须有理由）", EN: "enable an account again (with a reason)"}, runUserEnable},
		{"user sessions", "LOGIN", ledger.Text{ZH: "列出或结束登录会话", EN: "list or end the sessions of an account"}, runUserSessions},
		{"statement check", "FILE|-", ledger.Text{ZH: "核对对外发布的语句", EN: "judge a published sentence"}, runStatementCheck},
		{"check", "", ledger.Text{ZH: "校验账簿：重算每个条目、每行、每个合计", EN: "check the books: every entry, row and sum is recomputed"}, runCheck},
		{"erase person", "PERSON", ledger.Text{ZH: "依法删除一个人的姓名（须有理由）", EN: "erase a person's name by law (with a reason)"}, runErasePerson},
		{"erase text", "", ledger.Text{ZH: "依法删除一段封存文字（须有理由）", EN: "erase one sealed text by law (with a reason)"}, runEraseText},
		{"erase account", "LOGIN", ledger.Text{ZH: "依法删除停用账户的姓名和地址（须有理由）", EN: "erase name and addresses of a disabled account by law (with a reason)"}, runEraseAccount},
		{"export", "", ledger.Text{ZH: "导出整本账簿，供 mzverify 独立校验", EN: "export a whole book, for mzverify to check"}, runExport},
		{"proof", "[LOT]", ledger.Text{ZH: "写出一个标的或条目的证明文件", EN: "write the proof of a lot or an entry"}, runProof},
		{"publish", "CODE on|off", ledger.Text{ZH: "公开账簿，或关闭公开（须有理由）", EN: "disclose a book, or stop disclosing it (with a reason)"}, runPublish},
		{"serve", "", ledger.Text{ZH: "提供网页和 API", EN: "serve the pages and the API"}, runServe},
		{"witness init", "", ledger.Text{ZH: "建立见证人（不需要数据库），打印它的验证公钥", EN: "make a witness (without a database) and print its verifier key"}, runWitnessInit},
		{"witness log", "add KEY|list|remove ORIGIN", ledger.Text{ZH: "见证人信任哪些账簿", EN: "which books the witness trusts"}, runWitnessLog},
		{"witness serve", "", ledger.Text{ZH: "见证：检查并签名各账簿的链首凭证", EN: "witness: check and cosign the checkpoints of books"}, runWitnessServe},
		{"witness status", "", ledger.Text{ZH: "见证到哪里、有无警报（有警报时退出状态为 3）", EN: "how far was witnessed, and the alarms (exit status 3 when there is one)"}, runWitnessStatus},
		{"witness settle", "ALARM", ledger.Text{ZH: "查清后了结一个警报（须有理由）", EN: "settle an alarm that was looked into (with a reason)"}, runWitnessSettle},
		{"witness push", "", ledger.Text{ZH: "把账簿的最新链首凭证送给见证人", EN: "show the newest checkpoint of a book to witnesses"}, runWitnessPush},
		{"backup", "", ledger.Text{ZH: "备份数据库、附件和（加密的）密钥", EN: "back up the database, the files and the keys, encrypted"}, runBackup},
		{"backup check", "FILE", ledger.Text{ZH: "核对一份备份是否完好，不恢复", EN: "see whether a backup is whole, without restoring it"}, runBackupCheck},
		{"restore", "FILE", ledger.Text{ZH: "把备份恢复到新的数据目录或空数据库", EN: "restore a backup into a new data directory or an empty database"}, runRestore},
		{"migrate", "", ledger.Text{ZH: "把数据库结构升级到本程序的版本", EN: "bring the database's schema to this program's"}, runMigrate},
		{"db", "", ledger.Text{ZH: "说明如何连接私有 PostgreSQL", EN: "say how to reach the private PostgreSQL"}, runDB},
		{"config", "", ledger.Text{ZH: "打印生效的设置", EN: "print the settings in force"}, runConfig},
		{"version", "", ledger.Text{ZH: "打印版本", EN: "print the version"}, runVersion},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "keep" {
		os.Exit(localpg.Keep(os.Args[2:])) // hidden: the parent of the private PostgreSQL
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once, whatever it waits for
	p := &program{in: os.Stdin, out: plain{os.Stdout}, err: plain{os.Stderr}, now: time.Now, lang: langOf(os.Getenv("MINGZHANG_LANG"))}
	status := p.main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

func langOf(s string) ledger.Lang {
	if strings.HasPrefix(strings.ToLower(s), "en") {
		return ledger.EN
	}
	return ledger.ZH
}

// main finds the command, runs it, and turns its error into a sentence and an exit status.
func (p *program) main(ctx context.Context, args []string) int {
	words, rest := split(args)
	for i, arg := range rest { // before the options are made: their help is in it
		if name := strings.TrimLeft(arg, "-"); name == "lang" && i+1 < len(rest) {
			p.lang = langOf(rest[i+1])
		} else if value, ok := strings.CutPrefix(name, "lang="); ok {
			p.lang = langOf(value)
		}
	}
	help := slices.Contains(rest, "--help") || slices.Contains(rest, "-h")
	if len(words) == 0 && help || len(words) > 0 && words[0] == "help" {
		p.usage(p.out)
		return exitFine
	}
	if len(words) == 0 {
		p.usage(p.err)
		return exitUsage
	}
	for _, n := range []int{3, 2, 1} {
		for _, c := range commands() {
			if len(words) >= n && c.name == strings.Join(words[:n], " ") {
				return p.finish(c, c.run(ctx, p, append(words[n:], rest...)))
			}
		}
	}
	return p.unknown(words, help)
}

// unknown names the commands of a group for its first words alone (mingzhang import --help), or all of them.
func (p *program) unknown(words []string, help bool) int {
	if group := groupOf(words); len(group) > 0 {
		if help {
			p.list(p.out, group)
			return exitFine
		}
		fmt.Fprintln(p.err, p.say("请写全命令：", "the command goes on:"))
		p.list(p.err, group)
		return exitUsage
	}
	fmt.Fprintln(p.err, p.say("没有这个命令：", "no such command: ")+strings.Join(words, " "))
	p.usage(p.err)
	return exitUsage
}

// switches are the options that take no value: all others are followed by one.
func switches() []string {
	return []string{"dry-run", "amend", "practice", "once", "wait", "end", "mentions", "no-backup", "public", "sealed", "help", "h"}
}

// groupOf are the commands that go on after some words.
func groupOf(words []string) []command {
	var group []command
	for _, c := range commands() {
		if strings.HasPrefix(c.name, strings.Join(words, " ")+" ") {
			group = append(group, c)
		}
	}
	return group
}

// split finds the words of the command line that name a command, two or three, which may have options before and
// between them.
func split(args []string) (words, rest []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--" || len(words) >= 2 && len(groupOf(words)) == 0:
			return words, append(rest, args[i:]...)
		case len(arg) < 2 || arg[0] != '-':
			words = append(words, arg)
		default:
			rest = append(rest, arg)
			name := strings.TrimLeft(arg, "-")
			if !strings.Contains(name, "=") && !slices.Contains(switches(), name) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
		}
	}
	return words, rest
}

// statusError ends a command with an exit status and without a further word: all has been said.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func (p *program) finish(c command, err error) int {
	if err == nil {
		return exitFine
	}
	if status, ok := errors.AsType[statusError](err); ok {
		return int(status)
	}
	if help, ok := errors.AsType[*helpError](err); ok {
		fmt.Fprintf(p.out, "mingzhang %s\n%s\n\n%s", c.line(), c.about.In(p.lang), help.text)
		return exitFine
	}
	if usage, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintf(p.err, p.say("%s\n用法：mingzhang %s [选项]（全部选项：mingzhang %s --help）\n", "%s\nusage: mingzhang %s [options] (all of them: mingzhang %s --help)\n"), usage.text, c.line(), c.name)
		return exitUsage
	}
	fmt.Fprintln(p.err, p.sentence(err))
	if ledger.CodeOf(err) == ledger.Tampered {
		return exitBroken
	}
	return exitFailed
}

// say picks the language of a short word of the program's own talk.
func (p *program) say(zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(p.lang) }

// talk is progress and comment: it goes to stderr, data goes to stdout.
func (p *program) talk(zh, en string, args ...any) {
	fmt.Fprintf(p.err, p.say(zh, en)+"\n", args...)
}

func (p *program) usage(w io.Writer) {
	fmt.Fprintln(w, p.say("明账：农村集体资产交易与土地核查的账簿。\n\n命令：", "Mingzhang: the book of public trades and verified land.\n\ncommands:"))
	p.list(w, commands())
	fmt.Fprintln(w, p.say("\n每个命令都有 --help。--lang en 换成英文。", "\nEvery command has --help. --lang zh switches to Chinese."))
}

func (p *program) list(w io.Writer, all []command) {
	for _, c := range all {
		fmt.Fprintf(w, "  %-28s %s\n", c.line(), c.about.In(p.lang))
	}
}

// today is the date where the offices are: fixed +08:00, because the zone Asia/Shanghai had summer time in
// some years.
func (p *program) today() ledger.Day {
	return ledger.DayOf(p.now().In(time.FixedZone("+08:00", 8*60*60)))
}
