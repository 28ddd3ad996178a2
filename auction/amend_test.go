package auction_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

func (b *bundle) amend(tb testing.TB, id, seen int64, in auction.LotInput, reason string) (ledger.Receipt, error) {
	tb.Helper()
	return auction.Amend(tb.Context(), b.whole(), b.actor, ledger.Key{}, id, seen, in, reason, today(tb))
}

// form is a listing as its form shows it.
func (b *bundle) form(tb testing.TB, id int64) auction.LotInput {
	tb.Helper()
	in, err := auction.LotInputOf(b.find(tb, id))
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

func TestAmend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.record(t, let("1"))
	in := b.form(t, id)
	in.Lines[0].HammerPrice, in.Winner, in.Remark, in.Outcome = "21", "示例乙", "改", "confirmed"
	receipt, err := b.amend(t, id, id, in, "抄错（虚构）")
	if err != nil {
		t.Fatal(err)
	}
	l := b.find(t, id)
	if l.SeqFrom != receipt.Last || l.HammerTotal.String() != "2520000.00" || l.WinnerName != "示例乙" || l.Remark != "改" || l.Outcome != "confirmed" || l.Listing != 1 {
		t.Errorf("amended to %+v", l)
	}
	b.clean(t, 1+2+2) // opened, two persons, two entries of the lot
}

func TestAmend_Refused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, other := b.record(t, let("1")), b.record(t, sold("2"))
	changed := with(let("1"), func(in *auction.LotInput) { in.Remark = "改" })
	for _, tt := range []struct {
		name     string
		id, seen int64
		in       auction.LotInput
		reason   string
		want     *ledger.Error
	}{
		{"without a reason", id, id, changed, " ", ledger.E(ledger.Invalid, "reason.missing")},
		{"nothing changed", id, id, b.form(t, id), "重抄", ledger.E(ledger.Invalid, "record.unchanged")},
		{"another entry was seen", id, other, changed, "改", ledger.E(ledger.Conflict, "record.changed")},
		{"nobody's number", 99, 0, changed, "改", ledger.E(ledger.NotFound, "lot.unknown")},
		{"a number that is sold", id, id, with(changed, func(in *auction.LotInput) { in.LotNo = "2" }), "改", ledger.E(ledger.Conflict, "lot.exists")},
		{"tomorrow", id, id, with(changed, func(in *auction.LotInput) { in.HammeredOn = "2022-01-01" }), "改", ledger.E(ledger.Invalid, "day.future")},
	} {
		if _, err := b.amend(t, tt.id, tt.seen, tt.in, tt.reason); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	_, err := b.amend(t, id, id, with(changed, func(in *auction.LotInput) { in.Bidders = "x" }), "")
	if got := faultsOf(err); !slices.Equal(got, []string{"bidders sheet.not_a_count", "reason reason.missing"}) {
		t.Errorf("the reason is missed together with the rest: %q", got)
	}
	b.clean(t, 4)
}

// The form of a listing, sent back as it is, changes nothing, whatever file it came from.
func TestLotInputOf_ChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	files := [][]string{
		{"交易编号,资产名称,村集体,资产类别,底价(元/㎡/月),成交价(元/㎡/月),面积(㎡),租期(年),免租期,递增,成交日期,竞得人,电话,溢价率,合同总额(万元),保证金(万元),报名人数,备注",
			"1,铺,示例村,仓库堆场,15,20,2000,5,3个月,每2年递增5%,2021-03-05,示例甲,invented,33%,244,约2,3,无异议",
			"1,场,示例村,仓库堆场,10,11,100,5,3个月,每2年递增5%,2021-03-05,示例甲,invented,,,,3,"},
		{"交易编号,资产名称,交易类别,计价单位,底价单价,成交单价,面积,合同起,合同止,结果",
			"2,塘,包给别人,元/亩·年,\"1,000.1234\",1200,约3.5,2021-04-01,2024-03-31,已签约", "3,塘,采购,万元/年,1,0.9,,2021-04-01,2024-03-31,成交"},
		{"资产名称,底价(万元),成交价(元),结果,面积", "无号,约3,40000,成交,3亩", "流拍的,2,,流拍,"},
	}
	for _, rows := range files {
		if _, err := b.take(t, intake.Options{Units: []string{"亩"}, Span: "total"}, rows...); err != nil {
			t.Fatal(err)
		}
	}
	b.record(t, with(let("4"), func(in *auction.LotInput) { in.Lines[0].HammerPrice, in.Lines[0].HammerUnit = "240", "元/㎡·年" }))
	b.record(t, with(sold("5"), func(in *auction.LotInput) { in.Lines = []auction.LineInput{{AssetName: "另一名", Quantity: "3间"}} }))
	lots := b.lots(t)
	if len(lots) != 7 {
		t.Fatalf("%d lots, want 7", len(lots))
	}
	for _, l := range lots {
		in := b.form(t, l.ID)
		if _, err := b.amend(t, l.ID, 0, in, "重抄"); !errors.Is(err, ledger.E(ledger.Invalid, "record.unchanged")) {
			t.Errorf("the form of %s sent back: %v, want record.unchanged\n%+v", l.LotNo, err, in)
		}
		// One field changed is one difference: all else stays, and the words of the paper with it.
		in.Escalation += " 另"
		if _, err := b.amend(t, l.ID, l.SeqFrom, in, "补"); err != nil {
			t.Errorf("amending %s: %v", l.LotNo, err)
			continue
		}
		history, err := auction.History(t.Context(), b.store.DB(), b.whole(), l.ID)
		if err != nil {
			t.Fatal(err)
		}
		if last := history[len(history)-1]; len(last.Changes) != 1 || last.Changes[0].Column != "escalation" {
			t.Errorf("amending %s changed %+v, want the escalation only", l.LotNo, last.Changes)
		}
		before, after := stateOf(t, b, l.SeqFrom), stateOf(t, b, history[len(history)-1].Seq)
		before.Escalation, before.Remark, before.OtherColumns = after.Escalation, after.Remark, after.OtherColumns
		if got, want := ledger.CanonicalJSON(after), ledger.CanonicalJSON(before); got != want {
			t.Errorf("the entry of %s holds\n%s, want\n%s", l.LotNo, got, want)
		}
	}
}

// stateOf is the state that an entry holds.
func stateOf(t *testing.T, b *bundle, seq int64) *auction.LotState {
	t.Helper()
	var body []byte
	if err := b.db.Writer().NewRaw("SELECT body FROM entries WHERE seq = ? AND book_id <> 0", seq).Scan(t.Context(), &body); err != nil {
		t.Fatal(err)
	}
	state := new(auction.LotState)
	if err := ledger.StateOf(body, state); err != nil {
		t.Fatal(err)
	}
	return state
}

// What the form cannot show stays; claims go when the totals do.
func TestAmend_KeepsThePaper(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, "交易编号,资产名称,底价(元),成交价(万元),溢价率,结果,成交日期,电话",
		"1,铺,1000,约0.125,25%,成交,2021-03-05,invented"); err != nil {
		t.Fatal(err)
	}
	id := b.lots(t)[0].ID
	in := b.form(t, id)
	in.Remark = "补"
	if _, err := b.amend(t, id, 0, in, "补"); err != nil {
		t.Fatal(err)
	}
	l := b.find(t, id)
	state, err := l.State()
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Claims) != 1 || len(state.Written) != 1 || state.Written[0].Text != "约0.125" || l.OtherColumns != "电话: invented" || l.Import != nil {
		t.Errorf("kept claims %v, written %v, other columns %q, import %v", state.Claims, state.Written, l.OtherColumns, l.Import)
	}
	in.PremiumRate, in.HammerTotal = "30%", "1300"
	if _, err := b.amend(t, id, 0, in, "改"); err != nil {
		t.Fatal(err)
	}
	if state, err = b.find(t, id).State(); err != nil || len(state.Claims) != 1 || state.Claims[0].Text != "30%" || state.Claims[0].Finding != "" || len(state.Written) != 0 {
		t.Errorf("after the hammer changed: claims %+v, written %+v, %v", state.Claims, state.Written, err)
	}
	in.PremiumRate, in.HammerTotal = "", "1400"
	if _, err := b.amend(t, id, 0, in, "改"); err != nil {
		t.Fatal(err)
	}
	if state, err = b.find(t, id).State(); err != nil || len(state.Claims) != 0 {
		t.Errorf("claims of other totals stay: %+v, %v", state.Claims, err)
	}
}

func TestAmend_Number(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unsold := func(no string) auction.LotInput {
		return with(sold(no), func(in *auction.LotInput) { in.Outcome, in.HammerTotal, in.Winner = "unsold", "", "" })
	}
	first, second, none := b.record(t, unsold("1")), b.record(t, sold("2")), b.record(t, sold(""))
	number := func(id int64, no string) *auction.Lot {
		t.Helper()
		in := b.form(t, id)
		in.LotNo, in.HammeredOn = no, "2021-07-01"
		if _, err := b.amend(t, id, 0, in, "改号"); err != nil {
			t.Fatalf("numbering %d as %q: %v", id, no, err)
		}
		return b.find(t, id)
	}
	if l := number(second, "1"); l.Listing != 2 {
		t.Errorf("a number whose lot failed: listing %d, want 2", l.Listing)
	}
	if l := number(none, "示例（2021）3号"); l.NumberedByBook || l.Listing != 1 || l.ContentSHA256 != "" {
		t.Errorf("a number at last: %+v", l)
	}
	if l := number(none, "示例〔2021〕3号 "); l.LotNo != "示例〔2021〕3号" || l.Listing != 1 {
		t.Errorf("the same number in other brackets became %q, listing %d", l.LotNo, l.Listing)
	}
	if l := number(none, ""); !l.NumberedByBook || l.LotNo[:len("账内")] != "账内" {
		t.Errorf("a number taken away: %+v", l)
	}
	if l := number(first, "2"); l.Listing != 1 {
		t.Errorf("a number that got free: listing %d, want 1", l.Listing)
	}
	result, err := b.book.Check(t.Context(), nil)
	if err != nil || len(result.Faults) > 0 {
		t.Errorf("check: %v, %v", result.Faults, err)
	}
}

// Of two who amend one listing that both saw, exactly one wins; the other is told.
func TestAmend_AtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := b.record(t, let("1"))
	id := seen
	for round := range 5 {
		var mu sync.Mutex
		var won, told int
		var next int64
		var wg sync.WaitGroup
		for i, remark := range []string{"甲改", "乙改"} {
			wg.Go(func() {
				in := with(let("1"), func(in *auction.LotInput) { in.Remark = remark + string(rune('0'+round)) })
				if i == 1 {
					in.LotNo = "1" + in.Remark // one of the two gives it another number
				}
				receipt, err := b.amend(t, id, seen, in, "改")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won, next = won+1, receipt.Last
				case errors.Is(err, ledger.E(ledger.Conflict, "record.changed")):
					told++
				default:
					t.Errorf("amending at once: %v", err)
				}
			})
		}
		wg.Wait()
		if won != 1 || told != 1 {
			t.Fatalf("round %d: %d won, %d were told; want 1 and 1", round, won, told)
		}
		seen = next
	}
	b.clean(t, 3+5)
}
