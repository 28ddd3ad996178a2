package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

const faultWriters = 16

// inPlace makes the office in the private cluster of a data directory, and leaves the cluster: nobody but the program
// under test keeps it up.
func (w *world) inPlace(tokens int) (f *office) {
	w.tb.Helper()
	w.want(exitFine, nil, "migrate")
	user, err := localpg.Start(w.tb.Context(), localpg.Options{DataDir: w.data, Keeper: []string{w.bin, "keep"}})
	if err != nil {
		w.tb.Fatal(err)
	}
	db := pgconn.Open(pgconn.Options{Network: "unix", Address: user.Socket(), User: localpg.WriterRole, Database: localpg.Database})
	defer func() {
		if err := errors.Join(db.Close(), user.Close()); err != nil {
			w.tb.Error(err)
		}
	}()
	return newOffice(w.tb, db, w.data, tokens)
}

// table prints what a drill came to.
func (l *load) table(what string, rounds, lost, doubled int, ready []time.Duration) {
	slices.Sort(ready)
	l.tb.Logf("%-22s rounds %d · acknowledged %d · unknown %d (by key: written %d, not yet %d) · lost %d · doubled %d · ready again: median %s, longest %s",
		what, rounds, len(l.acks), l.unknown, l.written, l.unknown-l.written, lost, doubled,
		ready[len(ready)/2].Round(time.Millisecond), ready[len(ready)-1].Round(time.Millisecond))
}

// The program dies by kill -9 at random moments, while 16 writers write, and while it starts. Whoever restarts it is a
// system, not a person. Nothing acknowledged is lost, nothing is doubled, and each unknown outcome is settled by its key.
func TestFaults_ProgramKilled(t *testing.T) {
	t.Parallel()
	const rounds = 30
	w := newWorld(t)
	d := newDaemon(t, w.data)
	f := w.inPlace(faultWriters)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	l := newLoad(t, f.tokens, "killed-program", func(int) string { return d.address })
	done := make(chan struct{})
	wait := l.run(0, done)
	var ready []time.Duration
	for round := range rounds {
		d.start()
		if round%6 == 5 { // it dies while it starts
			<-time.After(time.Duration(rnd.IntN(100)) * time.Millisecond)
			d.kill()
			d.start()
		}
		ready = append(ready, d.awaitReady())
		l.await(1)
		<-time.After(time.Duration(rnd.IntN(300)) * time.Millisecond)
		d.kill()
	}
	d.start()
	d.awaitReady()
	close(done)
	wait()
	d.stop()
	w.want(exitFine, []string{"账簿 " + officeCode + "：完好", "账簿 installation：完好"}, "check")
	lost, doubled := l.held(w.behind(), 0)
	l.table("kill -9 the program", rounds, lost, doubled, ready)
	if l.unknown == 0 {
		t.Error("no outcome was unknown: the kills came at no bad moment")
	}
}

// PostgreSQL dies by kill -9, postmaster and children, under 16 writers. The program brings it back by itself.
func TestFaults_PostgresKilled(t *testing.T) {
	t.Parallel()
	const rounds = 15
	w := newWorld(t)
	d := newDaemon(t, w.data)
	f := w.inPlace(faultWriters)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	d.start()
	d.awaitReady()
	l := newLoad(t, f.tokens, "killed-database", func(int) string { return d.address })
	done := make(chan struct{})
	wait := l.run(0, done)
	var ready []time.Duration
	for range rounds {
		l.await(1)
		<-time.After(time.Duration(rnd.IntN(300)) * time.Millisecond)
		killPostgres(t, w.data)
		began := time.Now()
		await(t, "another postmaster", func() bool { return postmaster(w.data) != 0 })
		l.await(2) // the first may have been on its way
		ready = append(ready, time.Since(began))
	}
	close(done)
	wait()
	d.stop()
	w.want(exitFine, []string{"账簿 " + officeCode + "：完好", "账簿 installation：完好"}, "check")
	lost, doubled := l.held(w.behind(), 0)
	l.table("kill -9 PostgreSQL", rounds, lost, doubled, ready)
}

// postmaster is the pid in a cluster's pid file when its process lives, else 0.
func postmaster(data string) int {
	text, err := os.ReadFile(filepath.Join(data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || syscall.Kill(pid, 0) != nil || parentOf(pid) == 0 {
		return 0
	}
	return pid
}

// parentOf is the parent of a live process; 0 of one that has ended.
func parentOf(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	var state string
	var parent int
	if _, err := fmt.Sscan(rest, &state, &parent); err != nil || state == "Z" {
		return 0
	}
	return parent
}

// killPostgres kills the postmaster of a data directory and all its children at once.
func killPostgres(t *testing.T, data string) {
	t.Helper()
	pid := postmaster(data)
	if pid == 0 {
		t.Fatal("there is no postmaster to kill")
	}
	doomed := []int{pid}
	all, err := fs.Glob(os.DirFS("/proc"), "[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if child, err := strconv.Atoi(name); err == nil && parentOf(child) == pid {
			doomed = append(doomed, child)
		}
	}
	for _, one := range doomed {
		if err := syscall.Kill(one, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
	await(t, "the end of PostgreSQL", func() bool { return !slices.ContainsFunc(doomed, func(one int) bool { return parentOf(one) != 0 }) })
}
