package localpg

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The database and the roles that every private cluster has from its first
// start. OwnerRole owns the database and the cluster; the others may log in and
// have been granted nothing.
const (
	Database   = "mingzhang"
	OwnerRole  = "mingzhang_owner"
	WriterRole = "mingzhang_writer"
	ReaderRole = "mingzhang_reader"
)

// Options say which cluster Start joins, and how it starts it when it must.
type Options struct {
	// DataDir holds the cluster; "" is DefaultDataDir. It may hold other
	// things too: all of the cluster is in its folder "postgres".
	DataDir string
	// Keeper is the command that ends in Keep; the arguments of Keep are added
	// to it. Empty is this program with the argument "keep".
	Keeper []string
	// Settings are further settings of the server, "name=value", that hold if
	// this user starts it.
	Settings []string
	// BinDir is the one directory to look in for PostgreSQL's programs; "" is
	// the MINGZHANG_PG_BIN of the environment, else PATH and the usual places.
	BinDir string
	// Linger is how long the cluster stays up after its last user.
	Linger time.Duration
	// Ephemeral removes the data when the cluster stops (for tests).
	Ephemeral bool
	// Progress, if any, is told what takes long.
	Progress func(string)
}

// User is one user of the cluster. Its methods may be called concurrently.
type User struct {
	opts   Options
	layout layout
	owner  int
	users  *os.File // holds the shared flock

	mu    sync.Mutex
	ready readyState
}

// Start joins the cluster in o.DataDir, and makes and starts it first when need
// be. The cluster runs at least until Close or the end of this process. Errors
// that a person can mend are of type *Error.
func Start(ctx context.Context, o Options) (*User, error) {
	if o.DataDir == "" {
		o.DataDir = DefaultDataDir()
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("localpg: finding the data directory: %w", err)
	}
	if o.BinDir == "" {
		o.BinDir = os.Getenv("MINGZHANG_PG_BIN")
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	u := &User{opts: o, layout: newLayout(dir)}
	if u.owner, err = prepare(u.layout); err != nil {
		return nil, err
	}
	if u.users, err = openLock(u.layout.usersLock(), u.owner); err != nil {
		return nil, dirError(dir, "cannot use the data directory", err)
	}
	// This waits while a keeper is stopping the cluster.
	if err := waitLock(ctx, u.users, unix.LOCK_SH); err != nil {
		return nil, errors.Join(err, u.users.Close())
	}
	if err := u.Ensure(ctx); err != nil {
		return nil, errors.Join(err, u.users.Close())
	}
	return u, nil
}

// Close ends the use. The last user's Close does not wait until the cluster has
// stopped; WaitStopped does.
func (u *User) Close() error {
	if err := u.users.Close(); err != nil {
		return fmt.Errorf("localpg: leaving the cluster: %w", err)
	}
	return nil
}

// Socket is the path of the server's socket file, short enough for a socket. It
// lies in DataDir, or where that path is too long, in a private directory
// elsewhere. psql takes its directory: psql -h DIR -U ROLE DATABASE.
func (u *User) Socket() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return filepath.Join(u.ready.SocketDir, socketName)
}

// Version is the server's major version.
func (u *User) Version() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ready.Major
}

// DSN is the address of a database for a role, as pgdriver reads it.
func (u *User) DSN(role, database string) string { return dsn(u.Socket(), role, database) }

func dsn(socket, role, database string) string {
	return (&url.URL{Scheme: "unix", User: url.User(role), Host: database, Path: socket, RawQuery: "sslmode=disable"}).String()
}

// Reach makes sure that the cluster runs, as Ensure, and returns its socket.
// It is meant for the moment when connecting has failed.
func (u *User) Reach(ctx context.Context) (socket string, err error) {
	if err := u.Ensure(ctx); err != nil {
		return "", err
	}
	return u.Socket(), nil
}

// Ensure starts the cluster again if somebody has killed it under its users. It
// is cheap when all is well. Right after a kill the server may still be
// breaking down unnoticed: then connecting fails once more, and the caller asks
// again.
func (u *User) Ensure(ctx context.Context) error {
	start, err := openLock(u.layout.startLock(), u.owner)
	if err != nil {
		return dirError(u.layout.dataDir, "cannot use the data directory", err)
	}
	defer drop(start)
	if err := waitLock(ctx, start, unix.LOCK_EX); err != nil {
		return err
	}
	keeper, err := openLock(u.layout.keeperLock(), u.owner)
	if err != nil {
		return dirError(u.layout.dataDir, "cannot use the data directory", err)
	}
	defer drop(keeper)
	state, err := u.find(ctx, keeper)
	if err != nil {
		return err
	}
	u.mu.Lock()
	u.ready = state
	u.mu.Unlock()
	return nil
}

// maxSpawns bounds how often a keeper may vanish without a word (killed from
// outside) before we give up on it.
const maxSpawns = 20

// find waits for the keeper that is there to be ready, or starts one. It runs
// under start.lock.
func (u *User) find(ctx context.Context, keeper *os.File) (readyState, error) {
	for spawned := 0; ; {
		free, err := tryLock(keeper, unix.LOCK_SH)
		if err != nil {
			return readyState{}, fmt.Errorf("localpg: looking for the keeper: %w", err)
		}
		if !free {
			if state, ok := readReady(keeper); ok {
				return state, nil
			}
			if err := sleep(ctx, 5*time.Millisecond); err != nil {
				return readyState{}, fmt.Errorf("localpg: waiting for PostgreSQL in %s: %w", u.layout.dataDir, err)
			}
			continue
		}
		// Nobody keeps the cluster; what the file says is from a dead keeper.
		err = errors.Join(writeWhole(keeper, nil), flock(keeper, unix.LOCK_UN))
		if err != nil {
			return readyState{}, dirError(u.layout.dataDir, "cannot use the data directory", err)
		}
		if spawned++; spawned > maxSpawns {
			return readyState{}, &Error{Kind: ErrStart, Dir: u.layout.dataDir, Message: "the keeper of PostgreSQL ends without saying why; its command is " + fmt.Sprint(u.keeperCommand())}
		}
		if _, err := os.Stat(u.layout.cluster); err != nil {
			u.opts.Progress("setting up the database in " + u.layout.dataDir)
		}
		state, err := u.spawn(ctx)
		if !errors.Is(err, errNoWord) {
			return state, err
		}
	}
}

// WaitStopped waits until no cluster runs in the data directory. With users
// around that never happens.
func WaitStopped(ctx context.Context, dataDir string) error {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return fmt.Errorf("localpg: finding the data directory: %w", err)
	}
	f, err := os.OpenFile(newLayout(dir).keeperLock(), os.O_RDWR|unix.O_NOFOLLOW, 0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil // never started
	}
	if err != nil {
		return dirError(dir, "cannot use the data directory", err)
	}
	defer drop(f)
	return waitLock(ctx, f, unix.LOCK_SH)
}
