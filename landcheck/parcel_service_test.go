package landcheck_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// plot is an input that nothing is wrong with.
func plot(no string) landcheck.ParcelInput {
	return landcheck.ParcelInput{
		ParcelNo: no, ParcelCode: "441202999999JB00001", Name: "甲地", Owner: "集体", Category: "留用地", Holder: "示例甲村经济联合社", Location: "示例路1号",
		RegisteredArea: "6.52", FloorArea: "120.5", Remark: "备注一",
	}
}

func (b *bundle) record(tb testing.TB, scope ledger.Scope, in landcheck.ParcelInput) (int64, error) {
	tb.Helper()
	receipt, err := landcheck.RecordParcel(tb.Context(), scope, b.actor, ledger.Key{}, in)
	return receipt.Last, err
}

func (b *bundle) mustRecord(tb testing.TB, in landcheck.ParcelInput) int64 {
	tb.Helper()
	id, err := b.record(tb, b.scope(), in)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

func (b *bundle) parcel(tb testing.TB, id int64) *landcheck.Parcel {
	tb.Helper()
	p, err := landcheck.FindParcel(tb.Context(), b.store.DB(), b.scope(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// villages is the scope over some villages of the book.
func (b *bundle) villages(tb testing.TB, names ...string) ledger.Scope {
	tb.Helper()
	scope, err := ledger.VillagesOf(b.book, names)
	if err != nil {
		tb.Fatal(err)
	}
	return scope
}

// fields are the fields and reasons of everything that is wrong with an input.
func fields(tb testing.TB, err error) []string {
	tb.Helper()
	wrong, ok := errors.AsType[*ledger.InputError](err)
	if !ok {
		tb.Errorf("%v, want an *ledger.InputError", err)
		return nil
	}
	var list []string
	for _, f := range wrong.Faults {
		list = append(list, f.Field+" "+f.Reason)
	}
	return list
}

func TestRecordParcel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := plot("甲-1")
	in.Holder, in.Village, in.TenureRight = "周学会", "示例青村", "集体建设用地使用权/房屋所有权"
	id := b.mustRecord(t, in)
	p := b.parcel(t, id)
	for what, pair := range map[string][2]string{
		"number": {p.ParcelNo, "甲-1"}, "owner": {p.Owner, "collective"}, "category": {p.Category, "reserved_land"}, "holder": {p.HolderName, "周学会"},
		"village": {p.VillageKey, "示例青村"}, "right": {p.TenureRight, "8"}, "nature": {p.TenureNature, "200"}, "area": {p.RegisteredArea.String(), "6.52"},
		"floor": {p.FloorArea.String(), "120.5"}, "remark": {p.Remark, "备注一"}, "standing": {p.Verdict, ""},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if n := b.inClear(t, "周学会"); n != 0 {
		t.Errorf("the holder stands in clear %d times", n)
	}
	// What was entered is found by an import of the same parcel, and the other way round.
	row := "甲-1,441202999999JB00001,甲地,集体,留用地,周学会,示例路1号,6.52,,120.5,,,,,备注一\n"
	if _, err := b.read(t, header+row, options(t)); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Errorf("the same parcel imported: %v, want import.already_recorded", err)
	}
	bare := landcheck.ParcelInput{Name: "无号地", Owner: "国有", Holder: "示例区财政局", RegisteredArea: "0.5公顷"}
	book := b.parcel(t, b.mustRecord(t, bare))
	if book.ParcelNo != "账内"+strconv.FormatInt(book.ID, 10) || !book.NumberedByBook || book.RegisteredArea.String() != "7.50" {
		t.Errorf("without a number: %q, %s mu", book.ParcelNo, book.RegisteredArea)
	}
	if _, err := b.record(t, b.scope(), bare); !errors.Is(err, ledger.E(ledger.Conflict, "parcel.exists")) {
		t.Errorf("the very same without a number again: %v, want parcel.exists", err)
	}
	for _, no := range []string{"甲-1", "甲－１"} {
		if _, err := b.record(t, b.scope(), plot(no)); !errors.Is(err, ledger.E(ledger.Conflict, "parcel.exists")) {
			t.Errorf("%s again: %v, want parcel.exists", no, err)
		}
	}
	if _, err := b.record(t, b.scope(), landcheck.ParcelInput{ParcelCode: "441202999999JB00001", Owner: "集体"}); !errors.Is(err, ledger.E(ledger.Conflict, "parcel.exists")) {
		t.Errorf("its code without a number: %v, want parcel.exists", err)
	}
	b.clean(t, 1+2+1)
}

func TestRecordParcel_EveryFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := landcheck.ParcelInput{
		ParcelNo: strings.Repeat("长", 201), ParcelCode: "44120", Owner: "谁的", Holder: "a\x00b", Village: strings.Repeat("村", 201), TenureRight: "什么权",
		TenureNature: "什么质", RegisteredArea: "0", FloorArea: "5亩", Remark: strings.Repeat("字", 4001),
	}
	_, err := b.record(t, b.scope(), in)
	want := []string{
		"parcel_no text.too_long", "parcel_code parcel.code_form", "owner parcel.owner_unknown", "holder sheet.nul", "village text.too_long",
		"tenure_right parcel.tenure_unknown", "tenure_nature parcel.tenure_unknown", "registered_area amount.not_positive",
		"floor_area parcel.floor_area_unit", "remark text.too_long",
	}
	if got := fields(t, err); !slices.Equal(got, want) {
		t.Errorf("faults\n%q, want\n%q", got, want)
	}
	for what, tt := range map[string]struct {
		change func(*landcheck.ParcelInput)
		want   string
	}{
		"nothing at all":             {func(in *landcheck.ParcelInput) { *in = landcheck.ParcelInput{} }, "parcel_no parcel.unnamed"},
		"no owner":                   {func(in *landcheck.ParcelInput) { in.Owner, in.Category = "", "耕地" }, "owner parcel.owner_missing"},
		"a right of state land":      {func(in *landcheck.ParcelInput) { in.TenureRight = "3" }, "tenure_right parcel.tenure_against_code"},
		"a nature of state land":     {func(in *landcheck.ParcelInput) { in.TenureNature = "出让" }, "tenure_nature parcel.tenure_against_code"},
		"an area that is none":       {func(in *landcheck.ParcelInput) { in.RegisteredArea = "很大" }, "registered_area number.unreadable"},
		"too long a person's name":   {func(in *landcheck.ParcelInput) { in.Holder = strings.Repeat("某", 201) }, "holder text.too_long"},
		"what means nothing is none": {func(in *landcheck.ParcelInput) { in.ParcelNo, in.ParcelCode, in.Name = "—", "无", "/" }, "parcel_no parcel.unnamed"},
	} {
		in := plot("甲-1")
		tt.change(&in)
		_, err := landcheck.PreviewParcel(in)
		if got := fields(t, err); !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %s", what, got, tt.want)
		}
	}
	for what, change := range map[string]func(*landcheck.ParcelInput){
		"owner by category": func(in *landcheck.ParcelInput) { in.Owner = "" }, "no code": func(in *landcheck.ParcelInput) { in.ParcelCode, in.TenureRight = "", "17" },
		"code of the right": func(in *landcheck.ParcelInput) { in.TenureRight, in.TenureNature = "7", "入股" },
		"owner in English":  func(in *landcheck.ParcelInput) { in.Owner = "state" }, "a name only": func(in *landcheck.ParcelInput) { in.ParcelNo, in.ParcelCode = "", "" },
	} {
		in := plot("甲-1")
		change(&in)
		if _, err := landcheck.PreviewParcel(in); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.clean(t, 1)
}

func TestAmendParcel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, strings.TrimSuffix(header, "\n")+",现状图号\n"+"甲-1,441202999999JB00001,甲地,集体,留用地,周学会,示例路1号,约6.52,,,,,,,备注一,图7\n")
	id := b.id(t, "甲-1")
	amend := func(seen int64, in landcheck.ParcelInput, reason string) (ledger.Receipt, error) {
		return landcheck.AmendParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, id, seen, in, reason)
	}
	in := landcheck.ParcelInputOf(b.parcel(t, id))
	if _, err := amend(0, in, "无改动"); !errors.Is(err, ledger.E(ledger.Conflict, "record.unchanged")) {
		t.Fatalf("the form as it was filled: %v, want record.unchanged", err)
	}
	seen := b.parcel(t, id).SeqFrom
	in.Holder, in.Location, in.ParcelNo = "吴三", "示例路2号", "甲-01"
	receipt, err := amend(seen, in, "抄错")
	if err != nil {
		t.Fatal(err)
	}
	p := b.parcel(t, id)
	if p.ParcelNo != "甲-01" || p.HolderName != "吴三" || p.Location != "示例路2号" || p.Remark != "备注一" || p.OtherColumns != "现状图号: 图7" || !strings.Contains(p.Written, "约6.52") {
		t.Errorf("amended: %+v", p)
	}
	if _, err := amend(seen, in, "抄错"); !errors.Is(err, ledger.E(ledger.Conflict, "record.changed")) {
		t.Errorf("what somebody saw before: %v, want record.changed", err)
	}
	in.ParcelNo = "" // the number stays
	in.RegisteredArea = "7"
	if _, err := amend(receipt.Last, in, "重测"); err != nil {
		t.Fatal(err)
	}
	if p := b.parcel(t, id); p.ParcelNo != "甲-01" || strings.Contains(p.Written, "约") || p.RegisteredArea.String() != "7.00" {
		t.Errorf("amended again: %s, written %s, %s mu", p.ParcelNo, p.Written, p.RegisteredArea)
	}
	b.mustRecord(t, plot("乙-1"))
	in.ParcelNo = "乙－１"
	if _, err := amend(0, in, "改号"); !errors.Is(err, ledger.E(ledger.Conflict, "parcel.exists")) {
		t.Errorf("another's number: %v, want parcel.exists", err)
	}
	in.RegisteredArea = "x"
	if _, err := amend(0, in, " "); !slices.Equal(fields(t, err), []string{"registered_area number.unreadable", "reason reason.missing"}) {
		t.Errorf("a fault and no reason: %v", err)
	}
	if _, err := landcheck.AmendParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, 9999, 0, plot("丙"), "改"); !errors.Is(err, ledger.E(ledger.NotFound, "parcel.unknown")) {
		t.Errorf("an unknown parcel: %v, want parcel.unknown", err)
	}
	b.clean(t, b.size(t))
}

// A number that the book gave stays its number when the form is sent back.
func TestAmendParcel_NumberedByBook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.mustRecord(t, landcheck.ParcelInput{Name: "无号地", Owner: "国有"})
	in := landcheck.ParcelInputOf(b.parcel(t, id))
	in.Location = "示例路9号"
	if _, err := landcheck.AmendParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, id, 0, in, "补坐落"); err != nil {
		t.Fatal(err)
	}
	if p := b.parcel(t, id); !p.NumberedByBook || p.Location != "示例路9号" {
		t.Errorf("%+v", p)
	}
	in.ParcelNo = "国-9"
	if _, err := landcheck.AmendParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, id, 0, in, "补编号"); err != nil {
		t.Fatal(err)
	}
	if p := b.parcel(t, id); p.NumberedByBook || p.ParcelNo != "国-9" {
		t.Errorf("%+v", p)
	}
	b.clean(t, b.size(t))
}
