package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/migrations/localpg"
)

// inside works with the data directory from this process, beside the program's own.
func (w *world) inside(work func(*session)) {
	w.tb.Helper()
	var quiet bytes.Buffer
	p := &program{in: strings.NewReader(""), out: &quiet, err: &quiet, now: time.Now, lang: ledger.ZH}
	o := p.newOptions("inside")
	o.dataDir = w.data
	ctx := w.tb.Context()
	if err := o.with(ctx, func(s *session) error { work(s); return nil }); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *world) bookOf(ctx context.Context, s *session, code string) *ledger.Book {
	w.tb.Helper()
	book, err := s.store.Book(ctx, code)
	if err != nil {
		w.tb.Fatal(err)
	}
	return book
}

// keyFile is the file of the first key of an origin.
func (w *world) keyFile(origin string) string {
	return filepath.Join(w.data, "keys", strings.ReplaceAll(origin, "/", "_")+".key")
}

// added makes a book and gives its origin and key id.
func (w *world) added(code string) (origin, key string) {
	w.tb.Helper()
	words := strings.Split(strings.TrimSpace(w.want(0, nil, "book", "add", code, "--name-zh", "示例街道").out), "\t")
	return words[1], strings.Split(words[2], "+")[1]
}

// register is an office's file of one lot.
func (w *world) register(no string) string {
	return w.file(no+".csv", "交易编号,项目名称,底价总额(元),成交总额(元),成交日期,交易方式,结果\n"+no+",一号仓,10000.00,14328.00,2021-03-05,出租,成交\n")
}

// Two processes: a long one writes before, between and after the commands that exchange the key.
func TestStory_KeyExchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	origin, first := w.added("mystreet")
	lines := func(head ledger.Checkpoint) int { return strings.Count(head.Note, "\n— "+origin+" ") }
	w.inside(func(s *session) {
		book := w.bookOf(t.Context(), s, "mystreet")
		write := func(on bool, want int) {
			t.Helper()
			if _, err := book.Disclose(t.Context(), s.actor, on, "试（虚构）"); err != nil {
				t.Fatal(err)
			}
			if head, err := book.Head(t.Context()); err != nil || lines(head) != want {
				t.Errorf("signed by %d, %v; want %d in\n%s", lines(head), err, want, head.Note)
			}
		}
		write(true, 1)
		second, _, _ := strings.Cut(w.want(0, []string{"多一行签名"}, "book", "key", "add", "mystreet").out, "\t")
		write(false, 2)
		w.want(0, []string{first + "\t在这里", second + "\t在这里"}, "book", "key", "list", "mystreet")
		w.want(2, []string{"--reason"}, "book", "key", "retire", "mystreet", first)
		w.want(0, []string{"已停用"}, "book", "key", "retire", "mystreet", first, "--reason", "定期更换")
		write(true, 1)
		w.want(0, []string{"完好"}, "check")
		w.want(1, []string{"唯一"}, "book", "key", "retire", "mystreet", second, "--reason", "x")
		w.want(1, []string{"没有在用的密钥 " + first}, "book", "key", "retire", "mystreet", first, "--reason", "x")
	})
	list := w.want(0, nil, "book", "key", "list", "mystreet").out
	if strings.Contains(list, first) || strings.Count(list, "\n") != 1 {
		t.Errorf("keys in force:\n%s", list)
	}
	w.want(2, []string{"book key add", "book key retire", "book key list"}, "book", "key")
}

// One of two keys is lost: writing stops with a sentence that says how to go on, and goes on so.
func TestStory_KeyLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	origin, first := w.added("mystreet")
	w.want(0, nil, "book", "key", "add", "mystreet")
	hide := func(path string) {
		t.Helper()
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
	}
	hide(w.keyFile(origin))
	w.want(1, []string{"book key retire mystreet " + first}, "import", "lots", w.register("一号"), "--book", "mystreet")
	w.want(0, []string{first + "\tnot here"}, "book", "key", "list", "mystreet", "--lang", "en")
	w.want(0, []string{"完好"}, "check")
	w.want(0, nil, "book", "key", "retire", "mystreet", first, "--reason", "磁盘损坏")
	w.want(0, []string{"已记入 1"}, "import", "lots", w.register("一号"), "--book", "mystreet")

	// The other one, too: the book is reopened under a new origin.
	others, err := filepath.Glob(filepath.Join(w.data, "keys", "mingzhang_mystreet_*+*.key"))
	if err != nil || len(others) != 1 {
		t.Fatalf("further keys: %v, %v", others, err)
	}
	hide(others[0])
	w.want(1, []string{"book reopen mystreet"}, "import", "lots", w.register("二号"), "--book", "mystreet")
	w.want(0, []string{"完好"}, "check")
	w.want(2, []string{"--reason"}, "book", "reopen", "mystreet")
	words := strings.Split(w.want(0, []string{"接续的是 " + origin}, "book", "reopen", "mystreet", "--reason", "密钥全部丢失").out, "\t")
	if words[1] == origin {
		t.Errorf("reopened under the same origin %s", origin)
	}
	w.want(0, []string{"已记入 1"}, "import", "lots", w.register("二号"), "--book", "mystreet")
	w.want(0, []string{"完好"}, "check")

	// A foreign key in its place is no key.
	foreign, _ := w.added("other")
	secret, err := os.ReadFile(w.keyFile(foreign))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.keyFile(words[1]), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(1, []string{"签名密钥与账簿 mystreet 不符"}, "import", "lots", w.register("三号"), "--book", "mystreet")
	w.want(0, []string{"完好"}, "check")
}

// The installation's log has a key of its own: without it nobody signs in and no account is made, until it is reopened.
func TestStory_LogKeyLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.added("mystreet")
	logs, err := filepath.Glob(filepath.Join(w.data, "keys", "mingzhang_installation_*.key"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("keys of the log: %v, %v", logs, err)
	}
	if err := os.Remove(logs[0]); err != nil {
		t.Fatal(err)
	}
	w.want(1, []string{"book reopen installation"}, "user", "add", "zhang", "--name", "张三", "--role", "administrator")
	w.inside(func(s *session) {
		ctx := w.tb.Context()
		if err := s.isReady(ctx); err == nil || !strings.Contains(err.Error(), "key_missing") {
			t.Errorf("ready: %v, want book.key_missing", err)
		}
	})
	w.want(0, nil, "book", "reopen", "installation", "--reason", "密钥丢失")
	w.want(0, nil, "user", "add", "zhang", "--name", "张三", "--role", "administrator")
	w.want(0, []string{"账簿 installation：完好"}, "check")
}

// cluster copies the private cluster, stopped, from one place to another.
func (w *world) cluster(from, to string) {
	w.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitStop)
	defer cancel()
	if err := localpg.WaitStopped(ctx, w.data); err != nil {
		w.tb.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(w.data, to)); err != nil {
		w.tb.Fatal(err)
	}
	if out, err := exec.CommandContext(ctx, "cp", "-a", filepath.Join(w.data, from), filepath.Join(w.data, to)).CombinedOutput(); err != nil {
		w.tb.Fatalf("%v: %s", err, out)
	}
}

// The database is restored from a copy that is older than what was published.
func TestStory_RolledBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	origin, _ := w.added("mystreet")
	w.cluster("postgres", "copy")
	w.want(0, nil, "import", "lots", w.register("一号"), "--book", "mystreet")
	var published ledger.Checkpoint
	w.inside(func(s *session) {
		ctx := w.tb.Context()
		var err error
		if published, err = w.bookOf(ctx, s, "mystreet").Publish(ctx, 0); err != nil {
			t.Fatal(err)
		}
	})
	kept, err := os.ReadFile(w.keyFile(origin) + ".published")
	if err != nil || string(kept) != published.Note {
		t.Fatalf("kept %q, %v; want the published note", kept, err)
	}
	w.cluster("copy", "postgres")
	w.want(3, []string{"完好", fmt.Sprintf("已公布过 %d 条", published.Size)}, "check") // a book of that time, whole
	w.want(1, []string{fmt.Sprintf("已公布过 %d 条", published.Size), "book reopen mystreet"}, "import", "lots", w.register("二号"), "--book", "mystreet")
	w.want(1, []string{"was set back"}, "book", "key", "add", "mystreet", "--lang", "en")
	w.inside(func(s *session) {
		ctx := w.tb.Context()
		if err := s.isReady(ctx); err == nil || !strings.Contains(err.Error(), "rolled_back") {
			t.Errorf("ready: %v, want book.rolled_back", err)
		}
	})
	w.want(0, []string{"mystreet"}, "book", "list")
	w.want(0, []string{fmt.Sprintf("%s 条目数为 %d 的凭证（根 %s）", origin, published.Size, published.Root)}, "book", "reopen", "mystreet", "--reason", "从旧备份恢复")
	w.want(0, []string{"已记入 1"}, "import", "lots", w.register("二号"), "--book", "mystreet")
	w.want(0, []string{"完好"}, "check")
	w.inside(func(s *session) {
		ctx := w.tb.Context()
		if err := s.isReady(ctx); err != nil {
			t.Errorf("ready: %v", err)
		}
	})
}

// exported writes a book as an export has it, in a folder and as a .zip file, and gives both paths.
func (w *world) exported(code string) (folder, zipped string) {
	w.tb.Helper()
	files := map[string]*bytes.Buffer{"entries.jsonl": {}, "checkpoints.jsonl": {}, "sealed.jsonl": {}, "checkpoint": {}}
	w.inside(func(s *session) {
		ctx := w.tb.Context()
		book := w.bookOf(ctx, s, code)
		entries, err := book.EntriesAfter(ctx, -1, 10_000)
		if err != nil {
			w.tb.Fatal(err)
		}
		points, err := book.CheckpointsBefore(ctx, 0, 10_000)
		if err != nil {
			w.tb.Fatal(err)
		}
		for _, e := range entries {
			files["entries.jsonl"].Write(append(e.Body, '\n'))
			texts, err := book.Opened(ctx, e.Seq)
			if err != nil {
				w.tb.Fatal(err)
			}
			for _, x := range texts {
				w.line(files["sealed.jsonl"], map[string]any{"seq": e.Seq, "field": x.Field, "salt": x.Salt, "text": x.Text})
			}
		}
		for i := len(points) - 1; i >= 0; i-- {
			w.line(files["checkpoints.jsonl"], map[string]any{"size": points[i].Size, "note": points[i].Note})
		}
		files["checkpoint"].WriteString(points[0].Note)
	})
	folder = w.tb.TempDir()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for name, text := range files {
		part, err := z.Create(name)
		if err == nil {
			_, err = part.Write(text.Bytes())
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), text.Bytes(), 0o600)
		}
		if err != nil {
			w.tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		w.tb.Fatal(err)
	}
	return folder, w.file(code+".zip", archive.String())
}

func (w *world) line(b *bytes.Buffer, v any) {
	w.tb.Helper()
	if err := json.NewEncoder(b).Encode(v); err != nil {
		w.tb.Fatal(err)
	}
}

// An auditor takes the demo book's export into an installation of their own: the same root and figures, and no key.
func TestStory_ImportBook(t *testing.T) {
	t.Parallel()
	w, auditor := newWorld(t), newWorld(t)
	w.want(0, nil, "demo")
	w.want(0, nil, "book", "key", "add", "demo")
	folder, zipped := w.exported("demo")
	_, root, _ := strings.Cut(w.want(0, nil, "check", "--book", "demo").out, "根 ")
	auditor.want(0, []string{"只读副本", root}, "import", "book", folder)
	auditor.want(0, []string{"账簿 demo：完好", "账簿 installation：完好", root}, "check")
	auditor.want(0, []string{"37宗", "1438.89"}, append([]string{"report", "summary"}, strings.Fields(demoPeriodFlags)...)...)
	auditor.want(1, []string{"已在这里"}, "import", "book", zipped, "--code", "again")
	auditor.want(1, []string{"导入的副本"}, "import", "lots", w.register("新"), "--book", "demo")
	auditor.inside(func(s *session) {
		ctx := w.tb.Context()
		if err := s.isReady(ctx); err != nil {
			t.Errorf("ready with a copy: %v", err)
		}
	})
	auditor.want(0, nil, "book", "drop", "demo")
	auditor.want(0, []string{"copy\t", "sealed texts came along"}, "import", "book", zipped, "--code", "copy", "--lang", "en")
	auditor.want(0, []string{"账簿 copy：完好"}, "check")

	w.want(1, []string{"已在这里"}, "import", "book", folder)
	entries := filepath.Join(folder, "entries.jsonl")
	text, err := os.ReadFile(entries)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(entries, bytes.Replace(text, []byte(`"hammer_total":"`), []byte(`"hammer_total":"1`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	auditor.want(0, nil, "book", "drop", "copy")
	auditor.want(1, []string{"checkpoints.jsonl 第 "}, "import", "book", folder)
	auditor.want(1, []string{"无法打开导出"}, "import", "book", entries)
	auditor.want(1, []string{"/nowhere"}, "import", "book", "/nowhere")
	auditor.want(1, []string{"没有 checkpoint"}, "import", "book", t.TempDir())
	auditor.want(0, []string{"账簿 installation：完好"}, "check")
}
