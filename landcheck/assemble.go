package landcheck

import (
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// planned is a parcel as the file has it, with its verifications, ready to be held against the book.
type planned struct {
	state ParcelState
	rows  []*record
}

func placeOf(rec *record) string { return intake.Place(rec.row.Cell("verified_area")) }

// sheetRows are the rows of the file that a parcel stands in.
func (p *planned) sheetRows() []sheet.Row {
	rows := make([]sheet.Row, len(p.rows))
	for i, r := range p.rows {
		rows[i] = r.row
	}
	return rows
}

// identity is what a row's parcel is known by within the file: its number, else its code; a row with neither
// is a parcel of its own.
func (rec *record) identity() string {
	if key := intake.NumberKey(rec.parcel.ParcelNo); key != "" {
		return "no " + key
	}
	if rec.parcel.ParcelCode != "" {
		return "code " + rec.parcel.ParcelCode
	}
	return ""
}

// assemble joins the rows of the file to parcels: a number that comes again with another date is a further
// verification of the same parcel. faulty are the rows of parcels that fall out, each with all its rows.
func assemble(records []*record) (plan []*planned, faulty []sheet.Row, faults []sheet.CellError) {
	known := map[string]*planned{}
	for _, rec := range records {
		id := rec.identity()
		if p := known[id]; p != nil && id != "" {
			p.rows = append(p.rows, rec)
			continue
		}
		p := &planned{state: rec.parcel, rows: []*record{rec}}
		plan = append(plan, p)
		known[id] = p
	}
	spoilt := map[*planned]bool{}
	for _, p := range plan {
		more := p.agree()
		faults = append(faults, more...)
		spoilt[p] = len(more) > 0
		for _, rec := range p.rows {
			spoilt[p] = spoilt[p] || rec.bad
		}
	}
	faults = append(faults, shared(plan, spoilt)...)
	kept := plan[:0:0]
	for _, p := range plan {
		if spoilt[p] {
			faulty = append(faulty, p.sheetRows()...)
			continue
		}
		kept = append(kept, p)
	}
	return kept, faulty, faults
}

// agree refuses rows of one parcel that say different things of it, or have the same date. A blank cell in a
// later row says nothing new.
func (p *planned) agree() []sheet.CellError {
	var faults []sheet.CellError
	days := map[ledger.Day]int{}
	for i, rec := range p.rows {
		first := p.rows[0]
		if i > 0 && (rec.visit == nil || first.visit == nil) {
			faults = append(faults, rec.row.Fault("parcel_no", ledger.E(ledger.Conflict, "parcel.twice_in_file", p.shown(), first.row.Number)))
			continue
		}
		if rec.visit == nil {
			continue
		}
		if i > 0 {
			for _, field := range differing(first, rec) {
				faults = append(faults, rec.row.Fault(field, ledger.E(ledger.Invalid, "parcel.rows_differ", p.shown(), first.row.Number)))
			}
		}
		if row, twice := days[rec.visit.VerifiedOn]; twice && !rec.visit.VerifiedOn.IsZero() {
			faults = append(faults, rec.row.Fault("parcel_no", ledger.E(ledger.Conflict, "parcel.twice_in_file", p.shown(), row)))
		}
		days[rec.visit.VerifiedOn] = rec.row.Number
	}
	return faults
}

func (p *planned) shown() string {
	if p.state.ParcelNo != "" {
		return p.state.ParcelNo
	}
	return p.state.ParcelCode
}

// differing names the columns of a parcel in which a later row says something else.
func differing(firstRow, nextRow *record) []string {
	first, next := &firstRow.parcel, &nextRow.parcel
	var fields []string
	text := func(key, a, b string) {
		if b != "" && a != b {
			fields = append(fields, key)
		}
	}
	text("parcel_code", first.ParcelCode, next.ParcelCode)
	text("name", first.Name, next.Name)
	text("owner", string(first.Owner), string(next.Owner))
	text("category", first.Category, next.Category)
	text("holder", first.Holder+firstRow.holder, next.Holder+nextRow.holder) // one of the two is blank
	text("village", first.Village, next.Village)
	text("location", first.Location, next.Location)
	if next.RegisteredArea != nil && (first.RegisteredArea == nil || !first.RegisteredArea.Equal(*next.RegisteredArea)) {
		fields = append(fields, "registered_area")
	}
	if next.FloorArea != nil && (first.FloorArea == nil || !first.FloorArea.d.Equal(next.FloorArea.d)) {
		fields = append(fields, "floor_area")
	}
	return fields
}

// shared refuses a verified area that stands in one merged cell over several parcels: counted for each, it
// would count several times. All parcels concerned are spoilt.
func shared(plan []*planned, spoilt map[*planned]bool) []sheet.CellError {
	type holder struct {
		parcel *planned
		row    int
	}
	var faults []sheet.CellError
	at := map[string]holder{}
	for _, p := range plan {
		for _, rec := range p.rows {
			if rec.visit == nil || rec.visit.VerifiedArea == nil {
				continue
			}
			first, taken := at[rec.share]
			if !taken {
				at[rec.share] = holder{p, rec.row.Number}
				continue
			}
			if first.parcel != p {
				faults = append(faults, rec.row.Fault("verified_area", ledger.E(ledger.Invalid, "parcel.area_shared", first.row)))
				spoilt[p], spoilt[first.parcel] = true, true
			}
		}
	}
	return faults
}

// sharedCodes notes parcels of the file that have one code: the same land twice, perhaps.
func sharedCodes(plan []*planned) []intake.Note {
	var notes []intake.Note
	first := map[string]string{}
	for _, p := range plan {
		code := p.state.ParcelCode
		if code == "" {
			continue
		}
		if other, twice := first[code]; twice {
			row := p.rows[0].row
			notes = append(notes, intake.Note{
				Sheet: row.Sheet, Row: row.Number, No: p.state.ParcelNo, Field: "parcel_code", Code: "parcel_code_shared", Stated: code, Reckons: other,
			})
			continue
		}
		first[code] = p.state.ParcelNo
	}
	return notes
}
