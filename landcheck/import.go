package landcheck

import (
	"context"
	"maps"
	"slices"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// Import reads a register of parcels and records parcels and verifications in the book: all of it or nothing,
// unless the good rows are asked for. What the book already has is passed over; what differs from it is a
// conflict, or amended on request. What the file has no column for is left as the book has it. The result
// counts rows of the file, and is complete also when an error is returned.
//
// A scope of some villages takes parcels of these only, and says of others no more than that a number is taken.
//
// Errors: those of the file (sheet.…), *sheet.FaultsError with every bad cell, conflict import.already_recorded.
func Import(ctx context.Context, scope ledger.Scope, actor ledger.Actor, source intake.Source, o intake.Options) (*intake.Result, error) {
	result, err := intake.Begin("parcels", source, o)
	if err != nil {
		return result, err
	}
	book, err := scope.Book()
	if err != nil {
		return result, err
	}
	profile, err := book.Profile(ctx)
	if err != nil {
		return result, err
	}
	var records []*record
	reading, err := intake.Read(source, Schema(), o, func(t *sheet.Table, table *intake.Table) (intake.Reader, error) {
		return newReader(t, table, o, profile.Division, &records)
	})
	if err != nil {
		return result, err
	}
	plan, faulty, faults := assemble(records)
	reading.Reject("parcel_no", faulty, faults...)
	for _, p := range plan {
		for _, rec := range p.rows {
			result.Notes = append(result.Notes, rec.notes...)
		}
	}
	result.Notes = append(result.Notes, sharedCodes(plan)...)
	work := intake.Import{
		Book: book, Actor: actor, Source: source, Options: o, Result: result, Reading: reading, Key: "parcel_no", Reads: reads(plan),
		Decide: func(d *intake.Decision) {
			one := &decision{Decision: d, o: o, scope: scope, used: map[int64]bool{}, own: map[*planned]*Parcel{}}
			one.alike(plan)
			for _, p := range plan {
				one.parcel(p)
			}
		},
	}
	return work.Commit(ctx)
}

// reads are the parcels, their verifications and the persons that the plan may meet in the book.
func reads(plan []*planned) []ledger.Read {
	keys := map[string][]string{}
	names := map[string]bool{}
	var codes []string // for parcels that have a number too: another may have their code
	for _, p := range plan {
		index, key := p.lookUp()
		keys[index] = append(keys[index], key)
		if p.state.ParcelCode != "" && index != "parcel_code" {
			codes = append(codes, p.state.ParcelCode)
		}
		for _, rec := range p.rows {
			for _, name := range rec.officers {
				names[name] = true
			}
			if rec.holder != "" {
				names[rec.holder] = true
			}
		}
	}
	list := []ledger.Read{intake.ReadPeople(slices.Sorted(maps.Keys(names))), {Table: parcels, Index: "parcel_code", Keys: codes}}
	for _, index := range []string{"parcel_no_key", "parcel_code", "content_sha256"} {
		list = append(list, ledger.Read{Table: parcels, Index: index, Keys: keys[index]}, ledger.Read{Table: verifications, Index: index, Keys: keys[index]})
	}
	return list
}

// lookUp is how a parcel of the file is found in the book: by its number, else by its code, else by all that
// is said of it.
func (p *planned) lookUp() (index, key string) {
	switch {
	case p.state.ParcelNo != "":
		return "parcel_no_key", intake.NumberKey(p.state.ParcelNo)
	case p.state.ParcelCode != "":
		return "parcel_code", p.state.ParcelCode
	}
	return "content_sha256", p.state.content()
}
