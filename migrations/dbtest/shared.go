package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/sys/unix"

	"mingzhang/migrations"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

const (
	// linger bridges the pause between the packages of one run.
	linger = 5 * time.Second
	// roomMin is the free space, in bytes, from which /dev/shm is used. A
	// container often has only 64 MB there.
	roomMin = 2 << 30
)

// shared is this process's place in the cluster, made at the first call and
// held to the end of the process: the kernel gives it back.
var shared = sync.OnceValues(join)

// cluster is this process's part in the cluster of all tests.
type cluster struct {
	user     *localpg.User
	admin    *bun.DB // on the database postgres
	dir      string
	template string
	count    atomic.Int64
	dead     chan string // names of databases to drop
}

func join() (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir, err := sharedDir()
	if err != nil {
		return nil, err
	}
	user, err := start(ctx, localpg.Options{DataDir: dir, Settings: settings(), Linger: linger, Ephemeral: true})
	if err != nil {
		return nil, err
	}
	c := &cluster{
		user: user, dir: dir, template: "template_" + migrations.Hash()[:16], dead: make(chan string, 10_000),
		admin: pgconn.Open(pgconn.Options{
			Network: "unix", Address: user.Socket(), User: localpg.OwnerRole, Database: "postgres",
			AppName: "dbtest", Conns: 2, Reach: user.Reach,
		}),
	}
	if err := c.locked(c.makeTemplate)(ctx); err != nil {
		return nil, fmt.Errorf("making the template database: %w", err)
	}
	if err := c.sweep(ctx); err != nil {
		return nil, fmt.Errorf("looking for databases of killed runs: %w", err)
	}
	go c.bury()
	return c, nil
}

// sharedDir is the data directory of the shared cluster. Its name holds the
// settings, because the first to come sets them.
func sharedDir() (string, error) {
	sum := sha256.Sum256([]byte(strings.Join(settings(), "\n")))
	name := fmt.Sprintf("mingzhang-dbtest-%d-%s", os.Geteuid(), hex.EncodeToString(sum[:4]))
	parent := os.TempDir()
	_, err := os.Stat(filepath.Join("/dev/shm", name))
	if err == nil || hasRoom("/dev/shm") {
		parent = "/dev/shm"
	}
	dir := filepath.Join(parent, name)
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return "", err
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return "", fmt.Errorf("%s is somebody else's: remove it", dir)
	}
	return dir, nil
}

func hasRoom(dir string) bool {
	var st unix.Statfs_t
	err := unix.Statfs(dir, &st)
	return err == nil && unix.Access(dir, unix.W_OK) == nil && st.Bavail >= roomMin/uint64(max(1, st.Bsize))
}

func settings() []string {
	return []string{
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
		"wal_level=minimal", "max_wal_senders=0", "max_connections=1000", "shared_buffers=64MB", "huge_pages=off",
		"checkpoint_timeout=1h", "max_wal_size=4GB",
	}
}

// locked makes do run under a lock that all test processes share and the kernel
// gives back: CREATE DATABASE locks its template, and side by side two of them
// are slower than one after the other.
func (c *cluster) locked(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		f, err := os.OpenFile(filepath.Join(c.dir, "clone.lock"), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		for {
			err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
			if err == nil {
				return do(ctx)
			}
			if !errors.Is(err, unix.EINTR) {
				return err
			}
		}
	}
}

// makeTemplate migrates a database and gives it the template's name when it is
// whole, unless another process has done so.
func (c *cluster) makeTemplate(ctx context.Context) error {
	there, err := c.exists(ctx, c.template)
	if there || err != nil {
		return err
	}
	draft := c.template + "_draft"
	if err := c.exec(ctx, "DROP DATABASE IF EXISTS ? WITH (FORCE)", draft); err != nil {
		return err
	}
	if err := c.exec(ctx, "CREATE DATABASE ?", draft); err != nil {
		return err
	}
	db := open(c.user, localpg.OwnerRole, draft)
	err = errors.Join(migrations.Apply(ctx, db), db.Close())
	if err != nil {
		return err
	}
	// The session that has just been closed may still be ending.
	if err := c.exec(ctx, "ALTER DATABASE ? ALLOW_CONNECTIONS false", draft); err != nil {
		return err
	}
	_, err = c.admin.ExecContext(ctx, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = ?", draft)
	if err != nil {
		return err
	}
	_, err = c.admin.ExecContext(ctx, "ALTER DATABASE ? RENAME TO ?", bun.Ident(draft), bun.Ident(c.template))
	return err
}

func (c *cluster) exists(ctx context.Context, name string) (bool, error) {
	var there bool
	err := c.admin.NewRaw("SELECT EXISTS (SELECT FROM pg_database WHERE datname = ?)", name).Scan(ctx, &there)
	return there, err
}

func (c *cluster) exec(ctx context.Context, query, name string) error {
	_, err := c.admin.ExecContext(ctx, query, bun.Ident(name))
	return err
}

// clone makes a database. Its name tells the process, so that others can tell
// whether it is still in use.
func (c *cluster) clone(ctx context.Context) (string, error) {
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), c.count.Add(1))
	query := "CREATE DATABASE ? TEMPLATE " + c.template
	if c.user.Version() >= 15 { // before, it was the only way
		query += " STRATEGY FILE_COPY"
	}
	return name, c.locked(func(ctx context.Context) error {
		err := c.exec(ctx, "DROP DATABASE IF EXISTS ? WITH (FORCE)", name) // of an earlier process with our pid
		if err != nil {
			return err
		}
		return c.exec(ctx, query, name)
	})(ctx)
}

// discard has a database dropped by and by. What is left when the process ends
// is swept up by the next one, or goes with the cluster.
func (c *cluster) discard(name string) {
	select {
	case c.dead <- name:
	default:
	}
}

func (c *cluster) bury() {
	for name := range c.dead {
		// One that cannot be dropped is left to the next process.
		_ = c.exec(context.Background(), "DROP DATABASE IF EXISTS ? WITH (FORCE)", name)
	}
}

// sweep drops the databases of test processes that are no more.
func (c *cluster) sweep(ctx context.Context) error {
	var names []string
	if err := c.admin.NewRaw(`SELECT datname FROM pg_database WHERE datname LIKE 't\_%'`).Scan(ctx, &names); err != nil {
		return err
	}
	for _, name := range names {
		if pid, ok := pidOf(name); ok && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			c.discard(name)
		}
	}
	return nil
}

func pidOf(name string) (int, bool) {
	parts := strings.Split(name, "_")
	if len(parts) != 3 {
		return 0, false
	}
	pid, err := strconv.Atoi(parts[1])
	return pid, err == nil && pid > 0
}
