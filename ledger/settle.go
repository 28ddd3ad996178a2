package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// unknownCommitError says that COMMIT was sent and its answer never came.
type unknownCommitError struct{ err error }

func (u *unknownCommitError) Error() string {
	return "ledger: the outcome of a commit is unknown: " + u.err.Error()
}
func (u *unknownCommitError) Unwrap() error { return u.err }

// settle finds out what became of a commit: the book's lock waits for the old backend to end, then the
// checkpoint of its size is there with its root, or it never happened.
func (b *Book) settle(ctx context.Context, w *writer, unknown *unknownCommitError) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(b.store.sequencer(b.id).patience, settleTimeout))
	defer cancel()
	for {
		var found []checkpointRow
		err := inTransaction(ctx, b.store.db, func(ctx context.Context, conn bun.Conn) error {
			if err := b.lock(ctx, conn); err != nil {
				return err
			}
			return conn.NewSelect().Model(&found).Where("book_id = ?", b.id).Where("size = ?", w.tree.Size()).Scan(ctx)
		})
		switch root := w.tree.Root(); {
		case err == nil && len(found) == 1 && string(found[0].Root) == string(root[:]):
			return nil
		case err == nil:
			return E(Busy, "book.commit_lost").Because(unknown)
		}
		select {
		case <-ctx.Done():
			return E(Busy, "book.commit_unknown").Because(errors.Join(unknown, err))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// begin opens a transaction that finds rows by their keys: with the statistics of a table that was filled a
// moment ago the planner would read it whole, for each of many thousand keys.
const begin = "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

// inTransaction runs fn between BEGIN and COMMIT on one connection of its own, because COPY needs the
// connection and not only the transaction.
func inTransaction(ctx context.Context, db *bun.DB, fn func(context.Context, bun.Conn) error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("ledger: connecting: %w", err)
	}
	defer func() {
		if closeErr := conn.Close(); err == nil && closeErr != nil && !errors.Is(closeErr, sql.ErrConnDone) {
			err = fmt.Errorf("ledger: giving the connection back: %w", closeErr)
		}
	}()
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return fmt.Errorf("ledger: beginning: %w", err)
	}
	if err := fn(ctx, conn); err != nil {
		_, rollbackErr := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		if rollbackErr != nil {
			discard(conn)
		}
		return err
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		discard(conn)
		return &unknownCommitError{err}
	}
	return nil
}
