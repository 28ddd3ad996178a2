package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"weak"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"
)

// Prepared is a query that is asked all the time: each connection parses and plans it once, which takes several times
// as long as running it. It is PREPARE and EXECUTE in SQL: the driver's own prepared statements leave a connection in
// the pool that was given up in the middle of an answer.
type Prepared struct {
	name, query string // parameters are $1, $2 …; a column is named, never *, because later columns change nothing then

	mu    sync.Mutex
	known map[weak.Pointer[pgdriver.Conn]]bool // the connections that know it
}

// NewPrepared names a query. The name is one of the program's own.
func NewPrepared(name, query string) *Prepared {
	return &Prepared{name: "mingzhang_" + name, query: query, known: map[weak.Pointer[pgdriver.Conn]]bool{}}
}

// Scan asks the query and reads its answer, as bun's Scan does.
func (p *Prepared) Scan(ctx context.Context, db bun.IDB, dest any, args ...any) error {
	switch db := db.(type) {
	case *bun.DB:
		err := p.onAny(ctx, db, dest, args)
		for try := 1; try < tries && errors.Is(err, driver.ErrBadConn); try++ { // as database/sql does
			err = p.onAny(ctx, db, dest, args)
		}
		return err
	case bun.Conn:
		return p.scan(ctx, db, dest, args)
	default: // a transaction of a report: nothing there is asked often
		return db.NewRaw(p.plain(len(args)), args...).Scan(ctx, dest)
	}
}

// onAny asks on a connection of the pool.
func (p *Prepared) onAny(ctx context.Context, db *bun.DB, dest any, args []any) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = p.scan(ctx, conn, dest, args)
	if closeErr := conn.Close(); err == nil && !errors.Is(closeErr, sql.ErrConnDone) {
		err = closeErr
	}
	return err
}

func (p *Prepared) scan(ctx context.Context, conn bun.Conn, dest any, args []any) error {
	if err := p.prepare(ctx, conn); err != nil {
		return err
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")
	return conn.NewRaw("EXECUTE "+p.name+" ("+marks+")", args...).Scan(ctx, dest)
}

// prepare makes the query known to a connection that does not know it yet.
func (p *Prepared) prepare(ctx context.Context, conn bun.Conn) error {
	var id weak.Pointer[pgdriver.Conn]
	err := conn.Raw(func(c any) error {
		id = weak.Make(c.(*pgdriver.Conn))
		return nil
	})
	if err != nil || p.knows(id) {
		return err
	}
	if _, err := conn.ExecContext(ctx, "PREPARE "+p.name+" AS "+p.query); err != nil {
		return fmt.Errorf("ledger: preparing %s: %w", p.name, err)
	}
	p.learn(id)
	return nil
}

// plain is the query with its arguments as bun names them: ?0 for $1.
func (p *Prepared) plain(args int) string {
	query := p.query
	for n := args; n > 0; n-- { // $10 before $1
		query = strings.ReplaceAll(query, "$"+strconv.Itoa(n), "?"+strconv.Itoa(n-1))
	}
	return query
}

func (p *Prepared) knows(id weak.Pointer[pgdriver.Conn]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[id]
}

// learn remembers a connection, and forgets those that are gone.
func (p *Prepared) learn(id weak.Pointer[pgdriver.Conn]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for other := range p.known {
		if other.Value() == nil {
			delete(p.known, other)
		}
	}
	p.known[id] = true
}
