package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/migrations"
	"mingzhang/migrations/backup"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// unfinishedName is the file that says that a data directory is half restored. Nobody opens one that has it.
const unfinishedName = "RESTORE-UNFINISHED"

func runRestore(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("restore")
	keyFile := o.String("keys", "", p.say("备份旁边的密钥文件（.keys.age）", "the file of keys beside the backup (.keys.age)"))
	phrase := o.passphrase()
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if err := o.required("data-dir", o.dataDir); err != nil { // never by default: it must be a new one
		return err
	}
	file := operands[0]
	m, err := backup.Check(file)
	if err != nil {
		return backupTrouble(file, err)
	}
	keys, err := openKeys(*keyFile, phrase, m)
	if err != nil {
		return err
	}
	if o.databaseURL == "" {
		if err := o.begin(file); err != nil {
			return err
		}
	}
	if err := o.restore(ctx, file, m, keys); err != nil {
		return backupTrouble(file, err)
	}
	if o.databaseURL == "" {
		if err := os.Remove(filepath.Join(o.dir(), unfinishedName)); err != nil {
			return err
		}
	}
	p.printBackup(file, m)
	p.talk("已恢复到 %s：每本账簿都已校验，条目数和根与备份清单一致。", "Restored into %s: every book is checked, and its size and root are those of the manifest.", o.dir())
	if len(keys) == 0 {
		p.talk("注意：没有给出密钥，这份数据只能查看，不能记账。把密钥文件放进 %s 后即可记账。",
			"WARNING: no keys were given: this copy can be read, not written, until the keys lie in %s.", o.keyDir())
	}
	return nil
}

// openKeys decrypts the keys before anything is made.
func openKeys(file string, phrase *passphrase, m backup.Manifest) ([]backup.Key, error) {
	if file == "" {
		return nil, nil
	}
	secret, err := phrase.read()
	if err != nil {
		return nil, err
	}
	if secret == "" {
		return nil, ledger.E(ledger.Invalid, "backup.passphrase_missing")
	}
	keys, err := backup.OpenKeys(file, secret, m)
	return keys, backupTrouble(file, err)
}

// begin makes the data directory, which must be new or empty, and marks it as half restored.
func (o *options) begin(file string) error {
	dir := o.dir()
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // PostgreSQL's user must be able to pass through
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		if err := o.unfinished(); err != nil {
			return err
		}
		return ledger.E(ledger.Conflict, "restore.not_empty", dir)
	}
	return writeOnce(filepath.Join(dir, unfinishedName), filepath.Base(file)+"\n")
}

// unfinished refuses a data directory that was half restored: conflict restore.unfinished.
func (o *options) unfinished() error {
	if _, err := os.Stat(filepath.Join(o.dir(), unfinishedName)); err == nil {
		return ledger.E(ledger.Conflict, "restore.unfinished", o.dir())
	}
	return nil
}

// restore fills an empty database, checks every book, and only then puts the keys in their place.
func (o *options) restore(ctx context.Context, file string, m backup.Manifest, keys []backup.Key) (err error) {
	s := &session{}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.reach(ctx, o); err != nil {
		return err
	}
	owner := s.owner()
	empty := backup.Empty(ctx, owner)
	if errors.Is(empty, backup.ErrNotEmpty) {
		return ledger.E(ledger.Conflict, "restore.not_empty", s.ownerAt.Where())
	}
	if empty != nil {
		return empty
	}
	if err := migrations.MakeRoles(ctx, owner); err != nil {
		return err
	}
	server, err := s.server(ctx, o)
	if err != nil {
		return err
	}
	if err := backup.Restore(ctx, file, m, server, o.fileDir()); err != nil {
		return err
	}
	if err := migrations.Current(ctx, owner); errors.Is(err, migrations.ErrTooNew) {
		return ledger.E(ledger.Conflict, "schema.too_new").Because(err)
	} else if err != nil && !errors.Is(err, migrations.ErrOutdated) {
		return err
	}
	if err := migrations.Apply(ctx, owner); err != nil {
		return err
	}
	store := ledger.Open(owner, o.keys(), o.p.now, kinds()...)
	if err := store.RebuildPending(ctx, owner, o.p.rebuilding()); err != nil {
		return err
	}
	if err := namesEvery(ctx, store, m.Books); err != nil {
		return err
	}
	for _, b := range m.Books {
		if err := o.p.compareRestored(ctx, store, b); err != nil {
			return err
		}
	}
	return o.putKeys(ctx, store, m, keys)
}

// reach makes the session's connection of the owner, without asking for a schema.
func (s *session) reach(ctx context.Context, o *options) (err error) {
	if o.databaseURL != "" {
		url := o.databaseURL
		if o.ownerURL != "" {
			url = o.ownerURL
		}
		if s.ownerAt, err = pgconn.Parse(url); err != nil {
			return err
		}
		s.owner = func() *bun.DB { return s.pool(s.ownerAt) }
		return pgconn.CheckServer(ctx, s.owner())
	}
	return s.start(ctx, o)
}

// namesEvery refuses a database with a book that the manifest is silent about: it would be used without having been
// checked.
func namesEvery(ctx context.Context, store *ledger.Store, named []backup.Book) error {
	books, err := store.Books(ctx)
	if err != nil {
		return err
	}
	for _, b := range books {
		if !slices.ContainsFunc(named, func(n backup.Book) bool { return n.Code == b.Code }) {
			head, err := b.Head(ctx)
			if err != nil {
				return err
			}
			return ledger.E(ledger.Tampered, "restore.differs", b.Code, 0, "—", head.Size, head.Root.String())
		}
	}
	return nil
}

// compareRestored checks a book and holds it against the manifest.
func (p *program) compareRestored(ctx context.Context, store *ledger.Store, want backup.Book) error {
	book, err := bookOf(ctx, store, want.Code)
	if err != nil {
		return err
	}
	result, err := book.Check(ctx, p.progress(want.Code))
	if err != nil {
		return err
	}
	if err := result.Err(); err != nil {
		return err
	}
	if root := base64.StdEncoding.EncodeToString(result.Head.Root[:]); result.Head.Size != want.Size || root != want.Root || book.Origin != want.Origin {
		return ledger.E(ledger.Tampered, "restore.differs", want.Code, want.Size, want.Root, result.Head.Size, root)
	}
	return nil
}

// bookOf is a book, or the installation's log by the name that check prints.
func bookOf(ctx context.Context, store *ledger.Store, code string) (*ledger.Book, error) {
	if code == "installation" {
		return store.Log(ctx)
	}
	return store.Book(ctx, code)
}

// putKeys writes the keys, when those of the books are theirs. What lies there already is never replaced, but by a newer
// word on what was published.
func (o *options) putKeys(ctx context.Context, store *ledger.Store, m backup.Manifest, keys []backup.Key) error {
	if len(keys) == 0 {
		return nil
	}
	if err := os.MkdirAll(o.keyDir(), 0o700); err != nil {
		return err
	}
	for _, k := range keys {
		if err := putKey(filepath.Join(o.keyDir(), k.Name), k.Body); err != nil {
			return err
		}
	}
	for _, b := range m.Books {
		book, err := bookOf(ctx, store, b.Code)
		if err != nil {
			return err
		}
		err = book.Writable(ctx)
		switch refusal, _ := errors.AsType[*ledger.Error](err); {
		case err == nil:
		case refusal != nil && (refusal.Reason == "book.key_missing" || refusal.Reason == "book.key_lost"):
			o.p.talk("注意：备份里没有账簿 %s 的签名密钥，它只能查看。", "WARNING: the backup has no signing key of book %s: it can be read, not written.", b.Code)
		case refusal != nil && refusal.Reason == "book.rolled_back":
			o.p.talk("注意：%s", "WARNING: %s", o.p.sentence(err))
		default:
			return err
		}
	}
	return nil
}

// start brings the private cluster up.
func (s *session) start(ctx context.Context, o *options) (err error) {
	s.private, err = localpg.Start(ctx, localpg.Options{
		DataDir: o.dir(), Progress: func(what string) {
			fmt.Fprintln(o.p.err, o.p.say("正在准备数据库（"+o.dir()+"），请稍候。", what))
		},
	})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.private.Close)
	s.ownerAt = s.privateAt(localpg.OwnerRole)
	s.owner = func() *bun.DB { return s.pool(s.ownerAt) }
	return nil
}

// privateAt is the private database for a role.
func (s *session) privateAt(role string) pgconn.Options {
	return pgconn.Options{
		Network: "unix", Address: s.private.Socket(), User: role, Database: localpg.Database, AppName: "mingzhang", Reach: s.private.Reach,
	}
}
