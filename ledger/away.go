package ledger

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/uptrace/bun/driver/pgdriver"
)

// connectionLost holds for a connection to the database that was lost.
func connectionLost(err error) bool {
	for _, gone := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// Away holds when the database was lost, or takes nobody in: it ends, it starts, or nothing answers at its address.
// Whoever asks again a little later may be answered.
func Away(err error) bool {
	if pg, ok := errors.AsType[pgdriver.Error](err); ok {
		code := pg.Field('C')
		return strings.HasPrefix(code, "57P") || code == "53300" // ended by its administrator, starting; too many connections
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || connectionLost(err)
}
