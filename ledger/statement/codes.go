package statement

import (
	"slices"

	"mingzhang/ledger"
)

// codes says for each finding what it leads to and what it means in a few words.
var codes = map[string]struct {
	verdict Verdict
	name    ledger.Text
}{
	"premium_is_hammer_total":      {Mislabelled, ledger.Text{ZH: "标为“溢价”的是成交总额", EN: "the figure called premium is the hammer total"}},
	"premium_is_base_total":        {Mislabelled, ledger.Text{ZH: "标为“溢价”的是底价总额", EN: "the figure called premium is the base total"}},
	"base_is_hammer_total":         {Mislabelled, ledger.Text{ZH: "标为“底价”的是成交总额", EN: "the figure called base is the hammer total"}},
	"base_is_premium":              {Mislabelled, ledger.Text{ZH: "标为“底价”的是溢价", EN: "the figure called base is the premium"}},
	"hammer_total_is_premium":      {Mislabelled, ledger.Text{ZH: "标为“成交额”的是溢价", EN: "the figure called hammer total is the premium"}},
	"hammer_is_base_total":         {Mislabelled, ledger.Text{ZH: "标为“成交额”的是底价总额", EN: "the figure called hammer total is the base total"}},
	"contract_total_is_base_total": {Mislabelled, ledger.Text{ZH: "标为“合同总标的”的是底价合同总额", EN: "the figure called contract total is the base total"}},
	"contract_total_is_premium":    {Mislabelled, ledger.Text{ZH: "标为“合同总标的”的是溢价", EN: "the figure called contract total is the premium"}},
	"rate_is_hammer_over_base":     {Mislabelled, ledger.Text{ZH: "溢价率算成了成交÷底价,高出100个百分点", EN: "the rate is hammer ÷ base, 100 points too high"}},
	"multiple_called_growth":       {Mislabelled, ledger.Text{ZH: "把倍数写成了增长", EN: "a multiple is printed as growth"}},
	"growth_called_multiple":       {Mislabelled, ledger.Text{ZH: "把增长写成了倍数", EN: "growth is printed as a multiple"}},
	"rate_on_hammer_total":         {OtherDefinition, ledger.Text{ZH: "溢价率的分母是成交总额(on_hammer_total)", EN: "the rate divides by the hammer total (on_hammer_total)"}},
	"rate_is_simple_mean":          {OtherDefinition, ledger.Text{ZH: "溢价率是各宗溢价率的简单平均(simple_mean)", EN: "the rate is the simple mean of single rates (simple_mean)"}},
	"rate_on_first_year":           {OtherDefinition, ledger.Text{ZH: "溢价率按首年金额计算(on_first_year)", EN: "the rate is computed on first-year amounts (on_first_year)"}},
	"rate_against_prior_contract":  {OtherDefinition, ledger.Text{ZH: "溢价率是与原合同相比(against_prior_contract)", EN: "the rate is against the prior contract (against_prior_contract)"}},
	"higher_than_or_by":            {Ambiguous, ledger.Text{ZH: "“高于底价”后的数既可读作底价,也可读作差额", EN: "the figure after “higher than the base” may be the base or the difference"}},
	"contract_total_means_either":  {Ambiguous, ledger.Text{ZH: "合同总标的是成交总额还是底价总额,两种读法都符合", EN: "the contract total may be the hammer total or the base total; both fit"}},
	"rate_mismatch":                {Contradictory, ledger.Text{ZH: "比率与金额不符", EN: "the rate does not fit the amounts"}},
	"saving_mismatch":              {Contradictory, ledger.Text{ZH: "节资额不等于预算减中标价", EN: "the saving is not budget − award"}},
	"saving_called_premium":        {Mislabelled, ledger.Text{ZH: "把节资率写成了溢价率", EN: "a saving rate is printed as a premium rate"}},
	"saving_rate_on_award":         {OtherDefinition, ledger.Text{ZH: "节资率的分母是中标价", EN: "the saving rate divides by the award"}},
	"premium_mismatch":             {Contradictory, ledger.Text{ZH: "溢价不等于成交减底价", EN: "the premium is not hammer − base"}},
	"price_times_quantity_off":     {Contradictory, ledger.Text{ZH: "单价×数量×期限与总额不符", EN: "price × quantity × term does not give the total"}},
	"parts_do_not_sum":             {Contradictory, ledger.Text{ZH: "分项与合计不符", EN: "the parts do not give the total"}},
	"unit_conversion_off":          {Contradictory, ledger.Text{ZH: "单位换算不符", EN: "the unit conversion is wrong"}},
	"completion_rate_off":          {Contradictory, ledger.Text{ZH: "完成率与完成数、任务数不符", EN: "the completion rate does not fit done ÷ task"}},
	"share_off":                    {Contradictory, ledger.Text{ZH: "占比与两数不符", EN: "the share does not fit the two figures"}},
	"growth_off":                   {Contradictory, ledger.Text{ZH: "增幅与前后两数不符", EN: "the growth does not fit the two figures"}},
	"units_mixed":                  {Contradictory, ledger.Text{ZH: "不同单位的数直接相加", EN: "figures of different units were added"}},
	"differs_from_record":          {Contradictory, ledger.Text{ZH: "与账簿记录不符", EN: "differs from the record"}},
	"rate_truncated":               {Consistent, ledger.Text{ZH: "比率是截尾而非四舍五入", EN: "the rate was truncated, not rounded"}},
	"figure_truncated":             {Consistent, ledger.Text{ZH: "数字是截尾而非四舍五入", EN: "the figure was truncated, not rounded"}},
	"rounding_gap":                 {Consistent, ledger.Text{ZH: "差额在四舍五入范围内", EN: "the gap is within rounding"}},
	"remainder_unnamed":            {Consistent, ledger.Text{ZH: "其中各项少于总数,余数未列出", EN: "the named parts fall short of the whole; the rest is not named"}},
	"saving_not_premium":           {Consistent, ledger.Text{ZH: "这是节资,不是溢价", EN: "this is a saving, not a premium"}},
	"matches_record":               {Consistent, ledger.Text{ZH: "与账簿记录相符", EN: "agrees with the record"}},
}

// CodeName is what a finding's code means, in a few words.
func CodeName(code string) ledger.Text { return codes[code].name }

// A judge collects what is found in one clause.
type judge struct {
	text        text
	clause      *clause
	findings    []Finding
	checked     bool // some relation was checked and fits
	suggestions []ledger.Text
}

// fits notes that a relation was checked and holds.
func (j *judge) fits() { j.checked = true }

// find notes a finding with its arithmetic; the same code with the same words counts once.
func (j *judge) find(code, zh, en string) {
	f := Finding{Code: code, Verdict: codes[code].verdict, Detail: ledger.Text{ZH: zh, EN: inEnglish(en)}}
	j.add(f)
}

func (j *judge) add(f Finding) {
	j.checked = true
	for _, old := range j.findings {
		if old == f {
			return
		}
	}
	j.findings = append(j.findings, f)
}

// verdict is the worst of the findings; without any it depends on whether something could be checked.
func (j *judge) verdict() Verdict {
	if !j.checked {
		return Insufficient
	}
	v := Consistent
	for _, f := range j.findings {
		v = worse(v, f.Verdict)
	}
	return v
}

func sortFindings(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return slices.Index(codeOrder, a.Code) - slices.Index(codeOrder, b.Code)
	})
}
