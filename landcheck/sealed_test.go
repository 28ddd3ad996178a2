package landcheck_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// inClear counts the entries and derived rows that hold a text which has to be sealed.
func (b *bundle) inClear(t *testing.T, text string) int {
	t.Helper()
	return b.count(t, "SELECT (SELECT count(*) FROM entries WHERE convert_from(body, 'UTF8') LIKE '%'||?0||'%')"+
		" + (SELECT count(*) FROM parcels AS p WHERE p::text LIKE '%'||?0||'%')"+
		" + (SELECT count(*) FROM verifications AS v WHERE v::text LIKE '%'||?0||'%')"+
		" + (SELECT count(*) FROM imports AS i WHERE i::text LIKE '%'||?0||'%')", text)
}

func TestImport_PersonsAreSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const (
		own   = "己-1,,己地,集体,自用地,周学会,示例路3号,,1.5,,2021-04-01,示例员甲、周学会,面积不符、周学会称已转租,周学会占用,\n"
		bare  = ",,庚地,集体,自用地,吴三,,,2.5,,2021-04-02,,相符,,\n"
		twin  = ",,庚地,集体,自用地,郑四,,,3.5,,2021-04-03,,相符,,\n"
		plain = "辛-1,,辛地,集体,自用地,示例青村,,1,,,,,,,\n"
	)
	body := header + own + bare + twin + plain
	if result := b.load(t, body); result.Recorded != 4 {
		t.Errorf("%d recorded, want 4", result.Recorded)
	}
	entries := int64(1 + 1 + 4 + 4 + 3) // the book, the import, four persons, parcels, verifications
	b.clean(t, entries)
	for _, text := range []string{"周学会", "吴三", "郑四", "转租", "宗地.csv"} {
		if n := b.inClear(t, text); n != 0 {
			t.Errorf("%s stands in clear %d times", text, n)
		}
	}
	if n := b.inClear(t, "示例青村"); n != 2 {
		t.Errorf("the holder 示例青村 stands in clear %d times, want in its entry and its row", n)
	}
	if n := b.count(t, "SELECT count(*) FROM parcels JOIN verifications AS v ON v.book_id = parcels.book_id AND v.parcel = parcels.id"+
		" WHERE holder LIKE 'p%' AND v.officers LIKE '%\"'||holder||'\"%'"); n != 1 {
		t.Errorf("%d parcels are held by an officer, want 1: one name is one person", n)
	}
	lines := strings.SplitAfter(body, "\n")
	slices.Reverse(lines[1:5])
	for _, again := range []string{body, strings.Join(lines, "")} {
		if result, err := b.read(t, again, options(t)); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) || result.Already != 4 {
			t.Errorf("again: %v, %+v; want import.already_recorded, 4", err, result)
		}
	}
	// A parcel that differs in nothing but its holder is another one, where there is no number.
	if result := b.load(t, header+strings.ReplaceAll(bare, "吴三", "冯五")); result.Recorded != 1 {
		t.Errorf("another holder: %d recorded, want 1", result.Recorded)
	}
	b.clean(t, entries+4)
}

func TestAmend_SealedWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	row := "己-1,,己地,集体,自用地,周学会,示例路3号,,1.5,,2021-04-01,示例员甲,面积不符、周学会称已转租,周学会占用,备注一\n"
	b.load(t, header+row)
	changed := strings.NewReplacer("自用地,周学会", "自用地,吴三", "周学会称已转租", "周学会称自用").Replace(row)
	_, err := b.read(t, header+changed, options(t))
	if got := reasons(err); !slices.Equal(got, []string{"A parcel.recorded_otherwise", "K verification.recorded_otherwise"}) ||
		strings.Contains(err.Error(), "周学会") || strings.Contains(err.Error(), "吴三") {
		t.Errorf("another holder and conclusion: %v (%v); want both conflicts without a name", got, err)
	}
	o := options(t)
	o.Amend, o.Reason = true, "改正"
	result, err := b.read(t, header+changed, o)
	var fields []string
	for _, c := range result.Changes {
		fields = append(fields, c.Field)
	}
	if err != nil || result.Amended != 1 || !slices.Equal(fields, []string{"holder", "conclusion_text"}) {
		t.Fatalf("amending: %v, %+v; want holder and conclusion_text changed", err, result)
	}
	if _, err := b.read(t, header+changed, options(t)); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Errorf("the amended file again: %v, want import.already_recorded", err)
	}
	if _, err := landcheck.VoidParcel(t.Context(), b.scope(), b.actor, ledger.Key{}, b.id(t, "己-1"), 0, "不属本街道"); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string][2]string{
		"use_state_text": {"周学会占用", "3"}, "remark": {"备注一", "3"}, "conclusion_text": {"周学会称自用", "2"},
	} {
		if n := b.count(t, "SELECT count(*) FROM sealed WHERE field = ? AND value = ?", field, want[0]); n != int(want[1][0]-'0') {
			t.Errorf("%s is kept by %d versions of the verification, want %s", field, n, want[1])
		}
	}
	if n := b.count(t, "SELECT count(DISTINCT holder) FROM parcels WHERE holder LIKE 'p%'"); n != 2 {
		t.Errorf("%d holders are persons, want 2", n)
	}
	if n := b.inClear(t, "周学会") + b.inClear(t, "吴三"); n != 0 {
		t.Errorf("a name stands in clear %d times", n)
	}
	b.clean(t, b.size(t))
}
