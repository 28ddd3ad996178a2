package landcheck

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mingzhang/ledger"
)

func mustArea(tb testing.TB, s string) *ledger.Area {
	tb.Helper()
	a, err := ledger.ParseMu(s)
	if err != nil {
		tb.Fatal(err)
	}
	return &a
}

func mustDay(tb testing.TB, s string) ledger.Day {
	tb.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// What entries hold is hashed for ever: these bytes may be added to, never changed.
func TestParcelState_Golden(t *testing.T) {
	t.Parallel()
	floor, _, err := ParseFloorArea("3286.60", ledger.SquareMetre)
	if err != nil {
		t.Fatal(err)
	}
	full := &ParcelState{
		Category: "self_use_land", FloorArea: &floor, Holder: "示例村经济联合社", Location: "示例路10号", Name: "示例办公楼",
		NumberedByBook: true, OtherColumns: &ledger.Sealed{Commitment: "0a"}, Owner: Collective, ParcelCode: "441202999999JB00002",
		ParcelNo: "账内3", RegisteredArea: mustArea(t, "9.6"), Remark: &ledger.Sealed{Commitment: "0b"}, TenureNature: "200", TenureRight: "7",
		Written: []Written{{Approximate: true, Field: "registered_area", Text: "约9.6", Unit: "亩"}},
	}
	golden(t, full, `{"category":"self_use_land","floor_area_m2":"3286.6","holder":"示例村经济联合社","location":"示例路10号","name":"示例办公楼",`+
		`"numbered_by_book":true,"other_columns":{"sealed":"0a"},"owner":"collective","parcel_code":"441202999999JB00002","parcel_no":"账内3",`+
		`"registered_area_mu":"9.60","remark":{"sealed":"0b"},"tenure_nature":"200","tenure_right":"7",`+
		`"written":[{"approximate":true,"field":"registered_area","text":"约9.6","unit":"亩"}]}`)
	golden(t, &ParcelState{Owner: Collective, ParcelNo: "甲-1", Village: "示例青村"}, `{"owner":"collective","parcel_no":"甲-1","village":"示例青村"}`)
	golden(t, &ParcelState{Holder: "p17", Owner: State, ParcelNo: "国-1"}, `{"holder":"p17","owner":"state","parcel_no":"国-1"}`)
}

func TestVerificationState_Golden(t *testing.T) {
	t.Parallel()
	full := &VerificationState{
		Conclusions: []string{"area_differs"}, ConclusionText: &ledger.Sealed{Commitment: "0c"}, Officers: []string{"p17", "p18"}, OtherColumns: &ledger.Sealed{Commitment: "0a"},
		Parcel: 3, Remark: &ledger.Sealed{Commitment: "0b"}, UseState: []string{"let"},
		UseStateText: &ledger.Sealed{Commitment: "0d"}, VerifiedArea: mustArea(t, "1.85175"),
		VerifiedOn: mustDay(t, "2021-04-13"), Written: []Written{{Field: "verified_area", Text: "1234.5㎡", Unit: "㎡"}},
	}
	golden(t, full, `{"conclusion_text":{"sealed":"0c"},"conclusions":["area_differs"],"officers":["p17","p18"],"other_columns":{"sealed":"0a"},"parcel":3,`+
		`"remark":{"sealed":"0b"},"use_state":["let"],"use_state_text":{"sealed":"0d"},"verified_area_mu":"1.85175","verified_on":"2021-04-13",`+
		`"written":[{"field":"verified_area","text":"1234.5㎡","unit":"㎡"}]}`)
	golden(t, &VerificationState{Parcel: 3, VerifiedOn: mustDay(t, "2021-04-13")}, `{"parcel":3,"verified_on":"2021-04-13"}`)
}

func golden[S any](t *testing.T, state *S, want string) {
	t.Helper()
	got := ledger.CanonicalJSON(state)
	if got != want {
		t.Errorf("the entry holds\n%s, want\n%s", got, want)
	}
	back := new(S)
	if err := json.Unmarshal([]byte(want), back); err != nil {
		t.Fatal(err)
	}
	if again := ledger.CanonicalJSON(back); again != want {
		t.Errorf("read and written again:\n%s, want\n%s", again, want)
	}
}

// A record that is amended or voided carries the whole state again, read from its entry: nothing may get lost.
func TestRow_KeepsTheState(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[一-龥A-Za-z0-9\(\)〔〕 "\\]{0,12}`)
	rapid.Check(t, func(rt *rapid.T) {
		written := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) Written {
			return Written{Approximate: rapid.Bool().Draw(rt, "approximate"), Field: "registered_area", Text: text.Draw(rt, "text"), Unit: "㎡"}
		}), 1, 2).Draw(rt, "written")
		d := rapid.Int64Range(1, 1_000_000_000_000).Draw(rt, "area")
		var floor FloorArea
		if err := floor.UnmarshalText([]byte("12.5")); err != nil {
			rt.Fatal(err)
		}
		a, err := ledger.AreaFromDecimal(decimalOf(d, -11))
		if err != nil {
			rt.Fatal(err)
		}
		p := &ParcelState{
			Category: text.Draw(rt, "category"), FloorArea: &floor, Holder: text.Draw(rt, "holder"), Location: text.Draw(rt, "location"),
			Name: text.Draw(rt, "name"), NumberedByBook: rapid.Bool().Draw(rt, "numbered"), OtherColumns: ledger.Seal(text.Draw(rt, "other")),
			Owner: rapid.SampledFrom(EveryOwner()).Draw(rt, "owner"), ParcelCode: text.Draw(rt, "code"), ParcelNo: text.Draw(rt, "no"),
			RegisteredArea: &a, Remark: ledger.Seal(text.Draw(rt, "remark")), TenureNature: "200", TenureRight: "7", Village: text.Draw(rt, "village"), Written: written,
		}
		parcel := p.row()
		parcel.Body = bodyOf(p)
		if back, err := parcel.state(); err != nil || !same(back, p) {
			rt.Errorf("parcel %+v came back as %+v, %v", p, back, err)
		}
		v := &VerificationState{
			Conclusions: []string{"matches"}, ConclusionText: ledger.Seal(text.Draw(rt, "conclusion")), Officers: []string{"p1"},
			OtherColumns: ledger.Seal(text.Draw(rt, "rest")), Parcel: d, Remark: ledger.Seal(text.Draw(rt, "said")), UseState: []string{"let"},
			UseStateText: ledger.Seal(text.Draw(rt, "use")), VerifiedArea: &a, VerifiedOn: mustDay(t, "2021-01-31"), Written: written,
		}
		visit := v.row()
		visit.Body = bodyOf(v)
		if back, err := visit.state(); err != nil || !same(back, v) {
			rt.Errorf("verification %+v came back as %+v, %v", v, back, err)
		}
	})
	if n := reflect.TypeFor[ParcelState]().NumField(); n != 16 {
		t.Errorf("ParcelState has %d fields: say in row and here what becomes of the new one", n)
	}
	if n := reflect.TypeFor[VerificationState]().NumField(); n != 11 {
		t.Errorf("VerificationState has %d fields: say in row and here what becomes of the new one", n)
	}
}

// same compares what two states say, their sealed texts included.
func same(a, b ledger.State) bool {
	return ledger.CanonicalJSON(a) == ledger.CanonicalJSON(b) && slices.EqualFunc(a.Sealed(), b.Sealed(), func(x, y ledger.SealedField) bool {
		return x.Name == y.Name && x.Value.Text() == y.Value.Text()
	})
}

// bodyOf is an entry that holds a state and nothing else.
func bodyOf(state ledger.State) []byte {
	return []byte(`{"state":` + ledger.CanonicalJSON(state) + `}`)
}
