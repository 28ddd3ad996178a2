package localpg

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestDrill starts 100 commands at random moments, in bursts with pauses
// between them so that the cluster stops and starts many times, and kills a
// quarter of them at random moments. A command that is not killed must not see
// one error.
func TestDrill(t *testing.T) {
	t.Parallel()
	const commands, killed = 100, 25
	dir := filepath.Join(newDir(t), "data")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	doomed := map[int]bool{}
	for _, i := range rnd.Perm(commands)[:killed] {
		doomed[i] = true
	}
	var wg sync.WaitGroup
	for i := range commands {
		pause := time.Duration(rnd.IntN(100)) * time.Millisecond
		if rnd.IntN(10) == 0 {
			pause += 400 * time.Millisecond // time for the cluster to stop, or almost
		}
		if err := sleep(t.Context(), pause); err != nil {
			t.Fatal(err)
		}
		life := time.Duration(rnd.IntN(400)) * time.Millisecond
		cmd := command(t, dir, life.String())
		var after time.Duration
		if doomed[i] {
			after = time.Duration(rnd.IntN(500)) * time.Millisecond
		}
		wg.Go(func() { attend(t, cmd, doomed[i], after) })
	}
	wg.Wait()
	began := time.Now()
	awaitStop(t, dir)
	t.Logf("the cluster was gone %v after the last command", time.Since(began))
	await(t, "the end of the last keeper", func() bool { return len(keepers(dir)) == 0 })
}

// attend waits for a command, and kills it if it is doomed.
func attend(t *testing.T, cmd *exec.Cmd, doomed bool, after time.Duration) {
	t.Helper()
	if doomed {
		_ = sleep(context.Background(), after) // its context never ends
		_ = cmd.Process.Kill()                 // it may have ended before
		_ = cmd.Wait()                         // killed, or not
		return
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("a command failed: %v: %s", err, cmd.Stderr.(*bytes.Buffer).String())
	}
}
