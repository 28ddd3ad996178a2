package ledger

import (
	"errors"
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

// BookProfile is what entry 0 says of a book. Origin and verifier key never change.
type BookProfile struct {
	Code        string   `json:"code" validate:"required,bookcode"`
	Division    string   `json:"division,omitempty" validate:"omitempty,division"`
	Kind        BookKind `json:"kind"`
	NameEN      string   `json:"name_en,omitempty" validate:"max=200"`
	NameZH      string   `json:"name_zh" validate:"required,max=200"`
	Origin      string   `json:"origin" validate:"omitempty,origin"`
	VerifierKey string   `json:"verifier_key"`
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
	Code     string `bun:"code"`
	Kind     string `bun:"kind"`
	NameZH   string `bun:"name_zh"`
	NameEN   string `bun:"name_en"`
	Division string `bun:"division"`
}

func profileKind() *Kind {
	return &Kind{
		Name: "book", New: func() State { return new(BookProfile) }, Table: NewTable[profileRow]("book_profiles"),
		Project: func(e Entry) Row {
			p := e.State.(*BookProfile)
			return &profileRow{Code: p.Code, Kind: string(p.Kind), NameZH: p.NameZH, NameEN: p.NameEN, Division: p.Division}
		},
	}
}
