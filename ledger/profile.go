package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/go-playground/validator/v10"
	"github.com/uptrace/bun"
)

// BookKind says what a book is for.
type BookKind string

// The kinds of book. Demo and practice books are marked on every page and print, and are the only
// ones that can be dropped. The installation's own log is a book too, never public.
const (
	OfficeBook       BookKind = "office"
	DemoBook         BookKind = "demo"
	PracticeBook     BookKind = "practice"
	installationBook BookKind = "installation"
)

// Real tells whether the book's figures are an office's own.
func (k BookKind) Real() bool { return k == OfficeBook }

// BookProfile is what a book says of itself: first in entry 0, then in each entry that changes it. Origin and
// verifier key are those under which its checkpoints are signed; only book.reopened begins others.
type BookProfile struct {
	Code         string    `json:"code" validate:"required,bookcode"`
	Division     string    `json:"division,omitempty" validate:"omitempty,division"`
	Kind         BookKind  `json:"kind"`
	NameEN       string    `json:"name_en,omitempty" validate:"max=200"`
	NameZH       string    `json:"name_zh" validate:"required,max=200"`
	Origin       string    `json:"origin" validate:"omitempty,origin"`
	Public       bool      `json:"public,omitempty"`   // disclosure is switched on
	Reopened     *Reopened `json:"reopened,omitempty"` // of which checkpoint of which origin this one goes on
	VerifierKey  string    `json:"verifier_key"`
	VerifierKeys []string  `json:"verifier_keys,omitempty"` // that sign now, sorted; none: verifier_key alone
}

// Reopened names the last checkpoint that is known of the origin before: what was published under it may go further
// than what the book still holds.
type Reopened struct {
	Origin string `json:"origin"`
	Root   string `json:"root"` // base64, as a checkpoint has it
	Size   int64  `json:"size"`
}

// Sealed is nothing: a book's name is public.
func (*BookProfile) Sealed() []SealedField { return nil }

// Name is the book's name in both languages; without an English one the Chinese stands for it.
func (p BookProfile) Name() Text {
	if p.NameEN == "" {
		return Text{ZH: p.NameZH, EN: p.NameZH}
	}
	return Text{ZH: p.NameZH, EN: p.NameEN}
}

var (
	bookCode = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	division = regexp.MustCompile(`^[1-9][0-9]{5}([0-9]{3}([0-9]{3})?)?$`)
	origin   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{2,99}$`) // a signed note allows no blank and no +
)

// check refuses a profile that cannot be a book's; every wrong field is told by its own reason.
func (p BookProfile) check() error {
	v := validator.New(validator.WithRequiredStructEnabled())
	for tag, form := range map[string]*regexp.Regexp{"bookcode": bookCode, "division": division, "origin": origin} {
		err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return form.MatchString(fl.Field().String()) })
		if err != nil {
			return err
		}
	}
	err := v.Struct(p)
	faults, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return err
	}
	switch faults[0].Field() {
	case "Code":
		return E(Invalid, "book.code_form", p.Code).On("code")
	case "Division":
		return E(Invalid, "book.division_form", p.Division).On("division")
	case "Origin":
		return E(Invalid, "book.origin_form", p.Origin).On("origin")
	case "NameEN":
		return E(Invalid, "book.name_too_long").On("name_en")
	}
	if p.NameZH == "" {
		return E(Invalid, "book.name_missing").On("name_zh")
	}
	return E(Invalid, "book.name_too_long").On("name_zh")
}

type profileRow struct {
	bun.BaseModel `bun:"table:book_profiles"`
	Version
	Code         string   `bun:"code"`
	Kind         string   `bun:"kind"`
	NameZH       string   `bun:"name_zh"`
	NameEN       string   `bun:"name_en"`
	Division     string   `bun:"division"`
	Origin       string   `bun:"origin"`
	VerifierKey  string   `bun:"verifier_key"`
	VerifierKeys []string `bun:"verifier_keys,array"`
	Public       bool     `bun:"public"`
	Reopened     string   `bun:"reopened"` // JSON; "" for none
}

// profile is the whole state again, for the entry that changes a part of it.
func (r *profileRow) profile() (BookProfile, error) {
	p := BookProfile{
		Code: r.Code, Division: r.Division, Kind: BookKind(r.Kind), NameEN: r.NameEN, NameZH: r.NameZH, Origin: r.Origin,
		Public: r.Public, VerifierKey: r.VerifierKey, VerifierKeys: r.VerifierKeys,
	}
	if r.Reopened != "" {
		p.Reopened = new(Reopened)
		if err := json.Unmarshal([]byte(r.Reopened), p.Reopened); err != nil {
			return p, fmt.Errorf("ledger: reading the profile of %s: %w", r.Code, err)
		}
	}
	return p, nil
}

// profiles is the table of profiles: one current row a book, found by profileKey.
var profiles = NewTable[profileRow]("book_profiles", Index{
	Name: profileIndex,
	Key:  func(Row) string { return profileKey },
	Load: func(ctx context.Context, db bun.IDB, book int64, _ []string) ([]Row, error) {
		var found []*profileRow
		if err := db.NewSelect().Model(&found).Where("book_id = ?", book).Where("seq_to IS NULL").Scan(ctx); err != nil {
			return nil, fmt.Errorf("ledger: reading the profile of a book: %w", err)
		}
		return RowsOf(found), nil
	},
})

const (
	profileIndex = "book"
	profileKey   = "current"
)

func profileKind() *Kind {
	return &Kind{
		Name: "book", New: func() State { return new(BookProfile) }, Table: profiles,
		Project: func(e Entry) Row {
			p := e.State.(*BookProfile)
			row := &profileRow{
				Code: p.Code, Kind: string(p.Kind), NameZH: p.NameZH, NameEN: p.NameEN, Division: p.Division, Origin: p.Origin,
				VerifierKey: p.VerifierKey, VerifierKeys: append([]string{}, p.VerifierKeys...), Public: p.Public,
			}
			if p.Reopened != nil {
				row.Reopened = CanonicalJSON(p.Reopened)
			}
			return row
		},
	}
}

// Profile is what the book says of itself now.
func (b *Book) Profile(ctx context.Context) (BookProfile, error) {
	return b.ProfileAt(ctx, b.store.db, 0)
}

// ProfileAt is what the book said of itself at a checkpoint's size; 0: now. A report prints the name of its time.
func (b *Book) ProfileAt(ctx context.Context, db bun.IDB, size int64) (BookProfile, error) {
	var r profileRow
	err := db.NewSelect().Model(&r).ModelTableExpr("book_profiles AS p").ColumnExpr("p.*").
		Where("p.book_id = ?", b.id).Where(VersionAt("p", size)).Scan(ctx)
	if err != nil {
		return BookProfile{}, fmt.Errorf("ledger: reading the profile of %s: %w", b.Code, err)
	}
	return r.profile()
}

// Disclosed are the profiles of the books whose disclosure is on, in the order of their codes; the code is the one that
// the book has here.
func (s *Store) Disclosed(ctx context.Context) ([]BookProfile, error) {
	books, err := s.Books(ctx)
	if err != nil {
		return nil, err
	}
	var rows []*profileRow
	if err := s.db.NewSelect().Model(&rows).Where("public").Where("seq_to IS NULL").Scan(ctx); err != nil {
		return nil, fmt.Errorf("ledger: listing the disclosed books: %w", err)
	}
	var list []BookProfile
	for _, b := range books {
		for _, r := range rows {
			if r.BookID != b.id {
				continue
			}
			p, err := r.profile()
			if err != nil {
				return nil, err
			}
			p.Code = b.Code
			list = append(list, p)
		}
	}
	return list, nil
}

// changeProfile is the command that writes the book's profile anew. change says of which kind the entry is.
func (b *Book) changeProfile(ctx context.Context, actor Actor, reason string, change func(*BookProfile) (kind string, err error)) (Receipt, error) {
	return b.Do(ctx, Command{
		Actor: actor, Reads: []Read{{Table: profiles, Index: profileIndex, Keys: []string{profileKey}}},
		Decide: func(p *Present) ([]Draft, error) {
			rows := p.Find(profiles, profileIndex, profileKey)
			if len(rows) != 1 {
				return nil, E(Tampered, "book.tree_broken", b.Code)
			}
			profile, err := rows[0].(*profileRow).profile()
			if err != nil {
				return nil, err
			}
			kind, err := change(&profile)
			if err != nil {
				return nil, err
			}
			return []Draft{{Kind: kind, Amends: rows[0], Reason: reason, State: &profile}}, nil
		},
	})
}

// Disclose switches the book's disclosure on or off: whether strangers may read its checkpoints and tiles, and the
// results that are published. denied book.not_disclosable for a demo or practice book; invalid reason.missing; conflict
// book.public_already, book.closed_already.
func (b *Book) Disclose(ctx context.Context, actor Actor, on bool, reason string) (Receipt, error) {
	if !b.Kind.Real() {
		return Receipt{}, E(Denied, "book.not_disclosable", b.Code).On("book")
	}
	reason = Normal(reason)
	return b.changeProfile(ctx, actor, reason, func(p *BookProfile) (string, error) {
		if p.Public == on {
			if on {
				return "", E(Conflict, "book.public_already", b.Code).On("book")
			}
			return "", E(Conflict, "book.closed_already", b.Code).On("book")
		}
		if reason == "" {
			return "", E(Invalid, "reason.missing").On("reason")
		}
		if p.Public = on; on {
			return "book.disclosed", nil
		}
		return "book.closed", nil
	})
}
