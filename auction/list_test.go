package auction_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// listed are the lot numbers of a whole list, read in pages of a size.
func (b *bundle) listed(tb testing.TB, scope ledger.Scope, f auction.LotFilter, size int) []string {
	tb.Helper()
	numbers := []string{}
	page := ledger.Page{Limit: size}
	for range 100 {
		list, next, err := auction.List(tb.Context(), b.store.DB(), scope, f, page)
		if err != nil {
			tb.Fatal(err)
		}
		for _, l := range list {
			numbers = append(numbers, l.LotNo)
		}
		if next == "" {
			return numbers
		}
		if len(list) != size {
			tb.Fatalf("a page of %d rows that is not the last, want %d", len(list), size)
		}
		page.After = next
	}
	tb.Fatal("the list does not end")
	return nil
}

// market is a book with lots that differ in everything a list asks for.
func market(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, "交易编号,项目编号,资产名称,所属村,村集体,资产类别,交易类别,交易方式,底价(元),成交价(元),结果,成交日期,竞得人",
		"A-1,P-7,东升工业园一期厂房,示例东村,示例东村经联社,厂房,出租,网上竞投,100,200,成交,2021-03-05,示例甲",
		"A-2,,ＡＢＣ大厦商铺,示例东村,示例东村经联社,商铺,出租,网上竞投,100,200,成交,2021-03-05,示例乙",
		"A-3,,鱼塘,示例西村,示例西村经联社,鱼塘,发包,现场竞价,100,,流拍,2021-03-05,",
		"A-4,,东边鱼塘,示例西村,示例西村经联社,鱼塘,发包,现场竞价,100,300,成交,,示例甲",
		"A-5,,升旗广场,示例西村,示例西村经联社,自家的种类,出租,协议,100,200.01,已签约,2021-04-05,示例 甲"); err != nil {
		t.Fatal(err)
	}
	voided := b.record(t, sold("A-6"))
	if _, err := auction.VoidLot(t.Context(), b.whole(), b.actor, ledger.Key{}, voided, 0, "误录"); err != nil {
		t.Fatal(err)
	}
	b.record(t, with(sold("A-7"), func(in *auction.LotInput) { in.HammeredOn, in.HammerTotal, in.Winner = "2021-05-01", "200", "" }))
	return b
}

func TestList_Filters(t *testing.T) {
	t.Parallel()
	b := market(t)
	day := func(text string) *ledger.Day {
		d, err := ledger.ParseDay(text)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	importEntry := *b.lots(t)[0].Import
	for _, tt := range []struct {
		name string
		f    auction.LotFilter
		want string
	}{
		{"all, the newest first", auction.LotFilter{}, "A-7 A-5 A-4 A-3 A-2 A-1"},
		{"outcome", auction.LotFilter{Outcome: "hammered"}, "A-7 A-4 A-2 A-1"},
		{"unsold", auction.LotFilter{Outcome: "unsold"}, "A-3"},
		{"kind", auction.LotFilter{Kind: "pond"}, "A-4 A-3"},
		{"a kind of the paper's own", auction.LotFilter{Kind: "自家的种类"}, "A-5"},
		{"trade kind", auction.LotFilter{TradeKind: "contract_out"}, "A-4 A-3"},
		{"method", auction.LotFilter{Method: "direct_agreement"}, "A-5"},
		{"village", auction.LotFilter{Village: "示例西"}, "A-5 A-4 A-3"},
		{"another village", auction.LotFilter{Village: "西村"}, ""},
		{"winner", auction.LotFilter{Winner: "示例甲"}, "A-5 A-4 A-1"},
		{"the winner with blanks", auction.LotFilter{Winner: "示例　乙"}, "A-2"},
		{"part of a winner", auction.LotFilter{Winner: "示例"}, ""},
		{"import", auction.LotFilter{Import: importEntry}, "A-5 A-4 A-3 A-2 A-1"},
		{"from", auction.LotFilter{From: day("2021-04-05")}, "A-7 A-5"},
		{"to", auction.LotFilter{To: day("2021-03-05")}, "A-3 A-2 A-1"},
		{"a span", auction.LotFilter{From: day("2021-03-06"), To: day("2021-04-05")}, "A-5"},
		{"a span that ends before it begins", auction.LotFilter{From: day("2021-04-05"), To: day("2021-03-06")}, ""},
		{"several", auction.LotFilter{Outcome: "hammered", Village: "示例西村", Winner: "示例甲", Search: "塘"}, "A-4"},
		{"two characters", auction.LotFilter{Search: "东升"}, "A-1"},
		{"one character", auction.LotFilter{Search: "升"}, "A-5 A-1"},
		{"four characters", auction.LotFilter{Search: "一期厂房"}, "A-1"},
		{"two words", auction.LotFilter{Search: "鱼塘 西村"}, "A-4 A-3"},
		{"letters of another width and case", auction.LotFilter{Search: "abc"}, "A-2"},
		{"wide letters", auction.LotFilter{Search: "ａＢＣ大"}, "A-2"},
		{"a number", auction.LotFilter{Search: "A-4"}, "A-4"},
		{"a project", auction.LotFilter{Search: "p7"}, ""},
		{"a project as it is written", auction.LotFilter{Search: "P-7"}, "A-1"},
		{"what is not there", auction.LotFilter{Search: "火星"}, ""},
		{"only marks", auction.LotFilter{Search: "——"}, ""},
		{"blanks", auction.LotFilter{Search: " 　"}, "A-7 A-5 A-4 A-3 A-2 A-1"},
		{"a sign of SQL", auction.LotFilter{Search: "%'\"{}\\", Kind: "%'\"\\"}, ""},
		{"by number", auction.LotFilter{Sort: "lot_no"}, "A-1 A-2 A-3 A-4 A-5 A-7"},
		{"by day, what has none first", auction.LotFilter{Sort: "hammered_on"}, "A-4 A-1 A-2 A-3 A-5 A-7"},
		{"by day, the latest first", auction.LotFilter{Sort: "-hammered_on"}, "A-7 A-5 A-3 A-2 A-1 A-4"},
		{"by amount, what has none first", auction.LotFilter{Sort: "hammer_total"}, "A-3 A-1 A-2 A-7 A-5 A-4"},
		{"by amount, the largest first", auction.LotFilter{Sort: "-hammer_total"}, "A-4 A-5 A-7 A-2 A-1 A-3"},
	} {
		for _, size := range []int{1, 2, 200} {
			if got := strings.Join(b.listed(t, b.whole(), tt.f, size), " "); got != tt.want {
				t.Errorf("%s in pages of %d: %q, want %q", tt.name, size, got, tt.want)
			}
		}
		for most, want := range map[int]int{1000: len(strings.Fields(tt.want)), 2: min(2, len(strings.Fields(tt.want)))} {
			if n, err := auction.CountUpTo(t.Context(), b.store.DB(), b.whole(), tt.f, most); err != nil || n != want {
				t.Errorf("%s: counted %d up to %d, %v; want %d", tt.name, n, most, err, want)
			}
		}
	}
}

func TestList_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	word, page := ledger.E(ledger.Invalid, "list.word_unknown"), ledger.E(ledger.Invalid, "page.unreadable")
	for _, tt := range []struct {
		f    auction.LotFilter
		page ledger.Page
		want *ledger.Error
	}{
		{auction.LotFilter{Outcome: "成交"}, ledger.Page{}, word},
		{auction.LotFilter{Review: "all"}, ledger.Page{}, word},
		{auction.LotFilter{Sort: "id; DROP TABLE lots"}, ledger.Page{}, word},
		{auction.LotFilter{Kind: "a\x00"}, ledger.Page{}, word},
		{auction.LotFilter{Search: strings.Repeat("长", 101)}, ledger.Page{}, ledger.E(ledger.Invalid, "text.too_long")},
		{auction.LotFilter{}, ledger.Page{After: "x"}, page},
		{auction.LotFilter{Sort: "lot_no"}, ledger.Page{After: ledger.Cursor("-id", "", 5)}, page},
		{auction.LotFilter{Sort: "hammered_on"}, ledger.Page{After: ledger.Cursor("hammered_on", "yesterday", 5)}, page},
		{auction.LotFilter{Sort: "-hammer_total"}, ledger.Page{After: ledger.Cursor("-hammer_total", "1e999999", 5)}, page},
	} {
		if _, _, err := auction.List(t.Context(), b.store.DB(), b.whole(), tt.f, tt.page); !errors.Is(err, tt.want) {
			t.Errorf("%+v after %q: %v, want %v", tt.f, tt.page.After, err, tt.want)
		}
	}
}

func TestList_Scopes(t *testing.T) {
	t.Parallel()
	b := market(t)
	first, err := ledger.ParseDay("2021-03-01")
	if err != nil {
		t.Fatal(err)
	}
	last := first.LastOfMonth()
	for _, tt := range []struct {
		name  string
		scope ledger.Scope
		want  string
	}{
		{"a village", b.villages(t, "示例西村"), "A-5 A-4 A-3"},
		{"two villages", b.villages(t, "示例西村", "示例东村"), "A-5 A-4 A-3 A-2 A-1"},
		{"days", b.whole().Between(&first, &last), "A-3 A-2 A-1"},
		{"days of a village", b.villages(t, "示例东村").Between(&first, &last), "A-2 A-1"},
	} {
		if got := strings.Join(b.listed(t, tt.scope, auction.LotFilter{}, 2), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		searched := strings.Join(b.listed(t, tt.scope, auction.LotFilter{Search: "示例"}, 2), " ")
		if searched != tt.want {
			t.Errorf("%s, searched for what all have: %q, want %q", tt.name, searched, tt.want)
		}
		if n, err := auction.CountUpTo(t.Context(), b.store.DB(), tt.scope, auction.LotFilter{}, 1000); err != nil || n != len(strings.Fields(tt.want)) {
			t.Errorf("%s: counted %d, %v", tt.name, n, err)
		}
	}
	other, err := b.store.AddBook(t.Context(), b.actor, ledger.BookProfile{Code: "other", Kind: ledger.OfficeBook, NameZH: "另一街道"})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.listed(t, ledger.WholeBook(other), auction.LotFilter{}, 2); len(got) != 0 {
		t.Errorf("another book lists %q", got)
	}
}

// A list that grows while it is paged through shows nothing twice and leaves nothing out.
func TestList_GrowsMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var want []string
	for i := range 7 {
		want = append(want, fmt.Sprint("L", i))
		b.record(t, sold(want[i])) // all of one day and one amount
	}
	for _, sort := range auction.Sorts() {
		var got []string
		page := ledger.Page{Limit: 3}
		for i := 0; ; i++ {
			list, next, err := auction.List(t.Context(), b.store.DB(), b.whole(), auction.LotFilter{Sort: sort}, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range list {
				if strings.HasPrefix(l.LotNo, "L") {
					got = append(got, l.LotNo)
				}
			}
			b.record(t, sold(fmt.Sprint("M", sort, i)))
			if page.After = next; next == "" {
				break
			}
			if i > 20 {
				t.Fatal("the list does not end")
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("by %s: %q, want each of %q once", sort, got, want)
		}
	}
}

// The conditions of a list are those of its indexes: at a million lots nothing else answers in time.
func TestList_UsesItsIndexes(t *testing.T) {
	t.Parallel()
	b := market(t)
	for sort, index := range map[string]string{
		"-id": "lots_list_id", "lot_no": "lots_list_number", "hammered_on": "lots_list_day", "-hammered_on": "lots_list_day",
		"hammer_total": "lots_list_amount", "-hammer_total": "lots_list_amount",
	} {
		plan := b.plans(t, func(db bun.IDB) error {
			list, next, err := auction.List(t.Context(), db, b.whole(), auction.LotFilter{Sort: sort}, ledger.Page{Limit: 1})
			if err == nil && len(list) == 1 {
				_, _, err = auction.List(t.Context(), db, b.whole(), auction.LotFilter{Sort: sort}, ledger.Page{Limit: 1, After: next})
			}
			return err
		})
		for _, p := range plan {
			if !strings.Contains(p, index) || strings.Contains(p, "Sort Key") {
				t.Errorf("by %s the plan is\n%s\nwant %s and no sort", sort, p, index)
			}
		}
	}
}

// queries gathers what is asked of the table of lots.
type queries struct{ asked []string }

func (q *queries) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (q *queries) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.Contains(e.Query, "FROM lots") {
		q.asked = append(q.asked, e.Query)
	}
}

// plans are the plans of the queries that a reading makes. A handful of rows is read whole and sorted in any case, so
// both are forbidden.
func (b *bundle) plans(t *testing.T, read func(bun.IDB) error) []string {
	t.Helper()
	found := new(queries)
	db := bun.NewDB(b.db.Writer().DB, pgdialect.New()).WithQueryHook(found)
	if err := read(db); err != nil {
		t.Fatal(err)
	}
	if len(found.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	var plans []string
	err := b.db.Writer().RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"); err != nil {
			return err
		}
		for _, query := range found.asked {
			var lines []string
			if err := tx.NewRaw("EXPLAIN "+strings.ReplaceAll(query, "?", `\?`)).Scan(ctx, &lines); err != nil {
				return err
			}
			plans = append(plans, strings.Join(lines, "\n"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return plans
}
