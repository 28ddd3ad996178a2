package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"mingzhang/ledger"
)

// A database that is away is said as such (503, try again), whatever was being done; what is ours stays ours, and what
// the user did wrong stays that.
func TestAway(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Net: "unix", Err: syscall.ECONNREFUSED}
	for _, tt := range []struct {
		err    error
		status int
	}{
		{fmt.Errorf("account: reading a token: %w", io.EOF), http.StatusServiceUnavailable},
		{fmt.Errorf("ledger: connecting: %w", dial), http.StatusServiceUnavailable},
		{fmt.Errorf("x: %w", syscall.ECONNRESET), http.StatusServiceUnavailable},
		{ledger.E(ledger.Busy, "book.commit_unknown").Because(io.EOF), http.StatusServiceUnavailable},
		{errors.New("x: a mistake"), http.StatusInternalServerError},
		{ledger.E(ledger.Invalid, "body.unreadable").Because(io.ErrUnexpectedEOF), http.StatusBadRequest},
		{ledger.E(ledger.Tampered, "book.tree_broken", "x"), http.StatusInternalServerError},
	} {
		if got := statusOf(away(tt.err)); got != tt.status {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.status)
		}
	}
}
