package web

import (
	"strconv"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// fillLand reads a page of the parcels that an import made; the verifications follow the last of them. It gives the
// place of the next page.
func fillLand(r *request, p *importPage, i *review.Imported, page ledger.Page, ticks bool) (next string, err error) {
	db := r.book.DB()
	kind, place := cutPlace(page.After)
	if page.After = place; kind != "v" {
		parcels, after, err := landcheck.ParcelsOfImport(r.Context(), db, r.scope, i.Entry, page)
		p.Table = importedParcels(r, &p.Frame, parcels, ticks)
		if err != nil || after != "" {
			return "p." + after, err
		}
		page.After = ""
	}
	visits, after, err := landcheck.VerificationsOfImport(r.Context(), db, r.scope, i.Entry, page)
	p.Visits = importedVisits(r, &p.Frame, visits)
	if after != "" {
		after = "v." + after
	}
	return after, err
}

// importedParcels are the parcels that an import made, each with a box that leaves it out of the import's review.
func importedParcels(r *request, f *Frame, parcels []*landcheck.Parcel, ticks bool) Table {
	t := parcelTable(r, f, parcels, parcelQuery{})
	plain(&t)
	for n, p := range parcels {
		t.Rows[n].tick(ticks && p.Verdict == "", "number", p.ParcelNo, r.say("例外：", "leave out: ")+p.ParcelNo)
	}
	return t
}

// importedVisits are verifications, each with its parcel.
func importedVisits(r *request, f *Frame, visits []*landcheck.Verification) Table {
	t := Table{ID: "visits", Caption: r.say("核查", "Verifications"), Columns: []Column{
		{Name: r.say("宗地编号", "Parcel number")}, {Name: r.say("宗地", "Parcel"), Lead: true}, {Name: r.say("核查日期", "Verified on")},
		{Name: r.say("核查面积", "Verified area"), Sub: r.say("亩", "mu"), Numeric: true}, {Name: r.say("复核", "Review")},
	}}
	for _, v := range visits {
		chip := ReviewChip(r.lang, v.Verdict)
		t.Rows = append(t.Rows, Row{URL: f.At(r.bookPath("verifications", strconv.FormatInt(v.ID, 10))), Cells: []Cell{
			{Text: v.ParcelNo}, {Text: orNone(v.ParcelName)}, {Text: v.VerifiedOn.String()}, {Text: orNone(textOf(v.VerifiedArea))}, {Chip: &chip},
		}})
	}
	return t
}
