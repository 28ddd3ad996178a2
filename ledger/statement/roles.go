package statement

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nameFigures gives each figure of a clause its label, its place in a list and its role.
func nameFigures(t text, c *clause) {
	at := c.from
	for i, f := range c.figures {
		f.before = t.folded(at, f.start)
		end := c.to
		if i+1 < len(c.figures) {
			end = c.figures[i+1].start
		}
		f.after = t.folded(f.end, end)
		f.label = lead(t.folded(max(at, f.start-labelMax), f.start))
		at = f.end
		if f.kind == kindMoney {
			f.takePerBefore()
		}
	}
	joinLists(c.figures)
	for i, f := range c.figures {
		if i > 0 && f.list > 0 && f.list == c.figures[i-1].list {
			f.label, f.role = c.figures[i-1].label, c.figures[i-1].role
			continue
		}
		f.role = roleOf(f, lastOfList(c.figures, i).after)
		if i > 0 {
			f.nameFrom(c.figures[i-1])
		}
	}
	if firstOf(c.figures, RoleBudget) == nil {
		for _, f := range c.figures {
			if f.role == RoleAward {
				f.role = RoleHammer // 底价100万元,中标价120万元: a sale
			}
		}
	}
	for _, f := range c.figures {
		if f.ranged {
			f.role = RoleNone
		}
	}
}

// nameFrom gives a figure the name that only the figure before it explains.
func (f *figure) nameFrom(last *figure) {
	before := strings.TrimSpace(f.before)
	switch {
	case f.kind == kindPercent && before == "的" && strings.Contains(last.label, "占"):
		f.label, f.role = "占总额", RoleShare // 占全省47.58亿元的43.38%
	case f.kind == kindPercent && before == "的" && strings.Contains(last.label, "完成") && containsAny(last.label, completionWords[:3]):
		f.label, f.role, last.task = "完成任务的", RoleCompletion, true // 完成年度目标15亿元的100.67%
	case (f.kind == kindArea || f.kind == kindCount) && (before == "" || before == "、") && f.kind != last.kind:
		f.label = last.label // 任务124宗500亩
	case f.kind == kindMoney && last.role == RoleBase && (f.label == "高出" || f.label == "高" || f.label == "多出"):
		f.role = RolePremium // 比底价100万元高出20万元
	case f.kind == kindPercent && last.role == RoleBase && (f.label == "高" || f.label == "高出" || f.label == "增长" || f.label == "上涨" || f.label == "溢价"):
		f.role = RoleRate // 比底价100万元高20%
	case f.kind == kindPercent && f.role == RoleGrowth && last.role == RoleHammer && (f.label == "增幅" || f.label == "涨幅" || f.label == "增长" || f.label == "上涨"):
		f.role = RoleRise // 底价100万元,成交价120万元,增幅20%
	}
}

// lead is the part of the words before a figure that can name it: what follows the last comma, brackets aside.
func lead(before string) string {
	before = dropRemarks(before)
	if i := strings.LastIndexFunc(before, isStop); i >= 0 {
		_, n := utf8.DecodeRuneInString(before[i:])
		before = before[i+n:]
	}
	return strings.Trim(before, "、() ")
}

func isStop(r rune) bool { return strings.ContainsRune(",;。!?\n", r) }

// dropRemarks cuts closed brackets out: 合同总标的(成交) is called 合同总标的.
func dropRemarks(s string) string {
	for {
		end := strings.IndexByte(s, ')')
		if end < 0 {
			break
		}
		open := strings.LastIndexByte(s[:end], '(')
		if open < 0 {
			s = s[end+1:]
			continue
		}
		s = s[:open] + s[end+1:]
	}
	return s
}

func (f *figure) takePerBefore() {
	p := perBefore(f.label)
	if f.per.area == nil {
		f.per.area = p.area
	}
	if f.per.months == nil {
		f.per.months = p.months
	}
	if f.per.piece == "" {
		f.per.piece = p.piece
	}
}

// joinLists numbers the runs of like figures that only 、 or 和 joins: 557亩和850亩.
func joinLists(figures []*figure) {
	n := 0
	for i := 1; i < len(figures); i++ {
		a, b := figures[i-1], figures[i]
		join := strings.Trim(b.before, " ")
		if a.kind != b.kind || a.per.key() != b.per.key() && !b.per.isZero() && !a.per.isZero() ||
			!slices.Contains([]string{"、", "和", "及", "与", "以及", "and", ", and"}, join) {
			continue
		}
		if a.list == 0 {
			n++
			a.list = n
		}
		b.list = a.list
		if a.per.isZero() {
			a.per = b.per
		}
	}
}

func lastOfList(figures []*figure, i int) *figure {
	last := figures[i]
	for j := i + 1; last.list > 0 && j < len(figures) && figures[j].list == last.list; j++ {
		last = figures[j]
	}
	return last
}

func roleOf(f *figure, after string) Role {
	switch f.kind {
	case kindMoney:
		return moneyRole(f.label, after)
	case kindPercent:
		return percentRole(f.label)
	case kindPoints:
		return RoleChangeOfRate
	case kindMultiple:
		return multipleRole(f.label)
	case kindMonths, kindDays:
		if containsAny(f.before, termWords) || containsAny(firstPart(after), []string{"租期", "期", "年限"}) {
			return RoleTerm
		}
	case kindArea:
		if containsAny(f.label, floorWords) {
			return RoleFloorArea
		}
		return RoleArea
	case kindCount:
		return RoleCount
	case kindNone:
	}
	return RoleNone
}

func moneyRole(label, after string) Role {
	role, _ := named(label, roleWords)
	switch {
	case containsAny(label, averageWords), containsAny(label, extremeWords) && role != RoleBudget:
		return RoleExtreme
	case strings.HasSuffix(label, "由") || strings.HasSuffix(label, "从"):
		return roleFromBehind(label, after) // the start of a change, unless it is 从4.5万元起拍
	case role == RolePrior || role == RoleAboveBase:
		return role
	case containsAny(label, earlierWords):
		if containsAny(label, changeWords) {
			return RoleChange
		}
		return RoleEarlier
	case role != RoleNone:
		return role
	case endsInChange(label):
		return RoleChange
	}
	return roleFromBehind(label, after)
}

// named finds the role whose word the label ends in, neutral words aside: of money by roleWords, of a percentage
// by percentWords.
func named(label string, words []roleWord) (Role, string) {
	for {
		best, bestWord := RoleNone, ""
		for _, row := range words {
			for _, w := range row.words {
				if len(w) > len(bestWord) && strings.HasSuffix(label, w) {
					best, bestWord = row.role, w
				}
			}
		}
		if bestWord != "" {
			return best, bestWord
		}
		shorter, ok := dropNeutral(label)
		if !ok {
			return RoleNone, ""
		}
		label = shorter
	}
}

// dropNeutral takes the longest neutral word off the end.
func dropNeutral(label string) (string, bool) {
	best := ""
	for _, w := range neutralWords {
		if len(w) > len(best) && strings.HasSuffix(label, w) {
			best = w
		}
	}
	return strings.TrimSuffix(label, best), best != ""
}

func endsInChange(label string) bool {
	for {
		for _, w := range changeWords {
			if strings.HasSuffix(label, w) {
				return true
			}
		}
		shorter, ok := dropNeutral(label)
		if !ok {
			return false
		}
		if strings.HasSuffix(label, "到") || strings.HasSuffix(label, "为") {
			return false // 提高到: the new value, not the difference
		}
		label = shorter
	}
}

func roleFromBehind(label, after string) Role {
	tail := firstPart(after)
	for _, w := range afterBase {
		if strings.HasPrefix(tail, w) {
			return RoleBase
		}
	}
	if !strings.Contains(label, "以") && !strings.HasSuffix(label, "按") {
		return RoleNone
	}
	for again := true; again; {
		again = false
		for _, w := range afterHammer {
			if strings.HasPrefix(tail, w) {
				return RoleHammer
			}
		}
		for _, w := range afterFiller {
			if rest, ok := strings.CutPrefix(tail, w); ok {
				tail, again = rest, true
				break
			}
		}
	}
	return RoleNone
}

// firstPart is the text up to the next comma.
func firstPart(s string) string {
	if i := strings.IndexAny(s, ",;\n"); i >= 0 {
		return s[:i]
	}
	return s
}

func percentRole(label string) Role {
	role, _ := named(label, percentWords)
	isLevel := strings.HasSuffix(label, "到") || strings.HasSuffix(label, "至") || strings.HasSuffix(label, "由") || strings.HasSuffix(label, "从")
	switch {
	case isLevel && (role == RoleRate || containsAny(label, changeWords)) && !strings.HasSuffix(label, "达到"):
		return RoleChangeOfRate // one end of a change: 溢价率由10%提高到12%
	case containsAny(label, extremeWords):
		return RoleExtreme
	case role == RoleRate && containsAny(label, averageWords):
		return RoleAverageRate
	case role != RoleNone && containsAny(label, earlierWords):
		return RoleEarlier
	case role != RoleNone:
		return role
	case strings.Contains(label, "溢价率"), strings.Contains(label, "完成率"), strings.Contains(label, "节资率"):
		return RoleChangeOfRate
	case strings.Contains(label, "完成") && containsAny(label, completionWords[:3]), strings.Contains(label, "占任务"), strings.Contains(label, "占目标"):
		return RoleCompletion
	case strings.Contains(label, "占") || strings.Contains(label, "比重") || strings.Contains(label, "share"):
		return RoleShare
	case containsAny(label, changeWords):
		return RoleGrowth
	}
	return RoleNone
}

// multipleRole tells growth by a multiple (增长5倍) from a multiple (是原来的5倍, 增长到5倍).
func multipleRole(label string) Role {
	for _, w := range []string{"到", "至", "为", "的", "是", "达", "达到"} {
		if strings.HasSuffix(label, w) {
			return RoleMultiple
		}
	}
	if containsAny(label, changeWords) {
		return RoleGrowth
	}
	return RoleMultiple
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
