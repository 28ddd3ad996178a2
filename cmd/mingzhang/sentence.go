package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
	"mingzhang/web/locale"
)

// sentence is what a person reads of an error. What is not meant for users goes to stderr whole: here the
// user is the operator.
func (p *program) sentence(err error) string {
	if faults, ok := errors.AsType[*sheet.FaultsError](err); ok {
		return "\n" + strings.TrimRight(faults.Text(p.lang, locale.Sentence), "\n")
	}
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		if e.Code == ledger.Internal {
			slog.Error(e.Error())
		}
		return locale.Sentence(p.lang, e)
	}
	if e, ok := errors.AsType[*localpg.Error](err); ok {
		return p.trouble(startTrouble(e.Kind), e)
	}
	if e, ok := errors.AsType[*pgconn.Error](err); ok {
		return p.trouble(connectTrouble(e.Kind), e)
	}
	if pg, ok := errors.AsType[sqlError](err); ok {
		return p.trouble(serverTrouble(pg.Field('C')), err)
	}
	return err.Error()
}

// sqlError is what the database answers instead of rows.
type sqlError interface {
	error
	Field(byte) string
}

// serverTrouble is the sentence for an SQLSTATE that a person can mend.
func serverTrouble(state string) string {
	switch state {
	case "53100":
		return "磁盘已满，这一步没有写入任何内容。请腾出空间后再运行一次。"
	case "57P01", "57P02", "57P03":
		return "数据库在途中停止。请再运行一次；已记入的内容不会丢失，也不会重复。"
	case "57014":
		return "数据库太忙，这一步没有在时限内完成。请稍后再运行一次。"
	case "42501":
		return "数据库用户没有这项权限。请核对 --database-url 里的用户（须有角色 mingzhang_writer）。"
	}
	return ""
}

// trouble is a sentence in Chinese with the exact words of the program behind it, or those words alone.
func (p *program) trouble(zh string, err error) string {
	if p.lang == ledger.EN || zh == "" {
		return err.Error()
	}
	return fmt.Sprintf("%s\n原文：%s", zh, err)
}

func startTrouble(kind error) string {
	switch {
	case errors.Is(kind, localpg.ErrNoBinaries):
		return "没有安装 PostgreSQL 服务器，请按下面的命令安装。"
	case errors.Is(kind, localpg.ErrTooOld):
		return "安装的 PostgreSQL 太旧，需要 14 以上。"
	case errors.Is(kind, localpg.ErrOtherMajor):
		return "数据属于另一个版本的 PostgreSQL，而那个版本没有安装。"
	case errors.Is(kind, localpg.ErrDiskFull):
		return "磁盘已满，没有写入任何内容。请腾出空间后再运行一次。"
	case errors.Is(kind, localpg.ErrUnreachableDir):
		return "数据目录不能使用。请用 --data-dir 另选一个可以写入的文件夹。"
	}
	return "PostgreSQL 没有启动。"
}

func connectTrouble(kind error) string {
	switch {
	case errors.Is(kind, pgconn.ErrURL):
		return "数据库地址写得不对。请核对 --database-url。"
	case errors.Is(kind, pgconn.ErrUnreachable):
		return "连不上数据库。请核对地址，并确认那里的 PostgreSQL 正在运行。"
	case errors.Is(kind, pgconn.ErrTLS):
		return "与数据库之间没有可信的加密连接。请核对地址里的 sslmode 和 sslrootcert。"
	case errors.Is(kind, pgconn.ErrTooOld):
		return "数据库服务器太旧，需要 PostgreSQL 14 以上。"
	}
	return "数据库拒绝连接。"
}
