package statement

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// checkCompletion compares a completion rate with what was done and what was the task.
func (j *judge) checkCompletion() {
	for _, r := range j.clause.figures {
		if r.role != RoleCompletion || r.ranged || r.list > 0 {
			continue
		}
		type work struct{ task, done *figure }
		var pairs []work
		for _, task := range j.clause.figures {
			if !isTask(task) {
				continue
			}
			for _, done := range j.doneOf(task) {
				pairs = append(pairs, work{task, done})
			}
		}
		fit, kinds := false, map[kind]bool{}
		for _, p := range pairs {
			kinds[p.task.kind] = true
			ok, truncated := rateFit(r, []*figure{p.done, p.task}, func(wide bool) (interval, bool) {
				q, can := p.done.span(wide).over(p.task.span(wide))
				if strings.Contains(r.label, "超额") {
					q = q.shift(-1)
				}
				return q, can
			})
			if ok {
				fit = true
				j.ratioFits(r, truncated, p.done, p.task)
				break
			}
		}
		if !fit && len(pairs) > 0 && len(pairs) == len(kinds) && samePeriod(r, pairs[0].task) && sameTask(r, pairs[0].task, pairs[0].done) {
			zh, en := ratioText(r, pairs[0].done, pairs[0].task)
			j.find("completion_rate_off", zh, en)
		}
	}
}

// samePeriod is false where the rate is of a part of the year that the task's words do not name.
func samePeriod(rate, task *figure) bool {
	for _, w := range []string{"上半年", "下半年", "半年", "季度", "序时", "时序", "月度", "累计"} {
		if strings.Contains(rate.label, w) && !strings.Contains(task.label, w) {
			return false
		}
	}
	return true
}

// sameTask is false where the rate's words name something that neither figure is called (完成全年成交额目标的45%, beside
// a task of 100宗).
func sameTask(rate, task, done *figure) bool {
	label := rate.label
	for _, w := range []string{"超额", "完成", "全年", "年度", "今年", "本年", "目标", "任务", "计划", "工作", "比例", "进度", "占", "达成", "总", "率", "的", "已", "达到", "达", "为", "约", "到", "数", "量", "年", ":", "(", " "} {
		label = strings.ReplaceAll(label, w, "")
	}
	return strings.Contains(task.label, label) || strings.Contains(done.label, label)
}

// doneOf gives what may be done of a task: the figures called done, else the one other figure of the same unit.
func (j *judge) doneOf(task *figure) []*figure {
	var done, others []*figure
	for _, f := range j.clause.figures {
		switch {
		case f == task || f.kind != task.kind || f.unit != task.unit:
		case isDone(f):
			done = append(done, f)
		case isAmount(f) && f.role != RoleEarlier && f.role != RoleChange:
			others = append(others, f)
		}
	}
	if len(done) == 0 && len(others) == 1 {
		return others
	}
	return done
}

func isAmount(f *figure) bool {
	return (f.kind == kindArea || f.kind == kindMoney || f.kind == kindCount) && !f.ranged && !f.spoken && !f.converted && f.per.isZero()
}

func isTask(f *figure) bool {
	return isAmount(f) && f.task || isAmount(f) && containsAny(f.label, []string{"任务", "目标", "计划", "应核查", "应完成", "应处置", "task", "target"}) && !containsAny(f.label, []string{"已", "完成"})
}

func isDone(f *figure) bool {
	return isAmount(f) && containsAny(f.label, []string{"已", "完成", "实际", "累计", "实现", "done"}) && f.role != RoleEarlier && f.role != RoleChange
}

// ratioFits notes a ratio that fits, and says when only truncation explains it.
func (j *judge) ratioFits(r *figure, truncated bool, top, bottom *figure) {
	j.fits()
	if truncated {
		zh, en := ratioText(r, top, bottom)
		j.find("rate_truncated", zh, en)
	}
}

func ratioText(r, top, bottom *figure) (zh, en string) {
	if bottom.value.Sign() == 0 {
		return "分母为零", "the divisor is zero"
	}
	sum := fmt.Sprintf("%s÷%s=%s", bottom.in(top.value), bottom.show(), r.percentLike(quo(top.value, bottom.value)))
	return sum + ",印为" + r.show() + "%", sum + ", printed " + r.show() + "%"
}

// checkShares compares 占比 with the two figures that it relates.
func (j *judge) checkShares() {
	for i, r := range j.clause.figures {
		if r.role != RoleShare || r.ranged {
			continue
		}
		var amounts []*figure
		kinds := map[string]int{}
		for k := i - 1; k >= 0 && len(amounts) < wholesMax; k-- {
			f := j.clause.figures[k]
			if isAmount(f) && f.role != RoleChange && f.role != RoleExtreme {
				amounts = append(amounts, f)
				kinds[fmt.Sprint(f.kind, f.noun, kindUnit(f))]++
			}
		}
		fit := false
		for _, part := range amounts {
			for _, whole := range amounts {
				if !fit && part.kind == whole.kind && kindUnit(part) == kindUnit(whole) && part.value.Cmp(whole.value) < 0 {
					ok, truncated := rateFit(r, []*figure{part, whole}, func(wide bool) (interval, bool) { return part.span(wide).over(whole.span(wide)) })
					if ok {
						fit = true
						j.ratioFits(r, truncated, part, whole)
					}
				}
			}
		}
		if !fit && len(amounts) == 2 && len(kinds) == 1 && isPlainShare(r.label) {
			part, whole := amounts[0], amounts[1]
			if part.value.Cmp(whole.value) > 0 {
				part, whole = whole, part
			}
			zh, en := ratioText(r, part, whole)
			j.find("share_off", zh, en)
		}
	}
}

func kindUnit(f *figure) string {
	if f.kind == kindCount {
		return f.unit
	}
	return ""
}

// isPlainShare tells whether the words name no other whole than the one printed: 占比, 占总面积的.
func isPlainShare(label string) bool {
	label = strings.TrimRight(label, ": 为约达到的")
	return strings.HasSuffix(label, "占比") || strings.HasPrefix(label, "占总") || label == "占" || label == "比重"
}

// checkGrowth compares growth with the two figures before it.
func (j *judge) checkGrowth() {
	for i, r := range j.clause.figures {
		if r.role != RoleGrowth && r.role != RoleMultiple || r.ranged || containsAny(r.label, averageWords) || strings.Contains(r.label, "年均") {
			continue
		}
		a, b, sure := j.beforeAndAfter(i)
		if a == nil || a.value.Sign() <= 0 {
			continue
		}
		a.agreed, b.agreed = true, true
		j.judgeGrowth(r, a, b, sure)
	}
}

func (j *judge) judgeGrowth(r, a, b *figure, sure bool) {
	down := containsAny(r.label, []string{"下降", "减少", "降", "回落", "下滑"})
	growth := func(wide bool) (interval, bool) {
		q, can := b.span(wide).over(a.span(wide))
		if !can {
			return q, false
		}
		if q = q.shift(-1); down {
			q = exactly(rat(0, 1)).minus(q)
		}
		return q, true
	}
	ratio := func(wide bool) (interval, bool) { return b.span(wide).over(a.span(wide)) }
	first, second, code := growth, ratio, "multiple_called_growth"
	if r.role == RoleMultiple {
		first, second, code = ratio, growth, "growth_called_multiple"
		sure = sure && containsAny(r.label, []string{"原来", "去年", "上年", "到"})
	}
	from := []*figure{a, b}
	ok, truncated := rateFit(r, from, first)
	if ok {
		zh, en := growthText(r, a, b, down)
		j.fits()
		if truncated {
			j.find("rate_truncated", zh, en)
		}
		return
	}
	if !sure {
		return
	}
	zh, en := growthText(r, a, b, down)
	if ok, _ := rateFit(r, from, second); ok && !down {
		j.find(code, zh, en)
		j.suggestGrowth(a, b)
		return
	}
	j.find("growth_off", zh, en)
}

// beforeAndAfter finds the figures that growth figure i relates: 由A提高到B; 去年A, 今年B; B, 比上年增加D. sure is true
// when the words leave no doubt that the growth is between these two.
func (j *judge) beforeAndAfter(i int) (a, b *figure, sure bool) {
	figures, r := j.clause.figures, j.clause.figures[i]
	if i >= 2 {
		x, y := figures[i-2], figures[i-1]
		same := isGrowing(x) && isGrowing(y) && x.kind == y.kind && x.per.key() == y.per.key() && kindUnit(x) == kindUnit(y)
		switch {
		case !same:
		case isFrom(x.label) && isTo(y.label):
			return x, y, sameSubject(r, x) && !containsAny(r.label, []string{"同比", "环比"})
		case endsInChange(y.label) && containsAny(y.label, []string{"比上年", "比去年", "同比", "较上年", "较去年"}):
			d := y.value
			if containsAny(y.label, []string{"减", "降", "少"}) {
				d = new(big.Rat).Neg(d)
			}
			earlier := *x
			earlier.value = sub(x.value, d)
			earlier.raw = quo(earlier.value, x.factor)
			return &earlier, x, sameSubject(r, x)
		case isEarlier(x) && !isEarlier(y), yearOf(x) > 0 && yearOf(x) < yearOf(y):
			return x, y, sameSubject(r, x)
		case isEarlier(y) && !isEarlier(x):
			return y, x, sameSubject(r, x)
		}
	}
	return nil, nil, false
}

func isGrowing(f *figure) bool {
	return (f.kind == kindMoney || f.kind == kindArea || f.kind == kindCount) && !f.ranged && !f.converted
}

// sameSubject tells whether the growth has no subject of its own (同比增长, 增幅) or that of the figure before it.
func sameSubject(r, before *figure) bool {
	label := r.label
	for _, w := range []string{"同比", "比上年", "比去年", "较上年", "较去年", "同期", "增长", "增加", "增幅", "上涨", "涨幅", "提高", "上升", "下降", "减少", "降幅", "降低", "提升", "翻", "涨", "增", "了", "率", "达", "为", "约", "到", "是", "原来", "的", ":", " "} {
		label = strings.ReplaceAll(label, w, "")
	}
	return strings.Contains(before.label, label)
}

// yearOf is the year that a figure's label names, 0 without one.
func yearOf(f *figure) int {
	i := strings.Index(f.label, "年")
	if i < 4 {
		return 0
	}
	year, err := strconv.Atoi(f.label[i-4 : i])
	if err != nil || year < 1900 || year > 2100 {
		return 0
	}
	return year
}

func isFrom(label string) bool {
	return strings.Contains(label, "由") || strings.Contains(label, "从") || strings.HasSuffix(label, "from")
}

func isTo(label string) bool {
	for _, w := range []string{"到", "至", "为", "to"} {
		if strings.HasSuffix(strings.TrimRight(label, "0123456789年月底末的约近 每"), w) {
			return true
		}
	}
	return false
}

func isEarlier(f *figure) bool {
	return (f.role == RoleEarlier || containsAny(f.label, earlierWords)) && !containsAny(f.label, changeWords)
}

func growthText(r, a, b *figure, down bool) (zh, en string) {
	one := rat(1, 1)
	ratio := quo(b.value, a.value)
	growth := sub(ratio, one)
	name, english := "增长", "growth"
	if down {
		growth, name, english = sub(one, ratio), "下降", "decrease"
	}
	printed := r.show() + r.unit
	u := a
	sum := fmt.Sprintf("(%s−%s)÷%s", u.in(b.value), u.in(a.value), u.in(a.value))
	if down {
		sum = fmt.Sprintf("(%s−%s)÷%s", u.in(a.value), u.in(b.value), u.in(a.value))
	}
	g, q := timesText(growth), timesText(ratio)
	return fmt.Sprintf("%s=%s,即%s%s;%s÷%s=%s倍;印为%s", sum, g, name, percent(growth, 2), u.in(b.value), u.in(a.value), q, printed),
		fmt.Sprintf("%s=%s: %s of %s; %s÷%s=%s times; printed %s", sum, g, english, percent(growth, 2), u.in(b.value), u.in(a.value), q, printed)
}

func timesText(x *big.Rat) string { return trimZeros(x.FloatString(2), 0) }
