package localpg

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// cluster returns the programs for the cluster and makes it if there is none.
func (k *keeper) cluster() (binaries, error) {
	found := findBinaries(k.bin)
	text, err := os.ReadFile(filepath.Join(k.layout.cluster, "PG_VERSION"))
	switch {
	case err == nil:
		major, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return binaries{}, &Error{Kind: ErrStart, Dir: k.layout.cluster, Message: fmt.Sprintf(
				"%s says %q where the PostgreSQL version should stand: the data is damaged, restore a backup into a new --data-dir", filepath.Join(k.layout.cluster, "PG_VERSION"), text)}
		}
		bin, err := choose(k.layout, found, major)
		if err != nil {
			return binaries{}, err
		}
		return bin, k.writeAccess(k.layout.cluster)
	case !errors.Is(err, fs.ErrNotExist):
		return binaries{}, dirError(k.layout.dataDir, "cannot read the data directory", err)
	}
	if k.ephemeral {
		k.remove() // cut while removing
	}
	if _, err := os.Lstat(k.layout.cluster); err == nil {
		return binaries{}, &Error{Kind: ErrStart, Dir: k.layout.cluster, Message: fmt.Sprintf(
			"%s is there but holds no PostgreSQL data (no PG_VERSION): the data is damaged, restore a backup into a new --data-dir", k.layout.cluster)}
	}
	bin, err := choose(k.layout, found, 0)
	if err != nil {
		return binaries{}, err
	}
	return bin, k.create(bin)
}

// create makes the cluster beside its place and moves it there when it is
// whole, so that a cut leaves nothing but a directory to throw away.
func (k *keeper) create(bin binaries) error {
	left, _ := filepath.Glob(filepath.Join(escapeGlob(k.layout.home), "new-*")) // the only error is a bad pattern
	for _, dir := range left {
		_ = os.RemoveAll(dir) // an initdb that is just dying may still write into it: next time
	}
	dir, err := os.MkdirTemp(k.layout.home, "new-")
	if err != nil {
		return dirError(k.layout.dataDir, "cannot write to the data directory", err)
	}
	if err := k.fill(bin, dir); err != nil {
		_ = os.RemoveAll(dir)
		return err
	}
	if err := os.Rename(dir, k.layout.cluster); err != nil {
		return dirError(k.layout.dataDir, "cannot write to the data directory", err)
	}
	return nil
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func (k *keeper) fill(bin binaries, dir string) error {
	args := []string{"-D", dir, "-U", OwnerRole, "--auth=peer", "--encoding=UTF8", "--lc-collate=C", "--lc-ctype=" + ctype(),
		"--lc-messages=C", "--lc-monetary=C", "--lc-numeric=C", "--lc-time=C", "--text-search-config=simple", "--data-checksums", "--no-sync", "--no-instructions"}
	if err := k.tool(nil, bin.initdb(), args...); err != nil {
		return err
	}
	// The roles and the database come before the move, in postgres's
	// single-user mode, so that a cluster in its place always has them.
	sql := strings.Join([]string{
		"CREATE ROLE " + WriterRole + " LOGIN;",
		"CREATE ROLE " + ReaderRole + " LOGIN;",
		"CREATE DATABASE " + Database + ";", "",
	}, "\n")
	err := k.tool([]byte(sql), bin.postgres(), "--single", "-D", dir, "-c", "exit_on_error=on", "-c", "fsync=off", "-c", "log_min_messages=error", "postgres")
	if err != nil {
		return err
	}
	if err := k.writeAccess(dir); err != nil {
		return err
	}
	if k.ephemeral {
		return nil
	}
	return k.sync(bin, dir)
}

// ctype is a locale that knows the classes of all UTF-8 letters.
func ctype() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8"
	}
	return "C.UTF-8"
}

// tool runs one of PostgreSQL's programs to its end.
func (k *keeper) tool(stdin []byte, program string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = k.layout.home, serverEnv()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &out
	cmd.SysProcAttr = dieWithParent(unix.SIGTERM) // they clean up, shared memory too
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if isFull(err) {
		return fullError(k.layout.dataDir, "")
	}
	log := strings.TrimSpace(lastLines(out.String(), 12))
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("localpg: running %s: %w", program, err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && log == "" {
		log = exit.Error()
	}
	return startError(k.layout.dataDir, "setting up the database with "+program, log)
}

// access is who may connect: the system user at the other end of the socket
// must be one of those that pg_ident.conf lists.
func access() map[string]string {
	var ident strings.Builder
	names := map[string]bool{}
	for _, uid := range []int{0, os.Geteuid()} {
		name := userName(uid)
		if names[name] {
			continue
		}
		names[name] = true
		for _, role := range []string{OwnerRole, WriterRole, ReaderRole} {
			fmt.Fprintf(&ident, "own \"%s\" %s\n", strings.ReplaceAll(name, `"`, `""`), role)
		}
	}
	return map[string]string{
		"pg_hba.conf":   "# Written by mingzhang at each start.\nlocal all all peer map=own\n",
		"pg_ident.conf": "# Written by mingzhang at each start.\n" + ident.String(),
	}
}

// writeAccess writes the files of access where they differ.
func (k *keeper) writeAccess(dir string) error {
	for name, text := range access() {
		path := filepath.Join(dir, name)
		if old, err := os.ReadFile(path); err == nil && string(old) == text {
			continue
		}
		err := os.WriteFile(path+".new", []byte(text), 0o600)
		if err == nil {
			err = os.Rename(path+".new", path)
		}
		if err != nil {
			return dirError(k.layout.dataDir, "cannot write to the data directory", err)
		}
	}
	return nil
}

// lastLines returns the end of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
