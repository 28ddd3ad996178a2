package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mingzhang/ledger/merkle"
)

// A lot's proof is written to a file and to standard output, of its current and of an earlier entry, in this and in an
// earlier checkpoint; and whoever has the verifier key believes it.
func TestStory_Proof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	added := w.want(exitFine, nil, "book", "add", "street", "--name-zh", "示例街道")
	key := strings.Fields(added.out)[2]
	file := w.file("台账.csv", "交易编号,资产名称,底价(元),成交价(元),结果,成交日期\n证-1,示例门面,1000,1200,成交,2021-03-05\n证-2,示例鱼塘,1000,1300,成交,2021-03-05\n")
	w.want(exitFine, nil, "import", "lots", file, "--book", "street")
	proves := func(text string, index, size int64) {
		t.Helper()
		p, err := merkle.ParseProofFile(text)
		if err != nil {
			t.Fatal(err)
		}
		c, err := merkle.OpenCheckpoint(p.Checkpoint, key)
		if err != nil || p.Index != index || c.Size != size || !strings.Contains(string(p.Extra), key) {
			t.Errorf("entry %d in %d, %v; want entry %d in %d", p.Index, c.Size, err, index, size)
		}
	}
	out := filepath.Join(t.TempDir(), "证-2.tlog-proof")
	if d := w.want(exitFine, []string{"第 3 条在 4 条的链首凭证之内", "校验码 3-"}, "proof", "证-2", "--book", "street", "--out", out); d.out != "" {
		t.Errorf("beside the file there is %q", d.out)
	}
	body, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	proves(string(body), 3, 4)
	proves(w.want(exitFine, nil, "proof", "--entry", "0", "--book", "street").out, 0, 4)
	proves(w.want(exitFine, nil, "proof", "--entry", "0", "--book", "street", "--as-of", "1").out, 0, 1)
	changed := w.file("更正.csv", "交易编号,资产名称,底价(元),成交价(元),结果,成交日期\n证-2,示例鱼塘,1000,1350,成交,2021-03-05\n")
	w.want(exitFine, nil, "import", "lots", changed, "--book", "street", "--amend", "--reason", "抄错")
	proves(w.want(exitFine, nil, "proof", "证-2", "--book", "street").out, 5, 6)
	proves(w.want(exitFine, nil, "proof", "证-2", "--entry", "3", "--book", "street").out, 3, 6)

	w.want(exitFailed, []string{"没有覆盖"}, "proof", "证-2", "--book", "street", "--out", out)
	w.want(exitUsage, []string{"--entry"}, "proof", "--book", "street")
	w.want(exitUsage, []string{"--book"}, "proof", "证-2")
	w.want(exitFailed, []string{"证-9"}, "proof", "证-9", "--book", "street")
	w.want(exitFailed, []string{"不是标的 证-1 的条目"}, "proof", "证-1", "--entry", "3", "--book", "street")
	proves(w.want(exitFine, nil, "proof", "证-2", "--book", "street", "--as-of", "4").out, 3, 4) // as it was then
	w.want(exitFailed, []string{"没有第 3 条"}, "proof", "证-2", "--book", "street", "--as-of", "1")
	w.want(exitFailed, []string{"没有链首凭证"}, "proof", "证-2", "--book", "street", "--as-of", "2")
	w.want(exitFailed, []string{"没有第 99 条"}, "proof", "--entry", "99", "--book", "street")
}

func TestStory_Publish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(exitFine, nil, "book", "add", "street", "--name-zh", "示例街道")
	w.want(exitFine, nil, "book", "add", "class", "--name-zh", "练习街道", "--practice")
	w.want(exitUsage, []string{"--reason"}, "publish", "street", "on")
	w.want(exitUsage, []string{"on（公开）"}, "publish", "street", "up", "--reason", "公开办法")
	w.want(exitFailed, []string{"本来就没有公开"}, "publish", "street", "off", "--reason", "公开办法")
	w.want(exitFailed, []string{"不能公开"}, "publish", "class", "on", "--reason", "公开办法")
	w.want(exitFailed, []string{"nowhere"}, "publish", "nowhere", "on", "--reason", "公开办法")
	w.want(exitFine, []string{"已公开（条目 1）"}, "publish", "street", "on", "--reason", "公开办法")
	w.want(exitFailed, []string{"已经公开"}, "publish", "street", "on", "--reason", "公开办法")
	w.want(exitFine, []string{"not disclosed any more (entry 2)"}, "publish", "street", "off", "--reason", "公开办法", "--lang", "en")
	w.want(exitFine, []string{"street：完好"}, "check")
	w.want(exitFailed, []string{"公开网址", "https"}, "serve", "--public-url", "http://trades.example.org")
}
