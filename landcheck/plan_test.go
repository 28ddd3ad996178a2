package landcheck_test

import (
	"fmt"
	"strings"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// A look-up of a command steps into its own index, also before the database has counted anything: else an import
// reads the whole book for each of its rows.
func TestLookups_TheirIndex(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.db.Owner().ExecContext(t.Context(), "ALTER TABLE parcels SET (autovacuum_enabled = off); ALTER TABLE verifications SET (autovacuum_enabled = off)"); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for i := range 2_000 {
		fmt.Fprintf(&rows, "Z-%04d,,地块%d,集体,留用地,示例甲村经济联合社,示例大道%d号,6.52,6.5,,2021-01-04,示例员甲,相符,出租,\n", i, i, i)
	}
	b.load(t, header+rows.String())
	id, err := b.scope().BookID()
	if err != nil {
		t.Fatal(err)
	}
	db := b.store.DB()
	for index, query := range map[string]string{
		"parcels_number":     ledger.Lookup(db.NewSelect().Model((*landcheck.Parcel)(nil)), "parcels", "parcel_no_key", id, []string{"Z-0001", "x"}, "NOT voided").String(),
		"parcels_code":       ledger.Lookup(db.NewSelect().Model((*landcheck.Parcel)(nil)), "parcels", "parcel_code", id, []string{"x"}, "parcel_code <> ''").String(),
		"parcels_content":    ledger.Lookup(db.NewSelect().Model((*landcheck.Parcel)(nil)), "parcels", "content_sha256", id, []string{"x"}, "numbered_by_book").String(),
		"verifications_once": ledger.Lookup(db.NewSelect().Model((*landcheck.Verification)(nil)), "verifications", "parcel", id, []int64{3}, "NOT voided").String(),
	} {
		var plan []string
		if err := db.NewRaw("EXPLAIN "+query).Scan(t.Context(), &plan); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(plan, "\n"), "using "+index+" ") {
			t.Errorf("the look-up does not use %s:\n%s", index, strings.Join(plan, "\n"))
		}
	}
}
