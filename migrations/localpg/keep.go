package localpg

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// keeper is the state of the keeper process.
type keeper struct {
	layout    layout
	settings  []string
	bin       string
	linger    time.Duration
	ephemeral bool

	lock  *os.File      // keeper.lock, held
	empty chan struct{} // closed when no user is left
	users *os.File      // users.lock, held once empty is closed
}

// Keep is the body of the hidden command "keep", started by Start: args are
// [-set name=value]... [-bin DIR] [-linger D] [-ephemeral] DATADIR. It starts
// postgres as its child, says so in one line on standard output, and stops it
// when the last user has gone. It returns the exit status of the process, which
// must end then and must not have been used for anything else: as root it gives
// up root's rights.
func Keep(args []string) int {
	// Pdeathsig fires when the thread that forked ends, so we stay on one.
	runtime.LockOSThread()
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE) // a dead listener is no reason to die
	unix.Umask(0o077)
	k, err := parseKeep(args)
	if err == nil {
		err = k.run(os.Stdout)
	}
	if err != nil {
		sayError(os.Stdout, err)
		return 1
	}
	return 0
}

func parseKeep(args []string) (*keeper, error) {
	k := &keeper{empty: make(chan struct{})}
	flags := flag.NewFlagSet("keep", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Func("set", "a setting of the server", func(s string) error {
		k.settings = append(k.settings, s)
		return nil
	})
	flags.StringVar(&k.bin, "bin", "", "the directory of PostgreSQL's programs")
	flags.DurationVar(&k.linger, "linger", 0, "how long to stay up without users")
	flags.BoolVar(&k.ephemeral, "ephemeral", false, "remove the data at the end")
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("localpg: reading the keeper's arguments: %w", err)
	}
	if flags.NArg() != 1 || !filepath.IsAbs(flags.Arg(0)) {
		return nil, errors.New("localpg: the keeper wants one absolute data directory")
	}
	k.layout = newLayout(flags.Arg(0))
	return k, nil
}

// run keeps the cluster until nobody uses it. An error is one of starting;
// what happens later is the users' to notice.
func (k *keeper) run(out io.Writer) error {
	if err := dropRoot(k.layout); err != nil {
		return err
	}
	if err := unreachable(k.layout); err != nil {
		return err
	}
	if err := os.Chdir(k.layout.home); err != nil {
		return dirError(k.layout.dataDir, "cannot enter the data directory", err)
	}
	got, err := k.takeLock()
	if err != nil {
		return err
	}
	if !got {
		say(out, word{Busy: true})
		return nil
	}
	go k.watchUsers()
	bin, err := k.cluster()
	if err != nil {
		return err
	}
	srv, err := k.startServer(bin)
	if err != nil {
		return err
	}
	state := readyState{PID: srv.pid(), Major: bin.major, SocketDir: srv.socketDir}
	if err := k.publish(state); err != nil {
		srv.stop()
		return dirError(k.layout.dataDir, "cannot write to the data directory", err)
	}
	say(out, word{Ready: &state})
	select {
	case <-srv.done: // killed or crashed: the users start another keeper
	case <-k.empty:
	}
	withdrawn := writeWhole(k.lock, nil) // from here on nobody may join
	srv.stop()
	if k.ephemeral {
		k.remove()
	}
	srv.clean()
	// In this order: whoever gets in by users.lock must find no keeper.
	drop(k.lock)
	select {
	case <-k.empty:
		drop(k.users)
	default:
	}
	return withdrawn
}

// takeLock takes keeper.lock. The users' looking takes it too, for an instant.
func (k *keeper) takeLock() (bool, error) {
	var err error
	if k.lock, err = openLock(k.layout.keeperLock(), os.Geteuid()); err != nil {
		return false, dirError(k.layout.dataDir, "cannot use the data directory", err)
	}
	for range 20 {
		got, err := tryLock(k.lock, unix.LOCK_EX)
		if got || err != nil {
			return got, err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false, nil
}

func (k *keeper) publish(state readyState) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return writeWhole(k.lock, append(text, '\n'))
}

// watchUsers closes k.empty once nobody uses the cluster, and holds users.lock
// from then to the end of the process.
func (k *keeper) watchUsers() {
	users, err := openLock(k.layout.usersLock(), os.Geteuid())
	if err != nil {
		return // the users have a lock on it, so it is there; a cluster too many is the lesser evil
	}
	for {
		if err := flock(users, unix.LOCK_EX); err != nil {
			return
		}
		if k.linger > 0 {
			if err := flock(users, unix.LOCK_UN); err != nil {
				return
			}
			time.Sleep(k.linger)
			if got, err := tryLock(users, unix.LOCK_EX); err != nil || !got {
				continue
			}
		}
		k.users = users
		close(k.empty)
		return
	}
}

// remove throws the data away. The lock files stay: a flock is on a file, not
// on its name.
func (k *keeper) remove() {
	_ = os.RemoveAll(k.layout.cluster) // what stays is found by the next keeper
}

// dropRoot makes a root process one of the user whom the cluster belongs to,
// for good. The groups of that user other than its own are not taken along.
func dropRoot(l layout) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var st unix.Stat_t
	if err := unix.Lstat(l.home, &st); err != nil {
		return dirError(l.dataDir, "cannot look at the data directory", err)
	}
	if st.Uid == 0 {
		return &Error{Kind: ErrUnreachableDir, Dir: l.home, Message: l.home + " belongs to root, as whom PostgreSQL does not run"}
	}
	uid, gid := int(st.Uid), int(st.Gid)
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		if id, err := strconv.Atoi(u.Gid); err == nil {
			gid = id
		}
	}
	if gid == 0 {
		return &Error{Kind: ErrStart, Dir: l.home, Message: "PostgreSQL's user belongs to the group root; give it a group of its own"}
	}
	for _, drop := range []func() error{
		func() error { return syscall.Setgroups([]int{gid}) },
		func() error { return syscall.Setgid(gid) },
		func() error { return syscall.Setuid(uid) },
	} {
		if err := drop(); err != nil {
			return fmt.Errorf("localpg: giving up root's rights: %w", err)
		}
	}
	return nil
}
