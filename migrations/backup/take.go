package backup

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"
)

// Source is what is backed up.
type Source struct {
	DB       *bun.DB // of the schema's owner, whose sessions may be idle in a transaction as long as a dump takes
	Server   Server
	KeyDir   string
	FileDir  string // evidence beside the database; it need not be there
	Settings map[string]string
	Program  string
	Now      time.Time
}

// Take writes a backup into file, which must not be there, and the keys into KeysBeside(file), unless the passphrase is
// empty: then they are not copied. Nobody who writes is kept waiting.
func Take(ctx context.Context, from Source, file, passphrase string) (Manifest, error) {
	m := Manifest{Format: format, Program: from.Program, MadeAt: from.Now.UTC().Truncate(time.Second), Settings: from.Settings}
	program, major, err := from.Server.client("pg_dump")
	if err != nil {
		return m, err
	}
	m.DumpedWith = major
	w, err := create(file)
	if err != nil {
		return m, err
	}
	defer w.drop()
	if err := from.dump(ctx, w, program, &m); err != nil {
		return m, err
	}
	if err := from.addFiles(w, &m); err != nil {
		return m, err
	}
	if passphrase != "" {
		if m.Keys, err = writeKeys(from.KeyDir, KeysBeside(file), passphrase); err != nil {
			return m, err
		}
	}
	if err := w.finishWith(m); err != nil {
		if m.Keys != nil {
			_ = os.Remove(KeysBeside(file)) // they belong to nothing
		}
		return m, err
	}
	m.Parts = w.parts
	return m, nil
}

// notCopied are tables of which only the shape is copied: who was signed in, and files that wait for an import.
var notCopied = []string{"work_sessions", "work_uploads", "work_upload_parts"}

// dump reads the manifest's part of the database and dumps the rest, in one snapshot.
func (s Source) dump(ctx context.Context, w *writer, program string, m *Manifest) (err error) {
	tx, err := s.DB.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("backup: beginning a snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	var snapshot string
	if err := tx.NewRaw("SELECT pg_export_snapshot(), current_setting('server_version_num')::int / 10000").Scan(ctx, &snapshot, &m.PostgreSQL); err != nil {
		return fmt.Errorf("backup: taking a snapshot: %w", err)
	}
	if err := m.read(ctx, tx); err != nil {
		return err
	}
	args := []string{"--format=custom", "--no-owner", "--snapshot=" + snapshot, "--dbname=" + s.Server.Database}
	for _, table := range notCopied {
		args = append(args, "--exclude-table-data=public."+table)
	}
	part, err := w.add(databaseName, func(into io.Writer) error { return s.Server.run(ctx, nil, into, program, args...) })
	w.parts = append(w.parts, part)
	return err
}

// read takes what the manifest says of the database.
func (m *Manifest) read(ctx context.Context, db bun.IDB) error {
	if err := db.NewRaw("SELECT name FROM bun_migrations ORDER BY name").Scan(ctx, &m.Migrations); err != nil {
		return fmt.Errorf("backup: reading the schema's version: %w", err)
	}
	var books []struct {
		Code, Kind, Origin string
		Size               int64
		Root               []byte
	}
	err := db.NewRaw("SELECT b.code, b.kind, b.origin, c.size, c.root FROM books AS b CROSS JOIN LATERAL "+
		"(SELECT size, root FROM checkpoints WHERE book_id = b.id ORDER BY size DESC LIMIT 1) AS c ORDER BY b.id").Scan(ctx, &books)
	if err != nil {
		return fmt.Errorf("backup: reading the books: %w", err)
	}
	m.Books = []Book{}
	for _, b := range books {
		m.Books = append(m.Books, Book{b.Code, b.Kind, b.Origin, b.Size, base64.StdEncoding.EncodeToString(b.Root)})
	}
	return nil
}

// addFiles adds the evidence beside the database, each file with its hash.
func (s Source) addFiles(w *writer, m *Manifest) error {
	if s.FileDir == "" {
		return nil
	}
	err := filepath.WalkDir(s.FileDir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(s.FileDir, name)
		if err != nil {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // only read
		part, err := w.add(filesFolder+filepath.ToSlash(rel), func(into io.Writer) error {
			_, err := io.Copy(into, f)
			return err
		})
		w.parts = append(w.parts, part)
		m.Files++
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("backup: copying the files: %w", err)
	}
	return nil
}
