package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A report is issued into a file; the file is recognised, another is not; what touches it since is told with both
// figures; and a second issue names the first.
func TestStory_IssuesAReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "demo")
	file := filepath.Join(t.TempDir(), "汇总.csv")
	issue := append([]string{"report", "issue", "summary", "--format", "csv", "--out"}, file)
	period := strings.Fields(demoPeriodFlags)
	w.want(0, []string{"已签发：条目 291", "SHA-256 "}, append(issue, period...)...)
	w.want(1, []string{file}, append(issue, period...)...) // the file is there: nothing is issued
	w.want(0, []string{"条目 291", "2021-01-01至2021-06-30", "截至条目数 291"}, "report", "check", file, "--book", "demo")
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), "43.28") && !strings.Contains(string(body), "0.4328") {
		t.Errorf("the file has not the rate:\n%s", body)
	}
	if err := os.WriteFile(file+"x", append(body, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(3, []string{"没有签发过"}, "report", "check", file+"x", "--book", "demo")
	w.want(0, []string{"此后没有变动"}, "report", "issued", "--book", "demo", "--entry", "291")
	w.want(0, nil, "void", "lot", "示例街集资交〔2021〕0004号", "--book", "demo", "--reason", "重复登记（虚构）")
	w.want(0, []string{"成交宗数: 37 → 36 宗", "作废: 2021-01-14 已签约 底价 2880000.00"}, "report", "issued", "--book", "demo", "--entry", "291")
	w.want(0, []string{"此后没有变动"}, "report", "issued", "--book", "demo", "--entry", "291", "--as-of", "292")
	w.want(1, []string{"291"}, "report", "issued", "--book", "demo", "--as-of", "290")
	w.want(2, []string{"summary"}, append([]string{"report", "issue", "other", "--out", file + "y"}, period...)...)
	issue[len(issue)-1] = file + "2"
	w.want(0, []string{"已签发：条目 293"}, append(issue, period...)...)
	w.want(0, []string{"更正条目 291 签发的报告", "此后变动 1 条"}, "report", "issued", "--book", "demo")
	w.want(0, []string{"完好"}, "check", "--book", "demo")
}
