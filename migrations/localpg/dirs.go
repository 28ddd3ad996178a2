package localpg

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	socketName = ".s.PGSQL.5432"
	appName    = "mingzhang"
)

// socketPathMax is the longest path that a unix socket may have, in bytes.
func socketPathMax() int {
	if runtime.GOOS == "linux" {
		return 107
	}
	return 103
}

// layout names everything below a data directory. All of it lies in one folder
// of its own, which belongs to the user that postgres runs as, so that other
// things in the data directory (keys above all) stay out of that user's reach.
type layout struct {
	dataDir string // as the user named it, absolute
	home    string // DIR/postgres, 0700
	cluster string // PGDATA
}

func newLayout(dataDir string) layout {
	home := filepath.Join(dataDir, "postgres")
	return layout{dataDir: dataDir, home: home, cluster: filepath.Join(home, "data")}
}

func (l layout) usersLock() string  { return filepath.Join(l.home, "users.lock") }
func (l layout) startLock() string  { return filepath.Join(l.home, "start.lock") }
func (l layout) keeperLock() string { return filepath.Join(l.home, "keeper.lock") }
func (l layout) logFile() string    { return filepath.Join(l.home, "postgres.log") }
func (l layout) pidFile() string    { return filepath.Join(l.cluster, "postmaster.pid") }

// DefaultDataDir is where the data lies when nobody says otherwise:
// /var/lib/mingzhang for root (postgres, which does not run as root, could not
// enter root's home), else the user's XDG data directory.
func DefaultDataDir() string {
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib", appName)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, appName)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), appName+"-"+strconv.Itoa(os.Geteuid()))
	}
	return filepath.Join(home, ".local", "share", appName)
}

// prepare makes the directories that are missing and returns the uid that
// postgres is to run as, which is the owner of l.home.
func prepare(l layout) (owner int, err error) {
	if err := os.MkdirAll(filepath.Dir(l.dataDir), 0o755); err != nil {
		return 0, dirError(l.dataDir, "cannot make the data directory", err)
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // postgres must be able to pass through
	}
	if err := mkdir(l.dataDir, mode); err != nil {
		return 0, dirError(l.dataDir, "cannot make the data directory", err)
	}
	if err := mkdir(l.home, 0o700); err != nil {
		return 0, dirError(l.dataDir, "cannot make the data directory", err)
	}
	return claim(l)
}

// mkdir makes one directory with exactly this mode, whatever the umask.
func mkdir(path string, mode fs.FileMode) error {
	if err := os.Mkdir(path, mode); err != nil {
		if st, statErr := os.Stat(path); statErr == nil && st.IsDir() {
			return nil
		}
		return err
	}
	return os.Chmod(path, mode)
}

// claim checks whose l.home is, and gives it to postgres's user when root has
// just made it.
func claim(l layout) (owner int, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(l.home, &st); err != nil {
		return 0, dirError(l.dataDir, "cannot look at the data directory", err)
	}
	owner = int(st.Uid)
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return 0, &Error{Kind: ErrUnreachableDir, Dir: l.home, Message: l.home + " is not a directory: move it away or choose another --data-dir"}
	case os.Geteuid() != 0 && owner != os.Geteuid():
		return 0, &Error{Kind: ErrUnreachableDir, Dir: l.home,
			Message: fmt.Sprintf("%s belongs to the user %s: run the command as that user or choose another --data-dir", l.home, userName(owner))}
	case owner == 0:
		uid, gid, err := serverUser()
		if err != nil {
			return 0, err
		}
		if err := os.Lchown(l.home, uid, gid); err != nil {
			return 0, dirError(l.dataDir, "cannot give the data directory to PostgreSQL's user", err)
		}
		owner = uid
	}
	if st.Mode&0o077 != 0 {
		if err := os.Chmod(l.home, 0o700); err != nil {
			return 0, dirError(l.dataDir, "cannot close the data directory to others", err)
		}
	}
	return owner, nil
}

// serverUser is the user that postgres runs as when root starts it.
func serverUser() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return uid, gid, nil
		}
	}
	return 0, 0, &Error{Kind: ErrStart, Message: "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: add a user postgres"}
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

// unreachable says which directory on the way to l.home stops the present user.
// It returns nil when nothing does.
func unreachable(l layout) error {
	if unix.Access(l.home, unix.R_OK|unix.W_OK|unix.X_OK) == nil {
		return nil
	}
	stopper := l.home
	for dir := l.home; ; dir = filepath.Dir(dir) {
		if unix.Access(dir, unix.X_OK) != nil {
			stopper = dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	who := userName(os.Geteuid())
	return &Error{Kind: ErrUnreachableDir, Dir: stopper, Message: fmt.Sprintf(
		"PostgreSQL runs as the user %s, who may not enter %s: choose a --data-dir elsewhere (for example /var/lib/mingzhang), or run: chmod o+x '%s'", who, stopper, stopper)}
}

// socketDir is where the socket lies: in l.home, or when that path is too long
// for a socket, in a short private directory.
func socketDir(l layout) (string, error) {
	if len(filepath.Join(l.home, socketName)) <= socketPathMax() {
		return l.home, nil
	}
	sum := sha256.Sum256([]byte(l.home))
	name := fmt.Sprintf("%s-%d-%x", appName, os.Geteuid(), sum[:6])
	for _, parent := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/tmp"} {
		dir := filepath.Join(parent, name)
		if filepath.IsAbs(parent) && len(dir)+1+len(socketName) <= socketPathMax() && privateDir(dir) == nil {
			return dir, nil
		}
	}
	// Somebody else sits on the name in /tmp: take one that cannot be guessed.
	// Users read the place from keeper.lock, so any name will do.
	dir, err := os.MkdirTemp("/tmp", appName+"-")
	if err != nil {
		return "", dirError("/tmp", "cannot make a directory for the socket", err)
	}
	return dir, nil
}

// privateDir makes dir, or accepts it as it is only when it is a real directory
// of the present user that nobody else may enter.
func privateDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR || int(st.Uid) != os.Geteuid() || st.Mode&0o077 != 0 {
		return fmt.Errorf("localpg: %s is not private: %w", dir, fs.ErrPermission)
	}
	return nil
}
