package migrations

import (
	"context"
	"io/fs"

	"github.com/uptrace/bun"
)

// ApplyFrom is Apply with other files, for the tests.
func ApplyFrom(ctx context.Context, owner *bun.DB, source fs.FS) error {
	return apply(ctx, owner, source)
}
