package landcheck_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// Whoever may write in the east changes nothing in the west, and learns nothing of it.
func TestScope_Writes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(t)
	east, today, none := b.villages(t, "东升村"), day(t, "2021-07-01"), ledger.Key{}
	own, foreign := b.id(t, "东-1"), b.id(t, "西-1")
	visit := b.visit(t, "西-1", "2021-03-04")
	size := b.size(t)
	good := landcheck.VerificationInput{VerifiedOn: "2021-05-05", VerifiedArea: "1"}
	at := func(village, holder, no string) landcheck.ParcelInput {
		return landcheck.ParcelInput{ParcelNo: no, Owner: "集体", Village: village, Holder: holder, Name: "地"}
	}
	amend := func(id int64, in landcheck.ParcelInput) error {
		return second(landcheck.AmendParcel(t.Context(), east, b.actor, none, id, 0, in, "改"))
	}
	moved := landcheck.ParcelInputOf(b.parcel(t, own))
	moved.Village = "西岸村"
	renumbered := landcheck.ParcelInputOf(b.parcel(t, own))
	renumbered.ParcelNo = "西-1"
	for what, tt := range map[string]struct {
		err  error
		want *ledger.Error
	}{
		"record in the west":            {second(b.record(t, east, at("西岸村", "", "丙-1"))), ledger.E(ledger.Denied, "right.foreign_village")},
		"record for the west":           {second(b.record(t, east, at("", "西岸村委会", "丙-1"))), ledger.E(ledger.Denied, "right.foreign_village")},
		"record for nobody known":       {second(b.record(t, east, at("", "周学会", "丙-1"))), ledger.E(ledger.Denied, "right.foreign_village")},
		"record a number of the west":   {second(b.record(t, east, at("东升村", "", "西－１"))), ledger.E(ledger.Conflict, "parcel.number_taken")},
		"record a number of the east":   {second(b.record(t, east, at("东升村", "", "东-1"))), ledger.E(ledger.Conflict, "parcel.exists")},
		"amend in the west":             {amend(foreign, at("东升村", "", "西-1")), ledger.E(ledger.NotFound, "parcel.unknown")},
		"move to the west":              {amend(own, moved), ledger.E(ledger.Denied, "right.foreign_village")},
		"take a number of the west":     {amend(own, renumbered), ledger.E(ledger.Conflict, "parcel.number_taken")},
		"void in the west":              {second(landcheck.VoidParcel(t.Context(), east, b.actor, none, foreign, 0, "不")), ledger.E(ledger.NotFound, "parcel.unknown")},
		"verify in the west":            {second(landcheck.Verify(t.Context(), east, b.actor, none, foreign, good, today)), ledger.E(ledger.NotFound, "parcel.unknown")},
		"amend a visit to the west":     {second(landcheck.AmendVerification(t.Context(), east, b.actor, none, visit, 0, good, "改", today)), ledger.E(ledger.NotFound, "verification.unknown_record")},
		"void a visit to the west":      {second(landcheck.VoidVerification(t.Context(), east, b.actor, none, visit, 0, "改")), ledger.E(ledger.NotFound, "verification.unknown_record")},
		"verify on a day of others":     {second(landcheck.Verify(t.Context(), east.Between(nil, new(day(t, "2021-04-30"))), b.actor, none, own, good, today)), ledger.E(ledger.Denied, "right.foreign_day")},
		"record in no scope":            {second(b.record(t, ledger.Scope{}, at("东升村", "", "丙-1"))), ledger.E(ledger.Denied, "right.foreign_village")},
		"void in no scope":              {second(landcheck.VoidParcel(t.Context(), ledger.Scope{}, b.actor, none, own, 0, "不")), ledger.E(ledger.Internal, "scope.unmade")},
		"a code of the west, no number": {second(b.record(t, b.villages(t, "西岸村"), landcheck.ParcelInput{ParcelCode: "441202999999JB00001", Owner: "集体", Village: "西岸村"})), ledger.E(ledger.Conflict, "parcel.number_taken")},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", what, tt.err, tt.want)
		}
		if text := strings.NewReplacer("西岸村委会", "", "西岸村", "").Replace(tt.err.Error()); strings.Contains(text, "西岸") || strings.Contains(text, "国有") {
			t.Errorf("%s tells of the west: %v", what, tt.err)
		}
	}
	b.clean(t, size)
	if _, err := b.record(t, east, at("东升村", "", "丙-1")); err != nil {
		t.Errorf("record in the east: %v", err)
	}
	if _, err := landcheck.Verify(t.Context(), east, b.actor, none, own, good, today); err != nil {
		t.Errorf("verify in the east: %v", err)
	}
	if _, err := landcheck.VoidParcel(t.Context(), east, b.actor, none, own, 0, "重复"); err != nil {
		t.Errorf("void in the east: %v", err)
	}
	b.clean(t, size+1+1+3)
}

func TestScope_Import(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(t)
	east := b.villages(t, "东升村")
	size := b.size(t)
	read := func(scope ledger.Scope, body string, amend bool) (*intake.Result, error) {
		o := options(t)
		if amend {
			o.Amend, o.Reason = true, "改正"
		}
		return landcheck.Import(t.Context(), scope, b.actor, source(t, "宗地.csv", []byte(body)), o)
	}
	const head = "宗地编号,宗地代码,宗地名称,主体,权属单位,所属村,证载面积(亩)\n"
	for what, tt := range map[string]struct {
		body string
		want []string
	}{
		"a number of the west":        {"西-1,,东岸地,集体,,东升村,9\n", []string{"A parcel.number_taken"}},
		"a parcel in the west":        {"新-1,,新地,集体,,西岸村,9\n", []string{"F right.foreign_village"}},
		"a parcel held by the west":   {"新-1,,新地,集体,西岸村委会,,9\n", []string{"E right.foreign_village"}},
		"a parcel held by a person":   {"新-1,,新地,集体,周学会,,9\n", []string{"E right.foreign_village"}},
		"one moved to the west":       {"东-1,441202999999JB00001,东升祠堂地,集体,东升村经济联合社,西岸村,6.52\n", []string{"F right.foreign_village"}},
		"what the east has otherwise": {"东-1,441202999999JB00001,东升祠堂地,集体,东升村经济联合社,,9\n", []string{"A parcel.recorded_otherwise"}},
	} {
		for _, amend := range []bool{false, true} {
			result, err := read(east, head+tt.body, amend)
			if amend && strings.HasPrefix(tt.want[0], "A parcel.recorded") {
				continue
			}
			if got := reasons(err); !slices.Equal(got, tt.want) {
				t.Errorf("%s, amending %v: %v (%v), want %v", what, amend, got, err, tt.want)
			}
			for _, c := range result.Changes {
				if c.No == "西-1" || strings.Contains(c.Old, "西岸") {
					t.Errorf("%s: the change %+v tells of the west", what, c)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "西岸地") || strings.Contains(err.Error(), "3.00")) {
				t.Errorf("%s tells of the west: %v", what, err)
			}
		}
	}
	result, err := read(b.villages(t, "西岸村"), head+"西-2,441202999999JB00001,岸,集体,,西岸村,1\n", false)
	if err != nil || len(result.Notes) != 1 || result.Notes[0].Code != "parcel_code_shared" || result.Notes[0].Reckons != "" {
		t.Errorf("a code of the east in the west: %v, notes %+v; want one without a number", err, result.Notes)
	}
	if result, err := read(east, head+"东-4,,新地,集体,,东升村第二经济社,9\n", false); err != nil || result.Recorded != 1 {
		t.Errorf("the east imports: %v, %+v", err, result)
	}
	if p := b.parcel(t, b.id(t, "东-4")); p.Village != "东升村第二经济社" || p.VillageKey != "东升村第二经济社" {
		t.Errorf("its village is %q, %q", p.Village, p.VillageKey)
	}
	if _, err := read(ledger.Scope{}, head+"东-5,,新地,集体,,东升村,9\n", false); !errors.Is(err, ledger.E(ledger.Internal, "scope.unmade")) {
		t.Errorf("a scope that nobody made imports: %v", err)
	}
	b.clean(t, size+2+2+2) // the amendment that was asked for among them
}

// Of those who record one number at the same moment, one does; of those who amend what they saw, one wins.
func TestParcels_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := func(n int, work func(int) error, lost *ledger.Error) {
		t.Helper()
		results := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { results[i] = work(i) })
		}
		wg.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if !errors.Is(err, lost) {
				t.Errorf("one of them: %v, want %v", err, lost)
			}
		}
		if won != 1 {
			t.Errorf("%d won, want 1", won)
		}
	}
	at(8, func(int) error { return second(b.record(t, b.scope(), plot("甲-1"))) }, ledger.E(ledger.Conflict, "parcel.exists"))
	id := b.id(t, "甲-1")
	seen := b.parcel(t, id).SeqFrom
	at(8, func(i int) error {
		in := plot("甲-1")
		in.Location = strings.Repeat("路", i+1)
		return second(landcheck.AmendParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, id, seen, in, "改"))
	}, ledger.E(ledger.Conflict, "record.changed"))
	b.clean(t, b.size(t))
}

// Numbers that change while others verify: each finds the parcel that was meant. One that is voided meanwhile keeps
// no verification.
func TestParcels_Moving(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.mustRecord(t, plot("甲-1"))
	other := b.mustRecord(t, plot("乙-1"))
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			in := plot("甲-" + strings.Repeat("1", i+2))
			if _, err := landcheck.AmendParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, id, 0, in, "改号"); err != nil {
				t.Errorf("renumbering: %v", err)
			}
		})
		wg.Go(func() {
			in := landcheck.VerificationInput{VerifiedOn: "2021-05-0" + string(rune('1'+i)), VerifiedArea: "1"}
			if _, err := landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, id, in, day(t, "2021-07-01")); err != nil {
				t.Errorf("verifying: %v", err)
			}
		})
	}
	wg.Wait()
	if n := len(b.parcel(t, id).Verifications); n != 6 {
		t.Errorf("%d verifications, want 6", n)
	}
	if n := len(b.parcel(t, other).Verifications); n != 0 {
		t.Errorf("the other parcel has %d verifications", n)
	}
	for i := range 6 {
		wg.Go(func() {
			in := landcheck.VerificationInput{VerifiedOn: "2021-06-0" + string(rune('1'+i))}
			_, err := landcheck.Verify(t.Context(), b.scope(), b.actor, ledger.Key{}, id, in, day(t, "2021-07-01"))
			if err != nil && !errors.Is(err, ledger.E(ledger.NotFound, "parcel.unknown")) {
				t.Errorf("verifying what is voided: %v", err)
			}
		})
	}
	if _, err := landcheck.VoidParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, id, 0, "重复"); err != nil {
		t.Errorf("voiding: %v", err)
	}
	wg.Wait()
	if n := b.count(t, "SELECT count(*) FROM verifications WHERE seq_to IS NULL AND NOT voided"); n != 0 {
		t.Errorf("%d verifications of a voided parcel", n)
	}
	b.clean(t, b.size(t))
}

// A request that is sent again with its key gets its first answer, also when what it did cannot be done again.
func TestKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	today := day(t, "2021-07-01")
	visit := landcheck.VerificationInput{VerifiedOn: "2021-05-05", VerifiedArea: "1"}
	var id, verification int64
	for _, step := range []struct {
		name string
		do   func(ledger.Key) (ledger.Receipt, error)
		then func(ledger.Receipt)
	}{
		{"record", func(k ledger.Key) (ledger.Receipt, error) {
			return landcheck.RecordParcel(t.Context(), b.scope(), b.actor, k, plot("甲-1"))
		}, func(r ledger.Receipt) { id = r.Last }},
		{"verify", func(k ledger.Key) (ledger.Receipt, error) {
			return landcheck.Verify(t.Context(), b.scope(), b.actor, k, id, visit, today)
		}, func(r ledger.Receipt) { verification = r.Last }},
		{"amend", func(k ledger.Key) (ledger.Receipt, error) {
			return landcheck.AmendParcel(t.Context(), b.scope(), b.actor, k, id, id, plot("甲-2"), "改")
		}, nil},
		{"amend visit", func(k ledger.Key) (ledger.Receipt, error) {
			in := visit
			in.VerifiedOn = "2021-05-06"
			return landcheck.AmendVerification(t.Context(), b.scope(), b.actor, k, verification, verification, in, "改", today)
		}, nil},
		{"void visit", func(k ledger.Key) (ledger.Receipt, error) {
			return landcheck.VoidVerification(t.Context(), b.scope(), b.actor, k, verification, 0, "改")
		}, nil},
		{"void", func(k ledger.Key) (ledger.Receipt, error) {
			return landcheck.VoidParcel(t.Context(), b.scope(), b.actor, k, id, 0, "改")
		}, nil},
	} {
		key := ledger.Key{Name: step.name, Body: []byte("a")}
		first, err := step.do(key)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if step.then != nil {
			step.then(first)
		}
		again, err := step.do(key)
		if err != nil || !again.Replayed || again.Last != first.Last {
			t.Errorf("%s again: %+v, %v; want %+v replayed", step.name, again, err, first)
		}
		if _, err := step.do(ledger.Key{Name: step.name, Body: []byte("b")}); ledger.CodeOf(err) != ledger.Conflict {
			t.Errorf("%s with its key and another body: %v, want a conflict", step.name, err)
		}
	}
	b.clean(t, 1+6)
}
