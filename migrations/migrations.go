package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.sql
var files embed.FS

// The roles of the database. Owner runs migrations, Writer appends, Reader reads.
const (
	WriterRole = "mingzhang_writer"
	ReaderRole = "mingzhang_reader"
)

// lockKey is the advisory lock under which one process migrates. bun's own lock is a row that stays
// behind when a process dies.
const lockKey = 0x6d696e67 // "ming"

// ErrOutdated says that the schema is older than the program, ErrTooNew that it is newer.
var (
	ErrOutdated = errors.New("migrations: the database's schema is older than this program")
	ErrTooNew   = errors.New("migrations: the database's schema is newer than this program")
)

// Hash is the SHA-256 over all migrations: test databases are cloned from a template of that name.
func Hash() string {
	h := sha256.New()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		body, err := files.ReadFile(name)
		if err != nil {
			panic(err) // embedded
		}
		fmt.Fprintf(h, "%s %d\n", name, len(body))
		h.Write(body)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Apply brings the schema of the owner's database to the newest. Several may call it at once.
func Apply(ctx context.Context, owner *bun.DB) error {
	return apply(ctx, owner, files)
}

func apply(ctx context.Context, owner *bun.DB, source fs.FS) (err error) {
	set := migrate.NewMigrations()
	if err := set.Discover(source); err != nil {
		return fmt.Errorf("migrations: reading the files: %w", err)
	}
	lock, err := owner.Conn(ctx)
	if err != nil {
		return fmt.Errorf("migrations: connecting: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock(?)", lockKey); err != nil {
		return fmt.Errorf("migrations: waiting for the lock: %w", err)
	}
	defer func() {
		_, unlockErr := lock.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", lockKey)
		err = errors.Join(err, unlockErr)
	}()
	if err := makeRoles(ctx, lock); err != nil {
		return err
	}
	migrator := migrate.NewMigrator(owner, set, migrate.WithMarkAppliedOnSuccess(true))
	if err := migrator.Init(ctx); err != nil {
		return fmt.Errorf("migrations: preparing: %w", err)
	}
	if _, err := migrator.Migrate(ctx); err != nil {
		return fmt.Errorf("migrations: applying: %w", err)
	}
	// The program asks the migrations' table whether it may start.
	if _, err := owner.ExecContext(ctx, "GRANT SELECT ON bun_migrations TO ?, ?", bun.Ident(WriterRole), bun.Ident(ReaderRole)); err != nil {
		return fmt.Errorf("migrations: granting: %w", err)
	}
	return nil
}

// MakeRoles makes the two roles, for a database that is restored and not migrated.
func MakeRoles(ctx context.Context, owner *bun.DB) error { return makeRoles(ctx, owner) }

// makeRoles makes what is missing of the two roles. They belong to the whole cluster, so another
// database may have made them, or be making them now.
func makeRoles(ctx context.Context, db bun.IDB) error {
	for _, role := range []string{WriterRole, ReaderRole} {
		var there bool
		err := db.NewRaw("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", role).Scan(ctx, &there)
		if err != nil {
			return fmt.Errorf("migrations: looking for role %s: %w", role, err)
		}
		if there {
			continue
		}
		_, err = db.ExecContext(ctx, "CREATE ROLE ? NOLOGIN", bun.Ident(role))
		if pg, ok := errors.AsType[pgdriver.Error](err); ok && (pg.Field('C') == "42710" || pg.Field('C') == "23505") {
			continue
		}
		if err != nil {
			return fmt.Errorf("migrations: making role %s (the owner needs CREATEROLE, or make it beforehand): %w", role, err)
		}
	}
	return nil
}

// Current refuses a database whose schema is not this program's: ErrOutdated or ErrTooNew.
func Current(ctx context.Context, db bun.IDB) error {
	set := migrate.NewMigrations()
	if err := set.Discover(files); err != nil {
		return fmt.Errorf("migrations: reading the files: %w", err)
	}
	var there bool
	if err := db.NewRaw("SELECT to_regclass('bun_migrations') IS NOT NULL").Scan(ctx, &there); err != nil {
		return fmt.Errorf("migrations: asking for the schema: %w", err)
	}
	if !there {
		return ErrOutdated
	}
	var names []string
	if err := db.NewRaw("SELECT name FROM bun_migrations").Scan(ctx, &names); err != nil {
		return fmt.Errorf("migrations: asking for the schema: %w", err)
	}
	applied := map[string]bool{}
	for _, name := range names {
		applied[name] = true
	}
	for _, m := range set.Sorted() {
		if !applied[m.Name] {
			return ErrOutdated
		}
		delete(applied, m.Name)
	}
	if len(applied) > 0 {
		return ErrTooNew
	}
	return nil
}
