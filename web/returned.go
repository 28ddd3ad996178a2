package web

import (
	"net/http"
	"net/url"
	"slices"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// returnedPage lists what reviewers gave back, for whoever has to put it right.
type returnedPage struct {
	Frame
	Table Table
	Pager Pager
	Kind  string
	Kinds []Option
	More  bool
}

// returnedRow is a record that was given back.
type returnedRow struct {
	queued

	verdict int64 // the entry of the review
}

// returnedOf reads a page of the records of a kind that were given back.
func returnedOf(r *request, kind string, page ledger.Page) (list []returnedRow, next string, err error) {
	db := r.book.DB()
	add := func(q queued, verdict *int64) {
		row := returnedRow{queued: q}
		if verdict != nil {
			row.verdict = *verdict
		}
		list = append(list, row)
	}
	switch kind {
	case "lot":
		var lots []*auction.Lot
		lots, next, err = auction.List(r.Context(), db, r.scope, auction.LotFilter{Review: ledger.Returned}, page)
		for _, l := range lots {
			add(lotQueued(l), l.VerdictSeq)
		}
	case "parcel":
		var parcels []*landcheck.Parcel
		parcels, next, err = landcheck.ListParcels(r.Context(), db, r.scope, landcheck.ParcelFilter{Review: ledger.Returned}, page)
		for _, p := range parcels {
			add(parcelQueued(p), p.VerdictSeq)
		}
	case "verification":
		var visits []*landcheck.Verification
		visits, next, err = landcheck.ReturnedVerifications(r.Context(), db, r.scope, page)
		for _, v := range visits {
			add(visitQueued(v), v.VerdictSeq)
		}
	default:
		err = ledger.E(ledger.Invalid, "list.word_unknown", kind).On("kind")
	}
	return list, next, err
}

func (s *Server) listReturned(w http.ResponseWriter, r *request) {
	p := &returnedPage{Frame: s.frame(r, r.say("退回待更正", "Returned")), Kind: r.text("kind")}
	p.Kinds = []Option{{Value: "", Label: r.say("全部", "all")}}
	kinds := []string{"lot", "parcel", "verification"}
	for _, kind := range kinds {
		p.Kinds = append(p.Kinds, Option{Value: kind, Label: queuedKind(kind).In(r.lang)})
	}
	if p.Kind != "" {
		kinds = []string{p.Kind}
	}
	var list []returnedRow
	next := ""
	for _, kind := range kinds {
		some, after, err := returnedOf(r, kind, ledger.Page{After: r.text("after")})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		list, next, p.More = append(list, some...), after, p.More || after != ""
	}
	here := r.bookPath("returned")
	if p.Kind != "" {
		here += "?kind=" + url.QueryEscape(p.Kind)
	}
	if p.Pager.Shown = len(list); p.Kind != "" && next != "" {
		p.Pager.Next, p.More = p.At(here+"&after="+url.QueryEscape(next)), false
	}
	if r.text("after") != "" {
		p.Pager.First = p.At(here)
	}
	var err error
	if p.Table, err = s.returnedTable(r, &p.Frame, list); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "returned.html", p)
}

func (s *Server) returnedTable(r *request, f *Frame, list []returnedRow) (Table, error) {
	t := Table{ID: "returned", Caption: r.say("退回的记录", "Returned records"), Quiet: true, Empty: r.say("没有退回的记录。", "Nothing was returned."), Columns: []Column{
		{Name: r.say("编号", "Number")}, {Name: r.say("名称", "Name"), Lead: true}, {Name: r.say("种类", "Kind")}, {Name: r.say("退回原因", "Reason")},
		{Name: r.say("退回人", "By")}, {Name: r.say("时间", "At")}, {Name: r.say("处理", "To do")},
	}}
	var seqs []int64
	for _, row := range list {
		seqs = append(seqs, row.verdict)
	}
	book, err := r.scope.BookID()
	if err != nil {
		return t, err
	}
	heads, err := ledger.Heads(r.Context(), r.book.DB(), book, seqs)
	if err != nil {
		return t, err
	}
	var actors []ledger.Actor
	for _, h := range heads {
		actors = append(actors, h.Actor)
	}
	name, err := s.names(r.Context(), actors)
	if err != nil {
		return t, err
	}
	slices.SortStableFunc(list, func(a, b returnedRow) int { return int(b.verdict - a.verdict) })
	lots, land := canIn(r, account.EnterLots), canIn(r, account.EnterLand)
	for _, row := range list {
		cells := []Cell{{Text: row.No}, {Text: orNone(row.Name)}, {Text: queuedKind(row.Kind).In(r.lang)}, {Text: none}, {Text: none}, {Text: none}, {Text: none}}
		if i := slices.IndexFunc(heads, func(h ledger.EntryHead) bool { return h.Seq == row.verdict }); i >= 0 {
			cells[3].Text, cells[4].Text, cells[5].Text = orNone(heads[i].Reason), name(heads[i].Actor), showInstant(heads[i].At)
		}
		if row.Kind == "lot" && lots || row.Kind != "lot" && land {
			cells[6] = Cell{Text: r.say("更正", "Amend"), URL: f.At(row.path(r) + "/amend")}
		}
		t.Rows = append(t.Rows, Row{URL: f.At(row.path(r)), Cells: cells})
	}
	return t, nil
}
