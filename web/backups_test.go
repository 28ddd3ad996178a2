package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/web"
)

// That there is no new backup is told to those who can do something about it, and to nobody else.
func TestBackups_Warning(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("office", ledger.OfficeBook, "示例街道", "")
	sessions := map[account.Role]string{}
	for _, role := range []account.Role{account.Clerk, account.Leader, account.Administrator} {
		right := account.NewRight{Role: role, Book: "office"}
		if role == account.Administrator {
			right.Book = ""
		}
		sessions[role] = b.person(string(role), right).session
	}
	at := b.clock.Now().Add(-9 * 24 * time.Hour)
	for _, tt := range []struct {
		state web.Backups
		zh    string
	}{
		{web.Backups{}, ""},
		{web.Backups{At: &at, Age: 24 * time.Hour}, ""},
		{web.Backups{At: &at, Age: 9 * 24 * time.Hour, Late: true}, "已有 9 天没有备份"},
		{web.Backups{Age: 9 * 24 * time.Hour, Late: true}, "还没有做过备份"},
		{web.Backups{At: &at, Age: time.Hour, Failed: "磁盘已满"}, "最近一次备份没有成功：磁盘已满"},
	} {
		o := b.options()
		o.Backups = func(context.Context) (web.Backups, error) { return tt.state, nil }
		b.serve(o)
		for role, session := range sessions {
			b.session = session
			body := b.get("/", http.StatusOK)
			told := tt.zh != "" && strings.Contains(body, tt.zh)
			if want := tt.zh != "" && role != account.Clerk; told != want || !want && strings.Contains(body, "备份") {
				t.Errorf("%+v: %s is told: %v, want %v", tt.state, role, told, want)
			}
		}
	}
}
