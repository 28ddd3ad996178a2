package landcheck

import (
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/review"
)

// VerificationState is the whole state of a verification: what was found at a parcel on a day. The shape is
// frozen and only added to (state_test.go holds golden vectors).
type VerificationState struct {
	Conclusions    []string       `json:"conclusions,omitempty"`     // codes
	ConclusionText *ledger.Sealed `json:"conclusion_text,omitempty"` // the paper's own words beside them
	Officers       []string       `json:"officers,omitempty"`        // persons of the book: p17
	OtherColumns   *ledger.Sealed `json:"other_columns,omitempty"`
	Parcel         int64          `json:"parcel"` // the parcel's record
	Remark         *ledger.Sealed `json:"remark,omitempty"`
	UseState       []string       `json:"use_state,omitempty"`      // codes
	UseStateText   *ledger.Sealed `json:"use_state_text,omitempty"` // the paper's own words beside them
	VerifiedArea   *ledger.Area   `json:"verified_area_mu,omitempty"`
	VerifiedOn     ledger.Day     `json:"verified_on"`
	Written        []Written      `json:"written,omitempty"`
}

// Sealed are the free texts.
func (s *VerificationState) Sealed() []ledger.SealedField {
	return []ledger.SealedField{
		{Name: "remark", Value: s.Remark}, {Name: "other_columns", Value: s.OtherColumns},
		{Name: "conclusion_text", Value: s.ConclusionText}, {Name: "use_state_text", Value: s.UseStateText},
	}
}

// Verification is the row of a verification. The three keys of its parcel are how commands find it.
type Verification struct {
	bun.BaseModel `bun:"table:verifications,alias:verification"`
	ledger.Version
	ledger.Standing
	issue.Lateness
	Voided       bool         `bun:"voided"`
	Parcel       int64        `bun:"parcel"`
	VerifiedOn   ledger.Day   `bun:"verified_on"`
	VerifiedArea *ledger.Area `bun:"verified_area_mu"`
	Officers     string       `bun:"officers"`
	Conclusions  string       `bun:"conclusions"`
	UseState     string       `bun:"use_state"`
	Written      string       `bun:"written"`
	Import       *int64       `bun:"import"`

	Remark         string `bun:"remark,scanonly"`
	OtherColumns   string `bun:"other_columns,scanonly"`
	ConclusionText string `bun:"conclusion_text,scanonly"`
	UseStateText   string `bun:"use_state_text,scanonly"`
	Body           []byte `bun:"body,scanonly"` // the entry: a command that writes the record again needs its whole state
	ParcelNoKey    string `bun:"parcel_no_key,scanonly"`
	ParcelCode     string `bun:"parcel_code,scanonly"`
	Content        string `bun:"content_sha256,scanonly"`

	// Filled in by the reads of people, not by those of commands.
	ParcelNo     string   `bun:"parcel_no,scanonly"`
	ParcelName   string   `bun:"parcel_name,scanonly"`
	OfficerNames []string `bun:"officer_names,scanonly"`
}

// row makes the row of a state. It is all that makes one.
func (s *VerificationState) row() *Verification {
	return &Verification{
		Parcel: s.Parcel, VerifiedOn: s.VerifiedOn, VerifiedArea: s.VerifiedArea, Officers: ledger.CanonicalJSON(s.Officers),
		Conclusions: ledger.CanonicalJSON(s.Conclusions), UseState: ledger.CanonicalJSON(s.UseState),
		Written: ledger.CanonicalJSON(s.Written), Remark: s.Remark.Text(), OtherColumns: s.OtherColumns.Text(),
		ConclusionText: s.ConclusionText.Text(), UseStateText: s.UseStateText.Text(),
	}
}

// state is the state that the row's entry holds: an entry that amends or voids carries all of it, and seals
// its texts anew.
func (v *Verification) state() (*VerificationState, error) {
	s := new(VerificationState)
	if err := ledger.StateOf(v.Body, s); err != nil {
		return nil, err
	}
	s.Remark, s.OtherColumns = ledger.Seal(v.Remark), ledger.Seal(v.OtherColumns)
	s.ConclusionText, s.UseStateText = ledger.Seal(v.ConclusionText), ledger.Seal(v.UseStateText)
	return s, nil
}

// listOf reads a column that holds a list of texts.
func listOf(column string) []string {
	var list []string
	if err := json.Unmarshal([]byte(column), &list); err != nil || len(list) == 0 {
		return nil // a column that somebody changed: check finds it
	}
	return list
}

// verifies tells whether the area counts: 无法核实 is a visit, whatever figure stands beside it.
func (v *Verification) verifies() bool {
	return v.VerifiedArea != nil && !slices.Contains(listOf(v.Conclusions), NotVerifiable)
}

// Verifications is the table of verifications.
func Verifications() *ledger.Table { return verifications }

var verifications = ledger.NewTable[Verification]("verifications",
	verificationsBy("parcel_no_key", func(v *Verification) string { return v.ParcelNoKey }),
	verificationsBy("parcel_code", func(v *Verification) string { return v.ParcelCode }),
	verificationsBy("content_sha256", func(v *Verification) string { return v.Content }),
	review.ImportIndex("verifications", func(v *Verification) *int64 { return v.Import }))

func verificationKind() *ledger.Kind {
	return &ledger.Kind{
		Name: "verification", New: func() ledger.State { return new(VerificationState) }, Table: verifications,
		Project: func(e ledger.Entry) ledger.Row {
			row := e.State.(*VerificationState).row()
			row.Voided = e.Voids()
			if e.Source != nil {
				row.Import = &e.Source.Import
			}
			return row
		},
	}
}
