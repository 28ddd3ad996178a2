package pgconn

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"syscall"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"
)

// MinMajor is the oldest PostgreSQL that the program works with.
const MinMajor = 14

const (
	defaultConns = 8
	dialTimeout  = 5 * time.Second
	// Above statement_timeout, so that the server's error comes first.
	readTimeout = 120 * time.Second
	// How long a pool with Reach tries to get its server back.
	reachTimeout = 30 * time.Second
)

// Options say which database to connect to, and as whom. Parse makes them from
// a URL.
type Options struct {
	Network  string // "unix" or "tcp"
	Address  string // the path of a socket file, or host:port
	User     string
	Password string
	Database string
	// TLS is nil for plain text, which only a unix socket or this machine may have.
	TLS *tls.Config
	// Role, if any, is the role that each session takes (SET ROLE).
	Role string
	// AppName is shown in pg_stat_activity.
	AppName string
	// Conns is the most connections of the pool; 0 means 8.
	Conns int
	// ReadTimeout is how long an answer may take; 0 means 120 s. Whoever raises
	// statement_timeout raises it too, above that.
	ReadTimeout time.Duration
	// Params are further settings of each session; "" removes one of ours.
	Params map[string]string
	// Reach, if any, is called when the server cannot be reached. It brings the
	// server back and returns its address (localpg's User.Reach).
	Reach func(context.Context) (address string, err error)
}

// Where is the address as it may be shown: without user and password.
func (o Options) Where() string {
	if o.Network == "unix" {
		return fmt.Sprintf("%s (database %s)", o.Address, o.Database)
	}
	return fmt.Sprintf("%s/%s", o.Address, o.Database)
}

// Open makes a pool. It does not connect; the first query does.
func Open(o Options) *bun.DB {
	pool := sql.OpenDB(newConnector(o))
	conns := o.Conns
	if conns == 0 {
		conns = defaultConns
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns) // the default of 2 would reconnect all the time
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return bun.NewDB(pool, pgdialect.New())
}

// params are the settings of every session.
func (o Options) params() map[string]any {
	all := map[string]any{
		"timezone":                            "UTC",
		"statement_timeout":                   "60s",
		"idle_in_transaction_session_timeout": "10s",
	}
	if o.Network == "tcp" {
		all["tcp_user_timeout"] = "30s"
	}
	// Without it the server goes on with the statement of a client that has
	// gone. A server on macOS does not know how.
	if o.Network == "tcp" || runtime.GOOS == "linux" {
		all["client_connection_check_interval"] = "1s"
	}
	if o.Role != "" {
		all["role"] = o.Role
	}
	for name, value := range o.Params {
		all[name] = value
		if value == "" {
			delete(all, name)
		}
	}
	return all
}

// A connector is pgdriver's, with the retry of Reach, errors that say what to
// do, and no connection left open after a failed greeting.
type connector struct {
	driver.Connector
	opts Options
}

// An attempt travels in the context of one Connect to the dialer.
type attempt struct {
	address string
	conn    net.Conn
}

type attemptKey struct{}

func newConnector(o Options) *connector {
	read := readTimeout
	if o.ReadTimeout > 0 {
		read = o.ReadTimeout
	}
	opts := []pgdriver.Option{
		pgdriver.WithNetwork(o.Network), pgdriver.WithAddr(o.Address),
		pgdriver.WithUser(o.User), pgdriver.WithPassword(o.Password), pgdriver.WithDatabase(o.Database),
		pgdriver.WithTLSConfig(o.TLS), pgdriver.WithApplicationName(o.AppName),
		pgdriver.WithDialTimeout(dialTimeout), pgdriver.WithReadTimeout(read), pgdriver.WithWriteTimeout(read),
		pgdriver.WithConnParams(o.params()), pgdriver.WithTracing(false),
		func(c *pgdriver.Config) { c.Dialer = dial },
	}
	return &connector{Connector: pgdriver.NewConnector(opts...), opts: o}
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: time.Minute}
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if ok && a.address != "" {
		address = a.address
	}
	conn, err := d.DialContext(ctx, network, address)
	if ok && err == nil {
		a.conn = conn
	}
	return conn, err
}

// Connect makes one connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.opts.Reach != nil {
		return c.insist(ctx)
	}
	conn, err := c.try(ctx, "")
	if err != nil {
		return nil, explain(c.opts, err)
	}
	return conn, nil
}

func (c *connector) try(ctx context.Context, address string) (driver.Conn, error) {
	a := &attempt{address: address}
	conn, err := c.Connector.Connect(context.WithValue(ctx, attemptKey{}, a))
	if err != nil && a.conn != nil {
		_ = a.conn.Close() // pgdriver leaves it to the garbage collector
	}
	return conn, err
}

// insist connects to a server that Reach can bring back.
func (c *connector) insist(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	address := ""
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		conn, err := c.try(ctx, address)
		if err == nil {
			return conn, nil
		}
		if !lost(err) || ctx.Err() != nil {
			return nil, explain(c.opts, err)
		}
		// Right after a kill Reach may still see the server: hence the loop.
		if address, err = c.opts.Reach(ctx); err != nil {
			return nil, err
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}

// lost reports whether the server is gone, going or not yet there.
func lost(err error) bool {
	if pg, ok := errors.AsType[pgdriver.Error](err); ok {
		switch pg.Field('C') {
		case "57P01", "57P02", "57P03":
			return true
		}
		return false
	}
	for _, gone := range []error{
		syscall.ECONNREFUSED, syscall.ENOENT, syscall.ECONNRESET, syscall.EPIPE, syscall.ENOTCONN, io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn,
	} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// CheckServer asks the server for its version and refuses one before MinMajor
// with ErrTooOld. A server that does not answer is ErrUnreachable, ErrTLS or
// ErrRefused.
func CheckServer(ctx context.Context, db bun.IDB) error {
	var version int
	if err := db.NewRaw("SELECT current_setting('server_version_num')::int").Scan(ctx, &version); err != nil {
		if _, ok := errors.AsType[*Error](err); ok {
			return err
		}
		return fmt.Errorf("pgconn: asking for the server's version: %w", err)
	}
	return checkVersion(version)
}

func checkVersion(version int) error {
	if version/10_000 >= MinMajor {
		return nil
	}
	return &Error{Kind: ErrTooOld, Major: version / 10_000, Message: fmt.Sprintf(
		"the database server is PostgreSQL %d; %d or later is needed", version/10_000, MinMajor)}
}
