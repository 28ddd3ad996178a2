package landcheck

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"mingzhang/ledger"
)

// officersMax bounds the officers of one verification.
const officersMax = 50

// isVisit tells whether a row has a verification: an area, a date or a conclusion.
func (rec *record) isVisit() bool {
	return !rec.row.Cell("verified_on").Blank() || ledger.Normal(rec.row.Cell("conclusion").Text) != "" || !rec.row.Cell("verified_area").Blank()
}

// visit reads the verification of a row or a form.
func (r *reader) visit(rec *record, bad func(string, error)) {
	date := rec.row.Cell("verified_on")
	conclusion := r.text(rec, "conclusion", bad)
	v := &VerificationState{}
	rec.visit = v
	v.VerifiedArea = r.area(rec, "verified_area", &v.Written, bad)
	bad(v.words(conclusion, r.text(rec, "use_state", bad)))
	r.text(rec, "officers", bad)
	rec.officers = officerNames(rec.row.Cell("officers").Text)
	rec.share = rec.row.Sheet + "!" + placeOf(rec)
	bad("officers", tooMany(rec.officers))
	if date.Blank() {
		bad("verified_on", ledger.E(ledger.Invalid, "parcel.verified_on_missing"))
		return
	}
	day, err := date.Day()
	if err == nil && day.After(r.o.Today) {
		err = ledger.E(ledger.Invalid, "day.future", day.String(), r.o.Today.String())
	}
	bad("verified_on", err)
	v.VerifiedOn = day
	r.visitNotes(rec)
}

// words reads conclusion and use state: the codes stand in the entry, the paper's own words are sealed. An
// error is that of the column.
func (s *VerificationState) words(conclusion, use string) (column string, err error) {
	var said, used string
	s.Conclusions, said = setOf(conclusions(), conclusion)
	s.UseState, used = setOf(useStates(), use)
	s.ConclusionText, s.UseStateText = ledger.Seal(said), ledger.Seal(used)
	for _, own := range []struct{ column, text string }{{"conclusion", said}, {"use_state", used}} {
		if n := utf8.RuneCountInString(own.text); n > ledger.SealedMax {
			return own.column, ledger.E(ledger.Invalid, "text.too_long", n, ledger.SealedMax)
		}
	}
	return "", nil
}

// visitNotes are what a good verification would not lack: said, not refused, because old papers lack it.
func (r *reader) visitNotes(rec *record) {
	v := rec.visit
	if r.has["officers"] && len(rec.officers) < 2 {
		r.note(rec, "officers", "fewer_than_two_officers", "")
	}
	unverifiable := slices.Contains(v.Conclusions, NotVerifiable)
	switch {
	case v.VerifiedArea == nil && !unverifiable:
		r.note(rec, "verified_area", "verified_without_area", strings.Join(v.Conclusions, "、"))
	case v.VerifiedArea != nil && unverifiable:
		r.note(rec, "verified_area", "area_though_not_verifiable", v.VerifiedArea.String())
	}
}

func tooMany(names []string) error {
	for _, name := range names {
		if n := utf8.RuneCountInString(name); n > ledger.PersonNameMax {
			return ledger.E(ledger.Invalid, "text.too_long", n, ledger.PersonNameMax)
		}
	}
	if len(names) > officersMax {
		return ledger.E(ledger.Invalid, "parcel.too_many_words", len(names), officersMax)
	}
	return nil
}

// lengths looks at how long texts are. It is made once: it keeps what it has learned of the types.
var lengths = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return v
})

// tooLong refuses texts that no register has.
func (r *reader) tooLong(rec *record, bad func(string, error)) {
	wrong, ok := errors.AsType[validator.ValidationErrors](r.check.Struct(&rec.parcel))
	if !ok {
		return
	}
	for _, w := range wrong {
		text, _ := w.Value().(string)
		bad(w.Field(), ledger.E(ledger.Invalid, "text.too_long", utf8.RuneCountInString(text), w.Param()))
	}
}
