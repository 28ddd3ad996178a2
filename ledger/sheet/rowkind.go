package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// TotalKind says what kind of total a row is.
type TotalKind string

// The kinds of totals.
const (
	NoTotal  TotalKind = ""
	Subtotal TotalKind = "subtotal" // 小计, 本页小计
	Sum      TotalKind = "sum"      // 合计, 共计
	Grand    TotalKind = "grand"    // 总计, 累计
)

var (
	// A label of a total, squeezed: 合计, 本页小计, 合计37宗, 共计:, 小计(黄岗村). Anything else that only
	// begins so (合计大厦) is none.
	totalLabel = regexp.MustCompile(`^\(?(?:本页|本表|本期|本月|本季度?|本年度?|上半年|下半年|全年|全部|以上)?(小[计計]|合[计計]数?|[总總][计計]|共[计計]|[总總]合[计計]|累[计計]|总和|汇总|subtotal|sub-total|total|grandtotal|sum)s?\)?(?:$|[:(（,，]|共?\d)`)
	// Such a label and nothing else; a row that begins so may name what it is the total of: 小计 黄岗村.
	bareTotal = regexp.MustCompile(`^(?:本页|本表)?(?:小[计計]|合[计計]|[总總][计計]|共[计計]|[总總]合[计計]|累[计計]|总和|subtotal|sub-total|total|grandtotal)$`)
	// A label with a name before it, 黄岗村小计, counts only in a row that has nothing else to name.
	totalTail   = regexp.MustCompile(`^.{1,20}(小计|合计|总计|共计)$`)
	countText   = regexp.MustCompile(`^共?\d+(宗|块|个|处|笔|项|户|条|幅|地块|行|lots?|parcels?)$`)
	ofWhich     = regexp.MustCompile(`^(其中|ofwhich)[:,，]?`)
	noteLabel   = regexp.MustCompile(`^[*※(]?(注|备注|说明|附注|填表说明|填报说明|编制说明|制表|填表|填报|审核|审批|复核|经办|负责|单位负责|统计负责|分管|主管|联系|电话|联系电话|日期|时间|盖章|公章|签名|签章|签字|报出|单位|notes?|remarks?|preparedby|checkedby|date)[^:]{0,8}:`)
	noteWords   = regexp.MustCompile(`^[(*※-]*(以下空白|以下无正文|本页以下空白|此处空白|第\d+页.*|共\d+页.*|.{0,30}\(?(盖章|签章|签字|公章)\)?|page\d+.*)[)*※-]*$`)
	noteNumber  = regexp.MustCompile(`^\(?[\d一二三四五六七八九十]+[).、．]`)
	rowNumerals = regexp.MustCompile(`^[(]?(\d+|[甲乙丙丁戊己庚辛壬癸])[)]?$`)
)

func totalKindOf(word string) TotalKind {
	switch word {
	case "小计", "小計", "subtotal", "sub-total":
		return Subtotal
	case "总计", "總計", "总合计", "總合計", "累计", "累計", "grandtotal":
		return Grand
	}
	return Sum
}

// total recognises a row of totals by its label, which stands before the first figure.
func (t *Table) total(r *rowState) (TotalKind, string) {
	for _, c := range r.own {
		if c.Kind != KindText {
			if t.isFigure(c) {
				break
			}
			continue
		}
		if !maybeTotal(c.Text) {
			if t.isFigure(c) {
				break
			}
			continue
		}
		text := squeeze(c.Text)
		if m := totalLabel.FindStringSubmatch(text); m != nil && (t.namesNothing(r, c) || t.namesGroup(r, c, text)) {
			return totalKindOf(m[1]), foldKeep(c.Text)
		}
		if strings.HasPrefix(text, "共") && countText.MatchString(text) && t.namesNothing(r, c) && t.hasFigure(r) {
			return Sum, foldKeep(c.Text)
		}
		if m := totalTail.FindStringSubmatch(text); m != nil && t.namesNothing(r, c) && t.hasFigure(r) {
			return totalKindOf(m[1]), foldKeep(c.Text)
		}
		if t.isFigure(c) {
			break
		}
	}
	return NoTotal, ""
}

// maybeTotal is a quick look that spares most cells the patterns.
func maybeTotal(s string) bool {
	return len(s) <= 200 && (strings.ContainsAny(s, "计計总總共") || strings.ContainsAny(s, "aAuUＡａＵｕ") && looksLatin(s))
}

func looksLatin(s string) bool {
	t := squeeze(s)
	return strings.HasPrefix(t, "(") || strings.Contains(t, "total") || strings.HasPrefix(t, "sum")
}

// namesNothing tells whether no label column but the total's own label says anything.
func (t *Table) namesNothing(r *rowState, label Cell) bool {
	for _, c := range r.own {
		if b := t.at(c); b != nil && b.Label && c.column != label.column && !countText.MatchString(squeeze(c.Text)) {
			return false
		}
	}
	return true
}

// namesGroup tells whether all that a row of figures says beside the bare label of a total is whose total it
// is: 小计 黄岗村, 黄岗村 小计, 总计 2. A number of its own before the label (A-1 合计) makes it a record.
func (t *Table) namesGroup(r *rowState, label Cell, text string) bool {
	if !bareTotal.MatchString(text) || !t.hasFigure(r) {
		return false
	}
	groups := 0
	for _, c := range r.own {
		b := t.at(c)
		switch {
		case b == nil || !b.Label || c.column == label.column || countText.MatchString(squeeze(c.Text)):
		case c.column < label.column && strings.ContainsFunc(squeeze(c.Text), func(sign rune) bool { return sign < 0x80 }):
			return false
		case c.column < label.column || c.Kind != KindNumber:
			groups++
		}
	}
	return groups <= 1
}

// at is the known column that a cell stands in.
func (t *Table) at(c Cell) *Bound {
	if int(c.column) >= len(t.index) || t.index[c.column] < 0 {
		return nil
	}
	return &t.Columns[t.index[c.column]]
}

// isFigure tells whether a cell is a number in a column of amounts or counts.
func (t *Table) isFigure(c Cell) bool {
	b := t.at(c)
	if b == nil || b.Type != Amount && b.Type != Count {
		return false
	}
	if c.Kind == KindNumber || c.Kind == KindUncached || c.Kind == KindError {
		return true
	}
	return strings.ContainsAny(c.Text, "0123456789０１２３４５６７８９") && c.Kind == KindText && !noteLabel.MatchString(squeeze(c.Text))
}

func (t *Table) hasFigure(r *rowState) bool {
	for _, c := range r.own {
		if t.isFigure(c) {
			return true
		}
	}
	return false
}

// ignore tells why a row is neither data nor a total; "" when it is one of them.
func (t *Table) ignore(r *rowState) string {
	first := squeeze(r.own[0].Text)
	switch {
	case t.repeatsHeader(r):
		return "header"
	case t.DataRows == 0 && !r.afterData && t.numbersColumns(r):
		return "column_numbers"
	case t.repeatsCaption(r):
		return "caption"
	case r.known == 0:
		if noteLabel.MatchString(first) || noteWords.MatchString(first) {
			return "note"
		}
		if t.isSection(r) {
			return "section"
		}
		return "no_known_value"
	case (strings.HasPrefix(first, "其中") || strings.HasPrefix(first, "of")) && ofWhich.MatchString(first) && t.namesNothing(r, r.own[0]):
		return "of_which"
	case t.isNote(r, first):
		return "note"
	case t.isSection(r):
		return "section"
	case t.onlyEmptyFormulas(r):
		return "empty_formulas"
	}
	return ""
}

// repeatsHeader recognises the header printed again on a later page.
func (t *Table) repeatsHeader(r *rowState) bool {
	same := 0
	for _, c := range r.own {
		b := t.at(c)
		if b == nil {
			continue
		}
		if first, _ := utf8.DecodeRuneInString(c.Text); c.Kind != KindText || !strings.ContainsRune(b.firsts, first) {
			return false
		}
		if !slices.Contains(b.levels, squeeze(c.Text)) {
			return false
		}
		same++
	}
	return same >= 2
}

// repeatsCaption recognises a title or caption printed again.
func (t *Table) repeatsCaption(r *rowState) bool {
	for _, c := range r.own {
		if first, _ := utf8.DecodeRuneInString(c.Text); c.Kind != KindText || !strings.ContainsRune(t.quietFirsts, first) {
			return false
		}
		if !t.quiet[squeeze(foldKeep(c.Text))] {
			return false
		}
	}
	return true
}

// numbersColumns recognises the row 甲 乙 1 2 3 … or 1 2 3 4 … that forms print under the header.
func (t *Table) numbersColumns(r *rowState) bool {
	if len(r.own) < max(4, len(t.labels)-1) {
		return false
	}
	previous, numbers, signs := 0, 0, 0
	for _, c := range r.own {
		m := rowNumerals.FindStringSubmatch(squeeze(c.Text))
		if m == nil {
			return false
		}
		n, ok := atoi([]byte(m[1]))
		if !ok {
			if numbers > 0 {
				return false
			}
			signs++
			continue
		}
		if numbers++; n != previous+1 {
			return false
		}
		previous = n
	}
	return numbers >= 5 || numbers >= 2 && signs > 0
}

// isNote recognises 制表人:… 填表说明:… and the lines that go on under them.
func (t *Table) isNote(r *rowState, first string) bool {
	if len(r.own) > 2 && !strings.Contains(first, ":") {
		return false
	}
	figures, labels := 0, 0
	for _, c := range r.own {
		if t.isFigure(c) {
			figures++
		}
		if c.Kind == KindText && noteLabel.MatchString(squeeze(c.Text)) {
			labels++
		}
	}
	// One figure may be the telephone number or date beside its label; a lot with a base is data.
	if noteLabel.MatchString(first) && (figures == 0 || figures == 1 && (labels > 1 || strings.HasSuffix(first, ":"))) {
		return true
	}
	if figures > 0 || len(r.own) > 2 {
		return false
	}
	if noteWords.MatchString(first) {
		return true
	}
	return r.inNotes && len(r.own) == 1 && (noteNumber.MatchString(first) || utf8.RuneCountInString(first) > 30)
}

// isSection recognises a heading between rows: one text alone, merged over several columns or in a column
// that names no record (黄岗经济联社).
func (t *Table) isSection(r *rowState) bool {
	if len(r.own) != 1 || r.own[0].Kind != KindText {
		return false
	}
	c := r.own[0]
	b := t.at(c)
	if b != nil && (b.Type != Text || b.Label && r.wide(c) < 2) {
		return false
	}
	return b == nil || r.wide(c) >= 2 || !b.Label && !b.Required
}

// onlyEmptyFormulas recognises a line of the form that nobody filled in: its formulas give nothing or 0,
// and besides there is at most a running number.
func (t *Table) onlyEmptyFormulas(r *rowState) bool {
	found := false
	for _, c := range r.own {
		if t.at(c) == nil && c.Kind == KindNumber {
			continue
		}
		if !c.Formula || c.Kind != KindNumber && c.Kind != KindText || strings.Trim(c.Text, "0.-") != "" {
			return false
		}
		found = true
	}
	return found
}
