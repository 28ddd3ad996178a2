package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/migrations"
	"mingzhang/migrations/backup"
	"mingzhang/migrations/pgconn"
)

// passphraseLeast is how long a passphrase must be, in characters: whoever has the file of keys may try for years.
const passphraseLeast = 12

// passphraseEnv holds it where no file does.
const passphraseEnv = "MINGZHANG_BACKUP_PASSPHRASE"

func runBackup(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("backup")
	out := o.String("out", "", p.say("备份写到这个文件，或这个文件夹里", "the file to write, or the folder to write it into"))
	phrase := o.passphrase()
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if err := o.required("out", *out); err != nil {
		return err
	}
	secret, err := phrase.read()
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		file := backupFile(*out, "mingzhang-", p.now())
		m, err := s.backUp(ctx, o, file, secret)
		if err != nil {
			return err
		}
		p.printBackup(file, m)
		p.warnOfKeys(m)
		return nil
	})
}

func runBackupCheck(_ context.Context, p *program, args []string) error {
	o := p.newOptions("backup check")
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	m, err := backup.Check(operands[0])
	if err != nil {
		return backupTrouble(operands[0], err)
	}
	p.printBackup(operands[0], m)
	p.talk("备份完好：每个字节都与清单相符。", "The backup is whole: every byte is as its manifest says.")
	return nil
}

// passphrase is where the passphrase of the keys is read from.
type passphrase struct {
	o    *options
	file *string
}

func (o *options) passphrase() *passphrase {
	return &passphrase{o, o.String("passphrase-file", "", o.p.say("密钥的口令所在的文件；也可用环境变量 "+passphraseEnv, "file with the passphrase of the keys; or "+passphraseEnv+" in the environment"))}
}

// read gives the passphrase; "" where none was given: invalid backup.passphrase_short.
func (v *passphrase) read() (string, error) {
	secret := os.Getenv(passphraseEnv)
	if *v.file != "" {
		text, err := os.ReadFile(*v.file)
		if errors.Is(err, fs.ErrNotExist) {
			return "", ledger.E(ledger.NotFound, "file.not_found", *v.file).Because(err)
		}
		if err != nil {
			return "", err
		}
		secret = strings.TrimRight(string(text), "\r\n")
	}
	if n := len([]rune(secret)); *v.file != "" && n == 0 || n > 0 && n < passphraseLeast {
		return "", ledger.E(ledger.Invalid, "backup.passphrase_short", passphraseLeast)
	}
	return secret, nil
}

// backupFile is where a backup goes: a folder gets a file named after the moment.
func backupFile(out, prefix string, now time.Time) string {
	if st, err := os.Stat(out); err == nil && st.IsDir() || strings.HasSuffix(out, "/") {
		return filepath.Join(out, prefix+now.UTC().Format(backupStamp)+".tar")
	}
	return out
}

const backupStamp = "20060102T150405.000Z" // names sort as they were made, and two of a second differ

// backUp writes a backup, reads it back whole, and notes that there is one.
func (s *session) backUp(ctx context.Context, o *options, file, secret string) (backup.Manifest, error) {
	m, err := s.writeBackup(ctx, o, file, secret)
	if err == nil {
		_, err = backup.Check(file)
	}
	if err != nil {
		err = backupTrouble(file, err)
		return m, errors.Join(err, s.noteBackup(ctx, o.p.now(), backupNote{failed: o.p.sentence(err)}))
	}
	st, err := os.Stat(file)
	if err != nil {
		return m, err
	}
	return m, s.noteBackup(ctx, o.p.now(), backupNote{file: filepath.Base(file), size: st.Size(), keys: m.Keys != nil})
}

// writeBackup writes it, by the owner's connection: the writer may not read all of the schema.
func (s *session) writeBackup(ctx context.Context, o *options, file, secret string) (backup.Manifest, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return backup.Manifest{}, err
	}
	where := s.ownerAt
	where.Conns, where.Params = 1, map[string]string{"idle_in_transaction_session_timeout": "0"} // idle while it is dumped
	db := pgconn.Open(where)
	defer db.Close() //nolint:errcheck // it only read
	server, err := s.server(ctx, o)
	if err != nil {
		return backup.Manifest{}, err
	}
	database := o.p.say("私有", "private")
	if s.private == nil {
		database = where.Where()
	}
	return backup.Take(ctx, backup.Source{
		DB: db, Server: server, KeyDir: o.keyDir(), FileDir: o.fileDir(), Program: version, Now: o.p.now(),
		Settings: map[string]string{"data_dir": o.dir(), "database": database, "lang": string(o.p.lang)},
	}, file, secret)
}

// server is how PostgreSQL's programs reach the database.
func (s *session) server(ctx context.Context, o *options) (backup.Server, error) {
	if s.private != nil {
		return backup.Private(s.private), nil
	}
	var major int
	where := s.ownerAt
	where.Conns = 1
	db := pgconn.Open(where)
	defer db.Close() //nolint:errcheck // it only read
	if err := db.NewRaw("SELECT current_setting('server_version_num')::int / 10000").Scan(ctx, &major); err != nil {
		return backup.Server{}, err
	}
	url := o.databaseURL
	if o.ownerURL != "" {
		url = o.ownerURL
	}
	return backup.AtURL(url, major)
}

// fileDir is where evidence lies beside the database.
func (o *options) fileDir() string { return filepath.Join(o.dir(), "files") }

// backupTrouble turns what can go wrong with a backup into what a person can mend.
func backupTrouble(file string, err error) error {
	name := filepath.Base(file)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, backup.ErrTooNew):
		return ledger.E(ledger.Conflict, "backup.too_new", name).Because(err)
	case errors.Is(err, backup.ErrDamaged):
		return ledger.E(ledger.Tampered, "backup.damaged", name, strings.TrimPrefix(err.Error(), backup.ErrDamaged.Error()+": ")).Because(err)
	case errors.Is(err, backup.ErrPassphrase):
		return ledger.E(ledger.Denied, "backup.passphrase_wrong", name).Because(err)
	case errors.Is(err, backup.ErrFull), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ledger.E(ledger.Busy, "backup.disk_full", filepath.Dir(file)).Because(err)
	case errors.Is(err, backup.ErrProgram):
		return ledger.E(ledger.Conflict, "backup.program_failed", strings.TrimPrefix(err.Error(), backup.ErrProgram.Error()+": ")).Because(err)
	case errors.Is(err, backup.ErrNotEmpty):
		return ledger.E(ledger.Conflict, "restore.not_empty", name).Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return ledger.E(ledger.NotFound, "file.not_found", file).Because(err)
	case errors.Is(err, fs.ErrExist):
		return ledger.E(ledger.Conflict, "backup.exists", file).Because(err)
	}
	return err
}

// printBackup prints what a backup holds: one line a book.
func (p *program) printBackup(file string, m backup.Manifest) {
	fmt.Fprintf(p.out, "file\t%s\nmade_at\t%s\nprogram\t%s\nschema\t%d\nfiles\t%d\n", file, m.MadeAt.Format(time.RFC3339), m.Program, len(m.Migrations), m.Files)
	if m.Keys != nil {
		fmt.Fprintf(p.out, "keys\t%s\n", m.Keys.File)
	}
	for _, b := range m.Books {
		fmt.Fprintf(p.out, "book\t%s\t%s\t%d\t%s\n", b.Code, b.Origin, b.Size, b.Root)
	}
}

// warnOfKeys says loudly that a backup has no keys.
func (p *program) warnOfKeys(m backup.Manifest) {
	if m.Keys != nil {
		p.talk("密钥加密后单独存放在 %s。口令不在备份里，请另外保管：忘了口令，密钥就打不开。",
			"The keys are encrypted in %s, apart. The passphrase is in neither file: without it nobody opens the keys.", m.Keys.File)
		return
	}
	p.talk("注意：没有口令，这份备份【不含签名密钥】。数据丢失后只能据此查看，不能继续记账。\n请用 --passphrase-file 或环境变量 %s 给出口令再备份一次。",
		"WARNING: without a passphrase this backup holds NO SIGNING KEYS. What is restored from it can be read, not written.\nBack up again with --passphrase-file or %s in the environment.", passphraseEnv)
}

// backUpFirst makes a backup before the schema of a database that holds something is changed.
func (s *session) backUpFirst(ctx context.Context, o *options, owner *bun.DB) error {
	var filled bool
	if o.noBackup {
		return nil
	}
	if err := owner.NewRaw("SELECT to_regclass('public.books') IS NOT NULL").Scan(ctx, &filled); err != nil || !filled {
		return err // a new database: there is nothing to lose
	}
	if err := owner.NewRaw("SELECT EXISTS (SELECT FROM books)").Scan(ctx, &filled); err != nil || !filled {
		return err
	}
	if err := migrations.Current(ctx, owner); err == nil || !errors.Is(err, migrations.ErrOutdated) {
		return nil // there is nothing to change; what is newer is refused behind us
	}
	secret, err := (&passphrase{o, new(string)}).read()
	if err != nil {
		return err
	}
	file := backupFile(filepath.Join(o.dir(), "backups")+"/", "before-migrating-", o.p.now())
	o.p.talk("升级数据库结构之前先备份到 %s", "Backing up before the schema changes, into %s", file)
	if _, err = s.writeBackup(ctx, o, file, secret); err == nil {
		_, err = backup.Check(file)
	}
	if err != nil {
		o.p.talk("没有备份成，数据库结构未改动。确实不要备份时用 --no-backup（或 MINGZHANG_NO_BACKUP=1）。",
			"It could not be backed up, and the schema is as it was. To go on without: --no-backup (or MINGZHANG_NO_BACKUP=1).")
	}
	return backupTrouble(file, err)
}
