package report_test

import (
	"fmt"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// derived are all derived rows, as bytes.
func (b *bundle) derived(t *testing.T) string {
	t.Helper()
	var all []string
	for _, table := range []string{"lots", "lot_months", "parcels", "verifications", "persons", "imports", "book_profiles", "reviews", "issued_reports"} {
		var rows []string
		if err := b.db.Owner().NewRaw("SELECT t::text FROM "+table+" AS t ORDER BY t::text").Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %d: %s", table, len(rows), strings.Join(rows, "\n")))
	}
	return strings.Join(all, "\n")
}

// A book with imports, amendments, voided records and reviews is made anew as it was, byte for byte.
func TestRebuild_WholeBook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := b.village(t, ledger.OfficeBook)
	scope, reviewer := ledger.WholeBook(book), ledger.AccountActor(7)
	day1 := day(t, "2021-01-01")
	b.change(t, book, "lot.amended", "村-01", &auction.LotState{
		LotNo: "村-01", Listing: 1, Direction: auction.Sale, Outcome: auction.Hammered,
		BaseTotal: money(t, "1000"), HammerTotal: money(t, "9999"), HammeredOn: &day1,
	})
	made := []review.Subjects{{Kind: "lot", Table: auction.Lots()}, {Kind: "parcel", Table: landcheck.Parcels()}, {Kind: "verification", Table: landcheck.Verifications()}}
	imports, err := review.Imports(t.Context(), b.store.DB(), scope, made, 0, 10)
	if err != nil || len(imports) != 3 {
		t.Fatalf("%d imports, %v; want 3", len(imports), err)
	}
	for _, im := range imports {
		if _, err := review.Import(t.Context(), scope, reviewer, ledger.Key{}, made, im.Entry, true, nil, ""); err != nil {
			t.Fatal(err)
		}
	}
	b.change(t, book, "lot.voided", "村-02", &auction.LotState{
		LotNo: "村-02", Listing: 1, Direction: auction.Sale, Outcome: auction.Confirmed,
		BaseTotal: money(t, "2000"), HammerTotal: money(t, "2000.50"),
	})
	id, err := landcheck.ParcelID(t.Context(), b.store.DB(), scope, "地-1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := landcheck.FindParcel(t.Context(), b.store.DB(), scope, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := review.Return(t.Context(), scope, reviewer, ledger.Key{}, p.Target(), "请核对（虚构）"); err != nil {
		t.Fatal(err)
	}
	if _, err := landcheck.VoidParcel(t.Context(), scope, b.actor, ledger.Key{}, id, 0, "重复（虚构）"); err != nil {
		t.Fatal(err)
	}
	before := b.derived(t)
	for _, query := range []string{
		"INSERT INTO work_rebuilds SELECT id FROM books", "ALTER TABLE lots DISABLE TRIGGER USER; ALTER TABLE lot_months DISABLE TRIGGER USER; ALTER TABLE reviews DISABLE TRIGGER USER",
		"UPDATE lots SET grams = '{}', village_key = '', hammer_total = 1; DELETE FROM lot_months WHERE reviewed; DELETE FROM reviews",
		"ALTER TABLE lots ENABLE TRIGGER USER; ALTER TABLE lot_months ENABLE TRIGGER USER; ALTER TABLE reviews ENABLE TRIGGER USER",
	} {
		if _, err := b.db.Owner().ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.store.RebuildPending(t.Context(), b.db.Owner(), nil); err != nil {
		t.Fatal(err)
	}
	if got := b.derived(t); got != before {
		t.Errorf("after the rebuild\n%.4000s\nwant\n%.4000s", got, before)
	}
	result, err := book.Check(t.Context(), nil)
	if err != nil || len(result.Faults) > 0 {
		t.Errorf("check: %v, %+v", err, result.Faults)
	}
	if !strings.Contains(before, ",t,") {
		t.Error("no reviewed sum was there to be made anew")
	}
}
