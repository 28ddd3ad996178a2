package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/report"
)

func reportRoutes() []route {
	const reports = "/books/{book}/reports"
	return append([]route{
		{method: "GET", pattern: reports, needs: account.ReadBook, page: (*Server).listReports, past: true},
		{method: "GET", pattern: reports + "/issue", needs: account.Issue, page: (*Server).askIssue},
		{method: "POST", pattern: reports, needs: account.Issue, page: (*Server).issueReport},
		{method: "GET", pattern: reports + "/{id}", needs: account.ReadBook, page: (*Server).showReport, past: true},
		{method: "GET", pattern: reports + "/{id}/file", needs: account.ExportBook, page: (*Server).sendReport},
	}, reportAPI()...)
}

// reportsPage lists the issued reports, the newest first.
type reportsPage struct {
	Frame
	SHA256 string // what is looked for
	Table  Table
	Pager  Pager
}

// reportsShown is how many issued reports a page has: what has touched each is counted.
const reportsShown = 20

func (s *Server) listReports(w http.ResponseWriter, r *request) {
	p := &reportsPage{Frame: s.frame(r, r.say("已签发报告", "Issued reports")), SHA256: strings.ToLower(r.text("sha256"))}
	before, err := wholeNumber(r.text("after"), "after")
	var list []*issue.Report
	if err == nil {
		list, err = issue.List(r.Context(), r.book.DB(), r.scope, p.SHA256, before, reportsShown+1)
	}
	if err != nil {
		s.noteDenied(r.Context(), r, err)
		s.fail(w, r, err)
		return
	}
	if len(list) > reportsShown {
		list = list[:reportsShown]
		p.Pager.Next = p.At(r.bookPath("reports") + "?" + url.Values{"after": {recordNo(list[reportsShown-1].ID)}, "sha256": {p.SHA256}}.Encode())
	}
	if before > 0 {
		p.Pager.First = p.At(r.bookPath("reports"))
	}
	p.Pager.Shown = len(list)
	if p.Table, err = s.reportTable(r, &p.Frame, list); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "reports.html", p)
}

func (s *Server) reportTable(r *request, f *Frame, list []*issue.Report) (Table, error) {
	t := Table{ID: "reports", Caption: r.say("已签发报告", "Issued reports"), Quiet: true, Empty: r.say("没有签发过报告。", "No report was issued."), Columns: []Column{
		{Name: r.say("条目", "Entry"), Numeric: true}, {Name: r.say("报告", "Report")}, {Name: r.say("期间", "Period"), Lead: true}, {Name: r.say("截至条目数", "As of"), Numeric: true},
		{Name: r.say("签发人", "By")}, {Name: r.say("此后", "Since")}, {Name: "SHA-256", Minor: true}, {Name: r.say("根", "Root"), Minor: true},
	}}
	touched, err := report.CountTouched(r.Context(), r.book.DB(), r.scope, list)
	if err != nil {
		return t, err
	}
	name, err := s.issuers(r, list)
	if err != nil {
		return t, err
	}
	for _, one := range list {
		chip := sinceChip(r, touched[one.ID])
		t.Rows = append(t.Rows, Row{URL: f.At(r.bookPath("reports", recordNo(one.ID))), Cells: []Cell{
			{Text: recordNo(one.ID)}, {Text: reportName(one.Name).In(r.lang), Sub: corrects(r, one)}, {Text: periodWords(r, one)}, {Text: recordNo(one.AsOf)},
			{Text: name(one)}, {Chip: &chip}, {Text: one.SHA256[:min(12, len(one.SHA256))] + "…", Title: one.SHA256}, {Text: one.Root[:min(8, len(one.Root))] + "…", Title: one.Root},
		}})
	}
	return t, nil
}

// issuers names who issued some reports.
func (s *Server) issuers(r *request, list []*issue.Report) (func(*issue.Report) string, error) {
	seqs := make([]int64, len(list))
	for i, one := range list {
		seqs[i] = one.ID
	}
	id, err := r.scope.BookID()
	if err != nil {
		return nil, err
	}
	heads, err := ledger.Heads(r.Context(), r.book.DB(), id, seqs)
	if err != nil {
		return nil, err
	}
	by, actors := map[int64]ledger.Actor{}, []ledger.Actor{}
	for _, h := range heads {
		by[h.Seq], actors = h.Actor, append(actors, h.Actor)
	}
	name, err := s.names(r.Context(), actors)
	if err != nil {
		return nil, err
	}
	return func(one *issue.Report) string { return name(by[one.ID]) }, nil
}

func sinceChip(r *request, touched int) Chip {
	if touched == 0 {
		return Chip{"good", r.say("未变动", "untouched")}
	}
	return Chip{"wait", r.say("变动 "+group(touched)+" 条", group(touched)+" touched")}
}

func reportName(name string) ledger.Text {
	if name == report.SummaryReport {
		return ledger.Text{ZH: "汇总表", EN: "summary"}
	}
	return ledger.Text{ZH: name, EN: name}
}

func periodWords(r *request, one *issue.Report) string {
	return r.say(one.From.String()+" 至 "+one.To.String(), one.From.String()+" to "+one.To.String())
}

func corrects(r *request, one *issue.Report) string {
	if one.Corrects == nil {
		return ""
	}
	return r.say("更正条目 "+recordNo(*one.Corrects), "corrects entry "+recordNo(*one.Corrects))
}

// reportPage is an issued report with what has touched it since.
type reportPage struct {
	Frame
	Head    Title
	Facts   Facts
	State   Notice
	Figures Table
	Lots    Table
	Parcels Table
	More    bool
}

func (s *Server) showReport(w http.ResponseWriter, r *request) {
	id, err := recordID(r)
	var since *report.Since
	if err == nil {
		since, err = report.NewSince(r.Context(), r.scope, id)
	}
	var p *reportPage
	if err == nil {
		p, err = s.reportPage(r, since)
	}
	if err != nil {
		s.noteDenied(r.Context(), r, err)
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "report.html", p)
}

func (s *Server) reportPage(r *request, since *report.Since) (*reportPage, error) {
	one := since.Report
	p := &reportPage{Frame: s.frame(r, r.say("签发的", "Issued ")+reportName(one.Name).In(r.lang)), More: since.More}
	p.Notice = doneNotice(r, map[string]ledger.Text{"issued": {ZH: "已签发，并记入账簿。这一期间从此关闭：此后录入的记录标为补录。", EN: "Issued, and kept in the book. The period is closed: what is entered from now on is marked as a late entry."}})
	name, err := s.issuers(r, []*issue.Report{one})
	if err != nil {
		return nil, err
	}
	e, err := r.book.EntryAt(r.Context(), one.ID)
	if err != nil {
		return nil, err
	}
	p.Head = Title{Text: p.Title, Sub: periodWords(r, one), Back: &Act{Name: r.say("全部已签发报告", "All issued reports"), URL: p.At(r.bookPath("reports"))}}
	if canIn(r, account.ExportBook) {
		p.Head.Acts = []Act{{Name: r.say("下载签发的文件", "Download what was issued"), URL: link(r.lang, r.bookPath("reports", recordNo(one.ID), "file")), Main: true}}
	}
	p.Facts = Facts{Title: r.say("签发", "The issue"), Items: []Item{
		{Name: r.say("条目", "Entry"), Value: recordNo(one.ID), URL: p.At(r.bookPath("entries", recordNo(one.ID)))}, {Name: r.say("时间", "At"), Value: showInstant(e.At)},
		{Name: r.say("签发人", "By"), Value: name(one)}, {Name: r.say("报表版本", "Version"), Value: recordNo(one.Shape)},
		{Name: r.say("截至条目数", "As of entry count"), Value: recordNo(one.AsOf), URL: link(r.lang, r.bookPath("summary")+"?"+url.Values{"from": {one.From.String()}, "to": {one.To.String()}, "as_of": {recordNo(one.AsOf)}}.Encode())},
		{Name: r.say("格式", "Format"), Value: one.Format, Sub: one.Lang}, {Name: "SHA-256", Value: one.SHA256, Wide: true}, {Name: r.say("根", "Root"), Value: one.Root, Wide: true},
	}}
	if one.Corrects != nil {
		p.Facts.Items = append(p.Facts.Items, Item{Name: r.say("更正", "Corrects"), Value: r.say("条目 ", "entry ") + recordNo(*one.Corrects), URL: p.At(r.bookPath("reports", recordNo(*one.Corrects)))})
	}
	p.State = Notice{"good", r.say("签发以后，这份报告所列的记录没有变动。", "No record of this report has been touched since it was issued.")}
	if since.Touched() {
		p.State = Notice{"wait", r.say("签发以后，这份报告所列的记录有变动。签发的数字不变，差额列在下面。", "Records of this report have been touched since it was issued. What was issued stays as it was; the difference is below.")}
	}
	p.Figures = figureChanges(r, since)
	p.Lots, p.Parcels = lotChanges(r, &p.Frame, since), parcelChanges(r, &p.Frame, since)
	return p, nil
}

func figureChanges(r *request, since *report.Since) Table {
	t := Table{ID: "figures", Caption: r.say("数字的差额", "Figures that differ"), Columns: []Column{
		{Name: r.say("项目", "Figure")}, {Name: r.say("签发时", "As issued"), Numeric: true}, {Name: r.say("现在", "Now"), Numeric: true}, {Name: r.say("单位", "Unit")},
	}}
	for _, f := range since.Figures {
		before, now := f.Shown()
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: f.Name.In(r.lang)}, {Text: before}, {Text: now}, {Text: orNone(f.Unit.In(r.lang))}}})
	}
	return t
}

func lotChanges(r *request, f *Frame, since *report.Since) Table {
	yuan := r.say("元", "yuan")
	t := Table{ID: "lots", Caption: r.say("变动的标的", "Lots that were touched"), Wide: true, Columns: []Column{
		{Name: r.say("交易编号", "Lot number")}, {Name: r.say("变动", "How")},
		{Name: r.say("签发时结果", "Outcome as issued")}, {Name: r.say("签发时底价", "Base as issued"), Sub: yuan, Numeric: true}, {Name: r.say("签发时成交", "Hammer as issued"), Sub: yuan, Numeric: true}, {Name: r.say("签发时溢价", "Premium as issued"), Sub: yuan, Numeric: true},
		{Name: r.say("现在结果", "Outcome now")}, {Name: r.say("现在底价", "Base now"), Sub: yuan, Numeric: true}, {Name: r.say("现在成交", "Hammer now"), Sub: yuan, Numeric: true}, {Name: r.say("现在溢价", "Premium now"), Sub: yuan, Numeric: true},
	}}
	for _, l := range since.Lots {
		chip := Chip{"wait", report.HowName(l.How).In(r.lang)}
		row := Row{URL: f.At(r.bookPath("lots", recordNo(l.ID))), Cells: []Cell{{Text: l.LotNo}, {Chip: &chip}}}
		row.Cells = append(append(row.Cells, lotFigureCells(r, l.Old)...), lotFigureCells(r, l.New)...)
		t.Rows = append(t.Rows, row)
	}
	return t
}

func lotFigureCells(r *request, f *report.LotFigures) []Cell {
	if f == nil {
		return []Cell{{Text: none}, {Text: none}, {Text: none}, {Text: none}}
	}
	return []Cell{{Text: outcomeName(f.Outcome).In(r.lang), Sub: f.HammeredOn.String()}, MoneyCell(f.BaseTotal), MoneyCell(f.HammerTotal), MoneyCell(f.Premium)}
}

func parcelChanges(r *request, f *Frame, since *report.Since) Table {
	mu := r.say("亩", "mu")
	t := Table{ID: "parcels", Caption: r.say("变动的宗地", "Parcels that were touched"), Columns: []Column{
		{Name: r.say("宗地编号", "Parcel number")}, {Name: r.say("变动", "How")}, {Name: r.say("签发时核查日期", "Verified on, as issued")}, {Name: r.say("签发时面积", "Area as issued"), Sub: mu, Numeric: true},
		{Name: r.say("现在核查日期", "Verified on, now")}, {Name: r.say("现在面积", "Area now"), Sub: mu, Numeric: true},
	}}
	cells := func(p *report.ParcelFigures) []Cell {
		if p == nil {
			return []Cell{{Text: none}, {Text: none}}
		}
		return []Cell{{Text: p.VerifiedOn.String()}, {Text: orNone(textOf(p.VerifiedArea))}}
	}
	for _, c := range since.Parcels {
		chip := Chip{"wait", report.HowName(c.How).In(r.lang)}
		row := Row{URL: f.At(r.bookPath("parcels", recordNo(c.ID))), Cells: []Cell{{Text: c.ParcelNo}, {Chip: &chip}}}
		row.Cells = append(append(row.Cells, cells(c.Old)...), cells(c.New)...)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// sendReport sends what was issued, byte for byte.
func (s *Server) sendReport(w http.ResponseWriter, r *request) {
	id, err := recordID(r)
	var one *issue.Report
	var output []byte
	if err == nil {
		one, output, err = report.Reissue(r.Context(), r.scope, id)
	}
	if err == nil {
		err = r.note(r.Context(), "exported", "report "+strconv.FormatInt(id, 10))
	}
	if err != nil {
		s.noteDenied(r.Context(), r, err)
		s.fail(w, r, err)
		return
	}
	kind, extension := "text/plain", "txt"
	switch one.Format {
	case "csv":
		kind, extension = "text/csv", "csv"
	case "json":
		kind, extension = "application/json", "json"
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+r.book.Code+"-"+one.Name+"-"+one.From.String()+"-"+one.To.String()+"-issued-"+recordNo(one.ID)+"."+extension+`"`)
	_, _ = w.Write(output) // a reader that has gone is no error of ours
}
