package landcheck_test

import (
	"errors"
	"sync"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

func (b *bundle) verify(tb testing.TB, no, on, area string) {
	tb.Helper()
	in := landcheck.VerificationInput{VerifiedOn: on, VerifiedArea: area, Officers: "示例员甲、示例员乙", Conclusion: "相符", UseState: "出租"}
	if _, err := landcheck.Verify(tb.Context(), b.scope(), b.actor, ledger.Key{}, b.id(tb, no), in, day(tb, "2021-12-31")); err != nil {
		tb.Fatal(err)
	}
}

func (b *bundle) size(tb testing.TB) int64 {
	tb.Helper()
	head, err := b.book.Head(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return head.Size
}

func TestVerifiedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA+rowB)
	first := b.size(t)
	b.verify(t, "甲-1", "2021-06-30", "7亩")
	second := b.size(t)
	if _, err := landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, b.id(t, "甲-1"), landcheck.VerificationInput{VerifiedOn: "2021-06-30"}, day(t, "2021-12-31")); !errors.Is(err, ledger.E(ledger.Conflict, "verification.exists")) {
		t.Errorf("a second verification of the day: %v, want verification.exists", err)
	}
	in := landcheck.VerificationInput{VerifiedOn: "2021-06-30", VerifiedArea: "0.48公顷", Officers: "示例员丙", Conclusion: "面积不符", Remark: "重测"}
	if _, err := landcheck.AmendVerification(t.Context(), b.scope(), b.actor, ledger.Key{}, b.visit(t, "甲-1", "2021-06-30"), 0, in, "看错", day(t, "2021-12-31")); err != nil {
		t.Fatal(err)
	}
	third := b.size(t)
	if _, err := landcheck.VoidVerification(t.Context(), b.scope(), b.actor, ledger.Key{}, b.visit(t, "甲－１", "2021-06-30"), 0, "重复"); err != nil {
		t.Fatal(err)
	}
	fourth := b.size(t)
	if _, err := landcheck.VoidParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, b.id(t, "甲-1"), 0, "不属本街道"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		asOf     int64
		from, to string
		want     string // of 甲-1; "" is not there
	}{
		{first, "2021-01-01", "2021-06-30", "6.52"}, {second, "2021-01-01", "2021-06-30", "7.00"},
		{third, "2021-01-01", "2021-06-30", "7.20"}, {fourth, "2021-01-01", "2021-06-30", "6.52"},
		{b.size(t), "2021-01-01", "2021-06-30", ""}, {second, "2021-01-01", "2021-06-29", "6.52"},
		{second, "2021-01-05", "2021-06-30", "7.00"}, {second, "2021-01-05", "2021-06-29", ""},
		{second, "2021-01-04", "2021-01-04", "6.52"}, {1, "2021-01-01", "2021-12-31", ""},
	} {
		got := ""
		for _, v := range b.verifiedAsOf(t, tt.asOf, tt.from, tt.to) {
			if v.ParcelNo == "甲-1" {
				got = v.VerifiedArea.String()
			}
		}
		if got != tt.want {
			t.Errorf("as of %d, %s to %s: %q, want %q", tt.asOf, tt.from, tt.to, got, tt.want)
		}
	}
	if list := b.verified(t, "2021-01-01", "2021-12-31"); len(list) != 1 || list[0].ParcelNo != "甲-2" {
		t.Errorf("at the head %+v; want 甲-2 alone", list)
	}
	b.clean(t, first+1+2+1+2) // verified; amended with one new officer; voided; parcel and its last verification voided
	// What was voided can be recorded again.
	if result := b.load(t, header+rowA); result.Recorded != 1 {
		t.Errorf("the voided parcel again: %d recorded, want 1", result.Recorded)
	}
	if list := b.verified(t, "2021-01-01", "2021-12-31"); len(list) != 2 || list[1].VerifiedArea.String() != "6.52" {
		t.Errorf("after recording again %+v; want 甲-2 and 甲-1", list)
	}
	b.clean(t, first+6+3)
	if _, err := landcheck.VerifiedIn(t.Context(), b.store.DB(), ledger.Scope{}, 1, day(t, "2021-01-01"), day(t, "2021-01-02")); err == nil {
		t.Error("a scope that nobody made reads")
	}
}

// A later visit that could verify nothing does not take an earlier figure away.
func TestVerifiedIn_Visited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	b.verify(t, "甲-1", "2021-01-03", "99") // entered late: the figure of the 4th is still the later one
	in := landcheck.VerificationInput{VerifiedOn: "2021-05-05", Conclusion: "无法核实"}
	if _, err := landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, b.id(t, "甲-1"), in, day(t, "2021-07-01")); err != nil {
		t.Fatal(err)
	}
	if v := b.verified(t, "2021-01-01", "2021-06-30"); len(v) != 1 || v[0].VerifiedArea == nil || v[0].Verifications != 3 || v[0].VerifiedArea.String() != "6.52" {
		t.Errorf("half-year %+v; want 6.52 of 4 January, three verifications", v)
	}
	if v := b.verified(t, "2021-04-01", "2021-06-30"); len(v) != 1 || v[0].VerifiedArea != nil || v[0].Conclusions[0] != landcheck.NotVerifiable {
		t.Errorf("second quarter %+v; want visited, not verified", v)
	}
}

func TestServices_Refuse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	today := day(t, "2021-07-01")
	good := landcheck.VerificationInput{VerifiedOn: "2021-05-05", VerifiedArea: "1"}
	scope, none := b.scope(), ledger.Key{}
	known := b.id(t, "甲-1")
	visit := b.visit(t, "甲-1", "2021-01-04")
	verify := func(id int64, in landcheck.VerificationInput) error {
		_, err := landcheck.Verify(t.Context(), scope, b.actor, none, id, in, today)
		return err
	}
	amend := func(id int64, reason string) error {
		_, err := landcheck.AmendVerification(t.Context(), scope, b.actor, none, id, 0, good, reason, today)
		return err
	}
	void := func(id int64, reason string) error {
		_, err := landcheck.VoidVerification(t.Context(), scope, b.actor, none, id, 0, reason)
		return err
	}
	voidParcel := func(id int64, reason string) error {
		_, err := landcheck.VoidParcel(t.Context(), scope, b.actor, none, id, 0, reason)
		return err
	}
	noVisit := func(no, on string) error {
		_, err := landcheck.VerificationID(t.Context(), b.store.DB(), scope, no, day(t, on))
		return err
	}
	in := func(on, area, remark string) landcheck.VerificationInput {
		return landcheck.VerificationInput{VerifiedOn: on, VerifiedArea: area, Remark: remark}
	}
	for what, tt := range map[string]struct {
		err  error
		want *ledger.Error
	}{
		"verify an unknown parcel":      {verify(77, good), ledger.E(ledger.NotFound, "parcel.unknown")},
		"verify tomorrow":               {verify(known, in("2021-07-02", "1", "")), ledger.E(ledger.Invalid, "day.future")},
		"verify on no day":              {verify(known, in(" ", "1", "")), ledger.E(ledger.Invalid, "parcel.verified_on_missing")},
		"verify on 31 June":             {verify(known, in("2021-06-31", "1", "")), ledger.E(ledger.Invalid, "day.impossible")},
		"verify nothing":                {verify(known, in("2021-05-05", "0", "")), ledger.E(ledger.Invalid, "amount.not_positive")},
		"verify some":                   {verify(known, in("2021-05-05", "很大", "")), ledger.E(ledger.Invalid, "number.unreadable")},
		"verify with a NUL":             {verify(known, in("2021-05-05", "1", "a\x00b")), ledger.E(ledger.Invalid, "sheet.nul")},
		"amend for no reason":           {amend(visit, " "), ledger.E(ledger.Invalid, "reason.missing")},
		"amend what is not there":       {amend(known, "抄错"), ledger.E(ledger.NotFound, "verification.unknown_record")},
		"a parcel without the day":      {noVisit("甲-1", "2021-01-05"), ledger.E(ledger.NotFound, "verification.unknown")},
		"a day of an unknown parcel":    {noVisit("乙", "2021-01-04"), ledger.E(ledger.NotFound, "parcel.unknown")},
		"void for no reason":            {void(visit, ""), ledger.E(ledger.Invalid, "reason.missing")},
		"void what is not there":        {void(known, "抄错"), ledger.E(ledger.NotFound, "verification.unknown_record")},
		"void a parcel for no reason":   {voidParcel(known, ""), ledger.E(ledger.Invalid, "reason.missing")},
		"void a parcel that is unknown": {voidParcel(visit, "抄错"), ledger.E(ledger.NotFound, "parcel.unknown")},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", what, tt.err, tt.want)
		}
	}
	b.clean(t, 6)
}

// Many officers at one parcel at once: one verification a day is recorded, and nothing breaks.
func TestVerify_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	var wg sync.WaitGroup
	results := make([]error, 20)
	for i := range results {
		wg.Go(func() {
			in := landcheck.VerificationInput{VerifiedOn: []string{"2021-05-05", "2021-05-06"}[i%2], VerifiedArea: "1", Officers: "示例员丁"}
			_, results[i] = landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, b.id(t, "甲-1"), in, day(t, "2021-07-01"))
		})
	}
	wg.Wait()
	n := 0
	for _, err := range results {
		if err == nil {
			n++
		} else if !errors.Is(err, ledger.E(ledger.Conflict, "verification.exists")) {
			t.Errorf("one of them: %v, want verification.exists", err)
		}
	}
	if n != 2 {
		t.Errorf("%d were recorded, want 2", n)
	}
	if v := b.verified(t, "2021-05-01", "2021-05-31"); len(v) != 1 || v[0].Verifications != 2 {
		t.Errorf("in May %+v; want one parcel, two verifications", v)
	}
	head := b.size(t)
	b.clean(t, head)
}
