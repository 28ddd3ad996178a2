package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"syscall"

	"mingzhang/migrations/localpg"
)

// Server is how PostgreSQL's own programs reach a database.
type Server struct {
	Database string
	Major    int  // of the server
	Exactly  bool // its programs lie beside the server's: the very same version
	env      []string
}

// ErrFull says that the disk is full; ErrProgram, that pg_dump or pg_restore failed.
var (
	ErrFull    = errors.New("backup: no space left on the disk")
	ErrProgram = errors.New("backup: a program of PostgreSQL failed")
)

// Private is the private cluster.
func Private(u *localpg.User) Server {
	return Server{
		Database: localpg.Database, Major: u.Version(), Exactly: true,
		env: []string{"PGHOST=" + path.Dir(u.Socket()), "PGPORT=5432", "PGUSER=" + localpg.OwnerRole},
	}
}

// AtURL is the database of a URL that pgconn.Parse has taken. Passwords go through the environment, where other users
// cannot see them.
func AtURL(raw string, major int) (Server, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Server{}, errors.New("backup: the database URL cannot be read")
	}
	s, q := Server{Major: major}, u.Query()
	set := func(name, value string) {
		if value != "" {
			s.env = append(s.env, name+"="+value)
		}
	}
	password, _ := u.User.Password()
	set("PGUSER", u.User.Username())
	set("PGPASSWORD", password)
	if u.Scheme == "unix" {
		s.Database = u.Host
		set("PGHOST", path.Dir(u.Path))
		set("PGPORT", strings.TrimPrefix(path.Base(u.Path), ".s.PGSQL."))
		return s, nil
	}
	s.Database = strings.TrimPrefix(u.Path, "/")
	host, port := u.Hostname(), u.Port()
	if q.Get("host") != "" {
		host = q.Get("host")
	}
	if q.Get("port") != "" {
		port = q.Get("port")
	}
	if host == "" {
		host = "localhost"
	}
	set("PGHOST", host)
	set("PGPORT", port)
	if !strings.HasPrefix(host, "/") {
		mode := q.Get("sslmode")
		if mode == "" {
			mode = "verify-full"
		}
		set("PGSSLMODE", mode)
		set("PGSSLROOTCERT", q.Get("sslrootcert"))
		set("PGSSLCERT", q.Get("sslcert"))
		set("PGSSLKEY", q.Get("sslkey"))
	}
	return s, nil
}

// client finds a program that is new enough for the server.
func (s Server) client(name string) (path string, major int, err error) {
	return localpg.Client(name, s.Major, s.Exactly)
}

// run runs one of PostgreSQL's programs to its end. It ends with us: a half is no use to anybody.
func (s Server) run(ctx context.Context, in io.Reader, out io.Writer, program string, args ...string) error {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	kept := &keeping{to: out}
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = "/", in, kept, &said
	cmd.Env = append([]string{"LC_ALL=C", "TZ=UTC", "PGCONNECT_TIMEOUT=20", "PGAPPNAME=mingzhang backup"}, s.env...)
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err := cmd.Run()
	text := strings.TrimSpace(said.String())
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("backup: %s: %w", path.Base(program), context.Cause(ctx))
	case kept.err != nil: // the program only knows that nobody reads it any more
		return fmt.Errorf("backup: writing what %s says: %w", path.Base(program), kept.err)
	case strings.Contains(text, "No space left on device"):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%w: %s ended with %s: %s", ErrProgram, path.Base(program), strconv.Itoa(exit.ExitCode()), text)
	}
	return fmt.Errorf("backup: running %s: %w", path.Base(program), err)
}

// keeping remembers what went wrong with writing.
type keeping struct {
	to  io.Writer
	err error
}

func (k *keeping) Write(p []byte) (int, error) {
	n, err := k.to.Write(p)
	if err != nil {
		k.err = err
	}
	return n, err
}
