package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/report"
)

func summaryRoutes() []route {
	return slices.Concat([]route{
		{method: "GET", pattern: "/books/{book}/summary", needs: account.ReadBook, page: (*Server).showSummary},
		{method: "GET", pattern: "/books/{book}/summary.txt", needs: account.ExportBook, page: (*Server).sendSummary},
		{method: "GET", pattern: "/books/{book}/summary.csv", needs: account.ExportBook, page: (*Server).sendSummary},
		{method: "GET", pattern: "/books/{book}/summary.json", needs: account.ExportBook, page: (*Server).sendSummary},
		{method: "GET", pattern: "/statement", needs: signedIn, page: (*Server).showStatement},
		{method: "POST", pattern: "/statement", needs: signedIn, page: (*Server).showStatement, takesUnread: true},
		{method: "GET", pattern: "/books/{book}/statement", needs: account.ReadBook, page: (*Server).showStatement},
		{method: "POST", pattern: "/books/{book}/statement", needs: account.ReadBook, page: (*Server).showStatement, takesUnread: true},
	}, summaryAPI())
}

// asked is the period and the checkpoint of a report, as they were typed.
type asked struct{ From, To, AsOf string }

// query is the address of another page about the same.
func (a asked) query() string {
	q := url.Values{"from": {a.From}, "to": {a.To}}
	if a.AsOf != "" {
		q.Set("as_of", a.AsOf)
	}
	return "?" + q.Encode()
}

// askedOf is what the address or the form asks for. Without a period it is the half-year of today; the demo
// book's figures are of another, which serve was told.
func (s *Server) askedOf(r *request) asked {
	half := report.HalfYearOf(s.today())
	a := asked{From: half.From.String(), To: half.To.String(), AsOf: r.text("as_of")}
	if r.book != nil && r.book.Kind == ledger.DemoBook && s.o.Initially.From != "" {
		a.From, a.To = s.o.Initially.From, s.o.Initially.To
	}
	if r.Form.Has("from") {
		a.From = r.text("from")
	}
	if r.Form.Has("to") {
		a.To = r.text("to")
	}
	return a
}

// summarise makes the report; everything that cannot be read is told.
func summarise(ctx context.Context, scope ledger.Scope, a asked) (*report.Summary, error) {
	first, fromErr := ledger.ParseDay(a.From)
	last, toErr := ledger.ParseDay(a.To)
	size, sizeErr := wholeNumber(a.AsOf, "as_of")
	if err := together(on("from", fromErr), on("to", toErr), sizeErr); err != nil {
		return nil, err
	}
	period, err := report.NewPeriod(first, last)
	if err != nil {
		return nil, err
	}
	return report.NewSummary(ctx, scope, period, size)
}

// summaryPage is the report of a book and a period.
type summaryPage struct {
	Frame
	Input     asked
	Quick     []quickPeriod
	Downloads []Act
	Judge     string // the statement check of the same period
	Issue     string // where the report is issued, for who may
	Summary   *report.Summary
	Sub       string // the period, on paper too
	Head      []string
	Part      string // the report is of a part of the book only
	Tiles     []Tile
	Sentence  string
	Capitals  []Item
	Reviewed  Notice
	ToReview  string // address of what waits, for who reviews
	Trades    []report.Line
	Months    Table
	MonthBars Chart
	Land      Table
	LandBars  Chart
	Explain   []ledger.Text
}

// quickPeriod is a period that people often ask for.
type quickPeriod struct {
	Name, URL string
	Current   bool
}

func (s *Server) showSummary(w http.ResponseWriter, r *request) {
	_ = r.pastOfPage() // what is wrong with it is said beside its field, by summarise
	p := &summaryPage{Frame: s.frame(r, r.say("汇总", "Summary")), Input: s.askedOf(r)}
	p.Scripts = []string{"lib/chart.umd.js", "summary-charts.js"}
	p.Quick = s.quickPeriods(r, p.Frame, p.Input)
	p.Judge = p.At(r.bookPath("statement") + p.Input.query())
	status := http.StatusOK
	summary, err := summarise(r.Context(), r.scope, p.Input)
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "summary.html", p)
		return
	}
	p.Summary, p.Issue = summary, issueURL(r, p)
	p.fill(r)
	s.show(w, r, status, "summary.html", p)
}

// quickPeriods are the half-years and years around today.
func (s *Server) quickPeriods(r *request, f Frame, now asked) []quickPeriod {
	half, year := report.HalfYearOf(s.today()), report.YearOf(s.today())
	var list []quickPeriod
	for _, q := range []struct {
		name   ledger.Text
		period report.Period
	}{
		{ledger.Text{ZH: "本半年", EN: "This half-year"}, half}, {ledger.Text{ZH: "上个半年", EN: "Last half-year"}, half.Before()},
		{ledger.Text{ZH: "今年", EN: "This year"}, year}, {ledger.Text{ZH: "去年", EN: "Last year"}, year.Before()},
	} {
		a := asked{From: q.period.From.String(), To: q.period.To.String(), AsOf: now.AsOf}
		list = append(list, quickPeriod{q.name.In(r.lang), f.At(r.bookPath("summary") + a.query()), a == now})
	}
	return list
}

// fill puts the figures of the report into the page.
func (p *summaryPage) fill(r *request) {
	s, t := p.Summary, p.Summary.Trades
	p.Head, p.Sentence, p.Explain = s.Head(r.lang), s.Sentence(r.lang), s.Explain()
	if s.Scope != nil {
		p.Part = p.Head[len(p.Head)-1]
	}
	size := strconv.FormatInt(s.AsOf, 10)
	p.Sub = r.say(s.From.ZH()+"至"+s.To.ZH()+" · 截至条目数 "+size, s.From.String()+" to "+s.To.String()+" · as of entry count "+size)
	p.Trades = append(s.TradeLines(), s.LateLines()...)
	if !t.ContractTotal.IsZero() {
		p.Capitals = []Item{
			{Name: r.say("合同总标的", "Contract total"), Value: t.ContractTotal.Capital()},
			{Name: r.say("溢价", "Premium"), Value: t.PremiumTotal.Capital()},
		}
	}
	wan := r.say("万元", "×10,000 yuan")
	p.Tiles = []Tile{
		{Name: r.say("成交", "Hammered"), Value: group(int(t.Hammered)), Unit: r.say("宗", "lots")},
		{Name: r.say("底价合同总额", "Base total"), Value: t.BaseTotal.Wan(), Unit: wan},
		{Name: r.say("合同总标的（成交）", "Contract total (hammer)"), Value: t.ContractTotal.Wan(), Unit: wan},
		{Name: r.say("溢价", "Premium"), Value: t.PremiumTotal.Wan(), Unit: wan},
		{Name: r.say("溢价率", "Premium rate"), Value: report.Percent(t.PremiumRate), Sub: ledger.OnContractTotal.Name().In(r.lang)},
	}
	p.reviewed(r)
	p.months(r)
	p.land(r)
	for _, d := range []struct{ format, zh, en string }{{"txt", "下载文字", "As text"}, {"csv", "下载 CSV", "As CSV"}, {"json", "下载 JSON", "As JSON"}} {
		if _, err := r.who.Scope(r.Context(), r.book, account.ExportBook); err == nil {
			p.Downloads = append(p.Downloads, Act{Name: r.say(d.zh, d.en), URL: p.At(r.bookPath("summary."+d.format) + p.Input.query())})
		}
	}
}

// reviewed says how much of what was hammered a second pair of eyes has seen.
func (p *summaryPage) reviewed(r *request) {
	t := p.Summary.Trades
	all, done, left := group(int(t.Hammered)), group(int(t.Reviewed)), group(int(t.Hammered-t.Reviewed))
	switch {
	case t.Hammered == 0:
		p.Reviewed = Notice{"", r.say("这一期间没有成交。可以换一个期间。", "Nothing was hammered in this period. Choose another one.")}
		return
	case t.Reviewed == t.Hammered:
		p.Reviewed = Notice{"good", r.say("成交的 "+all+" 宗都已复核。", "All "+all+" lots hammered were reviewed.")}
		return
	}
	p.Reviewed = Notice{"wait", r.say("成交的 "+all+" 宗中已复核 "+done+" 宗，还有 "+left+" 宗未复核。", "Of "+all+" lots hammered "+done+" were reviewed, "+left+" were not.")}
	if _, err := r.who.Scope(r.Context(), r.book, account.Review); err == nil {
		p.ToReview = p.At(r.bookPath("review"))
	}
}

// sendSummary sends the report as a file. It is an export, and noted as one.
func (s *Server) sendSummary(w http.ResponseWriter, r *request) {
	a := s.askedOf(r)
	format := strings.TrimPrefix(path.Ext(r.route.pattern), ".")
	kind := map[string]string{"txt": "text/plain", "csv": "text/csv", "json": "application/json"}[format]
	summary, err := summarise(r.Context(), r.scope, a)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var file bytes.Buffer
	switch format {
	case "txt":
		err = summary.WriteText(&file, r.lang)
	case "csv":
		err = summary.WriteCSV(&file, r.lang)
	default:
		err = summary.WriteJSON(&file)
	}
	if err == nil {
		err = r.note(r.Context(), "exported", "summary."+format+" "+summary.From.String()+" "+summary.To.String())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name := r.book.Code + "-summary-" + summary.From.String() + "-" + summary.To.String() + "." + format
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(file.Bytes()) // a reader that has gone is no error of ours
}

// together is several errors, those that are any, as one.
func together(errs ...error) error {
	var faults []fault
	for _, err := range errs {
		if err != nil {
			faults = append(faults, faultsOf(err)...)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return &faultsError{faults}
}

// on says which input an error is about.
func on(field string, err error) error {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.On(field)
	}
	return err
}
