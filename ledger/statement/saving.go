package statement

import "fmt"

// checkSavings judges procurement: the price goes down, and what is saved is no premium.
func (j *judge) checkSavings() {
	budget, award := j.only(RoleBudget), j.only(RoleAward)
	if award == nil {
		award = j.only(RoleHammer)
	}
	saving, rate := j.only(RoleSaving), j.only(RoleSavingRate)
	if budget == nil || budget.value.Sign() <= 0 || award == nil && saving == nil {
		return
	}
	if award != nil && saving != nil {
		j.savingFits(budget, award, saving)
	}
	if rate == nil {
		rate = j.only(RoleRate)
	}
	if rate == nil {
		return
	}
	from := []*figure{budget, award}
	at := func(wide bool) (interval, bool) {
		q, can := award.span(wide).over(budget.span(wide))
		return exactly(rat(1, 1)).minus(q), can
	}
	if award == nil {
		from = []*figure{budget, saving}
		at = func(wide bool) (interval, bool) { return saving.span(wide).over(budget.span(wide)) }
	}
	point, can := at(false)
	if !can {
		return
	}
	sum := fmt.Sprintf("(%s−%s)÷%s=%s", budget.show(), budget.in(mul(budget.value, sub(rat(1, 1), point.lo))), budget.show(), rate.percentLike(point.lo))
	ok, truncated := rateFit(rate, from, at)
	switch {
	case ok && rate.role == RoleRate:
		j.find("saving_called_premium", sum, sum)
	case ok:
		j.find("saving_not_premium", sum+",节资与溢价方向相反", sum+"; a saving runs the other way than a premium")
		if truncated {
			j.find("rate_truncated", sum+",印为"+rate.show()+"%", sum+", printed "+rate.show()+"%")
		}
	case award != nil && award.value.Sign() > 0 && exactly(sub(quo(budget.value, award.value), rat(1, 1))).meets(rate.half()):
		j.find("saving_rate_on_award", sum+";以中标价为分母", sum+"; on the award")
	case rate.role == RoleSavingRate:
		j.find("rate_mismatch", sum+",印为"+rate.show()+"%", sum+", printed "+rate.show()+"%")
	}
}

func (j *judge) savingFits(budget, award, saving *figure) {
	gap := abs(sub(sub(budget.value, award.value), saving.value))
	if gap.Cmp(gapAllowed(budget, award, saving)) <= 0 {
		j.fits()
		return
	}
	sum := fmt.Sprintf("%s−%s=%s%s", budget.show(), budget.in(award.value), budget.in(sub(budget.value, award.value)), moneyUnit(budget))
	j.find("saving_mismatch", sum+",印为"+saving.show()+moneyUnit(saving), sum+", printed "+saving.show()+" "+moneyUnit(saving))
}

// only is the clause's figure of a role, nil when there is none or more than one.
func (j *judge) only(r Role) *figure {
	var one *figure
	for _, f := range j.clause.figures {
		if f.role != r || f.ranged {
			continue
		}
		if one != nil {
			return nil
		}
		one = f
	}
	return one
}
