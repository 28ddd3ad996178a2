package report

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// WriteJSON prints the report as one object on one line.
func (s *Summary) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("report: printing: %w", err)
	}
	return nil
}

// Mark says what a demo or practice book's prints must say; empty for an office's own book.
func (b BookName) Mark() ledger.Text {
	switch b.Kind {
	case ledger.DemoBook:
		return ledger.Text{ZH: "演示账簿：全部数据均为虚构，不得引用", EN: "Demo book: all data is invented and must not be quoted"}
	case ledger.PracticeBook:
		return ledger.Text{ZH: "练习账簿：不计入任何汇总，不得引用", EN: "Practice book: in no sum, must not be quoted"}
	default:
		return ledger.Text{ZH: "", EN: ""}
	}
}

// Sentence is how the figures are to be published: every figure under its own name, the rate with its formula.
// The sentence on trades keeps the half-width marks in which such reports are published, so that it can be
// compared with them letter by letter.
func (s *Summary) Sentence(lang ledger.Lang) string {
	t := s.Trades
	parts := append(s.Scope.before(lang), fmt.Sprintf(ledger.Text{
		ZH: "公开交易成交%d宗,底价合同总额%s万元,合同总标的(成交)%s万元,溢价%s万元,溢价率%s(Σ溢价÷Σ底价)。",
		EN: "Public trades: %d lots hammered, base total %s (10,000 yuan), contract total (hammer) %s, premium %s, premium rate %s (Σ premium ÷ Σ base).",
	}.In(lang), t.Hammered, t.BaseTotal.Wan(), t.ContractTotal.Wan(), t.PremiumTotal.Wan(), Percent(t.PremiumRate)))
	if t.WithoutTotal > 0 {
		parts = append(parts, fmt.Sprintf(ledger.Text{
			ZH: "其中%d宗无金额（分成、实物等），不在上述金额之内。",
			EN: "Of the lots hammered, %d have no total (shares, payment in kind) and are in none of these amounts.",
		}.In(lang), t.WithoutTotal))
	}
	for _, l := range s.Land {
		owner := landcheck.Owner(l.Owner).Name().In(lang)
		if lang == ledger.EN {
			parts = append(parts, fmt.Sprintf("Verified, %s: %d parcels, %s mu.", owner, l.Parcels, l.VerifiedArea))
			continue
		}
		var names []string
		for _, c := range l.Categories {
			names = append(names, categoryName(c.Category).ZH)
		}
		if len(names) > 0 {
			owner += "（" + strings.Join(names, "、") + "）"
		}
		parts = append(parts, fmt.Sprintf("核查%s%d宗，面积%s亩。", owner, l.Parcels, l.VerifiedArea))
	}
	if lang == ledger.EN {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, "")
}

// categoryName is a category in words; a parcel may have none.
func categoryName(code string) ledger.Text {
	if code == "" {
		return ledger.Text{ZH: "未分类", EN: "no category"}
	}
	return landcheck.CategoryName(code)
}

// Percent prints a rate as people write it; a rate that does not exist is —.
func Percent(r *ledger.Rate) string {
	if r == nil {
		return "—"
	}
	return r.Percent()
}

// Line is one figure of the report as it is printed.
type Line struct {
	Key   string // base_total
	Name  ledger.Text
	Value string // exact, as in JSON
	Shown string // as people read it
	Unit  ledger.Text
	Level int // 1: a part of the line above it
}

var (
	lotUnit = ledger.Text{ZH: "宗", EN: "lots"}
	yuan    = ledger.Text{ZH: "元", EN: "yuan"}
	mu      = ledger.Text{ZH: "亩", EN: "mu"}
	parcels = ledger.Text{ZH: "宗", EN: "parcels"}
)

func count(key string, name ledger.Text, n int64, level int) Line {
	text := strconv.FormatInt(n, 10)
	return Line{key, name, text, text, lotUnit, level}
}

func amount(key string, name ledger.Text, m ledger.Money, level int) Line {
	return Line{key, name, m.String(), m.Grouped(), yuan, level}
}

func rateLine(key string, name ledger.Text, r *ledger.Rate, level int) Line {
	line := Line{Key: key, Name: name, Shown: Percent(r), Level: level}
	if r != nil {
		line.Value = r.String()
	}
	return line
}

// TradeLines are the figures of the trades, in the order of print.
func (s *Summary) TradeLines() []Line {
	t := s.Trades
	lines := []Line{
		count("hammered", ledger.Text{ZH: "成交宗数", EN: "hammered"}, t.Hammered, 0),
		count("signed", ledger.Text{ZH: "其中已签约", EN: "of which signed"}, t.Signed, 1),
		count("reviewed", ledger.Text{ZH: "其中已复核", EN: "of which reviewed"}, t.Reviewed, 1),
		count("disputed", ledger.Text{ZH: "其中有异议", EN: "of which disputed"}, t.Disputed, 1),
		count("without_total", ledger.Text{ZH: "其中无金额（不计入下列合计）", EN: "of which without a total (in no sum below)"}, t.WithoutTotal, 1),
		amount("base_total", ledger.Text{ZH: "底价合同总额", EN: "base total"}, t.BaseTotal, 0),
		amount("contract_total", ledger.Text{ZH: "合同总标的（成交）", EN: "contract total (hammer)"}, t.ContractTotal, 0),
		amount("premium_total", ledger.Text{ZH: "溢价", EN: "premium"}, t.PremiumTotal, 0),
		rateLine("premium_rate", ledger.Text{ZH: "溢价率（" + ledger.OnContractTotal.Name().ZH + "）", EN: "premium rate (" + ledger.OnContractTotal.Name().EN + ")"}, t.PremiumRate, 0),
		count("competitive_hammered", ledger.Text{ZH: "竞争性成交宗数", EN: "hammered with competition"}, t.Competitive.Hammered, 1),
		rateLine("competitive_premium_rate", ledger.Text{ZH: "竞争性成交溢价率", EN: "premium rate with competition"}, t.Competitive.PremiumRate, 1),
		count("without_competition_hammered", ledger.Text{ZH: "非竞争性成交宗数（定价招租、续约、协议、小额）", EN: "hammered without competition"}, t.Uncontested.Hammered, 1),
	}
	for _, o := range t.OtherRates {
		name := o.Definition.Name()
		lines = append(lines, rateLine("premium_rate_"+string(o.Definition), ledger.Text{
			ZH: fmt.Sprintf("另一口径：%s，%d宗", name.ZH, o.Lots), EN: fmt.Sprintf("other definition: %s, %d lots", name.EN, o.Lots),
		}, o.Rate, 1))
	}
	return append(lines,
		count("unsold", ledger.Text{ZH: "流拍", EN: "unsold"}, t.Unsold, 0),
		count("defaulted", ledger.Text{ZH: "弃拍", EN: "defaulted"}, t.Defaulted, 0),
		count("terminated", ledger.Text{ZH: "终止", EN: "terminated"}, t.Terminated, 0),
		count("withdrawn", ledger.Text{ZH: "撤牌", EN: "withdrawn"}, t.Withdrawn, 0),
		count("procurement", ledger.Text{ZH: "采购类（不计溢价）", EN: "procurement (in no premium)"}, t.Procurement, 0),
		count("undated", ledger.Text{ZH: "全账未注日期（不属任何期间）", EN: "undated in the whole book (in no period)"}, t.Undated, 0),
	)
}

// LandLines are the figures of the verified land.
func (s *Summary) LandLines() []Line {
	var lines []Line
	for _, l := range s.Land {
		owner := landcheck.Owner(l.Owner).Name()
		n := strconv.Itoa(l.Parcels)
		lines = append(lines,
			Line{l.Owner + "_parcels", ledger.Text{ZH: owner.ZH + "核查宗地", EN: owner.EN + ": parcels verified"}, n, n, parcels, 0},
			Line{l.Owner + "_verified_area_mu", ledger.Text{ZH: owner.ZH + "核查面积", EN: owner.EN + ": verified area"}, l.VerifiedArea.String(), l.VerifiedArea.String(), mu, 0})
		for _, c := range l.Categories {
			name := categoryName(c.Category)
			lines = append(lines, Line{l.Owner + "_" + cmp.Or(c.Category, "no_category") + "_verified_area_mu", ledger.Text{
				ZH: fmt.Sprintf("其中%s（%d宗）", name.ZH, c.Parcels), EN: fmt.Sprintf("of which %s (%d parcels)", name.EN, c.Parcels),
			}, c.VerifiedArea.String(), c.VerifiedArea.String(), mu, 1})
		}
		if !l.RoundingGap.IsZero() {
			lines = append(lines, Line{l.Owner + "_rounding_gap_mu", ledger.Text{ZH: "分项四舍五入之差", EN: "rounding gap of the parts"},
				l.RoundingGap.String(), l.RoundingGap.String(), mu, 1})
		}
		if l.VisitedOnly > 0 {
			n := strconv.Itoa(l.VisitedOnly)
			lines = append(lines, Line{l.Owner + "_visited_not_verified", ledger.Text{ZH: "已到场未核实", EN: "visited, not verified"}, n, n, parcels, 1})
		}
	}
	return lines
}

// Lines are all figures.
func (s *Summary) Lines() []Line { return slices.Concat(s.TradeLines(), s.LateLines(), s.LandLines()) }

// Head names book, period, basis and checkpoint.
func (s *Summary) Head(lang ledger.Lang) []string {
	book := ledger.Text{ZH: s.About.NameZH, EN: s.About.NameEN}.In(lang)
	if lang == ledger.EN {
		return append([]string{
			fmt.Sprintf("Summary of %s (book %s)", book, s.Book),
			fmt.Sprintf("Period %s to %s, both days included; trades by the date of the hammer, land by distinct parcels and their latest verification in the period", s.From, s.To),
			fmt.Sprintf("As of entry count %d, root %s; report version %d", s.AsOf, s.Root, s.Version),
		}, s.Scope.head(lang)...)
	}
	return append([]string{
		fmt.Sprintf("汇总表：%s，账簿 %s", book, s.Book),
		fmt.Sprintf("期间 %s至%s（含首尾两日）；交易按成交日期，土地按期内核查过的不同宗地及其最近一次核查", s.From.ZH(), s.To.ZH()),
		fmt.Sprintf("截至条目数 %d，链首根 %s；报表版本 %d", s.AsOf, s.Root, s.Version),
	}, s.Scope.head(lang)...)
}

// before stands before the sentence to publish, so that the figures of a part are never quoted as those of the whole.
func (s *Scope) before(lang ledger.Lang) []string {
	if s == nil {
		return nil
	}
	return []string{ledger.Text{ZH: "（仅限" + s.words(ledger.ZH) + "）", EN: "(" + s.words(ledger.EN) + " only)"}.In(lang)}
}

// head says that a report is of a part of the book only.
func (s *Scope) head(lang ledger.Lang) []string {
	if s == nil {
		return nil
	}
	return []string{ledger.Text{ZH: "只含账簿的一部分——", EN: "A part of the book only: "}.In(lang) + s.words(lang)}
}

// words name the villages and the days.
func (s *Scope) words(lang ledger.Lang) string {
	var parts []string
	if len(s.Villages) > 0 {
		parts = append(parts, ledger.Text{ZH: "村（集体）：", EN: "villages: "}.In(lang)+strings.Join(s.Villages, ledger.Text{ZH: "、", EN: ", "}.In(lang)))
	}
	day := func(d *ledger.Day) string {
		if d == nil {
			return "…"
		}
		return d.String()
	}
	if s.From != nil || s.To != nil {
		parts = append(parts, fmt.Sprintf(ledger.Text{ZH: "事项日期 %s 至 %s", EN: "facts of %s to %s"}.In(lang), day(s.From), day(s.To)))
	}
	return strings.Join(parts, ledger.Text{ZH: "；", EN: "; "}.In(lang))
}

// WriteText prints the report for people.
func (s *Summary) WriteText(w io.Writer, lang ledger.Lang) error {
	var b strings.Builder
	if mark := s.About.Mark().In(lang); mark != "" {
		fmt.Fprintf(&b, "【%s】\n", mark)
	}
	for _, line := range s.Head(lang) {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	lines, widest := s.Lines(), 0
	for _, l := range lines {
		widest = max(widest, 2*(l.Level+1)+Width(l.Name.In(lang)))
	}
	for _, l := range lines {
		name := strings.Repeat("  ", l.Level+1) + l.Name.In(lang)
		line := name + strings.Repeat(" ", widest-Width(name)+1) + alignRight(l.Shown, 16) + " " + l.Unit.In(lang)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	fmt.Fprintf(&b, "\n%s\n", s.Sentence(lang))
	if !s.Trades.ContractTotal.IsZero() {
		fmt.Fprintf(&b, ledger.Text{
			ZH: "大写：合同总标的%s；溢价%s\n",
			EN: "In capitals: contract total %s; premium %s\n",
		}.In(lang), s.Trades.ContractTotal.Capital(), s.Trades.PremiumTotal.Capital())
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("report: printing: %w", err)
	}
	return nil
}

func alignRight(s string, width int) string { return strings.Repeat(" ", max(0, width-Width(s))) + s }

// Width is the number of columns that a text takes on a terminal: Chinese characters take two.
func Width(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x1100 {
			n++
		}
		n++
	}
	return n
}

// WriteCSV prints the report as CSV for Excel: UTF-8 with a byte order mark.
func (s *Summary) WriteCSV(w io.Writer, lang ledger.Lang) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("report: printing: %w", err)
	}
	c := csv.NewWriter(w)
	rows := [][]string{{"item", "name", "value", "unit"}}
	if lang != ledger.EN {
		rows[0] = []string{"项目代码", "项目", "数值", "单位"}
	}
	for _, l := range s.Lines() {
		rows = append(rows, []string{l.Key, l.Name.In(lang), l.Value, l.Unit.In(lang)})
	}
	for _, line := range append([]string{s.About.Mark().In(lang)}, append(s.Head(lang), s.Sentence(lang))...) {
		if line != "" {
			rows = append(rows, []string{"note", line, "", ""})
		}
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("report: printing: %w", err)
	}
	return nil
}
