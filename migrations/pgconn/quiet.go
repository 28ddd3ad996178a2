package pgconn

import (
	"context"

	"github.com/uptrace/bun/driver/pgdriver"
)

// quiet drops the driver's own lines on standard error: each is about a write
// on a connection that the server has closed, which database/sql then repeats
// on another, or reports.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// The driver's logger can be set for the whole process only.
func init() { pgdriver.Logger = quiet{} }
