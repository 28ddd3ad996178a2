//go:build unix && !linux

package localpg

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent can only be had on Linux. Elsewhere a server whose keeper was
// killed runs on; the next start stops it.
func dieWithParent(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// isPostmaster reports whether the process is a live postmaster of the cluster.
func isPostmaster(pid int, cluster string) bool {
	out, err := exec.Command("ps", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	line := strings.TrimSpace(string(out))
	return err == nil && !strings.HasPrefix(line, "Z") && strings.Contains(line, "-D "+cluster+" ")
}

// sync makes a new cluster durable.
func (k *keeper) sync(bin binaries, dir string) error {
	return k.tool(nil, bin.initdb(), "--sync-only", "-D", dir)
}
