package localpg

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// server is a running postgres, child of this process.
type server struct {
	cmd       *exec.Cmd
	done      chan struct{} // closed when it has ended
	log       *logFile
	layout    layout
	socketDir string
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// settings of the private cluster. What holds statements or values stays out of
// the log: it outlives the erasing of a person's data. So ERROR is left out
// (log_min_messages=log lies above it), and of what remains the details are.
func settings(socketDir string) []string {
	return []string{
		"listen_addresses=", "port=5432", "unix_socket_permissions=0700",
		`unix_socket_directories="` + strings.ReplaceAll(socketDir, `"`, `""`) + `"`,
		"max_connections=200", "cluster_name=" + appName, "timezone=UTC", "jit=off",
		"logging_collector=off", "log_destination=stderr", "log_timezone=UTC", "log_line_prefix=%m [%p] ",
		"log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse", "log_statement=none", "log_checkpoints=off",
	}
}

// startServer starts postgres and waits until it takes connections. It tries
// again while the remains of a killed one are in its way.
func (k *keeper) startServer(bin binaries) (*server, error) {
	dir, err := socketDir(k.layout)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		if err := clearRemains(k.layout, dir); err != nil {
			return nil, err
		}
		srv, err := k.launch(bin, dir)
		if err != nil {
			return nil, err
		}
		if k.waitReady(srv) {
			return srv, nil
		}
		said := srv.log.tail()
		// The backends of a killed postmaster end by themselves within moments.
		if try < 500 && (strings.Contains(said, "is still in use") || strings.Contains(said, "already exists")) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		srv.clean()
		return nil, startError(k.layout.dataDir, "starting PostgreSQL", lastLines(said, 12))
	}
}

func (k *keeper) launch(bin binaries, socketDir string) (*server, error) {
	args := []string{"-D", k.layout.cluster}
	for _, s := range append(settings(socketDir), k.settings...) {
		args = append(args, "-c", s)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("localpg: starting PostgreSQL: %w", err)
	}
	srv := &server{done: make(chan struct{}), log: newLogFile(k.layout.logFile()), layout: k.layout, socketDir: socketDir}
	srv.cmd = exec.Command(bin.postgres(), args...)
	srv.cmd.Dir, srv.cmd.Env = k.layout.home, serverEnv()
	srv.cmd.Stdout, srv.cmd.Stderr = w, w
	srv.cmd.SysProcAttr = dieWithParent(unix.SIGINT)
	err = srv.cmd.Start()
	drop(w)
	if err != nil {
		drop(r)
		return nil, fmt.Errorf("localpg: starting %s: %w", bin.postgres(), err)
	}
	go srv.log.copyFrom(r)
	go func() {
		_ = srv.cmd.Wait() // how it ended stands in its log
		srv.log.wait()
		close(srv.done)
	}()
	return srv, nil
}

// waitReady waits until postgres says in its pid file that it takes
// connections, and reports whether it did before it ended.
func (k *keeper) waitReady(srv *server) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-srv.done:
			return false
		case <-tick.C:
		}
		pid, status := readPidFile(k.layout.pidFile())
		if pid == srv.pid() && status == "ready" {
			return true
		}
	}
}

// readPidFile reads the postmaster's pid and its status ("starting", "ready",
// "stopping"); pid is 0 when there is no such file.
func readPidFile(path string) (pid int, status string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return 0, ""
	}
	if len(lines) > 7 {
		status = strings.TrimSpace(lines[7])
	}
	return pid, status
}

// stop ends postgres: a fast shutdown, asked for again and again because a
// signal in the wrong moment of its start is lost, and after half a minute an
// immediate one, which the next start recovers from.
func (s *server) stop() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		how := unix.SIGINT
		if n >= 300 {
			how = unix.SIGQUIT
		}
		select {
		case <-s.done:
			return
		default:
			_ = s.cmd.Process.Signal(how) // it may just have ended
		}
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
	}
}

// clean removes what a stopped server leaves outside of its data.
func (s *server) clean() {
	if s.socketDir != s.layout.home {
		removeSocket(s.socketDir)
		_ = os.Remove(s.socketDir) // it may hold another's things: then it stays
	}
}

func removeSocket(dir string) {
	_ = os.Remove(filepath.Join(dir, socketName))
	_ = os.Remove(filepath.Join(dir, socketName+".lock"))
}

// clearRemains makes way for a new server: under keeper.lock there is no other
// keeper, so whatever runs or lies here is left over.
//
// An orphaned postmaster (its keeper was killed, and the signal that should
// have ended it was lost) is stopped first. A pid file that names no postmaster
// of ours is moved aside, because postgres would refuse to start for any live
// process of the same user, and for a zombie. That is safe: postgres looks by
// itself, in the shared memory named after the data directory, whether backends
// of a dead postmaster are still at work.
func clearRemains(l layout, socketDir string) error {
	for n := 0; ; n++ {
		pid, _ := readPidFile(l.pidFile())
		if pid == 0 || !isPostmaster(pid, l.cluster) {
			break
		}
		if n%10 == 0 {
			how := unix.SIGINT
			if n >= 3000 {
				how = unix.SIGQUIT
			}
			_ = unix.Kill(pid, how) // it may just have ended
		}
		time.Sleep(10 * time.Millisecond)
	}
	err := os.Rename(l.pidFile(), l.pidFile()+".stale")
	if err != nil && !os.IsNotExist(err) {
		return dirError(l.dataDir, "cannot move a stale pid file aside", err)
	}
	removeSocket(socketDir)
	return nil
}
