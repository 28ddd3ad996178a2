package auction_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/review"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/dbtest"
)

// bundle is a book of its own.
type bundle struct {
	db    *dbtest.DB
	store *ledger.Store
	book  *ledger.Book
	actor ledger.Actor
}

func setup(tb testing.TB) *bundle {
	tb.Helper()
	b := &bundle{db: dbtest.New(tb)}
	var keys sync.Map
	b.store = ledger.Open(b.db.Writer(), ledger.Keys{
		Load: func(origin string) (string, error) {
			if secret, ok := keys.Load(origin); ok {
				return secret.(string), nil
			}
			return "", ledger.ErrNoKey
		},
		Save: func(origin, secret string) error { keys.Store(origin, secret); return nil },
	}, func() time.Time { return time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC) }, auction.Kind(), review.Kind())
	var err error
	if b.actor, err = ledger.LocalActor("clerk"); err != nil {
		tb.Fatal(err)
	}
	b.book, err = b.store.AddBook(tb.Context(), b.actor, ledger.BookProfile{Code: "test", Kind: ledger.OfficeBook, NameZH: "示例街道"})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func today(tb testing.TB) ledger.Day {
	tb.Helper()
	d, err := ledger.NewDay(2021, 12, 31)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// csv is a register of lots as a source; rows are lines.
func csv(tb testing.TB, rows ...string) intake.Source {
	tb.Helper()
	body := strings.Join(rows, "\n") + "\n"
	file, err := sheet.Open("台账.csv", strings.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	return intake.Source{Name: "台账.csv", SHA256: hex.EncodeToString(sum[:]), File: file}
}

func (b *bundle) take(tb testing.TB, o intake.Options, rows ...string) (*intake.Result, error) {
	tb.Helper()
	if o.Today.IsZero() {
		o.Today = today(tb)
	}
	return auction.Import(tb.Context(), ledger.WholeBook(b.book), b.actor, csv(tb, rows...), o)
}

// clean checks the book and expects a number of entries.
func (b *bundle) clean(tb testing.TB, entries int64) {
	tb.Helper()
	result, err := b.book.Check(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	if len(result.Faults) > 0 || result.Entries != entries {
		tb.Fatalf("check: %d entries, want %d; faults %+v", result.Entries, entries, result.Faults)
	}
}

// lots are the current listings, in the order of their records.
func (b *bundle) lots(tb testing.TB) []auction.Lot {
	tb.Helper()
	var list []auction.Lot
	if err := b.db.Writer().NewSelect().Model(&list).Where("seq_to IS NULL").Order("id").Scan(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return list
}

const totalsHeader = "交易编号,资产名称,村集体,底价(元),成交价(元),结果,成交日期,竞得人"

func TestImport_Totals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result, err := b.take(t, intake.Options{},
		totalsHeader,
		"A-1,示例商铺,示例村,\"1,000.00\",1250.5,成交,2021-03-05,示例甲",
		"A-2,示例鱼塘,示例村,２０００,3000,,2021年4月1日,示例甲",
		"A-3,示例仓库,示例村,500,,流拍,2021/5/1,",
		"合计,,,3500,4250.50,,,")
	if err != nil {
		t.Fatal(err)
	}
	if result.Recorded != 3 || result.Already != 0 {
		t.Errorf("recorded %d, already %d; want 3, 0", result.Recorded, result.Already)
	}
	lots := b.lots(t)
	if len(lots) != 3 {
		t.Fatalf("%d lots, want 3", len(lots))
	}
	for i, want := range []struct{ base, hammer, outcome string }{
		{"1000.00", "1250.50", "hammered"}, {"2000.00", "3000.00", "hammered"}, {"500.00", "", "unsold"},
	} {
		hammer := ""
		if lots[i].HammerTotal != nil {
			hammer = lots[i].HammerTotal.String()
		}
		if lots[i].BaseTotal.String() != want.base || hammer != want.hammer || lots[i].Outcome != want.outcome {
			t.Errorf("lot %d: base %s hammer %q %s; want %+v", i, lots[i].BaseTotal, hammer, lots[i].Outcome, want)
		}
	}
	if lots[0].Winner == "" || lots[0].Winner != lots[1].Winner {
		t.Errorf("one winner has the references %q and %q", lots[0].Winner, lots[1].Winner)
	}
	b.clean(t, 1+1+1+3) // opened, import, one person, three lots
}

func TestImport_PricesOverTheTerm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.take(t, intake.Options{},
		"交易编号,资产名称,计价单位,底价单价,成交单价,面积,租期,结果,成交日期,合同总标的(万元),溢价率(%)",
		"1,示例厂房,元/㎡·月,15,16.5,2000,5年,成交,2021-03-05,198.00,10.00",
		"2,示例两块田,元/亩,650,710,557,2年7个月,成交,2021-03-06,,",
		"3,示例塘,元/亩·年,900,900,12.34,31个月,成交,2021-03-07,,0")
	if !errors.Is(err, ledger.E(ledger.Invalid, "price.span_unsaid_row")) {
		t.Fatalf("元/亩 without a span: %v, want price.span_unsaid_row", err)
	}
	b.clean(t, 1)
	result, err := b.take(t, intake.Options{},
		"交易编号,资产名称,计价单位,底价单价,成交单价,面积,租期,结果,成交日期,合同总标的(万元),溢价率(%)",
		"1,示例厂房,元/㎡·月,15,16.5,2000,5年,成交,2021-03-05,198.00,10.00",
		"2,示例两块田,元/亩·年,650,710,557,2年7个月,成交,2021-03-06,,",
		"2,示例两块田,元/亩·年,650,740,850,2年7个月,成交,2021-03-06,,",
		"3,示例塘,元/亩·年,900,900,12.34,31个月,成交,2021-03-07,,0")
	if err != nil {
		t.Fatal(err)
	}
	lots := b.lots(t)
	// 15 × 2000 × 60; (557 + 850) × 650 × 31/12; 12.34 × 900 × 31/12, each by hand.
	for i, want := range [][2]string{{"1800000.00", "1980000.00"}, {"2362587.50", "2646547.50"}, {"28690.50", "28690.50"}} {
		if got := [2]string{lots[i].BaseTotal.String(), lots[i].HammerTotal.String()}; got != want {
			t.Errorf("lot %s: %v, want %v", lots[i].LotNo, got, want)
		}
	}
	if len(result.Notes) > 0 {
		t.Errorf("claims that fit were noted: %+v", result.Notes)
	}
	b.clean(t, 5)
}

// The mistake that the project began with, one lot of it: the hammer total under the name of the premium.
func TestImport_ClaimsAreKeptAndCompared(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result, err := b.take(t, intake.Options{},
		"交易编号,资产名称,底价合同总额(元),成交总价(元),合同总标的(元),溢价(元),溢价率(%),结果,成交日期",
		"1,示例,332474,476363,332474,476363,43.28,成交,2021-03-05",
		"2,示例,45000,61000,61000,16000,35.55,成交,2021-03-06",
		"3,示例,1000,1250,1250,250,20,成交,2021-03-07",
		"4,示例,1000,1250,1250,250,125.00,成交,2021-03-08",
		"5,示例,1000,1250,1260,250,25,成交,2021-03-08")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range result.Notes {
		got = append(got, n.No+" "+n.Field+" "+n.Code)
	}
	want := []string{
		"1 contract_total contract_total_is_base_total", "1 premium premium_is_hammer_total",
		"2 premium_rate truncated", "3 premium_rate rate_on_hammer_total", "4 premium_rate rate_is_hammer_over_base",
		"5 contract_total mismatch",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("notes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	b.clean(t, 7)
}

func TestImport_EnglishOutcomes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader, "1,甲,村,1000,1200,Sold,2021-03-05,", "2,乙,村,1000,,Unsold,2021-03-05,", "3,丙,村,1000,1200,Contract Signed,2021-03-05,"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"hammered", "unsold", "confirmed"} {
		if got := b.lots(t)[i].Outcome; got != want {
			t.Errorf("lot %d: got %s, want %s", i+1, got, want)
		}
	}
}

func TestImport_RefusedAndNothingWritten(t *testing.T) {
	t.Parallel()
	const leases = "交易编号,资产名称,计价单位,底价单价,成交单价,面积,租期,结果,成交日期"
	const totals2 = "交易编号,资产名称,底价,成交价,结果,成交日期"
	for _, tt := range []struct {
		name, reason string
		rows         []string
	}{
		{"three decimals of yuan", "number.too_many_decimals", []string{totalsHeader, "1,甲,村,1000.005,1200,成交,2021-03-05,"}},
		{"zero base", "amount.not_positive", []string{totalsHeader, "1,甲,村,0,1200,成交,2021-03-05,"}},
		{"a negative amount", "amount.not_positive", []string{totalsHeader, "1,甲,村,1000,-1200,成交,2021-03-05,"}},
		{"an impossible date", "day.impossible", []string{totalsHeader, "1,甲,村,1000,1200,成交,2021-02-30,"}},
		{"a date in the future", "day.future", []string{totalsHeader, "1,甲,村,1000,1200,成交,2022-01-01,"}},
		{"blank is not zero: no hammer", "lot.hammer_missing", []string{totalsHeader, "1,甲,村,1000,,成交,2021-03-05,"}},
		{"blank is not zero: no base", "lot.base_missing", []string{totalsHeader, "1,甲,村,,1000,成交,2021-03-05,"}},
		{"no result and no hammer", "lot.outcome_missing", []string{totalsHeader, "1,甲,村,1000,,,2021-03-05,"}},
		{"an unknown result", "lot.outcome_unknown", []string{totalsHeader, "1,甲,村,1000,1200,大概成交,2021-03-05,"}},
		{"unsold with a hammer", "lot.unsold_with_hammer", []string{totalsHeader, "1,甲,村,1000,1200,流拍,2021-03-05,"}},
		{"two results of one lot", "lot.twice_in_file", []string{totalsHeader, "1,甲,村,1000,1200,成交,2021-03-05,", "1,甲,村,1000,1300,成交,2021-03-06,"}},
		{"a total that fits nothing", "sheet.total_mismatch", []string{totalsHeader, "1,甲,村,1000,1200,成交,2021-03-05,", "合计,,,1001,1200,,,"}},
		{"mojibake", "sheet.mojibake", []string{totalsHeader, "1,甲\ufffd,村,1000,1200,成交,2021-03-05,"}},
		{"a price without its span", "price.span_unsaid", []string{"交易编号,资产名称,底价,成交价,租期,结果,成交日期", "1,甲,1000,1200,3年,成交,2021-03-05"}},
		{"a money unit in the caption that the book has not", "import.header_unit", []string{"单位：百元", totals2, "1,甲,1000,1200,成交,2021-03-05"}},
		{"foreign money in the caption", "import.header_unit", []string{"单位：美元", totals2, "1,甲,1000,1200,成交,2021-03-05"}},
		{"a unit nobody knows", "price.unit_unknown", []string{leases, "1,甲,两/筐·年,10,12,3,3年,成交,2021-03-05"}},
		{"rent in grain", "price.unit_in_kind", []string{leases, "1,甲,斤稻谷/亩·年,10,12,3,3年,成交,2021-03-05"}},
		{"no term", "price.term_unknown", []string{leases, "1,甲,元/亩·年,10,12,3,,成交,2021-03-05"}},
		{"no quantity", "price.quantity_missing", []string{leases, "1,甲,元/亩·年,10,12,,3年,成交,2021-03-05"}},
		{"five decimals of a price", "number.too_many_decimals", []string{leases, "1,甲,元/亩·年,10.00001,12,3,3年,成交,2021-03-05"}},
		{"a lease that ends before it begins", "lot.lease_ends_before_it_begins", []string{"交易编号,资产名称,底价(元),成交价(元),合同起,合同止,成交日期", "1,甲,1000,1200,2021-05-01,2021-04-30,2021-03-05"}},
		{"a winner's name that no index holds", "text.too_long", []string{"交易编号,资产名称,底价(元),成交价(元),竞得人,成交日期", "1,甲,1000,1200," + strings.Repeat("长", 201) + ",2021-03-05"}},
		{"a remark without end", "text.too_long", []string{"交易编号,资产名称,底价(元),成交价(元),备注,成交日期", "1,甲,1000,1200," + strings.Repeat("长", 4001) + ",2021-03-05"}},
		{"a row without any name", "lot.unnamed", []string{totalsHeader, "1,甲,村,1000,1200,成交,2021-03-05,", ",,,300,330,,,"}},
		{"a unit under the table", "import.unit_below_table", []string{"交易编号,资产名称,底价,成交价,结果,成交日期", "1,甲,10,12,成交,2021-03-05", "单位：万元,,,,,"}},
		{"half a bidder", "sheet.not_a_count", []string{"交易编号,资产名称,底价(元),成交价(元),出价人数,成交日期", "1,甲,1000,1200,1.5,2021-03-05"}},
		{"a shortened number as key", "sheet.shortened_number", []string{totalsHeader, "2.02E+11,甲,村,1000,1200,成交,2021-03-05,"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			_, err := b.take(t, intake.Options{}, tt.rows...)
			if e, ok := reasonIn(err, tt.reason); !ok {
				t.Fatalf("got %v (%v), want %s", err, e, tt.reason)
			}
			b.clean(t, 1)
		})
	}
}

// reasonIn finds a reason anywhere in an error: among the faults of cells, too.
func reasonIn(err error, reason string) (found []string, ok bool) {
	if faults, is := errors.AsType[*sheet.FaultsError](err); is {
		for _, f := range faults.List {
			found = append(found, f.Err.Reason)
			ok = ok || f.Err.Reason == reason
		}
		return found, ok
	}
	if e, is := errors.AsType[*ledger.Error](err); is {
		return []string{e.Reason}, e.Reason == reason
	}
	return nil, false
}

// A register with every column of the contract: the price per unit says all, the totals beside it are claims.
func TestImport_AllColumns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const header = "交易编号,项目编号,资产名称,村集体,资产类别,交易类别,交易方式,计价单位,底价单价,成交单价,面积,租期,合同起,合同止,免租期,递增,底价,成交价,合同总标的,溢价,溢价率,结果,成交日期,竞得人,报名人数,出价人数,保证金,备注"
	result, err := b.take(t, intake.Options{}, header,
		"A1,P1,示例,示例村,厂房,出租,网上竞投,元/㎡·月,15,16.5,2000,5年,2021-04-01,2026-03-31,3个月,每3年递增5%,1800000,1980000,1980000,180000,10%,成交,2021-03-05,示例甲,3,2,50000,无")
	if err != nil {
		t.Fatal(err)
	}
	if l := b.lots(t)[0]; l.BaseTotal.String() != "1800000.00" || l.HammerTotal.String() != "1980000.00" || len(result.Notes) > 0 {
		t.Errorf("%s, %s, notes %+v; want 1800000.00, 1980000.00, none", l.BaseTotal, l.HammerTotal, result.Notes)
	}
	_, err = b.take(t, intake.Options{}, header,
		"A2,P2,示例,示例村,厂房,出租,网上竞投,元/㎡·月,,,2000,5年,,,,,1800000,1980000,,,,成交,2021-03-05,示例甲,3,2,50000,无")
	if _, ok := reasonIn(err, "price.span_unsaid_row"); !ok {
		t.Errorf("a total whose span nobody says: %v, want price.span_unsaid_row", err)
	}
	b.clean(t, 4)
}

func TestImport_AllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.take(t, intake.Options{}, totalsHeader,
		"1,甲,村,0,1200,成交,2021-02-30,", "2,乙,村,1000,1200,成交,2021-03-05,", "3,丙,村,1000,1.234,成交,2021-03-05,")
	faults, ok := errors.AsType[*sheet.FaultsError](err)
	if !ok || faults.Len() != 3 {
		t.Fatalf("%v; want three faults", err)
	}
	for i, want := range []struct {
		row    int
		column string
	}{{2, "G"}, {2, "D"}, {4, "E"}} {
		if f := faults.List[i]; f.Row != want.row || f.Column != want.column {
			t.Errorf("fault %d is in %s%d, want %s%d: %v", i, f.Column, f.Row, want.column, want.row, f.Err)
		}
	}
	b.clean(t, 1)
}

func TestImport_Again(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []string{
		totalsHeader + ",备注,电话",
		"穗集资交〔2021〕1号,甲,村,1000,1200,成交,2021-03-05,示例甲,备注一,invented-1",
		",无号,村,1000,1200,成交,2021-03-05,,,",
		",无号,村,1000,1200,成交,2021-03-05,,,",
		"2,乙,村,1000,,流拍,2021-03-05,,,",
		"2,乙,村,900,1100,成交,2021-04-05,,,",
	}
	first, err := b.take(t, intake.Options{}, rows...)
	if err != nil || first.Recorded != 5 {
		t.Fatalf("%+v, %v; want 5 recorded", first, err)
	}
	_, err = b.take(t, intake.Options{}, rows...)
	if !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Fatalf("the same file again: %v, want conflict import.already_recorded", err)
	}
	b.clean(t, 8)
	// The number is compared with width, blanks and brackets folded; a new row beside known ones is recorded.
	rows[1] = "穗集资交【2021】 １号,甲,村,1000,1200,成交,2021-03-05,示例甲,备注一,invented-1"
	more, err := b.take(t, intake.Options{}, append(rows, "3,丙,村,1000,1500,成交,2021-05-05,,,")...)
	if err != nil || more.Recorded != 1 || more.Already != 5 {
		t.Fatalf("one new row: %+v, %v; want 1 recorded, 5 already", more, err)
	}
	b.clean(t, 10)
}

func TestImport_Listings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader, "7,塘,村,1000,,流拍,2021-03-05,"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(t, intake.Options{}, totalsHeader, "7,塘,村,900,,流标,2021-04-05,", "7,塘,村,800,950,成交,2021-05-05,"); err != nil {
		t.Fatal(err)
	}
	var listings []int64
	for _, l := range b.lots(t) {
		listings = append(listings, l.Listing)
	}
	if len(listings) != 3 || listings[0] != 1 || listings[1] != 2 || listings[2] != 3 {
		t.Errorf("listings %v, want 1 2 3", listings)
	}
	_, err := b.take(t, intake.Options{}, totalsHeader, "7,塘,村,800,990,成交,2021-06-05,")
	if _, ok := reasonIn(err, "lot.recorded_otherwise"); !ok {
		t.Errorf("a second result of a sold lot: %v, want lot.recorded_otherwise", err)
	}
	b.clean(t, 1+2+3)
}

// A file with one row of a number that was listed twice mends the listing it means, not the first one.
func TestImport_AmendOfLaterListing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []string{totalsHeader, "A-3,示例商铺,示例村,300,,流拍,2021-05-01,", "A-3,示例商铺,示例村,280,300,成交,2021-06-20,示例甲"}
	if _, err := b.take(t, intake.Options{}, rows...); err != nil {
		t.Fatal(err)
	}
	amend := intake.Options{Amend: true, Reason: "抄错"}
	for _, step := range []struct{ row, first, second string }{
		{"A-3,示例商铺,示例村,280,310,成交,2021-06-20,示例甲", "unsold 2021-05-01 300.00", "hammered 2021-06-20 280.00 310.00"},
		{"A-3,示例商铺,示例村,280,310,成交,2021-06-21,示例甲", "unsold 2021-05-01 300.00", "hammered 2021-06-21 280.00 310.00"},
		{"A-3,示例商铺,示例村,301,,流拍,2021-05-02,", "unsold 2021-05-02 301.00", "hammered 2021-06-21 280.00 310.00"},
		{"A-3,示例商铺,示例村,280,310,弃拍,2021-06-21,示例甲", "unsold 2021-05-02 301.00", "defaulted 2021-06-21 280.00 310.00"},
	} {
		if _, err := b.take(t, amend, totalsHeader, step.row); err != nil {
			t.Fatalf("%s: %v", step.row, err)
		}
		got := map[int64]string{}
		for _, l := range b.lots(t) {
			got[l.Listing] = l.Outcome + " " + l.HammeredOn.String() + " " + l.BaseTotal.String()
			if l.HammerTotal != nil {
				got[l.Listing] += " " + l.HammerTotal.String()
			}
		}
		if len(got) != 2 || got[1] != step.first || got[2] != step.second {
			t.Errorf("after %s: got %v, want 1: %s, 2: %s", step.row, got, step.first, step.second)
		}
	}
}

func TestImport_DifferingClaimInWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	header := totalsHeader + ",溢价(元)"
	if _, err := b.take(t, intake.Options{}, header, "1,甲,村,1000,1200,成交,2021-03-05,,1200"); err != nil {
		t.Fatal(err)
	}
	result, err := b.take(t, intake.Options{}, header, "1,甲,村,1000,1200,成交,2021-03-05,,200")
	faults, ok := errors.AsType[*sheet.FaultsError](err)
	if !ok || len(faults.List) != 1 || faults.List[0].Err.Reason != "lot.recorded_otherwise" {
		t.Fatalf("another claim: %v, want lot.recorded_otherwise", err)
	}
	for _, arg := range faults.List[0].Err.Args {
		if list, is := arg.([]ledger.Difference); is && (len(list) != 1 || list[0] != (ledger.Difference{Column: "claims"})) {
			t.Errorf("the sentence tells %+v, want the column alone", list)
		}
	}
	if len(result.Changes) != 1 {
		t.Fatalf("changes %+v, want one", result.Changes)
	}
	if c := result.Changes[0]; auction.InWords(c.Field, c.Old).ZH != "溢价 1200元" || auction.InWords(c.Field, c.New).EN != "premium 200元" {
		t.Errorf("in words %+v and %+v, want 溢价 1200元 and premium 200元", auction.InWords(c.Field, c.Old), auction.InWords(c.Field, c.New))
	}
}

func TestImport_Amend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader, "1,甲,村,1000,1200,成交,2021-03-05,示例甲", "2,乙,村,1000,1200,成交,2021-03-06,"); err != nil {
		t.Fatal(err)
	}
	rows := []string{totalsHeader, "1,甲,村,1000,1300,成交,2021-03-05,示例甲", "2,乙,村,1000,1200,成交,2021-03-06,"}
	result, err := b.take(t, intake.Options{}, rows...)
	if _, ok := reasonIn(err, "lot.recorded_otherwise"); !ok || result.Recorded != 0 {
		t.Fatalf("a differing row: %+v, %v; want lot.recorded_otherwise", result, err)
	}
	b.clean(t, 1+1+1+2)
	result, err = b.take(t, intake.Options{Amend: true, Reason: "成交价抄错", DryRun: true}, rows...)
	if err != nil || result.Amended != 1 || len(result.Changes) != 1 || result.Changes[0].Old != "1200.00" || result.Changes[0].New != "1300.00" {
		t.Fatalf("dry run: %+v, %v; want one change 1200.00 to 1300.00", result, err)
	}
	b.clean(t, 5)
	if result, err = b.take(t, intake.Options{Amend: true, Reason: "成交价抄错"}, rows...); err != nil || result.Amended != 1 || result.Already != 1 {
		t.Fatalf("amending: %+v, %v; want 1 amended, 1 already", result, err)
	}
	b.clean(t, 7) // the second import and the amendment
	if lots := b.lots(t); len(lots) != 2 || lots[0].HammerTotal.String() != "1300.00" || lots[0].SeqFrom == lots[0].ID {
		t.Errorf("after amending: %+v", lots)
	}
	if _, err := b.take(t, intake.Options{Amend: true}, rows...); !errors.Is(err, ledger.E(ledger.Invalid, "import.reason_missing")) {
		t.Errorf("amending without a reason: %v, want import.reason_missing", err)
	}
}

// A file that lacks columns says nothing of them: amending one price keeps what the book has of the rest.
func TestImport_AmendWithFewColumns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader+",备注,电话,保证金", "1,甲,示例村,1000,1200,已签约,2021-03-05,示例甲,备注一,invented,50"); err != nil {
		t.Fatal(err)
	}
	few := []string{"交易编号,资产名称,底价(元),成交价(元)", "1,甲,1000,1200"}
	if _, err := b.take(t, intake.Options{}, few...); !errors.Is(err, ledger.E(ledger.Conflict, "import.already_recorded")) {
		t.Fatalf("the same in fewer columns: %v, want import.already_recorded", err)
	}
	few[1] = "1,甲,1000,1250"
	result, err := b.take(t, intake.Options{Amend: true, Reason: "抄错"}, few...)
	if err != nil || result.Amended != 1 || len(result.Changes) != 1 {
		t.Fatalf("%+v, %v; want one change", result, err)
	}
	l := b.lots(t)[0]
	if l.HammerTotal.String() != "1250.00" || l.Outcome != "confirmed" || l.HammeredOn == nil || l.Winner == "" || l.Collective != "示例村" || l.Deposit == nil {
		t.Errorf("after amending the price alone: %+v", l)
	}
	var texts int
	err = b.db.Owner().NewRaw("SELECT count(*) FROM sealed WHERE seq = ? AND value IN ('备注一', '电话: invented')", l.SeqFrom).Scan(t.Context(), &texts)
	if err != nil || texts != 2 {
		t.Errorf("%d of the two free texts were kept, %v", texts, err)
	}
	b.clean(t, 6)
}

func TestImport_GoodRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result, err := b.take(t, intake.Options{GoodRows: true}, totalsHeader,
		"1,甲,村,1000,1200,成交,2021-03-05,", "2,乙,村,0,1200,成交,2021-03-06,", "3,丙,村,1000,1200,成交,2021-03-07,")
	if _, ok := reasonIn(err, "amount.not_positive"); !ok || result.Recorded != 2 || result.Rejected != 1 {
		t.Fatalf("%+v, %v; want 2 recorded, 1 rejected and its fault", result, err)
	}
	b.clean(t, 1+1+2)
}

// A wrong total is no fault of a row that could be left out: it stops the file also when the good rows are asked for.
func TestImport_GoodRowsWithAWrongTotal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result, err := b.take(t, intake.Options{GoodRows: true}, totalsHeader, "1,甲,村,1000,1200,成交,2021-03-05,", "合计,,,1001,1200,,,")
	if _, ok := reasonIn(err, "sheet.total_mismatch"); !ok || result.Recorded != 0 {
		t.Errorf("%+v, %v; want nothing recorded and the total named", result, err)
	}
	b.clean(t, 1)
}

// What failed and was sold on another day was listed again, also in a file that amends.
func TestImport_AmendListsAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, totalsHeader, "1,甲,村,1000,,流拍,2021-05-01,"); err != nil {
		t.Fatal(err)
	}
	result, err := b.take(t, intake.Options{Amend: true, Reason: "补录"}, totalsHeader, "1,甲,村,900,950,成交,2021-09-01,")
	if err != nil || result.Recorded != 1 || result.Amended != 0 {
		t.Errorf("%+v, %v; want a second listing", result, err)
	}
	b.clean(t, 5)
}

func TestImport_DemoTotals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"lots-leases.csv", "lots-totals.csv"} {
		file, err := os.Open("../cmd/mingzhang/demo/" + name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		opened, err := sheet.Open(name, file, info.Size(), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		result, err := auction.Import(t.Context(), ledger.WholeBook(b.book), b.actor, intake.Source{Name: name, SHA256: name, File: opened}, intake.Options{Today: today(t)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(result.Notes) > 0 {
			t.Errorf("%s: claims that should fit: %+v", name, result.Notes)
		}
	}
	var base, hammer, premium ledger.Money
	n := 0
	for _, l := range b.lots(t) {
		if auction.Outcome(l.Outcome).Sold() && l.HammeredOn.Year() == 2021 && l.HammeredOn.Month() <= 202106 {
			n++
			base, hammer = base.Add(*l.BaseTotal), hammer.Add(*l.HammerTotal)
			premium = premium.Add(l.HammerTotal.Sub(*l.BaseTotal))
		}
	}
	if n != 37 || base.String() != "33247400.00" || hammer.String() != "47636300.00" || premium.String() != "14388900.00" {
		t.Errorf("%d lots, base %s, hammer %s, premium %s; want those of the published report", n, base, hammer, premium)
	}
}
