package web

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
	"mingzhang/web/locale"
)

func importAPI() []route {
	var list []route
	for _, k := range []register{lotRegister(), parcelRegister()} {
		summary := ledger.Text{ZH: "导入" + k.Name.ZH + "；dry_run=true 只核对", EN: "import " + k.Name.EN + "; dry_run=true writes nothing"}
		do := func(ctx context.Context, r *request, in *importIn) (*importOut, error) {
			return apiImport(ctx, r, k, in)
		}
		list = append(list, route{method: "POST", pattern: "/api/v1/books/{book}/imports/" + k.Code, needs: k.can, upload: true, api: endpoint(summary, http.StatusOK, do)})
	}
	return list
}

// readParts reads the body of a request that carries a file.
func readParts(r *request) error {
	kind := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != "multipart/form-data" {
		return ledger.E(ledger.Invalid, "body.not_form", kind)
	}
	if err := r.ParseMultipartForm(r.route.bodyMax()); err != nil {
		return unreadForm(err)
	}
	for name := range r.MultipartForm.File {
		if name != "file" || len(r.MultipartForm.File[name]) > 1 {
			return ledger.E(ledger.Invalid, "query.unknown", name)
		}
	}
	return nil
}

// importIn is what stands beside the file, as in the command and on the page.
type importIn struct {
	Sheet    string `form:"sheet" validate:"max=200"`
	Hidden   string `form:"hidden_rows" validate:"omitempty,oneof=include skip"`
	Unit     string `form:"unit" validate:"max=200"` // several with commas
	Span     string `form:"span" validate:"max=40"`
	Map      string `form:"map" validate:"max=100000"` // JSON, or lines of header=key
	Amend    bool   `form:"amend"`
	Reason   string `form:"reason" validate:"max=4000"`
	GoodRows bool   `form:"good_rows"`
	DryRun   bool   `form:"dry_run"`
}

// importOut is what an import did, or would do in a dry run.
type importOut struct {
	What     string      `json:"what"`
	File     string      `json:"file"`
	SHA256   string      `json:"file_sha256"`
	DryRun   bool        `json:"dry_run"`
	Import   int64       `json:"import,omitempty"` // where what was recorded is
	Replayed bool        `json:"replayed"`         // by an earlier request with the same Idempotency-Key
	Size     int64       `json:"as_of,omitempty"`
	Rows     int         `json:"rows"`
	Recorded int         `json:"recorded"`
	Already  int         `json:"already_recorded"`
	Amended  int         `json:"amended"`
	Rejected int         `json:"rejected_rows"`
	Tables   []tableOut  `json:"tables"`
	Skipped  []whyOut    `json:"skipped_sheets,omitempty"`
	Changes  []fieldOut  `json:"changes,omitempty"`
	Notes    []noteOut   `json:"notes,omitempty"`
	Faults   []cellFault `json:"faults,omitempty"`
	More     int         `json:"more_faults,omitempty"` // beyond those listed
}

type tableOut struct {
	Sheet      string      `json:"sheet,omitempty"`
	HeaderRows []int       `json:"header_rows"`
	Captions   []string    `json:"captions,omitempty"`
	Units      []string    `json:"units,omitempty"`
	Columns    []columnOut `json:"columns"`
	Unknown    []string    `json:"unknown_columns,omitempty"`
	Formulas   int         `json:"formulas"`
	HiddenRows int         `json:"hidden_rows"`
	Encoding   string      `json:"encoding,omitempty"`
	Rows       int         `json:"rows"`
	Totals     []totalOut  `json:"totals,omitempty"`
	Ignored    []whyOut    `json:"ignored_rows,omitempty"`
}

type columnOut struct {
	Key    string `json:"key"`
	Header string `json:"header"`
	Letter string `json:"letter"`
	Unit   string `json:"unit,omitempty"`
	Span   string `json:"span,omitempty"`
	Values int    `json:"values"`
	Min    string `json:"min,omitempty"`
	Max    string `json:"max,omitempty"`
}

// totalOut is a row of totals that fits its rows.
type totalOut struct {
	Row   int    `json:"row"`
	Label string `json:"label"`
	Span  string `json:"span"`
	Basis string `json:"basis"`
	Rows  int    `json:"rows"`
}

// whyOut is a sheet or a row that was not read.
type whyOut struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row,omitempty"`
	Why   string `json:"why"`
	Text  string `json:"text,omitempty"`
}

// fieldOut is a field in which the file differs from the book.
type fieldOut struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row"`
	No    string `json:"no"`
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

type noteOut struct {
	Sheet    string `json:"sheet,omitempty"`
	Row      int    `json:"row"`
	No       string `json:"no"`
	Field    string `json:"field"`
	Code     string `json:"code"`
	Stated   string `json:"stated,omitempty"`
	Computed string `json:"computed,omitempty"`
}

// cellFault is a cell that cannot be used, with all that is needed to find and mend it.
type cellFault struct {
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	Header string `json:"header,omitempty"`
	Found  string `json:"found"`
	Stored string `json:"stored,omitempty"`
	Reason string `json:"reason"`
	Title  string `json:"title"`
}

func newImportOut(lang ledger.Lang, r *intake.Result) *importOut {
	out := &importOut{
		What: r.What, File: r.File, SHA256: r.SHA256, DryRun: r.DryRun, Import: r.Entry, Replayed: r.Replayed, Size: r.Size, Rows: r.Rows,
		Recorded: r.Recorded, Already: r.Already, Amended: r.Amended, Rejected: r.Rejected, Tables: []tableOut{},
	}
	for _, t := range r.Tables {
		out.Tables = append(out.Tables, newTableOut(t))
	}
	for _, s := range r.Skipped {
		out.Skipped = append(out.Skipped, whyOut{Sheet: s.Sheet, Why: s.Why})
	}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, fieldOut(c))
	}
	for _, n := range r.Notes {
		out.Notes = append(out.Notes, noteOut{n.Sheet, n.Row, n.No, n.Field, n.Code, n.Stated, n.Reckons})
	}
	if r.Faults != nil {
		out.Faults, out.More = newCellFaults(lang, r.Faults.List), r.Faults.More
	}
	return out
}

func newTableOut(t *intake.Table) tableOut {
	out := tableOut{
		Sheet: t.Sheet, HeaderRows: t.HeaderRows, Captions: t.Captions, Units: t.Units, Unknown: t.Unknown, Formulas: t.Formulas, HiddenRows: t.HiddenRows,
		Encoding: t.Encoding, Rows: t.Rows, Columns: []columnOut{},
	}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, columnOut{c.Key, c.Header, c.Letter, c.Unit, c.Span, c.Values, c.Min, c.Max})
	}
	for _, f := range t.Totals {
		out.Totals = append(out.Totals, totalOut{f.Row, f.Label, f.Span, f.Basis, f.Rows})
	}
	for _, i := range t.Ignored {
		out.Ignored = append(out.Ignored, whyOut(i))
	}
	return out
}

func newCellFaults(lang ledger.Lang, list []sheet.CellError) []cellFault {
	out := make([]cellFault, len(list))
	for i, f := range list {
		out[i] = cellFault{Sheet: f.Sheet, Row: f.Row, Column: f.Column, Header: f.Header, Found: f.Found, Stored: f.Stored, Reason: f.Err.Reason, Title: locale.Sentence(lang, f.Err)}
	}
	return out
}

// importRefusedError is a file that was refused for its cells: the problem carries what was found.
type importRefusedError struct {
	err *ledger.Error
	out *importOut
}

// Error is the operator's line.
func (e *importRefusedError) Error() string { return e.err.Error() }

// Unwrap gives the error that decides the status.
func (e *importRefusedError) Unwrap() error { return e.err }

func apiImport(ctx context.Context, r *request, k register, in *importIn) (*importOut, error) {
	name, body, err := formFile(r)
	if err != nil {
		return nil, err
	}
	u, err := intake.NewUpload(name, body)
	if err != nil {
		return nil, err
	}
	o := importOptions{Sheet: in.Sheet, Hidden: in.Hidden, Units: in.Unit, Span: in.Span, Map: in.Map, Amend: in.Amend}
	options, err := o.options(r)
	if err != nil {
		return nil, err
	}
	options.DryRun, options.GoodRows, options.Reason = in.DryRun, in.GoodRows, strings.TrimSpace(in.Reason)
	if r.key.Name != "" {
		said, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		options.Key = ledger.Key{Name: r.key.Name, Body: append(append(r.key.Body, u.SHA256...), said...)}
	}
	var result *intake.Result
	err = r.server.inTurn(ctx, func() error {
		var taken error
		result, taken = r.server.imports.safely(ctx, func(int) {}, func(ctx context.Context, _ func(int)) (*intake.Result, error) {
			source, err := u.Source()
			if err != nil {
				return nil, err
			}
			return k.take(ctx, r.scope, r.actor(), source, options)
		})
		return taken
	})
	if hasFaults(result) && (in.DryRun || result.Entry != 0) {
		err = nil // the answer says which rows were left out
	}
	if hasFaults(result) && err != nil {
		return nil, &importRefusedError{ledger.E(ledger.Invalid, "import.rows_refused", result.Faults.Len()), newImportOut(r.lang, result)}
	}
	if err != nil {
		return nil, err
	}
	if result.Entry != 0 {
		createdAt(r, "imports", recordNo(result.Entry))
		r.server.metrics.appended(ledger.Receipt{First: result.Entry, Last: result.Entry + int64(result.Recorded+result.Amended), Size: result.Size, Replayed: result.Replayed})
	}
	if result.Replayed {
		r.header.Set(replayedHeader, "true")
	}
	return newImportOut(r.lang, result), nil
}
