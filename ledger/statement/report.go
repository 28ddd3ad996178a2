package statement

import (
	"fmt"
	"math/big"
	"strings"

	"mingzhang/ledger"
)

// report notes a reading that fits, with what it takes to be true.
func (j *judge) report(r reading) {
	j.fits()
	var sums []string
	if r.rate != nil {
		sums = append(sums, r.formula())
	}
	base, hammer, premium := r.truth()
	u := r.parts()[0]
	if len(r.parts()) == 3 {
		sums = append(sums, fmt.Sprintf("%s−%s=%s", u.in(r.hammer.value), u.in(r.base.value), u.in(sub(r.hammer.value, r.base.value))))
	}
	arithmetic := strings.Join(sums, ";")
	for _, code := range r.codes {
		j.reportCode(code, r, arithmetic, u, premium)
	}
	if r.truncated {
		v, _ := r.value(false)
		j.find("rate_truncated", fmt.Sprintf("%s,四舍五入为%s,印为%s", arithmetic, percent(v.lo, r.rate.decimals), r.rate.show()+"%"),
			fmt.Sprintf("%s rounds to %s, printed %s", arithmetic, percent(v.lo, r.rate.decimals), r.rate.show()+"%"))
	}
	if r.gap {
		j.find("rounding_gap", fmt.Sprintf("%s,印为%s", arithmetic, r.premium.show()), fmt.Sprintf("%s, printed %s", arithmetic, r.premium.show()))
	}
	if v := r.verdict(); (v == Mislabelled || v == OtherDefinition) && len(r.codes) > 0 && r.codes[len(r.codes)-1] != "contract_total_means_either" {
		j.suggest(u, base, hammer, premium, r)
	}
}

func (j *judge) reportCode(code string, r reading, arithmetic string, u *figure, premium *big.Rat) {
	zh, en := arithmetic, arithmetic
	var named *figure
	switch code {
	case "premium_is_hammer_total", "base_is_hammer_total":
		named = r.hammer
	case "premium_is_base_total", "hammer_is_base_total", "contract_total_is_base_total":
		named = r.base
	case "base_is_premium", "hammer_total_is_premium", "contract_total_is_premium":
		named = r.premium
	case "contract_total_means_either":
		c := r.hammer
		j.find(code, fmt.Sprintf("%s若为成交合同总额,溢价率以成交额为分母;若为底价合同总额,溢价率=溢价÷底价:%s", c.show(), arithmetic),
			fmt.Sprintf("if %s is the hammer total, the rate divides by it; if it is the base total, the rate is premium ÷ base: %s", c.show(), arithmetic))
		return
	case "higher_than_or_by":
		j.find(code, "底价与差额两种读法都符合:"+arithmetic, "both the base and the difference fit: "+arithmetic)
		return
	}
	if named != nil {
		shown := named.show() + moneyUnit(named)
		zh = fmt.Sprintf("%s%s:%s;真实溢价%s", shown, codes[code].name.ZH, arithmetic, u.withUnit(premium))
		en = fmt.Sprintf("%s: %s: %s; the true premium is %s", shown, codes[code].name.EN, arithmetic, u.withUnit(premium))
	}
	j.find(code, zh, en)
}

// truth is base, hammer and premium as the reading gives them.
func (r reading) truth() (base, hammer, premium *big.Rat) {
	switch {
	case r.base != nil && r.hammer != nil:
		base, hammer = r.base.value, r.hammer.value
		premium = sub(hammer, base)
		if r.premium != nil {
			premium = r.premium.value
		}
	case r.base != nil:
		base, premium = r.base.value, r.premium.value
		hammer = add(base, premium)
	default:
		hammer, premium = r.hammer.value, r.premium.value
		base = sub(hammer, premium)
	}
	return base, hammer, premium
}

// misfit reports a group that no reading explains.
func (j *judge) misfit(figures []*figure, rate *figure) {
	r := asNamed(figures)
	r.rate, r.definition = rate, "on_contract_total"
	u := r.parts()[0]
	if len(r.parts()) == 3 && !r.sumFits() {
		sum := fmt.Sprintf("%s−%s=%s", u.in(r.hammer.value), u.in(r.base.value), u.in(sub(r.hammer.value, r.base.value)))
		j.find("premium_mismatch", sum+",印为"+r.premium.show()+moneyUnit(r.premium), sum+", printed "+r.premium.show()+" "+moneyUnit(r.premium))
		if rate != nil {
			if ok, _ := rateFit(rate, r.parts(), r.value); ok {
				return
			}
		}
	}
	if rate == nil {
		return
	}
	var tried []string
	for _, definition := range []string{"on_contract_total", "on_hammer_total", "hammer_over_base"} {
		q := r
		q.definition = definition
		if _, ok := q.value(false); ok {
			tried = append(tried, q.formula())
		}
	}
	if len(tried) == 0 {
		tried = []string{fmt.Sprintf("%s≥%s", r.premium.show()+moneyUnit(r.premium), u.in(r.hammer.value))}
	}
	all := strings.Join(tried, ";")
	j.find("rate_mismatch", all+";印为"+rate.show()+"%", all+"; printed "+rate.show()+"%")
	if len(r.parts()) == 3 && r.sumFits() {
		base, hammer, premium := r.truth()
		j.suggest(u, base, hammer, premium, r)
	}
}

// suggest writes the sentence as it should stand, in the words of the office's own report.
func (j *judge) suggest(u *figure, base, hammer, premium *big.Rat, r reading) {
	zh, en := "", ""
	for _, f := range j.clause.figures {
		if f.kind == kindCount && f.unit == "宗" && !f.ranged {
			zh, en = "公开交易成交"+f.show()+"宗,", f.show()+" lots hammered; "
			break
		}
	}
	decimals := 2
	if r.rate != nil {
		decimals = max(2, r.rate.decimals)
	}
	rate := percent(quo(premium, base), decimals)
	if u.per.isZero() {
		zh += fmt.Sprintf("底价合同总额%s,合同总标的(成交)%s,溢价%s,溢价率%s(Σ溢价÷Σ底价)。", u.withUnit(base), u.withUnit(hammer), u.withUnit(premium), rate)
		en += fmt.Sprintf("base total %s, contract total (hammer) %s, premium %s, premium rate %s (Σ premium ÷ Σ base).",
			englishMoney(base), englishMoney(hammer), englishMoney(premium), rate)
	} else {
		zh += fmt.Sprintf("底价%s,成交价%s,溢价%s,溢价率%s(溢价÷底价)。", u.withUnit(base), u.withUnit(hammer), u.withUnit(premium), rate)
		en += fmt.Sprintf("base %s, hammer %s, premium %s, premium rate %s (premium ÷ base).", englishMoney(base), englishMoney(hammer), englishMoney(premium), rate)
	}
	j.suggestions = append(j.suggestions, ledger.Text{ZH: zh, EN: en})
}

// suggestGrowth writes growth as it should stand.
func (j *judge) suggestGrowth(a, b *figure) {
	ratio := quo(b.value, a.value)
	growth := sub(ratio, rat(1, 1))
	j.suggestions = append(j.suggestions, ledger.Text{
		ZH: fmt.Sprintf("由%s%s提高到%s%s,增长%s倍(为原来的%s倍)。", a.show(), a.unit, b.show(), b.unit, timesText(growth), timesText(ratio)),
		EN: fmt.Sprintf("from%s to%s: growth of %s (%s times the former).", inEnglish(" "+a.show()+a.unit), inEnglish(" "+b.show()+b.unit), percent(growth, 2), timesText(ratio)),
	})
}

// englishMoney prints yuan with two decimals.
func englishMoney(x *big.Rat) string { return "CNY " + x.FloatString(2) }

// SuggestionIn is the corrected sentence in the given language, one line a clause; empty when the figures do not
// determine it.
func (whole Judgement) SuggestionIn(lang ledger.Lang) string {
	var lines []string
	for _, s := range whole.suggestions {
		lines = append(lines, s.In(lang))
	}
	return strings.Join(lines, "\n")
}
