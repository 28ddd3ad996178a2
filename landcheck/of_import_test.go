package landcheck_test

import (
	"errors"
	"slices"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// A parcel takes its verifications of the import along; those that came later stay out.
func TestExceptions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result := b.load(t, "宗地编号,宗地名称,主体,类别,登记面积(亩),核查面积(亩),核查日期,所属村\n"+
		"东-1,一号地,集体,经营性用地,10,9.5,2021-03-04,东升村\n"+
		"东-2,二号地,集体,经营性用地,20,,,东升村\n"+
		"西-1,三号地,集体,经营性用地,30,29,2021-03-05,西岸村\n")
	own := b.id(t, "东-1")
	if _, err := landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, own, landcheck.VerificationInput{VerifiedOn: "2021-05-05", VerifiedArea: "9.6"}, day(t, "2021-07-01")); err != nil {
		t.Fatal(err)
	}
	db := b.book.DB()
	parcels, next, err := landcheck.ParcelsOfImport(t.Context(), db, b.scope(), result.Entry, ledger.Page{Limit: 2})
	if err != nil || len(parcels) != 2 || next == "" || parcels[0].ParcelNo != "东-1" {
		t.Fatalf("the first page: %d, %q, %v", len(parcels), next, err)
	}
	rest, next, err := landcheck.ParcelsOfImport(t.Context(), db, b.scope(), result.Entry, ledger.Page{Limit: 2, After: next})
	if err != nil || len(rest) != 1 || next != "" || rest[0].ParcelNo != "西-1" {
		t.Fatalf("the second page: %d, %q, %v", len(rest), next, err)
	}
	visits, _, err := landcheck.VerificationsOfImport(t.Context(), db, b.scope(), result.Entry, ledger.Page{})
	if err != nil || len(visits) != 2 || visits[0].ParcelNo != "东-1" || visits[1].ParcelNo != "西-1" {
		t.Fatalf("the verifications: %d, %v", len(visits), err)
	}
	got, err := landcheck.Exceptions(t.Context(), db, b.scope(), result.Entry, []string{"东－1", "东-2"})
	slices.Sort(got)
	want := []int64{parcels[0].SeqFrom, parcels[1].SeqFrom, visits[0].SeqFrom}
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("exceptions %v, %v; want %v", got, err, want)
	}
	unknown := ledger.E(ledger.Invalid, "review.number_not_of_import")
	for what, err := range map[string]error{
		"no such number":     second(landcheck.Exceptions(t.Context(), db, b.scope(), result.Entry, []string{"东-1", "没有"})),
		"another import":     second(landcheck.Exceptions(t.Context(), db, b.scope(), result.Entry+100, []string{"东-1"})),
		"of another village": second(landcheck.Exceptions(t.Context(), db, b.villages(t, "东升村"), result.Entry, []string{"西-1"})),
	} {
		if !errors.Is(err, unknown) {
			t.Errorf("%s: %v, want %v", what, err, unknown)
		}
	}
	if none, err := landcheck.Exceptions(t.Context(), db, b.scope(), result.Entry, nil); err != nil || len(none) != 0 {
		t.Errorf("nothing asked: %v, %v", none, err)
	}
	returned, _, err := landcheck.ReturnedVerifications(t.Context(), db, b.scope(), ledger.Page{})
	if err != nil || len(returned) != 0 {
		t.Errorf("returned: %d, %v", len(returned), err)
	}
}
