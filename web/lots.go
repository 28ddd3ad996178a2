package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func lotRoutes() []route {
	const lots, one = "/books/{book}/lots", "/books/{book}/lots/{id}"
	return []route{
		{method: "GET", pattern: lots, needs: account.ReadBook, page: (*Server).listLots, past: true},
		{method: "GET", pattern: "/books/{book}/lots.csv", needs: account.ExportBook, page: (*Server).downloadLots, past: true},
		{method: "GET", pattern: lots + "/new", needs: account.EnterLots, page: (*Server).showLotForm},
		{method: "POST", pattern: lots + "/preview", needs: account.EnterLots, page: (*Server).previewLot},
		{method: "POST", pattern: lots, needs: account.EnterLots, page: (*Server).enterLot},
		{method: "GET", pattern: one, needs: account.ReadBook, page: (*Server).showLot, past: true},
		{method: "GET", pattern: one + "/amend", needs: account.EnterLots, page: (*Server).showLotForm},
		{method: "POST", pattern: one + "/amend", needs: account.EnterLots, page: (*Server).enterLot},
		{method: "GET", pattern: one + "/void", needs: account.EnterLots, page: (*Server).showVoidLot},
		{method: "POST", pattern: one + "/void", needs: account.EnterLots, page: (*Server).voidLot},
		{method: "POST", pattern: one + "/review", needs: account.Review, page: (*Server).reviewLot},
	}
}

// lotsPage is the list of lots. Its filter is its address.
type lotsPage struct {
	Frame
	Filter   lotQuery
	Kinds    []Option
	Outcomes []Option
	Trades   []Option
	Methods  []Option
	Table    Table
	Pager    Pager
	Download string
	Enter    bool
	Filtered bool
}

// lotQuery is the filter of the list as the address has it.
type lotQuery struct{ Search, Outcome, Kind, TradeKind, Method, Village, Review, Winner, Import, From, To, Sort, After string }

func readLotQuery(r *request) lotQuery {
	return lotQuery{
		Search: r.text("search"), Outcome: r.text("outcome"), Kind: r.text("kind"), TradeKind: r.text("trade_kind"), Method: r.text("method"),
		Village: r.text("village"), Review: r.text("review"), Winner: r.text("winner"), Import: r.text("import"),
		From: r.text("from"), To: r.text("to"), Sort: r.text("sort"), After: r.text("after"),
	}
}

// values are the filter as an address has it, without what it does not say.
func (q lotQuery) values() url.Values {
	v := url.Values{}
	for name, text := range map[string]string{
		"search": q.Search, "outcome": q.Outcome, "kind": q.Kind, "trade_kind": q.TradeKind, "method": q.Method, "village": q.Village,
		"review": q.Review, "winner": q.Winner, "import": q.Import, "from": q.From, "to": q.To, "sort": q.Sort,
	} {
		if text != "" {
			v.Set(name, text)
		}
	}
	return v
}

// filter reads the dates and the number; every one that cannot be read is told.
func (q lotQuery) filter() (auction.LotFilter, error) {
	f := auction.LotFilter{
		Search: q.Search, Outcome: auction.Outcome(q.Outcome), Kind: q.Kind, TradeKind: q.TradeKind, Method: q.Method,
		Village: q.Village, Review: q.Review, Winner: q.Winner, Sort: q.Sort,
	}
	var faults []error
	for _, d := range []struct {
		name, text string
		to         **ledger.Day
	}{{"from", q.From, &f.From}, {"to", q.To, &f.To}} {
		if d.text == "" {
			continue
		}
		day, err := ledger.ParseDay(d.text)
		faults = append(faults, on(d.name, err))
		*d.to = &day
	}
	var err error
	f.Import, err = importNumber(q.Import)
	faults = append(faults, err)
	return f, together(faults...)
}

// countedUpTo is where a list stops counting its rows.
const countedUpTo = 1_000

func (s *Server) listLots(w http.ResponseWriter, r *request) {
	p := &lotsPage{Frame: s.frame(r, r.say("标的", "Lots")), Filter: readLotQuery(r), Enter: canIn(r, account.EnterLots)}
	p.Notice = doneNotice(r, map[string]ledger.Text{"voided": {ZH: "已作废。", EN: "Voided."}})
	p.Kinds, p.Outcomes = choices(r.lang, auction.Kinds()), choices(r.lang, auction.Outcomes())
	p.Trades, p.Methods = choices(r.lang, auction.TradeKinds()), choices(r.lang, auction.Methods())
	query := p.Filter.values()
	p.Filtered = len(query) > 0
	p.Download = "/books/" + r.book.Code + "/lots.csv?" + query.Encode()
	if !canIn(r, account.ExportBook) {
		p.Download = ""
	}
	f, err := p.Filter.filter()
	var lots []*auction.Lot
	var next string
	if err == nil {
		lots, next, err = auction.List(r.Context(), r.book.DB(), r.scope, f, ledger.Page{After: p.Filter.After})
	}
	var n int
	if err == nil {
		n, err = auction.CountUpTo(r.Context(), r.book.DB(), r.scope, f, countedUpTo)
	}
	status := statusOr(err)
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
	}
	p.Table = lotTable(r, &p.Frame, lots, p.Filter)
	p.Pager = Pager{Shown: len(lots), Total: Count(n, countedUpTo)}
	if p.Filter.After != "" {
		p.Pager.First = p.At(r.bookPath("lots") + "?" + query.Encode())
	}
	if next != "" {
		query.Set("after", next)
		p.Pager.Next = p.At(r.bookPath("lots") + "?" + query.Encode())
	}
	s.show(w, r, status, "lots.html", p)
}

// choices are the options of a list of words.
func choices(lang ledger.Lang, list []ledger.Choice) []Option {
	options := []Option{{Value: "", Label: ledger.Text{ZH: "全部", EN: "all"}.In(lang)}}
	for _, c := range list {
		options = append(options, Option{Value: c.Code, Label: c.Name.In(lang)})
	}
	return options
}

// lotTable shows lots. With a filter its columns can be sorted by.
func lotTable(r *request, f *Frame, lots []*auction.Lot, q lotQuery) Table {
	yuan := r.say("元", "yuan")
	t := Table{
		ID: "lots", Caption: r.say("标的", "Lots"), Quiet: true, Empty: r.say("没有符合条件的标的。", "No lot fits."),
		Columns: []Column{
			{Name: r.say("交易编号", "Lot number")}, {Name: r.say("标的名称", "Asset"), Lead: true}, {Name: r.say("村集体", "Collective")},
			{Name: r.say("底价合同总额", "Base total"), Sub: yuan, Numeric: true}, {Name: r.say("合同总标的", "Contract total"), Sub: yuan, Numeric: true},
			{Name: r.say("溢价", "Premium"), Sub: yuan, Numeric: true}, {Name: r.say("溢价率", "Rate"), Numeric: true},
			{Name: r.say("结果", "Outcome")}, {Name: r.say("成交日期", "Hammered on")}, {Name: r.say("复核", "Review")},
		},
	}
	for column, sorts := range map[int][2]string{0: {"lot_no", ""}, 4: {"hammer_total", "-hammer_total"}, 8: {"hammered_on", "-hammered_on"}} {
		sortable(&t.Columns[column], f, r.bookPath("lots"), q.values(), q.Sort, sorts)
	}
	for _, l := range lots {
		t.Rows = append(t.Rows, lotRow(r, f, l))
	}
	return t
}

// sortable lets a column be sorted by, upwards first, then downwards where there is such an order.
func sortable(c *Column, f *Frame, path string, query url.Values, now string, sorts [2]string) {
	to := sorts[0]
	switch now {
	case sorts[0]:
		c.Sorted, to = "ascending", sorts[1]
	case sorts[1]:
		if sorts[1] != "" {
			c.Sorted = "descending"
		}
	}
	query.Del("sort")
	if to != "" {
		query.Set("sort", to)
	}
	c.SortURL = f.At(path + "?" + query.Encode())
}

func lotRow(r *request, f *Frame, l *auction.Lot) Row {
	outcome, verdict := OutcomeChip(r.lang, auction.Outcome(l.Outcome)), ReviewChip(r.lang, l.Verdict)
	row := Row{URL: f.At(r.bookPath("lots", strconv.FormatInt(l.ID, 10))), Void: l.Voided}
	no := l.LotNo
	if l.Listing > 1 {
		no += r.say("（第"+strconv.FormatInt(l.Listing, 10)+"次）", " (listing "+strconv.FormatInt(l.Listing, 10)+")")
	}
	premium, rate := premiumOf(l)
	row.Cells = []Cell{
		{Text: no, Sub: lateMark(r, l.Late)}, {Text: orNone(l.AssetName)}, {Text: orNone(cmp.Or(l.Collective, l.Village))}, MoneyCell(l.BaseTotal), MoneyCell(l.HammerTotal), MoneyCell(premium),
		{Text: showRate(rate)}, {Chip: &outcome}, {Text: orNone(textOf(l.HammeredOn))}, {Chip: &verdict},
	}
	return row
}

// premiumOf is the premium of a listing and its rate; nil where there is none.
func premiumOf(l *auction.Lot) (*ledger.Money, *ledger.Rate) {
	if l.BaseTotal == nil || l.HammerTotal == nil || l.Direction != auction.Sale {
		return nil, nil
	}
	m := l.HammerTotal.Sub(*l.BaseTotal)
	if rate, ok := ledger.PremiumRate(ledger.OnContractTotal, *l.BaseTotal, *l.HammerTotal); ok {
		return &m, &rate
	}
	return &m, nil
}

func showRate(rate *ledger.Rate) string {
	if rate == nil {
		return none
	}
	return rate.Percent()
}

// reviewLot approves or returns a lot.
func (s *Server) reviewLot(w http.ResponseWriter, r *request) {
	id, err := recordID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	l, err := auction.Find(r.Context(), r.book.DB(), r.scope, id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	r.seen = seenEntry(r)
	receipt, err := reviewed(r, l.Target(), r.text("verdict"), r.text("reason"))
	if err != nil {
		p, pageErr := s.lotPage(r, l)
		if pageErr != nil {
			s.fail(w, r, pageErr)
			return
		}
		status := s.failForm(r, &p.Frame, err)
		p.Reason = r.text("reason")
		s.show(w, r, status, "lot.html", p)
		return
	}
	s.metrics.appended(receipt)
	s.done(w, r, r.bookPath("lots", strconv.FormatInt(id, 10))+"?done="+url.QueryEscape(r.text("verdict")))
}

// downloadLots sends all lots of the filter, in the columns of a register that can be imported again.
func (s *Server) downloadLots(w http.ResponseWriter, r *request) {
	f, err := readLotQuery(r).filter()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := r.note(r.Context(), "exported", "lots.csv"); err != nil {
		s.fail(w, r, err)
		return
	}
	page, more := ledger.Page{Limit: ledger.PageMax}, true
	s.sendCSV(w, r, "lots-"+r.book.Code, lotColumns(r), func(ctx context.Context) ([][]string, error) {
		if !more {
			return nil, nil
		}
		lots, next, err := auction.List(ctx, r.book.DB(), r.scope, f, page)
		page.After, more = next, next != ""
		rows := make([][]string, len(lots))
		for i, l := range lots {
			rows[i] = lotCells(r, l)
		}
		return rows, err
	})
}

func lotColumns(r *request) []string {
	return []string{
		r.say("交易编号", "lot_no"), r.say("项目编号", "project_no"), r.say("标的名称", "asset_name"), r.say("村集体", "collective"), r.say("所属村", "village"),
		r.say("资产类别", "kind"), r.say("交易类别", "trade_kind"), r.say("交易方式", "method"), r.say("租期", "term"), r.say("合同起", "lease_from"), r.say("合同止", "lease_to"),
		r.say("底价合同总额(元)", "base_total(元)"), r.say("成交合同总额(元)", "hammer_total(元)"), r.say("溢价(元)", "premium(元)"), r.say("溢价率(%)", "premium_rate(%)"),
		r.say("结果", "outcome"), r.say("成交日期", "hammered_on"), r.say("竞得人", "winner"), r.say("报名人数", "registrants"), r.say("出价人数", "bidders"),
		r.say("保证金(元)", "deposit(元)"), r.say("备注", "remark"), r.say("补录", "late"),
	}
}

func lotCells(r *request, l *auction.Lot) []string {
	premium, rate := premiumOf(l)
	percent := ""
	if rate != nil {
		percent = strings.TrimSuffix(rate.Percent(), "%")
	}
	no, late := l.LotNo, ""
	if l.NumberedByBook {
		no = "" // the number is the book's own
	}
	if l.Late {
		late = r.say("是", "yes")
	}
	return []string{
		no, l.ProjectNo, l.AssetName, l.Collective, l.Village, auction.KindName(l.Kind).In(r.lang), auction.TradeKindName(l.TradeKind).In(r.lang),
		auction.MethodName(l.Method).In(r.lang), l.Term, textOf(l.LeaseFrom), textOf(l.LeaseTo), textOf(l.BaseTotal), textOf(l.HammerTotal), textOf(premium), percent,
		auction.Outcome(l.Outcome).Name().In(r.lang), textOf(l.HammeredOn), l.WinnerName, numberOf(l.Registrants), numberOf(l.Bidders), textOf(l.Deposit), l.Remark, late,
	}
}
