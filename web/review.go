package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/review"
)

func reviewRoutes() []route {
	return []route{
		{method: "GET", pattern: "/books/{book}/review", needs: account.Review, page: (*Server).showQueue},
		{method: "POST", pattern: "/books/{book}/review", needs: account.Review, page: (*Server).reviewSeveral},
		{method: "GET", pattern: "/books/{book}/returned", needs: account.ReadBook, page: (*Server).listReturned},
	}
}

// queued is a single record that waits for a review.
type queued struct {
	Kind      string // lot, parcel, verification
	ID, Entry int64
	No, Name  string
	Village   string
	Own       bool // the reviewer entered or amended it
	target    review.Target
}

// path is where the record's page is.
func (q queued) path(r *request) string {
	return r.bookPath(map[string]string{"lot": "lots", "parcel": "parcels", "verification": "verifications"}[q.Kind], strconv.FormatInt(q.ID, 10))
}

// item names the record and the entry that was seen, for a form: lot.12.40.
func (q queued) item() string {
	return q.Kind + "." + strconv.FormatInt(q.ID, 10) + "." + strconv.FormatInt(q.Entry, 10)
}

func queuedKind(kind string) ledger.Text {
	switch kind {
	case "lot":
		return ledger.Text{ZH: "标的", EN: "lot"}
	case "parcel":
		return ledger.Text{ZH: "宗地", EN: "parcel"}
	case "verification":
		return ledger.Text{ZH: "核查", EN: "verification"}
	}
	return ledger.Text{ZH: kind, EN: kind}
}

func lotQueued(l *auction.Lot) queued {
	return queued{Kind: "lot", ID: l.ID, Entry: l.SeqFrom, No: l.LotNo, Name: l.AssetName, Village: cmp.Or(l.Village, l.Collective), target: l.Target()}
}

func parcelQueued(p *landcheck.Parcel) queued {
	return queued{Kind: "parcel", ID: p.ID, Entry: p.SeqFrom, No: p.ParcelNo, Name: p.Name, Village: cmp.Or(p.Village, p.HolderName), target: p.Target()}
}

func visitQueued(v *landcheck.Verification) queued {
	return queued{Kind: "verification", ID: v.ID, Entry: v.SeqFrom, No: v.ParcelNo, Name: strings.TrimSpace(v.ParcelName + " " + v.VerifiedOn.String()), target: v.Target()}
}

// waitingOf reads a page of the single records of a kind that wait.
func waitingOf(ctx context.Context, r *request, scope ledger.Scope, kind string, page ledger.Page) (list []queued, next string, err error) {
	db := r.book.DB()
	switch kind {
	case "lot":
		var lots []*auction.Lot
		lots, next, err = auction.Waiting(ctx, db, scope, page)
		for _, l := range lots {
			list = append(list, lotQueued(l))
		}
	case "parcel":
		var parcels []*landcheck.Parcel
		parcels, next, err = landcheck.WaitingParcels(ctx, db, scope, page)
		for _, p := range parcels {
			list = append(list, parcelQueued(p))
		}
	case "verification":
		var visits []*landcheck.Verification
		visits, next, err = landcheck.WaitingVerifications(ctx, db, scope, page)
		for _, v := range visits {
			list = append(list, visitQueued(v))
		}
	default:
		err = ledger.E(ledger.Invalid, "list.word_unknown", kind).On("kind")
	}
	return list, next, err
}

// queueQuery is which part of the queue is asked for.
type queueQuery struct{ Kind, Village, After string }

// singles reads what waits one by one: a page of one kind, or the oldest of all kinds; more tells that there are
// others beyond.
func singles(r *request, q queueQuery, size int) (list []queued, next string, more bool, err error) {
	scope, found := r.scope, true
	if q.Village != "" {
		scope, found = r.scope.Within(q.Village)
	}
	if !found {
		return nil, "", false, nil
	}
	kinds := []string{q.Kind}
	if q.Kind == "" {
		kinds = []string{"lot", "parcel", "verification"}
	}
	for _, kind := range kinds {
		some, after, err := waitingOf(r.Context(), r, scope, kind, ledger.Page{After: q.After, Limit: size})
		if err != nil {
			return nil, "", false, err
		}
		list, next, more = append(list, some...), after, more || after != ""
	}
	if q.Kind == "" {
		next = ""
		slices.SortFunc(list, func(a, b queued) int { return cmp.Compare(a.Entry, b.Entry) })
		if len(list) > size {
			list, more = list[:size], true
		}
	}
	return list, next, more, markOwn(r, list)
}

// markOwn finds out which records the reviewer entered or amended: somebody else reviews those.
func markOwn(r *request, list []queued) error {
	byKind := map[string][]int64{}
	tables := map[string]*ledger.Table{}
	for _, q := range list {
		byKind[q.Kind], tables[q.Kind] = append(byKind[q.Kind], q.ID), q.target.Table
	}
	for kind, ids := range byKind {
		mine, err := review.Touched(r.Context(), r.book.DB(), r.scope, r.actor(), tables[kind], ids)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Own = list[i].Own || list[i].Kind == kind && mine[list[i].ID]
		}
	}
	return nil
}

// queuePage is all that waits for a review.
type queuePage struct {
	Frame
	Filter  queueQuery
	Imports Table
	Part    bool // imports are reviewed by whoever has the whole book
	Singles Table
	Pager   Pager
	More    bool
	Key     string
	Reason  string
	Able    bool // something can be ticked
	Action  string
	Empty   bool
}

// queueShown is how many single records a page of the queue has.
const queueShown = 50

func (s *Server) showQueue(w http.ResponseWriter, r *request) {
	q := queueQuery{Kind: r.text("kind"), Village: r.text("village"), After: r.text("after")}
	s.queue(w, r, q, nil)
}

// queue shows the queue; faults are those of a form that was refused in part.
func (s *Server) queue(w http.ResponseWriter, r *request, q queueQuery, wrong error) {
	p := &queuePage{Frame: s.frame(r, r.say("复核", "Review")), Filter: q, Part: !r.scope.Whole(), Key: newKey(), Reason: r.text("reason")}
	query := url.Values{}
	for name, text := range map[string]string{"kind": q.Kind, "village": q.Village} {
		if text != "" {
			query.Set(name, text)
		}
	}
	here := r.bookPath("review")
	p.Path = here + "?" + query.Encode()
	p.Action = p.At(p.Path)
	if n, err := strconv.Atoi(r.text("n")); err == nil && n > 0 {
		p.Notice = doneNotice(r, map[string]ledger.Text{
			"approved": {ZH: "已复核通过 " + group(n) + " 条。", EN: group(n) + " approved."}, "returned": {ZH: "已退回 " + group(n) + " 条。", EN: group(n) + " returned."},
		})
	}
	list, next, more, err := singles(r, q, queueShown)
	var imports []*review.Imported
	if err == nil && q == (queueQuery{}) {
		imports, err = review.Queue(r.Context(), r.book.DB(), r.scope, madeByImports(), importsShown)
	}
	if err == nil {
		p.Imports, err = s.importTable(r, &p.Frame, imports)
	}
	status := statusOr(firstOf(wrong, err))
	for _, e := range []error{wrong, err} {
		if e != nil {
			s.failForm(r, &p.Frame, e)
		}
	}
	p.Singles, p.More = queueTable(r, &p.Frame, list), more && next == ""
	p.Able = slices.ContainsFunc(list, func(q queued) bool { return !q.Own })
	p.Empty = len(list) == 0 && len(imports) == 0
	p.Pager.Shown = len(list)
	if q.After != "" {
		p.Pager.First = p.Action
	}
	if next != "" {
		query.Set("after", next)
		p.Pager.Next = p.At(here + "?" + query.Encode())
	}
	s.show(w, r, status, "review.html", p)
}

func queueTable(r *request, f *Frame, list []queued) Table {
	t := Table{ID: "queue", Caption: r.say("逐条复核", "One by one"), Quiet: true, Empty: r.say("没有等待复核的单条记录。", "No single record waits."), Columns: []Column{
		{Name: r.say("编号", "Number")}, {Name: r.say("名称", "Name"), Lead: true}, {Name: r.say("种类", "Kind")}, {Name: r.say("村（集体、权属单位）", "Village")},
		{Name: r.say("条目", "Entry"), Numeric: true}, {Name: r.say("复核", "Review")},
	}}
	for _, q := range list {
		chip := ReviewChip(r.lang, "")
		if q.Own {
			chip = Chip{"off", r.say("须由他人复核", "for somebody else")}
		}
		row := Row{URL: f.At(q.path(r)), Cells: []Cell{
			{Text: q.No}, {Text: orNone(q.Name)}, {Text: queuedKind(q.Kind).In(r.lang)}, {Text: orNone(q.Village)}, {Text: strconv.FormatInt(q.Entry, 10)}, {Chip: &chip},
		}}
		row.tick(!q.Own, "item", q.item(), r.say("选择 ", "choose ")+q.No)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// severalMax is how many records one form may review.
const severalMax = 200

// reviewSeveral approves or returns the records that were ticked. Each is a review of its own: one that is refused
// (it was amended meanwhile) does not hold up the others, and is told.
func (s *Server) reviewSeveral(w http.ResponseWriter, r *request) {
	q := queueQuery{Kind: r.text("kind"), Village: r.text("village")}
	items := r.PostForm["item"]
	verdict, reason := r.text("verdict"), r.text("reason")
	var wrong error
	switch {
	case len(items) == 0 || len(items) > severalMax:
		wrong = ledger.E(ledger.Invalid, "review.nothing_chosen")
	case verdict == ledger.Returned && reason == "":
		wrong = ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	if wrong != nil {
		s.queue(w, r, q, wrong)
		return
	}
	done := 0
	var refused []error
	for _, item := range items {
		err := s.reviewItem(r, item, verdict, reason)
		if err != nil && isOurs(err) {
			s.fail(w, r, err)
			return
		}
		if err != nil {
			refused = append(refused, err)
			continue
		}
		done++
	}
	if len(refused) > 0 {
		s.queue(w, r, q, together(refused...))
		return
	}
	query := url.Values{"done": {verdict}, "n": {strconv.Itoa(done)}}
	for name, text := range map[string]string{"kind": q.Kind, "village": q.Village} {
		if text != "" {
			query.Set(name, text)
		}
	}
	s.done(w, r, link(r.lang, r.bookPath("review")+"?"+query.Encode()))
}

// reviewItem reviews one of several. Its key is the form's with its own name, so that a form sent twice is harmless.
func (s *Server) reviewItem(r *request, item, verdict, reason string) error {
	kind, rest, _ := strings.Cut(item, ".")
	idText, entryText, _ := strings.Cut(rest, ".")
	id, err1 := strconv.ParseInt(idText, 10, 64)
	entry, err2 := strconv.ParseInt(entryText, 10, 64)
	if err1 != nil || err2 != nil || entry < 1 {
		return ledger.E(ledger.Invalid, "review.item_form", item)
	}
	target, err := targetOf(r, kind, id)
	if err != nil {
		return err
	}
	one := *r
	one.seen = entry
	if one.key.Name != "" {
		one.key = ledger.Key{Name: r.key.Name + "." + item, Body: []byte(item + "\n" + verdict + "\n" + reason)}
	}
	receipt, err := reviewed(&one, target, verdict, reason)
	s.metrics.appended(receipt)
	return err
}

func targetOf(r *request, kind string, id int64) (review.Target, error) {
	db := r.book.DB()
	switch kind {
	case "lot":
		l, err := auction.Find(r.Context(), db, r.scope, id)
		if err != nil {
			return review.Target{}, err
		}
		return l.Target(), nil
	case "parcel":
		p, err := landcheck.FindParcel(r.Context(), db, r.scope, id)
		if err != nil {
			return review.Target{}, err
		}
		return p.Target(), nil
	case "verification":
		v, err := landcheck.FindVerification(r.Context(), db, r.scope, id)
		if err != nil {
			return review.Target{}, err
		}
		return v.Target(), nil
	}
	return review.Target{}, ledger.E(ledger.Invalid, "review.item_form", kind)
}
