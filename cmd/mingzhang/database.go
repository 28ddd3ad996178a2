package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
	"mingzhang/migrations"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// session is a connection to the books, and who uses them.
type session struct {
	store   *ledger.Store
	actor   ledger.Actor
	writer  *bun.DB
	owner   func() *bun.DB // opens the owner's connection
	ownerAt pgconn.Options // where that goes
	private *localpg.User  // nil with --database-url
	closers []func() error
}

func (o *options) dir() string {
	if o.dataDir == "" {
		return localpg.DefaultDataDir()
	}
	return o.dataDir
}

// open connects to the books: to the private PostgreSQL, started when need be and migrated, or to that of
// --database-url, whose schema must be this program's.
func (o *options) open(ctx context.Context) (*session, error) {
	actor, err := localActor()
	if err != nil {
		return nil, err
	}
	s := &session{actor: actor}
	if o.databaseURL != "" {
		err = s.openURL(ctx, o)
	} else {
		err = s.openPrivate(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.store = ledger.Open(s.writer, o.keys(), o.p.now, kinds()...)
	if s.private == nil {
		return s, nil // openURL refused what a migration left unfinished
	}
	pending, err := ledger.RebuildsPending(ctx, s.writer)
	if err == nil && pending {
		err = s.store.RebuildPending(ctx, s.owner(), o.p.rebuilding())
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// kinds are all kinds of records that the program knows.
func kinds() []*ledger.Kind {
	return slices.Concat([]*ledger.Kind{auction.Kind(), review.Kind(), issue.Kind()}, landcheck.Kinds(), account.Kinds())
}

// rebuilding tells now and then how far the rows that a migration asked for have come.
func (p *program) rebuilding() func(book string, entries int64) {
	return func(book string, entries int64) {
		if entries%20_000 == 0 {
			fmt.Fprintf(p.err, p.say("正在按新结构整理账簿 %s：%d 条\n", "making the rows of book %s for the new schema: %d entries\n"), book, entries)
		}
	}
}

func (s *session) openURL(ctx context.Context, o *options) error {
	where, err := pgconn.Parse(o.databaseURL)
	if err != nil {
		return err
	}
	where.AppName = "mingzhang"
	ownerWhere := where
	if o.ownerURL != "" {
		if ownerWhere, err = pgconn.Parse(o.ownerURL); err != nil {
			return err
		}
	}
	s.ownerAt = ownerWhere
	s.owner = func() *bun.DB { return s.pool(ownerWhere) }
	// Even a URL of the owner or a superuser writes with the writer's rights only.
	if where.Role == "" {
		where.Role = migrations.WriterRole
	}
	plain := ownerWhere
	plain.Conns = 1
	probe := s.pool(plain)
	if err := pgconn.CheckServer(ctx, probe); err != nil {
		return err
	}
	if err := current(ctx, probe); err != nil {
		return err
	}
	s.writer = s.pool(where)
	return nil
}

// current refuses a database whose schema is not this program's, or whose rows a migration has yet to make.
func current(ctx context.Context, db bun.IDB) error {
	err := migrations.Current(ctx, db)
	switch {
	case errors.Is(err, migrations.ErrOutdated):
		return ledger.E(ledger.Conflict, "schema.outdated").Because(err)
	case errors.Is(err, migrations.ErrTooNew):
		return ledger.E(ledger.Conflict, "schema.too_new").Because(err)
	case err != nil:
		return err
	}
	pending, err := ledger.RebuildsPending(ctx, db)
	if err == nil && pending {
		return ledger.E(ledger.Conflict, "schema.outdated")
	}
	return err
}

func (s *session) openPrivate(ctx context.Context, o *options) (err error) {
	if err := o.unfinished(); err != nil {
		return err
	}
	if err := s.start(ctx, o); err != nil {
		return err
	}
	s.writer = s.pool(s.privateAt(localpg.WriterRole))
	err = migrations.Current(ctx, s.writer)
	if errors.Is(err, migrations.ErrOutdated) || isDenied(err) {
		owner := s.owner()
		if err := s.backUpFirst(ctx, o, owner); err != nil {
			return err
		}
		return migrations.Apply(ctx, owner)
	}
	if errors.Is(err, migrations.ErrTooNew) {
		return ledger.E(ledger.Conflict, "schema.too_new").Because(err)
	}
	return err
}

// isDenied holds while a first migration has not yet granted the writer anything.
func isDenied(err error) bool {
	pg, ok := errors.AsType[pgdriver.Error](err)
	return ok && pg.Field('C') == "42501"
}

func (s *session) pool(where pgconn.Options) *bun.DB {
	db := pgconn.Open(where)
	s.closers = append(s.closers, db.Close)
	return db
}

// Close ends the session; the last user of the private PostgreSQL stops it.
func (s *session) Close() error {
	var all []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = append(all, s.closers[i]())
	}
	return errors.Join(all...)
}

// localActor is the user of this machine that the command runs as.
func localActor() (ledger.Actor, error) {
	u, err := user.Current()
	if err != nil {
		return ledger.Actor{}, ledger.E(ledger.Denied, "actor.unnamed").Because(err)
	}
	return ledger.LocalActor(u.Username)
}

// with runs a command's work in a session and closes it.
func (o *options) with(ctx context.Context, work func(*session) error) error {
	s, err := o.open(ctx)
	if err != nil {
		return err
	}
	err = work(s)
	if closeErr := s.Close(); err == nil && closeErr != nil {
		return closeErr
	}
	return err
}

func (o *options) keyDir() string { return filepath.Join(o.dir(), "keys") }
