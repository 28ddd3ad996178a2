package landcheck_test

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

const (
	rowA = "甲-1,441202999999JB00001,甲地,集体,留用地,示例甲村,示例路1号,6.52,6.52,,2021-01-04,示例员甲、示例员乙,相符,出租,备注一\n"
	rowB = "甲-2,,乙地,国有,国有资产,示例街道办,示例路2号,,1234.5㎡,704.6,2021-04-13,示例员甲、示例员乙,面积不符,自用,\n"
)

// reasons are the places and reasons of all faults, sorted.
func reasons(err error) []string {
	faults, ok := errors.AsType[*sheet.FaultsError](err)
	if !ok {
		if e, ok := errors.AsType[*ledger.Error](err); ok {
			return []string{e.Reason}
		}
		return nil
	}
	var list []string
	for _, f := range faults.List {
		list = append(list, f.Column+" "+f.Err.Reason)
	}
	slices.Sort(list)
	return list
}

// refusal is a file that is refused, and the columns and reasons of its faults.
type refusal struct {
	body string
	want []string
}

func refusals() map[string]refusal {
	row := func(changes map[int]string) string {
		cells := strings.Split(strings.TrimSuffix(rowB, "\n"), ",")
		for i, text := range changes {
			cells[i] = text
		}
		return header + strings.Join(cells, ",") + "\n"
	}
	const (
		no, code, name, owner, category, location, registered, verified, floor, on, conclusion = 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12
	)
	return map[string]refusal{
		"a code of 18":                {row(map[int]string{code: "441202999999JB0001"}), []string{"B parcel.code_form"}},
		"an old identifier as a code": {row(map[int]string{code: "9街坊73/7丘"}), []string{"B parcel.code_form"}},
		"a visit tomorrow":            {row(map[int]string{on: "2021-07-02"}), []string{"K day.future"}},
		"the 30th of February":        {row(map[int]string{on: "2021-02-30"}), []string{"K day.impossible"}},
		"an area without a date":      {row(map[int]string{on: ""}), []string{"K parcel.verified_on_missing"}},
		"a conclusion without a date": {row(map[int]string{on: "", verified: ""}), []string{"K parcel.verified_on_missing"}},
		"a verified area of 0":        {row(map[int]string{verified: "0"}), []string{"I amount.not_positive"}},
		"a verified area below 0":     {row(map[int]string{verified: "-1.5"}), []string{"I amount.not_positive"}},
		"a registered area of 0":      {row(map[int]string{registered: "0.00"}), []string{"H amount.not_positive"}},
		"floor area in mu":            {row(map[int]string{floor: "3亩"}), []string{"J parcel.floor_area_unit"}},
		"floor area with 5 decimals":  {row(map[int]string{floor: "1.23456"}), []string{"J number.too_many_decimals"}},
		"an area with 12 decimals":    {row(map[int]string{verified: "1.234567890123"}), []string{"I number.too_many_decimals"}},
		"an area in words":            {row(map[int]string{verified: "不详"}), []string{"I number.unreadable"}},
		"an unknown owner":            {row(map[int]string{owner: "私人"}), []string{"D parcel.owner_unknown"}},
		"no owner":                    {row(map[int]string{owner: "", category: "荒地"}), []string{"D parcel.owner_missing"}},
		"a very long name":            {row(map[int]string{name: strings.Repeat("长", 501)}), []string{"C text.too_long"}},
		"a very long conclusion":      {row(map[int]string{conclusion: strings.Repeat("长", 4001)}), []string{"M text.too_long"}},
		"many faults at once": {
			row(map[int]string{owner: "私人", verified: "0", on: "2022-01-01"}),
			[]string{"D parcel.owner_unknown", "I amount.not_positive", "K day.future"},
		},
		"the same parcel and day twice":   {header + rowB + rowB, []string{"A parcel.twice_in_file"}},
		"the same parcel, never verified": {strings.Repeat(header, 1) + "丙,,丙地,集体,,,,1,,,,,,,\n丙,,丙地,集体,,,,1,,,,,,,\n", []string{"A parcel.twice_in_file"}},
		"the same parcel, two names": {
			header + rowB + strings.NewReplacer("乙地", "丙地", "2021-04-13", "2021-04-14").Replace(rowB), []string{"C parcel.rows_differ"},
		},
		"other than the book: the parcel": {header + strings.Replace(rowA, "甲地", "改名", 1), []string{"A parcel.recorded_otherwise"}},
		"other than the book: the area":   {header + strings.Replace(rowA, "6.52,,2021", "6.53,,2021", 1), []string{"K verification.recorded_otherwise"}},
		"other than the book: both": {
			header + strings.NewReplacer("甲地", "改名", "相符", "盘亏").Replace(rowA), []string{"A parcel.recorded_otherwise", "K verification.recorded_otherwise"},
		},
		"all of it is there":      {header + rowA, []string{"import.already_recorded"}},
		"a good row beside a bad": {row(map[int]string{owner: "私人"}) + "丙,,丙地,集体,,,,1,,,,,,,\n", []string{"D parcel.owner_unknown"}},
		"a total that fits nothing": {
			header + rowB + "合计,,,,,,,,9.99,,,,,,\n", []string{"I sheet.total_mismatch"},
		},
		"no owner column and a new parcel": {"宗地编号,核查面积,核查日期\n丁,1.5,2021-03-03\n", []string{"A parcel.new_without_owner"}},
		"no column of parcels":             {"交易编号,底价,成交价\n1,2,3\n", []string{"sheet.no_header"}},
		"a unit that is none":              {strings.Replace(header, "核查面积(亩)", "核查面积(元)", 1) + rowB, []string{"import.header_unit"}},
		"floor area's header in mu":        {strings.Replace(header, "建筑面积(㎡)", "建筑面积(亩)", 1) + rowB, []string{"import.header_unit"}},
	}
}

func TestImport_Refusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	const entries = 1 + 1 + 2 + 1 + 1
	b.clean(t, entries)
	for what, tt := range refusals() {
		result, err := b.read(t, tt.body, options(t))
		if got := reasons(err); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v (%v), want %v", what, got, err, tt.want)
		}
		if result == nil || result.Recorded != 0 || result.Amended != 0 {
			t.Errorf("%s: result %+v, want nothing recorded", what, result)
		}
		if _, ok := errors.AsType[*sheet.FaultsError](err); ok && result.Rejected == 0 && what != "a total that fits nothing" {
			t.Errorf("%s: no row is rejected", what)
		}
	}
	b.clean(t, entries)
}

// Half a square millimetre is exact, in whatever unit the paper has it; big.Rat reckons beside.
func TestImport_Units(t *testing.T) {
	t.Parallel()
	b := setup(t)
	units := map[string]*big.Rat{"亩": big.NewRat(1, 1), "㎡": big.NewRat(3, 2000), "公顷": big.NewRat(15, 1), "分": big.NewRat(1, 10), "平方公里": big.NewRat(1500, 1)}
	numbers := []string{"1", "0.01", "861.65", "2480.75", "0.0433"}
	want := map[string]*big.Rat{}
	body := "宗地编号,主体,核查面积,核查日期\n"
	for unit, factor := range units {
		for _, n := range numbers {
			x, _ := new(big.Rat).SetString(n)
			want[unit+n] = new(big.Rat).Mul(x, factor)
			body += unit + n + ",集体," + n + unit + ",2021-03-03\n"
		}
	}
	for text, mu := range map[string]string{"约3亩2分": "16/5", "１，２３４．５": "2469/2", "0.0000005㎡": "3/4000000000"} {
		want[text], _ = new(big.Rat).SetString(mu)
		body += "\"" + text + "\",集体,\"" + text + "\",2021-03-03\n"
	}
	b.load(t, body)
	list := b.verified(t, "2021-03-03", "2021-03-03")
	if len(list) != len(want) {
		t.Errorf("%d parcels, want %d", len(list), len(want))
	}
	for _, v := range list {
		if v.VerifiedArea == nil || v.VerifiedArea.Rat().Cmp(want[v.ParcelNo]) != 0 {
			t.Errorf("%s: %v mu, want %v", v.ParcelNo, v.VerifiedArea, want[v.ParcelNo].FloatString(12))
		}
	}
	if n := b.count(t, `SELECT count(*) FROM verifications WHERE written LIKE '%"approximate":true%"约3亩2分"%'`); n != 1 {
		t.Errorf("%d verifications keep that 约3亩2分 was approximate, want 1", n)
	}
	for unit, body := range map[string]string{ // the same 3 mu by header, caption and option
		"header":  "宗地编号,主体,核查面积(平方米),核查日期\n头,集体,2000,2021-05-05\n",
		"caption": "单位：公顷\n宗地编号,主体,核查面积,核查日期\n题,集体,0.2,2021-05-05\n",
		"option":  "宗地编号,主体,核查面积,核查日期\n项,集体,30,2021-05-05\n",
	} {
		o := options(t)
		if unit == "option" {
			o.Units = []string{"万元", "分"}
		}
		if _, err := b.read(t, body, o); err != nil {
			t.Errorf("%s: %v", unit, err)
		}
	}
	if n, sum := total(b.verified(t, "2021-05-05", "2021-05-05"), landcheck.Collective); n != 3 || sum.String() != "9.00" {
		t.Errorf("by header, caption and option: %d parcels, %s mu; want 3, 9.00", n, sum)
	}
}

// num is a number as Excel stores it.
type num string

func setNumber(t *testing.T, f *excelize.File, column, row int, n num) {
	t.Helper()
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellDefault("Sheet1", cell, string(n)); err != nil {
		t.Fatal(err)
	}
}

// xlsx builds an .xlsx as offices keep it: a caption, a merged header, a parcel merged over two visits, a
// formula, a number that Excel stores with 17 digits, and a row of totals.
func xlsx(t *testing.T, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	rows := [][]any{
		{"示例街道宗地核查台账（虚构）"},
		{"宗地编号", "主体", "类别", "面积", "", "核查日期", "核查人", "结论"},
		{"", "", "", "证载面积(㎡)", "核查面积(亩)", "", "", ""},
		{"A-1", "村集体", "留用地", num("861.64999999999998"), num("1.25"), 44260, "示例员甲 示例员乙", "相符"},
		{"", "", "", "", num("1.3"), 44352, "示例员甲 示例员乙", "面积不符"},
		{15, "国家", "国有资产", "", num("2.5"), "2021.3.5", "示例员甲", "无法核实"},
		{"合计", "", "", num("861.65"), num("5.05")},
	}
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
		for j, value := range row {
			if n, ok := value.(num); ok {
				setNumber(t, f, j+1, i+1, n)
			}
		}
	}
	for _, m := range [][2]string{{"A1", "H1"}, {"A2", "A3"}, {"B2", "B3"}, {"C2", "C3"}, {"D2", "E2"}, {"F2", "F3"}, {"G2", "G3"}, {"H2", "H3"}, {"A4", "A5"}, {"B4", "B5"}, {"C4", "C5"}, {"D4", "D5"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestImport_XLSX(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result, err := landcheck.Import(t.Context(), b.scope(), b.actor, source(t, "宗地.xlsx", xlsx(t, nil)), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows != 3 || result.Recorded != 3 || len(result.Tables[0].Totals) != 1 {
		t.Errorf("%d rows, %d recorded, totals %v; want 3, 3, one that fits", result.Rows, result.Recorded, result.Tables[0].Totals)
	}
	b.clean(t, 1+1+2+2+3)
	list := b.verified(t, "2021-01-01", "2021-06-30")
	if len(list) != 2 || list[0].ParcelNo != "A-1" || list[0].Verifications != 2 || list[0].VerifiedArea.String() != "1.30" ||
		list[0].VerifiedOn.String() != "2021-06-05" {
		t.Fatalf("verified %+v; want A-1 with the latest of its two, and 15", list)
	}
	if v := list[1]; v.ParcelNo != "15" || v.VerifiedArea != nil || v.Owner != "state" {
		t.Errorf("15 is %+v; want state, visited and not verified", v)
	}
	if n := b.count(t, "SELECT count(*) FROM parcels WHERE registered_area_mu = 861.65 * 0.0015"); n != 1 {
		t.Errorf("%d parcels with 861.65 m² registered, want 1", n)
	}
	// A verified area merged over two parcels would count twice.
	body := xlsx(t, func(f *excelize.File) {
		if err := errors.Join(f.UnmergeCell("Sheet1", "A4", "A5"), f.SetCellValue("Sheet1", "A5", "A-2"), f.MergeCell("Sheet1", "E4", "E5"), f.SetCellDefault("Sheet1", "E7", "3.75")); err != nil {
			t.Fatal(err)
		}
	})
	result, err = landcheck.Import(t.Context(), b.scope(), b.actor, source(t, "合并.xlsx", body), options(t))
	if got := reasons(err); !slices.Equal(got, []string{"E parcel.area_shared"}) || result.Rejected != 2 {
		t.Errorf("an area merged over two parcels: %v, %d rejected; want parcel.area_shared, 2", got, result.Rejected)
	}
	b.clean(t, 9)
}

func TestImport_AmendAndAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA+rowB)
	changed := header + strings.NewReplacer("甲地", "新名", "6.52,6.52", "6.52,6.6亩", "示例员乙", "示例员丙").Replace(rowA) + rowB
	o := options(t)
	o.Amend, o.Reason = true, "抄错"
	dry := o
	dry.DryRun = true
	result, err := b.read(t, changed, dry)
	if err != nil || result.Amended != 1 || result.Already != 1 {
		t.Errorf("dry run: %v, amended %d, already %d; want 1, 1", err, result.Amended, result.Already)
	}
	b.clean(t, 1+1+2+4)
	result, err = b.read(t, changed, o)
	if err != nil || result.Amended != 1 || result.Already != 1 || result.Recorded != 0 {
		t.Fatalf("amending: %v, %+v; want 1 amended, 1 already", err, result)
	}
	var fields []string
	for _, c := range result.Changes {
		fields = append(fields, c.Field)
	}
	slices.Sort(fields)
	if !slices.Equal(fields, []string{"name", "officers", "verified_area_mu"}) {
		t.Errorf("changed fields %v; want name, officers, verified_area_mu", fields)
	}
	b.clean(t, 8+1+1+2) // the import, one new officer, parcel and verification amended
	if _, err := b.read(t, changed, options(t)); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Errorf("the amended file again: %v, want import.already_recorded", err)
	}
	if v := b.verified(t, "2021-01-01", "2021-06-30")[0]; v.Name != "新名" || v.VerifiedArea.String() != "6.60" {
		t.Errorf("after the amendment %+v; want 新名, 6.60", v)
	}
	listed := "丙,,丙地,集体,自用地,,,5.5,,,,,,,尚未核查\n"
	b.load(t, header+listed)
	_, err = b.read(t, header+strings.Replace(listed, "尚未核查", "已拆", 1), options(t))
	if got := reasons(err); !slices.Equal(got, []string{"A parcel.recorded_otherwise"}) || strings.Contains(err.Error(), "已拆") {
		t.Errorf("another remark: %v (%v), want parcel.recorded_otherwise without the sealed text", got, err)
	}
	if n := b.count(t, "SELECT count(*) FROM sealed WHERE field = 'remark' AND value = '备注一'"); n != 2 {
		t.Errorf("the remark is kept by %d versions of the verification, want 2", n)
	}
	if _, err := b.read(t, changed, intake.Options{Today: o.Today, Amend: true}); !errors.Is(err, ledger.E(ledger.Invalid, "import.reason_missing")) {
		t.Errorf("amending without a reason: %v, want import.reason_missing", err)
	}
	b.clean(t, 12+2)
}

// A list of the next half-year has only what is new; what it has no column for stays as it is.
func TestImport_NextHalfYear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA+rowB+"丙,,丙地,集体,自用地,,,5.5,,,,,,,尚未核查\n")
	o := options(t)
	o.Today = day(t, "2021-12-31")
	next := "宗地编号,核查面积,核查日期,结论\n（甲）,1,2021-09-09,相符\n"
	if _, err := b.read(t, next, o); err == nil {
		t.Error("a parcel that the book does not know, without an owner, was recorded")
	}
	next = "宗地编号,核查面积,核查日期,结论\n 甲－１,7.5,2021-09-09,盘盈\n丙,5.5,2021-09-10,相符\n"
	result, err := b.read(t, next, o)
	if err != nil || result.Recorded != 2 || result.Amended != 0 {
		t.Fatalf("%v, %+v; want 2 recorded", err, result)
	}
	list := b.verified(t, "2021-07-01", "2021-12-31")
	if len(list) != 2 || list[0].Name != "甲地" || list[0].Category != "reserved_land" || list[1].ParcelNo != "丙" {
		t.Errorf("second half %+v; want 甲-1 and 丙 with what the book had", list)
	}
	if n := b.count(t, "SELECT count(*) FROM parcels"); n != 3 {
		t.Errorf("%d rows of parcels, want the 3 of the first half", n)
	}
	b.clean(t, 1+1+2+3+2+1+2)
}

func TestImport_WithoutNumber(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := header +
		",441202999999JB00001,甲地,集体,留用地,,,,6.52,,2021-01-04,示例员甲、示例员乙,相符,,\n" +
		",,乙地,集体,,,,,1.5,,2021-01-05,示例员甲、示例员乙,相符,,\n" +
		",,乙地,集体,,,,,2.5,,2021-01-06,示例员甲、示例员乙,相符,,\n" +
		",441202 999999 JB00001,甲地,集体,留用地,,,,6.6,,2021-02-04,示例员甲、示例员乙,相符,,\n"
	if result := b.load(t, body); result.Recorded != 4 {
		t.Errorf("%d rows recorded, want 4", result.Recorded)
	}
	b.clean(t, 1+1+2+3+4)
	list := b.verified(t, "2021-01-01", "2021-06-30")
	if len(list) != 3 || list[0].ParcelNo != "账内4" || list[0].Verifications != 2 || list[1].ParcelNo != "账内7" {
		t.Errorf("parcels %+v; want 账内4 visited twice, 账内7 and another", list)
	}
	if result, err := b.read(t, body, options(t)); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Errorf("again: %v, %+v, want import.already_recorded", err, result)
	}
	lines := strings.SplitAfter(strings.TrimPrefix(body, header), "\n")
	slices.Reverse(lines)
	if result, err := b.read(t, header+strings.Join(lines, ""), options(t)); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Errorf("again, upside down: %v, %+v, want import.already_recorded", err, result)
	}
	b.clean(t, 11)
}

func TestImport_GoodRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+rowA)
	o := options(t)
	o.GoodRows = true
	body := header + strings.Replace(rowA, "甲地", "改名", 1) + // 2: not as the book has it
		rowB + // 3: good, but 4 is of the same parcel and is not
		strings.NewReplacer("2021-04-13", "2022-04-13").Replace(rowB) +
		"丙,,丙地,集体,自用地,,,5.5,,,,,,,\n"
	result, err := b.read(t, body, o)
	got := reasons(err)
	if !slices.Equal(got, []string{"A import.rejected_with_others", "A parcel.recorded_otherwise", "K day.future"}) {
		t.Errorf("faults %v", got)
	}
	var rows []int
	for _, r := range result.BadRows {
		rows = append(rows, r.Number)
	}
	slices.Sort(rows)
	if !slices.Equal(rows, []int{2, 3, 4}) || result.Recorded != 1 || result.Rejected != 3 {
		t.Errorf("rejected %v, recorded %d; want 2, 3, 4 and 1", rows, result.Recorded)
	}
	b.clean(t, 6+1+1)
}

func TestImport_Notes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result := b.load(t, header+
		"1,441203999999GA00001W00010000,甲,国有,留用地,,,,1,,2021-01-04,示例员甲,相符,,\n"+
		"2,441202999999JB00002,乙,集体,,,,,,,2021-01-04,示例员甲、示例员乙,面积不符,,\n"+
		"3,441202999999JB00002,丙,,自用地,,,,2,,2021-01-04,,无法核实,,\n"+
		"4,,丁,集体,,,,,,,,示例员甲,,出租,\n")
	var got []string
	for _, n := range result.Notes {
		got = append(got, n.No+" "+n.Code)
	}
	slices.Sort(got)
	want := []string{
		"1 fewer_than_two_officers", "1 owner_against_category", "1 parcel_code_division", "1 parcel_code_letters", "1 parcel_code_tail",
		"2 verified_without_area", "3 area_though_not_verifiable", "3 fewer_than_two_officers", "3 parcel_code_shared",
	}
	if !slices.Equal(got, want) {
		t.Errorf("notes\n%v, want\n%v", got, want)
	}
	result = b.load(t, header+"5,441202999999JB00002,戊,集体,,,,,,,,,,,\n")
	if len(result.Notes) != 1 || result.Notes[0].Code != "parcel_code_shared" || result.Notes[0].Reckons != "2" {
		t.Errorf("a code that the book has: notes %+v; want parcel_code_shared with 2", result.Notes)
	}
	if n := b.count(t, "SELECT count(*) FROM sealed WHERE field = 'other_columns' AND value = '核查人: 示例员甲; 使用状况: 出租'"); n != 1 {
		t.Errorf("officer and use of a parcel that nobody verified are kept %d times, want once", n)
	}
	if v := b.verified(t, "2021-01-01", "2021-12-31"); len(v) != 3 || v[2].Owner != "collective" || v[2].VerifiedArea != nil {
		t.Errorf("verified %+v; want 3, the last a collective's by its category and not verified", v)
	}
}
