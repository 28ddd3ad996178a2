package auction_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// of is an input of a collective.
func of(in auction.LotInput, collective string) auction.LotInput {
	in.Collective = collective
	return in
}

func TestScope_OneByOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	east := b.villages(t, "示例东村")
	mine := b.record(t, of(sold("1"), "示例东村第一经济社"))
	foreign := b.record(t, of(sold("2"), "示例西村"))
	byVillage := b.record(t, with(of(sold("3"), "某合作社"), func(in *auction.LotInput) { in.Village = "示例东村" }))
	unknown, denied := ledger.E(ledger.NotFound, "lot.unknown"), ledger.E(ledger.Denied, "right.foreign_village")
	taken := ledger.E(ledger.Conflict, "lot.number_taken")
	record := func(in auction.LotInput) error {
		_, err := auction.Record(t.Context(), east, b.actor, ledger.Key{}, in, today(t))
		return err
	}
	amend := func(id int64, in auction.LotInput) error {
		_, err := auction.Amend(t.Context(), east, b.actor, ledger.Key{}, id, 0, in, "改", today(t))
		return err
	}
	void := func(id int64) error {
		_, err := auction.VoidLot(t.Context(), east, b.actor, ledger.Key{}, id, 0, "误录")
		return err
	}
	byNumber := func(no string) error {
		_, err := auction.Void(t.Context(), east, b.actor, no, 0, "误录")
		return err
	}
	find := func(id int64) error {
		_, err := auction.Find(t.Context(), b.store.DB(), east, id)
		return err
	}
	history := func(id int64) error {
		_, err := auction.History(t.Context(), b.store.DB(), east, id)
		return err
	}
	own := of(sold("1"), "示例东村第一经济社")
	for _, tt := range []struct {
		name string
		err  error
		want *ledger.Error
	}{
		{"recording for another village", record(of(sold("9"), "示例西村")), denied},
		{"recording for nobody", record(of(sold("9"), "")), denied},
		{"a village whose name only ends so", record(of(sold("9"), "大示例东村")), denied},
		{"the collective does not count where the village is said", record(with(of(sold("9"), "示例东村"), func(in *auction.LotInput) { in.Village = "示例西村" })), denied},
		{"a number of another village", record(of(sold("2"), "示例东村")), taken},
		{"a number of one's own", record(own), ledger.E(ledger.Conflict, "lot.exists")},
		{"amending another's", amend(foreign, own), unknown},
		{"giving one's own away", amend(mine, of(sold("1"), "示例西村")), denied},
		{"giving it the number of another", amend(mine, of(sold("2"), "示例东村")), taken},
		{"voiding another's", void(foreign), unknown},
		{"voiding another's by number", byNumber("2"), unknown},
		{"finding another's", find(foreign), unknown},
		{"another's history", history(foreign), unknown},
		{"what nobody has", find(99), unknown},
		{"finding one's own", find(mine), nil},
		{"one's own history", history(mine), nil},
		{"found by its village", find(byVillage), nil},
	} {
		if tt.want == nil && tt.err != nil || tt.want != nil && !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.err, tt.want)
		}
		if e, ok := errors.AsType[*ledger.Error](tt.err); ok && e.Reason == "lot.number_taken" && len(e.Args) != 1 {
			t.Errorf("%s tells more than the number: %v", tt.name, e.Args)
		}
	}
	b.clean(t, 1+1+3)
	if err := errors.Join(record(of(sold("9"), "示例东村")), amend(mine, of(sold("1"), "示例东村第二经济社")), void(byVillage)); err != nil {
		t.Errorf("what the scope allows: %v", err)
	}
	b.clean(t, 5+3)
}

func TestScope_Import(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, of(sold("1"), "示例东村"))
	b.record(t, with(of(sold("2"), "示例西村"), func(in *auction.LotInput) {
		in.Remark, in.AssetName, in.HammerTotal = "密", "西村秘密商铺", "98765"
	}))
	east := b.villages(t, "示例东村")
	take := func(o intake.Options, rows ...string) (*intake.Result, error) {
		o.Today = today(t)
		return auction.Import(t.Context(), east, b.actor, csv(t, append([]string{totalsHeader}, rows...)...), o)
	}
	mine := "3,铺,示例东村第一经济社,100,110,成交,2021-05-01,示例甲"
	for name, rows := range map[string]struct {
		reason string
		rows   []string
		amend  bool
	}{
		"a lot of another village":                    {"right.foreign_village", []string{mine, "4,铺,示例西村,100,110,成交,2021-05-01,"}, false},
		"a lot of nobody":                             {"right.foreign_village", []string{"4,铺,,100,110,成交,2021-05-01,"}, false},
		"a number of another village":                 {"lot.number_taken", []string{"2,铺,示例东村,100,110,成交,2021-05-01,"}, false},
		"amending a number of another village":        {"lot.number_taken", []string{"2,铺,示例东村,100,110,成交,2021-03-05,"}, true},
		"amending another's as their own":             {"right.foreign_village", []string{"2,西村秘密商铺,示例西村,1000,98765,成交,2021-03-05,示例甲"}, true},
		"giving one's own away":                       {"right.foreign_village", []string{"1,示例商铺,示例西村,1000,1250.5,成交,2021-03-05,示例甲"}, true},
		"just what another's listing says, unchanged": {"right.foreign_village", []string{"2,西村秘密商铺,示例西村,1000,98765,成交,2021-03-05,示例甲"}, false},
	} {
		o := intake.Options{Amend: rows.amend}
		if o.Amend {
			o.Reason = "改"
		}
		result, err := take(o, rows.rows...)
		if found, ok := reasonIn(err, rows.reason); !ok {
			t.Errorf("%s: %v (%v), want %s", name, err, found, rows.reason)
		}
		if told := fmt.Sprintf("%+v %v %+v", result.Changes, err, result.Faults); strings.Contains(told, "98765") && !strings.Contains(rows.rows[0], "98765") || strings.Contains(told, "密") && !strings.Contains(rows.rows[0], "密") {
			t.Errorf("%s tells of the other village: %s", name, told)
		}
		if rows.reason == "lot.number_taken" && len(result.Changes) > 0 {
			t.Errorf("%s tells changes: %+v", name, result.Changes)
		}
	}
	b.clean(t, 1+1+2)
	// Without a column for the collective nobody knows whose the new lot is; one's own may be amended.
	_, err := auction.Import(t.Context(), east, b.actor, csv(t, "交易编号,资产名称,底价(元),成交价(元),成交日期", "5,铺,1,2,2021-05-01"), intake.Options{Today: today(t)})
	if _, ok := reasonIn(err, "right.foreign_village"); !ok {
		t.Errorf("a new lot of nobody knows whom: %v", err)
	}
	result, err := auction.Import(t.Context(), east, b.actor, csv(t, "交易编号,资产名称,底价(元),成交价(元),成交日期", "1,示例商铺,1000,1300,2021-03-05"),
		intake.Options{Today: today(t), Amend: true, Reason: "改"})
	if err != nil || result.Amended != 1 {
		t.Errorf("amending one's own: %+v, %v", result, err)
	}
	// The good rows are recorded, the others rejected.
	result, err = take(intake.Options{GoodRows: true}, mine, "4,铺,示例西村,100,110,成交,2021-05-01,", "2,铺,示例东村,100,110,成交,2021-05-01,")
	if err == nil || result.Recorded != 1 || result.Rejected != 2 {
		t.Errorf("the good rows: recorded %d, rejected %d, %v; want 1, 2", result.Recorded, result.Rejected, err)
	}
	b.clean(t, 4+2+2) // the amendment with its import, the good row with its
}

// A village in a column of its own decides, not the collective.
func TestImport_Village(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.take(t, intake.Options{}, "交易编号,资产名称,所属村,村集体,底价(元),成交价(元),结果",
		"1,铺,示例 东村,某合作社,100,110,成交", "2,铺,,示例西村,100,110,成交"); err != nil {
		t.Fatal(err)
	}
	lots := b.lots(t)
	if lots[0].Village != "示例 东村" || lots[0].VillageKey != "示例东村" || lots[1].Village != "" || lots[1].VillageKey != "示例西村" {
		t.Errorf("villages %q %q, %q %q", lots[0].Village, lots[0].VillageKey, lots[1].Village, lots[1].VillageKey)
	}
	if want := ledger.Grams("1", "铺", "某合作社", "示例 东村"); fmt.Sprint(lots[0].Grams) != fmt.Sprint(want) {
		t.Errorf("grams %v, want %v", lots[0].Grams, want)
	}
	b.clean(t, 4)
}

func TestScope_Unmade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unmade := ledger.E(ledger.Internal, "scope.unmade")
	_, imported := auction.Import(t.Context(), ledger.Scope{}, b.actor, csv(t, totalsHeader, "1,铺,村,1,2,成交,2021-03-05,"), intake.Options{Today: today(t)})
	_, recorded := auction.Record(t.Context(), ledger.Scope{}, b.actor, ledger.Key{}, sold("1"), today(t))
	_, voided := auction.VoidLot(t.Context(), ledger.Scope{}, b.actor, ledger.Key{}, 1, 0, "误")
	_, found := auction.Find(t.Context(), b.store.DB(), ledger.Scope{}, 1)
	_, _, listed := auction.List(t.Context(), b.store.DB(), ledger.Scope{}, auction.LotFilter{}, ledger.Page{})
	_, _, waiting := auction.Waiting(t.Context(), b.store.DB(), ledger.Scope{}, ledger.Page{})
	_, counted := auction.CountUpTo(t.Context(), b.store.DB(), ledger.Scope{}, auction.LotFilter{}, 10)
	for name, err := range map[string]error{"import": imported, "void": voided, "find": found, "list": listed, "waiting": waiting, "count": counted} {
		if !errors.Is(err, unmade) {
			t.Errorf("%s with a scope that nobody made: %v", name, err)
		}
	}
	if recorded == nil {
		t.Error("recorded in no book")
	}
	b.clean(t, 1)
}
