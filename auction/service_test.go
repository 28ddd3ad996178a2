package auction_test

import (
	"errors"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

func TestVoid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []string{
		totalsHeader + ",备注,电话",
		"1,塘,村,1000,,流拍,2021-03-05,,第一次,invented", "1,塘,村,900,1100,成交,2021-04-05,示例甲,第二次,invented",
	}
	if _, err := b.take(t, intake.Options{}, rows...); err != nil {
		t.Fatal(err)
	}
	void := func(no string, listing int64, reason string) error {
		_, err := auction.Void(t.Context(), ledger.WholeBook(b.book), b.actor, no, listing, reason)
		return err
	}
	for _, tt := range []struct {
		no      string
		listing int64
		reason  string
		want    *ledger.Error
	}{
		{"1", 2, " ", ledger.E(ledger.Invalid, "reason.missing")},
		{"9", 0, "误录", ledger.E(ledger.NotFound, "lot.unknown")},
		{"1", 3, "误录", ledger.E(ledger.NotFound, "lot.unknown")},
		{"1", 0, "误录", ledger.E(ledger.Invalid, "lot.which_listing")},
	} {
		if err := void(tt.no, tt.listing, tt.reason); !errors.Is(err, tt.want) {
			t.Errorf("voiding %s listing %d for %q: %v, want %v", tt.no, tt.listing, tt.reason, err, tt.want)
		}
	}
	b.clean(t, 1+1+1+2)
	if err := void(" 1", 2, "误录"); err != nil {
		t.Fatal(err)
	}
	b.clean(t, 6)
	if err := void("1", 2, "再来"); !errors.Is(err, ledger.E(ledger.NotFound, "lot.unknown")) {
		t.Errorf("voiding twice: %v, want lot.unknown", err)
	}
	var months []auction.LotMonth
	err := b.db.Writer().NewSelect().Model(&months).Where("seq_to IS NULL").Where("outcome = 'hammered'").Scan(t.Context())
	if err != nil || len(months) != 1 || months[0].Lots != 0 || !months[0].HammerTotal.IsZero() {
		t.Errorf("a voided lot is still in the sums: %+v, %v", months, err)
	}
	// The listing can be recorded again; the other one is known.
	result, err := b.take(t, intake.Options{}, rows...)
	if err != nil || result.Recorded != 1 || result.Already != 1 {
		t.Errorf("recording it again: %+v, %v; want 1 recorded, 1 already", result, err)
	}
	b.clean(t, 8)
}
