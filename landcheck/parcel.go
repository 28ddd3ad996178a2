package landcheck

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/review"
)

// ParcelState is the whole state of a parcel, as its entries hold it. The shape is frozen and only added to
// (state_test.go holds golden vectors).
type ParcelState struct {
	Category       string         `json:"category,omitempty" validate:"max=200"` // a code, or the paper's own words
	FloorArea      *FloorArea     `json:"floor_area_m2,omitempty"`
	Holder         string         `json:"holder,omitempty" validate:"max=500"` // an organisation's name, or a person of the book: p17
	Location       string         `json:"location,omitempty" validate:"max=500"`
	Name           string         `json:"name,omitempty" validate:"max=500"`
	NumberedByBook bool           `json:"numbered_by_book,omitempty"`
	OtherColumns   *ledger.Sealed `json:"other_columns,omitempty"` // source text of columns nobody knows
	Owner          Owner          `json:"owner"`
	ParcelCode     string         `json:"parcel_code,omitempty"`
	ParcelNo       string         `json:"parcel_no" validate:"max=200"`
	RegisteredArea *ledger.Area   `json:"registered_area_mu,omitempty"`
	Remark         *ledger.Sealed `json:"remark,omitempty"`
	TenureNature   string         `json:"tenure_nature,omitempty"` // QLXZ
	TenureRight    string         `json:"tenure_right,omitempty"`  // QLLX
	Village        string         `json:"village,omitempty" validate:"max=200"`
	Written        []Written      `json:"written,omitempty"`
}

// Written is how a figure stood in the file, where its text says more than its value.
type Written struct {
	Approximate bool   `json:"approximate,omitempty"`
	Field       string `json:"field"`
	Text        string `json:"text"`
	Unit        string `json:"unit,omitempty"`
}

// Sealed are the free texts.
func (s *ParcelState) Sealed() []ledger.SealedField {
	return []ledger.SealedField{{Name: "remark", Value: s.Remark}, {Name: "other_columns", Value: s.OtherColumns}}
}

// Parcel is the row of a parcel.
type Parcel struct {
	bun.BaseModel `bun:"table:parcels,alias:parcel"`
	ledger.Version
	ledger.Standing
	Voided         bool         `bun:"voided"`
	ParcelNo       string       `bun:"parcel_no"`
	ParcelNoKey    string       `bun:"parcel_no_key"`
	NumberedByBook bool         `bun:"numbered_by_book"`
	ParcelCode     string       `bun:"parcel_code"`
	Name           string       `bun:"name"`
	Owner          string       `bun:"owner"`
	TenureRight    string       `bun:"tenure_right"`
	TenureNature   string       `bun:"tenure_nature"`
	Category       string       `bun:"category"`
	Holder         string       `bun:"holder"`
	HolderKey      string       `bun:"holder_key"`
	Location       string       `bun:"location"`
	RegisteredArea *ledger.Area `bun:"registered_area_mu"`
	FloorArea      *FloorArea   `bun:"floor_area_m2"`
	Written        string       `bun:"written"`
	ContentSHA256  string       `bun:"content_sha256"`
	Import         *int64       `bun:"import"`
	Village        string       `bun:"village"`
	VillageKey     string       `bun:"village_key"` // the bound of rights: of the village, else of the organisation that holds it
	Grams          []string     `bun:"grams,array"`

	Remark       string `bun:"remark,scanonly"`
	OtherColumns string `bun:"other_columns,scanonly"`
	Body         []byte `bun:"body,scanonly"` // the entry: a command that writes the record again needs its whole state

	// Filled in by the reads of people, not by those of commands.
	HolderName    string          `bun:"holder_name,scanonly"` // the organisation, or the person's name
	VerifiedOn    *ledger.Day     `bun:"verified_on,scanonly"` // of the latest verification that found an area
	VerifiedArea  *ledger.Area    `bun:"verified_area,scanonly"`
	Verifications []*Verification `bun:"verifications,scanonly"` // of FindParcel, the newest first
}

// row makes the row of a state. It is all that makes one.
func (s *ParcelState) row() *Parcel {
	return &Parcel{
		ParcelNo: s.ParcelNo, ParcelNoKey: intake.NumberKey(s.ParcelNo), NumberedByBook: s.NumberedByBook,
		ParcelCode: s.ParcelCode, Name: s.Name, Owner: string(s.Owner), TenureRight: s.TenureRight, TenureNature: s.TenureNature,
		Category: s.Category, Holder: s.Holder, HolderKey: ledger.Fold(s.Holder), Location: s.Location,
		RegisteredArea: s.RegisteredArea, FloorArea: s.FloorArea, Written: ledger.CanonicalJSON(s.Written),
		ContentSHA256: s.content(), Remark: s.Remark.Text(), OtherColumns: s.OtherColumns.Text(),
		Village: s.Village, VillageKey: s.villageKey(),
		Grams: ledger.Grams(s.ParcelNo, s.ParcelCode, s.Name, s.Location, s.Village, s.organisation()),
	}
}

// organisation is the holder where it is one; persons are never searched or bounded by.
func (s *ParcelState) organisation() string {
	if isOrganisation(s.Holder) {
		return s.Holder
	}
	return ""
}

// villageKey is what rights are bounded by: the village that is said, else the organisation that holds the
// parcel; "" is outside of every village.
func (s *ParcelState) villageKey() string {
	return ledger.VillageKey(cmp.Or(s.Village, s.organisation()))
}

// state is the state that the row's entry holds: an entry that amends or voids carries all of it, and seals
// its texts anew.
func (p *Parcel) state() (*ParcelState, error) {
	s := new(ParcelState)
	if err := ledger.StateOf(p.Body, s); err != nil {
		return nil, err
	}
	s.Remark, s.OtherColumns = ledger.Seal(p.Remark), ledger.Seal(p.OtherColumns)
	return s, nil
}

// content is a hash over what is said of a parcel, without its number, persons and free texts. A parcel
// without a number is known by it when the file is sent again.
func (s *ParcelState) content() string {
	c := *s
	c.Holder = c.organisation()
	c.ParcelNo, c.NumberedByBook, c.Remark, c.OtherColumns, c.Written = "", false, nil, nil, nil
	sum := sha256.Sum256([]byte(ledger.CanonicalJSON(&c)))
	return hex.EncodeToString(sum[:])
}

// Parcels is the table of parcels.
func Parcels() *ledger.Table { return parcels }

var parcels = ledger.NewTable[Parcel]("parcels",
	parcelsBy("parcel_no_key", func(p *Parcel) string { return p.ParcelNoKey }),
	parcelsBy("parcel_code", func(p *Parcel) string { return p.ParcelCode }),
	parcelsBy("content_sha256", func(p *Parcel) string { return p.ContentSHA256 }),
	review.ImportIndex("parcels", func(p *Parcel) *int64 { return p.Import }))

// Kinds are how parcels and verifications are kept in the book.
func Kinds() []*ledger.Kind { return []*ledger.Kind{parcelKind(), verificationKind()} }

func parcelKind() *ledger.Kind {
	return &ledger.Kind{
		Name: "parcel", New: func() ledger.State { return new(ParcelState) }, Table: parcels,
		Project: func(e ledger.Entry) ledger.Row {
			row := e.State.(*ParcelState).row()
			row.Voided = e.Voids()
			if e.Source != nil {
				row.Import = &e.Source.Import
			}
			return row
		},
	}
}
