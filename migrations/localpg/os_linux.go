package localpg

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent makes the kernel send sig to the child when the keeper dies.
func dieWithParent(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: sig}
}

// isPostmaster reports whether the process is a live postmaster of the cluster.
// A zombie is not: it has let go of everything.
func isPostmaster(pid int, cluster string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(proc, "stat"))
	if err != nil {
		return false
	}
	// "pid (name) S …": the name may hold anything, also ")".
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	if len(rest) < 2 || rest[1] == 'Z' || rest[1] == 'X' {
		return false
	}
	// Who may not look at the process's directory can read its arguments.
	if here, err := os.Stat(filepath.Join(proc, "cwd")); err == nil {
		there, err := os.Stat(cluster)
		return err == nil && os.SameFile(here, there)
	}
	line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	return err == nil && bytes.Contains(line, []byte("\x00-D\x00"+cluster+"\x00"))
}

// sync makes a new cluster durable.
func (k *keeper) sync(_ binaries, dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("localpg: syncing %s: %w", dir, err)
	}
	defer drop(f)
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return dirError(k.layout.dataDir, "cannot write to the data directory", err)
	}
	return nil
}
