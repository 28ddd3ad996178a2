package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"mingzhang/migrations/localpg"
)

// watcher is a witness of its own: the built program over a directory.
type watcher struct {
	tb       testing.TB
	dir, key string
	url      string
	process  *exec.Cmd
	ended    chan struct{}
}

// newWatcher makes a witness; it does not serve yet.
func newWatcher(tb testing.TB, name string) *watcher {
	tb.Helper()
	if built.err != nil {
		tb.Fatal(built.err)
	}
	w := &watcher{tb: tb, dir: filepath.Join(tb.TempDir(), "witness")}
	d := w.want(0, "init", "--name", name)
	w.key = strings.TrimSpace(d.out)
	return w
}

func (w *watcher) do(args ...string) done {
	w.tb.Helper()
	return (&world{tb: w.tb, bin: built.bin, data: "/nowhere"}).do(append(append([]string{"witness"}, args...), "--data-dir", w.dir)...)
}

func (w *watcher) want(status int, args ...string) done {
	w.tb.Helper()
	d := w.do(args...)
	d.want(w.tb, strings.Join(args, " "), status)
	return d
}

// serve starts it and waits until it says where it is.
func (w *watcher) serve() {
	w.tb.Helper()
	c := exec.CommandContext(context.WithoutCancel(w.tb.Context()), built.bin, "witness", "serve", "--data-dir", w.dir, "--listen", "127.0.0.1:0", "--lang", "en")
	talk, err := c.StderrPipe()
	if err != nil {
		w.tb.Fatal(err)
	}
	if err := c.Start(); err != nil {
		w.tb.Fatal(err)
	}
	lines := bufio.NewScanner(talk)
	w.process, w.url, w.ended = c, "", make(chan struct{})
	for w.url == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "The page: "); ok {
			w.url, _, _ = strings.Cut(rest, "/?")
		}
	}
	go func(ended chan struct{}) {
		for lines.Scan() { // so that it is never kept from talking
		}
		_ = c.Wait() // how it ended is the test's own doing
		close(ended)
	}(w.ended)
	w.tb.Cleanup(func() { w.kill(syscall.SIGKILL) })
	if w.url == "" {
		w.tb.Fatal("the witness did not say where it is")
	}
}

func (w *watcher) kill(how syscall.Signal) {
	_ = w.process.Process.Signal(how) // it may have ended
	<-w.ended
}

// alarms are the directories of evidence.
func (w *watcher) alarms() []string {
	w.tb.Helper()
	list, err := filepath.Glob(filepath.Join(w.dir, "alarms", "*"))
	if err != nil {
		w.tb.Fatal(err)
	}
	return list
}

// record imports one lot.
func (w *world) record(book, no string) {
	w.tb.Helper()
	csv := "交易编号,资产名称,底价(元),成交价(元),结果,成交日期\n" + no + ",示例门面（虚构）,120000,150000,成交,2021-08-05\n"
	w.want(0, []string{"已记入 1"}, "import", "lots", w.file("台账-"+no+".csv", csv), "--book", book)
}

// copied is another machine with the same data and the same keys.
func (w *world) copied() *world {
	w.tb.Helper()
	ctx, cancel := context.WithTimeout(w.tb.Context(), waitStop)
	defer cancel()
	if err := localpg.WaitStopped(ctx, w.data); err != nil {
		w.tb.Fatal(err)
	}
	other := newWorld(w.tb)
	if out, err := exec.CommandContext(ctx, "cp", "-a", w.data, other.data).CombinedOutput(); err != nil {
		w.tb.Fatalf("copying: %v\n%s", err, out)
	}
	return other
}

// A book with two witnesses. Its database is copied with the keys, and both copies go on: the witness catches the
// second, at the same size and at a larger one, and one that was put back to an earlier state.
func TestStory_WitnessCatches(t *testing.T) {
	t.Parallel()
	first, second := newWatcher(t, "witness.audit.example"), newWatcher(t, "witness.court.example")
	first.serve()
	second.serve()
	w := newWorld(t)
	bookKey := strings.TrimSpace(strings.Split(w.want(0, nil, "book", "add", "street", "--name-zh", "示例街道（虚构）").out, "\t")[2])
	push := []string{"witness", "push", "--book", "street", "--witness", first.url + "=" + first.key}
	w.want(1, []string{"还不认识本账簿"}, push...)
	first.want(0, "log", "add", bookKey) // while it serves
	second.want(0, "log", "add", bookKey)
	w.record("street", "试-1")
	both := append(append([]string(nil), push...), "--witness", second.url+"="+second.key)
	w.want(0, []string{"witness.audit.example\t3\t", "witness.court.example\t3\t"}, both...)
	w.want(0, nil, both...) // the same again

	early := w.copied()
	w.record("street", "试-2")
	w.want(0, []string{"witness.audit.example\t5\t"}, push...)
	first.want(0, "status")

	d := early.want(3, []string{"已见证到 5 个条目", "只有 3 个"}, push...)
	if strings.Contains(d.out, "\t3\t") {
		t.Errorf("a book that was put back was cosigned: %s", d.out)
	}
	if len(first.alarms()) != 1 {
		t.Errorf("after the roll-back: %v", first.alarms())
	}
	early.record("street", "试-乙")
	early.want(3, []string{"另一个根"}, push...)
	early.record("street", "试-丙")
	early.want(3, []string{"不是本账簿"}, push...)
	early.want(0, []string{"witness.court.example\t7\t"}, "witness", "push", "--book", "street", "--witness", second.url+"="+second.key)
	w.want(3, nil, both...) // the second has seen the other book, and says so
	w.record("street", "试-3")
	w.want(0, []string{"\t7\t"}, push...) // the first goes on with the book that it saw
	first.holds(bookKey)
	second.want(3, "status")
}

// holds looks at the evidence of the story with code that is not ours.
func (w *watcher) holds(bookKey string) {
	w.tb.Helper()
	d := w.want(3, "status")
	var status struct {
		Logs   []struct{ Size int64 }
		Alarms []struct {
			Kind      string
			Name      string
			SettledAt *time.Time `json:"settled_at"`
		}
	}
	if err := json.Unmarshal([]byte(d.out), &status); err != nil {
		w.tb.Fatal(err)
	}
	found := map[string]bool{} // kind: settled
	for _, a := range status.Alarms {
		found[a.Kind] = a.SettledAt != nil
	}
	if want := map[string]bool{"fork": false, "inconsistent": false, "rolled_back": true}; fmt.Sprint(found) != fmt.Sprint(want) || status.Logs[0].Size != 7 {
		w.tb.Errorf("alarms %v, want %v; %+v", found, want, status.Logs)
	}
	verifier, err := note.NewVerifier(bookKey)
	if err != nil {
		w.tb.Fatal(err)
	}
	for _, dir := range w.alarms() {
		if !strings.Contains(dir, "-fork-") {
			continue
		}
		var texts []string
		for _, name := range []string{"known.note", "shown.note"} {
			signed, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				w.tb.Fatal(err)
			}
			n, err := note.Open(signed, note.VerifierList(verifier))
			if err != nil {
				w.tb.Fatalf("%s/%s: %v", dir, name, err)
			}
			texts = append(texts, n.Text)
		}
		known, shown := strings.Split(texts[0], "\n"), strings.Split(texts[1], "\n")
		if known[0] != shown[0] || known[1] != shown[1] || known[2] == shown[2] {
			w.tb.Errorf("the evidence does not prove a fork: %q", texts)
		}
		w.want(0, "settle", filepath.Base(dir), "--reason", "已立案（虚构）")
		w.want(1, "settle", filepath.Base(dir), "--reason", "再一次")
	}
	w.want(3, "status") // the inconsistent one is still open
}

// What serve does by itself: each commit is shown soon after, and the note then carries the witness's line.
func TestStory_WitnessServe(t *testing.T) {
	t.Parallel()
	eye := newWatcher(t, "witness.audit.example")
	eye.serve()
	if d := eye.do("serve", "--listen", "127.0.0.1:0"); d.status != 1 || !strings.Contains(d.err, "同一个目录只能有一个") {
		t.Errorf("a second process with the same directory: %+v", d)
	}
	w := newWorld(t)
	bookKey := strings.TrimSpace(strings.Split(w.want(0, nil, "book", "add", "street", "--name-zh", "示例街道（虚构）").out, "\t")[2])
	eye.want(0, "log", "add", bookKey)
	c := exec.CommandContext(t.Context(), built.bin, "serve", "--data-dir", w.data, "--listen", "127.0.0.1:0", "--witness", eye.url+"="+eye.key)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w.record("street", "试-1") // by another process
	seen := w.waitCosigned(3)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
	theirs, err := formats.NewVerifierForCosignatureV1(eye.key)
	if err != nil {
		t.Fatal(err)
	}
	book, err := note.NewVerifier(bookKey)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open([]byte(seen), note.VerifierList(theirs, book)); err != nil || len(n.Sigs) != 2 {
		t.Errorf("the cosigned note: %+v, %v", n, err)
	}
	eye.want(0, "log", "remove", strings.Split(bookKey, "+")[0])
	w.want(1, []string{"还不认识本账簿"}, "witness", "push", "--book", "street", "--witness", eye.url+"="+eye.key)
	page, err := http.Get(eye.url + "/") //nolint:noctx // this machine
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Body.Close(); err != nil || page.StatusCode != 200 {
		t.Errorf("the page: %s, %v", page.Status, err)
	}
}

// waitCosigned waits until the checkpoint of a size has a witness's line, and gives note and line.
func (w *world) waitCosigned(size int64) string {
	w.tb.Helper()
	db := w.behind()
	ctx, cancel := context.WithTimeout(w.tb.Context(), waitStop)
	defer cancel()
	for {
		var found []string
		err := db.NewRaw("SELECT c.note || w.line FROM checkpoints AS c JOIN work_cosignatures AS w ON w.book_id = c.book_id AND w.size = c.size "+
			"WHERE c.size = ? AND c.book_id <> 0", size).Scan(ctx, &found)
		if err != nil {
			w.tb.Fatalf("no cosignature of %d: %v", size, err)
		}
		if len(found) > 0 {
			return found[0]
		}
	}
}
