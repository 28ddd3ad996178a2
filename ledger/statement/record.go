package statement

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Record holds the figures of a book and a period, as the summary report has them. The premium rate is computed from
// PremiumTotal and BaseTotal (on_contract_total), so that it can be compared at any printed precision.
type Record struct {
	Hammered      int
	BaseTotal     ledger.Money
	HammerTotal   ledger.Money
	ContractTotal ledger.Money
	PremiumTotal  ledger.Money
	Land          []RecordLand
}

// RecordLand is the verified land of one owner (collective, state), of one category, or of all when Category is empty.
type RecordLand struct {
	Owner          string
	Category       string
	Parcels        int
	VerifiedAreaMu ledger.Area
}

// A known is one figure of the record.
type known struct {
	name  string
	label ledger.Text
	value *big.Rat
	role  Role
}

func (r Record) money() []known {
	return []known{
		{"base_total", ledger.Text{ZH: "底价合同总额", EN: "base total"}, r.BaseTotal.Rat(), RoleBase},
		{"hammer_total", ledger.Text{ZH: "成交总额", EN: "hammer total"}, r.HammerTotal.Rat(), RoleHammer},
		{"contract_total", ledger.Text{ZH: "合同总标的", EN: "contract total"}, r.ContractTotal.Rat(), RoleContract},
		{"premium_total", ledger.Text{ZH: "溢价", EN: "premium"}, r.PremiumTotal.Rat(), RolePremium},
	}
}

// foreignScopes name more than the book's own office or another time; ownScopes lead back to it. 累计 is of the period
// only where the period is named beside it (上半年累计).
var (
	foreignScopes = []string{"全市", "全省", "全国", "全区", "全县", "全年任务", "历年", "开展以来", "成立以来"}
	ownScopes     = []string{"今年", "我街", "本街", "我镇", "本镇", "全街", "全镇", "本期"}
	periodWords   = []string{"半年", "今年", "季度", "月", "本期"}
)

// isForeign tells whether the words lead away from the record's book and period.
func isForeign(words string) bool {
	return containsAny(words, foreignScopes) || containsAny(words, earlierWords) && !containsAny(words, []string{"比上年", "比去年", "较上年", "较去年", "同比"}) ||
		strings.Contains(words, "累计") && !containsAny(words, periodWords)
}

// compare holds the clause's figures against the record. Parts (其中), prices of single lots, earlier periods and other
// scopes are left alone.
func (j *judge) compare(r *Record) {
	subject, foreign := "", false
	for _, f := range j.clause.figures {
		if strings.Contains(f.before, "其中") {
			return
		}
		if s := landSubject(f.before, r.Land); s != "" {
			subject = s
		}
		foreign = isForeign(f.before) || foreign && !containsAny(f.before, ownScopes)
		if foreign || f.ranged || f.converted || f.list > 0 || !f.per.isZero() {
			continue
		}
		switch f.kind {
		case kindMoney:
			j.compareMoney(f, r)
		case kindPercent:
			if f.role == RoleRate && r.BaseTotal.Sign() > 0 {
				j.compareOne(f, known{"premium_rate", ledger.Text{ZH: "溢价率", EN: "premium rate"}, quo(r.PremiumTotal.Rat(), r.BaseTotal.Rat()), RoleRate})
			}
		case kindCount:
			j.compareCount(f, r, subject)
		case kindArea:
			if land, ok := landOf(subject, r.Land); ok && f.role == RoleArea && j.isVerified() {
				j.compareOne(f, known{"verified_area_mu:" + subject, ledger.Text{ZH: "核查面积", EN: "verified area"}, land.VerifiedAreaMu.Rat(), RoleArea})
			}
		default: // the record knows no figure of the other kinds
		}
	}
}

func (j *judge) isVerified() bool {
	return containsAny(j.text.folded(j.clause.from, j.clause.to), []string{"核查", "核实", "清查", "verif"})
}

// compareMoney compares an amount with the record's figure of the same name. One that differs and is another figure
// of the record stands under a wrong name.
func (j *judge) compareMoney(f *figure, r *Record) {
	all := r.money()
	i := slices.IndexFunc(all, func(k known) bool { return k.role == f.role })
	if i < 0 {
		return
	}
	if !agrees(f, all[i].value) {
		for _, k := range all {
			code := relabelled[f.role][k.role]
			if code == "" || !agrees(f, k.value) {
				continue
			}
			f.record = k.name
			zh := fmt.Sprintf("%s%s:账簿%s为%s元,%s为%s元", f.show(), moneyUnit(f), k.label.ZH, k.value.FloatString(2), all[i].label.ZH, all[i].value.FloatString(2))
			en := fmt.Sprintf("%s %s: the record's %s is %s, its %s is %s", f.show(), moneyUnit(f), k.label.EN, k.value.FloatString(2), all[i].label.EN, all[i].value.FloatString(2))
			j.add(Finding{Code: code, Verdict: codes[code].verdict, Detail: ledger.Text{ZH: zh, EN: en}, Record: k.name, RecordValue: k.value.FloatString(2)})
			j.suggestRecord(r)
			return
		}
	}
	if !j.compareOne(f, all[i]) {
		j.suggestRecord(r)
	}
}

func agrees(f *figure, value *big.Rat) bool {
	return exactly(value).meets(f.half()) || exactly(value).meets(f.truncated())
}

// compareOne notes whether a figure is what the record says, at its printed precision.
func (j *judge) compareOne(f *figure, k known) bool {
	value, code := recordValue(f, k.value), "differs_from_record"
	equal := agrees(f, k.value)
	if equal {
		code, f.record = "matches_record", k.name
	}
	printed, unit := f.show()+f.unit, ledger.Text{ZH: "", EN: ""}
	if f.kind == kindMoney {
		unit = ledger.Text{ZH: "元", EN: " yuan"}
	}
	j.add(Finding{
		Code: code, Verdict: codes[code].verdict, Record: k.name, RecordValue: value,
		Detail: ledger.Text{
			ZH: fmt.Sprintf("%s印为%s,账簿为%s%s", k.label.ZH, printed, value, unit.ZH),
			EN: fmt.Sprintf("%s is printed %s, the record has %s%s", k.label.EN, printed, value, unit.EN),
		},
	})
	return equal
}

func recordValue(f *figure, value *big.Rat) string {
	switch f.kind {
	case kindPercent:
		return percent(value, max(f.decimals, 2))
	case kindMoney:
		return value.FloatString(2)
	default:
		return plain(value)
	}
}

func (j *judge) compareCount(f *figure, r *Record, subject string) {
	if f.unit != "宗" && f.unit != "宗地" && f.unit != "lots" && f.unit != "trades" && f.unit != "parcels" {
		return
	}
	if land, ok := landOf(subject, r.Land); ok && j.isVerified() {
		j.compareOne(f, known{"parcels:" + subject, ledger.Text{ZH: "核查宗数", EN: "parcels"}, rat(int64(land.Parcels), 1), RoleCount})
		return
	}
	if containsAny(f.label, []string{"成交", "公开交易", "hammered"}) && !containsAny(f.label, []string{"流拍", "弃拍", "未成交", "挂牌", "上平台", "发布"}) {
		j.compareOne(f, known{"hammered", ledger.Text{ZH: "成交宗数", EN: "lots hammered"}, rat(int64(r.Hammered), 1), RoleCount})
	}
}

// ownerWords lead from the words of a report to the owner of the record.
var ownerWords = []struct{ word, owner string }{
	{"国有", "state"}, {"state", "state"}, {"集体", "collective"}, {"留用地", "collective"}, {"自用地", "collective"}, {"collective", "collective"},
}

// landSubject is what land the words are about: the owner, then the categories of the record that they name.
func landSubject(before string, land []RecordLand) string {
	at, owner := -1, ""
	for _, w := range ownerWords {
		if i := strings.LastIndex(before, w.word); i > at {
			at, owner = i, w.owner
		}
	}
	if owner == "" {
		return ""
	}
	var names []string
	for _, row := range land {
		if row.Owner == owner && row.Category != "" && strings.Contains(before, row.Category) {
			names = append(names, row.Category)
		}
	}
	return strings.TrimSuffix(owner+"/"+strings.Join(names, "+"), "/")
}

// landOf sums the rows of a subject; an owner without categories is the owner's total.
func landOf(subject string, land []RecordLand) (RecordLand, bool) {
	owner, categories, _ := strings.Cut(subject, "/")
	sum, found := RecordLand{Owner: owner, Category: categories}, false
	total := slices.IndexFunc(land, func(r RecordLand) bool { return r.Owner == owner && r.Category == "" })
	if owner == "" {
		return sum, false
	}
	if categories == "" && total >= 0 {
		return land[total], true
	}
	for _, row := range land {
		if row.Owner != owner || row.Category == "" || categories != "" && !slices.Contains(strings.Split(categories, "+"), row.Category) {
			continue
		}
		sum.Parcels += row.Parcels
		sum.VerifiedAreaMu = sum.VerifiedAreaMu.Add(row.VerifiedAreaMu)
		found = true
	}
	return sum, found
}

// suggestRecord writes the sentence as the record has it, once a clause.
func (j *judge) suggestRecord(r *Record) {
	if len(j.suggestions) > 0 || r.BaseTotal.Sign() <= 0 {
		return
	}
	wan := func(m ledger.Money) string {
		return trimZeros(quo(m.Rat(), rat(10000, 1)).FloatString(6), 2) + "万元"
	}
	rate := percent(quo(r.PremiumTotal.Rat(), r.BaseTotal.Rat()), 2)
	j.suggestions = append(j.suggestions, ledger.Text{
		ZH: fmt.Sprintf("公开交易成交%d宗,底价合同总额%s,合同总标的(成交)%s,溢价%s,溢价率%s(Σ溢价÷Σ底价)。", r.Hammered, wan(r.BaseTotal), wan(r.HammerTotal), wan(r.PremiumTotal), rate),
		EN: fmt.Sprintf("%d lots hammered; base total CNY %s, contract total (hammer) CNY %s, premium CNY %s, premium rate %s (Σ premium ÷ Σ base).",
			r.Hammered, r.BaseTotal, r.HammerTotal, r.PremiumTotal, rate),
	})
}
