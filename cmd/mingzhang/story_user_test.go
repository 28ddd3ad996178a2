package main

import (
	"regexp"
	"strings"
	"testing"
)

// The first administrator comes before the first book; then people get roles in books and villages, lose them again, and
// the installation's log is checked with all of it.
func TestStory_Users(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(exitFine, []string{"还没有账簿"}, "check")
	first := w.want(exitFine, []string{"24 小时内有效"}, "user", "add", "zhang", "--name", "张三", "--role", "administrator")
	if !regexp.MustCompile(`^zhang\t[0-9a-z]{4}(-[0-9a-z]{4}){3}\n$`).MatchString(first.out) {
		t.Errorf("the first administrator's code: %q, want login and code", first.out)
	}
	w.want(exitFine, []string{"installation：完好"}, "check")
	w.want(exitUsage, []string{"缺少 --name"}, "user", "add", "li")
	w.want(exitUsage, []string{"没有“king”这个角色"}, "user", "add", "li", "--name", "李四", "--role", "king")
	w.want(exitFailed, []string{"登录名“ZHANG 3!”不能用"}, "user", "add", "ZHANG 3!", "--name", "张三")
	w.want(exitFailed, []string{"已有人使用"}, "user", "add", "ZHANG", "--name", "张三")
	w.want(exitFailed, []string{"没有代码为“dongcheng”的账簿"}, "user", "add", "li", "--name", "李四", "--role", "clerk", "--book", "dongcheng")
	w.want(exitFine, nil, "book", "add", "dongcheng", "--name-zh", "东城街道")
	w.want(exitFine, nil, "user", "add", "li", "--name", "李四", "--role", "clerk", "--book", "dongcheng", "--village", "东升村,西岗村", "--until", "2199-12-31")
	w.want(exitFailed, []string{"不能在同一账簿中同时担任"}, "user", "grant", "li", "--role", "auditor", "--book", "dongcheng")
	w.want(exitFailed, []string{"只有审计员"}, "user", "grant", "li", "--role", "reviewer", "--book", "dongcheng", "--facts-from", "2021-01-01")
	w.want(exitFine, []string{"已授予 li：复核员"}, "user", "grant", "li", "--role", "reviewer", "--book", "dongcheng")
	w.want(exitFailed, []string{"没有账户“wang”"}, "user", "grant", "wang", "--role", "reviewer", "--book", "dongcheng")
	list := w.want(exitFine, []string{"李四\t一次性代码待用", "系统管理员", "交易经办员，dongcheng，东升村、西岗村，有效至 2199-12-31", "复核员，dongcheng"}, "user", "list")
	right := regexp.MustCompile(`\t([0-9]+)\t复核员`).FindStringSubmatch(list.out)
	if right == nil {
		t.Fatalf("no number of the reviewer's right in %s", list.out)
	}
	w.want(exitUsage, []string{"缺少 --reason"}, "user", "revoke", right[1])
	w.want(exitUsage, []string{"user list"}, "user", "revoke", "li", "--reason", "调岗")
	w.want(exitFine, []string{"立即生效"}, "user", "revoke", right[1], "--reason", "调岗")
	w.want(exitFailed, []string{"已被撤销"}, "user", "revoke", right[1], "--reason", "调岗")
	if list := w.want(exitFine, nil, "user", "list"); strings.Contains(list.out, "复核员") {
		t.Errorf("the right that was revoked is listed: %s", list.out)
	}
	w.want(exitFailed, []string{"最后一位"}, "user", "disable", "zhang", "--reason", "退休")
	w.want(exitFine, []string{"已停用"}, "user", "disable", "li", "--reason", "离职")
	w.want(exitFine, []string{"li\t李四\tdisabled"}, "user", "list", "--lang", "en")
	w.want(exitFailed, []string{"已停用"}, "user", "reset", "li")
	w.want(exitFine, []string{"已启用"}, "user", "enable", "li", "--reason", "回来")
	second := w.want(exitFine, []string{"24 小时内有效"}, "user", "reset", "zhang")
	if second.out == first.out {
		t.Error("reset gave the same code again")
	}
	w.want(exitFine, nil, "user", "sessions", "li")
	w.want(exitFine, []string{"都已结束"}, "user", "sessions", "li", "--end")
	w.want(exitFine, []string{"dongcheng：完好", "installation：完好"}, "check")
}

// Whoever makes themselves a leader in the database is found by check.
func TestStory_UsersTampered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(exitFine, nil, "book", "add", "dongcheng", "--name-zh", "东城街道")
	w.want(exitFine, nil, "user", "add", "li", "--name", "李四", "--role", "clerk", "--book", "dongcheng")
	if _, err := w.behind().ExecContext(t.Context(), "SET session_replication_role = replica; UPDATE rights SET role = 'leader'"); err != nil {
		t.Fatal(err)
	}
	w.want(exitBroken, []string{"installation：已损坏", "rights.role", "应为 clerk，实为 leader"}, "check")
}
