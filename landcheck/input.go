package landcheck

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// ParcelInput is what somebody enters of one parcel, in the words that a register has: it is read by the same
// rules as a row of a file. The tags hold the one limit of each text.
type ParcelInput struct {
	ParcelNo       string `json:"parcel_no,omitempty" validate:"max=200"` // blank: the book numbers it, or the number stays
	ParcelCode     string `json:"parcel_code,omitempty" validate:"max=100"`
	Name           string `json:"name,omitempty" validate:"max=500"`
	Owner          string `json:"owner,omitempty" validate:"max=100"` // blank where the category says it
	Category       string `json:"category,omitempty" validate:"max=200"`
	Holder         string `json:"holder,omitempty" validate:"max=500"`
	Village        string `json:"village,omitempty" validate:"max=200"`
	Location       string `json:"location,omitempty" validate:"max=500"`
	TenureRight    string `json:"tenure_right,omitempty" validate:"max=100"`
	TenureNature   string `json:"tenure_nature,omitempty" validate:"max=100"`
	RegisteredArea string `json:"registered_area,omitempty" validate:"max=100"` // a bare number is mu
	FloorArea      string `json:"floor_area,omitempty" validate:"max=100"`      // a bare number is square metres
	Remark         string `json:"remark,omitempty" validate:"max=4000"`
}

// VerificationInput is what somebody enters of one verification, in the words that a register has.
type VerificationInput struct {
	VerifiedOn   string `json:"verified_on,omitempty" validate:"max=50"`
	VerifiedArea string `json:"verified_area,omitempty" validate:"max=100"` // 12.5, 12.5亩, 0.7655公顷; a bare number is mu; blank: visited, no area found
	Officers     string `json:"officers,omitempty" validate:"max=4000"`     // 甲、乙
	Conclusion   string `json:"conclusion,omitempty" validate:"max=4000"`   // 面积不符、使用人不符
	UseState     string `json:"use_state,omitempty" validate:"max=4000"`
	Remark       string `json:"remark,omitempty" validate:"max=4000"`
}

// form gathers what is wrong with an input: one fault a field.
type form struct{ faults []*ledger.Error }

func (f *form) bad(field string, err error) {
	if err == nil || slices.ContainsFunc(f.faults, func(e *ledger.Error) bool { return e.Field == field }) {
		return
	}
	fault, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		fault = ledger.E(ledger.Invalid, "sheet.unreadable").Because(err)
	}
	f.faults = append(f.faults, fault.On(field))
}

// err is nil where nothing is wrong; the faults come in the order of the fields.
func (f *form) err(fields []string) error {
	if len(f.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(f.faults, func(a, b *ledger.Error) int {
		return slices.Index(fields, a.Field) - slices.Index(fields, b.Field)
	})
	return &ledger.InputError{Faults: f.faults}
}

// lengths refuses texts that are longer than their tags say.
func (f *form) lengths(input any) {
	wrong, _ := errors.AsType[validator.ValidationErrors](lengths().Struct(input))
	for _, w := range wrong {
		text, _ := w.Value().(string)
		f.bad(w.Field(), ledger.E(ledger.Invalid, "text.too_long", utf8.RuneCountInString(text), w.Param()))
	}
}

// reader reads what somebody typed by the rules of a file: mu and square metres, every column there.
func (f *form) reader(texts map[string]string, today ledger.Day) (*reader, *record, error) {
	schema := Schema()
	schema.Columns = append(schema.Columns, sheet.Column{Key: "tenure_right"}, sheet.Column{Key: "tenure_nature"})
	t, rows := sheet.Form(schema, []map[string]string{texts})
	r, err := newReader(t, new(intake.Table), intake.Options{Today: today}, "", new([]*record))
	if err != nil {
		return nil, nil, err
	}
	r.tally.Row()
	for _, fault := range rows[0].Faults {
		f.bad(fault.Err.Field, fault.Err)
	}
	return r, &record{row: rows[0], has: r.has}, nil
}

func parcelFields() []string {
	return []string{
		"parcel_no", "parcel_code", "name", "owner", "category", "holder", "village", "location", "tenure_right", "tenure_nature",
		"registered_area", "floor_area", "remark", "reason",
	}
}

// read reads the input as a row of a file is read. f may hold faults already.
func (in ParcelInput) read(f *form) (*record, error) {
	f.lengths(in)
	r, rec, err := f.reader(map[string]string{
		"parcel_no": in.ParcelNo, "parcel_code": in.ParcelCode, "name": in.Name, "owner": in.Owner, "category": in.Category, "holder": in.Holder,
		"village": in.Village, "location": in.Location, "tenure_right": in.TenureRight, "tenure_nature": in.TenureNature,
		"registered_area": in.RegisteredArea, "floor_area": in.FloorArea, "remark": in.Remark,
	}, ledger.Day{})
	if err != nil {
		return nil, err
	}
	r.parcel(rec, f.bad)
	r.leftOver(rec, f.bad)
	r.tooLong(rec, f.bad)
	if rec.parcel.ParcelNo == "" && rec.parcel.ParcelCode == "" && rec.parcel.Name == "" {
		f.bad("parcel_no", ledger.E(ledger.Invalid, "parcel.unnamed"))
	}
	return rec, f.err(parcelFields())
}

func verificationFields() []string {
	return []string{"verified_on", "verified_area", "officers", "conclusion", "use_state", "remark", "reason"}
}

// read reads the input as a row of a file is read. today bounds the date.
func (in VerificationInput) read(f *form, today ledger.Day) (*record, error) {
	f.lengths(in)
	r, rec, err := f.reader(map[string]string{
		"verified_on": in.VerifiedOn, "verified_area": in.VerifiedArea, "officers": in.Officers, "conclusion": in.Conclusion,
		"use_state": in.UseState, "remark": in.Remark,
	}, today)
	if err != nil {
		return nil, err
	}
	r.visit(rec, f.bad)
	r.leftOver(rec, f.bad)
	return rec, f.err(verificationFields())
}

// PreviewParcel is what would be recorded of an input; *ledger.InputError with every fault of it.
func PreviewParcel(in ParcelInput) (*ParcelState, error) {
	rec, err := in.read(new(form))
	if err != nil {
		return nil, err
	}
	return &rec.parcel, nil
}

// PreviewVerification is PreviewParcel's twin.
func PreviewVerification(in VerificationInput, today ledger.Day) (*VerificationState, error) {
	rec, err := in.read(new(form), today)
	if err != nil {
		return nil, err
	}
	return rec.visit, nil
}
