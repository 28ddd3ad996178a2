package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/migrations/dbtest"
)

// shelf is a store with two books and the files that wait in it.
type shelf struct {
	db           *dbtest.DB
	files        *intake.Uploads
	here, beside ledger.Scope
	mu           sync.Mutex
	at           time.Time
}

func (s *shelf) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *shelf) forward(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{db: dbtest.New(t), at: time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC)}
	var keys sync.Map
	store := ledger.Open(s.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, s.now)
	actor, err := ledger.LocalActor("clerk")
	if err != nil {
		t.Fatal(err)
	}
	for code, scope := range map[string]*ledger.Scope{"here": &s.here, "beside": &s.beside} {
		book, err := store.AddBook(t.Context(), actor, ledger.BookProfile{Code: code, Kind: ledger.OfficeBook, NameZH: "示例（虚构）"})
		if err != nil {
			t.Fatal(err)
		}
		*scope = ledger.WholeBook(book)
	}
	s.files = intake.NewUploads(store, s.now)
	return s
}

func (s *shelf) keep(t *testing.T, account int64, name, body string) *intake.Upload {
	t.Helper()
	u, err := s.files.Keep(t.Context(), s.here, account, name, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (s *shelf) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := s.db.Writer().NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A file comes back byte for byte, also one of several parts.
func TestUploads_KeepAndLoad(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	long := "编号,金额,人数\n" + strings.Repeat("甲-1,1,2\n", 300_000) // more than three parts of 1 MB
	for _, body := range []string{"编号,金额,人数\n甲-1,1,2\n", long} {
		kept := s.keep(t, 7, "台账.csv", body)
		u, err := s.files.Find(t.Context(), s.here, 7, kept.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.files.Load(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		source, err := u.Source()
		if err != nil || source.Name != "台账.csv" || source.SHA256 != kept.SHA256 || u.Size != int64(len(body)) {
			t.Errorf("%d bytes come back as %+v: %v", len(body), u, err)
		}
	}
	if _, err := s.db.Writer().ExecContext(t.Context(), "DELETE FROM work_upload_parts WHERE part = 1"); err != nil {
		t.Fatal(err)
	}
	list, err := s.files.Mine(t.Context(), s.here, 7)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d files: %v", len(list), err)
	}
	for _, u := range list {
		if err := s.files.Load(t.Context(), u); (err != nil) != (u.Size > 1<<20) {
			t.Errorf("a file of %d bytes without its second part: %v", u.Size, err)
		}
	}
}

// Nobody finds another's file, nor one for another book, nor one too old.
func TestUploads_Mine(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.keep(t, 7, "台账.csv", "编号\n1\n")
	unknown := ledger.E(ledger.NotFound, "upload.unknown")
	find := func(scope ledger.Scope, account int64, id string) error {
		_, err := s.files.Find(t.Context(), scope, account, id)
		return err
	}
	for what, err := range map[string]error{
		"another's": find(s.here, 8, u.ID), "another book's": find(s.beside, 7, u.ID), "none": find(s.here, 7, "x"), "no text": find(s.here, 7, "a\x00b"),
	} {
		if !errors.Is(err, unknown) {
			t.Errorf("%s: %v, want upload.unknown", what, err)
		}
	}
	if err := s.files.Drop(t.Context(), s.here, 8, u.ID); err != nil || find(s.here, 7, u.ID) != nil {
		t.Errorf("somebody else dropped it: %v", err)
	}
	s.forward(24 * time.Hour)
	if err := find(s.here, 7, u.ID); !errors.Is(err, unknown) {
		t.Errorf("after a day: %v", err)
	}
	if err := s.files.Sweep(t.Context()); err != nil || s.count(t, "work_uploads")+s.count(t, "work_upload_parts") != 0 {
		t.Errorf("after Sweep something is left: %v", err)
	}
	u = s.keep(t, 7, "台账.csv", "编号\n1\n")
	if err := s.files.Drop(t.Context(), s.here, 7, u.ID); err != nil || s.count(t, "work_upload_parts") != 0 {
		t.Errorf("after Drop something is left: %v", err)
	}
	if err := find(ledger.Scope{}, 7, u.ID); ledger.CodeOf(err) != ledger.Internal {
		t.Errorf("a scope that nobody made: %v", err)
	}
}

// An account has five files at most, also when it sends many at once; the newest stay.
func TestUploads_Five(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.keep(t, 8, "别人.csv", "编号\n1\n")
	for i := range 7 {
		s.keep(t, 7, fmt.Sprintf("%d.csv", i), "编号\n1\n")
		s.forward(time.Second)
	}
	list, err := s.files.Mine(t.Context(), s.here, 7)
	if err != nil || len(list) != 5 || list[0].Name != "6.csv" || list[4].Name != "2.csv" {
		t.Errorf("kept %d, the newest %+v: %v", len(list), list[0], err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := s.files.Keep(t.Context(), s.here, 7, fmt.Sprintf("at-once-%d.csv", i), []byte("编号\n1\n")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if files, parts := s.count(t, "work_uploads"), s.count(t, "work_upload_parts"); files != 6 || parts != 6 {
		t.Errorf("%d files and %d parts after eight at once, want 5 and the other account's", files, parts)
	}
}

func TestUploads_Refused(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, c := range []struct{ name, body, reason string }{
		{"", "x", "upload.name_form"}, {"a\x00.csv", "x", "upload.name_form"}, {strings.Repeat("长", 200) + ".csv", "x", "upload.name_form"},
		{"a.csv", "", "upload.empty"}, {"a.csv", strings.Repeat("x", intake.UploadBytesMax+1), "upload.too_large"},
	} {
		_, err := s.files.Keep(t.Context(), s.here, 7, c.name, []byte(c.body))
		if !errors.Is(err, ledger.E(ledger.Invalid, c.reason)) {
			t.Errorf("%.20q of %d bytes: %v, want %s", c.name, len(c.body), err, c.reason)
		}
	}
	if _, err := s.files.Keep(t.Context(), s.here, 7, "旧.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("an old workbook: %v", err)
	}
	if s.count(t, "work_uploads") != 0 {
		t.Error("something was kept")
	}
}
