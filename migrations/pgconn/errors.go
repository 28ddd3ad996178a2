package pgconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/uptrace/bun/driver/pgdriver"
)

// The kinds of failure that a person can mend; errors.Is finds them.
var (
	// ErrURL says that the database URL cannot be used as it is written.
	ErrURL = errors.New("the database URL is wrong")
	// ErrUnreachable says that no server answers at the address.
	ErrUnreachable = errors.New("the database cannot be reached")
	// ErrTLS says that the server has no TLS or a certificate that we do not trust.
	ErrTLS = errors.New("no trusted TLS to the database")
	// ErrRefused says that the server does not let us in: wrong user or
	// password, no such database, no right to connect.
	ErrRefused = errors.New("the database refuses the connection")
	// ErrTooOld says that the server is older than MinMajor.
	ErrTooOld = errors.New("the database server is too old")
)

// Error is such a failure. Message is one English sentence without a password;
// Where is the address as it may be shown.
type Error struct {
	Kind    error
	Message string
	Where   string
	Major   int // the server's version, for ErrTooOld
	Err     error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// explain turns what the driver says while connecting into an *Error.
func explain(o Options, err error) error {
	where := o.Where()
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("pgconn: connecting to %s: %w", where, err)
	}
	if pg, ok := errors.AsType[pgdriver.Error](err); ok {
		code := pg.Field('C')
		switch {
		case strings.HasPrefix(code, "28"), code == "3D000", code == "42501", code == "22023" && o.Role != "":
			return &Error{Kind: ErrRefused, Where: where, Err: err, Message: fmt.Sprintf(
				"the database at %s does not let %s in: %s", where, o.User, pg.Field('M'))}
		case strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "53"):
			return &Error{Kind: ErrUnreachable, Where: where, Err: err, Message: fmt.Sprintf(
				"the database at %s takes no connection now: %s", where, pg.Field('M'))}
		}
		return fmt.Errorf("pgconn: connecting to %s: %w", where, err)
	}
	_, badCert := errors.AsType[*tls.CertificateVerificationError](err)
	if badCert || strings.Contains(err.Error(), "TLS handshake failed") || strings.Contains(err.Error(), "SSL is not enabled") {
		return &Error{Kind: ErrTLS, Where: where, Err: err, Message: fmt.Sprintf(
			"the database at %s offers no TLS that can be trusted (%v): give its certificate with sslrootcert=FILE, or for a server on this machine say sslmode=disable", where, err)}
	}
	if _, ok := errors.AsType[net.Error](err); ok || lost(err) {
		return &Error{Kind: ErrUnreachable, Where: where, Err: err, Message: fmt.Sprintf(
			"no database answers at %s (%v): is PostgreSQL running there, and is the address right?", where, err)}
	}
	return fmt.Errorf("pgconn: connecting to %s: %w", where, err)
}
