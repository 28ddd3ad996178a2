package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
)

// logOfLeaves is a log without a database: what it signs depends on its leaves alone.
type logOfLeaves struct {
	signer      *merkle.Signer
	origin, key string
	leaves      []merkle.Hash
}

func newLogOfLeaves(t *testing.T) *logOfLeaves {
	t.Helper()
	l := &logOfLeaves{origin: "mingzhang/killed/0123456789abcdef"}
	secret, key, err := merkle.NewKey(rand.Reader, l.origin)
	if err != nil {
		t.Fatal(err)
	}
	if l.signer, err = merkle.NewSigner([]string{secret}, []string{key}); err != nil {
		t.Fatal(err)
	}
	l.key = key
	return l
}

// fork has the same first leaves as the log, n in all, and the others of its own.
func (l *logOfLeaves) fork(same, n int) *logOfLeaves {
	f := &logOfLeaves{signer: l.signer, origin: l.origin, key: l.key, leaves: append([]merkle.Hash(nil), l.leaves[:same]...)}
	f.grow(n, "forged")
	return f
}

func (l *logOfLeaves) grow(n int, word string) {
	for len(l.leaves) < n {
		l.leaves = append(l.leaves, merkle.LeafHash(fmt.Appendf(nil, "%s %d", word, len(l.leaves))))
	}
}

// request shows the first n leaves to a witness that saw old of them.
func (l *logOfLeaves) request(t *testing.T, old int64, n int) []byte {
	t.Helper()
	var tree merkle.Tree
	for _, leaf := range l.leaves[:n] {
		tree.Append(leaf)
	}
	signed, err := l.signer.Sign(merkle.Checkpoint{Origin: l.origin, Size: int64(n), Root: tree.Root()})
	if err != nil {
		t.Fatal(err)
	}
	proof, err := merkle.ProveConsistency(old, int64(n), func(_ int, index int64, width int) ([]merkle.Hash, error) {
		return l.leaves[index*merkle.TileWidth:][:width], nil // fewer than a tile's square
	})
	if err != nil {
		t.Fatal(err)
	}
	return witness.Request{Old: old, Proof: proof, Note: signed}.Bytes()
}

// add sends a request: 0 when the witness ended before it answered.
func (w *watcher) add(body []byte) (status int, answer string) {
	w.tb.Helper()
	r, err := http.Post(w.url+"/add-checkpoint", "text/plain", bytes.NewReader(body)) //nolint:noctx // this machine
	if err != nil {
		return 0, ""
	}
	text, readErr := io.ReadAll(r.Body)
	if err := r.Body.Close(); err != nil || readErr != nil {
		return 0, ""
	}
	return r.StatusCode, string(text)
}

// renamed tells when a file is renamed into a directory. Its channel is closed after the first time.
func (w *watcher) renamed(dir string) <-chan struct{} {
	w.tb.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		w.tb.Fatal(err)
	}
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_MOVED_TO); err != nil {
		w.tb.Fatal(err)
	}
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		_, _ = unix.Read(fd, make([]byte, 4096)) // whatever it says: something was renamed
		_ = unix.Close(fd)
	}()
	return seen
}

const killRounds = 12

// The witness is killed at the moment at which its state gets its name, before or while it answers, round after
// round. Started again it has forgotten nothing: no smaller tree is cosigned and no other one, and the one that it
// kept is cosigned when it is asked again.
func TestStory_WitnessKilled(t *testing.T) {
	t.Parallel()
	w := newWatcher(t, "witness.audit.example")
	log := newLogOfLeaves(t)
	log.grow(10*killRounds+10, "entry")
	w.want(0, "log", "add", log.key)
	state := witnessDir(w.dir).logDir(log.origin)
	old, unanswered := int64(0), 0
	for round := range killRounds {
		w.serve()
		n := 10 * (round + 1)
		seen := w.renamed(state)
		answered := make(chan int)
		go func() {
			status, _ := w.add(log.request(t, old, n))
			answered <- status
		}()
		<-seen
		w.kill(syscall.SIGKILL)
		status := <-answered
		if status != 0 && status != 200 {
			t.Fatalf("round %d: %d", round, status)
		}
		if status == 0 {
			unanswered++
		}
		w.serve()
		fork := log.fork(int(old), n+5)
		for what, c := range map[string]struct {
			body []byte
			want int
		}{
			"a smaller tree":           {log.request(t, old, n-3), 409},
			"another tree of the size": {fork.request(t, int64(n), n), 409},
			"another tree that grows":  {fork.request(t, int64(n), n+5), 422},
			"what went before":         {fork.request(t, old, n+5), 409},
		} {
			if status, answer := w.add(c.body); status != c.want || strings.HasPrefix(answer, "—") {
				t.Errorf("round %d: %s: %d %q, want %d", round, what, status, answer, c.want)
			}
		}
		if status, answer := w.add(log.request(t, int64(n), n)); status != 200 || !strings.HasPrefix(answer, "— witness.audit.example ") {
			t.Errorf("round %d: the tree that was kept: %d %q", round, status, answer)
		}
		w.kill(syscall.SIGTERM)
		old = int64(n)
	}
	t.Logf("killed %d times, %d of them before the answer", killRounds, unanswered)
}

// dying is a store whose process ends by SIGKILL when it has kept a checkpoint, before anything is answered.
type dying struct{ witnessDir }

func (d dying) Advance(c merkle.Checkpoint, note string, at time.Time) error {
	if err := d.witnessDir.Advance(c, note, at); err != nil {
		return err
	}
	return syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

// dieWitnessing is the process of TestWitness_DiesBeforeTheAnswer: it answers the request of its stdin and never
// comes to it.
func dieWitnessing(dir string) {
	d := witnessDir(dir)
	cosigner, err := d.cosigner()
	if err != nil {
		return
	}
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return
	}
	a, err := witness.New(dying{d}, cosigner, time.Now).Add(body)
	fmt.Println(a, err)
}

// Exactly between keeping and answering: the checkpoint was kept, nobody has its cosignature, and another tree of its
// size gets none.
func TestWitness_DiesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWatcher(t, "witness.audit.example")
	log := newLogOfLeaves(t)
	log.grow(40, "entry")
	w.want(0, "log", "add", log.key)
	for _, step := range []struct{ old, n int }{{0, 10}, {10, 25}} {
		c := exec.CommandContext(t.Context(), os.Args[0], "witness-dies", w.dir)
		c.Stdin = bytes.NewReader(log.request(t, int64(step.old), step.n))
		out, err := c.Output()
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || len(out) > 0 {
			t.Fatalf("the process ended with %v and said %q", err, out)
		}
		w.serve()
		if status, answer := w.add(log.fork(step.old, step.n).request(t, int64(step.old), step.n)); status != 409 {
			t.Errorf("another tree of %d: %d %q", step.n, status, answer)
		}
		if status, answer := w.add(log.request(t, int64(step.n), step.n)); status != 200 {
			t.Errorf("the tree of %d: %d %q", step.n, status, answer)
		}
		w.kill(syscall.SIGTERM)
	}
}

// A history that was cut off in the middle of a line is read up to there; a state that cannot be read stops the
// witness instead of making it forget.
func TestWitness_DamagedFiles(t *testing.T) {
	t.Parallel()
	w := newWatcher(t, "witness.audit.example")
	log := newLogOfLeaves(t)
	log.grow(40, "entry")
	w.want(0, "log", "add", log.key)
	w.serve()
	if status, _ := w.add(log.request(t, 0, 10)); status != 200 {
		t.Fatal(status)
	}
	w.kill(syscall.SIGTERM)
	state := witnessDir(w.dir).logDir(log.origin)
	history, err := os.OpenFile(filepath.Join(state, "history.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := history.WriteString(`{"at":"2026-11-29T00:00:00Z","si`); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(history.Close(), os.Remove(filepath.Join(state, "last.json"))); err != nil {
		t.Fatal(err)
	}
	w.serve()
	if status, answer := w.add(log.request(t, 0, 20)); status != 409 || answer != "10\n" {
		t.Errorf("without last.json: %d %q", status, answer)
	}
	if status, _ := w.add(log.request(t, 10, 20)); status != 200 {
		t.Errorf("going on from the history: %d", status)
	}
	if err := os.WriteFile(filepath.Join(state, "last.json"), []byte(`{"at"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _ := w.add(log.request(t, 20, 30)); status != 500 {
		t.Errorf("with a state that cannot be read: %d", status)
	}
	w.kill(syscall.SIGTERM)
	if err := os.WriteFile(filepath.Join(w.dir, "witness.key"), []byte("PRIVATE+KEY+x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(3, "serve", "--listen", "127.0.0.1:0")
}

// Whoever sends a witness every old checkpoint of a log fills neither its disk nor its attention: those that the log has
// answered make room, and when it is put back in earnest that is raised.
func TestWitnessDir_SuspicionsMakeRoom(t *testing.T) {
	t.Parallel()
	d := witnessDir(t.TempDir())
	log := newLogOfLeaves(t)
	at := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	raise := func(size int64) bool {
		t.Helper()
		at = at.Add(time.Second)
		raised, err := d.Raise(witness.Alarm{Kind: witness.RolledBack, Origin: log.origin, At: at, Size: size, Last: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return raised
	}
	for size := range int64(suspicionsMost) {
		raise(size)
	}
	if raise(900) {
		t.Error("more suspicions are kept than were meant to be")
	}
	if err := d.Settle(merkle.Checkpoint{Origin: log.origin, Size: 1000}, at); err != nil {
		t.Fatal(err)
	}
	if !raise(900) {
		t.Error("old checkpoints that were answered have made the witness silent")
	}
	kept, err := d.Alarms()
	if err != nil || len(kept) != suspicionsMost {
		t.Errorf("%d alarms are kept, %v; want %d", len(kept), err, suspicionsMost)
	}
	for _, a := range kept {
		if a.Size == 0 || a.Open() != (a.Size == 900) {
			t.Errorf("of size %d, open %v: want the oldest gone and the newest alone open", a.Size, a.Open())
		}
	}
}
