package localpg

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"
	"golang.org/x/sys/unix"
)

// The test binary plays the program: run as "keep" it is the keeper, as "use"
// a command that works with the database.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "keep":
			os.Exit(Keep(os.Args[2:]))
		case "use":
			os.Exit(use(os.Args[2], os.Args[3]))
		}
	}
	status := m.Run()
	if err := os.RemoveAll(seedDir()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// seedDir is where this process keeps a cluster to copy from: most tests are
// not about the first start, which costs a second.
func seedDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("localpg-seed-%d", os.Getpid()))
}

// seed makes that cluster, with something kept in it, and stops it.
var seed = sync.OnceValue(func() error {
	dir := seedDir()
	if err := os.Mkdir(dir, 0o711); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	u, err := Start(ctx, Options{DataDir: filepath.Join(dir, "data"), Settings: fast})
	if err != nil {
		return err
	}
	db := pool(u, OwnerRole)
	_, err = db.ExecContext(ctx, keepSomeSQL)
	return errors.Join(err, db.Close(), u.Close(), WaitStopped(ctx, filepath.Join(dir, "data")))
})

// seeded makes a data directory with a copy of the seed.
func seeded(t *testing.T) (dataDir string) {
	t.Helper()
	if err := seed(); err != nil {
		t.Fatal(err)
	}
	dataDir = filepath.Join(newDir(t), "data")
	if out, err := exec.CommandContext(t.Context(), "cp", "-Rp", filepath.Join(seedDir(), "data"), dataDir).CombinedOutput(); err != nil {
		t.Fatalf("copying the seed: %v: %s", err, out)
	}
	return dataDir
}

// fast are settings for clusters whose data nobody will miss.
var fast = []string{"fsync=off", "full_page_writes=off", "shared_buffers=16MB"}

// newDir makes a directory that postgres's user can pass through. The test ends
// well only if no cluster is left below it.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-test-") //nolint:usetesting // t.TempDir lies in a directory that postgres's user may not pass
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		await(t, "the end of all processes below "+dir, func() bool { return len(serverProcesses(dir)) == 0 })
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// mustStart starts a user that leaves at the end of the test at the latest.
func mustStart(t *testing.T, o Options) *User {
	t.Helper()
	u, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := u.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return u
}

// leave closes the user and waits until the cluster has stopped.
func leave(t *testing.T, u *User) {
	t.Helper()
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	awaitStop(t, u.layout.dataDir)
}

func awaitStop(t *testing.T, dataDir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if err := WaitStopped(ctx, dataDir); err != nil {
		t.Errorf("the cluster stays behind: %v", err)
	}
	await(t, "the end of all its processes", func() bool { return len(serverProcesses(dataDir)) == 0 })
}

// await waits for a condition that comes from outside of this process.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	for pause := time.Millisecond; !ok(); pause = min(pause+time.Millisecond/4, 20*time.Millisecond) {
		if err := sleep(ctx, pause); err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
	}
}

// pool opens the cluster's database; one connection.
func pool(u *User, role string) *sql.DB {
	db := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithNetwork("unix"), pgdriver.WithAddr(u.Socket()), pgdriver.WithInsecure(true),
		pgdriver.WithUser(role), pgdriver.WithDatabase(Database), pgdriver.WithReadTimeout(time.Minute)))
	db.SetMaxOpenConns(1)
	return db
}

// ask runs a query for one text, as role, on a connection of its own.
func ask(ctx context.Context, u *User, role, query string) (answer string, err error) {
	db := pool(u, role)
	defer func() { err = errors.Join(err, db.Close()) }()
	return answer, db.QueryRowContext(ctx, query).Scan(&answer)
}

func mustAsk(t *testing.T, u *User, query string) string {
	t.Helper()
	answer, err := ask(t.Context(), u, OwnerRole, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// keepAsking is what a user with a reconnecting pool does: ask, and when the
// server is lost, have it brought back.
func keepAsking(t *testing.T, u *User, query string) {
	t.Helper()
	await(t, "an answer to "+query, func() bool {
		if err := u.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := ask(t.Context(), u, OwnerRole, query)
		return err == nil
	})
}

// serverProcesses lists the live processes that work in the data of a cluster
// below dir.
func serverProcesses(dir string) []int {
	return processes(func(pid int, args []string) bool {
		if len(args) > 1 && args[1] == "keep" {
			return false // with the race detector it takes a second to end
		}
		cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		return err == nil && strings.HasPrefix(cwd, dir+"/") || len(args) > 2 && args[1] == "-D" && strings.HasPrefix(args[2], dir+"/")
	})
}

// keepers lists the live keepers of clusters below dir.
func keepers(dir string) []int {
	return processes(func(_ int, args []string) bool {
		return len(args) > 2 && args[1] == "keep" && strings.HasPrefix(args[len(args)-1]+"/", dir+"/")
	})
}

// processes lists the live processes, zombies apart, for which is holds.
func processes(is func(pid int, args []string) bool) []int {
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the only error is a bad pattern
	var found []int
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline")) // gone or a zombie: no arguments
		if len(line) > 0 && is(pid, strings.Split(string(bytes.TrimRight(line, "\x00")), "\x00")) {
			found = append(found, pid)
		}
	}
	slices.Sort(found)
	return found
}

func kill(t *testing.T, pids ...int) {
	t.Helper()
	if len(pids) == 0 {
		t.Fatal("there is no process to kill")
	}
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
			t.Fatal(err)
		}
	}
}

// asServer runs a program as the user that postgres runs as.
func asServer(t *testing.T, argv ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = "/", serverEnv()
	if os.Geteuid() == 0 {
		uid, gid, err := serverUser()
		if err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// command starts this binary as another command that uses the cluster.
func command(t *testing.T, dataDir, how string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "use", dataDir, how)
	cmd.Stdout, cmd.Stderr = new(bytes.Buffer), new(bytes.Buffer)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// use is the body of command: it joins the cluster and works with it, for the
// given time, or for ever ("hold") after saying so in a file.
func use(dataDir, how string) int {
	ctx := context.Background()
	work := func() error {
		u, err := Start(ctx, Options{DataDir: dataDir, Settings: fast})
		if err != nil {
			return err
		}
		if how == "hold" {
			if err := os.WriteFile(filepath.Join(filepath.Dir(dataDir), "holding"), nil, 0o600); err != nil {
				return err
			}
			select {}
		}
		d, err := time.ParseDuration(how)
		if err != nil {
			return err
		}
		timer := time.NewTimer(d)
		db := pool(u, WriterRole)
		for done := false; !done; {
			select {
			case <-timer.C:
				done = true
			default:
			}
			var n int
			if err := db.QueryRowContext(ctx, "SELECT count(*) FROM generate_series(1, 1000)").Scan(&n); err != nil {
				return fmt.Errorf("the cluster went away: %w", err)
			}
			if err := sleep(ctx, 5*time.Millisecond); err != nil {
				return err
			}
		}
		return errors.Join(db.Close(), u.Close())
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
