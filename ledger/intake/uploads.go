package intake

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// The bounds of what waits between the steps of an import.
const (
	UploadBytesMax = 32 << 20
	uploadsMax     = 5 // of an account: a further one takes the place of the oldest
	uploadLife     = 24 * time.Hour
	uploadPart     = 1 << 20
)

// Uploads keeps files between the steps of an import, so that no step needs script. Only who sent a file can use
// it, and only for the book that it was sent for.
type Uploads struct {
	db  *bun.DB
	now func() time.Time
}

// NewUploads keeps files in the database of a store.
func NewUploads(store *ledger.Store, now func() time.Time) *Uploads {
	return &Uploads{db: store.DB(), now: now}
}

// Upload is a file that was sent.
type Upload struct {
	bun.BaseModel `bun:"table:work_uploads,alias:u"`
	ID            string    `bun:"id,pk"` // random
	Account       int64     `bun:"account"`
	OfBook        int64     `bun:"of_book"`
	Name          string    `bun:"name"`
	SHA256        string    `bun:"sha256"`
	Size          int64     `bun:"size"`
	MadeAt        time.Time `bun:"made_at"`

	body []byte
}

type uploadPartRow struct {
	bun.BaseModel `bun:"table:work_upload_parts"`
	Upload        string `bun:"upload"`
	Part          int64  `bun:"part"`
	Bytes         []byte `bun:"bytes"`
}

// Source recognises the file. Errors: those of sheet.Open.
func (u *Upload) Source() (Source, error) {
	file, err := sheet.Open(u.Name, bytes.NewReader(u.body), u.Size, sheet.Limits{})
	if err != nil {
		return Source{}, err
	}
	return Source{Name: u.Name, SHA256: u.SHA256, File: file}, nil
}

// NewUpload is a file that is not kept: an API call carries it and its options at once. invalid upload.empty,
// upload.too_large, upload.name_form.
func NewUpload(name string, body []byte) (*Upload, error) {
	if name = ledger.Normal(name); name == "" || ledger.Clean(name) != nil || len(name) > 400 {
		return nil, ledger.E(ledger.Invalid, "upload.name_form").On("file")
	}
	if len(body) == 0 {
		return nil, ledger.E(ledger.Invalid, "upload.empty", name).On("file")
	}
	if len(body) > UploadBytesMax {
		return nil, ledger.E(ledger.Invalid, "upload.too_large", name, UploadBytesMax>>20).On("file")
	}
	sum := sha256.Sum256(body)
	return &Upload{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(body)), body: body}, nil
}

// Keep keeps a file for a day. The account's oldest files go when it has too many. Errors: those of NewUpload, and
// those of the file: what is no register is told at once.
func (s *Uploads) Keep(ctx context.Context, scope ledger.Scope, account int64, name string, body []byte) (*Upload, error) {
	book, err := scope.BookID()
	if err != nil {
		return nil, err
	}
	u, err := NewUpload(name, body)
	if err != nil {
		return nil, err
	}
	if _, err := u.Source(); err != nil {
		return nil, err
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	u.ID, u.Account, u.OfBook, u.MadeAt = hex.EncodeToString(random[:]), account, book, s.now().UTC()
	err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.insert(ctx, tx, u) })
	if err != nil {
		return nil, fmt.Errorf("intake: keeping a file: %w", err)
	}
	return u, nil
}

func (s *Uploads) insert(ctx context.Context, tx bun.Tx, u *Upload) error {
	// One at a time of an account, or two at once would each leave room for themselves alone.
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('work_uploads', ?))", u.Account); err != nil {
		return err
	}
	old := tx.NewSelect().Model((*Upload)(nil)).Column("id").Where("account = ?", u.Account).OrderExpr("made_at DESC, id").Offset(uploadsMax - 1)
	if err := drop(ctx, tx, old); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
		return err
	}
	part := int64(0)
	for chunk := range slices.Chunk(u.body, uploadPart) {
		if _, err := tx.NewInsert().Model(&uploadPartRow{Upload: u.ID, Part: part, Bytes: chunk}).Exec(ctx); err != nil {
			return err
		}
		part++
	}
	return nil
}

// drop deletes files with their parts.
func drop(ctx context.Context, db bun.IDB, which *bun.SelectQuery) error {
	_, err := db.NewRaw("WITH gone AS (DELETE FROM work_uploads WHERE id IN (?) RETURNING id) "+
		"DELETE FROM work_upload_parts USING gone WHERE upload = gone.id", which).Exec(ctx)
	return err
}

// mine are the files of an account for the book of a scope that are not too old.
func (s *Uploads) mine(scope ledger.Scope, account int64, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	book, err := scope.BookID()
	return q.Where("account = ?", account).Where("of_book = ?", book).Where("made_at > ?", s.now().UTC().Add(-uploadLife)), err
}

// Find finds a file: not_found upload.unknown, also for another's, one of another book, and one too old.
func (s *Uploads) Find(ctx context.Context, scope ledger.Scope, account int64, id string) (*Upload, error) {
	u := new(Upload)
	q, err := s.mine(scope, account, s.db.NewSelect().Model(u))
	if err != nil {
		return nil, err
	}
	err = q.Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || ledger.Clean(id) != nil {
		return nil, ledger.E(ledger.NotFound, "upload.unknown")
	}
	if err != nil {
		return nil, fmt.Errorf("intake: looking for a file: %w", err)
	}
	return u, nil
}

// Load reads the bytes of a file that was found.
func (s *Uploads) Load(ctx context.Context, u *Upload) error {
	u.body = make([]byte, 0, u.Size)
	for part := int64(0); int64(len(u.body)) < u.Size; part++ {
		row := new(uploadPartRow)
		err := s.db.NewSelect().Model(row).Where("upload = ?", u.ID).Where("part = ?", part).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return ledger.E(ledger.NotFound, "upload.unknown").Because(err)
		}
		if err != nil {
			return fmt.Errorf("intake: reading a file: %w", err)
		}
		u.body = append(u.body, row.Bytes...)
	}
	if sum := sha256.Sum256(u.body); hex.EncodeToString(sum[:]) != u.SHA256 {
		return fmt.Errorf("intake: file %s is not the one that was sent", u.ID)
	}
	return nil
}

// Mine lists the files that an account sent for a book, the newest first.
func (s *Uploads) Mine(ctx context.Context, scope ledger.Scope, account int64) ([]*Upload, error) {
	var list []*Upload
	q, err := s.mine(scope, account, s.db.NewSelect().Model(&list))
	if err != nil {
		return nil, err
	}
	if err := q.OrderExpr("made_at DESC, id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("intake: listing files: %w", err)
	}
	return list, nil
}

// Drop forgets a file: it was recorded, or is not wanted any more.
func (s *Uploads) Drop(ctx context.Context, scope ledger.Scope, account int64, id string) error {
	q, err := s.mine(scope, account, s.db.NewSelect().Model((*Upload)(nil)).Column("id"))
	if err != nil {
		return err
	}
	if err := drop(ctx, s.db, q.Where("id = ?", id)); err != nil {
		return fmt.Errorf("intake: forgetting a file: %w", err)
	}
	return nil
}

// Sweep forgets what is older than a day.
func (s *Uploads) Sweep(ctx context.Context) error {
	old := s.db.NewSelect().Model((*Upload)(nil)).Column("id").Where("made_at <= ?", s.now().UTC().Add(-uploadLife))
	if err := drop(ctx, s.db, old); err != nil {
		return fmt.Errorf("intake: forgetting old files: %w", err)
	}
	return nil
}

// Forget deletes all files that wait for an import into a book: they may hold what was erased from it.
func (s *Uploads) Forget(ctx context.Context, scope ledger.Scope) error {
	book, err := scope.BookID()
	if err != nil {
		return err
	}
	if err := drop(ctx, s.db, s.db.NewSelect().TableExpr("work_uploads").Column("id").Where("of_book = ?", book)); err != nil {
		return fmt.Errorf("intake: deleting the files that wait: %w", err)
	}
	return nil
}
