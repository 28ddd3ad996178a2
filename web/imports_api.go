package web

import (
	"context"
	"net/http"
	"strconv"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/review"
)

func importsAPI() []route {
	const imports, queue = "/api/v1/books/{book}/imports", "/api/v1/books/{book}/review"
	return []route{
		{method: "GET", pattern: imports, needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "导入清单", EN: "list imports"}, http.StatusOK, apiImports)},
		{method: "GET", pattern: imports + "/{id}", needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "一批导入及其记录", EN: "one import and what it made"}, http.StatusOK, apiOneImport)},
		{method: "POST", pattern: imports + "/{id}/review", needs: account.Review, api: endpoint(ledger.Text{ZH: "复核整批导入，可有例外", EN: "review an import, with exceptions"}, http.StatusOK, apiReviewImport)},
		{method: "GET", pattern: queue, needs: account.Review, api: endpoint(ledger.Text{ZH: "待复核", EN: "what waits for review"}, http.StatusOK, apiQueue)},
	}
}

func recordNo(n int64) string { return strconv.FormatInt(n, 10) }

// importItem is an import. Its standing changes without an entry of its own, so it has no ETag.
type importItem struct {
	ID         int64  `json:"id"` // the number of its entry
	What       string `json:"what"`
	FileName   string `json:"file_name"`
	FileSHA256 string `json:"file_sha256"`
	Records    int64  `json:"records"`
	Standing   int64  `json:"standing"` // of these, those that still stand as it made them
	Waiting    int64  `json:"waiting"`  // of these, those that wait for a review
	Verdict    string `json:"verdict"`  // of the whole
	RecordedAt string `json:"recorded_at"`
	RecordedBy string `json:"recorded_by"`
}

func newImportItem(i *review.Imported) *importItem {
	return &importItem{
		ID: i.Entry, What: i.What, FileName: i.FileName, FileSHA256: i.FileSHA256, Records: i.Records, Standing: i.Standing, Waiting: i.Waiting,
		Verdict: standingWord(i.Verdict), RecordedAt: i.At.UTC().Format(instantForm), RecordedBy: i.EnteredBy,
	}
}

type importsIn struct {
	asOfQuery
	pageQuery
}

func apiImports(ctx context.Context, r *request, in *importsIn) (*listPage[*importItem], error) {
	before, err := placeIn(in.After)
	if err != nil {
		return nil, err
	}
	list, err := review.Imports(ctx, r.book.DB(), r.scope, madeByImports(), before, in.size()+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > in.size() {
		list = list[:in.size()]
		next = recordNo(list[len(list)-1].Entry)
	}
	items := make([]*importItem, len(list))
	for n, i := range list {
		items[n] = newImportItem(i)
	}
	return newPage(items, next), nil
}

type oneImportIn struct {
	asOfQuery
	pageQuery
	ID int64 `path:"id"`
}

// oneImportOut is an import with a page of its records: for parcels, those of the page and their verifications stand
// in lists of their own.
type oneImportOut struct {
	importItem
	Items []*madeOut `json:"items"`
	Next  string     `json:"next"`
}

func (o *oneImportOut) nextCursor() string { return o.Next }

// madeOut is a record that an import made and that still stands as it made it.
type madeOut struct {
	Kind    string `json:"kind"` // lot, parcel, verification
	ID      int64  `json:"id"`
	Entry   int64  `json:"entry"`
	No      string `json:"no"`
	Name    string `json:"name,omitempty"`
	Verdict string `json:"verdict"`
}

func newMade(q queued, verdict string) *madeOut {
	return &madeOut{Kind: q.Kind, ID: q.ID, Entry: q.Entry, No: q.No, Name: q.Name, Verdict: standingWord(verdict)}
}

func apiOneImport(ctx context.Context, r *request, in *oneImportIn) (*oneImportOut, error) {
	i, err := review.Look(ctx, r.book.DB(), r.scope, r.actor(), madeByImports(), in.ID)
	if err != nil {
		return nil, err
	}
	out := &oneImportOut{importItem: *newImportItem(i), Items: []*madeOut{}}
	db, page := r.book.DB(), ledger.Page{After: in.After, Limit: in.size()}
	if i.What == "lots" {
		lots, next, err := auction.OfImport(ctx, db, r.scope, i.Entry, page)
		for _, l := range lots {
			out.Items = append(out.Items, newMade(lotQueued(l), l.Verdict))
		}
		out.Next = next
		return out, err
	}
	// Parcels first, then verifications; a cursor of either kind says where the page before ended.
	if kind, place := cutPlace(in.After); kind != "v" {
		page.After = place
		parcels, next, err := landcheck.ParcelsOfImport(ctx, db, r.scope, i.Entry, page)
		for _, p := range parcels {
			out.Items = append(out.Items, newMade(parcelQueued(p), p.Verdict))
		}
		if out.Next = "v."; next != "" {
			out.Next = "p." + next
		}
		return out, err
	}
	_, page.After = cutPlace(in.After)
	visits, next, err := landcheck.VerificationsOfImport(ctx, db, r.scope, i.Entry, page)
	for _, v := range visits {
		out.Items = append(out.Items, newMade(visitQueued(v), v.Verdict))
	}
	if next != "" {
		out.Next = "v." + next
	}
	return out, err
}

// cutPlace parts a cursor over two lists.
func cutPlace(after string) (kind, place string) {
	if len(after) > 1 && after[1] == '.' {
		return after[:1], after[2:]
	}
	return "", after
}

type reviewImportIn struct {
	ID   int64 `path:"id"`
	Body reviewImportBody
}

// reviewImportBody reviews an import but for exceptions, which are named by their entries, or by the numbers of lots
// or parcels.
type reviewImportBody struct {
	Verdict    string   `json:"verdict" validate:"required,oneof=approved returned"`
	Reason     string   `json:"reason" validate:"max=4000"`
	Exceptions []int64  `json:"exceptions" validate:"max=5000"`
	Numbers    []string `json:"numbers" validate:"max=5000"`
}

func apiReviewImport(ctx context.Context, r *request, in *reviewImportIn) (*recorded, error) {
	i, err := review.Look(ctx, r.book.DB(), r.scope, r.actor(), madeByImports(), in.ID)
	if err != nil {
		return nil, err
	}
	receipt, err := reviewOfImport(r, i, in.Body.Verdict, in.Body.Reason, in.Body.Exceptions, in.Body.Numbers)
	if err != nil {
		return nil, err
	}
	return r.recorded(i.Entry, receipt), nil
}

type queueIn struct {
	asOfQuery
	pageQuery
	Kind    string `query:"kind" validate:"omitempty,oneof=lot parcel verification"`
	Village string `query:"village" validate:"max=200"`
}

// queueOut is what waits: imports as a whole, and single records, the oldest first. Without a kind it has the oldest
// of all; with one it can be paged.
type queueOut struct {
	Imports []*importItem `json:"imports"`
	Items   []*queueItem  `json:"items"`
	More    bool          `json:"more"` // there are others: ask for a kind
	Next    string        `json:"next"`
}

func (o *queueOut) nextCursor() string { return o.Next }

type queueItem struct {
	Kind    string `json:"kind"`
	ID      int64  `json:"id"`
	Entry   int64  `json:"entry"`
	No      string `json:"no"`
	Name    string `json:"name,omitempty"`
	Village string `json:"village,omitempty"`
	Own     bool   `json:"own"` // you entered or amended it: somebody else reviews it
}

func apiQueue(ctx context.Context, r *request, in *queueIn) (*queueOut, error) {
	list, next, more, err := singles(r, queueQuery{Kind: in.Kind, Village: in.Village, After: in.After}, in.size())
	if err != nil {
		return nil, err
	}
	out := &queueOut{Imports: []*importItem{}, Items: []*queueItem{}, More: more, Next: next}
	for _, q := range list {
		out.Items = append(out.Items, &queueItem{q.Kind, q.ID, q.Entry, q.No, q.Name, q.Village, q.Own})
	}
	if in.Kind != "" || in.Village != "" || in.After != "" {
		return out, nil
	}
	waiting, err := review.Queue(ctx, r.book.DB(), r.scope, madeByImports(), importsShown)
	for _, i := range waiting {
		out.Imports = append(out.Imports, newImportItem(i))
	}
	return out, err
}
