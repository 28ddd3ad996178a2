package landcheck

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mingzhang/ledger"
)

func decimalOf(n int64, exponent int32) decimal.Decimal { return decimal.New(n, exponent) }

func TestOfficerNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":        nil,
		"张三":      {"张三"},
		"张　三":     {"张三"},
		"张 三、李四光": {"张三", "李四光"},
		"张三 李四":   {"张三", "李四"},
		"张 三 李 四": {"张三", "李四"},
		"张 三 李四光": {"张三", "李四光"},
		"李四光　王 五": {"李四光", "王五"},
		"欧 阳 修":   {"欧阳修"},
		"张三,李四，王五;赵六；钱七/孙八": {"张三", "李四", "王五", "赵六", "钱七", "孙八"},
		"张三\n李四":             {"张三", "李四"},
		"张三、张三":              {"张三"},
		"、张三、":               {"张三"},
		"John Smith、张三":      {"John Smith", "张三"},
		"示例核查员甲、示例核查员乙":      {"示例核查员甲", "示例核查员乙"},
		"阿卜杜拉·买买提 古丽娜尔":      {"阿卜杜拉·买买提", "古丽娜尔"},
		"张三(组长)、李四":          {"张三(组长)", "李四"},
		"  张三 \u200b、 李四 \t": {"张三", "李四"},
	} {
		if got := officerNames(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSetOf(t *testing.T) {
	t.Parallel()
	type set struct {
		codes []string
		rest  string
	}
	for text, want := range map[string]set{
		"":           {},
		"相符":         {[]string{"matches"}, ""},
		"使用人不符、面积不符": {[]string{"area_differs", "user_differs"}, ""},
		"面积不符；面积不一致": {[]string{"area_differs"}, ""},
		"面积不符，另见附件;张三称已租":   {[]string{"area_differs"}, "另见附件、张三称已租"},
		"面积与证不一致，需复核":       {nil, "面积与证不一致，需复核"},
		"盘盈/争议;重复,暂缓":       {[]string{"found_extra", "disputed", "duplicate", "postponed"}, ""},
		"Area differs":      {[]string{"area_differs"}, ""},
		"not_verifiable":    {[]string{"not_verifiable"}, ""},
		"无 法 核 实":           {[]string{"not_verifiable"}, ""},
		"盘亏、权属不符、位置不符、用途不符": {[]string{"use_differs", "title_differs", "place_differs", "missing"}, ""},
	} {
		if codes, rest := setOf(conclusions(), text); !slices.Equal(codes, want.codes) || rest != want.rest {
			t.Errorf("%q: %q, %q; want %q, %q", text, codes, rest, want.codes, want.rest)
		}
	}
}

// Every code of every list is found by its names, and by no other list entry's.
func TestWords_FindThemselves(t *testing.T) {
	t.Parallel()
	var kinds []word
	for _, c := range categories() {
		kinds = append(kinds, c.word)
	}
	for _, list := range [][]word{owners(), kinds, conclusions(), useStates()} {
		seen := map[string]string{}
		for _, w := range list {
			for _, name := range slices.Concat([]string{w.code, w.name.ZH, w.name.EN}, w.aliases) {
				if code, ok := find(list, name); !ok || code != w.code {
					t.Errorf("%q is found as %q, want %q", name, code, w.code)
				}
				if other := seen[name]; other != "" && other != w.code {
					t.Errorf("%q names %s and %s", name, other, w.code)
				}
				seen[name] = w.code
			}
			if w.name.ZH == "" || w.name.EN == "" {
				t.Errorf("%s has no name in one of the languages", w.code)
			}
		}
	}
	if got := SortCategories([]string{"菜地", "state_asset", "reserved_land", "别的"}); !slices.Equal(got, []string{"reserved_land", "state_asset", "别的", "菜地"}) {
		t.Errorf("categories in the order %q", got)
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	// The domain paper's vectors: code → right, by a registration system's tests.
	for code, right := range map[string]string{
		"320684100302JA00001W00000000": "1", "320684100001GA00001W00010000": "2", "320684100002GB00631W00000000": "3",
		"340111303004GB00165F00010490": "4", "320684108205JC00160W00010001": "5", "320684108205JC00160F00010001": "6",
		"320684100302JB00001W00000000": "7", "320684108205JB00160F00010001": "8", "320684108205GE00160L00010001": "10",
		"320684108205GL00160W00010001": "11", "441202999999JB00001": "7", "441202999999GB00001": "3",
		"320684100302ZA00001W00000000": "", "320684100302ZS00001W00000000": "", "310113999999GB00001Q00010001": "",
		"441202 999999 jb00001": "7", "４４１２０２９９９９９９ＪＢ０００１２": "7",
	} {
		got, err := parseCode(code)
		if err != nil {
			t.Errorf("%s is refused: %v", code, err)
			continue
		}
		r, nature := tenureOf(got)
		wantNature := map[byte]string{'G': "100", 'J': "200", 'Z': ""}[got[12]]
		if r != right || nature != wantNature {
			t.Errorf("%s: right %q, nature %q; want %q, %q", code, r, nature, right, wantNature)
		}
		if r != "" && RightName(r).ZH == r {
			t.Errorf("right %s has no name", r)
		}
	}
	for code, what := range map[string]string{
		"441202999999JB0001": "18", "441202999999JB000011": "20", "041202999999JB00001": "第1位", "44120299999XJB00001": "第12位",
		"441202999999KB00001": "第13位", "441202999999JK00001": "第14位", "441202999999JB00000": "00000", "441202999999JB0000A": "第19位",
		"441202999999JB00001X00000000": "第20位", "441202999999JB00001W0000000O": "第28位", "441202999999中B00001": "第13位",
		"宝山区高境镇9街坊73/7丘": "长度", "44120000120": "长度",
	} {
		_, err := parseCode(code)
		if !errors.Is(err, ledger.E(ledger.Invalid, "parcel.code_form")) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v, want parcel.code_form naming %s", code, err, what)
		}
	}
}

func TestCodeOddities(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"441202999999JB00001":          nil,
		"441202999999GA00001":          {"parcel_code_letters"},
		"441202999999ZC00001":          {"parcel_code_letters"},
		"441202999999JB00001W00010000": {"parcel_code_tail"},
		"441203999999GC00001W00010000": {"parcel_code_tail", "parcel_code_letters", "parcel_code_division"},
	} {
		if got := codeOddities(code, "441202001"); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	if got := codeOddities("441203999999JB00001", ""); got != nil {
		t.Errorf("a book without a division: %q, want nothing", got)
	}
}

func TestFloorArea(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"3286.6": "3286.6", "5730.0": "5730", "1,234.5678": "1234.5678", "约960㎡": "960", "0.5万平方米": "5000", "１２平方米": "12", "12平米": "12",
	} {
		if got, _, err := ParseFloorArea(text, ledger.SquareMetre); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for text, reason := range map[string]string{
		"5亩": "parcel.floor_area_unit", "0.3公顷": "parcel.floor_area_unit", "0": "amount.not_positive", "-3": "amount.not_positive",
		"1.23456": "number.too_many_decimals", "1e5": "number.unreadable", "三百": "number.unreadable",
	} {
		if _, _, err := ParseFloorArea(text, ledger.SquareMetre); !errors.Is(err, ledger.E(ledger.Invalid, reason)) {
			t.Errorf("%s: %v, want %s", text, err, reason)
		}
	}
	rapid.Check(t, func(rt *rapid.T) { // exact: what goes in comes out, by another way of reckoning
		n := rapid.Int64Range(1, 1_000_000_000_000).Draw(rt, "tenths of a thousandth")
		text := decimal.New(n, -4).String()
		got, _, err := ParseFloorArea(text, ledger.SquareMetre)
		if err != nil || got.Decimal().Rat().Cmp(big.NewRat(n, 10_000)) != 0 {
			rt.Errorf("%s m² is read as %s, %v", text, got, err)
		}
	})
}
