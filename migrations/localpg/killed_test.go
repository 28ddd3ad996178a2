package localpg

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestKilledUser kills a command, alone and together with the keeper: nothing
// stays behind, though nobody comes after them.
func TestKilledUser(t *testing.T) {
	t.Parallel()
	for name, keeperToo := range map[string]bool{"alone": false, "with the keeper": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := seeded(t)
			cmd := command(t, dir, "hold")
			await(t, "the command", func() bool {
				_, err := os.Stat(filepath.Join(filepath.Dir(dir), "holding"))
				return err == nil
			})
			if len(serverProcesses(dir)) == 0 {
				t.Fatal("the command holds no cluster")
			}
			doomed := []int{cmd.Process.Pid}
			if keeperToo {
				doomed = append(doomed, keepers(dir)...)
			}
			kill(t, doomed...)
			if err := cmd.Wait(); err == nil {
				t.Error("the killed command ended well")
			}
			awaitStop(t, dir)
		})
	}
}

func TestKilledKeeper(t *testing.T) {
	t.Parallel()
	u := mustStart(t, Options{DataDir: seeded(t), Settings: fast})
	for range 3 {
		before := u.ready.PID
		kill(t, keepers(u.layout.dataDir)...)
		// The server shuts down; its users bring it back.
		await(t, "another server", func() bool {
			keepAsking(t, u, "SELECT '1'")
			return u.ready.PID != before
		})
		wantSome(t, u)
	}
	leave(t, u)
}

func TestKilledPostmaster(t *testing.T) {
	t.Parallel()
	u := mustStart(t, Options{DataDir: seeded(t), Settings: fast})
	for range 3 {
		before := u.ready.PID
		kill(t, before)
		began := time.Now()
		await(t, "another server", func() bool {
			keepAsking(t, u, "SELECT '1'")
			return u.ready.PID != before
		})
		t.Logf("a new server %v after the postmaster was killed", time.Since(began))
		wantSome(t, u)
	}
	leave(t, u)
}

func TestKilledBoth(t *testing.T) {
	t.Parallel()
	u := mustStart(t, Options{DataDir: seeded(t), Settings: fast})
	before := u.ready.PID
	kill(t, append(keepers(u.layout.dataDir), before)...)
	began := time.Now()
	await(t, "another server", func() bool {
		keepAsking(t, u, "SELECT '1'")
		return u.ready.PID != before
	})
	t.Logf("a new server %v after both were killed", time.Since(began))
	wantSome(t, u)
}

// stopped makes a cluster and stops it; its pid file then names pid.
func stopped(t *testing.T, pid int) Options {
	t.Helper()
	o := Options{DataDir: seeded(t), Settings: fast}
	u := mustStart(t, o)
	leave(t, u)
	text := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n  1234567  0\nready   \n", pid, u.layout.cluster, u.layout.home)
	for _, path := range []string{u.layout.pidFile(), u.Socket() + ".lock"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(path, u.owner, -1); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

func TestStalePidFile(t *testing.T) {
	t.Parallel()
	t.Run("of a process of the same user", func(t *testing.T) {
		t.Parallel()
		other := asServer(t, "/bin/sleep", "300")
		wantSome(t, mustStart(t, stopped(t, other.Process.Pid)))
		if err := other.Process.Signal(unix.Signal(0)); err != nil {
			t.Errorf("the process whose pid stood in the file: %v", err)
		}
		if err := other.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := other.Wait(); err == nil || err.Error() != "signal: killed" {
			t.Errorf("the process ended by itself: %v", err)
		}
	})
	t.Run("of no process", func(t *testing.T) {
		t.Parallel()
		other := asServer(t, "/bin/true")
		if err := other.Wait(); err != nil {
			t.Fatal(err)
		}
		wantSome(t, mustStart(t, stopped(t, other.Process.Pid)))
	})
	t.Run("of this process", func(t *testing.T) {
		t.Parallel()
		wantSome(t, mustStart(t, stopped(t, os.Getpid())))
	})
}

func TestZombiePostmaster(t *testing.T) {
	t.Parallel()
	zombie := asServer(t, "/bin/true")
	await(t, "the zombie", func() bool {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(zombie.Process.Pid), "stat"))
		return err != nil || stat[len(fmt.Sprintf("%d (true) ", zombie.Process.Pid))] == 'Z'
	})
	wantSome(t, mustStart(t, stopped(t, zombie.Process.Pid)))
	if err := zombie.Wait(); err != nil {
		t.Error(err)
	}
}

// TestOrphan: a server without keeper, such as a lost signal leaves, is stopped
// and replaced.
func TestOrphan(t *testing.T) {
	t.Parallel()
	o := stopped(t, 999_999_999)
	l := newLayout(o.DataDir)
	if err := os.Remove(l.pidFile()); err != nil {
		t.Fatal(err)
	}
	removeSocket(l.home)
	bin := findBinaries("")[0]
	orphan := asServer(t, bin.postgres(), "-D", l.cluster, "-c", "listen_addresses=", "-c", "unix_socket_directories="+l.home)
	await(t, "the orphan", func() bool {
		_, status := readPidFile(l.pidFile())
		return status == "ready"
	})
	u := mustStart(t, o)
	if err := orphan.Wait(); err != nil {
		t.Errorf("the orphan did not stop in order: %v", err)
	}
	wantSome(t, u)
}

// TestKilledInitdb cuts the first start at several moments.
func TestKilledInitdb(t *testing.T) {
	t.Parallel()
	for name, sign := range map[string]string{
		"begun": "new-*", "half": "new-*/PG_VERSION", "late": "new-*/base/5", "server": "data/postmaster.pid",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(newDir(t), "data")
			cmd := command(t, dir, "hold")
			await(t, sign, func() bool {
				found, err := filepath.Glob(filepath.Join(dir, "postgres", sign))
				return err == nil && len(found) > 0
			})
			kill(t, append(keepers(dir), cmd.Process.Pid)...)
			if err := cmd.Wait(); err == nil {
				t.Error("the killed command ended well")
			}
			u := mustStart(t, Options{DataDir: dir, Settings: fast})
			mustAsk(t, u, "SELECT '1'")
			if _, err := ask(t.Context(), u, ReaderRole, "SELECT '1'"); err != nil {
				t.Error(err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "postgres", "new-*")); len(left) > 1 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}
