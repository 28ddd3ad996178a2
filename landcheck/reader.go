package landcheck

import (
	"strings"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
	"github.com/shopspring/decimal"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// record is a row of the file: a parcel, and one verification where the row has one.
type record struct {
	row      sheet.Row
	has      map[string]bool // columns of its table
	parcel   ParcelState
	visit    *VerificationState
	holder   string   // the name of a holder that is not recognisably an organisation
	officers []string // their names
	share    string   // place of its verified area: rows that share a merged cell have the same
	notes    []intake.Note
	bad      bool
}

// reader reads the rows of one table of parcels.
type reader struct {
	t        *sheet.Table
	table    *intake.Table
	o        intake.Options
	division string
	has      map[string]bool
	units    map[string]ledger.AreaUnit
	tally    *intake.Tally
	check    *validator.Validate
	out      *[]*record
}

func newReader(t *sheet.Table, table *intake.Table, o intake.Options, division string, out *[]*record) (*reader, error) {
	r := &reader{
		t: t, table: table, o: o, division: division, out: out, has: map[string]bool{}, units: map[string]ledger.AreaUnit{},
		tally: intake.NewTally(), check: lengths(),
	}
	for _, b := range t.Columns {
		r.has[b.Key] = true
	}
	for _, key := range []string{"registered_area", "verified_area", "floor_area"} {
		if err := r.takeUnit(key); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// takeUnit finds what a bare number of a column is in: the header says, else the caption, else the user, else
// it is mu. Floor area is in square metres whatever the land is in, unless its own header says otherwise.
func (r *reader) takeUnit(key string) error {
	bound, ok := r.t.Column(key)
	if !ok {
		return nil
	}
	unit := ledger.Mu
	if key == "floor_area" {
		unit = ledger.SquareMetre
	} else if said, ok := r.o.AreaUnit(r.t); ok {
		unit = said
	}
	if bound.Unit != "" {
		said, ok := ledger.AreaUnitOf(bound.Unit)
		if !ok || key == "floor_area" && said != ledger.SquareMetre {
			return ledger.E(ledger.Invalid, "import.header_unit", bound.Letter, bound.Header, bound.Unit).On(key)
		}
		unit = said
	}
	r.units[key] = unit
	r.table.Take(key, string(unit), "", ledger.Text{ZH: "", EN: ""})
	return nil
}

// Row reads one row. What rows of one parcel share is joined later, by assemble.
func (r *reader) Row(row sheet.Row) (map[string]decimal.Decimal, bool, []sheet.CellError) {
	rec := &record{row: row, has: r.has}
	var faults []sheet.CellError
	bad := func(key string, err error) {
		if err != nil {
			faults = append(faults, row.Fault(key, err))
		}
	}
	r.tally.Row()
	r.parcel(rec, bad)
	if rec.isVisit() {
		r.visit(rec, bad)
	}
	r.leftOver(rec, bad)
	r.tooLong(rec, bad)
	rec.bad = len(faults) > 0 || len(row.Faults) > 0
	*r.out = append(*r.out, rec)
	return r.tally.Values, true, faults
}

// parcel reads what a row or a form says of the parcel itself.
func (r *reader) parcel(rec *record, bad func(string, error)) {
	r.texts(rec, bad)
	r.code(rec, bad)
	r.tenure(rec, bad)
	r.owner(rec, bad)
	rec.parcel.RegisteredArea = r.area(rec, "registered_area", &rec.parcel.Written, bad)
	r.floor(rec, bad)
}

func (r *reader) text(rec *record, key string, bad func(string, error)) string {
	cell := rec.row.Cell(key)
	if cell.Blank() {
		return ""
	}
	value, err := cell.Key()
	value = ledger.Normal(value)
	if err == nil {
		err = ledger.Clean(value)
	}
	bad(key, err)
	return value
}

func (r *reader) texts(rec *record, bad func(string, error)) {
	s := &rec.parcel
	s.ParcelNo, s.Name = r.text(rec, "parcel_no", bad), r.text(rec, "name", bad)
	s.Location, s.Village = r.text(rec, "location", bad), r.text(rec, "village", bad)
	if holder := r.text(rec, "holder", bad); isOrganisation(holder) {
		s.Holder = holder
	} else if rec.holder = ledger.PersonName(holder); rec.holder != "" {
		bad("holder", tooMany([]string{rec.holder}))
	}
	s.Category = categoryOf(r.text(rec, "category", bad))
}

func (r *reader) note(rec *record, field, code, stated string) {
	rec.notes = append(rec.notes, intake.Note{
		Sheet: rec.row.Sheet, Row: rec.row.Number, No: rec.parcel.ParcelNo, Field: field, Code: code, Stated: stated,
	})
}

// code reads the parcel code, and the tenure where its letters leave no choice.
func (r *reader) code(rec *record, bad func(string, error)) {
	text := r.text(rec, "parcel_code", bad)
	if text == "" {
		return
	}
	code, err := parseCode(text)
	if err != nil {
		bad("parcel_code", err)
		return
	}
	s := &rec.parcel
	s.ParcelCode = code
	s.TenureRight, s.TenureNature = tenureOf(code)
	for _, odd := range codeOddities(code, r.division) {
		r.note(rec, "parcel_code", odd, code)
	}
}

// owner reads who holds the parcel. A category whose name says it (留用地 is a collective's) speaks for a blank
// cell. A table without the column may still be about parcels that the book knows.
func (r *reader) owner(rec *record, bad func(string, error)) {
	s := &rec.parcel
	byCategory := ownerOf(s.Category)
	text := r.text(rec, "owner", bad)
	if text == "" {
		s.Owner = byCategory
		if s.Owner == "" && r.has["owner"] {
			bad("owner", ledger.E(ledger.Invalid, "parcel.owner_missing"))
		}
		return
	}
	code, ok := find(owners(), text)
	if !ok {
		bad("owner", ledger.E(ledger.Invalid, "parcel.owner_unknown", text))
		return
	}
	s.Owner = Owner(code)
	if byCategory != "" && byCategory != s.Owner && s.Owner != Undetermined {
		r.note(rec, "owner", "owner_against_category", text)
	}
}

// area reads an area into mu; a blank cell is no area, and nothing is ever zero.
func (r *reader) area(rec *record, key string, written *[]Written, bad func(string, error)) *ledger.Area {
	cell := rec.row.Cell(key)
	if cell.Blank() {
		return nil
	}
	text, err := intake.FigureText(cell)
	if err != nil {
		bad(key, err)
		return nil
	}
	unit := r.units[key]
	area, w, err := ledger.ParseAreaText(text, unit)
	if err == nil && area.Sign() <= 0 {
		err = ledger.E(ledger.Invalid, "amount.not_positive", text)
	}
	if err != nil {
		bad(key, err)
		return nil
	}
	keep(written, key, w)
	if r.tally.Add(key, cell, area.Decimal().DivRound(unit.Factor(), 16)) {
		r.table.See(key, area.Decimal(), printMu)
	}
	return &area
}

func printMu(d decimal.Decimal) string {
	a, err := ledger.AreaFromDecimal(d)
	if err != nil {
		return d.String()
	}
	return a.String() + "亩"
}

func (r *reader) floor(rec *record, bad func(string, error)) {
	cell := rec.row.Cell("floor_area")
	if cell.Blank() {
		return
	}
	text, err := intake.FigureText(cell)
	if err != nil {
		bad("floor_area", err)
		return
	}
	area, w, err := ParseFloorArea(text, r.units["floor_area"])
	if err != nil {
		bad("floor_area", err)
		return
	}
	rec.parcel.FloorArea = &area
	if w.Approximate || w.Unit != string(ledger.SquareMetre) {
		rec.parcel.Written = append(rec.parcel.Written, written("floor_area", w))
	}
	if r.tally.Add("floor_area", cell, area.Decimal()) {
		r.table.See("floor_area", area.Decimal(), decimal.Decimal.String)
	}
}

// keep keeps how an area was written where its text says more than its value.
func keep(list *[]Written, field string, w ledger.Written) {
	if w.Approximate || w.Unit != string(ledger.Mu) {
		*list = append(*list, written(field, w))
	}
}

func written(field string, w ledger.Written) Written {
	return Written{Approximate: w.Approximate, Field: field, Text: ledger.Normal(w.Text), Unit: w.Unit}
}

// leftOver puts the free texts where they belong: to the verification where the row has one, else to the
// parcel. What unknown columns say is kept as it stands.
func (r *reader) leftOver(rec *record, bad func(string, error)) {
	var other []string
	for _, source := range rec.row.Source {
		if value := ledger.Normal(source.Text); value != "" {
			other = append(other, ledger.Normal(source.Header)+": "+value)
		}
	}
	if rec.visit == nil {
		for _, key := range []string{"officers", "use_state"} {
			if text := r.text(rec, key, bad); text != "" {
				bound, _ := r.t.Column(key)
				other = append(other, ledger.Normal(bound.Header)+": "+text)
			}
		}
	}
	remark, rest := r.text(rec, "remark", bad), strings.Join(other, "; ")
	for key, text := range map[string]string{"remark": remark, "parcel_no": rest} {
		if n := utf8.RuneCountInString(text); n > ledger.SealedMax {
			bad(key, ledger.E(ledger.Invalid, "text.too_long", n, ledger.SealedMax))
		}
	}
	if err := ledger.Clean(rest); err != nil {
		bad("parcel_no", err)
	}
	if rec.visit != nil {
		rec.visit.Remark, rec.visit.OtherColumns = ledger.Seal(remark), ledger.Seal(rest)
		return
	}
	rec.parcel.Remark, rec.parcel.OtherColumns = ledger.Seal(remark), ledger.Seal(rest)
}
