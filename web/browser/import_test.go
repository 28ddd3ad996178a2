package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

// register writes an invented register into a file of the test's own.
func register(tb testing.TB, name string, rows ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	header := "交易编号,资产名称,村集体,底价(元),成交价(元),结果,成交日期"
	if err := os.WriteFile(path, []byte(header+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// A clerk imports a register in which one row is wrong, corrects it and imports it again; a reviewer approves the
// whole import but for one lot.
func TestStory_ImportsAFile(t *testing.T) {
	t.Parallel()
	o := demo(t)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	reviewer := o.joined("reviewer", "吴十(虚构)", account.Reviewer, "demo")
	for i, at := range []screen{{wide, "zh"}, {narrow, "en"}} {
		n := at.String()
		good, bad, third := "试-"+n+"-1,示例门面,示例榕荫村经济联合社,120000,150000,成交,2021-03-05", "试-"+n+"-2,示例鱼塘,示例榕荫村经济联合社,0,900,成交,2021-04-01", "试-"+n+"-3,示例仓库,示例榕荫村经济联合社,800,900,成交,2021-04-01"
		p := o.as(t, clerk, at.width, at.lang)
		if i == 1 {
			p.withoutScript()
		}
		p.visit("/books/demo/lots").press(p.say("从表格导入", "Import a register")).look("choose")
		p.upload(p.say("表格文件", "Spreadsheet"), register(t, "台账.csv", good, bad, third)).press(p.say("上传并核对", "Send and look over"))
		p.waits("#faults-found", "D3").look("faults")
		p.press(p.say("换一个文件", "Another file")).look("kept")
		p.upload(p.say("表格文件", "Spreadsheet"), register(t, "改正.csv", good, strings.Replace(bad, ",0,", ",800,", 1), third)).press(p.say("上传并核对", "Send and look over"))
		p.waits("#record", p.say("记入账簿", "Record")).look("preview")
		p.press(p.say("记入账簿，共", "Record 3")).waits("h1", p.say("导入", "mport")).look("recorded")
		imported := p.path()

		r := o.as(t, reviewer, at.width, at.lang).visit("/books/demo/review").look("queue").visit(imported).look("to-review")
		r.fill(r.say("除外的交易编号", "Lot numbers to leave out"), "试-"+n+"-3").press(r.say("复核通过", "Approve all")).look("approved")
		r.visit("/books/demo/lots?review=approved").has("试-"+n+"-1", "试-"+n+"-2").hasNot("试-" + n + "-3")
		p.visit("/books/demo/imports").look("imports")
	}
}
