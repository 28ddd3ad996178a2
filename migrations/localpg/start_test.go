package localpg

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestColdAndWarm(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: filepath.Join(newDir(t), "data")}
	began := time.Now()
	u := mustStart(t, o)
	t.Logf("cold start: %v", time.Since(began))
	mustAsk(t, u, "SELECT '1'")
	t.Logf("cold start and first query: %v", time.Since(began))
	if got, want := mustAsk(t, u, "SHOW server_version_num"), strconv.Itoa(u.Version()); !strings.HasPrefix(got, want) {
		t.Errorf("got version %s, want one of %s", got, want)
	}
	keepSome(t, u)
	began = time.Now()
	leave(t, u)
	t.Logf("stop: %v", time.Since(began))
	began = time.Now()
	u = mustStart(t, o)
	t.Logf("warm start: %v", time.Since(began))
	began = time.Now()
	second := mustStart(t, o)
	t.Logf("join: %v", time.Since(began))
	if second.Socket() != u.Socket() || second.Version() != u.Version() {
		t.Errorf("the second user got %s (%d), want %s (%d)", second.Socket(), second.Version(), u.Socket(), u.Version())
	}
	wantSome(t, u)
}

const keepSomeSQL = "CREATE TABLE shelf AS SELECT 'kept' AS word"

// keepSome and wantSome write something and look whether it is still there.
func keepSome(t *testing.T, u *User) {
	t.Helper()
	db := pool(u, OwnerRole)
	if _, err := db.ExecContext(t.Context(), keepSomeSQL); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func wantSome(t *testing.T, u *User) {
	t.Helper()
	if got := mustAsk(t, u, "SELECT word FROM shelf"); got != "kept" {
		t.Errorf("got %q in the table, want kept", got)
	}
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	u := mustStart(t, Options{DataDir: filepath.Join(newDir(t), "data"), Settings: fast})
	for query, want := range map[string]string{
		"SHOW listen_addresses":     "",
		"SHOW server_encoding":      "UTF8",
		"SHOW timezone":             "UTC",
		"SHOW lc_collate":           "C",
		"SELECT lower('ÄÜ')":        "äü",
		"SELECT current_user::text": OwnerRole,
		"SHOW data_checksums":       "on",
		"SELECT rolsuper::text FROM pg_roles WHERE rolname = 'mingzhang_writer'":                                       "false",
		"SELECT rolsuper::text FROM pg_roles WHERE rolname = 'mingzhang_reader'":                                       "false",
		"SELECT string_agg(DISTINCT auth_method, ' ') || ' ' || string_agg(DISTINCT type, ' ') FROM pg_hba_file_rules": "peer local",
	} {
		if strings.HasPrefix(query, "SHOW lc_") && u.Version() >= 16 {
			query = "SELECT datcollate FROM pg_database WHERE datname = 'mingzhang'"
		}
		if got := mustAsk(t, u, query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for _, role := range []string{WriterRole, ReaderRole} {
		if got, err := ask(t.Context(), u, role, "SELECT current_user::text"); err != nil || got != role {
			t.Errorf("as %s: got %q, %v", role, got, err)
		}
	}
	if _, err := ask(t.Context(), u, "postgres", "SELECT '1'"); err == nil {
		t.Error("a role that is not ours may connect")
	}
	st, err := os.Stat(filepath.Dir(u.Socket()))
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("the socket's directory: got %v, %v; want mode 0700", st.Mode(), err)
	}
	if uid := st.Sys().(*syscall.Stat_t).Uid; uid == 0 {
		t.Error("postgres's directory belongs to root")
	}
	for _, pid := range serverProcesses(u.layout.dataDir) {
		st, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid)))
		if err == nil && st.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("process %d of the server runs as root", pid)
		}
	}
}

// TestOwner: root runs the server as the owner of the directory; others as
// themselves.
func TestOwner(t *testing.T) {
	t.Parallel()
	l := newLayout(filepath.Join(newDir(t), "data"))
	if err := os.MkdirAll(l.home, 0o711); err != nil {
		t.Fatal(err)
	}
	want := os.Geteuid()
	if want == 0 {
		want = 65534 // nobody's number everywhere, also where it has no name
		if err := os.Chown(l.home, want, want); err != nil {
			t.Fatal(err)
		}
	}
	u := mustStart(t, Options{DataDir: l.dataDir, Settings: fast})
	mustAsk(t, u, "SELECT '1'")
	st, err := os.Stat(filepath.Join("/proc", strconv.Itoa(u.ready.PID)))
	if err != nil {
		t.Fatal(err)
	}
	if got := int(st.Sys().(*syscall.Stat_t).Uid); got != want {
		t.Errorf("the server runs as user %d, want %d", got, want)
	}
	if st, err := os.Stat(l.home); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("%s: got mode %v, %v; want 0700", l.home, st.Mode(), err)
	}
}

func TestDSN(t *testing.T) {
	t.Parallel()
	got := dsn("/a b/%c/.s.PGSQL.5432", "mingzhang_writer", "t_1_2")
	u, err := url.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	if u.Path != "/a b/%c/.s.PGSQL.5432" || u.Host != "t_1_2" || u.User.Username() != "mingzhang_writer" || u.Query().Get("sslmode") != "disable" {
		t.Errorf("got %s, which reads as path %q, host %q, user %q", got, u.Path, u.Host, u.User)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"blanks":   "my data, 'quoted' \"twice\" 数据/here",
		"long":     strings.Repeat("far away ", 12) + "/data",
		"glob":     "[a-z]*?",
		"too long": strings.Repeat(strings.Repeat("deep", 50)+"/", 3) + "data",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			if err := os.MkdirAll(filepath.Join(dir, path), 0o711); err != nil {
				t.Fatal(err)
			}
			u := mustStart(t, Options{DataDir: filepath.Join(dir, path), Settings: fast})
			if len(u.Socket()) > socketPathMax() {
				t.Errorf("the socket's path has %d bytes, more than %d", len(u.Socket()), socketPathMax())
			}
			mustAsk(t, u, "SELECT '1'")
			conn, err := new(net.Dialer).DialContext(t.Context(), "unix", u.Socket())
			if err != nil {
				t.Fatal(err)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			socketDir := filepath.Dir(u.Socket())
			leave(t, u)
			if _, err := os.Stat(socketDir); err == nil && !strings.HasPrefix(socketDir, dir) {
				t.Errorf("%s stays behind", socketDir)
			}
		})
	}
}

func TestPrivateDir(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	good, open, link := filepath.Join(dir, "good"), filepath.Join(dir, "open"), filepath.Join(dir, "link")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := privateDir(good); err != nil {
		t.Errorf("a new directory: %v", err)
	}
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{open, link} {
		if privateDir(bad) == nil {
			t.Errorf("%s was taken for private", bad)
		}
	}
	if err := privateDir(good); err != nil {
		t.Errorf("the directory of last time: %v", err)
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: filepath.Join(newDir(t), "data"), Settings: fast}
	var wg sync.WaitGroup
	users := make([]*User, 8)
	for i := range users {
		wg.Go(func() {
			u, err := Start(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			users[i] = u
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	if n := len(keepers(o.DataDir)); n != 1 {
		t.Errorf("got %d keepers, want 1", n)
	}
	for _, u := range users {
		mustAsk(t, u, "SELECT '1'")
		if err := u.Close(); err != nil {
			t.Error(err)
		}
	}
	awaitStop(t, o.DataDir)
}

func TestLastOneOutStops(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: seeded(t), Settings: fast}
	first, second := mustStart(t, o), mustStart(t, o)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	mustAsk(t, second, "SELECT '1'")
	leave(t, second)
	if _, err := os.Stat(second.layout.pidFile()); !os.IsNotExist(err) {
		t.Errorf("the pid file: got %v, want none after a clean stop", err)
	}
}

func TestLingerAndEphemeral(t *testing.T) {
	t.Parallel()
	o := Options{DataDir: seeded(t), Settings: fast, Linger: 500 * time.Millisecond, Ephemeral: true}
	u := mustStart(t, o)
	pid := u.ready.PID
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	u = mustStart(t, o)
	if u.ready.PID != pid {
		t.Errorf("got postmaster %d, want %d, which lingers", u.ready.PID, pid)
	}
	leave(t, u)
	if _, err := os.Stat(u.layout.cluster); !os.IsNotExist(err) {
		t.Errorf("the data: got %v, want it removed", err)
	}
}
