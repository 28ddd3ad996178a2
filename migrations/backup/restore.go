package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"
)

// ErrNotEmpty says that there is something already where a backup was to be restored.
var ErrNotEmpty = errors.New("backup: the target is not empty")

// Empty refuses a database that has tables: ErrNotEmpty.
func Empty(ctx context.Context, db bun.IDB) error {
	var tables int
	err := db.NewRaw("SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "+
		"WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'").Scan(ctx, &tables)
	if err != nil {
		return fmt.Errorf("backup: looking whether the database is empty: %w", err)
	}
	if tables > 0 {
		return ErrNotEmpty
	}
	return nil
}

// Restore reads a backup that Check found whole into an empty database, in one transaction, and its files into a
// folder. What became of the books is the caller's to check.
func Restore(ctx context.Context, file string, m Manifest, into Server, fileDir string) error {
	into.Major = max(into.Major, m.DumpedWith) // an older pg_restore cannot read a newer dump
	into.Exactly = into.Exactly && into.Major == m.DumpedWith
	program, _, err := into.client("pg_restore")
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("backup: opening: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	r := &reader{from: f}
	for _, part := range m.Parts {
		name, size, err := r.next()
		if err != nil {
			return err
		}
		var got Part
		if name == databaseName {
			got, err = r.database(ctx, size, into, program)
		} else {
			got, err = r.file(name, size, fileDir)
		}
		if err != nil {
			return err
		}
		if got != part {
			return damaged("%s changed while it was read", name)
		}
	}
	return nil
}

// database passes the dump on to pg_restore.
func (r *reader) database(ctx context.Context, size int64, into Server, program string) (Part, error) {
	pipe, fill := io.Pipe()
	type outcome struct {
		part Part
		err  error
	}
	read := make(chan outcome, 1)
	go func() {
		part, err := r.body(databaseName, size, fill)
		fill.CloseWithError(err)
		read <- outcome{part, err}
	}()
	err := into.run(ctx, pipe, io.Discard, program, "--dbname="+into.Database, "--no-owner", "--single-transaction", "--exit-on-error")
	_, _ = io.Copy(io.Discard, pipe) // what pg_restore had no need to read, or would not
	got := <-read
	return got.part, errors.Join(err, got.err)
}

// file writes one file of evidence.
func (r *reader) file(name string, size int64, dir string) (Part, error) {
	rel, ok := strings.CutPrefix(name, filesFolder)
	if !ok {
		return Part{}, damaged("a part of the name %s", name)
	}
	path := filepath.Join(dir, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Part{}, fmt.Errorf("backup: writing the files: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Part{}, fmt.Errorf("backup: writing the files: %w", err)
	}
	part, err := r.body(name, size, f)
	return part, errors.Join(err, f.Sync(), f.Close())
}
