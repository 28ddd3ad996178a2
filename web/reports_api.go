package web

import (
	"context"
	"net/http"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/issue"
	"mingzhang/ledger/report"
)

func reportAPI() []route {
	const reports = "/api/v1/books/{book}/reports"
	t := func(zh, en string) ledger.Text { return ledger.Text{ZH: zh, EN: en} }
	return []route{
		{method: "GET", pattern: reports, needs: account.ReadBook, api: endpoint(t("已签发的报告，新的在前；sha256 找出某一份文件", "issued reports, the newest first; sha256 finds that of a file"), http.StatusOK, apiReports)},
		{method: "POST", pattern: reports, needs: account.Issue, api: endpoint(t("签发一个期间的汇总表", "issue the summary of a period"), http.StatusCreated, apiIssueReport)},
		{method: "GET", pattern: reports + "/{id}", needs: account.ReadBook, api: endpoint(t("一份已签发的报告和此后的变动", "an issued report, and what has touched it since"), http.StatusOK, apiReport)},
	}
}

// reportOut is an issued report. Entry is the number of its issue.
type reportOut struct {
	Entry    int64          `json:"entry"`
	Name     string         `json:"name"`
	Version  int64          `json:"version"`
	From     ledger.Day     `json:"from"`
	To       ledger.Day     `json:"to"`
	Basis    string         `json:"basis"`
	AsOf     int64          `json:"as_of"`
	Root     string         `json:"root"`
	Format   string         `json:"format"`
	Lang     string         `json:"lang"`
	SHA256   string         `json:"sha256"`
	Corrects *int64         `json:"corrects,omitempty"`
	IssuedBy string         `json:"issued_by"`
	Touched  int            `json:"touched"` // records of it that were entered, amended or voided since
	Figures  []issue.Figure `json:"figures"`
}

func newReportOut(r *issue.Report, touched int) reportOut {
	return reportOut{
		Entry: r.ID, Name: r.Name, Version: r.Shape, From: r.From, To: r.To, Basis: r.Basis, AsOf: r.AsOf, Root: r.Root, Format: r.Format, Lang: r.Lang,
		SHA256: r.SHA256, Corrects: r.Corrects, IssuedBy: r.IssuedBy, Touched: touched, Figures: r.Kept(),
	}
}

type reportsIn struct {
	asOfQuery
	pageQuery
	SHA256 string `query:"sha256" validate:"max=64"`
}

func apiReports(ctx context.Context, r *request, in *reportsIn) (*listPage[reportOut], error) {
	before, err := placeIn(in.After)
	if err != nil {
		return nil, err
	}
	list, err := issue.List(ctx, r.book.DB(), r.scope, strings.ToLower(in.SHA256), before, in.size()+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > in.size() {
		list = list[:in.size()]
		next = recordNo(list[len(list)-1].ID)
	}
	touched, err := report.CountTouched(ctx, r.book.DB(), r.scope, list)
	if err != nil {
		return nil, err
	}
	items := make([]reportOut, len(list))
	for i, one := range list {
		items[i] = newReportOut(one, touched[one.ID])
	}
	return newPage(items, next), nil
}

// oneReportOut is an issued report with its differences.
type oneReportOut struct {
	reportOut
	ComparedAsOf int64             `json:"compared_as_of"`
	Differences  []figureChangeOut `json:"differences"`
	Lots         []lotChangeOut    `json:"lots"`
	Parcels      []parcelChangeOut `json:"parcels"`
	More         bool              `json:"more"` // there are more records than are listed
}

type figureChangeOut struct {
	Key string `json:"key"`
	Old string `json:"old"`
	New string `json:"new"`
}

type lotChangeOut struct {
	ID    int64              `json:"id"`
	LotNo string             `json:"lot_no"`
	Entry int64              `json:"entry"`
	How   string             `json:"how"` // late, amended, voided, moved_in, moved_out; empty: in neither
	Old   *report.LotFigures `json:"old,omitempty"`
	New   *report.LotFigures `json:"new,omitempty"`
}

type parcelChangeOut struct {
	ID       int64                 `json:"id"`
	ParcelNo string                `json:"parcel_no"`
	How      string                `json:"how"`
	Old      *report.ParcelFigures `json:"old,omitempty"`
	New      *report.ParcelFigures `json:"new,omitempty"`
}

func apiReport(ctx context.Context, r *request, in *recordIn) (*oneReportOut, error) {
	since, err := report.NewSince(ctx, r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	out := &oneReportOut{
		reportOut: newReportOut(since.Report, len(since.Lots)+len(since.Parcels)), ComparedAsOf: since.AsOf, More: since.More,
		Differences: []figureChangeOut{}, Lots: []lotChangeOut{}, Parcels: []parcelChangeOut{},
	}
	for _, f := range since.Figures {
		out.Differences = append(out.Differences, figureChangeOut{f.Key, f.Old, f.New})
	}
	for _, l := range since.Lots {
		out.Lots = append(out.Lots, lotChangeOut(l))
	}
	for _, p := range since.Parcels {
		out.Parcels = append(out.Parcels, parcelChangeOut(p))
	}
	return out, nil
}

type issueIn struct {
	Body struct {
		From   *ledger.Day `json:"from" validate:"required"`
		To     *ledger.Day `json:"to" validate:"required"`
		AsOf   int64       `json:"as_of,omitempty" validate:"min=0"` // 0: the newest checkpoint
		Format string      `json:"format" validate:"required,oneof=json csv text"`
		Lang   string      `json:"lang" validate:"required,oneof=zh en"`
	}
}

// issuedOut is the answer to an issue, with what was issued.
type issuedOut struct {
	recorded
	SHA256 string `json:"sha256"`
	Output string `json:"output"` // what the SHA-256 is of, in UTF-8
}

func apiIssueReport(ctx context.Context, r *request, in *issueIn) (*issuedOut, error) {
	period, err := report.NewPeriod(*in.Body.From, *in.Body.To)
	if err != nil {
		return nil, err
	}
	o := report.Order{Period: period, AsOf: in.Body.AsOf, Format: in.Body.Format, Lang: ledger.Lang(in.Body.Lang)}
	issued, err := report.Issue(ctx, r.scope, r.actor(), r.key, o)
	if err != nil {
		return nil, err
	}
	createdAt(r, "reports", recordNo(issued.Entry))
	return &issuedOut{*r.recorded(issued.Entry, issued.Receipt), issued.SHA256, string(issued.Output)}, nil
}

// issuedIn is an issued report as a record names it.
type issuedIn struct {
	Entry   int64      `json:"entry"`
	Name    string     `json:"name"`
	From    ledger.Day `json:"from"`
	To      ledger.Day `json:"to"`
	AsOf    int64      `json:"as_of"`
	Touched bool       `json:"touched"` // the record was amended or voided since
}

// newIssuedIn lists the issued reports that a record is in; held tells whether the entry that is in the report still
// stands.
func newIssuedIn(list []*issue.Belonging, current int64) []issuedIn {
	var out []issuedIn
	for _, b := range list {
		out = append(out, issuedIn{b.ID, b.Name, b.From, b.To, b.AsOf, b.Held != current})
	}
	return out
}
