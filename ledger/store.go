package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/ledger/merkle"
)

// installationID is the number of the installation's own log.
const installationID = 0

// installationCode is its code; book codes begin with a letter and cannot be it by accident, because
// it is taken from the start.
const installationCode = "installation"

// Store is all books of one database.
type Store struct {
	db    *bun.DB
	kinds kindList
	keys  Keys
	now   func() time.Time

	mu         sync.Mutex
	sequencers map[int64]*sequencer
	extended   map[string]published // by origin: what was published last, as far as it was compared
	watchers   []chan struct{}
	stopping   bool           // see Stop
	leaders    sync.WaitGroup // of all sequencers
}

// Open makes a store over the writer's connection. kinds are the domains' own; those of the book itself
// are added.
func Open(db *bun.DB, keys Keys, now func() time.Time, kinds ...*Kind) *Store {
	s := &Store{db: db, keys: keys, now: now, kinds: kindList{}, sequencers: map[int64]*sequencer{}, extended: map[string]published{}}
	for _, k := range append(kinds, profileKind(), personKind(), importKind(), registerKind(), erasureKind()) {
		s.kinds[k.Name] = k
	}
	return s
}

// DB is the connection that reports read from.
func (s *Store) DB() *bun.DB { return s.db }

// DB is the connection that reports of the book read from.
func (b *Book) DB() *bun.DB { return b.store.db }

// Book is one book of the store. Origin and verifier keys are those in force when it was looked up.
type Book struct {
	store        *Store
	id           int64
	opened       string // the verifier key of entry 0, which tells it from every other book that had its number
	Code         string
	Kind         BookKind
	Origin       string
	VerifierKey  string
	VerifierKeys []string
}

type bookRow struct {
	bun.BaseModel `bun:"table:books"`
	ID            int64  `bun:"id,pk"`
	Code          string `bun:"code"`
	Kind          string `bun:"kind"`
	Origin        string `bun:"origin"`
	VerifierKey   string `bun:"verifier_key"`
}

// book is the book as entry 0 has it.
func (s *Store) book(r bookRow) *Book {
	return &Book{
		store: s, id: r.ID, opened: r.VerifierKey, Code: r.Code, Kind: BookKind(r.Kind),
		Origin: r.Origin, VerifierKey: r.VerifierKey, VerifierKeys: []string{r.VerifierKey},
	}
}

// foundBook is the row of a book and what its profile says now of origin and keys.
type foundBook struct {
	bookRow `bun:",extend"`
	Now     string   `bun:"now_origin"`
	Key     string   `bun:"now_key"`
	Keys    []string `bun:"now_keys,array"`
}

// findBook is the query of a foundBook.
const findBook = "SELECT b.id, b.code, b.kind, b.origin, b.verifier_key, coalesce(p.origin, '') AS now_origin, coalesce(p.verifier_key, '') AS now_key, " +
	"coalesce(p.verifier_keys, '{}') AS now_keys FROM books AS b LEFT JOIN book_profiles AS p ON p.book_id = b.id AND p.seq_to IS NULL "

var bookByCode = NewPrepared("book_by_code", findBook+"WHERE b.code = $1 AND b.id <> $2")

// found is the book as it is now.
func (s *Store) found(r foundBook) *Book {
	b := s.book(r.bookRow)
	if now := (BookProfile{Origin: r.Now, VerifierKey: r.Key, VerifierKeys: r.Keys}); r.Now != "" { // "": its rows are still to be made
		b.Origin, b.VerifierKey, b.VerifierKeys = now.Origin, now.VerifierKey, now.Keys()
	}
	return b
}

// Book finds a book by its code: not_found book.unknown.
func (s *Store) Book(ctx context.Context, code string) (*Book, error) {
	var found foundBook
	err := bookByCode.Scan(ctx, s.db, &found, code, installationID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, E(NotFound, "book.unknown", code).On("book")
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: looking for book %s: %w", code, err)
	}
	return s.found(found), nil
}

// Books lists all books in the order of their codes, without the installation's log.
func (s *Store) Books(ctx context.Context) ([]*Book, error) {
	var rows []foundBook
	if err := s.db.NewRaw(findBook+`WHERE b.id <> ? ORDER BY b.code COLLATE "C"`, installationID).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("ledger: listing the books: %w", err)
	}
	books := make([]*Book, len(rows))
	for i, r := range rows {
		books[i] = s.found(r)
	}
	return books, nil
}

// Log is the installation's own log: sign-ins, refusals, exports, books added and dropped. It is checked
// like any book and never public. not_found before the first book is added.
func (s *Store) Log(ctx context.Context) (*Book, error) {
	var found foundBook
	err := s.db.NewRaw(findBook+"WHERE b.id = ?", installationID).Scan(ctx, &found)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, E(NotFound, "book.none")
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: looking for the installation's log: %w", err)
	}
	return s.found(found), nil
}

// AddBook makes a book: its key, its origin that never changes, and entry 0. The installation's log
// says so. invalid book.code_form, book.name_missing …; conflict book.exists.
func (s *Store) AddBook(ctx context.Context, actor Actor, p BookProfile) (*Book, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if p.Code == installationCode {
		return nil, E(Conflict, "book.exists", p.Code).On("code")
	}
	p.NameZH, p.NameEN = Normal(p.NameZH), Normal(p.NameEN)
	if _, err := s.Book(ctx, p.Code); CodeOf(err) != NotFound { // asked before a key is made
		if err == nil {
			err = E(Conflict, "book.exists", p.Code).On("code")
		}
		return nil, err
	}
	log, err := s.EnsureLog(ctx, actor)
	if err != nil {
		return nil, err
	}
	secret, err := newOrigin(&p)
	if err != nil {
		return nil, err
	}
	if err := s.keys.Save(p.Origin, secret); err != nil {
		return nil, fmt.Errorf("ledger: keeping the key of %s: %w", p.Code, err)
	}
	var added *Book
	err = log.transact(ctx, func(ctx context.Context, w *writer) error {
		id := w.tree.Size() // the entry that says so: never used again, whatever is dropped
		if added, err = s.openBook(ctx, w.conn, id, p, actor); err != nil {
			return err
		}
		return w.appendDrafts(ctx, actor, []Draft{{Kind: bookAdded, State: registered(added)}})
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// insertBook writes a book's row and its lock, in the caller's transaction.
func (s *Store) insertBook(ctx context.Context, conn bun.Conn, row bookRow) (*Book, error) {
	if _, err := conn.NewInsert().Model(&row).Exec(ctx); err != nil {
		if Broke(err) == "books_code" {
			return nil, E(Conflict, "book.exists", row.Code).On("code").Because(err)
		}
		return nil, fmt.Errorf("ledger: adding book %s: %w", row.Code, err)
	}
	if _, err := conn.ExecContext(ctx, "INSERT INTO book_locks (book_id) VALUES (?)", row.ID); err != nil {
		return nil, fmt.Errorf("ledger: adding book %s: %w", row.Code, err)
	}
	return s.book(row), nil
}

// openBook writes a new book: its row, its lock, entry 0 and the first checkpoint, in the caller's transaction.
func (s *Store) openBook(ctx context.Context, conn bun.Conn, id int64, p BookProfile, actor Actor) (*Book, error) {
	b, err := s.insertBook(ctx, conn, bookRow{ID: id, Code: p.Code, Kind: string(p.Kind), Origin: p.Origin, VerifierKey: p.VerifierKey})
	if err != nil {
		return nil, err
	}
	w := &writer{book: b, conn: conn, tree: new(merkle.Tree), at: s.instant(time.Time{})}
	if err := w.appendDrafts(ctx, actor, []Draft{{Kind: "book.opened", State: &p}}); err != nil {
		return nil, err
	}
	return b, w.flush(ctx)
}

// EnsureLog makes the installation's log when there is none yet. Two that try at once: the second
// finds the first's.
func (s *Store) EnsureLog(ctx context.Context, actor Actor) (*Book, error) {
	log, err := s.Log(ctx)
	if CodeOf(err) != NotFound {
		return log, err
	}
	p := BookProfile{Code: installationCode, Kind: installationBook, NameZH: "安装日志", NameEN: "installation log"}
	secret, err := newOrigin(&p)
	if err != nil {
		return nil, err
	}
	if err := s.keys.Save(p.Origin, secret); err != nil {
		return nil, fmt.Errorf("ledger: keeping the key of the installation's log: %w", err)
	}
	err = inTransaction(ctx, s.db, func(ctx context.Context, conn bun.Conn) error {
		_, err := s.openBook(ctx, conn, installationID, p, actor)
		return err
	})
	if err != nil && CodeOf(err) != Conflict && Broke(err) != "books_pkey" {
		return nil, err
	}
	return s.Log(ctx)
}

// instant is the time of a commit: now, but never before the one that came before it.
func (s *Store) instant(previous time.Time) time.Time {
	now := s.now().UTC().Truncate(time.Microsecond)
	if now.Before(previous) {
		return previous
	}
	return now
}

// bookTables are all tables whose rows belong to one book, for dropping a practice book.
func (s *Store) bookTables() []string {
	names := []string{"entries", "tiles", "checkpoints", "sealed", "idempotency", "work_cosignatures", "work_witnesses"}
	for _, k := range s.kinds {
		if k.Table != nil {
			names = append(names, k.Table.Name)
		}
		if k.Rollup != nil {
			names = append(names, k.Rollup.Table.Name)
		}
	}
	return names
}

// DropBook removes a demo or practice book, whole; the installation's log remembers it. owner is a
// connection of the schema's owner: the writer can delete nothing. denied book.not_droppable,
// book.drop_needs_owner.
func (s *Store) DropBook(ctx context.Context, owner *bun.DB, actor Actor, b *Book) error {
	if b.Kind != DemoBook && b.Kind != PracticeBook {
		return E(Denied, "book.not_droppable", b.Code).On("book")
	}
	log, err := s.Log(ctx)
	if err != nil {
		return err
	}
	return log.transactOn(ctx, commit{db: owner}, func(ctx context.Context, w *writer) error {
		if err := b.lock(ctx, w.conn); err != nil {
			return err
		}
		for _, table := range append(s.bookTables(), "book_locks") {
			_, err := w.conn.ExecContext(ctx, "DELETE FROM ? WHERE book_id = ?", bun.Ident(table), b.id)
			if pg, ok := errors.AsType[pgdriver.Error](err); ok && pg.Field('C') == "42501" {
				return E(Denied, "book.drop_needs_owner", b.Code).Because(err)
			}
			if err != nil {
				return fmt.Errorf("ledger: dropping book %s: %w", b.Code, err)
			}
		}
		if _, err := w.conn.ExecContext(ctx, "DELETE FROM books WHERE id = ?", b.id); err != nil {
			return fmt.Errorf("ledger: dropping book %s: %w", b.Code, err)
		}
		return w.appendDrafts(ctx, actor, []Draft{{Kind: "register.book_dropped", State: registered(b)}})
	})
}
